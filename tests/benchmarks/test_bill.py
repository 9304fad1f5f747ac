"""What a day bills after a month and after a year, as docs/operations.md quotes it: no statement reads more."""

import json
import math
import re

import pytest

from benchmarks import bill, lookup
from functions.import_ads.settings import ImportSettings
from functions.settle.settings import SettleSettings
from shared.bill import most_bytes, usd
from shared.wiring import ROOT
from tests.benchmarks.pages import cells
from tests.cases import first_of

MOST_A_YEAR_ADDS = 0.1
"""To what a day bills after a month."""

MONTH, YEAR = (days * bill.ADS_A_DAY for days in bill.DAYS)
KINDS = (bill.ADDED_TO, bill.DAILY, bill.REPEATING, bill.WHOLE)
MOST: float = SettleSettings.model_fields["settle_usd_a_day"].default


@pytest.mark.parametrize("kind", [bill.ADDED_TO, bill.DAILY])
def test_a_day_of_imports_bills_no_more_after_a_year(kind: str) -> None:
    *_, after_a_month = bill.imports_a_day(MONTH, kind)
    *_, after_a_year = bill.imports_a_day(YEAR, kind)

    assert after_a_year < after_a_month * (1 + MOST_A_YEAR_ADDS)


@pytest.mark.parametrize("kind", [bill.REPEATING, bill.WHOLE])
def test_what_reads_all_ads_bills_no_more_than_it_may(kind: str) -> None:
    *_, after_a_year = bill.imports_a_day(YEAR, kind)

    assert after_a_year <= ImportSettings.model_fields["import_usd_a_day"].default


def test_a_day_of_dedup_bills_no_more_after_a_year() -> None:
    after_a_month, after_a_year = (
        lookup.usd_a_day(days * bill.CREATIVES_A_DAY, bill.CREATIVES_A_DAY) for days in bill.DAYS
    )

    assert after_a_year < after_a_month * (1 + MOST_A_YEAR_ADDS)


@pytest.mark.parametrize(("kind", "_said", "changes"), first_of(bill.RAW_ADS_CHANGE))
def test_a_day_of_the_status_bills_no_more_after_a_year(kind: str, _said: str, changes: float) -> None:
    after_a_month, after_a_year = (math.prod(bill.status_a_day(ads, MOST, changes, kind)) for ads in (MONTH, YEAR))

    assert after_a_year < after_a_month * (1 + MOST_A_YEAR_ADDS)
    assert after_a_year <= MOST


def test_of_published_ads_an_import_reads_the_columns_that_are_modelled() -> None:
    of_ads = {column["name"] for column in json.loads((lookup.SCHEMAS / "ads.json").read_text())}
    statements = [(ROOT / "functions" / "import_ads" / f"{name}.sql").read_text() for name in ("newer", "repeated")]
    published = [re.findall(r"published AS \(\n(.*?)\n\)", sql, re.DOTALL) for sql in statements]

    assert {name for [part] in published for name in re.findall(r"\w+", part)} & of_ads == {"link", "occurred_at"}


def test_the_page_quotes_what_is_modelled() -> None:
    page = (ROOT / "docs" / "operations.md").read_text()

    assert list(cells(page, "| | raw ads | imports a day |")) == [
        (f"{often:.0f}", f"{a_day:.2f}", f"{lookup.usd_a_day(days * bill.CREATIVES_A_DAY, bill.CREATIVES_A_DAY):.3f}")
        for days in bill.DAYS
        for often, _, a_day in (bill.imports_a_day(days * bill.ADS_A_DAY, kind) for kind in KINDS)
    ]
    billed = most_bytes(bill.usd_of_asking())
    assert list(cells(page, "| | raw ads | counting once |")) == [
        (f"${once:.2f}", f"{often:.0f}", f"{often * once:.2f}", f"{billed / 2**20:.0f} MiB, ${usd(billed):.4f}")
        for ads in (MONTH, YEAR)
        for often, once in (bill.status_a_day(ads, MOST, changes, kind) for kind, _, changes in bill.RAW_ADS_CHANGE)
    ]
