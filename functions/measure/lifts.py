"""Which features go with better results: for each value of a feature, how the creatives with it did beside the others.

What is compared is a ratio of sums, as advertisers count: all clicks by all impressions. What makes a claim hard is
that the copies of one creative are not independent, that a few ads have most of the impressions, and that many features
are looked at. So:

- the unit is the canonical creative: its ads and its copies' ads are added up before anything is compared;
- creatives are compared within a campaign and network only, and what is found there is put together as Mantel and
  Haenszel do with rates (Greenland and Robins 1985, "Estimation of a common effect parameter from sparse follow-up
  data"): that a campaign, or a network, does better than another says nothing about what its creatives show;
- the variance of a ratio of sums is the delta method's, of such clusters (Deng, Knoblich and Lu 2018, "Applying the
  delta method in metric analytics", https://arxiv.org/abs/1803.06336), the lift's that of the logarithm of two ratios;
- where few creatives have most of the weight, only as many count as would be as sure at equal weight (Kish 1965), and
  the degrees of freedom are those of Welch and Satterthwaite over these (after Carter, Schnepel and Steigerwald 2017,
  "Asymptotic behavior of a t-test robust to cluster heterogeneity");
- of all claims made, `RATE` at most are expected to be wrong (Benjamini and Hochberg 1995), and the intervals are
  widened for having been chosen (Benjamini and Yekutieli 2005, "False discovery rate-adjusted multiple confidence
  intervals"): so an interval leaves out 0 exactly where something is claimed.

What goes together need not be the cause: creatives are not shown to people at random.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from statistics import NormalDist
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from shared import features as feature_models
from shared.events import Kind

RATE = 0.0125
"""How many of the claims may be wrong, as a share of them. The t distribution's tails are too light for sums of which
a few are large: shuffled, twice as many are made (benchmarks/performance.py). With fatigue's they stay below 5 %."""

LEAST_CREATIVES = 8.0
"""Below so many of equal weight, on either side, nothing is claimed: its tests shuffle them. Of 300 shuffled accounts
of 20, 30, 45 and 60 creatives no, 2, 4 and 6 claim anything; with 10 it was no, 1, 4 and 6."""

LEAST_EVENTS = 30
"""Nor below so many clicks, conversions or impressions: whichever of these the metric counts."""

_MEDIA_FACTS = ("kind", "ad_format")
_FARTHEST = 50.0  # an interval's end, as a logarithm: beyond it nobody can use the figure, nor a float hold it
_NORMAL = NormalDist()

type Reason = Literal["too few creatives", "too few events", "uncertain"]
type Floats = NDArray[np.float64]
type Numbers = NDArray[np.int64]
type Booleans = NDArray[np.bool_]
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
class Compared:
    """How a metric of the creatives with a value of a feature compares with that of the others.

    Attributes:
        lift: the ratio of both less one, within campaigns and networks; None where one side got nothing.
        low: lower end of its interval, widened for all that is looked at.
        high: its upper end.
        verdict: `no claim` where the interval holds 0 or the data is too thin.
        reason: why nothing is claimed; None where something is.
        currency: of the means, where they are money.
        equal_with: as many creatives of equal weight as those with it are as sure as.
        equal_without: the same of the others.
    """

    feature: str
    value: str
    metric: str
    currency: str | None
    n_with: int
    n_without: int
    equal_with: float
    equal_without: float
    n_ads: int
    days: int | None
    mean_with: float
    mean_without: float
    lift: float | None
    low: float | None
    high: float | None
    verdict: Literal["higher", "lower", "no claim"]
    reason: Reason | None
    adjusted_for: str


@dataclass(frozen=True)
class Together:
    """How what goes with one feature's value differs between creatives with and without another feature's value.

    Attributes:
        lift_with: the lift of the first among creatives with the second.
        lift_without: that among the others.
        effect: the ratio of both (each as 1 + lift) less one: 0.2 where the first goes with a fifth more beside the
            second than without it.
        low: lower end of its interval, widened for all that was asked about.
        high: its upper end.
        verdict: `no claim` where the interval holds 0 or any of the four groups is too thin.
        n_with: creatives with both values, and with the second alone.
        n_without: creatives with the first alone, and with neither.
        reason: why nothing is claimed; None where something is.
        equal_least: as many creatives of equal weight as the least sure of the four groups is as sure as.
    """

    feature: str
    value: str
    beside: str
    beside_value: str
    metric: str
    currency: str | None
    lift_with: float | None
    lift_without: float | None
    effect: float | None
    low: float | None
    high: float | None
    verdict: Literal["higher", "lower", "no claim"]
    reason: Reason | None
    n_with: tuple[int, int]
    n_without: tuple[int, int]
    equal_least: float


