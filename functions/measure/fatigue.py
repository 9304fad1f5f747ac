"""Whether a creative wears out: how its rate of clicks or conversions goes with its age, over all ads that show it, and
with how often it was shown by then.

Of each creative the days' counts are modelled as log-linear in its age, within campaign and network: a creative that
moves to a campaign that does better does not look fresh again. Where the days of the week differ, by what so many more
levels are worth (Schwarz 1978, "Estimating the dimension of a model"), it is within these, too: more impressions on
weekends, when fewer click, are no wear. A pause counts as a week of age at most. So:

- the trend is that of a Poisson regression with a level of its own for every campaign and network; given how much each
  of them got in all, the levels drop out, and one number is left to be found (Hausman, Hall and Griliches 1984,
  "Econometric models for count data with an application to the patents–R&D relationship");
- its error is robust to what the days have in common, a day being a cluster (HC2: MacKinnon and White 1985, "Some
  heteroskedasticity-consistent covariance matrix estimators with improved finite sample properties"). As the last days,
  which tell most of a decline, are few, its mean with what all days scatter around the trend is taken; and never less
  than chance makes of counts (Wooldridge 1999, "Distribution-free estimation of some nonlinear panel data models").
  What days scatter beside chance counts for more where one day goes as the day before did: in a season, say;
- a decline may have begun at any time: with the first day, or some weeks ago. The likeliest beginning is taken, and
  pays for having been chosen among several, though not for what they have in common (Worsley 1982, "An improved
  Bonferroni inequality and applications");
- a rate that fell from one day to the next, and held before and after, is told so: where that fits better than the
  slope by what one more day to choose is worth (Schwarz again). It is looked for where chance alone would not make the
  slope: beside one that does not fit, days scatter the more the more there was to count, and what fell by a third would
  be told to hold. A claim by it pays for all days that it may have been (Bonferroni's bound);
- of all creatives that are told to wear out, `RATE` at most are expected not to (lifts.py).

The same is told by cumulative impressions in place of age: from the first impression to the last. Which of both wears a
creative out cannot be told where it is shown as often each day, so claims are made by age alone.

Days and places without enough of anything claim nothing. Nor is it told apart what else changes with time: a season, an
audience that has been reached, a network that learns.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate, pairwise
from statistics import NormalDist
from typing import Any, Literal

import numpy as np

from functions.measure.lifts import Booleans, Floats, Numbers, p_value, quantile, selected_level

type State = Literal["fresh", "wearing", "worn", "too thin"]
type Row = Mapping[str, Any]

RATE = 0.04
"""How many of the claims may be wrong, as a share of them."""

LEAST_DAYS = 7
LEAST_EVENTS = 100
"""Clicks or conversions: below, a creative is too thin."""

WORN = 0.2
"""A creative that has lost so much of its rate is worn."""

BLIND = 0.5
"""Where an interval is so wide that half of the rate could be lost unseen, a creative is too thin, not fresh."""

_WEEKS_AGO = (1, 2, 3, 4, 8)  # when a decline may have begun
_STEPS = 30
_BESIDE_STEP = 3  # days on each side of a fall from one day to the next
_BEYOND, _SLICES = 6.0, 128  # standard deviations beyond which nothing is left, and how finely it is summed
_NORMAL = NormalDist()
_LEVEL_DAYS = 7
_WEEKDAYS = 7
_LEAST_WITHIN_WEEKDAYS = 14  # days: two of each day of the week
_LONGEST_PAUSE = 7  # days
_LEAST_FREEDOM = 5
_MOST_CARRIED = 0.9
_CHOSEN = 12
"""Means, as it were, that a day which was chosen for its fall takes from what neighbouring days have in common. Of 600
campaigns of five creatives, whose days go as the day before or scatter, 79 then have a false claim; by slopes alone 76,
and with one such mean 105 (November 2026).
"""


@dataclass(frozen=True)
class Rate:
    """What may wear out: a count by what it is a part of."""

    name: str
    numerator: str
    denominator: str


RATES = (Rate("click-through rate", "clicks", "impressions"), Rate("conversion rate", "conversions", "clicks"))


@dataclass(frozen=True)
class Worn:
    """How a creative holds.

    Attributes:
        since: the day from which its rate falls; None unless it is wearing or worn.
        change: of the rate from then, or from the first day, to the last one: -0.3 is a loss of 30 %; None: too thin.
        low: the lower end of its interval, widened for all that is looked at.
        high: its upper end.
        level_before: the rate before.
        level_now: the rate of the last week.
        exposure: impressions (clicks, of conversions) in all.
        impressions: how often it was shown in all; None where that is not known of each day.
        level_at_first: the rate at its first impression, by that trend.
        change_by_impressions: of the rate from the first impression to the last; None: too thin.
        low_by_impressions: the lower end of its interval.
        high_by_impressions: its upper end.
    """

    canonical_id: str
    metric: str
    state: State
    since: date | None
    first_day: date
    last_day: date
    days: int
    n_ads: int
    exposure: float
    level_before: float | None
    level_now: float | None
    change: float | None
    low: float | None
    high: float | None
    impressions: int | None
    level_at_first: float | None = None
    change_by_impressions: float | None = None
    low_by_impressions: float | None = None
    high_by_impressions: float | None = None


@dataclass(frozen=True)
class _Series:
    """What one creative got, a row for each day, campaign and network.

    Attributes:
        day: of each row, from the creative's first, its pauses cut.
        at: the date of each row.
        stratum: campaign and network of each row, and the day of the week, by number.
        levels: how many the days are compared within, beside campaigns and networks.
        counts: clicks or conversions.
        exposure: impressions, or clicks.
        shown: the share of all its impressions that it had by each row's day (its noon); None where one is not known.
        impressions: in all.
    """

    canonical_id: str
    metric: str
    first_day: date
    n_ads: int
    day: Numbers
    at: Sequence[date]
    stratum: Numbers
    levels: int
    counts: Floats
    exposure: Floats
    shown: Floats | None
    impressions: int | None

    @property
    def days(self) -> int:
        return len(np.unique(self.day))

    @property
    def freedom(self) -> int:
        """Degrees of freedom of a trend."""
        return self.days - 1 - self.levels

    def date_of(self, day: int) -> date:
        """The date on which it was so old."""
        before = int(self.day[self.day <= day].max())
        return self.at[int(np.argmax(self.day == before))] + timedelta(day - before)

    def summary(self) -> Worn:
        """What is known of it whatever its trend: that it is too thin, for now."""
        last = int(self.day.max())
        return Worn(
            canonical_id=self.canonical_id,
            metric=self.metric,
            state="too thin",
            since=None,
            first_day=self.first_day,
            last_day=max(self.at),
            days=self.days,
            n_ads=self.n_ads,
            exposure=float(self.exposure.sum()),
            level_before=_rate(self, self.day < _LEVEL_DAYS),
            level_now=_rate(self, self.day > last - _LEVEL_DAYS),
            change=None,
            low=None,
            high=None,
            impressions=self.impressions,
        )

    @property
    def is_thin(self) -> bool:
        return self.days < LEAST_DAYS or float(self.counts.sum()) < LEAST_EVENTS


@dataclass(frozen=True)
class _Trend:
    """A decline from one beginning on.

    Attributes:
        span: how far it goes.
        before: the rate before it.
        variance: by how much the slope scatters, in what chance alone would make of it.
    """

    onset: int
    slope: float
    error: float
    span: float
    freedom: int
    before: float | None
    variance: float

    @property
    def p(self) -> float:
        """How likely as steep a decline is by chance; of a rise, more than a half."""
        return self._p(self.error)

    @property
    def p_of_counts(self) -> float:
        """How likely it is where days differ by what chance makes of counts, and nothing else."""
        return self._p(self.error / math.sqrt(self.variance))

    def _p(self, error: float) -> float:
        both = p_value(self.slope / error, self.freedom) / 2
        return both if self.slope < 0 else 1 - both

    def change(self, reach: float = 0.0) -> float:
        return math.expm1(min((self.slope + reach * self.error) * self.span, 50.0))


@dataclass(frozen=True)
class _Decline:
    """The likeliest of several.

    Attributes:
        trend: the slope, or the fall from one day to the next, by which it is judged.
        p: how likely one as steep is by chance, for the best of so many.
        step: the fall from one day to the next that fits better than any slope; None where none does.
        since: the date on which it began.
    """

    trend: _Trend
    p: float
    step: _Trend | None
    since: date


def fatigue(rows: Iterable[Row], key: str = "canonical_id") -> tuple[Worn, ...]:
    """How every creative holds, by each rate that its results allow.

    Args:
        rows: of days: `canonical_id`, `day`, `campaign`, `network`, `n_ads`, and the sums of `impressions`, `clicks`
            and `conversions` (None where they were not reported), in any order.
        key: what counts as one creative.
    """
    return judged(_by_creative(rows, key), key)


def judged(creatives: Iterable[Sequence[Row]], key: str = "canonical_id") -> tuple[Worn, ...]:
    """As `fatigue`, of rows that come one creative after the other: only one's are in memory."""
    found = [_looked_at(each) for some in creatives for each in _series(some, key)]
    level = selected_level([min(1.0, decline.p) for _, decline, _ in found if decline], RATE)
    return tuple(_with_impressions(_judged(each, decline, level), shown, level) for each, decline, shown in found)


