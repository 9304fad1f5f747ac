"""What people may say of a feature, as `Correction` and its table hold it: text, checked by the feature model.

A word is text as it is, `true` or `false`, digits, an allowed value, or JSON: a list of texts, what has several parts
(`{"text": "Now", "description": null}`), or a list of these; None, or an empty text, says that the creative does not
tell. The view `current_corrections` holds what others publish to the same rules.
"""

import difflib
import json
import math
import re
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, Literal

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from shared import features
from shared.events import Kind, in_utf8
from shared.results.currencies import CURRENCIES, WITHDRAWN

NUMBERS: Mapping[str, str] = {
    "INTEGER": r"^-?[0-9]{1,18}$",
    "FLOAT": r"^-?[0-9]{1,18}(\.[0-9]{1,18})?$",
    "NUMERIC": r"^-?[0-9]{1,29}(\.[0-9]{1,9})?$",
}
"""How a number is written, by its column's type: as everybody who reads it reads it alike."""


_VALUES = ("STRING", "BOOLEAN", *NUMBERS)


class NotAllowedError(ValueError):
    """The feature model has no such field, or does not allow the value; the message says what it allows."""


class NoSuchFieldError(NotAllowedError):
    """The feature model has no such field; another one may have it."""


def can_be_said(column: Mapping[str, Any]) -> bool:
    """Whether a column of BigQuery's holds what people may say: a value, a list of texts, a record or records."""
    if column["type"] == "RECORD":
        return all(part["mode"] != "REPEATED" and part["type"] in _VALUES for part in column["fields"])
    return column["type"] == "STRING" if column["mode"] == "REPEATED" else column["type"] in _VALUES


def word(model: type[BaseModel], kind: Kind, field: str, said: str) -> str | None:
    """What `said`, typed by a person, is as a word on `field` of a creative of this kind; nothing and null are None.

    A list may be typed as JSON, or as its texts with commas between. What has several parts is typed as JSON, or as the
    first of them alone, which names it: `Nike` is `{"brand": "Nike", "position": null}`.

    Raises:
        NotAllowedError: when it cannot stand in that field; `NoSuchFieldError`: when there is none.
    """
    asked = features.model_for(kind, model).model_fields
    if field not in asked:
        near = difflib.get_close_matches(field, asked, n=3)
        others = f"did you mean {' or '.join(near)}?" if near else f"it has {', '.join(asked)}"
        raise NoSuchFieldError(f"{field}: {_OF[kind]} has no such feature; {others}")
    listed = features.is_list(asked[field].annotation)
    leaves = list(features.leaves(asked[field].annotation))
    if not all(_can_be_said(leaf, listed=listed) for leaf in leaves):
        raise NotAllowedError(f"{field}: a list of numbers or of lists cannot be corrected")
    if said.strip() in ("", "null"):
        return None
    if fault := _no_text(said):
        raise NotAllowedError(f"{field}: {fault}")
    number = any(issubclass(leaf, int | float | Decimal) for leaf in leaves)
    said = _with_point(said) if number and not (listed or str in leaves) else said
    record = _record_of(asked[field])
    if number and not _is_finite(said):
        raise NotAllowedError(f"{field}: {said!r} is no number")
    adapter = features.adapter(asked[field])
    try:
        found = adapter.validate_python(_read(adapter, record, said.strip(), listed=listed))
    except NotAllowedError as error:
        raise NotAllowedError(f"{field}: {error}") from error
    except ValidationError as error:
        hint = f"; {_parts_of(record)}" if record else _hint(said, leaves, listed=listed)
        named = _faulty(error) if listed and not record else repr(said)
        raise NotAllowedError(f"{field}: {named} cannot stand there: {_faults(error)}{hint}") from error
    _require_parts(field, found)
    _require_currency(field, asked[field], found)
    values = list(_values(found))
    if not all(map(_fits, values)):
        raise NotAllowedError(f"{field}: {said!r} cannot stand there: it has more digits than are kept")
    if fault := next(filter(None, (_no_text(each) for each in values if isinstance(each, str))), None):
        raise NotAllowedError(f"{field}: {fault}")
    return adapter.dump_json(found).decode() if listed or record else _plain(found)


_WITH_FRACTION = re.compile(r"-?(?:\d+|\d{1,3}(?:[.\s'’]\d{3})+),\d{1,2}|-?\d{1,3}(?:[,\s'’]\d{3})+\.\d{1,2}")
"""A comma before one or two digits is a point; one before three may be between thousands."""


def _hint(said: str, leaves: Collection[type], *, listed: bool) -> str:
    """What helps to write it."""
    is_written = re.fullmatch(r"[-\d.]+", said) is not None
    if any(issubclass(leaf, float | Decimal) for leaf in leaves) and not (listed or is_written):
        return "; write 19.99, without thousands; a currency is a feature of its own"
    is_unsure = listed and "," in said and not said.startswith("[")
    return """; where an item has a comma, write JSON: '["one", "two, three"]'""" if is_unsure else ""


