"""Addresses behind the cells of spreadsheets, in files that libraries write which are not ours."""

import io
import re
import zipfile
from collections.abc import Callable

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from creatives.analysis import listfiles, sheetlinks
from shared.columns import BY_NAME

ADDRESSES = [f"https://cdn.example/{number}.png?a=1&b=2" for number in range(3)]
ADS = [(f"ad {number}", (address,)) for number, address in enumerate(ADDRESSES)]


def linked(sheet: Worksheet, row: int, address: str) -> None:
    sheet.cell(row, 3, "View").hyperlink = address


def called(sheet: Worksheet, row: int, address: str) -> None:
    sheet.cell(row, 3, f'=HYPERLINK("{address}","View")')


def shown(sheet: Worksheet, row: int, address: str) -> None:
    sheet.cell(row, 3, f'=_xlfn.IMAGE("{address}")')


def by_google(sheet: Worksheet, row: int, address: str) -> None:
    sheet.cell(row, 3, f'=IFERROR(__xludf.DUMMYFUNCTION("IMAGE(""{address}"")"),"")')


def workbook(write: Callable[[Worksheet, int, str], None], column: str) -> bytes:
    file = openpyxl.Workbook()
    sheet = file.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "Werbung & Co"
    sheet.append(["Ad ID", "Ad name", column])
    for row, (ad_id, (address,)) in enumerate(ADS, start=2):
        sheet.cell(row, 1, ad_id).hyperlink = f"https://ads.example/manage/{row}"
        sheet.cell(row, 2, "in words").hyperlink = "#Sheet!A1"
        write(sheet, row, address)
    content = io.BytesIO()
    file.save(content)
    return content.getvalue()


@pytest.mark.parametrize("write", [linked, called, shown, by_google])
@pytest.mark.parametrize("column", ["Image URL", "Preview image"])
def test_a_cell_that_leads_to_an_address_is_that_address(
    write: Callable[[Worksheet, int, str], None], column: str
) -> None:
    listing = listfiles.read(workbook(write, column), "ads.xlsx", BY_NAME)

    assert [(line.ad_id, line.urls) for line in listing.lines] == ADS
    assert {line.extra["ad name"] for line in listing.lines} == {"in words"}


OPEN_DOCUMENT = """<office:document-content
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">
<office:body><office:spreadsheet><table:table table:name="Ads">
<table:table-row><table:table-cell office:value-type="string" table:number-columns-repeated="2"><text:p>x</text:p>
</table:table-cell><table:table-cell office:value-type="string"><text:p>Image URL</text:p></table:table-cell>
</table:table-row>
<table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="3"/></table:table-row>
<table:table-row><table:table-cell table:number-columns-repeated="2"/><table:table-cell office:value-type="string">
<text:p><text:a xlink:href="https://cdn.example/1.png">View</text:a></text:p></table:table-cell></table:table-row>
<table:table-row><table:table-cell table:number-columns-repeated="2"/><table:table-cell office:value-type="string"
 table:formula="of:=HYPERLINK(&quot;https://cdn.example/2.png&quot;;&quot;View&quot;)"><text:p>View</text:p></table:table-cell>
</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"""


def test_the_links_of_open_document_stand_where_its_repeated_cells_put_them() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("content.xml", OPEN_DOCUMENT)

    found = sheetlinks.links(file.getvalue())

    assert found == {"Ads": {(3, 2): "https://cdn.example/1.png", (4, 2): "https://cdn.example/2.png"}}


def test_what_is_written_once_for_several_lines_holds_for_each() -> None:
    file = openpyxl.Workbook()
    sheet = file.active
    assert isinstance(sheet, Worksheet)
    rows = [["Ad ID", "Image URL"], ["7", "https://x.test/1"], ["", "https://x.test/2"], ["", ""]]
    for row in [*rows, ["8", "https://x.test/3"]]:
        sheet.append(row)
    sheet.merge_cells("A2:A4")
    content = io.BytesIO()
    file.save(content)

    listing = listfiles.read(content.getvalue(), "ads.xlsx", BY_NAME)

    assert [(line.ad_id, line.urls) for line in listing.lines] == [
        ("7", ("https://x.test/1",)),
        ("7", ("https://x.test/2",)),
        ("8", ("https://x.test/3",)),
    ]


