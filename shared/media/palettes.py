"""Pictures of few colours, as GIFs are: which colours those are, and which of them is nearest to another one."""

import numpy as np
from numpy.typing import NDArray

from shared.media.images import Colour

Palette = NDArray[np.float32]
"""n x 3 levels."""

_LOOKED_THROUGH = 61  # every so many pixels: most pictures have more colours in those


def of(picture: Colour, most: int) -> Palette | None:
    """The colours of a picture, in order, where they are no more than so many."""
    pixels = picture.reshape(-1, 3)
    if _different(pixels[::_LOOKED_THROUGH]).size > most or (found := _different(pixels)).size > most:
        return None
    return np.stack([found >> 16, found >> 8 & 255, found & 255], axis=1).astype(np.float32)


def _different(pixels: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """The colours among these, each as one number, in order."""
    return np.unique(pixels.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32))


def nearest(palette: Palette, colours: NDArray[np.float32]) -> NDArray[np.intp]:
    """Of each colour (n x 3) the number of the palette's nearest one."""
    return np.asarray((np.square(palette).sum(axis=1)[None, :] - 2 * colours @ palette.T).argmin(axis=1), np.intp)
