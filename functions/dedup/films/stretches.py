"""What one moving creative shows of another: a cut-down a stretch, a faster version all of it, one with bars the same.

Such are versions of one spot, never copies. They are told from strangers by what they show moment by moment, laid over
each other: a version agrees for most of its length, in stretches of some seconds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from cv2.typing import MatLike as Picture
from numpy.typing import NDArray

from functions.dedup.films.pairs import (
    FLAT,
    MOMENTS_PER_SECOND,
    Pair,
    laid,
    laid_over,
    of_one_shape,
    resized,
    shifts_of_parts,
)
from functions.dedup.pictures.residuals import smooth
from functions.dedup.pictures.verification import Stretch
from shared.media import bars
from shared.media.films import Film

LEAST_ALIKE = 0.9
"""Correlation of two moments: clips at crf 34 have .97 and more, two scenes of one spot mostly below .5."""

LEAST_SHARE = 0.5
"""Of the shorter one, that lies in the other: the rest may be a card of its own."""

LEAST_S = 1.5

MOVED_ALIKE = 0.5
"""Correlation of what moves, all through a stretch: real clips at crf 34 have .96 and more, one that hardly moves .74;
two minutes that one fixed camera saw of a street at most .30, though their moments agree by .9."""

_FASTER = 1.04, 1.6
_LOOK_EVERY = 3  # moments: four looks a second
_SLACK_S = 4 * _LOOK_EVERY / MOMENTS_PER_SECOND  # by which all of one may miss its ends
_TOLD = 0.4  # of a stretch, in which there is something to tell it by
_BROKEN = 2  # looks in a row that may fail: a flash, a price of its own
_STILL = 1.5  # grey levels, root mean square over all of a stretch: where less moves, nothing does
_MOVING = (48, 48)  # pixels: what moves is larger than an encoder's errors


@dataclass(frozen=True)
class Common:
    """What two films have in common, in the seconds of either.

    Attributes:
        one, other: of scenes picked out, the longest.
        whole: whether all that one of them shows is in it.
        apart: by how much they differ where they agree best: the mean over time of tiny frames' levels.
    """

    one: Stretch
    other: Stretch
    whole: bool
    apart: float


def found(one: Film, other: Film) -> Common | None:
    """What two films have in common; None where that is too little to call them versions of one spot."""
    best: Common | None = None
    for first, second in _insides(one, other):
        pairs = [(Pair.of(first, _faster(second, speed)), speed) for speed in _speeds(one, other)]
        for pair, speed in sorted(pairs, key=lambda each: each[0].apart):  # what moves slowly nearly fits at any speed
            common = _at_speed(pair, speed)
            if common and common.whole:
                return common
            if speed == 1:
                best = best or common
    return best


def _at_speed(pair: Pair, speed: float) -> Common | None:
    common = None if pair.strangers else _common(pair) or _common(laid_over(pair))
    if common is None and speed == 1:
        common = _picked_out(pair)
    if common is None:
        return None
    at_s, until_s = common.other
    return replace(common, other=(round(at_s * speed, 2), round(until_s * speed, 2)))


def _picked_out(pair: Pair) -> Common | None:
    """The longest of several stretches, where one film is made of scenes of the other."""
    shifted = (replace(pair, shift_s=shift_s) for shift_s in shifts_of_parts(pair, LEAST_S))
    parts = [part for each in shifted if (part := _stretch(each))]
    shorter = "one" if pair.one.duration_s <= pair.other.duration_s else "other"
    covered = _covered([getattr(part, shorter) for part in parts])
    shortest = min(pair.one.duration_s, pair.other.duration_s)
    if covered < LEAST_SHARE * shortest:
        return None
    return replace(max(parts, key=lambda part: part.one[1] - part.one[0]), whole=covered >= shortest - _SLACK_S)


def _covered(stretches: Sequence[Stretch]) -> float:
    """The seconds that stretches cover, however they overlap."""
    covered, end = 0.0, 0.0
    for start, stop in sorted(stretches):
        covered += max(0.0, stop - max(start, end))
        end = max(end, stop)
    return covered


def inside(film: Film) -> Film:
    """The film without the bars around its picture; as it is where it has none."""
    rows, columns = bars.box(film.luma)
    if not bars.found((rows, columns), film.luma.shape[1:]):
        return film
    rows, columns = (slice(-(-part.start // 2), part.stop // 2) for part in (rows, columns))
    luma = film.luma[:, 2 * rows.start : 2 * rows.stop, 2 * columns.start : 2 * columns.stop]
    return replace(film, luma=luma, chroma=film.chroma[:, :, rows, columns])


def _insides(one: Film, other: Film) -> Iterator[tuple[Film, Film]]:
    """The films, and their pictures inside bars, where their proportions agree."""
    pairs = [(one, other)]
    if (inner := (inside(one), inside(other))) != (one, other):
        pairs.append(inner)
    yield from (each for each in pairs if of_one_shape(*each))


def _speeds(one: Film, other: Film) -> Iterator[float]:
    """By how much `other`'s seconds may have to be divided, to be those of `one`."""
    yield 1.0
    ratio = other.duration_s / one.duration_s
    if _FASTER[0] <= max(ratio, 1 / ratio) <= _FASTER[1]:
        yield ratio


