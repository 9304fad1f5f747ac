"""A quotation is found as readers read, and not where another word or another number stands."""

import string
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.verify.matching import MOST_SIGNS, Words
from shared.media.ocr import Line


def words(*lines: str, score: float = 0.97) -> Words:
    """Lines that were read one below the other."""
    return Words([Line(text, 10, 30 * row, 400, 30 * row + 24, score) for row, text in enumerate(lines)])


AD = ("Summer dresses for every day", "Up to 50% OFF", "now only 19,90 €", "was 39,90 €", "Shop now")


@pytest.mark.parametrize(
    ("quote", "read"),
    [
        ("50% OFF", ["Up to 5O% OFF"]),
        ("50 % off", ["50%OFF"]),
        ("$19.99", ["$l9.99"]),
        ("19,99 €", ["19.99€"]),
        ("19.99", ["19⁹⁹"]),
        ("1.299,00 €", ["1.299,00 €"]),
        ("1 299 €", ["1299 €"]),
        ("Jetzt kaufen", ["JETZT KAUFEN"]),
        ("Jetzt kaufen", ["etzt kaufen"]),
        ("Größe wählen", ["Grösse wahlen"]),
        ("Łódź smakuje", ["Lodz smakuje"]),
        ("Sommerkollektion", ["Sommer-", "kollektion"]),
        ("Sommer-\nkollektion", ["Sommerkollektion"]),
        ("Free shipping on orders over $50", ["Free shipping on", "orders over $50"]),
        ("SHOP NOW", ["SH0P N0W"]),
        ("0% APR", ["O% APR"]),
        ("19.99", ["19", "99"]),
        ("H&M", ["H & M"]),
        ("Free shipping on orders", ["Free shipping_on orders"]),
        ("Freeshipping", ["Free shipping"]),
        ("illustration ill", ["iIlustration Ill"]),
        ("送料無料 本日限り", ["送料無料", "本日限り"]),
        ("３０％オフ", ["30%オフ"]),
        ("٥٠% off", ["50% off"]),
        ("+*?^$(((.*)[a-z]{3} now", ["+*?^$(((.*)[a-z]{3} now"]),
        ("l'été indien", ["L’ETE INDIEN"]),
    ],
)
def test_how_it_was_read_is_no_difference(quote: str, read: list[str]) -> None:
    found = words(*read).find(quote)

    assert found.holds


@pytest.mark.parametrize(("quote", "read"), [("Learn more", "Learm more"), ("Hilton hotel", "Hilten hotel")])
def test_a_letter_is_taken_for_another_only_where_the_reader_is_not_sure(quote: str, read: str) -> None:
    assert words(read, score=0.9).find(quote).holds
    assert not words(read, score=0.96).find(quote).holds


@pytest.mark.parametrize(
    ("quote", "read"),
    [
        ("Milton hotel", "Hilton hotel"),
        ("Testa", "Tesla"),
        ("Nike", "Save €20 on Mike"),
        ("offee", "Fresh coffee"),
        ("Summer dress", "Summer dresses"),
        ("全场三折优惠", "全场五折优惠"),
        ("夏の新作セール", "春の新作セール"),
        ("南京大学店", "北京大学店"),
    ],
)
def test_another_name_is_not_found(quote: str, read: str) -> None:
    assert not words(read).find(quote).holds
    assert words(read).find(read).holds


@pytest.mark.parametrize(("quote", "read"), [("Levi", "LEVI'S"), ("nike", "nike.com"), ("dresses", "Summerdresses")])
def test_a_name_goes_on_in_a_genitive_an_address_and_where_words_run_together(quote: str, read: str) -> None:
    assert words(read).find(quote).holds


@pytest.mark.parametrize(
    ("quote", "read"),
    [
        ("$299", "$299/mo"),
        ("$35", "Lease for $35/mo."),
        ("3€", "Solo 3€al mese"),
        ("£25", "£25pm"),
        ("$9", "Only $9a month"),
        ("2,99 €", "2,99 €/kg"),
        ("49 kr", "49 kr/md"),
        ("20%", "20%de descuento"),
    ],
)
def test_behind_a_price_may_stand_what_it_is_paid_for(quote: str, read: str) -> None:
    assert words(read).find(quote).holds


@pytest.mark.parametrize(
    ("quote", "read"),
    [("$49", "$499/mo"), ("$4", "$4.99/mo"), ("$4", "$4M"), ("$4", "$4k off"), ("5€", "5€m"), ("Wi", "Wi-Fi")],
)
def test_digits_and_letters_behind_a_number_that_make_it_another_are_no_price_of_its_own(quote: str, read: str) -> None:
    assert not words(read).find(quote).holds


