"""What all lines of a list tell of how one is read: its columns, the mark before fractions, the order of days."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from shared import columns
from shared.columns import DayOrder
from shared.counting import the_first
from shared.results import names, numbers
from shared.results.cells import has_number, says_nothing, scalar
from shared.results.names import Column

WHOLE = frozenset(("count", "micros"))
"""The units of what has no fractions."""

_LOOKED_AT = 200  # lines, for columns of numbers that are not read
_TOLD_COLUMNS = 12

type Breadth = Literal["part", "blank", "all"]
"""Whether a line says by a breakdown (age, say) that it is of all parts, says nothing there, or is one of them."""


@dataclass(frozen=True)
class Context:
    """What all lines of a list tell of how one of them is read."""

    columns: tuple[Column, ...]
    mark: numbers.Mark | None
    order: DayOrder | None
    network: str | None
    currency: str | None
    has_dollars: bool
    unread: tuple[str, ...]
    unread_days: tuple[str, ...]
    breakdowns: tuple[str, ...]

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, object]], currency: str | None, said: DayOrder | None) -> "Context | None":
        """None where the list has no results."""
        told = _Told()
        for row in rows:
            told.take(row)
        if not names.has_results(told.columns):
            return None
        of = {column.name: column for column in told.columns}
        mark = numbers.only_mark(mark for name, mark in told.marks if name in of)
        order = numbers.day_order(day for name, day in told.days if name in of) or said
        network, has_dollars = names.network_of(told.names), bool(told.dollars & of.keys())
        unread, days = told.unread(), told.unread_days()
        breakdowns = tuple(name for name in told.others if told.filled[name] and name not in (*unread, *days))
        return cls(told.columns, mark, order, network, currency, has_dollars, unread, days, breakdowns)

    def breadth(self, row: Mapping[str, object]) -> Breadth:
        """What a line says in the columns that nothing is read from."""
        cells = [scalar(row.get(name)) for name in self.breakdowns]
        if any(isinstance(cell, str) and names.is_all(cell) for cell in cells):
            return "all"
        return "blank" if any(says_nothing(cell) for cell in cells) else "part"

    def has_day(self, row: Mapping[str, object]) -> bool:
        """Whether a line says its day, or says something in its place."""
        return any(
            column.field in names.TIMES and not says_nothing(scalar(row.get(column.name))) for column in self.columns
        )

    def notes(self) -> Iterator[str]:
        """What is told of columns that are not read."""
        if self.unread:
            told = the_first(self.unread, _TOLD_COLUMNS)
            yield f"columns of numbers that are no results by their names, and were not read as such: {told}"

        if self.unread_days:
            told = the_first(self.unread_days, _TOLD_COLUMNS)
            yield (
                f"no column is of days by its name, and these look like it: {told}. Call one of them 'day' to have "
                "results by day; without, they are of no day, and take the place of what was brought in before"
            )


class _Told:
    """What the cells of columns tell together: by the column's name, the marks before fractions, and undecided days."""

    def __init__(self) -> None:
        self.names: dict[str, None] = {}
        self.columns: tuple[Column, ...] = ()
        self.marks: set[tuple[str, numbers.Mark]] = set()
        self.days: set[tuple[str, str]] = set()
        self.dollars: set[str] = set()
        self.rows = 0
        self.others: tuple[str, ...] = ()
        self.filled: Counter[str] = Counter()
        self.numeric: Counter[str] = Counter()
        self.times: Counter[str] = Counter()

    def take(self, row: Mapping[str, object]) -> None:
        """Goes through the cells of a row; a name that comes later may be preferred to others, and is then new."""
        if not row.keys() <= self.names.keys():
            self.names |= dict.fromkeys(row)
            self.columns = names.recognised(tuple(self.names))
            self.others = tuple(name for name in self.names if not names.is_known(name) and not columns.says_id(name))
        self.rows += 1
        if self.rows <= _LOOKED_AT:
            self._look(row)
        for column in self.columns:
            cell = scalar(row.get(column.name))
            if isinstance(cell, str):
                self._take(column, cell)

    def _look(self, row: Mapping[str, object]) -> None:
        filled = [name for name in self.others if name and not says_nothing(scalar(row.get(name)))]
        self.filled.update(filled)
        self.numeric.update(name for name in filled if has_number(scalar(row[name])))
        self.times.update(name for name in filled if numbers.is_time(scalar(row[name])))

    def unread(self) -> tuple[str, ...]:
        """The columns of no known name whose cells are mostly numbers, as far as was looked."""
        return tuple(name for name in self.names if 2 * self.numeric[name] > self.filled[name])

    def unread_days(self) -> tuple[str, ...]:
        """The columns of no known name whose cells are mostly days, where no column tells the day by its name."""
        if any(column.field in names.TIMES for column in self.columns):
            return ()
        return tuple(name for name in self.names if 2 * self.times[name] > self.filled[name])

    def _take(self, column: Column, cell: str) -> None:
        if column.unit != "text":
            if mark := numbers.mark_told(cell, whole=column.unit in WHOLE):
                self.marks.add((column.name, mark))
            if column.unit == "money" and "$" in cell:
                self.dollars.add(column.name)
        elif column.field in (*names.TIMES, "last_day"):
            self.days |= {(column.name, each) for each in numbers.days_in(cell) if numbers.is_undecided(each)}
