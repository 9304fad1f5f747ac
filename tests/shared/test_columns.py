"""Names of columns: those that are documented are those that are known."""

import re

import pytest

from shared import columns
from shared.columns import AD_ID_NAMES, URL_NAMES
from shared.lists.parsing import pasted
from shared.wiring import ROOT
from tests.cases import first_of


def test_the_page_on_lists_names_every_column_that_is_known() -> None:
    page = (ROOT / "docs/lists.md").read_text()

    ids, addresses = (re.findall("`([^`]+)`", line) for line in page.splitlines() if re.match(r"\*\*(Ids|Addr)", line))

    assert tuple(ids) == AD_ID_NAMES
    assert tuple(addresses) == URL_NAMES


@pytest.mark.parametrize("name", ["Final URL", "Landing page URL", "Link", "Website URL", "Click-through URL", "href"])
def test_where_an_ad_leads_to_is_no_creative(name: str) -> None:
    assert columns.leads_elsewhere(name)
    assert not columns.columns((name,)).urls


@pytest.mark.parametrize("name", ["image_url", "Image URL 3", "IMAGE-URL", "imageUrl", " Image  Url ", "Bild-URL"])
def test_a_name_is_known_however_it_is_written(name: str) -> None:
    assert columns.columns((name,)).urls == (0,)


@pytest.mark.parametrize(
    ("names", "place"),
    [
        (("Nombre", "ID anuncia"), 1),
        (("광고 ID", "URL"), 0),
        (("Campaign ID", "Kampagnen-ID", "Mainoksen ID"), 2),
        (("some id", "other id"), None),
        (("video", "hidden"), None),
    ],
)
def test_the_one_column_that_says_id_names_the_ads(names: tuple[str, ...], place: int | None) -> None:
    assert columns.columns(names).ad_id == place


def test_an_address_nested_in_an_object_is_the_ads() -> None:
    found = columns.read([("id", "7"), ("creative", {"id": "9", "assets": {"image_url": "https://a.example/1.png"}})])

    assert (found.ad_id, found.urls) == ("7", ("https://a.example/1.png",))


@pytest.mark.parametrize("path", ["/home/ana/x.png", "../stills/x.png", r"C:\ads\x.png", "x.png"])
def test_a_file_where_pictures_stand_is_told_as_what_it_is_unless_an_address_stands_beside_it(path: str) -> None:
    alone = columns.read([("Ad ID", "7"), ("Image", path)])
    beside = columns.read([("Ad ID", "7"), ("Image", path), ("Image URL", "https://a.example/1.png")])
    said = columns.read([("Ad ID", "7"), ("Image", "Our summer campaign")])

    assert (alone.urls, beside.urls, said.urls) == ((path,), ("https://a.example/1.png",), ())


@pytest.mark.parametrize(
    "cell",
    [
        '=HYPERLINK("https://a.example/1.png","open")',
        '=HYPERLINK("https://a.example/1.png")',
        "[picture](https://a.example/1.png)",
        "<https://a.example/1.png>",
    ],
)
def test_an_address_is_taken_out_of_its_link(cell: str) -> None:
    assert list(columns.urls_in(cell)) == ["https://a.example/1.png"]


HOSTILE = [
    " ",
    ")",
    "]",
    "<",
    '"',
    "'",
    ",",
    ", ",
    ".",
    ".jpg ",
    "-",
    "a ",
    "[](",
    '<a href="',
    "](",
    "\u200b",
    "=",
    "1",
    "://",
]
"""What a cell is full of; each was, or might be, gone through once more for every sign of it."""


@pytest.mark.timeout(60)
@pytest.mark.parametrize("sign", HOSTILE)
@pytest.mark.parametrize("begun", first_of(["", "https://ads.example/"]))
def test_a_cell_full_of_anything_is_read_once(begun: str, sign: str) -> None:
    """A quarter of a mebibyte: what goes through it for each of its signs ends tomorrow."""
    cell = begun + sign * (2**18 // len(sign)) + "x"

    read = columns.read([("image_url", cell), (cell[:100_000], "1")])
    pasted(cell[:100_000])

    assert all(url in cell for url in read.urls)
