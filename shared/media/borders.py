"""The even border that some copies of a picture have around them: without it they are hashed and compared alike."""

import numpy as np
from numpy.typing import NDArray

_WIDEST = 0.05
_EVEN = 10  # grey levels: what a lossy file makes of an even line
_MOST_UNEVENNESS = 2  # lines
_STEP = 16  # grey levels: a picture that only fades into even lines has no border
_MOST_STRAY = 0.05  # of a line's pixels


def inside(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture (height x width, grey levels) without its border; as it is where it has none."""
    return grey[_box(grey)]


def inside_colour(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The same of a picture in red, green and blue (height x width x 3): a border is even in each of them."""
    boxes = [_box(picture[..., channel]) for channel in range(3)]
    rows, columns = (
        slice(min(box[axis].start for box in boxes), max(box[axis].stop for box in boxes)) for axis in (0, 1)
    )
    return picture[rows, columns]


def _box(grey: NDArray[np.uint8]) -> tuple[slice, slice]:
    top, bottom = _both_widths(grey)
    left, right = _both_widths(grey.T)
    height, width = grey.shape
    return slice(top, height - bottom), slice(left, width - right)


def _both_widths(lines: NDArray[np.uint8]) -> tuple[int, int]:
    """How many of the first and of the last lines are a border, which is as wide on both sides."""
    first, last = _width(lines), _width(lines[::-1])
    return (first, last) if abs(first - last) <= _MOST_UNEVENNESS else (0, 0)


def _width(lines: NDArray[np.uint8]) -> int:
    """How many of the first lines are a border: even, all of one level, and clearly set off from what follows.

    Lines that stay even for longer than a border is wide are background, which belongs to the picture.
    """
    widest = max(2, round(_WIDEST * len(lines)))
    edge = lines[: widest + 1].astype(np.int16)
    level = int(np.median(edge[0]))
    even = (np.abs(edge - level) > _EVEN).mean(axis=1) <= _MOST_STRAY
    if even.all() or not even[0]:
        return 0
    width = int(np.argmin(even)) + 1  # the line after it is a mixture of both
    if width >= len(lines):
        return 0  # a rule or a spacer of a few pixels: nothing is inside
    step = np.abs(lines[width].astype(np.int16) - level).mean()
    return width if step >= _STEP else 0
