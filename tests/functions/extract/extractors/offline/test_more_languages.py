"""Offers, prices and calls in Dutch, Polish, Swedish, Danish, Norwegian, Turkish, Czech, Japanese and Chinese ads."""

import pytest

from functions.extract.extractors.offline import calls, pricing, promotions
from functions.extract.extractors.offline.language import language_of
from functions.extract.extractors.offline.lexicon import LANGUAGES, lexicon_for
from tests.functions.extract.extractors.offline.wordings import block


@pytest.mark.parametrize(
    ("language", "text", "percent"),
    [
        ("en", "35 percent off today", 35),
        ("en", "Boots at ½ price", 50),
        ("de", "25 Prozent auf alles", 25),
        ("nl", "Tot 40% korting op alle jassen", 40),
        ("pl", "Do -30% na wszystko", 30),
        ("pl", "20 procent taniej", 20),
        ("sv", "Upp till 50% rabatt på skor", 50),
        ("sv", "25 procent rabatt", 25),
        ("da", "Spar 20% på alle sko", 20),
        ("no", "30 % avslag på alt", 30),
        ("no", "Spar 40 prosent", 40),
        ("nl", "Alles tegen halve prijs", 50),
        ("pl", "Kurtki za pół ceny", 50),
        ("tr", "Tüm ürünlerde %30 indirim", 30),
        ("tr", "%50'ye varan indirim", 50),
        ("tr", "Yüzde 25 indirim", 25),
        ("cs", "Sleva 20 % na vše", 20),
        ("cs", "Až o 60 % levněji", 60),
        ("ja", "全品30%OFF", 30),
        ("ja", "最大５０％オフ", 50),
        ("ja", "3割引セール", 30),
        ("ja", "レジにて2割5分引き", 25),
        ("ja", "夏物半額セール", 50),
        ("zh", "限时7折优惠", 30),
        ("zh", "全场85折", 15),
        ("zh", "8.8折", 12),
        ("zh", "享30%優惠", 30),
        ("zh", "全場半價", 50),
    ],
)
def test_a_discount_is_read(language: str, text: str, percent: float) -> None:
    for lexicon in (lexicon_for(language), lexicon_for(None)):
        assert promotions.discount_percent([block(text)], lexicon) == percent
        assert promotions.promotion_text([block(text)], lexicon) == text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("nl", "100% biologisch katoen"),
        ("pl", "100% bawełny"),
        ("sv", "70% kakao"),
        ("da", "Op til 30% hurtigere"),
        ("no", "95 % norske råvarer"),
        ("tr", "%100 pamuk"),
        ("cs", "100 % bavlna"),
        ("ja", "果汁100%"),
        ("ja", "3折りパンフレット"),
        ("zh", "100%纯棉"),
        ("zh", "减少30%能耗"),
        ("zh", "3折页宣传册"),
    ],
)
def test_a_percentage_of_something_else_is_no_discount(language: str, text: str) -> None:
    assert promotions.discount_percent([block(text)], lexicon_for(language)) is None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "3 for 2 on sun cream"),
        ("nl", "1+1 gratis"),
        ("nl", "Gratis verzending vanaf 20 euro"),
        ("pl", "Darmowa dostawa od 99 zł"),
        ("pl", "Letnia wyprzedaż"),
        ("sv", "Köp 3 betala för 2"),
        ("sv", "Fri frakt över 499 kr"),
        ("da", "Vinterudsalg"),
        ("da", "Fri fragt"),
        ("no", "Ta 3 betal for 2"),
        ("no", "Gratis frakt"),
        ("tr", "3 al 2 öde"),
        ("tr", "Ücretsiz kargo"),
        ("cs", "Doprava zdarma nad 999 Kč"),
        ("cs", "Letní výprodej"),
        ("ja", "送料無料"),
        ("ja", "期間限定キャンペーン"),
        ("zh", "满99元包邮"),
        ("zh", "第二件半价"),
        ("zh", "買一送一"),
        ("es", "Últimas horas"),
        ("es", "Te devolvemos el 10% de tu compra"),
        ("de", "Nur noch heute"),
        ("fr", "Dernières heures"),
        ("it", "Ultime ore"),
        ("pt", "Só hoje"),
        ("nl", "Alleen deze week"),
        ("nl", "Zomersale"),
        ("sv", "Endast denna vecka"),
        ("da", "Kun denne uge"),
        ("no", "Siste sjanse"),
        ("pl", "Tylko w ten weekend"),
        ("tr", "Son saatler"),
    ],
)
def test_an_offer_is_quoted(language: str, text: str) -> None:
    assert promotions.promotion_text([block(text)], lexicon_for(language)) == text


