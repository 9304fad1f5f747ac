"""What a taxonomy asks: read from its file, packs included, each fault told with its line.

    name: shoes                  # what the answers are kept under
    keep: all                    # of the built-in features: all, none, or a list
    drop: [car_brand, car_model]
    rename: {product_type: article}
    packs: [retail]              # files of the same kind, in packs/
    fields:
      - name: heel
        type: choice             # text, texts, choice, choices, yes_no, integer, number
        values: [flat, high]     # of choice and choices
        description: The heel's height.
        for: image               # image, video, or both
        evidence: true           # it quotes the creative, and is looked for in it
        minimum: 0               # of integer and number; so is maximum
        most: 5                  # of texts and choices

Columns only grow: what is dropped or renamed keeps its column, and a name keeps its type for ever.
"""

import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel

from shared import yaml_files
from shared.counting import many
from shared.events import EVENTS, Kind
from shared.features import ImageFeatures, VideoFeatures
from shared.tables.columns import columns_of
from shared.taxonomy import document
from shared.taxonomy.document import Entries, Items, Node, Text, shown
from shared.taxonomy.faults import Fault, TaxonomyError

type Type = Literal["text", "texts", "choice", "choices", "yes_no", "integer", "number"]

TYPES: tuple[Type, ...] = get_args(Type.__value__)
COLUMNS: Mapping[Type, str] = {
    "text": "STRING",
    "texts": "STRING list",
    "choice": "STRING",
    "choices": "STRING list",
    "yes_no": "BOOLEAN",
    "integer": "INTEGER",
    "number": "FLOAT",
}
"""What a field of each type is in BigQuery."""

MOST_FIELDS = 200
MOST_VALUES = 250
MOST_VALUES_IN_ALL = 1000  # a view, which holds them all, has at most 256 K characters in BigQuery
PACKS = Path(__file__).with_name("packs")

_LONGEST_NAME = 50
_LONGEST_VALUE = 60
_LONGEST_DESCRIPTION = 500
_MOST_ITEMS = 50
_DEFAULT_ITEMS = 10
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,9})?([eE][+-]?[0-9]{1,2})?")
_MOST_DIGITS = 15  # before the point, and nine after it
_OTHER_WORDS = {
    "string": "text", "str": "text", "strings": "texts", "list": "texts", "array": "texts", "enum": "choice",
    "bool": "yes_no", "boolean": "yes_no", "int": "integer", "float": "number", "decimal": "number", "double": "number",
}  # fmt: skip
_NO_VALUES = frozenset(("", "null"))


@dataclass(frozen=True)
class Field:
    """A field that is asked beside the built-in features.

    Attributes:
        type: a word of `TYPES`.
        kinds: of what creatives it is asked.
        evidence: whether it quotes the creative.
        values: what a choice allows, in order.
        minimum: the least number, None without one; so `maximum`.
        most: how many items a list has at most.
        line: where it stands in its file.
    """

    name: str
    type: Type
    description: str
    kinds: frozenset[Kind] = frozenset(Kind)
    evidence: bool = False
    values: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    most: int = _DEFAULT_ITEMS
    line: int = dataclasses.field(default=0, compare=False)


@dataclass(frozen=True)
class Taxonomy:
    """A taxonomy, its packs taken in.

    Attributes:
        name: its own.
        built_in: of the built-in features those that are asked, each with the name that it has here.
        fields: what is asked beside them.
    """

    name: str
    built_in: Mapping[str, str]
    fields: tuple[Field, ...]


def read(content: bytes, name: str) -> Taxonomy:
    """The taxonomy in a file's content; `name` is the file's, for faults.

    Raises:
        TaxonomyError: with every fault that was found.
    """
    reading = _Reading(name)
    found = reading.whole(document.read(content, name))
    if reading.faults:
        raise TaxonomyError(name, reading.faults)
    return found


def packs() -> tuple[str, ...]:
    """The names of the packs that ship."""
    return tuple(sorted(path.stem for path in PACKS.glob("*.yaml")))


