"""Amounts that are no product's price, words that offer nothing, offers and calls without their usual words."""

import pytest

from functions.extract.extractors.offline import calls, findings, pricing, promotions
from functions.extract.extractors.offline.lexicon import lexicon_for
from shared.media.ocr import Block, Line
from tests.functions.extract.extractors.offline.wordings import block

THRESHOLDS = [
    ("en", "£15 off when you spend £75"), ("en", "Buy for $80 and get a $10 voucher"), ("en", "Spend $60, get $5 back"),
    ("en", "$15 off $90"), ("en", "Get $40 when you spend $160"),
    ("de", "5 € Rabatt ab 30 € Bestellwert"), ("de", "20 € Gutschein bei 90 € Umsatz"),
    ("fr", "15 € de remise dès 70 € d'achat"), ("fr", "Bon d'achat de 8 € pour 40 € d'achats"),
    ("fr", "Bon de 7 € dès 35 €"),
    ("es", "Cupón de 12 € en compras de 45 €"), ("es", "10 € de descuento a partir de 80 €"),
    ("it", "Buono di 6 € su una spesa di 35 €"), ("it", "20 € di sconto per ordini da 99 €"),
    ("pt", "Cupom de R$ 30 em compras acima de R$ 180"), ("pt", "R$ 25 de desconto a partir de R$ 150"),
    ("nl", "€ 5 korting bij besteding van € 35"), ("nl", "€ 15 korting vanaf € 75"),
    ("pl", "50 zł rabatu przy zakupach za 300 zł"), ("pl", "Bon 20 zł od 150 zł"),
    ("sv", "50 kr rabatt vid köp för 300 kr"), ("sv", "Handla för 800 kr, få 150 kr i bonus"),
    ("da", "Køb for 400 kr og få 75 kr rabat"), ("no", "100 kr avslag ved kjøp for 600 kr"),
    ("tr", "400 TL ve üzeri alışverişe 60 TL indirim"), ("tr", "750 TL harca 100 TL kazan"),
    ("cs", "Sleva 150 Kč při nákupu nad 900 Kč"), ("ja", "8,000円以上のご購入で700円引き"),
]  # fmt: skip

