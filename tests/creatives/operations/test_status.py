"""How the pipeline stands: counts that add up, what waits longest, and money of today and ever."""

from datetime import timedelta
from decimal import Decimal

from creatives.operations import status
from creatives.operations.commands import _money
from creatives.operations.tables import Tables
from shared.reasons import Reason
from tests.bigquery import Dataset
from tests.creatives.operations.conftest import fill
from tests.infra.views.rows import START, World, moment


def test_an_empty_pipeline_has_nothing(tables: Tables) -> None:
    found = status.read(tables, START.date())

    assert (found.ads, found.counts, found.failures, found.oldest_waiting, found.lost) == (0, (), {}, None, 0)
    assert (found.money.today_usd, found.money.answers) == (None, 0)


def test_all_ads_are_counted_and_all_money(tables: Tables, dataset: Dataset) -> None:
    w = World()
    yesterday = -24 * 60
    fill(
        dataset,
        [
            *(row for name in "ab" for row in (w.sighting(name, name), *w.analysed(name))),
            w.sighting("c", "c"),
            *w.analysed("c")[:-1],
            w.answer("c", at=yesterday, cost="0.5"),
            w.sighting("d", "d", at=3),
            *w.copied("d", "a"),
            *(w.failed_ad(name) for name in ("e", "f")),
            w.failed_ad("g", Reason.TOO_LARGE),
            w.ad("h", at=2),
            w.ad("i", at=1),
            w.dead_letter("waits-rows", w.wait("z")),
        ],
    )

    found = status.read(tables, START.date())

    assert found.ads == 9
    assert found.by_status == {"analysed": 3, "duplicate": 1, "failed": 3, "pending": 2}
    assert found.failures == {"not_found": 2, "too_large": 1}
    assert (found.oldest_waiting, found.lost) == (moment(1), 1)
    assert "more answers than the 3 creatives analysed" not in " ".join(_money(found))
    assert (found.money.today_usd, found.money.total_usd) == (Decimal("0.002"), Decimal("0.502"))
    assert (found.money.saved_today_usd, found.money.duplicates) == (Decimal("0.001"), 1)
    assert status.read(tables, START.date() + timedelta(days=1)).money.today_usd is None


def test_answers_that_are_more_than_the_creatives_analysed_say_why(tables: Tables, dataset: Dataset) -> None:
    w = World()
    fill(
        dataset,
        [w.sighting("a", "a"), *w.analysed("a"), w.answer("b", at=1), w.sighting("b", "b"), *w.copied("b", "a")],
    )

    told = list(_money(status.read(tables, START.date())))

    assert told[0].endswith("for 2 answers")
    assert told[1].startswith(
        "more answers than the 1 creative analysed: of those that a better copy stands for by now"
    )
