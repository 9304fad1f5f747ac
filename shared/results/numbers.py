"""Numbers and days as exports write them: `1,234.50`, `1.234,50 €`, `12 %`, `1.25E-7` of a spreadsheet, `26.11.2026`.

What can be read in two ways is not guessed: `1.234` is a number only once the list's other numbers have told which
sign is the decimal one.
"""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from shared.columns import DayOrder, Exact
from shared.results import currencies

type Mark = Literal[".", ","]
"""The sign before a number's fraction."""

LARGEST = Decimal(10) ** 15
"""What is as large is no result of an ad."""

_SPACES = re.compile(r"[\s\u00a0\u202f\u2007\u2009'’`´]")
_NUMBER = re.compile(
    r"(?P<before>[^\d+\-.,]*+)(?P<sign>[+-]?)(?P<between>[^\d.,]*+)(?P<digits>[\d.,]++)"
    r"(?P<exponent>[eE][+-]?\d{1,2})?(?P<after>[^\d]*)"
)
_DIGITS = re.compile(r"[0-9.,]+")
_POINT_ALONE = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_GROUPED: Mapping[str, re.Pattern[str]] = {
    ",": re.compile(r"\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2})*,\d{3}"),  # in India 12,34,567
    ".": re.compile(r"\d{1,3}(?:\.\d{3})+"),
}
_SERIAL_DAY = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*")
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_THREE = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4}|(?<=[./])\d{2})")
_WORDED = re.compile(
    r"(?:[A-Za-z]{3,9}\.?, +)?(?:(\d{1,2})[. ]+([A-Za-z]{3,9})\.?|([A-Za-z]{3,9})\.? +(\d{1,2})),? +(\d{4})"
)
_EAST_ASIAN = re.compile(r"(\d{4})(?:年|년|\. ) ?(\d{1,2})(?:月|월|\. ) ?(\d{1,2})(?:日|일|\.)?(?: ?[(（].[)）])?")
_RANGE = re.compile(r"(\S.*?\S)\s*(?: [-–—~] |[–—~～]|\s(?:to|bis|until|au|al)\s)\s*(\S.*\S)")
_MONTH = re.compile(r"(\d{4})[-/.年](\d{1,2})月?|(\d{1,2})[/.](\d{4})|([A-Za-z]{3,9})\.?[ -](\d{4})")
_WEEK = re.compile(r"(\d{4})-?W(\d{1,2})")
_OF_EXCEL = re.compile(r"(\d{1,2})[-/ ]([A-Za-z]{3})[-/ ](\d{4}|\d{2})")
_SERIAL = re.compile(r"([345]\d{4})(?:\.\d+)?")
_SERIAL_START = date(1899, 12, 30)
_PERIOD = re.compile(r"\d{4}-(?:0[1-9]|1[0-2]|W\d{1,2})")
_LONGEST_DAY = 40
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


class UnreadableError(ValueError):
    """Text that is no number, or could be several."""


@dataclass(frozen=True)
class Number:
    """What a cell says.

    Attributes:
        value: not less than 0; of a percentage its hundredth.
        currency: that stands beside it.
        is_share: whether it is a percentage.
    """

    value: Decimal
    currency: str | None = None
    is_share: bool = False


def only_mark(marks: Iterable[Mark]) -> Mark | None:
    """The sign before fractions of a list, where its numbers do not contradict each other."""
    told = set(marks)
    return told.pop() if len(told) == 1 else None


def mark_told(cell: str, *, whole: bool = False) -> Mark | None:
    """The sign before fractions, where a number tells it beyond doubt; `1,234` of what is `whole` does."""
    if isinstance(cell, Exact):
        return None
    found = None if _DIGITS.fullmatch(cell) else _NUMBER.fullmatch(_plain(cell))
    digits = cell if _DIGITS.fullmatch(cell) else found["digits"] if found else ""
    return _mark_of(digits) or (_other(_only_sign(digits)) if whole and _is_grouped(digits) else None)


def number(cell: object, mark: Mark | None, *, whole: bool = False, money_of: str | None = None) -> Number:
    """The number that a cell holds.

    Args:
        cell: as it stands in the list.
        mark: the list's sign before fractions, None where it is not known.
        whole: whether only a whole number makes sense, so that `1.234` cannot be a little more than one.
        money_of: the currency, where it is money: `1,234` yen are more than a thousand.

    Raises:
        UnreadableError: where it is none, several, less than nothing, or beyond reason.
    """
    found = _read(cell, mark, money_of, whole=whole)
    if not 0 <= found.value < LARGEST:
        raise UnreadableError("less than 0, or 10^15 and more")
    if whole and found.value != found.value.to_integral_value():
        raise UnreadableError("not a whole number")
    return found


def is_number(cell: object) -> bool:
    """Whether a cell holds a number, whichever sign its fraction comes after."""
    try:
        number(cell, ".")
    except UnreadableError:
        return False
    return True


