"""What an ad offers, costs and asks for is told in six languages, and what only looks like it is not."""

from dataclasses import replace
from decimal import Decimal

import pytest

from functions.extract.extractors.offline import calls, pricing, promotions
from functions.extract.extractors.offline.lexicon import lexicon_for
from shared.media.ocr import Block
from tests.functions.extract.extractors.offline.wordings import block, sized


@pytest.mark.parametrize(
    ("language", "text", "percent"),
    [
        ("en", "20% OFF", 20),
        ("en", "Up to 50% off everything", 50),
        ("en", "Save 15.5%", 15.5),
        ("en", "20% extra off", 20),
        ("en", "Half price", 50),
        ("en", "UP TO\n70%\nOFF", 70),
        ("en", "20-50% discount", 50),
        ("fr", "-30 %", 30),
        ("fr", "50 % de remise", 50),
        ("fr", "Jusqu'à -40 % sur tout", 40),
        ("fr", "Économisez 10 %", 10),
        ("fr", "À moitié prix", 50),
        ("de", "bis zu 50 % Rabatt", 50),
        ("de", "20 % auf alles", 20),
        ("de", "Spare jetzt 25 %", 25),
        ("de", "30% günstiger", 30),
        ("de", "zum halben Preis", 50),
        ("es", "40% de descuento", 40),
        ("es", "Descuento del 15 %", 15),
        ("es", "Todo al 50%", 50),
        ("pt", "60% de desconto", 60),
        ("pt", "20% OFF em toda a loja", 20),
        ("pt", "Economize até 35%", 35),
        ("it", "Sconto del 30%", 30),
        ("it", "Saldi fino al 50%", 50),
        ("it", "-20% su tutto", 20),
        ("en", "extra 15% with code FALL15", 15),
        ("de", "Extra 15 % mit dem Code HERBST", 15),
        ("fr", "15 % avec le code AUTOMNE", 15),
        ("pt", "15% com o cupom PRIMAVERA", 15),
        ("en", "€58.95-20% June", 20),
        ("en", "$21.49 -50%", 50),
        ("sv", "199 kr-25%", 25),
    ],
)
def test_a_discount_is_read(language: str, text: str, percent: float) -> None:
    blocks = [block(text)]

    assert promotions.discount_percent(blocks, lexicon_for(language)) == percent
    assert promotions.discount_percent(blocks, lexicon_for(None)) == percent
    assert promotions.promotion_text(blocks, lexicon_for(language))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "100% cotton"),
        ("en", "80% charge in 20 minutes"),
        ("en", "Up to 30% more range"),
        ("fr", "98 % d'ingrédients naturels"),
        ("de", "100 % Baumwolle"),
        ("de", "Mit 40 % Kakao"),
        ("es", "100% algodón orgánico"),
        ("pt", "95% de ingredientes naturais"),
        ("it", "97% di origine naturale"),
        ("en", "500% OFF"),
        ("en", "3.99-5.99% APR"),
    ],
)
def test_a_percentage_of_something_else_is_no_discount(language: str, text: str) -> None:
    assert promotions.discount_percent([block(text)], lexicon_for(language)) is None


@pytest.mark.parametrize(
    ("language", "text", "amount"),
    [
        ("de", "100 € Wechselbonus\nab 39 € im Monat", 39),
        ("de", "100 € Wechselbonus ab 39 €", 39),
        ("de", "50 € Rabatt\nab 59 € mtl.", 59),
        ("en", "£50 bonus\nfrom £79 a month", 79),
        ("en", "$20 cash back\nplans from $45/month", 45),
        ("fr", "30 € offerts\ndès 39,99 €/mois", 39.99),
        ("fr", "100 € de bonus\nà partir de 39 € par mois", 39),
        ("es", "20 € de regalo\ndesde 25 € al mes", 25),
        ("it", "15 € di sconto\nda 19,90 € al mese", 19.9),
        ("de", "50 € Rabatt ab 200 €", None),
        ("de", "20 € Gutschein\nab 100 € Einkaufswert", None),
        ("en", "$20 off\nfrom $100", None),
        ("fr", "10 € de remise\ndès 50 € d'achat", None),
        ("es", "10 € de descuento\na partir de 50 €", None),
        ("it", "10 € di sconto\na partire da 50 €", None),
    ],
)
def test_what_is_paid_each_month_or_is_less_than_a_bonus_is_not_spent_for_it(
    language: str, text: str, amount: float | None
) -> None:
    found = pricing.price([block(text)], lexicon_for(language), language)

    assert (float(found.amount) if found else None) == amount


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "10% cashback on everything"), ("en", "Get 20% back in points"),
        ("en", "20% back in store credit"), ("de", "10 % in Bonuspunkten zurück"),
        ("de", "15 % Cashback auf alles"), ("pt", "10% de cashback no app"), ("fr", "5% de remboursement en points"),
        ("nl", "10% terug op alles"), ("ja", "最大50%ポイント還元"), ("ja", "10%キャッシュバック"), ("zh", "10%返现"),
        ("cs", "10 % zpět na vše"), ("pl", "5% zwrotu za zakupy"), ("tr", "%10 nakit iade"), ("da", "10% bonuspoint"),
    ],
)  # fmt: skip
def test_what_is_given_back_is_an_offer_and_no_discount(language: str, text: str) -> None:
    lexicon = lexicon_for(language)

    assert promotions.discount_percent([block(text)], lexicon) is None
    assert promotions.promotion_text([block(text)], lexicon) == text


