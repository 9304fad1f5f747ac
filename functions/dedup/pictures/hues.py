"""By how much the hue of what is coloured was turned: nothing that changes a picture as a whole turns it far.

Where an ad has one pale colour beside white, any other colour for it looks like a change of all tones: white stays
white, and a gain and an offset of Cr and Cb explain the rest. But exports for other screens, contrast and saturation
keep a hue about where it is, and so do formats: pale blue does not become pale green.
"""

import cv2
import numpy as np
from cv2.typing import MatLike as Plane

from functions.dedup.pictures import alignment, overlays
from shared.media.images import Colour

_COLOURED = 6.0
"""Levels from grey, at the least in both: what has less is turned by a step of a coarse JPEG."""

_LEAST = 0.05  # of a picture: a button alone is told by its place
_MOST = 0.75
_AROUND = 17  # pixels at half the size: two blocks of an encoder


def turned(one: Colour, other: Colour) -> float:
    """Degrees by which three quarters of what is coloured in both, which are of one size, are turned at most."""
    (red, blue), (other_red, other_blue) = _from_grey(one), _from_grey(other)
    coloured = np.minimum(np.hypot(red, blue), np.hypot(other_red, other_blue)) >= _COLOURED
    if coloured.mean() < _LEAST:
        return 0.0
    angles = np.arctan2(red * other_blue - blue * other_red, red * other_red + blue * other_blue)
    return float(np.degrees(np.quantile(np.abs(angles[coloured]), _MOST)))


def _from_grey(picture: Colour) -> tuple[Plane, Plane]:
    """Cr and Cb of each place, at half the size."""
    height, width = (max(1, side // 2) for side in picture.shape[:2])
    halved = overlays.ycc(alignment.resized(picture, width, height))
    blurred = cv2.blur(halved - 128, (_AROUND, _AROUND))
    return blurred[..., 1], blurred[..., 2]
