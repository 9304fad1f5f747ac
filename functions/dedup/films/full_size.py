"""Do two films that would be merged show the same at the size of their files?

The films that are kept are small: a legal line, a date or the price of a month is a few pixels high in them, and an
encoder differs by more. So what would be merged is looked at once more where the files are larger, from the files
themselves: in a child process, because they are strangers'.

An encoder loses most along strong edges, and of all that is alike in that about as much. So a place that differs far
more than nearly all of the picture that has as much contrast, look after look, was drawn anew: unless it has the same
strokes in both, which a coarse encoder made paler.

What stands in both videos is looked at where least is lost of it, several frames together: see held.py. There words are
told that have nearly the colour of their ground.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import batched, chain, compress, islice, pairwise

import cv2
import numpy as np
from cv2.typing import MatLike as Picture
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from functions.dedup.films import blends, held
from functions.dedup.films.blends import Shown
from functions.dedup.films.pairs import Pair, Shape, warped
from shared.media import animations, videos
from shared.media.films import Drawn, Planes
from shared.media.sandbox import Source, parts
from shared.reasons import Reason, Rejected

MOST_PIXELS = 1280 * 720
"""Of a frame as it is compared: of 1080 lines 720 are left, in which a line of 18 pixels is 12 high."""

STANDS_OUT = 5.2
"""Times that a place may differ by what nearly all differs by that has as much contrast.

