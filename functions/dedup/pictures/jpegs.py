"""Could a JPEG hold these very coefficients, had it been saved from this picture?

A JPEG keeps, of each 8 x 8 pixels of a channel, how often its steps go into 64 coefficients, rounded. Those whole
numbers are read from the file, and the picture's own coefficients, not rounded, are held against them: of a copy each
lies within half a step, whichever program saved it, and however coarsely. What goes beyond was drawn otherwise.
"""

import io
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import av
import cv2
import numpy as np
from cv2.typing import MatLike as Plane
from numpy.typing import NDArray
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile, get_sampling

from functions.dedup.pictures import hurried
from functions.dedup.pictures.written_jpegs import BLOCK
from shared.media import images
from shared.media.images import Colour

MOST_STANDING_OUT = (12.0, 150.0), (6.0, 100.0)
"""Squared levels beyond rounding that a copy has in one place at most, of luma and of colours: at least and at most,
between them `_SECOND` times what it has in any other place.

Of 110 JPEGs of five programs none is told to be no copy by that; of 683 with other words, which can be read, none is
told to be one.
"""

SURE_CUT, MOST_CUT = 288.0, 8000.0
"""The same of blocks that cannot be read for sure: a rounding that tips over weighs a whole step there. Between the two
they do not tell: a pale digit on white starts at 1,696, of copies half have more than 12."""

_SECOND = 8.0
_ALIKE = 1.0
_FEW = 0.03  # of all blocks: 0.02 where what was reckoned in a hurry has many sharp edges
_MOSTLY = 0.5
_COLOURED = 8.0  # levels from grey
_APART = 3  # blocks
_PLACE = 3  # blocks: two by two, and those beside them
_ROUNDED = 0.3  # steps: less is what was rounded when pixels were made of them
_UNSURE = 0.3  # steps: pixels that are rounded alike, in a place that is nearly plain, move what is read so far
_DOUBT = 0.75  # levels: what programs round on the way, in sums over a block
_EVENLY = 4.0  # levels: half a level in each pixel of a plain place, where another program rounds the other way
_HURRIED = 0.015  # of a block's largest: by so much programs err that transform in few bits, as libjpeg's fast way does
_HALF = 0.499  # as libjpeg rounds a half: down
_ENDS = 0, 255
_COSINES = cv2.dct(np.eye(BLOCK, dtype=np.float32), flags=cv2.DCT_ROWS).T
_FROM_RGB = np.array([[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]], np.float32)
_MIDDLE = 128

type Factors = tuple[int, int]
"""How many pixels lie in one of a channel, down and across."""

_IN_FULL: Factors = 1, 1


