"""`probe` on real videos in a real bucket."""

import struct
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest
from google.cloud import storage

from functions.probe import main
from functions.probe.settings import settings
from shared import identity, objects
from shared.events import Fingerprint, Kind, VideoObject
from shared.media import film_store, storyboards, videos
from shared.media.films import Film
from shared.reasons import Reason, Rejected
from tests import videos as drawn
from tests.gcs import Buckets


@pytest.fixture(autouse=True)
def _settings_of_this_test(buckets: Buckets) -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


def stored(buckets: Buckets, content: bytes, content_type: str = "video/mp4") -> VideoObject:
    """The event of an uploaded video."""
    blob = buckets.upload("ad", content)
    return VideoObject(
        event_id="e",
        creative_id=identity.creative_id(content),
        uri=f"gs://{blob.bucket.name}/ad",
        content_type=content_type,
        bytes=len(content),
    )


def fingerprint(video: VideoObject) -> Fingerprint:
    (event,) = main.fingerprint(video)
    assert isinstance(event, Fingerprint)
    return event


def test_a_video_is_measured_and_fingerprinted(buckets: Buckets) -> None:
    found = fingerprint(stored(buckets, drawn.encode(drawn.moving_square(3), sound=True)))

    assert (found.kind, found.width, found.height, found.ad_format) == (Kind.VIDEO, 320, 180, "16:9")
    assert found.duration_s == pytest.approx(3, abs=0.05)
    assert (found.fps, found.codec, found.has_audio) == (25, "h264", True)
    assert (found.dhash, found.frame_count, found.near_blank) == (None, None, False)
    assert len(found.frames) == 12
    assert found.hash_version == videos.HASH_VERSION


def test_its_thumbnail_is_a_storyboard(buckets: Buckets, gcs: storage.Client) -> None:
    scenes = [drawn.moving_square(1, seed=seed)[0] for seed in (1, 2, 3)]
    found = fingerprint(stored(buckets, drawn.encode([scene for scene in scenes for _ in range(25)])))

    assert found.thumbnail_uri
    thumbnail = objects.find(gcs, found.thumbnail_uri)
    assert thumbnail
    shown = storyboards.decode(thumbnail.read(max_bytes=10**6))
    assert [scene.seconds for scene in shown] == [0.0, 1.0, 2.0]
    for scene, expected in zip(shown, scenes, strict=True):
        assert np.abs(scene.picture.astype(int) - expected).mean() < 20


def test_its_film_holds_every_frame_and_the_sound(buckets: Buckets, gcs: storage.Client) -> None:
    video = stored(buckets, drawn.encode(drawn.moving_square(3), sound=True))
    fingerprint(video)

    kept = objects.find(gcs, film_store.uri(settings().results_bucket, video.creative_id))
    assert kept
    film = Film.decoded(kept.read(max_bytes=10**7))
    assert film.seconds.tolist() == pytest.approx([number / 25 for number in range(75)], abs=0.001)
    assert film.until_s == film.duration_s == pytest.approx(3, abs=0.05)
    assert film.sound
    assert film.sound.silent


