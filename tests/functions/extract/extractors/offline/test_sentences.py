"""What stands apart and is one sentence is understood as one: 'Up to' above a large '50%', 'OFF' beside it."""

import pytest

from functions.extract.extractors.offline import pricing, promotions
from functions.extract.extractors.offline.lexicon import lexicon_for
from shared.media.ocr import Block, Line, blocks


def column(*lines: tuple[str, float, float]) -> list[Block]:
    """Blocks of centred lines one below the other: the words, their height, and the room below them."""
    placed, top = [], 0.0
    for words, height, room in lines:
        half = 0.25 * height * len(words)
        placed.append(Line(words, 400 - half, top, 400 + half, top + height, 0.99))
        top += height + room
    return blocks(placed)


LED = [
    ("en", "Up to", "50% off"),
    ("en", "Save up to", "$200"),
    ("en", "Extra", "20% off"),
    ("de", "Bis zu", "50 % Rabatt"),
    ("de", "Sparen Sie", "20 €"),
    ("fr", "Jusqu'à", "-40 %"),
    ("es", "Hasta", "60% de descuento"),
    ("pt", "Até", "70% OFF"),
    ("it", "Fino al", "50%"),
    ("nl", "Tot wel", "60% korting"),
    ("pl", "Nawet do", "-50%"),
    ("sv", "Upp till", "40% rabatt"),
    ("da", "Op til", "40% rabat"),
    ("no", "Opptil", "40% rabatt"),
    ("cs", "Až", "40% sleva"),
    ("ja", "最大", "50%OFF"),
]


@pytest.mark.parametrize(("language", "lead", "figure"), LED)
def test_an_offer_is_quoted_with_the_words_that_lead_to_it(language: str, lead: str, figure: str) -> None:
    apart = column(("WINTER", 70, 60), ("SALE", 70, 60), (lead, 40, 60), (figure, 80, 60), ("Shop now", 50, 0))
    small_above_large = column(("SALE", 70, 90), (lead, 40, 10), (figure, 90, 0))
    much_smaller = column(("SALE", 70, 90), (lead, 30, 10), (figure, 200, 0))

    for ad in (apart, small_above_large, much_smaller):
        for lexicon in (lexicon_for(language), lexicon_for(None)):
            assert promotions.promotion_text(ad, lexicon) == f"SALE {lead} {figure}"
            assert pricing.price(ad, lexicon, language) is None


@pytest.mark.parametrize(("lead", "figure"), [("Save", "$20"), ("Up to", "$500"), ("Bis zu", "300 €")])
def test_an_amount_with_words_above_it_that_make_it_none_is_no_price(lead: str, figure: str) -> None:
    assert pricing.price(column(("Nova", 70, 60), (lead, 40, 60), (figure, 80, 0)), lexicon_for(None), None) is None


def test_what_a_percentage_counts_may_stand_beside_it_or_below_in_small_letters() -> None:
    up_to, half, off = (
        Line("UP TO", 20, 120, 90, 160, 0.99),
        Line("50%", 100, 50, 400, 250, 0.99),
        Line("OFF", 410, 150, 500, 210, 0.99),
    )
    below = column(("50%", 200, 20), ("OFF", 50, 0))
    lexicon = lexicon_for("en")

    assert promotions.promotion_text(blocks([up_to, half, off]), lexicon) == "UP TO 50% OFF"
    assert promotions.promotion_text(below, lexicon) == "50% OFF"
    assert promotions.discount_percent(below, lexicon) == 50


def test_words_that_lead_step_by_step_are_quoted_from_the_first() -> None:
    ad = column(("SAVE", 40, 50), ("up to", 40, 50), ("50%", 90, 0))

    assert promotions.promotion_text(ad, lexicon_for("en")) == "SAVE up to 50%"


@pytest.mark.parametrize(
    "ad",
    [
        column(("Save", 40, 60), ("our seas", 40, 60), ("$49", 80, 0)),
        column(("Save", 40, 400), ("$49", 80, 0)),
        column(("$49", 80, 60), ("Save", 40, 0)),
    ],
)
def test_words_that_stand_elsewhere_do_not_lead_to_a_price(ad: list[Block]) -> None:
    price = pricing.price(ad, lexicon_for("en"), "en")

    assert price is not None
    assert price.quote == "$49"
