"""The gate: which pairs are near enough, by hash, proportions and length, to be worth comparing pixel by pixel.

Here it is for two creatives; memory/shelf.py looks through all that are known for those that may pass it.
"""

import math
from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.dedup.known import FRAMES_A_SECOND, Hashes, Known

type Numbers = NDArray[Any] | float

IMAGE_RADIUS = 10
"""Bits: lets 98.6 % of true copies through (3,000 drawn pairs)."""

ASPECT_TOLERANCE = 0.05
"""Largest |ln(aspect A / aspect B)| of copies."""

REFRAMED_TOLERANCE = 0.1
"""The same of stills that may be versions of one design, never copies: bars of 5 % on two sides make .095 of it.

Of 128 ads within bars of 3 and 5 % (one, two, four sides; white, black, a brand's colour, blurred) 127 have a hash that
is near. Of wider bars half have none: the hash is taken inside a border of 5 % at most (shared/media/borders.py). So
what is inside wide and even ones has a hash of its own (shared/media/bars.py).
"""

VIDEO_RADIUS = 5.0
"""Bits, mean over the frames that two videos share at the best offset."""

ANCHORS = 4
"""Frames of a video that are looked for, anywhere in the others, before whole sequences are compared."""

ANCHOR_RADIUS = 8.0
"""Bits, mean over the anchors: wider than VIDEO_RADIUS, since four frames say less than all of them."""

RELATED_RADIUS = 9.0
"""Bits, mean over the frames of a part, or of one that is played faster; strangers have 20 and more."""

LEAST_PART_S = 2.0
"""Seconds of what is looked for in something longer: less has too few frames to be found by."""

GLANCED_RADIUS = 5.0
"""Bits, mean over the key frames that a part shows of something longer that was only glanced at.

Of 252 cut-downs, of six spots glanced at in six ways, 242 have 4.0 at most; the others, of six seconds, show one of
nine or ten key frames. Of 60,000 drawn pairs of strangers, five scenes beside ten, five in a thousand have 5.0 or less.
"""

SURE_SHARE = 0.7
"""Of the key frames that a part should show by its length: it may lie between them, or have a card of its own."""

FEWEST_SHOWN = 2
HASH_BITS, FLAT_BITS = 64, 8
"""A hash with fewer bits that are set, or that are not, says little: every fade from black has it."""

DURATION_TOLERANCE_S = 2.5
MOST_NEAR = 4_000
"""Creatives that a lookup gives for one at most, the nearest by hash. Versions of one template have all but one hash:
which of them is nearest only their thumbnails tell (see pictures/sketches.py)."""

MOST_COMPARED = 8
"""Canonicals, and as many duplicates, compared with one creative: the nearest of those that passed the gate.

Versions of one template look alike to the end: each costs a comparison at full size, so a quarter of a second. With
eight, 37 of 40 copies were found among 3,000 versions, and all among 800: `python -m benchmarks.duplicates.families`.
"""

GRID_S = 60.0
"""Of this much, at most, what is looked at whole has its hashes."""

MOST_REFRAMED = 4
"""Those of other proportions compared with a still at most: one is enough to know its family by."""

MOST_RELATED = 12
"""Those compared at most with one that moves, of which it may be a part, or which may be a part of it."""


def distance(one: Known, other: Known) -> float | None:
    """Bits that differ (the mean over a video, or its part); None when the pair does not pass the gate."""
    if one.moves is not other.moves or one.hash_version != other.hash_version:
        return None
    if one.shows_pixels_of(other):
        return 0.0
    if not one.frames.size or not other.frames.size:
        return None
    if one.moves:
        return _video_distance(one, other) if _unlikeness(one.aspect, other.aspect) <= ASPECT_TOLERANCE else None
    return _still_distance(one, other)


def _still_distance(one: Known, other: Known) -> float | None:
    """The fewest bits by which two stills differ, each as a whole or inside its bars."""
    bits = [
        int(np.bitwise_count(first ^ second))
        for (first, aspect), (second, other_aspect) in product(one.shown, other.shown)
        if _unlikeness(aspect, other_aspect) <= REFRAMED_TOLERANCE
    ]
    return min((each for each in bits if each <= IMAGE_RADIUS), default=None)


def tolerance(own: Known) -> float:
    """By how much the proportions of others may differ at most from those of one that they are near to."""
    return ASPECT_TOLERANCE if own.moves else REFRAMED_TOLERANCE


def of_one_shape(aspect: float, other: float) -> bool:
    """Whether two proportions, width divided by height, are nearly the same, as copies' are."""
    return _unlikeness(aspect, other) <= ASPECT_TOLERANCE


def _unlikeness(aspect: float, other: float) -> float:
    return abs(math.log(aspect / other))


def as_long(one: Known, other: Known) -> bool:
    """Whether two that move last about as long: one may be the other's copy, not only its part."""
    return abs((one.duration_s or 0) - (other.duration_s or 0)) <= DURATION_TOLERANCE_S