def test_a_sequence_of_heic_images_moves(buckets: Buckets) -> None:
    scenes = [drawn.moving_square(1, seed=seed)[0] for seed in (1, 2)]
    mp4 = drawn.encode([scene for scene in scenes for _ in range(10)], codec="libx265", fps=10)
    brands, handler = b"ftyp" + b"hevc" + bytes(4) + b"hevc" + b"msf1" + b"iso8", mp4.index(b"hdlr") + 12
    content = struct.pack(">I", 28) + brands + mp4[28:handler] + b"pict" + mp4[handler + 4 :]  # ISO/IEC 23008-12, 7

    found = fingerprint(stored(buckets, content))

    assert (found.kind, found.codec, found.duration_s, len(found.frames)) == (Kind.VIDEO, "hevc", 2.0, 8)


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bytes each request read of the store."""
    sizes: list[int] = []
    read_range = objects.OpenObject.read_range

    def counted(stored: objects.OpenObject, offset: int, size: int) -> bytes:
        part = read_range(stored, offset, size)
        sizes.append(len(part))
        return part

    monkeypatch.setattr(objects.OpenObject, "read_range", counted)
    return sizes


@pytest.mark.long
def test_of_a_large_file_key_frames_are_looked_at(buckets: Buckets, gcs: storage.Client, fetched: list[int]) -> None:
    chosen = np.random.default_rng(0)
    noise = [chosen.integers(0, 256, (360, 640, 3), dtype=np.uint8) for _ in range(12)]
    second = drawn.encode(noise, fps=12, keyframe_every=12, quality=12, sound=True)
    video = stored(buckets, drawn.repeated(second, 32))

    found = fingerprint(video)

    assert video.bytes > 64 * 2**20
    assert sum(fetched) <= 5 * 10**6
    assert (found.width, found.height, found.has_audio, found.near_blank) == (640, 360, True, False)
    assert found.duration_s == pytest.approx(34, abs=1)
    assert len(found.frames) >= 10
    assert found.thumbnail_uri
    assert objects.find(gcs, found.thumbnail_uri)
    assert objects.find(gcs, film_store.uri(settings().results_bucket, video.creative_id)) is None


@pytest.mark.parametrize(("mib", "whole"), [("0.001", False), ("1", True)])
def test_what_is_a_large_file_can_be_set(
    mib: str, whole: bool, buckets: Buckets, gcs: storage.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROBE_MIB", mib)
    video = stored(buckets, drawn.encode(drawn.moving_square(12), keyframe_every=25))

    found = fingerprint(video)

    assert len(found.frames) == (48 if whole else 12)
    assert (objects.find(gcs, film_store.uri(settings().results_bucket, video.creative_id)) is not None) is whole


@pytest.mark.parametrize(
    ("size", "aspect"), [((64, 48), (65535, 1)), ((4096, 2), (1, 1)), ((64, 480), (1, 100)), ((64, 480), (1, 65535))]
)
def test_what_is_stretched_beyond_sight_is_refused(
    buckets: Buckets, size: tuple[int, int], aspect: tuple[int, int]
) -> None:
    frames = [np.full((size[1], size[0], 3), 99, np.uint8)] * 5
    content = drawn.encode(frames, codec="mpeg4", pixel_aspect=Fraction(2))
    at = content.index(b"pasp") + 4
    content = content[:at] + struct.pack(">II", *aspect) + content[at + 8 :]

    with pytest.raises(Rejected) as rejection:
        fingerprint(stored(buckets, content))

    assert rejection.value.reason is Reason.BROKEN_VIDEO
    assert "nothing can be seen" in rejection.value.detail


def test_the_same_event_twice_gives_the_same_fingerprint(buckets: Buckets) -> None:
    video = stored(buckets, drawn.encode(drawn.moving_square(2), codec="libvpx", muxer="webm"), "video/webm")

    first, again = fingerprint(video), fingerprint(video)

    assert first.model_dump(exclude={"occurred_at"}) == again.model_dump(exclude={"occurred_at"})


def test_a_video_of_flat_frames_is_near_blank(buckets: Buckets) -> None:
    flat = [np.full((180, 320, 3), 40 + number, np.uint8) for number in range(30)]

    assert fingerprint(stored(buckets, drawn.encode(flat))).near_blank


def test_the_duration_limit_can_be_set(buckets: Buckets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_VIDEO_SECONDS", "2")

    with pytest.raises(Rejected) as rejection:
        fingerprint(stored(buckets, drawn.encode(drawn.moving_square(3))))

    assert rejection.value.reason is Reason.TOO_LONG


def test_an_object_overwritten_since_is_gone(buckets: Buckets) -> None:
    video = stored(buckets, drawn.encode(drawn.moving_square(1)))
    buckets.upload("ad", drawn.encode(drawn.moving_square(1, seed=1)))

    with pytest.raises(Rejected) as rejection:
        fingerprint(video)

    assert rejection.value.reason is Reason.OBJECT_GONE
