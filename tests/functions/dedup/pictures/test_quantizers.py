"""How coarsely AVIFs were saved, beside what FFmpeg's own reader of AV1 says."""

import io
import re
from fractions import Fraction

import av
import av.logging
import numpy as np
import pytest
from av.bitstream import BitStreamFilterContext
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from functions.dedup.pictures import quantizers
from tests import pictures


def by_ffmpeg(content: bytes) -> int:
    """What the filter that traces headers says."""
    with av.open(io.BytesIO(content), "r") as container, av.logging.Capture() as said:
        stream = container.streams.video[0]
        av.logging.set_level(av.logging.INFO)
        try:
            BitStreamFilterContext("trace_headers", stream).filter(next(container.demux(stream)))
        finally:
            av.logging.set_level(None)
    (found,) = re.findall(r"base_q_idx\s+\d+ = (\d+)", "".join(line for _, _, line in said))
    return int(found)


def saved(size: tuple[int, int], **options: object) -> bytes:
    levels = np.random.default_rng(4).integers(0, 255, (6, 6, 3), np.uint8)
    return pictures.encode(Image.fromarray(levels).resize(size), "AVIF", **options)


@settings(deadline=None)
@given(
    size=st.tuples(st.integers(1, 700), st.integers(1, 700)),
    quality=st.integers(0, 100),
    subsampling=st.sampled_from(["4:4:4", "4:2:0", "4:0:0"]),
    speed=st.sampled_from([8, 9]),
)
def test_a_still_picture_says_how_coarse_it_is(
    size: tuple[int, int], quality: int, subsampling: str, speed: int
) -> None:
    content = saved(size, quality=quality, subsampling=subsampling, speed=speed)

    assert quantizers.index(content) == by_ffmpeg(content)


@pytest.mark.parametrize("size", [(5000, 40), (40, 5000), (4100, 2400)])
def test_one_so_large_that_it_lies_in_several_tiles_does(size: tuple[int, int]) -> None:
    content = saved(size, quality=40, speed=10)

    assert quantizers.index(content) == by_ffmpeg(content)


def test_those_with_the_headers_of_a_film_do() -> None:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libsvtav1", rate=Fraction(1), options={"crf": "35", "preset": "8"})
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.asarray(pictures.draw(128, 96)), format="rgb24")
        container.mux([*stream.encode(frame), *stream.encode(None)])

    for content in (file.getvalue(), saved((90, 70), save_all=True, append_images=[pictures.draw(90, 70)])):
        assert quantizers.index(content) == by_ffmpeg(content)


def test_what_cannot_be_read_says_nothing() -> None:
    whole = saved((60, 40), quality=50)

    for content in (b"", b"no picture", whole[: whole.index(b"mdat")], pictures.encode(pictures.draw(9, 9), "PNG")):
        assert quantizers.index(content) is None
    for at in range(len(whole)):
        assert quantizers.index(whole[:at]) in (None, quantizers.index(whole))