@pytest.mark.parametrize("after", ["Back to School", "Back in stores Friday"])
def test_a_sale_that_goes_back_to_school_gives_nothing_back(after: str) -> None:
    assert promotions.discount_percent([block(f"SALE\n20%\n{after}")], lexicon_for("en")) == 20


def test_a_percentage_alone_is_the_discount_where_a_sale_is_on() -> None:
    sale, percentage, material = block("SUMMER SALE"), block("50%"), block("100% linen")
    lexicon = lexicon_for("en")

    assert promotions.discount_percent([sale, percentage, material], lexicon) == 50
    assert promotions.discount_percent([percentage, material], lexicon) is None


def test_of_several_discounts_the_highest_holds() -> None:
    blocks = [block("20% off shoes"), block("Up to 60% off coats")]

    assert promotions.discount_percent(blocks, lexicon_for("en")) == 60


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "2 for 1"),
        ("en", "Buy one get one free"),
        ("en", "Kids go free"),
        ("en", "First month free"),
        ("en", "Free gift with every order"),
        ("en", "Use code SUMMER"),
        ("en", "$20 off your first order"),
        ("en", "0% APR"),
        ("fr", "La deuxième nuit offerte"),
        ("fr", "2 achetés, 1 offert"),
        ("fr", "Livraison offerte"),
        ("fr", "Ventes flash"),
        ("de", "Kinder reisen gratis"),
        ("de", "3 für 2"),
        ("de", "Sommerschlussverkauf"),
        ("de", "Versandkostenfrei ab 50 €"),
        ("es", "3x2 en cosmética"),
        ("es", "Envío gratis"),
        ("es", "La segunda unidad al 50%"),
        ("pt", "Leve 3 pague 2"),
        ("pt", "Frete grátis"),
        ("it", "Prendi 3 paghi 2"),
        ("it", "Spedizione gratuita"),
        ("it", "In omaggio una borsa"),
    ],
)
def test_an_offer_is_quoted(language: str, text: str) -> None:
    assert promotions.promotion_text([block(text)], lexicon_for(language)) == text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "House for sale"),
        ("en", "A gluten-free loaf"),
        ("en", "Feel free to ask"),
        ("en", "View offers"),
        ("de", "Zum Angebot"),
        ("de", "Stellenangebote in Berlin"),
        ("fr", "Voir l'offre"),
        ("es", "Ofertas de empleo"),
        ("it", "Scopri l'offerta"),
        ("pt", "Móveis de madeira maciça"),
    ],
)
def test_words_that_only_sound_like_an_offer_are_none(language: str, text: str) -> None:
    assert promotions.promotion_text([block(text)], lexicon_for(language)) is None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        *(("en", text) for text in ("See the deal", "View the deal", "Get this deal", "See our offers")),
        *(("de", text) for text in ("Zum Deal", "Angebot ansehen", "Deals ansehen")),
        *(("fr", text) for text in ("Voir la promo", "Voir l'offre")),
        *(("es", text) for text in ("Ver la oferta", "Ver promoción")),
        *(("it", text) for text in ("Vedi l'offerta", "Scopri la promo")),
        *(("nl", text) for text in ("Bekijk de deal", "Bekijk aanbieding")),
        ("pt", "Ver a oferta"),
        *(("zh", text) for text in ("查看优惠", "了解優惠")),
        *(("ja", text) for text in ("特典を見る", "お得な情報はこちら")),
    ],
)
def test_a_button_that_leads_to_an_offer_is_a_call_and_no_offer(language: str, text: str) -> None:
    lexicon = lexicon_for(language)

    assert promotions.promotion_text([block(text)], lexicon) is None
    assert calls.call_to_action([block(text)], lexicon) == text


def test_an_offer_over_lines_is_quoted_whole_and_its_headline_is_not() -> None:
    headline, offer = block("Garden furniture", height=40), block("Free shipping on\norders over $50")

    quote = promotions.promotion_text([headline, offer], lexicon_for("en"))

    assert quote == "Free shipping on orders over $50"


