"""Two films laid over each other: in time, to a thirtieth of a second, and in the picture, where one was cropped."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from itertools import pairwise
from weakref import WeakKeyDictionary

import cv2
import numpy as np
from cv2.typing import MatLike as Picture
from numpy.typing import NDArray

from functions.dedup import gate
from functions.dedup.films import fades
from functions.dedup.films.coarse import Losses
from functions.dedup.pictures import alignment
from functions.dedup.pictures.residuals import smooth
from shared.media.films import Film

CUT_S = 2.5
"""Seconds by which a tool that forgets how long a last card is held, or holds it longer, lets two copies end apart."""

TRIM_S = 0.9
"""Seconds that may be trimmed off either end of a copy, however little moves there: .7, and a frame or two by which
encoders round (.93 at fifteen frames a second). More is a cut-down."""

MOMENTS_PER_SECOND = 12
APART_S = 0.1
"""Seconds that a frame's equal may lie apart: conversions drop and repeat frames."""

HELD_S = 0.08
"""Seconds: a frame that is shown for so long is dropped by no conversion of what moves."""

FLAT = 4.0
"""Standard deviation, in grey levels: in what has less nothing can be laid over anything."""

PART_LEVELS = 12.0
"""Between two tiny frames a twentieth of a second apart; other scenes differ by 40."""

# Where frames are dropped, as in GIFs of ten a second, one that is kept lies up to half of its hold beside a moment,
# and up to a frame of the other film. Half a second of what differs still fills three moments of a twelfth.
_KEPT_BESIDE_S = 0.02
_FEWEST_DROPPED_S, _DROPPED_S = 0.05, 0.12
# A frame of 25 a second, and as much again where two lie on each other to a thirtieth; of 0.1 s the midst is left.
_ROUNDED_BY_S, _ROUNDED_BY = 0.08, 0.4
_LOOKS_AT_A_CARD = 9  # of which what an encoder has not yet refined is less than half
# Levels, of 5 x 5 pixels: in 37 of 38 copies (crf 18 to 28) a card makes up to 14; another one 40 and more.
_FLICKER = 16
_REFINED = 2  # frames of a card, on average
_OF_COLOURS = 4.0  # pixels of luma to one of the colours
_FORGOTTEN_S = 0.2  # what is left of a last card: FFmpeg makes AVIFs of GIFs that show it for a tenth of a second
_LONGEST_S = 0.25  # that a frame is held in place of dropped ones
_SLIDE_RATE = 30
_FITS_AS_WELL = 0.02  # levels: a picture that stands, by four encoders, differs by .002 wherever it is laid; one that
# moves, by .1 and more a thirtieth of a second off
_TINY = (24, 24)
_FOOTAGE_FPS = 8  # frames that differ, a second: cards change more seldom
_FAR = 40.0  # levels: what differs by more is another scene, however much more it is
_MOVED, _TONED = 0.25, 2.0  # pixels; levels
_STRANGE = 32.0  # levels: a copy a fifth brighter differs by 25 at most
_PARTS_RATE = 10
_MOST_PARTS = 8
_ALIGNED_BY = 3  # frames, those with most in them

Tiny = NDArray[np.float32]
_made_tiny = WeakKeyDictionary[Film, Tiny]()
Moments = NDArray[np.float64]
Shape = tuple[int, int]
"""Height and width."""


