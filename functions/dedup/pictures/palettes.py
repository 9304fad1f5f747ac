"""What a palette lacks: of a colour that none of its colours is near to, a whole place is shown lighter, or darker.

A GIF has no more than 256 colours. Where a picture's white is none of them, a patch of it is light grey. That follows
from the palette and from the other picture; nothing that is drawn on the patch follows from it.
"""

import math

import cv2
import numpy as np
from cv2.typing import MatLike as Plane
from numpy.typing import NDArray

from shared.media.images import Colour

_MOST_COLOURS = 256
_LOOKED_THROUGH = 61  # every so many pixels: most pictures have more colours in those
_SAMPLED = 128**2  # places
_MOST_LEVELS = 8.0
"""What is farther from every colour of the palette was not drawn in the picture that the palette was chosen for."""

_LIGHT = np.array([0.299, 0.587, 0.114], np.float32)


def lacking(one: Colour, other: Colour, around: int) -> Plane | None:
    """By how many levels each place of one picture is lighter than in another, as far as the palette of either tells.

    Both are of one size. None where neither has one, or both have.
    """
    palette, other_palette = _palette(one), _palette(other)
    if palette is not None and other_palette is None:
        return _lighter(palette, other, around)
    if other_palette is not None and palette is None:
        return -_lighter(other_palette, one, around)
    return None


def has_one(picture: Colour) -> bool:
    """Whether it has no more colours than a palette."""
    return _palette(picture) is not None


def _palette(picture: Colour) -> NDArray[np.float32] | None:
    """The colours of a picture (n x 3), where they are so few."""
    packed = picture.reshape(-1, 3).astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
    if np.unique(packed[::_LOOKED_THROUGH]).size > _MOST_COLOURS or (found := np.unique(packed)).size > _MOST_COLOURS:
        return None
    return np.stack([found >> 16, found >> 8 & 255, found & 255], axis=1).astype(np.float32)


def _lighter(palette: NDArray[np.float32], picture: Colour, around: int) -> Plane:
    """By how many levels each place is, in what of the palette is nearest to the picture."""
    height, width = picture.shape[:2]
    step = max(1, round(math.sqrt(height * width / _SAMPLED)))
    sampled = picture[::step, ::step].astype(np.float32)
    pixels = sampled.reshape(-1, 3)
    nearest = palette[(np.square(palette).sum(axis=1)[None, :] - 2 * pixels @ palette.T).argmin(axis=1)]
    levels = ((nearest - pixels) @ _LIGHT).reshape(sampled.shape[:2])
    everywhere = cv2.resize(levels, (width, height), interpolation=cv2.INTER_NEAREST)
    found: Plane = np.clip(cv2.blur(everywhere, (around, around)), -_MOST_LEVELS, _MOST_LEVELS)
    return found