class UnknownFeatureError(ValueError):
    """A feature that is not compared: the message says which are."""


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
    sums: "_Sums"
    log_lift: float
    with_it: _Side
    without: _Side

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
        return self.reason == "uncertain" and 0 < self.error < math.inf and math.isfinite(self.log_lift)

    @property
    def reason(self) -> Reason:
        """Why nothing can be claimed; of what can be measured that it is uncertain, where it does not hold."""
        sides = (self.with_it, self.without)
        if any(side.creatives < LEAST_CREATIVES for side in sides):
            return "too few creatives"
        if any(side.ratio <= 0 or side.events < LEAST_EVENTS for side in sides):
            return "too few events"
        return "uncertain"


@dataclass(frozen=True)
class _Sums:
    """What creatives got in each campaign and network, of one metric and, where that is money, of one currency.

    Attributes:
        creative: of each row, by its number.
        stratum: campaign and network of each row, by its number.
        sums: numerator and denominator of each row.
    """

    metric: Metric
    currency: str | None
    creative: Numbers
    stratum: Numbers
    sums: Floats
    n_creatives: int
    n_ads: int
    days: int | None

    def compare(self, having: Booleans, known: Booleans) -> tuple[float, _Side, _Side] | None:
        """The logarithm of the ratio of ratios, and both sides; None where no campaign and network has both."""
        rows = known[self.creative]
        creative, stratum, sums = self.creative[rows], self.stratum[rows], self.sums[rows]
        has = having[creative]
        totals = np.stack([_by(stratum, sums[:, part] * side) for side in (has, ~has) for part in (0, 1)])
        both = (totals[1] > 0) & (totals[3] > 0)
        kept = both[stratum] if len(stratum) else np.zeros(0, bool)
        if not kept.any():
            return None
        return self._compared(creative[kept], stratum[kept], sums[kept], has[kept], totals)

    def _compared(
        self, creative: Numbers, stratum: Numbers, sums: Floats, has: Booleans, totals: Floats
    ) -> tuple[float, _Side, _Side]:
        up, low, other_up, other_low = totals[:, stratum]
        all_low = low + other_low
        weight = sums[:, 1] * np.where(has, other_low, low) / all_low
        gain = sums[:, 0] * np.where(has, other_low, low) / all_low
        with_sum, without_sum = float(gain[has].sum()), float(gain[~has].sum())
        if min(with_sum, without_sum) <= 0:
            influence, log_lift = np.full(len(has), math.inf), math.nan
        else:
            log_lift = math.log(with_sum / without_sum)
            drift = sums[:, 1] / all_low**2 * (up / with_sum + other_up / without_sum)
            influence = np.where(has, gain / with_sum - drift * other_low, drift * low - gain / without_sum)
        sides = [self._side(creative, sums, chosen, weight, influence) for chosen in (has, ~has)]
        return log_lift, sides[0], sides[1]

    def _side(self, creative: Numbers, sums: Floats, chosen: Booleans, weight: Floats, influence: Floats) -> _Side:
        """One side: each creative is measured against all others, whatever campaigns it ran in.

        That is the jackknife over clusters, which is not too sure of itself where one has much of the weight
        (MacKinnon, Nielsen and Webb 2023, "Cluster-robust inference: a guide to empirical practice").
        """
        numerator, denominator = (float(sums[chosen, part].sum()) for part in (0, 1))
        weights = _by(creative[chosen], weight[chosen])
        there = weights > 0
        shares = weights[there] / weights.sum()
        alike = 1 / float((shares**2).sum())
        variance = math.inf
        if numerator > 0 and alike >= LEAST_CREATIVES and np.isfinite(influence).all():
            moved = _by(creative[chosen], influence[chosen])[there] / (1 - shares)
            variance = float((len(shares) - 1) / len(shares) * (moved**2).sum())
        events = {self.metric.numerator: numerator, self.metric.denominator: denominator}
        least = min(events[name] for name in self.metric.counts)
        return _Side(len(shares), numerator / denominator, variance, alike, least)


