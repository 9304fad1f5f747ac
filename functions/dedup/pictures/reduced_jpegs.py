"""Was what was reduced a JPEG before? Then of which quality?

People send JPEGs to whatever makes their thumbnails, and that saves them once more. What the first JPEG lost of the
colours is reduced with it, so the file is far from what reducing the picture makes. But as for a JPEG that kept its
size (chains.py), of all qualities one comes nearest by far, and the file's own numbers say whether it was that.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.Image import Resampling

from functions.dedup.pictures import chains, jpegs, overlays
from functions.dedup.pictures.jpegs import Kept
from shared.media.images import Colour

_LESS_FAR = 0.85
"""Of what the picture itself, reduced, is from the file's light, in the window that is looked at: what a JPEG of it has
at most. Of 12 JPEGs of reduced JPEGs the right quality has 0.28 to 0.78, but for those of 90 and more, which lose
little."""

_UNIT = 16  # pixels: a JPEG's blocks with colours halved
_BESIDE = 24  # pixels of the picture, around the window: as far as a filter reaches
_LIKELIEST = 2  # ways to reduce
_ASKED_TWICE = 3  # qualities, with their colours halved and in full


@dataclass(frozen=True)
class _Way:
    """How a JPEG of a picture came to be reduced: by a filter, from a quality, with colours halved or in full."""

    how: Resampling
    quality: int
    sampling: int


def ways(
    picture: Colour, shown: Colour, kept: Kept, drawn: NDArray[np.bool_], filters: Sequence[Resampling]
) -> list[Colour]:
    """JPEGs of a picture, reduced to the size of what a JPEG shows: first what is likeliest, then by other filters.

    None where none comes nearer to what the JPEG keeps than the picture itself. It is looked for where most is `drawn`.
    """
    part = _Part.of(picture, shown, chains.most_drawn(drawn))
    far = jpegs.farness(kept.planes[0][part.place], kept.steps[0])
    by_filter = {how: far(part.reduced(how)) for how in filters}
    likeliest = sorted(by_filter, key=by_filter.__getitem__)

    def farness(way: _Way) -> float:
        return far(part.saved_and_reduced(way))

    likely = itertools.product(likeliest[:_LIKELIEST], chains.QUALITIES, [chains.HALVED])
    halved = sorted(itertools.starmap(_Way, likely), key=farness)[:_ASKED_TWICE]
    in_full = [replace(way, sampling=chains.IN_FULL) for way in halved]
    nearest = halved[0], min(in_full, key=farness)
    if min(map(farness, nearest)) > _LESS_FAR * by_filter[likeliest[0]]:
        return []
    best = min(nearest, key=part.colours_apart)
    jpeg = Image.fromarray(chains.jpeg(picture, best.quality, best.sampling))
    others = [how for how in likeliest if how is not best.how][:_LIKELIEST]
    return [np.asarray(jpeg.resize(shown.shape[1::-1], how)) for how in (best.how, *others)]


@dataclass(frozen=True, eq=False)
class _Part:
    """A part of a file, and of the picture that it may have been made of.

    Attributes:
        place: its rows and columns.
        box: its left, upper, right and lower edge in the picture.
    """

    picture: Colour
    shown: Colour
    place: tuple[slice, slice]
    box: tuple[float, float, float, float]

    @classmethod
    def of(cls, picture: Colour, shown: Colour, place: tuple[slice, slice]) -> Self:
        """Of two sizes, at a place of the smaller one."""
        rows, columns = (each.indices(side) for each, side in zip(place, shown.shape[:2], strict=True))
        down, across = (whole / part for whole, part in zip(picture.shape[:2], shown.shape[:2], strict=True))
        return cls(picture, shown, place, (columns[0] * across, rows[0] * down, columns[1] * across, rows[1] * down))

    def reduced(self, how: Resampling) -> Colour:
        """Of the picture, as large as in the file."""
        return self._reduced(Image.fromarray(self.picture), how, self.box)

    def saved_and_reduced(self, way: _Way) -> Colour:
        """The same of a JPEG of the picture, of which no more is saved than what lies around it."""
        left, top = (max(0, math.floor(at) - _BESIDE) // _UNIT * _UNIT for at in self.box[:2])
        right, bottom = (math.ceil((at + _BESIDE) / _UNIT) * _UNIT for at in self.box[2:])
        around = Image.fromarray(chains.jpeg(self.picture[top:bottom, left:right], way.quality, way.sampling))
        inside = tuple(at - start for at, start in zip(self.box, (left, top, left, top), strict=True))
        return self._reduced(around, way.how, inside)

    def colours_apart(self, way: _Way) -> float:
        """By how many levels of Cr and Cb that is from what the file shows, in the mean."""
        made, wanted = overlays.ycc(self.saved_and_reduced(way)), overlays.ycc(self.shown[self.place])
        return float(np.abs(made - wanted)[..., 1:].mean())

    def _reduced(self, image: Image.Image, how: Resampling, box: Sequence[float]) -> Colour:
        height, width = self.shown[self.place].shape[:2]
        inside = box[0], box[1], min(box[2], image.width), min(box[3], image.height)
        return np.asarray(image.resize((width, height), how, box=inside))
