"""Lists of ads as text, read line by line: every door reads them here (the commands, the page, published batches).

A list is a table (commas, semicolons, tabs or bars between; a header with names of `shared.columns`, or addresses
that are plain to see), JSON (an object a line, an array, or `{"items": [...]}`), or addresses one a line.

Nothing is lost: a line that names no address is a line all the same, with whatever id it has.
"""

import csv
import io
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from shared import columns, urls
from shared.columns import BY_NAME, Choice, Columns
from shared.counting import many
from shared.results import names as names_of_results

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_HEAD_CHARS = 256 * 1024
_HEAD_ROWS = 30
_LONGEST_CELL = 64 * 2**20
_ENDS = re.compile(r"(?:\r\n|\r|\n)\Z")
ID_CHARS = 1024
COLONS = (":", "：")
"""What ends the words before something that is said of a list."""

_FLOAT_ID = re.compile(r"[0-9]+\.0")
_DRAWN = re.compile(r"[\s:+|]*(?:[-=─━]{3}|-\+)[\s:+|─━┼╪=-]*|\s*\(?\d+ rows?(?: in set.*|\))\s*")

type Cells = Sequence[object]
type Record = tuple[int, Cells]
"""The number of a line, from 1, and its cells."""

type Source = Callable[[], Iterable[str]]
"""Gives a text from its beginning, in lines with their ends as they are written."""


class NotAListError(ValueError):
    """Text that is no list of ads: the message says what was found in it."""


@dataclass(frozen=True)
class Line:
    """What one line says.

    Attributes:
        number: of the line, or of the item, from 1.
        ad_id: None where it has none that can be used.
        urls: addresses, as they stand there; none where there is none.
        extra: the other columns.
        is_cut: whether it has more cells than the header has names: one of them may have been cut in two, as 1,234 is.
    """

    number: int
    ad_id: str | None
    urls: tuple[str, ...]
    extra: Mapping[str, object] = field(default_factory=dict)
    is_cut: bool = False


@dataclass(frozen=True)
class Listing:
    """What a list says.

    Attributes:
        lines: of ads, in their order; they may be gone through again, and need not be in memory.
        notes: what the user should know about how it was read.
    """

    lines: Iterable[Line]
    notes: tuple[str, ...] = ()


def is_footer(line: Line) -> bool:
    """Whether it is said of the list and not of an ad, as `Total: Account` and `Report Time:` below a table are."""
    named = line.ad_id or ""
    return not any(map(_is_address, line.urls)) and (names_of_results.is_total(named) or named.endswith(COLONS))


def parse(text: str, choice: Choice = BY_NAME) -> Listing:
    """The ads that a text lists.

    Raises:
        NotAListError: when it is a table without addresses, or lacks the columns that were chosen.
    """
    listing = read(lambda: io.StringIO(text, newline=""), choice)
    return Listing(tuple(listing.lines), listing.notes)


def read(source: Source, choice: Choice = BY_NAME) -> Listing:
    """As `parse`, of a text that is not in memory: the lines of a table are read each time that they are gone through.

    JSON, and addresses that are no table, are held nevertheless.
    """
    cleaned = _cleaned(source)
    separator, body = _declared(cleaned)
    head = _head(body)
    if separator is None and head.lstrip().startswith(("{", "[")):
        return _of_json("".join(cleaned()), choice)
    found = separator or _best(head, choice)
    if found is not None:
        return _of_table(_records(body, found), f"with {DELIMITERS.get(found, repr(found))} between", choice)
    return _of_text("".join(cleaned()), choice)


def _of_text(text: str, choice: Choice) -> Listing:
    if choice.ad_id or choice.urls:
        raise NotAListError(f"no column {' or '.join(filter(None, (choice.ad_id, *choice.urls)))}: {_seen(text)}")
    said = [(number, columns.trimmed(line)) for number, line in enumerate(_lines(text), start=1)]
    listed = [(number, each) for number, each in said if each and not _is_remark(each)]
    if sum(_names_address(each) for _, each in listed) * 2 < len(listed) or not listed:
        raise NotAListError(_seen(text))
    comments = sum(_is_remark(each) for _, each in said)
    return Listing(tuple(_bare_line(number, each) for number, each in listed), tuple(_left_out(comments)))


