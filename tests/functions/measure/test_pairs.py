"""Whether two features go with more together: only where somebody asks, and never by chance more often than told."""

from dataclasses import asdict
from typing import Any

import numpy as np
import pytest

from creatives.results import commands
from functions.measure.lifts import LEAST_CREATIVES, UnknownFeatureError, alike, apart, interactions, lifts
from shared.features import ImageFeatures


def drawn_pairs(seed: int, together: float, creatives: int = 400) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Creatives with and without an offer, with and without people: both together make 1 + `together` clicks of one."""
    random = np.random.default_rng(seed)
    results, features = [], []
    for number in range(creatives):
        told = {name: bool(random.random() < 0.5) for name in ("has_promotion", "has_people")}
        rate = 0.015 * (1 + together * all(told.values())) * random.lognormal(0, 0.25)
        features.append({"creative_id": f"{number}", "kind": "image", "ad_format": None, "features": told})
        shown = int(random.lognormal(10, 1)) + 1
        results.append({
            "canonical_id": f"{number}", "campaign": f"c{number % 3}", "network": "meta", "currency": None, "n_ads": 1,
            "first_day": None, "last_day": None, "impressions": shown, "clicks": int(random.binomial(shown, rate)),
            "spend": None, "conversions": None,
        })  # fmt: skip
    return results, features


def test_what_two_features_go_with_together_is_found_when_it_is_asked_for() -> None:
    results, features = drawn_pairs(1, 0.5)

    (found,) = interactions(results, features, ImageFeatures, [("promotion", "has_people")])

    assert (found.value, found.beside_value, found.metric) == ("true", "true", "click-through rate")
    assert (found.verdict, found.reason) == ("higher", None)
    assert found.effect == pytest.approx(0.5, abs=0.25)
    assert found.low is not None
    assert found.low > 0
    assert sum(found.n_with) + sum(found.n_without) == 400


def test_features_that_do_not_go_with_more_together_are_claimed_at_the_nominal_rate_at_most() -> None:
    drawn = [drawn_pairs(seed, 0.0) for seed in range(100)]
    claimed = [
        any(
            each.verdict != "no claim" for each in interactions(*some, ImageFeatures, [("has_promotion", "has_people")])
        )
        for some in drawn
    ]

    assert sum(claimed) <= 4


def test_few_creatives_with_both_features_claim_nothing() -> None:
    results, features = drawn_pairs(1, 3.0, creatives=40)
    few = [{**row, "features": {**row["features"], "has_people": n < 6}} for n, row in enumerate(features)]

    (found,) = interactions(results, few, ImageFeatures, [("has_promotion", "has_people")])

    assert (found.verdict, found.reason, found.effect) == ("no claim", "too few creatives", None)
    assert found.equal_least < LEAST_CREATIVES
    assert "no claim, too few creatives: one of the four groups is as sure as" in commands.pair(asdict(found))


def test_a_pair_that_was_measured_says_that_it_is_uncertain() -> None:
    (found,) = interactions(*drawn_pairs(1, 0.0), ImageFeatures, [("has_promotion", "has_people")])

    assert (found.verdict, found.reason) == ("no claim", "uncertain")
    assert commands.pair(asdict(found)).endswith("no claim, measured and uncertain")


def test_features_that_all_tell_alike_are_named() -> None:
    results, creatives = drawn_pairs(1, 0.0, creatives=6)
    same = [{**row, "features": {**row["features"], "has_promotion": True if n < 4 else None}}
            for n, row in enumerate(creatives)]  # fmt: skip

    found = alike(results, same, ImageFeatures)

    assert found["has_promotion"] == ("true", 4)
    assert "has_people" not in found
    assert "style" not in found  # nobody tells it


def test_features_that_differ_between_campaigns_alone_are_named() -> None:
    """An offer in all creatives of one campaign and in none of the other goes with whatever that campaign got."""
    results, creatives = drawn_pairs(1, 0.0, creatives=60)
    offers = [{**row, "features": {**row["features"], "has_promotion": n % 3 == 0}} for n, row in enumerate(creatives)]

    found = apart(results, offers, ImageFeatures)

    assert found == ["has_promotion"]
    assert {each.feature for each in lifts(results, offers, ImageFeatures)} == {"has_people"}


def test_a_feature_that_is_not_compared_is_named_with_those_that_are() -> None:
    with pytest.raises(
        UnknownFeatureError, match="price is no feature that is compared: kind, ad_format, product_category, has_text"
    ):
        interactions(*drawn_pairs(1, 0.0, creatives=2), ImageFeatures, [("promotion", "price")])