def _read(cell: object, mark: Mark | None, money_of: str | None, *, whole: bool) -> Number:
    if isinstance(cell, bool) or not isinstance(cell, int | float | Decimal | str):
        raise UnreadableError("not a number")
    if not isinstance(cell, str) or isinstance(cell, Exact):
        return Number(_exact(str(cell)))
    if _DIGITS.fullmatch(cell):
        return Number(_digits(cell, mark, whole=whole or money_of in currencies.WITHOUT_FRACTION))
    found = _NUMBER.fullmatch(_plain(cell))
    if not found:
        raise UnreadableError("not a number")
    around = (found["before"], found["between"], found["after"])
    currency, is_share = _around(around)
    is_whole = whole or (currency or money_of) in currencies.WITHOUT_FRACTION
    value = _digits(found["digits"], mark, whole=is_whole and not found["exponent"])
    value *= 10 ** Decimal((found["exponent"] or "e0")[1:])
    return Number((-value if found["sign"] == "-" else value) / (100 if is_share else 1), currency, is_share)


def _exact(text: str) -> Decimal:
    if not _POINT_ALONE.fullmatch(text):
        raise UnreadableError("not a number")  # NaN, or an infinity
    return Decimal(text)


def _plain(text: str) -> str:
    """Without spaces and apostrophes between digits, and with digits of any script as 0 to 9."""
    joined = _SPACES.sub("", unicodedata.normalize("NFKC", text)).replace("−", "-").replace("٫", ".").replace("٬", ",")
    return "".join(str(unicodedata.digit(sign)) if sign.isdecimal() else sign for sign in joined)


def _around(parts: Iterable[str]) -> tuple[str | None, bool]:
    """The currency beside a number, and whether it is a percentage."""
    said = [part for part in parts if part]
    shares = [part for part in said if part in ("%", "٪")]
    rest = [part for part in said if part not in ("%", "٪")]
    if len(shares) > 1 or len(rest) > 1 or (shares and rest):
        raise UnreadableError("not a number")
    if not rest:
        return None, bool(shares)
    if not currencies.is_known(rest[0]):
        raise UnreadableError("not a number")
    return currencies.of(rest[0]), False


def _digits(text: str, mark: Mark | None, *, whole: bool) -> Decimal:
    if text.isdecimal():
        return Decimal(text)
    own = _mark_of(text)
    if own is None and mark is None and not whole:
        raise UnreadableError("either thousands or a fraction: nothing in the list tells which")
    chosen = own or mark or _other(_only_sign(text))
    whole_part, found, fraction = text.rpartition(chosen)
    if not found:
        whole_part, fraction = text, ""
    grouping = _other(chosen)
    grouped = whole_part.isdecimal() or _GROUPED[grouping].fullmatch(whole_part) or (whole_part == "" and fraction)
    if not grouped or not (fraction.isdecimal() or (fraction == "" and not found)):
        raise UnreadableError("its thousands are not set apart as such")
    return Decimal(f"{whole_part.replace(grouping, '') or '0'}.{fraction or '0'}")


def _mark_of(text: str) -> Mark | None:
    """The sign before the fraction of these digits, where they leave no doubt."""
    signs = [sign for sign in text if sign in ".,"]
    if not signs:
        return None
    last = _as_mark(signs[-1])
    if len(set(signs)) == 2:
        return last if signs.count(last) == 1 else None
    if len(signs) > 1:
        return _other(last)
    before, _, after = text.partition(last)
    return None if len(after) == 3 and 1 <= len(before) <= 3 and not before.startswith("0") else last


def _is_grouped(text: str) -> bool:
    """Whether all that stands between the digits sets thousands apart, if it does not stand before a fraction."""
    return any(grouped.fullmatch(text) for grouped in _GROUPED.values())


def _only_sign(text: str) -> Mark:
    return "." if "." in text else ","


def _as_mark(sign: str) -> Mark:
    return "." if sign == "." else ","


def _other(mark: Mark) -> Mark:
    return "," if mark == "." else "."


def is_undecided(cell: str) -> bool:
    """Whether it is a day such as 03/04/2026, which says by itself alone not what comes first."""
    return _THREE.fullmatch(_unmarked(cell)) is not None


def _unmarked(cell: str) -> str:
    """Without the apostrophe that says to a spreadsheet that text follows."""
    return cell.strip().removeprefix("'").lstrip()


def day(cell: object, order: DayOrder | None = None) -> date:
    """The day that a cell holds.

    Args:
        cell: as it stands in the list.
        order: of days such as 03/04/2026, where other lines tell it.

    Raises:
        UnreadableError: where it is none, or could be two.
    """
    text = _unmarked(str(cell)) if isinstance(cell, str | int | date) and not isinstance(cell, bool) else ""
    if _SERIAL_DAY.fullmatch(text):
        text = text[:10]
    try:
        return (_day_again if len(text) <= _LONGEST_DAY else _day)(text, order)
    except ValueError as error:
        raise UnreadableError(str(error)) from error