def of_rows(rows: Iterable[Cells], choice: Choice = BY_NAME) -> Listing:
    """The ads of a table whose cells are known, as spreadsheets have them.

    Raises:
        NotAListError: as `parse`.
    """
    records = [(number, row) for number, row in enumerate(rows, start=1) if any(_filled(cell) for cell in row)]
    listing = _of_table(records, "of a spreadsheet", choice)
    return Listing(tuple(listing.lines), listing.notes)


# Tables


@dataclass(frozen=True)
class _Header:
    """Where a table's ads begin, and what its columns are called."""

    first: int
    names: tuple[str, ...]
    places: Columns
    guessed: bool = False
    of_results: bool = False


@dataclass(frozen=True)
class _Lines:
    """The lines of a table, made of its records each time."""

    records: Iterable[Record]
    header: _Header

    def __iter__(self) -> Iterator[Line]:
        for number, cells in islice(_rows(self.records), self.header.first, None):
            yield _line(number, cells, self.header)


def _of_table(records: Iterable[Record], form: str, choice: Choice) -> Listing:
    """The ads of a table; `records` may be gone through several times."""
    header = _header([cells for _, cells in islice(_rows(records), _HEAD_ROWS)], choice)
    if header is None:
        raise NotAListError(_without_addresses([cells for _, cells in _rows(records)], form, choice))
    lines = _Lines(records, header)
    if next(iter(lines), None) is None:
        return Listing(lines, ("no line below its header",))
    comments = sum(_is_comment(cells) for _, cells in records if not _is_drawn(cells))
    first = [cells for _, cells in islice(_rows(records), header.first, header.first + _HEAD_ROWS)]
    told = (*_left_out(comments), *_unread(first, header), *_short(first, header))
    return Listing(lines, (*_notes(header, lines), *told))


def _rows(records: Iterable[Record]) -> Iterator[Record]:
    """The records without what is drawn, and without comments."""
    return ((number, cells) for number, cells in records if not _is_drawn(cells) and not _is_comment(cells))


def _left_out(n_comments: int) -> Iterator[str]:
    if n_comments:
        yield f"{n_comments} {'line' if n_comments == 1 else 'lines'} left out as comments (they begin with #)"


def _unread(rows: Sequence[Cells], header: _Header) -> Iterator[str]:
    """Columns with addresses that no name tells of: where ads lead to, or creatives."""
    if header.of_results:
        return
    held = {at for row in rows for at, cell in enumerate(row) if _is_address(cell)} - {*header.places.urls}
    names = [header.names[at] for at in sorted(held) if at < len(header.names) and at != header.places.ad_id]
    unsure = [name for name in names if name and not columns.leads_elsewhere(name)]
    if unsure:
        told = ", ".join(unsure)[:200]
        yield f"not read, although addresses stand there: {told}; --url-columns names all columns with creatives"


def _short(rows: Sequence[Cells], header: _Header) -> Iterator[str]:
    """That lines have fewer cells than the header has names, as where a name holds a comma: the rest are another's."""
    short = sum(len(row) < len(header.names) for row in rows)
    if 2 * short > len(rows) and header.names[-1]:
        yield (
            f"most lines have fewer cells than the header has names ({len(header.names)}): "
            "is a comma within a name not in quotes? Look whether the columns are as meant"
        )


def _is_drawn(cells: Cells) -> bool:
    """Whether a line is drawn, as Markdown and databases' shells do below the names, or counts the others."""
    return _DRAWN.fullmatch("".join(str(cell or "") for cell in cells)) is not None


