"""Compares two moving creatives, videos or animations: the same pictures at the same times, and the same sound.

- Their times are matched, not assumed: one is slid along the other, where it fits best, to a thirtieth of a second.
- Each moment, a twelfth of a second apart, looks for its equal among what the other shows around that time. Conversions
  drop and repeat frames, so a moment or two may find none; what is held for longer must.
- An encoder's errors flicker, an edit stays: what differs in the same place for a quarter of a second counts most.
- What lies beyond the other's ends is only asked not to be another scene: a second may be cut off, an end card not.
- It is done both ways: what only one of them shows is seen from its side alone.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np
from cv2.typing import MatLike as Picture
from numpy.typing import NDArray

from functions.dedup import alignment
from functions.dedup.verification import UNALIGNED_SCORE, Comparison
from shared.media import sounds
from shared.media.films import Film

METHOD_VERSION = "film/1"

SAME_RESIDUAL = 16.0
"""Grey levels in one place for a quarter of a second: real clips at crf 34 make up to 18, another price
50 and more."""

SAME_MOMENT = 30.0
"""Grey levels in a single moment: encoders spend few bits on what moves fast (up to 24 at crf 34)."""

SAME_COLOUR_RESIDUAL = 12.0
"""Levels of Cb or Cr in one place for a quarter of a second: real clips make up to 8."""

LOST_SOUND = 255.0
"""The score of two that differ in nothing but their sound."""

FAMILY_SHARE = 0.5
_FAMILY_ALIKE = 0.75  # of a picture

CUT_S = 2.5
"""Seconds that two copies may begin or end apart."""

_SLIDE_RATE = 30
_MOMENTS_PER_SECOND = 12
_TOGETHER = 3  # moments: a quarter of a second
_HELD_S = 0.08  # a frame that is shown for so long is dropped by no conversion
_APART_S = 0.1
_READ_S = 0.5
_TINY = (24, 24)
_LOOKS_KEPT = 32  # more than lie within a few tenths of a second
_MOTION_TOLERANCE = 0.25
_EDGE_TOLERANCE = 0.4
_SATURATION_TOLERANCE = 0.15
_ALIKE = 10  # grey levels
_NOISE_WINDOW = 31
_NOISE_FACTOR, _MOST_NOISE = 2.0, 8.0
_ALIGNED_BY = 3  # frames, those with most in them
_CUT_LEVELS = 24.0  # root mean square between two tiny frames: at a cut most of a picture changes
_FLAT = 4.0  # grey levels: nothing to align by

Tiny = NDArray[np.float32]
Moments = NDArray[np.float64]
Shape = tuple[int, int]
"""Height and width."""


@dataclass(frozen=True, eq=False)
class _Pair:
    """Two films, and how the second lies on the first.

    Attributes:
        shift_s: what `other` shows at second t lies at second t + `shift_s` of `one`.
        tiny: every frame of each, very small, to find equals by.
        placed: the affine map from the compared pixels of `one` to those of `other`; None for the same pixels.
        tone: gain and offset that bring `other`'s luma to that of `one`.
    """

    one: Film
    other: Film
    shift_s: float
    tiny: tuple[Tiny, Tiny]
    placed: Picture | None = None
    tone: tuple[float, float] = (1.0, 0.0)

    def turned(self) -> "_Pair":
        """The same, looked at from the other film."""
        gain, offset = self.tone
        return _Pair(
            self.other,
            self.one,
            -self.shift_s,
            self.tiny[::-1],
            None if self.placed is None else cv2.invertAffineTransform(self.placed).astype(np.float32),
            (1 / gain, -offset / gain),
        )


@dataclass(frozen=True, eq=False)
class _Differing:
    """How a moment of one film differs from its equal in the other, pixel by pixel, in levels."""

    held_s: float
    luma: Picture
    chroma: Picture


def compare(one: Film, other: Film) -> Comparison:
    """Compares two films of nearly the same proportions and length; the same either way round."""
    tiny = _tiny(one), _tiny(other)
    pair = _Pair(one, other, _shift(one, other, tiny), tiny)
    found = _compare(pair)
    if not found.same and (placed := _placed(pair)) is not None:
        found = min(found, _compare(placed), key=Comparison.unlikeness)
    if found.same and not sounds.same(one.sound, other.sound, shift_s=pair.shift_s):
        return replace(found, same=False, family=True, score=LOST_SOUND)
    return found


def _compare(pair: _Pair) -> Comparison:
    seen = [*_seen(pair)], [*_seen(pair.turned())]
    scores = [_score(moments) for moments in seen if moments]
    if not scores:
        return Comparison(same=False, family=False, score=UNALIGNED_SCORE)
    same = max(scores) <= SAME_RESIDUAL and _one_scene(pair) and _one_scene(pair.turned())
    alike = [_alike(moment) for moments in seen for moment in moments[::_MOMENTS_PER_SECOND]]
    return Comparison(same=same, family=sum(alike) >= FAMILY_SHARE * len(alike), score=max(scores))


def _score(moments: Sequence[_Differing]) -> float:
    """The worst that differs, on the scale of `SAME_RESIDUAL`."""
    runs = range(max(1, len(moments) - _TOGETHER + 1))
    worst = 0.0
    for run in (moments[at : at + _TOGETHER] for at in runs):
        luma = float(np.minimum.reduce([moment.luma for moment in run]).max())
        chroma = float(np.minimum.reduce([moment.chroma for moment in run]).max())
        worst = max(worst, luma, chroma * SAME_RESIDUAL / SAME_COLOUR_RESIDUAL)
        worst = max(worst, *(_alone(run) * SAME_RESIDUAL / SAME_MOMENT,))
    return worst


def _alone(run: Sequence[_Differing]) -> float:
    """What differs in each of these moments, wherever; in one of them, where that one is held for long."""
    single = [float(moment.luma.max()) for moment in run]
    held = [level for level, moment in zip(single, run, strict=True) if moment.held_s >= _HELD_S]
    return max(min(single), *held, 0.0)


def _alike(moment: _Differing) -> bool:
    return float((moment.luma <= _ALIKE).mean()) >= _FAMILY_ALIKE


def _seen(pair: _Pair) -> Iterator[_Differing]:
    """Each moment of `one` that `other` has too, and how it differs from its equal there."""
    looker = _Looker(pair)
    held = pair.one.held_s()
    for moment in _shared_moments(pair):
        frame = int(pair.one.shown_at(moment))
        yield looker.differing(frame, _equal(pair, frame, moment), float(held[frame]))


def _shared_moments(pair: _Pair) -> Moments:
    end = min(pair.one.until_s, pair.other.until_s + pair.shift_s)
    begin = max(0.0, pair.shift_s)
    dense = (
        np.arange(math.ceil(begin * _MOMENTS_PER_SECOND), math.ceil(end * _MOMENTS_PER_SECOND)) / _MOMENTS_PER_SECOND
    )
    later = pair.one.seconds[pair.one.seconds > end]
    near = np.abs(pair.other.seconds[None, :] + pair.shift_s - later[:, None]).min(axis=1, initial=np.inf) <= _APART_S
    return np.concatenate([dense, later[near]])


def _equal(pair: _Pair, frame: int, moment: float) -> int:
    """The frame of `other` around a moment that is most like a frame of `one`."""
    around = np.array([moment - pair.shift_s - _APART_S, moment - pair.shift_s + _APART_S])
    first, last = pair.other.shown_at(around)
    distances = np.square(pair.tiny[1][first : last + 1] - pair.tiny[0][frame]).sum(axis=1)
    return int(first + np.argmin(distances))


class _Looker:
    """Looks at pairs of frames in the size of the smaller film."""

    def __init__(self, pair: _Pair) -> None:
        shape = _common_shape(pair.one, pair.other)
        self._one = _Side(pair.one, shape, None, (1.0, 0.0))
        self._other = _Side(pair.other, shape, pair.placed, pair.tone)
        self._last: tuple[tuple[int, int], _Differing] | None = None

    def differing(self, frame: int, equal: int, held_s: float) -> _Differing:
        """How a frame of the one differs from a frame of the other; the same pair comes up again and again."""
        if self._last is None or self._last[0] != (frame, equal):
            one, other = self._one.look(frame), self._other.look(equal)
            self._last = (frame, equal), _Differing(held_s, _luma_residual(one, other), _chroma_residual(one, other))
        return self._last[1]


@dataclass(frozen=True, eq=False)
class _Look:
    """A frame as it is compared, as floats.

    Attributes:
        luma: smoothed.
        slope: its gradient, in grey levels a pixel.
        motion: by how many grey levels each pixel changes within a twelfth of a second, before or after.
        chroma: Cb and Cr, smoothed, at half the size.
    """

    luma: Picture
    slope: Picture
    motion: Picture
    chroma: tuple[Picture, Picture]


class _Side:
    """The frames of one film, laid where the other has them."""

    def __init__(self, film: Film, shape: Shape, placed: Picture | None, tone: tuple[float, float]) -> None:
        self._film = film
        self._shape = shape
        self._placed = placed
        self._tone = tone
        self.look: Callable[[int], _Look] = lru_cache(_LOOKS_KEPT)(self._look)
        self._luma: Callable[[int], Picture] = lru_cache(_LOOKS_KEPT)(self._smooth_luma)

    def _look(self, frame: int) -> _Look:
        luma = self._luma(frame)
        at = self._film.seconds[frame] + np.array([-1, 1]) / _MOMENTS_PER_SECOND
        motion = np.maximum.reduce([np.abs(luma - self._luma(int(near))) for near in self._film.shown_at(at)])
        half = self._shape[0] // 2, self._shape[1] // 2
        blue, red = (_smooth(self._laid(plane, half)) for plane in self._film.chroma[frame])
        return _Look(luma, _gradient(luma), motion, (blue, red))

    def _smooth_luma(self, frame: int) -> Picture:
        gain, offset = self._tone
        toned = gain * _smooth(self._laid(self._film.luma[frame], self._shape)) + offset
        clipped: Picture = np.clip(toned, 0, 255)
        return clipped

    def _laid(self, plane: NDArray[np.uint8], shape: Shape) -> Picture:
        resized = _resized(plane, shape)
        if self._placed is None:
            return resized
        placed = self._placed.copy()
        placed[:, 2] = placed[:, 2] * (shape[0] / self._shape[0])
        how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        laid: Picture = cv2.warpAffine(resized, placed, shape[::-1], flags=how, borderMode=cv2.BORDER_REPLICATE)
        return laid


def _luma_residual(one: _Look, other: _Look) -> Picture:
    tolerated = _EDGE_TOLERANCE * np.minimum(one.slope, other.slope)
    tolerated += _MOTION_TOLERANCE * np.minimum(one.motion, other.motion)
    return _beyond_noise(cv2.blur(np.maximum(0, np.abs(one.luma - other.luma) - tolerated), (3, 3)))


def _chroma_residual(one: _Look, other: _Look) -> Picture:
    differing = [
        np.maximum(0, np.abs(plane - shown) - _SATURATION_TOLERANCE * np.abs(plane - 128))
        for plane, shown in zip(one.chroma, other.chroma, strict=True)
    ]
    return cv2.blur(np.maximum.reduce(differing), (3, 3))


def _shift(one: Film, other: Film, tiny: tuple[Tiny, Tiny]) -> float:
    """Where the films agree best: at a shift that cuts no more than `CUT_S` off an end of the shorter one."""
    times = [np.arange(max(1, math.ceil(film.until_s * _SLIDE_RATE))) / _SLIDE_RATE for film in (one, other)]
    rows = [each[film.shown_at(at)] for each, film, at in zip(tiny, (one, other), times, strict=True)]
    apart = _distances(*rows)
    shortest = min(apart.shape)
    needed = max(1, shortest - min(round(CUT_S * _SLIDE_RATE), shortest // 2))
    shifts = range(needed - apart.shape[1], apart.shape[0] - needed + 1)
    best = min(shifts, key=lambda shift: (float(np.diagonal(apart, -shift).mean()), abs(shift)))
    return best / _SLIDE_RATE


def _distances(one: Tiny, other: Tiny) -> NDArray[np.float32]:
    """The root mean square between each two tiny frames."""
    squares = np.square(one).sum(1)[:, None] + np.square(other).sum(1)[None, :] - 2 * one @ other.T
    distances: NDArray[np.float32] = np.sqrt(np.maximum(squares, 0) / one.shape[1])
    return distances


def _tiny(film: Film) -> Tiny:
    small = [cv2.resize(frame, _TINY, interpolation=cv2.INTER_AREA).reshape(-1) for frame in film.luma]
    return np.stack(small).astype(np.float32)


def _placed(pair: _Pair) -> _Pair | None:
    """The pair with its pictures laid over each other, by the frames with most in them; None where nothing fits."""
    moments = _shared_moments(pair)
    frames = np.unique(pair.one.shown_at(moments))
    detail = [float(pair.one.luma[frame].std()) for frame in frames]
    for position in np.argsort(detail)[::-1][: _ALIGNED_BY * 4 : 4]:
        frame = int(frames[position])
        if detail[position] < _FLAT:
            break
        equal = _equal(pair, frame, float(pair.one.seconds[frame]))
        shape = _common_shape(pair.one, pair.other)
        template, shown = _resized(pair.one.luma[frame], shape), _resized(pair.other.luma[equal], shape)
        placed = alignment.found(template, shown, precisely=True)
        if placed is not None:
            return replace(pair, placed=placed, tone=_tone(template, shown, placed))
    return None


def _common_shape(one: Film, other: Film) -> Shape:
    height, width = min((film.luma.shape[1:] for film in (one, other)), key=math.prod)
    return height, width


def _tone(template: Picture, shown: Picture, placed: Picture) -> tuple[float, float]:
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = template.shape[1], template.shape[0]
    laid = cv2.warpAffine(shown, placed, size, flags=how, borderMode=cv2.BORDER_REPLICATE)
    return alignment.tone(_smooth(template).reshape(-1)[::7], _smooth(laid).reshape(-1)[::7])


def _one_scene(pair: _Pair) -> bool:
    """Whether `one` shows nothing of its own beyond the ends of `other`: what comes there leads on without a cut.

    What is shown for less than half a second can hardly be read: a copy may lack it.
    """
    times = np.arange(0, pair.one.until_s, 1 / _MOMENTS_PER_SECOND)
    tiny = pair.tiny[0][pair.one.shown_at(times)]
    within = 1 / _MOMENTS_PER_SECOND + _APART_S / 2  # the last moment of both, from which the way leads out
    begin, end = pair.shift_s + within, pair.other.until_s + pair.shift_s - within
    return _unread(tiny[times <= begin][::-1]) and _unread(tiny[times >= end])


def _unread(way: Tiny) -> bool:
    """Whether what lies behind the first cut of a way that leads out of the other film is too short to be read."""
    steps = np.sqrt(np.square(np.diff(way, axis=0)).mean(axis=1)) if len(way) > 1 else np.zeros(0)
    cuts = np.flatnonzero(steps > _CUT_LEVELS)
    return not cuts.size or len(way) - 1 - int(cuts[0]) < _READ_S * _MOMENTS_PER_SECOND


def _resized(plane: NDArray[np.uint8], shape: Shape) -> Picture:
    picture = plane.astype(np.float32)
    if plane.shape == shape:
        return picture
    how = cv2.INTER_AREA if plane.shape[0] >= shape[0] and plane.shape[1] >= shape[1] else cv2.INTER_LINEAR
    return cv2.resize(picture, (shape[1], shape[0]), interpolation=how)


def _smooth(picture: Picture) -> Picture:
    return cv2.GaussianBlur(picture, (0, 0), 1.0)


def _gradient(picture: Picture) -> Picture:
    across = cv2.Sobel(picture, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(picture, cv2.CV_32F, 0, 1, scale=1 / 8)
    return cv2.magnitude(across, down)


def _beyond_noise(residual: Picture) -> Picture:
    """What exceeds the noise around it, which an encoder spreads evenly, but no edit does."""
    if float(residual.max(initial=0.0)) <= SAME_RESIDUAL:
        return residual
    levels = np.clip(residual * 8, 0, 255).astype(np.uint8)
    noise = cv2.medianBlur(levels, _NOISE_WINDOW).astype(np.float32) / 8
    beyond: Picture = np.maximum(0, residual - np.minimum(_NOISE_FACTOR * noise, _MOST_NOISE))
    return beyond
