"""One line of a list of results: what it says of which place, and what of it cannot be read."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from shared import columns
from shared.lists.model import Line
from shared.results import currencies, names, numbers
from shared.results.cells import is_word, says_nothing, scalar
from shared.results.context import WHOLE, Breadth, Context
from shared.results.names import Column
from shared.results.numbers import UnreadableError

SUMMED = frozenset(("impressions", "clicks", "conversions"))
"""What a total is known by."""

_TEXT_CHARS = 500
_SMALLEST = Decimal("1e-9")  # what a NUMERIC column holds

type Days = tuple[date | None, date | None]
"""First and last day."""

type Place = tuple[str, date | None, date | None, str | None, str | None]
"""Ad, first and last day, network, placement."""


@dataclass(frozen=True)
class Part:
    """What one line says."""

    line: int
    campaign: str | None
    currency: str | None
    urls: tuple[str, ...]
    values: Mapping[str, Decimal]
    unreadable: frozenset[str]
    breadth: Breadth = "part"

    def text(self) -> str:
        """As it is kept until its place is told."""
        values = {name: str(value) for name, value in self.values.items()}
        told = (self.line, self.campaign, self.currency, self.urls, values, sorted(self.unreadable), self.breadth)
        return json.dumps(told)

    @classmethod
    def of(cls, text: str) -> "Part":
        """What was kept as this text."""
        line, campaign, currency, urls, values, unreadable, breadth = json.loads(text)
        numbers = {name: Decimal(value) for name, value in values.items()}
        return cls(line, campaign, currency, tuple(urls), numbers, frozenset(unreadable), breadth)


class ReadLine:
    """A line as it is read.

    Attributes:
        faults: the columns, values and reasons of what could not be read.
        other: what its results are, where they are no conversions.
        blanks: the columns of money that have `N/A` or the like.
        beside: two columns of its money that both are filled, of different currencies: the first is read.
    """

    def __init__(self, line: Line, row: Mapping[str, object], context: Context) -> None:
        self.line, self.context = line, context
        self.cells: dict[str, tuple[Column, object]] = {}
        self.beside: tuple[str, str] | None = None
        self._fill(row)
        self.faults: list[tuple[str, str, str]] = []
        self.currencies: set[str] = set()
        self.other: str | None = None
        self.blanks = [column.field for column, cell in self.cells.values() if column.unit == "money" and is_word(cell)]
        self.breadth = context.breadth(row)

    def _fill(self, row: Mapping[str, object]) -> None:
        """Of several columns that tell the same in other currencies the first that says something."""
        for column in self.context.columns:
            cell = scalar(row.get(column.name))
            other, said = self.cells.setdefault(column.field, (column, cell))
            if other is column or says_nothing(cell):
                continue
            if says_nothing(said):
                self.cells[column.field] = (column, cell)
            else:
                self.beside = (other.name, column.name)

    def place(self, ad_id: str) -> Place:
        """Of which ad, day and place it speaks."""
        first, last = self._period()
        network, placement = self._network()
        return ad_id, first, last if first and last and last > first else None, network, placement

    def part(self) -> Part:
        """What it says of that place."""
        values = dict(self._values())
        if said := self._said_currency():
            self.currencies.add(said)
        if len(self.currencies) > 1:
            for name in names.MONEY.keys() & values.keys():
                self._fault(name, " and ".join(sorted(self.currencies)), "several currencies in one line")
            values = {name: value for name, value in values.items() if name not in names.MONEY}
        currency = next(iter(self.currencies), self.context.currency) if len(self.currencies) < 2 else None
        unreadable = frozenset(field for field, _, _ in self.faults)
        told = (self.line.number, self._text("campaign"), currency, self.line.urls, values, unreadable)
        return Part(*told, self.breadth)

    def _values(self) -> Iterator[tuple[str, Decimal]]:
        shown: Decimal | None = None
        for column, cell in sorted(self.cells.values(), key=lambda each: each[0].unit == "share"):
            if column.unit == "text" or says_nothing(cell) or self._is_other(column):
                continue
            try:
                value = self._value(column, cell, shown)
            except UnreadableError as error:
                self._fault(column.field, str(cell), str(error))
                continue
            shown = value if column.field == "impressions" else shown
            yield column.field, value

    def _value(self, column: Column, cell: object, impressions: Decimal | None) -> Decimal:
        money_of = column.currency or self._said_currency() or self.context.currency if column.unit == "money" else None
        found = numbers.number(cell, self.context.mark, whole=column.unit in WHOLE, money_of=money_of)
        if found.is_share and column.unit != "share":
            raise UnreadableError("a percentage")
        if column.unit in ("money", "micros"):
            self.currencies |= {each for each in (found.currency, column.currency) if each}
        if column.unit == "share":
            if impressions is None or found.value > 1:
                raise UnreadableError("a share of impressions that are not known, or more than all of them")
            return (found.value * impressions).to_integral_value()
        value = found.value / 10**6 if column.unit == "micros" else found.value
        return value.quantize(_SMALLEST) if value % 1 and column.unit != "micros" else value

    def _said_currency(self) -> str | None:
        said = (self._text("currency") or "").upper()
        return said if said in currencies.CURRENCIES else None

    def _is_other(self, column: Column) -> bool:
        """Whether a column counts something else in this line than what it is read for."""
        if "result_kind" not in self.cells or not names.is_of_any_kind(column.name):
            return False
        kind = self._text("result_kind") or ""
        self.other = None if names.is_conversion(kind) else kind
        return self.other is not None

    def _period(self) -> tuple[date | None, date | None]:
        """The first and the last day, by the closest column that tells."""
        for name in names.TIMES:
            _, cell = self.cells.get(name, (None, None))
            if not says_nothing(cell):
                first, last = self._days(name, cell)
                return first, self._last_day() or last
        return None, self._last_day()

    def _days(self, name: names.Time, cell: object) -> tuple[date | None, date | None]:
        try:
            return numbers.period(cell, name, self.context.order)
        except UnreadableError as error:
            self._fault("day", str(cell), str(error))
            return None, None

    def _last_day(self) -> date | None:
        _, cell = self.cells.get("last_day", (None, None))
        try:
            return None if says_nothing(cell) else numbers.day(cell, self.context.order)
        except UnreadableError as error:
            self._fault("last_day", str(cell), str(error))
            return None

    def _network(self) -> tuple[str | None, str | None]:
        """The network and the placement; a column `network` of Google's is a placement, and so is Meta's platform."""
        said, placement = self._text("network"), self._text("placement")
        called = names.network_called(said) if said else None
        network = called or self.context.network or (said.lower() if said else None)
        if said and network != said.lower():
            placement = " ".join(dict.fromkeys(filter(None, (said, placement))))
        return network, placement

    def _text(self, name: str) -> str | None:
        _, cell = self.cells.get(name, (None, None))
        text = columns.trimmed(str(cell)) if cell is not None else ""
        return None if columns.says_nothing(text) else text[:_TEXT_CHARS]

    def _fault(self, name: str, value: str, why: str) -> None:
        self.faults.append((name, value[:40], why))


def place_of(text: str) -> Place:
    """The place that was kept as this text."""
    ad_id, first, last, network, placement = json.loads(text)
    return ad_id, first and date.fromisoformat(first), last and date.fromisoformat(last), network, placement
