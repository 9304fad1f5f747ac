"""Text with commas, semicolons, tabs or bars between: which of them it is, and its lines in cells."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from shared import columns, urls
from shared.columns import Choice
from shared.lists.cells import is_address, is_meant_as_address, lines_of
from shared.lists.model import Cells, Record, Source
from shared.lists.tables import HEAD_ROWS, header_of, is_comment

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_IN_DATA = ",;"
"""Delimiters that stand in every `data:` address."""

_MARKS = 100
"""Quotes and spaces may stand before an address; not more than these."""

_HEAD_CHARS = 256 * 1024
_LONGEST_CELL = 64 * 2**20
_ENDS = re.compile(r"(?:\r\n|\r|\n)\Z")

_BULLET = re.compile(
    r"""[^\S\t]*(?:[^\w\s"'“”„<>\[\](){}/\\|,;#=–—-]{1,3}\s*|[>–—-]{1,2}[^\S\t]*)?(?:\[[ xX]?\]\s+)?"""
    r"(?:(?:[(\[]?\d+[.)\]]|\d+(?:\.\d+)+[.)]?|\(?[a-zA-Z]\)|[ivxIVX]{1,5}[.)]|#\d+[.):]?)[^\S\t]+"
    r"|\d+[.)](?=https?:)|[\u2460-\u24ff\u2776-\u2793]\s*)?"
)
"""What marks the items of a list: a sign, a box to be ticked, a number. A dash before a tab may stand for an id."""


def clean(source: Source) -> Source:
    """The text without its mark, the zeros that some exports pad cells with, and the bullets before addresses."""

    def lines() -> Iterator[str]:
        for number, line in enumerate(source()):
            yield _without_bullet((line if number else line.removeprefix("\ufeff")).replace("\0", ""))

    return lines


def _without_bullet(line: str) -> str:
    """The line from its address on, where there is nothing before it but what marks an item of a list."""
    found = _BULLET.match(line)
    rest = line[found.end() :] if found else line
    return rest if len(rest) < len(line) and urls.looks_like_url(rest.lstrip("\"'“”„<")) else line


def declared(source: Source) -> tuple[str | None, Source]:
    """The delimiter that a first line `sep=;` declares, and the text; the line is left empty, so that numbers hold."""
    declared = next(iter(source()), "").strip().strip('"')
    if declared[:4].lower() != "sep=" or len(declared) > 5:
        return None, source

    def lines() -> Iterator[str]:
        for number, line in enumerate(source()):
            yield line if number else "\n"

    return (declared[4:] or "\t"), lines


def head_of(source: Source) -> str:
    """The text's beginning."""
    found: list[str] = []
    length = 0
    for line in source():
        found.append(line)
        length += len(line)
        if length >= _HEAD_CHARS:
            break
    return "".join(found)[:_HEAD_CHARS]


def best_delimiter(head: str, choice: Choice) -> str | None:
    """The delimiter by which the text is a table with addresses; None where it is a list of bare ones, or neither."""
    scores = {delimiter: _score(head, delimiter, choice) for delimiter in DELIMITERS}
    best = max(scores, key=lambda delimiter: scores[delimiter])
    if scores[best][0]:
        return best
    return _widest(head) if any(map(_suits_table, lines_of(head)[:1])) else None


def _score(head: str, delimiter: str, choice: Choice) -> tuple[int, int]:
    """How well the delimiter explains the text: names that we know, then addresses, then more columns."""
    records = islice(records_of(lambda: io.StringIO(head, newline=""), delimiter, 2 * HEAD_ROWS), 2 * HEAD_ROWS)
    rows = [cells for _, cells in records if not is_comment(cells)][:HEAD_ROWS]
    header = header_of(rows, choice)
    if header is None:
        return 0, 0
    if header.is_named and not header.guessed:
        return 3, len(header.names)
    if delimiter in _IN_DATA and columns.bare(head[:_MARKS])[:5].lower() == "data:":
        return 0, 0
    if header.guessed:
        return (1, len(header.names)) if len(header.names) > 1 else (0, 0)
    return (2, len(header.names)) if _is_regular(rows[header.first :], delimiter) else (0, 0)


def _is_regular(rows: Sequence[Cells], delimiter: str) -> bool:
    """Whether lines without a header are cells, not addresses with commas in them."""
    if len({len(row) for row in rows}) != 1 or len(rows[0]) < 2:
        return False
    if not is_meant_as_address(rows[0][0]):
        return True
    others = [str(cell) for row in rows for cell in row[1:] if not is_address(cell)]
    is_cut = delimiter in _IN_DATA and any(str(cell)[:5].lower() == "data:" for row in rows for cell in row)
    return bool(others) and not any(sign in other for other in others for sign in "/=?&%") and not is_cut


def _suits_table(line: str) -> bool:
    return not line.startswith("#") and not is_meant_as_address(line) and _widest(line) is not None


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


def records_of(source: Source, delimiter: str, most: int | None = None) -> _Records:
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
    long = [cell for cell in cells if ("\n" in cell or "\r" in cell) and not is_address(cell)]
    inner = [line for cell in long for line in cell.splitlines()]
    return any(delimiter in line and any(map(is_address, line.split(delimiter))) for line in inner)


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
