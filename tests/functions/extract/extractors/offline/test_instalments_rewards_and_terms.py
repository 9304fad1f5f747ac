"""What is no price, no offer and no call though its words are near: instalments, rewards, the small print."""

from decimal import Decimal

import pytest

from functions.extract.extractors.offline import calls, pricing, promotions
from functions.extract.extractors.offline.lexicon import lexicon_for
from tests.functions.extract.extractors.offline.wordings import block


@pytest.mark.parametrize(
    ("language", "text", "amount"),
    [
        ("en", "Trade in & save up to $600\nPhone 9 from $799\nor $33.29/mo. for 24 mo.", "799"),
        ("en", "Tablet\n$24.95/mo. for 24 months\nCash price $599", "599"),
        ("en", "Laptop 14\n$1,199 or $99.92/mo.\nfor 12 months, 0% APR", "1199"),
        ("en", "Bike £900\n£75 a month over 12 months", "900"),
        ("es", "Nevera 480 € o 20 € al mes", "480"), ("de", "Sofa 1.199 € oder mtl. 49,96 €", "1199"),
        ("de", "Fernseher 24,96 € mtl.\nBarpreis 599 €", "599"), ("fr", "Vélo 1 200 € ou 50 € par mois", "1200"),
        ("nl", "Wasmachine € 480 of € 20 p/m", "480"), ("it", "Divano 900 € o 37,50 € al mese", "900"),
        ("pt", "Sofá R$ 1.200,00 ou R$ 100,00 por mês", "1200"), ("sv", "Soffa 4 800 kr eller 200 kr/mån", "4800"),
        ("da", "Cykel 4.800 kr. eller 200 kr./md.", "4800"), ("pl", "Rower 1200 zł lub 100 zł miesięcznie", "1200"),
        ("cs", "Kolo 12 000 Kč nebo 1 000 Kč měsíčně", "12000"),
        ("en", "Gym\n£29/month", "29"), ("en", "Phone £49\nPlan £29/month", None),
        ("en", "Magazine\n$9 a month or $90 a year", None),
    ],
)  # fmt: skip
def test_a_price_s_instalments_are_none_beside_it(language: str, text: str, amount: str | None) -> None:
    price = pricing.price([block(text)], lexicon_for(language), language)

    assert (price and f"{price.amount.normalize():f}") == amount


@pytest.mark.parametrize(("whole", "part"), [("Phone 9\n$720", "or just $30/mo"), ("Cash price $720", "$31/mo")])
def test_a_price_s_instalments_in_a_block_of_their_own_are_none_beside_it(whole: str, part: str) -> None:
    price = pricing.price([block(part, height=40), block(whole)], lexicon_for("en"), "en")

    assert price
    assert price.quote == "$720"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("sv", "Kontantinsats 25 000 kr. Rek. pris 489 900 kr."), ("de", "Anzahlung 2.000 €, statt 2.500 €"),
        ("en", "EMI from ₹ 38,499/month"), ("en", "$199 upfront"), ("en", "Booking amount ₹ 51,000"),
        ("es", "12 MSI de $749.92"), ("es", "Cuota inicial de $ 900"), ("pt", "Parcelas a partir de R$ 99"),
        ("fr", "Mensualité dès 99 €"), ("it", "Rata da 49 €"), ("zh", "日供低至28元"), ("zh", "订金99元"),
        ("id", "Cicilan mulai Rp 250.000"), ("ro", "Avans 500 lei"), ("vi", "Trả góp chỉ từ 599.000đ"),
        ("fi", "Käsiraha 500 €"), ("hu", "Önerő 250 000 Ft"),
    ],
)  # fmt: skip
def test_a_deposit_or_an_instalment_is_no_price(language: str, text: str) -> None:
    assert pricing.price([block(text)], lexicon_for(language), language) is None


@pytest.mark.parametrize("said", ["6 taksitle 216,65 TL", "6 kez 216,65 TL", "Suma 6 dijelova: 216,65 TL"])
def test_what_its_count_makes_up_to_the_price_is_an_instalment_in_any_words(said: str) -> None:
    price = pricing.price([block(f"1.299,90 TL\n{said}")], lexicon_for("tr"), "tr")

    assert price
    assert price.quote == "1.299,90 TL"


@pytest.mark.parametrize(
    ("price", "beside"),
    [
        ("₹ 64.5 Lakh*", "from ₹ 38,499"), ("Rp 18rb", "from Rp 25.000"), ("9.98万起", "仅需28元"),
        ("5⁴9", "1 szt. 7,99 zł"), ("5.49", "1 szt. 7,99 zł"), ("129K", "Ship 15.000 đ"), ("$1.2M", "$900"),
        ("10 tys. zł", "20 zł"), ("R$ 10 mil", "R$ 500"), ("$8,999", "now $749.92"), ("5 bin TL", "99 TL"),
    ],
)  # fmt: skip
def test_no_side_price_takes_the_place_of_a_larger_one_that_is_not_told(price: str, beside: str) -> None:
    lexicon = lexicon_for(None)

    assert pricing.price([block(beside)], lexicon, None)
    assert pricing.price([block(price, height=60), block(beside)], lexicon, None) is None


@pytest.mark.parametrize(
    "beside",
    [
        "4K",
        "31.10",
        "24.12.2026",
        "18K gold",
        "Save up to $2K",
        "2026",
        "100%",
        "Win $1M",
        "10M users",
        "100万人が選んだ",
    ],
)
def test_a_price_beside_another_large_number_is_told(beside: str) -> None:
    price = pricing.price([block(beside, height=60), block("Now $49")], lexicon_for("en"), "en")

    assert price
    assert price.quote == "$49"