@pytest.mark.parametrize(
    ("language", "text", "quote"),
    [
        ("pt", "Leve 3 Pague 2\nR$ 1.299,90 à vista\nou 10x de R$ 129,99", "Leve 3 Pague 2"),
        ("en", "Roof repair from $1,499.99\n$500 off any new roof", "$500 off any new roof"),
        ("de", "20 % auf alles\nStiefel ab 49,90 €", "20 % auf alles"),
        ("fr", "Bottes 49,90 €\nlivraison offerte", "livraison offerte"),
        ("en", "Free shipping on\norders over $50", "Free shipping on orders over $50"),
    ],
)
def test_a_price_beside_an_offer_is_none_of_it(language: str, text: str, quote: str) -> None:
    assert promotions.promotion_text([block(text)], lexicon_for(language)) == quote


@pytest.mark.parametrize(
    ("language", "text", "quote"),
    [
        ("de", "Nordhaus Möbel\nStatt 599 € nur 449 €", "Statt 599 € nur 449 €"),
        ("de", "20 % Rabatt auf alle Sofas\nNordhaus", "20 % Rabatt auf alle Sofas"),
        ("fr", "Maison Lunel\nLivraison offerte dès 50 €\nDécouvrir", "Livraison offerte dès 50 €"),
        ("en", "Lumera Beachwear\n20% off all swimsuits\nDiscover", "20% off all swimsuits"),
        ("it", "Casa Verde\nSconto del 20% su tutto\nAcquista", "Sconto del 20% su tutto"),
        ("nl", "Bekijk\n20% korting op alle jassen", "20% korting op alle jassen"),
        ("de", "20 % Rabatt auf\nSofas", "20 % Rabatt auf Sofas"),
        ("en", "Get 20% off\nwhen you order", "Get 20% off when you order"),
        ("en", "20% Off\nAll Jackets", "20% Off All Jackets"),
        ("en", "Free shipping on\nAll Orders", "Free shipping on All Orders"),
    ],
)
def test_a_name_and_a_button_beside_an_offer_are_none_of_it(language: str, text: str, quote: str) -> None:
    for lexicon in (lexicon_for(language), lexicon_for(None)):
        assert promotions.promotion_text([block(text)], lexicon) == quote


@pytest.mark.parametrize(
    ("language", "text", "quote"),
    [
        ("en", "Electric kettle 1.7 L\n£15 off\n£59.99 £44.99", "£15 off"),
        ("de", "Kaffeevollautomat\nSie sparen 150 €\n599 € 449 €", "Sie sparen 150 €"),
        ("fr", "Lunettes de vue\nLa 2e paire à 1 €", "La 2e paire à 1 €"),
        ("pt", "Tênis de corrida\nR$ 100 off", "R$ 100 off"), ("zh", "有机绿茶\n买一送一", "买一送一"),
        ("en", "Sign up and get\n20% off", "Sign up and get 20% off"), ("de", "Bis Sonntag auf\n20 % Rabatt", None),
        ("en", "Was £59.99 now £44.99", "Was £59.99 now £44.99"),
        ("en", "3 months for the price of 1", "3 months for the price of 1"),
        ("pt", "10% à vista no Pix", "10% à vista no Pix"),
    ],
)  # fmt: skip
def test_what_is_sold_and_its_two_prices_are_none_of_the_offer_beside_them(
    language: str, text: str, quote: str | None
) -> None:
    expected = quote or text.replace("\n", " ")
    assert promotions.promotion_text([block(text)], lexicon_for(language)) == expected


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Nur solange der Vorrat reicht"), ("es", "Hasta agotar existencias"),
        ("it", "Fino a esaurimento scorte"),
        ("fr", "Jusqu'à épuisement des stocks"), ("nl", "Zolang de voorraad strekt"),
    ],
)  # fmt: skip
def test_how_long_there_is_some_left_is_no_offer(language: str, text: str) -> None:
    assert promotions.promotion_text([block(text), block("79,95 €")], lexicon_for(language)) is None


def test_nobody_can_tell_what_a_number_was_through_which_a_stroke_goes() -> None:
    old, new = block("59,90"), block("39,90")
    struck = Block(tuple(replace(line, struck=True) for line in old.lines))

    assert promotions.may_promote([struck, new], lexicon_for("es"))
    assert not promotions.may_promote([old, new], lexicon_for("es"))


def test_free_delivery_is_quoted_once() -> None:
    blocks = [block("FREE SHIPPING"), block("Free delivery, free returns"), block("FREE SHIPPING")]

    assert promotions.promotion_text(blocks, lexicon_for("en")) == "FREE SHIPPING Free delivery, free returns"


