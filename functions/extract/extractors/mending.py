"""The text of an answer as an instance of the feature model: what can be mended for nothing is, the rest is named.

Models write fences, capitals, empty strings for null, half an emoji, 1e400. None of that is worth another paid call. A
field whose value cannot be used becomes null, and its name is kept; only an answer of which little is left is none.
What is accepted here fits into a row: its integers are 64-bit, its numbers finite, its texts and its whole bounded.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

type Json = Any
type Path = tuple[str | int, ...]
type Schema = Mapping[str, Any]

_LONGEST = 1_000_000  # characters of an answer
_MOST_ITEMS = 1_000  # of a list whose length the model does not bound
_MOST_TEXT = 100_000  # characters of one field: the transcript of an hour's speech has some 60,000
_LONGEST_NUMBER = 400  # digits: what is longer than any float is none
_INT64 = range(-(2**63), 2**63)
_NUMERIC = Decimal(10) ** 29  # a NUMERIC column has 29 digits before its point
_FEWEST = 0.5  # of the fields: an answer with fewer that can be used is none
_TOLD_FAULTS = 12

_NOTHING = frozenset(("", "null"))
_SPELLED = {"grey": "gray"}  # British models write the language's other spelling


@dataclass(frozen=True)
class Filled:
    """An answer that can be used.

    Attributes:
        features: the feature model, filled in.
        unusable: the fields that are null because their answer could not be used, e.g. `scenes` or `hook.text`.
    """

    features: BaseModel
    unusable: tuple[str, ...] = ()


class UnusableError(ValueError):
    """A text is no answer; the message says why, in words for a failure row and for the model itself."""


def fill(text: str, model: type[BaseModel]) -> Filled:
    """The answer in `text`.

    Raises:
        UnusableError: when it holds no JSON object, or more than half of its fields cannot be used.
    """
    if len(text) > _LONGEST:
        raise UnusableError(f"the answer has {len(text):,} characters; {_LONGEST:,} are far more than any needs")
    try:
        value = _mended(_plain(_object(text)), *_schema(model))
        return _filled(value, model)
    except RecursionError:
        raise UnusableError("the answer is nested too deeply") from None


def _object(text: str) -> Json:
    """The one JSON object in a text, whatever stands around it."""
    start = text.find("{")
    if start < 0:
        raise UnusableError("the answer has no JSON object in it")
    try:
        value, end = _DECODER.raw_decode(text, start)
        again = text.find("{", end)
        other = value if again < 0 else _DECODER.raw_decode(text, again)[0]
    except ValueError as error:
        raise UnusableError(f"the answer is not JSON: {error}"[:300]) from None
    if not _same(value, other):
        raise UnusableError("there are two answers, and they differ")
    return value


def _same(one: Json, other: Json) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LONGEST_NUMBER else math.inf


_DECODER = json.JSONDecoder(parse_int=_integer)


def _plain(value: Json) -> Json:
    """The value without what UTF-8 and JSON cannot write: half a character, numbers that are none."""
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else _misfit()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {whole(name): _plain(item) for name, item in value.items()}
    return value


def _misfit() -> Json:
    """What fits no field whatever its type: it stands in the place of what cannot be used."""
    return {"unusable": None}


def whole(text: str) -> str:
    """The text with U+FFFD in the place of half characters."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@cache
def _schema(model: type[BaseModel]) -> tuple[Schema, Schema]:
    """A model's JSON schema, and what it refers to."""
    schema = model.model_json_schema()
    return schema, schema.get("$defs", {})


def _mended(value: Json, schema: Schema, defs: Schema) -> Json:
    """The value with what can be told from its schema alone put right."""
    options = [_resolved(option, defs) for option in _resolved(schema, defs).get("anyOf", (schema,))]
    if {"type": "null"} in options and isinstance(value, str) and value.strip().lower() in _NOTHING:
        return None
    for option in options:
        value = _mended_as(value, option, defs)
    return value


def _resolved(schema: Schema, defs: Schema) -> Schema:
    return defs[schema["$ref"].rsplit("/", 1)[-1]] if "$ref" in schema else schema


def _mended_as(value: Json, schema: Schema, defs: Schema) -> Json:
    if isinstance(value, dict) and "properties" in schema:
        known = schema["properties"]
        return {name: _mended(item, known[name], defs) for name, item in value.items() if name in known}
    if isinstance(value, list) and "items" in schema:
        if "maxItems" not in schema and len(value) > _MOST_ITEMS:
            return _misfit()
        return [_mended(item, schema["items"], defs) for item in value[: schema.get("maxItems")]]
    if isinstance(value, str) and "enum" in schema:
        return _listed(value, schema["enum"])
    if isinstance(value, str) and "pattern" in schema:
        return _matching(value, schema["pattern"])
    return value


