"""The lines of a list of results, put by their places as they are read, with what is to be told of them."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from shared.counting import many
from shared.results.kept import Parts
from shared.results.lines import SUMMED, Days, Part, Place, place_of

TOLD = 3
"""Examples of what cannot be read."""


@dataclass
class Found:
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
        if self.unreadable[name] <= TOLD:
            self.examples[name].append(told)

    def leave_cut(self, number: int) -> None:
        """Counts a line that has more cells than there are names, and keeps the first as examples."""
        self.n_cut += 1
        if self.n_cut <= TOLD:
            self.cut.append(number)

    def total(self, told: str) -> None:
        """Counts a line of a total, and keeps the first as examples."""
        self.n_totals += 1
        if self.n_totals <= TOLD:
            self.totals.append(told)

    def other(self, told: str) -> None:
        """Counts a line whose results are no conversions, and keeps the first as examples."""
        self.n_others += 1
        if self.n_others <= TOLD:
            self.others.append(told)

    def add(self, place: Place, part: Part) -> None:
        """Keeps what a line says of a place, and what all lines of its days come to."""
        self.parts.add(json.dumps(place, default=str), part.text())
        summed = {name: part.values[name] for name in SUMMED & part.values.keys()}
        for days in (None, place[1:3]):
            so_far = self.sums.setdefault(days, {})
            for name, value in summed.items():
                so_far[name] = so_far.get(name, Decimal(0)) + value

    def tell_totals(self) -> None:
        """Of the lines with a label of totals and a day, those that are the sums of others; the rest are an ad's."""
        sums = {days: dict(values) for days, values in self.sums.items()}
        for text, some in self.labelled.by_place():
            place, parts = place_of(text), [Part.of(part) for part in some]
            for part in parts:
                said = {name: part.values[name] for name in SUMMED & part.values.keys()}
                if any(said.values()) and any(
                    said == {name: sums.get(days, {}).get(name) for name in said} for days in (None, place[1:3])
                ):
                    self.total(f"{place[0]!r} in line {part.line}")
                else:
                    self.add(place, part)

    def notes(self) -> Iterator[str]:
        """What is told of lines, in sentences."""
        for name, n_values in self.unreadable.items():
            told, of = first_of(self.examples[name], n_values), f"{n_values:,} of {many(self.lines, 'line')}"
            yield f"{name}: in {of} nothing can be read, which counts as unknown, not as 0: {told}"
        for name, n_blank in self.blanks.items():
            of = f"{n_blank:,} of {many(self.lines, 'line')}"
            yield f"{name}: {of} have 'N/A' or the like, which counts as unknown, not as 0"
        for (taken, left), n_lines in self.beside.items():
            told = many(n_lines, "line tells its", "lines tell their")
            yield f"{told} money in two columns: {taken!r} is read, {left!r} is not"
        if self.nameless:
            one = "line has no ad's id or address, and is no ad's (a total, say)"
            yield many(self.nameless, one, "lines have no ad's id or address, and are no ad's (totals, say)")
        if self.n_totals:
            told = many(self.n_totals, "line is a total, no ad", "lines are totals, no ads")
            yield f"{told}, and left out: {first_of(self.totals, self.n_totals)}"
        if self.n_others:
            told, of = first_of(self.others, self.n_others), many(self.n_others, "line")
            yield f"the results of {of} are no conversions, which stay unknown there: {told}"
        if self.n_cut:
            told = many(self.n_cut, "line has", "lines have")
            yield (
                f"{told} more cells than the header has names, so that nobody knows which number is whose; not read: "
                f"line {first_of(self.cut, self.n_cut)}. Put numbers such as 1,234 in quotes"
            )
        if self.numberless:
            yield f"{many(self.numberless, 'line has', 'lines have')} no results"
        if self.repeated:
            told = many(self.repeated, "line is", "lines are")
            yield f"{told} wholly the same as others, and their results count once"


def first_of(examples: Iterable[object], in_all: int) -> str:
    """Examples in a line, with a sign where there are more."""
    return ", ".join(map(str, examples)) + (", …" if in_all > TOLD else "")