def _faster(film: Film, speed: float) -> Film:
    if speed == 1:
        return film
    return replace(film, seconds=film.seconds / speed, duration_s=film.duration_s / speed, until_s=film.until_s / speed)


def _common(pair: Pair | None) -> Common | None:
    """The longest stretch in which both agree, if it is most of the shorter one."""
    common = None if pair is None else _stretch(pair)
    if pair is None or common is None:
        return None
    shortest = min(pair.one.duration_s, pair.other.duration_s)
    lasts = common.one[1] - common.one[0]
    return replace(common, whole=lasts >= shortest - _SLACK_S) if lasts >= LEAST_SHARE * shortest else None


def _stretch(pair: Pair) -> Common | None:
    """The longest stretch in which both agree, if it is long enough to tell it by."""
    times = pair.moments()[::_LOOK_EVERY]
    alike, told = _alike(pair, times)
    first, last = _longest(alike)
    if last <= first or told[first:last].mean() < _TOLD:
        return None
    start = max(float(times[first]), pair.shift_s)
    stop = min(float(times[last - 1]) + _LOOK_EVERY / MOMENTS_PER_SECOND, pair.other.duration_s + pair.shift_s)
    if stop - start < LEAST_S or not _move_alike(pair, times[first:last]):
        return None
    ends = [
        (_rounded(start - moved, film), _rounded(stop - moved, film))
        for film, moved in ((pair.one, 0.0), (pair.other, pair.shift_s))
    ]
    return Common(ends[0], ends[1], whole=False, apart=pair.apart)


def _rounded(seconds: float, film: Film) -> float:
    return round(min(max(0.0, seconds), film.duration_s), 2)


def _alike(pair: Pair, times: NDArray[np.float64]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Of each moment, whether both show the same, and whether there is anything to tell it by."""
    alike, told = np.zeros(times.size, bool), np.zeros(times.size, bool)
    for number, moment in enumerate(times):
        frame = int(pair.one.shown_at(moment))
        here = smooth(resized(pair.one.luma[frame], pair.shape))
        there = smooth(laid(pair.other.luma[pair.equal(frame, float(moment))], pair, pair.shape))
        detail = float(here.std()), float(there.std())
        told[number] = min(detail) >= FLAT
        alike[number] = _correlation(here, there) >= LEAST_ALIKE if told[number] else max(detail) < FLAT
    return alike, told


def _move_alike(pair: Pair, times: NDArray[np.float64]) -> bool:
    """Whether the same moves in both, or nothing in either: two takes of a fixed camera share all that stands still."""
    frames = pair.one.shown_at(times)
    equals = [pair.equal(int(frame), float(moment)) for frame, moment in zip(frames, times, strict=True)]
    here = _moving(resized(pair.one.luma[frame], pair.shape) for frame in frames)
    there = _moving(laid(pair.other.luma[equal], pair, pair.shape) for equal in equals)
    energy = float(np.square(here).mean()), float(np.square(there).mean())
    if max(energy) <= _STILL**2:
        return True
    return float((here * there).mean()) >= MOVED_ALIKE * float(np.sqrt(energy[0] * energy[1]))


def _moving(shown: Iterator[Picture]) -> NDArray[np.float32]:
    """What each of these pictures has other than what they mostly have in common, small."""
    small = np.stack([cv2.resize(picture, _MOVING, interpolation=cv2.INTER_AREA) for picture in shown])
    moving: NDArray[np.float32] = small - np.median(small, axis=0)
    return moving


def _correlation(here: Picture, there: Picture) -> float:
    return float(cv2.matchTemplate(here, there, cv2.TM_CCOEFF_NORMED)[0, 0])


def _longest(alike: NDArray[np.bool_]) -> tuple[int, int]:
    """The first and the last of the longest run, which a few in between may break."""
    at = np.flatnonzero(alike)
    runs = np.split(at, np.flatnonzero(np.diff(at) > _BROKEN + 1) + 1)
    longest = max(runs, key=lambda run: int(run[-1] - run[0]) if run.size else -1)
    return (int(longest[0]), int(longest[-1]) + 1) if longest.size else (0, 0)