def period(cell: object, length: Literal["day", "week", "month"], order: DayOrder | None = None) -> tuple[date, date]:
    """The first and the last day that a cell names: `2026-11-02`, `2026-10-26 - 2026-11-01`, `2026-W44`, `Sep 2026`.

    Args:
        cell: as it stands in the list.
        length: what its column tells; a day alone is the first of a week, and of a month one of its days.
        order: as for `day`.

    Raises:
        UnreadableError: where it is none, or could be two.
    """
    text = _unmarked(cell) if isinstance(cell, str) else ""
    if len(ends := days_in(text)) > 1:
        first, last = (day(each, order) for each in ends)
        if last < first:
            raise UnreadableError("it ends before it begins")
        return first, last
    try:
        if found := _WEEK.fullmatch(text):
            first = date.fromisocalendar(int(found[1]), int(found[2]), 1)
            return first, first + timedelta(days=6)
        if length != "day" and (found := _MONTH.fullmatch(text)):
            return _whole_month(date(int(found[1] or found[4] or found[6]), _month(found), 1))
    except ValueError as error:
        raise UnreadableError(str(error)) from error
    first = day(cell, order)
    if length == "month":
        return _whole_month(first)
    return first, first + timedelta(days=6 if length == "week" else 0)


def days_in(cell: str) -> tuple[str, ...]:
    """The ends of a range, or the cell."""
    found = _RANGE.fullmatch(_unmarked(cell))
    return (found[1], found[2]) if found else (cell,)


def _month(found: re.Match[str]) -> int:
    return int(found[2] or found[3] or 0) or _MONTHS.index(found[5][:3].lower()) + 1


def _whole_month(day: date) -> tuple[date, date]:
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


def is_time(cell: object) -> bool:
    """Whether a cell holds a day, a month (2026-10) or a week (2026-W40), and no mere number."""
    if isinstance(cell, str) and _PERIOD.fullmatch(cell.strip()):
        return True
    if isinstance(cell, int) or (isinstance(cell, str) and (cell.strip().isdecimal() or _SERIAL.fullmatch(cell))):
        return False
    return _is_day(cell, "dmy") or _is_day(cell, "mdy")


def _is_day(cell: object, order: DayOrder) -> bool:
    try:
        day(cell, order)
    except UnreadableError:
        return False
    return True


def day_order(cells: Iterable[object]) -> DayOrder | None:
    """Whether day or month comes first in days such as 03/04/2026, where some of them leave no doubt.

    Of 15/11/26, the last number is the year only where it changes less than the first.
    """
    found = [each for cell in cells if isinstance(cell, str) and (each := _THREE.fullmatch(_unmarked(cell)))]
    first, second = ([int(each[part]) for each in found] for part in (1, 3))
    day_first, month_first = max(first, default=0) > 12, max(second, default=0) > 12
    if not month_first and any(len(each[4]) == 2 for each in found) and _may_begin_with_years(found):
        return None
    if day_first != month_first:
        return "dmy" if day_first else "mdy"
    dotted = bool(found) and all(each[2] == "." for each in found)  # nobody writes the month first with dots
    return "dmy" if dotted and not month_first else None


def _may_begin_with_years(days: Sequence[re.Match[str]]) -> bool:
    """Whether days such as 26/11/15 change no more in their first number than in their last, or end in no year."""
    years = {each[4] for each in days}
    return len({each[1] for each in days}) <= len(years) or not all(map(_is_year, years))


def _is_year(digits: str) -> bool:
    """Whether so many digits are a year that anybody reports on."""
    return len(digits) == 4 or "10" <= digits <= "49"


def _day(text: str, order: DayOrder | None) -> date:
    if found := _ISO.fullmatch(text) or _COMPACT.fullmatch(text) or _EAST_ASIAN.fullmatch(text):
        return date(int(found[1]), int(found[2]), int(found[3]))
    if found := _WORDED.fullmatch(text):
        month = _MONTHS.index((found[2] or found[3])[:3].lower()) + 1
        return date(int(found[5]), month, int(found[1] or found[4]))
    if found := _OF_EXCEL.fullmatch(text):
        year = int(found[3]) + (2000 if len(found[3]) == 2 else 0)
        return date(year, _MONTHS.index(found[2].lower()) + 1, int(found[1]))
    if found := _SERIAL.fullmatch(text):
        return _SERIAL_START + timedelta(days=int(found[1]))  # as spreadsheets count days: 1982 to 2064
    found = _THREE.fullmatch(text)
    if not found or not _is_year(found[4]):
        raise UnreadableError("not a day")
    is_short = len(found[4]) == 2
    first, second, year = int(found[1]), int(found[3]), int(found[4]) + (2000 if is_short else 0)
    if order is None and (first != second or is_short):
        raise UnreadableError("a day and a month, and nothing in the list tells which is which: --date-order says it")
    return date(year, first, second) if order == "mdy" else date(year, second, first)


_day_again = lru_cache(maxsize=1000)(_day)
"""Lists have few days, each many times."""