def test_a_button_is_quoted_as_offer_only_where_nothing_else_offers() -> None:
    trial, month = block("Start free trial"), block("First month free")
    lexicon = lexicon_for("en")

    assert promotions.promotion_text([month, trial], lexicon) == "First month free"
    assert promotions.promotion_text([trial], lexicon) == "Start free trial"


@pytest.mark.parametrize(("language", "text"), [("en", "Shop the sale"), ("de", "Zum Sale"), ("de", "Jetzt sparen")])
def test_a_button_that_names_a_sale_is_no_offers_words(language: str, text: str) -> None:
    blocks, lexicon = [block("Waxed jacket"), block(text)], lexicon_for(language)

    assert promotions.promotion_text(blocks, lexicon) is None
    assert calls.call_to_action(blocks, lexicon) == text
    assert promotions.has_promotion(blocks, lexicon) is (text != "Jetzt sparen")


@pytest.mark.parametrize(
    ("language", "text", "amount", "currency", "quote"),
    [
        ("en", "$19.99", "19.99", "USD", "$19.99"),
        ("en", "Was $59.99\nnow only $39.99", "39.99", "USD", "$39.99"),
        ("en", "Save $20! Now $79", "79", "USD", "$79"),
        ("en", "from £129", "129", "GBP", "£129"),
        ("en", "Free shipping over $50. Yours for $12", "12", "USD", "$12"),
        ("fr", "dès 149 €", "149", "EUR", "149 €"),
        ("fr", "Livraison offerte dès 49 €\nà partir de 19€99", "19.99", "EUR", "19€99"),
        ("fr", "29 € au lieu de 45 €", "29", "EUR", "29 €"),
        ("de", "Statt 29,99 € jetzt nur 19,99 €", "19.99", "EUR", "19,99 €"),
        ("de", "UVP 1.499,00 €\nnur noch 1.299,00 €", "1299.00", "EUR", "1.299,00 €"),
        ("es", "Antes 60 €, ahora 45 €", "45", "EUR", "45 €"),
        ("pt", "de R$ 99,90 por R$ 59,90", "59.90", "BRL", "R$ 59,90"),
        ("it", "Da 99 €", "99", "EUR", "99 €"),
        ("it", "prima 50 € ora 35 €", "35", "EUR", "35 €"),
        ("en", "$9 a month", "9", "USD", "$9"),
    ],
)
def test_the_price_that_holds_is_read(language: str, text: str, amount: str, currency: str, quote: str) -> None:
    price = pricing.price([block(text)], lexicon_for(language), language)

    assert price is not None
    assert (str(price.amount), price.currency, price.quote) == (amount, currency, quote)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Free shipping over $50"),
        ("en", "$20 off"),
        ("en", "Save up to $200"),
        ("en", "2 for $5"),
        ("en", "$3 million raised"),
        ("en", "Win a £500 voucher"),
        ("fr", "-20 €"),
        ("fr", "10 € offerts"),
        ("fr", "Livraison gratuite dès 49 €"),
        ("de", "Versandkostenfrei ab 50 €"),
        ("de", "Spare 20 €"),
        ("de", "50 € Gutschein"),
        ("es", "10 € de descuento"),
        ("pt", "Frete grátis acima de R$ 99"),
        ("it", "Spedizione gratuita sopra i 39 €"),
        ("it", "20 € di sconto"),
    ],
)
def test_savings_thresholds_and_prizes_are_no_price(language: str, text: str) -> None:
    assert pricing.price([block(text)], lexicon_for(language), language) is None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Bio-Äpfel\nI,99 €\n2,84 €/kg"),
        ("de", "1,99 € je 100 g"),
        ("de", "1 kg = 2,84 €"),
        ("fr", "2,50 € le kilo"),
        ("it", "A 2,50 € al kg"),
        ("it", "al kg € 2,84"),
        ("es", "3,20 €/kilo"),
        ("pt", "R$ 9,90 o kg"),
        ("nl", "2,99 € per liter"),
        ("da", "45 kr pr. kg"),
        ("pl", "12,99 zł/kg"),
        ("en", "$3.99 per lb"),
        ("ja", "100gあたり98円"),
        ("de", "ab 899 €20 % Rabatt"),
    ],
)
def test_what_a_kilo_costs_and_a_percentage_are_no_price(language: str, text: str) -> None:
    assert pricing.price([block(text)], lexicon_for(language), language) is None


@pytest.mark.parametrize(
    ("language", "text", "amount"),
    [
        ("de", "1,99 €\n(1 l = 0,99 €)", "1.99"),
        ("de", "2,84 €/kg\n1,99 €", "1.99"),
        ("de", "1,99 € je 500-g-Packung", "1.99"),
        ("de", "Kaffee 1 kg: 9,99 €", "9.99"),
        ("fr", "49 € à l'achat", "49"),
        ("en", "$20 a 5 kg bag", "20"),
    ],
)
def test_the_price_beside_what_a_kilo_costs_holds(language: str, text: str, amount: str) -> None:
    price = pricing.price([block(text)], lexicon_for(language), language)

    assert price is not None
    assert price.amount == Decimal(amount)


