"""The results that a list of ads holds: its lines as `Result` events, one for each ad, day and place.

Every line counts. Lines of the same ad, day and place are parts of it, by age or device for instance, and are added; a
line that is wholly the same as another counts once, and so do the numbers of an ad that stand beside each of its
creatives. What cannot be read is named, and makes the sum that it belongs to unknown.
"""

import json
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Literal

from shared import columns
from shared.batches import MAX_AD_ID_CHARS, name_of_url
from shared.columns import DayOrder
from shared.counting import many
from shared.events import Result
from shared.lists.cells import COLONS
from shared.lists.json_text import loads
from shared.lists.model import Line
from shared.results import names, numbers
from shared.results.kept import Parts, Results
from shared.results.names import Column
from shared.results.numbers import UnreadableError

LIST = "list"
"""The `source` of what a list said."""

_MEASURES = (*names.COUNTS, *names.MONEY, *names.AMOUNTS)
_TEXT_CHARS = 500
_SMALLEST = Decimal("1e-9")  # what a NUMERIC column holds
_TOLD = 3  # examples of what cannot be read
_TOLD_ADS = 20
_LOOKED_AT = 200  # lines, for columns of numbers that are not read
_TOLD_COLUMNS = 12
_SUMMED = frozenset(("impressions", "clicks", "conversions"))  # what a total is known by

_WHOLE = frozenset(("count", "micros"))
_DAYS = frozenset(("day", "last_day"))

type Days = tuple[date | None, date | None]
"""First and last day."""

type Place = tuple[str, date | None, date | None, str | None, str | None]
"""Ad, first and last day, network, placement."""


type _Breadth = Literal["part", "blank", "all"]
"""Whether a line says by a breakdown (age, say) that it is of all parts, says nothing there, or is one of them."""


@dataclass(frozen=True)
class Reading:
    """What the results of a list came to.

    Attributes:
        rows: the results; none where the list has none.
        lines: how many lines were read; 0 where the list has no results.
        notes: what the user should know, in sentences: what was left out, and what could not be read.
    """

    rows: Results = field(default_factory=Results)
    lines: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Part:
    """What one line says."""

    line: int
    campaign: str | None
    currency: str | None
    urls: tuple[str, ...]
    values: Mapping[str, Decimal]
    unreadable: frozenset[str]
    breadth: _Breadth = "part"

    def text(self) -> str:
        """As it is kept until its place is told."""
        values = {name: str(value) for name, value in self.values.items()}
        told = (self.line, self.campaign, self.currency, self.urls, values, sorted(self.unreadable), self.breadth)
        return json.dumps(told)

    @classmethod
    def of(cls, text: str) -> "_Part":
        line, campaign, currency, urls, values, unreadable, breadth = json.loads(text)
        numbers = {name: Decimal(value) for name, value in values.items()}
        return cls(line, campaign, currency, tuple(urls), numbers, frozenset(unreadable), breadth)