def _header(rows: Sequence[Cells], choice: Choice) -> _Header | None:
    found = [header for at in range(len(rows)) if (header := _header_at(at, rows, choice))]
    if not found:
        return _guessed(rows, choice) if rows and not choice.of_results else None
    begun = next((at for at, row in enumerate(rows) if any(map(_is_address, row))), len(rows))
    above = [header for header in found if header.first <= begun] or found[:1]
    return max(above, key=lambda header: (header.places.ad_id is not None, len(header.places.urls)))


def _header_at(at: int, rows: Sequence[Cells], choice: Choice) -> _Header | None:
    """The header that a row is; None where it is none."""
    names = _names(rows[at])
    places = columns.columns(names, choice)
    if places.named and at and any(_filled(cell) for cell in rows[at - 1]):
        names = _names(_under(rows[at - 1], rows[at]))
        places = columns.columns(names, choice)
    if columns.lacking(names, choice):
        return None
    is_header = places.named or (places.urls and any(_addresses(row, places.urls) for row in rows[at + 1 :]))
    if choice.of_results:
        named = places.ad_id is not None or places.named
        is_header = named and names_of_results.has_results(names_of_results.recognised(names))
    return _Header(at + 1, names, places, of_results=choice.of_results) if is_header else None


def _under(upper: Cells, lower: Cells) -> Cells:
    """Names of columns that stand in two lines: `Creative` above `Image URL` and `Video URL`, say."""
    longest = max(len(upper), len(lower))
    above, below = ([*cells, *([None] * (longest - len(cells)))] for cells in (upper, lower))
    return [own if _filled(own) else other for own, other in zip(below, above, strict=True)]


def _guessed(rows: Sequence[Cells], choice: Choice) -> _Header | None:
    """A table that does not name its addresses: they are in its first line, or in the one column that has any."""
    if choice.urls:
        return None
    places = [at for at, cell in enumerate(rows[0]) if _is_address(cell)]
    if places:
        ad_id = next((at for at, cell in enumerate(rows[0]) if at not in places and _filled(cell)), None)
        names = tuple(f"column {at}" for at in range(1, max(map(len, rows)) + 1))
        return _Header(0, names, Columns(ad_id, tuple(places), tuple(places)))
    top = _top(rows)
    names = _names(rows[top])
    held = Counter(at for row in rows[top + 1 :] for at, cell in enumerate(row) if _is_address(cell))
    free = [at for at in held if at < len(names) and not columns.leads_elsewhere(names[at])]
    if len(free) != 1 or columns.lacking(names, choice):
        return None
    ad_id = columns.columns(names, choice).ad_id
    return _Header(top + 1, names, Columns(ad_id, tuple(free), tuple(free)), guessed=True)


def _top(rows: Sequence[Cells]) -> int:
    """The row that names all that the first row with an address fills: reports have a title above it."""
    first = next((row for row in rows if any(map(_is_address, row))), [])
    filled = [at for at, cell in enumerate(first) if _filled(cell)]
    return next(
        (number for number, row in enumerate(rows) if all(at < len(row) and _filled(row[at]) for at in filled)), 0
    )


def _line(number: int, cells: Cells, header: _Header) -> Line:
    whole = _rejoined(cells, header)
    padded = [*whole, *([None] * (len(header.names) - len(whole)))]
    names = [*header.names, *(f"column {at}" for at in range(len(header.names) + 1, len(padded) + 1))]
    row = list(zip(names, padded, strict=True))
    found = columns.split(row, header.places)
    extra = {name: value for name, value in found.extra.items() if name}
    surplus = padded[len(header.names) :]
    is_cut = any(map(_filled, surplus)) and not any(map(_is_address, surplus))
    return Line(number, id_text(found.ad_id), found.urls, extra, is_cut)


