"""Which encoder mixed the frames of an AVIF or a video is told by the tools that its headers name.

`av1/svt-av1-1.4.*` are three cards that ffmpeg 5.1 saved by Debian's SVT-AV1.
"""

import io
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from shared.media import animations, av1, videos
from shared.media.films import Film
from shared.media.sandbox import InMemory
from tests import pictures
from tests.cases import some_of

BY_SVT = Path(__file__).with_name("av1") / "svt-av1-1.4.avif"
CARDS = [pictures.draw(96, 64, seed=seed) for seed in range(3)]


def by_pillow(speed: int) -> bytes:
    return pictures.encode(CARDS[0], "AVIF", save_all=True, append_images=CARDS[1:], speed=speed)


def by_new_svt(preset: str, container: str) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format=container) as muxer:
        stream = muxer.add_stream("libsvtav1", rate=Fraction(2), options={"preset": preset})
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for card in CARDS:
            muxer.mux(stream.encode(av.VideoFrame.from_ndarray(np.asarray(card), format="rgb24")))
        muxer.mux(stream.encode(None))
    return file.getvalue()


def test_an_animation_by_svt_av1_says_that_its_frames_are_mixed() -> None:
    found = animations.read(BY_SVT.read_bytes(), "image/avif", max_pixels=10**5)

    assert found
    assert Film.decoded(found.film).mixes_frames


@pytest.mark.parametrize("container", ["mp4", "webm"])
def test_a_video_by_it_says_so_too(container: str) -> None:
    mixed, other = BY_SVT.with_suffix(f".{container}").read_bytes(), by_new_svt("8", container)

    for content, mixes in ((mixed, True), (other, False)):
        found = videos.read(InMemory(content), f"video/{container}", max_duration_s=60)
        assert Film.decoded(found.film).mixes_frames is mixes


@pytest.mark.parametrize("speed", some_of([0, 1, 4, 6, 8, 10], in_the_gate=[6, 10]))
def test_one_by_libaom_says_that_they_are_not(speed: int) -> None:
    found = animations.read(by_pillow(speed), "image/avif", max_pixels=10**5)

    assert found
    assert not Film.decoded(found.film).mixes_frames


def test_what_cannot_be_read_says_nothing() -> None:
    whole = BY_SVT.read_bytes()

    assert not av1.avif_mixes_frames(b"no picture")
    assert not av1.avif_mixes_frames(pictures.encode(CARDS[0], "AVIF"))
    assert not av1.mixes_frames(b"")
    for at in range(0, len(whole), 40):
        av1.avif_mixes_frames(whole[:at])