def typed(value: object) -> str:
    """A feature's value, as JSON has it, as a person would type it."""
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else _plain(value)


def meant(model: type[BaseModel], field: str, said: str | None) -> object:
    """What a word says, as JSON has it: None where it is that nothing can be told.

    Raises:
        NotAllowedError: when the model has no such field, or does not allow it.
    """
    return _meant(model, field, said, "json")


def mean_the_same(model: type[BaseModel], field: str, one: str | None, other: str | None) -> bool:
    """Whether two words on a field say the same, as 49.9 and 49.90 do.

    Raises:
        NotAllowedError: when the model has no such field, or does not allow one of them.
    """
    return _meant(model, field, one, "python") == _meant(model, field, other, "python")


def _meant(model: type[BaseModel], field: str, said: str | None, mode: Literal["json", "python"]) -> object:
    asked = {name: each for kind in Kind for name, each in features.model_for(kind, model).model_fields.items()}
    if field not in asked:
        raise NotAllowedError(f"{field}: there is no such feature")
    if not said:
        return None
    adapter = features.adapter(asked[field])
    try:
        found = adapter.validate_python(_held(asked[field], said))
    except ValidationError as error:
        raise NotAllowedError(f"{field}: {_faults(error)}") from error
    _require_parts(field, found)
    told: object = adapter.dump_python(found, mode=mode)
    return told


_OF: Mapping[Kind, str] = {Kind.IMAGE: "an image", Kind.VIDEO: "a video"}


def _no_text(said: str) -> str | None:
    """What is wrong with it as text; None where nothing is."""
    if control := next((each for each in said if each < " " and each not in "\t\n\r"), None):
        return f"it holds a control character (U+{ord(control):04X}), which nobody reads"
    try:
        in_utf8(said)
    except ValueError as error:
        return str(error)
    return None


def _held(field: FieldInfo, said: str) -> object:
    """What a word holds, for the model to check: of what has several parts those that a column of it holds."""
    listed, record = features.is_list(field.annotation), _record_of(field)
    if record is None:
        return _items(said) if listed else said
    held = _loaded(said)
    if listed:
        return [_kept(record, each) for each in held] if isinstance(held, list) else held
    return _kept(record, held)


def _kept(record: type[BaseModel], said: object) -> object:
    return {name: _scalar(said.get(name)) for name in record.model_fields} if isinstance(said, dict) else said


def _scalar(part: object) -> str | None:
    """A part of JSON as text, as BigQuery's `JSON_VALUE` has it: nothing of an object or a list."""
    if part is None or isinstance(part, list | dict):
        return None
    return part if isinstance(part, str) else json.dumps(part)


def _record_of(field: FieldInfo) -> type[BaseModel] | None:
    return next((leaf for leaf in features.leaves(field.annotation) if issubclass(leaf, BaseModel)), None)


def _can_be_said(leaf: type, *, listed: bool) -> bool:
    if issubclass(leaf, BaseModel):
        parts = [part.annotation for part in leaf.model_fields.values()]
        return not any(features.is_list(each) or _has_parts(each) for each in parts)
    return issubclass(leaf, str) or not listed


def _has_parts(annotation: object) -> bool:
    return any(issubclass(leaf, BaseModel) for leaf in features.leaves(annotation))


def _read(adapter: TypeAdapter[Any], record: type[BaseModel] | None, said: str, *, listed: bool) -> object:
    """What a person typed, for the model to check."""
    if record is None:
        return _listed(adapter, said) if listed else said
    held = _loaded(said)
    if not listed or isinstance(held, str):
        items = _items(held) if listed and isinstance(held, str) else held
    else:
        items = held if isinstance(held, list) else [held]
    return [_whole(record, each) for each in items] if isinstance(items, list) else _whole(record, items)


def _whole(record: type[BaseModel], said: object) -> object:
    """A record with all its parts, of which a person left out what cannot be told; of a text alone, it is the first."""
    names = list(record.model_fields)
    if isinstance(said, dict) and (unknown := [name for name in said if name not in names]):
        raise NotAllowedError(f"{unknown[0]!r} is none of its parts; {_parts_of(record)}")
    parts = {names[0]: said} if isinstance(said, str) else said
    return {**dict.fromkeys(names), **parts} if isinstance(parts, dict) else parts


def _require_parts(field: str, found: object) -> None:
    """That something is said in each record; that nothing can be told is a word of its own."""
    for each in found if isinstance(found, list) else [found]:
        if isinstance(each, BaseModel) and all(part is None for _, part in each):
            raise NotAllowedError(f"{field}: it says nothing; {_parts_of(type(each))}, or leave it empty")


