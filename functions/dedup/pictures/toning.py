"""Was a picture made brighter, or given more contrast? Then what was light or coloured is cut off, and colours bend.

Channel by channel, in luma and colour, that looks like other colours here and there. But there are few ways in which
programs do it: red, green and blue alike by a gain and an offset, or lightness by a gain, hue and saturation kept. Each
has one or two numbers for all of a picture. Those are fitted; a word or a button in another colour follows from none.
"""

from collections.abc import Iterator

import numpy as np
from cv2.typing import MatLike as Plane

from functions.dedup.pictures import changing
from functions.dedup.pictures.changing import Change
from shared.media.images import Colour

MOST_LIGHTER = 1.25
"""As a gain: more is another picture."""

MOST_MOVED = 24.0
"""Levels by which most of a picture is lighter or darker at most."""

_LEAST_EXPLAINED = 0.5
"""Of all that differs: 0.79 to 0.92 in 12 copies that were made brighter or given contrast."""

_CLIPPED = 5  # levels from black or white
_FITS = 4
_LEAST_SHOWN = 0.25  # of all levels, neither black nor white: a button alone says nothing of how a picture was changed
_WHITE = 255.0


def change(given: Colour, wanted: Colour) -> tuple[float, Change] | None:
    """What made one picture of another of its size, lighter or of more contrast, and the share that it leaves.

    None where nothing explains most of what differs.
    """
    apart = _apart(given, wanted)
    ways = [(_apart(way(given), wanted), way) for way in (*_alike(given, wanted), *_lighter(given, wanted))]
    if not ways or not apart:
        return None
    left, way = min(ways, key=lambda each: each[0])
    moved = np.abs(way(given).astype(np.int16) - given)
    if left > (1 - _LEAST_EXPLAINED) * apart or np.quantile(moved, 0.9) > MOST_MOVED:
        return None
    return left / apart, way


def _alike(given: Colour, wanted: Colour) -> Iterator[Change]:
    """Red, green and blue by one gain and one offset."""
    levels, others = _not_clipped(given.reshape(-1), wanted.reshape(-1))
    if levels.size < _LEAST_SHOWN * given.size:
        return
    gain, offset = 1.0, float(np.median(others - levels))
    for _ in range(_FITS):
        left = np.abs(others - gain * levels - offset)
        some = left <= 2 * np.median(left) + 1
        one, other = levels[some], others[some]
        if not (spread := float(one.var())):
            return
        gain = float(np.mean((one - one.mean()) * (other - other.mean()))) / spread
        offset = float(other.mean() - gain * one.mean())
    if 1 <= gain <= MOST_LIGHTER:
        yield lambda picture: changing.by_curve(picture, lambda levels: levels * gain + offset)


def _lighter(given: Colour, wanted: Colour) -> Iterator[Change]:
    """The mean of the most and the least of red, green and blue by one gain."""
    levels, others = _not_clipped(changing.lightness_of(given).reshape(-1), changing.lightness_of(wanted).reshape(-1))
    if levels.size < _LEAST_SHOWN * given[..., 0].size:
        return
    gain = float(np.median(others / levels))
    if 1 <= gain <= MOST_LIGHTER:
        yield lambda picture: changing.around_lightness(picture, gain)


def _not_clipped(given: Plane, wanted: Plane) -> tuple[Plane, Plane]:
    """The levels of both where neither has lost any to black or white."""
    inside = (np.minimum(given, wanted) > _CLIPPED) & (np.maximum(given, wanted) < _WHITE - _CLIPPED)
    return given[inside].astype(np.float32), wanted[inside].astype(np.float32)


def _apart(one: Colour, other: Colour) -> float:
    return changing.square(one.astype(np.float32), other)