def _rejoined(cells: Cells, header: _Header) -> Cells:
    """The cells with an address put together again that was cut at commas or semicolons of its own."""
    if len(cells) <= len(header.names):
        return cells
    whole = list(cells)
    for at, cell in enumerate(whole[:-1]):
        text, rest = str(cell or ""), whole[at + 1]
        if text[:5].lower() == "data:" and "," not in text:
            between = ";" if str(rest).startswith("base64,") else ","
            whole[at : at + 2] = [f"{text}{between}{rest}"]
            break
    surplus = len(whole) - len(header.names)
    last = len(header.names) - 1
    if surplus > 0 and last in header.places.urls and _is_cut(whole[last]) and _are_pieces(whole[last + 1 :]):
        whole[last:] = [",".join(str(cell) for cell in whole[last:])]
    return whole


def _is_cut(cell: object) -> bool:
    """Whether an address may go on behind its comma; one that ends as a file's name is whole."""
    return _is_address(cell) and not columns.ends_as_file(str(cell).strip())


def _are_pieces(cells: Cells) -> bool:
    return any(_filled(cell) for cell in cells) and not any(_is_address(cell) or " " in str(cell) for cell in cells)


def _names(cells: Cells) -> tuple[str, ...]:
    """Names of columns, in lower case; one that comes twice gets a number."""
    told: Counter[str] = Counter()
    names = []
    for cell in cells:
        name = str(cell if cell is not None else "").strip(" \t\r\n\ufeff\u200b").lower()
        told[name] += 1
        names.append(name if told[name] == 1 or not name else f"{name} {told[name]}")
    return tuple(names)


def _notes(header: _Header, lines: _Lines) -> Iterator[str]:
    named = " and ".join(header.names[at] for at in header.places.urls)
    if header.guessed:
        yield f"the column {named!r} is taken for the creatives' addresses; --url-columns names others"
    if header.places.ad_id is None and header.first:
        told = ", ".join(filter(None, header.names))
        yield f"no column with the ads' ids (found: {told[:200]}): ads go by their addresses; --id-column names one"
    rounded, repeated = _remarkable(header, lines)
    if rounded:
        yield f"a spreadsheet has rounded ids (such as {rounded}): export them as text to tell the ads apart"
    if repeated:
        yield f"{many(repeated, 'line repeats', 'lines repeat')} an ad and its address: each is analysed once"


def _remarkable(header: _Header, lines: _Lines) -> tuple[str | None, int]:
    """The first id that a spreadsheet has rounded, and how many lines repeat what others say, where that counts."""
    if header.of_results:
        ids = (id_text(found) for _, cells in _rows(lines.records) if (found := _signed(cells, header.places.ad_id)))
        return next((each for each in ids if each and _is_rounded(each)), None), 0
    rounded, repeated = None, 0
    seen: set[int] = set()
    for line in lines:
        if not rounded and line.ad_id and _is_rounded(line.ad_id):
            rounded = line.ad_id
        if line.urls:
            before = len(seen)
            seen.add(hash((line.ad_id, line.urls)))
            repeated += len(seen) == before
    return rounded, repeated


def _signed(cells: Cells, place: int | None) -> object:
    """The id, where it holds a sign that numbers beyond a spreadsheet's reach do."""
    return cells[place] if place is not None and place < len(cells) and "+" in str(cells[place]) else None


def _is_rounded(ad_id: str) -> bool:
    mantissa, sign, exponent = ad_id.upper().partition("E+")
    return bool(sign) and exponent.isdecimal() and mantissa.replace(".", "").replace(",", "").isdecimal()


def _without_addresses(rows: Sequence[Cells], form: str, choice: Choice) -> str:
    if not rows:
        return "all of it is blank"
    header = next((cells for cells in rows if sum(map(_filled, cells)) > 1), rows[0] if rows else [])
    told = ", ".join(str(cell) for cell in header if _filled(cell))[:300] or "nothing"
    sought, option = "with the creatives' addresses (url, image_url, …)", "--url-columns names the right one"
    if choice.of_results:
        sought, option = (
            "with the ads' ids and another of results (impressions, clicks, spend, …)",
            "--id-column names ids",
        )
    wanted = ", ".join(columns.lacking(_names(header), choice)) or sought
    return f"no column {wanted}: it was read as a table {form}, its columns are {told}. {option}"


