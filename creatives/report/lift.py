"""Which features go with better results: for each value of a feature, how the creatives with it did beside the others.

What is compared is a ratio of sums, as advertisers count: all clicks by all impressions. What makes a claim hard is
that the copies of one creative are not independent, that a few ads have most of the impressions, and that many features
are looked at. So:

- the unit is the canonical creative: its ads and its copies' ads are added up before anything is compared;
- the variance of a ratio of sums is the delta method's, of such clusters (Deng, Knoblich and Lu 2018, "Applying the
  delta method in metric analytics", https://arxiv.org/abs/1803.06336), the lift's that of the logarithm of two ratios;
- where few creatives have most of the weight, only as many count as would be as sure at equal weight (Kish 1965), and
  the degrees of freedom are those of Welch and Satterthwaite over these (after Carter, Schnepel and Steigerwald 2017,
  "Asymptotic behavior of a t-test robust to cluster heterogeneity");
- of all claims made, 5 % at most are expected to be wrong (Benjamini and Hochberg 1995), and the intervals are widened
  for having been chosen (Benjamini and Yekutieli 2005, "False discovery rate-adjusted multiple confidence intervals"):
  so an interval leaves out 0 exactly where something is claimed.

What goes together need not be the cause: creatives are not shown to people at random.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from statistics import NormalDist
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from creatives.report.model import Lift
from shared import features as feature_models
from shared.events import Kind

RATE = 0.05
"""How many of the claims may be wrong, as a share of them."""

LEAST_CREATIVES = 10.0
"""Below so many of equal weight, on either side, nothing is claimed: its tests shuffle them."""

LEAST_EVENTS = 30
"""Nor below so many clicks, conversions or impressions: whichever of these the metric counts."""

COLUMNS: Mapping[str, Sequence[str]] = {
    "impressions": ("impressions", "imps", "views"),
    "clicks": ("clicks", "link_clicks"),
    "spend": ("spend", "cost", "amount_spent", "cost_micros"),
    "conversions": ("conversions", "purchases", "results"),
}
"""What the columns of a raw-ads table may be called, the best first; any of them may end with a currency, `_usd`."""

_MEDIA_FACTS = ("kind", "ad_format")
_CURRENCY = re.compile(r"^(spend|cost|amount_spent)_[a-z]{3}$")
_FARTHEST = 50.0  # an interval's end, as a logarithm: beyond it nobody can use the figure, nor a float hold it
_NORMAL = NormalDist()

type Floats = NDArray[np.float64]
type Row = Mapping[str, Any]


@dataclass(frozen=True)
class Metric:
    """A ratio of two columns' sums.

    Attributes:
        name: as a report shows it.
        counts: those of its columns that count events, and so tell whether there are enough of them.
        scale: what the ratio is multiplied by.
    """

    name: str
    numerator: str
    denominator: str
    counts: tuple[str, ...]
    scale: float = 1.0


METRICS = (
    Metric("click-through rate", "clicks", "impressions", ("clicks", "impressions")),
    Metric("cost per click", "spend", "clicks", ("clicks",)),
    Metric("cost per thousand impressions", "spend", "impressions", ("impressions",), scale=1000),
    Metric("conversion rate", "conversions", "clicks", ("conversions", "clicks")),
    Metric("cost per conversion", "spend", "conversions", ("conversions",)),
)


@dataclass(frozen=True)
class Tried:
    """What the ads of one canonical creative came to, all together.

    Attributes:
        features: what it shows, and of its media facts those with few values.
        sums: numerator and denominator by a metric's name, of the ads that have both.
    """

    features: Row
    sums: Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class _Side:
    """A group of creatives: their ratio, and how sure it is."""

    n: int
    ratio: float
    log_variance: float
    creatives: float  # of equal weight
    events: float


@dataclass(frozen=True)
class _Comparison:
    feature: str
    value: str
    metric: Metric
    with_it: _Side
    without: _Side

    @property
    def log_lift(self) -> float:
        return math.log(self.with_it.ratio / self.without.ratio)

    @property
    def error(self) -> float:
        return math.sqrt(self.with_it.log_variance + self.without.log_variance)

    @property
    def freedom(self) -> float:
        """Degrees of freedom, after Welch and Satterthwaite."""
        parts = sum(side.log_variance**2 / (side.creatives - 1) for side in (self.with_it, self.without))
        return float(self.error**4 / parts)

    @property
    def is_testable(self) -> bool:
        """Whether both sides have enough to say anything at all."""
        enough = all(
            side.ratio > 0 and side.creatives >= LEAST_CREATIVES and side.events >= LEAST_EVENTS
            for side in (self.with_it, self.without)
        )
        return enough and self.error > 0


def lifts(ads: Iterable[Row], model: type[BaseModel], columns: Mapping[str, str] | None = None) -> tuple[Lift, ...]:
    """Every comparison that the ads' own results allow, in the order of metrics, features and values.

    Args:
        ads: rows of `ads_enriched`, with their `raw_ad`.
        model: the feature model; what it asks as yes or no, or from a closed list, is compared.
        columns: which column of the raw ads is which of `COLUMNS`; None to go by their names.
    """
    creatives = list(tried(ads, columns))
    compared = [
        comparison
        for metric in METRICS
        for name in (*_MEDIA_FACTS, *closed(model))
        for comparison in _comparisons(creatives, metric, name)
    ]
    testable = [each for each in compared if each.is_testable]
    level = _selected_level([p_value(each.log_lift / each.error, each.freedom) for each in testable])
    return tuple(_lift(each, level) for each in compared)


def tried(ads: Iterable[Row], columns: Mapping[str, str] | None = None) -> Iterator[Tried]:
    """The canonical creatives with results, each with the sums of its ads.

    An ad with several creatives is left out: its results are not any one's. One that is reported on several rows, a
    row a day for instance, counts with all of them.
    """
    groups: dict[str, list[Row]] = defaultdict(list)
    for rows in _by_ad(ads).values():
        if len({row["canonical_id"] for row in rows}) == 1:
            groups[rows[0]["canonical_id"]] += (row for row in rows if row["source"] == rows[0]["source"])
    for rows in groups.values():
        names = columns or recognised(rows[0]["raw_ad"])
        metrics = [metric for metric in METRICS if {metric.numerator, metric.denominator} <= names.keys()]
        sums = {metric.name: _sums((row["raw_ad"] for row in rows), metric, names) for metric in metrics}
        yield Tried({**{name: rows[0].get(name) for name in _MEDIA_FACTS}, **rows[0]["features"]}, sums)


def recognised(columns: Iterable[str]) -> dict[str, str]:
    """Which column of the raw ads is which of `COLUMNS`, by their names."""
    by_name = {_CURRENCY.sub(r"\1", column.lower()): column for column in columns}
    found = {
        name: next((by_name[known] for known in names if known in by_name), None) for name, names in COLUMNS.items()
    }
    return {name: column for name, column in found.items() if column}


def closed(model: type[BaseModel]) -> tuple[str, ...]:
    """The model's fields that are yes or no, or from a closed list, of images and of videos."""
    fields: dict[str, Any] = {}
    for kind in Kind:
        fields |= feature_models.model_for(kind, model).model_fields
    return tuple(
        name
        for name, field in fields.items()
        if all(
            isinstance(leaf, type) and issubclass(leaf, bool | Enum) for leaf in feature_models.leaves(field.annotation)
        )
    )


