"""What a coarse encoding loses of a film: the finer of two is encoded once more, as coarsely as the other seems to be.

An encoder of few bits blurs, lets edges lag that move and colours bleed, where a picture is hard to encode; an edit has
something where it is not. Which places are hard, and by how much they suffer, another encoding of the same frames says:
whatever the encoder, it has blocks, motion and steps. What differs by no more than that is not told from a loss.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Self

import cv2
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from cv2.typing import MatLike as Picture
from numpy.typing import NDArray

from functions.dedup.pictures.residuals import smooth
from shared.media import x264
from shared.media.films import Film, Planes, planes_of, stacked

COARSENESS = (26, 30, 34, 38)
"""Constant rate factors of x264, the finest first."""

_USUAL = 95  # percent of a picture: what was drawn anew is a smaller part of it
_LOOKS = 24
_AROUND = 9  # pixels
_MORE = 1.25  # times: another encoder errs elsewhere, and another time by more
_BESIDE = 2  # frames
_MS = Fraction(1, 1000)


@dataclass(frozen=True, eq=False)
class Losses:
    """By how many levels each place of each frame suffers, and what is around it in the picture and in time.

    Attributes:
        luma: frames x height x width.
        chroma: frames x 2 x height/2 x width/2.
    """

    luma: NDArray[np.uint8]
    chroma: NDArray[np.uint8]

    @classmethod
    def of(cls, film: Film, apart: float) -> Self:
        """Of a film, encoded so coarsely that nearly all of it differs by `apart` levels, as `usual` has it."""
        for coarseness in COARSENESS:
            shown = _encoded(film, coarseness)
            looks = range(0, len(shown), max(1, len(shown) // _LOOKS))
            if usual([_apart(film.luma[at], shown[at].luma) for at in looks]) >= apart:
                break
        luma = np.stack([_around(_apart(*each)) for each in zip(film.luma, (each.luma for each in shown), strict=True)])
        chroma = np.stack(
            [
                [_around(_apart(*each)) for each in zip(colours, other.chroma, strict=True)]
                for colours, other in zip(film.chroma, shown, strict=True)
            ]
        )
        return cls(_around_in_time(luma), _around_in_time(chroma))


def usual(apart: list[Picture]) -> float:
    """By how many levels nearly all of most pictures differs."""
    return float(np.median([np.percentile(each[::3, ::3], _USUAL) for each in apart]))


def detail(film: Film) -> float:
    """How much detail a film has, to tell the finer of two."""
    looks = film.luma[:: max(1, len(film.luma) // _LOOKS)]
    return float(np.mean([np.abs(cv2.Laplacian(luma, cv2.CV_16S)).mean() for luma in looks]))


def _apart(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> Picture:
    return np.abs(smooth(one.astype(np.float32)) - smooth(other.astype(np.float32)))


def _around(apart: Picture) -> NDArray[np.uint8]:
    around = _MORE * cv2.dilate(apart, np.ones((_AROUND, _AROUND), np.uint8))
    return np.asarray(np.clip(np.round(around), 0, 255), np.uint8)


def _around_in_time(lost: NDArray[np.uint8]) -> NDArray[np.uint8]:
    found = lost.copy()
    for by in range(1, min(_BESIDE + 1, len(lost))):
        found[by:] = np.maximum(found[by:], lost[:-by])
        found[:-by] = np.maximum(found[:-by], lost[by:])
    return found


def _encoded(film: Film, coarseness: int) -> list[Planes]:
    """The frames of a film, as another file would have them."""
    encoder, decoder = VideoCodecContext.create("libx264", "w"), VideoCodecContext.create("h264", "r")
    height, width = film.luma.shape[1:]
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.framerate = _MS, Fraction(30)
    encoder.options = {"crf": str(coarseness), "preset": "veryfast", "x264-params": x264.SAME_EACH_TIME}
    encoder.thread_count = decoder.thread_count = 1
    frames = (_frame(*each) for each in zip(film.seconds, film.luma, film.chroma, strict=True))
    packets = [packet for frame in (*frames, None) for packet in encoder.encode(frame)]
    decoder.extradata = encoder.extradata
    shown = [frame for packet in (*packets, None) for frame in decoder.decode(packet)]
    return [planes_of(frame.to_ndarray().astype(np.uint8, copy=False), width, height) for frame in shown]


def _frame(second: float, luma: NDArray[np.uint8], chroma: NDArray[np.uint8]) -> VideoFrame:
    frame = VideoFrame.from_ndarray(stacked(Planes(luma, chroma)), format="yuv420p")
    frame.pts, frame.time_base = round(float(second) * 1000), _MS
    return frame