@dataclass
class _Found:
    """The lines of a list, as they are read."""

    parts: Parts = field(default_factory=Parts)
    unreadable: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    lines: int = 0
    labelled: Parts = field(default_factory=Parts)
    sums: dict[Days | None, dict[str, Decimal]] = field(default_factory=dict)
    totals: list[str] = field(default_factory=list)
    n_totals: int = 0
    others: list[str] = field(default_factory=list)
    n_others: int = 0
    beside: Counter[tuple[str, str]] = field(default_factory=Counter)
    blanks: Counter[str] = field(default_factory=Counter)
    nameless: int = 0
    numberless: int = 0
    cut: list[int] = field(default_factory=list)
    n_cut: int = 0
    repeated: int = 0

    def fault(self, name: str, told: str) -> None:
        """Counts what cannot be read, and keeps the first as examples."""
        self.unreadable[name] += 1
        if self.unreadable[name] <= _TOLD:
            self.examples[name].append(told)

    def leave_cut(self, number: int) -> None:
        """Counts a line that has more cells than there are names, and keeps the first as examples."""
        self.n_cut += 1
        if self.n_cut <= _TOLD:
            self.cut.append(number)

    def total(self, told: str) -> None:
        """Counts a line of a total, and keeps the first as examples."""
        self.n_totals += 1
        if self.n_totals <= _TOLD:
            self.totals.append(told)

    def other(self, told: str) -> None:
        """Counts a line whose results are no conversions, and keeps the first as examples."""
        self.n_others += 1
        if self.n_others <= _TOLD:
            self.others.append(told)

    def add(self, place: Place, part: _Part) -> None:
        """Keeps what a line says of a place, and what all lines of its days come to."""
        self.parts.add(json.dumps(place, default=str), part.text())
        summed = {name: part.values[name] for name in _SUMMED & part.values.keys()}
        for days in (None, place[1:3]):
            so_far = self.sums.setdefault(days, {})
            for name, value in summed.items():
                so_far[name] = so_far.get(name, Decimal(0)) + value

    def tell_totals(self) -> None:
        """Of the lines with a label of totals and a day, those that are the sums of others; the rest are an ad's."""
        sums = {days: dict(values) for days, values in self.sums.items()}
        for text, some in self.labelled.by_place():
            place, parts = _place(text), [_Part.of(part) for part in some]
            for part in parts:
                said = {name: part.values[name] for name in _SUMMED & part.values.keys()}
                if any(said.values()) and any(
                    said == {name: sums.get(days, {}).get(name) for name in said} for days in (None, place[1:3])
                ):
                    self.total(f"{place[0]!r} in line {part.line}")
                else:
                    self.add(place, part)


@dataclass
class _Made:
    """What the results of a list are made with, and what was remarkable about them."""

    run: str = field(default_factory=lambda: f"results-{uuid.uuid4().hex[:12]}")
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    numbers: Iterator[int] = field(default_factory=count)
    several_currencies: int = 0
    several_campaigns: int = 0
    n_sums: int = 0
    sums: list[int] = field(default_factory=list)
    n_future: int = 0
    future: str = ""
    notes: list[str] = field(default_factory=list)
    n_dayless: int = 0
    n_clicked: int = 0
    clicked: str = ""
    has_unknown_money: bool = False

    def row(self, place: Place, parts: Sequence[_Part]) -> Result:
        made = _row(place, parts, event_id=f"{self.run}-{next(self.numbers)}", occurred_at=self.now)
        self.has_unknown_money |= bool((made.spend or made.conversion_value) and made.currency is None)
        self.several_campaigns += len(_campaigns(parts)) > 1
        return made

    def look_at(self, place: Place, parts: Sequence[_Part]) -> None:
        """Notes a place whose day is yet to come, wherever on earth it is reported."""
        if place[1] and place[1] > self.now.date() + timedelta(days=1):
            self.n_future += 1
            self.future = self.future or f"{place[1]} in line {parts[0].line}"

    def look_at_row(self, row: Result, parts: Sequence[_Part]) -> None:
        """Notes a row that was clicked on more often than shown, which few are, and one whose day is not known."""
        self.n_dayless += "day" in row.unreadable
        if row.clicks is not None and row.impressions is not None and row.clicks > row.impressions:
            self.n_clicked += 1
            self.clicked = self.clicked or f"{row.ad_id[:40]!r} in line {parts[0].line}"

    def tell_currencies(self, place: Place, rows: Iterable[Sequence[_Part]]) -> None:
        """Says that the money of a place is left out, where it is of several currencies."""
        clashing = [part for parts in rows if len(_currencies(parts)) > 1 for part in parts]
        if not clashing:
            return
        self.several_currencies += 1
        if self.several_currencies <= _TOLD_ADS:
            known = sorted(filter(None, _currencies(clashing)))
            what = "several currencies" if len(known) > 1 else f"{known[0]} and an unknown currency"
            lines = ", ".join(str(part.line) for part in clashing[:5]) + (", …" if len(clashing) > 5 else "")
            told = f"{what} for one day and place (lines {lines}): its money is left out"
            self.notes.append(f"ad {place[0]}: {told}")


