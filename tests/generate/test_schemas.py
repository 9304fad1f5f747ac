"""The generated schemas: every field has the right column, and every event that is published fits its table."""

import json
import math
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from fractions import Fraction
from functools import partial
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from google.cloud.bigquery import SchemaField
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from generate import schemas
from local.pubsub import rows
from shared import features, wiring
from shared.events import EVENTS, Event, FeaturesExtracted
from shared.features import ImageFeatures
from shared.tables.columns import UnsupportedTypeError, columns_of
from shared.tables.growth import Column


class Colour(StrEnum):
    RED = "red"


class Part(BaseModel):
    name: str
    sizes: list[int]


class Everything(BaseModel):
    text: str
    number: int
    ratio: float
    money: Decimal
    flag: bool
    moment: datetime
    aware: AwareDatetime
    day: date
    colour: Colour
    choice: Literal["a", "b"]
    version: Literal[1]
    constrained: int = Field(ge=0, description="At least 0.")
    maybe: str | None
    defaulted: str = "x"
    many: list[Decimal]
    several: tuple[str, ...] | None = None
    part: Part
    parts: list[Part]


class Recursive(BaseModel):
    children: list["Recursive"]


def fits(value: object, column: Column) -> bool:  # noqa: C901 - a case a type
    """Whether BigQuery would take `value` (of parsed JSON) for `column`."""
    if column["mode"] == "REPEATED":
        return isinstance(value, list) and all(fits(each, {**column, "mode": "REQUIRED"}) for each in value)
    if value is None:
        return bool(column["mode"] == "NULLABLE")
    match column["type"]:
        case "STRING":
            return isinstance(value, str)
        case "INTEGER":
            return isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63
        case "FLOAT":
            return isinstance(value, int | float)
        case "NUMERIC":
            return (
                isinstance(value, str) and abs(Decimal(value)) < 10**29 and (Fraction(value) * 10**9).denominator == 1
            )
        case "BOOLEAN":
            return isinstance(value, bool)
        case "TIMESTAMP":
            return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
        case "DATE":
            return date.fromisoformat(str(value)).isoformat() == value
        case "RECORD":
            return isinstance(value, dict) and row_fits(value, column["fields"])
    raise AssertionError(column)


def row_fits(row: dict[str, Any], columns: list[Column]) -> bool:
    """Whether BigQuery would take the row: no unknown fields, none missing, each of its column's type."""
    known = {column["name"]: column for column in columns}
    missing = [name for name, column in known.items() if column["mode"] == "REQUIRED" and name not in row]
    return not missing and row.keys() <= known.keys() and all(fits(row[name], known[name]) for name in row)


def events() -> dict[str, tuple[type[Event], list[Column]]]:
    """Each event's model and the columns of its table, by the event's name."""
    models = {event.__name__: event for event in EVENTS if event is not FeaturesExtracted}
    models["FeaturesExtracted"] = features.features_event(ImageFeatures)
    return {name: (model, columns_of(model)) for name, model in models.items()}


def instances[M: BaseModel](model: type[M]) -> st.SearchStrategy[M]:
    """Valid instances, with any of the optional fields left out."""
    optional = {name: values(field.annotation) for name, field in model.model_fields.items() if not field.is_required()}
    required = {name: values(field.annotation) for name, field in model.model_fields.items() if field.is_required()}
    return (
        st.fixed_dictionaries(required, optional=optional).filter(partial(_validates, model)).map(model.model_validate)
    )


def _validates(model: type[BaseModel], fields: dict[str, Any]) -> bool:
    try:
        model.model_validate(fields)
    except ValidationError:
        return False
    return True


