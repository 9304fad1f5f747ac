"""Frames of two moments woven into one: unwoven where something moved, left alone where nothing did."""

import io
from collections.abc import Sequence

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from shared.media import fields, videos
from shared.media.films import Film
from shared.media.sandbox import InMemory
from tests import videos as drawn
from tests.videos import Frame

pytestmark = pytest.mark.slow

FLAGS = {"flags": "+ildct+ilme"}


def moments(count: int) -> list[Frame]:
    """A square that moves by eight pixels from one to the next, fifty of them a second."""
    return drawn.moving_square(count / 50, fps=50, width=16 * count, height=240)


def woven(shown: Sequence[Frame]) -> list[Frame]:
    """Each two moments in one frame: the lines of the first, and between them those of the second."""
    frames = [first.copy() for first in shown[::2]]
    for frame, second in zip(frames, shown[1::2], strict=True):
        frame[1::2] = second[1::2]
    return frames


def encoded(frames: Sequence[Frame], codec: str, pixel_format: str) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as container:
        options = FLAGS | ({"crf": "12"} if codec == "libx264" else {})
        stream = container.add_stream(codec, rate=25, options=options)
        assert isinstance(stream, VideoStream)
        stream.height, stream.width, stream.pix_fmt = *frames[0].shape[:2], pixel_format
        stream.bit_rate = 20_000_000
        for pixels in frames:
            container.mux(stream.encode(VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode(None))
    return file.getvalue()


def decoded(content: bytes) -> list[VideoFrame]:
    with av.open(io.BytesIO(content), "r") as container:
        return list(container.decode(video=0))


@pytest.mark.parametrize(
    ("codec", "pixel_format"),
    [("libx264", "yuv420p"), ("libx264", "yuv422p10le"), ("mpeg2video", "yuv420p"), ("mpeg2video", "yuv422p")],
)
def test_what_moved_is_shown_at_one_moment(codec: str, pixel_format: str) -> None:
    shown = moments(40)
    frames = decoded(encoded(woven(shown), codec, pixel_format))

    assert all(frame.interlaced_frame for frame in frames)
    for first, frame in zip(shown[::2], frames, strict=True):
        grey = fields.unwoven(frame).to_ndarray(format="gray").astype(int)
        expected = VideoFrame.from_ndarray(first, format="rgb24").to_ndarray(format="gray")
        inside = slice(90, 150)  # of the square, whose upper and lower edges lie between two lines
        assert np.abs(grey - expected)[inside].mean() < 3


def test_a_whole_picture_that_says_it_is_woven_is_left_as_it_is() -> None:
    frames = decoded(encoded([*moments(40)[::2]], "libx264", "yuv420p"))

    for frame in frames:
        before = frame.to_ndarray()
        assert frame.interlaced_frame
        assert np.array_equal(fields.unwoven(frame).to_ndarray(), before)


def test_frames_that_others_are_predicted_from_stay_as_they_were_decoded() -> None:
    content = encoded(woven(moments(40)), "libx264", "yuv420p")
    plain = [frame.to_ndarray()[:240:2] for frame in decoded(content)]

    with av.open(io.BytesIO(content), "r") as container:
        unwoven = [fields.unwoven(frame).to_ndarray()[:240:2] for frame in container.decode(video=0)]

    assert all(np.array_equal(*each) for each in zip(plain, unwoven, strict=True))


def test_a_video_of_woven_frames_is_filmed_as_one_of_whole_ones() -> None:
    shown = moments(60)

    whole, of_two = (
        Film.decoded(videos.read(InMemory(content), "video/x-matroska", max_duration_s=60).film)
        for content in (
            encoded(shown[::2], "libx264", "yuv420p"),
            encoded(woven(shown), "libx264", "yuv420p"),
        )
    )

    middle = slice(whole.luma.shape[1] * 3 // 8, whole.luma.shape[1] * 5 // 8)
    assert np.abs(whole.luma[:, middle].astype(int) - of_two.luma[:, middle]).mean() < 3
