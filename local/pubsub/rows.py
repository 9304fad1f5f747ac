"""Messages as rows, as strictly as a BigQuery subscription takes them.

With the table's schema a message must be a JSON object whose fields are the table's columns (in any case), in their
types, the required ones present (https://cloud.google.com/pubsub/docs/bigquery, read in November 2026). What does not
fit is refused with a reason; what fits is written the way insertAll reads without any doubt. By that page only NULLABLE
columns may be absent; of a list that is absent an empty one is made, as the service is known to do: a table keeps the
lists of an earlier feature model.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from google.cloud.bigquery import SchemaField

type Row = dict[str, Any]


class RowRefused(Exception):  # noqa: N818 - it names an outcome
    """The message does not fit the table; the text says which column and why, without the value."""


def row_of(data: bytes, columns: "Sequence[SchemaField]", *, drop_unknown: bool = False) -> Row:
    """The row that a message's bytes are in a table of `columns`; fields that it lacks are left out if `drop_unknown`.

    Raises:
        RowRefused: when it does not fit.
    """
    try:
        message = json.loads(data, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise RowRefused(f"not JSON: {error}") from error
    if not isinstance(message, dict):
        raise RowRefused("not a JSON object")
    return _record(message, columns, "", drop_unknown)


def metadata(
    columns: "Sequence[SchemaField]",
    *,
    subscription: str,
    message_id: str,
    published: str,
    attributes: Mapping[str, str],
    ordering_key: str,
) -> Row:
    """The columns that `write_metadata` fills; an ordering key goes into the attributes where it has no column.

    Raises:
        RowRefused: when the table lacks one of them.
    """
    names = {column.name.casefold() for column in columns}
    keyed = {} if "ordering_key" in names or not ordering_key else {"ordering_key": ordering_key}
    row = {
        "subscription_name": subscription,
        "message_id": message_id,
        "publish_time": published,
        "attributes": json.dumps({**attributes, **keyed}),
    }
    if "ordering_key" in names:
        row["ordering_key"] = ordering_key
    missing = sorted(row.keys() - names)
    if missing:
        raise RowRefused(f"the table has no column {missing[0]} for the metadata")
    return row


def raw_data(data: bytes, columns: "Sequence[SchemaField]") -> Row:
    """The column `data` of a subscription without a schema.

    Raises:
        RowRefused: when the table has none, or the bytes are not what its type holds.
    """
    column = next((column for column in columns if column.name.casefold() == "data"), None)
    if column is None:
        raise RowRefused("the table has no column data")
    if column.field_type == "BYTES":
        return {"data": base64.b64encode(data).decode()}
    try:
        return {"data": _value(data.decode(), column, "data", drop_unknown=False)}
    except UnicodeDecodeError as error:
        raise RowRefused("data is not UTF-8 text") from error


def _record(values: Mapping[str, Any], columns: "Sequence[SchemaField]", path: str, drop_unknown: bool) -> Row:
    given = {name.casefold(): value for name, value in values.items()}
    unknown = given.keys() - {column.name.casefold() for column in columns}
    if unknown and not drop_unknown:
        raise RowRefused(f"no column {path}{min(unknown)}")
    row = {column.name: _column(given.get(column.name.casefold()), column, path, drop_unknown) for column in columns}
    return {name: value for name, value in row.items() if value is not None}


def _column(value: Any, column: "SchemaField", path: str, drop_unknown: bool) -> Any:  # noqa: ANN401 - JSON values
    place = f"{path}{column.name}"
    if column.mode == "REPEATED":
        if value is None:
            return []
        if not isinstance(value, list) or None in value:
            raise RowRefused(f"{place} is not a list without nulls")
        return [_value(each, column, place, drop_unknown=drop_unknown) for each in value]
    if value is None:
        if column.mode == "REQUIRED":
            raise RowRefused(f"{place} is required")
        return None
    return _value(value, column, place, drop_unknown=drop_unknown)


def _value(value: Any, column: "SchemaField", place: str, *, drop_unknown: bool) -> Any:  # noqa: ANN401 - JSON values
    if column.field_type in ("RECORD", "STRUCT"):
        if not isinstance(value, dict):
            raise RowRefused(f"{place} is not an object")
        return _record(value, column.fields, f"{place}.", drop_unknown)
    read = _READERS.get(column.field_type)
    if read is None:
        raise RowRefused(f"{place} has a type that is not supported here: {column.field_type}")
    try:
        return read(value)
    except (ValueError, OverflowError, InvalidOperation, RecursionError) as error:
        raise RowRefused(f"{place} is not a {column.field_type} ({type(value).__name__})") from error


def _no_constant(name: str) -> Any:  # noqa: ANN401 - json's own signature
    raise ValueError(f"{name} is not JSON")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("not text")
    value.encode()  # a lone surrogate is not UTF-8
    return value


def _bytes(value: object) -> str:
    text = _text(value)
    base64.b64decode(text, validate=True)
    return text


_INTEGER = re.compile(r"[+-]?[0-9]{1,20}\Z")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,4})?\Z")
_DIGITS = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?\Z")


def _integer(value: object) -> int:
    if isinstance(value, bool) or not (isinstance(value, int) or _INTEGER.match(_text(value))):
        raise ValueError("not an integer")
    number = int(value)  # type: ignore[call-overload]
    if not -(2**63) <= number < 2**63:
        raise ValueError("beyond 64 bits")
    return int(number)


def _float(value: object) -> float | str:
    if value in ("NaN", "Infinity", "-Infinity"):
        return str(value)
    number = float(_decimal(value))
    if number in (float("inf"), float("-inf")):
        raise ValueError("beyond a double")
    return number


def _decimal(value: object) -> Decimal:
    if isinstance(value, bool):
        raise ValueError("not a number")
    if isinstance(value, int | Decimal):
        return Decimal(value)
    if not _NUMBER.match(_text(value)):
        raise ValueError("not a number")
    return Decimal(str(value))


def _numeric(digits: int, scale: int) -> Callable[[object], str]:
    """Decimals of `digits` digits, `scale` of them after the point."""

    def read(value: object) -> str:
        if isinstance(value, str) and not _DIGITS.match(value):
            raise ValueError("not a number that people write: other strings are read as encoded bytes")
        number = _decimal(value)
        exponent = number.as_tuple().exponent
        if not isinstance(exponent, int) or abs(exponent) > digits * 2:
            raise ValueError("beyond the type")
        exact = format(number, "f")
        fraction = exact.partition(".")[2].rstrip("0")
        if len(fraction) > scale or abs(number) >= Decimal(10) ** (digits - scale):
            raise ValueError("beyond the type")
        return exact

    return read


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("not a boolean")
    return value


_DATE = r"\d{4}-\d{2}-\d{2}"
_TIME = r"\d{2}:\d{2}:\d{2}(\.\d{1,6})?"
_TIMESTAMP = re.compile(rf"{_DATE}[Tt ]{_TIME}([Zz]|[+-]\d{{2}}:\d{{2}})?\Z", re.ASCII)
_DATETIME = re.compile(rf"{_DATE}[Tt ]{_TIME}\Z", re.ASCII)


def _timestamp(value: object) -> str:
    text = _text(value)
    if not _TIMESTAMP.match(text):
        raise ValueError("not RFC 3339")
    moment = datetime.fromisoformat(text.upper())
    moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.isoformat().replace("+00:00", "Z")


def _datetime(value: object) -> str:
    text = _text(value)
    if not _DATETIME.match(text):
        raise ValueError("not a date and time")
    return datetime.fromisoformat(text.upper()).isoformat()


def _date(value: object) -> str:
    text = _text(value)
    if not re.match(rf"{_DATE}\Z", text, re.ASCII):
        raise ValueError("not a date")
    return date.fromisoformat(text).isoformat()


def _time(value: object) -> str:
    text = _text(value)
    if not re.match(rf"{_TIME}\Z", text, re.ASCII):
        raise ValueError("not a time of day")
    return time.fromisoformat(text).isoformat()


def _json(value: object) -> str:
    text = _text(value)
    json.loads(text, parse_constant=_no_constant)
    return text


_READERS: dict[str, Callable[[Any], Any]] = {
    "STRING": _text,
    "BYTES": _bytes,
    "INTEGER": _integer,
    "INT64": _integer,
    "FLOAT": _float,
    "FLOAT64": _float,
    "NUMERIC": _numeric(38, 9),
    "DECIMAL": _numeric(38, 9),
    "BIGNUMERIC": _numeric(76, 38),
    "BIGDECIMAL": _numeric(76, 38),
    "BOOLEAN": _boolean,
    "BOOL": _boolean,
    "TIMESTAMP": _timestamp,
    "DATETIME": _datetime,
    "DATE": _date,
    "TIME": _time,
    "JSON": _json,
}