def _addresses(row: Cells, places: Sequence[int]) -> bool:
    return any(at < len(row) and _is_address(row[at]) for at in places)


def _is_address(cell: object) -> bool:
    return isinstance(cell, str) and urls.looks_like_url(columns.unlinked(cell))


def _filled(cell: object) -> bool:
    return cell is not None and str(cell).strip() != ""


# Text with delimiters


def _cleaned(source: Source) -> Source:
    """The text without its mark, the zeros that some exports pad cells with, and the bullets before addresses."""

    def lines() -> Iterator[str]:
        for number, line in enumerate(source()):
            yield _without_bullet((line if number else line.removeprefix("\ufeff")).replace("\0", ""))

    return lines


_BULLET = re.compile(
    r"""[^\S\t]*(?:[^\w\s"'“”„<>\[\](){}/\\|,;#=–—-]{1,3}\s*|[>–—-]{1,2}[^\S\t]*)?(?:\[[ xX]?\]\s+)?"""
    r"(?:(?:[(\[]?\d+[.)\]]|\d+(?:\.\d+)+[.)]?|\(?[a-zA-Z]\)|[ivxIVX]{1,5}[.)]|#\d+[.):]?)[^\S\t]+"
    r"|\d+[.)](?=https?:)|[\u2460-\u24ff\u2776-\u2793]\s*)?"
)
"""What marks the items of a list: a sign, a box to be ticked, a number. A dash before a tab may stand for an id."""


def _without_bullet(line: str) -> str:
    """The line from its address on, where there is nothing before it but what marks an item of a list."""
    found = _BULLET.match(line)
    rest = line[found.end() :] if found else line
    return rest if len(rest) < len(line) and urls.looks_like_url(rest.lstrip("\"'“”„<")) else line


def _declared(source: Source) -> tuple[str | None, Source]:
    """The delimiter that a first line `sep=;` declares, and the text; the line is left empty, so that numbers hold."""
    declared = next(iter(source()), "").strip().strip('"')
    if declared[:4].lower() != "sep=" or len(declared) > 5:
        return None, source

    def lines() -> Iterator[str]:
        for number, line in enumerate(source()):
            yield line if number else "\n"

    return (declared[4:] or "\t"), lines


def _head(source: Source) -> str:
    """The text's beginning."""
    found: list[str] = []
    length = 0
    for line in source():
        found.append(line)
        length += len(line)
        if length >= _HEAD_CHARS:
            break
    return "".join(found)[:_HEAD_CHARS]


def _best(head: str, choice: Choice) -> str | None:
    """The delimiter by which the text is a table with addresses; None where it is a list of bare ones, or neither."""
    scores = {delimiter: _score(head, delimiter, choice) for delimiter in DELIMITERS}
    best = max(scores, key=lambda delimiter: scores[delimiter])
    if scores[best][0]:
        return best
    return _widest(head) if any(map(_suits_table, _lines(head)[:1])) else None


def _score(head: str, delimiter: str, choice: Choice) -> tuple[int, int]:
    """How well the delimiter explains the text: names that we know, then addresses, then more columns."""
    records = islice(_records(lambda: io.StringIO(head, newline=""), delimiter, 2 * _HEAD_ROWS), 2 * _HEAD_ROWS)
    rows = [cells for _, cells in records if not _is_comment(cells)][:_HEAD_ROWS]
    header = _header(rows, choice)
    if header is None:
        return 0, 0
    if header.first and not header.guessed:
        return 3, len(header.names)
    if header.guessed:
        return (1, len(header.names)) if len(header.names) > 1 else (0, 0)
    return (2, len(header.names)) if _is_regular(rows) else (0, 0)


