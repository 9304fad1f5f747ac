"""What a person types becomes a word that the feature model allows, or is refused with a sentence."""

import json
from decimal import Decimal
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from shared import corrections, features
from shared.corrections import NotAllowedError
from shared.events import Kind
from shared.features import ImageFeatures


class Shelf(BaseModel):
    """What a shelf shows."""

    width_m: Decimal | None = Field(ge=0, description="Metres.")
    shades: list[str] | None = Field(description="Its colours.")
    sizes: list[int] | None = Field(description="Its sizes.")


@pytest.mark.parametrize(
    ("field", "said", "word"),
    [
        ("price", "19.99", "19.99"),
        ("price", " 20 ", "20.0"),
        ("price", "24,5", "24.5"),
        ("discount_percent", "20 %", "20.0"),
        ("price", " 19,99 ", "19.99"),
        ("price", "1.299,00", "1299.0"),
        ("price", "1,299.50", "1299.5"),
        ("price", "1 299,5", "1299.5"),
        ("discount_percent", "12,5", "12.5"),
        ("price", "1e-7", "0.0000001"),
        ("price", "", None),
        ("price", "null", None),
        ("has_people", "yes", "true"),
        ("has_people", "False", "false"),
        ("people_count", "3", "3"),
        ("style", "photo", "photo"),
        ("brand", "a = b, c", "a = b, c"),
        ("dominant_colors", "red, blue", '["red","blue"]'),
        ("dominant_colors", '["red"]', '["red"]'),
        ("dominant_colors", "[]", "[]"),
    ],
)
def test_what_is_typed_is_kept_as_it_is_meant(field: str, said: str, word: str | None) -> None:
    assert corrections.word(ImageFeatures, Kind.IMAGE, field, said) == word


@pytest.mark.parametrize(
    ("field", "word", "value"),
    [("price", "19.99", 19.99), ("has_people", "false", False), ("style", "photo", "photo"), ("pace", "slow", "slow"),
     ("dominant_colors", '["red"]', ["red"]), ("people_count", "3", 3), ("price", None, None), ("brand", "", None)],
)  # fmt: skip
def test_a_word_means_what_the_model_reads_in_it(field: str, word: str | None, value: object) -> None:
    assert corrections.meant(ImageFeatures, field, word) == value


@pytest.mark.parametrize(("field", "word"), [("colour", "red"), ("price", "free"), ("style", "foto")])
def test_a_word_of_another_model_means_nothing(field: str, word: str) -> None:
    with pytest.raises(NotAllowedError):
        corrections.meant(ImageFeatures, field, word)


@pytest.mark.parametrize(
    ("field", "said", "why"),
    [
        ("price", "abc", "price: 'abc' cannot stand there: it should be a number; write 19.99, without thousands"),
        ("price", "-1", "price: '-1' cannot stand there: it should be greater than or equal to 0"),
        ("price", "1,299", "write 19.99"),
        ("price", "12,50 €", "write 19.99, without thousands; a currency is a feature of its own"),
        ("price", "USD 12", "a currency is a feature of its own"),
        ("price", "1.299,000", "write 19.99"),
        ("price", "19,99,00", "write 19.99"),
        ("people_count", "2,5", "cannot stand there"),
        *(
            (field, said, f"{said!r} is no number")
            for field in ("price", "discount_percent")
            for said in ("NaN", "-Infinity")
        ),
        ("price", "1" * 30, "more digits than are kept"),
        ("style", "foto", "it should be 'photo', 'illustration'"),
        ("language", "German", "two small letters, as in fr"),
        ("currency", "GPB", r"currency: GPB is no currency of ISO 4217; did you mean GBP\?$"),
        ("currency", "XXQ", "currency: XXQ is no currency of ISO 4217, as EUR is$"),
        ("dominant_colors", "red, mauve", "it should be 'black'"),
        (
            "brand_logos",
            '[{"position": "left"}]',
            "brand: it should be a text; write JSON with brand, position",
        ),
        ("brand_logos", '{"brand": "Acme"', "brand_logos: .* is no JSON"),
        (
            "brand_logos",
            '{"brand": "Acme", "positon": "left"}',
            "'positon' is none of its parts; write JSON with brand",
        ),
        ("colour", "red", "colour: an image has no such feature; it has product_type, "),
        ("dominant_color", "red", r"has no such feature; did you mean dominant_colors\?$"),
        ("pace", "slow", "an image has no such feature"),
    ],
)
def test_what_the_model_does_not_allow_is_refused_with_a_sentence(field: str, said: str, why: str) -> None:
    with pytest.raises(NotAllowedError, match=why):
        corrections.word(ImageFeatures, Kind.IMAGE, field, said)


