"""Names of columns: those that are documented are those that are known."""

import re

import pytest

from shared import columns
from shared.columns import AD_ID_NAMES, URL_NAMES
from shared.wiring import ROOT


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
