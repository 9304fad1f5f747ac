"""Tables only grow: whatever model comes next, no column of the rows that there are is lost, retyped or demanded."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, create_model

from generate import schemas
from shared import wiring
from shared.features import ImageFeatures
from shared.tables.growth import Column, SchemaChangeError, faults, grown

NAMES = st.sampled_from(["make", "model", "doors", "colour"])
MODES = st.sampled_from(["NULLABLE", "REQUIRED", "REPEATED"])


def column(name: str, kind: str = "STRING", mode: str = "NULLABLE", fields: list[Column] | None = None) -> Column:
    return {"name": name, "type": kind, "mode": mode} | ({"fields": fields} if fields else {})


def tables(depth: int = 1) -> st.SearchStrategy[list[Column]]:
    """Tables whose columns of the same name have the same type, so that each can grow by any other."""
    kinds = {"make": "STRING", "model": "INTEGER", "doors": "FLOAT", "colour": "BOOLEAN"}
    flat = st.builds(
        lambda name, mode: column(name, kinds[name], mode), NAMES, st.sampled_from(["NULLABLE", "REQUIRED"])
    )
    if depth:
        parts = tables(depth - 1).filter(bool).map(lambda fields: column("part", "RECORD", "NULLABLE", fields))
        flat = flat | parts
    return st.lists(flat, max_size=4, unique_by=lambda each: each["name"])


def as_people_write(field: str, kind: Any) -> type[BaseModel]:
    """A feature model with one required field."""
    described = (kind, Field(description="Of the car."))
    return create_model("CarFeatures", **{field: described})  # type: ignore[call-overload, no-any-return]


@given(before=tables(), wanted=tables())
def test_what_stood_stays_and_what_is_wanted_comes(before: list[Column], wanted: list[Column]) -> None:
    after = grown(before, wanted, "t")

    assert list(faults(before, after, "t")) == []
    assert [each["name"] for each in after][: len(before)] == [each["name"] for each in before]
    assert {each["name"] for each in wanted} <= {each["name"] for each in after}


@given(before=tables(), wanted=tables())
def test_rows_of_both_models_fit_the_table_that_has_grown(before: list[Column], wanted: list[Column]) -> None:
    after = {each["name"]: each for each in grown(before, wanted, "t")}
    demanded = {name for name, each in after.items() if each["mode"] == "REQUIRED"}

    assert demanded <= {each["name"] for each in before} & {each["name"] for each in wanted}


@given(before=tables(), wanted=tables())
def test_growing_again_changes_nothing(before: list[Column], wanted: list[Column]) -> None:
    once = grown(before, wanted, "t")

    assert grown(once, wanted, "t") == once


@pytest.mark.parametrize(
    ("before", "wanted", "said"),
    [
        (column("price", "FLOAT"), column("price", "STRING"), "t.price is FLOAT and would be STRING.* price_string"),
        (column("tags", mode="REPEATED"), column("tags"), "t.tags is STRING list and would be STRING"),
        (column("tags"), column("tags", mode="REPEATED"), "t.tags is STRING and would be STRING list"),
        (column("price"), column("Price"), "ignores case"),
        (
            column("part", "RECORD", fields=[column("size", "INTEGER")]),
            column("part", "RECORD", fields=[column("size", "FLOAT")]),
            "t.part.size is INTEGER and would be FLOAT",
        ),
    ],
)
def test_another_type_under_the_same_name_is_refused_with_what_to_do(before: Column, wanted: Column, said: str) -> None:
    with pytest.raises(SchemaChangeError, match=said):
        grown([before], [wanted], "t")


def test_two_names_that_differ_in_case_are_refused() -> None:
    with pytest.raises(SchemaChangeError, match="Make and make"):
        grown(None, [column("Make"), column("make")], "t")


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ([column("a")], [], "t.a is dropped"),
        ([column("a")], [column("a", "INTEGER")], "t.a was STRING and is INTEGER"),
        ([column("a")], [column("a", mode="REQUIRED")], "t.a is REQUIRED, which it was not"),
        ([], [column("a", mode="REQUIRED")], "t.a is new and REQUIRED"),
        (
            [column("r", "RECORD", fields=[column("a")])],
            [column("r", "RECORD", fields=[column("b")])],
            "t.r.a is dropped",
        ),
        ([column("a", mode="REQUIRED")], [column("a"), column("b")], None),
    ],
)
def test_what_would_make_a_table_anew_is_a_fault(before: list[Column], after: list[Column], fault: str | None) -> None:
    assert list(faults(before, after, "t")) == ([fault] if fault else [])


def test_no_table_of_the_last_release_would_be_made_anew() -> None:
    released = {path.name for path in schemas.RELEASED.glob("*.json")}

    assert schemas.shrunk() == []
    assert "features.json" in released


def test_a_table_that_shrank_since_the_last_release_is_noticed(tmp_path: Path) -> None:
    for path in schemas.FOLDER.glob("*.json"):
        (tmp_path / path.name).write_text(json.dumps(json.loads(path.read_text())[1:]))

    assert len(schemas.shrunk(folder=tmp_path)) == len(list(schemas.RELEASED.glob("*.json")))


def test_another_feature_model_keeps_the_columns_of_the_one_before(tmp_path: Path) -> None:
    wired, cars = wiring.load(), as_people_write("wheels", int)
    schemas.write(schemas.schemas(wired, ImageFeatures), tmp_path)
    before = json.loads((tmp_path / "features.json").read_text())

    schemas.write(schemas.schemas(wired, cars), tmp_path)

    after = json.loads((tmp_path / "features.json").read_text())
    assert {"price", "wheels"} <= {each["name"] for column in after for each in column.get("fields", [])}
    assert list(faults(before, after, "features")) == []
    assert schemas.differences(schemas.schemas(wired, cars), tmp_path) == ""
    assert schemas.differences(schemas.schemas(wired, ImageFeatures), tmp_path) == ""


def test_a_feature_model_that_would_retype_a_column_changes_no_file(tmp_path: Path) -> None:
    wired = wiring.load()
    schemas.write(schemas.schemas(wired, ImageFeatures), tmp_path)
    before = {path.name: path.read_text() for path in tmp_path.iterdir()}

    with pytest.raises(SchemaChangeError, match=r"features\.features\.price is FLOAT and would be STRING"):
        schemas.write(schemas.schemas(wired, as_people_write("price", str)), tmp_path)

    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == before
