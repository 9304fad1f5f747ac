"""An extractor is worse where it loses more of what people said than chance would, and not before."""

from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from pydantic import Field, create_model

from creatives.extraction import judging
from creatives.extraction.evaluation import Label, Report
from shared.features import ImageFeatures


def row(number: int, said: float | None, answered: float | None, field: str = "price") -> dict[str, Any]:
    """A creative of which a person said the one, and the model had said the other."""
    return {
        "creative_id": f"{number:040x}",
        "features": {"price": None, "brand": None, field: said},
        "model_features": {"price": None, "brand": None, field: answered},
        "corrections": [
            {
                "field": field,
                "action": "confirm" if said == answered else "correct",
                "value": None if said is None else str(said),
            }
        ],
    }


def report(*numbers: int, field: str = "price") -> Report:
    """A run whose answers agree with people on these creatives."""
    return Report("gemini", "m", agreed={field: {f"{number:040x}" for number in numbers}})


@pytest.mark.parametrize(
    ("lost", "gained", "chance"),
    [(0, 0, 1.0), (1, 0, 0.5), (5, 0, 1 / 32), (4, 1, 6 / 32), (0, 5, 1.0), (9, 1, 11 / 1024)],
)
def test_the_sign_test_is_exact(lost: int, gained: int, chance: float) -> None:
    assert judging.chance_of(lost, gained) == pytest.approx(chance)


@given(st.integers(0, 40), st.integers(0, 40))
def test_one_more_that_is_lost_is_never_likelier(lost: int, gained: int) -> None:
    assert judging.chance_of(lost + 1, gained) <= judging.chance_of(lost, gained) <= 1


def test_five_lost_of_five_are_worse_and_four_are_not() -> None:
    confirmed = [row(number, 1.0, 1.0) for number in range(5)]

    assert judging.changes(confirmed, report())["price"].worse
    assert not judging.changes(confirmed, report(0))["price"].worse


TEXTS = st.text(st.sampled_from("aAé 19,.%-noNo\n"), max_size=20)
VALUES = TEXTS | st.lists(TEXTS, max_size=6) | st.floats(0, 1000) | st.booleans() | st.none()


@given(said=VALUES, answered=VALUES)
@example(said="Nur 12,99 € statt 19,99 €", answered="Nur 19,99 € statt 12,99 €")
@example(said="No hidden fees at all", answered="hidden fees at all")
@example(said=["a", "b", "c", "d", "e"], answered=["a", "b", "c", "d", "e", "f"])
@example(said=100.0, answered=100.5)
@example(said="Shop now!", answered="shop now")
def test_an_answer_that_was_corrected_is_never_right(said: Any, answered: Any) -> None:
    assume(said != answered)
    corrected = {
        "creative_id": "c",
        "features": {"it": said},
        "model_features": {"it": answered},
        "corrections": [{"field": "it", "action": "correct", "value": ""}],
    }

    (label,) = judging.labels([corrected])

    assert not label.agrees("it", answered)
    assert label.agrees("it", said)
    assert judging.changes([corrected], Report("gemini", "m", agreed={"it": {"c"}}))["it"].gained == 1


@pytest.mark.parametrize(
    ("said", "right", "wrong"),
    [
        (
            [{"brand": "Nike", "position": "top left"}],
            [{"brand": "NIKE", "position": "above"}],
            [{"brand": "Nice", "position": "top left"}],
        ),
        ({"text": "Now", "description": "A shop."}, {"text": "now", "description": "People."}, {"text": "Not now"}),
        ([{"brand": "A"}, {"brand": "B"}], [{"brand": "b"}, {"brand": "a"}], [{"brand": "A"}, {"brand": "A"}]),
    ],
)
def test_what_has_several_parts_is_judged_by_what_names_it(said: Any, right: Any, wrong: Any) -> None:
    was: Any = [] if isinstance(said, list) else None
    label = Label(file="c", features={"it": said}, was={"it": was})

    assert label.agrees("it", right)
    assert not label.agrees("it", wrong)
    assert not label.agrees("it", was)


def test_another_answer_to_what_was_corrected_may_be_written_otherwise() -> None:
    label = Label(file="c", features={"it": "Nur 12,99 € statt 19,99 €"}, was={"it": "Nur 19,99 €"})

    assert label.agrees("it", "NUR 12,99 € statt 19,99 €!")
    assert not label.agrees("it", "Nur 19,99 € statt 12,99 €")


def test_the_limit_is_shared_among_the_fields() -> None:
    prices = [row(number, 1.0, 1.0) for number in range(5)]
    brands = [row(number, 1.0, 1.0, "brand") for number in range(5, 6)]

    found = judging.changes([*prices, *brands], report())

    assert {name: (change.lost, change.worse) for name, change in found.items()} == {
        "price": (5, False),
        "brand": (1, False),
    }


def test_what_another_taxonomy_does_not_ask_gets_no_worse_by_it() -> None:
    asked = create_model("Asked", price=(float | None, Field(description="The price.")))
    rows = [{**row(1, 1.0, 1.0), "kind": "image"}, {**row(2, 1.0, 1.0, "brand"), "kind": "image"}]

    assert [each["creative_id"] for each in judging.asked(rows, asked)] == [rows[0]["creative_id"]]
    assert len(judging.asked(rows, ImageFeatures)) == 2


def test_what_another_taxonomy_may_not_answer_gets_no_worse_by_it() -> None:
    said = {**row(1, 1.0, 1.0), "kind": "image", "corrections": [{"field": "style", "value": "pencil"}]}
    still = {**said, "corrections": [{"field": "style", "value": "photo"}, {"field": "style", "value": None}]}

    assert judging.asked([said], ImageFeatures) == []
    assert judging.asked([still], ImageFeatures) == [still]


def test_what_is_gained_makes_good_what_is_lost() -> None:
    confirmed = [row(number, 1.0, 1.0) for number in range(5)]
    corrected = [row(number, 1.0, 2.0) for number in range(5, 10)]

    change = judging.changes([*confirmed, *corrected], report(*range(5, 10)))["price"]

    assert (change.lost, change.gained, change.worse) == (5, 5, False)


@pytest.mark.parametrize(("fields", "least"), [(1, 5), (2, 6), (20, 9)])
def test_so_few_lost_are_told_from_chance_and_one_less_are_not(fields: int, least: int) -> None:
    assert judging.least_lost(fields) == least
    assert judging.chance_of(least, 0) < judging.LIMIT / fields <= judging.chance_of(least - 1, 0)
