"""Messages as rows: as strict as a BigQuery subscription."""

import json
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
    SchemaField("seen", "BOOLEAN"),
    SchemaField("at", "TIMESTAMP"),
    SchemaField("extra", "JSON"),
    SchemaField("tags", "STRING", "REPEATED"),
    SchemaField("box", "RECORD", fields=[SchemaField("width", "INTEGER", "REQUIRED")]),
    SchemaField("boxes", "RECORD", "REPEATED", fields=[SchemaField("width", "INTEGER")]),
]


def row(**values: Any) -> dict[str, Any]:  # noqa: ANN401
    return rows.row_of(json.dumps({"name": "n", **values}).encode(), SCHEMA)


@pytest.mark.parametrize(
    "values",
    [
        {"count": 3},
        {"count": "-9223372036854775808"},
        {"share": 1},
        {"share": 0.5},
        {"price": "0.000000001"},
        {"price": 12.5},
        {"seen": False},
        {"at": "2026-11-23T04:00:00Z"},
        {"at": "2026-11-23T04:00:00.123456+02:00"},
        {"extra": '{"a": [1]}'},
        {"tags": ["a", "b"]},
        {"box": {"width": 3}},
        {"boxes": [{"width": 3}, {}]},
        {"count": None, "tags": None},
    ],
)
def test_what_fits_becomes_a_row(values: dict[str, Any]) -> None:
    made = row(**values)

    assert made["name"] == "n"
    assert set(made) == {field.name for field in SCHEMA}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"name": None}, "name is required"),
        ({"unknown": 1}, "no column unknown"),
        ({"name": 1}, "name is no STRING: int"),
        ({"count": 1.5}, "count is no INTEGER"),
        ({"count": True}, "count is no INTEGER"),
        ({"count": 2**63}, "count is no INTEGER"),
        ({"count": "seven"}, "count is no INTEGER"),
        ({"share": "0.5"}, "share is no FLOAT"),
        ({"price": "0.0000000001"}, "price is no NUMERIC"),
        ({"price": "1e30"}, "price is no NUMERIC"),
        ({"seen": "true"}, "seen is no BOOLEAN"),
        ({"at": "yesterday"}, "at is no TIMESTAMP"),
        ({"at": "2026-02-30T00:00:00Z"}, "at is no TIMESTAMP"),
        ({"extra": "{"}, "extra is no JSON"),
        ({"extra": {"a": 1}}, "extra is no JSON"),
        ({"tags": "a"}, "tags must be a list"),
        ({"tags": ["a", None]}, "tags must be a list without nulls"),
        ({"box": {}}, "box.width is required"),
        ({"box": {"width": 1, "depth": 2}}, "no column box.depth"),
        ({"boxes": {"width": 1}}, "boxes must be a list"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_column(values: dict[str, Any], said: str) -> None:
    with pytest.raises(RowRefused, match=said):
        row(**values)


@pytest.mark.parametrize("data", [b"", b"[]", b"1", b"{", b"\xff"])
def test_what_is_no_json_object_is_refused(data: bytes) -> None:
    with pytest.raises(RowRefused, match="not "):
        rows.row_of(data, SCHEMA)


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda each: st.dictionaries(st.text(), each))
)
def test_any_json_is_a_row_or_refused(value: Any) -> None:  # noqa: ANN401
    try:
        made = rows.row_of(json.dumps(value).encode(), SCHEMA)
    except RowRefused:
        return

    assert isinstance(made["name"], str)