@dataclass(frozen=True)
class _Chosen:
    """Of one file: which built-in features, under which names, and the fields."""

    kept: frozenset[str]
    renamed: Mapping[str, str]
    fields: tuple[Field, ...]


class _Reading:
    """Reads one file and collects its faults."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.faults: list[Fault] = []
        self.faulty: set[int] = set()  # lines of fields whose parts have faults

    def whole(self, node: Node) -> Taxonomy:
        entries = self._entries(node, "the file", tuple(_KEYS))
        own_name, chosen = self._own(entries)
        named = {text.text: text for text in self._texts(entries, "packs")}
        taken = [pack for text in named.values() if (pack := self._pack(text))]
        of_packs = [field for each in taken for field in each.fields]
        dropped = self._known(entries, "drop", (*_built_in(), *(field.name for field in of_packs)))
        kept = chosen.kept.union(*(each.kept for each in taken)) - dropped
        fields = (*(field for field in of_packs if field.name not in dropped), *chosen.fields)
        for name in chosen.renamed.keys() - kept:
            self._fault(entries["rename"][1].line, f"rename: {name} is not kept: keep it, or take it out of here")
        built_in = {name: chosen.renamed.get(name, name) for name in _built_in() if name in kept}
        self._check_names(built_in, fields, node.line)
        return Taxonomy(own_name, built_in, fields)

    def _own(self, entries: Mapping[str, tuple[Text, Node]]) -> tuple[str, _Chosen]:
        name = self._name_in(entries["name"][1]) if "name" in entries else "custom"
        return name, _Chosen(self._kept(entries), self._renamed(entries), self._fields(entries))

    def _pack(self, text: Text) -> _Chosen | None:
        if text.text not in packs():
            self._fault(text.line, f"packs: there is no pack {shown(text.text)}{_meant(text.text, packs())}")
            return None
        file = PACKS / f"{text.text}.yaml"
        inner = _Reading(file.name)
        entries = inner._entries(document.read(file.read_bytes(), file.name), "the pack", tuple(_KEYS))
        _, chosen = inner._own({"keep": (text, Text("none", text.line)), **entries})
        if inner.faults:
            raise TaxonomyError(file.name, inner.faults)
        return replace(chosen, fields=tuple(replace(field, line=text.line) for field in chosen.fields))

    # The parts of the file.

    def _kept(self, entries: Mapping[str, tuple[Text, Node]]) -> frozenset[str]:
        node = entries["keep"][1] if "keep" in entries else None
        if node is None or (isinstance(node, Text) and node.text == "all"):
            return frozenset(_built_in())
        if isinstance(node, Text) and node.text == "none":
            return frozenset()
        return self._known(entries, "keep", tuple(_built_in()))

    def _known(self, entries: Mapping[str, tuple[Text, Node]], key: str, known: Sequence[str]) -> frozenset[str]:
        """The features that a list names."""
        texts = self._texts(entries, key)
        for text in texts:
            if text.text not in known:
                said = f"{key}: there is no feature {shown(text.text)} in what is built in and the packs"
                self._fault(text.line, f"{said}{_meant(text.text, known)}")
        return frozenset(text.text for text in texts)

    def _renamed(self, entries: Mapping[str, tuple[Text, Node]]) -> dict[str, str]:
        if "rename" not in entries:
            return {}
        node = entries["rename"][1]
        renamed = {}
        for before, (key, after) in self._entries(node, "rename", _built_in()).items():
            if (name := self._name_in(after)) in _built_in():
                self._fault(key.line, f"rename: {shown(name)} is the name of another built-in feature")
            renamed[before] = name
        return renamed

    def _fields(self, entries: Mapping[str, tuple[Text, Node]]) -> tuple[Field, ...]:
        if "fields" not in entries:
            return ()
        node = entries["fields"][1]
        if not isinstance(node, Items):
            self._fault(node.line, "fields: write a list, each field beginning with `- name:`")
            return ()
        if len(node.items) > MOST_FIELDS:
            self._fault(node.line, f"fields: there are {len(node.items):,}; {MOST_FIELDS} are allowed")
            return ()
        return tuple(field for each in node.items if (field := self._field(each)) is not None)

    def _field(self, node: Node) -> Field | None:
        before = len(self.faults)
        given = self._entries(node, "a field", _FIELD_KEYS)
        missing = [key for key in ("name", "type", "description") if key not in given]
        if missing:
            self._fault(node.line, f"a field: it needs {' and '.join(missing)}")
            # Its name is read all the same: another field may have it.
            named = given.get("name")
            if named is None:
                return None
            self.faulty.add(named[0].line)
            return Field(self._name_in(named[1]), "text", "", line=named[0].line)
        kind = self._type(given["type"][1])
        name = self._name_in(given["name"][1])
        field = Field(
            name,
            kind,
            self._described(given["description"][1]),
            kinds=self._kinds(given),
            evidence=self._evidence(given, kind),
            values=self._values(given, kind),
            minimum=self._bound(given, kind, "minimum"),
            maximum=self._bound(given, kind, "maximum"),
            most=self._most(given, kind),
            line=given["name"][0].line,
        )
        if field.minimum is not None and field.maximum is not None and field.minimum > field.maximum:
            self._fault(given["minimum"][0].line, f"{name}: its minimum is above its maximum")
        if len(self.faults) > before:
            self.faulty.add(field.line)
        return field

    # The parts of a field.

    def _type(self, node: Node) -> Type:
        word = self._text(node, "type")
        if word not in TYPES:
            other = _OTHER_WORDS.get(word.lower())
            meant = f"; write {other}" if other else _meant(word, TYPES)
            self._fault(node.line, f"type: {shown(word)} is none of {', '.join(TYPES)}{meant}")
            return "text"
        return word

    def _described(self, node: Node) -> str:
        said = " ".join(self._text(node, "description").split())
        if not said or len(said) > _LONGEST_DESCRIPTION or not said.isprintable():
            self._fault(
                node.line, f"description: 1 to {_LONGEST_DESCRIPTION} characters that say what the model is to look for"
            )
        return said

    def _kinds(self, given: Mapping[str, tuple[Text, Node]]) -> frozenset[Kind]:
        if "for" not in given:
            return frozenset(Kind)
        node = given["for"][1]
        word = self._text(node, "for")
        if word == "both":
            return frozenset(Kind)
        if word not in {kind.value for kind in Kind}:
            self._fault(node.line, f"for: {shown(word)} is none of image, video, both")
            return frozenset(Kind)
        return frozenset({Kind(word)})

    def _evidence(self, given: Mapping[str, tuple[Text, Node]], kind: Type) -> bool:
        if "evidence" not in given:
            return False
        key, node = given["evidence"]
        word = self._text(node, "evidence")
        if word not in ("true", "false"):
            self._fault(node.line, f"evidence: {shown(word)} is neither true nor false")
        if word == "true" and kind not in ("text", "texts"):
            self._fault(key.line, "evidence: only text and texts quote the creative, so that it can be looked for")
        return word == "true"

    def _values(self, given: Mapping[str, tuple[Text, Node]], kind: Type) -> tuple[str, ...]:
        is_choice = kind in ("choice", "choices")
        if "values" not in given:
            if is_choice:
                self._fault(given["type"][0].line, f"type: a {kind} needs values, e.g. values: [low, high]")
            return ()
        key = given["values"][0]
        if not is_choice:
            self._fault(key.line, f"values: a {kind} has none; write type: choice")
        before = len(self.faults)
        found = [self._value(text) for text in self._texts(given, "values")]
        if len(found) < 2 and len(self.faults) == before:
            self._fault(key.line, f"values: there are {len(found)}; 2 to {MOST_VALUES} are allowed")
        self._require_distinct(found, key.line)
        return tuple(found)

    def _value(self, text: Text) -> str:
        value = text.text
        if value.lower() in _NO_VALUES:
            self._fault(text.line, "values: null needs no value: what cannot be told is null in every field")
        if value != value.strip() or not value.isprintable() or len(value) > _LONGEST_VALUE:
            self._fault(
                text.line, f"values: {shown(value)}: 1 to {_LONGEST_VALUE} visible characters, no space around them"
            )
        return value

    def _require_distinct(self, values: list[str], line: int) -> None:
        by_form: dict[str, str] = {}
        for value in values:
            form = re.sub(r"[\s_-]+", "_", value.strip().casefold())
            if form in by_form:
                pair = f"{shown(by_form[form])} and {shown(value)}"
                self._fault(line, f"values: {pair} are one to a reader that ignores case, spaces and hyphens")
            by_form[form] = value

    def _bound(self, given: Mapping[str, tuple[Text, Node]], kind: Type, key: str) -> float | None:
        if key not in given:
            return None
        place, node = given[key]
        word = self._text(node, key)
        if kind not in ("integer", "number"):
            self._fault(place.line, f"{key}: only integer and number have one")
        if not _is_number(word) or (kind == "integer" and ("." in word or Decimal(word) % 1)):
            self._fault(node.line, f"{key}: {shown(word)} is no {kind}")
            return None
        return float(word)

    def _most(self, given: Mapping[str, tuple[Text, Node]], kind: Type) -> int:
        if "most" not in given:
            return _DEFAULT_ITEMS
        key, node = given["most"]
        word = self._text(node, "most")
        if kind not in ("texts", "choices"):
            self._fault(key.line, "most: only texts and choices have one")
        if not word.isascii() or not word.isdecimal() or not 1 <= int(word[:4]) <= _MOST_ITEMS:
            self._fault(node.line, f"most: {shown(word)} is no number of items from 1 to {_MOST_ITEMS}")
            return _DEFAULT_ITEMS
        return int(word)

    # Names.

    def _name_in(self, node: Node) -> str:
        name = self._text(node, "name")
        if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
            self._fault(
                node.line,
                f"name: {shown(name)}: small letters, digits and single underscores, a letter first, "
                f"at most {_LONGEST_NAME} characters",
            )
        elif why := _reserved(name):
            self._fault(node.line, f"name: {name} {why}: take another, e.g. ad_{name}")
        return name

    def _check_names(self, built_in: Mapping[str, str], fields: Iterable[Field], line: int) -> None:
        """Each name once; one of a built-in feature that is not asked only with its type, whose column stays."""
        taken = {name: before for before, name in built_in.items()}
        seen: dict[str, int] = {}
        for field in fields:
            if not field.name:
                continue
            if field.name in taken:
                what = "a built-in feature" if taken[field.name] == field.name else f"what {taken[field.name]} is now"
                self._fault(field.line, f"name: {field.name} is {what}: drop that, or take another name")
            elif field.name in seen:
                self._fault(field.line, f"name: {field.name} stands there twice, first in line {seen[field.name]}")
            elif field.line in self.faulty:
                pass  # its type may not be what was meant
            elif _built_in().get(field.name, COLUMNS[field.type]) != COLUMNS[field.type]:
                column = _built_in()[field.name]
                self._fault(
                    field.line, f"name: {field.name} is a column of type {column}, which stays: rename the field"
                )
            seen.setdefault(field.name, field.line)
        self._check_counts(built_in, tuple(fields), line)

    def _check_counts(self, built_in: Mapping[str, str], fields: tuple[Field, ...], line: int) -> None:
        if len(set(built_in.values())) < len(built_in):
            self._fault(line, "rename: two features would have one name")
        if len(built_in) + len(fields) > MOST_FIELDS:
            said = f"{len(built_in) + len(fields)} features are asked, packs included; {MOST_FIELDS} are allowed"
            self._fault(line, said)
        values = sum(len(field.values) for field in fields)
        if values > MOST_VALUES_IN_ALL:
            self._fault(
                line, f"the fields allow {many(values, 'value')}, packs included; {MOST_VALUES_IN_ALL:,} are allowed"
            )
        if self.faults:
            return
        for kind, model in ((Kind.IMAGE, ImageFeatures), (Kind.VIDEO, VideoFeatures)):
            asked = any(name in model.model_fields for name in built_in) or any(kind in each.kinds for each in fields)
            if not asked:
                self._fault(line, f"nothing is asked of any {kind}: keep a feature, or give a field `for: {kind}`")

    # What nodes hold.

    def _entries(self, node: Node, where: str, known: Iterable[str]) -> dict[str, tuple[Text, Node]]:
        if not isinstance(node, Entries):
            self._fault(node.line, f"{where}: write `key: value` lines")
            return {}
        if len(node.entries) > MOST_FIELDS:
            self._fault(node.line, f"{where}: there are {many(len(node.entries), 'key')}; no file needs {MOST_FIELDS}")
            return {}
        for key, _ in node.entries.values():
            if key.text not in known:
                self._fault(key.line, f"{where}: {shown(key.text)} is not known there{_meant(key.text, known)}")
        return {name: entry for name, entry in node.entries.items() if name in known}

    def _texts(self, entries: Mapping[str, tuple[Text, Node]], key: str) -> list[Text]:
        """The texts of a list."""
        if key not in entries:
            return []
        node = entries[key][1]
        if isinstance(node, Entries) or (isinstance(node, Items) and not all(isinstance(i, Text) for i in node.items)):
            self._fault(node.line, f"{key}: write a list of texts, e.g. {key}: [one, two]")
            return []
        texts = list(document.texts(node))
        if len(texts) > MOST_VALUES:
            self._fault(node.line, f"{key}: there are {len(texts):,}; {MOST_VALUES} are allowed")
            return []
        return texts

    def _text(self, node: Node, key: str) -> str:
        if not isinstance(node, Text):
            self._fault(node.line, f"{key}: write one text")
            return ""
        return node.text

    def _fault(self, line: int, said: str) -> None:
        self.faults.append(Fault(line, said))


_KEYS = ("name", "keep", "drop", "rename", "packs", "fields")
_FIELD_KEYS = ("name", "type", "description", "values", "for", "evidence", "minimum", "maximum", "most")


@cache
def _built_in() -> Mapping[str, str]:
    """The built-in features, and what each is in BigQuery."""
    lists = {"REPEATED": " list"}
    return {each["name"]: f"{each['type']}{lists.get(each['mode'], '')}" for each in columns_of(VideoFeatures)}


@cache
def _beside() -> frozenset[str]:
    """The columns that stand beside the features, in tables and views."""
    events = frozenset(name for event in EVENTS for name in event.model_fields)
    return events.union(_reserved_names()["beside"]) - _built_in().keys()


@cache
def _reserved_names() -> Mapping[str, Sequence[str]]:
    names: dict[str, list[str]] = yaml_files.read(Path(__file__).with_name("reserved.yaml"))
    return names


def _reserved(name: str) -> str | None:
    """Why no field may have this name; None where it may."""
    if name in _reserved_names()["keywords"]:
        return "is a word of SQL"
    if name in _beside():
        return "is a column of its own beside the features"
    if name.startswith("model_") or hasattr(BaseModel, name):
        return "is a name that the program itself uses"
    return None


def _is_number(word: str) -> bool:
    """Whether it is a number, 1e3 too, none of whose digits are beyond those that are kept."""
    if not _NUMBER.fullmatch(word):
        return False
    number = Decimal(word)
    return abs(number) < 10**_MOST_DIGITS and number == round(number, 9)


def _meant(word: str, known: Iterable[str]) -> str:
    close = get_close_matches(word.lower(), list(known), n=1)
    return f"; did you mean {close[0]}?" if close else f"; known: {', '.join(known)}"
