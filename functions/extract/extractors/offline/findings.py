"""What the offline extractor finds in a picture, and how that becomes an instance of the feature model asked for.

Null beats a guess: a field is filled only by what was seen, and 'no' is said only where the words were read and their
language is one whose offers and calls we know.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from functions.extract.extractors.offline import colours, language, people, wording
from functions.extract.extractors.offline.lexicon import LANGUAGES, lexicon_for
from shared import features
from shared.media import ocr
from shared.media.ocr import READ_WORDS, Block, Line
from shared.reasons import Reason, Rejected

if TYPE_CHECKING:
    from PIL import Image

# Of a picture: the finder takes less than this for words in any texture.
_SPECKS = 0.01

# Of the words: a text that lacks more is not the creative's text.
_MOST_UNREAD = 0.3

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
        """What was read where, and at which second, as `verify` looks quotations up in it."""
        return {"at_s": at_s, "size": self.size, "lines": [asdict(line) for line in self.lines]}


def look(picture: "Image.Image") -> Sight:
    """What is seen in an upright RGB picture."""
    reading = ocr.read_all(picture)
    unread = reading.unread if reading.unread > _SPECKS else 0.0
    faces = people.count_faces(picture)
    return Sight(reading.blocks, faces, unread, picture.size, reading.read, unsure=reading.unsure)


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
    return of_words(sight.blocks, lacking([sight])) | faces | seen


def of_words(blocks: Sequence[Block], unread: float = 0.0) -> Findings:
    """What the words of a creative tell; where a share of them (`unread`) was not read, nothing is said to lack."""
    text = " ".join(block.text for block in blocks)
    if not text and unread:
        return {}
    if not text:
        return {"has_text": False, "has_promotion": False, "has_call_to_action": False}
    spoken = language.language_of(text)
    lexicon = lexicon_for(spoken)
    call = wording.call_to_action(blocks, lexicon)
    absent = False if spoken in LANGUAGES and not unread else None
    known = lexicon_for(None) if len(text) <= _FEW_SIGNS else lexicon
    maybe = None if wording.has_promotion(blocks, known) else absent
    return {
        "has_text": True,
        "text": text if unread < _MOST_UNREAD else None,
        "language": spoken,
        "has_promotion": wording.has_promotion(blocks, lexicon) or maybe,
        "promotion_text": wording.promotion_text(blocks, lexicon),
        "discount_percent": wording.discount_percent(blocks, lexicon),
        "has_call_to_action": True if call else None if wording.may_call(blocks, known) else absent,
        "call_to_action": call,
    } | of_price(wording.price(blocks, lexicon, spoken))


def of_price(price: wording.Price | None) -> Findings:
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
