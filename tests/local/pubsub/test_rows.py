"""Messages as rows: as strict as a BigQuery subscription."""

import base64
import json
import math
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from google.cloud.bigquery import SchemaField
from hypothesis import given
from hypothesis import strategies as st

from local.pubsub import rows
from local.pubsub.rows import RowRefused

SCHEMA = [
    SchemaField("name", "STRING", "REQUIRED"),
    SchemaField("count", "INTEGER"),
    SchemaField("share", "FLOAT"),
    SchemaField("price", "NUMERIC"),
    SchemaField("exact", "BIGNUMERIC"),
    SchemaField("seen", "BOOLEAN"),
    SchemaField("at", "TIMESTAMP"),
    SchemaField("day", "DATE"),
    SchemaField("local", "DATETIME"),
    SchemaField("clock", "TIME"),
    SchemaField("extra", "JSON"),
    SchemaField("blob", "BYTES"),
    SchemaField("tags", "STRING", "REPEATED"),
    SchemaField("box", "RECORD", fields=[SchemaField("width", "INTEGER", "REQUIRED")]),
    SchemaField("boxes", "RECORD", "REPEATED", fields=[SchemaField("width", "INTEGER")]),
]


def row(**values: Any) -> dict[str, Any]:
    return rows.row_of(json.dumps({"name": "n", **values}).encode(), SCHEMA)


