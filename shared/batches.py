"""Batches of ads as users publish them, in any of the accepted shapes, read item by item.

Accepted, as UTF-8 text:

- `{"batch_id": "…", "items": [{"ad_id": "…", "url": "…", …any other columns…}, …]}`;
- one ad alone, `{"ad_id": "…", "url": "…"}`, or a JSON array of ads;
- NDJSON: such an ad on each line;
- bare URLs: a JSON array of strings, or one URL on each line. The ad is then named by its URL (`name_of_url`).

An item that cannot be used is a `Malformed` among the others: it says why and never touches its neighbours. Whether a
URL may be opened is not decided here (`shared.urls`).
"""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NoReturn

from shared.events import Origin
from shared.reasons import Reason, Rejected

MAX_AD_ID_CHARS = 1024


@dataclass(frozen=True, slots=True)
class Item:
    """One ad of a batch.

    Attributes:
        index: its place in the batch, from 0.
        ad_id: the advertiser's name for it.
        url: exactly as published: it is what joins an ad with its row in the raw-ads table.
        extra: the other columns as a JSON object; None where there are none.
    """

    index: int
    ad_id: str
    url: str
    extra: str | None


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
    """

    batch_id: str | None
    origin: Origin
    values: "list[object]"

    def items(self) -> Iterator[Item | Malformed]:
        """Each item once: a repetition of an (ad, URL) of the same batch is left out."""
        seen: set[int] = set()
        for index, value in enumerate(self.values):
            item = read(index, value)
            key = hash((item.ad_id, item.url)) if isinstance(item, Item) else None
            if key is None or key not in seen:
                yield item
            if key is not None:
                seen.add(key)


class _Line(str):
    """A line of a batch that is text, not JSON."""


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
    return Batch(named, Origin.RAW_ADS if origin == Origin.RAW_ADS else Origin.BATCH, values)


def read(index: int, value: object) -> Item | Malformed:
    """One item: an object with `ad_id` and `url`, or a bare URL."""
    if isinstance(value, str):
        return _bare(index, value)
    if not isinstance(value, Mapping):
        return Malformed(index, f"item {index} is neither an object with ad_id and url nor a URL")
    ad_id, url = _id_text(value.get("ad_id")), _text(value.get("url"))
    if ad_id is None or url is None:
        missing = " and ".join(name for name, found in (("ad_id", ad_id), ("url", url)) if found is None)
        return Malformed(index, f"item {index} has no usable {missing}", ad_id, url)
    try:
        return Item(index, ad_id, url, _extra(value))
    except (ValueError, TypeError):
        return Malformed(index, f"item {index} has a column that cannot be kept as JSON", ad_id, url)


def name_of_url(url: str) -> str:
    """The ad id of a URL that came without one: the URL itself, or a digest of one over 512 characters."""
    return url if len(url) <= 512 else f"url-sha256:{hashlib.sha256(url.encode()).hexdigest()}"


def _values(text: str) -> tuple[Mapping[str, object], list[object]]:
    """The batch's own fields, and its items."""
    try:
        whole = _json(text)
    except ValueError:
        return {}, [_line(line) for line in text.splitlines() if line.strip()]
    if isinstance(whole, dict) and isinstance(whole.get("items"), list):
        return whole, whole["items"]
    return {}, whole if isinstance(whole, list) else [whole]


def _line(line: str) -> object:
    """A line's JSON object or string; any other line stands for itself."""
    text = line.strip()
    if not text.startswith(("{", '"', "[")):
        return text
    try:
        return _json(text)
    except ValueError:
        return _Line(text)


def _json(text: str) -> object:
    """Strict JSON.

    Raises:
        ValueError: also for NaN and the like, numbers out of range and nesting beyond reason.
    """
    try:
        return json.loads(text, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _bare(index: int, value: str) -> Item | Malformed:
    url = _text(value)
    if isinstance(value, _Line):
        return Malformed(index, f"line {index} is not valid JSON")
    if url is None:
        return Malformed(index, f"item {index} is empty or no valid text")
    return Item(index, name_of_url(url), url, None)


def _id_text(value: object) -> str | None:
    """An id: text, or a whole number, which many tables have."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    text = _text(value)
    return text if text and len(text) <= MAX_AD_ID_CHARS else None


def _text(value: object) -> str | None:
    """`value` where it is text that says something and that UTF-8 can write (JSON may hold half a character)."""
    if not isinstance(value, str) or not value.strip():
        return None
    try:
        value.encode()
    except UnicodeEncodeError:
        return None
    return str(value)


def _extra(item: Mapping[str, object]) -> str | None:
    others = {name: value for name, value in item.items() if name not in ("ad_id", "url") and not _is_nan(value)}
    return json.dumps(others, allow_nan=False, separators=(",", ":"), default=str) if others else None


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)
