"""Batches of ads as users publish them, in any of the accepted shapes, read item by item.

Accepted, as UTF-8 text:

- `{"batch_id": "…", "items": [{"ad_id": "…", "url": "…", …any other columns…}, …]}`;
- one ad alone, `{"ad_id": "…", "url": "…"}`, or a JSON array of ads;
- NDJSON: such an ad on each line;
- a table with a header (`shared.lists`);
- bare URLs: a JSON array of strings, or one URL on each line. The ad is then named by its URL (`name_of_url`).

Columns may have other names (`shared.columns`, or those that the batch gives as `id_column` and `url_columns`), and an
item several URLs: each is an ad's. What the import publishes is
taken to the letter, because its rows are found again in the raw-ads table by what stands there.

An item that cannot be used is a `Malformed` among the others: it says why and never touches its neighbours. Whether a
URL may be opened is not decided here (`shared.urls`).
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from shared import columns
from shared.columns import BY_NAME, Choice
from shared.events import Origin
from shared.lists import parsing
from shared.lists.cells import ID_CHARS, id_text
from shared.lists.json_text import is_nan, items_of, json_values, loads
from shared.lists.model import Line, NotAListError
from shared.reasons import Reason, Rejected

MAX_AD_ID_CHARS = ID_CHARS
MAX_URL_BYTES = 4_000_000
"""A longer URL (a data: URL, that is) is no ad: messages and rows hold no more."""


@dataclass(frozen=True, slots=True)
class Item:
    """One ad of a batch.

    Attributes:
        index: its place in the batch, from 0.
        ad_id: the advertiser's name for it.
        url: exactly as published: it is what joins an ad with its row in the raw-ads table.
        extra: the other columns as a JSON object; None where there are none.
        part: which of the URLs of its place it is, from 0.
    """

    index: int
    ad_id: str
    url: str
    extra: str | None
    part: int = 0


@dataclass(frozen=True, slots=True)
class Malformed:
    """An item that is no ad; `ad_id` and `url` are whichever of them it had.

    Attributes:
        index: its place in the batch, from 0.
        detail: what is wrong with it.
    """

    index: int
    detail: str
    ad_id: str | None = None
    url: str | None = None


@dataclass(frozen=True)
class Batch:
    """A batch, its items not yet read.

    Attributes:
        batch_id: as the sender named it; None where it has no name.
        origin: BATCH, or RAW_ADS where the message says so.
        values: the items as they came: parsed JSON, or a line that is none.
        choice: the columns that the batch names.
    """

    batch_id: str | None
    origin: Origin
    values: "list[object]"
    choice: Choice = BY_NAME

    def items(self) -> Iterator[Item | Malformed]:
        """Each item once: a repetition of an (ad, URL) of the same batch is left out."""
        seen: set[int] = set()
        exactly = self.origin is Origin.RAW_ADS
        for index, value in enumerate(self.values):
            for item in [_exactly(index, value)] if exactly else read(index, value, self.choice):
                key = hash((item.ad_id, item.url)) if isinstance(item, Item) else None
                if key is None or key not in seen:
                    yield item
                if key is not None:
                    seen.add(key)


class _Line(str):
    """A line of a batch that is text, not JSON.

    Attributes:
        number: of the line, from 1.
    """

    __slots__ = ("number",)
    number: int

    def __new__(cls, text: str, number: int) -> Self:
        """The line of that number."""
        line = super().__new__(cls, text)
        line.number = number
        return line


def _place(index: int, ad_id: str | None) -> str:
    """Who has it: an ad that has an id is known by that, and its list may be in many batches; others are counted."""
    return "it has" if ad_id is not None else f"item {index + 1} of the batch has"


def parse(data: bytes, attributes: Mapping[str, str]) -> Batch:
    """The batch in a message.

    Args:
        data: the message's bytes.
        attributes: `batch_id` and `origin` are used where the data has none.

    Raises:
        Rejected: when there is no reading it at all.
    """
    try:
        text = data.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise Rejected(Reason.MALFORMED_MESSAGE, f"the batch is not UTF-8 text (byte {error.start})") from error
    head, values = _values(text)
    if not values:
        raise Rejected(Reason.MALFORMED_MESSAGE, "the batch has no items")
    named = _id_text(head.get("batch_id")) or _id_text(attributes.get("batch_id"))
    origin = head.get("origin") or attributes.get("origin")
    return Batch(named, Origin.RAW_ADS if origin == Origin.RAW_ADS else Origin.BATCH, values, _choice(head))


def _choice(head: Mapping[str, object]) -> Choice:
    named, listed = head.get("id_column"), head.get("url_columns")
    urls = tuple(name for name in listed if isinstance(name, str)) if isinstance(listed, list) else ()
    return Choice(named if isinstance(named, str) else None, urls)


def read(index: int, value: object, choice: Choice = BY_NAME) -> list[Item | Malformed]:
    """The ads of one item: an object with an ad's id and URLs, a line of a table, or a bare URL."""
    if isinstance(value, Mapping):
        found = columns.read([(str(name), cell) for name, cell in value.items()], choice)
        return _ads(index, id_text(found.ad_id), found.urls, found.extra)
    if isinstance(value, Line):
        ad_id = value.ad_id or next(map(name_of_url, value.urls), None)
        return _ads(index, ad_id, value.urls, value.extra)
    return [_exactly(index, value)]