def lifts(results: Iterable[Row], creatives: Iterable[Row], model: type[BaseModel]) -> tuple[Compared, ...]:
    """Every comparison that the results allow, in the order of metrics, features and values.

    Args:
        results: what canonical creatives got, by campaign, network and currency: sums of `impressions`, `clicks`,
            `spend`, `conversions` (None where they were not reported), and `n_ads`, `first_day`, `last_day`.
        creatives: of each canonical its `creative_id`, `features`, `kind` and `ad_format`.
        model: the feature model; what it asks as yes or no, or from a closed list, is compared.
    """
    rows, numbers, features = _known(results, creatives)
    compared = [
        comparison
        for sums in _all_sums(rows, numbers)
        for name in (*_MEDIA_FACTS, *closed(model))
        for comparison in _comparisons(features, sums, name)
    ]
    testable = [each for each in compared if each.is_testable]
    level = selected_level([p_value(each.log_lift / each.error, each.freedom) for each in testable])
    return tuple(_lift(each, level) for each in compared)


def alike(results: Iterable[Row], creatives: Iterable[Row], model: type[BaseModel]) -> dict[str, tuple[str, int]]:
    """The features that compare nothing, as all creatives that tell them tell the same: what, and how many tell.

    Args:
        results: as for `lifts`.
        creatives: as for `lifts`.
        model: as for `lifts`.
    """
    _, _, features = _known(results, creatives)
    told = {name: [values for values in _told(features, name)[1] if values] for name in (*_MEDIA_FACTS, *closed(model))}
    alone = {name: found for name, found in told.items() if found and not _compared(found)}
    return {name: (", ".join(sorted(found[0])), len(found)) for name, found in alone.items()}


def apart(results: Iterable[Row], creatives: Iterable[Row], model: type[BaseModel]) -> list[str]:
    """The features that compare nothing though creatives tell them differently: none do in one campaign and network.

    Args:
        results: as for `lifts`.
        creatives: as for `lifts`.
        model: as for `lifts`.
    """
    rows, numbers, features = _known(results, creatives)
    sums = [*_all_sums(rows, numbers)]
    return [
        name
        for name in (*_MEDIA_FACTS, *closed(model))
        if _compared([values for values in _told(features, name)[1] if values])
        and not any(True for some in sums for _ in _comparisons(features, some, name))
    ]


def interactions(
    results: Iterable[Row], creatives: Iterable[Row], model: type[BaseModel], pairs: Sequence[tuple[str, str]]
) -> tuple[Together, ...]:
    """Whether two features go with more, or less, together than by themselves; of the pairs that are asked for.

    Creatives with a value of the second feature, and those without, are compared each among themselves: they are
    different creatives, so that both lifts are independent. As many as are asked about are corrected for.

    Args:
        results: as for `lifts`.
        creatives: as for `lifts`.
        model: as for `lifts`.
        pairs: names of features, also without their `has_`.

    Raises:
        UnknownFeatureError: when one of them is none that is compared.
    """
    compared = (*_MEDIA_FACTS, *closed(model))
    called = {name.removeprefix("has_"): name for name in compared} | {name: name for name in compared}
    if unknown := [name for pair in pairs for name in pair if name not in called]:
        raise UnknownFeatureError(f"{unknown[0]} is no feature that is compared: {', '.join(compared)} are")
    rows, numbers, features = _known(results, creatives)
    found = [
        each
        for sums in _all_sums(rows, numbers)
        for pair in pairs
        for each in _beside(features, sums, *(called[name] for name in pair))
    ]
    tested = [each for each in found if each.is_testable]
    level = selected_level([p_value(each.log_ratio / each.error, each.freedom) for each in tested])
    return tuple(each.told(level) for each in found)


