"""Lists that are tables: which row names the columns, where the ads begin, and what should be known of the rest."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from shared import columns
from shared.columns import BY_NAME, Choice, Columns
from shared.counting import many
from shared.lists.cells import id_text, is_address, is_filled, is_meant_as_address
from shared.lists.model import ONLY_THERE, Cells, Line, Listing, NotAListError, Record
from shared.results import names as names_of_results

_DRAWN = re.compile(r"[\s:+|]*(?:[-=─━]{3}|-\+)[\s:+|─━┼╪=-]*|\s*\(?\d+ rows?(?: in set.*|\))\s*")

_DIGITS = re.compile(r"\d+")

_ADDRESS_IN_WORDS = re.compile(r"""[\s("'\[<](?:https?|gs)://""", re.IGNORECASE)
_WHOLE_ADDRESS = re.compile(r"""(?:https?|gs)://[^\s"'<>\]]+""", re.IGNORECASE)

HEAD_ROWS = 30
"""Among which a header is looked for."""


@dataclass(frozen=True)
class _Header:
    """Where a table's ads begin, and what its columns are called.

    Attributes:
        is_named: whether the table names its columns; else they are counted.
    """

    first: int
    names: tuple[str, ...]
    places: Columns
    guessed: bool = False
    of_results: bool = False
    is_named: bool = True


@dataclass(frozen=True)
class _Lines:
    """The lines of a table, made of its records each time."""

    records: Iterable[Record]
    header: _Header

    def __iter__(self) -> Iterator[Line]:
        rows = _rows(self.records)
        for number, cells in islice(rows, self.header.first):
            if held := tuple(text for cell in cells if is_meant_as_address(cell) for text in columns.urls_in(cell)):
                yield Line(number, None, held)
        for number, cells in rows:
            yield _line(number, cells, self.header)


def of_rows(rows: Iterable[Cells], choice: Choice = BY_NAME) -> Listing:
    """The ads of a table whose cells are known, as spreadsheets have them.

    Raises:
        NotAListError: as `parse`.
    """
    records = [(number, row) for number, row in enumerate(rows, start=1) if any(is_filled(cell) for cell in row)]
    listing = of_table(records, "of a spreadsheet", choice)
    return Listing(tuple(listing.lines), listing.notes)


def of_table(records: Iterable[Record], form: str, choice: Choice) -> Listing:
    """The ads of a table; `records` may be gone through several times."""
    header = header_of([cells for _, cells in islice(_rows(records), HEAD_ROWS)], choice)
    if header is None:
        rows = [cells for _, cells in _rows(records)]
        names = [str(cell).strip() for cell in _likely_header(rows) if is_filled(cell)] if len(rows) > 1 else ()
        raise NotAListError(_without_addresses(rows, form, choice), names)
    lines = _Lines(records, header)
    if next(iter(lines), None) is None:
        return Listing(lines, ("no line below its header",))
    comments = sum(is_comment(cells) for _, cells in records if not _is_drawn(cells))
    first = [cells for _, cells in islice(_rows(records), header.first, header.first + HEAD_ROWS)]
    told = (*left_out(comments), *_unread(first, header), *_short(first, header))
    return Listing(lines, (*_notes(header, lines), *told))


def _rows(records: Iterable[Record]) -> Iterator[Record]:
    """The records without what is drawn, and without comments."""
    return ((number, cells) for number, cells in records if not _is_drawn(cells) and not is_comment(cells))


def left_out(n_comments: int) -> Iterator[str]:
    """That lines are left out as comments, where any is."""
    if n_comments:
        yield f"{n_comments} {'line' if n_comments == 1 else 'lines'} left out as comments (they begin with #)"


def _unread(rows: Sequence[Cells], header: _Header) -> Iterator[str]:
    """Columns with addresses that no name tells of: where ads lead to, or creatives."""
    if header.of_results:
        return
    held = {at for row in rows for at, cell in enumerate(row) if is_address(cell)} - {*header.places.urls}
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


def is_comment(cells: Cells) -> bool:
    """Whether a row is one cell with a remark, however far it is filled up; `#A2,` is an ad without an address."""
    text = str(cells[0] or "").lstrip() if cells else ""
    alone = not any(is_filled(cell) for cell in cells[1:])
    return text.startswith("#") and alone and (len(cells) == 1 or " " in text.strip() or text.strip("# ") == "")


def header_of(rows: Sequence[Cells], choice: Choice) -> _Header | None:
    """Where the ads of a table begin, by its first rows; None where nothing tells of addresses."""
    found = [header for at in range(len(rows)) if (header := _header_at(at, rows, choice))]
    if not found:
        return _guessed(rows, choice) if rows and not choice.of_results else None
    begun = next((at for at, row in enumerate(rows) if any(map(is_address, row))), len(rows))
    above = [header for header in found if header.first <= begun] or found[:1]
    return max(above, key=lambda header: (header.places.ad_id is not None, len(header.places.urls)))


def _header_at(at: int, rows: Sequence[Cells], choice: Choice) -> _Header | None:
    """The header that a row is; None where it is none."""
    names = _names(rows[at])
    places = columns.columns(names, choice)
    if places.named and at and any(is_filled(cell) for cell in rows[at - 1]):
        names = _names(_under(rows[at - 1], rows[at]))
        places = columns.columns(names, choice)
    if columns.lacking(names, choice):
        return None
    is_header = not any(is_meant_as_address(name) for name in names) and (
        places.named or (places.urls and any(_addresses(row, places.urls) for row in rows[at + 1 :]))
    )
    if choice.of_results:
        named = places.ad_id is not None or places.named
        is_header = named and names_of_results.has_results(names_of_results.recognised(names))
    return _Header(at + 1, names, places, of_results=choice.of_results) if is_header else None


def _under(upper: Cells, lower: Cells) -> Cells:
    """Names of columns that stand in two lines: `Creative` above `Image URL` and `Video URL`, say."""
    longest = max(len(upper), len(lower))
    above, below = ([*cells, *([None] * (longest - len(cells)))] for cells in (upper, lower))
    return [own if is_filled(own) else other for own, other in zip(below, above, strict=True)]


def _guessed(rows: Sequence[Cells], choice: Choice) -> _Header | None:
    """A table that does not name its addresses: they are in its first line, or in the one column that has any.

    Lines that hold addresses elsewhere make it none, and so do sentences that list some, with a comma between.
    """
    header = None if choice.urls else _of_first_ad(rows, choice)
    if header is None or any(_is_left_out(cells, header) for cells in rows):
        return None
    return None if any(map(_is_sentence, rows)) and not _are_filled_in(rows) else header


def _of_first_ad(rows: Sequence[Cells], choice: Choice) -> _Header | None:
    top = _top(rows)
    begun = next(
        (at for at, row in enumerate(rows[: top + 1]) if _is_of_ad(row) or _is_counted(row, rows[at + 1 :])), None
    )
    if begun is not None:
        return _nameless(begun, rows[begun:])
    names = _names(rows[top])
    held = Counter(at for row in rows[top + 1 :] for at, cell in enumerate(row) if is_address(cell))
    free = [at for at in held if at < len(names) and not columns.leads_elsewhere(names[at])]
    if len(free) != 1 or columns.lacking(names, choice):
        return None
    ad_id = columns.columns(names, choice).ad_id
    return _Header(top + 1, names, Columns(ad_id, tuple(free), tuple(free)), guessed=True)


def _is_left_out(cells: Cells, header: _Header) -> bool:
    """Whether a row has an address where the header tells of none, be it of a place to go to."""
    held = [at for at, cell in enumerate(_with_whole_data(cells)) if is_address(cell) and at not in header.places.urls]
    return any(at >= len(header.names) or not columns.leads_elsewhere(header.names[at]) for at in held)


def _is_of_ad(row: Cells) -> bool:
    """Whether a row cannot name columns: it holds an address of any kind, or a picture's file name."""
    return any(is_meant_as_address(cell) or columns.ends_as_file(str(cell or "").strip()) for cell in row)


def _is_sentence(row: Cells) -> bool:
    """Whether a row was written, not filled in: `see https://x.test/1.png, https://x.test/2.png` is no two cells."""
    return any(not is_address(cell) and _ADDRESS_IN_WORDS.search(str(cell or "")) for cell in row)


def _are_filled_in(rows: Sequence[Cells]) -> bool:
    """Whether two rows and more are of ads, named in the first cell, with addresses in the same ones: a text beside
    them may hold others, of pages and not of files.
    """
    held = {(len(row), *(at for at, cell in enumerate(row) if is_address(cell))) for row in rows}
    named = all(is_filled(row[0]) and not is_address(row[0]) and not _is_sentence(row[:1]) for row in rows)
    apart = len({str(row[0]).strip() for row in rows}) == len(rows)
    return len(rows) > 1 and len(held) == 1 and named and apart and not any(map(_shows_file, rows))


def _shows_file(row: Cells) -> bool:
    """Whether words of a row hold the address of a file: a creative, which nobody leaves in a text."""
    words = (str(cell or "") for cell in row if not is_address(cell))
    return any(columns.ends_as_file(found) for text in words for found in _WHOLE_ADDRESS.findall(text))


def _is_counted(row: Cells, below: Sequence[Cells]) -> bool:
    """Whether a row cannot name columns: it is numbered as the row with the next address is, `A-1` above `A-2`."""
    of_ad = next((each for each in below if any(map(is_address, each))), [])
    return any(_shape(cell) == _shape(other) != "" for cell, other in zip(row, of_ad, strict=False))


def _shape(cell: object) -> str:
    """What two numbers of one kind have in common; nothing where there is no number."""
    text = str(cell if cell is not None else "").strip()
    return _DIGITS.sub("0", text) if _DIGITS.search(text) and not is_address(text) else ""


def _nameless(first: int, rows: Sequence[Cells]) -> _Header | None:
    """A table without names, from its first ad on: addresses are where its first lines have any that we open."""
    held = (tuple(at for at, cell in enumerate(row) if is_address(cell)) for row in rows)
    places = next(filter(None, held), None)
    if places is None:
        return None
    ad_id = next((at for at, cell in enumerate(rows[0]) if at not in places and is_filled(cell)), None)
    names = tuple(f"column {at}" for at in range(1, max(len(_with_whole_data(row)) for row in rows) + 1))
    return _Header(first, names, Columns(ad_id, places, places), is_named=False)


def _top(rows: Sequence[Cells]) -> int:
    """The row that names all that the first row with an address fills: reports have a title above it.

    Of several the one that names ids, else the first.
    """
    begun = next((at for at, row in enumerate(rows) if any(map(is_address, row))), 0)
    filled = [at for at, cell in enumerate(rows[begun]) if is_filled(cell)]
    full = [at for at, row in enumerate(rows[: begun + 1]) if all(n < len(row) and is_filled(row[n]) for n in filled)]
    return next((at for at in full if columns.columns(_names(rows[at])).ad_id is not None), full[0])


def _line(number: int, cells: Cells, header: _Header) -> Line:
    whole = _rejoined(cells, header)
    padded = [*whole, *([None] * (len(header.names) - len(whole)))]
    names = [*header.names, *(f"column {at}" for at in range(len(header.names) + 1, len(padded) + 1))]
    row = list(zip(names, padded, strict=True))
    found = columns.split(row, header.places)
    extra = {name: value for name, value in found.extra.items() if name}
    surplus = padded[len(header.names) :]
    is_cut = any(map(is_filled, surplus)) and not any(map(is_address, surplus))
    return Line(number, id_text(found.ad_id), found.urls, extra, is_cut)


def _rejoined(cells: Cells, header: _Header) -> Cells:
    """The cells with an address put together again that was cut at commas or semicolons of its own."""
    if len(cells) <= len(header.names):
        return cells
    whole = _with_whole_data(cells)
    surplus = len(whole) - len(header.names)
    last = len(header.names) - 1
    if surplus > 0 and last in header.places.urls and _is_cut(whole[last]) and _are_pieces(whole[last + 1 :]):
        whole[last:] = [",".join(str(cell) for cell in whole[last:])]
    return whole


def _with_whole_data(cells: Cells) -> list[object]:
    """The cells, with a `data:` address that was cut in two put together."""
    whole = list(cells)
    for at, cell in enumerate(whole[:-1]):
        text, rest = str(cell or ""), whole[at + 1]
        if text[:5].lower() == "data:" and "," not in text:
            between = ";" if str(rest).startswith("base64,") else ","
            whole[at : at + 2] = [f"{text}{between}{rest}"]
            break
    return whole


def _is_cut(cell: object) -> bool:
    """Whether an address may go on behind its comma; one that ends as a file's name is whole."""
    return is_address(cell) and not columns.ends_as_file(str(cell).strip())


def _are_pieces(cells: Cells) -> bool:
    return any(is_filled(cell) for cell in cells) and not any(is_address(cell) or " " in str(cell) for cell in cells)


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
    if header.places.ad_id is None and header.is_named:
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


def _likely_header(rows: Sequence[Cells]) -> Cells:
    """The first row that fills more than one cell: a title above it fills one."""
    return next((cells for cells in rows if sum(map(is_filled, cells)) > 1), rows[0] if rows else [])


def _without_addresses(rows: Sequence[Cells], form: str, choice: Choice) -> str:
    if not rows:
        return "all of it is blank"
    header = _likely_header(rows)
    told = ", ".join(str(cell) for cell in header if is_filled(cell))[:300] or "nothing"
    sought, option = "with the creatives' addresses (url, image_url, …)", "--url-columns names the right one"
    if choice.of_results:
        sought, option = (
            "with the ads' ids and another of results (impressions, clicks, spend, …)",
            "--id-column names ids",
        )
    elif names_of_results.has_results(names_of_results.recognised(_names(header))):
        option = "These are results of ads, which `creatives results FILE` takes"
    elif (at := _place_of_files(rows)) is not None:
        option = f"Column {header[at] if at < len(header) else at + 1} names files, {ONLY_THERE}"
    wanted = ", ".join(columns.lacking(_names(header), choice)) or sought
    return f"no column {wanted}: it was read as a table {form}, its columns are {told}. {option}"


def _place_of_files(rows: Sequence[Cells]) -> int | None:
    """The column in which most lines name files of somebody's machine."""
    named = Counter(at for row in rows for at, cell in enumerate(row) if columns.ends_as_file(str(cell)))
    return next((at for at, n_named in named.most_common(1) if n_named * 2 >= len(rows)), None)


def _addresses(row: Cells, places: Sequence[int]) -> bool:
    return any(at < len(row) and is_address(row[at]) for at in places)