def _ads(index: int, ad_id: str | None, urls: tuple[str, ...], extra: Mapping[str, object]) -> list[Item | Malformed]:
    usable = [url for url in urls if _text(url) and len(url.encode()) <= MAX_URL_BYTES]
    if ad_id is None or not usable:
        too_long = " of at most 4,000,000 bytes" if urls and not usable else ""
        missing = " and ".join(name for name, lacks in (("ad_id", ad_id is None), ("url", not usable)) if lacks)
        told = f"{_place(index, ad_id)} no usable {missing}{too_long}"
        return [Malformed(index, told, ad_id, next(iter(usable), None))]
    kept = as_extra(extra)
    return [Item(index, ad_id, url, kept, part) for part, url in enumerate(usable)]


def _exactly(index: int, value: object) -> Item | Malformed:
    """One item to the letter: an object with `ad_id` and `url`, or a bare URL."""
    if isinstance(value, str):
        return _bare(index, value)
    if not isinstance(value, Mapping):
        return Malformed(index, f"item {index + 1} of the batch is neither an object with ad_id and url nor a URL")
    ad_id, url = _id_text(value.get("ad_id")), _text(value.get("url"))
    if ad_id is None or url is None:
        missing = " and ".join(name for name, found in (("ad_id", ad_id), ("url", url)) if found is None)
        return Malformed(index, f"{_place(index, ad_id)} no usable {missing}", ad_id, url)
    others = {name: cell for name, cell in value.items() if name not in ("ad_id", "url")}
    return Item(index, ad_id, url, as_extra(others))


def name_of_url(url: str) -> str:
    """The ad id of a URL that came without one: the URL itself, or a digest of one over 512 characters."""
    return url if len(url) <= 512 else f"url-sha256:{hashlib.sha256(url.encode()).hexdigest()}"


def _values(text: str) -> tuple[Mapping[str, object], list[object]]:
    """The batch's own fields, and its items."""
    try:
        whole = loads(text)
    except ValueError:
        return {}, _lines(text)
    if isinstance(whole, dict) and isinstance(whole.get("items"), list):
        return whole, whole["items"]
    return {}, items_of(whole)


def _lines(text: str) -> list[object]:
    if not text.startswith(("{", '"{', "[")):
        try:
            return list(parsing.parse(text).lines)
        except NotAListError:
            pass  # every line is told then that it is no URL
    return [_meant(number, value) for number, value in json_values(text)]


def _meant(number: int, value: object) -> object:
    """The value, or the line that was meant to be JSON and is none."""
    return _Line(value, number) if isinstance(value, str) and value.startswith(("{", "[")) else value


def _bare(index: int, value: str) -> Item | Malformed:
    url = _text(value)
    if isinstance(value, _Line):
        return Malformed(index, f"line {value.number} of the batch is not valid JSON")
    if url is None:
        return Malformed(index, f"item {index + 1} of the batch is empty or no valid text")
    return Item(index, name_of_url(url), url, None)


def _id_text(value: object) -> str | None:
    """An id: text, or a whole number, which many tables have."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    text = _text(value)
    return text if text and len(text) <= ID_CHARS else None


def _text(value: object) -> str | None:
    """`value` where it is text that says something and that UTF-8 can write (JSON may hold half a character)."""
    if not isinstance(value, str) or not value.strip():
        return None
    try:
        value.encode()
    except UnicodeEncodeError:
        return None
    return str(value)


def as_extra(others: Mapping[str, object]) -> str | None:
    """Columns as a JSON object, without those that hold no number where one was meant (NaN); None where there are none.

    Raises:
        ValueError, TypeError: when JSON cannot write them.
    """
    kept = {name: _without_nan(value) for name, value in others.items() if not is_nan(value)}
    return json.dumps(kept, allow_nan=False, separators=(",", ":"), default=str) if kept else None


def _without_nan(value: object) -> object:
    """What JSON can write: None in place of NaN."""
    if isinstance(value, dict):
        return {name: _without_nan(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_without_nan(each) for each in value]
    return None if is_nan(value) else value