@pytest.mark.parametrize(
    ("language", "text", "amount", "currency"),
    [
        ("nl", "Van €59,99 nu voor €39,99", "39.99", "EUR"),
        ("pl", "Zamiast 249 zł teraz 199 zł", "199", "PLN"),
        ("pl", "już od 49,99 zł", "49.99", "PLN"),
        ("sv", "Ord. pris 599 kr, nu 399 kr", "399", "SEK"),
        ("sv", "Nu 149:-", "149", "SEK"),
        ("da", "Før pris 299 kr. Nu 199 kr.", "199", "DKK"),
        ("da", "Før 599,- Nu 399,-", "399", "DKK"),
        ("da", "Kun 12.995 kroner", "12995", "DKK"),
        ("no", "Nå kun 249,-", "249", "NOK"),
        ("de", "statt 59,– nur 39,–", "39", "EUR"),
        ("nl", "Van 59,- voor 39,-", "39", "EUR"),
        ("sv", "Nu 12 995 kronor", "12995", "SEK"),
        ("tr", "Şimdi 24,90 lira", "24.90", "TRY"),
        ("no", "Nå kun 249 kr", "249", "NOK"),
        ("tr", "899 TL yerine şimdi 599 TL", "599", "TRY"),
        ("tr", "Sadece 1.299,90 TL", "1299.90", "TRY"),
        ("cs", "Původně 1 290 Kč, nyní 890 Kč", "890", "CZK"),
        ("ja", "通常価格3,980円 今なら2,480円", "2480", "JPY"),
        ("ja", "初回限定 ¥980(税込)", "980", "JPY"),
        ("zh", "原价¥399 现价¥199", "199", "CNY"),
        ("zh", "到手价 299元", "299", "CNY"),
    ],
)
def test_the_price_that_holds_is_read(language: str, text: str, amount: str, currency: str) -> None:
    price = pricing.price([block(text)], lexicon_for(language), language)

    assert price is not None
    assert (str(price.amount), price.currency) == (amount, currency)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("nl", "€10 korting"),
        ("nl", "Gratis verzending vanaf €50"),
        ("pl", "Darmowa dostawa od 149 zł"),
        ("sv", "Fri frakt över 399 kr"),
        ("sv", "Spara 200 kr"),
        ("da", "Fri fragt ved køb over 399 kr"),
        ("no", "Spar 500 kr"),
        ("tr", "500 TL ve üzeri ücretsiz kargo"),
        ("tr", "100 TL indirim"),
        ("cs", "Doprava zdarma nad 999 Kč"),
        ("ja", "5,000円以上で送料無料"),
        ("ja", "500円引き"),
        ("ja", "1,000円OFFクーポン"),
        ("zh", "满300元减50元"),
        ("zh", "立減¥100"),
        ("zh", "月薪8000元"),
    ],
)
def test_savings_and_thresholds_are_no_price(language: str, text: str) -> None:
    assert pricing.price([block(text)], lexicon_for(language), language) is None


