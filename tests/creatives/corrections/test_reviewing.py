"""A review asks about what is least sure first, and each key says what it says."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from creatives.corrections import reviewing, saying
from creatives.extraction import judging
from creatives.extraction.evaluation import Report
from creatives.operations.tables import Tables as Asked
from shared.events import Correction
from shared.features import ImageFeatures
from tests.bigquery import PROJECT, Dataset
from tests.infra.views.conftest import Tables
from tests.infra.views.rows import World

TOLD = {"price": 24.9, "price_text": "only $24.90", "has_people": False, "dominant_colors": ["red"], "brand_logos": []}


def quoted(field: str, verified: str, score: float | None = None) -> dict[str, Any]:
    return {"field": field, "quote": "x", "verified": verified, "score": score}


def row(number: int = 1, **changed: Any) -> dict[str, Any]:
    """An answer with one quotation that is not there."""
    given: dict[str, Any] = {
        "creative_id": f"{number:040x}",
        "kind": "image",
        "uri": f"gs://creatives/uploads/ad-{number}.jpg",
        "features": TOLD,
        "evidence": [quoted("price_text", "not_found"), quoted("scenes.text", "not_found")],
        "confidence": 0.5,
        "corrections": [],
    }
    return given | changed


@pytest.fixture
def tables(dataset: Dataset) -> Tables:
    """Empty tables, and the views on them."""
    return Tables(dataset)


def said(rows: list[dict[str, Any]], keys: str, *typed: str) -> tuple[list[tuple[str, str, str | None]], list[str]]:
    """What a person who presses these keys and types this says, and what is shown meanwhile."""
    lines: list[str] = []
    pressed, words = iter(keys), iter(typed)
    found = reviewing.review(rows, ImageFeatures, lines.append, lambda: next(pressed, ""), lambda _: next(words))
    return [(word.field, word.action, word.value) for word in found], lines


def test_each_key_says_what_it_says() -> None:
    words, lines = said([row()], "ynyc", "red, blue")

    assert words == [
        ("price_text", "confirm", "only $24.90"),
        ("has_people", "confirm", "false"),
        ("dominant_colors", "correct", '["red","blue"]'),
    ]
    assert lines[0].startswith(f"ad-1.jpg  {1:040x}  50% of what it quotes")
    assert lines[1] == "  price_text: only $24.90  (NOT found on it)"


def test_of_several_quotations_it_is_told_how_many_were_read_and_which_were_not() -> None:
    text = {"creative_id": "a", "features": {"text": "Now Only 9 Soon"}, "confidence": 1 / 3}
    verdicts = [quoted("text", "ocr", 1.0), quoted("text", "not_found"), quoted("text", "unreadable")]

    _, lines = said(
        [row(1, **text, evidence=[{**each, "quote": q} for each, q in zip(verdicts, "abc", strict=True)])], "q"
    )

    assert lines[0].endswith("  gs://creatives/uploads/ad-1.jpg")
    assert not any("\n" in line for line in lines)  # each is written as a line, and what breaks one made visible
    assert lines[1].endswith("(1 of 3 read on it; NOT found on it: “b”; cannot be read: “c”)")


def test_all_of_a_creative_are_confirmed_by_one_key_and_the_rest_is_left() -> None:
    words, _ = said([row(1), row(2), row(3)], "asq")

    assert [field for field, _, _ in words] == ["price_text", "price", "has_people", "dominant_colors"]
    assert {action for _, action, _ in words} == {"confirm"}


def test_what_cannot_stand_there_is_asked_again_and_what_stays_is_no_word() -> None:
    words, lines = said([row()], "ncc", "free", "19.99", "false")

    assert words == [("price", "correct", "19.99")]
    assert any("price: 'free' cannot stand there" in line for line in lines)


def test_a_value_of_an_earlier_taxonomy_can_be_corrected_and_not_confirmed() -> None:
    features = {"style": "pencil", "price": 9}

    words, lines = said([row(1, features=features), row(2, features=features)], "yyac", "photo")

    assert words == [("price", "confirm", "9.0"), ("price", "confirm", "9.0")]
    assert len([line for line in lines if "style: 'pencil' cannot stand there" in line]) == 2
    assert said([row(1, features=features)], "cq", "photo")[0] == [("style", "correct", "photo")]


def test_a_value_of_an_earlier_taxonomy_does_not_stand_for_one_of_now() -> None:
    (said,) = reviewing.review([row(features={"style": "photo"})], ImageFeatures, print, iter("yq").__next__, str)

    assert saying._stands(ImageFeatures, said, "photo")
    assert not saying._stands(ImageFeatures, said, "pencil")


@given(st.text(max_size=30))
@example("nnc")
@example("nnnc")
def test_any_keys_end_the_review(keys: str) -> None:
    words, _ = said([row(1), row(2)], keys, *["7", "no", "red"] * 20)  # one of them may stand in every field

    assert len(words) <= 8


def test_what_somebody_had_a_word_on_is_not_asked_again() -> None:
    asked = reviewing.items(row(corrections=[{"field": "price_text"}]))

    assert [each.field for each in asked] == ["price", "has_people", "dominant_colors"]


def test_a_later_word_is_told_with_who_said_it_and_none_of_those_said_now(tables: Tables, dataset: Dataset) -> None:
    w = World()
    tables.fill([
        *(w.match(name) for name in "ab"), w.answer("a"), w.answer("b"),
        w.correction("a", "price", "5", at=7200), w.correction("a", "brand", "x"),
        w.correction("b", "style", "photo", at=7200),
    ])  # fmt: skip
    said_now = [
        w.correction("a", field, "", at=at) for field, at in (("price", 3599), ("brand", 3599), ("style", 3600))
    ]
    tables.fill(said_now)

    told = saying.later(of(dataset), said_now)

    (price,) = told
    assert price.startswith("price: ada's word of ")
    assert price.endswith(" UTC is later, and holds")


def test_the_least_sure_come_first_and_the_reviewed_no_more(tables: Tables, dataset: Dataset) -> None:
    w = World()
    verified: dict[str, tuple[list[str], float | None]] = {
        "good": (["ocr"], 1.0),
        "bad": (["not_found", "ocr"], 0.5),
        "worst": (["not_found"], 0.0),
        "done": (["not_found"], 0.0),
        "begun": (["not_found"], 0.0),
    }
    for name, (verdicts, confidence) in verified.items():
        rows = [
            w.sighting(name, name),
            *w.analysed(name)[:-1],
            w.answer(name, features={"price_text": "9", "price": 9}),
        ]
        tables.fill([*rows, w.verification(name, *verdicts, confidence=confidence)])
    tables.fill([w.sighting("plain", "plain"), *w.analysed("plain")])
    tables.fill([w.sighting("copy", "copy"), w.fingerprint("copy"), w.match("copy", "worst")])
    tables.fill([w.correction("done", field, "9", action="confirm") for field in ("price_text", "price")])

    tables.fill([w.correction("begun", "price_text", "9", action="confirm")])
    found = reviewing.rows(of(dataset), most=10)

    assert [w.name(each["creative_id"]) for each in found] == ["worst", "bad", "good", "plain", "begun"]
    assert [each.field for each in reviewing.items(found[0])] == ["price_text", "price"]
    assert [each.field for each in reviewing.items(found[-1])] == ["price"]
    assert [w.name(each["creative_id"]) for each in reviewing.rows(of(dataset), most=1)] == ["worst"]


def of(dataset: Dataset) -> Asked:
    return Asked(dataset.client, f"{PROJECT}.{dataset.name}")


def test_what_was_confirmed_is_judged_as_what_was_corrected(tables: Tables, dataset: Dataset) -> None:
    w = World()
    tables.fill([*[w.sighting(each, each) for each in "ab"], *w.analysed("a")[:-1], *w.analysed("b")[:-1]])
    tables.fill([w.answer(each, features={"price": 9.0}) for each in "ab"])
    tables.fill([w.correction("a", "price", "9", action="confirm"), w.correction("b", "price", "8")])

    found = judging.rows(dataset.client, f"{PROJECT}.{dataset.name}")
    change = judging.changes(found, Report("gemini", "m"))["price"]

    assert {label.file: label.features for label in judging.labels(found)} == {
        w.creative("a"): {"price": 9.0},
        w.creative("b"): {"price": 8.0},
    }
    assert (change.lost, change.gained) == (1, 0)


def test_a_confirmation_is_an_event_of_its_own() -> None:
    (word,) = reviewing.review([row()], ImageFeatures, lambda _: None, iter("yq").__next__, lambda _: "")

    assert Correction.model_validate_json(word.model_dump_json()) == word
    assert word.action == "confirm"


def test_a_creative_is_told_by_where_a_person_opens_it(tmp_path: Path) -> None:
    stored = tmp_path / "gcs" / "creatives" / "uploads" / "a b.png"
    stored.parent.mkdir(parents=True)
    stored.touch()

    assert reviewing.where("gs://creatives/uploads/a b.png", tmp_path) == str(stored)
    assert reviewing.where("gs://creatives/gone.png", tmp_path) == "gs://creatives/gone.png"
    assert (
        reviewing.where("gs://bucket/uploads/a b.png", None)
        == "https://storage.cloud.google.com/bucket/uploads/a%20b.png"
    )
    assert reviewing.where("https://youtu.be/abc", None) == "https://youtu.be/abc"
    assert reviewing.where(None, tmp_path) == ""