@dataclass(frozen=True, eq=False)
class Pair:
    """Two films, and how the second lies on the first.

    Attributes:
        shift_s: what `other` shows at second t lies at second t + `shift_s` of `one`.
        tiny: every frame of each, very small, to find equals by.
        apart: how much they differ where they agree best: the mean over time of two tiny frames' levels.
        placed: the affine map from the compared pixels of `one` to those of `other`; None for the same pixels.
        tone: gain and offset that bring `other`'s luma to that of `one`.
        losses: what a coarse encoding loses of each; None where that is not asked.
        by_cards: whether each card of one is the other's of the same number, whenever either shows it.
    """

    one: Film
    other: Film
    shift_s: float
    tiny: tuple[Tiny, Tiny]
    apart: float
    placed: Picture | None = None
    tone: tuple[float, float] = (1.0, 0.0)
    losses: tuple[Losses | None, Losses | None] = (None, None)
    by_cards: bool = False

    @classmethod
    def of(cls, one: Film, other: Film) -> "Pair":
        """Two films, one slid along the other to where they agree best."""
        tiny = tiny_of(one), tiny_of(other)
        shift_s, apart = _shift(one, other, tiny)
        return cls(one, other, shift_s, tiny, apart)

    @property
    def shape(self) -> Shape:
        """Of the smaller one: in that they are compared."""
        height, width = min((film.luma.shape[1:] for film in (self.one, self.other)), key=math.prod)
        return height, width

    def turned(self) -> "Pair":
        """The same, looked at from the other film."""
        gain, offset = self.tone
        return Pair(
            self.other,
            self.one,
            -self.shift_s,
            self.tiny[::-1],
            self.apart,
            None if self.placed is None else cv2.invertAffineTransform(self.placed).astype(np.float32),
            (1 / gain, -offset / gain),
            self.losses[::-1],
            self.by_cards,
        )

    def joined(self) -> "Pair | None":
        """The same with those frames of `other` joined that it shows while `one` shows one card: their median.

        What an encoder of video makes of a card flickers, and is at its worst where the card begins; an edit stays.
        None where something moves meanwhile, and where `other` was not looked at for so long.
        """
        starts, held = self.one.seconds - self.shift_s, self._held[0]
        if starts[-1] >= self.other.until_s:
            return None
        frames = [self.other.shown_at(_within(*card)) for card in zip(starts, held, strict=True)]
        if not all(_stands(self.other.luma[shown]) for shown in frames):
            return None
        luma, chroma = (
            np.stack([_median(planes[shown]) for shown in frames]) for planes in (self.other.luma, self.other.chroma)
        )
        film = replace(self.other, seconds=np.maximum(starts, 0.0), luma=luma, chroma=chroma, palettes=())
        return replace(self, other=film, tiny=(self.tiny[0], tiny_of(film)))

    def moments(self) -> Moments:
        """The seconds of `one` that `other` has too: evenly, then its end, and those of frames that stand alone."""
        end = min(self.one.until_s, self.other.until_s + self.shift_s)
        first, last = (math.ceil(edge * MOMENTS_PER_SECOND) for edge in (max(0.0, self.shift_s), end))
        evenly, seconds = np.arange(first, last) / MOMENTS_PER_SECOND, self.one.seconds
        later = seconds[seconds > end]
        apart = np.abs(self.other.seconds[None, :] + self.shift_s - later[:, None]).min(axis=1, initial=np.inf)
        standing = seconds[-1:][self._held[0][-1:] >= HELD_S]
        standing = standing[(standing > evenly.max(initial=-np.inf)) & (standing <= end)]
        return np.concatenate([evenly, standing, later[apart <= APART_S]])

    def equal(self, frame: int, moment: float) -> int:
        """The frame of `other` around a moment that is most like a frame of `one`."""
        first, last = self._around(frame, moment)
        if self.footage or self.placed is not None:
            distances = np.square(self.tiny[1][first : last + 1] - self.tiny[0][frame]).sum(axis=1)
            return int(first + np.argmin(distances))
        return min(range(first, last + 1), key=lambda each: self._squares_apart(frame, each))

    def _squares_apart(self, frame: int, other: int) -> float:
        """How much two frames differ in all of their pixels and colours: of a word that fades tiny ones say nothing."""
        height, width = self.shape
        sizes = (height, width), (height // 2, width // 2), (height // 2, width // 2)
        one, shown = ((film.luma[at], *film.chroma[at]) for film, at in ((self.one, frame), (self.other, other)))
        luma, blue, red = (
            float(cv2.norm(resized(here, size), resized(there, size), cv2.NORM_L2SQR))
            for here, there, size in zip(one, shown, sizes, strict=True)
        )
        return luma + _OF_COLOURS * (blue + red)

    def equals(self, moment: float) -> tuple[int, int]:
        """What both show at a moment, a frame of each.

        Where `other` holds a frame in place of some that were dropped, `one` shows that frame a little before or after.
        """
        frame, instead = self.one.frame_at(moment), self.other.frame_at(moment - self.shift_s)
        near = min(_DROPPED_S, self._held[1][instead] / 2 + _KEPT_BESIDE_S)
        if self._held[0][frame] >= HELD_S or near < _FEWEST_DROPPED_S:
            return frame, self.equal(frame, moment)
        start, stop = self.one.shown_at(moment + np.array([-near, near]))
        first, last = self._around(frame, moment)
        apart = distances(self.tiny[0][start : stop + 1], self.tiny[1][first : last + 1])
        row, column = np.unravel_index(int(apart.argmin()), apart.shape)
        return int(start + row), int(first + column)

    def leads_over(self, frame: int, other: int) -> bool:
        """Whether a frame of both only leads from the one before to the next, in a banner."""
        return not self.footage and self._steps[0](frame) and self._steps[1](other)

    @cached_property
    def _steps(self) -> tuple[Callable[[int], bool], Callable[[int], bool]]:
        one, other = (lru_cache(None)(partial(fades.leads_over, film)) for film in (self.one, self.other))
        return one, other

    def _around(self, frame: int, moment: float) -> tuple[int, int]:
        """The first and the last frame of `other` around a moment, and around the start of the frame of `one`."""
        started = max(float(self.one.seconds[frame]) - _KEPT_BESIDE_S, moment - _LONGEST_S)
        ends = np.array([min(moment - APART_S, started), moment + APART_S]) - self.shift_s
        first, last = self.other.shown_at(ends)
        return int(first), int(last)

    @cached_property
    def _held(self) -> tuple[Moments, Moments]:
        return self.one.held_s(), self.other.held_s()

    @property
    def strangers(self) -> bool:
        """Whether they differ so much that no tone or crop explains it."""
        return self.apart > _STRANGE

    @property
    def coarse(self) -> bool:
        """Whether it is allowed for what a coarse encoding loses."""
        return self.losses != (None, None)

    @property
    def mixed(self) -> bool:
        """Whether an encoder may have mixed frames of either: where both keep each by itself, none did."""
        return not (self.one.frames_alone and self.other.frames_alone)

    @property
    def footage(self) -> bool:
        """Whether both move, and are no banners or slide shows."""
        return is_footage(self.one) and is_footage(self.other)

    @property
    def hardly_moved(self) -> bool:
        """Whether the pictures are laid over each other where they lie anyway, and in the same tone."""
        if self.placed is None:
            return True
        height, width = self.shape
        corners = np.array([(x, y, 1.0) for x in (0, width) for y in (0, height)])
        moved = np.abs(corners @ np.asarray(self.placed, np.float64).T - corners[:, :2]).max()
        gain, offset = self.tone
        return bool(moved <= _MOVED) and max(abs(offset), abs(255 * (gain - 1) + offset)) <= _TONED

    def begins_and_ends_together(self) -> bool:
        """Whether neither goes on, before or after the other, for longer than is trimmed off, or a last card stands."""
        ended = self.ended_apart_s
        ends = self.one.duration_s, self.other.duration_s + self.shift_s
        begun = _last_card_begins(self.one), _last_card_begins(self.other) + self.shift_s
        stands = max(begun) <= min(ends) + APART_S and self.may_hold_last_card_longer
        most_ended = CUT_S if stands else TRIM_S
        return abs(self.shift_s) <= TRIM_S + APART_S and ended <= most_ended + APART_S

    @property
    def ended_apart_s(self) -> float:
        """For how long one goes on after the other."""
        return abs(self.one.duration_s - self.other.duration_s - self.shift_s)

    @property
    def may_hold_last_card_longer(self) -> bool:
        """Whether they may end apart by no more than how long tools hold the last card: nothing is heard meanwhile.

        Animations say how long each frame is held, a last one too, which videos made of them may forget.
        """
        shorter = min(self.one, self.other, key=lambda film: film.duration_s)
        forgotten = shorter.duration_s - float(shorter.seconds[-1]) <= _FORGOTTEN_S
        heard = any(film.sound is not None and not film.sound.silent for film in (self.one, self.other))
        return not heard and (forgotten or self.one.frames_alone or self.other.frames_alone)


def shifts_of_parts(pair: Pair, least_s: float) -> list[float]:
    """By how much `other` has to be shifted for parts of both to agree: those that last `least_s`, the longest first.

    Each second of the shorter one is given to one part only.
    """
    alike = _apart(pair.one, pair.other, pair.tiny, _PARTS_RATE) <= PART_LEVELS
    found: list[float] = []
    while len(found) < _MOST_PARTS:
        length, start, shift = max(_runs(alike))
        if length < least_s * _PARTS_RATE:
            break
        found.append(shift / _PARTS_RATE)
        if pair.one.duration_s <= pair.other.duration_s:
            alike[start : start + length] = False
        else:
            alike[:, start - shift : start - shift + length] = False
    return found


def _runs(alike: NDArray[np.bool_]) -> Iterator[tuple[int, int, int]]:
    """Of each shift, how long both agree without a break, from which row on, and the shift itself."""
    for shift in range(1 - alike.shape[1], alike.shape[0]):
        differing = np.flatnonzero(np.concatenate(([True], ~np.diagonal(alike, -shift), [True])))
        lengths = np.diff(differing) - 1
        longest = int(lengths.argmax())
        yield int(lengths[longest]), max(0, shift) + int(differing[longest]), shift


def is_footage(film: Film) -> bool:
    """Whether a film moves; in a banner, or a slide show, cards follow each other."""
    return film.seconds.size >= _FOOTAGE_FPS * film.duration_s


def cards_of(film: Film) -> Film | None:
    """A video of cards, each of which its encoder refines for some frames, as the banner that it shows: these joined.

    None where something moves, or most cards have but a frame.
    """
    runs = _standing(film.luma)
    if runs is None or len(film.luma) < _REFINED * len(runs):
        return None
    begins = [run.start for run in runs]
    luma, chroma = (np.stack([_median(planes[run]) for run in runs]) for planes in (film.luma, film.chroma))
    return replace(film, seconds=film.seconds[begins], luma=luma, chroma=chroma, palettes=())


def _standing(luma: NDArray[np.uint8]) -> list[slice] | None:
    """The frames of each card, which begins where a picture changes at once; None as soon as one of them moves."""
    begins, last = [0], cv2.blur(luma[0], (5, 5))
    least = most = last
    for at, frame in enumerate(luma[1:], 1):
        shown = cv2.blur(frame, (5, 5))
        if float(cv2.absdiff(last, shown).max()) > _FLICKER:
            begins.append(at)
            least = most = shown
        least, most, last = np.minimum(least, shown), np.maximum(most, shown), shown
        if float(cv2.subtract(most, least).max()) > _FLICKER:
            return None
    return [slice(*ends) for ends in pairwise([*begins, len(luma)])]


def of_one_shape(one: Film, other: Film) -> bool:
    """Whether the pictures of both have nearly the same proportions."""
    aspect, other_aspect = (film.luma.shape[2] / film.luma.shape[1] for film in (one, other))
    return gate.of_one_shape(aspect, other_aspect)


def laid_over(pair: Pair) -> Pair | None:
    """The pair with its pictures laid over each other, by the frames with most in them; None where nothing fits."""
    frames = np.unique(pair.one.shown_at(pair.moments()))
    detail = np.array([float(pair.one.luma[frame].std()) for frame in frames])
    for position in np.argsort(detail)[::-1][: _ALIGNED_BY * 4 : 4]:
        if detail[position] < FLAT:
            break
        frame = int(frames[position])
        equal = pair.equal(frame, float(pair.one.seconds[frame]))
        template, shown = resized(pair.one.luma[frame], pair.shape), resized(pair.other.luma[equal], pair.shape)
        placed = alignment.found(template, shown, precisely=True)
        if placed is not None:
            return replace(pair, placed=placed, tone=_tone(template, shown, placed))
    return None


def laid(plane: NDArray[np.uint8], pair: Pair, shape: Shape) -> Picture:
    """A plane of `other` (of a frame, or of its colours at another size) where `one` has it."""
    picture = resized(plane, shape)
    return picture if pair.placed is None else warped(picture, pair.placed, (shape[0] / pair.shape[0]))


def resized(plane: NDArray[np.uint8], shape: Shape) -> Picture:
    """A plane (height x width) in another size, as floats."""
    picture = plane.astype(np.float32)
    if plane.shape == shape:
        return picture
    how = cv2.INTER_AREA if plane.shape[0] >= shape[0] and plane.shape[1] >= shape[1] else cv2.INTER_LINEAR
    return cv2.resize(picture, (shape[1], shape[0]), interpolation=how)


def distances(one: Tiny, other: Tiny) -> NDArray[np.float32]:
    """The root mean square between each two tiny frames: a row for each of `one`."""
    squares = np.square(one).sum(1)[:, None] + np.square(other).sum(1)[None, :] - 2 * one @ other.T
    distances: NDArray[np.float32] = np.sqrt(np.maximum(squares, 0) / one.shape[1])
    return distances


def warped(picture: Picture, placed: Picture, scale: float) -> Picture:
    """A picture laid where an affine map, of pictures of another scale, has it."""
    onto = placed.copy()
    onto[:, 2] = onto[:, 2] * scale
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(picture, onto, picture.shape[::-1], flags=how, borderMode=cv2.BORDER_REPLICATE)


def _within(start: float, held_s: float) -> Moments:
    """Times at which a card is shown alone, however the frames of a video around it were rounded."""
    beside = min(_ROUNDED_BY_S, _ROUNDED_BY * held_s)
    return np.linspace(start + beside, start + held_s - beside, _LOOKS_AT_A_CARD)


def _median(shown: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(np.median(shown, axis=0), np.uint8)


def _stands(luma: NDArray[np.uint8]) -> bool:
    """Whether these frames show one card, but for what an encoder loses."""
    shown = np.stack([cv2.blur(frame, (5, 5)) for frame in luma])
    return float((shown.max(axis=0) - shown.min(axis=0)).max()) <= _FLICKER


def _last_card_begins(film: Film) -> float:
    """When what is shown last begins to stand: encoders of video go on refining it, up to half a second."""
    at, last = len(film.luma) - 1, cv2.blur(film.luma[-1], (5, 5))
    if not film.frames_alone:
        while at and float(cv2.absdiff(cv2.blur(film.luma[at - 1], (5, 5)), last).max()) <= _FLICKER:
            at -= 1
    return float(film.seconds[at])


def _tone(template: Picture, shown: Picture, placed: Picture) -> tuple[float, float]:
    there = warped(shown, placed, 1.0)
    return alignment.tone(smooth(template).reshape(-1)[::7], smooth(there).reshape(-1)[::7])


def _shift(one: Film, other: Film, tiny: tuple[Tiny, Tiny]) -> tuple[float, float]:
    """Where the films agree best, cutting at most `CUT_S` off an end of the shorter one, and how much they differ.

    Where nothing moves any shift fits as well, and an encoder's noise is no reason to take another one than the least.
    """
    apart = np.minimum(_apart(one, other, tiny, _SLIDE_RATE), _FAR)
    shortest = min(apart.shape)
    needed = max(1, shortest - min(round(CUT_S * _SLIDE_RATE), shortest // 2))
    shifts = range(needed - apart.shape[1], apart.shape[0] - needed + 1)
    tried = [(float(np.diagonal(apart, -shift).mean()), shift) for shift in shifts]
    fits = min(tried)[0] + _FITS_AS_WELL
    _, best, found = min((abs(shift), shift, each) for each, shift in tried if each <= fits)
    return best / _SLIDE_RATE, found


def _apart(one: Film, other: Film, tiny: tuple[Tiny, Tiny], rate: int) -> NDArray[np.float32]:
    """How much what both show differs, looked at so many times a second: a row for each moment of `one`."""
    times = [np.arange(max(1, math.ceil(film.until_s * rate))) / rate for film in (one, other)]
    return distances(*(each[film.shown_at(at)] for each, film, at in zip(tiny, (one, other), times, strict=True)))


def tiny_of(film: Film) -> Tiny:
    """Every frame of a film, very small (frames x pixels); made once, and kept as long as the film is."""
    if film not in _made_tiny:
        _made_tiny[film] = _made(film)
    return _made_tiny[film]


def _made(film: Film) -> Tiny:
    small = [cv2.resize(frame, _TINY, interpolation=cv2.INTER_AREA).reshape(-1) for frame in film.luma]
    return np.stack(small).astype(np.float32)
