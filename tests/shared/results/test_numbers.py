"""Numbers and days as exports write them, held against another library's writing of them."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from babel import numbers as written
from babel.dates import format_date
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.columns import DayOrder, Exact
from shared.results import names, numbers
from shared.results.numbers import Number, UnreadableError

LOCALES = {
    "en_US": ".",
    "de_DE": ",",
    "fr_FR": ",",
    "de_CH": ".",
    "en_IN": ".",
    "pt_BR": ",",
    "sv_SE": ",",
    "ja_JP": ".",
}


@given(
    locale=st.sampled_from(sorted(LOCALES)),
    value=st.decimals(min_value=0, max_value=10**12, places=2, allow_nan=False),
)
def test_what_another_library_writes_is_read_as_it_was(locale: str, value: Decimal) -> None:
    text = written.format_decimal(value, locale=locale, format="#,##0.00", decimal_quantization=False)

    assert numbers.number(text, None) == Number(value)


@given(locale=st.sampled_from(["en_US", "de_DE", "fr_FR", "de_CH", "pt_BR"]), value=st.integers(0, 10**15 - 1))
def test_counts_with_thousands_apart_are_whole(locale: str, value: int) -> None:
    text = written.format_decimal(value, locale=locale)

    assert numbers.number(text, None, whole=True).value == value


@pytest.mark.parametrize("code", ["EUR", "GBP", "INR", "BRL", "PLN", "CHF", "CAD"])
@pytest.mark.parametrize("locale", ["en_US", "de_DE", "fr_FR", "pl_PL", "pt_BR"])
def test_money_tells_its_currency(code: str, locale: str) -> None:
    text = written.format_currency(Decimal("1234.5"), code, locale=locale)

    assert numbers.number(text, None) == Number(Decimal("1234.5"), code)


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("12 %", "0.12", None),
        ("12,5 %", "0.125", None),
        ("$3.99", "3.99", None),  # of which country?
        ("US$3.99", "3.99", "USD"),
        ("3.99 usd", "3.99", "USD"),
        ("0.125", "0.125", None),
        (".5", "0.5", None),
        ("1'234.50", "1234.5", None),
        ("１２３", "123", None),
        ("+7", "7", None),
        (Exact("1.234"), "1.234", None),
        (Exact("1e-07"), "1e-7", None),
        (12, "12", None),
        (0.1, "0.1", None),
    ],
)
def test_a_cell_is_read(text: object, value: str, currency: str | None) -> None:
    found = numbers.number(text, None)

    assert (found.value, found.currency, found.is_share) == (Decimal(value), currency, "%" in str(text))


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "12x", "1.2K", "1,23,4", "1.234", "-3", "--5", "1,2,3.4.5", "12 % €", "∞", "1e", "3–4", "1.000.00"),
        *(True, None, [1], float("nan"), float("inf"), "9" * 19),
    ],
)
def test_what_is_no_number_or_could_be_two_is_refused(text: object) -> None:
    with pytest.raises(UnreadableError):
        numbers.number(text, None)


def mark(*cells: str) -> numbers.Mark | None:
    return numbers.only_mark(told for cell in cells if (told := numbers.mark_told(cell)))


@pytest.mark.parametrize(
    ("text", "mark", "money_of", "value"),
    [
        ("12,345", None, "JPY", "12345"),
        ("₩1.234", None, None, "1234"),
        ("12,345.60", None, "JPY", "12345.60"),
        ("12,345", ",", "EUR", "12.345"),
        ("1e4", None, None, "10000"),
        ("1.2E+06", None, "EUR", "1200000"),
        ("1,2E+06", ",", None, "1200000"),
        ("€2.5e-3", None, None, "0.0025"),
    ],
)
def test_what_else_is_known_tells_which_number_it_is(
    text: str, mark: numbers.Mark | None, money_of: str | None, value: str
) -> None:
    assert numbers.number(text, mark, money_of=money_of).value == Decimal(value)


@pytest.mark.parametrize("text", ["1.234e4", "1e", "e4", "1e99", "1e400000000"])
def test_an_exponent_is_none_or_beyond_reason(text: str) -> None:
    with pytest.raises(UnreadableError):
        numbers.number(text, None)


def test_a_count_tells_the_sign_of_all_fractions() -> None:
    assert numbers.mark_told("1,234", whole=True) == "."
    assert numbers.mark_told("1.234", whole=True) == ","
    assert numbers.mark_told("1234", whole=True) is None
    assert numbers.mark_told("1,2345", whole=True) == ","


def test_other_numbers_of_the_list_tell_what_could_be_two() -> None:
    german, english = mark("1.234", "7,5"), mark("1.234", "7.5")

    assert numbers.number("1.234", german).value == 1234
    assert numbers.number("1.234", english).value == Decimal("1.234")
    assert mark("7,5", "7.5") is None
    assert mark("1,234,567") == "."


@pytest.mark.parametrize("text", ["1.5", "2,25", "0.001"])
def test_a_count_is_whole(text: str) -> None:
    with pytest.raises(UnreadableError):
        numbers.number(text, None, whole=True)


@given(day=st.dates(min_value=date(2000, 1, 1), max_value=date(2099, 12, 31)))
@pytest.mark.parametrize(
    ("locale", "form", "order"),
    [
        ("de_DE", "dd.MM.yyyy", "dmy"),
        ("en_US", "M/d/yyyy", "mdy"),
        ("en_US", "MMM d, yyyy", None),
        ("en_US", "EEE, MMM d, yyyy", None),
        ("ja_JP", "y年M月d日", None),
        ("ja_JP", "y年MM月dd日(E)", None),
        ("zh_CN", "y年M月d日", None),
        ("ko_KR", "y년 M월 d일", None),
        ("ko_KR", "y. M. d.", None),
        ("ja_JP", "yyyy/MM/dd", None),
    ],
)
def test_a_day_is_read_as_another_library_writes_it(day: date, locale: str, form: str, order: DayOrder | None) -> None:
    assert numbers.day(format_date(day, form, locale=locale), order) == day


@given(day=st.dates(min_value=date(2010, 1, 1), max_value=date(2049, 12, 31)), others=st.integers(2, 400))
@pytest.mark.parametrize(("locale", "order"), [("de_DE", "dmy"), ("es_ES", "dmy"), ("en_US", "mdy")])
def test_a_year_of_two_digits_is_read_where_the_list_leaves_no_doubt(
    day: date, others: int, locale: str, order: DayOrder
) -> None:
    days = [day + timedelta(days=more) for more in range(others) if day.year == (day + timedelta(days=more)).year]
    cells = [format_date(each, "short", locale=locale) for each in days]
    told = numbers.day_order(cells)

    assert told in (order, None)
    if told:
        assert [numbers.day(each, told) for each in cells] == days
    with pytest.raises(UnreadableError):
        numbers.day(cells[0])


@given(days=st.lists(st.dates(min_value=date(2010, 1, 1), max_value=date(2049, 12, 31)), min_size=1))
def test_a_year_of_two_digits_in_front_is_not_taken_for_a_day(days: list[date]) -> None:
    written = [format_date(each, "yy/MM/dd", locale="ja_JP") for each in sorted(days)]
    told = numbers.day_order(written)

    assume(len({each.year for each in days}) <= len({each.day for each in days}))
    assert told is None


@pytest.mark.parametrize(
    "text",
    [
        *("15-Nov-26", "15-Nov-2026", "15-NOV-26", "15 Nov 26", "15/Nov/2026"),
        *("46341", 46341, "46341.75", "'46341"),
    ],
)
def test_a_day_is_read_as_spreadsheets_write_it(text: object) -> None:
    assert numbers.day(text) == date(2026, 11, 15)


@pytest.mark.parametrize("text", ["46341", 46341, "46341.75"])
def test_a_number_alone_does_not_tell_a_day(text: object) -> None:
    assert not numbers.is_time(text)


@pytest.mark.parametrize(
    "text",
    ["15-Foo-26", "32-Nov-26", "12345", "99999", "03/04/2026", "2026-13-01", "yesterday", "", 20260101.5, "31.02.2026"],
)
def test_what_is_no_day_or_could_be_two_is_refused(text: object) -> None:
    with pytest.raises(UnreadableError):
        numbers.day(text)


@pytest.mark.parametrize(
    ("cell", "length", "first", "last"),
    [
        ("2026-10-26 - 2026-11-01", "day", (10, 26), (11, 1)),
        ("2026-10-26 – 2026-11-01", "week", (10, 26), (11, 1)),
        ("Oct 26, 2026 - Nov 1, 2026", "week", (10, 26), (11, 1)),
        ("26.10.2026 bis 01.11.2026", "week", (10, 26), (11, 1)),
        ("26/10/2026–01/11/2026", "week", (10, 26), (11, 1)),
        ("2026-W44", "week", (10, 26), (11, 1)),
        ("2026-10-26", "week", (10, 26), (11, 1)),
        ("2026-11-02", "day", (11, 2), (11, 2)),
        ("2026-09", "month", (9, 1), (9, 30)),
        ("2026-09-01", "month", (9, 1), (9, 30)),
        ("Sep 2026", "month", (9, 1), (9, 30)),
        ("October 2026", "month", (10, 1), (10, 31)),
        ("09/2026", "month", (9, 1), (9, 30)),
        ("2026年9月", "month", (9, 1), (9, 30)),
    ],
)
def test_a_period_is_from_its_first_day_to_its_last(
    cell: str, length: names.Time, first: tuple[int, int], last: tuple[int, int]
) -> None:
    assert numbers.period(cell, length, "dmy") == (date(2026, *first), date(2026, *last))


@pytest.mark.parametrize("cell", ["2026-11-01 - 2026-10-26", "2026-W54", "2026-13", "Foo 2026", "44", "last week", 7])
def test_what_is_no_period_is_refused(cell: object) -> None:
    for length in names.TIMES:
        with pytest.raises(UnreadableError):
            numbers.period(cell, length)


def test_other_days_of_the_list_tell_which_part_is_the_month() -> None:
    assert numbers.day_order(["03/04/2026", "25/04/2026"]) == "dmy"
    assert numbers.day_order(["03/04/2026", "04/25/2026"]) == "mdy"
    assert numbers.day_order(["03/04/2026"]) is None
    assert numbers.day_order(["03.04.2026"]) == "dmy"
    assert numbers.day_order(["11/15/26", "11/16/26", "12/01/26"]) == "mdy"
    assert numbers.day_order(["15.11.26", "16.11.26"]) == "dmy"
    assert numbers.day_order(["26/11/15", "26/11/16"]) is None


@pytest.mark.timeout(60)
@pytest.mark.parametrize("sign", ["x", "-", ".", "1.", "a ", "1 ", "1-", " to "])
def test_a_cell_full_of_anything_is_read_once(sign: str) -> None:
    """A quarter of a mebibyte: what goes through it for each of its signs ends tomorrow."""
    cell = sign * (2**18 // len(sign)) + "x"

    assert not numbers.is_number(cell)
    assert not numbers.is_time(cell)
    with pytest.raises(UnreadableError):
        numbers.period(cell, "day")
