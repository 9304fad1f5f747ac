"""Messages as rows, as strictly as a BigQuery subscription takes them.

With the table's schema a message must be a JSON object whose fields are the table's columns, in their types, the
required ones present (https://cloud.google.com/pubsub/docs/bigquery). What does not fit is refused, with a reason.
"""

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from google.cloud.bigquery import SchemaField


class RowRefused(Exception):  # noqa: N818 - it names an outcome
    """The message does not fit the table; the text says which column and why."""


def row_of(data: bytes, schema: Iterable[SchemaField]) -> dict[str, Any]:
    """The row that a message's bytes are under `schema`.

    Raises:
        RowRefused: when it does not fit.
    """
    try:
        message = json.loads(data)
    except ValueError as error:
        raise RowRefused(f"not JSON: {error}") from error
    if not isinstance(message, dict):
        raise RowRefused("not a JSON object")
    return _record(message, list(schema), "")


def raw_row(
    data: bytes, attributes: Mapping[str, str], *, subscription: str, message_id: str, publish_time: datetime
) -> dict[str, Any]:
    """A message as it is, with its metadata: what a subscription without a schema writes."""
    return {
        "subscription_name": subscription,
        "message_id": message_id,
        "publish_time": publish_time.isoformat(),
        "attributes": json.dumps(dict(attributes), sort_keys=True),
        "data": data.decode("utf-8", errors="replace"),
    }


def _record(values: Mapping[str, Any], fields: list[SchemaField], path: str) -> dict[str, Any]:
    unknown = values.keys() - {field.name for field in fields}
    if unknown:
        raise RowRefused(f"no column {path}{min(unknown)}")
    return {field.name: _column(values.get(field.name), field, path) for field in fields}


def _column(value: Any, field: SchemaField, path: str) -> Any:  # noqa: ANN401 - JSON values
    place = f"{path}{field.name}"
    if field.mode == "REPEATED":
        if value is None:
            return []
        if not isinstance(value, list) or None in value:
            raise RowRefused(f"{place} must be a list without nulls")
        return [_value(each, field, place) for each in value]
    if value is None:
        if field.mode == "REQUIRED":
            raise RowRefused(f"{place} is required")
        return None
    return _value(value, field, place)


def _value(value: Any, field: SchemaField, place: str) -> Any:  # noqa: ANN401 - JSON values
    if field.field_type in ("RECORD", "STRUCT"):
        if not isinstance(value, dict):
            raise RowRefused(f"{place} must be an object")
        return _record(value, list(field.fields), f"{place}.")
    accepts = _ACCEPTS.get(field.field_type)
    if accepts is None or not accepts(value):
        raise RowRefused(f"{place} is no {field.field_type}: {type(value).__name__}")
    return value


def _is_integer(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return False
    try:
        return -(2**63) <= int(value) < 2**63
    except ValueError:
        return False


def _is_float(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_numeric(value: object) -> bool:
    """NUMERIC: at most 29 digits before the point and 9 after it."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return False
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return False
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -9 and abs(number) < Decimal(10) ** 29


_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)?$")


def _is_timestamp(value: object) -> bool:
    if not isinstance(value, str) or not _RFC3339.match(value):
        return False
    try:
        datetime.fromisoformat(value.upper().replace(" ", "T"))
    except ValueError:
        return False
    return True


def _is_json(value: object) -> bool:
    try:
        json.loads(value) if isinstance(value, str) else None
    except ValueError:
        return False
    return isinstance(value, str)


_ACCEPTS: dict[str, Callable[[Any], bool]] = {
    "STRING": lambda value: isinstance(value, str),
    "INTEGER": _is_integer,
    "INT64": _is_integer,
    "FLOAT": _is_float,
    "FLOAT64": _is_float,
    "NUMERIC": _is_numeric,
    "BOOLEAN": lambda value: isinstance(value, bool),
    "BOOL": lambda value: isinstance(value, bool),
    "TIMESTAMP": _is_timestamp,
    "JSON": _is_json,
}