def _is_regular(rows: Sequence[Cells]) -> bool:
    """Whether lines without a header are cells, not addresses with commas in them."""
    if len({len(row) for row in rows}) != 1 or len(rows[0]) < 2:
        return False
    if not _is_address(rows[0][0]):
        return True
    others = [str(cell) for row in rows for cell in row[1:] if not _is_address(cell)]
    return bool(others) and not any(sign in other for other in others for sign in "/=?&%") and not _inlined(rows)


def _inlined(rows: Sequence[Cells]) -> bool:
    return any(str(cell)[:5].lower() == "data:" for row in rows for cell in row)


def _suits_table(line: str) -> bool:
    return not line.startswith("#") and not urls.looks_like_url(line) and _widest(line) is not None


def _widest(text: str) -> str | None:
    counts = {delimiter: text.count(delimiter) for delimiter in DELIMITERS}
    best = max(counts, key=lambda delimiter: counts[delimiter])
    return best if counts[best] else None


@dataclass(frozen=True)
class _Records:
    """The lines of a table with their cells, read each time; blank ones are left out.

    Attributes:
        matched: whether its quotes match; else each line stands for itself.
    """

    source: Source
    delimiter: str
    matched: bool

    def __iter__(self) -> Iterator[Record]:
        return (_quoted if self.matched else _line_by_line)(self.source, self.delimiter)


def _records(source: Source, delimiter: str, most: int | None = None) -> _Records:
    """The records of a text, whose quotes are tried in the first `most`, or all."""
    csv.field_size_limit(_LONGEST_CELL)
    try:
        matched = not any(_swallowed(cells, delimiter) for _, cells in islice(_quoted(source, delimiter), most))
    except csv.Error:
        matched = False
    return _Records(source, delimiter, matched)


