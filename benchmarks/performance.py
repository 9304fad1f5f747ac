"""How often something is claimed that is not there, and how often what is there is found.

    python -m benchmarks.performance [--runs 200]

Results are drawn with a seed. Of lifts: 400 creatives in campaigns that do differently well, each with a rate of its
own, a quarter around their mean. Of fatigue: 24 creatives of all sizes, whose days differ by a twentieth beside chance;
the declines that are planted have chance alone. Click-through rates are 1.5 %. 'By ad id' is each ad judged by itself,
as networks do.
"""

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np

from functions.measure.fatigue import fatigue
from functions.measure.lifts import lifts
from shared.features import ImageFeatures

type Row = dict[str, Any]

START = date(2026, 9, 1)
RATE = 0.015
DAY_NOISE = 0.05


def days_of(
    random: np.random.Generator,
    canonical_id: str,
    *,
    days: int,
    impressions: float,
    fall: Callable[[int], float] = lambda _: 1.0,
    ads: int = 1,
    noise: float = 0.0,
) -> Iterator[Row]:
    """A creative's days: `impressions` a day over so many ads, its rate times `fall` of the day."""
    moods = random.lognormal(0, noise, days)
    for day in range(days):
        for ad in range(ads):
            shown = int(random.poisson(impressions / ads))
            clicks = int(random.binomial(shown, min(1.0, RATE * fall(day) * moods[day])))
            yield {
                "canonical_id": canonical_id, "ad_id": f"{canonical_id}/{ad}", "day": START + timedelta(days=day),
                "campaign": f"c{ad % 3}", "network": "meta", "n_ads": ads, "impressions": shown, "clicks": clicks,
                "conversions": int(random.binomial(clicks, 0.05)),
            }  # fmt: skip


def account(random: np.random.Generator, creatives: int = 24, days: int = 28) -> list[Row]:
    """Creatives that do not wear, of all sizes."""
    return [
        row
        for number in range(creatives)
        for row in days_of(
            random, f"{number}", days=days, impressions=float(random.lognormal(9, 1.5)), ads=3, noise=DAY_NOISE
        )
    ]


def claims_of_fatigue(rows: Sequence[Row], key: str = "canonical_id") -> set[str]:
    """The creatives that are told to wear, or to be worn."""
    return {each.canonical_id for each in fatigue(rows, key) if each.state in ("wearing", "worn")}


def shuffled_days(random: np.random.Generator, rows: Sequence[Row]) -> list[Row]:
    """The same results, those of each creative's days in another order."""
    orders = {each: random.permutation(28) for each in {row["canonical_id"] for row in rows}}
    moved = [int(orders[row["canonical_id"]][(row["day"] - START).days]) for row in rows]
    return [{**row, "day": START + timedelta(days=day)} for row, day in zip(rows, moved, strict=True)]


def campaign(random: np.random.Generator, lift: float, creatives: int = 400) -> tuple[list[Row], list[Row]]:
    """Results of creatives in campaigns, and their features; promotions make 1 + `lift` clicks of one."""
    results, features = [], []
    for number in range(creatives):
        told = {name: bool(random.random() < 0.5) for name in ("has_promotion", "has_people", "has_text")}
        rate = RATE * (1 + lift * told["has_promotion"]) * random.lognormal(0, 0.25)
        features.append({"creative_id": f"{number}", "kind": "image", "ad_format": None, "features": told})
        for place in random.choice(3, size=random.integers(1, 4), replace=False):
            shown = int(random.lognormal(10, 1)) + 1
            clicks = int(random.binomial(shown, min(1.0, rate * (0.7, 1.0, 1.5)[place])))
            results.append({
                "canonical_id": f"{number}", "campaign": f"c{place}", "network": "meta", "currency": "EUR", "n_ads": 2,
                "first_day": START, "last_day": START, "impressions": shown, "clicks": clicks,
                "spend": clicks * random.lognormal(-1, 0.3), "conversions": int(random.binomial(clicks, 0.05)),
            })  # fmt: skip
    return results, features


def claims_of_lift(results: Sequence[Row], features: Sequence[Row]) -> set[tuple[str, str]]:
    """What is claimed: feature and metric."""
    found = lifts(results, features, ImageFeatures)
    return {(each.feature, each.metric) for each in found if each.verdict != "no claim"}