Of 120 copies of real clips and drawn spots all but one stay below 4.2, one at 400 kbit/s has 5.1; of 35 of banners
AVIFs by SVT-AV1 reach 5.1, the others 3.7. Another digit in a legal line of 16 pixels starts at 5.4; over a photograph
of nearly its colour at 1.3.
"""

_LARGER = 1.15  # times the sides of the films
_LOOK_EVERY = 3  # moments: four looks a second
_NEARLY_ALL = 95  # percent: of a legal line alone on plain ground, one digit is three
_CONTRASTS = (16, 32, 64, 128)  # levels
_AROUND = 9  # pixels
_STROKES = 11  # pixels: most of a letter of a legal line
# One less the correlation: of a copy by x264 at crf 34 that stands out by 6.0 there .01; of "18" in place of "13", in a
# line of 16 pixels at crf 31, .26, as of some copies by x265.
_UNLIKE = 0.1
# Where films are the same but for what is lost, the worst place times how unlike it is reaches 3.9 in four copies, and
# pale words on grain, that are others, at crf 34 have 6.2.
_UNLIKE_WHERE_LOST = 0.4
# Of spots at crf 34 that take a coarse encoding to explain them two have .58 and .91 of the limit; another hour and a
# pale word in one, in dark grey on black, .99.
_NEAR_TO_LIMIT = 1.05
# In what stands, of some 150 copies by five encoders none has more than 1.4 (photographs at crf 36 1.3); of 25 pairs
# with another word, 16 to 31 CIE units from its ground, that pass by all other rules, 14 have 2.7 and more.
_STANDS_OUT_WHERE_HELD = 2.0
# Of some 220 copies of banners of 300x600 and more, by ten tools, two have more than 3.6 on a card: 5.9 where others
# have 4.4, and 4.6 where they have 2.8. Another digit of 12 to 16 pixels that nothing else tells has 3.7 to 12.3 on its
# card (two of ten less than 4.5, one by SVT-AV1 1.1), and the others .2 to 2.5.
_STANDS_OUT_ON_ONE_CARD, _STANDS_OUT_ON_ALL = 4.5, 8.0
_MORE_THAN_ON_OTHERS = 2.0
_NOISE_WHERE_HELD = 3.0  # levels: less than a single frame has
_NOISE = 5.0  # levels
_EVERY = 3  # pixels: enough to tell what nearly all differs by
_FEWEST = 50  # of those
_ALWAYS_LOST = 2.0  # levels
_OF_CONTRAST = 0.5  # words that are drawn anew have as much; what an encoder leaves of a frame before may have none
_SAME_TIME_S = 0.0006  # films keep times in milliseconds
_MOST_ANIMATED_PIXELS = 100 * 10**6


@dataclass(frozen=True, eq=False)
class _Differing:
    """How a plane of one file differs from its equal in the other, place by place.

    Attributes:
        apart: in levels, the mean of 3x3 pixels.
        contrast: around it, in levels, in that file that has more.
        planes: the two, of each look.
    """

    apart: Picture
    contrast: NDArray[np.uint8]
    planes: Sequence[tuple[Picture, Picture]]

    @classmethod
    def of(cls, one: Picture, other: Picture) -> "_Differing":
        """Two planes that lie on each other."""
        around = np.ones((_AROUND, _AROUND), np.uint8)
        planes = [np.clip(each, 0, 255).astype(np.uint8) for each in (one, other)]
        ranges = [cv2.subtract(cv2.dilate(each, around), cv2.erode(each, around)) for each in planes]
        apart = cv2.blur(np.abs(one - other), (3, 3))
        return cls(apart, np.asarray(np.maximum(*ranges), np.uint8), [(one, other)])

    def standing_out(self) -> tuple[Picture, Picture]:
        """How many times as much as nearly all of its contrast, or less, each place differs by; and that, in levels.

        Where hardly anything has so little contrast, as in grain, what has the next more of it tells what is usual.
        """
        limit = self._limit(self._usual())
        return np.minimum(self.apart, _OF_CONTRAST * self.contrast) / limit, limit

    def standing_out_by_strokes(self) -> float:
        """The most of the same, of places that differ by most of their contrast and have other strokes in both.

        Of more contrast an encoder loses no less: if all that has the words' own differs by more, they were exchanged.
        Where hardly anything has as much contrast, too, what has the next more of it tells what is usual.
        """
        usual = self._usual()
        as_much = [[each for each in usual[kind:] if each is not None] for kind in range(len(usual))]
        limit = self._limit([min(each, default=None) for each in as_much])
        drawn = np.where(self.contrast >= _CONTRASTS[0], self.apart, 0.0)
        of_contrast = np.minimum(1, drawn / (_OF_CONTRAST * np.maximum(self.contrast, 1)))
        unlike = 1 - self.likeness(np.maximum(limit, _NOISE_WHERE_HELD))
        return float((drawn / limit * of_contrast * np.minimum(1, unlike / _UNLIKE_WHERE_LOST)).max())

    def _usual(self) -> list[float | None]:
        """By how many levels nearly all of each contrast differs; None where there is too little of it to tell."""
        kinds = np.digitize(self.contrast[::_EVERY, ::_EVERY], _CONTRASTS)
        some = self.apart[::_EVERY, ::_EVERY]
        alike = [some[kinds == kind] for kind in range(len(_CONTRASTS) + 1)]
        return [float(np.percentile(each, _NEARLY_ALL)) if each.size >= _FEWEST else None for each in alike]

    def _limit(self, usual: Sequence[float | None]) -> Picture:
        """What each place may differ by, in levels."""
        least = next((each for each in usual if each is not None), 0.0)
        limits = np.maximum.accumulate([least if each is None else each for each in usual]) + _ALWAYS_LOST
        levels = limits[np.digitize(np.arange(256), _CONTRASTS)].astype(np.float32)
        return levels[self.contrast]

    def likeness(self, noise: Picture) -> Picture:
        """How alike both are around each place, in the look in which they are more so: a correlation.

        What varies by no more than `noise` (levels) is alike.
        """
        return np.asarray(np.maximum.reduce([_likeness(*each, np.square(noise)) for each in self.planes]))


class Looks(BaseModel):
    """What of two files is looked at, and how the second lies on the first.

    Attributes:
        seconds: of each, where both show the same.
        shape: height and width in which they are compared.
        larger: times the films' sides.
        placed, tone: as `Pair` has them, of the films.
        alone: whether each look counts by itself: cards stand still, of what moves the least of two counts.
        mixed: of each, whether its encoder may have mixed what follows into a look.
        coarse: whether their films are the same only but for what a coarse encoding loses.
        held: seconds of each of what stands in both, as `held` has them.
    """

    model_config = ConfigDict(frozen=True)

    seconds: list[tuple[float, float]]
    shape: Shape
    larger: float
    placed: list[list[float]] | None
    tone: tuple[float, float]
    alone: bool
    mixed: tuple[bool, bool]
    coarse: bool
    held: list[held.Times]

    @classmethod
    def of(cls, pair: Pair, areas: tuple[int, int]) -> "Looks | None":
        """None where the files, of so many pixels, hold hardly more than the films do, which were enough to tell.

        What stands is looked at all the same: films keep its first frame.
        """
        height, width = pair.shape
        larger = math.sqrt(min(*areas, MOST_PIXELS) / (height * width))
        stands = held.seconds(pair)
        hold_more = larger >= _LARGER or pair.coarse
        if not hold_more and not stands:
            return None
        seconds = [*_rising(_seconds(pair))] if hold_more else []
        return cls(
            seconds=seconds,
            shape=(2 * round(height * larger / 2), 2 * round(width * larger / 2)),
            larger=larger,
            placed=None if pair.placed is None else np.asarray(pair.placed).tolist(),
            tone=pair.tone,
            alone=len(seconds) < 2 or not pair.footage,
            mixed=(not pair.one.frames_alone, not pair.other.frames_alone),
            coarse=pair.coarse,
            held=stands,
        )


def stands_out(source: Source, *, first_bytes: int, content_types: Sequence[str], looks: dict[str, object]) -> bytes:
    """How many times as much as all like it the worst place differs by, of two files in one: the first, then the other.

    Raises:
        Rejected: when one is damaged, or cannot be read after all.
    """
    asked = Looks.model_validate(looks)
    size = asked.shape[1], asked.shape[0]
    files = [*zip(parts(source, first_bytes), content_types, strict=True)]

    def shown(seconds: Sequence[tuple[float, float]]) -> Iterator[tuple[Planes, Planes]]:
        one, other = (_at(_frames(*file), at, size) for file, at in zip(files, zip(*seconds, strict=True), strict=True))
        return zip(one, other, strict=True)

    worst = max(_worst_of_each(asked, shown(asked.seconds)), default=0.0) if asked.seconds else 0.0
    if worst <= STANDS_OUT and asked.held:
        worst = max(worst, *_worst_of_each_held(asked, shown([*chain.from_iterable(asked.held)])))
    return str(worst).encode()


def _seconds(pair: Pair) -> Iterator[tuple[float, float]]:
    """When each begins that is looked at, of what was filmed whole.

    Beyond it lie samples, half a minute apart: all between would have to be decoded for them. Where tools gave cards
    other times, what both show at one time are two cards.
    """
    if pair.by_cards:
        yield from zip(pair.one.seconds.tolist(), pair.other.seconds.tolist(), strict=True)
        return
    for moment in pair.moments()[1::_LOOK_EVERY] if pair.footage else pair.moments():
        frame, equal = pair.equals(float(moment))
        seconds = float(pair.one.seconds[frame]), float(pair.other.seconds[equal])
        if seconds[0] <= pair.one.until_s and seconds[1] <= pair.other.until_s:
            yield seconds


def _rising(seconds: Iterator[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Those that both files come to one after the other; what stands still for several, once more."""
    last = (0.0, 0.0)
    for each in seconds:
        if each[0] >= last[0] and each[1] >= last[1]:
            last = each
            yield each


