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