def _quoted(source: Source, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(source(), delimiter=delimiter, strict=True)
    before = 0
    for cells in reader:
        number, before = before + 1, reader.line_num
        if any(cell.strip() for cell in cells):
            yield number, cells


def _swallowed(cells: Sequence[str], delimiter: str) -> bool:
    """Whether a quote that was never closed has taken whole lines into a cell."""
    long = [cell for cell in cells if ("\n" in cell or "\r" in cell) and not _is_address(cell)]
    inner = [line for cell in long for line in cell.splitlines()]
    return any(delimiter in line and any(map(_is_address, line.split(delimiter))) for line in inner)


def _line_by_line(source: Source, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """As `_quoted`, of text whose quotes do not match: each line for itself."""
    for number, line in enumerate(source(), start=1):
        cells = _cells(_ENDS.sub("", line), delimiter)
        if any(cell.strip() for cell in cells):
            yield number, cells


def _cells(line: str, delimiter: str) -> list[str]:
    for escaped in ({"strict": True}, {"strict": True, "doublequote": False, "escapechar": "\\"}):
        try:
            return next(csv.reader([line], delimiter=delimiter, **escaped), [])
        except csv.Error:
            continue
    return line.split(delimiter)


def _is_comment(cells: Cells) -> bool:
    """Whether a row is one cell with a remark, however far it is filled up; `#A2,` is an ad without an address."""
    text = str(cells[0] or "").lstrip() if cells else ""
    alone = not any(_filled(cell) for cell in cells[1:])
    return text.startswith("#") and alone and (len(cells) == 1 or " " in text.strip() or text.strip("# ") == "")


# Other text


def _is_remark(said: str) -> bool:
    """Whether a line is commented out; `#5 …` is the fifth of a list."""
    return said.startswith("#") and not said[1:2].isdecimal()


def _names_address(said: str) -> bool:
    """Whether a line is an address, alone or behind one word or a name with a colon; else it may be prose."""
    led = _LED.fullmatch(said)
    return _is_address(said) or (
        led is not None and (" " not in led["words"].strip() or led["words"].rstrip().endswith(COLONS))
    )


def _bare_line(number: int, said: str) -> Line:
    """One or several addresses; what stands before them (the ad's id, its name) is none of them."""
    led = None if _is_address(said) else _LED.fullmatch(said)
    if led is None:
        return Line(number, None, tuple(columns.urls_in(said)) or (said,))
    return Line(number, id_text(led["words"].rstrip(_AFTER_NAME)), tuple(columns.urls_in(led["rest"])))


_SPACE = re.compile(r"[\s,]*")
_AFTER_NAME = "".join(COLONS) + " \t-–—"
_LED = re.compile(
    r"""(?:[^\w\s"'(\[<]{1,3}\s+|\d+[.)]\s+)?(?P<words>(?!\w+://|\[)[^<]*?)(?<=[:：\s])["'“”„<]*"""
    r"(?P<rest>(?:https?:[/\\]{2}|gs://|data:(?:image|video)/|www\.[^\s.]+\.|!?\[[^\]]{0,300}\]\().*)",
    re.IGNORECASE | re.DOTALL,
)


def _of_json(text: str, choice: Choice) -> Listing:
    values = json_values(text)
    lines = tuple(_json_line(number, value, choice) for number, value in values)
    if not lines:
        raise NotAListError("it holds no ads")
    if not any(isinstance(value, dict) or line.urls for line, (_, value) in zip(lines, values, strict=True)):
        raise NotAListError(f"it begins as JSON and is none: {_json_fault(text)}")
    return Listing(lines)


def json_values(text: str) -> list[tuple[int, object]]:
    """The items of JSON text with their numbers; a line that is no JSON stands for itself."""
    try:
        whole = loads(text)
    except ValueError:
        lines = _json_lines(text)
        broken = any(isinstance(value, str) and not _is_address(value) for _, value in lines)
        return (_one_after_another(text) if broken else []) or lines
    return list(enumerate(items_of(whole), start=1))


def items_of(whole: object) -> list[object]:
    """The items that a JSON value holds: a list, an object with a list in it, or one of addresses by their ids."""
    if not isinstance(whole, dict):
        return whole if isinstance(whole, list) else [whole]
    for name in ("items", "data", "ads"):
        if isinstance(whole.get(name), list):
            return list(whole[name])
    if columns.columns(tuple(map(str, whole))).ad_id is not None and columns.read(list(whole.items())).urls:
        return [whole]
    held = list(_lists_in(whole))
    if len(held) == 1:
        return held[0]
    return [{"id": name, "url": value} for name, value in whole.items()] if _is_by_id(whole) else [whole]


def _is_by_id(whole: Mapping[str, object]) -> bool:
    """Whether an object holds addresses by the ads' ids, some of which may have none yet."""
    n_addresses = sum(map(_is_address, whole.values()))
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
    lines = ((number, line.strip()) for number, line in enumerate(_lines(text), start=1))
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


def id_text(value: object) -> str | None:
    """An ad's id: text, or a whole number, which spreadsheets hand out as 101.0, and data frames write so."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    text = columns.trimmed(value) if isinstance(value, str) else ""
    if text.startswith("'") and text.count("'") == 1:
        text = text[1:].lstrip()  # what follows is text, it says to a spreadsheet
    if _FLOAT_ID.fullmatch(text):
        text = text.removesuffix(".0")
    if not columns.key(text):
        return None  # dashes, in the line of a total, say
    is_whole = not any("\ud800" <= sign <= "\udfff" for sign in text)  # JSON may hold half a character
    return text if text and is_whole and len(text) <= ID_CHARS else None


def _lines(text: str) -> list[str]:
    """Lines as files have them: U+2028, U+2029 and U+0085 are characters of a text like others."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _seen(text: str) -> str:
    first = next((line.strip() for line in _lines(text) if line.strip()), "")
    if not first:
        return "all of it is blank"
    return f"no addresses (http, https, gs, data) are listed; it begins with {first[:80]!r}"
