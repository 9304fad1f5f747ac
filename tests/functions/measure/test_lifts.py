"""Which features go with better results: what is there is claimed, what is not is hardly ever."""

import dataclasses
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.measure import lifts as lift
from functions.measure.lifts import Compared as Lift
from shared import events
from shared.features import ImageFeatures
from tests.cases import first_of

pytestmark = pytest.mark.slow

FLAGS = ("has_promotion", "has_people", "has_call_to_action", "has_text")
STYLES = ("photo", "illustration", "render", "collage")
COLORS = ("red", "blue", "green", "black", "white", "orange")


def campaign(
    seed: int, creatives: int, *, effects: Mapping[str, float] = {}, spread: float = 1.5
) -> list[dict[str, Any]]:
    """Ads of drawn creatives: heavy-tailed impressions, click rates that differ from creative to creative.

    `effects` multiply the click rate of the creatives with a flag.
    """
    drawn = random.Random(seed)
    return [ad for number in range(creatives) for ad in _ads(drawn, number, effects, spread)]


def _ads(drawn: random.Random, number: int, effects: Mapping[str, float], spread: float) -> Iterator[dict[str, Any]]:
    features: dict[str, Any] = {flag: drawn.random() < 0.5 for flag in FLAGS}
    features |= {"style": drawn.choice(STYLES), "dominant_colors": drawn.sample(COLORS, 2)}
    rate = drawn.betavariate(2, 100)
    for flag, effect in effects.items():
        rate *= effect if features[flag] else 1
    for copy in range(drawn.randint(1, 4)):
        impressions = int(drawn.lognormvariate(8, spread)) + 1
        clicks = int(impressions * rate * drawn.uniform(0.8, 1.2))
        results = {
            "impressions": impressions,
            "clicks": clicks,
            "spend": Decimal(clicks) * Decimal(str(round(drawn.uniform(0.2, 2), 3))),
            "conversions": int(clicks * drawn.betavariate(2, 20)),
        }
        yield ad(f"{number}-{copy}", f"creative {number}", features, results)


def ad(ad_id: str, canonical_id: str, features: Mapping[str, Any], results: Mapping[str, Any]) -> dict[str, Any]:
    told = dict.fromkeys(
        ("impressions", "clicks", "spend", "conversions", "campaign", "network", "first_day", "last_day")
    )
    return {**told, "canonical_id": canonical_id, "features": features, "currency": "USD", "n_ads": 1, **results}


def lifts(ads: Sequence[dict[str, Any]], model: type[ImageFeatures]) -> tuple[Lift, ...]:
    creatives = {each["canonical_id"]: {**each, "creative_id": each["canonical_id"], "kind": "image"} for each in ads}
    return lift.lifts(ads, creatives.values(), model)


def shuffled(ads: Sequence[dict[str, Any]], seed: int) -> list[dict[str, Any]]:
    """The same ads, each creative with the features of another."""
    canonicals = list({each["canonical_id"]: each["features"] for each in ads}.items())
    features = [each for _, each in canonicals]
    random.Random(seed).shuffle(features)
    drawn = dict(zip((canonical for canonical, _ in canonicals), features, strict=True))
    return [{**each, "features": drawn[each["canonical_id"]]} for each in ads]


def claims(found: Sequence[Lift]) -> list[Lift]:
    return [each for each in found if each.verdict != "no claim"]


def one(found: Sequence[Lift], feature: str, metric: str, value: str = "true") -> Lift:
    (row,) = [each for each in found if (each.feature, each.value, each.metric) == (feature, value, metric)]
    return row


@pytest.mark.parametrize(("creatives", "spread"), first_of([(40, 0.7), (150, 1.5)]))
def test_shuffled_features_are_claimed_for_at_the_nominal_rate_at_most(creatives: int, spread: float) -> None:
    ads, tries = campaign(1, creatives, spread=spread), 60

    found = [lifts(shuffled(ads, seed), ImageFeatures) for seed in range(tries)]

    expected = lift.RATE * tries
    assert sum(bool(claims(each)) for each in found) <= expected + 3 * math.sqrt(expected)
    assert any(row.low is not None for each in found for row in each)


def test_a_real_effect_is_found_with_its_size_and_nothing_else_is() -> None:
    ads = campaign(2, 400, effects={"has_promotion": 1.6}, spread=1.0)

    found = lifts(ads, ImageFeatures)

    promotion = one(found, "has_promotion", "click-through rate")
    assert promotion.verdict == "higher"
    assert promotion.low is not None
    assert promotion.high is not None
    assert promotion.low < 0.6 < promotion.high
    assert {(each.feature, each.metric) for each in claims(found)} == {("has_promotion", "click-through rate")}


def test_what_brings_less_is_lower() -> None:
    ads = campaign(3, 400, effects={"has_people": 0.5}, spread=1.0)

    assert one(lifts(ads, ImageFeatures), "has_people", "click-through rate").verdict == "lower"