NO_PRODUCT = [
    ("en", "Make £19 an hour"), ("en", "Win up to $2,500"), ("en", "Delivery only £3.49"), ("en", "$95 annual fee"),
    ("en", "Toys under £15"), ("en", "Give $25 today"), ("en", "Insured up to £90,000"), ("en", "€49 – €79"),
    ("en", "from $29 to $59"), ("en", "6 monthly payments of $39.50"), ("en", "$250 down payment"),
    ("en", "Pay in 3 of £22"), ("en", "$35 x 4"), ("en", "$6 a month can save a tree"), ("en", "Salary up to £38,000"),
    ("en", "$2,500 due at signing"), ("en", "Due at signing: $3,450"), ("en", "Penalty £60"), ("en", "Utilities $120"),
    ("de", "3.200 € brutto / Monat"), ("de", "Nebenkosten 120 €"), ("de", "60 € Strafe"),
    ("de", "2.990 € Sonderzahlung"),
    ("fr", "Amende de 90 €"), ("fr", "1er loyer de 2 500 €"), ("nl", "Boete € 95"), ("nl", "€ 2.900 bruto / maand"),
    ("es", "Multa de 200 €"), ("it", "Multa di 42 €"), ("pt", "Coima de 60 €"), ("sv", "1 500 kr i böter"),
    ("pl", "Mandat do 500 zł"), ("cs", "Pokuta 2 000 Kč"),
    ("de", "Stundenlohn 17,80 €"), ("de", "Deckung bis zu 30.000 €"), ("de", "Versandkosten nur 4,90 €"),
    ("de", "Spenden Sie 20 €"), ("de", "Geschenke unter 15 €"), ("de", "500 € Kaution"), ("de", "36 Raten zu 12,50 €"),
    ("de", "Zwischen 30 € und 60 €"), ("de", "30 bis 60 €"),
    ("fr", "13 € de l'heure"), ("fr", "Couverture jusqu'à 8 000 €"), ("fr", "5 000 € à gagner"), ("fr", "Don de 30 €"),
    ("fr", "Livraison à 3,90 €"), ("fr", "Cadeaux à moins de 20 €"), ("fr", "10 mensualités de 45 €"),
    ("es", "9,50 € por hora"), ("es", "Gana 3.000 €"), ("es", "Gastos de envío 4,95 €"), ("es", "Dona 15 €"),
    ("es", "Regalos por menos de 20 €"), ("es", "18 cuotas de 27 €"), ("es", "Fianza de 300 €"),
    ("it", "11 € all'ora"), ("it", "Copertura fino a 50.000 €"), ("it", "Spedizione a soli 4,90 €"),
    ("it", "Dona 10 €"),
    ("it", "1.000 € in palio"), ("it", "Sotto i 25 €"), ("it", "24 rate mensili da 31 €"), ("it", "Cauzione 200 €"),
    ("pt", "R$ 35 por hora"), ("pt", "Frete por apenas R$ 9,90"), ("pt", "Doe R$ 30"), ("pt", "10 parcelas de R$ 79"),
    ("pt", "Presentes até R$ 50"), ("pt", "Prêmios de R$ 10.000"), ("pt", "Cobertura até R$ 20.000"),
    ("nl", "€ 15 per uur"), ("nl", "Verzendkosten slechts € 3,95"), ("nl", "Win € 5.000"), ("nl", "Doneer € 10"),
    ("nl", "Cadeaus onder de € 20"), ("nl", "12 termijnen van € 24,90"), ("nl", "Gedekt tot € 10.000"),
    ("pl", "32 zł za godzinę"), ("pl", "Dostawa tylko 8,99 zł"), ("pl", "Wpłać 50 zł"), ("pl", "20 rat po 149 zł"),
    ("pl", "10 000 zł do wygrania"), ("pl", "Prezenty do 50 zł"), ("pl", "Kaucja 200 zł"),
    ("sv", "165 kr i timmen"), ("sv", "Frakt endast 49 kr"), ("sv", "Skänk 100 kr"), ("sv", "Presenter under 200 kr"),
    ("sv", "12 delbetalningar på 249 kr"), ("sv", "Vinn 10 000 kr"), ("sv", "Årsavgift 295 kr"),
    ("da", "145 kr i timen"), ("da", "Fragt kun 39 kr"), ("da", "Giv 50 kr"), ("da", "Gaver under 150 kr"),
    ("da", "12 rater på 199 kr"), ("da", "Vind 5.000 kr"), ("da", "Depositum 1.000 kr"),
    ("no", "210 kr i timen"), ("no", "Frakt kun 59 kr"), ("no", "Gi 200 kr"), ("no", "Gaver under 300 kr"),
    ("no", "24 avdrag på 399 kr"), ("no", "Vinn 20 000 kr"), ("no", "Egenandel 2 000 kr"),
    ("tr", "Saatlik 150 TL"), ("tr", "Kargo ücreti 39,90 TL"), ("tr", "100 TL bağış"), ("tr", "6 taksit 350 TL"),
    ("tr", "500 TL altı hediyeler"), ("tr", "50.000 TL ödül"), ("tr", "Depozito 2.000 TL"),
    ("cs", "210 Kč za hodinu"), ("cs", "Doprava jen 69 Kč"), ("cs", "Darujte 200 Kč"), ("cs", "Dárky do 300 Kč"),
    ("cs", "24 splátek po 499 Kč"), ("cs", "Vyhrajte 50 000 Kč"), ("cs", "Kauce 5 000 Kč"),
    ("ja", "時給1,300円"), ("ja", "送料550円"), ("ja", "賞金100,000円"), ("ja", "24回払い 2,000円"),
    ("ja", "3,000円以下のギフト"), ("ja", "年会費1,100円"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text"), THRESHOLDS)
def test_what_is_to_be_spent_for_a_saving_is_no_price_and_the_saving_is_an_offer(language: str, text: str) -> None:
    for lexicon in (lexicon_for(language), lexicon_for(None)):
        assert pricing.price([block(text)], lexicon, language) is None
        assert promotions.promotion_text([block(text)], lexicon) == text


@pytest.mark.parametrize(("language", "text"), NO_PRODUCT)
def test_wages_covers_prizes_fees_postage_limits_and_instalments_are_no_price(language: str, text: str) -> None:
    for lexicon in (lexicon_for(language), lexicon_for(None)):
        assert pricing.price([block(text)], lexicon, language) is None


@pytest.mark.parametrize(
    ("language", "text", "amount"),
    [
        ("en", "Pizza delivery only $9", "9"), ("en", "Meal delivery from £6.50", "6.50"),
        ("en", "Flower delivery\n$29", "29"), ("en", "Phone cover $9", "9"), ("en", "Duvet cover now £8.", "8"),
        ("de", "Pizza-Lieferung nur 9 €", "9"), ("de", "Blumenversand ab 19 €", "19"),
        ("nl", "Bloemen bezorging vanaf € 8", "8"), ("da", "Pizza levering kun 79 kr", "79"),
        ("no", "Sushi-levering fra 99 kr", "99"),
    ],
)  # fmt: skip
def test_goods_that_a_fee_s_word_ends_have_a_price(language: str, text: str, amount: str) -> None:
    for lexicon in (lexicon_for(language), lexicon_for(None)):
        price = pricing.price([block(text)], lexicon, language)

        assert price is not None
        assert str(price.amount) == amount


@pytest.mark.parametrize(
    "text", ["Home delivery only $3", "Pizza $9\nDelivery $2", "Insurance cover $900", "Leave a tip $2"]
)
def test_a_fee_beside_goods_is_still_a_fee(text: str) -> None:
    price = pricing.price([block(text)], lexicon_for("en"), "en")

    assert price is None or price.quote == "$9"


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("Nova X7 £12,450", "12450"),
        ("Kombi 5 €18.900", "18900"),
        ("Kombi 5 € 18.900", "18900"),
        ("Phone 9\n$649", "649"),
        ("TV 55 £ 399.00", "399.00"),
        ("Model R7 79.90 GBP", "79.90"),
        ("Model R7\n76.90 USD", "76.90"),
        ("Serie B12 1.299,00 €", "1299.00"),
        ("dès89 €", "89"),
    ],
)
def test_a_model_s_number_is_no_price(text: str, amount: str) -> None:
    price = pricing.price([block(text)], lexicon_for(None), None)

    assert price is not None
    assert str(price.amount) == amount


