"""Two pictures laid over each other: where, in which tones, how sharp, and with which colours the one has the other."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import cv2
import numpy as np
from cv2.typing import MatLike as Plane

from functions.dedup.pictures import alignment, palettes, sharpening, toning
from functions.dedup.pictures.alignment import Placed
from functions.dedup.pictures.residuals import most_of
from shared.media import borders
from shared.media.images import Colour

_STRIP = 120  # pixels
_HARDLY_LARGER = 1.3
TONE_AROUND = 33  # pixels

MOST_LIGHTER = 24.0
"""Levels of luma by which nearly all of a copy is lighter or darker at most: full range taken for that of television is
19, all a tenth brighter or of a tenth more contrast up to 21."""

MOST_RECOLOURED, SATURATED = 8.0, 0.2
"""Levels of Cr and Cb together by which nearly all of a copy is of another colour at most, as exports for other screens
are; and what more or less saturated colours may differ by, as a share of theirs."""

MOST_LIGHTER_IN_STRIPS = 16.0
"""The same of a strip (`_STRIP`) on white, and of nearly every pixel of it (`_ALL`).

What is white stays white however a picture was made lighter, so of a white strip with one colour nothing but that
colour says so: another blue for its button, logo and price is a change of all. Of 217 copies of all sizes none has more
than 14.3, strips with another blue 16.8 and more, as avifenc and sharp saved them.
"""

_NEARLY_ALL, _ALL = 0.9, 0.995

GAINS = (0.7, 1.4), (0.8, 1.25)
"""How much less and more contrast one may have than the other, in luma and in colour."""

_TONES = np.linspace(64, 192, 9, dtype=np.float32)
_AS_IT_IS = 2.0  # levels
_TONE_STEP = 3  # rows: enough to fit tones to
CLIPPED = 5  # levels from black or white
Tone = Callable[[Plane], Plane]


def ways(smaller: Colour, larger: Colour) -> Iterator["Overlay"]:
    """The ways in which the one may lie over the other: as a whole, without borders, or cut out of it."""
    yield laid_over(smaller, larger)
    inner = _inner(smaller, larger)
    if [each.shape for each in inner] != [smaller.shape, larger.shape]:
        yield laid_over(*inner)
    cut = alignment.cut_out(smaller, larger)
    if cut is not None:
        yield laid_over(smaller, cut)


@dataclass(frozen=True, eq=False)
class Overlay:
    """Two pictures of one size, laid over each other.

    Attributes:
        tones: of each channel, what brings the second to the first.
        clipped: levels that the second lost to black, and to white, at most.
        resized: whether one of them was brought to the other's size or place.
        retoned: what brings it there as a share of what a copy takes at most.
        lacking: see `Channel`; None where no palette is known to.
        sharpened: whether one of them was, to be as sharp as the other.
    """

    smaller: Colour
    larger: Colour
    placed: Placed
    tones: Sequence[Tone]
    clipped: tuple[float, float]
    resized: bool
    retoned: float
    lacking: Plane | None = None
    sharpened: bool = False

    @classmethod
    def of(cls, smaller: Colour, larger: Colour, placed: Placed, *, resized: bool) -> Self:
        """With the tones that fit both where they are small."""
        wanted, given = (ycc(each)[::_TONE_STEP] for each in placed.small)
        tones = [_tone(wanted[..., at], given[..., at], GAINS[at > 0]) for at in range(3)]
        clipped = _clipped(*(each[::_TONE_STEP] for each in placed.small))
        strip = min(smaller.shape[:2]) < _STRIP and all(map(_is_on_white, placed.small))
        return cls(smaller, larger, placed, tones, clipped, resized, _retoned(given, tones, strip=strip))

    @property
    def as_it_is(self) -> bool:
        """Whether both have the same tones."""
        return all(float(np.abs(tone(_TONES) - _TONES).max()) <= _AS_IT_IS for tone in self.tones)

    @property
    def has_palette(self) -> bool:
        """Whether one of them has no more colours than a palette."""
        return self.colours is not None

    @property
    def colours(self) -> int | None:
        """How many colours one of them has that has no more than a palette; the most where both do."""
        found = (palettes.colours(each) for each in (self.smaller, self.larger))
        return max((each for each in found if each is not None), default=None)

    @cached_property
    def given(self) -> Colour:
        """The second where the first has it."""
        height, width = self.smaller.shape[:2]
        return alignment.warped(self.larger, self.placed.onto, 0, height, width)[0]


def _inner(one: Colour, other: Colour) -> tuple[Colour, Colour]:
    """Both without their even borders, the smaller first."""
    inner = [borders.inside_colour(each) for each in (one, other)]
    smaller, larger = sorted(inner, key=lambda each: each.shape[0] * each.shape[1])
    return smaller, larger


def laid_over(smaller: Colour, larger: Colour) -> Overlay:
    """One that is hardly larger is brought to its place in one step: each step would blur its words."""
    height, width = smaller.shape[:2]
    of_one_size = larger.shape == smaller.shape
    reduced = alignment.resized(larger, width, height)
    placed = alignment.best(smaller, reduced)
    factors = larger.shape[1] / width, larger.shape[0] / height
    onto = placed.onto
    if not of_one_size and all(1 / _HARDLY_LARGER <= factor <= _HARDLY_LARGER for factor in factors):
        reduced, onto = larger, alignment.composed(onto, factors)
    moved = not of_one_size or not placed.as_it_is
    return Overlay.of(smaller, reduced, replace(placed, onto=onto), resized=moved)


def equally_toned(overlay: Overlay) -> Overlay | None:
    """The same with the darker picture, or that of less contrast, changed as the other was; None where neither was."""
    wanted, given = overlay.placed.small
    of_larger, of_smaller = toning.change(given, wanted), toning.change(wanted, given)
    if of_larger is not None and (of_smaller is None or of_larger[0] <= of_smaller[0]):
        change = of_larger[1]
        placed = replace(overlay.placed, small=(wanted, change(given)))
        return Overlay.of(overlay.smaller, change(overlay.larger), placed, resized=overlay.resized)
    if of_smaller is None:
        return None
    change = of_smaller[1]
    placed = replace(overlay.placed, small=(change(wanted), given))
    return Overlay.of(change(overlay.smaller), overlay.larger, placed, resized=overlay.resized)


def equally_sharp(overlay: Overlay) -> Overlay | None:
    """The same with the softer picture sharpened as the other was; None where neither was."""
    given = overlay.given
    if (shares := sharpening.shares(overlay.smaller, given)) is not None:
        return replace(overlay, smaller=sharpening.applied(overlay.smaller, shares), sharpened=True)
    if (shares := sharpening.shares(given, overlay.smaller)) is not None:
        return replace(overlay, larger=sharpening.applied(overlay.larger, shares), sharpened=True)
    return None


def in_few_colours(overlay: Overlay) -> Overlay | None:
    """The same, with what the palette of one of them lacks; None where neither has one."""
    lacking = palettes.lacking(overlay.smaller, overlay.given, TONE_AROUND)
    return None if lacking is None else replace(overlay, lacking=lacking)


def ycc(picture: Colour) -> Plane:
    """Luma, Cr and Cb (height x width x 3, levels)."""
    return cv2.cvtColor(picture, cv2.COLOR_RGB2YCrCb).astype(np.float32)


def _tone(wanted: Plane, given: Plane, gains: tuple[float, float]) -> Tone:
    """What brings the levels of one picture to those of the other: the gain and offset that fit most of its levels."""
    gain, offset = alignment.tone(wanted.ravel(), given.ravel(), gains)
    return lambda levels: np.clip(gain * levels + offset, 0, 255).astype(np.float32)


def _retoned(given: Plane, tones: Sequence[Tone], *, strip: bool) -> float:
    """By how much these tones change most of a picture (luma, Cr, Cb), as a share of what a copy takes at most."""
    moved = np.stack([tone(given[..., at]) for at, tone in enumerate(tones)], axis=2) - given
    colour = np.hypot(moved[..., 1], moved[..., 2])
    colour -= SATURATED * np.hypot(given[..., 1] - 128, given[..., 2] - 128)
    light = np.abs(moved[..., 0])
    lighter, recoloured = (float(np.quantile(each, _NEARLY_ALL)) for each in (light, colour))
    lightest = float(np.quantile(light, _ALL)) / MOST_LIGHTER_IN_STRIPS if strip else 0.0
    return max(lighter / MOST_LIGHTER, recoloured / MOST_RECOLOURED, lightest)


def _is_on_white(picture: Colour) -> bool:
    """Whether half of it is as bright as a picture can be, in red, green or blue."""
    return float(np.mean(most_of(picture) >= 255 - CLIPPED)) >= 0.5


def _clipped(wanted: Colour, given: Colour) -> tuple[float, float]:
    """Levels lost to black and to white: what red, green and blue were brought to is not what they are at the ends."""
    one, other = (each.reshape(-1, 3).astype(np.float32) for each in (wanted, given))
    fits = [alignment.tone(one[:, at], other[:, at]) for at in range(3)]
    black = max(0.0, *(offset for _, offset in fits))
    return black, max(0.0, *(255 - 255 * gain - offset for gain, offset in fits))
