"""Google's own description of its APIs, and what in a request's body does not fit it.

The documents ship in google-api-python-client, as `<api>.<version>.json`. There is none for Gemini's Developer API.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

type Json = Any

_TYPES: dict[str, Any] = {"string": str, "boolean": bool, "number": (int, float)}


@cache
def document(api: str) -> dict[str, Json]:
    """The description of an API, e.g. `aiplatform.v1beta1`."""
    found = files("googleapiclient").joinpath("discovery_cache", "documents", f"{api}.json")
    described: dict[str, Json] = json.loads(found.read_text(encoding="utf-8"))
    return described


def faults(api: str, schema: str, body: Json) -> Iterator[str]:
    """What in a body does not fit the schema of that name: unknown fields, values of enums, types, output fields."""
    return _faults(document(api)["schemas"], {"$ref": schema}, body, "request")


def _faults(schemas: Json, schema: Json, value: Json, where: str) -> Iterator[str]:
    schema = schemas[schema["$ref"]] if "$ref" in schema else schema
    kind = schema.get("type")
    if kind == "object":
        yield from _of_object(schemas, schema, value, where)
    elif kind == "array":
        yield from _of_array(schemas, schema, value, where)
    elif "enum" in schema and value not in schema["enum"]:
        yield f"Invalid value at '{where}': {value!r}"
    elif kind == "integer" and (isinstance(value, bool) or not isinstance(value, int)):
        yield f"Invalid value at '{where}': an integer is expected, got {value!r}"
    elif kind in _TYPES and (not isinstance(value, _TYPES[kind]) or (kind == "number" and isinstance(value, bool))):
        yield f"Invalid value at '{where}': a {kind} is expected, got {value!r}"


def _of_array(schemas: Json, schema: Json, value: Json, where: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"Invalid value at '{where}': a list is expected"
        return
    for index, item in enumerate(value):
        yield from _faults(schemas, schema["items"], item, f"{where}[{index}]")


def _of_object(schemas: Json, schema: Json, value: Json, where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"Invalid value at '{where}': an object is expected"
        return
    known, others = schema.get("properties", {}), schema.get("additionalProperties")
    for name, item in value.items():
        # Proto's own names are taken, too; some of Cloud Storage's are such.
        camel = name if name in known else re.sub(r"_([a-z])", lambda found: found[1].upper(), name)
        if camel in known and known[camel].get("readOnly"):
            yield f"{where}.{name} is output only"
        elif camel in known:
            yield from _faults(schemas, known[camel], item, f"{where}.{name}")
        elif others:
            yield from _faults(schemas, others, item, f"{where}.{name}")
        else:
            yield f"Unknown name \"{name}\" at '{where}': Cannot find field."