@pytest.mark.parametrize("text", ["Phone S24 799 €", "Art. 40\n899 €", "Kombi 308 € 21.490"])
def test_what_may_be_a_model_s_number_or_thousands_is_no_price(text: str) -> None:
    assert pricing.price([block(text)], lexicon_for(None), None) is None


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("Fast delivery\nNow $49", "49"),
        ("Now from $79, save $20", "79"),
        ("-20 € Rabatt. Jetzt nur 59 €", "59"),
        ("Save £50\nonly £199", "199"),
        ("19 € 25 Stück", "19"),
        ("Mug $14\nFree shipping over $60", "14"),
        ("Mug $14 Free shipping over $60", "14"),
        ("Før 599 nå 399 kr", "399"),
    ],
)
def test_a_price_beside_other_facts_still_holds(text: str, amount: str) -> None:
    price = pricing.price([block(text)], lexicon_for(None), None)

    assert price is not None
    assert str(price.amount) == amount


NO_OFFERS = [
    ("en", "No sales or discounts"), ("en", "Never a sale"), ("en", "Join our sales team as a sales executive"),
    ("en", "$300 deposit"), ("en", "25% less plastic"), ("en", "40% less fat than before"), ("en", "Coupons app"),
    ("en", "$49 to $79"), ("en", "3 x £20"), ("en", "Never on sale"),
    ("de", "Keine Rabatte oder Gutscheine"), ("de", "20 % weniger Salz"), ("de", "Kaution 400 €"),
    ("fr", "Pas de soldes ni de promotions"), ("fr", "30 % de sucre en moins"), ("fr", "25 % de moins de sel"),
    ("es", "Sin descuentos ni ofertas"), ("es", "30% menos azúcar"), ("it", "Niente saldi, nessuno sconto"),
    ("it", "40% in meno di grassi"), ("pt", "Sem descontos nem promoções"), ("pt", "25% menos sódio"),
    ("nl", "Geen korting, geen actie"), ("nl", "30% minder suiker"), ("pl", "Bez rabatów ani promocji"),
    ("pl", "30% mniej cukru"), ("sv", "Ingen rea, inga rabatter"), ("sv", "30% mindre socker"),
    ("da", "Ingen rabatter eller tilbud"), ("da", "25% mindre salt"), ("no", "Ingen salg, ingen rabatt"),
    ("no", "30 % mindre sukker"), ("tr", "İndirim yok"), ("tr", "%30 daha az şeker"), ("cs", "Žádné slevy ani akce"),
    ("cs", "O 30 % méně cukru"), ("ja", "割引なし"), ("ja", "糖質50%オフ"),
    ("de", "40 % mehr Reichweite"), ("fr", "30 % d'autonomie en plus"), ("nl", "25% meer ruimte"),
    ("pl", "6 x 49 zł"), ("en", "We never do sales"),
    ("en", "100% free of perfume"), ("fr", "Satisfait ou remboursé"), ("ja", "プロテインで筋肉増量"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text"), NO_OFFERS)
def test_what_is_denied_or_less_of_something_else_is_no_offer(language: str, text: str) -> None:
    blocks = [block(text)]

    for lexicon in (lexicon_for(language), lexicon_for(None)):
        assert promotions.promotion_text(blocks, lexicon) is None
        assert promotions.discount_percent(blocks, lexicon) is None


OFFERS = [
    ("en", "Was £120 Now £85"), ("en", "$75 down from $99"), ("en", "$129 now $99"), ("en", "15% extra free"),
    ("en", "Annual fee waived"), ("en", "£0 delivery fee"), ("de", "Statt 89,95 € nur 64,95 €"),
    ("de", "UVP 25 € jetzt 19 €"), ("de", "von 79 € auf 49 €"), ("de", "25 % mehr Inhalt"), ("de", "0 € Versandkosten"),
    ("fr", "59 € au lieu de 79 €"), ("fr", "Avant 45 € Maintenant 30 €"), ("fr", "20 % de produit en plus"),
    ("fr", "0 € de frais de port"), ("es", "Antes 75 € Ahora 52 €"), ("es", "25% más de producto"),
    ("es", "Sin gastos de envío"), ("it", "Prima 80 € Ora 55 €"), ("it", "49 € invece di 69 €"),
    ("it", "20% di prodotto in più"), ("pt", "De R$ 200 por R$ 140"), ("pt", "Antes 60 € Agora 45 €"),
    ("pt", "20% mais produto"), ("nl", "Van € 89 voor € 59"), ("nl", "Was € 40 nu € 28"), ("nl", "25% meer inhoud"),
    ("pl", "Zamiast 129 zł tylko 89 zł"), ("pl", "Było 99 zł jest 69 zł"), ("pl", "20% więcej produktu"),
    ("sv", "Ord. pris 599 kr Nu 449 kr"), ("sv", "Förr 300 kr nu 220 kr"), ("sv", "20% mer innehåll"),
    ("da", "Før 499 kr Nu 349 kr"), ("da", "25% mere indhold"), ("no", "Før 799 kr Nå 549 kr"),
    ("no", "0 kr i frakt"), ("tr", "800 TL yerine 600 TL"), ("tr", "Eski fiyat 500 TL Yeni fiyat 350 TL"),
    ("tr", "%20 daha fazla ürün"), ("cs", "Původně 990 Kč Nyní 690 Kč"), ("cs", "Místo 500 Kč jen 350 Kč"),
    ("cs", "20 % navíc"), ("ja", "通常価格5,000円 特別価格3,500円"), ("ja", "20%増量"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text"), OFFERS)
def test_a_price_cut_more_for_the_money_and_a_fee_that_falls_away_are_offers(language: str, text: str) -> None:
    for lexicon in (lexicon_for(language), lexicon_for(None)):
        assert promotions.promotion_text([block(text)], lexicon) == text


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "Save 25% on energy bills"), ("de", "-15 % Salz & Pfeffer"), ("es", "-35% en agua de colonia"),
     ("de", "20 % weniger bezahlen"), ("en", "20% off sugar free gum"), ("fr", "25 % moins cher")],
)  # fmt: skip
def test_a_percentage_off_the_price_of_what_there_may_be_less_of_is_a_discount(language: str, text: str) -> None:
    for lexicon in (lexicon_for(language), lexicon_for(None)):
        assert promotions.discount_percent([block(text)], lexicon)


@pytest.mark.parametrize(
    ("language", "text"),
    [("sv", "Missa inte rean"), ("de", "Verpasse keine Aktion"), ("pt", "Aproveite no Cyber Monday"),
     ("en", "No code needed: 20% off"), ("en", "No limits sale"), ("ja", "最大3,000円OFF")],
)  # fmt: skip
def test_a_negation_that_denies_no_offer_leaves_it_one(language: str, text: str) -> None:
    assert promotions.promotion_text([block(text)], lexicon_for(language)) == text


def test_an_old_price_and_a_new_one_in_blocks_of_their_own_are_an_offer() -> None:
    old, new = block("Was $64.99"), block("Now $44.99", height=50)

    assert promotions.promotion_text([old, new], lexicon_for("en")) == "Was $64.99 Now $44.99"
    assert promotions.promotion_text([new], lexicon_for("en")) is None


@pytest.mark.parametrize(
    ("language", "text"),
    [("de", "Das 2. Paar zum halben Preis"), ("nl", "Tweede halve prijs"), ("pl", "Drugi za pół ceny"),
     ("en", "Second pair half price"),
     ("en", "Half price second pair"), ("cs", "Druhý za polovinu"), ("ja", "2点目半額")],
)  # fmt: skip
def test_half_the_price_of_a_second_item_is_an_offer_without_a_percentage(language: str, text: str) -> None:
    for lexicon in (lexicon_for(language), lexicon_for(None)):
        assert promotions.discount_percent([block(text)], lexicon) is None
        assert promotions.promotion_text([block(text)], lexicon)


def test_a_button_in_the_offer_s_line_is_not_quoted_with_it() -> None:
    lexicon = lexicon_for("en")

    assert promotions.promotion_text([block("Winter clearance -35% Order now")], lexicon) == "Winter clearance -35%"
    assert promotions.promotion_text([block("Get 20% off today")], lexicon) == "Get 20% off today"


CALLS = [
    ("en", "Enter today"), ("en", "Give today"), ("en", "Activate now"), ("en", "Tour now"), ("en", "Find yours today"),
    ("en", "Call us on 020 7946 0018"), ("de", "Karten buchen"), ("de", "Jetzt mitspielen"), ("de", "Finde deins"),
    ("de", "Rufen Sie an: 030 901820"), ("fr", "Trouvez le vôtre"), ("fr", "Je participe"),
    ("fr", "Appelez le 01 70 18 99 00"), ("es", "Encuentra el tuyo"), ("es", "Dona ya"), ("es", "Llama al 900 123 456"),
    ("it", "Trova il tuo"), ("it", "Dona subito"), ("it", "Chiama ora 800 123 456"), ("pt", "Encontre o seu"),
    ("pt", "Doe agora"), ("pt", "Ligue já 0800 123 4567"), ("nl", "Kaarten bestellen"), ("nl", "Geef nu"),
    ("nl", "Bel 0800 1234567"), ("pl", "Znajdź swój"), ("pl", "Aktywuj teraz"), ("pl", "Zadzwoń 801 123 456"),
    ("sv", "Hitta din"), ("sv", "Ge nu"), ("sv", "Ring 08 123 456 78"), ("da", "Find din"), ("da", "Giv nu"),
    ("da", "Ring 70 12 34 56"), ("no", "Finn din"), ("no", "Gi nå"), ("no", "Ring 22 12 34 56"), ("tr", "Biletini al"),
    ("tr", "Hemen bağış yap"), ("tr", "Hemen ara 0850 123 45 67"), ("cs", "Najděte svůj"), ("cs", "Darujte nyní"),
    ("cs", "Volejte 800 123 456"), ("ja", "今すぐ寄付"), ("ja", "チケットを購入"),
    ("en", "Arrange a viewing"), ("en", "See what's on"), ("de", "Besichtigung vereinbaren"), ("de", "Händler finden"),
    ("fr", "Planifier une visite"), ("es", "Solicitar visita"), ("pt", "Faça uma cotação"), ("pt", "Marcar visita"),
    ("it", "Richiedi una visita"), ("nl", "Plan bezichtiging"),
    ("en", "Talk to sales"), ("de", "Infomaterial anfordern"), ("de", "Tarif wechseln"), ("es", "Visítalo"),
]  # fmt: skip


@pytest.mark.parametrize("text", ["Open today", "Save $20 now $79", "Travel light", "Made for today", "Nu på bio"])
def test_what_only_sounds_like_a_call_is_none(text: str) -> None:
    assert calls.call_to_action([block(text)], lexicon_for(None)) is None


@pytest.mark.parametrize(("language", "text"), CALLS)
def test_a_call_is_told(language: str, text: str) -> None:
    for lexicon in (lexicon_for(language), lexicon_for(None)):
        assert calls.call_to_action([block("Brand", height=40), block(text)], lexicon) == text


@pytest.mark.parametrize(
    ("language", "lines", "currency"),
    [
        ("en", "Sofa $899\nPrices in Canadian dollars", "CAD"),
        ("en", "Sofa $899\nPrices in AUD", "AUD"),
        ("en", "Sofa $899\nPrices in USD or CAD", "USD"),  # neither: as where none is named
        ("en", "Sofa $899", "USD"),
        ("es", "Sofá $8,999\nPrecios en pesos mexicanos", "MXN"),
        ("es", "Sofá $8,999", None),
        ("de", "Sofa 89.–\nPreise in CHF", "CHF"),
        ("de", "Sofa 89.–", None),
        ("en", "Sofa €899\nPrices in Canadian dollars", "EUR"),
    ],
)
def test_the_currency_of_a_shared_sign_is_the_one_that_the_ad_names(
    language: str, lines: str, currency: str | None
) -> None:
    found = pricing.price([block(lines)], lexicon_for(language), language)

    assert found is not None
    assert found.currency == currency


def test_what_is_given_is_no_price_though_it_stands_below_in_taller_letters() -> None:
    ad = [block("Switch and we'll give you", height=40), sized_below("£175", 80)]

    assert pricing.price(ad, lexicon_for("en"), "en") is None
    assert promotions.has_promotion(ad, lexicon_for("en"))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "New customers only. Min. pay-in £1,500 and two debits"),
        ("de", "Nur Neukunden, Mindestgeldeingang 700 €"),
        ("es", "Ingreso mínimo de 800 €"),
    ],
)
def test_what_has_to_be_paid_in_is_no_price(language: str, text: str) -> None:
    assert pricing.price([block(text)], lexicon_for(language), language) is None


def sized_below(text: str, top: float) -> Block:
    """A line of its own below another block."""
    return Block((Line(text, 0, top, 300, top + 100, 0.99),))


def test_a_line_that_goes_on_and_an_address_below_a_button_are_no_call() -> None:
    lexicon = lexicon_for(None)

    assert calls.call_to_action([block("Kup dwie kurtki,\na drugą dostaniesz")], lexicon) is None
    assert calls.call_to_action([block("Apply now\njobs@a.test")], lexicon) == "Apply now"


ENGLISH, GERMAN = "The workshop for all who love wood and patient craft", "Die Werkstatt für alle, die Holz lieben"


@pytest.mark.parametrize(
    ("said", "button"),
    [
        (ENGLISH, "Whittle now"),
        (ENGLISH, "Meet the carvers"),
        (ENGLISH, "020 7946 0018"),
        (GERMAN, "Jetzt schnitzen"),
        (GERMAN, "Zur Werkstatt"),
    ],
)
def test_where_a_call_may_stand_in_words_that_are_not_known_none_is_not_said_to_lack(said: str, button: str) -> None:
    text = block(said)

    assert findings.of_words([text])["has_call_to_action"] is False
    assert findings.of_words([text, block(button)])["has_call_to_action"] is not False
