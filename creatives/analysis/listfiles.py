"""Files that are lists of ads: text of any encoding, spreadsheets, JSON, any of them compressed.

What they say is read by `shared.lists`, as published batches are.
"""

import codecs
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path, PurePath

import charset_normalizer
import python_calamine
from python_calamine import CalamineError, SheetVisibleEnum

from creatives.analysis import sheetlinks
from shared import columns
from shared.columns import BY_NAME, Choice
from shared.counting import many
from shared.events import Kind
from shared.lists import parsing
from shared.lists.cells import id_text
from shared.lists.model import Listing, NotAListError
from shared.lists.tables import of_rows
from shared.media import sniffing
from shared.media.sniffing import HEAD_BYTES
from shared.reasons import Reason

TABLE_SUFFIXES = frozenset((".csv", ".tsv", ".tab", ".ndjson", ".jsonl", ".json", ".urls"))
SHEET_SUFFIXES = frozenset((".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"))
TEXT_SUFFIXES = frozenset((".txt", ".list", ".text", ""))
MOST_BYTES = 500 * 10**6
"""Of a list, and of what it is once unpacked."""

_MOST_EXACT = 10**15  # Excel keeps fifteen digits of a number
_UTF = ((b"\xff\xfe\x00\x00", "utf-32"), (b"\x00\x00\xfe\xff", "utf-32"),
        (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))  # fmt: skip
_TABLES = frozenset(media.content_type for media in sniffing.TABLES.values())
_NO_LISTS = _TABLES | {"application/pdf"}

_WORKBOOKS = (sniffing.ZIP_BEGINS, b"\xd0\xcf\x11\xe0")
_PARTS_OF_WORKBOOKS = frozenset(("xl/workbook.xml", "xl/workbook.bin"))
_OPEN_SHEET = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"
_OTHERS = [
    "cp1251",
    "shift_jis",
    "gb18030",
    "euc_kr",
    "big5",
    "cp1250",
    "cp1253",
    "cp1254",
    "cp1255",
    "cp1256",
    "mac_roman",
]
_CODE_PAGES = {"cp1252": "Windows-1252 (Western European)", "cp1250": "Windows-1250 (Central European)",
               "cp1251": "Windows-1251 (Cyrillic)", "cp1254": "Windows-1254 (Turkish)"}  # fmt: skip
_FOREIGN_RUN = re.compile(r"[^\x00-\x7f‐-›€™]{3,}|[a-zA-ZÀ-ÿ][\xa1-\xbf][a-zA-ZÀ-ÿ]")
_LATIN = frozenset(("cp1250", "cp1254"))
_LONG_RUN = re.compile(r"[^\x00-\x7f]{4,}")
_TURKISH = re.compile(r"[ÐÝÞðýþ]")


class ListError(Exception):
    """A list that cannot be read; the message says what was found and what to do.

    Attributes:
        columns: as of `NotAListError`.
        reason: with which it fails as an ad where it lies among others.
    """

    def __init__(self, message: str, columns: Sequence[str] = (), *, reason: Reason = Reason.UNSUPPORTED_TYPE) -> None:
        super().__init__(message)
        self.columns = tuple(columns)
        self.reason = reason


def may_be_list(name: str, head: bytes) -> bool:
    """Whether a file that was named on its own is meant as a list: by its name, unless its bytes are a creative's.

    A workbook is one whatever it is called, and so is a table of a kind that is not read: its reader says so.
    """
    suffix = _suffix(name)
    media = sniffing.sniff(head)
    if media is not None and (media.kind is Kind.IMAGE or media.kind is Kind.VIDEO):
        return False
    is_document = media is not None and media.content_type in {sniffing.OFFICE, *_TABLES}
    return is_document or suffix in TABLE_SUFFIXES or suffix in SHEET_SUFFIXES or suffix in TEXT_SUFFIXES


def read_if_list(given: bytes | Path, name: str, choice: Choice) -> Listing | None:
    """As `read`; None where it is a text that nobody meant as a list, or a zip that is no workbook by any name."""
    head = given[:HEAD_BYTES] if isinstance(given, bytes) else _begin(given, HEAD_BYTES)
    is_zip = head.startswith(sniffing.ZIP_BEGINS)
    if is_zip and _suffix(name) not in SHEET_SUFFIXES and not _is_workbook(given, head):
        return None
    try:
        return read(given, name, choice)
    except ListError:
        if _suffix(name) in TEXT_SUFFIXES and choice == BY_NAME and not is_zip:
            return None
        raise


def _is_workbook(given: bytes | Path, head: bytes) -> bool:
    """Whether a zip is a spreadsheet, by the names in it."""
    if head[30:].startswith(_OPEN_SHEET):
        return True
    try:
        with zipfile.ZipFile(io.BytesIO(given) if isinstance(given, bytes) else given) as archive:
            return bool(_PARTS_OF_WORKBOOKS & {*archive.namelist()})
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        return False


