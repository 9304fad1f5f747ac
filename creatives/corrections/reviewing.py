"""`creatives review`: the answers that are least sure, one after the other, a key each to confirm or to correct."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from pydantic import BaseModel

from creatives.corrections import saying
from creatives.operations.naming import name_of
from creatives.operations.tables import Tables
from shared import corrections
from shared.corrections import NotAllowedError
from shared.events import Correction, Kind

type Row = Mapping[str, Any]
type Key = Literal["y", "c", "n", "a", "s", "q"]

KEYS: Mapping[Key, str] = {
    "y": "confirm",
    "c": "correct",
    "n": "next feature",
    "a": "confirm all of this creative",
    "s": "next creative",
    "q": "quit",
}

_WORDS = {"ocr": "read on it", "not_found": "NOT found on it", "unreadable": "cannot be read"}
_SHOWN = 60
"""Characters of a quotation among several."""
_DOUBT = {"not_found": 3.0, "unreadable": 2.0}


@dataclass(frozen=True)
class Item:
    """A feature of a creative that a person may have a word on.

    Attributes:
        creative_id: the creative.
        kind: what it is.
        name: what people call it.
        uri: where it is, to be opened.
        field: the feature.
        value: what it says, as JSON has it.
        verdict: whether what it quotes was read on the creative; nothing where it does not quote.
        confidence: of the creative's answer, 0 to 1.
        doubt: the higher, the sooner somebody should look.
    """

    creative_id: str
    kind: Kind
    name: str
    uri: str
    field: str
    value: object
    verdict: str
    confidence: float | None
    doubt: float

    @property
    def sentence(self) -> str:
        """The feature in a line."""
        return f"{self.field}: {corrections.typed(self.value)}" + (f"  ({self.verdict})" if self.verdict else "")


def rows(tables: Tables, most: int, data: Path | None = None) -> Sequence[Row]:
    """The creatives to look at, the least sure first: those of which something was told that nobody had a word on.

    Their `uri` is where a person opens them: a file of the pipeline on `data`, or a page of Cloud Storage.
    """
    asked = tables.within(Path(__file__).parent)
    # Only where people had a word can nothing be left to say: as many more are read.
    ((begun,),) = (row.values() for row in asked.ask("begun"))
    found = [row for row in asked.ask("review", most=most + begun) if items(row)][:most]
    return [{**row, "uri": where(row["uri"], data)} for row in found]


def items(row: Row) -> list[Item]:
    """The features of a creative that were told and that nobody had a word on: those in doubt first."""
    said = {word["field"] for word in row["corrections"] or []}
    quoted: dict[str, list[Row]] = defaultdict(list)
    for each in row["evidence"] or []:
        quoted[each["field"].partition(".")[0]].append(each)
    told = [
        _item(row, field, value, quoted[field])
        for field, value in (row["features"] or {}).items()
        if value not in (None, []) and field not in said
    ]
    return sorted(told, key=lambda item: -item.doubt)


def review(
    found: Sequence[Row],
    model: type[BaseModel],
    show: Callable[[str], None],
    key: Callable[[], str],
    typed: Callable[[Item], str],
) -> Iterator[Correction]:
    """What a person says of creatives, one after the other, as events.

    Args:
        found: the creatives.
        model: the feature model, which says what may be said.
        show: shows a line.
        key: the next key that is pressed.
        typed: what is typed in the place of a value.
    """
    for row in found:
        asked = items(row)
        if asked:
            show(heading(asked[0]))
        while asked:
            item = asked.pop(0)
            show(f"  {item.sentence}")
            match _pressed(key):
                case "y":
                    yield from _confirmed(model, item, show)
                case "c":
                    yield from _corrected(model, item, show, typed)
                case "a":
                    for each in (item, *asked):
                        yield from _confirmed(model, each, show)
                    break
                case "s":
                    break
                case "q":
                    return


def heading(item: Item) -> str:
    """A creative in a line: what it is called, its id, how sure its answer is, and where it can be opened."""
    sure = "" if item.confidence is None else f"  {item.confidence:.0%} of what it quotes was read on it"
    return f"{item.name}  {item.creative_id}{sure}" + (f"  {item.uri}" if item.uri else "")


def where(uri: str | None, data: Path | None) -> str:
    """Where a person opens a stored object: the file of the pipeline on `data`, else Cloud Storage's page of it."""
    if not uri or not uri.startswith("gs://"):
        return uri or ""
    file = data and data / "gcs" / uri.removeprefix("gs://")
    if file and file.is_file():
        return str(file)
    return uri if data else f"https://storage.cloud.google.com/{quote(uri.removeprefix('gs://'))}"


def _pressed(key: Callable[[], str]) -> Key:
    """The next of our keys; others are as if they had not been pressed, the end of what is typed quits."""
    while (pressed := key().lower()) not in KEYS:
        if pressed in ("", "\x03", "\x04"):
            return "q"
    return pressed  # type: ignore[return-value]


def _confirmed(model: type[BaseModel], item: Item, show: Callable[[str], None]) -> Iterator[Correction]:
    """That it is as it says; a value of an earlier taxonomy can be seen, and no longer be said."""
    try:
        yield _word(model, item, "confirm", item.value)
    except NotAllowedError as error:
        show(f"  {error}")


def _corrected(
    model: type[BaseModel], item: Item, show: Callable[[str], None], typed: Callable[[Item], str]
) -> Iterator[Correction]:
    """What is typed instead, asked for again as long as it cannot stand there; what is left as it was is no word."""
    while (said := typed(item)) != corrections.typed(item.value):
        try:
            yield _word(model, item, "correct", said)
        except NotAllowedError as error:
            show(f"  {error}")
        else:
            return


def _word(model: type[BaseModel], item: Item, action: saying.Action, value: object) -> Correction:
    return saying.word(model, item.kind, item.creative_id, item.field, action, value)


def _item(row: Row, field: str, value: object, quoted: Sequence[Row]) -> Item:
    return Item(
        creative_id=row["creative_id"],
        kind=Kind(row["kind"]),
        name=name_of(row["uri"], (), row["creative_id"]),
        uri=row["uri"] or "",
        field=field,
        value=value,
        verdict=_verdict(quoted),
        confidence=row["confidence"],
        doubt=max(map(_doubt, quoted), default=0.0),
    )


def _verdict(quoted: Sequence[Row]) -> str:
    """Whether what a feature quotes was read; of several quotations how many were, and which were not."""
    if len(quoted) < 2:
        return "".join(_WORDS[each["verified"]] for each in quoted)
    read = sum(each["verified"] == "ocr" for each in quoted)
    missed = (f"{_WORDS[each['verified']]}: “{_short(each['quote'])}”" for each in quoted if each["verified"] != "ocr")
    return "; ".join([f"{read} of {len(quoted)} read on it", *missed])


def _short(quote: str) -> str:
    line = " ".join(quote.split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"


def _doubt(quoted: Row) -> float:
    return _DOUBT.get(quoted["verified"], 1.0 - (quoted["score"] or 1.0))
