"""What costs less at first, two prices that are run together, and sums that are paid out or are an example."""

import pytest

from functions.extract.extractors.offline import pricing, promotions
from functions.extract.extractors.offline.lexicon import lexicon_for
from tests.functions.extract.extractors.offline.wordings import block


def _price(language: str, *texts: tuple[str, float]) -> str | None:
    price = pricing.price([block(text, height) for text, height in texts], lexicon_for(language), language)
    return f"{price.amount.normalize():f}" if price else None


@pytest.mark.parametrize(
    ("language", "first", "later", "amount"),
    [
        ("en", "First crate £9.50", "Renews at £19 each month", "9.5"),
        ("en", "£9.50 a month", "£19 a month after 6 months", "9.5"), ("en", "£9.50", "£19 thereafter", "9.5"),
        ("de", "9,50 €", "18,99 € mtl. ab dem 3. Monat", "9.5"), ("de", "9,50 €", "Nach 6 Monaten nur 18,99 €", "9.5"),
        ("fr", "9,50 €", "puis 18,99 €/mois", "9.5"), ("fr", "9,50 €", "18,99 € à partir du 3e mois", "9.5"),
        ("es", "9,50 €/mes", "9,50 € el primer mes, después 18,99 €", "9.5"), ("it", "9,50 €", "poi 18,99 €", "9.5"),
        ("nl", "€ 9,50", "daarna € 18,99 per maand", "9.5"), ("pt", "R$ 9,50", "a partir do 3º mês R$ 19", "9.5"),
        ("pl", "9,50 zł", "19 zł od 3. miesiąca", "9.5"), ("sv", "19 kr", "därefter 39 kr/mån", "19"),
        ("da", "19 kr.", "derefter 39 kr.", "19"), ("no", "19 kr", "deretter 39 kr", "19"),
        ("tr", "90 TL", "3. aydan itibaren 190 TL", "90"), ("cs", "90 Kč", "od 3. měsíce 190 Kč", "90"),
        ("ja", "500円", "2回目以降3,300円", "500"), ("zh", "￥9", "次月起￥19", "9"),
    ],
)  # fmt: skip
def test_what_is_paid_after_a_first_time_is_no_price_now(language: str, first: str, later: str, amount: str) -> None:
    assert _price(language, (first, 20), (later, 40)) == amount
    assert _price(language, (f"{first}\n{later}", 20)) == amount


@pytest.mark.parametrize(
    ("language", "offer", "other"),
    [
        ("en", "Second pair for just £10", "£69"), ("fr", "La 2e paire à 1 €", "69 €"),
        ("de", "2. Paar für 10 €", "69 €"), ("de", "Jede zweite Pizza für nur 5 €", "9 €"),
        ("es", "La segunda unidad a 5 €", "9 €"),
        ("it", "Il secondo paio a 1 €", "99 €"), ("nl", "Tweede bril voor € 1", "€ 69"),
        ("pt", "A segunda por R$ 5", "R$ 9"),
        ("pl", "Druga para za 1 zł", "99 zł"), ("sv", "Andra paret för 50 kr", "99 kr"), ("ja", "2点目 500円", "900円"),
        ("zh", "第二件10元", "39元"),
    ],
)  # fmt: skip
def test_what_a_second_one_costs_is_an_offer_and_no_price(language: str, offer: str, other: str) -> None:
    assert _price(language, (offer, 40)) is None
    assert _price(language, (offer, 40), (other, 20)) == _price(language, (other, 20)) is not None
    assert promotions.promotion_text([block(offer), block(other)], lexicon_for(language)) == offer


@pytest.mark.parametrize(
    ("language", "text", "amount"),
    [
        ("en", "Second-hand bikes £99", "99"), ("en", "The second generation for £99", None),
        ("de", "2 Paar für 10 €", "10"),
        ("en", "Sunday, 2nd May for £9", "9"), ("es", "Segunda mano garantizada 99 €", "99"),
    ],
)  # fmt: skip
def test_what_is_called_a_second_one_otherwise_has_its_price(language: str, text: str, amount: str | None) -> None:
    assert _price(language, (text, 20)) == amount


@pytest.mark.parametrize(
    ("language", "text", "amount"),
    [
        ("es", "Antes 20 €\nDespués 15 €", "15"), ("pt", "Antes R$ 20\nDepois R$ 15", "15"),
        ("tr", "İndirimden sonra 100 TL", "100"), ("en", "Sedan $24,999", "24999"),
    ],
)  # fmt: skip
def test_a_price_after_a_reduction_is_one_now(language: str, text: str, amount: str) -> None:
    assert _price(language, (text, 20)) == amount


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("349,00 € 429,00€", None),
        ("349,00 €429,00€", None),
        ("429,00€349,00 €", "349"),
        ("19€29€", None),
        ("$239$189", "189"),
        ("$23.90$18.90", "18.9"),
        ("2,99€12 Stück", None),
        ("$189$239", None),
    ],
)
def test_of_two_prices_without_words_the_later_is_told_only_where_it_is_lower_and_run_together(
    text: str, amount: str | None
) -> None:
    assert _price("de", (text, 20)) == amount


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "$750 signing bonus"), ("en", "Text costs 75p"), ("en", "60p per call"), ("en", "Max value $420"),
        ("nl", "Startbonus € 40"), ("de", "Cashback 30 €"), ("de", "Beispiel: 8.000 €, 60 Raten à 151,20 €"),
        ("fr", "Prime d'embauche 300 €"), ("fr", "0,80 € par appel"), ("es", "Bono de bienvenida 30 €"),
        ("it", "Esempio: 5.000 €"), ("pl", "Premia powitalna 100 zł"), ("sv", "Låneexempel: exempel 50 000 kr"),
        ("cs", "Náborový příspěvek 20 000 Kč"), ("pt", "Valor de retoma R$ 900"), ("tr", "Hoş geldin bonusu 100 TL"),
    ],
)  # fmt: skip
def test_what_is_paid_out_a_call_and_an_example_have_no_price(language: str, text: str) -> None:
    assert _price(language, (text, 20)) is None


@pytest.mark.parametrize("text", ["$750 signing bonus", "Easter Offer", "Startbonus € 40"])
def test_a_bonus_and_an_offer_of_a_season_are_offers(text: str) -> None:
    assert promotions.has_promotion([block(text)], lexicon_for("en"))


@pytest.mark.parametrize(("language", "old", "new"), [("en", "Was 15.49", "9.99 €"), ("de", "statt 15,49", "9,99 €")])
def test_no_promotion_is_not_said_where_an_old_price_has_no_sign(language: str, old: str, new: str) -> None:
    assert promotions.may_promote([block(old), block(new)], lexicon_for(language))
    assert not promotions.may_promote([block(new)], lexicon_for(language))
