"""Which creatives wear out: what is planted is found, what is not there is not, and thin data claims nothing."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from functions.measure.fatigue import Worn, fatigue

START = date(2026, 9, 1)


def days_of(
    seed: int,
    canonical_id: str = "it",
    *,
    days: int = 49,
    impressions: int = 20_000,
    ads: int = 1,
    level: Callable[[int], float] = lambda _: 0.015,
    campaign: Callable[[int], str] = lambda _: "c",
) -> Iterator[dict[str, Any]]:
    random = np.random.default_rng(seed)
    for day in range(days):
        for ad in range(ads):
            clicks = int(random.binomial(impressions // ads, level(day)))
            yield {
                "canonical_id": canonical_id, "ad_id": f"{ad}", "day": START + timedelta(days=day), "network": "meta",
                "campaign": campaign(day), "n_ads": ads, "impressions": impressions // ads, "clicks": clicks,
                "conversions": None,
            }  # fmt: skip


def falling(day: int) -> float:
    return 0.015 * (1 - 0.4 * max(0, day - 28) / 21)


def one(rows: Iterator[dict[str, Any]]) -> Worn:
    (found,) = fatigue(rows)
    return found


def test_a_creative_that_loses_its_clicks_is_worn_since_then() -> None:
    found = one(days_of(1, level=falling))

    assert found.state == "worn"
    assert found.change is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.change < found.high < 0
    assert found.low < falling(48) / 0.015 - 1 < found.high
    assert found.since is not None
    assert abs((found.since - (START + timedelta(days=28))).days) <= 7
    assert found.level_before == pytest.approx(0.015, rel=0.05)


def test_a_creative_that_holds_is_fresh_and_of_many_none_is_claimed() -> None:
    found = fatigue([row for number in range(12) for row in days_of(number, f"{number}")])

    assert {each.state for each in found} == {"fresh"}
    assert all(each.since is None for each in found)


def test_a_creative_that_gets_better_is_fresh() -> None:
    assert one(days_of(2, level=lambda day: 0.01 + 0.0002 * day)).state == "fresh"


def test_ads_too_thin_by_themselves_give_one_claim_together() -> None:
    rows = list(days_of(3, ads=40, impressions=5_000, level=falling))

    assert [each.state for each in fatigue(rows)] == ["worn"]
    assert {each.state for each in fatigue([{**row, "n_ads": 1} for row in rows], "ad_id")} <= {"too thin", "fresh"}


@pytest.mark.parametrize(("days", "impressions"), [(6, 10**6), (49, 100), (7, 1200)])
def test_few_days_or_clicks_are_too_thin(days: int, impressions: int) -> None:
    found = one(days_of(4, days=days, impressions=impressions, level=falling))

    assert (found.state, found.since) == ("too thin", None)


def test_a_move_to_a_campaign_that_does_worse_is_no_fatigue() -> None:
    moved = {"level": lambda day: 0.02 if day < 25 else 0.01}

    apart = one(days_of(5, **moved, campaign=lambda day: "good" if day < 25 else "bad"))  # type: ignore[arg-type]

    assert apart.state == "fresh"
    assert one(days_of(5, **moved)).state == "worn"  # type: ignore[arg-type]


def test_without_a_single_click_nothing_is_told() -> None:
    assert one(days_of(6, level=lambda _: 0.0)).state == "too thin"


def test_numbers_that_were_not_reported_count_on_neither_side() -> None:
    rows = list(days_of(7, level=falling))
    holes = [{**row, "clicks": None, "impressions": 10**9} for row in rows]

    assert fatigue([*rows, *holes]) == fatigue(rows)
