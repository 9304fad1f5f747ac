"""What the offline extractor finds in a video: what its frames tell, and at which second."""

import itertools
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TYPE_CHECKING

from functions.extract.extractors.offline import colours, findings, video, wording
from functions.extract.extractors.offline.findings import Findings, Sight
from functions.extract.extractors.offline.lexicon import Lexicon, fold, lexicon_for
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
_SAME_WORDS = 0.85  # of two readings of the same words, by the share of letters they have in common
_SWATCH = (64, 64)

# Letters of a word that one reading has to itself: OCR makes shorter ones out of specks; "men" is a part of "women".
_SHORTEST_WORD = 3
# Letters: "Plzza" is "Pizza", "Tuesday" not "Thursday". Long words have two.
_MISREAD_LETTERS, _LONG_WORD = 1, 10
_WORD = re.compile(r"[^\W_]+")

# Letters that are read for digits, and the other way round.
_DIGITS = re.compile(r"\d+")
_MISREAD = str.maketrans("oilszbgq", "01152899")

# A clock that runs in the picture says another time in each frame, and nothing of the ad.
_CLOCK = re.compile(r"(?<!\d)\d{1,2}(?:[:;]\d{2}){2,3}(?:[.,]\d{1,3})?(?!\d)")


_READ_S = 0.49
"""Seconds that a reader takes, half of one as files round it: what is shown for less, as where cards fade into each
other, is no words of the ad.
"""

_LONGEST_FADE_S = 1.0
_BESIDE_S = 0.25  # longer than words take to fade in


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
    looks = [look for second in parts.looks() for look in _looks_at(stream, parts, second)]
    return of_looks(looks) | (of_scenes(parts.scenes, looks) if short else {})


def _looks_at(stream: "PictureStream", parts: Cut, second: float) -> list[Look]:
    """A look at a second; and another one a moment beside it, where what was found was not read.

    Of both the clearer one says how much that is: in what moves, or fades in, half a picture may pass for words once.
    """
    looks = [*_looked_at(stream, parts, second)]
    if not looks or not looks[0].sight.unread:
        return looks
    beside = (second + _BESIDE_S, second - _BESIDE_S)
    again = next((at for at in beside if at >= 0 and parts.since(at) == looks[0].since), beside[0])
    looks += _looked_at(stream, parts, again)
    unread = min(look.sight.unread for look in looks)
    clear = [replace(look, sight=replace(look.sight, unread=unread)) for look in looks]
    return sorted(clear, key=lambda look: look.second)


