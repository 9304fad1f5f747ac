"""Compares two moving creatives, videos or animations: the same pictures at the same times, and the same sound.

- Their times are matched, not assumed: one is slid along the other, where it fits best, to a thirtieth of a second.
- Each moment, a twelfth of a second apart, looks for its equal among what the other shows around that time. Conversions
  drop and repeat frames, so a moment or two may find none; what is held for longer must.
- An encoder's errors flicker, an edit stays: what differs in the same place for a quarter of a second counts most.
- What lies beyond the other's ends is only asked not to be another scene, and for less than a second: an end card may
  not be cut off, nor what hardly moves, since something may be said over it.
- It is done both ways: what only one of them shows is seen from its side alone.

What is no copy may still show a part of the other, or the same faster or between bars: see stretches.py.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial, reduce

import cv2
import numpy as np
from cv2.typing import MatLike as Picture

from functions.dedup.films import blends, coarse, lacks, stretches
from functions.dedup.films.coarse import Losses
from functions.dedup.films.ends import leads_on
from functions.dedup.films.pairs import (
    APART_S,
    CUT_S,
    FLAT,
    HELD_S,
    MOMENTS_PER_SECOND,
    TRIM_S,
    Pair,
    Shape,
    cards_of,
    is_footage,
    laid,
    laid_over,
    of_one_shape,
    tiny_of,
)
from functions.dedup.pictures.residuals import beyond_noise, gradient, smooth
from functions.dedup.pictures.verification import UNALIGNED_SCORE, Comparison
from shared.media import sounds
from shared.media.films import Film
from shared.media.palettes import Palette

METHOD_VERSION = "film/47"

SAME_RESIDUAL = 16.0
"""Grey levels in one place for a quarter of a second: real clips at crf 28 make up to 12, another price
50 and more."""

MOST_RESIDUAL = 24.0
"""The same where an encoder's errors lie over the whole picture: real clips at crf 34 make up to 21 then."""

SAME_MOMENT = 30.0
"""Grey levels in a single moment: encoders spend few bits on what moves fast (up to 24 at crf 34)."""

MOST_COARSE = 40.0
"""The most that one place may differ by for a coarse encoding to be asked for: see coarse.py."""

SAME_COLOUR_RESIDUAL = 9.5
"""Levels of Cb or Cr in one place for a quarter of a second: real clips and banners saved again make up to 7.5."""

SAME_MOMENT_COLOUR = 18.0
"""Levels of Cb or Cr in a single moment."""

LOST_SOUND = 255.0
"""The score of two that differ in nothing but their sound."""

FAMILY_SHARE = 0.5
_FAMILY_ALIKE = 0.75  # of a picture

_SURELY_ANOTHER = 2 * MOST_COARSE
_PACKET_S = 0.2  # encoders fill the last one of a sound up, Vorbis by up to 0.19 s
_OF_A_SOUND = 10.0  # levels, for all of it: an encoder's differ by .5 and by .1 of a sound, another word by .2
_TOGETHER = 3  # moments: a quarter of a second
_MOST_CARDS = 60
_MOST_LOOKS = 24
_OTHER_TIMES_S = 1.0  # in all; what is longer or shorter by more was made so
_ROUNDED_S = 0.02
_LOOKS_KEPT = 32  # more than lie within a few tenths of a second
# Levels: our own films lose up to 1.7 of what is equal, GIFs saved again up to 2.8 of all. Where a pair loses more, a
# card may lose so many times that: of 56 copies by four tools AVIFs that are found reach .96 of it, the others .60.
_KEPT = 1.5
_DRAWN_ANEW = 3.0
_MORE_ALLOWED = 3.5
# Levels, and a share of the contrast around: of 106 banners saved by nine tools none has more than 2.6, of 80 more two
# 3.4 and 3.5, in lossy WebPs, where a photograph is in one card alone. Of faint words that are others, and told by this
# alone, none has less than 3.6; of 14 at most 54 levels from their ground, which passed for copies, seven 4 and more.
_ALONE_ANEW, _OF_CONTRAST = 3.5, 0.1
# Pixels: of 80 AVIFs of 40 banners, by SVT-AV1, six have a last card whose changed blocks lost the grain; three of them
# are found by this, none of 80 of which one frame is another is merged.
_LOST_DETAIL = 2.0
_FEWEST_CARDS = 2
# Levels: of 40 banners saved by SVT-AV1 five have 3.4 to 6.5 in one place, and 3.1 at most without such parts; of 200
# of which one frame is another, saved by it, none more is merged.
_MOST_MIXED = 5.0
# Grey levels of a first card, on which all others build: of 260 banners by SVT-AV1 three have 16 to 16.7, five 20 to
# 42; of 24 with a price of 12 to 18 pixels there two that are others have 20.1 and 20.5.
_SAME_MIXTURE = 18.0
# Grey levels: two of 48 banners in 64 colours have 18.7 and 20.4, in every card; of 240 of which one frame is another
# two have less than 29.7, which are told by their place.
_SAME_IN_FEW_COLOURS = 24.0
# Frames of a video: where it has hardly more than cards, none refines what the encoder mixed of the next one. Of 56
# copies one, by SVT-AV1, of 1.5 a card would be lost; the edits that are told this way have 3.8 and more.
_OF_A_CARD = 2
_AROUND = 9  # pixels
_MOTION_TOLERANCE = 0.25
_EDGE_TOLERANCE = 0.4
_SATURATION_TOLERANCE = 0.15
_ALIKE = 10  # grey levels
_TILES = 4  # across and down
_USUAL_NOISE, _NOISE_WEIGHT = (
    3.0,
    2.5,
)  # levels: VP9 and half the size leave up to 3 in three parts of four, crf 34 5 to 9