def values(kind: object) -> st.SearchStrategy[Any]:
    """Values for a field of this type; ids come from a few, so that some are equal."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return ids if "pattern" in repr(arguments[1:]) else values(arguments[0])
    if origin in (Union, UnionType):
        return st.one_of(*(values(argument) for argument in arguments))
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is list:
        return st.lists(values(arguments[0]), max_size=3)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return instances(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(kind)
    return scalars[kind]


ids = st.sampled_from(["0" * 40, "1" * 40, "2" * 40])
moments = st.datetimes(timezones=st.just(UTC))
scalars: dict[Any, st.SearchStrategy[Any]] = {
    NoneType: st.none(),
    date: st.dates(),
    str: st.text(min_size=1) | ids,
    int: st.integers(1, 2**63 - 1),
    float: st.floats(),
    bool: st.booleans(),
    Decimal: st.decimals(0, 10**6, places=9) | st.decimals(0, 10**28, allow_nan=False),
    datetime: moments,
    AwareDatetime: moments,
}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("text", ("STRING", "REQUIRED")),
        ("number", ("INTEGER", "REQUIRED")),
        ("ratio", ("FLOAT", "REQUIRED")),
        ("money", ("NUMERIC", "REQUIRED")),
        ("flag", ("BOOLEAN", "REQUIRED")),
        ("moment", ("TIMESTAMP", "REQUIRED")),
        ("aware", ("TIMESTAMP", "REQUIRED")),
        ("day", ("DATE", "REQUIRED")),
        ("colour", ("STRING", "REQUIRED")),
        ("choice", ("STRING", "REQUIRED")),
        ("version", ("INTEGER", "REQUIRED")),
        ("constrained", ("INTEGER", "REQUIRED")),
        ("maybe", ("STRING", "NULLABLE")),
        ("defaulted", ("STRING", "NULLABLE")),
        ("many", ("NUMERIC", "REPEATED")),
        ("several", ("STRING", "REPEATED")),
        ("part", ("RECORD", "REQUIRED")),
        ("parts", ("RECORD", "REPEATED")),
    ],
)
def test_a_field_becomes_a_column(name: str, expected: tuple[str, str]) -> None:
    (column,) = [column for column in columns_of(Everything) if column["name"] == name]

    assert (column["type"], column["mode"]) == expected


def test_a_description_is_carried_over() -> None:
    described = {column["name"]: column.get("description") for column in columns_of(Everything)}

    assert described["constrained"] == "At least 0."
    assert described["text"] is None


def test_columns_within_a_record_can_be_missing_so_that_more_can_be_added() -> None:
    (part,) = [column for column in columns_of(Everything) if column["name"] == "part"]

    assert [(each["name"], each["type"], each["mode"]) for each in part["fields"]] == [
        ("name", "STRING", "NULLABLE"),
        ("sizes", "INTEGER", "REPEATED"),
    ]


@pytest.mark.parametrize(
    "kind", [dict[str, str], Any, bytes, str | int, list[str | None], list[list[int]], Literal["a", 1], tuple[str, int]]
)
def test_a_type_without_a_column_is_refused_by_the_fields_name(kind: object) -> None:
    model: type[BaseModel] = type("Odd", (BaseModel,), {"__annotations__": {"strange": kind}})

    with pytest.raises(UnsupportedTypeError, match=r"Odd\.strange: .* has no column type"):
        columns_of(model)


def test_a_model_that_contains_itself_is_refused() -> None:
    with pytest.raises(UnsupportedTypeError, match=r"Recursive\.children"):
        columns_of(Recursive)


@given(data=st.data(), name=st.sampled_from(sorted(events())))
def test_every_event_fits_its_table(data: st.DataObject, name: str) -> None:
    model, columns = events()[name]

    event = data.draw(instances(model))

    assert row_fits(json.loads(event.model_dump_json(exclude_none=True)), columns)


def absent_lists(row: dict[str, Any], columns: list[Column]) -> Iterator[str]:
    """The REPEATED columns that a row lacks: by the documents only NULLABLE ones may be absent."""
    for column in columns:
        value = row.get(column["name"])
        if column["mode"] == "REPEATED" and value is None:
            yield column["name"]
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                yield from absent_lists(each, column["fields"])


class Article(BaseModel):
    """What belongs to an offer."""

    name: str = Field(description="Its name.")
    sizes: list[int] | None = Field(description="Its sizes.")


class Offer(BaseModel):
    """What a user's own feature model may ask for."""

    price: Decimal = Field(description="Its price.")
    prices: list[Decimal] = Field(description="All prices.")
    parts: list[Article] | None = Field(description="What belongs to it.")
    share: float | None = Field(description="Of the picture.")
    shares: list[float] | None = Field(description="Of the picture, each.")


