"""The parts of two views that depend on the feature model: what people may say of its fields, and how that is shown.

What may stand in a field is read from its JSON schema, so that it is said once, in the model. The parts stand in the
views between marks (marks.py); generate/schemas.py writes them where it writes the columns.

What was allowed when it was said holds, whatever is allowed now: so the view of people's words remembers, in a comment
of its own, what the models up to now allowed, and allows all of that. What none of them allowed is no word.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from shared import features
from shared.corrections import NUMBERS, can_be_said
from shared.events import Kind
from shared.tables import marks
from shared.tables.growth import Column

type Place = tuple[str, str]
"""Where a part stands: the view, and the name of its marks."""

VIEW = "current_corrections"
"""The view of people's words, which remembers what they could be."""

_ALLOWED: Place = (VIEW, "allowed")
_REMEMBERED: Place = (VIEW, "remembered")
_WORDS: Place = ("creatives", "words")
_SHOWN: Place = ("creatives", "shown")

type Schema = Mapping[str, Any]
"""The JSON schema of what one field holds."""

type Allowed = Mapping[str, Sequence[Schema]]
"""By field, what models allowed in it: each time what its schema requires, an item's `enum` beside it."""

_NOTHING: Allowed = {}
_REQUIRED = (
    "enum", "pattern", "minLength", "maxLength", "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum",
    "minItems", "maxItems", "null",
)  # fmt: skip


def parts(columns: Sequence[Column], model: type[BaseModel], before: Allowed = _NOTHING) -> dict[Place, str]:
    """What stands in the views; `columns` are those of the table of features, `model` is the one in use.

    What models allowed `before` stays allowed. Columns of which nothing is remembered can be corrected too, by their
    type alone.
    """
    fields: list[Column] = next(column["fields"] for column in columns if column["name"] == "features")
    said = [each for each in fields if can_be_said(each)]
    known = _grown(before, {name: schema for name, schema in _schemas(model).items() if name in _names(said)})
    allowed = (f"WHEN {literal(each['name'])} THEN {_allowed(each, known.get(each['name'], [{}]))}" for each in said)
    words = (f"MAX(IF(field = {literal(each['name'])}, word, NULL)) AS {_word(each)}," for each in said)
    shown = (_chosen(each) if each in said else f"original.features.{_named(each)}" for each in fields)
    return {
        _REMEMBERED: "\n".join(f"-- {name}: {_noted(rules)}" for name, rules in known.items()),
        _ALLOWED: "\n".join(f"    {each}" for each in allowed),
        _WORDS: "\n".join(f"    {each}" for each in words),
        _SHOWN: ",\n".join(f"      {text} AS {_named(each)}" for text, each in zip(shown, fields, strict=True)),
    }


def remembered(view: str) -> Allowed:
    """What the view of people's words, as it was made, says that models allowed; nothing where it is of before that."""
    begin, end = marks.in_sql(_REMEMBERED[1])
    noted = view.partition(begin)[2].partition(end)[0]
    return {name: json.loads(rules) for name, rules in re.findall(r"^-- (\w+): (\[.*\])$", noted, re.MULTILINE)}


def _names(columns: Sequence[Column]) -> set[str]:
    return {each["name"] for each in columns}


def _grown(before: Allowed, now: Mapping[str, Schema]) -> Allowed:
    """What was allowed, and what is now, in an order that stays."""
    return {name: _with(before.get(name, ()), now.get(name)) for name in dict.fromkeys([*before, *now])}


def _with(before: Sequence[Schema], schema: Schema | None) -> list[Schema]:
    if schema is None:
        return list(before)
    item = schema.get("items", {})
    new = _required(schema)
    if "enum" in item:
        new["enum"] = item["enum"]
    if parts := (item or schema).get("properties"):
        new["parts"] = {name: _required(each) for name, each in parts.items()}
    alike = next((each for each in before if _but_values(each) == _but_values(new)), None)
    if alike is None:
        return [*before, new]
    return [_either(each, new) if each is alike else each for each in before]


def _required(schema: Schema) -> dict[str, Any]:
    return {key: schema[key] for key in _REQUIRED if key in schema}