_NOTHING_ALIKE = Comparison(same=False, family=False, score=UNALIGNED_SCORE)


@dataclass(frozen=True, eq=False)
class _Differing:
    """How a moment of one film differs from its equal in the other, pixel by pixel, in levels."""

    held_s: float
    luma: Picture
    chroma: Picture

    def of_a_step(self) -> "_Differing":
        """The same of a moment that only leads over: all of it may differ as a single moment may, and none is held."""
        luma, chroma = SAME_RESIDUAL / SAME_MOMENT, SAME_COLOUR_RESIDUAL / SAME_MOMENT_COLOUR
        return _Differing(0.0, luma * self.luma, chroma * self.chroma)

    def of_a_mixture(self) -> "_Differing":
        """The same of a card into which an encoder moved what follows, of which more is left than can be taken off."""
        share = SAME_RESIDUAL / _SAME_MIXTURE
        return replace(self, luma=share * self.luma, chroma=share * self.chroma)


def compare(one: Film, other: Film, ids: tuple[str, str] = ("one", "other")) -> tuple[Comparison, Pair | None]:
    """Compares two films that may be copies or versions of each other; the same either way round.

    Args:
        one: a film.
        other: another.
        ids: what they are called in what is said of their stretches.

    Returns:
        What they are; and how they lie on each other, where they show the same.
    """
    found, pair = _copy(one, other) if of_one_shape(one, other) else (_NOTHING_ALIKE, None)
    if found.same:
        return found, pair
    common = stretches.found(one, other)
    if common is None:
        return found, None
    said = dict(zip(ids, (common.one, common.other), strict=True))
    return replace(found, family=True, difference=_difference(one, other, common), stretches=said), None


def _difference(one: Film, other: Film, common: stretches.Common) -> float:
    """How little two versions have in common where they show the same, seen and heard, to tell the nearest of several.

    A cut-down of a spot has its pictures and what is said over them; of its versions one has another price or voice.
    """
    if one.sound is None or other.sound is None:
        heard = float(not sounds.same(one.sound, other.sound, shift_s=0.0))
    else:
        shares = sounds.difference(one.sound, other.sound, shift_s=common.one[0] - common.other[0])
        heard = sum(map(max, shares)) / len(shares)
    return common.apart + _OF_A_SOUND * heard


def _copy(one: Film, other: Film) -> tuple[Comparison, Pair]:
    """Whether one is the other's copy, or a version that begins and ends with it; and how they lie on each other.

    A picture that stands while the sound goes on may be the card of the other one, or all that is left of what was cut.
    """
    found = _played(one, other)
    if found[0].same or (one.stands_from_s is None and other.stands_from_s is None):
        return found
    cut = _played(one.with_its_pictures(), other.with_its_pictures())
    return cut if cut[0].same else found


