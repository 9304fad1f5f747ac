"""Rows of results from the lines of a place, with what is to be told of them."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count

from shared.counting import many, the_first
from shared.events import Result
from shared.results import names
from shared.results.found import TOLD, first_of
from shared.results.lines import SUMMED, Part, Place

LIST = "list"
"""The `source` of what a list said."""

_MEASURES = (*names.COUNTS, *names.MONEY, *names.AMOUNTS)
_TOLD_ADS = 20
_TOLD_LINES = 5


@dataclass
class Rows:
    """Makes the results of a list, and keeps what was remarkable about them."""

    run: str = field(default_factory=lambda: f"results-{uuid.uuid4().hex[:12]}")
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    numbers: Iterator[int] = field(default_factory=count)
    several_currencies: int = 0
    several_campaigns: int = 0
    n_sums: int = 0
    sums: list[int] = field(default_factory=list)
    n_future: int = 0
    future: str = ""
    of_currencies: list[str] = field(default_factory=list)
    n_dayless: int = 0
    n_clicked: int = 0
    clicked: str = ""
    has_unknown_money: bool = False

    def of(self, place: Place, parts: Sequence[Part]) -> Iterator[Result]:
        """The rows of a place: one, or one for each of an ad's creatives where they differ."""
        self._look_at(place, parts)
        for row in self._told(place, parts):
            self._look_at_row(row, parts)
            yield row

    def _told(self, place: Place, parts: Sequence[Part]) -> Iterator[Result]:
        by_asset: dict[tuple[str, ...], list[Part]] = defaultdict(list)
        for part in parts:
            by_asset[part.urls].append(part)
        told_by_asset = {urls: _without_sums(some, self) for urls, some in by_asset.items()}
        rows = {urls: self._row(place, some) for urls, some in told_by_asset.items()}
        self._tell_currencies(place, told_by_asset.values())
        if len(rows) == 1:
            yield from rows.values()
            return
        told = {tuple(row.model_dump(include={*_MEASURES, "currency"}).values()) for row in rows.values()}
        for urls, row in rows.items():
            if len(told) > 1 and len(urls) == 1:
                yield row.model_copy(update={"asset": urls[0]})
            else:
                yield row
                if len(told) == 1:
                    break  # the ad's own numbers, beside each of its creatives

    def _row(self, place: Place, parts: Sequence[Part]) -> Result:
        made = _row(place, parts, event_id=f"{self.run}-{next(self.numbers)}", occurred_at=self.now)
        self.has_unknown_money |= bool((made.spend or made.conversion_value) and made.currency is None)
        self.several_campaigns += len(_campaigns(parts)) > 1
        return made

    def _look_at(self, place: Place, parts: Sequence[Part]) -> None:
        """Notes a place whose day is yet to come, wherever on earth it is reported."""
        if place[1] and place[1] > self.now.date() + timedelta(days=1):
            self.n_future += 1
            self.future = self.future or f"{place[1]} in line {parts[0].line}"

    def _look_at_row(self, row: Result, parts: Sequence[Part]) -> None:
        """Notes a row that was clicked on more often than shown, which few are, and one whose day is not known."""
        self.n_dayless += "day" in row.unreadable
        if row.clicks is not None and row.impressions is not None and row.clicks > row.impressions:
            self.n_clicked += 1
            self.clicked = self.clicked or f"{row.ad_id[:40]!r} in line {parts[0].line}"

    def _tell_currencies(self, place: Place, rows: Iterable[Sequence[Part]]) -> None:
        """Says that the money of a place is left out, where it is of several currencies."""
        clashing = [part for parts in rows if len(_currencies(parts)) > 1 for part in parts]
        if not clashing:
            return
        self.several_currencies += 1
        if self.several_currencies <= _TOLD_ADS:
            known = sorted(filter(None, _currencies(clashing)))
            what = "several currencies" if len(known) > 1 else f"{known[0]} and an unknown currency"
            lines = the_first([part.line for part in clashing], _TOLD_LINES)
            told = f"{what} for one day and place (lines {lines}): its money is left out"
            self.of_currencies.append(f"ad {place[0]}: {told}")

    def notes(self) -> Iterator[str]:
        """What is told of rows, in sentences."""
        if self.several_campaigns:
            told = many(self.several_campaigns, "row is", "rows are")
            yield f"{told} of several campaigns of one ad, day and place: their numbers are added, and they name none"
        if self.n_sums:
            told = many(self.n_sums, "line is the sum", "lines are the sums")
            yield f"{told} of others of the same ad and day, left out: {first_of(self.sums, self.n_sums)}"
        if self.n_future:
            told = many(self.n_future, "row is", "rows are")
            yield f"{told} of days to come, e.g. {self.future}: are day and month as meant?"
        if self.n_dayless:
            told = many(self.n_dayless, "row is", "rows are")
            yield f"{told} without a day, which could not be read: the next list without days takes their place"
        if self.n_clicked:
            told = many(self.n_clicked, "row has", "rows have")
            yield f"{told} more clicks than impressions, e.g. ad {self.clicked}: are the columns as meant?"
        yield from self.of_currencies
        if self.several_currencies > _TOLD_ADS:
            yield f"and {self.several_currencies - _TOLD_ADS} more days and places of ads with several currencies"


def _without_sums(parts: Sequence[Part], rows: Rows) -> Sequence[Part]:
    """Without the lines that say they are of all parts, where one of them is the sum of these; notes those."""
    breadths = {part.breadth for part in parts}
    widest = "all" if "all" in breadths else "blank"
    wide, rest = ([part for part in parts if (part.breadth == widest) == wanted] for wanted in (True, False))
    sums = {name: sum((part.values.get(name, Decimal(0)) for part in rest), Decimal(0)) for name in SUMMED}
    if len(rest) < 2 or not any(_is_sum(part, sums) for part in wide):
        return parts
    rows.n_sums += len(wide)
    rows.sums.extend(part.line for part in wide[: TOLD - len(rows.sums)])
    return rest


def _is_sum(part: Part, sums: Mapping[str, Decimal]) -> bool:
    said = {name: part.values[name] for name in SUMMED & part.values.keys()}
    return any(said.values()) and all(sums[name] == value for name, value in said.items())


def _row(place: Place, parts: Sequence[Part], *, event_id: str, occurred_at: datetime) -> Result:
    ad_id, first, last, network, placement = place
    unreadable = sorted(frozenset[str]().union(*(part.unreadable for part in parts)))
    currencies, campaigns = _currencies(parts), _campaigns(parts)
    if len(currencies) > 1:
        unreadable = sorted({*unreadable, *(name for part in parts for name in part.values if name in names.MONEY)})
    told = {name for part in parts for name in part.values} - set(unreadable)
    values = {name: sum((part.values[name] for part in parts if name in part.values), Decimal(0)) for name in told}
    return Result(
        event_id=event_id,
        occurred_at=occurred_at,
        ad_id=ad_id,
        day=first,
        last_day=last,
        network=network,
        campaign=next(iter(campaigns)) if len(campaigns) == 1 else None,
        placement=placement,
        currency=next(iter(currencies), None) if len(currencies) == 1 else None,
        source=LIST,
        unreadable=unreadable,
        **values,
    )


def _currencies(parts: Iterable[Part]) -> set[str | None]:
    """Of the money of these lines."""
    return {part.currency for part in parts if part.values.keys() & names.MONEY.keys()}


def _campaigns(parts: Iterable[Part]) -> set[str]:
    return {part.campaign for part in parts if part.campaign}
