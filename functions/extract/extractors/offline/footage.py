"""What the offline extractor finds in a video: what its frames tell, and at which second."""

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from functions.extract.extractors.offline import (
    calls,
    colours,
    doubts,
    findings,
    pricing,
    promotions,
    readings,
    standing,
    video,
)
from functions.extract.extractors.offline.findings import Findings, Sight
from functions.extract.extractors.offline.lexicon import Lexicon, lexicon_for
from functions.extract.extractors.offline.video import HOOK_S, Cut, Scene
from shared.features import Pace
from shared.media.ocr import READ_WORDS, Block

if TYPE_CHECKING:
    from PIL import Image

    from shared.media import storyboards
    from shared.media.picture_stream import PictureStream

# As `shared.features.Pace` tells them apart: mean seconds a shot.
_SLOW_FROM_S = 4.0
_FAST_BELOW_S = 1.5

_MOST_SCENES = 50
_SWATCH = (64, 64)
_SPACES = 0.1  # surer a reading may be that lost the spaces between words: it often does, and is sure of each letter

_READ_S = 0.49
"""Seconds that a reader takes, half of one as files round it: what is shown for less, as where cards fade into each
other, is no words of the ad.
"""

_LONGEST_FADE_S = 1.0
_BESIDE_S = 0.25  # longer than words take to fade in

# Of half a second, a look in its middle or next to it has as much beside it; and how often at most, to each side.
_AGAIN_S = 0.2
_MOST_AGAIN = 10


@dataclass(frozen=True)
class Look:
    """What is seen at one second.

    Attributes:
        held_s: for how long, where that is known.
        since: when it began to be shown, as far as cuts, sudden changes and fades tell; where that is known.
    """

    second: float
    sight: Sight
    swatch: "Image.Image"
    held_s: float = math.inf
    since: float | None = None


def of_video(stream: "PictureStream", duration_s: float) -> Findings:
    """What the picture of a video tells; nothing of its sound, to which nothing here listens."""
    short = duration_s <= video.LONGEST_CUT_S
    parts = video.cut(stream) if short else Cut([Scene(0.0, duration_s)], [])
    looks = _without_doubts(stream, [look for second in parts.looks() for look in _looks_at(stream, parts, second)])
    return of_looks(looks) | (of_scenes(parts.scenes, looks) if short else {})


def _looks_at(stream: "PictureStream", parts: Cut, second: float) -> list[Look]:
    """A look at a second; and another one a moment beside it, where what was found was not read.

    Of both the clearer one says how much that is: in what moves, or fades in, half a picture may pass for words once.
    What is elsewhere a moment later are no words that lie over it.
    """
    seen = [*_looked_at(stream, parts, second)]
    if not seen or not seen[0][0].sight.unread:
        return [look for look, _ in seen]
    beside = (second + _BESIDE_S, second - _BESIDE_S)
    again = next((at for at in beside if at >= 0 and parts.since(at) == seen[0][0].since), beside[0])
    seen += _looked_at(stream, parts, again)
    found = min((look.sight for look, _ in seen), key=lambda sight: sight.unread)
    stands = standing.share(found.unsure, *(picture for _, picture in seen)) if _are_of_one_shot(seen) else 1.0
    unread, passing = found.unread * stands, found.unread * (1 - stands)
    clear = [replace(look, sight=replace(look.sight, unread=unread, passing=passing)) for look, _ in seen]
    return sorted(clear, key=lambda look: look.second)


def _are_of_one_shot(seen: Sequence[tuple[Look, "Image.Image"]]) -> bool:
    """Whether both looks are at what began to be shown at one time, in one size; there may be no second one."""
    return len(seen) > 1 and len({(look.since, look.sight.size) for look, _ in seen}) == 1


def _without_doubts(stream: "PictureStream", looks: Sequence[Look]) -> list[Look]:
    """The looks without lines that may be none; some looks a moment later or earlier tell."""
    seen = {look.second: look.sight for look in looks}
    again: dict[float, Sight] = {}
    for late in (_AGAIN_S, -_AGAIN_S):
        asked = [second + late for second in doubts.doubtful(seen, again) if second + late >= 0]
        again |= {at: findings.look(picture) for at, picture in video.shown_at(stream, asked[:_MOST_AGAIN])}
    none = doubts.doubtful(seen, again)
    return [replace(look, sight=look.sight.without(none.get(look.second, []))) for look in looks]


def _looked_at(stream: "PictureStream", parts: Cut, second: float) -> Iterator[tuple[Look, "Image.Image"]]:
    for at, picture in video.shown_at(stream, [second]):
        yield Look(at, findings.look(picture), picture.resize(_SWATCH), since=parts.since(at)), picture