@pytest.mark.parametrize(
    ("column", "given_value", "written"),
    [
        ("count", 3, 3),
        ("count", "-9223372036854775808", -(2**63)),
        ("share", 1, 1.0),
        ("share", "1.5e3", 1500.0),
        ("share", "NaN", "NaN"),
        ("price", "0.000000001", "0.000000001"),
        ("price", 12.5, "12.5"),
        ("price", "1.50000000000", "1.50000000000"),
        ("price", 1e3, "1000.0"),
        ("exact", "0." + "0" * 37 + "1", "0." + "0" * 37 + "1"),
        ("seen", False, False),
        ("at", "2026-11-23T04:00:00Z", "2026-11-23T04:00:00Z"),
        ("at", "2026-11-23t04:00:00.123456+02:00", "2026-11-23T02:00:00.123456Z"),
        ("at", "2026-11-23 04:00:00", "2026-11-23T04:00:00Z"),
        ("day", "2028-02-29", "2028-02-29"),
        ("local", "2026-11-23T04:00:00.5", "2026-11-23T04:00:00.500000"),
        ("clock", "23:59:59", "23:59:59"),
        ("extra", '{"a": [1]}', '{"a": [1]}'),
        ("blob", "AAE=", "AAE="),
        ("tags", ["a", "b"], ["a", "b"]),
        ("box", {"width": "3"}, {"width": 3}),
        ("tags", None, []),
        ("boxes", [{"width": 3}, {}], [{"width": 3}, {}]),
        ("NAME", "other case", None),
    ],
)
def test_what_fits_is_written_without_doubt(column: str, given_value: object, written: object) -> None:
    made = row(**{column: given_value})

    assert made.get(column) == written


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"name": None}, "name is required"),
        ({"unknown": 1}, "no column unknown"),
        ({"name": 1}, "name is not a STRING \\(int\\)"),
        ({"name": "\ud800"}, "name is not a STRING"),
        ({"count": 1.5}, "count is not a INTEGER"),
        ({"count": True}, "count is not a INTEGER"),
        ({"count": 2**63}, "count is not a INTEGER"),
        ({"count": "seven"}, "count is not a INTEGER"),
        ({"count": "1_000"}, "count is not a INTEGER"),
        ({"count": "٣"}, "count is not a INTEGER"),
        ({"share": "half"}, "share is not a FLOAT"),
        ({"share": "1e999"}, "share is not a FLOAT"),
        ({"price": "0.0000000001"}, "price is not a NUMERIC"),
        ({"price": "1e29"}, "price is not a NUMERIC"),
        ({"price": "1e9999"}, "price is not a NUMERIC"),
        ({"price": "NaN"}, "price is not a NUMERIC"),
        ({"price": "0E-9"}, "price is not a NUMERIC"),
        ({"price": "1e2"}, "price is not a NUMERIC"),
        ({"price": ".5"}, "price is not a NUMERIC"),
        ({"exact": "1E-7"}, "exact is not a BIGNUMERIC"),
        ({"price": True}, "price is not a NUMERIC"),
        ({"seen": "true"}, "seen is not a BOOLEAN"),
        ({"seen": 1}, "seen is not a BOOLEAN"),
        ({"at": "yesterday"}, "at is not a TIMESTAMP"),
        ({"at": "2026-02-30T00:00:00Z"}, "at is not a TIMESTAMP"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "at is not a TIMESTAMP"),
        ({"at": 1764000000}, "at is not a TIMESTAMP"),
        ({"day": "2026-13-01"}, "day is not a DATE"),
        ({"local": "2026-11-23T04:00:00Z"}, "local is not a DATETIME"),
        ({"clock": "24:00:01"}, "clock is not a TIME"),
        ({"extra": "{"}, "extra is not a JSON"),
        ({"extra": {"a": 1}}, "extra is not a JSON"),
        ({"extra": "[" * 100_000}, "extra is not a JSON"),
        ({"blob": "not base64!"}, "blob is not a BYTES"),
        ({"tags": "a"}, "tags is not a list"),
        ({"tags": ["a", None]}, "tags is not a list without nulls"),
        ({"box": {}}, "box.width is required"),
        ({"box": {"width": 1, "depth": 2}}, "no column box.depth"),
        ({"boxes": {"width": 1}}, "boxes is not a list"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_column(values: dict[str, Any], said: str) -> None:
    with pytest.raises(RowRefused, match=said):
        row(**values)


@pytest.mark.parametrize("data", [b"", b"[]", b"1", b"{", b"\xff", b'{"name": NaN}', b"[" * 100_000])
def test_what_is_no_json_object_is_refused(data: bytes) -> None:
    with pytest.raises(RowRefused, match="not "):
        rows.row_of(data, SCHEMA)


def test_unknown_fields_are_left_out_where_the_subscription_says_so() -> None:
    fields = {"name": "n", "unknown": 1, "box": {"width": 1, "depth": 2}}

    made = rows.row_of(json.dumps(fields).encode(), SCHEMA, drop_unknown=True)

    assert made == {"name": "n", "box": {"width": 1}, "tags": [], "boxes": []}


def test_a_type_that_is_not_supported_is_refused() -> None:
    with pytest.raises(RowRefused, match="not supported here: INTERVAL"):
        rows.row_of(b'{"span": "1-2"}', [SchemaField("span", "INTERVAL")])


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda each: st.lists(each) | st.dictionaries(st.sampled_from([c.name for c in SCHEMA]) | st.text(), each),
    )
)
def test_any_json_is_a_row_or_refused(value: Any) -> None:
    try:
        made = rows.row_of(json.dumps(value).encode(), SCHEMA)
    except RowRefused:
        return

    assert isinstance(made["name"], str)


# A column's type, and the values of it that a publisher may write.
FITTING: dict[str, st.SearchStrategy[Any]] = {
    "STRING": st.text(st.characters(exclude_categories=["Cs"])),
    "INTEGER": st.integers(-(2**63), 2**63 - 1) | st.integers(-(2**63), 2**63 - 1).map(str),
    "FLOAT": st.floats(allow_nan=False, allow_infinity=False),
    "NUMERIC": st.decimals(-(10**20), 10**20, places=9).map(lambda amount: format(amount, "f")),
    "BOOLEAN": st.booleans(),
    "TIMESTAMP": st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=st.just(UTC)).map(
        lambda moment: moment.isoformat()
    ),
    "DATE": st.dates().map(lambda day: day.isoformat()),
    "BYTES": st.binary().map(lambda data: base64.b64encode(data).decode()),
    "JSON": st.dictionaries(st.text(), st.integers()).map(json.dumps),
}