def _frames(file: Source, content_type: str) -> Iterator[Drawn]:
    if content_type.startswith("video/"):
        return videos.frames(file, content_type)
    content = file.read_range(0, file.size)
    return animations.drawn(content, content_type, max_pixels=_MOST_ANIMATED_PIXELS)


def _at(frames: Iterator[Drawn], seconds: Sequence[float], size: tuple[int, int]) -> Iterator[Planes]:
    """What is shown at rising times; the same object as long as it is the same frame."""
    shown, coming = next(frames, None), next(frames, None)
    if shown is None:
        raise Rejected(Reason.BROKEN_VIDEO, "not one frame can be decoded")
    planes: Planes | None = None
    for second in seconds:
        while coming is not None and coming.seconds <= second + _SAME_TIME_S:
            shown, coming, planes = coming, next(frames, None), None
        planes = planes or shown.planes(size)
        yield planes


def _worst_of_each(asked: Looks, shown: Iterator[tuple[Planes, Planes]]) -> Iterator[float]:
    if asked.alone:
        looks = (_Look.of(asked, *each) for each in _changing(shown))
        cards = [
            _of_card(card, asked.mixed, is_first=number == 0) for number, card in enumerate(_with_following(looks))
        ]
        yield from (levels for levels, _ in cards)
        yield _on_one_card([strokes for _, strokes in cards])
        return
    differing = (_Look.of(asked, *each).differing() for each in shown)
    yield from (
        max(_worst_drawn_anew(_lasting(*each), coarse=asked.coarse) for each in zip(*both, strict=True))
        for both in pairwise(differing)
    )


def _worst_of_each_held(asked: Looks, shown: Iterator[tuple[Planes, Planes]]) -> Iterator[float]:
    """The worst of each stretch that stands, on the scale of `STANDS_OUT`: the mean of its frames' luma.

    Of colours an encoder of few bits loses a whole word.
    """
    for frames in batched((_Look.of(asked, *each) for each in shown), held.LOOKS, strict=True):
        one, other = np.mean([[look.one[0], look.other[0]] for look in frames], axis=0)
        yield STANDS_OUT / _STANDS_OUT_WHERE_HELD * _Differing.of(one, other).standing_out_by_strokes()


def _changing(shown: Iterator[tuple[Planes, Planes]]) -> Iterator[tuple[Planes, Planes]]:
    """What stands still is looked at once."""
    last: tuple[Planes, Planes] | None = None
    for one, other in shown:
        if last is None or last[0] is not one or last[1] is not other:
            last = one, other
            yield last