def with_shuffled(random: np.random.Generator, features: Sequence[Row]) -> list[Row]:
    """Each creative with the features of another."""
    order = random.permutation(len(features))
    return [{**row, "features": features[at]["features"]} for row, at in zip(features, order, strict=True)]


def shuffled(seed: int) -> bool:
    """Whether anything is claimed where nothing is there: of lifts and of fatigue, together."""
    random = np.random.default_rng(seed)
    results, features = campaign(random, 0.0)
    return bool(
        claims_of_lift(results, with_shuffled(random, features))
        or claims_of_fatigue(shuffled_days(random, account(random)))
    )


def in_moods(seed: int) -> bool:
    """Whether a decline is claimed of creatives that do not wear, whose days go half as the day before did."""
    random = np.random.default_rng(seed)
    rows: list[Row] = []
    for number in range(24):
        mood = autoregressive(random, 0.5, DAY_NOISE)
        shown = float(random.lognormal(9, 1.5))
        rows += days_of(random, f"{number}", days=28, impressions=shown, fall=mood.__getitem__, ads=3)
    return bool(claims_of_fatigue(rows))


def autoregressive(random: np.random.Generator, share: float, noise: float, days: int = 28) -> list[float]:
    """By what each day is better or worse than others."""
    moods = [float(random.normal(0, noise))]
    for _ in range(days - 1):
        moods.append(share * moods[-1] + float(random.normal(0, noise * (1 - share**2) ** 0.5)))
    return [float(np.exp(mood)) for mood in moods]


def lift_found(seed: int) -> bool:
    """Whether promotions that bring a fifth more clicks are found to."""
    return ("has_promotion", "click-through rate") in claims_of_lift(*campaign(np.random.default_rng(seed), 0.2))


def falling(begun: int, over: int = 21, by: float = 0.3) -> Callable[[int], float]:
    """A rate that holds until the day `begun`, and has lost `by` of itself `over` days later."""
    return lambda day: 1 - by * min(max(day - begun, 0) / over, 1.0)


def decline_found(seed: int, days: int) -> bool:
    """Whether a decline of 30 % over 21 days, after 28 good ones, is found within so many days of its beginning.

    It is looked for daily, as `measure` does, of what is known that day.
    """
    drawn = days_of(np.random.default_rng(seed), "it", days=29 + days, impressions=50_000, fall=falling(28))
    rows = list(drawn)
    return any(claims_of_fatigue(rows[: len(rows) - later]) for later in range(days))


def forty_thin_ads(seed: int) -> tuple[bool, int]:
    """Whether 40 thin ads of one creative that wears give a claim together; and how many of them do by themselves."""
    random = np.random.default_rng(seed)
    rows = list(days_of(random, "it", days=49, impressions=8_000, fall=falling(28), ads=40))
    by_ad = [{**row, "n_ads": 1} for row in rows]
    return bool(claims_of_fatigue(rows)), len(claims_of_fatigue(by_ad, "ad_id"))


def main() -> None:
    """Prints each share."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.performance", description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    runs, begun = parser.parse_args().runs, time.process_time()
    print(f"shuffled labels: {np.mean([shuffled(seed) for seed in range(runs)]):.1%} of {runs} runs claim anything")
    print(f"days that go as the day before: {np.mean([in_moods(seed) for seed in range(runs)]):.1%} claim a decline")
    print(f"a lift of 20 %: found in {np.mean([lift_found(seed) for seed in range(runs)]):.1%}")
    for days in (5, 7, 10, 14):
        share = np.mean([decline_found(seed, days) for seed in range(runs)])
        print(f"a decline of 30 % over 21 days: found in {share:.1%} within {days} days")
    together = [forty_thin_ads(seed) for seed in range(max(runs // 10, 1))]
    print(f"40 thin ads of one creative: found in {np.mean([found for found, _ in together]):.1%};", end=" ")
    print(f"by ad id {np.mean([ads for _, ads in together]):.2f} of the 40 are")
    print(f"{time.process_time() - begun:.0f} s of processor time")


if __name__ == "__main__":
    main()
