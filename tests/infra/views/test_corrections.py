"""What people say of features: shown at the next query, whatever was said before, in whatever order it all arrives."""

import json
import random
from itertools import product
from typing import Any

import pytest

from shared import corrections, features
from shared.corrections import NotAllowedError
from shared.events import Correction, Event, Kind, Match
from shared.features import ImageFeatures, VideoFeatures
from tests.infra.views.conftest import Tables
from tests.infra.views.rows import FEATURES_EVENT, Row, World

LISTS = ("brand_logos", "dominant_colors", "scenes")
OWN: dict[str, Any] = {"price": 24.9, "brand": "Acme", "has_people": False, "dominant_colors": ["white"]}

# A field, what is said of it, and what is shown then.
WORDS: list[tuple[str, str | None, Any]] = [
    ("price", "19.99", 19.99),
    ("price", "0", 0.0),
    ("price", None, None),
    ("brand", "", None),
    ("brand", "null", "null"),
    ("brand", 'O\'Neill "Ω" \\ 100 %', 'O\'Neill "Ω" \\ 100 %'),
    ("people_count", "3", 3),
    ("has_people", "true", True),
    ("has_people", None, None),
    ("style", "collage", "collage"),
    ("language", "de", "de"),
    ("dominant_colors", '["red", "blue", "red"]', ["red", "blue", "red"]),
    ("dominant_colors", "[]", []),
    ("dominant_colors", None, []),
    ("brand_logos", '[{"brand": "Acmé", "position": null}, {"brand": "B", "position": "top \\"left\\""}]',
     [{"brand": "Acmé", "position": None}, {"brand": "B", "position": 'top "left"'}]),
    ("brand_logos", "[]", []),
    ("brand_logos", None, []),
    ("hook", '{"text": "Now"}', {"text": "Now", "description": None}),
    ("hook", "", None),
    ("scenes", '[{"start_s": 0, "end_s": 1.5, "text": null, "description": "a shop"}]',
     [{"start_s": 0.0, "end_s": 1.5, "text": None, "description": "a shop"}]),
    ("end_card", '{"start_s": 1e-7, "text": "x"}', {"start_s": 1e-7, "text": "x"}),
]  # fmt: skip

# What the model does not allow.
UNFIT: list[tuple[str, str]] = [
    ("price", "-1"), ("price", "NaN"), ("price", "inf"), ("price", "1e3"), ("price", "19,99"),
    ("discount_percent", "101"), ("people_count", "3.5"), ("people_count", "0x1F"), ("has_people", "maybe"),
    ("style", "foto"), ("language", "deu"), ("dominant_colors", "red"), ("dominant_colors", '["mauve"]'),
    ("dominant_colors", '["red", null]'), ("dominant_colors", '["red","red","red","red","red","red"]'),
    ("hook", "Now"), ("hook", "{}"), ("brand_logos", "x"), ("hook", '{"brand": "Acme"}'), ("brand_logos", '["Acme"]'),
    ("brand_logos", '[{"brand": "Acme"}, {"position": "left"}]'), ("brand_logos", '[{"brand": "Acme"'),
    ("scenes", '[{"start_s": -1, "end_s": 2}]'), ("end_card", '{"start_s": "NaN"}'), ("no_such_field", "1"),
]  # fmt: skip


# All columns, as the model answers without anybody's word.
ALONE = {**{name: [] if name in LISTS else None for name in VideoFeatures.model_fields}, **OWN}


@pytest.fixture(scope="module")
def shown(module_tables: Tables) -> dict[int, dict[str, Any]]:
    """`ads_enriched` by the number of the case, each of a creative of its own."""
    cases = [*((field, value) for field, value, _ in WORDS), *UNFIT]
    rows: list[Row] = []
    for number, (field, value) in enumerate(cases):
        w = World(number)
        rows += [
            w.sighting("x", "a"),
            *w.analysed("a")[:-1],
            w.answer("a", features=OWN),
            w.correction("a", field, value),
        ]
    module_tables.fill(rows)
    return {int(row["creative_id"][32:], 16): row for row in module_tables.read("ads_enriched")}


@pytest.mark.parametrize("number", range(len(WORDS)))
def test_a_word_is_shown_and_the_models_own_stands_beside_it(shown: dict[int, dict[str, Any]], number: int) -> None:
    field, value, expected = WORDS[number]

    row = shown[number]

    assert row["features"] == {**ALONE, field: expected}
    assert row["model_features"] == ALONE
    (word,) = row["corrections"]
    assert (word["field"], word["value"], word["author"], word["note"]) == (field, value, "ada", "by eye")


@pytest.mark.parametrize("number", range(len(UNFIT)))
def test_a_word_that_the_model_does_not_allow_changes_nothing(shown: dict[int, dict[str, Any]], number: int) -> None:
    row = shown[len(WORDS) + number]

    assert row["features"] == ALONE
    assert (row["corrections"], row["model_features"]) == ([], None)


def test_other_actions_change_nothing_and_a_confirmation_without_a_value_holds_what_the_model_says(
    tables: Tables,
) -> None:
    cases = [
        ("confirm", None, 24.9),
        ("confirm", "", None),
        ("confirm", "5", 5.0),
        ("frobnicate", "5", 24.9),
        ("Reset", "5", 24.9),
        ("", "5", 24.9),
        (None, "5", 5.0),
    ]
    rows: list[Row] = []
    for number, (action, value, _) in enumerate(cases):
        w = World(number)
        said = {**w.correction("a", "price", value).model_dump(mode="json"), "action": action}
        rows += [w.match("a"), w.answer("a", features=OWN), ("corrections", said)]
    tables.fill(rows)

    shown = {int(row["creative_id"][32:], 16): row["features"]["price"] for row in tables.read("creatives")}

    assert [shown[number] for number in range(len(cases))] == [price for _, _, price in cases]