def read(given: bytes | Path, name: str, choice: Choice) -> Listing:
    """What a list says.

    Args:
        given: the content of the file; or where it lies: then a table in UTF-8 is not held in memory, but read again
            each time that somebody goes through its lines.
        name: of the file, as the user knows it.
        choice: of columns.

    Raises:
        ListError: when it is a list that cannot be read.
    """
    size = len(given) if isinstance(given, bytes) else given.stat().st_size
    if size > MOST_BYTES:
        told = f"{name}: a list of {size:,} bytes, the limit is {MOST_BYTES:,}: split it"
        raise ListError(told, reason=Reason.TOO_LARGE)
    _require_a_list(given[:HEAD_BYTES] if isinstance(given, bytes) else _begin(given, HEAD_BYTES), name)
    try:
        if isinstance(given, Path) and _is_utf8(given):
            return parsing.read(partial(_lines, given), choice)
        return _read(given if isinstance(given, bytes) else given.read_bytes(), name, choice)
    except NotAListError as error:
        raise ListError(f"{name}: {error}", error.columns) from error


def _require_a_list(head: bytes, name: str) -> None:
    if not head:
        raise ListError(f"{name}: it is empty", reason=Reason.EMPTY_FILE)
    media = sniffing.sniff(head)
    if media is not None and media.kind in (Kind.IMAGE, Kind.VIDEO):
        raise ListError(f"{name}: it is {media.name}, and no list: `creatives analyze` takes pictures and films")
    if media is not None and media.content_type in _NO_LISTS:
        raise ListError(f"{name}: {media.name}, which is not read as a list: export it as CSV, NDJSON or a spreadsheet")


def _read(content: bytes, name: str, choice: Choice) -> Listing:
    if content[:2] == b"\x1f\x8b":
        content, name = unpacked(content, name), name.removesuffix(".gz").removesuffix(".GZ")
    if content[:4] in _WORKBOOKS:
        return _of_workbook(content, name, choice)
    text, encoding = decoded(content)
    listing = parsing.parse(text, choice)
    said = f"it is not UTF-8 and was read as {_CODE_PAGES.get(encoding, encoding)}: check letters such as ü and é"
    return listing if encoding.startswith("utf") else Listing(listing.lines, (said, *listing.notes))