@dataclass(frozen=True)
class _Pair:
    """A value of a feature among creatives with a value of another one, and among those without."""

    with_it: _Comparison
    without: _Comparison
    beside: str
    beside_value: str

    @property
    def is_testable(self) -> bool:
        return self.with_it.is_testable and self.without.is_testable

    @property
    def reason(self) -> Reason:
        """Why nothing can be claimed, by the first of the two comparisons that is too thin."""
        return next((each.reason for each in (self.with_it, self.without) if each.reason != "uncertain"), "uncertain")

    @property
    def log_ratio(self) -> float:
        return self.with_it.log_lift - self.without.log_lift

    @property
    def error(self) -> float:
        return math.hypot(self.with_it.error, self.without.error)

    @property
    def freedom(self) -> float:
        """Degrees of freedom, after Welch and Satterthwaite."""
        parts = (self.with_it, self.without)
        return self.error**4 / sum(part.error**4 / part.freedom for part in parts)

    def told(self, level: float) -> Together:
        both, metric = (self.with_it, self.without), self.with_it.sums.metric
        effect = low = high = None
        if self.is_testable:
            reach = quantile(level, self.freedom) * self.error
            effect, low, high = (_expm1(self.log_ratio + end) for end in (0.0, -reach, reach))
        verdict = _verdict(low, high)
        lifts_of = [_expm1(each.log_lift) if math.isfinite(each.log_lift) else _zero_or_none(each) for each in both]
        return Together(
            feature=self.with_it.feature,
            value=self.with_it.value,
            beside=self.beside,
            beside_value=self.beside_value,
            metric=metric.name,
            currency=self.with_it.sums.currency,
            lift_with=lifts_of[0],
            lift_without=lifts_of[1],
            effect=effect,
            low=low,
            high=high,
            verdict=verdict,
            reason=self.reason if verdict == "no claim" else None,
            equal_least=min(side.creatives for each in both for side in (each.with_it, each.without)),
            n_with=(self.with_it.with_it.n, self.with_it.without.n),
            n_without=(self.without.with_it.n, self.without.without.n),
        )


def _beside(features: Sequence[Mapping[str, Any]], sums: _Sums, one: str, other: str) -> Iterator[_Pair]:
    (known, values), (other_known, other_values) = _told(features, one), _told(features, other)
    for value in _compared(values):
        has = np.array([value in each for each in values])
        for beside in _compared(other_values):
            having = np.array([beside in each for each in other_values])
            with_it, without = (sums.compare(has, known & other_known & side) for side in (having, ~having))
            if with_it and without:
                ran = (_Comparison(one, value, sums, *with_it), _Comparison(one, value, sums, *without))
                yield _Pair(*ran, other, beside)


def _told(features: Sequence[Mapping[str, Any]], name: str) -> tuple[Booleans, list[frozenset[str]]]:
    """Of each creative whether a feature is known of it, and its values."""
    told = [each.get(name) not in (None, []) for each in features]
    found = zip(features, told, strict=True)
    return np.array(told), [_values(each[name]) if known else frozenset[str]() for each, known in found]


def _known(results: Iterable[Row], creatives: Iterable[Row]) -> tuple[list[Row], dict[str, int], list[dict[str, Any]]]:
    """The results of creatives whose features are known, the numbers of these, and what they show by number."""
    known = {row["creative_id"]: row for row in creatives if row["features"]}
    rows = [row for row in results if row["canonical_id"] in known]
    numbers = {each: number for number, each in enumerate(dict.fromkeys(row["canonical_id"] for row in rows))}
    facts = ({name: known[each].get(name) for name in _MEDIA_FACTS} for each in numbers)
    return rows, numbers, [{**told, **known[each]["features"]} for told, each in zip(facts, numbers, strict=True)]


def _all_sums(rows: Sequence[Row], numbers: Mapping[str, int]) -> Iterator[_Sums]:
    """Of each metric; of money each currency by itself."""
    for metric in METRICS:
        is_money = "spend" in (metric.numerator, metric.denominator)
        paired = [row for row in rows if _is_told(row, metric.numerator) and _is_told(row, metric.denominator)]
        for currency in sorted({row["currency"] or "" for row in paired} if is_money else {""}):
            chosen = [row for row in paired if not is_money or (row["currency"] or "") == currency]
            if chosen:
                yield _sums(metric, currency or None, chosen, numbers)