@pytest.mark.parametrize(
    ("quote", "read"),
    [
        ("€99", ["Page 99 of 120"]),
        ("-99%", ["Page 99 of 120"]),
        ("$12", ["Model 12 Kite"]),
        ("12%", ["Model 12 Kite"]),
        ("€36", ["36 months"]),
        ("$20", ["20 kg of flour", "from €20"]),
        ("¥120", ["Page 99 of 120", "3 %"]),
    ],
)
def test_a_number_that_counts_nothing_is_no_price(quote: str, read: list[str]) -> None:
    assert not words(*read).find(quote).holds


@pytest.mark.parametrize(
    ("quote", "read"),
    [("€99", ["99 e"]), ("€99", ["99", "€"]), ("€99", ["€", "99"]), ("$19.99", ["s 19.99"]), ("50%", ["50 %"])],
)
def test_a_sign_may_be_read_as_another_or_stand_by_itself(quote: str, read: list[str]) -> None:
    assert words(*read).find(quote).holds


@pytest.mark.parametrize("quote", ["$4999", "$49", "49", "$49.90"])
def test_cents_that_stand_high_are_of_their_number(quote: str) -> None:
    assert words("$49⁹⁹").find("$49.99").holds
    assert not words("$49⁹⁹").find(quote).holds


@pytest.mark.parametrize(
    "quote",
    [
        "Up to 20% OFF",
        "50 € OFF",
        "now only 19,99 €",
        "now only 1990 €",
        "now only 119,90 €",
        "now only 9,90 €",
        "only 39,90 €",
        "19,90 $",
        "Shop new",
        "Buy now",
        "Summer shoes for every day",
        "Winter dresses for every day",
        "Summer dresses for every child",
        "Free gift with every order",
        "Up to 500% OFF",
        "only 19,9 €",
        "20%",
        ".*",
        "",
    ],
)
def test_another_word_or_number_is_not_found(quote: str) -> None:
    found = words(*AD).find(quote)

    assert not found.holds


def test_a_no_above_denies_what_is_below() -> None:
    assert words("NO", "FEES").find("FEES").contradicted
    assert words("NO", "FEES").find("NO FEES").holds
    assert words("Why not", "FEES").find("FEES").holds


@pytest.mark.parametrize(
    ("quote", "read"),
    [
        ("Buy 1 get 2 free", "Buy 2 get 1 free"),
        ("Save $1000", "Save $100 0 fees"),
        ("$1,999.99", "$1,999"),
        ("VOLVO EX90", "VOLVO EX30"),
        ("Rabatt 10€ ab 50€", "Rabatt 50€ ab 10€"),
        ("今すぐ登録", "今すぐ購入"),
        ("3,000円以上", "5,000円以上"),
        ("Ends 31.12.", "Ends 13.12."),
        ("Model S", "Model Y"),
        ("C&A", "H & M"),
        ("12 price", "½ price"),
        ("engagement", "pas d’engagement"),
    ],
)
def test_what_is_nearly_it_is_not_it(quote: str, read: str) -> None:
    assert not words(read).find(quote).holds


@pytest.mark.parametrize("quote", ["Up to 20% OFF", "now only 19,99 €", "Winter dresses for every day", "50 € OFF"])
def test_what_was_read_instead_speaks_against_it_where_it_was_read_for_sure(quote: str) -> None:
    assert words(*AD).find(quote).contradicted
    assert not words(*AD, score=0.7).find(quote).contradicted
    assert not words("Learn more").find(quote).contradicted


@pytest.mark.parametrize(
    ("quote", "read"),
    [
        ("hidden fees", "No hidden fees"),
        ("Sugar", "Sugar-free gum"),
        ("+20%", "-20%"),
        ("frais cachés", "pas de frais cachés"),
        ("interest", "Zero interest"),
        ("charge", "Free of charge"),
        ("Zucker", "100 % zuckerfrei"),
        ("Kosten", "Kostenlose Lieferung"),
        ("Get 20 off", "Get 20% off today"),
        ("from 299 per month", "from €299 per month"),
        ("hidden fees", "With no “hidden fees”"),
        ("waste money", "Don’t waste money"),
        ("Available in stores", "NOT AVAILABLE IN STORES"),
        ("versteckte Kosten", "Keine versteckten Kosten, ohne versteckte Kosten"),
        ("sucre ajouté", "Sans sucre ajouté"),
        ("含糖", "100% 不含糖"),
    ],
)
def test_what_is_denied_is_not_said(quote: str, read: str) -> None:
    found = words("Lumera", read).find(quote)

    assert found.contradicted
    assert not found.holds
    assert words(read, quote).find(quote).holds, "elsewhere it is said"


@pytest.mark.parametrize(
    ("quote", "read"),
    [
        ("No hidden fees", "No hidden fees"),
        ("7 skincare", "No 7 skincare"),
        ("Shop now", "Say no. Shop now"),
        ("Shop now", "Casino Shop now"),
        ("Google Play", "Baixe no Google Play"),
        ("shop now", "Why not shop now"),
        ("hidden fees", "No more hidden fees"),
        ("ohne Zucker", "ganz ohne Zucker"),
    ],
)
def test_what_only_looks_like_a_denial_is_none(quote: str, read: str) -> None:
    assert words("Lumera", read).find(quote).holds