def _require_currency(name: str, field: FieldInfo, found: object) -> None:
    """That what is written as the code of a currency is one: `GPB` is none."""
    is_code = any(getattr(each, "pattern", None) == features.CURRENCY_CODE for each in field.metadata)
    known = CURRENCIES | WITHDRAWN
    if is_code and isinstance(found, str) and found not in known:
        near = sorted(each for each in known if sorted(each) == sorted(found))
        meant = f"; did you mean {' or '.join(near)}?" if near else ", as EUR is"
        raise NotAllowedError(f"{name}: {found} is no currency of ISO 4217{meant}")


def _parts_of(record: type[BaseModel]) -> str:
    """How a record is written."""
    return f"write JSON with {', '.join(record.model_fields)}"


def _values(found: object) -> Iterator[object]:
    """The values that a field holds, whatever lists and records are around them."""
    if isinstance(found, BaseModel):
        yield from (each for _, each in found)
    elif isinstance(found, list):
        yield from (value for each in found for value in _values(each))
    else:
        yield found


def _loaded(said: str) -> object:
    """What JSON holds; text as it is, unless it begins as an object does."""
    is_text = len(said) > 1 and said[0] == said[-1] == '"' and not said[1:-1].count('"')
    try:
        return json.loads(said, parse_constant=_no_number) if is_text or said.startswith(("[", "{")) else said
    except ValueError as error:
        raise NotAllowedError(f"{said!r} is no JSON: {error}") from error


def _no_number(said: str) -> object:
    raise ValueError(f"{said} is no number")


def _with_point(said: str) -> str:
    """A number that can be read in one way (`24,5`, `1.299,00`, `20 %`) with a point before its fraction, or as is."""
    plain = said.strip().removesuffix("%").rstrip()
    if not _WITH_FRACTION.fullmatch(plain):
        return plain
    whole, fraction = re.split(r"[.,](?=\d+\Z)", plain)
    return f"{re.sub(r'[^-\d]', '', whole)}.{fraction}"


def _is_finite(said: str) -> bool:
    """Whether it is a number with an end; of what is none at all, the model says what is wrong."""
    try:
        return Decimal(said.strip()).is_finite()
    except InvalidOperation:
        return True


def _items(said: str) -> object:
    """What a list holds; nothing is no item, however the list is written."""
    if said.startswith("["):
        try:
            items = json.loads(said)
        except ValueError:
            return said
        return [each for each in items if not isinstance(each, str) or each.strip()]
    return [each.strip() for each in said.split(",") if each.strip()]


def _listed(adapter: TypeAdapter[Any], said: str) -> object:
    """What a list holds; an allowed value may have commas of its own."""
    items = _items(said)
    try:
        adapter.validate_python(items)
    except ValidationError:
        if said in _allowed(adapter):
            return [said]
    return items


def _allowed(adapter: TypeAdapter[Any]) -> frozenset[str]:
    schema = adapter.json_schema()
    return frozenset(value for each in schema.get("$defs", {}).values() for value in each.get("enum", ()))


def _fits(found: object) -> bool:
    """Whether it is no number, or one whose column holds all its digits."""
    column = _COLUMNS.get(type(found))
    return column is None or re.search(NUMBERS[column], _plain(found)) is not None


_COLUMNS: Mapping[type, str] = {int: "INTEGER", float: "FLOAT", Decimal: "NUMERIC"}


def _plain(found: object) -> str:
    """A value as text: a number in digits, never as 1e-7."""
    match found:
        case bool():
            return str(found).lower()
        case Enum():
            return str(found.value)
        case float() if math.isfinite(found):
            return format(Decimal(repr(found)), "f")
        case Decimal():
            return format(found, "f")
    return str(found)


def _faults(error: ValidationError) -> str:
    """What is wrong, by the part where there are several, without the value and its place in what was typed."""
    return "; ".join(dict.fromkeys(f"{_part_of(fault)}{_plainly(fault['msg'])}" for fault in error.errors()))


def _faulty(error: ValidationError) -> str:
    """The items of a list that cannot stand in it, as they were typed."""
    return ", ".join(dict.fromkeys(repr(fault["input"]) for fault in error.errors()))


def _plainly(told: str) -> str:
    """What pydantic tells, for people: of 'Input should be a valid decimal' is left 'it should be a number'."""
    if pattern := re.fullmatch("String should match pattern '(.*)'", told):
        return _WRITTEN.get(pattern[1], "it is not written as what is asked for")
    what = told.replace("Input should be", "it should be").partition(", unable to parse")[0]
    return re.sub(r"\ba valid (?:decimal|number|integer|string)\b", lambda found: _KINDS[found[0].split()[-1]], what)


_WRITTEN = {
    "^[a-z]{2}$": "it should be two small letters, as in fr",
    features.CURRENCY_CODE: "it should be three capital letters, as in EUR",
}
_KINDS = {"decimal": "a number", "number": "a number", "integer": "a whole number", "string": "a text"}


def _part_of(fault: ErrorDetails) -> str:
    return next((f"{each}: " for each in reversed(fault["loc"]) if isinstance(each, str)), "")
