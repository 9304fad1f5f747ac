"""What ads got, by creative: every number once, whatever ads show, and two currencies never in one sum."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

from shared.events import Origin, Result, Sighting
from tests.infra.views.conftest import Tables
from tests.infra.views.rows import World, moment

MEASURES = ("impressions", "clicks", "spend", "conversions", "conversion_value", "video_views", "video_100")


def drawn(random: Random, number: int) -> Result:
    """A result of few ads, days and places, so that many are about the same."""
    spend = random.choice([None, Decimal(random.randint(0, 10**7)) / 10**6])
    return Result(
        event_id=f"e{number}",
        occurred_at=moment(number / 100),
        ad_id=random.choice(["one", "both", "none", "raw", "copy"]),
        day=random.choice([None, date(2026, 11, 1), date(2026, 11, 2)]),
        network=random.choice([None, "meta", "google"]),
        placement=random.choice([None, "feed"]),
        asset=random.choice([None, None, "https://x/A", "https://x/elsewhere"]),
        impressions=random.choice([None, random.randint(0, 10**9)]),
        clicks=random.choice([None, random.randint(0, 10**6)]),
        spend=spend,
        currency=random.choice([None, "EUR", "USD"]) if spend is not None else None,
        conversions=random.choice([None, Decimal("0.333333333")]),
        video_views=random.choice([None, 7]),
        source="list",
    )


def sums(rows: Iterable[Mapping[str, Any]]) -> dict[str | None, dict[str, Decimal]]:
    """Of each measure by currency."""
    found: dict[str | None, dict[str, Decimal]] = defaultdict(lambda: dict.fromkeys(MEASURES, Decimal(0)))
    for row in rows:
        for name in MEASURES:
            found[row["currency"]][name] += row[name] or 0
    return {currency: values for currency, values in found.items() if any(values.values())}


def sighting(world: World, ad_id: str, creative: str) -> Sighting:
    return Sighting(
        event_id="e", ad_id=ad_id, source=f"https://x/{creative}", origin=Origin.BATCH,
        creative_id=world.creative(creative), uri=f"gs://b/{creative}",
    )  # fmt: skip


def test_sums_by_creative_and_family_are_those_of_the_newest_rows(tables: Tables) -> None:
    random, world = Random(7), World()
    rows = [drawn(random, number) for number in range(400)]
    shown = [("one", "A"), ("both", "A"), ("both", "B"), ("copy", "A")]
    tables.fill([*rows, *rows[:50], *(sighting(world, *each) for each in shown)])
    tables.fill([("raw_ads", {"ad_id": "raw only", "url": "https://x/C", "impressions": 3, "spend_usd": "1.5"})])

    newest = {(r.ad_id, r.day, r.network, r.placement, r.asset): r.model_dump() for r in rows}  # later ones come later
    expected = sums(newest.values())
    expected["USD"]["impressions"] += 3
    expected["USD"]["spend"] += Decimal("1.5")
    daily = tables.read("creative_daily")
    assert sums(daily) == expected
    assert sums(tables.read("family_daily")) == expected
    assert {row["n_creatives"] for row in daily} == {0, 1, 2}
    assert all((row["canonical_id"] is None) == (row["n_creatives"] != 1) for row in daily)


def test_a_creatives_ads_are_added_and_an_ad_with_several_counts_once_and_is_marked(tables: Tables) -> None:
    world, day = World(), date(2026, 11, 1)
    of = {"event_id": "e", "day": day, "network": "meta", "clicks": 1, "source": "list"}
    rows = [Result(ad_id=ad_id, impressions=10, **of) for ad_id in ("a1", "a2", "carousel", "unknown")]
    of_one = [Result(ad_id="by card", asset="https://x/B", impressions=5, **of)]
    shown = [("a1", "A"), ("a2", "A"), ("carousel", "A"), ("carousel", "B"), ("by card", "A"), ("by card", "B")]
    tables.fill([*rows, *of_one, *(sighting(world, *each) for each in shown)])

    found = {
        tuple(world.name(each) for each in (row["creative_set"] or "").split()): (
            row["n_creatives"],
            row["impressions"],
        )
        for row in tables.read("creative_daily")
    }

    assert found == {("A",): (1, 20), ("A", "B"): (2, 10), (): (0, 10), ("B",): (1, 5)}


def test_numbers_of_the_raw_ads_table_count_where_nothing_else_was_reported(tables: Tables) -> None:
    raw = [("raw_ads", {"ad_id": ad_id, "impressions": 3, "clicks": 1, "spend_usd": "1.25"}) for ad_id in ("a", "b")]
    tables.fill([*raw, Result(event_id="e", ad_id="b", impressions=7, source="list")])

    found = {row["ad_id"]: row for row in tables.read("current_results")}

    assert [(ad, found[ad]["impressions"], found[ad]["source"]) for ad in "ab"] == [
        ("a", 3, "raw_ads"),
        ("b", 7, "list"),
    ]
    assert (found["a"]["spend"], found["a"]["currency"], found["a"]["clicks"]) == (Decimal("1.25"), "USD", 1)


def test_a_report_that_another_one_tells_in_more_detail_is_marked(tables: Tables) -> None:
    of = {"event_id": "e", "ad_id": "a", "impressions": 3, "source": "list"}
    whole = Result(**of, occurred_at=moment(0))
    days = [Result(**of, day=date(2026, 11, day), occurred_at=moment(1)) for day in (1, 2)]
    tables.fill([whole, *days])

    assert {row["day"]: row["overlaps"] for row in tables.read("current_results")} == {
        None: True, date(2026, 11, 1): False, date(2026, 11, 2): False,
    }  # fmt: skip
