"""Do all colours of two pictures differ by one change of the whole, or has one of them another ground, or button?

Of an ad in a few colours anything that moves one of them looks like a change of all: most of its pixels are one colour,
and a gain and an offset in each channel take any two colours to any two others. But what programs do to a picture has
one or two numbers for red, green and blue together (changing.py), and what they do to a ground they do to a button, to
words and to white. So each colour counts once here, however much of the picture has it.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from functions.dedup.pictures import changing
from functions.dedup.pictures.residuals import deviation
from shared.media.images import Colour

_AROUND = 5  # pixels
_FLAT = 3.0  # levels: nothing is drawn there, in either
_RIM = 4  # pixels: what a copy has of a border
_TOGETHER = 16  # levels of each channel: colours that count as one
_LEAST, _LARGE = 0.002, 0.01  # of the picture
_SAMPLED = 2  # pixels, down and across
_MOVED, _STAYED = 4.0, 1.5  # levels

type _Levels = NDArray[np.float32]
"""Of some colours: count x RGB."""


def left_as_they_were(one: Colour, other: Colour) -> float:
    """By how many levels a colour would have changed that stayed, if the likeliest change of the whole had been made.

    Of two pictures of one size that lie on each other; the square mean of red, green and blue. 0 where no large part
    has another colour.
    """
    rim = np.s_[_RIM:-_RIM, _RIM:-_RIM]
    flat = np.ones(one[rim].shape[:2], bool)
    for picture in (one, other):
        flat &= deviation(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32), _AROUND)[rim] < _FLAT
    some = np.s_[::_SAMPLED, ::_SAMPLED]
    given, wanted = (_smoothed(each)[rim][some][flat[some]] for each in (one, other))
    return min(_left(*pair, flat[some].size) for pair in ((given, wanted), (wanted, given)))


def _smoothed(picture: Colour) -> Colour:
    return np.asarray(cv2.blur(picture, (_AROUND, _AROUND)), np.uint8)


def _left(given: Colour, wanted: Colour, pixels: int) -> float:
    """The same of flat pixels (count x RGB), by the colours of one of the pictures."""
    means, others, shares = _colours(given, wanted, pixels)
    moved = _apart(means, others)
    if not (moved[shares >= _LARGE] >= _MOVED).any() or not (stayed := moved < _STAYED).any():
        return 0.0
    picture = np.round(means[:, None]).astype(np.uint8)
    change = changing.of_colours(picture, lambda changed: float(np.square(_apart(changed[:, 0], others)).mean()))
    return float(_apart(change(picture)[:, 0], others)[stayed].max())


def _colours(given: Colour, wanted: Colour, pixels: int) -> tuple[_Levels, _Levels, NDArray[np.float32]]:
    """The means of the colours that one has, of what the other has there, and the share of all pixels of each."""
    steps = 256 // _TOGETHER
    numbers = given // _TOGETHER @ np.array([steps**2, steps, 1], np.uint16)
    of_each = np.bincount(numbers)
    at, counts = (np.cumsum(of_each > 0) - 1)[numbers], of_each[of_each > 0]
    shares = (counts / pixels).astype(np.float32)
    enough = shares >= _LEAST
    means = [
        np.stack([np.bincount(at, channel, len(counts)) for channel in levels.T], axis=1)[enough] / counts[enough, None]
        for levels in (given, wanted)
    ]
    return means[0].astype(np.float32), means[1].astype(np.float32), shares[enough]


def _apart(one: NDArray[np.float32] | Colour, other: _Levels) -> NDArray[np.float32]:
    return np.asarray(np.sqrt(np.square(one.astype(np.float32) - other).mean(axis=1)), np.float32)