@pytest.mark.parametrize(
    ("field", "said", "why"),
    [
        ("hook", '{"text": null}', "hook: it says nothing; write JSON with text, description, or leave it empty"),
        ("end_card", '{"start_s": NaN}', "NaN is no number"),
        ("end_card", "Acme", "start_s: it should be a number"),
        ("scenes", '[{"start_s": 1}]', "end_s: it should be a number"),
    ],
)
def test_parts_that_the_model_does_not_allow_are_refused(field: str, said: str, why: str) -> None:
    with pytest.raises(NotAllowedError, match=why):
        corrections.word(ImageFeatures, Kind.VIDEO, field, said)


@pytest.mark.parametrize(
    ("field", "said", "word"),
    [
        ("brand_logos", "Nike, Adidas", '[{"brand":"Nike","position":null},{"brand":"Adidas","position":null}]'),
        ("brand_logos", '["Procter, Gamble"]', '[{"brand":"Procter, Gamble","position":null}]'),
        ("brand_logos", '{"brand": "Nike", "position": "top"}', '[{"brand":"Nike","position":"top"}]'),
        ("brand_logos", "[]", "[]"),
        ("brand_logos", '"Orbank"', '[{"brand":"Orbank","position":null}]'),
        ("hook", "Now", '{"text":"Now","description":null}'),
        ("end_card", '{"start_s": 1e-7}', '{"start_s":1e-7,"text":null}'),
    ],
)
def test_what_has_several_parts_is_said_as_json_or_by_its_first(field: str, said: str, word: str) -> None:
    found = corrections.word(ImageFeatures, Kind.VIDEO, field, said)

    assert found == word
    assert corrections.typed(corrections.meant(ImageFeatures, field, found)).replace('": ', '":').replace(", ", ",")
    assert corrections.word(ImageFeatures, Kind.VIDEO, field, word) == word


def test_only_a_video_has_the_fields_of_videos() -> None:
    assert corrections.word(ImageFeatures, Kind.VIDEO, "pace", "slow") == "slow"


@given(st.decimals(min_value=0, max_value=10**28, places=9))
def test_money_keeps_its_digits(amount: Decimal) -> None:
    word = corrections.word(Shelf, Kind.IMAGE, "width_m", str(amount))

    assert word is not None
    assert Decimal(word) == amount
    assert "E" not in word


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).map(str.strip).filter(bool), min_size=1
    )
)
def test_a_list_in_json_says_the_same_again(shades: list[str]) -> None:
    held = features.adapter(Shelf.model_fields["shades"])

    word = corrections.word(Shelf, Kind.IMAGE, "shades", held.dump_json(shades).decode())

    assert word is not None
    assert held.validate_json(word) == shades


def test_nothing_between_commas_is_no_item() -> None:
    assert corrections.word(ImageFeatures, Kind.IMAGE, "dominant_colors", "red, ,blue,") == '["red","blue"]'


@pytest.mark.parametrize("said", ["a,, b", '["a", "", " ", "b"]'])
def test_no_list_holds_an_empty_item_however_it_is_typed(said: str) -> None:
    assert corrections.word(Shelf, Kind.IMAGE, "shades", said) == '["a","b"]'


def test_a_list_of_numbers_cannot_be_corrected() -> None:
    with pytest.raises(NotAllowedError, match="list of numbers"):
        corrections.word(Shelf, Kind.IMAGE, "sizes", "1, 2")


class Shade(StrEnum):
    """A colour, or several in one."""

    PLAIN = "plain"
    BOTH = "black, white"


class Shaded(BaseModel):
    """What is asked."""

    shades: list[Shade]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("black, white", ["black, white"]),
        ("plain", ["plain"]),
        ('["black, white", "plain"]', ["black, white", "plain"]),
    ],
)
def test_an_allowed_value_with_a_comma_is_one(said: str, kept: list[str]) -> None:
    assert json.loads(corrections.word(Shaded, Kind.IMAGE, "shades", said) or "") == kept


def test_how_items_with_commas_are_written_is_told_where_they_are_refused() -> None:
    with pytest.raises(NotAllowedError) as refused:
        corrections.word(Shaded, Kind.IMAGE, "shades", "plain, black, white")

    assert """where an item has a comma, write JSON: '["one", "two, three"]'""" in str(refused.value)
    assert corrections.word(Shaded, Kind.IMAGE, "shades", '["plain", "black, white"]') == '["plain","black, white"]'