def test_a_few_creatives_claim_nothing_however_many_ads_they_have() -> None:
    features = [{"has_promotion": number < 6} for number in range(12)]
    results = {"impressions": 100_000}
    ads = [
        ad(f"{number}-{copy}", f"creative {number}", each, {**results, "clicks": 900 if each["has_promotion"] else 100})
        for number, each in enumerate(features)
        for copy in range(500)
    ]

    (row,) = lifts(ads, ImageFeatures)

    assert (row.n_with, row.n_without) == (6, 6)
    assert row.lift == pytest.approx(8)
    assert (row.verdict, row.low, row.high) == ("no claim", None, None)


def test_one_creative_with_nearly_all_impressions_counts_as_one() -> None:
    ads = campaign(4, 400, effects={"has_promotion": 3}, spread=0.5)
    giant = {"impressions": 10**9, "clicks": 10**8}
    ads.append(ad("giant", "giant", {"has_promotion": True}, giant))

    row = one(lifts(ads, ImageFeatures), "has_promotion", "click-through rate")

    assert row.verdict == "no claim"


def slightly_unequal(each: int) -> list[dict[str, Any]]:
    """So many creatives with and without a promotion, which brings a fifth more clicks, of about the same size."""
    counts = [(number, 90_000 + 4_000 * (number // 2)) for number in range(2 * each)]
    rates = (0.02, 0.024)
    return [
        ad(str(n), str(n), {"has_promotion": n % 2 == 1}, {"impressions": shown, "clicks": int(shown * rates[n % 2])})
        for n, shown in counts
    ]


def test_ten_creatives_beside_ten_that_are_not_quite_alike_are_enough() -> None:
    row = one(lifts(slightly_unequal(10), ImageFeatures), "has_promotion", "click-through rate")

    assert (row.verdict, row.reason) == ("higher", None)
    assert row.equal_with < 10


def test_why_nothing_is_claimed_is_told() -> None:
    few = one(lifts(slightly_unequal(7), ImageFeatures), "has_promotion", "click-through rate")
    rare = [{**each, "clicks": 1 + each["features"]["has_promotion"]} for each in slightly_unequal(10)]
    nothing_there = one(lifts(campaign(1, 150, spread=0.5), ImageFeatures), "has_people", "click-through rate")

    assert (few.verdict, few.reason, few.n_with) == ("no claim", "too few creatives", 7)
    assert few.equal_with < lift.LEAST_CREATIVES
    assert one(lifts(rare, ImageFeatures), "has_promotion", "click-through rate").reason == "too few events"
    assert (nothing_there.verdict, nothing_there.reason) == ("no claim", "uncertain")


def test_what_is_needed_is_told_everywhere_as_it_is() -> None:
    root = Path(__file__).parents[3]
    needed = f"{lift.LEAST_CREATIVES:.0f} creatives of equal weight"

    assert needed in (root / "docs/lists.md").read_text()
    assert needed in str(events.Lift.model_fields["reason"].description)
    script = (root / "creatives/report/assets/performance.js").read_text()
    assert f"LEAST_CREATIVES = {lift.LEAST_CREATIVES:.0f};" in script
    assert f"LEAST_EVENTS = {lift.LEAST_EVENTS};" in script


def test_too_few_clicks_claim_nothing() -> None:
    ads = [
        ad(str(n), str(n), {"has_promotion": n % 2 == 0}, {"impressions": 1000, "clicks": 1 + (n % 2 == 0)})
        for n in range(28)
    ]

    (row,) = lifts(ads, ImageFeatures)

    assert row.verdict == "no claim"


@settings(max_examples=settings().max_examples // 3)  # each simulates two campaigns
@given(money=st.floats(1e-3, 1e6), size=st.integers(1, 50))
def test_units_change_nothing(money: float, size: int) -> None:
    ads = campaign(5, 40)
    scales = {"spend": money, "impressions": size, "clicks": size, "conversions": size}

    def scaled(each: Mapping[str, Any]) -> dict[str, float]:
        return {name: float(each[name]) * scale for name, scale in scales.items()}

    other_units = lifts([{**each, **scaled(each)} for each in ads], ImageFeatures)

    for row, same in zip(other_units, lifts(ads, ImageFeatures), strict=True):
        assert (row.feature, row.value, row.metric) == (same.feature, same.value, same.metric)
        assert (row.n_with, row.n_without) == (same.n_with, same.n_without)
        assert row.lift == pytest.approx(same.lift)


@settings(max_examples=settings().max_examples // 3)  # each simulates two campaigns
@given(parts=st.integers(1, 6), seed=st.integers(0, 5))
def test_cutting_ads_into_copies_of_the_same_creative_changes_nothing(parts: int, seed: int) -> None:
    ads = campaign(seed, 40)

    def cut(each: dict[str, Any]) -> Iterator[dict[str, Any]]:
        results = {name: float(each[name]) / parts for name in ("impressions", "clicks", "spend", "conversions")}
        for _ in range(parts):
            yield {**each, **results}

    whole = lifts(ads, ImageFeatures)
    pieces = lifts([piece for each in ads for piece in cut(each)], ImageFeatures)

    assert [row.verdict for row in pieces] == [row.verdict for row in whole]
    for one_of, other in zip(pieces, whole, strict=True):
        assert one_of.low == pytest.approx(other.low)
        assert one_of.high == pytest.approx(other.high)


def test_an_interval_leaves_out_zero_exactly_where_something_is_claimed() -> None:
    for seed in range(10):
        for row in lifts(campaign(seed, 120, effects={"has_promotion": 1.5}, spread=1.0), ImageFeatures):
            if row.low is not None and row.high is not None:
                assert (row.verdict == "no claim") == (row.low <= 0 <= row.high)


def test_of_two_values_that_exclude_each_other_one_is_compared() -> None:
    found = lifts(campaign(6, 40), ImageFeatures)

    values = {row.value for row in found if row.feature == "has_promotion"}
    assert values == {"true"}
    assert {row.value for row in found if row.feature == "style"} == set(STYLES)
    assert {row.value for row in found if row.feature == "dominant_colors"} == set(COLORS)


def test_what_is_not_known_of_a_creative_is_on_neither_side() -> None:
    ads = [
        ad(str(n), str(n), {"has_promotion": (True, False, None)[n % 3]}, {"impressions": 10, "clicks": 1})
        for n in range(30)
    ]

    (row,) = lifts(ads, ImageFeatures)

    assert (row.n_with, row.n_without) == (10, 10)


def test_an_ad_reported_day_by_day_is_added_up() -> None:
    def rows(days: int) -> list[dict[str, Any]]:
        results = {"impressions": 1200 / days, "clicks": 60 / days}
        return [ad(str(n), str(n), {"has_text": n % 2 == 0}, results) for n in range(30) for _ in range(days)]

    (by_day,), (at_once,) = lifts(rows(12), ImageFeatures), lifts(rows(1), ImageFeatures)

    assert dataclasses.replace(by_day, n_ads=30) == at_once


@pytest.mark.parametrize("wrong", [None, -5, math.nan, math.inf])
def test_what_is_no_number_counts_for_nothing(wrong: object) -> None:
    ads = campaign(9, 30)
    odd = ad("odd", "odd", {"has_text": True}, {"impressions": wrong, "clicks": 50, "spend": Decimal(5)})

    row = one(lifts([*ads, odd], ImageFeatures), "has_text", "click-through rate")

    assert row.mean_with == one(lifts(ads, ImageFeatures), "has_text", "click-through rate").mean_with


def test_creatives_without_features_are_left_out() -> None:
    assert lifts([{**each, "features": None} for each in campaign(10, 20)], ImageFeatures) == ()


def test_a_campaign_that_does_better_says_nothing_of_what_its_creatives_show() -> None:
    drawn = random.Random(12)
    ads = []
    for number in range(200):
        campaign, has = ("strong", number % 10 < 9) if number % 2 else ("weak", number % 10 < 1)
        clicks = int(1000 * (0.06 if campaign == "strong" else 0.02) * drawn.uniform(0.7, 1.3))
        results = {"impressions": 1000, "clicks": clicks, "campaign": campaign}
        ads.append(ad(str(number), str(number), {"has_promotion": drawn.random() < (0.9 if has else 0.1)}, results))

    apart = one(lifts(ads, ImageFeatures), "has_promotion", "click-through rate")
    mixed = one(
        lifts([{**each, "campaign": None} for each in ads], ImageFeatures), "has_promotion", "click-through rate"
    )

    assert (apart.verdict, mixed.verdict) == ("no claim", "higher")


def test_money_of_two_currencies_is_compared_apart() -> None:
    ads = [{**each, "currency": ("USD", "EUR", None)[number % 3]} for number, each in enumerate(campaign(13, 60))]

    found = lifts(ads, ImageFeatures)

    assert {row.currency for row in found if row.metric == "cost per click"} == {"USD", "EUR", None}
    assert {row.currency for row in found if row.metric == "click-through rate"} == {None}


def test_yes_and_no_and_closed_lists_are_compared_and_quotes_are_not() -> None:
    names = lift.closed(ImageFeatures)

    assert {"has_promotion", "style", "dominant_colors", "pace", "has_music"} <= set(names)
    assert {"text", "brand", "price", "brand_logos", "scenes", "people_count"}.isdisjoint(names)


# two-sided 5 % and 0.1 % points of Student's t, as tables have them (NIST/SEMATECH e-Handbook, 1.3.6.7.2)
@pytest.mark.parametrize(
    ("freedom", "level", "point"),
    [(5, 0.05, 2.571), (10, 0.05, 2.228), (30, 0.05, 2.042), (10, 0.001, 4.587), (100, 0.001, 3.390)],
)
def test_student_s_t_is_as_tables_have_it(freedom: float, level: float, point: float) -> None:
    assert lift.quantile(level, freedom) == pytest.approx(point, rel=5e-3)
    assert lift.p_value(lift.quantile(level, freedom), freedom) == pytest.approx(level)
