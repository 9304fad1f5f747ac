"""Which creatives wear out: what is planted is found, what is not there is not, and thin data claims nothing."""

import math
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


@pytest.mark.parametrize(("fell_on", "loss"), [(30, 0.5), (20, 0.4), (44, 0.6)])
def test_a_rate_that_falls_from_one_day_to_the_next_is_told_so(fell_on: int, loss: float) -> None:
    found = [one(days_of(seed, level=lambda day: 0.015 * (1 - loss * (day >= fell_on)))) for seed in range(5)]

    assert {each.state for each in found} == {"worn"}
    for each in found:
        assert each.change == pytest.approx(-loss, abs=0.06)
        assert each.since is not None
        assert abs((each.since - (START + timedelta(days=fell_on))).days) <= 1
        assert each.level_before == pytest.approx(0.015, rel=0.05)


@pytest.mark.parametrize("ads", [1, 2, 16])
@pytest.mark.parametrize("fell_on", [10, 20, 33])
def test_a_fall_is_told_the_surer_the_more_there_was_to_count(ads: int, fell_on: int) -> None:
    """Beside a slope that does not fit, days scatter the more, the more is known of each."""
    found = [
        one(days_of(seed, ads=ads, impressions=ads * 2200, level=lambda day: 0.03 * (0.6 if day >= fell_on else 1)))
        for seed in range(6)
    ]

    assert {each.state for each in found} == {"worn"}
    assert all(each.since and abs((each.since - each.first_day).days - fell_on) <= 1 for each in found)
    assert all(each.change and abs(each.change + 0.4) < 0.1 for each in found)


def test_a_rate_that_falls_slowly_is_told_by_where_it_ends() -> None:
    changes = [one(days_of(seed, level=falling)).change for seed in range(10)]

    assert np.mean([change for change in changes if change]) == pytest.approx(falling(48) / 0.015 - 1, abs=0.06)


def test_ads_are_counted_over_all_campaigns_of_a_day() -> None:
    some = [{**row, "n_ads": 5} for row in days_of(1, campaign=lambda _: "a")]
    others = [{**row, "n_ads": 5} for row in days_of(2, campaign=lambda _: "b")]

    assert one(iter([*some, *others[:30]])).n_ads == 10


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


@pytest.mark.parametrize("fall", [0.1, 0.5])
def test_a_pause_is_no_age(fall: float) -> None:
    since = START - timedelta(days=130)
    flown = [{**row, "day": since} for row in days_of(3, days=2, campaign=lambda day: f"before {day}")]
    rows = days_of(4, days=42, impressions=50_000, level=lambda day: 0.02 * (1 - fall) ** (day / 42))

    found = one(iter([*flown, *rows]))

    assert found.change == pytest.approx(-fall, abs=0.08)
    assert (found.first_day, found.last_day) == (since, START + timedelta(days=41))
    assert found.since is None or found.since >= since


def test_more_impressions_on_days_of_the_week_when_fewer_click_are_no_wear() -> None:
    def shown(day: int) -> int:
        late, weekend = day >= 28, (START + timedelta(days=day)).weekday() >= 5
        return (30_000 if late else 8_000) if weekend else (5_000 if late else 10_000)

    for seed in range(5):
        rows: list[dict[str, Any]] = []
        for day in range(42):
            at = START + timedelta(days=day)
            level = 0.012 if at.weekday() >= 5 else 0.02
            (row,) = days_of(100 * seed + day, days=1, impressions=shown(day), level=lambda _, level=level: level)  # type: ignore[misc]
            rows.append({**row, "day": at})

        assert one(iter(rows)).state in ("fresh", "too thin")


def test_a_rhythm_of_the_week_hides_no_wear() -> None:
    rhythm = (1.0, 1.1, 1.2, 1.1, 1.0, 0.6, 0.5)
    rows = days_of(7, level=lambda day: falling(day) * rhythm[(START + timedelta(days=day)).weekday()])

    found = one(rows)

    assert found.state == "worn"
    assert found.high is not None
    assert found.high < -0.15


def test_without_a_single_click_nothing_is_told() -> None:
    assert one(days_of(6, level=lambda _: 0.0)).state == "too thin"


def test_numbers_that_were_not_reported_count_on_neither_side() -> None:
    rows = list(days_of(7, level=falling))
    holes = [{**row, "clicks": None, "impressions": 10**9} for row in rows]

    (with_holes,), (without,) = fatigue([*rows, *holes]), fatigue(rows)
    assert (with_holes.change, with_holes.low, with_holes.exposure) == (without.change, without.low, without.exposure)


def test_a_creative_that_loses_by_impressions_is_told_by_them() -> None:
    def level(day: int) -> float:
        return 0.02 * math.exp(math.log(0.5) * day / 48)

    found = one(days_of(3, level=level))

    assert found.impressions == 49 * 20_000
    assert found.level_at_first == pytest.approx(0.02, rel=0.05)
    assert found.change_by_impressions == pytest.approx(-0.5, abs=0.06)
    assert found.low_by_impressions is not None
    assert found.high_by_impressions is not None
    assert found.low_by_impressions < -0.5 < found.high_by_impressions < 0


def test_impressions_count_from_the_first_of_all_ads_whatever_a_day_has() -> None:
    shown = [100_000, *[10_000] * 20, *[60_000] * 20]
    rows = [
        {**row, "impressions": each, "clicks": round(each * 0.02 * math.exp(-0.7 * by / sum(shown)))}
        for row, each, by in zip(
            days_of(0, days=41), shown, (sum(shown[:at]) + shown[at] / 2 for at in range(41)), strict=True
        )
    ]

    found = one(iter(rows))

    assert found.change_by_impressions == pytest.approx(math.expm1(-0.7), abs=0.01)
    assert found.level_at_first == pytest.approx(0.02, rel=0.01)


def test_where_a_days_impressions_are_not_known_nothing_is_told_by_them() -> None:
    rows = [{**row, "impressions": None, "clicks": 900, "conversions": 60} for row in days_of(4)]

    found = one(iter(rows))

    assert (found.metric, found.state, found.impressions, found.change_by_impressions) == (
        "conversion rate",
        "fresh",
        None,
        None,
    )


def test_days_that_go_as_the_day_before_are_seldom_taken_for_a_decline() -> None:
    """A mood of a tenth, more than half of which is there the next day: without regard to it, half are."""
    claimed = 0
    for seed in range(20):
        random = np.random.default_rng(seed)
        rows = [row for n in range(5) for row in days_of(seed * 5 + n, f"{n}", days=35, level=moody(random))]
        claimed += any(each.state in ("wearing", "worn") for each in fatigue(rows))

    assert claimed <= 5


def moody(random: np.random.Generator) -> Callable[[int], float]:
    moods = [0.0]
    for _ in range(60):
        moods.append(0.6 * moods[-1] + float(random.normal(0, 0.08)))
    return lambda day: 0.015 * math.exp(moods[day + 20])