@st.composite
def schemas_and_messages(draw: st.DrawFn) -> tuple[list[SchemaField], dict[str, Any]]:
    types = draw(st.lists(st.sampled_from(sorted(FITTING)), min_size=1, max_size=6))
    columns, message = [], {}
    for number, kind in enumerate(types):
        mode = draw(st.sampled_from(["NULLABLE", "REQUIRED", "REPEATED"]))
        columns.append(SchemaField(f"c{number}", kind, mode))
        if mode == "REPEATED":
            message[f"c{number}"] = draw(st.lists(FITTING[kind], max_size=3))
        elif mode == "REQUIRED" or draw(st.booleans()):
            message[f"c{number}"] = draw(FITTING[kind])
    return columns, message


@given(schemas_and_messages())
def test_every_message_of_a_schema_is_its_row(case: tuple[list[SchemaField], dict[str, Any]]) -> None:
    columns, message = case

    made = rows.row_of(json.dumps(message).encode(), columns)

    for column in columns:
        if column.mode != "REPEATED" and column.name in message:
            assert _same(column.field_type, message[column.name], made[column.name])


@given(schemas_and_messages())
def test_a_message_without_a_required_field_is_refused(case: tuple[list[SchemaField], dict[str, Any]]) -> None:
    columns, message = case
    required = [column.name for column in columns if column.mode == "REQUIRED"]

    for name in required:
        without = {key: value for key, value in message.items() if key != name}
        with pytest.raises(RowRefused, match=f"{name} is required"):
            rows.row_of(json.dumps(without).encode(), columns)


def _same(kind: str, given_value: Any, written: Any) -> bool:
    if kind == "INTEGER":
        return int(given_value) == int(written)
    if kind == "NUMERIC":
        return Decimal(given_value) == Decimal(written)
    if kind == "FLOAT":
        return math.isclose(given_value, written, rel_tol=1e-15, abs_tol=5e-324)
    if kind == "TIMESTAMP":
        return datetime.fromisoformat(given_value) == datetime.fromisoformat(written)
    return bool(given_value == written)


RAW = [
    SchemaField("subscription_name", "STRING"),
    SchemaField("message_id", "STRING"),
    SchemaField("publish_time", "TIMESTAMP"),
    SchemaField("attributes", "JSON"),
    SchemaField("data", "STRING"),
]


def metadata(columns: list[SchemaField], ordering_key: str = "") -> dict[str, Any]:
    return rows.metadata(
        columns,
        subscription="projects/p/subscriptions/s",
        message_id="7",
        published="2026-11-23T04:00:00.123Z",
        attributes={"kind": "a"},
        ordering_key=ordering_key,
    )


def test_metadata_is_written_where_the_table_has_its_columns() -> None:
    assert metadata(RAW) == {
        "subscription_name": "projects/p/subscriptions/s",
        "message_id": "7",
        "publish_time": "2026-11-23T04:00:00.123Z",
        "attributes": '{"kind": "a"}',
    }


def test_an_ordering_key_is_written_in_its_column_or_with_the_attributes() -> None:
    assert metadata([*RAW, SchemaField("ordering_key", "STRING")], "k")["ordering_key"] == "k"
    assert json.loads(metadata(RAW, "k")["attributes"]) == {"kind": "a", "ordering_key": "k"}


def test_a_table_without_the_columns_of_metadata_refuses() -> None:
    with pytest.raises(RowRefused, match="no column attributes"):
        metadata([column for column in RAW if column.name != "attributes"])


@pytest.mark.parametrize(
    ("kind", "data", "written"),
    [("STRING", b"text", "text"), ("BYTES", b"\xff", "/w=="), ("JSON", b'{"a": 1}', '{"a": 1}')],
)
def test_the_bytes_of_a_message_are_written_as_its_column_holds_them(kind: str, data: bytes, written: str) -> None:
    assert rows.raw_data(data, [SchemaField("data", kind)]) == {"data": written}


@pytest.mark.parametrize(("kind", "data"), [("STRING", b"\xff"), ("JSON", b"{")])
def test_bytes_that_their_column_cannot_hold_are_refused(kind: str, data: bytes) -> None:
    with pytest.raises(RowRefused, match="data"):
        rows.raw_data(data, [SchemaField("data", kind)])