def of_animation(shown: "Sequence[storyboards.Scene]", duration_s: float) -> Findings:
    """What the scenes of an animated picture tell; nothing of its sound, since there is none to listen to."""
    from PIL import Image

    ends = [*(each.seconds for each in shown[1:]), max(duration_s, shown[-1].seconds)]
    held = [Scene(each.seconds, end) for each, end in zip(shown, ends, strict=True)]
    looks = lasting(
        [
            Look(scene.start, findings.look(picture), picture.resize(_SWATCH), scene.end - scene.start)
            for each, scene in zip(shown, held, strict=True)
            for picture in (Image.fromarray(each.picture),)
        ]
    )
    return of_looks(looks) | of_scenes(_without_fades(held), looks)


def _without_fades(held: Sequence[Scene]) -> list[Scene]:
    """The scenes; what lasts for a moment between two that stay is a fade, and each of them has half of it."""
    runs = [list(run) for _, run in itertools.groupby(held, lambda scene: scene.end - scene.start >= _READ_S)]
    scenes: list[Scene] = []
    since: float | None = None
    for number, (first, *others) in enumerate(runs):
        end = others[-1].end if others else first.end
        between = 0 < number < len(runs) - 1 and first.end - first.start < _READ_S
        if between and end - first.start <= _LONGEST_FADE_S:
            since = (first.start + end) / 2
            scenes[-1] = Scene(scenes[-1].start, since)
            continue
        scenes += [Scene(first.start if since is None else since, first.end), *others]
        since = None
    return scenes


def lasting(looks: Sequence[Look]) -> list[Look]:
    """The looks with the words that are shown for long enough to be read; with all where none are."""

    def held_s(block: Block) -> float:
        return sum(
            look.held_s for look in looks if any(readings.same(block.text, each.text) for each in look.sight.blocks)
        )

    kept = [[block for block in look.sight.blocks if held_s(block) >= _READ_S] for look in looks]
    if not any(kept):
        return list(looks)
    return [replace(look, sight=replace(look.sight, blocks=blocks)) for look, blocks in zip(looks, kept, strict=True)]


def of_looks(looks: Sequence[Look]) -> Findings:
    """What all that was seen tells together, and the seconds of its evidence."""
    words = distinct(block for look in looks for block in look.sight.blocks)
    told = findings.of_words(words, _unread(looks))
    people = {"has_people": True} if any(look.sight.faces for look in looks) else {}
    opening = distinct(block for look in looks if look.second < HOOK_S for block in look.sight.blocks)
    hook = {"hook": {"text": _text(opening), "description": None}} if opening else {}
    read = {READ_WORDS: [look.sight.words_read(look.second) for look in looks]}
    return told | people | hook | _seconds(looks, told) | _colours(looks) | read


def _unread(looks: Sequence[Look]) -> float:
    """How much of the words that are shown was not read, as a share.

    Of looks at the same words the clearest counts: what a moving ground had taken for words in one is in no other. What
    passes by may be words where none is read.
    """
    sights = [look.sight for look in _readable(looks)]
    if not any(sight.blocks for sight in sights):
        sights = [replace(sight, unread=sight.unread + sight.passing) for sight in sights]
    clearest: dict[tuple[str, ...], Sight] = {}
    for sight in sights:
        words = tuple(readings.letters(block.text) for block in sight.blocks)
        clearest[words] = min(clearest.get(words, sight), sight, key=lambda each: each.unread)
    return findings.lacking([*clearest.values()])


def _readable(looks: Sequence[Look]) -> Sequence[Look]:
    """Those at what is shown for long enough to be read; all where nothing is."""
    return [look for look in looks if look.held_s >= _READ_S] or looks


def of_scenes(scenes: Sequence[Scene], looks: Sequence[Look]) -> Findings:
    """What the cuts tell: the scenes with their words, the pace, and the end card, which is a last scene with words."""
    described = [_described(scene, looks) for scene in scenes]
    found: Findings = {"pace": pace(scenes)}
    if len(described) <= _MOST_SCENES:
        found["scenes"] = described
    text = described[-1]["text"]
    if len(described) > 1 and text:
        earlier = itertools.takewhile(
            lambda scene: scene["text"] and readings.same(scene["text"], text), reversed(described)
        )
        found["end_card"] = {"start_s": [scene["start_s"] for scene in earlier][-1], "text": text}
    return found


