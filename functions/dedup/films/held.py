"""When two films both show what stands: an encoder refines that, so that several frames together tell faint words.

A film keeps but the first frame of what stands, in which least is drawn as it was meant, after a fade above all. Half a
second later as little is lost as ever will be.
"""

from collections.abc import Iterator
from itertools import pairwise

import cv2
import numpy as np
from cv2.typing import MatLike as Picture

from functions.dedup.films.pairs import MOMENTS_PER_SECOND, Pair
from shared.media.films import Film

LOOKS = 4
"""Frames of each that are looked at, a twelfth of a second apart: the last ones but for one."""

_SHORTEST = MOMENTS_PER_SECOND // 2 + 1  # moments, so at least half a second
_STILL = 8  # levels, of 5 x 5 pixels: what is refined by more is not yet looked at

Times = list[tuple[float, float]]


def seconds(pair: Pair) -> list[Times]:
    """Of each stretch in which both stand, `LOOKS` seconds of the one and of the other, at which they show the same.

    Only of videos: formats that keep each frame by itself refine none, and of encoders that are known to mix frames a
    card is not told by what little differs.
    """
    films = pair.one, pair.other
    if any(film.frames_alone or film.mixes_frames for film in films):
        return []
    if pair.by_cards:
        return [*_of_cards(*films)]
    both = [(float(moment), float(moment) - pair.shift_s) for moment in pair.moments()]
    filmed = [each for each in both if each[0] <= pair.one.until_s and 0 <= each[1] <= pair.other.until_s]
    ends = pairwise([*_begins(films, filmed), len(filmed)])
    return [filmed[stop - 1 - LOOKS : stop - 1] for start, stop in ends if stop - start >= _SHORTEST]


def _of_cards(one: Film, other: Film) -> Iterator[Times]:
    """The same of films whose cards are each other's, whenever either shows them."""
    before = -np.arange(LOOKS + 1, 1, -1) / MOMENTS_PER_SECOND
    for *begins, held_s, other_held_s in zip(one.seconds, other.seconds, one.held_s(), other.held_s(), strict=True):
        if min(held_s, other_held_s) >= _SHORTEST / MOMENTS_PER_SECOND:
            ends = begins[0] + held_s + before, begins[1] + other_held_s + before
            yield [*zip(*(each.tolist() for each in ends), strict=True)]


def _begins(films: tuple[Film, Film], times: Times) -> Iterator[int]:
    """Where either shows something else than since the last of these."""
    least: list[Picture] = []
    most: list[Picture] = []
    for at, each in enumerate(times):
        shown = [cv2.blur(film.luma[film.frame_at(second)], (5, 5)) for film, second in zip(films, each, strict=True)]
        least, most = list(map(cv2.min, least or shown, shown)), list(map(cv2.max, most or shown, shown))
        if not at or max(float(cv2.subtract(*ends).max()) for ends in zip(most, least, strict=True)) > _STILL:
            least = most = shown
            yield at
