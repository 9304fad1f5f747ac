"""What questions read, and what docs/operations.md quotes of it."""

import pytest

from benchmarks import lookup, questions
from shared.bill import usd
from shared.wiring import ROOT
from tests.benchmarks.pages import cells

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("sql", "read"),
    [
        ("SELECT * FROM waits", {"waits": set(questions.columns("waits"))}),
        ("SELECT reason FROM (SELECT * FROM waits WHERE creative_id = 'c')", {"waits": {"reason", "creative_id"}}),
        ("WITH ads AS (SELECT * FROM waits) SELECT reason FROM ads", {"waits": {"reason"}}),
        ("SELECT waits FROM waits", {"waits": set(questions.columns("waits"))}),
        ("SELECT text FROM current_labels", {"labels": set(questions.columns("labels")) - {"schema_version"}}),
        ("SELECT link FROM ads UNION ALL SELECT reason FROM waits", {"ads": {"link"}, "waits": {"reason"}}),
    ],
)
def test_the_columns_are_told_that_are_asked_for(sql: str, read: dict[str, set[str]]) -> None:
    assert questions.columns_read(sql) == read


def test_addresses_are_read_where_they_are_asked_for_alone() -> None:
    assert "uri" not in questions.columns_read("SELECT status FROM ads_enriched")["sightings"]
    assert "uri" in questions.columns_read("SELECT uri FROM creatives")["sightings"]


def test_what_is_not_known_is_said() -> None:
    with pytest.raises(LookupError, match="unheard_of"):
        questions.columns_read("SELECT unheard_of FROM waits, ads")


@pytest.mark.long
def test_the_page_quotes_what_questions_bill() -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    read = [questions.asked(question) for question in questions.QUESTIONS]

    assert list(cells(page, "| question |", named_by=1)) == [
        (
            str(tables := sum(map(len, statements))),
            f"{tables * lookup.MIN_BYTES / 2**20:.0f} MiB",
            *(f"{usd(sum(questions.billed_bytes(each, days) for each in statements)):.2f}" for days in (30, 365)),
        )
        for statements in read
    ]