def computed(values: dict[str, str]) -> bytes:
    """A workbook whose addresses are formulas, with the values that a spreadsheet program gave them, by cell."""
    file = openpyxl.Workbook()
    sheet = file.active
    assert isinstance(sheet, Worksheet)
    sheet.append(["Ad ID", "Image URL"])
    for row in (2, 3):
        sheet.cell(row, 1, str(row))
        sheet.cell(row, 2, f'="https://x.test/"&A{row}&".png"')
    content = io.BytesIO()
    file.save(content)
    saved = io.BytesIO()
    with zipfile.ZipFile(content) as old, zipfile.ZipFile(saved, "w") as new:
        for name in old.namelist():
            text = old.read(name).decode()
            for cell, value in values.items():
                text = re.sub(rf'(<c r="{cell}")[^>]*(>.*?)<v ?(?:/>|></v>)', rf'\1 t="str"\2<v>{value}</v>', text)
            new.writestr(name, text)
    return saved.getvalue()


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({}, "2 formulas without a value"),
        ({"B2": "https://x.test/2.png"}, "1 formula without a value"),
        ({"B2": "https://x.test/2.png", "B3": ""}, ""),  # its program found nothing to say
        ({"B2": "https://x.test/2.png", "B3": "https://x.test/3.png"}, ""),
    ],
)
def test_formulas_that_nobody_computed_are_told_where_addresses_are_missing(values: dict[str, str], told: str) -> None:
    listing = listfiles.read(computed(values), "ads.xlsx", BY_NAME)

    assert [line.urls for line in listing.lines] == [
        (values[cell],) if values.get(cell) else () for cell in ("B2", "B3")
    ]
    notes = [note for note in listing.notes if "formula" in note]
    assert [note.startswith(told) for note in notes] == [True] * bool(told)


def test_formulas_of_open_document_that_nobody_computed_are_counted() -> None:
    file = io.BytesIO()
    cells = {
        "<text:p>View</text:p></table:table-cell>\n</table:table-row></table:table>": "",
        ' office:value-type="string"\n table:formula': " table:formula",
        "HYPERLINK(&quot;https://cdn.example/2.png&quot;;&quot;View&quot;)": "[.A1]&amp;[.B1]",
    }
    text = OPEN_DOCUMENT
    for old, new in cells.items():
        assert old in text
        end = "</table:table-cell>\n</table:table-row></table:table>" if not new else ""
        text = text.replace(old, new or end)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("content.xml", text)

    assert sheetlinks.uncomputed(file.getvalue()) == {"Ads": 1}


EXPANDS = b"""<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>
<content xmlns="urn:oasis:names:tc:opendocument:xmlns:office:1.0">&b;</content>"""


@pytest.mark.parametrize("content", [EXPANDS, b"", b"<", b"\xff\xfe<a/>", b"<a><b></a>"])
@pytest.mark.parametrize("name", ["content.xml", "xl/workbook.xml"])
def test_xml_that_is_none_or_expands_tells_of_no_links(name: str, content: bytes) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, content)

    assert sheetlinks.links(file.getvalue()) == {}
    assert sheetlinks.uncomputed(file.getvalue()) == {}


@given(st.binary(max_size=200), st.integers(0, 10_000))
def test_a_damaged_workbook_tells_of_what_can_be_read(noise: bytes, at: int) -> None:
    whole = DAMAGED
    place = at % len(whole)

    found = sheetlinks.links(whole[:place] + noise + whole[place + len(noise) :])

    assert set(found) <= {"Werbung & Co"}
    assert set(sheetlinks.uncomputed(whole[:place] + noise + whole[place + len(noise) :])) <= {"Werbung & Co"}


DAMAGED = workbook(linked, "Image URL")
