"""What one cell or line of a list is: an address, an id, nothing."""

import re

from shared import columns, urls

ID_CHARS = 1024
COLONS = (":", "：")
"""What ends the words before something that is said of a list."""

_FLOAT_ID = re.compile(r"[0-9]+\.0")


def is_address(cell: object) -> bool:
    """Whether a cell is an address, or a link or picture that a spreadsheet, Markdown or HTML makes of one."""
    return isinstance(cell, str) and urls.looks_like_url(columns.unlinked(cell))


def is_meant_as_address(cell: object) -> bool:
    """Whether a cell is an address of any kind, be it one that cannot be opened: then its line is an ad's."""
    return isinstance(cell, str) and (is_address(cell) or urls.is_written_as_address(columns.bare(cell)))


def is_filled(cell: object) -> bool:
    """Whether anything stands in a cell."""
    return cell is not None and str(cell).strip() != ""


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


def lines_of(text: str) -> list[str]:
    """Lines as files have them: U+2028, U+2029 and U+0085 are characters of a text like others."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
