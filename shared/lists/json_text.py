"""Lists in JSON: an object a line, an array, an object that holds one, or values one after another."""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from shared import columns, urls
from shared.columns import Choice
from shared.lists.cells import id_text, is_address, lines_of
from shared.lists.model import Line, Listing, NotAListError

_SPACE = re.compile(r"[\s,]*")

_LABEL = re.compile(r"(?!\d+x\d*$)(?=.*\d).+", re.IGNORECASE | re.DOTALL)
"""What rows go by; a word may be the name of a part, and 300x250 or 2x that of a size."""


def of_json(text: str, choice: Choice) -> Listing:
    """The ads of JSON text.

    Raises:
        NotAListError: when it holds none, or is no JSON.
    """
    values = json_values(text)
    lines = tuple(_json_line(number, value, choice) for number, value in values)
    if not lines:
        raise NotAListError("it holds no ads")
    if not any(isinstance(value, dict) or line.urls for line, (_, value) in zip(lines, values, strict=True)):
        raise NotAListError(f"it begins as JSON and is none: {_json_fault(text)}")
    if not choice.of_results and not any(line.urls for line in lines):
        _require_addresses([value for _, value in values if isinstance(value, dict)], choice)
    return Listing(lines)


def _require_addresses(items: Sequence[Mapping[str, object]], choice: Choice) -> None:
    """Refuses objects none of which has a name of addresses, as a table is refused that has no column of them."""
    names = dict.fromkeys(str(name) for item in items for name in item)
    if items and not any(columns.columns(tuple(map(str, item)), choice).urls for item in items):
        told = ", ".join(names)[:300] or "nothing"
        raise NotAListError(
            f"no address of a creative (url, image_url, …): it was read as JSON, its objects hold {told}. "
            "--url-columns names the right one",
            list(names),
        )


def json_values(text: str) -> list[tuple[int, object]]:
    """The items of JSON text with their numbers; a line that is no JSON stands for itself."""
    try:
        whole = loads(text)
    except ValueError:
        lines = _json_lines(text)
        broken = any(isinstance(value, str) and not is_address(value) for _, value in lines)
        return (_one_after_another(text) if broken else []) or lines
    return list(enumerate(items_of(whole), start=1))


def items_of(whole: object) -> list[object]:
    """The items that a JSON value holds: a list, an object with a list in it, or one of addresses by their ids."""
    if not isinstance(whole, dict):
        return whole if isinstance(whole, list) else [whole]
    if (rows := _rows_of_frame(whole)) is not None:
        return rows
    for name in ("items", "data", "ads"):
        if isinstance(whole.get(name), list):
            return list(whole[name])
    if columns.columns(tuple(map(str, whole))).ad_id is not None and columns.read(list(whole.items())).urls:
        return [whole]
    held = list(_lists_in(whole))
    if len(held) == 1:
        return held[0]
    return [{"id": name, "url": value} for name, value in whole.items()] if _is_by_id(whole) else [whole]


def _rows_of_frame(whole: Mapping[str, object]) -> list[object] | None:
    """The rows of a table as data frames write it: cells apart from names, columns by names, or rows by labels."""
    names, rows, labels = whole.get("columns"), whole.get("data"), whole.get("index")
    if isinstance(rows, list) and _are(list, rows) and isinstance(names, list):
        return _with_ids(labels if isinstance(labels, list) else [], [_row(names, cells) for cells in rows])
    if isinstance(rows, list) and _are(dict, rows) and (key := _key_of(whole.get("schema"))):
        return _with_ids([row.get(key) for row in rows], rows)
    held = {name: value for name, value in whole.items() if isinstance(value, dict)}
    inner = tuple(dict.fromkeys(str(name) for value in held.values() for name in value))
    if not inner or len(held) < len(whole):
        return None
    if _are_columns(held, inner):
        return _with_ids(inner, [{name: held[name][label] for name in held} for label in inner])
    if len(held) > 1 or all(map(_LABEL.fullmatch, held)):
        return _with_ids(tuple(held), list(held.values())) if _are_ads(held) else None
    return None


def _are(kind: type, values: Iterable[object]) -> bool:
    return all(isinstance(value, kind) for value in values)


def _row(names: Sequence[object], cells: Sequence[object]) -> dict[str, object]:
    """The cells by their names; what has none, or the name of one before it, goes by its place."""
    row: dict[str, object] = {}
    for at, cell in enumerate(cells, start=1):
        name = str(names[at - 1]) if at <= len(names) else "column"
        row[f"{name} {at}" if name in row or at > len(names) else name] = cell
    return row