def _looked_at(stream: "PictureStream", parts: Cut, second: float) -> Iterator[Look]:
    for at, picture in video.shown_at(stream, [second]):
        yield Look(at, findings.look(picture), picture.resize(_SWATCH), since=parts.since(at))


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
        return sum(look.held_s for look in looks if any(_same(block.text, each.text) for each in look.sight.blocks))

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

    Of looks at the same words the clearest counts: what a moving ground had taken for words in one is in no other.
    """
    clearest: dict[tuple[str, ...], Sight] = {}
    for look in _readable(looks):
        words = tuple(_letters(block.text) for block in look.sight.blocks)
        clearest[words] = min(clearest.get(words, look.sight), look.sight, key=lambda sight: sight.unread)
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
        earlier = itertools.takewhile(lambda scene: scene["text"] and _same(scene["text"], text), reversed(described))
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
        known = next((at for at, each in enumerate(kept) if _same(block.text, each.text)), None)
        if known is not None:
            kept[known] = max(kept[known], block, key=_sureness)
        elif not any(_same(block.text, text) for text in _runs(kept, len(_letters(block.text)))):
            kept.append(block)
    return kept


def _sureness(block: Block) -> float:
    return round(min(line.score for line in block.lines), 2)


def _runs(blocks: Sequence[Block], letters: int) -> Iterator[str]:
    """The lines beside one another in the blocks that have about as many letters."""
    lines = [line.text for block in blocks for line in block.lines]
    sizes = [len(_letters(line)) for line in lines]
    for start in range(len(lines)):
        for stop in range(start + 1, len(lines) + 1):
            size = sum(sizes[start:stop])
            if size * _SAME_WORDS > letters:
                break
            if size >= letters * _SAME_WORDS:
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
        "promotion_s": lambda blocks: wording.promotion_text(blocks, lexicon) is not None,
        "price_s": lambda blocks: _quoted(wording.price(blocks, lexicon, spoken), price),
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


def _quoted(price: wording.Price | None, quote: str | None) -> bool:
    return price is not None and price.quote == quote


def _called(blocks: Sequence[Block], lexicon: Lexicon, call: str | None) -> bool:
    found = wording.call_to_action(blocks, lexicon)
    return found is not None and call is not None and _same(found, call)


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
    return " ".join(block.text for block in blocks) or None


def _same(one: str, other: str) -> bool:
    letters = SequenceMatcher(None, _letters(one), _letters(other), autojunk=False)
    # The quick ones bound the ratio from above: most lines are told apart by their lengths.
    alike = all(ratio() >= _SAME_WORDS for ratio in (letters.real_quick_ratio, letters.quick_ratio, letters.ratio))
    if not alike or wording.figures(one) != wording.figures(other):
        return False
    return _same_digits(_unclocked(one), _unclocked(other)) and not _words_of_its_own(one, other)


def _words_of_its_own(text: str, other: str) -> list[str]:
    """The words of a text that the other has not, be it misread, or joined with what stands beside them."""
    own, there, run = _words(text), _words(other), _letters(other)
    joined = {*there, *_pairs(there)}
    beside = ["", *_pairs(own), ""]
    return [
        word
        for word, *pairs in zip(own, beside, beside[1:], strict=False)
        if word not in there
        and len(word) >= _SHORTEST_WORD
        and not (len(word) > _SHORTEST_WORD and word in run)
        and not any(_misread(word, each, _most_misread(word, each)) for each in there)
        and not any(_misread(part, each, _MISREAD_LETTERS) for part in (word, *pairs) for each in joined)
    ]


def _most_misread(word: str, other: str) -> int:
    return _MISREAD_LETTERS + (min(len(word), len(other)) >= _LONG_WORD)


def _pairs(words: Sequence[str]) -> list[str]:
    """Words that stand beside each other, as if there were no space between them."""
    return [one + other for one, other in itertools.pairwise(words)]


def _misread(word: str, other: str, most: int) -> bool:
    """Whether two words may be one, but for so many letters that are misread, left out or too many."""
    if abs(len(word) - len(other)) > most:
        return False
    steps = SequenceMatcher(None, word, other, autojunk=False).get_opcodes()
    return most >= sum(max(end - start, stop - begin) for step, start, end, begin, stop in steps if step != "equal")


def _words(text: str) -> list[str]:
    return _WORD.findall(_unclocked(text).casefold())  # ß in capitals is SS


def _same_digits(one: str, other: str) -> bool:
    """Whether both have the same digits, or none that is not a letter of the other, misread."""
    if "".join(_DIGITS.findall(one)) == "".join(_DIGITS.findall(other)):
        return True
    read, others = _as_digits(one), _as_digits(other)
    return not (read - others) & _numbers(one) and not (others - read) & _numbers(other)


def _numbers(text: str) -> Counter[str]:
    """The numbers in a text, with the letters beside them that may be digits."""
    runs = (match.span() for match in _DIGITS.finditer(text.translate(_MISREAD)))
    return Counter(text[start:stop].translate(_MISREAD) for start, stop in runs if _DIGITS.search(text[start:stop]))


def _as_digits(text: str) -> Counter[str]:
    """All in a text that may be read as numbers."""
    return Counter(_DIGITS.findall(text.translate(_MISREAD)))


@lru_cache(maxsize=8192)  # each line of a video is held against each other one
def _letters(text: str) -> str:
    return "".join(sign for sign in _unclocked(text) if sign.isalnum())


def _unclocked(text: str) -> str:
    return fold(_CLOCK.sub("0:00:00", text))
