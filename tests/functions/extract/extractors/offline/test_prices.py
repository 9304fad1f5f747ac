"""Money is found in text as many languages write it, and parsed back to what was meant."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.extract.extractors.offline import prices


def found(text: str) -> list[tuple[str, str | None]]:
    return [(str(money.amount), money.currency) for money in prices.find(text)]


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("1.299,00 €", "1299.00", "EUR"),
        ("1 299 €", "1299", "EUR"),
        ("1\u202f299,50\u00a0€", "1299.50", "EUR"),
        ("1'299.00 CHF", "1299.00", "CHF"),
        ("CHF 1’299.–", "1299", "CHF"),
        ("£5", "5", "GBP"),
        ("£1,299.00", "1299.00", "GBP"),
        ("€ 49,-", "49", "EUR"),
        ("5,– €", "5", "EUR"),
        ("19€99", "19.99", "EUR"),
        ("nur 79,95€!", "79.95", "EUR"),
        ("dès149 €", "149", "EUR"),
        ("R$ 1.234,56", "1234.56", "BRL"),
        ("US$ 19.99", "19.99", "USD"),
        ("C$12", "12", "CAD"),
        ("EUR 25", "25", "EUR"),
        ("25 euros", "25", "EUR"),
        ("12,5 €", "12.5", "EUR"),
        ("99p", "0.99", "GBP"),
        ("79 ct", "0.79", "EUR"),
        ("249 zł", "249", "PLN"),
        ("1.990 Kč", "1990", "CZK"),
        ("1.234.567,00 €", "1234567.00", "EUR"),
        ("Rs. 749", "749", "INR"),
        ("Rs 1,599/-", "1599", "INR"),
        ("2,480円(税込)", "2480", "JPY"),
        ("特価3万5,000円", "35000", "JPY"),
        ("1.5万円", "15000", "JPY"),
        ("SAR 249", "249", "SAR"),
        ("349 SAR", "349", "SAR"),
        ("6 490 Ft", "6490", "HUF"),
        ("129:-", "129", "SEK"),
        ("1 495:-", "1495", "SEK"),
        ("12 995 kronor", "12995", "SEK"),
        ("24,90 lira", "24.90", "TRY"),
        ("1 290 korun", "1290", "CZK"),
        ("49 złotych", "49", "PLN"),
        ("459,90 TL", "459.90", "TRY"),
        ("39,99 zł", "39.99", "PLN"),
        ("R1,899", "1899", "ZAR"),
        ("R 89.99", "89.99", "ZAR"),
        ("US $24.50", "24.50", "USD"),
        ("RM 59.90", "59.90", "MYR"),
        ("Rp 75.000", "75000", "IDR"),
        ("NT$ 1,290", "1290", "TWD"),
        ("S/ 89.90", "89.90", "PEN"),
        ("TRY 249", "249", "TRY"),
        ("3⁴⁹ €", "3.49", "EUR"),
        ("49€⁹⁹", "49.99", "EUR"),
        ("€ 7⁹⁵", "7.95", "EUR"),
        ("149 lei", "149", "RON"),
        ("₱2,199", "2199", "PHP"),
        ("TL 1.299,90", "1299.90", "TRY"),
        ("Kč 1 299", "1299", "CZK"),
        ("Lei 99,90", "99.90", "RON"),
        ("19,900원", "19900", "KRW"),
        ("лв 12", "12", "BGN"),
        ("R1 299,90", "1299.90", "ZAR"),
        ("₫199.000", "199000", "VND"),
    ],
)
def test_money_is_read_as_it_is_written(text: str, amount: str, currency: str) -> None:
    assert found(text) == [(amount, currency)]


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("Leve 3 Pague 2\nR$ 1.299,90 à vista", "1299.90", "BRL"),
        ("Nimm 3, zahl 2\n€ 1.299,90", "1299.90", "EUR"),
        ("3 pour 2\n€49,90 le lot", "49.90", "EUR"),
        ("Buy 3 for 2\n£ 15", "15", "GBP"),
        ("Kup 3 zapłać za 2\nPLN 49", "49", "PLN"),
        ("49,90\n€", "49.90", "EUR"),
    ],
)
def test_a_sign_that_begins_a_line_is_of_the_number_after_it(text: str, amount: str, currency: str) -> None:
    assert found(text) == [(amount, currency)]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("Nu 399,-", "399"),
        ("nur 39,–", "39"),
        ("1 299,-", "1299"),
        ("1.299,-", "1299"),
        ("ab 5,-*", "5"),
        ("49.–", "49"),
        ("5,-/Stk", "5"),
        ("12.995 kroner", "12995"),
    ],
)
def test_an_amount_with_a_dash_for_cents_is_money_of_some_currency(text: str, amount: str) -> None:
    assert found(text) == [(amount, None)]


@pytest.mark.parametrize("text", ["$19.99", "19,99 $", "¥1200", "199 kr", "99¢", "税込¥2,200", "￥5,500", "$.79"])
def test_a_sign_of_several_currencies_names_none(text: str) -> None:
    [(_, currency)] = found(text)

    assert currency is None


@pytest.mark.parametrize(
    "text",
    [
        "20% OFF",
        "iPhone 17 Pro",
        "1080p",
        "24/7",
        "3x2",
        "since 1999",
        "12.11.2026",
        "100% cotton",
        "0800 123 456",
        "5 kg",
        "€",
        "$",
        "eurostar 300",
        "3 centres",
        "Try 3 months",
        "TRY 2 WEEKS",
        "10 pen set",
        "Mad 4 it",
        "8 ft ladder",
        "120 ft garden hose",
        "2 TL Zucker",
        "Audi RS 3",
        "R2 D2",
        "rm 12 files",
        "5 km",
        "120 km/h",
        "da 3",
        "KWD 1.250",
        "NUR 15.000 KM",
        "Parmigiano Reggiano DOP 24 mesi",
        "AMD 7600 Prozessor",
        "CRC 5-56",
        "Bob 5",
        "solo per lei. 19 rose",
        "von 10.-15. Mai",
        "8.- 11. Juni",
        "10.–12.5.",
        "Seit 1990.-",
        "12,-15",
    ],
)
def test_other_numbers_are_no_money(text: str) -> None:
    assert found(text) == []


def test_each_amount_is_found_where_it_stands() -> None:
    text = "Statt 29,99 € jetzt nur 19,99 €"

    amounts = [text[money.start : money.end] for money in prices.find(text)]

    assert amounts == ["29,99 €", "19,99 €"]


def grouped(whole: int, separator: str) -> str:
    return f"{whole:,}".replace(",", separator)


# How each locale writes whole and cents.
LOCALES: dict[str, Callable[[int, int], str]] = {
    "en": lambda whole, cents: f"{grouped(whole, ',')}.{cents:02}",
    "de": lambda whole, cents: f"{grouped(whole, '.')},{cents:02}",
    "fr": lambda whole, cents: f"{grouped(whole, chr(0x202F))},{cents:02}",
    "ch": lambda whole, cents: f"{grouped(whole, '’')}.{cents:02}",
    "plain": lambda whole, cents: f"{whole},{cents:02}",
}


@given(
    locale=st.sampled_from(sorted(LOCALES)),
    whole=st.integers(0, 9_999_999),
    cents=st.integers(0, 99),
    sign=st.sampled_from(["€", "£", "R$", "US$", "CHF", "EUR"]),
    before=st.booleans(),
    space=st.sampled_from(["", " ", "\u00a0"]),
    lead=st.sampled_from(["", "nur ", "à partir de ", "only "]),
)
def test_what_a_locale_writes_is_read_back(
    locale: str, whole: int, cents: int, sign: str, before: bool, space: str, lead: str
) -> None:
    number = LOCALES[locale](whole, cents)
    written = f"{sign}{space}{number}" if before else f"{number}{space}{sign}"

    [money] = prices.find(lead + written)

    assert money.amount == Decimal(f"{whole}.{cents:02}")
    assert money.currency == prices.CURRENCIES[sign.lower()]


@given(whole=st.integers(1_000, 9_999_999), separator=st.sampled_from([".", ",", " ", "'", "\u202f"]))
def test_grouped_thousands_without_cents_are_whole(whole: int, separator: str) -> None:
    [money] = prices.find(f"{grouped(whole, separator)} €")

    assert money.amount == whole


@given(st.text(alphabet="0123456789.,' €$£%-–ab", max_size=60))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    for money in prices.find(text):
        assert money.amount >= 0
        assert 0 <= money.start < money.end <= len(text)


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("only ₹1,49,999", "149999", "INR"),
        ("INR 12,49,000", "1249000", "INR"),
        ("CAD $79", "79", "CAD"),
        ("$59.90 AUD", "59.90", "AUD"),
    ],
)
def test_lakhs_and_the_dollars_of_many_countries(text: str, amount: str, currency: str) -> None:
    [money] = prices.find(text)

    assert (str(money.amount), money.currency) == (amount, currency)


WHOLE_NOWHERE = [
    "3 49 €",
    "$1,2,3",
    "₹1,0,000",
    "€ 3⁹",
    "5²⁵⁰ €",
    "¥3億",
    "$9 .99",
    "€ 4 ,49",
    "49, 99 €",
    "49.\n99 €",
    "49.”9 €",
    "89 €1",
]
WHOLE_NOWHERE += ["US$1.2M", "£5 million", "Win $20K", "€ 3 Mio.", "₹ 2 lakh", "₽ 5 млн", "$1.5bn"]


@pytest.mark.parametrize("text", ["R17 225/45", "Michelin R17 225 now", "R19 245/40 ZR", "R 16 205", "225/45 R17 94W"])
def test_a_tyre_is_no_price(text: str) -> None:
    assert prices.find(text) == []
    assert [money.amount for money in prices.find(f"{text}. R1 899,00")] == [Decimal(1899)]


@pytest.mark.parametrize("text", WHOLE_NOWHERE)
def test_a_price_that_is_not_whole_is_none(text: str) -> None:
    assert prices.find(text) == []