def test_of_several_products_prices_none_holds() -> None:
    menu = [block("Pizza $12"), block("Salad $9")]

    assert pricing.price(menu, lexicon_for("en"), "en") is None


def test_of_two_prices_the_one_in_clearly_taller_letters_holds() -> None:
    struck, shown = block("59,99 €", height=20), block("39,99 €", height=60)

    price = pricing.price([struck, shown], lexicon_for("de"), "de")

    assert price is not None
    assert price.quote == "39,99 €"


def test_a_price_that_is_struck_out_is_none_however_large() -> None:
    struck, shown = (Block((replace(block(text, height).lines[0], struck=height > 30),)) for text, height in
                     (("59,99 €", 60), ("39,99 €", 20)))  # fmt: skip

    price = pricing.price([struck, shown], lexicon_for("de"), "de")

    assert price is not None
    assert price.quote == "39,99 €"
    assert pricing.price([struck], lexicon_for("de"), "de") is None


def test_there_is_no_price_where_nobody_can_tell_what_number_one_is() -> None:
    uneven = Block((replace(block("$4999").lines[0], uneven=True),))

    assert pricing.price([uneven], lexicon_for("en"), "en") is None


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("l9,99 €", None),
        ("statt 29,99 €\nI9,99 €", None),
        ("€ 1O", None),
        ("O,99 €", None),
        ("dès149 €", 149),
        ("1 l\n9 €", 9),
        ("XL 9 €", 9),
        ("Il olio 5 €", 5),
    ],
)
def test_a_price_of_which_a_digit_may_have_been_read_as_a_letter_is_none(text: str, amount: int | None) -> None:
    price = pricing.price([block(text)], lexicon_for("fr"), "fr")

    assert (price.amount if price else None) == amount


def test_a_price_printed_twice_is_one_price() -> None:
    price = pricing.price([block("$12"), block("$12")], lexicon_for("en"), "en")

    assert price is not None
    assert price.amount == 12


@pytest.mark.parametrize(("language", "currency"), [("en", "USD"), (None, "USD"), ("es", None), ("pt", None)])
def test_a_dollar_is_american_only_where_no_other_is_likely(language: str | None, currency: str | None) -> None:
    price = pricing.price([block("$199")], lexicon_for(language), language)

    assert price is not None
    assert price.currency == currency


CALLS = [
    "See all", "View homes", "Zum Prospekt",
    "Shop now", "SHOPNOW", "Learn more", "Book a test drive", "Order online", "Get tickets", "Subscribe", "Buy now →",
    "Jetzt kaufen", "Mehr erfahren", "Jetzt Termin buchen", "Zum Shop", "In den Warenkorb", "Kostenlos testen",
    "Acheter maintenant", "En savoir plus", "J'en profite", "Réservez vite", "Découvrir la collection",
    "Compra ya", "Reserva ahora", "Más información", "Pide tu cita", "Lo quiero",
    "Saiba mais", "Compre agora", "Peça já", "Baixe o app", "Inscreva-se",
    "Scopri di più", "Acquista ora", "Prenota subito", "Aggiungi al carrello", "Iscriviti",
    "See flights", "Check prices", "Voir les prix", "Zu den Flügen", "Ver vuelos", "Vedi i voli",
]  # fmt: skip

RUN_TOGETHER = [
    "Booka drive",
    "Claimyour gift",
    "Seeflights",
    "Réserverune table",
    "Reservatu mesa",
    "Buchedeinen Flug",
]


@pytest.mark.parametrize("text", [*CALLS, *RUN_TOGETHER])
def test_a_call_to_action_is_quoted_whatever_the_language(text: str) -> None:
    blocks = [block("Brand", height=40), block(text)]

    assert calls.call_to_action(blocks, lexicon_for(None)) == text.removesuffix(" →")


@pytest.mark.parametrize(
    ("text", "call", "language"),
    [
        ("SOFORT Jetzt buchen", "Jetzt buchen", "de"),
        ("NEW Shop now", "Shop now", "en"),
        ("SOLDES Découvrir", "Découvrir", "fr"),
        ("JETZT Tickets sichern", "JETZT Tickets sichern", "de"),
        ("SHOP NOW", "SHOP NOW", "en"),
    ],
)
def test_a_badge_in_a_buttons_line_is_none_of_it(text: str, call: str, language: str) -> None:
    assert calls.call_to_action([block(text)], lexicon_for(language)) == call