@dataclass(frozen=True, eq=False)
class _Look:
    """What both files show at one time, the second laid where the first has it."""

    one: Shown
    other: Shown

    @classmethod
    def of(cls, asked: Looks, one: Planes, other: Planes) -> "_Look":
        """Two frames, at the size at which they are compared."""
        gain, offset = asked.tone
        luma = np.clip(gain * _laid(asked, other.luma) + offset, 0, 255)
        here, blue, red = (plane.astype(np.float32) for plane in (one.luma, *one.chroma))
        return cls((here, blue, red), (luma, _laid(asked, other.chroma[0]), _laid(asked, other.chroma[1])))

    def differing(self) -> list[_Differing]:
        """How they differ, in luma and both colours."""
        return [_Differing.of(*each) for each in zip(self.one, self.other, strict=True)]


def _with_following(looks: Iterator[_Look]) -> Iterator[list[_Look]]:
    """Each look, and those that come next, as many as an encoder mixes into it."""
    held = list(islice(looks, blends.FOLLOWING))
    for coming in looks:
        yield [*held, coming]
        held = [*held[1:], coming]
    yield from (held[at:] for at in range(len(held)))


def _of_card(looks: Sequence[_Look], mixed: tuple[bool, bool], *, is_first: bool) -> tuple[float, float]:
    """The worst of the first of these; and that of its luma which has other strokes in both.

    Where it stands out, without what an encoder mixed in of the next ones. Of those it mixed in what had moved, too:
    strokes that are in both count for less, as in what moves.
    """
    card, *following = looks
    worst, strokes = max(map(_worst, card.differing())), _worst_strokes(card)
    if not any(mixed) or (worst <= STANDS_OUT and strokes <= _STANDS_OUT_ON_ONE_CARD):
        return worst, strokes
    one, other = card.one, card.other
    for later in following:
        one, other = (
            blends.without(later.other, one, card.other, is_first=is_first),
            blends.without(later.one, other, card.one, is_first=is_first),
        )
    ways = card, *compress((replace(card, one=one), replace(card, other=other)), mixed)
    if worst > STANDS_OUT:
        worst = min(max(_worst_drawn_anew(plane, coarse=False) for plane in way.differing()) for way in ways)
    return worst, min(map(_worst_strokes, ways))


def _worst_strokes(card: _Look) -> float:
    return _Differing.of(card.one[0], card.other[0]).standing_out_by_strokes()


def _on_one_card(strokes: Sequence[float]) -> float:
    """The worst of these, of a banner's cards, on the scale of `STANDS_OUT`: an encoder loses of all cards alike.

    A digit of a small line is so large a share of all that has its contrast that it tells by itself what is usual; of
    more contrast there is more.
    """
    worst = max(strokes, default=0.0)
    alone = worst > _MORE_THAN_ON_OTHERS * min(strokes, default=0.0)
    return STANDS_OUT / (_STANDS_OUT_ON_ONE_CARD if alone else _STANDS_OUT_ON_ALL) * worst


def _laid(asked: Looks, plane: NDArray[np.uint8]) -> Picture:
    """A plane of the second file where the first one has it; colours are kept at half the size."""
    picture = plane.astype(np.float32)
    if asked.placed is None:
        return picture
    return warped(picture, np.array(asked.placed, np.float32), asked.larger * plane.shape[0] / asked.shape[0])


def _lasting(one: _Differing, other: _Differing) -> _Differing:
    """What differs in two looks, by the lesser."""
    apart, contrast = np.minimum(one.apart, other.apart), np.maximum(one.contrast, other.contrast)
    return _Differing(apart, contrast, [*one.planes, *other.planes])


def _worst(differing: _Differing) -> float:
    """How many times as much as nearly all of its contrast, or less, the worst place differs by."""
    return float(differing.standing_out()[0].max())


def _worst_drawn_anew(differing: _Differing, *, coarse: bool) -> float:
    """The same, but that strokes that are in both count for less, however much of them one file lost.

    An encoder of few bits leaves them paler, or blurred, and something around them; what was drawn anew has others.
    Where it takes a coarse encoding to explain how the films differ, how unlike they are counts for more, and no place
    may come near the limit: that much was allowed for already.
    """
    times, limit = differing.standing_out()
    stands_out = float(times.max()) > STANDS_OUT
    if not stands_out and not coarse:
        return float(times.max())
    unlike = 1 - differing.likeness(np.maximum(limit, _NOISE))
    paler = times * np.minimum(1, unlike / _UNLIKE) if stands_out else times
    if not coarse:
        return float(paler.max())
    return _NEAR_TO_LIMIT * float(np.maximum(paler, times * unlike / _UNLIKE_WHERE_LOST).max())


def _likeness(one: Picture, other: Picture, noise: Picture) -> Picture:
    around = (_STROKES, _STROKES)
    means = cv2.blur(one, around), cv2.blur(other, around)
    common = cv2.blur(one * other, around) - means[0] * means[1]
    energies = (cv2.blur(each * each, around) - mean * mean for each, mean in zip((one, other), means, strict=True))
    here, there = (np.maximum(energy, 0) + noise for energy in energies)
    return np.asarray((common + noise) / np.sqrt(here * there))
