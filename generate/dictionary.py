"""docs/data.md: what every column of every table and view means, from the schemas and from infra/views/columns.yaml.

python -m generate.dictionary           writes it
python -m generate.dictionary --check   prints what differs and exits 1 if anything does
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from generate.diagram import is_internal
from generate.pages import Part
from shared import wiring
from shared.tables import marks
from shared.wiring import ROOT, Pipeline

SCHEMAS = ROOT / "infra" / "schemas"
VIEWS = ROOT / "infra" / "views"
COLUMNS = VIEWS / "columns.yaml"

PART = Part(ROOT / "docs" / "data.md", "columns", "generate.dictionary")


@dataclass(frozen=True)
class Column:
    """A column: its name, its type in BigQuery where a schema says it, and what it means."""

    name: str
    type: str
    meaning: str


@dataclass(frozen=True)
class View:
    """A view that people ask: what a row of it is, and its columns in their order."""

    name: str
    about: str
    columns: tuple[Column, ...]


def tables(wired: Pipeline) -> dict[str, list[Column]]:
    """The columns of each table, those within records by their path."""
    return {
        name: list(_columns(json.loads((SCHEMAS / table.schema_file).read_text())))
        for name, table in wired.tables.items()
    }


def views(wired: Pipeline) -> list[View]:
    """The views that people ask.

    Raises:
        ValueError: for a column that nobody says the meaning of.
    """
    said = yaml.safe_load(COLUMNS.read_text())
    meanings = {name: {each.name: each.meaning for each in columns} for name, columns in tables(wired).items()}
    found = []
    for name, view in said["views"].items():
        columns = [
            _column(name, each, [meanings[of] for of in said["inherits"] if of in meanings]) for each in view["columns"]
        ]
        meanings[name] = {each.name: each.meaning for each in columns}
        found.append(View(name, view["about"], tuple(columns)))
    return found


def _column(view: str, said: str | dict[str, str], inherited: list[dict[str, str]]) -> Column:
    if isinstance(said, dict):
        [(name, meaning)] = said.items()
        return Column(name, "", meaning)
    for meanings in inherited:
        if said in meanings:
            return Column(said, "", meanings[said])
    raise ValueError(f"{COLUMNS.name}: {view}.{said} has no meaning, and no table above it has such a column")


def _columns(schema: list[dict[str, Any]], within: str = "") -> Iterator[Column]:
    for each in schema:
        name = f"{within}{each['name']}"
        kind = f"{each['type']}, repeated" if each["mode"] == "REPEATED" else each["type"]
        yield Column(name, kind, each.get("description", ""))
        yield from _columns(each.get("fields", []), f"{name}.")


def drawn_up(wired: Pipeline) -> str:
    """What stands between the marks."""
    parts = []
    for view in views(wired):
        parts.append(f"## {view.name}\n\n{view.about}\n\n{_listed(view.columns)}")
    parts.append(f"{_INTERNAL}\n\n{_internal(wired)}")
    parts.append("## Tables\n\nEvery event is a row of its topic's table; the newest row of a key holds.")
    for name, columns in tables(wired).items():
        parts.append(f"### {name}\n\n{_listed(columns)}")
    return "\n".join(part.rstrip() + "\n" for part in parts)


_INTERNAL = """## Views of the inside

The views above are made of these. They may change with any version: ask them only to see how an answer came about. What
their columns mean is told with the tables."""


def _internal(wired: Pipeline) -> str:
    said = ((name, marks.about((VIEWS / f"{name}.sql").read_text())) for name in wired.views)
    return "\n".join(
        ["| view | |", "|---|---|", *(f"| `{n}` | {_escaped(about)} |" for n, about in said if is_internal(n))]
    )


def _listed(columns: list[Column] | tuple[Column, ...]) -> str:
    rows = [f"| `{each.name}` | {each.type.lower()} | {_escaped(each.meaning)} |" for each in columns]
    if not any(each.type for each in columns):
        rows = [f"| `{each.name}` | {_escaped(each.meaning)} |" for each in columns]
        return "\n".join(["| column | |", "|---|---|", *rows])
    return "\n".join(["| column | type | |", "|---|---|---|", *rows])


def _escaped(meaning: str) -> str:
    return meaning.replace("|", "\\|")


if __name__ == "__main__":
    PART.run(drawn_up(wiring.load()), __doc__)