def read(
    lines: Iterable[Line],
    currency: str | None = None,
    rows: Results | None = None,
    order: DayOrder | None = None,
) -> Reading:
    """The results that the lines of a list hold.

    Args:
        lines: of the list; gone through twice.
        currency: of its money, where neither names nor cells tell.
        rows: what they are added to.
        order: of days such as 03/04/2026, where no line tells.
    """
    context = _Context.of((_flat(line.extra) for line in lines), currency, order)
    kept = Results() if rows is None else rows
    if context is None:
        return Reading(kept)
    found, made = _Found(), _Made()
    for line in lines:
        found.lines += 1
        if line.is_cut:
            found.leave_cut(line.number)
        else:
            _take(line, _flat(line.extra), context, found)
    found.tell_totals()
    for text, texts in found.parts.by_place():
        place, parts = _place(text), [_Part.of(part) for part in texts]
        made.look_at(place, parts)
        for row in _results(place, parts, made):
            made.look_at_row(row, parts)
            kept.add(row)
    notes = (*_unknown_currency(made, context), *_notes(found), *_told_sums(made), *_unread(context))
    return Reading(kept, found.lines, notes)


@dataclass(frozen=True)
class _Context:
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
    def of(cls, rows: Iterable[Mapping[str, object]], currency: str | None, said: DayOrder | None) -> "_Context | None":
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

    def breadth(self, row: Mapping[str, object]) -> _Breadth:
        """What a line says in the columns that nothing is read from."""
        cells = [_scalar(row.get(name)) for name in self.breakdowns]
        if any(isinstance(cell, str) and names.is_all(cell) for cell in cells):
            return "all"
        return "blank" if any(_says_nothing(cell) for cell in cells) else "part"

    def has_day(self, row: Mapping[str, object]) -> bool:
        """Whether a line says its day, or says something in its place."""
        return any(
            column.field in names.TIMES and not _says_nothing(_scalar(row.get(column.name))) for column in self.columns
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
            cell = _scalar(row.get(column.name))
            if isinstance(cell, str):
                self._take(column, cell)

    def _look(self, row: Mapping[str, object]) -> None:
        filled = [name for name in self.others if name and not _says_nothing(_scalar(row.get(name)))]
        self.filled.update(filled)
        self.numeric.update(name for name in filled if _has_number(_scalar(row[name])))
        self.times.update(name for name in filled if numbers.is_time(_scalar(row[name])))

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
            if mark := numbers.mark_told(cell, whole=column.unit in _WHOLE):
                self.marks.add((column.name, mark))
            if column.unit == "money" and "$" in cell:
                self.dollars.add(column.name)
        elif column.field in (*names.TIMES, "last_day"):
            self.days |= {(column.name, each) for each in numbers.days_in(cell) if numbers.is_undecided(each)}


def _flat(extra: Mapping[str, object]) -> Mapping[str, object]:
    """The columns of a line; where none of them is of results, those of an object within it (`insights`, say).

    Beside that object others may tell the day and the campaign: Google's `segments`, TikTok's `dimensions`.
    """
    if names.has_results(names.recognised(tuple(extra))):
        return _with_purchases(extra)
    objects = {name: within for name, value in extra.items() if (within := _object(value))}
    for whole, within in objects.items():
        if names.has_results(names.recognised(tuple(within))):
            beside = {
                f"{name}.{inner}": cell
                for name, each in objects.items()
                for inner, cell in each.items()
                if name != whole and names.recognised((f"{name}.{inner}",))
            }
            return _with_purchases({**extra, **beside, **within})
    return extra


def _with_purchases(row: Mapping[str, object]) -> Mapping[str, object]:
    """With the purchases among the actions of Meta's Insights as columns of their own; the others are no results."""
    told = {name: cell for name in names.ACTIONS if isinstance(cell := _parsed(row.get(name)), list)}
    if not told:
        return row
    rest = {name: cell for name, cell in row.items() if name not in told and not _lists_actions(cell, name)}
    return {**rest, **{names.ACTIONS[name]: _purchases(cell) for name, cell in told.items()}}


def _parsed(cell: object) -> object:
    """What a cell holds that is JSON, as tables have what an API listed."""
    if isinstance(cell, str) and cell.lstrip().startswith("[{"):
        try:
            return loads(cell)
        except ValueError:
            return cell
    return cell


def _lists_actions(cell: object, name: str) -> bool:
    """Whether it is Insights' `conversions`, which counts what is among its actions by other names."""
    return name in ("conversions", "conversion_values") and isinstance(cell, list)


def _purchases(actions: Iterable[object]) -> object:
    counted = [each for each in actions if isinstance(each, Mapping)]
    by_type = ([each for each in counted if each.get("action_type") == kind] for kind in names.PURCHASES)
    return _added(next(filter(None, by_type), []))


def _added(parts: Sequence[Mapping[str, object]]) -> object:
    """The value of what an API lists in parts (by device, say); of several that are no numbers the first of these."""
    values = [part.get("value") for part in parts]
    exact = [columns.Exact(value) for value in values if numbers.is_number(columns.Exact(value))]
    if len(exact) < len(values):
        return next(value for value in values if not numbers.is_number(columns.Exact(value)))
    return columns.Exact(sum(map(Decimal, exact), Decimal(0))) if exact else None


def _object(value: object) -> dict[str, object]:
    """The columns of an object within a line, or of the only one in a list; none of what is neither."""
    inner = value.get("data", value) if isinstance(value, Mapping) else value
    rows = inner if isinstance(inner, list) else [inner]
    one = rows[0] if len(rows) == 1 and isinstance(rows[0], Mapping) else {}
    return {str(name): cell for name, cell in one.items()}


def _take(line: Line, row: Mapping[str, object], context: _Context, found: _Found) -> None:
    ad_id = line.ad_id or next(map(name_of_url, line.urls), None)
    is_labelled = not line.urls and ad_id is not None and names.is_total(ad_id)
    if ad_id is None:
        found.nameless += 1
    elif not line.urls and ad_id.endswith(COLONS):
        found.numberless += 1  # `Filter by Advertiser ID:,4711`, below the table
    elif is_labelled and not context.has_day(row):
        found.total(f"{ad_id[:40]!r} in line {line.number}")
    elif not found.parts.is_new(hash((line.ad_id, line.urls, tuple((name, str(cell)) for name, cell in row.items())))):
        found.repeated += 1
    else:
        read = _Line(line, row, context)
        place, part = read.place(ad_id[-MAX_AD_ID_CHARS:]), read.part()
        if not part.values and (part.unreadable <= _DAYS or _is_note(line, row)):
            found.numberless += 1
            return
        found.blanks.update(read.blanks)
        for name, value, why in read.faults:
            found.fault(name, f"{value!r} in line {line.number} ({why})")
        if read.beside:
            found.beside[read.beside] += 1
        if read.other is not None:
            found.other(f"{read.other[:60]!r} in line {line.number}")
        if is_labelled:
            found.labelled.add(json.dumps(place, default=str), part.text())
        else:
            found.add(place, part)


def _is_note(line: Line, row: Mapping[str, object]) -> bool:
    """Whether a line without numbers is no ad's, but said of the list: words, and one cell beside them at most."""
    name = line.ad_id or ""
    filled = [str(cell) for cell in row.values() if not _says_nothing(cell)]
    return not line.urls and " " in name and len(filled) < 2 and (len(row) > 1 or " " in "".join(filled).strip())


def _place(text: str) -> Place:
    ad_id, first, last, network, placement = json.loads(text)
    return ad_id, first and date.fromisoformat(first), last and date.fromisoformat(last), network, placement


class _Line:
    """A line as it is read.

    Attributes:
        faults: the columns, values and reasons of what could not be read.
        other: what its results are, where they are no conversions.
        blanks: the columns of money that have `N/A` or the like.
        beside: two columns of its money that both are filled, of different currencies: the first is read.
    """

    def __init__(self, line: Line, row: Mapping[str, object], context: _Context) -> None:
        self.line, self.context = line, context
        self.cells: dict[str, tuple[Column, object]] = {}
        self.beside: tuple[str, str] | None = None
        self._fill(row)
        self.faults: list[tuple[str, str, str]] = []
        self.currencies: set[str] = set()
        self.other: str | None = None
        self.blanks = [
            column.field for column, cell in self.cells.values() if column.unit == "money" and _is_word(cell)
        ]
        self.breadth = context.breadth(row)

    def _fill(self, row: Mapping[str, object]) -> None:
        """Of several columns that tell the same in other currencies the first that says something."""
        for column in self.context.columns:
            cell = _scalar(row.get(column.name))
            other, said = self.cells.setdefault(column.field, (column, cell))
            if other is column or _says_nothing(cell):
                continue
            if _says_nothing(said):
                self.cells[column.field] = (column, cell)
            else:
                self.beside = (other.name, column.name)

    def place(self, ad_id: str) -> Place:
        first, last = self._period()
        network, placement = self._network()
        return ad_id, first, last if first and last and last > first else None, network, placement

    def part(self) -> _Part:
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
        return _Part(*told, self.breadth)

    def _values(self) -> Iterator[tuple[str, Decimal]]:
        shown: Decimal | None = None
        for column, cell in sorted(self.cells.values(), key=lambda each: each[0].unit == "share"):
            if column.unit == "text" or _says_nothing(cell) or self._is_other(column):
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
        found = numbers.number(cell, self.context.mark, whole=column.unit in _WHOLE, money_of=money_of)
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
        return said if said in names.CURRENCIES else None

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
            if not _says_nothing(cell):
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
            return None if _says_nothing(cell) else numbers.day(cell, self.context.order)
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


def _scalar(cell: object) -> object:
    """What a cell shows; of what APIs list as parts of one number (`[{"action_type": …, "value": "12"}]`) their sum."""
    if isinstance(cell, str) and cell[:1] == "=":
        return columns.as_shown(cell)
    if isinstance(cell, Mapping):
        return cell.get("name")  # a campaign's, as Google's API nests it
    if isinstance(cell, list) and cell and all(isinstance(each, Mapping) and "value" in each for each in cell):
        is_one = len({each.get("action_type") for each in cell}) == 1
        return _added(cell) if is_one else cell
    return cell


def _has_number(cell: object) -> bool:
    """Whether it is a number, or a list of several as APIs have it (`actions`), each with what it counts."""
    if isinstance(cell, list):
        return any(isinstance(each, Mapping) and numbers.is_number(each.get("value")) for each in cell)
    return numbers.is_number(cell)


def _says_nothing(cell: object) -> bool:
    return cell is None or cell != cell or (isinstance(cell, str) and columns.says_nothing(cell))


def _is_word(cell: object) -> bool:
    """Whether it says in words that it says nothing: `N/A`."""
    return isinstance(cell, str) and _says_nothing(cell) and any(map(str.isalpha, cell))


def _results(place: Place, parts: Sequence[_Part], made: _Made) -> Iterator[Result]:
    by_asset: dict[tuple[str, ...], list[_Part]] = defaultdict(list)
    for part in parts:
        by_asset[part.urls].append(part)
    told_by_asset = {urls: _without_sums(some, made) for urls, some in by_asset.items()}
    rows = {urls: made.row(place, some) for urls, some in told_by_asset.items()}
    made.tell_currencies(place, told_by_asset.values())
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


def _without_sums(parts: Sequence[_Part], made: _Made) -> Sequence[_Part]:
    """Without the lines that say they are of all parts, where one of them is the sum of these; notes those."""
    breadths = {part.breadth for part in parts}
    widest = "all" if "all" in breadths else "blank"
    wide, rest = ([part for part in parts if (part.breadth == widest) == wanted] for wanted in (True, False))
    sums = {name: sum((part.values.get(name, Decimal(0)) for part in rest), Decimal(0)) for name in _SUMMED}
    if len(rest) < 2 or not any(_is_sum(part, sums) for part in wide):
        return parts
    made.n_sums += len(wide)
    made.sums.extend(part.line for part in wide[: _TOLD - len(made.sums)])
    return rest


def _is_sum(part: _Part, sums: Mapping[str, Decimal]) -> bool:
    said = {name: part.values[name] for name in _SUMMED & part.values.keys()}
    return any(said.values()) and all(sums[name] == value for name, value in said.items())


def _row(place: Place, parts: Sequence[_Part], *, event_id: str, occurred_at: datetime) -> Result:
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


def _currencies(parts: Iterable[_Part]) -> set[str | None]:
    """Of the money of these lines."""
    return {part.currency for part in parts if part.values.keys() & names.MONEY.keys()}


def _campaigns(parts: Iterable[_Part]) -> set[str]:
    return {part.campaign for part in parts if part.campaign}


def _notes(found: _Found) -> Iterator[str]:
    for name, n_values in found.unreadable.items():
        told, of = _first(found.examples[name], n_values), f"{n_values:,} of {many(found.lines, 'line')}"
        yield f"{name}: in {of} nothing can be read, which counts as unknown, not as 0: {told}"
    for name, n_blank in found.blanks.items():
        of = f"{n_blank:,} of {many(found.lines, 'line')}"
        yield f"{name}: {of} have 'N/A' or the like, which counts as unknown, not as 0"
    for (taken, left), n_lines in found.beside.items():
        told = many(n_lines, "line tells its", "lines tell their")
        yield f"{told} money in two columns: {taken!r} is read, {left!r} is not"
    if found.nameless:
        one = "line has no ad's id or address, and is no ad's (a total, say)"
        yield many(found.nameless, one, "lines have no ad's id or address, and are no ad's (totals, say)")
    if found.n_totals:
        told = many(found.n_totals, "line is a total, no ad", "lines are totals, no ads")
        yield f"{told}, and left out: {_first(found.totals, found.n_totals)}"
    if found.n_others:
        told, of = _first(found.others, found.n_others), many(found.n_others, "line")
        yield f"the results of {of} are no conversions, which stay unknown there: {told}"
    if found.n_cut:
        told = many(found.n_cut, "line has", "lines have")
        yield (
            f"{told} more cells than the header has names, so that nobody knows which number is whose; not read: "
            f"line {_first(found.cut, found.n_cut)}. Put numbers such as 1,234 in quotes"
        )
    if found.numberless:
        yield f"{many(found.numberless, 'line has', 'lines have')} no results"
    if found.repeated:
        told = many(found.repeated, "line is", "lines are")
        yield f"{told} wholly the same as others, and their results count once"


def _first(examples: Iterable[object], in_all: int) -> str:
    return ", ".join(map(str, examples)) + (", …" if in_all > _TOLD else "")


def _told_sums(made: _Made) -> Iterator[str]:
    if made.several_campaigns:
        told = many(made.several_campaigns, "row is", "rows are")
        yield f"{told} of several campaigns of one ad, day and place: their numbers are added, and they name none"
    if made.n_sums:
        told = many(made.n_sums, "line is the sum", "lines are the sums")
        yield f"{told} of others of the same ad and day, left out: {_first(made.sums, made.n_sums)}"
    if made.n_future:
        told = many(made.n_future, "row is", "rows are")
        yield f"{told} of days to come, e.g. {made.future}: are day and month as meant?"
    if made.n_dayless:
        told = many(made.n_dayless, "row is", "rows are")
        yield f"{told} without a day, which could not be read: the next list without days takes their place"
    if made.n_clicked:
        told = many(made.n_clicked, "row has", "rows have")
        yield f"{told} more clicks than impressions, e.g. ad {made.clicked}: are the columns as meant?"
    yield from made.notes
    if made.several_currencies > _TOLD_ADS:
        yield f"and {made.several_currencies - _TOLD_ADS} more days and places of ads with several currencies"


def _unread(context: _Context) -> Iterator[str]:
    if context.unread:
        told = ", ".join(context.unread[:_TOLD_COLUMNS]) + (", …" if len(context.unread) > _TOLD_COLUMNS else "")
        yield f"columns of numbers that are no results by their names, and were not read as such: {told}"

    if context.unread_days:
        told = ", ".join(context.unread_days[:_TOLD_COLUMNS])
        yield (
            f"no column is of days by its name, and these look like it: {told}. Call one of them 'day' to have results "
            "by day; without, they are of no day, and take the place of what was brought in before"
        )


def _unknown_currency(made: _Made, context: _Context) -> Iterator[str]:
    if not made.has_unknown_money:
        return
    beside = (
        "'$' is several currencies, and nothing tells which"
        if context.has_dollars
        else "nothing tells the currency of its money"
    )
    yield f"{beside}: --currency says it (USD, EUR, …); until then it is added to no other"
