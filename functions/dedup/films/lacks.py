"""What a palette of few colours lacks: a file of 64 shows the nearest of them, a whole patch of a photograph.

Which that is follows from the palette and the other film, card by card, for each card has a palette of its own; what is
drawn anew does not follow from it, but where words have a colour that nothing else has: the palette of the card without
them lacks it. So no more than `MOST` is put down to a palette, and nothing where it lacks little elsewhere.
"""

import cv2
import numpy as np
from cv2.typing import MatLike as Picture
from numpy.typing import NDArray

from functions.dedup.films.blends import Shown
from shared.media import palettes
from shared.media.palettes import Palette

MOST = 12.0
"""Levels of a plane: of 40 banners saved in 64 colours 34 were found without this, 39 with it (37 by 8 levels); none of
120 in which one frame is another is merged. Of words 14 to 40 levels from their ground, saved in 64 or 32 colours, two
of 240 pairs are merged, both at 14, and were before; three were.
"""

_OF_USUAL, _USUAL = 3.0, 90
"""Times what it lacks of nearly all of the picture (percent): what has few colours by design lacks hardly any."""

_NOISE = 1.0  # levels: films round


def lacking(palette: Palette, luma: NDArray[np.uint8], chroma: NDArray[np.uint8]) -> list[Picture]:
    """By how much the nearest colours of a palette differ from a frame (luma, Cb, Cr, at the size of its colours)."""
    height, width = chroma.shape[1:]
    small = cv2.resize(luma, (width, height), interpolation=cv2.INTER_AREA)
    colours = np.stack([small, *chroma], axis=-1).reshape(-1, 3).astype(np.float32)
    lacks = palette[palettes.nearest(palette, colours)] - colours
    usual = float(np.percentile(np.linalg.norm(lacks, axis=1), _USUAL))
    most = min(MOST, _OF_USUAL * max(0.0, usual - _NOISE))
    return [*np.moveaxis(np.clip(lacks, -most, most).reshape(height, width, 3), -1, 0).copy()]


def without(lacks: Shown, shown: Shown, card: Shown) -> Shown:
    """What is `shown` in place of a `card`, but for what of the way to it is a palette's."""
    luma, blue, red = (
        plane - np.clip(plane - kept, np.minimum(lack, 0), np.maximum(lack, 0))
        for plane, kept, lack in zip(shown, card, lacks, strict=True)
    )
    return luma, blue, red