def _played(one: Film, other: Film) -> tuple[Comparison, Pair]:
    """The same of films each of which is taken for as long as it says."""
    pair = Pair.of(one, other)
    cards = _card_by_card(pair)
    found, pair = (cards, replace(pair, by_cards=True)) if cards else _at_each_moment(pair)
    if found.same and not _sounds_the_same(pair):
        return replace(found, same=False, family=True, score=LOST_SOUND), pair
    return found, pair


def _sounds_the_same(pair: Pair) -> bool:
    """Whether they sound alike, and neither goes on for longer than a trim takes off after the other fell silent."""
    heard = pair.one.sound, pair.other.sound
    alone_s = sounds.heard_alone_s(*heard, shift_s=pair.shift_s)
    return alone_s <= TRIM_S + _PACKET_S and sounds.same(*heard, shift_s=pair.shift_s)


def _at_each_moment(pair: Pair) -> tuple[Comparison, Pair]:
    """Whether they show the same at the same times, with their pictures as they are or laid over each other."""
    if pair.strangers or not pair.begins_and_ends_together():
        return _NOTHING_ALIKE, pair
    found = _compare(pair)
    if not found.same and (placed := laid_over(pair)) is not None and _may_tell(placed, found.score):
        found, pair = min((found, pair), (_compare(placed), placed), key=lambda each: each[0].unlikeness())
    if pair.footage and SAME_RESIDUAL < found.score <= MOST_COARSE:
        coarse_pair = _with_losses(pair)
        allowed = _compare(coarse_pair)
        return (allowed, coarse_pair) if allowed.same else (found, pair)
    return found, pair


def _may_tell(placed: Pair, score: float) -> bool:
    """Whether pictures that are laid over each other may show the same, with so much between them as they are.

    Where they lie on each other already, another price makes 100 and more: to lay them takes as long once more.
    """
    return score <= _SURELY_ANOTHER or not placed.hardly_moved


