"""Luma, Cr and Cb of two pictures that lie over each other, a band of rows at a time, and by how much they differ."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike as Plane
from numpy.typing import NDArray

from functions.dedup.pictures import alignment, overlays
from functions.dedup.pictures.overlays import CLIPPED, TONE_AROUND, Overlay
from functions.dedup.pictures.residuals import deviation, least_of, most_of
from shared.media.images import Colour

_BESIDE, _LETTER = 3, 9  # pixels at half the size
SMOOTH = 0.7  # pixels
_MOST_TONE = 2.0  # levels by which a place may be lighter or more coloured as a whole
_RIM = 2  # pixels: what a copy has of a border or of its neighbours; no letter fits in
_BAND_ROWS = 1024
_MARGIN = 64  # rows: a line of words that begins in a band ends in it, or in these


@dataclass(frozen=True, eq=False)
class Channel:
    """One of luma, Cr and Cb in both pictures, laid over each other (height x width, levels).

    Attributes:
        darker: how many levels darker, or less coloured, the second may be where it lost them to white.
        lighter: the same where it lost them to black.
        resized: whether one of them was: then edges may lie farther beside each other.
        light: of Cr and Cb, the contrast in luma beside each pixel; None for luma itself.
        lit: the same, over a letter.
        lacking: by how many levels the first may be lighter as a whole, as a palette lacks what is drawn there.
        own: the rows that are judged; those above and below are looked at beside them.
    """

    wanted: Plane
    given: Plane
    darker: Plane
    lighter: Plane
    shown: NDArray[np.bool_]
    resized: bool
    own: slice
    light: Plane | None = None
    lit: Plane | float = 0.0
    lacking: Plane | float = 0.0


def apart(channel: Channel, one: Plane, other: Plane) -> Plane:
    """By how much both differ, without what was lost to black or white, and without a place's tone as a whole."""
    levels = but_for_clipped(channel, one, other)
    least, most = np.minimum(-_MOST_TONE, channel.lacking), np.maximum(_MOST_TONE, channel.lacking)
    levels -= np.clip(cv2.blur(levels, (TONE_AROUND, TONE_AROUND)), least, most)
    return levels


def but_for_clipped(channel: Channel, one: Plane, other: Plane) -> NDArray[np.float32]:
    """By how much both differ, without what was lost to black or white; 0 where one of them shows nothing."""
    apart = one - other
    return np.where(channel.shown, apart - np.clip(apart, -channel.lighter, channel.darker), 0).astype(np.float32)


def bands(overlay: Overlay) -> Iterator[list[Channel]]:
    """The channels of some rows at a time, with a margin of rows that are looked at, but not judged twice."""
    height, width = overlay.smaller.shape[:2]
    for top in range(0, height, _BAND_ROWS):
        bottom = min(height, top + _BAND_ROWS)
        first, last = max(0, top - _MARGIN), min(height, bottom + _MARGIN)
        own = slice(top - first, bottom - first)
        given, shown = alignment.warped(overlay.larger, overlay.placed.onto, first, last, width)
        shown &= inside_rim(height, width)[first:last]
        wanted, untoned = overlays.ycc(overlay.smaller[first:last]), overlays.ycc(given)
        toned = np.stack([tone(untoned[..., at]) for at, tone in enumerate(overlay.tones)], axis=2)
        lighter, darker = _lost(given, overlay.clipped)
        lacking = 0.0 if overlay.lacking is None else overlay.lacking[first:last]
        luma = Channel(wanted[..., 0], toned[..., 0], darker, lighter, shown, overlay.resized, own, lacking=lacking)
        yield [luma, *_colours(luma, wanted, toned)]


def of(one: Colour, other: Colour) -> list[Channel]:
    """Those of two pictures that lie on each other as they are, with all their rows."""
    wanted, given = overlays.ycc(one), overlays.ycc(other)
    nothing, inside = np.zeros(one.shape[:2], np.float32), inside_rim(*one.shape[:2])
    luma = Channel(wanted[..., 0], given[..., 0], nothing, nothing, inside, resized=False, own=slice(0, len(one)))
    return [luma, *_colours(luma, wanted, given)]


def inside_rim(height: int, width: int) -> NDArray[np.bool_]:
    """All but the outermost pixels of a picture (height x width)."""
    inside = np.zeros((height, width), bool)
    inside[_RIM : height - _RIM, _RIM : width - _RIM] = True
    return inside


def _lost(given: Colour, clipped: tuple[float, float]) -> tuple[Plane, Plane]:
    """What a picture that is black or white in a colour may have lost there: to black, and to white."""
    low, high = least_of(given) <= CLIPPED, most_of(given) >= 255 - CLIPPED
    to_black, to_white = (
        cv2.GaussianBlur(place.astype(np.float32), (0, 0), SMOOTH) * most
        for place, most in zip((low, high), clipped, strict=True)
    )
    return to_black, to_white


def _colours(luma: Channel, wanted: Plane, given: Plane) -> Iterator[Channel]:
    """Cr and Cb at half the size, at which most encoders keep them: at full size they bleed over every edge."""
    height, width = luma.shown.shape
    size = (width + 1) // 2, (height + 1) // 2
    halves = [cv2.resize(each[..., 1:], size, interpolation=cv2.INTER_AREA) for each in (wanted, given)]
    seen = cv2.resize(luma.shown.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    lost = cv2.resize(np.maximum(luma.darker, luma.lighter), size, interpolation=cv2.INTER_AREA)
    one, other = (cv2.resize(each[..., 0], size, interpolation=cv2.INTER_AREA) for each in (wanted, given))
    light, lit = (contrast(one, other, around) for around in (_BESIDE, _LETTER))
    own = slice(luma.own.start // 2, (luma.own.stop + 1) // 2)
    for at in range(2):
        yield Channel(halves[0][..., at], halves[1][..., at], lost, lost, seen, luma.resized, own, light, lit)


def contrast(one: Plane, other: Plane, around: int) -> Plane:
    """The standard deviation around each pixel, of that picture that has more."""
    return np.maximum(deviation(one, around), deviation(other, around))
