"""Videos from real encoders, looked at by ranged reads: measures as displayed, frames at their times, damage found."""

from fractions import Fraction
from functools import cache
from itertools import pairwise, product

import numpy as np
import pytest
from PIL import Image

from shared.media import images, videos
from shared.media.films import Film
from shared.media.sandbox import InMemory
from shared.media.thumbnails import Grey
from shared.reasons import Reason, Rejected
from tests import videos as drawn
from tests.cases import first_of, some_of

pytestmark = pytest.mark.slow


class Counted(InMemory):
    """A file that remembers how much of it was read."""

    read_bytes = 0

    def read_range(self, offset: int, size: int, /) -> bytes:
        part = super().read_range(offset, size)
        object.__setattr__(self, "read_bytes", self.read_bytes + len(part))
        return part


def glance(content: bytes, content_type: str = "video/mp4", *, max_duration_s: float = 600) -> videos.Video | None:
    return videos.glance(InMemory(content), content_type, max_duration_s=max_duration_s)


def look(content: bytes, content_type: str = "video/mp4", *, max_duration_s: float = 600) -> videos.Filmed:
    return videos.read(InMemory(content), content_type, max_duration_s=max_duration_s)


def hashes(video: videos.Video) -> list[int]:
    return [images.dhash(Image.fromarray(frame.grey)) for frame in video.grid]


def mean_distance(one: videos.Video, other: videos.Video) -> float:
    return float(np.mean([(a ^ b).bit_count() for a, b in zip(hashes(one), hashes(other), strict=True)]))


