"""What a difference counts for: levels as on a plain ground, of strokes, letters, places and all of a channel.

Each is a number of levels, to be held against what a copy may have (appearance.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np
from cv2.typing import MatLike as Plane
from numpy.typing import NDArray

from functions.dedup.pictures import channels, lines
from functions.dedup.pictures.channels import Channel
from functions.dedup.pictures.lines import Found
from functions.dedup.pictures.overlays import SATURATED
from functions.dedup.pictures.residuals import gradient
from shared.media.images import Colour

_STROKE, _INK_AROUND = 5, 7  # pixels at half the size

_EXCUSED = 0.6
"""How much less a difference in luma counts, per doubling (to the base e) of the contrast around it."""

_EXCUSED_COLOUR = 0.1
"""How much less a difference in colour counts, per level of contrast in its own channel around it: strong edges bleed.

And per level of contrast in luma beside it: encoders mix up colours where light meets dark, and words that have such
contrast are told apart in luma.
"""

_EXCUSED_BY_LIGHT = 0.3
"""How much less, per level of contrast in luma around it, a difference counts in which words have colour alone."""

_DRAWN = 1.5
"""How often its own contrast a difference in colour counts at most: where nothing is drawn in colour, it is noise."""

_MOST_DRIFT = 4.0
"""Levels of colour: what differs by more is no noise, but a button of another colour."""

_EVEN_NOISE = 3.0  # times the median of everything
_NOISE_QUANTILE = 0.95  # of what is drawn
_BANNER_NOISE_QUANTILE = 0.9  # of everything
LEAST_CONTRAST, _LEAST_COLOUR_CONTRAST = 3.0, 1.5  # levels: something is drawn there
_SHARP, _PLACED = 0.2, 0.4  # pixels: as far as drawings may lie beside each other, in equal sizes and where resized
_AROUND = 17  # pixels: two blocks of an encoder
_ALONG_STROKES = 1.0  # pixels at half the size
_USUAL = 0.99
_LEAST_IN_COLOUR = 2.0  # levels
_PLAIN_AROUND = 13  # pixels at half the size: a button's height
_PLAIN = 4.0, 2.0, 2.0  # levels of contrast: nothing is drawn in luma, Cr and Cb
_SAMPLED, _DRAWN_SAMPLED = 7, 3  # one of so many


def counted(one: Colour, other: Colour) -> list[Plane]:
    """What each place of two pictures that lie on each other differs by, in levels as on a plain ground.

    Of luma, and at half the size of Cr and Cb.
    """
    return [_differing(channel)[1] for channel in channels.of(one, other)]


def reinked(red: Channel, blue: Channel) -> tuple[float, float]:
    """By how much the colour (Cr and Cb) of a place differs at most, beyond more of the same.

    Of places of `_AROUND` pixels, and of `_INK_AROUND`.
    """
    shown = red.shown & blue.shown
    apart = [np.where(shown, each.wanted - each.given, 0) for each in (red, blue)]
    wanted, given = [red.wanted - 128, blue.wanted - 128], [red.given - 128, blue.given - 128]

    def most(around: int) -> float:
        coloured = np.minimum(_length(around, *wanted), _length(around, *given))
        return float((_length(around, *apart) - SATURATED * coloured)[red.own].max(initial=0.0))

    return most(_AROUND), most(_INK_AROUND)


def shaded(luma: Channel, red: Channel, blue: Channel) -> Plane:
    """By how many levels of luma, Cr and Cb together each place differs, but for what was clipped."""
    squares = np.zeros(red.shown.shape, np.float32)
    for channel in (luma, red, blue):
        levels = channels.but_for_clipped(channel, channel.wanted, channel.given)
        halved = cv2.resize(levels, squares.shape[::-1], interpolation=cv2.INTER_AREA)
        squares += np.square(cv2.blur(halved, (_AROUND, _AROUND)))
    return np.sqrt(squares[red.own])


def repainted(luma: Channel, red: Channel, blue: Channel) -> float:
    """By how many levels a place in which neither picture shows anything is of another colour at most."""
    size = red.shown.shape[::-1]
    one, other = (cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in (luma.wanted, luma.given))
    pairs = ((one, other), (red.wanted, red.given), (blue.wanted, blue.given))
    plain = red.shown & ~cv2.dilate((~red.shown).astype(np.uint8), np.ones((_PLAIN_AROUND, _PLAIN_AROUND))).astype(bool)
    apart = np.zeros(red.shown.shape, np.float32)
    for (first, second), most in zip(pairs, _PLAIN, strict=True):
        plain &= channels.contrast(first, second, _PLAIN_AROUND) < most
        apart += np.square(cv2.blur(first - second, (_PLAIN_AROUND, _PLAIN_AROUND)))
    return float(np.sqrt(apart[red.own].max(initial=0.0, where=plain[red.own])))


def _length(around: int, red: Plane, blue: Plane) -> Plane:
    """How far from grey the mean of each place is, so many pixels wide."""
    means = [cv2.blur(plane.astype(np.float32), (around, around)) for plane in (red, blue)]
    return np.hypot(means[0], means[1])


def in_colour_alone(red: Channel, blue: Channel) -> Plane:
    """By how many levels Cr and Cb together differ along strokes, where words may have colour alone."""
    apart, contrast = [], []
    for channel in (red, blue):
        one, other = (cv2.GaussianBlur(each, (0, 0), channels.SMOOTH) for each in (channel.wanted, channel.given))
        apart.append(cv2.GaussianBlur(channels.apart(channel, one, other), (0, 0), _ALONG_STROKES))
        contrast.append(channels.contrast(one, other, _AROUND))
    excused = _EXCUSED_BY_LIGHT * red.lit + _EXCUSED_COLOUR * np.hypot(*contrast)
    counted = (np.hypot(*apart) / (1 + excused))[red.own]
    return np.asarray(counted[red.shown[red.own]], np.float32)


def in_lines(red: Channel, blue: Channel) -> Found:
    """What lines of words that have colour alone tell."""
    pair = (red.wanted, blue.wanted), (red.given, blue.given)
    return lines.found(*pair, np.asarray(red.lit, np.float32), red.shown, resized=red.resized, own=red.own)


def beyond_usual(levels: Plane) -> float:
    """How often the most is what nearly all of them stay below, and a little more."""
    if not levels.size:
        return 0.0
    return float(levels.max()) / (_LEAST_IN_COLOUR + float(np.quantile(levels[::_SAMPLED], _USUAL)))


@dataclass(frozen=True, eq=False)
class Differing:
    """How some rows of a channel differ, in levels as on a plain ground.

    Attributes:
        worst: the most.
        sample: here and there.
        drawn: the same where something is drawn.
        square: the mean square of all.
    """

    worst: float
    sample: Plane
    drawn: Plane
    square: float

    @classmethod
    def of(cls, channel: Channel) -> Self:
        """How its rows do, but for what lies beside an edge."""
        apart, everywhere, ink = _differing(channel)
        counted, drawn, shown = everywhere[channel.own], ink[channel.own], channel.shown[channel.own]
        return cls(
            float(counted.max(initial=0.0)),
            counted[shown][::_SAMPLED],
            counted[shown & drawn][::_DRAWN_SAMPLED],
            float(np.mean(np.square(apart[channel.own]))),
        )


def _differing(channel: Channel) -> tuple[Plane, Plane, NDArray[np.bool_]]:
    """By how many levels each place of a channel differs, what that counts for, and where something is drawn."""
    beside = _PLACED if channel.resized else _SHARP
    one, other = (cv2.GaussianBlur(each, (0, 0), channels.SMOOTH) for each in (channel.wanted, channel.given))
    apart = channels.apart(channel, one, other)
    tolerated = beside * np.minimum(gradient(one), gradient(other))
    beyond = np.where(channel.shown, np.maximum(0.0, np.abs(apart) - tolerated), 0).astype(np.float32)
    return apart, *_counted(cv2.blur(beyond, (3, 3)), one, other, channel.light)


def _counted(levels: Plane, one: Plane, other: Plane, light: Plane | None) -> tuple[Plane, NDArray[np.bool_]]:
    """What a difference counts for, by what is drawn around it; and where something is."""
    contrast = channels.contrast(one, other, _AROUND)
    if light is None:
        return levels / (1 + _EXCUSED * cv2.log(1 + contrast)), contrast > LEAST_CONTRAST
    levels = np.maximum(levels - _MOST_DRIFT, np.minimum(levels, _DRAWN * channels.contrast(one, other, _STROKE)))
    excused = _EXCUSED_COLOUR * (contrast + light)
    return levels / (1 + excused), (contrast > _LEAST_COLOUR_CONTRAST) | (light > LEAST_CONTRAST)


def noise(channel: Sequence[Differing], most: float, *, banner: bool) -> float:
    """How coarsely a channel was saved: the levels by which nearly all that is drawn differs at most."""
    everything, drawn = (
        np.concatenate(each) for each in zip(*((one.sample, one.drawn) for one in channel), strict=True)
    )
    judged_by, quantile = (everything, _BANNER_NOISE_QUANTILE) if banner else (drawn, _NOISE_QUANTILE)
    if not judged_by.size:
        return 0.0
    return min(float(np.quantile(judged_by, quantile)), max(most, _EVEN_NOISE * float(np.median(everything))))