def _but_values(rules: Schema) -> Schema:
    return {key: each for key, each in rules.items() if key != "enum"}


def _either(one: Schema, other: Schema) -> Schema:
    """What allows the values of both; all, where one of them has no list of them."""
    if not ("enum" in one and "enum" in other):
        return _but_values(one)
    return {**one, "enum": list(dict.fromkeys([*one["enum"], *other["enum"]]))}


def _noted(rules: Sequence[Schema]) -> str:
    """As JSON in a comment of SQL: without what ends one, a mark, or a template of Terraform's."""
    return re.sub(r"[$%<*/]", lambda found: f"\\u{ord(found[0]):04x}", json.dumps(rules))


def _schemas(model: type[BaseModel]) -> dict[str, Schema]:
    found: dict[str, Schema] = {}
    for kind in Kind:
        for name, field in features.model_for(kind, model).model_fields.items():
            whole = features.adapter(field).json_schema()
            found.setdefault(name, _resolved(whole, whole.get("$defs", {})))
    return found


def _resolved(schema: Schema, defs: Mapping[str, Schema]) -> Schema:
    """Without the `| null` and the reference around it, and around what a list holds."""
    if "anyOf" in schema:
        (one, *others) = (each for each in schema["anyOf"] if each.get("type") != "null")
        return {} if others else _resolved(one, defs)
    if "$ref" in schema:
        return _resolved(defs[schema["$ref"].rpartition("/")[2]], defs)
    if "items" in schema:
        return {**schema, "items": _resolved(schema["items"], defs)}
    if "properties" in schema:
        return {**schema, "properties": {name: _part(each, defs) for name, each in schema["properties"].items()}}
    return schema


def _part(schema: Schema, defs: Mapping[str, Schema]) -> Schema:
    """A part of a record; `null` where it may be that."""
    found = _resolved(schema, defs)
    return {**found, "null": True} if any(each.get("type") == "null" for each in schema.get("anyOf", ())) else found


def _allowed(column: Column, rules: Sequence[Schema]) -> str:
    """The condition that a word, the column `value`, can stand in the field: by one of the rules."""
    conditions = [" AND ".join(_of(column, each)) for each in rules]
    return (
        " OR ".join(["COALESCE(value, '') = ''", *(f"({each})" for each in conditions)]) if all(conditions) else "TRUE"
    )


def _of(column: Column, rules: Schema) -> Iterator[str]:
    if column["type"] == "RECORD":
        return (_of_records if column["mode"] == "REPEATED" else _of_record)(column, rules, "value")
    return _of_list(rules) if column["mode"] == "REPEATED" else _of_one(column["type"], rules, "value")


def _of_list(rules: Schema) -> Iterator[str]:
    """What holds of a list of texts, which is JSON: none of them is null."""
    known = [re.escape(json.dumps(each, ensure_ascii=False)) for each in rules.get("enum", [])]
    each = f"({'|'.join(known) or _ANY_STRING})"
    yield f"REGEXP_CONTAINS(value, {literal(rf'^\[\s*({each}(\s*,\s*{each})*)?\s*\]$')})"
    yield f"{_LISTED('value')} IS NOT NULL"
    yield from _bounds(f"ARRAY_LENGTH({_LISTED('value')})", rules.get("minItems"), rules.get("maxItems"))


_ANY_STRING = r'"([^"\\]|\\.)*"'


def _of_records(column: Column, rules: Schema, value: str) -> Iterator[str]:
    """What holds of a list of records, which is JSON: each of them is one."""
    parts = f"JSON_QUERY_ARRAY({value}, '$')"
    yield f"{parts} IS NOT NULL"
    yield from _bounds(f"ARRAY_LENGTH({parts})", rules.get("minItems"), rules.get("maxItems"))
    is_one = " AND ".join(_of_record(column, rules, "part"))
    yield f"NOT EXISTS (SELECT 1 FROM UNNEST({parts}) AS part WHERE NOT COALESCE({is_one}, FALSE))"  # noqa: S608