def square_left(grey: Grey) -> float:
    """Where the light square of `moving_square` is, as a share of the width."""
    return int(np.flatnonzero(grey[grey.shape[0] // 2] > 225)[0]) / int(grey.shape[1])


@pytest.mark.parametrize(
    ("muxer", "codec", "content_type", "name"),
    some_of(
        [
            ("mp4", "libx264", "video/mp4", "h264"),
            ("mp4", "libx265", "video/mp4", "hevc"),
            ("mp4", "libsvtav1", "video/mp4", "av1"),
            ("mov", "libx264", "video/quicktime", "h264"),
            ("3gp", "mpeg4", "video/3gpp", "mpeg4"),
            ("webm", "libvpx", "video/webm", "vp8"),
            ("webm", "libvpx-vp9", "video/webm", "vp9"),
            ("matroska", "libx264", "video/x-matroska", "h264"),
            ("avi", "mpeg4", "video/x-msvideo", "mpeg4"),
            ("mpegts", "mpeg2video", "video/mp2t", "mpeg2video"),
            ("mpeg", "mpeg2video", "video/mpeg", "mpeg2video"),
            ("flv", "flv", "video/x-flv", "flv1"),
            ("asf", "mpeg4", "video/x-ms-asf", "mpeg4"),
        ],
        in_the_gate=[
            ("mp4", "libx264", "video/mp4", "h264"),
            ("webm", "libvpx", "video/webm", "vp8"),
            ("mpegts", "mpeg2video", "video/mp2t", "mpeg2video"),
        ],
    ),
)
def test_every_container_tells_the_same(muxer: str, codec: str, content_type: str, name: str) -> None:
    frames = drawn.moving_square(2)
    reference = look(drawn.encode(frames, quality=5))

    video = look(drawn.encode(frames, muxer=muxer, codec=codec), content_type)

    assert (video.width, video.height, video.codec, video.has_audio) == (320, 180, name, False)
    assert video.duration_s == pytest.approx(2, abs=0.05)
    assert video.fps == pytest.approx(25, abs=0.1)
    assert [frame.seconds for frame in video.grid] == [tick / 4 for tick in range(8)]
    assert mean_distance(video, reference) <= 5


def test_each_grid_frame_is_what_is_shown_at_its_time() -> None:
    video = look(drawn.encode(drawn.moving_square(3, fps=25)))

    for frame in video.grid:
        shown = int(frame.seconds * 25 + 1e-6)
        expected = round((320 - 60) * shown / 74) / 320
        assert square_left(frame.grey) == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("fps", some_of([10, 15, 24, 30, 50, 60], in_the_gate=[10, 30]))
def test_another_frame_rate_has_the_same_grid(fps: int) -> None:
    video = look(drawn.encode(drawn.moving_square(3, fps=fps), fps=fps))
    reference = look(drawn.encode(drawn.moving_square(3, fps=25)))

    assert len(video.grid) == len(reference.grid) == 12
    assert video.fps == fps
    assert mean_distance(video, reference) <= 5


def test_frames_of_a_variable_rate_are_shown_until_the_next() -> None:
    first, *_, last = drawn.moving_square(1)

    video = look(drawn.encode([first, first, last, last], times_ms=[0, 40, 1000, 2480]))

    lefts = [square_left(frame.grey) for frame in video.grid]
    assert len(lefts) >= 10
    assert max(lefts[:4]) < 0.1
    assert min(lefts[4:]) > 0.7


CONTAINERS = [
    ("mp4", "libx264", "video/mp4"),
    ("mov", "libx264", "video/quicktime"),
    ("matroska", "libx264", "video/x-matroska"),
    ("mpegts", "libx264", "video/mp2t"),
    ("avi", "mpeg4", "video/x-msvideo"),
]


@pytest.mark.parametrize(
    ("container", "sound_s", "lasts_s"),
    some_of(
        [(container, *each) for container in CONTAINERS for each in ((2.5, 4.0), (6.0, 6.0), (70.0, 70.0))],
        in_the_gate=[(CONTAINERS[0], 2.5, 4.0), *((each, 6.0, 6.0) for each in CONTAINERS[:2])],
    ),
)
def test_the_last_frame_stands_until_the_sound_ends(
    container: tuple[str, str, str], sound_s: float, lasts_s: float
) -> None:
    muxer, codec, content_type = container
    first, *_, last = drawn.moving_square(1)
    frames = [*[first] * 24, *[last] * 76]

    video = look(drawn.encode(frames, muxer=muxer, codec=codec, sound=True, sound_s=sound_s), content_type)

    assert video.duration_s == pytest.approx(lasts_s, abs=0.1)
    assert len(video.grid) == pytest.approx(min(240, 4 * lasts_s), abs=1)
    assert min(square_left(frame.grey) for frame in video.grid[4:]) > 0.7
    stands_from_s = Film.decoded(video.film).stands_from_s
    assert stands_from_s == (pytest.approx(4, abs=0.1) if lasts_s > 4 else None)


def test_a_sound_that_fills_its_last_packet_up_leaves_the_pictures_their_length() -> None:
    video = look(drawn.encode(drawn.moving_square(3), sound=True, sound_s=3.2))

    assert video.duration_s == pytest.approx(3)
    assert len(video.grid) == 12


def test_a_glance_has_the_end_of_the_sound_too() -> None:
    content = drawn.encode(drawn.moving_square(24), keyframe_every=25, sound=True, sound_s=31)

    video = glance(content)

    assert video
    assert video.duration_s == pytest.approx(31, abs=0.1)
    assert video.duration_s == pytest.approx(look(content).duration_s, abs=0.05)


def test_a_video_that_plays_on_over_the_limit_is_too_long() -> None:
    with pytest.raises(Rejected) as rejection:
        look(drawn.encode(drawn.moving_square(2), sound=True, sound_s=9), max_duration_s=8)

    assert rejection.value.reason is Reason.TOO_LONG


@pytest.mark.parametrize(("muxer", "content_type"), [("mp4", "video/mp4"), ("matroska", "video/x-matroska")])
def test_seconds_count_from_the_first_frame_where_the_sound_begins_before_it(muxer: str, content_type: str) -> None:
    times = [700 + 40 * number for number in range(75)]

    content = drawn.encode(drawn.moving_square(3), muxer=muxer, times_ms=times, sound=True, sound_s=3.7)

    assert look(content, content_type).duration_s == pytest.approx(3, abs=0.1)


@pytest.mark.parametrize(("rotation", "turns"), [(90, 1), (180, 2), (270, 3), (-90, 3)])
def test_a_rotated_video_is_seen_upright(rotation: int, turns: int) -> None:
    frames = drawn.moving_square(1)
    lying = look(drawn.encode(frames)).grid[0].grey

    video = look(drawn.encode(frames, rotation=rotation))

    expected = np.rot90(lying, turns)
    assert (video.height, video.width) == ((320, 180) if turns % 2 else (180, 320))
    assert np.abs(video.grid[0].grey.astype(int) - expected).mean() < 2


@pytest.mark.parametrize(
    ("aspect", "rotation", "size"),
    [(Fraction(4, 3), 0, (427, 180)), (Fraction(1, 2), 0, (160, 180)), (Fraction(4, 3), 90, (180, 427))],
)
def test_pixels_that_are_not_square_are_stretched(aspect: Fraction, rotation: int, size: tuple[int, int]) -> None:
    video = look(drawn.encode(drawn.moving_square(0.5), pixel_aspect=aspect, rotation=rotation))

    height, width = video.grid[0].grey.shape
    assert (video.width, video.height) == size
    assert width / height == pytest.approx(size[0] / size[1], rel=0.02)


def test_sound_is_noticed() -> None:
    assert look(drawn.encode(drawn.moving_square(1), sound=True)).has_audio


def test_the_last_frame_is_among_those_looked_at() -> None:
    video = look(drawn.encode(drawn.moving_square(3)))

    (frame,) = video.tail
    assert frame.seconds == pytest.approx(2.96)
    assert square_left(frame.grey) > 0.79


@pytest.mark.parametrize(
    ("muxer", "codec", "content_type", "keyframe_every"),
    some_of(
        [
            (*file, keyframe_every)
            for file in (("mp4", "libx264", "video/mp4"), ("webm", "libvpx", "video/webm"))
            for keyframe_every in (20, 100_000)
        ],
        in_the_gate=[("mp4", "libx264", "video/mp4", 100_000)],
    ),
)
def test_a_long_video_is_looked_at_past_its_first_minute(
    muxer: str, codec: str, content_type: str, keyframe_every: int
) -> None:
    frames = drawn.moving_square(125, fps=8, width=160, height=90)

    video = look(drawn.encode(frames, muxer=muxer, codec=codec, fps=8, keyframe_every=keyframe_every), content_type)

    assert (len(video.grid), video.grid[-1].seconds) == (240, 59.75)
    assert [frame.seconds for frame in video.tail] == [90, 120, pytest.approx(124.875)]
    for frame in video.tail:
        assert square_left(frame.grey) == pytest.approx((160 - 30) * frame.seconds / 124.875 / 160, abs=0.03)


@pytest.mark.long
def test_a_large_file_is_read_in_parts() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (10, 180, 320, 3), dtype=np.uint8)
    frames = [noise[number % 10] for number in range(4 * 240)]
    source = Counted(drawn.encode(frames, muxer="matroska", codec="ffv1", fps=4))

    video = videos.read(source, "video/x-matroska", max_duration_s=600)

    assert video.duration_s == pytest.approx(240)
    assert [frame.seconds for frame in video.tail] == [90, 120, 150, 180, 210, 239.75]
    assert source.size > 50 * 10**6
    assert source.read_bytes < 0.65 * source.size  # the first minute is a quarter, then a cluster for each half minute


@cache
def whole(seconds: int, *, index_first: bool) -> bytes:
    return drawn.encode(drawn.moving_square(seconds, fps=10, width=160, height=90), fps=10, index_first=index_first)


@pytest.mark.parametrize(
    ("kept", "seconds", "index_first"),
    some_of(
        [*product([0.02, 0.3, 0.6, 0.85], [3, 80], [True, False])],
        in_the_gate=[(0.02, 3, True), (0.85, 3, False), (0.85, 80, True)],
    ),
)
def test_a_video_that_was_cut_off_is_broken(kept: float, seconds: int, index_first: bool) -> None:
    content = whole(seconds, index_first=index_first)

    with pytest.raises(Rejected) as rejection:
        look(content[: int(len(content) * kept)])

    assert rejection.value.reason is Reason.BROKEN_VIDEO


@pytest.mark.parametrize("kept", some_of([0.02, 0.3, 0.6, 0.85], in_the_gate=[0.02, 0.85]))
def test_a_webm_that_was_cut_off_is_broken(kept: float) -> None:
    content = drawn.encode(drawn.moving_square(4), muxer="webm", codec="libvpx")

    with pytest.raises(Rejected) as rejection:
        look(content[: int(len(content) * kept)], "video/webm")

    assert rejection.value.reason is Reason.BROKEN_VIDEO


@pytest.mark.parametrize("index_first", [False, True])
def test_a_protected_video_is_not_called_damaged(index_first: bool) -> None:
    content = drawn.encode(drawn.moving_square(1), key="0123456789abcdef" * 2, index_first=index_first)

    with pytest.raises(Rejected, match="only its player can decrypt") as rejected:
        look(content)

    assert rejected.value.reason is Reason.UNSUPPORTED_VARIANT


def test_sound_alone_is_no_video() -> None:
    with pytest.raises(Rejected) as rejection:
        look(drawn.sound_only())

    assert rejection.value.reason is Reason.NO_VIDEO_STREAM


@pytest.mark.parametrize(
    ("limit", "frames"), first_of([(2.5, drawn.moving_square(3)), (61, drawn.moving_square(63, fps=8))])
)
def test_a_video_over_the_limit_is_too_long(limit: float, frames: list[drawn.Frame]) -> None:
    with pytest.raises(Rejected) as rejection:
        look(drawn.encode(frames, fps=25 if limit < 3 else 8), max_duration_s=limit)

    assert rejection.value.reason is Reason.TOO_LONG


def test_a_jpeg_named_mp4_is_broken() -> None:
    with pytest.raises(Rejected) as rejection:
        look(b"\xff\xd8\xff\xe0" + bytes(5000))

    assert rejection.value.reason is Reason.BROKEN_VIDEO


@pytest.mark.parametrize(
    ("facts", "seconds"),
    [
        ({"duration_s": 15, "size": 5 * 10**6, "frame_pixels": 1920 * 1080, "fps": 30}, 60),
        ({"duration_s": 600, "size": 2 * 10**9, "frame_pixels": 1920 * 1080, "fps": 30}, 60),
        ({"duration_s": 60, "size": 10**9, "frame_pixels": 1920 * 1080, "fps": 30}, 15.36),
        ({"duration_s": 60, "size": 10**7, "frame_pixels": 3840 * 2160, "fps": 30}, 30),
        ({"duration_s": 60, "size": 10**7, "frame_pixels": 7680 * 4320, "fps": 60}, 5),
    ],
)
def test_the_first_minute_is_shorter_where_it_is_costly(facts: dict[str, float], seconds: float) -> None:
    assert videos.grid_seconds(**facts) == pytest.approx(seconds)  # type: ignore[arg-type]


def test_frames_that_change_their_size_are_shown_in_the_first_ones() -> None:
    parts = [
        drawn.encode(drawn.moving_square(1, width=width, height=height), muxer="mpegts")
        for width, height in ((320, 180), (180, 320))
    ]

    found = look(b"".join(parts), "video/mp2t")

    assert {frame.grey.shape for frame in found.grid} == {found.grid[0].grey.shape}
    assert {scene.picture.shape for scene in found.scenes} == {found.scenes[0].picture.shape}
    assert Film.decoded(found.film).luma.shape[0] >= 25


@cache
def noise() -> bytes:
    """A second of which each frame takes 200 kB, with sound."""
    chosen = np.random.default_rng(0)
    frames = [chosen.integers(0, 256, (360, 640, 3), dtype=np.uint8) for _ in range(12)]
    return drawn.encode(frames, fps=12, keyframe_every=12, quality=12, sound=True)


@pytest.mark.parametrize(
    ("muxer", "index_first", "content_type"),
    first_of([("mp4", True, "video/mp4"), ("mp4", False, "video/mp4"), ("matroska", False, "video/x-matroska")]),
)
def test_a_glance_at_a_large_file_reads_five_megabytes(muxer: str, index_first: bool, content_type: str) -> None:
    source = Counted(drawn.repeated(noise(), 32, muxer=muxer, index_first=index_first))

    video = videos.glance(source, content_type, max_duration_s=600)

    assert source.size > 80 * 10**6
    assert source.read_bytes <= 5 * 10**6
    assert video
    seconds = [frame.seconds for frame in video.grid]
    assert len(seconds) >= 10
    assert seconds[0] == 0
    assert seconds[-1] == pytest.approx(video.duration_s, abs=2.5)
    assert max(after - before for before, after in pairwise(seconds)) < 6
    assert video.has_audio


@pytest.mark.parametrize(
    ("muxer", "codec", "content_type"),
    some_of(
        [
            ("mp4", "libx264", "video/mp4"),
            ("mp4", "libx265", "video/mp4"),
            ("mp4", "libsvtav1", "video/mp4"),
            ("webm", "libvpx-vp9", "video/webm"),
            ("matroska", "libx264", "video/x-matroska"),
            ("avi", "mpeg4", "video/x-msvideo"),
        ],
        in_the_gate=[("mp4", "libx264", "video/mp4")],
    ),
)
def test_a_glance_shows_frames_at_their_times(muxer: str, codec: str, content_type: str) -> None:
    content = drawn.encode(drawn.moving_square(24), muxer=muxer, codec=codec, keyframe_every=25, sound=muxer == "mp4")

    video, whole = glance(content, content_type), look(content, content_type)

    assert video
    assert (video.width, video.height, video.codec, video.fps) == (whole.width, whole.height, whole.codec, whole.fps)
    assert video.duration_s == whole.duration_s
    assert len(video.grid) >= 20
    for frame in video.grid:
        assert square_left(frame.grey) == pytest.approx((320 - 60) * frame.seconds / 24 / 320, abs=0.01)
    assert [scene.seconds for scene in video.scenes] == sorted(scene.seconds for scene in video.scenes)


@pytest.mark.parametrize(
    ("muxer", "content_type", "keyframe_every"),
    first_of(
        [
            ("mp4", "video/mp4", 1000),
            ("mp4", "video/mp4", 60),
            ("matroska", "video/x-matroska", 1000),
            ("mpegts", "video/mp2t", 25),
        ]
    ),
)
def test_where_no_index_leads_to_key_frames_there_is_no_glance(
    muxer: str, content_type: str, keyframe_every: int
) -> None:
    assert (
        glance(drawn.encode(drawn.moving_square(12), muxer=muxer, keyframe_every=keyframe_every), content_type) is None
    )


def test_an_intra_only_file_is_glanced_at() -> None:
    video = glance(drawn.encode(drawn.moving_square(12), keyframe_every=1))

    assert video
    assert len(video.grid) == 64
    assert video.grid[-1].seconds > 11.8


@cache
def large() -> bytes:
    return drawn.encode(drawn.moving_square(20), keyframe_every=25, index_first=True)


@pytest.mark.parametrize("kept", [0.02, 0.3, 0.6, 0.85])
def test_a_large_video_that_was_cut_off_is_broken(kept: float) -> None:
    with pytest.raises(Rejected) as rejection:
        glance(large()[: int(len(large()) * kept)])

    assert rejection.value.reason is Reason.BROKEN_VIDEO


def test_a_large_video_that_is_protected_is_not_called_damaged() -> None:
    content = drawn.encode(drawn.moving_square(12), keyframe_every=10, key="0123456789abcdef" * 2)

    with pytest.raises(Rejected, match="only its player can decrypt"):
        glance(content)


def test_a_large_video_over_the_limit_is_too_long() -> None:
    with pytest.raises(Rejected) as rejection:
        glance(drawn.encode(drawn.moving_square(12), keyframe_every=10), max_duration_s=11)

    assert rejection.value.reason is Reason.TOO_LONG
