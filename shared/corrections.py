"""What people may say of a feature, as `Correction` and its table hold it: text, checked by the feature model.

A word is text as it is, `true` or `false`, digits, an allowed value, or a list of texts in JSON; None, or an empty
text, says that the creative does not tell. Fields of several parts cannot be corrected. The view `current_corrections`
holds what others publish to the same rules.
"""

import difflib
import json
import math
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, Literal

from pydantic import BaseModel, TypeAdapter, ValidationError

from shared import features
from shared.events import Kind, in_utf8

NUMBERS: Mapping[str, str] = {
    "INTEGER": r"^-?[0-9]{1,18}$",
    "FLOAT": r"^-?[0-9]{1,18}(\.[0-9]{1,18})?$",
    "NUMERIC": r"^-?[0-9]{1,29}(\.[0-9]{1,9})?$",
}
"""How a number is written, by its column's type: as everybody who reads it reads it alike."""


class NotAllowedError(ValueError):
    """The feature model has no such field, or does not allow the value; the message says what it allows."""


class NoSuchFieldError(NotAllowedError):
    """The feature model has no such field; another one may have it."""


def can_be_said(column_type: str, *, repeated: bool) -> bool:
    """Whether a column of this type in BigQuery holds what people may say: one value, or a list of texts."""
    return column_type == "STRING" if repeated else column_type in ("STRING", "BOOLEAN", *NUMBERS)


def word(model: type[BaseModel], kind: Kind, field: str, said: str) -> str | None:
    """What `said`, typed by a person, is as a word on `field` of a creative of this kind; nothing and null are None.

    A list may be typed as JSON, or as its texts with commas between.

    Raises:
        NotAllowedError: when it cannot stand in that field; `NoSuchFieldError`: when there is none.
    """
    asked = features.model_for(kind, model).model_fields
    if field not in asked:
        near = difflib.get_close_matches(field, asked, n=3)
        others = f"did you mean {' or '.join(near)}?" if near else f"it has {', '.join(asked)}"
        raise NoSuchFieldError(f"{field}: {_OF[kind]} has no such feature; {others}")
    listed = features.is_list(asked[field].annotation)
    if not all(_can_be_said(leaf, listed=listed) for leaf in features.leaves(asked[field].annotation)):
        raise NotAllowedError(f"{field}: it has several parts in one, which cannot be corrected")
    if said.strip() in ("", "null"):
        return None
    if fault := _no_text(said):
        raise NotAllowedError(f"{field}: {fault}")
    number = any(issubclass(leaf, int | float | Decimal) for leaf in features.leaves(asked[field].annotation))
    if number and not _is_finite(said):
        raise NotAllowedError(f"{field}: {said!r} is no number")
    adapter = features.adapter(asked[field])
    try:
        found = adapter.validate_python(_listed(adapter, said.strip()) if listed else said.strip())
    except ValidationError as error:
        hint = _HINTS[listed, number] if "," in said else ""
        raise NotAllowedError(f"{field}: {said!r} cannot stand there: {_faults(error)}{hint}") from error
    if not _fits(found):
        raise NotAllowedError(f"{field}: {said!r} cannot stand there: it has more digits than are kept")
    return adapter.dump_json(found).decode() if listed else _plain(found)


_HINTS: Mapping[tuple[bool, bool], str] = {
    (False, True): "; write 19.99, without thousands",
    (True, False): """; where an item has a comma, write JSON: '["one", "two, three"]'""",
    (False, False): "",
    (True, True): "",
}
"""What helps where a comma stood, by whether the field is a list, and whether it is of numbers."""


def typed(value: object) -> str:
    """A feature's value, as JSON has it, as a person would type it.

    Raises:
        NotAllowedError: for a record or a list of them.
    """
    several = value if isinstance(value, list) else [value]
    if any(isinstance(each, dict | list) for each in several):
        raise NotAllowedError("it has several parts in one, which cannot be said in one word")
    if isinstance(value, list):
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
        found = adapter.validate_python(_items(said) if features.is_list(asked[field].annotation) else said)
    except ValidationError as error:
        raise NotAllowedError(f"{field}: {_faults(error)}") from error
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


def _can_be_said(leaf: type, *, listed: bool) -> bool:
    return issubclass(leaf, str) if listed else not issubclass(leaf, BaseModel)


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
    """What is wrong, without the value and its place in what was typed."""
    return "; ".join(dict.fromkeys(fault["msg"] for fault in error.errors()))