@dataclass(frozen=True, eq=False)
class Kept:
    """What a JPEG keeps: of Y, Cb and Cr the pixels, the steps of their coefficients, and how they are sampled."""

    planes: Sequence[Plane]
    steps: Sequence[Plane]
    factors: Sequence[Factors]

    @classmethod
    def of(cls, content: bytes) -> Self | None:
        """None for what is turned when it is shown, has other channels, or cannot be read as it is kept."""
        image = Image.open(io.BytesIO(content), formats=["JPEG"])
        if not isinstance(image, JpegImageFile) or image.mode != "RGB" or images.is_turned(image):
            return None
        sampled = [(down, across) for _, across, down, _ in image.layer]
        whole = sampled[0]
        if sampled[1] != sampled[2] or any(most % part for most, part in zip(whole, sampled[1], strict=True)):
            return None
        factors = [(whole[0] // down, whole[1] // across) for down, across in sampled]
        steps = [
            np.array(image.quantization[table], np.float32).reshape(BLOCK, BLOCK) for _, _, _, table in image.layer
        ]
        planes = _planes(content)
        wanted = [(-(-image.height // down), -(-image.width // across)) for down, across in factors]
        return cls(planes, steps, factors) if [each.shape for each in planes] == wanted else None


def nearest(content: bytes, ways: Sequence[Colour]) -> list[Colour]:
    """What a JPEG may have been made of, that first from which its light is least far, but for its rounding."""
    kept = Kept.of(content)
    if kept is None:
        return []
    far = farness(kept.planes[0], kept.steps[0])
    return sorted(ways, key=far)


def farness(light: Plane, steps: Plane) -> Callable[[Colour], float]:
    """How far a picture is from what a JPEG keeps of its light, beyond rounding: in steps, the mean of coefficients."""
    read = _coefficients(light - _MIDDLE, steps)

    def far(picture: Colour) -> float:
        own = _coefficients(_sampled(picture, 0, _IN_FULL) - _MIDDLE, steps)
        return float(np.maximum(0, np.abs(own - read) - 0.5).mean())

    return far


def saved_again(picture: Colour, content: bytes) -> Colour:
    """What is shown of a picture that is saved as a JPEG was, with its steps."""
    like, again = JpegImageFile(io.BytesIO(content)), io.BytesIO()
    sampling = max(0, get_sampling(like))
    Image.fromarray(picture).save(again, "JPEG", qtables=like.quantization, subsampling=sampling)
    return np.asarray(Image.open(again, formats=["JPEG"]))


def _planes(content: bytes) -> list[Plane]:
    """Of each channel as it is sampled; empty for what is not kept as Y, Cb and Cr."""
    try:
        with av.open(io.BytesIO(content), "r", format="jpeg_pipe") as container:
            frame = next(container.decode(video=0))
    except (av.error.FFmpegError, StopIteration):
        return []
    if not frame.format.name.startswith("yuvj"):
        return []
    return [
        np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width].astype(np.float32)
        for plane in frame.planes
    ]


@dataclass(frozen=True)
class Held:
    """How far a JPEG is from what a picture could have become.

    Attributes:
        alike: the share of the blocks in which something is drawn that it could have become, in luma, but for the
            place that differs most.
        alike_in_colour: the same of all blocks of Cb and Cr.
        apart: the most that differs in one place, as a share of what may.
        apart_in_colour: the same of Cb and Cr alone.
        singled_out: of Cb and Cr, what differs in one place as a share of what may by the next worst place alone.
        recoloured: whether most of the blocks that have a colour have another one, as in more saturated copies.
    """

    alike: float
    alike_in_colour: float
    apart: float
    apart_in_colour: float
    singled_out: float
    recoloured: bool


def held(picture: Colour, content: bytes, drawn: NDArray[np.bool_], *, or_else: Sequence[Colour] = ()) -> Held | None:
    """A JPEG held against a picture of its size, in which some pixels are `drawn`; None where it does not tell.

    Where the JPEG may as well be one of the pictures in `or_else`, what they differ by is nothing that tells.
    """
    kept = Kept.of(content)
    somewhere = by_blocks(drawn.astype(np.float32), BLOCK).any(axis=(2, 3))
    if kept is None or not somewhere.any():
        return None
    luma, blue, red = _beyond_rounding(picture, kept, or_else)
    light, colour = (
        _stands_out(squares, *most)
        for squares, most in zip((luma.whole, blue.whole + red.whole), MOST_STANDING_OUT, strict=True)
    )
    cut = [_cut(_most_together(each.cut)[0]) for each in (luma, blue, red)]
    of_colour = blue.whole + red.whole
    alike = _share_alike(luma.whole + luma.cut, somewhere), _share_alike(of_colour, np.ones(of_colour.shape, bool))
    coloured = of_colour[_coloured(kept)]
    return Held(
        *alike,
        max(light, colour, *cut),
        max(colour, *cut[1:]),
        singled_out=_stands_out(of_colour, MOST_STANDING_OUT[1][0], math.inf),
        recoloured=not coloured.size or float((coloured < _ALIKE).mean()) < _MOSTLY,
    )


def _coloured(kept: Kept) -> NDArray[np.bool_]:
    """Which blocks are far from grey in the mean."""
    means = [by_blocks(plane, BLOCK).mean(axis=(2, 3)) - _MIDDLE for plane in kept.planes[1:]]
    return np.asarray(np.hypot(*means) >= _COLOURED)


@dataclass(frozen=True, eq=False)
class _Beyond:
    """By how much the coefficients of each block are more than half a step from a picture's: squared levels, summed.

    Attributes:
        whole: of blocks that show all that was kept; 0 in the others.
        cut: of those that lie in part beyond an edge, or were cut off at black or white; 0 in the others.

    What was reckoned in a hurry errs by more at sharp edges, and a rounding that tips over weighs a whole step in what
    was cut off: there it is followed to the bit.
    """

    whole: Plane
    cut: Plane


def _beyond_rounding(picture: Colour, kept: Kept, or_else: Sequence[Colour]) -> Iterator[_Beyond]:
    """Of Y, Cb and Cr."""
    for channel, (there, steps) in enumerate(zip(kept.planes, kept.steps, strict=True)):
        plane, whole = _sampled(picture, channel, kept.factors[channel]), _whole(there)
        own, read = (_coefficients(each - _MIDDLE, steps) for each in (plane, there))
        unknown = np.zeros_like(own)
        for other in or_else:
            unlike = _coefficients(_sampled(other, channel, kept.factors[channel]) - _MIDDLE, steps) - own
            unknown = np.maximum(unknown, np.abs(unlike) * steps)
        allowed = steps / 2 + _doubt(own, steps) + unknown
        squares = np.where(whole, _beyond(_from_whole(own, read), allowed, steps), 0)
        cut = np.where(whole, 0, _beyond(_in_part(own, np.round(own), there, steps), allowed, steps))
        least = MOST_STANDING_OUT[channel > 0][0] / 2
        if _most_together(cut)[0] > SURE_CUT or _few_stand_out(squares, least):
            in_a_hurry = hurried.coefficients(picture, channel, kept.factors[channel], steps)
            cut = np.minimum(cut, _beyond(_in_part(own, in_a_hurry, there, steps), allowed, steps))
            followed = np.minimum(squares, _beyond(_from_whole(in_a_hurry, read), 0.0, steps))
            squares = followed if _most_together(followed)[0] <= least else squares
        yield _Beyond(squares, cut)


def _few_stand_out(squares: Plane, least: float) -> bool:
    """Whether a place does that may be a rounding: in nearly all others there is nothing."""
    return _most_together(squares)[0] > least and float((squares >= _ALIKE).mean()) <= _FEW


def _beyond(apart: Plane, allowed: Plane | float, steps: Plane) -> Plane:
    """By how much each block is farther apart than it may be: squared levels, summed."""
    return np.asarray(np.square(np.maximum(0, apart * steps - allowed)).sum(axis=(2, 3)), np.float32)


def _in_part(own: Plane, made: Plane, there: Plane, steps: Plane) -> Plane:
    """How far coefficients are from those of which only a part is shown, had they been rounded to what was `made`."""
    shown = _coefficients(_pixels(made * steps, there.shape) - there, steps)
    return np.where(np.abs(shown) > _ROUNDED, np.abs(own - made + shown), 0)


def _from_whole(own: Plane, read: Plane) -> Plane:
    """How far coefficients are from the whole numbers that were read; where two are as likely, from the nearer one."""
    low, part = np.floor(read), read - np.floor(read)
    below = np.where(part < 1 - _UNSURE, np.abs(own - low), np.inf)
    above = np.where(part > _UNSURE, np.abs(own - low - 1), np.inf)
    return np.asarray(np.minimum(below, above), np.float32)


def _doubt(own: Plane, steps: Plane) -> Plane:
    """By how many levels other programs may come to something else, of each coefficient."""
    waves = np.abs(own * steps)
    waves[..., 0, 0] = 0
    doubt = np.broadcast_to(_DOUBT + _HURRIED * waves.max(axis=(2, 3), keepdims=True), own.shape).copy()
    doubt[..., 0, 0] += _EVENLY
    return doubt


def _cut(most: float) -> float:
    """As a share of what may; what is neither little nor far too much is as much as may."""
    return 0.0 if most <= SURE_CUT else max(1.0, most / MOST_CUT)


def _stands_out(squares: Plane, least: float, most: float) -> float:
    """How much more lies in one place than in the next one, as a share of what may."""
    worst, second = _most_together(squares)
    return worst / min(most, least + _SECOND * second)


def _most_together(squares: Plane) -> tuple[float, float]:
    """The most in two by two blocks, for a small word lies in no more; and the most elsewhere."""
    sums, (top, left) = _together(squares)
    worst = float(sums[top, left])
    sums[max(0, top - _APART) : top + _APART + 1, max(0, left - _APART) : left + _APART + 1] = 0
    return worst, float(sums.max())


def _share_alike(squares: Plane, counted: NDArray[np.bool_]) -> float:
    """The share of some blocks, but for the worst place: how much of a small picture that is says nothing of the rest.

    Of all, where there are no others.
    """
    _, (top, left) = _together(squares)
    elsewhere = counted.copy()
    elsewhere[max(0, top - _PLACE) : top + _PLACE - 1, max(0, left - _PLACE) : left + _PLACE - 1] = False
    return float((squares < _ALIKE)[elsewhere if elsewhere.any() else counted].mean())


def _together(squares: Plane) -> tuple[Plane, tuple[int, int]]:
    """The sums of two by two blocks, one row and column more on each side, and where the largest is: the last of it."""
    sums = cv2.boxFilter(np.pad(squares, 1), -1, (2, 2), normalize=False)
    top, left = (int(at) for at in np.unravel_index(sums.argmax(), sums.shape))
    return sums, (top, left)


def _sampled(picture: Colour, channel: int, factors: Factors) -> Plane:
    """A channel of a picture, rounded as programs do; beyond its right edge, up to a whole block, its last pixels."""
    down, across = factors
    levels = np.floor(picture.astype(np.float32) @ _FROM_RGB[channel] + (_MIDDLE if channel else 0) + _HALF)
    plane: Plane = np.clip(levels, *_ENDS).astype(np.float32)
    if down * across == 1:
        return plane
    height, width = plane.shape
    plane = cv2.copyMakeBorder(plane, 0, -height % down, 0, -width % (BLOCK * across), cv2.BORDER_REPLICATE)
    size = plane.shape[1] // across, plane.shape[0] // down
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32)


def _coefficients(levels: Plane, steps: Plane) -> Plane:
    """Of each block, in steps: down x across x its 8 x 8."""
    return np.asarray(_COSINES @ by_blocks(levels, BLOCK) @ _COSINES.T / steps, np.float32)


def _pixels(each: Plane, shape: tuple[int, ...]) -> Plane:
    """What is shown of coefficients, rounded and cut off at both ends."""
    blocks = _COSINES.T @ each @ _COSINES + _MIDDLE
    down, across = blocks.shape[:2]
    plane = blocks.transpose(0, 2, 1, 3).reshape(down * BLOCK, across * BLOCK)[: shape[0], : shape[1]]
    return np.clip(np.round(plane), *_ENDS).astype(np.float32)


def _whole(plane: Plane) -> NDArray[np.bool_]:
    """Which blocks show all that was kept: none that lie beyond an edge, or that were cut off at black or white."""
    cut = by_blocks(((plane <= _ENDS[0]) | (plane >= _ENDS[1])).astype(np.float32), BLOCK).any(axis=(2, 3))
    whole: NDArray[np.bool_] = ~cut
    whole[plane.shape[0] // BLOCK :] = False
    whole[:, plane.shape[1] // BLOCK :] = False
    return whole


def by_blocks(plane: Plane, side: int) -> Plane:
    """Down x across x the block's own rows and columns; what is missing of the last ones repeats their edge."""
    height, width = plane.shape
    padded = cv2.copyMakeBorder(plane, 0, -height % side, 0, -width % side, cv2.BORDER_REPLICATE)
    height, width = padded.shape
    return padded.reshape(height // side, side, width // side, side).transpose(0, 2, 1, 3)
