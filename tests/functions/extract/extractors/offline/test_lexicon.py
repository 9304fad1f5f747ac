"""The lexicons hold text, match folded words, and leave each sign where it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from functions.extract.extractors.offline.lexicon import LANGUAGES, Phrases, Words, fold, lexicon_for, words_of


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_every_list_filled(language: str) -> None:
    words = words_of(language)

    optional = {"threshold_after", "old_price_after", "negations_after", "goods", "joins", "shares", "goes_on"}
    optional |= {"not_given_back"}
    assert all(getattr(words, name) for name in Words.model_fields if name not in optional)


def test_a_word_that_yaml_reads_as_a_boolean_is_refused() -> None:
    faulty = words_of("en").model_dump() | {"discount_after": [False, "discount"]}

    with pytest.raises(ValidationError, match="discount_after"):
        Words.model_validate(faulty)


@given(st.text())
def test_folding_moves_no_sign(text: str) -> None:
    assert len(fold(text)) == len(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [("À PARTIR DE", "a partir de"), ("Größe", "große"), ("５０％", "50%"), ("C’est", "c'est"), ("İZMİR", "izmir")],
)
def test_accents_case_and_width_are_folded(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("phrase", "text", "matches"),
    [
        ("{n} for {n}", "2 for 1", True),
        ("{n} for {n}", "2for1", True),
        ("{n} for {n}", "for 1", False),
        ("{n}x{n}", "3x2", True),
        ("*angebot", "Sommerangebot", True),
        ("*angebot", "Angebot", True),
        ("*angebot", "Angebotsanfrage", False),
        ("kids {...} free", "Kids under 12 go free", True),
        ("free shipping", "FREE-SHIPPING", True),
        ("free shipping", "FREESHIPPING", True),
        ("free shipping", "free  gift", False),
        ("sale", "wholesale", False),
        ("{n}% apr", "0 % APR", True),
    ],
)
def test_a_phrase_matches_whole_words(phrase: str, text: str, *, matches: bool) -> None:
    assert bool(list(Phrases.of([phrase]).spans(fold(text)))) is matches


def test_no_phrases_match_nothing() -> None:
    assert list(Phrases.of([]).spans("anything")) == []


def test_every_language_is_read_with_english_and_an_unknown_one_with_all() -> None:
    german, unknown = lexicon_for("de"), lexicon_for(None)

    assert german.calls.fill("shop now")
    assert not german.calls.fill("saiba mais")
    assert unknown.calls.fill("saiba mais")
    assert lexicon_for("fi") == unknown