CALLS = [
    ("nl", "Bestel nu"), ("nl", "Bekijk de collectie"), ("nl", "Meer weten"), ("nl", "Nu kopen"),
    ("nl", "Boek je proefrit nu"),
    ("pl", "Kup teraz"), ("pl", "Sprawdź ofertę"), ("pl", "Dowiedz się więcej"), ("pl", "Zamów online"),
    ("sv", "Handla nu"), ("sv", "Läs mer"), ("sv", "Boka provkörning"), ("sv", "Köp här"),
    ("da", "Køb nu"), ("da", "Læs mere"), ("da", "Se udvalget"), ("da", "Bestil her"),
    ("no", "Kjøp nå"), ("no", "Les mer"), ("no", "Bestill time"), ("no", "Prøv gratis"),
    ("tr", "Hemen Al"), ("tr", "Şimdi keşfet"), ("tr", "Daha fazla bilgi"), ("tr", "Sepete ekle"),
    ("tr", "Hemen başvurun"),
    ("cs", "Koupit nyní"), ("cs", "Zjistit více"), ("cs", "Objednejte online"), ("cs", "Do košíku"),
    ("ja", "詳しくはこちら"), ("ja", "今すぐ購入"), ("ja", "カートに入れる"),
    ("ja", "無料で始める"), ("ja", "今すぐダウンロード"),
    ("es", "Calcula tu cuota"), ("es", "Entra y descubre"), ("de", "Ruf uns an"), ("de", "Ab in den Shop"),
    ("fr", "Estimez votre bien"), ("fr", "Demander un essai"), ("it", "Calcola la rata"),
    ("pt", "Faça a sua simulação"), ("pt", "Fale connosco"), ("pl", "Oblicz ratę"), ("nl", "Bespaar vandaag"),
    ("nl", "Sluit direct af"), ("sv", "Beräkna din premie"), ("da", "Beregn din pris"), ("tr", "Koleksiyonu gör"),
    ("zh", "立即购买"), ("zh", "了解更多"), ("zh", "立即預約"), ("zh", "扫码领取"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text"), CALLS)
def test_a_call_to_action_is_quoted(language: str, text: str) -> None:
    blocks = [block("Brand", height=40), block(text)]

    assert calls.call_to_action(blocks, lexicon_for(language)) == text
    assert calls.call_to_action(blocks, lexicon_for(None)) == text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", "La calidad que mereces"),
        ("de", "Qualität, die bleibt"),
        ("fr", "La qualité qui dure"),
        ("it", "La qualità che dura"),
        ("pt", "Qualidade que dura"),
        ("nl", "Nieuwe schoenen voor de zomer"),
        ("pl", "Nowa kolekcja butów"),
        ("sv", "Sköna skor för hela familjen"),
        ("da", "Sko til hele familien"),
        ("no", "Gode sko til hele familien"),
        ("tr", "Yazın en rahat ayakkabıları"),
        ("cs", "Pohodlné boty pro každý den"),
        ("ja", "毎日をもっと軽やかに歩く靴"),
        ("zh", "全新沙发系列"),
        ("zh", "七天无理由退货"),
    ],
)
def test_a_headline_neither_offers_nor_calls(language: str, text: str) -> None:
    for lexicon in (lexicon_for(language), lexicon_for(None)):
        assert promotions.promotion_text([block(text)], lexicon) is None
        assert calls.call_to_action([block(text)], lexicon) is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Ontdek onze nieuwe schoenen voor de zomer en bestel ze vandaag", "nl"),
        ("Odkryj nową kolekcję butów i kup teraz z darmową dostawą", "pl"),
        ("Upptäck våra nya skor för sommaren och handla redan idag", "sv"),
        ("Yeni sezon ayakkabıları keşfet ve hemen satın al", "tr"),
        ("Objevte novou kolekci bot a nakupte ještě dnes", "cs"),
        ("新しい夏の靴をご覧ください 今すぐ購入", "ja"),
    ],
)
def test_the_language_is_told(text: str, language: str) -> None:
    assert language_of(text) == language
    assert language in LANGUAGES


@pytest.mark.parametrize(("language", "text"), [("it", "VOLI: 49 DA ROMA"), ("it", "Per lei 20 rose")])
def test_a_word_of_the_language_is_no_currency(language: str, text: str) -> None:
    assert pricing.price([block(text)], lexicon_for(language), language) is None
