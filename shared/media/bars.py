"""The bars that a creative has around its picture where that was made for other proportions: 16:9 in 4:5, say.

They are even, stay as they are from the first frame to the last, and lie on both sides of the picture; a background on
which words come and go is none. (borders.py finds the narrow border of a still.)
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

LEAST_SHARE = 0.04
"""Of a side, that a bar takes at least: less is a border, which a comparison bears."""

_MOST_SHARE = 0.45
_EVEN = 12  # grey levels: what a coarse encoder makes of an even line
_SET_OFF = 20  # grey levels between a bar and what the picture shows beside it
_MOST_STRAY = 0.02  # of a line's pixels
_LEAST_WIDE = 0.5  # of the line beside a bar, that the picture sets off from it at one moment or another
_MOST_UNLIKE = 0.04  # of the side, that the bars on both sides may differ by
_BLOCK = 8  # lines at a bar's inner edge that a coarse encoder spreads the picture over

Grey = NDArray[np.uint8]

Box = tuple[slice, slice]
"""Rows and columns."""


def box(frames: Iterable[Grey]) -> Box:
    """Where the picture is in frames of one size (height x width, grey levels); all of it where there are no bars."""
    looked_at = list(frames)
    lowest, highest = np.minimum.reduce(looked_at), np.maximum.reduce(looked_at)
    height, width = lowest.shape
    top, bottom = _both(lowest, highest)
    left, right = _both(lowest.T, highest.T)
    return slice(top, height - bottom), slice(left, width - right)


def found(box: Box, shape: tuple[int, ...]) -> bool:
    """Whether frames of a shape (height, width) have bars outside of a box."""
    return any(part.stop - part.start < side for part, side in zip(box, shape, strict=False))


def aspect(box: Box) -> float:
    """Width divided by height of what is inside."""
    rows, columns = box
    return float((columns.stop - columns.start) / (rows.stop - rows.start))


def _both(lowest: NDArray[np.uint8], highest: NDArray[np.uint8]) -> tuple[int, int]:
    """How many of the first and of the last lines are bars."""
    first, last = _width(lowest, highest), _width(lowest[::-1], highest[::-1])
    side = len(lowest)
    both = min(first, last) >= LEAST_SHARE * side and abs(first - last) <= _MOST_UNLIKE * side
    return (first, last) if both and first + last < 2 * _MOST_SHARE * side else (0, 0)


def _width(lowest: NDArray[np.uint8], highest: NDArray[np.uint8]) -> int:
    """How many of the first lines stay even and of one level; 0 where nothing sets off from them clearly."""
    level = int(np.median(lowest[0]))
    stray = (level - lowest.astype(np.int16) > _EVEN) | (highest.astype(np.int16) - level > _EVEN)
    ended = np.flatnonzero(stray.mean(axis=1) > _MOST_STRAY)
    if not ended.size or not ended[0]:
        return 0
    edge = slice(int(ended[0]), int(ended[0]) + _BLOCK + 1)
    reach = np.maximum(level - lowest[edge].astype(np.int16), highest[edge].astype(np.int16) - level)
    set_off = (reach > _SET_OFF).mean(axis=1)
    return int(ended[0] + np.argmax(set_off > _LEAST_WIDE)) if set_off.max() > _LEAST_WIDE else 0
