"""Queries run by Google's reference implementation, on rows in memory: what BigQuery's answer has to be."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2 as service
from zetasql.wasi._pb2.zetasql.public import type_pb2, value_pb2

from local.query_cache import is_volatile
from tests.googlesql.catalog import Catalog, Columns, by_last_names, parameters
from tests.googlesql.engine import told

type Row = dict[str, Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SCALE = 10**9  # a NUMERIC is stored as an integer of billionths


class Evaluator:
    """The tables of a catalog with rows in them."""

    def __init__(self, catalog: Catalog, rows: Mapping[str, Sequence[Row]]) -> None:
        """`rows` are as the client gives them, by table; views may be added."""
        self._catalog = catalog
        self._rows = {
            table: service.TableData(row=[_row(row, catalog.tables[table]) for row in found])
            for table, found in rows.items()
        }

    def query(self, sql: str, values: Mapping[str, Any] | None = None) -> list[Row]:
        """The rows of a query whose parameters have these values (None: null).

        Raises:
            GoogleSqlError: what the analyzer or the evaluator says.
        """
        columns, found = self._ask(sql, values or {})
        return [_columns(row, columns) for row in found.row]

    def add_view(self, name: str, sql: str) -> list[Row]:
        """The rows of a view, from which later queries may read."""
        columns, self._rows[name] = self._ask(sql, {})
        return [_columns(row, columns) for row in self._rows[name].row]

    def _ask(self, sql: str, values: Mapping[str, Any]) -> tuple[Columns, service.TableData]:
        sql = by_last_names(sql)
        seen = self._catalog.named_in(sql)
        request = service.EvaluateQueryRequest(sql=sql, options=seen.options(sql), simple_catalog=seen.as_proto())
        for table in seen.tables:
            request.table_content[table].table_data.CopyFrom(self._rows.get(table, service.TableData()))
        for name, kind in parameters(sql).items():
            request.params.add(name=name, value=encoded(values[name], kind))
        answer = self._answered(request)
        return [(column.name, column.type) for column in answer.prepared.columns], answer.content.table_data

    def _answered(self, request: service.EvaluateQueryRequest) -> service.EvaluateQueryResponse:
        def ask() -> service.EvaluateQueryResponse:
            return self._catalog.engine.call("EvaluateQuery", request, service.EvaluateQueryResponse)

        return ask() if is_volatile(request.sql) else told(ask, service.EvaluateQueryResponse, request)


def encoded(value: Any, kind: type_pb2.TypeProto) -> value_pb2.ValueProto:
    """A value for a column or a parameter of this type."""
    made = value_pb2.ValueProto()
    if value is None:
        return made
    match kind.type_kind:
        case type_pb2.TYPE_ARRAY:
            made.array_value.SetInParent()
            made.array_value.element.extend(encoded(each, kind.array_type.element_type) for each in value)
        case type_pb2.TYPE_STRUCT:
            made.struct_value.SetInParent()
            made.struct_value.field.extend(_cells(value, kind))
        case type_pb2.TYPE_TIMESTAMP:
            since = value - _EPOCH
            made.timestamp_value.seconds = since // timedelta(seconds=1)
            made.timestamp_value.nanos = since.microseconds * 1000
        case type_pb2.TYPE_NUMERIC:
            whole = int(value * _SCALE)
            made.numeric_value = whole.to_bytes(whole.bit_length() // 8 + 1, "little", signed=True)
        case type_pb2.TYPE_DATE:
            made.date_value = (value - _EPOCH.date()).days
        case _:
            setattr(made, _FIELDS[kind.type_kind], value)
    return made


def decoded(value: value_pb2.ValueProto, kind: type_pb2.TypeProto) -> Any:
    """A value as BigQuery's client gives it; an array that is null has no elements there."""
    if kind.type_kind == type_pb2.TYPE_ARRAY:
        return [decoded(each, kind.array_type.element_type) for each in value.array_value.element]
    if value.WhichOneof("value") is None:
        return None
    match kind.type_kind:
        case type_pb2.TYPE_STRUCT:
            fields = zip(kind.struct_type.field, value.struct_value.field, strict=True)
            return {field.field_name: decoded(each, field.field_type) for field, each in fields}
        case type_pb2.TYPE_TIMESTAMP:
            moment = value.timestamp_value
            return _EPOCH + timedelta(seconds=moment.seconds, microseconds=moment.nanos // 1000)
        case type_pb2.TYPE_NUMERIC:
            return Decimal(int.from_bytes(value.numeric_value, "little", signed=True)) / _SCALE
        case type_pb2.TYPE_DATE:
            return date.fromordinal(_EPOCH.toordinal() + value.date_value)
        case _:
            return getattr(value, _FIELDS[kind.type_kind])


_FIELDS = {
    type_pb2.TYPE_STRING: "string_value",
    type_pb2.TYPE_INT64: "int64_value",
    type_pb2.TYPE_DOUBLE: "double_value",
    type_pb2.TYPE_BOOL: "bool_value",
}


def _row(row: Row, columns: Columns) -> service.TableData.Row:
    return service.TableData.Row(cell=[_cell(row.get(name), kind) for name, kind in columns])


def _cell(value: Any, kind: type_pb2.TypeProto) -> value_pb2.ValueProto:
    """As `encoded`; a column's array is never null, in BigQuery as here."""
    return encoded([] if value is None and kind.type_kind == type_pb2.TYPE_ARRAY else value, kind)


def _cells(record: Row, kind: type_pb2.TypeProto) -> Iterator[value_pb2.ValueProto]:
    for field in kind.struct_type.field:
        yield _cell(record.get(field.field_name), field.field_type)


def _columns(row: service.TableData.Row, columns: Columns) -> Row:
    return {name: decoded(cell, kind) for (name, kind), cell in zip(columns, row.cell, strict=True)}