@pytest.mark.parametrize(
    "text",
    ["Jetzt abschließen", "Jetzt abschliessen", "Größe wählen", "GRÖSSE WÄHLEN"],
)
def test_a_call_is_one_with_ss_and_with_sharp_s(text: str) -> None:
    assert calls.call_to_action([block(text)], lexicon_for(None)) == text


@pytest.mark.parametrize(
    "text",
    ["The new Vanta E5", "Fresh coffee every morning", "Made in Italy", "Jetzt neu", "Hello, sunshine", "20% OFF",
     "Booking made easy", "Ordered today", "Buchungen leicht gemacht", "Comparable quality"],
)  # fmt: skip
def test_a_headline_is_no_call(text: str) -> None:
    assert calls.call_to_action([block(text)], lexicon_for(None)) is None


def test_a_call_within_a_sentence_is_cut_out_of_it() -> None:
    sentence = block("Come and see our store, shop now or tomorrow")

    assert calls.call_to_action([sentence], lexicon_for("en")) == "shop now"


@pytest.mark.parametrize(
    ("text", "offer"),
    [
        ("Get 20% off when you sign up", "Get 20% off when you sign up"),
        ("GET 20% OFF WHEN YOU SIGN UP", "GET 20% OFF WHEN YOU SIGN UP"),
        ("SUMMER SALE -20% SHOP NOW", "SUMMER SALE -20%"),
        ("Summer sale -20% Shop now", "Summer sale -20%"),
    ],
)
def test_a_button_in_the_line_of_an_offer_is_no_part_of_it(text: str, offer: str) -> None:
    assert promotions.promotion_text([block(text)], lexicon_for("en")) == offer


@pytest.mark.parametrize(
    ("text", "call", "language"),
    [
        ("Køb nu 299 kr.", "Køb nu", "da"),
        ("Buy now $19.99", "Buy now", "en"),
        ("Jetzt kaufen 5,–", "Jetzt kaufen", "de"),
        ("Text YES to 12345", "Text YES to 12345", "en"),
    ],
)
def test_a_price_in_a_calls_line_is_none_of_it(text: str, call: str, language: str) -> None:
    assert calls.call_to_action([block(text)], lexicon_for(language)) == call


@pytest.mark.parametrize(("upper", "lower", "language"), [("Découvrez-", "le", "fr"), ("Inscreva-", "se", "pt")])
def test_a_call_that_breaks_at_its_hyphen_is_one_word(upper: str, lower: str, language: str) -> None:
    assert calls.call_to_action([block(f"{upper}\n{lower}")], lexicon_for(language)) == upper + lower


def test_the_button_is_the_main_call_before_a_sentence_that_calls() -> None:
    blocks = [block("Learn more"), block("Whatever you like, buy it today in our stores")]

    assert calls.call_to_action(blocks, lexicon_for("en")) == "Learn more"


def test_a_button_of_two_lines_is_one_call() -> None:
    assert calls.call_to_action([block("SCOPRI\nDI PIÙ")], lexicon_for("it")) == "SCOPRI DI PIÙ"


def test_no_words_say_nothing() -> None:
    lexicon = lexicon_for(None)

    assert promotions.promotion_text([], lexicon) is None
    assert promotions.discount_percent([], lexicon) is None
    assert pricing.price([], lexicon, None) is None
    assert calls.call_to_action([], lexicon) is None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("it", "Miscela arabica 100 %\nSconto del 20 %"),
        ("it", "Cotone 100 %, sconto del 20 %"),
        ("en", "100% cotton, discount 20%"),
        ("en", "100% satisfaction\nSave 20%"),
        ("en", "Sale 20% off\nCocoa 70%"),
        ("en", "Sale: save 20%\n29.9% APR"),
        ("de", "Sale -20 %\nMit Kakao 70 %"),
        ("de", "100 % Baumwolle, Rabatt 20 %"),
        ("fr", "Soldes -20 %\nCoton 80 %"),
        ("es", "Rebajas: 20% de descuento\nAlgodón 95%"),
    ],
)
def test_what_a_product_is_made_of_and_costs_in_interest_is_no_discount_beside_one(language: str, text: str) -> None:
    assert promotions.discount_percent([block(text)], lexicon_for(language)) == 20
    assert promotions.discount_percent([block(line) for line in text.split("\n")], lexicon_for(language)) == 20


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("it", "Conto Zero Spese\nApri il conto in 5 minuti · 2,5 %\nTasso lordo annuo. Fogli informativi"),
        ("en", "Big savings event\n4.5%\nAPY on deposits"),
        ("en", "Savings\n3.5 %\ninterest per year"),
        ("de", "Aktion\n3,5 %\neffektiver Jahreszins"),
        ("fr", "Promo\n3,9 %\nTAEG fixe"),
        ("es", "Oferta\n4,5 %\nTAE"),
        ("pt", "Oferta\n4,1 %\nTAN"),
        ("nl", "Actie\n2,9 %\nrente per jaar"),
        ("pl", "Promocja\n5 %\noprocentowanie w skali roku"),
        ("sv", "Kampanj\n3,5 %\nränta"),
        ("da", "Tilbud\n3,5 %\nrente"),
        ("no", "Tilbud\n4,5 %\neffektiv rente"),
        ("tr", "Kampanya\n%35\nfaiz oranı"),
        ("cs", "Akce\n4,9 %\nRPSN"),
    ],
)
def test_interest_is_no_discount_wherever_it_is_named(language: str, text: str) -> None:
    lexicon, rate = lexicon_for(language), next(line for line in text.split("\n") if "%" in line)
    apart = [block(line) for line in text.split("\n")]

    assert promotions.discount_percent([block(text)], lexicon) is None
    assert rate not in (promotions.promotion_text([block(text)], lexicon) or "")
    assert promotions.discount_percent(apart, lexicon) is None