def nearest_moving(own: Known, others: Sequence[Known]) -> list[Known]:
    """Those to be compared with one that moves: all that last as long, and of the others the nearest."""
    copies = [other for other in others if as_long(own, other)]
    parts = [
        (bits, other.creative_id, other)
        for other in others
        if not as_long(own, other) and (bits := distance(own, other)) is not None
    ]
    return [*copies, *(other for _, _, other in sorted(parts, key=lambda part: part[:2])[:MOST_RELATED])]


def best_offset(one: Hashes, other: Hashes) -> tuple[int, float]:
    """The shift of `other` against `one`, in frames, at which they agree best, and the mean bits that differ there.

    A shift of s pairs one[i + s] with other[i]. Only shifts at which all of the shorter one is paired, save for as
    much as trims may cut off, are tried.
    """
    slack = round(DURATION_TOLERANCE_S * FRAMES_A_SECOND)
    shortest = min(one.size, other.size)
    needed = max(1, shortest - min(slack, shortest // 2))
    tried = [(shift, _mean_bits(one, other, shift)) for shift in range(needed - other.size, one.size - needed + 1)]
    return min(tried, key=lambda shift_and_bits: (shift_and_bits[1], abs(shift_and_bits[0])))


def anchors(frames: Hashes) -> Hashes:
    """Four frames spread over a video, away from its ends, which trims may cut off."""
    positions = ((np.arange(ANCHORS) + 0.5) / ANCHORS * frames.size).astype(int)
    chosen: Hashes = frames[positions]
    return chosen


def _video_distance(one: Known, other: Known) -> float | None:
    if as_long(one, other):
        _, bits = best_offset(one.frames, other.frames)
        if bits <= VIDEO_RADIUS:
            return bits
    part, whole = sorted((one, other), key=lambda known: known.duration_s or 0.0)
    if is_part_of_glanced(part.duration_s or 0.0, whole.frames.size, whole.duration_s or 0.0):
        bits = glanced_bits(part, whole)
        return bits if bits <= GLANCED_RADIUS else None
    bits = _related_bits(*sorted((one, other), key=lambda known: (known.frames.size, known.creative_id)))
    return bits if bits <= RELATED_RADIUS else None


def is_part_of_glanced(part_s: Numbers, n_frames: Numbers, whole_s: Numbers) -> Numbers:
    """Whether something may be a part, not a copy, of what was only glanced at; of numbers, or arrays of them.

    Of such a file there are a few key frames: what is looked at whole has four a second.
    """
    sparse = 2 * n_frames <= FRAMES_A_SECOND * np.minimum(whole_s, GRID_S)
    return sparse & (whole_s - part_s > DURATION_TOLERANCE_S)


def glanced_bits(part: Known, whole: Known) -> float:
    """The mean bits by which the key frames that a part shows, the best of the whole's, differ from its nearest."""
    key_frames = telling(whole.frames)
    if part.frames.size < LEAST_PART_S * FRAMES_A_SECOND or key_frames.size < FEWEST_SHOWN:
        return math.inf
    count = int(shown(key_frames.size, part.duration_s or 0.0, whole.duration_s or 0.0))
    nearest = np.bitwise_count(key_frames[:, None] ^ part.frames[None, :]).min(axis=1)
    return float(np.sort(nearest)[:count].mean())


def shown(n_frames: int, part_s: Numbers, whole_s: float) -> Numbers:
    """How many of the key frames of something a part surely shows; of one part, or of an array of them."""
    return np.maximum(FEWEST_SHOWN, np.floor(SURE_SHARE * n_frames * part_s / whole_s))


def telling(frames: Hashes) -> Hashes:
    """The hashes of frames in which there is something to be seen."""
    bits = np.bitwise_count(frames)
    found: Hashes = frames[(bits >= FLAT_BITS) & (bits <= HASH_BITS - FLAT_BITS)]
    return found


def _related_bits(shorter: Known, longer: Known) -> float:
    """The mean bits that a part's frames differ by from their nearest in the whole, wherever those stand in it.

    A cut-down shows scenes picked out of it, and a card of its own; one that is played faster shows moments that lie
    between those of the other.
    """
    if shorter.frames.size < LEAST_PART_S * FRAMES_A_SECOND or not _anchored(shorter.frames, longer.frames):
        return math.inf
    return _bits_anywhere(shorter.frames, longer.frames)


def _anchored(shorter: Hashes, longer: Hashes) -> bool:
    """Whether all anchors of one are found in the other: what memory/shelf.py asks of all."""
    return _bits_anywhere(anchors(shorter), longer) <= ANCHOR_RADIUS


def _bits_anywhere(some: Hashes, all_of: Hashes) -> float:
    return float(np.bitwise_count(some[:, None] ^ all_of[None, :]).min(axis=1).mean())


def _mean_bits(one: Hashes, other: Hashes, shift: int) -> float:
    start, stop = max(0, shift), min(one.size, other.size + shift)
    return float(np.bitwise_count(one[start:stop] ^ other[start - shift : stop - shift]).mean())
