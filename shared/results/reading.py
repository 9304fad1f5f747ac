"""The results that a list of ads holds: its lines as `Result` events, one for each ad, day and place.

Every line counts. Lines of the same ad, day and place are parts of it, by age or device for instance, and are added; a
line that is wholly the same as another counts once, and so do the numbers of an ad that stand beside each of its
creatives. What cannot be read is named, and makes the sum that it belongs to unknown.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from shared.batches import MAX_AD_ID_CHARS, name_of_url
from shared.columns import DayOrder
from shared.lists.cells import COLONS
from shared.lists.model import Line
from shared.results import names
from shared.results.cells import says_nothing
from shared.results.context import Context
from shared.results.found import Found
from shared.results.kept import Results
from shared.results.lines import Part, ReadLine, place_of
from shared.results.nested import flat
from shared.results.rows import Rows

_DAYS = frozenset(("day", "last_day"))


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
    context = Context.of((flat(line.extra) for line in lines), currency, order)
    kept = Results() if rows is None else rows
    if context is None:
        return Reading(kept)
    found, made = Found(), Rows()
    for line in lines:
        found.lines += 1
        if line.is_cut:
            found.leave_cut(line.number)
        else:
            _take(line, flat(line.extra), context, found)
    found.tell_totals()
    for text, texts in found.parts.by_place():
        place, parts = place_of(text), [Part.of(part) for part in texts]
        for row in made.of(place, parts):
            kept.add(row)
    notes = (*_unknown_currency(made, context), *found.notes(), *made.notes(), *context.notes())
    return Reading(kept, found.lines, notes)


def _take(line: Line, row: Mapping[str, object], context: Context, found: Found) -> None:
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
        told = ReadLine(line, row, context)
        place, part = told.place(ad_id[-MAX_AD_ID_CHARS:]), told.part()
        if not part.values and (part.unreadable <= _DAYS or _is_note(line, row)):
            found.numberless += 1
            return
        found.blanks.update(told.blanks)
        for name, value, why in told.faults:
            found.fault(name, f"{value!r} in line {line.number} ({why})")
        if told.beside:
            found.beside[told.beside] += 1
        if told.other is not None:
            found.other(f"{told.other[:60]!r} in line {line.number}")
        if is_labelled:
            found.labelled.add(json.dumps(place, default=str), part.text())
        else:
            found.add(place, part)


def _is_note(line: Line, row: Mapping[str, object]) -> bool:
    """Whether a line without numbers is no ad's, but said of the list: words, and one cell beside them at most."""
    name = line.ad_id or ""
    filled = [str(cell) for cell in row.values() if not says_nothing(cell)]
    return not line.urls and " " in name and len(filled) < 2 and (len(row) > 1 or " " in "".join(filled).strip())


def _unknown_currency(made: Rows, context: Context) -> Iterator[str]:
    if not made.has_unknown_money:
        return
    beside = (
        "'$' is several currencies, and nothing tells which"
        if context.has_dollars
        else "nothing tells the currency of its money"
    )
    yield f"{beside}: --currency says it (USD, EUR, …); until then it is added to no other"
