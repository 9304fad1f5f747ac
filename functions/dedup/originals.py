"""Do two pictures show the same to a person who looks at them at their full size?

A thumbnail cannot tell: small or pale words are lost in it, and so are words told from their ground by colour alone.
So what would become a duplicate is compared here as it was uploaded: at the full size that both have, in colour, over
the whole picture, a band of rows at a time.

What differs is judged against its own surroundings. An encoder leaves much beside a strong edge and next to nothing on
a plain ground; so a difference counts by how far it exceeds what the contrast around it would excuse. And it is judged
against the pair: how much of everything that is drawn differs a little tells how coarsely one of them was saved.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike as Plane
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from functions.dedup import alignment
from functions.dedup.alignment import Placed
from functions.dedup.residuals import gradient, smooth
from shared.media import borders, images
from shared.media.images import Colour
from shared.media.sandbox import Source

MOST_PIXELS = 16 * 10**6
"""Of a picture that is compared; a larger one is reduced: no screen shows more."""

MOST_ALLOWED = 10.0
"""Levels that even the coarsest copy may differ by: sharpened ones reach 9.3, digits of 40 grey levels start at 7.5."""

_FINE, _COARSE = (1.5, 20.0), (4.8, 4.5)  # allowed without any noise, and for each level of it: the lesser of both
_EXCUSED = 0.1  # of the contrast around, per level of difference: what an encoder leaves beside an edge
_PLAIN = 3.0  # levels: on a plain ground a difference counts as what it is
_EDGE_TOLERANCE = 0.4  # pixels: as far as two pictures may lie beside each other
_AROUND = 17  # pixels: two blocks of an encoder
_TONE_AROUND = 33  # pixels
_MOST_TONE = 8.0  # levels by which a place may be lighter or more coloured as a whole
_BUSY = 5.0  # levels: standard deviation of what is drawn, as opposed to plain
_NOISE_QUANTILE = 0.9
_RIM = 2  # pixels: what a copy has of a border or of its neighbours; no letter fits in
_BAND_ROWS = 1024
_MARGIN = 32
_SAMPLED = 7
_TONE_STEP = 3  # rows: enough to fit tones to
_CLIPPED = 5  # levels from black or white


class Verdict(BaseModel):
    """What two originals say.

    Attributes:
        same: they show the same.
        score: the worst difference, in levels as on a plain ground.
        difference: the mean square of all differences, to tell which of several is nearest.
    """

    model_config = ConfigDict(frozen=True)

    same: bool
    score: float
    difference: float


@dataclass(frozen=True, eq=False)
class _Channel:
    """One of luma, Cr and Cb in both pictures, laid over each other (height x width, levels).

    Attributes:
        lost: how much of a place's levels one of them lost to black or to white, as far as their tones explain it.
    """

    wanted: Plane
    given: Plane
    lost: Plane
    shown: NDArray[np.bool_]


Tone = Callable[[Plane], Plane]


def compare_files(source: Source, *, first_bytes: int, content_types: Sequence[str], max_pixels: int) -> bytes:
    """A `Verdict` as JSON, of two files that `source` holds one after the other.

    Raises:
        Rejected: when one of them cannot be decoded.
    """
    ranges = (0, first_bytes), (first_bytes, source.size - first_bytes)
    one, other = (
        images.colour(source.read_range(*each), content_type, max_pixels=max_pixels, most=MOST_PIXELS)
        for each, content_type in zip(ranges, content_types, strict=True)
    )
    return compare(one, other).model_dump_json().encode()


def compare(one: Colour, other: Colour) -> Verdict:
    """Compares two pictures whose proportions differ by at most a few percent, whichever comes first."""
    smaller, larger = sorted((one, other), key=lambda each: (each.shape[0] * each.shape[1], each.shape, each.tobytes()))
    if smaller.shape == larger.shape and np.array_equal(smaller, larger):
        return Verdict(same=True, score=0.0, difference=0.0)
    overlays = [_laid_over(*pair) for pair in ((smaller, larger), _inner(smaller, larger))]
    return _judge(min(overlays, key=lambda overlay: overlay.placed.apart))


@dataclass(frozen=True, eq=False)
class _Overlay:
    """Two pictures of one size, laid over each other.

    Attributes:
        tones: of each channel, what brings the second to the first.
        clipped: levels that the second lost to black, and to white, at most.
    """

    smaller: Colour
    larger: Colour
    placed: Placed
    tones: Sequence[Tone]
    clipped: tuple[float, float]


def _inner(one: Colour, other: Colour) -> tuple[Colour, Colour]:
    """Both without their even borders, the smaller first."""
    inner = [borders.inside_colour(each) for each in (one, other)]
    smaller, larger = sorted(inner, key=lambda each: each.shape[0] * each.shape[1])
    return smaller, larger


def _laid_over(smaller: Colour, larger: Colour) -> _Overlay:
    height, width = smaller.shape[:2]
    larger = alignment.resized(larger, width, height)
    placed = alignment.best(smaller, larger)
    wanted, given = (_ycc(each) for each in placed.small)
    tones = [_tone(wanted[::_TONE_STEP, :, at], given[::_TONE_STEP, :, at]) for at in range(3)]
    return _Overlay(smaller, larger, placed, tones, _clipped(*placed.small))


def _ycc(picture: Colour) -> Plane:
    return cv2.cvtColor(picture, cv2.COLOR_RGB2YCrCb).astype(np.float32)


def _tone(wanted: Plane, given: Plane) -> Tone:
    """What brings the levels of one picture to those of the other: the gain and offset that fit most of its levels."""
    gain, offset = alignment.tone(wanted.ravel(), given.ravel())
    return lambda levels: np.clip(gain * levels + offset, 0, 255).astype(np.float32)


def _clipped(wanted: Colour, given: Colour) -> tuple[float, float]:
    """Levels lost to black and to white: what red, green and blue were brought to is not what they are at the ends."""
    fits = [
        alignment.tone(*(each[::_TONE_STEP, :, at].ravel().astype(np.float32) for each in (wanted, given)))
        for at in range(3)
    ]
    black = max(abs(offset) for _, offset in fits)
    return black, max(abs(255 - 255 * gain - offset) for gain, offset in fits)


def _judge(overlay: _Overlay) -> Verdict:
    """Each channel has a noise of its own: most encoders spend little on colour."""
    excess: list[list[float]] = [[], [], []]
    noise: list[list[Plane]] = [[], [], []]
    squares = []
    for band in _bands(overlay):
        for at, channel in enumerate(band):
            found, busy, square = _excess(channel)
            excess[at].append(float(found.max(initial=0.0)))
            noise[at].append(found[busy][::_SAMPLED])
            squares.append(square)
    worst = [max(each) for each in excess]
    allowed = [_allowed(np.concatenate(each)) for each in noise]
    return Verdict(
        same=all(most <= limit for most, limit in zip(worst, allowed, strict=True)),
        score=max(worst),
        difference=float(np.mean(squares)),
    )


def _allowed(noise: Plane) -> float:
    """The most levels that a copy saved as coarsely as this one differs by anywhere."""
    level = float(np.quantile(noise, _NOISE_QUANTILE)) if noise.size else 0.0
    return min(MOST_ALLOWED, *(base + slope * level for base, slope in (_FINE, _COARSE)))


def _bands(overlay: _Overlay) -> Iterator[list[_Channel]]:
    """The channels of some rows at a time, with a margin of rows that are looked at, but not judged twice."""
    height, width = overlay.smaller.shape[:2]
    for top in range(0, height, _BAND_ROWS):
        first, last = max(0, top - _MARGIN), min(height, top + _BAND_ROWS + _MARGIN)
        given, shown = alignment.warped(overlay.larger, overlay.placed.onto, first, last, width)
        shown &= _inside_rim(height, width)[first:last]
        wanted, untoned = _ycc(overlay.smaller[first:last]), _ycc(given)
        lost = _lost(overlay.smaller[first:last], given, overlay.clipped)
        toned = np.stack([tone(untoned[..., at]) for at, tone in enumerate(overlay.tones)], axis=2)
        yield [_Channel(wanted[..., 0], toned[..., 0], lost, shown), *_colours(wanted, toned, lost, shown)]


def _inside_rim(height: int, width: int) -> NDArray[np.bool_]:
    inside = np.zeros((height, width), bool)
    inside[_RIM : height - _RIM, _RIM : width - _RIM] = True
    return inside


def _lost(one: Colour, other: Colour, clipped: tuple[float, float]) -> Plane:
    """Where either picture is black or white in a colour, and what is near it, what it may have lost there."""
    near = np.ones((5, 5), np.uint8)  # as far as the smoothing carries it
    low, high = np.minimum(one, other).min(axis=2), np.maximum(one, other).max(axis=2)
    dark, light = (cv2.dilate(place.astype(np.uint8), near) for place in (low <= _CLIPPED, high >= 255 - _CLIPPED))
    lost: Plane = (dark * clipped[0] + light * clipped[1]).astype(np.float32)
    return lost


def _colours(wanted: Plane, given: Plane, lost: Plane, shown: NDArray[np.bool_]) -> Iterator[_Channel]:
    """Cr and Cb at half the size, at which most encoders keep them: at full size they bleed over every edge."""
    height, width = shown.shape
    size = (width + 1) // 2, (height + 1) // 2
    halves = [cv2.resize(each[..., 1:], size, interpolation=cv2.INTER_AREA) for each in (wanted, given)]
    seen = cv2.resize(shown.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    lost = cv2.resize(lost, size, interpolation=cv2.INTER_AREA)
    return (_Channel(halves[0][..., at], halves[1][..., at], lost, seen) for at in range(2))


def _excess(channel: _Channel) -> tuple[Plane, NDArray[np.bool_], float]:
    """By how many levels each place differs, as on a plain ground; where something is drawn; the mean square of all."""
    one, other = (smooth(each) for each in (channel.wanted, channel.given))
    apart = np.where(channel.shown, one - other, 0).astype(np.float32)
    apart -= np.clip(cv2.blur(apart, (_TONE_AROUND, _TONE_AROUND)), -_MOST_TONE, _MOST_TONE)
    tolerated = _EDGE_TOLERANCE * np.minimum(gradient(one), gradient(other))
    beyond = np.where(channel.shown, np.maximum(0.0, np.abs(apart) - tolerated - channel.lost), 0).astype(np.float32)
    contrast = np.maximum(_contrast(one), _contrast(other))
    excess = cv2.blur(beyond, (3, 3)) * (_PLAIN / (_PLAIN + _EXCUSED * contrast))
    return excess, contrast > _BUSY, float(np.mean(apart * apart))


def _contrast(plane: Plane) -> Plane:
    """The standard deviation around each pixel."""
    mean, square = (cv2.blur(each, (_AROUND, _AROUND)) for each in (plane, plane * plane))
    return np.sqrt(np.maximum(0.0, square - mean * mean))
