"""Was a picture sharpened? Then all its edges differ, and by how much follows from what is drawn there.

Sharpening adds some share of what smoothing takes away. That share is fitted to two pictures that lie over each other,
and the softer one is sharpened by as much. Words that were exchanged differ still: nothing is added that is not drawn.
"""

import cv2
import numpy as np
from cv2.typing import MatLike as Plane
from numpy.typing import NDArray

from functions.dedup.pictures.residuals import least_of, most_of
from shared.media.images import Colour

type Shares = NDArray[np.float64]
"""Of what each of `_SMOOTHED` takes away."""

_SMOOTHED = 0.8, 1.6  # pixels
_EXPLAINED = 0.3  # of all that differs: 0.46 to 0.91 in 15 sharpened copies, up to 0.06 in other ones
_MOST_ROWS = 1024
_SAMPLED = 3
_CLIPPED = 8  # levels from black or white: sharpening ends there
_FITS = 3
_OUTLIER = 3.0  # times the median of what is left
_MOST_LEVELS = 20.0  # of one pixel: a few that were drawn anew say nothing of the others


def shares(soft: Colour, sharp: Colour) -> Shares | None:
    """By how much one picture (height x width x 3) was sharpened to make another; None where that explains too little.

    Both are of one size. It is fitted to the rows in the middle: as many as tell enough.
    """
    first = max(0, (soft.shape[0] - _MOST_ROWS) // 2)
    rows = np.s_[first : first + _MOST_ROWS]
    drawn, wanted = _grey(soft[rows]), _grey(sharp[rows])
    inside = (least_of(sharp[rows]) > _CLIPPED) & (most_of(sharp[rows]) < 255 - _CLIPPED)
    apart = (wanted - drawn)[inside][::_SAMPLED]
    taken = np.stack([(drawn - cv2.GaussianBlur(drawn, (0, 0), width))[inside][::_SAMPLED] for width in _SMOOTHED], 1)
    if len(apart) <= len(_SMOOTHED):
        return None
    found = _fitted(taken, apart)
    left, all_of = (
        float(np.minimum(np.square(each), _MOST_LEVELS**2).sum()) for each in (apart - taken @ found, apart)
    )
    return found if left <= (1 - _EXPLAINED) * all_of and found.sum() > 0 else None


def applied(picture: Colour, by: Shares) -> Colour:
    """A picture, sharpened."""
    return np.dstack([_sharpened(picture[..., at].astype(np.float32), by) for at in range(3)])


def _fitted(taken: Plane, apart: Plane) -> Shares:
    """The shares that fit most pixels: those that differ by more than noise, or any sharpening, are left out."""
    found, most = np.linalg.lstsq(taken, apart)[0], np.abs(taken).max(axis=1)
    for _ in range(1, _FITS):
        left = np.abs(apart - taken @ found)
        some = left <= _OUTLIER * np.median(left) + 1 + most
        found = np.linalg.lstsq(taken[some], apart[some])[0]
    return np.asarray(found, np.float64)


def _sharpened(plane: Plane, by: Shares) -> NDArray[np.uint8]:
    added = [
        share * (plane - cv2.GaussianBlur(plane, (0, 0), width)) for share, width in zip(by, _SMOOTHED, strict=True)
    ]
    return np.asarray(np.clip(np.round(plane + sum(added)), 0, 255), np.uint8)


def _grey(picture: Colour) -> Plane:
    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
