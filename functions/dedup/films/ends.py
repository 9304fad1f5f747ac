"""What a film shows beyond the ends of another one: the scene that was cut off, or something of its own.

A second may be trimmed off a scene, an end card may not. The way out of the other film is looked at in tiny frames, a
twelfth of a second apart.
"""

import math

import numpy as np
from numpy.typing import NDArray

from functions.dedup.films.pairs import FLAT, MOMENTS_PER_SECOND, PART_LEVELS, Tiny, distances

_READ = MOMENTS_PER_SECOND // 2  # moments: what is shown for less than half a second can hardly be read
_CUT_LEVELS, _SURE_CUT_LEVELS = 24.0, 48.0  # root mean square; the fastest that a camera was swung makes 40
_SUDDEN = 2.5  # times what moves before, or after
_FADING = 0.9  # correlation
_STILL_LEVELS = 3.0


def leads_on(way: Tiny, other: Tiny) -> bool:
    """Whether a way out of a film shows the scene that it begins in, and nothing else for as long as one can read.

    Args:
        way: moments x pixels, from the last one that both films show outwards.
        other: the frames of the film that is left.
    """
    if len(way) < _READ:
        return True
    return not _read_behind_a_cut(way) and not _shows_card(way, other)


def _read_behind_a_cut(way: Tiny) -> bool:
    found = _cuts(_but_for_fades(way))
    return bool(found.size) and int(np.count_nonzero(~_flat(way[found[0] + 1 :]))) >= _READ


def _cuts(steps: NDArray[np.float32]) -> NDArray[np.int64]:
    """Where another scene begins: most of a picture changes at once, by far more than what moves before or after."""
    around = np.pad(steps, 2, constant_values=np.inf)  # of what lies beyond the ends nothing is known
    before, after = np.maximum(around[:-4], around[1:-3]), np.maximum(around[3:-1], around[4:])
    sudden = (steps > _SUDDEN * np.minimum(before, after)) | (steps > _SURE_CUT_LEVELS)
    return np.flatnonzero((steps > _CUT_LEVELS) & sudden)


def _shows_card(way: Tiny, other: Tiny) -> bool:
    """Whether a picture that `other` never shows stands still: one may fade into it without a cut."""
    moving = np.flatnonzero(np.concatenate(([True], _steps(way) > _STILL_LEVELS, [True])))
    starts = moving[:-1][np.diff(moving) >= _READ]
    cards = way[starts][~_flat(way[starts])]
    return bool(cards.size) and float(distances(cards, other).min(axis=1).max()) > PART_LEVELS


def _flat(tiny: Tiny) -> NDArray[np.bool_]:
    """Which of these frames show one colour and nothing on it."""
    found: NDArray[np.bool_] = tiny.std(axis=1) < FLAT / 2
    return found


def _steps(way: Tiny) -> NDArray[np.float32]:
    """By how many levels each frame differs from the one before: the root mean square."""
    found: NDArray[np.float32] = np.sqrt(np.square(np.diff(way, axis=0)).mean(axis=1))
    return found


def _but_for_fades(way: Tiny) -> NDArray[np.float32]:
    """The steps; those where nothing changes but how bright it is without that."""
    plain = way - way.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(plain, axis=1)
    likeness = (plain[:-1] * plain[1:]).sum(axis=1) / np.maximum(lengths[:-1] * lengths[1:], 1)
    unlike = np.maximum(lengths[:-1], lengths[1:]) * np.sqrt(np.clip(1 - np.square(likeness), 0, 1))
    faded = np.where(likeness > _FADING, unlike / math.sqrt(way.shape[1]), np.inf)
    found: NDArray[np.float32] = np.minimum(_steps(way), faded)
    return found