OFFER = features.features_event(Offer)


@given(data=st.data(), name=st.sampled_from([*sorted(events()), "Offer"]))
def test_every_event_as_published_is_a_row_by_the_rules_of_bigquery_subscriptions(
    data: st.DataObject, name: str
) -> None:
    model, columns = {**events(), "Offer": (OFFER, columns_of(OFFER))}[name]
    event = data.draw(instances(model))

    published = event.model_dump_json(exclude_none=True)

    rows.row_of(published.encode(), [SchemaField.from_api_repr(column) for column in columns])
    assert list(absent_lists(json.loads(published), columns)) == []


@pytest.mark.parametrize(
    ("amount", "published"),
    [
        (Decimal("0E-9"), "0.000000000"),
        (Decimal("1E-7"), "0.0000001"),
        (Decimal("1E+2"), "100"),
        (Decimal("1.5"), "1.5"),
        (Decimal(7) / Decimal(3), "2.333333333"),
    ],
)
def test_money_is_published_in_digits(amount: Decimal, published: str) -> None:
    answer = {"price": amount, "prices": [amount], "parts": None, "share": math.nan, "shares": [math.inf, 0.5]}
    common = {"creative_id": "0" * 40, "kind": "image", "extractor": "x", "model": "m", "feature_model": "f"}
    versions = {"event_id": "e", "feature_version": "1", "prompt_version": "1"}
    event = OFFER.model_validate({**common, **versions, "cost_usd": round(amount, 9), "features": answer})

    row = json.loads(event.model_dump_json(exclude_none=True))

    assert Decimal(row["cost_usd"]) == round(amount, 9)
    assert "E" not in row["cost_usd"]
    assert row["features"] == {"price": published, "prices": [published], "parts": [], "shares": [0.5]}


@given(st.decimals(-(10**29) - 1, 10**29 + 1, places=12))
@example(Decimal("99999999999999999999999999999.9999999999"))
def test_a_number_of_a_feature_model_is_published_as_its_column_holds_it_or_not_at_all(amount: Decimal) -> None:
    answer = {"price": amount, "prices": [amount], "parts": None, "share": None, "shares": None}
    common = {"creative_id": "0" * 40, "kind": "image", "extractor": "x", "model": "m", "feature_model": "f"}
    versions = {"event_id": "e", "feature_version": "1", "prompt_version": "1"}
    event = OFFER.model_validate({**common, **versions, "features": answer})

    published = event.model_dump_json(exclude_none=True)

    rows.row_of(published.encode(), [SchemaField.from_api_repr(column) for column in columns_of(OFFER)])


def test_there_is_a_schema_for_every_table_and_it_is_up_to_date() -> None:
    wanted = schemas.schemas(wiring.load(), ImageFeatures)

    assert {table.schema_file for table in wiring.load().tables.values()} == wanted.keys()
    assert schemas.differences(wanted) == ""


def test_a_stale_missing_or_extra_file_is_a_difference_until_they_are_written(tmp_path: Path) -> None:
    wanted = {"a.json": columns_of(Part), "b.json": columns_of(Part)}
    (tmp_path / "a.json").write_text("[]\n")
    (tmp_path / "gone.json").write_text("[]\n")

    before = schemas.differences(wanted, tmp_path)
    schemas.write(wanted, tmp_path)

    assert all(name in before for name in ("a.json", "b.json", "gone.json"))
    assert schemas.differences(wanted, tmp_path) == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "b.json"]