def test_what_the_command_makes_of_anything_typed_is_shown_as_it_was_meant(tables: Tables) -> None:
    typed = {number: (field, said) for number, (field, said) in enumerate(product(VideoFeatures.model_fields, TYPED))}
    words = {number: word for number, each in typed.items() if not isinstance(word := taken(*each), _Refused)}
    rows: list[Row] = []
    for number, word in words.items():
        w = World(number)
        rows += [w.match("a", kind="video"), w.answer("a", features={}), w.correction("a", typed[number][0], word)]
    tables.fill(rows)

    held = {int(row["creative_id"][32:], 16): row for row in tables.read("creatives")}

    assert len(words) > 100
    assert [typed[number] for number, row in held.items() if not row["corrections"]] == []
    for number, row in held.items():
        field, word = typed[number][0], words[number]
        assert row["features"][field] == meant(field, word), typed[number]


TYPED = (
    "", "null", "0", "-0.5", "7", "19.99", "1e3", "1e-7", "123456789012345678901", "inf", "nan", "yes", "on", "red",
    "red, blue", '["red"]', "[]", "{}", "photo", "de", "USD", "fast", "a=b", "'; DROP TABLE x --", "ü😀", "[broken",
    '[{"brand": "A", "position": null}]', '{"text": "x", "description": null}', '["a", null]', '["é\\"]", "b"]',
)  # fmt: skip


class _Refused:
    """What stands for no word."""


def taken(field: str, said: str) -> str | _Refused | None:
    """What the command makes of what was typed."""
    try:
        return corrections.word(ImageFeatures, Kind.VIDEO, field, said)
    except NotAllowedError:
        return _Refused()


def meant(field: str, word: str | None) -> Any:
    """What the word says, as the feature model itself reads it."""
    held = VideoFeatures.model_fields[field]
    if word is None:
        return [] if field in LISTS else None
    return features.adapter(held).dump_python(
        features.adapter(held).validate_python(json.loads(word) if field in (*LISTS, "hook", "end_card") else word),
        mode="json",
    )


def test_in_any_order_of_arrival_the_newest_word_of_all_that_show_the_same_holds(tables: Tables) -> None:
    dice = random.Random(7)
    worlds = {number: drawn(World(number), dice) for number in range(80)}
    early = {number: dice.sample(events, k=2 * len(events) // 3) for number, events in worlds.items()}
    late = {number: [each for each in worlds[number] if each not in early[number]] for number in worlds}

    tables.fill([event for events in early.values() for event in events], seed=1)
    assert prices(tables) == {number: expected(events) for number, events in early.items()}

    tables.fill([event for events in (*late.values(), *late.values(), *early.values()) for event in events], seed=2)
    assert prices(tables) == {number: expected(events) for number, events in worlds.items()}
    assert any(worlds[number] and expected(early[number]) != expected(worlds[number]) for number in worlds)


def drawn(w: World, dice: random.Random) -> list[Event]:
    """Two creatives, perhaps copies of each other, their answers by several models, and words on their price."""
    copies = dice.choice(["no", "b of a", "a of b, a better copy that came later"])
    moments = iter(dice.sample(range(10, 1000), k=20))
    events: list[Event] = [w.match("a"), w.match("b", "a" if copies == "b of a" else None)]
    if copies.startswith("a of b"):
        events.append(w.match("a", "b", at=next(moments), revised_for=w.creative("b")))
    for name in "ab":
        for model in dice.sample(["one", "two", "three"], k=dice.randint(1, 3)):
            told = {"price": dice.randint(1, 9) * 100.0}
            events.append(w.answer(name, at=next(moments), model=model, features=told))
    for _ in range(dice.randint(0, 6)):
        value = dice.choice(["1.5", "2", None, "free"])  # the last is no price
        given = {"action": dice.choice(["correct", "confirm"]), "value": value}
        said = {"action": "reset"} if dice.random() < 0.3 else given
        events.append(w.correction(dice.choice("ab"), "price", at=next(moments), **said))
    return events


def expected(events: list[Event]) -> dict[str, float | None]:
    """The price of each creative that has features and stands for itself: its group's newest word, else its own."""
    newest = sorted(events, key=lambda event: event.occurred_at)
    leads = {each.creative_id: each.canonical_id for each in newest if isinstance(each, Match)}
    answers = [each for each in newest if isinstance(each, FEATURES_EVENT)]
    found = {each.creative_id: each.model_dump()["features"]["price"] for each in answers}
    words = {
        leads.get(each.creative_id, each.creative_id): each
        for each in newest
        if isinstance(each, Correction) and each.value != "free"
    }
    said = {
        id: float(word.value) if word.value else None
        for id, word in words.items()
        if word.action != "reset" and (word.action, word.value) != ("confirm", None)  # the model is right
    }
    return {id: said.get(id, own) for id, own in found.items() if leads.get(id, id) == id}


def prices(tables: Tables) -> dict[int, dict[str, float | None]]:
    """The same as the view has it, by world."""
    shown: dict[int, dict[str, float | None]] = {number: {} for number in range(80)}
    for row in tables.query("SELECT * FROM creatives WHERE analysed_at IS NOT NULL"):
        if row["canonical_id"] in (None, row["creative_id"]):
            shown[int(row["creative_id"][32:], 16)][row["creative_id"]] = row["features"]["price"]
    return shown
