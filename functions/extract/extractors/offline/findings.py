"""What the offline extractor finds in a picture, and how that becomes an instance of the feature model asked for.

Null beats a guess: a field is filled only by what was seen, and 'no' is said only where the words were read and their
language is one whose offers and calls we know.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from functions.extract.extractors.offline import calls, colours, language, misread, people, prices, pricing, promotions
from functions.extract.extractors.offline.lexicon import LANGUAGES, lexicon_for
from shared import features
from shared.media import digits, ocr
from shared.media.ocr import READ_WORDS, Block, Line
from shared.reasons import Reason, Rejected

if TYPE_CHECKING:
    from PIL import Image

# Of a picture: the finder takes less than this for words in any texture.
_SPECKS = 0.01

# Of the words: where more was not read, most is in a script that the reader does not know, or no words at all, and only
# what is certain is said. Figures and Latin words were read with .92 to 1 there, lines in Cyrillic, Greek and Hebrew
# with up to .87, or with more where each of their letters looks like a Latin one (November 2026).
_MOST_UNREAD = 0.3
_CERTAIN = 0.9

# How sure the reader is of a single word that stands by itself; of less, it is letters in a photograph: "YAWAHA", "X1",
# with .65 to .86. The lower limit is that of a word at least half as tall as the tallest line: "ORA" of a headline has
# .83 (1,179 lines of 460 drawn ads, November 2026: all that are left out are such letters).
_SURE_OF_WORD, _SURE_OF_LARGE_WORD = 0.9, 0.8
_LARGE = 0.5

# The letters that Cyrillic and Greek have, too, or others that look like them: "METPO", "KAPTA", "Bcë no".
_SHARED = frozenset("ABCEHIJKMNOPSTXYZaceëiïjkmnoprsuvxy")

# The reader's alphabet lacks most vowels with tones: 'Hà Ni' for 'Hà Nội', and nobody can tell which words are whole.
_IN_LETTERS_THAT_IT_LACKS = "vi"
_ITS_OWN_LETTERS = frozenset("ơưƠƯ")
_WORD = re.compile(rf"[^\W\d_{digits.RAISED}]{{2,}}")
_LONGER_WORD = re.compile(rf"[^\W\d_{digits.RAISED}]{{3,}}")  # 'nn. a' is read in Thai with .96

# So few signs tell their language by chance: 'no' is said only where no language's words say yes.
_FEW_SIGNS = 30

type Findings = dict[str, Any]
"""Field names of `shared.features` with their values; what is absent could not be told."""


@dataclass(frozen=True)
class Sight:
    """What one picture shows.

    Attributes:
        blocks: its words, in reading order.
        faces: how many it shows.
        unread: how much of the picture, 0 to 1, is words that were found and not read.
        passing: how much of it passes for such words, and moves with the ground.
        unsure: the lines that were found, and not read for sure.
        size: of the picture, whose pixels the boxes of the words count.
        read: how much of it is words that were read.
    """

    blocks: list[Block]
    faces: int
    unread: float = 0.0
    size: tuple[int, int] = (0, 0)
    read: float = 0.0
    passing: float = 0.0
    unsure: tuple[Line, ...] = ()

    @property
    def lines(self) -> list[Line]:
        """The lines of all blocks."""
        return [line for block in self.blocks for line in block.lines]

    def without(self, lines: Sequence[Line]) -> "Sight":
        """The same without some of its lines."""
        left = [tuple(line for line in block.lines if line not in lines) for block in self.blocks]
        return replace(self, blocks=[Block(each) for each in left if each])

    def words_read(self, at_s: float | None = None) -> Findings:
        """What was read where, and at which second, as `verify` looks quotations up in it; how many lines were not."""
        lines = [asdict(line) for line in self.lines]
        left_out = len(lines) - sum(len(block.lines) for block in whole(self.blocks))
        return {"at_s": at_s, "size": self.size, "lines": lines, "unread": len(self.unsure) + left_out}


def look(picture: "Image.Image") -> Sight:
    """What is seen in an upright RGB picture."""
    reading = ocr.read_all(picture)
    unread = reading.unread if reading.unread > _SPECKS else 0.0
    faces = people.count_faces(picture)
    blocks = [Block(tuple(map(_mended, block.lines))) for block in reading.blocks]
    return Sight(blocks, faces, unread, picture.size, reading.read, unsure=reading.unsure)


def _mended(line: Line) -> Line:
    return replace(line, text=misread.mended(line.text))


def lacking(sights: Sequence[Sight]) -> float:
    """How much of the words in some pictures was found and not read, as a share of all that was found in each.

    Each counts as much: what is taken for words is as large as half a picture, words that are read a tenth of one.
    """
    shares = [sight.unread / (sight.unread + sight.read) for sight in sights if sight.unread or sight.read]
    return sum(shares) / len(shares) if shares else 0.0


def of_image(picture: "Image.Image") -> Findings:
    """What an upright RGB picture tells."""
    sight = look(picture)
    faces = {"has_people": True, "people_count": sight.faces} if sight.faces else {}
    seen = {"dominant_colors": colours.dominant_colors(picture), READ_WORDS: [sight.words_read()]}
    worded = without_strays(sight.blocks)
    found = of_words(worded, lacking([sight])) if worded or not sight.blocks else {}
    return found | faces | seen


def of_words(blocks: Sequence[Block], unread: float = 0.0) -> Findings:
    """What the words of a creative tell; where a share of them (`unread`) was not read, nothing is said to lack.

    Where much of them was not, or all that was may be in another script, what is told is of the lines that are certain;
    figures alone are no text then.
    """
    doubted = unread >= _MOST_UNREAD or (unread and _are_foreign(blocks)) or _are_none(blocks)
    told = certain(blocks) if doubted else blocks
    text = " ".join(block.text for block in told)
    if not blocks and unread:
        return {}
    if not blocks:
        return {"has_text": False, "has_promotion": False, "has_call_to_action": False}
    spoken = language.language_of(text)
    said = whole(told)
    said_text = " ".join(block.text for block in said)
    lexicon = lexicon_for(spoken)
    call = calls.call_to_action(told, lexicon)
    absent = False if spoken in LANGUAGES and not unread else None
    known = lexicon_for(None) if len(text) <= _FEW_SIGNS else lexicon
    maybe = None if promotions.may_promote(told, known) else absent
    return {
        "has_text": True,
        "text": said_text if said is blocks or _WORD.search(said_text) else None,
        "language": spoken,
        "has_promotion": promotions.has_promotion(told, lexicon) or maybe,
        "promotion_text": promotions.promotion_text(said, lexicon),
        "discount_percent": promotions.discount_percent(told, lexicon),
        "has_call_to_action": True if call else None if calls.may_call(told, known) else absent,
        "call_to_action": call,
    } | of_price(pricing.price(told, lexicon, spoken))


def without_strays(blocks: Sequence[Block]) -> list[Block]:
    """The lines of a still picture that its maker wrote, as far as that can be told: no letters of a photograph."""
    tallest = max((line.size for block in blocks for line in block.lines), default=0.0)
    lines = ([line for line in block.lines if not _is_stray(line, tallest)] for block in blocks)
    return [Block(tuple(each)) for each in lines if each]


def _is_stray(line: Line, tallest: float) -> bool:
    sure = _SURE_OF_LARGE_WORD if line.size >= _LARGE * tallest else _SURE_OF_WORD
    return line.score < sure and len(line.text.split()) == 1 and not promotions.figures(line.text)


def certain(blocks: Sequence[Block]) -> list[Block]:
    """The lines that are what they were read as, although much beside them was not read."""
    lines = ([line for line in block.lines if line.score >= _CERTAIN and not _may_be_foreign(line)] for block in blocks)
    return [Block(tuple(each)) for each in lines if each]


def whole(blocks: Sequence[Block]) -> Sequence[Block]:
    """The lines whose words have all of their letters: of Vietnamese only those that are figures."""
    text = " ".join(block.text for block in blocks)
    spoken = language.language_of(text)
    if spoken != _IN_LETTERS_THAT_IT_LACKS and (spoken or _ITS_OWN_LETTERS.isdisjoint(text)):
        return blocks
    lines = ([line for line in block.lines if not _has_words(line.text)] for block in blocks)
    return [Block(tuple(each)) for each in lines if each]


def _has_words(text: str) -> bool:
    """Whether a line has words beside its amounts of money."""
    for money in reversed(prices.find(text)):
        text = text[: money.start] + text[money.end :]
    return bool(_WORD.search(text))


def _are_none(blocks: Sequence[Block]) -> bool:
    """Whether lines in no language are uncertain and none beside them has a certain word: read in another script."""
    if language.language_of(" ".join(block.text for block in blocks)):
        return False
    worded = [line for block in blocks for line in block.lines if any(map(str.isalpha, line.text))]
    certain_lines = [line for line in worded if line.score >= _CERTAIN]
    return len(certain_lines) < len(worded) and not any(_LONGER_WORD.search(line.text) for line in certain_lines)


def _are_foreign(blocks: Sequence[Block]) -> bool:
    """Whether no line has a letter that is of the scripts that the reader knows alone."""
    return _SHARED.issuperset(sign for block in blocks for sign in block.text if sign.isalpha())


def _may_be_foreign(line: Line) -> bool:
    """Whether each letter of a line may be one of another script."""
    letters = [sign for sign in line.text if sign.isalpha()]
    return bool(letters) and _SHARED.issuperset(letters)


def of_price(price: pricing.Price | None) -> Findings:
    """The fields that a price fills."""
    if price is None:
        return {}
    return {"price": price.amount, "price_text": price.quote, "currency": price.currency}


def fill[M: BaseModel](model: type[M], findings: Findings) -> M:
    """An instance of `model`: fields that it shares with what was found, null or an empty list in all others.

    A finding that a model's own field does not admit (another vocabulary, another unit) is left out.

    Raises:
        Rejected: when a field that cannot be filled admits neither null nor an empty list.
    """
    fields = model.model_fields.items()
    found = {name: findings.get(features.built_in_name(model, name)) for name in model.model_fields}
    values = {name: _value(found[name], field.rebuild_annotation()) for name, field in fields}
    unfilled = [name for name, value in values.items() if value is _NOTHING]
    if unfilled:
        told = f"the offline extractor cannot tell {', '.join(unfilled)}; declare what may be unknown as `| None`"
        raise Rejected(Reason.INVALID_ANSWER, told)
    return model.model_validate(values)


_NOTHING: Any = object()


def _value(found: object, annotation: Any) -> Any:  # noqa: ANN401
    """What was found if the field admits it, else null, else an empty list, else `_NOTHING`."""
    admits = TypeAdapter(annotation)
    for candidate in (found, None, []):
        try:
            return admits.validate_python(candidate)
        except ValidationError:
            continue
    return _NOTHING