def _begin(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        return file.read(size)


def _is_utf8(path: Path) -> bool:
    """Whether it is text in UTF-8, and nothing packed."""
    head = _begin(path, HEAD_BYTES)
    if head[:2] == b"\x1f\x8b" or head[:4] in _WORKBOOKS or _other_utf(head):
        return False
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _other_utf(head: bytes) -> str | None:
    """The encoding of two or four bytes a sign, where the text's beginning tells of one."""
    for mark, encoding in _UTF:
        if head.startswith(mark):
            return encoding
    if head[:512].count(0) > len(head[:512]) // 4:
        return "utf-16-be" if head[:1] == b"\0" else "utf-16-le"
    return None


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        yield from file


def unpacked(content: bytes, name: str) -> bytes:
    """What a gzip file holds.

    Raises:
        ListError: when it is damaged, or larger than a list may be.
    """
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as packed:
            plain = packed.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ListError(f"{name}: a damaged gzip file ({error})", reason=Reason.BROKEN_ARCHIVE) from error
    if len(plain) > MOST_BYTES:
        raise ListError(f"{name}: it unpacks to over {MOST_BYTES:,} bytes, the limit", reason=Reason.TOO_LARGE)
    return plain


def decoded(content: bytes) -> tuple[str, str]:
    """Text, and the encoding that it was in."""
    encoding = "utf-8-sig" if content.startswith(codecs.BOM_UTF8) else _other_utf(content)
    if encoding:
        return content.decode(encoding, "replace"), encoding
    try:
        return content.decode(), "utf-8"
    except UnicodeDecodeError:
        return _of_code_page(content)


def _of_code_page(content: bytes) -> tuple[str, str]:
    """Western text is told by its letters; for others a library's guess is better than none."""
    western = content.decode("cp1252", "replace")
    if "\ufffd" not in western and not _FOREIGN_RUN.search(western):
        encoding = "cp1254" if _TURKISH.search(western) else "cp1252"
        return content.decode(encoding, "replace"), encoding
    guesses = charset_normalizer.from_bytes(content[:100_000], cp_isolation=_OTHERS)
    likely = (each.encoding for each in guesses if each.encoding not in _LATIN or not _LONG_RUN.search(str(each)))
    encoding = _of_known_columns(content) or next(likely, "cp1252")
    return content.decode(encoding, "replace"), encoding


def _of_known_columns(content: bytes) -> str | None:
    """The encoding in which the header has a name that we know: a short list tells a guesser too little."""
    head = content[:2000].split(b"\n", maxsplit=1)[0]
    for encoding in _OTHERS:
        names = re.split("[,;\t|]", head.decode(encoding, "replace"))
        if any(not name.isascii() and columns.is_known(name) for name in names):
            return encoding
    return None


def _of_workbook(content: bytes, name: str, choice: Choice) -> Listing:
    """All sheets that list ads."""
    _require_small(content, name)
    try:
        workbook = python_calamine.load_workbook(io.BytesIO(content))
        sheets = {name: workbook.get_sheet_by_name(name) for name in workbook.sheet_names}
        written = {name: sheet.to_python(skip_empty_area=False) for name, sheet in sheets.items()}
        tables = {name: _table(sheets[name], rows) for name, rows in written.items()}
        hidden = {sheet.name for sheet in workbook.sheets_metadata if sheet.visible is not SheetVisibleEnum.Visible}
    except (CalamineError, OSError, ValueError) as error:
        raise ListError(f"{name}: no spreadsheet that can be read ({error}); save it as CSV") from error
    found: list[Listing] = []
    faults, names = [], dict[str, None]()
    links, uncomputed = sheetlinks.links(content), sheetlinks.uncomputed(content)
    for sheet, rows in tables.items():
        try:
            listing = of_rows(_with_links(rows, links.get(sheet, {})), choice)
            if len(tables) > 1 and not listing.lines:
                listing = Listing((), tuple(f"sheet {sheet!r}: {note}" for note in listing.notes))
            notes = [f"sheet {sheet!r} is hidden, and was read as well"] if sheet in hidden else []
            notes += (*_of_rounded(listing, written[sheet]), *_of_uncomputed(listing, uncomputed.get(sheet, 0)))
            found.append(Listing(listing.lines, (*listing.notes, *notes)))
        except NotAListError as error:
            faults.append(f"sheet {sheet!r}: {error}")
            names |= dict.fromkeys(error.columns)
    if not found:
        raise NotAListError("; ".join(faults) or "it has no sheets", [*names])
    return Listing(
        tuple(line for listing in found for line in listing.lines),
        tuple(dict.fromkeys(note for listing in found for note in listing.notes)),
    )


def _of_rounded(listing: Listing, written: Sequence[Sequence[object]]) -> list[str]:
    """What to say of ids that are numbers of more digits than a spreadsheet keeps: others may have become the same."""
    numbers = (cell for row in written for cell in row if isinstance(cell, int | float) and abs(cell) >= _MOST_EXACT)
    rounded = {id_text(cell) for cell in numbers}
    ids = [line.ad_id for line in listing.lines if line.ad_id and line.ad_id in rounded]
    if not ids:
        return []
    return [
        f"{many(len(ids), 'id')} of 16 and more digits written as numbers (such as {ids[0]}), of which a spreadsheet "
        "keeps 15: give their column the format text before the ids come into it, or use the CSV that they came from"
    ]


def _of_uncomputed(listing: Listing, n_formulas: int) -> Iterator[str]:
    """What to say of formulas without values where ads lack addresses: those may be what was to be computed."""
    if n_formulas and not all(line.urls for line in listing.lines):
        yield (
            f"{many(n_formulas, 'formula')} without a value in the file: "
            "open it in a spreadsheet program, save it there, and give it once more"
        )


def _table(sheet: python_calamine.CalamineSheet, written: Sequence[Sequence[object]]) -> list[list[object]]:
    """The cells of a sheet; what is written once for several lines stands in each of them that says more."""
    rows = [[_cell(cell) for cell in row] for row in written]
    filled = [any(cell not in ("", None) for cell in row) for row in rows]
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        for at in range(top + 1, min(bottom + 1, len(rows))):
            if filled[at] and left < len(rows[at]):
                rows[at][left] = rows[top][left]
    return rows


def _with_links(rows: list[list[object]], links: sheetlinks.Links) -> list[list[object]]:
    for (row, column), address in links.items():
        if row < len(rows) and column < len(rows[row]):
            shown = rows[row][column]
            rows[row][column] = columns.Linked("" if shown is None else str(shown), address)
    return rows


def _cell(value: object) -> object:
    """A cell as text: whole numbers without the `.0` that spreadsheets keep them with."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    return id_text(value) or (columns.Exact(value) if isinstance(value, float) else str(value))


def _require_small(content: bytes, name: str) -> None:
    """Refuses a workbook that is a bomb: a few bytes that unpack to a machine's memory."""
    if not content.startswith(sniffing.ZIP_BEGINS):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise ListError(f"{name}: a damaged spreadsheet ({error})") from error
    if size > MOST_BYTES:
        raise ListError(f"{name}: it unpacks to {size:,} bytes, the limit is {MOST_BYTES:,}", reason=Reason.TOO_LARGE)


def _suffix(name: str) -> str:
    path = PurePath(name.lower())
    return PurePath(path.stem).suffix if path.suffix == ".gz" else path.suffix
