"""A Pydantic model as the response schema that Gemini understands: a subset of OpenAPI 3.0.

Other keywords are ignored by the service without a word, references and unions with null are not understood, so they
are resolved here. Bounds are understood, but each makes the schema dearer to serve, and from some sum on the service
refuses it as a bad request (googleapis/python-genai #660, vercel/ai #21192): they are told in the description instead.
Whatever a schema says, answers are validated afterwards. The client adds the order of the properties.

Source: https://ai.google.dev/gemini-api/docs/structured-output, read in October 2026.
"""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache
from typing import Any

from pydantic import BaseModel

type Schema = dict[str, Any]

_BOUNDS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
}
_FORMATS = frozenset({"date-time", "int32", "int64", "float", "double"})


def response_schema(model: type[BaseModel]) -> Schema:
    """The schema of `model`'s answers: a copy for each caller, since the client changes what it is given."""
    return deepcopy(_whole(model))


@cache
def _whole(model: type[BaseModel]) -> Schema:
    """Made once: Pydantic takes 2 ms for it, and each call asks for it, as does what it will cost."""
    schema = model.model_json_schema()
    return _reduced(schema, schema.get("$defs", {}))


def _reduced(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Schema:
    if "$ref" in schema:
        own = {name: value for name, value in schema.items() if name != "$ref"}
        return _reduced({**defs[schema["$ref"].rsplit("/", 1)[-1]], **own}, defs)
    if "anyOf" in schema:
        return _reduced_union(schema, defs)
    reduced: Schema = {"type": schema["type"].upper()} if "type" in schema else {}
    reduced |= {"enum": list(schema["enum"])} if "enum" in schema else {}
    reduced |= {"description": told} if (told := description(schema, defs)) else {}
    if "const" in schema:
        reduced["enum"] = [schema["const"]]
    if schema.get("format") in _FORMATS:
        reduced["format"] = schema["format"]
    if "items" in schema:
        reduced["items"] = _reduced(schema["items"], defs)
    if "properties" in schema:
        reduced |= _reduced_object(schema, defs)
    return reduced


def _reduced_object(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Schema:
    return {
        "properties": {name: _reduced(value, defs) for name, value in schema["properties"].items()},
        "required": list(schema.get("required", ())),
    }


def _reduced_union(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Schema:
    """`X | None` is X that may be null; a decimal, which may be a number or its digits, is a number."""
    options = [option for option in schema["anyOf"] if option.get("type") != "null"]
    numbers = [option for option in options if option.get("type") == "number"]
    if numbers and all(option.get("type") in ("number", "string") for option in options):
        options = numbers
    reduced: Schema = {"anyOf": [_reduced(option, defs) for option in options]}
    if len(options) == 1:
        reduced = reduced["anyOf"][0]
    if any(option.get("type") == "null" for option in schema["anyOf"]):
        reduced["nullable"] = True
    if told := description(schema, defs):
        reduced["description"] = told
    return reduced


def description(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> str:
    """What a place of the schema is described as, with the bounds of its values, as far as it does not name them."""
    own = str(schema.get("description", ""))
    options = [schema, *schema.get("anyOf", ())]
    bounds = [said for option in options for said in _bounds(defs.get(_referred(option), option))]
    new = [said for said in dict.fromkeys(bounds) if not re.search(rf"\b{re.escape(said.split()[2])}\b", own)]
    return f"{own} ({', '.join(new)})".strip() if new else own


def _referred(option: Mapping[str, Any]) -> str:
    return str(option.get("$ref", "")).rsplit("/", 1)[-1]


def _bounds(schema: Mapping[str, Any]) -> Iterator[str]:
    for keyword, words in _BOUNDS.items():
        if keyword in schema:
            yield words.format(f"{schema[keyword]:g}" if isinstance(schema[keyword], float) else schema[keyword])
