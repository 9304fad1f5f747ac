"""What is shown of a JPEG that was saved in a hurry: by libjpeg's fast transform, in few bits, as ImageMagick does.

It comes to other numbers than the exact transform in half of all blocks; so what is made of such a JPEG, a WebP say, is
nowhere equal to what is made of an exact one. But it reckons in whole numbers, and so can be followed to the bit: the
transform is that of Arai, Agui and Nakajima with constants of eight bits, in libjpeg's order of steps.
"""

import numpy as np
from cv2.typing import MatLike as Plane
from numpy.typing import NDArray

from functions.dedup.pictures import written_jpegs
from functions.dedup.pictures.written_jpegs import BLOCK
from shared.media.images import Colour

type Whole = NDArray[np.int32]

_MIDDLE = 128
_BITS = 16  # of what red, green and blue are weighed by
_WEIGHTS = np.array([[19595, 38470, 7471], [-11059, -21709, 32768], [32768, -27439, -5329]], np.int32)
"""Of Y, Cb and Cr, in 65,536ths: 0.299, 0.587, 0.114 and so on."""

_STEP_BITS = 11  # of the steps that the transform leaves its numbers in
_LARGER = np.array([1, 1.387039845, 1.306562965, 1.175875602, 1, 0.785694958, 0.541196100, 0.275899379])
"""How much larger than a cosine transform's the numbers are that it leaves, along each side."""

_SCALES = np.round(np.outer(_LARGER, _LARGER) * (1 << 14)).astype(np.int32)


def shown(picture: Colour, quality: int, *, halved: bool) -> Colour:
    """What is shown of a picture (height x width x 3) that was saved so; its colours `halved` both ways, or in full."""
    factors = [1, 2, 2] if halved else [1, 1, 1]
    tables = written_jpegs.tables(quality)
    blocks = [
        coefficients(picture, channel, (factor, factor), steps)
        for channel, (factor, steps) in enumerate(zip(factors, tables, strict=True))
    ]
    return written_jpegs.shown(blocks, tables, factors, picture.shape[:2])


def coefficients(picture: Colour, channel: int, factors: tuple[int, int], steps: Plane) -> Whole:
    """How often its steps (8 x 8) go into those of Y, Cb or Cr: down x across x 8 x 8.

    `factors` are how many pixels lie in one of the channel, down and across.
    """
    return _rounded(_transformed(_blocks(_sampled(picture, channel, factors))), steps)


def _sampled(picture: Colour, channel: int, factors: tuple[int, int]) -> Whole:
    """Y, Cb or Cr; of pixels that share one the mean, which every other column rounds up."""
    plane = picture.astype(np.int32) @ _WEIGHTS[channel]
    plane = ((plane + (1 << _BITS - 1) - bool(channel)) >> _BITS) + (_MIDDLE if channel else 0)
    (down, across), (height, width) = factors, plane.shape
    together = down * across
    if together == 1:
        return np.asarray(plane, np.int32)
    plane = np.pad(plane, ((0, -height % down), (0, -width % (across * BLOCK))), mode="edge")
    sums = plane.reshape(plane.shape[0] // down, down, -1, across).sum(axis=(1, 3))
    return np.asarray((sums + together // 4 + np.arange(sums.shape[1]) % 2) // together, np.int32)


def _blocks(plane: Whole) -> Whole:
    """Down x across x 8 x 8, around 0; beyond the edges the last pixels are repeated."""
    height, width = plane.shape
    padded = np.pad(plane, ((0, -height % BLOCK), (0, -width % BLOCK)), mode="edge") - _MIDDLE
    return padded.reshape(padded.shape[0] // BLOCK, BLOCK, -1, BLOCK).transpose(0, 2, 1, 3)


def _transformed(blocks: Whole) -> Whole:
    """Along rows, then along columns."""
    return _along_last(_along_last(blocks).swapaxes(-1, -2)).swapaxes(-1, -2)


def _along_last(levels: Whole) -> Whole:
    """Eight numbers by five products; each is cut off after eight bits."""
    first, last = np.moveaxis(levels, -1, 0)[:4], np.moveaxis(levels, -1, 0)[:3:-1]
    sums, rests = first + last, first - last
    outer, inner = sums[0] + sums[3], sums[1] + sums[2]
    beside, between = sums[0] - sums[3], sums[1] - sums[2]
    middle = (between + beside) * 181 >> 8
    low, mid, high = rests[3] + rests[2], rests[2] + rests[1], rests[1] + rests[0]
    turned = (low - high) * 98 >> 8
    two, four, three = (low * 139 >> 8) + turned, (high * 334 >> 8) + turned, mid * 181 >> 8
    odd, other = rests[0] + three, rests[0] - three
    even = outer + inner, beside + middle, outer - inner, beside - middle
    return np.stack(
        [even[0], odd + four, even[1], other - two, even[2], other + two, even[3], odd - four], axis=-1
    ).astype(np.int32)


def _rounded(transformed: Whole, steps: Plane) -> Whole:
    """How often steps go into each."""
    scaled = (steps.astype(np.int32) * _SCALES + (1 << _STEP_BITS - 1)) >> _STEP_BITS
    return np.asarray(np.sign(transformed) * ((np.abs(transformed) + scaled // 2) // scaled), np.int32)