def _of_record(column: Column, rules: Schema, value: str) -> Iterator[str]:
    """What holds of a record, which is JSON: each part is what its column holds."""
    yield f"STARTS_WITH(TRIM({value}), '{{')"
    yield f"COALESCE({', '.join(_told(part, value) for part in column['fields'])}) IS NOT NULL"
    for part in column["fields"]:
        schema, told = rules.get("parts", {}).get(part["name"], {"null": True}), _told(part, value)
        conditions = " AND ".join(_of_one(part["type"], schema, told, in_json=True))
        if schema.get("null"):
            yield from ([f"({told} IS NULL OR {conditions})"] if conditions else [])
        else:
            yield f"{told} IS NOT NULL" + (f" AND {conditions}" if conditions else "")


def _of_one(kind: str, schema: Schema, value: str, *, in_json: bool = False) -> Iterator[str]:
    if kind in NUMBERS:
        yield f"REGEXP_CONTAINS({value}, {literal(_NUMBER_IN_JSON if in_json else NUMBERS[kind])})"
    if kind in NUMBERS and in_json:
        yield f"{_CASTS[kind](value)} IS NOT NULL"  # 1e999 is no number of a column
    if kind == "BOOLEAN":
        yield f"{value} IN ('true', 'false')"
    if "enum" in schema:
        yield f"{value} IN ({', '.join(literal(str(each)) for each in schema['enum'])})"
    if "pattern" in schema:
        yield f"REGEXP_CONTAINS({value}, {literal(schema['pattern'])})"
    yield from _bounds(f"CHAR_LENGTH({value})", schema.get("minLength"), schema.get("maxLength"))
    for name, sign in _SIGNS.items():
        if name in schema:
            yield f"{_CASTS[kind](value)} {sign} {schema[name]}"


_NUMBER_IN_JSON = r"^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$"
_SIGNS = {"minimum": ">=", "exclusiveMinimum": ">", "maximum": "<=", "exclusiveMaximum": "<"}


def _bounds(expression: str, least: object, most: object) -> Iterator[str]:
    yield from (f"{expression} {sign} {end}" for sign, end in ((">=", least), ("<=", most)) if end is not None)


def _chosen(column: Column) -> str:
    """A person's word where there is one, else what the model said."""
    word = f"corrected.{_word(column)}"
    return f"IF({word} IS NULL, original.features.{_named(column)}, {_said(column, word)})"


def _said(column: Column, word: str) -> str:
    """What a word says, as the column holds it."""
    if column["type"] != "RECORD":
        return (_LISTED if column["mode"] == "REPEATED" else _CASTS[column["type"]])(f"NULLIF({word}, '')")
    if column["mode"] != "REPEATED":
        return f"IF({word} = '', NULL, STRUCT({_record(column, word)}))"
    parts = f"UNNEST(JSON_QUERY_ARRAY(NULLIF({word}, ''), '$')) AS part WITH OFFSET AS place"
    return f"ARRAY(SELECT AS STRUCT {_record(column, 'part')} FROM {parts} ORDER BY place)"  # noqa: S608


def _record(column: Column, value: str) -> str:
    return ", ".join(f"{_CASTS[each['type']](_told(each, value))} AS {_named(each)}" for each in column["fields"])


def _told(part: Column, value: str) -> str:
    """A part of a record in JSON, as text."""
    return f"JSON_VALUE({value}, '$.{part['name']}')"


type Written = Callable[[str], str]

_LISTED: Written = "JSON_VALUE_ARRAY({}, '$')".format

_CASTS: Mapping[str, Written] = {
    "STRING": str,
    "BOOLEAN": "{} = 'true'".format,
    "INTEGER": "SAFE_CAST({} AS INT64)".format,
    "FLOAT": "SAFE_CAST({} AS FLOAT64)".format,
    "NUMERIC": "SAFE_CAST({} AS NUMERIC)".format,
}
"""Text as a column of this type holds it."""


def _word(column: Column) -> str:
    return f"`said_{column['name']}`"


def _named(column: Column) -> str:
    """The column's name, also where it is a word of the language."""
    return f"`{column['name']}`"


def literal(text: str) -> str:
    """Text in GoogleSQL; Terraform, which reads the views as templates, must find none in it, and nobody a mark."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    return "'" + escaped.replace("${", "\\x24{").replace("%{", "\\x25{").replace("</", "<\\x2f") + "'"
