"""Lines in which the reader took one sign for another."""

import pytest

from functions.extract.extractors.offline import misread


@pytest.mark.parametrize(
    ("read", "printed"),
    [
        ("Konto za O zł i 300 zł", "Konto za 0 zł i 300 zł"), ("O % RRSO", "0 % RRSO"), ("€O down", "€0 down"),
        ("i 300 złpremii", "i 300 zł premii"), ("300złpremii", "300zł premii"),
        ("O kr i frakt", "0 kr i frakt"), ("bis 3112.2027", "bis 31.12.2027"), ("31.122027", "31.12.2027"),
        ("2XI", "2X1"), ("3 x I los lunes", "3 x 1 los lunes"),
        ("12o €", "120 €"), ("€ 1o", "€ 10"), ("$1,0oo off", "$1,000 off"), ("2O% off", "20% off"),
        ("99,oo €", "99,00 €"),
        ("I + I gratis", "1 + 1 gratis"), ("l+1 gratuit", "1+1 gratuit"), ("2 + I gratis", "2 + 1 gratis"),
    ],
)  # fmt: skip
def test_what_can_only_be_one_thing_is_that(read: str, printed: str) -> None:
    assert misread.mended(read) == printed


@pytest.mark.parametrize(("read", "told"), [("CODE: FALL3O", "CODE:"), ("Use FALL3O today", "Use today")])
def test_a_code_whose_zero_may_be_a_letter_is_left_out(read: str, told: str) -> None:
    assert misread.mended(read) == told


@pytest.mark.parametrize(
    "text",
    [
        "5 o 6 €", "$10 or more", "20o mg",
        "FALL30", "SAVE10OFF", "PROMO20", "H2O", "900 € O € 37,50", "O 20 € AL MES", "O melhor", "31.12.2027", "3112.5",
        "Model 3199.2027", "O krem", "5 złotych", "Tel. 3112.20271",
        "2XL", "iOS X I", "12XI", "C + I", "1 + 1 gratis", "A+I+B", "5 + Illy", "B1+I",
    ],
)  # fmt: skip
def test_what_is_right_stays(text: str) -> None:
    assert misread.mended(text) == text