def test_tens_of_thousands_with_two_places_are_whole() -> None:
    price = pricing.price([block("9.98万元起\n日供低至28元")], lexicon_for("zh"), "zh")

    assert price
    assert (price.amount, price.currency) == (Decimal(99800), "CNY")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "You both get\n€25"), ("en", "Receive $40 in credits"), ("en", "£15 for every friend"),
        ("de", "Ihr bekommt beide\n25 €"), ("de", "20 € Belohnung"), ("fr", "Recevez chacun 20 €"),
        ("es", "Recibes 15 € por cada amigo"), ("it", "Ottieni 20 €"), ("nl", "Jullie krijgen € 15"),
        ("pt", "Os dois ganham R$ 30"), ("pl", "Odbierz 50 zł"), ("sv", "Ni får 100 kr"), ("da", "Modtag 100 kr."),
        ("no", "Dere får 100 kr"), ("tr", "100 TL kazan"), ("cs", "Získejte 200 Kč"), ("ja", "1,000円進呈"),
        ("zh", "各得20元"),
    ],
)  # fmt: skip
def test_what_the_customer_is_given_is_no_price(language: str, text: str) -> None:
    assert pricing.price([block(text)], lexicon_for(language), language) is None


@pytest.mark.parametrize(
    ("language", "terms"),
    [
        ("fr", "Hors frais de livraison. Offre valable en France métropolitaine."),
        ("en", "Offer valid in the UK"), ("en", "Excludes sale items"), ("de", "Angebot gilt nicht für Bücher"),
        ("de", "Gilt nicht für Sonderangebote"), ("es", "Oferta válida en península"),
        ("it", "Offerta valida in Italia"), ("nl", "Actie geldig in Nederland"), ("pt", "Oferta válida em Portugal"),
        ("pl", "Promocja nie obowiązuje w sklepach"), ("sv", "Erbjudandet gäller i butik"),
        ("no", "Tilbudet gjelder i butikk"), ("cs", "Akce platí v ČR"),
    ],
)  # fmt: skip
def test_the_small_print_is_no_offer_and_no_part_of_one(language: str, terms: str) -> None:
    lexicon = lexicon_for(language)

    assert not promotions.has_promotion([block(terms)], lexicon)
    assert promotions.promotion_text([block(f"-20%\n{terms}")], lexicon) == "-20%"


@pytest.mark.parametrize("said", ["30%\nDeal valid in store", "Offer valid until 5 May: buy one get one free"])
def test_an_offer_beside_its_small_print_is_one(said: str) -> None:
    assert promotions.has_promotion([block(said)], lexicon_for("en"))


def test_a_price_whose_pound_was_read_as_a_letter_is_none_of_an_offer() -> None:
    assert promotions.promotion_text([block("Kids Ł9.25\nUnder 4s go free")], lexicon_for("en")) == "Under 4s go free"


@pytest.mark.parametrize("offer", ["Buy one, get one\n50% off", "Buy one get one free"])
def test_an_offer_that_begins_with_a_verb_is_no_call(offer: str) -> None:
    assert calls.call_to_action([block(offer), block("Browse books")], lexicon_for("en")) == "Browse books"
    assert calls.call_to_action([block(offer)], lexicon_for("en")) is None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ja", "送料\n半額"), ("ja", "送料50%オフ"), ("en", "50% off shipping"), ("en", "50% off\nshipping"),
        ("en", "Half price delivery"),
        ("de", "50% Rabatt auf den Versand"), ("de", "Versand -50%"), ("fr", "-50% sur la livraison"),
        ("es", "50% de descuento en el envío"), ("pt", "50% off no frete"), ("it", "-50% sulla spedizione"),
        ("pl", "-50% na dostawę"), ("sv", "-50% på frakten"), ("zh", "运费半价"),
    ],
)  # fmt: skip
def test_a_discount_on_delivery_is_none_on_what_is_sold_but_an_offer(language: str, text: str) -> None:
    lexicon = lexicon_for(language)

    assert promotions.discount_percent([block(text)], lexicon) is None
    assert promotions.has_promotion([block(text)], lexicon)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Free shipping -20%"), ("en", "20% off + free delivery"), ("de", "Gratis Versand\n-20%"),
        ("en", "20% off, delivery included"), ("en", "20% off\nDelivery from $5"), ("en", "We do delivery\n20% off"),
        ("ja", "送料無料\n20%オフ"), ("en", "Save 20%. Shipping from $5"), ("fr", "Livraison gratuite, -20%"),
    ],
)  # fmt: skip
def test_a_discount_beside_delivery_is_one(language: str, text: str) -> None:
    assert promotions.discount_percent([block(text)], lexicon_for(language)) == 20


@pytest.mark.parametrize(
    ("language", "legal"),
    [
        ("pl", "RRSO 12,41%. Oferta ważna do odwołania. Szczegóły w regulaminie promocji „Start” w oddziałach."),
        ("sv", "Kontantinsats 25 000 kr. Rek. pris 489 900 kr. Effektiv ränta 5,95 %."),
        ("ja", "※キャンペーン期間：10月1日～10月31日　数量限定"), ("en", "See terms of the promotion online"),
        ("es", "Bases legales de la promoción en la web"), ("it", "Regolamento della promozione sul sito"),
        ("tr", "Kampanya koşulları için tıklayın"),
    ],
)  # fmt: skip
def test_a_legal_line_is_no_promotion(language: str, legal: str) -> None:
    assert promotions.promotion_text([block(legal)], lexicon_for(language)) is None
