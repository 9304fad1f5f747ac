"""A text's language is told where there is enough of it, and null otherwise."""

import pytest

from functions.extract.extractors.offline.language import LANGUAGES, language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("SUMMER SALE 20% OFF Lumera Beachwear Shop now", "en"),
        ("Le café du matin 2 achetés, 1 offert", "fr"),
        ("Pflege, die bleibt. Jetzt 30 % Rabatt", "de"),
        ("Descubre la nueva colección de verano", "es"),
        ("Conheça a nova coleção de verão", "pt"),
        ("Scopri la nuova collezione estiva", "it"),
        ("Ontdek onze nieuwe collectie schoenen", "nl"),
        ("ÉCONOMISEZ SUR TOUTE LA COLLECTION", "fr"),
    ],
)
def test_a_headline_tells_its_language(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize("text", ["", "NIKE", "50%", "$19.99", "iPhone 17", "1 2 3 4 5 6 7 8 9 10 11 12 13"])
def test_names_and_numbers_tell_no_language(text: str) -> None:
    assert language_of(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Handla nu och spara på allt i butiken",
        "Kup teraz i oszczędzaj na wszystkich butach",
        "Kupite sada i uštedite 30%",
        "Køb nu og spar på alle sko i butikken",
        "Şimdi satın alın ve tasarruf edin",
        "Kupte nyní a ušetřete na botách",
    ],
)
def test_another_language_is_none_of_ours(text: str) -> None:
    assert language_of(text) not in LANGUAGES


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Løbesko til længere ture Køb nu 299 kr.", "da"),
        ("Friske grøntsager leveret til døren Bestil i dag", "da"),
        ("Vi har åbent søndag Find butik", "da"),
        ("Løpesko for lengre turer Kjøp nå 299 kr", "no"),
        ("Ferske grønnsaker levert på døren Bestill i dag", "no"),
        ("Vi har søndagsåpent Finn butikk", "no"),
        ("Löparskor för längre turer Köp nu 299 kr", "sv"),
    ],
)
def test_danish_and_norwegian_are_told_by_the_words_of_one_of_them(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize("text", ["Gratis levering hele sommeren", "Den perfekte gave til hele familien"])
def test_what_both_write_is_of_neither(text: str) -> None:
    assert language_of(text) is None


@pytest.mark.parametrize(
    ("text", "language"),
    [("抹茶ラテ ¥1,280", "ja"), ("新発売 春のメニュー", "ja"), ("幸福の味", None), ("ロロ BIG SALE TODAY", "en")],
)
def test_a_few_kana_tell_japanese(text: str, language: str | None) -> None:
    assert language_of(text) == language
