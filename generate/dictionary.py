"""docs/data.md: what every column of every table and view means, from the schemas and from infra/views/columns.yaml.

python -m generate.dictionary           writes it
python -m generate.dictionary --check   prints what differs and exits 1 if anything does
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from generate.diagram import is_internal
from generate.pages import Part
from shared import wiring
from shared.tables import marks, meanings
from shared.tables.meanings import View
from shared.wiring import ROOT, Pipeline

SCHEMAS = ROOT / "infra" / "schemas"

PART = Part(ROOT / "docs" / "data.md", "columns", "generate.dictionary")


@dataclass(frozen=True)
class Column:
    """A column: its name, its type in BigQuery where a schema says it, and what it means."""

    name: str
    type: str
    meaning: str


def tables(wired: Pipeline) -> dict[str, list[Column]]:
    """The columns of each table, those within records by their path."""
    return {
        name: list(_columns(json.loads((SCHEMAS / table.schema_file).read_text())))
        for name, table in wired.tables.items()
    }


def views(wired: Pipeline) -> list[View]:
    """The views, those that are there for others too.

    Raises:
        ValueError: for a column that nobody says the meaning of.
    """
    known = {name: {each.name: each.meaning for each in columns} for name, columns in tables(wired).items()}
    return meanings.of_views(wired, known)


def _columns(schema: list[dict[str, Any]], within: str = "") -> Iterator[Column]:
    for each in schema:
        name = f"{within}{each['name']}"
        kind = f"{each['type']}, repeated" if each["mode"] == "REPEATED" else each["type"]
        yield Column(name, kind, each.get("description", ""))
        yield from _columns(each.get("fields", []), f"{name}.")


def drawn_up(wired: Pipeline) -> str:
    """What stands between the marks."""
    parts = []
    for view in (each for each in views(wired) if each.columns):
        columns = [Column(name, "", view.meanings[name]) for name in view.columns]
        parts.append(f"## {view.name}\n\n{view.about}\n\n{_listed(columns)}")
    parts.append(f"{_INTERNAL}\n\n{_internal(wired)}")
    parts.append("## Tables\n\nEvery event is a row of its topic's table; the newest row of a key holds.")
    for name, columns in tables(wired).items():
        parts.append(f"### {name}\n\n{_listed(columns)}")
    return "\n".join(part.rstrip() + "\n" for part in parts)


_INTERNAL = """## Views of the inside

The views above are made of these. They may change with any version: ask them only to see how an answer came about. What
their columns mean is told with the tables."""


def _internal(wired: Pipeline) -> str:
    said = ((name, marks.about((meanings.VIEWS / f"{name}.sql").read_text())) for name in wired.views)
    return "\n".join(
        ["| view | |", "|---|---|", *(f"| `{n}` | {_escaped(about)} |" for n, about in said if is_internal(n))]
    )


def _listed(columns: list[Column]) -> str:
    rows = [f"| `{each.name}` | {each.type.lower()} | {_escaped(each.meaning)} |" for each in columns]
    if not any(each.type for each in columns):
        rows = [f"| `{each.name}` | {_escaped(each.meaning)} |" for each in columns]
        return "\n".join(["| column | |", "|---|---|", *rows])
    return "\n".join(["| column | type | |", "|---|---|---|", *rows])


def _escaped(meaning: str) -> str:
    return meaning.replace("|", "\\|")


if __name__ == "__main__":
    PART.run(drawn_up(wiring.load()), __doc__)