def _key_of(schema: object) -> str | None:
    """The column that rows go by, as a table's schema names it."""
    match schema:
        case {"primaryKey": [str(key)] | str(key)}:
            return key
        case _:
            return None


def _are_columns(held: Mapping[str, Mapping[str, object]], labels: Sequence[str]) -> bool:
    """Whether all have a cell for each row, and are what a table of ads has."""
    alike = all(list(column) == list(labels) for column in held.values())
    places = columns.columns(tuple(held))
    if not alike or columns.columns(tuple(labels)).urls:
        return False
    if _counted(labels):
        return not _counted(held)
    are_labels = all(map(_LABEL.fullmatch, labels)) and len(held) > 1
    return bool(places.urls) and (are_labels or places.ad_id is not None)


def _are_ads(held: Mapping[str, Mapping[str, object]]) -> bool:
    """Whether each object is an ad of its own, and none a part of one: `image` and `video` are names of columns."""
    own = all(columns.columns(tuple(map(str, ad))).urls for ad in held.values())
    return own and not any(columns.is_known(name) or columns.leads_elsewhere(name) for name in held)


def _counted(labels: Iterable[object]) -> bool:
    """Whether they are no more than the rows' numbers."""
    told = list(map(str, labels))
    return told == [str(number) for number in range(len(told))]


def _with_ids(labels: Sequence[object], rows: Sequence[Mapping[str, object]]) -> list[object]:
    """The rows, by the ids that they go by where they have none of their own."""
    names = tuple(dict.fromkeys(str(name) for row in rows for name in row))
    if len(labels) != len(rows) or _counted(labels) or columns.columns(names).ad_id is not None:
        return list(rows)
    return [{"ad_id": label, **row} for label, row in zip(labels, rows, strict=True)]


def _is_by_id(whole: Mapping[str, object]) -> bool:
    """Whether an object holds addresses by the ads' ids, some of which may have none yet."""
    n_addresses = sum(map(is_address, whole.values()))
    if n_addresses == len(whole):
        return bool(whole)
    plain = all(value is None or isinstance(value, str) for value in whole.values())
    known = any(columns.is_known(name) or columns.leads_elsewhere(name) for name in whole)
    return plain and not known and n_addresses * 2 > len(whole)


def _lists_in(whole: Mapping[str, object], depth: int = 3) -> Iterator[list[object]]:
    """The lists of objects that an object holds, or one within it, as answers of services have them."""
    for value in whole.values():
        if isinstance(value, list) and any(isinstance(one, dict) for one in value):
            yield value
        elif isinstance(value, dict) and depth:
            yield from _lists_in(value, depth - 1)


def _one_after_another(text: str) -> list[tuple[int, object]]:
    """JSON values with nothing but space between, over as many lines as they like; none where it is not that."""
    found: list[tuple[int, object]] = []
    at = _past_space(text, 0)
    while at < len(text):
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            return []
        found.append((len(found) + 1, value))
        at = _past_space(text, end)
    return found


def _past_space(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def _json_lines(text: str) -> list[tuple[int, object]]:
    lines = ((number, line.strip()) for number, line in enumerate(lines_of(text), start=1))
    return [(number, _json_or_text(line)) for number, line in lines if line]


def _json_fault(text: str) -> str:
    try:
        loads(text)
    except ValueError as error:
        return str(error)
    return "it holds no objects"


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else math.nan


_DECODER = json.JSONDecoder(strict=False, parse_constant=lambda _: math.nan, parse_float=_finite)


def loads(text: str) -> object:
    """JSON, and with it the NaN and Infinity that many tools write, all as NaN.

    Raises:
        ValueError: when it is none, or is nested beyond reason.
    """
    try:
        return _DECODER.decode(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def is_nan(value: object) -> bool:
    """Whether a column says that it has no number."""
    return isinstance(value, float) and math.isnan(value)


def _json_or_text(line: str) -> object:
    try:
        return loads(line)
    except ValueError:
        return line


def _json_line(number: int, value: object, choice: Choice) -> Line:
    if isinstance(value, dict):
        found = columns.read([(str(name), cell) for name, cell in value.items()], choice)
        return Line(number, id_text(found.ad_id), found.urls, found.extra)
    is_one = isinstance(value, str) and urls.looks_like_url(columns.trimmed(value))
    return Line(number, None, tuple(columns.urls_in(value)) if is_one else ())