def _sums(metric: Metric, currency: str | None, rows: Sequence[Row], numbers: Mapping[str, int]) -> _Sums:
    strata = {place: at for at, place in enumerate(dict.fromkeys((row["campaign"], row["network"]) for row in rows))}
    days = [day for row in rows for day in (row["first_day"], row["last_day"]) if day]
    return _Sums(
        metric,
        currency,
        np.array([numbers[row["canonical_id"]] for row in rows]),
        np.array([strata[row["campaign"], row["network"]] for row in rows]),
        np.array([[float(row[name]) for name in (metric.numerator, metric.denominator)] for row in rows]),
        len(numbers),
        sum(row["n_ads"] for row in rows),
        (max(days) - min(days)).days + 1 if days else None,
    )


def _is_told(row: Row, name: str) -> bool:
    return row[name] is not None and 0 <= float(row[name]) < math.inf


def _by(index: Numbers, values: Floats) -> Floats:
    return np.bincount(index, weights=values).astype(np.float64) if len(index) else np.zeros(1)


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


def _comparisons(features: Sequence[Mapping[str, Any]], sums: _Sums, feature: str) -> Iterator[_Comparison]:
    """Each value of a feature beside all others; creatives of which the feature is not known are on neither side."""
    told, found = _told(features, feature)
    there = {at for at in sums.creative.tolist() if told[at]}
    for value in _compared([found[at] for at in sorted(there)]):
        compared = sums.compare(np.array([value in values for values in found]), told)
        if compared:
            yield _Comparison(feature, value, sums, *compared)


def _values(value: object) -> frozenset[str]:
    values = value if isinstance(value, list) else [value]
    return frozenset(str(each).lower() if isinstance(each, bool) else str(each) for each in values)


def _compared(found: Sequence[frozenset[str]]) -> list[str]:
    """The values to compare; of two that exclude each other one, since the other comparison says the same."""
    values = sorted(frozenset[str]().union(*found))
    one_each = all(len(each) == 1 for each in found)
    return values[1:] if one_each and len(values) <= 2 else values


def selected_level(p_values: Sequence[float], rate: float = RATE) -> float:
    """The level at which both claims and intervals hold `rate`, after Benjamini, Hochberg and Yekutieli."""
    count = max(len(p_values), 1)
    selected = [rank for rank, p in enumerate(sorted(p_values), start=1) if p <= rank * rate / count]
    return max(selected, default=1) * rate / count


def _lift(compared: _Comparison, level: float) -> Compared:
    with_it, without, metric = compared.with_it, compared.without, compared.sums.metric
    low = high = None
    if compared.is_testable:
        reach = quantile(level, compared.freedom) * compared.error
        low, high = (_expm1(compared.log_lift + end) for end in (-reach, reach))
    verdict = _verdict(low, high)
    return Compared(
        feature=compared.feature,
        value=compared.value,
        metric=metric.name,
        currency=compared.sums.currency,
        n_ads=compared.sums.n_ads,
        days=compared.sums.days,
        adjusted_for="campaign, network",
        n_with=with_it.n,
        n_without=without.n,
        equal_with=with_it.creatives,
        equal_without=without.creatives,
        mean_with=with_it.ratio * metric.scale,
        mean_without=without.ratio * metric.scale,
        lift=_expm1(compared.log_lift) if math.isfinite(compared.log_lift) else _zero_or_none(compared),
        low=low,
        high=high,
        verdict=verdict,
        reason=compared.reason if verdict == "no claim" else None,
    )


def _verdict(low: float | None, high: float | None) -> Literal["higher", "lower", "no claim"]:
    if low is None or high is None:
        return "no claim"
    return "higher" if low > 0 else "lower" if high < 0 else "no claim"


def _expm1(log_ratio: float) -> float:
    return math.expm1(min(log_ratio, _FARTHEST))


def _zero_or_none(compared: _Comparison) -> float | None:
    """The lift where one side got nothing at all: nothing to everything, or nobody knows."""
    return -1.0 if compared.without.ratio > 0 else None