def test_all_the_words_are_found_in_another_order_and_not_with_one_number_wrong() -> None:
    text = "Shop now Up to 50% OFF was 39,90 € now only 19,90 € Summer dresses for every day"

    assert words(*AD).find(text).holds
    assert not words(*AD).find(text.replace("39,90", "38,90")).holds
    assert not words(*AD).find(text.replace("dresses", "trousers")).holds


@pytest.mark.parametrize(
    "text",
    [
        "Trousers Up to 50% OFF was 39,90 € now only 19,90 € Shop now",
        "Summer dresses for every day Up to 50% OFF now only 19,90 € was 39,90 € Subscribe",
    ],
)
def test_a_line_that_is_another_speaks_against_all_the_words(text: str) -> None:
    read = words("Dresses", *AD[1:]) if "Trousers" in text else words(*AD)

    assert not read.find(text).holds
    assert read.find(text).contradicted


CLOCK = ["00:00:00.480", "Pizza delivery only $9", "00:00:01.480", "00:00:02.000", "00:00:03.680"]


def test_of_lines_that_are_much_alike_each_stands_for_itself() -> None:
    clock = words(*CLOCK)

    assert clock.find("00:00:00.480 Pizza delivery only $9 00:00:02.000 00:00:03.680").holds
    assert clock.find("00:00:03.680 Pizza delivery only $9 00:00:00.480").holds
    assert not clock.find("00:00:00.480 Pizza delivery only $9 00:00:02.700 00:00:03.680").holds
    assert not clock.find("00:00:00.480 Pizza delivery only $7 00:00:02.000 00:00:03.680").holds


def test_where_it_stands_is_told_by_line_and_character() -> None:
    (part,) = words(*AD).find("19,90 €").parts

    assert AD[part.line][part.start : part.end] == "19,90 €"


@pytest.mark.parametrize(
    ("quote", "read"),
    [
        ("£2.50", "Coffee £2.50 each"), ("20%", "Save 20%!"), ("-30 %", "-30 % auf alles"), ("50% OFF", "(50% OFF)"),
        ("Save 20%", "50% Save 20% now"), ("¿Qué esperas?", "¿Qué esperas? ¡Ya!"), ("«Soldes»", "Les «Soldes» !"),
        ("Wow!!!", "Wow!!!"), ("only $9", "only $9."), ("9,99 €", "8 € 9,99 €"), ("- 30 %", "à - 30 %"),
    ],
)  # fmt: skip
def test_signs_at_the_ends_of_a_quotation_are_where_it_stands(quote: str, read: str) -> None:
    (part,) = words(read).find(quote).parts

    assert read[part.start : part.end] == quote


PRICES = st.decimals(1, 9999, places=2).map(str)


@given(printed=PRICES, quoted=PRICES, around=st.sampled_from(["now {} €", "€{}", "{}", "from {} per month"]))
def test_a_price_is_found_where_just_that_price_is_printed(printed: str, quoted: str, around: str) -> None:
    found = words("Hiking boots", around.format(printed), "Shop now").find(around.format(quoted))

    assert found.holds == (printed == quoted)


LETTERS = st.text(string.ascii_letters + string.digits + " .,%€äß中か", max_size=60)


@given(lines=st.lists(LETTERS, min_size=1, max_size=6), start=st.integers(0, 5), end=st.integers(1, 6))
def test_whole_lines_are_always_found_and_lie_in_them(lines: list[str], start: int, end: int) -> None:
    quote = "\n".join(lines[start:end])

    found = words(*lines).find(quote)

    assert found.holds == any(map(str.isalnum, quote))
    assert all(0 <= part.start < part.end <= len(lines[part.line]) for part in found.parts)
    assert all(one.line < other.line for one, other in pairwise(found.parts))


@given(quote=st.text(max_size=200), lines=st.lists(st.text(max_size=50), max_size=5))
def test_any_text_may_be_quoted_and_read(quote: str, lines: list[str]) -> None:
    found = words(*lines).find(quote)

    assert 0 <= found.share <= 1


@pytest.mark.parametrize("hostile", ["(a+)+$" * 20_000, "9" * 100_000, "a1" * 50_000, "ﷺ" * 100_000, "\n" * 100_000])
def test_a_quotation_of_any_length_takes_little(hostile: str) -> None:
    read = words(*AD, *(f"line {number} of the small print, which is long" for number in range(60)))
    started = time.process_time()

    found = read.find(hostile)

    assert not found.holds
    assert time.process_time() - started < 5


def test_the_longest_quotation_that_is_looked_for_is_found() -> None:
    lines = [f"{number} of the terms and conditions apply here" for number in range(150)]

    quote = " ".join(lines)

    assert len(quote) < MOST_SIGNS
    assert words(*lines).find(quote).holds
