"""What a spreadsheet keeps behind its cells: where links, HYPERLINK and IMAGE lead, and formulas that have no value.

The library that reads the cells tells what they show ("Open"), not where that leads. Workbooks of Excel (.xlsx) and of
OpenDocument (.ods) say it in their XML.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring, iterparse

from creatives.analysis import archives
from shared import urls

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

type Place = tuple[int, int]
"""A cell's row and column, from 0."""

type Links = Mapping[Place, str]

_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_VALUE_TYPE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}value-type"
_TEXT_LINK = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}a"
_HREF = "{http://www.w3.org/1999/xlink}href"

_TELLS_LINKS = re.compile(rb"<(?:\w+:)?hyperlink\b|HYPERLINK\(|IMAGE\(")
_CALLED = re.compile(r"""\b(?:HYPERLINK|IMAGE)\(\s*"{1,2}([^"]+)"{1,2}""")
# A cell with a formula and nothing that came of it; where that is an empty text, Excel says so.
_UNCOMPUTED = re.compile(
    rb"""<(\w+:)?c\b(?![^>]*\bt="str")[^>]*>\s*<(?:\w+:)?f\b[^>]*(?:/>|>([^<]*)</(?:\w+:)?f>)\s*"""
    rb"""(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"""
)
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")


def links(workbook: bytes) -> Mapping[str, Links]:
    """The addresses behind cells, by the names of their sheets; nothing where the file does not tell."""
    if workbook[:2] != b"PK":
        return {}
    try:
        with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
            names = archive.namelist()
            if "xl/workbook.xml" in names:
                return dict(_of_excel(archive))
            return dict(_of_open_document(archive)) if "content.xml" in names else {}
    except (*archives.FAULTS, ParseError, DefusedXmlException, KeyError):
        return {}  # the cells have been read: what they show is used


def uncomputed(workbook: bytes) -> Mapping[str, int]:
    """How many formulas of each sheet have no value in the file: a program wrote them that computes none.

    Those that lead to an address (`links`) need none. Nothing is said where the file does not tell.
    """
    if workbook[:2] != b"PK":
        return {}
    try:
        with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
            names = archive.namelist()
            if "xl/workbook.xml" in names:
                return {name: _without_value(archive.read(part)) for name, part in _sheets(archive)}
            return {name: _empty(table) for name, table in _tables(archive)} if "content.xml" in names else {}
    except (*archives.FAULTS, ParseError, DefusedXmlException, KeyError):
        return {}


def _without_value(sheet: bytes) -> int:
    formulas = (found[2] or b"" for found in _UNCOMPUTED.finditer(sheet))
    return sum(not _called(formula.decode(errors="replace").replace("&quot;", '"')) for formula in formulas)


def _empty(table: "Element[Any]") -> int:
    cells = (cell for cell in table.iter(f"{_TABLE}table-cell") if cell.get(f"{_TABLE}formula"))
    return sum(not (cell.get(_VALUE_TYPE) or "".join(cell.itertext()) or _called_by(cell)) for cell in cells)


def _of_excel(archive: zipfile.ZipFile) -> Iterator[tuple[str, Links]]:
    for name, part in _sheets(archive):
        if _TELLS_LINKS.search(archive.read(part)):
            yield name, dict(_of_sheet(archive, part))


def _sheets(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """The sheets of an Excel workbook and the parts that hold them."""
    parts = _targets(archive, "xl/workbook.xml")
    for sheet in fromstring(archive.read("xl/workbook.xml")).iter(f"{_SHEET}sheet"):
        part = parts.get(sheet.get(_RELATION, ""), "")
        if part in archive.namelist():
            yield sheet.get("name", ""), part


def _targets(archive: zipfile.ZipFile, part: str) -> dict[str, str]:
    """What a part of a workbook refers to, by the ids that it uses: other parts, and addresses."""
    folder, name = posixpath.split(part)
    relations = f"{folder}/_rels/{name}.rels"
    if relations not in archive.namelist():
        return {}
    found = {}
    for each in fromstring(archive.read(relations)).iter(f"{_RELATIONS}Relationship"):
        target = each.get("Target", "")
        is_outside = each.get("TargetMode") == "External"
        found[each.get("Id", "")] = (
            target if is_outside else posixpath.normpath(posixpath.join("/", folder, target))[1:]
        )
    return found


def _of_sheet(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[Place, str]]:
    targets = _targets(archive, part)
    with archive.open(part) as file:
        for _, element in iterparse(file, ("end",)):
            if element.tag == f"{_SHEET}c":
                yield from _linked(element.get("r", ""), _called(element.findtext(f"{_SHEET}f") or ""))
                element.clear()
            elif element.tag == f"{_SHEET}hyperlink":
                yield from _linked(element.get("ref", ""), targets.get(element.get(_RELATION, ""), ""))


def _linked(reference: str, address: str) -> Iterator[tuple[Place, str]]:
    """The cell, the first of several, with the address that it leads to; nothing where that is none of a file."""
    found = _REFERENCE.match(reference)
    if found and urls.looks_like_url(address):
        column = 0
        for letter in found[1]:
            column = column * 26 + ord(letter) - ord("A") + 1
        yield (int(found[2]) - 1, column - 1), address


def _called(formula: str) -> str:
    called = _CALLED.search(formula)
    return called[1] if called else ""


def _of_open_document(archive: zipfile.ZipFile) -> Iterator[tuple[str, Links]]:
    return ((name, dict(_of_table(table))) for name, table in _tables(archive))


def _tables(archive: zipfile.ZipFile) -> Iterator[tuple[str, "Element[Any]"]]:
    """The sheets of an OpenDocument workbook, each cleared once it was looked at."""
    with archive.open("content.xml") as file:
        for _, element in iterparse(file, ("end",)):
            if element.tag == f"{_TABLE}table":
                yield element.get(f"{_TABLE}name", ""), element
                element.clear()


def _of_table(table: "Element[Any]") -> Iterator[tuple[Place, str]]:
    at = 0
    for row in table.iter(f"{_TABLE}table-row"):
        column = 0
        for cell in row:
            link = cell.find(f".//{_TEXT_LINK}")
            address = _called_by(cell) or (link.get(_HREF, "") if link is not None else "")
            if urls.looks_like_url(address):
                yield (at, column), address
            column += _repeated(cell, "columns")
        at += _repeated(row, "rows")


def _called_by(cell: "Element[Any]") -> str:
    return _called(cell.get(f"{_TABLE}formula", ""))


def _repeated(element: "Element[Any]", what: str) -> int:
    return int(element.get(f"{_TABLE}number-{what}-repeated", "1"))