def _looked_at(series: "_Series") -> tuple[Worn, "_Decline | None", "_Trend | None"]:
    """What is known of a creative, its likeliest decline by age, and its trend by impressions."""
    if series.is_thin:
        return series.summary(), None, None
    return series.summary(), _likeliest(series), None if series.shown is None else _fitted(series, series.shown)


def _by_creative(rows: Iterable[Row], key: str) -> Iterable[Sequence[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[key]].append(row)
    return found.values()


def _series(rows: Sequence[Row], key: str) -> Iterator[_Series]:
    for rate in RATES:
        told = [row for row in rows if row[rate.numerator] is not None and row[rate.denominator]]
        if not told:
            continue
        ages = _ages({row["day"] for row in told})
        shown, impressions = _shown(rows)
        found = _Series(
            told[0][key],
            rate.name,
            min(ages),
            _most_ads(told),
            np.array([ages[row["day"]] for row in told]),
            [row["day"] for row in told],
            _numbered([(row["campaign"], row["network"]) for row in told]),
            1,
            np.array([float(row[rate.numerator]) for row in told]),
            np.array([float(row[rate.denominator]) for row in told]),
            None if shown is None else np.array([shown[row["day"]] for row in told]),
            impressions,
        )
        yield _within_weekdays(found) if len(ages) >= _LEAST_WITHIN_WEEKDAYS else found


def _numbered(places: Sequence[object]) -> Numbers:
    numbers = {place: number for number, place in enumerate(dict.fromkeys(places))}
    return np.array([numbers[place] for place in places])


def _within_weekdays(series: _Series) -> _Series:
    """The series with levels for the days of the week, where these differ."""
    weekdays = [day.weekday() for day in series.at]
    finer = replace(
        series, stratum=_numbered(list(zip(series.stratum.tolist(), weekdays, strict=True))), levels=_WEEKDAYS
    )
    more = len(np.unique(finer.stratum)) - len(np.unique(series.stratum))
    x = series.day.astype(np.float64)
    slope = _slope(finer, x)
    if slope is None or finer.freedom < _LEAST_FREEDOM:
        return series
    gained = 2 * (_likelihood(finer, x) - _likelihood(series, x)) / _scatter(finer, x, slope)
    return finer if gained > more * math.log(series.days) else series


def _ages(days: Iterable[date]) -> Mapping[date, int]:
    """How old it was on each day, from 0; a pause of more than a week counts as one."""
    first, *others = sorted(days)
    passed = (min((day - before).days, _LONGEST_PAUSE) for before, day in pairwise([first, *others]))
    return dict(zip([first, *others], accumulate(passed, initial=0), strict=True))


def _most_ads(rows: Sequence[Row]) -> int:
    """On how many ads it was on one day at most, over all campaigns and networks: none has an ad of another."""
    by_day: dict[date, int] = defaultdict(int)
    for row in rows:
        by_day[row["day"]] += row["n_ads"]
    return max(by_day.values())


def _shown(rows: Sequence[Row]) -> tuple[Mapping[date, float] | None, int | None]:
    """By day the share of all impressions that the creative had by its noon, and how many these are."""
    by_day: dict[date, int] = defaultdict(int)
    for row in rows:
        if row["impressions"] is None:
            return None, None
        by_day[row["day"]] += row["impressions"]
    days, in_all = sorted(by_day), sum(by_day.values())
    if not in_all:
        return None, 0
    before = accumulate((by_day[day] for day in days), initial=0)
    return {day: (sum_before + by_day[day] / 2) / in_all for day, sum_before in zip(days, before, strict=False)}, in_all


def _likeliest(series: _Series) -> _Decline | None:
    """The steepest decline by what chance would make of it; None where nothing can be told."""
    last = int(series.day.max())
    onsets = [0, *(last - 7 * weeks for weeks in reversed(_WEEKS_AGO) if last - 7 * weeks >= LEAST_DAYS - 1)]
    trends = [trend for onset in onsets if (trend := _trend(series, onset))]
    if not trends:
        return None
    best = min(trends, key=lambda trend: trend.p)
    p = best.p * len(trends) - _counted_twice(series, trends, best.p)
    step = _step(series, best) if best.p_of_counts * len(trends) <= RATE else None
    since = series.date_of((step or best).onset)
    if step and (by_step := min(step.p * series.days, 1.0)) < p:
        return _Decline(step, by_step, step, since)
    return _Decline(best, p, step, since)


def _step(series: _Series, trend: _Trend) -> _Trend | None:
    """The fall from one day to the next that fits better than the trend; None where none does."""
    days = np.unique(series.day)
    fits = [(_likelihood(series, _from(series, int(day))), int(day)) for day in days[_BESIDE_STEP:-_BESIDE_STEP]]
    if not fits:
        return None
    likelihood, day = max(fits)
    found = _fitted(series, _from(series, day), _CHOSEN)
    if found is None or found.slope >= 0:
        return None
    gained = 2 * (likelihood - _likelihood(series, _since(series, trend.onset)))
    if gained / _scatter(series, _from(series, day), found.slope) <= math.log(len(days)):
        return None
    return replace(found, onset=day, before=_rate(series, series.day < day))


def _scatter(series: _Series, x: Floats, slope: float) -> float:
    """By how much the rows scatter around a trend, in what chance makes of counts: 1 and more."""
    means, _ = _expected(series, x, slope)
    squares = float(((series.counts - means) ** 2 / np.maximum(means, 1e-9)).sum())
    return max(squares / max(len(means) - 1 - len(np.unique(series.stratum)), 1), 1.0)


def _from(series: _Series, day: int) -> Floats:
    """1 from that day on."""
    return (series.day >= day).astype(np.float64)


def _likelihood(series: _Series, x: Floats) -> float:
    """The logarithm of the likelihood of the trend with `x` that fits best, but for what all of them have in common."""
    slope = _slope(series, x)
    if slope is None:
        return -math.inf
    means, _ = _expected(series, x, slope)
    return float((series.counts * np.log(np.maximum(means, 1e-300))).sum())


def _counted_twice(series: _Series, trends: Sequence[_Trend], p: float) -> float:
    """How likely two declines with beginnings next to each other both have as small a `p` by chance."""
    if not 0 < p < 0.5:
        return 0.0
    level = -_NORMAL.inv_cdf(p)
    expected = [_expected(series, _since(series, trend.onset), 0.0) for trend in trends]
    scaled = [np.sqrt(means) * centred for means, centred in expected]
    unit = [each / np.linalg.norm(each) for each in scaled]
    return sum(_both_beyond(level, float(one @ other)) for one, other in pairwise(unit))


def _both_beyond(level: float, correlation: float) -> float:
    """The probability that two standard normal variables of this correlation both exceed a level."""
    reach = np.linspace(level, level + _BEYOND, _SLICES)
    rest = math.sqrt(max(1 - correlation**2, 1e-12))
    other = [_NORMAL.cdf((correlation * float(at) - level) / rest) for at in reach]
    return float(np.trapezoid(np.array([_NORMAL.pdf(float(at)) for at in reach]) * other, reach))


def _since(series: _Series, onset: int) -> Floats:
    return np.maximum(series.day - onset, 0).astype(np.float64)


def _trend(series: _Series, onset: int) -> _Trend | None:
    """The trend of a rate that held until the day `onset`; None where nothing can be told."""
    x = _since(series, onset)
    found = _fitted(series, x)
    before = _rate(series, series.day < max(onset, _LEVEL_DAYS))
    return found and replace(found, onset=onset, span=float(x.max()), before=before)


def _fitted(series: _Series, x: Floats, fitted: int = 1) -> _Trend | None:
    """The trend of a rate with `x`, from 0 to 1; None where nothing can be told. `fitted`: as `_carried_on` has it."""
    slope = _slope(series, x)
    if slope is None:
        return None
    means, centred = _expected(series, x, slope)
    information = float((means * centred**2).sum())
    if information <= 0:
        return None
    variance = _variance(series, means, centred, information, fitted)
    at_first = float(series.counts.sum()) / float((series.exposure * np.exp(slope * x)).sum())
    return _Trend(0, slope, math.sqrt(variance / information), 1.0, series.freedom, at_first, variance)


def _variance(series: _Series, means: Floats, centred: Floats, information: float, fitted: int) -> float:
    """By how much the slope scatters, in what counts that scatter by chance alone would make of it: 1 and more."""
    days, day = np.unique(series.day, return_inverse=True)
    over = series.counts - means
    moved, held = (np.bincount(day, weights=each) for each in (over * centred, means * centred**2 / information))
    robust = float((moved**2 / np.maximum(1 - held, 0.1)).sum()) / information
    by_day = np.bincount(day, weights=over) / np.sqrt(np.maximum(np.bincount(day, weights=means), 1e-9))
    scatter = float((by_day**2).sum()) / max(series.freedom, 1)
    beside_chance = max(0.0, (robust + scatter) / 2 - 1)
    return 1 + beside_chance * _carried_on(days, by_day, scatter, fitted)


def _carried_on(days: Numbers, by_day: Floats, scatter: float, fitted: int) -> float:
    """By how much a trend scatters more because a day's mood is partly that of the day before.

    Moods are taken for a first-order autoregression: its share is what neighbouring days have in common of what they
    scatter beside chance, and a little more, as so few days show too little of it (Kendall 1954, "Note on bias in the
    estimation of autocorrelation"): as often as means were `fitted` to them.
    """
    next_to = np.diff(days) == 1
    if scatter <= 1 or not next_to.any():
        return 1.0
    shown = max(float((by_day[:-1] * by_day[1:])[next_to].mean()) / (scatter - 1), 0.0)
    share = min(shown + fitted * (1 + 3 * shown) / len(days), _MOST_CARRIED)
    return (1 + share) / (1 - share)


def _slope(series: _Series, x: Floats) -> float | None:
    """Where the likelihood given each place's sum is highest: Newton's way, which it is concave for."""
    slope = 0.0
    for _ in range(_STEPS):
        means, centred = _expected(series, x, slope)
        information = float((means * centred**2).sum())
        if information <= 0:
            return None
        step = float(((series.counts - means) * centred).sum()) / information
        slope += max(-0.5, min(0.5, step))
        if abs(step) < 1e-10:
            return slope
    return None  # all counts on one end: no finite trend


def _expected(series: _Series, x: Floats, slope: float) -> tuple[Floats, Floats]:
    """The counts that a trend expects, and `x` less its mean within each place."""
    weights = series.exposure * np.exp(slope * (x - x.max()))
    in_all = np.bincount(series.stratum, weights=weights)
    means = weights * (np.bincount(series.stratum, weights=series.counts) / in_all)[series.stratum]
    centre = np.bincount(series.stratum, weights=weights * x) / in_all
    return means, x - centre[series.stratum]


def _judged(known: Worn, found: _Decline | None, level: float) -> Worn:
    """What is told of a creative, once it is known how much was looked at."""
    if found is None:
        return known
    trend = found.trend
    reach = quantile(min(2 * level / (found.p / trend.p if trend.p else 1.0), 0.999), trend.freedom)
    if found.p <= level and trend.change(reach) < 0:
        told = _with_interval(known, found.step or trend, reach)
        state: State = "worn" if told.change is not None and told.change <= -WORN else "wearing"
        return replace(told, state=state, since=found.since, level_before=(found.step or trend).before)
    told = _with_interval(known, trend, reach)
    return replace(told, state="too thin" if trend.change(-reach) <= -BLIND else "fresh")


def _with_interval(known: Worn, trend: _Trend, reach: float) -> Worn:
    return replace(known, change=trend.change(), low=trend.change(-reach), high=trend.change(reach))


def _with_impressions(told: Worn, trend: _Trend | None, level: float) -> Worn:
    """What is told of a creative, with how its rate goes with how often it was shown."""
    if trend is None:
        return told
    reach = quantile(min(2 * level, 0.999), trend.freedom)
    return replace(
        told,
        level_at_first=trend.before,
        change_by_impressions=trend.change(),
        low_by_impressions=trend.change(-reach),
        high_by_impressions=trend.change(reach),
    )


def _rate(series: _Series, chosen: Booleans) -> float | None:
    exposure = float(series.exposure[chosen].sum())
    return float(series.counts[chosen].sum()) / exposure if exposure else None