def pace(scenes: Sequence[Scene]) -> Pace:
    """How fast a video is cut."""
    mean = (scenes[-1].end - scenes[0].start) / len(scenes)
    if mean > _SLOW_FROM_S:
        return Pace.SLOW
    return Pace.FAST if mean < _FAST_BELOW_S else Pace.MEDIUM


def distinct(blocks: Iterable[Block]) -> list[Block]:
    """The blocks without those whose words were seen before, as far as two readings of the same words agree.

    With another figure, be it of a date, a price or a model, they are others; so they are with another word. Of two
    readings the surer one is kept. What one reading takes for two blocks may be one to the next.
    """
    kept: list[Block] = []
    for block in blocks:
        known = next((at for at, each in enumerate(kept) if readings.same(block.text, each.text)), None)
        if known is not None:
            kept[known] = _better(kept[known], block)
        elif not any(readings.same(block.text, text) for text in _runs(kept, len(readings.letters(block.text)))):
            kept.append(block)
    return kept


def _better(one: Block, other: Block) -> Block:
    """The surer of two readings of the same words; the one with more words where they are apart by spaces alone."""
    apart = abs(_sureness(one) - _sureness(other))
    if apart <= _SPACES and readings.letters(one.text) == readings.letters(other.text):
        return max(one, other, key=lambda block: (_word_count(block), _sureness(block)))
    return max(one, other, key=_sureness)


def _word_count(block: Block) -> int:
    """How many words it has of more than a letter: what OCR reads as "S A L E" is one word."""
    return sum(len(readings.letters(word)) > 1 for word in block.text.split())


def _sureness(block: Block) -> float:
    return round(min(line.score for line in block.lines), 2)


def _runs(blocks: Sequence[Block], letters: int) -> Iterator[str]:
    """The lines beside one another in the blocks that have about as many letters."""
    lines = [line.text for block in blocks for line in block.lines]
    sizes = [len(readings.letters(line)) for line in lines]
    for start in range(len(lines)):
        for stop in range(start + 1, len(lines) + 1):
            size = sum(sizes[start:stop])
            if size * readings.SAME_WORDS > letters:
                break
            if size >= letters * readings.SAME_WORDS:
                yield " ".join(lines[start:stop])


def _described(scene: Scene, looks: Sequence[Look]) -> Findings:
    inside = [look for look in looks if scene.start <= look.second < scene.end]
    words = distinct(block for look in _readable(inside) for block in look.sight.blocks)
    start, end = round(scene.start, 2), round(scene.end, 2)
    return {"start_s": start, "end_s": end, "text": _text(words), "description": None}


def _seconds(looks: Sequence[Look], told: Findings) -> Findings:
    """When the words of an offer, a price and a call were first seen."""
    lexicon, spoken = lexicon_for(told.get("language")), told.get("language")
    price, call = told.get("price_text"), told.get("call_to_action")
    seen: dict[str, Callable[[Sequence[Block]], bool]] = {
        "promotion_s": lambda blocks: promotions.promotion_text(blocks, lexicon) is not None,
        "price_s": lambda blocks: _quoted(pricing.price(blocks, lexicon, spoken), price),
        "call_to_action_s": lambda blocks: _called(blocks, lexicon, call),
    }
    found = {name: _first(looks, test) for name, test in seen.items()}
    return {name: round(second, 2) for name, second in found.items() if second is not None}


def _first(looks: Sequence[Look], test: Callable[[Sequence[Block]], bool]) -> float | None:
    """When a look's words were there first: as soon as what it sees was, unless an earlier look at that lacks them."""
    before = -math.inf
    for look in looks:
        if test(look.sight.blocks):
            return look.second if look.since is None or look.since <= before else look.since
        before = look.second
    return None


def _quoted(price: pricing.Price | None, quote: str | None) -> bool:
    return price is not None and price.quote == quote


def _called(blocks: Sequence[Block], lexicon: Lexicon, call: str | None) -> bool:
    found = calls.call_to_action(blocks, lexicon)
    return found is not None and call is not None and readings.same(found, call)


def _colours(looks: Sequence[Look]) -> Findings:
    """The dominant colours of all frames side by side."""
    from PIL import Image

    if not looks:
        return {}
    strip = Image.new("RGB", (_SWATCH[0] * len(looks), _SWATCH[1]))
    for index, look in enumerate(looks):
        strip.paste(look.swatch, (_SWATCH[0] * index, 0))
    return {"dominant_colors": colours.dominant_colors(strip)}


def _text(blocks: Sequence[Block]) -> str | None:
    return " ".join(block.text for block in findings.whole(blocks)) or None
