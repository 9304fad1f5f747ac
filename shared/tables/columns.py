"""The columns of a table, from the Pydantic model of its rows.

A required field becomes a REQUIRED column, a list a REPEATED one. What may be null or has a default is NULLABLE, since
messages of an older publisher lack it; so is every column within a record, since BigQuery adds no REQUIRED column to a
table that exists.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeAliasType, Union, get_args, get_origin

from pydantic import AwareDatetime, BaseModel

from shared.tables.growth import Column


class UnsupportedTypeError(TypeError):
    """A field's type has no column type; the message names the field, its type and what can be used."""


_TYPES: Mapping[type, str] = {
    bool: "BOOLEAN",  # before int, of which it is a subclass
    StrEnum: "STRING",
    IntEnum: "INTEGER",
    str: "STRING",
    int: "INTEGER",
    float: "FLOAT",
    Decimal: "NUMERIC",
    datetime: "TIMESTAMP",  # before date, of which it is a subclass
    AwareDatetime: "TIMESTAMP",
    date: "DATE",
}


def columns_of(model: type[BaseModel]) -> list[Column]:
    """The columns of a table whose rows are `model` as JSON, as `model_dump_json(exclude_none=True)` writes it.

    Raises:
        UnsupportedTypeError: when a field has no column type.
    """
    return list(_columns(model, within=()))


def _columns(model: type[BaseModel], within: tuple[type[BaseModel], ...]) -> Iterator[Column]:
    for name, field in model.model_fields.items():
        where = f"{model.__name__}.{name}"
        kind, repeated, nullable = _shape(field.annotation, where)
        type_name, fields = _type(kind, where, (*within, model))
        required = field.is_required() and not nullable and not within
        column: Column = {"name": name, "type": type_name}
        column["mode"] = "REPEATED" if repeated else "REQUIRED" if required else "NULLABLE"
        if field.description:
            column["description"] = field.description
        if fields:
            column["fields"] = fields
        yield column


def _shape(annotation: Any, where: str) -> tuple[Any, bool, bool]:  # noqa: ANN401
    """What a column holds, whether it holds many of it, and whether it may be null."""
    kind, nullable = _without_none(annotation, where)
    if get_origin(kind) not in (list, tuple, set, frozenset):
        return kind, False, nullable
    element, holes = _without_none(get_args(kind)[0], where)
    if holes or get_origin(element) in (list, tuple, set, frozenset) or get_args(kind)[1:] not in ((), (...,)):
        raise _unsupported(annotation, where)
    return element, True, nullable


def _without_none(annotation: Any, where: str) -> tuple[Any, bool]:  # noqa: ANN401
    """The type within aliases, constraints and `| None`, and whether it may be None."""
    if isinstance(annotation, TypeAliasType):
        return _without_none(annotation.__value__, where)
    if get_origin(annotation) is Annotated:
        return _without_none(get_args(annotation)[0], where)
    if get_origin(annotation) not in (Union, UnionType):
        return annotation, False
    kinds = [argument for argument in get_args(annotation) if argument is not NoneType]
    if len(kinds) > 1:
        raise _unsupported(annotation, where)
    return _without_none(kinds[0], where)[0], True


def _type(kind: Any, where: str, within: tuple[type[BaseModel], ...]) -> tuple[str, list[Column]]:  # noqa: ANN401
    """The column type, and for a model its fields."""
    if get_origin(kind) is Literal:
        (kind, *others) = {type(value) for value in get_args(kind)}
        if others:
            raise _unsupported(kind, where)
    if not isinstance(kind, type) or kind in within:
        raise _unsupported(kind, where)
    if issubclass(kind, BaseModel):
        return "RECORD", list(_columns(kind, within))
    for known, name in _TYPES.items():
        if issubclass(kind, known):
            return name, []
    raise _unsupported(kind, where)


def _unsupported(kind: Any, where: str) -> UnsupportedTypeError:  # noqa: ANN401
    return UnsupportedTypeError(
        f"{where}: {kind} has no column type. Use str, int, float, bool, Decimal, datetime, date, a StrEnum, a "
        "Literal, a model that does not contain itself, or a list of one of these; `| None` where it may be missing."
    )