def test_a_discount_beside_interest_is_one_where_words_call_it_so() -> None:
    assert promotions.discount_percent([block("20% off + 0% APR")], lexicon_for("en")) == 20
    assert promotions.discount_percent([block("Möbel -30 %"), block("0 % Zinsen")], lexicon_for("de")) == 30
    assert promotions.discount_percent([block("Ahorra al 4,5 %\nTAE")], lexicon_for("es")) is None
    assert promotions.promotion_text([block("9% APR")], lexicon_for("en")) is None


def test_a_rate_that_a_sale_alone_makes_a_discount_yields_to_one_that_words_call_so() -> None:
    blocks = [block("Summer sale"), block("20% off"), block("Battery lasts for 80%")]

    assert promotions.discount_percent(blocks, lexicon_for("en")) == 20


@pytest.mark.parametrize(
    ("language", "lines", "quote"),
    [
        ("it", [("Divani su misura", 49, 47), ("Consegna gratuita in tutta Italia", 46, 28)], 1),
        ("en", [("Guided yoga for beginners", 76, 48), ("7 days free", 98, 73)], 1),
        ("fr", [("Eau de parfum, notes de figuier", 70, 48), ("2 achetés = 1 offert", 82, 73)], 1),
        ("es", [("Amortiguación total", 67, 48), ("Antes 120 € Ahora 79,95 €", 87, 73)], 1),
    ],
)
def test_a_line_in_letters_of_another_size_is_none_of_the_offer(
    language: str, lines: list[tuple[str, float, float]], quote: int
) -> None:
    assert promotions.promotion_text([sized(*lines)], lexicon_for(language)) == lines[quote][0]


def test_what_stands_between_two_offers_is_none_of_them() -> None:
    ad = sized(
        ("Livraison gratuite dès 30 €", 54, 47),
        ("Vos courses en une heure", 38, 28),
        ("-15 % avec le code FRAIS", 48, 42),
    )

    quote = promotions.promotion_text([ad], lexicon_for("fr"))

    assert quote == "Livraison gratuite dès 30 € -15 % avec le code FRAIS"


def test_a_name_below_the_button_is_none_of_the_offer() -> None:
    assert promotions.promotion_text([block("50% OFF\nBuy now\nSonora")], lexicon_for("en")) == "50% OFF"