def p_value(statistic: float, freedom: float) -> float:
    """How likely a t statistic at least as far from 0 is by chance alone.

    By the normal approximation of Wallace 1959, "Bounds on normal approximations to Student's and the chi-square
    distributions": three digits from five degrees of freedom on.
    """
    normal = (8 * freedom + 1) / (8 * freedom + 3) * math.sqrt(freedom * math.log1p(statistic**2 / freedom))
    return 2 * _NORMAL.cdf(-normal)


def quantile(level: float, freedom: float) -> float:
    """The t statistic whose `p_value` is `level`."""
    normal = -_NORMAL.inv_cdf(level / 2) * (8 * freedom + 3) / (8 * freedom + 1)
    return math.sqrt(freedom * math.expm1(normal**2 / freedom))


def _by_ad(ads: Iterable[Row]) -> Mapping[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in ads:
        if row["raw_ad"] and row["features"] and row["canonical_id"]:
            found[row["ad_id"]].append(row)
    return found


def _sums(raw_ads: Iterable[Row], metric: Metric, names: Mapping[str, str]) -> tuple[float, float]:
    numerator = denominator = 0.0
    for raw_ad in raw_ads:
        upper, lower = (_number(raw_ad.get(names[name])) for name in (metric.numerator, metric.denominator))
        if upper is not None and lower is not None:
            numerator, denominator = numerator + upper, denominator + lower
    return numerator, denominator


def _number(value: object) -> float | None:
    """A result as what can be added up; None for what is none: no number, or less than nothing."""
    if not isinstance(value, int | float | Decimal):
        return None
    found = float(value)
    return found if 0 <= found < math.inf else None


def _comparisons(creatives: Sequence[Tried], metric: Metric, feature: str) -> Iterator[_Comparison]:
    """Each value of a feature beside all others; creatives of which the feature is not known are on neither side."""
    known = [each for each in creatives if each.features.get(feature) not in (None, []) and metric.name in each.sums]
    if not known:
        return
    sums = np.array([each.sums[metric.name] for each in known])
    found = [_values(each.features[feature]) for each in known]
    for value in _compared(found):
        having = np.array([value in values for values in found])
        with_it, without = (_side(sums[chosen], metric) for chosen in (having, ~having))
        if with_it and without:
            yield _Comparison(feature, value, metric, with_it, without)


def _values(value: object) -> frozenset[str]:
    values = value if isinstance(value, list) else [value]
    return frozenset(str(each).lower() if isinstance(each, bool) else str(each) for each in values)


def _compared(found: Sequence[frozenset[str]]) -> list[str]:
    """The values to compare; of two that exclude each other one, since the other comparison says the same."""
    values = sorted(frozenset[str]().union(*found))
    one_each = all(len(each) == 1 for each in found)
    return values[1:] if one_each and len(values) <= 2 else values


def _side(sums: Floats, metric: Metric) -> _Side | None:
    """One side of a comparison; None where there is nothing to divide by."""
    numerators, denominators = sums.T
    total = float(denominators.sum())
    if total <= 0:
        return None
    ratio = float(numerators.sum()) / total
    alike = total**2 / float((denominators**2).sum())
    events = {metric.numerator: float(numerators.sum()), metric.denominator: total}
    return _Side(
        n=len(sums),
        ratio=ratio,
        log_variance=_log_variance(numerators, denominators) if ratio > 0 and alike >= LEAST_CREATIVES else math.inf,
        creatives=alike,
        events=min(events[name] for name in metric.counts),
    )


def _log_variance(numerators: Floats, denominators: Floats) -> float:
    """Of the logarithm of a ratio of sums: the delta method's, each creative measured against all others.

    That is the jackknife over clusters, which is not too sure of itself where one has much of the weight (MacKinnon,
    Nielsen and Webb 2023, "Cluster-robust inference: a guide to empirical practice").
    """
    shares = denominators / denominators.sum()
    ratio = numerators.sum() / denominators.sum()
    influences = (numerators / denominators.sum() / ratio - shares) / (1 - shares)
    return float((len(shares) - 1) / len(shares) * (influences**2).sum())


def _selected_level(p_values: Sequence[float]) -> float:
    """The level at which both claims and intervals hold `RATE`, after Benjamini, Hochberg and Yekutieli."""
    count = max(len(p_values), 1)
    selected = [rank for rank, p in enumerate(sorted(p_values), start=1) if p <= rank * RATE / count]
    return max(selected, default=1) * RATE / count


def _lift(compared: _Comparison, level: float) -> Lift:
    with_it, without = compared.with_it, compared.without
    low = high = None
    verdict: Literal["higher", "lower", "no claim"] = "no claim"
    if compared.is_testable:
        reach = quantile(level, compared.freedom) * compared.error
        low, high = (math.expm1(min(compared.log_lift + end, _FARTHEST)) for end in (-reach, reach))
        verdict = "higher" if low > 0 else "lower" if high < 0 else "no claim"
    return Lift(
        feature=compared.feature,
        value=compared.value,
        metric=compared.metric.name,
        n_with=with_it.n,
        n_without=without.n,
        mean_with=with_it.ratio * compared.metric.scale,
        mean_without=without.ratio * compared.metric.scale,
        lift=with_it.ratio / without.ratio - 1 if without.ratio else None,
        low=low,
        high=high,
        verdict=verdict,
    )
