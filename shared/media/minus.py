"""A minus before a percentage, which a reader leaves out where it stands apart: "- 25 %" is read as "25 %".

It is looked for in the picture itself, before what was read: a bar at half the height of the line, with nothing above
it, below it or before it.
"""

import re
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

type Pixels = NDArray[np.uint8]

ALONE = re.compile(r"\d{1,3}\s?%")
"""Nothing but a percentage: one in a sentence goes on with it."""

# Of the line's height: how far before it a minus is looked for, how wide and how thick it is, where its middle lies,
# how far the number is behind it, and how much before it has to be free.
_BEFORE = 2.0
_WIDE = (0.12, 0.9)
_THICK = 0.25
_MIDDLE = (0.35, 0.8)
_MOST_APART = 0.8
_FREE = 0.7
_FLAT = 1.3  # a bar is so many times as wide as it is high


def start_of(pixels: Pixels, left: float, top: float, right: float, bottom: float) -> float | None:
    """Where the minus before a line begins, in pixels from the left; None where there is none.

    Args:
        pixels: the picture, in BGR.
        left: where the line is, in pixels; so are `top`, `right`, `bottom`.
    """
    import cv2

    height = bottom - top
    first = max(0, round(left - _BEFORE * height))
    shown = pixels[max(0, round(top)) : round(bottom), first : round(right)]
    if min(shown.shape[:2], default=0) < 4:
        return None
    _, parted = cv2.threshold(cv2.cvtColor(shown, cv2.COLOR_BGR2GRAY), 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    number = parted[:, round(left) - first :]
    ink = parted if number.mean() < 0.5 else 1 - parted
    found = _minus(np.asarray(ink, np.uint8), height)
    return None if found is None else float(first + found)


def _minus(ink: Pixels, height: float) -> int | None:
    """Where a minus begins that is the first of what is drawn (1), and has something behind it."""
    import cv2

    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    boxes = sorted(tuple(map(int, each[:4])) for each in stats[1:] if each[4] > 0.002 * height**2)
    for (left, top, wide, thick), (following, *_) in pairwise(boxes):
        is_bar = _WIDE[0] * height <= wide <= _WIDE[1] * height and _FLAT * thick <= wide and thick <= _THICK * height
        is_level = _MIDDLE[0] * height <= top + thick / 2 <= _MIDDLE[1] * height
        is_near = 0 < following - left - wide <= _MOST_APART * height
        free = ink[:, max(0, left - round(_FREE * height)) : left + wide].sum() <= 1.1 * wide * thick
        if is_bar and is_level and is_near and free and left > 0:
            return left
    return None