@pytest.mark.parametrize(
    ("language", "text", "amount"),
    [
        ("it", "Consegna gratuita in tutta Italia\nDa 599 €", 599),
        ("it", "Divani da 599 €", 599),
        ("it", "A partire da 599 €", 599),
        ("de", "Flüge ab 59 €", 59),
        ("fr", "Vols à partir de 59 €", 59),
        ("fr", "Vols dès 59 €", 59),
        ("es", "Vuelos desde 59 €", 59),
        ("en", "Flights from €59", 59),
        ("de", "100 € Wechselbonus", None),
        ("de", "50 € Startguthaben", None),
        ("en", "£100 welcome bonus", None),
        ("fr", "100 € de prime de bienvenue", None),
        ("es", "Bono de 50 €", None),
        ("it", "Buono da 50 €", None),
        ("it", "50 € di cashback", None),
    ],
)
def test_from_leads_to_a_price_and_a_bonus_is_none(language: str, text: str, amount: int | None) -> None:
    price = pricing.price([block(text)], lexicon_for(language), language)

    assert (price and price.amount) == amount


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Tarif berechnen"),
        ("de", "Tarife vergleichen"),
        ("en", "Compare quotes"),
        ("en", "Calculate your rate"),
        ("fr", "Calculer mon tarif"),
        ("fr", "Comparer les offres"),
        ("es", "Calcular mi tarifa"),
        ("es", "Compara precios"),
        ("it", "Calcola il tuo preventivo"),
        ("it", "Confronta le tariffe"),
    ],
)
def test_to_calculate_and_to_compare_are_calls(language: str, text: str) -> None:
    assert calls.call_to_action([block(text)], lexicon_for(language)) == text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Reprise de 3 000 € sur votre ancien véhicule"), ("fr", "3 000 € de reprise"),
        ("fr", "Reprise 2 500 €"), ("de", "Inzahlungnahme bis zu 3.000 €"),
        ("de", "Bis zu 3.000 € für Ihren Gebrauchten"), ("de", "3.000 € Inzahlungnahmeprämie"),
        ("es", "Hasta 3.000 € por tu coche usado"), ("es", "Plan renove: 2.000 € por tu coche antiguo"),
        ("es", "Tasación de hasta 3.000 €"), ("it", "Supervalutazione dell'usato fino a 3.000 €"),
        ("it", "3.000 € per il tuo usato"), ("nl", "Inruil tot € 3.000"), ("nl", "Tot € 3.000 voor uw oude auto"),
        ("pt", "Retoma até 3.000 €"), ("pt", "Até R$ 3.000 na troca do seu usado"),
        ("pl", "Do 3000 zł za stary samochód"), ("pl", "Premia za odkup 3000 zł"),
        ("sv", "Inbyte upp till 30 000 kr"), ("sv", "20 000 kr för din gamla bil"),
        ("da", "30.000 kr. for din gamle bil"), ("no", "Innbytte opptil 30 000 kr"), ("cs", "Výkup až 30 000 Kč"),
        ("cs", "30 000 Kč za váš starý vůz"), ("tr", "Takas indirimi 30.000 TL"), ("ja", "下取り3万円"),
        ("en", "£2,000 minimum part exchange"), ("en", "Part exchange up to £3,000"),
        ("en", "£500 for your old sofa"),
    ],
)  # fmt: skip
def test_what_is_given_for_something_old_is_an_offer_and_no_price(language: str, text: str) -> None:
    assert_is_an_offer_and_no_price(language, text)


def assert_is_an_offer_and_no_price(language: str, text: str) -> None:
    lexicon = lexicon_for(language)

    assert pricing.price([block(text)], lexicon, language) is None
    assert promotions.promotion_text([block(text)], lexicon) == text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("da", "200 kr. rabat"), ("da", "500 kr. i gavekort"), ("no", "500 kr. rabatt"), ("en", "500 Rs. off"),
        ("en", "Max. discount £50"), ("en", "Approx. £50 saving"), ("de", "Gutschein i.W.v. 20 €"),
        ("en", "Get 100 Rs. off when you buy for 500 Rs."), ("da", "Få 50 kr. rabat ved køb af 300 kr."),
        ("nl", "Gratis tas t.w.v. € 50"), ("de", "inkl. 20 € Cashback"), ("sv", "Max. 200 kr rabatt"),
    ],
)  # fmt: skip
def test_the_point_of_what_is_shortened_ends_no_sentence(language: str, text: str) -> None:
    assert_is_an_offer_and_no_price(language, text)


@pytest.mark.parametrize(
    ("language", "text", "amount"),
    [
        ("da", "Nu 199 kr. Spar 100 kr.", 199), ("da", "Før 399 kr. Nu 199 kr.", 199),
        ("da", "Pris 199 kr. Fri fragt", 199),
        ("en", "iPhone 15 Pro Max. Now £999", 999), ("nl", "€ 425.000 k.k.", 425000),
        ("nl", "€ 425.000 kosten koper", 425000),
        ("de", "Kunstdruck im Wert von 49 € für nur 19 €", 19),
    ],
)  # fmt: skip
def test_what_stands_beside_a_price_leaves_it_one(language: str, text: str, amount: float) -> None:
    found = pricing.price([block(text)], lexicon_for(language), language)

    assert found is not None
    assert float(found.amount) == amount


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Min. order £20"), ("de", "Mindestbestellwert: 20 €"), ("fr", "Montant minimum de commande : 50 €"),
        ("fr", "Min. d'achat 50 €"), ("es", "Compra mínima de 30 €"), ("it", "min. ordine 50 €"),
        ("nl", "Minimale bestelling € 20"), ("pt", "Pedido mínimo R$ 50"), ("pl", "min. zamówienie 100 zł"),
        ("sv", "Minsta ordervärde 200 kr"), ("da", "Min. køb 200 kr."), ("no", "Min. kjøp 200 kr"),
        ("cs", "min. objednávka 500 Kč"), ("tr", "Minimum sipariş 200 TL"),
        ("ja", "最低注文金額3,000円"), ("zh", "最低消费100元"),
    ],
)  # fmt: skip
def test_the_least_that_has_to_be_ordered_is_no_price(language: str, text: str) -> None:
    assert pricing.price([block(text)], lexicon_for(language), language) is None