def _with_losses(pair: Pair) -> Pair:
    """The pair with what the finer one would lose in a file as coarse as the other one."""
    times = pair.moments()
    equals = [pair.equals(float(moment)) for moment in times[:: max(1, times.size // _MOST_LOOKS)]]
    looker = _Looker(pair)
    apart = coarse.usual([looker.apart(*each) for each in equals])
    one_is_finer = coarse.detail(pair.one) >= coarse.detail(pair.other)
    losses = coarse.Losses.of(pair.one if one_is_finer else pair.other, apart)
    return replace(pair, losses=(losses, None) if one_is_finer else (None, losses))


def _compare(pair: Pair) -> Comparison:
    seen = [*_seen(pair)], [*_seen(pair.turned())]
    footage = pair.footage
    scores = [_score(moments, footage=footage) for moments in seen if moments]
    if not scores:
        return _NOTHING_ALIKE
    both = pair, pair.turned()
    same = max(scores) <= SAME_RESIDUAL and all(_one_scene(each) and _shows_all_cards(each) for each in both)
    same = same and _end_alike(pair)
    same = same and not any(map(_has_held_place_drawn_anew, both)) and not any(map(_has_joined_card_drawn_anew, both))
    alike = [_alike(moment) for moments in seen for moment in moments[::MOMENTS_PER_SECOND]]
    return Comparison(same=same, family=sum(alike) >= FAMILY_SHARE * len(alike), score=max(scores))


def _end_alike(pair: Pair) -> bool:
    """Whether both end on one card, where one holds its last for longer than a trim takes off."""
    if pair.ended_apart_s <= TRIM_S + APART_S:
        return True
    last = len(pair.one.seconds) - 1, len(pair.other.seconds) - 1
    return _score([_Looker(pair).differing(*last, HELD_S)], footage=False) <= SAME_RESIDUAL


def _card_by_card(pair: Pair) -> Comparison | None:
    """Whether two banners show the same cards in the same order, for however long each: tools give them other times.

    None where that is not told by their cards alone.
    """
    number, films = len(pair.one.seconds), (pair.one, pair.other)
    begun, ended = (abs(one - other) for one, other in zip(*map(_last_card, films), strict=True))
    most_ended = CUT_S + APART_S if pair.may_hold_last_card_longer else _OTHER_TIMES_S
    together = begun <= _OTHER_TIMES_S and ended <= most_ended
    if not together or number != len(pair.other.seconds) or number > _MOST_CARDS or any(map(is_footage, films)):
        return None
    looker, turned, held_s = _Looker(pair), _Looker(pair.turned()), np.maximum(pair.one.held_s(), HELD_S)

    def cards(differing: Callable[[int, int, float], _Differing]) -> Iterator[_Differing]:
        return (differing(card, card, float(held)) for card, held in enumerate(held_s))

    mixing = [side for side, film in ((looker, pair.other), (turned, pair.one)) if not film.frames_alone]
    ways = looker.differing, *(side.without_next for side in mixing)
    shares = [SAME_RESIDUAL / _most_of_card(pair, card) for card in range(number)]
    scores = [_score_of_cards(zip(cards(way), shares, strict=True)) for way in ways]
    if min(scores) > SAME_RESIDUAL:
        return None
    likely = next(way for way, score in zip(ways, scores, strict=True) if score <= SAME_RESIDUAL)
    least = [np.minimum.reduce([each.luma for each in card]) for card in zip(*map(cards, ways), strict=True)]
    seen = [replace(card, luma=luma) for card, luma in zip(cards(likely), least, strict=True)]
    mixes = any(film.mixes_frames for film in films)
    if mixes:  # what it moved into the first card; and of later ones it loses more where it codes them anew
        least[0] = np.zeros_like(least[0])
    anew = (not mixes and _has_card_drawn_anew(seen)) or all(
        _has_place_drawn_anew(looker, {(card, card): each for card, each in enumerate(levels)})
        for levels in _unmixed(mixing, least)
    )
    if anew and ended > _OTHER_TIMES_S:
        return None  # some tools forget how long the last card is held: what was cut is told moment by moment
    return Comparison(same=not anew, family=True, score=min(scores))


def _unmixed(mixing: Sequence["_Looker"], levels: Sequence[Picture]) -> Iterator[Sequence[Picture]]:
    """By how much each card differs, but for what an encoder of video mixed in or lost: of a look's second film."""
    if not mixing:
        yield levels
    for looker in mixing:
        kept = [np.minimum(each, looker.apart_but_for_detail(card)) for card, each in enumerate(levels)]
        yield [each - looker.mixed_in(card) for card, each in enumerate(kept)]


def _last_card(film: Film) -> tuple[float, float]:
    """When it begins and ends."""
    return float(film.seconds[-1]), film.duration_s


def _most_of_card(pair: Pair, card: int) -> float:
    """Grey levels that may differ in one place of a card: more where one of the two alone has few colours."""
    has_few = [film.palette(card) is not None for film in (pair.one, pair.other)]
    return _SAME_IN_FEW_COLOURS if any(has_few) and not all(has_few) else SAME_RESIDUAL


def _score_of_cards(cards: Iterator[tuple[_Differing, float]]) -> float:
    """The worst that differs, of cards and how much that counts; none is looked at after the first that is another."""
    worst = 0.0
    for card, share in cards:
        worst = max(worst, share * _score([card], footage=False))
        if worst > SAME_RESIDUAL:
            break
    return worst


def _has_card_drawn_anew(cards: Sequence[_Differing]) -> bool:
    """Whether one card differs in a place, if only a little, where the others, and all around it, are kept.

    What an encoder loses, or a palette, it loses of every card: words that are dark on dark are changed on one.
    """
    levels = [_level(card, SAME_RESIDUAL, SAME_COLOUR_RESIDUAL) for card in cards]
    usual = max(_KEPT, sorted(levels)[(len(levels) - 1) // 2])
    around = [max(usual, float(np.percentile(_tiles(card.luma), 75))) for card in cards]
    limits = [_DRAWN_ANEW + _MORE_ALLOWED * (lost - _KEPT) for lost in around]
    return any(level > limit for level, limit in zip(levels, limits, strict=True))


def _has_held_place_drawn_anew(pair: Pair) -> bool:
    """The same of banners that have other numbers of cards: what one shows on two of them may be one card of the other.

    Only where both formats keep each frame by itself: what a video's encoder mixes differs from card to card.
    """
    if pair.mixed or pair.footage or len(pair.one.seconds) > _MOST_CARDS:
        return False
    looker, held, moments = _Looker(pair), pair.one.held_s(), map(float, pair.moments())
    equals = {each for each in map(pair.equals, moments) if held[each[0]] >= HELD_S}
    shown = {each for each in equals if not pair.leads_over(*each)}
    return _has_place_drawn_anew(looker, {each: looker.differing(*each, HELD_S).luma for each in sorted(shown)})


def _has_joined_card_drawn_anew(pair: Pair) -> bool:
    """Whether a banner, or a video of one, shows a card that a video has not, by frames that are joined card by card.

    What hardly moves passes for cards, of which no two joints are alike: where a film is found to differ from itself it
    tells nothing of others.
    """
    return _joined_card_differs(pair) and not _joined_card_differs(Pair.of(pair.one, pair.one))


def _joined_card_differs(pair: Pair) -> bool:
    """Whether a banner, or a video of one, shows a card that a video has not: what encoders make of a card is joined.

    No frame of them is held, by itself, for as long as the card; and of the joined ones little enough is lost to tell
    faint words that were exchanged. A card that is another one of the banner is but shown at another time.
    """
    one = pair.one if pair.one.frames_alone else cards_of(pair.one)
    if one is None or not pair.mixed or len(one.seconds) * _OF_A_CARD > len(pair.other.seconds):
        return False
    if is_footage(one) or len(one.seconds) > _MOST_CARDS:
        return False
    joined = replace(pair, one=one, tiny=(tiny_of(one), pair.tiny[1])).joined()
    if joined is None:
        return False
    looker, held = _Looker(joined), np.maximum(one.held_s(), HELD_S)

    def differing(card: int, shown: int) -> _Differing:
        return looker.differing(card, shown, float(held[card]))

    def differs(card: int, shown: int) -> bool:
        return _score([differing(card, shown)], footage=False) > SAME_RESIDUAL

    numbers = range(len(one.seconds))
    kept = [card for card in numbers if not differs(card, card)]
    if any(all(differs(card, shown) for card in numbers) for shown in numbers if shown not in kept):
        return True
    cards = {(card, card): differing(card, card) for card in kept}
    levels = {each: card.luma for each, card in cards.items()}
    lossy = 1 if pair.one.frames_alone else 2  # encoders
    return bool(kept) and (_has_card_drawn_anew([*cards.values()]) or _has_place_drawn_anew(looker, levels, lossy))


def _has_place_drawn_anew(looker: "_Looker", shown: dict[tuple[int, int], Picture], lossy: int = 1) -> bool:
    """Whether one card, of pairs of them, differs in a place (levels), if only a little, where no other card does.

    What a palette or a video's range does to black, or an encoder to a photograph, it does on every card that shows it.
    What it does to an edge grows with the contrast there; words that were exchanged differ by most of theirs. Two lossy
    encoders do twice as much.
    """
    if len(shown) < _FEWEST_CARDS:
        return False
    apart = np.stack([looker.apart(*each) for each in shown])
    for number, (each, levels) in enumerate(shown.items()):
        elsewhere = np.delete(apart, number, axis=0).max(axis=0)
        if float((levels - elsewhere - _OF_CONTRAST * looker.contrast(*each)).max()) > lossy * _ALONE_ANEW:
            return True
    return False


def _score(moments: Sequence[_Differing], *, footage: bool) -> float:
    """The worst that differs, on the scale of `SAME_RESIDUAL`."""
    runs = [moments[at : at + _TOGETHER] for at in range(max(1, len(moments) - _TOGETHER + 1))]
    kept = [_least([moment.luma for moment in run]) for run in runs]
    worst = max(float(luma.max()) for luma in kept)
    for run in runs:
        chroma = float(_least([moment.chroma for moment in run]).max())
        worst = max(worst, chroma * SAME_RESIDUAL / SAME_COLOUR_RESIDUAL, _alone(run, footage=footage))
    return worst * SAME_RESIDUAL / _limit(kept, footage=footage)


def _least(pictures: Sequence[Picture]) -> Picture:
    """Pixel by pixel; NumPy copies all into one first."""
    return reduce(cv2.min, pictures)


def _limit(kept: Sequence[Picture], *, footage: bool) -> float:
    """What an encoder of few bits, or dither, may leave in one place: more, the more it leaves all over the picture.

    An edit changes a part of the picture for a part of the time, and of a banner seldom less than a quarter.
    """
    noise = float(np.percentile([_tiles(luma) for luma in kept], 75 if footage else 25))
    return min(MOST_RESIDUAL, SAME_RESIDUAL + _NOISE_WEIGHT * max(0.0, noise - _USUAL_NOISE))


def _tiles(luma: Picture) -> Picture:
    """The worst in each of sixteen parts of a picture."""
    height, width = (side // _TILES * _TILES for side in luma.shape)
    return luma[:height, :width].reshape(_TILES, height // _TILES, _TILES, width // _TILES).max(axis=(1, 3))


def _alone(run: Sequence[_Differing], *, footage: bool) -> float:
    """What differs in each of these moments, wherever, and in one of them that is held for long, as `_score` has it.

    What moves fast is given few bits; a card, however briefly shown, stands still.
    """
    fast = [_level(moment, SAME_MOMENT, SAME_MOMENT_COLOUR) for moment in run]
    limits = (SAME_MOMENT, SAME_MOMENT_COLOUR) if footage else (SAME_RESIDUAL, SAME_COLOUR_RESIDUAL)
    held = [_level(moment, *limits) for moment in run if moment.held_s >= HELD_S]
    return max(min(fast), *held, 0.0)


def _level(moment: _Differing, luma: float, chroma: float) -> float:
    return SAME_RESIDUAL * max(float(moment.luma.max()) / luma, float(moment.chroma.max()) / chroma)


def _alike(moment: _Differing) -> bool:
    return float((moment.luma <= _ALIKE).mean()) >= _FAMILY_ALIKE


def _seen(pair: Pair) -> Iterator[_Differing]:
    """Each moment of `one` that `other` has too, and how it differs from its equal there."""
    looker = _Looker(pair)
    held = pair.one.held_s()
    for moment in pair.moments():
        frame, equal = pair.equals(float(moment))
        found = looker.differing(frame, equal, float(held[frame]))
        yield found.of_a_step() if pair.leads_over(frame, equal) else found


class _Looker:
    """Looks at pairs of frames in the size of the smaller film.

    What is kept of frames is kept by functions that do not know the looker, or the side: else each would refer to
    itself, and megabytes would stay until Python looks for such objects, of which there are few.
    """

    def __init__(self, pair: Pair) -> None:
        self._one = _Side(pair, pair.one, placed=False)
        self._other = _Side(pair, pair.other, placed=True)
        self._last: tuple[tuple[int, int], _Differing] | None = None
        palettes_tell = pair.placed is None and not pair.footage
        self._looks: Callable[[int, int], tuple[_Look, _Look]] = lru_cache(_LOOKS_KEPT)(
            partial(_both, self._one, self._other, palettes_tell=palettes_tell)
        )

    def differing(self, frame: int, equal: int, held_s: float) -> _Differing:
        """How a frame of the one differs from a frame of the other; the same pair comes up again and again."""
        if self._last is None or self._last[0] != (frame, equal):
            one, other = self._looks(frame, equal)
            self._last = (frame, equal), _Differing(held_s, _luma_residual(one, other), _chroma_residual(one, other))
        return self._last[1]

    def apart(self, card: int, equal: int) -> Picture:
        """By how many levels a card differs from that of the other film, whatever explains it."""
        return cv2.blur(np.abs(self._one.look(card).luma - self._other.look(equal).luma), (3, 3))

    def apart_but_for_detail(self, card: int) -> Picture:
        """The same, from what is left of a card whose detail the second film's encoder lost.

        An encoder of video copies most of a card from the one before, and codes a block that changed anew: coarsely.
        """
        left = cv2.GaussianBlur(self._one.look(card).luma, (0, 0), _LOST_DETAIL)
        return cv2.blur(np.abs(left - self._other.look(card).luma), (3, 3))

    def contrast(self, card: int, equal: int) -> Picture:
        """Around each pixel of a card, in that film that has more."""
        around = np.ones((_AROUND, _AROUND), np.uint8)
        planes = self._one.look(card).luma, self._other.look(equal).luma
        ranges = [cv2.dilate(plane, around) - cv2.erode(plane, around) for plane in planes]
        return np.asarray(np.maximum.reduce(ranges), np.float32)

    def mixed_in(self, card: int) -> Picture:
        """By how many levels the second one lies on the way from a card to one of the first one's next, around a place.

        An encoder that looks ahead leaves parts of letters, too, that have no share in common with what is around them.
        """
        own = self._one.look(card).luma
        apart, part = self._other.look(card).luma - own, np.zeros_like(own)
        for later in range(card + 1, min(card + 1 + blends.FOLLOWING, len(self._one.film.seconds))):
            way = self._one.look(later).luma - own
            mixed = np.clip(apart * np.sign(way), 0, blends.MOST * np.abs(way))
            part = np.where(blends.share_of_way(apart, way) <= blends.MOST, np.maximum(part, mixed), part)
        around: Picture = cv2.dilate(cv2.blur(np.minimum(part, _MOST_MIXED), (3, 3)), np.ones((3, 3), np.uint8))
        return around

    def without_next(self, frame: int, equal: int, held_s: float) -> _Differing:
        """The same, but for what the second has of the first one's next cards: encoders of video blend them."""
        following = range(frame + 1, min(frame + 1 + blends.FOLLOWING, len(self._one.film.seconds)))
        if not following:
            return self.differing(frame, equal, held_s)
        one, other = self._looks(frame, equal)
        for card in following:
            other = _unblended(other, one, self._one.look(card), is_first=frame == 0)
        found = _Differing(held_s, _luma_residual(one, other), _chroma_residual(one, other))
        return found.of_a_mixture() if frame == 0 and self._other.film.mixes_frames else found


@dataclass(frozen=True, eq=False)
class _Look:
    """A frame as it is compared, as floats.

    Attributes:
        luma: smoothed.
        slope: its gradient, in grey levels a pixel.
        motion: by how many grey levels each pixel changes within a twelfth of a second, before or after.
        chroma: Cb and Cr, smoothed, at half the size.
        lost: what a coarse encoding loses around each place, in luma and both colours; None where that is not asked.
    """

    luma: Picture
    slope: Picture
    motion: Picture
    chroma: tuple[Picture, Picture]
    lost: blends.Shown | None = None

    @property
    def planes(self) -> blends.Shown:
        """Luma and both colours."""
        return self.luma, *self.chroma

    def replaced(self, planes: blends.Shown) -> "_Look":
        """The same with other planes."""
        luma, blue, red = planes
        return replace(self, luma=luma, chroma=(blue, red))


class _Side:
    """The frames of one film, laid where the other has them."""

    def __init__(self, pair: Pair, film: Film, *, placed: bool) -> None:
        self.film = film
        self._pair = pair if placed else replace(pair, placed=None, tone=(1.0, 0.0))
        losses = pair.losses[1 if placed else 0]
        luma: Callable[[int], Picture] = lru_cache(_LOOKS_KEPT)(partial(_smooth_luma, self._pair, film))
        self.look: Callable[[int], _Look] = lru_cache(_LOOKS_KEPT)(partial(_look, self._pair, film, luma, losses))

    def lacking(self, frame: int, palette: Palette) -> blends.Shown:
        """By how much a palette would show a frame otherwise."""
        height, width = self._pair.shape
        found = lacks.lacking(palette, self.film.luma[frame], self.film.chroma[frame])
        sizes = (width, height), (width // 2, height // 2), (width // 2, height // 2)
        luma, blue, red = (smooth(cv2.resize(plane, size)) for plane, size in zip(found, sizes, strict=True))
        return luma, blue, red


def _both(one: _Side, other: _Side, frame: int, equal: int, *, palettes_tell: bool) -> tuple[_Look, _Look]:
    """What both show, but for what a palette lacks where one of them alone has few colours."""
    shown, equals = one.look(frame), other.look(equal)
    palette, others = one.film.palette(frame), other.film.palette(equal)
    if not palettes_tell:
        return shown, equals
    if palette is None and others is not None:
        equals = equals.replaced(lacks.without(one.lacking(frame, others), equals.planes, shown.planes))
    if others is None and palette is not None:
        shown = shown.replaced(lacks.without(other.lacking(equal, palette), shown.planes, equals.planes))
    return shown, equals


def _look(pair: Pair, film: Film, smooth_luma: Callable[[int], Picture], losses: Losses | None, frame: int) -> _Look:
    luma = smooth_luma(frame)
    at = film.seconds[frame] + np.array([-1, 1]) / MOMENTS_PER_SECOND
    motion = cv2.max(*(cv2.absdiff(luma, smooth_luma(int(near))) for near in film.shown_at(at)))
    half: Shape = (pair.shape[0] // 2, pair.shape[1] // 2)
    blue, red = (smooth(laid(plane, pair, half)) for plane in film.chroma[frame])
    lost = None if losses is None else _lost(pair, losses, frame)
    return _Look(luma, gradient(luma), motion, (blue, red), lost)


def _lost(pair: Pair, losses: Losses, frame: int) -> blends.Shown:
    half: Shape = (pair.shape[0] // 2, pair.shape[1] // 2)
    blue, red = (laid(plane, pair, half) for plane in losses.chroma[frame])
    return laid(losses.luma[frame], pair, pair.shape), blue, red


def _smooth_luma(pair: Pair, film: Film, frame: int) -> Picture:
    gain, offset = pair.tone
    toned = gain * smooth(laid(film.luma[frame], pair, pair.shape)) + offset
    clipped: Picture = np.clip(toned, 0, 255)
    return clipped


def _unblended(shown: _Look, card: _Look, following: _Look, *, is_first: bool) -> _Look:
    """What a card shows, as another film has it, without what its encoder mixed in of a next one."""
    return shown.replaced(blends.without(following.planes, shown.planes, card.planes, is_first=is_first))


def _luma_residual(one: _Look, other: _Look) -> Picture:
    tolerated = _EDGE_TOLERANCE * np.minimum(one.slope, other.slope)
    tolerated += _MOTION_TOLERANCE * np.minimum(one.motion, other.motion)
    tolerated += sum(look.lost[0] for look in (one, other) if look.lost is not None)
    return _told(cv2.blur(np.maximum(0, np.abs(one.luma - other.luma) - tolerated), (3, 3)))


def _chroma_residual(one: _Look, other: _Look) -> Picture:
    losses = [look.lost[1:] for look in (one, other) if look.lost is not None]
    differing = [
        np.maximum(0, np.abs(plane - shown) - _SATURATION_TOLERANCE * np.abs(plane - 128) - sum(lost))
        for plane, shown, *lost in zip(one.chroma, other.chroma, *losses, strict=True)
    ]
    return cv2.blur(np.maximum.reduce(differing), (3, 3))


def _one_scene(pair: Pair) -> bool:
    """Whether `one` shows nothing of its own beyond the ends of `other`: what comes there leads on from them."""
    times = np.arange(0, pair.one.until_s, 1 / MOMENTS_PER_SECOND)
    tiny = pair.tiny[0][pair.one.shown_at(times)]
    within = 1 / MOMENTS_PER_SECOND + APART_S / 2  # the last moment of both, from which the way leads out
    begin, end = pair.shift_s + within, pair.other.until_s + pair.shift_s - within
    ways = tiny[times <= begin][::-1], tiny[times >= end]
    return all(leads_on(way, pair.tiny[1]) for way in ways)


def _shows_all_cards(pair: Pair) -> bool:
    """Whether `other` shows all that `one`, a banner or a slide show, shows beyond its ends, however briefly.

    What is trimmed off footage leads on; of cards that stand still each says something.
    """
    film = pair.one
    if is_footage(film):
        return True
    looker, held = _Looker(pair), film.held_s()
    ends = film.seconds + held
    beyond = (ends <= pair.shift_s + _ROUNDED_S) | (film.seconds >= pair.other.until_s + pair.shift_s - _ROUNDED_S)
    for frame in np.flatnonzero(beyond & (held >= HELD_S)):
        shown = looker.differing(int(frame), pair.equal(int(frame), float(film.seconds[frame])), float(held[frame]))
        if float(film.luma[frame].std()) >= FLAT and _score([shown], footage=False) > SAME_RESIDUAL:
            return False
    return True


def _told(residual: Picture) -> Picture:
    """What exceeds the noise around it, looked for only where something would count."""
    return residual if float(residual.max(initial=0.0)) <= SAME_RESIDUAL else beyond_noise(residual)