def _listed(value: str, enum: Iterable[Json]) -> str:
    """The enum's own spelling of a value, whatever its capitals and separators."""
    spelled = {_folded(option): option for option in enum if isinstance(option, str)}
    folded = _folded(value)
    return spelled.get(folded) or spelled.get(_SPELLED.get(folded, folded), value)


def _folded(text: str) -> str:
    return re.sub(r"[\s_-]+", "_", text.strip().casefold())


def _matching(value: str, pattern: str) -> str:
    """The value in capitals or small letters, or a language without its country, where only that fits the pattern."""
    text = value.strip()
    forms = [value, text, text.lower(), text.upper()]
    if language := re.fullmatch(r"([A-Za-z]{2,3})[-_][A-Za-z0-9_-]{2,}", text):
        forms.append(language[1].lower())
    try:
        return next((form for form in forms if re.search(pattern, form)), value)
    except re.error:  # Pydantic's patterns are those of Rust
        return value


def _filled(value: Json, model: type[BaseModel]) -> Filled:
    """Validates; where that fails a field becomes null, and where that may not be, what is around it."""
    nulled: set[Path] = set()
    first: list[str] = []
    while True:
        faults = _faults(value, model)
        if isinstance(faults, BaseModel):
            break
        first = first or [f"{_named(path) or 'the answer'}: {said}" for path, said in faults]
        for path, _ in faults:
            target = _nearest(path, nulled)
            if not target:
                raise UnusableError(_explained(first))
            nulled.add(target)
            _put_null(value, target)
    outermost = {path for path in nulled if not any(path[:end] in nulled for end in range(1, len(path)))}
    if sum(len(path) == 1 for path in outermost) > len(model.model_fields) * (1 - _FEWEST):
        raise UnusableError(_explained(first))
    return Filled(faults, tuple(sorted({_named(path) for path in outermost})))


def _faults(value: Json, model: type[BaseModel]) -> BaseModel | list[tuple[Path, str]]:
    """The model filled in, or where the value does not fit and what is wrong there."""
    try:
        features = model.model_validate_json(json.dumps(value))
    except ValidationError as error:
        return [(_path(value, fault), fault["msg"]) for fault in error.errors(include_input=False)]
    return [(path, "is more than a table holds") for path in _beyond(features.model_dump(), ())] or features


def _path(value: Json, fault: Mapping[str, Any]) -> Path:
    """Where in the value a fault is; Pydantic also names the branches of unions, which are no places."""
    path: list[str | int] = []
    for part in fault["loc"]:
        known = isinstance(value, dict) and (part in value or fault["type"] == "missing")
        if not known and not (isinstance(value, list) and isinstance(part, int) and part < len(value)):
            break
        path.append(part)
        value = value.get(part) if isinstance(value, dict) else value[part]
    return tuple(path)


def _nearest(path: Path, nulled: set[Path]) -> Path:
    """The place itself, or what is around it where it was null in vain."""
    while path and path in nulled:
        path = path[:-1]
    return path


def _put_null(value: Json, path: Path) -> None:
    """Makes one place null; there is nothing to do where what is around it became null already."""
    for part in path[:-1]:
        value = value[part]
        if not isinstance(value, dict | list):
            return
    value[path[-1]] = None


def _beyond(value: Json, path: Path) -> Iterator[Path]:
    """The places whose value no column takes."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _beyond(item, (*path, name))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _beyond(item, (*path, index))
    elif not _holdable(value):
        yield path


def _holdable(value: Json) -> bool:
    match value:
        case bool():
            return True
        case int():
            return value in _INT64
        case float():
            return math.isfinite(value)
        case Decimal():
            return value.is_finite() and abs(value) < _NUMERIC
        case str():
            return len(value) <= _MOST_TEXT
    return True


def _named(path: Path) -> str:
    """A field's name as the row has it: places in lists are left out."""
    return ".".join(part for part in path if isinstance(part, str))


def _explained(faults: list[str]) -> str:
    told = list(dict.fromkeys(faults))
    more = f"; and {len(told) - _TOLD_FAULTS} more" if len(told) > _TOLD_FAULTS else ""
    return "; ".join(told[:_TOLD_FAULTS])[:1500] + more
