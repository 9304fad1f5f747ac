"""What the columns of the views mean: infra/views/columns.yaml, over what the tables' own columns mean.

A column, or a field of a record by its path (`evidence.box`), means what is said of it there; else what the first table
or view that has one of that name says.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared import yaml_files
from shared.wiring import ROOT, Pipeline

VIEWS = ROOT / "infra" / "views"
COLUMNS = VIEWS / "columns.yaml"

type Meanings = Mapping[str, str]
"""What columns mean, by their paths."""

_READ = re.compile(r"\$\{dataset\}\.(\w+)")


@dataclass(frozen=True)
class View:
    """A view: what a row of it is, and what its columns mean.

    Attributes:
        name: the view's.
        about: what a row is; empty for a view that is there for others, whose SQL says it.
        columns: its own columns in their order; of a view for others none.
        meanings: what these mean and fields within them, perhaps more than it has.
    """

    name: str
    about: str
    columns: tuple[str, ...]
    meanings: Meanings


def of_views(wired: Pipeline, tables: Mapping[str, Meanings], file: Path = COLUMNS) -> list[View]:
    """The views in the order in which they are made; `tables` says what the columns of each table mean.

    Raises:
        ValueError: for a column of a view for people that nobody says the meaning of.
    """
    said = yaml_files.read(file)
    known = dict(tables)
    found = []
    for name in wired.views:
        asked = said["views"].get(name)
        sources = said["inherits"] if asked else _read_by(name)
        inherited = _merged([known[each] for each in sources if each in known])
        own = dict(_own(asked["columns"] if asked else said["internal"].get(name, [])))
        for column, meaning in own.items():
            if not meaning and column not in inherited:
                raise ValueError(
                    f"{file.name}: {name}.{column} has no meaning, and no table above it has such a column"
                )
        words = {column: meaning for column, meaning in own.items() if meaning}
        known[name] = {**inherited, **dict(_within(said["records"], known)), **words}
        found.append(View(name, asked["about"] if asked else "", tuple(_top(own)) if asked else (), known[name]))
    return found


def described(schema: list[dict[str, Any]], meanings: Meanings, within: str = "") -> list[dict[str, Any]]:
    """A schema as BigQuery's API has it, each column with its description where `meanings` has one."""
    columns = []
    for column in schema:
        path = f"{within}{column['name']}"
        words = {"description": meanings[path]} if meanings.get(path) else {}
        fields = {"fields": described(column["fields"], meanings, f"{path}.")} if column.get("fields") else {}
        columns.append({**column, **words, **fields})
    return columns


def by_path(schema: list[dict[str, Any]], within: str = "") -> Iterator[tuple[str, str]]:
    """Each column of such a schema by its path, fields of records too, with its description."""
    for column in schema:
        path = f"{within}{column['name']}"
        yield path, column.get("description", "")
        yield from by_path(column.get("fields", []), f"{path}.")


def _own(columns: list[str | dict[str, str]]) -> Iterator[tuple[str, str]]:
    for column in columns:
        if isinstance(column, dict):
            yield from column.items()
        else:
            yield column, ""


def _top(columns: Meanings) -> list[str]:
    return [column for column in columns if "." not in column]


def _read_by(view: str) -> list[str]:
    """The tables and views that a view reads, in the order in which it names them."""
    return list(dict.fromkeys(_READ.findall((VIEWS / f"{view}.sql").read_text(encoding="utf-8"))))


def _merged(sources: list[Meanings]) -> dict[str, str]:
    """What the first of them says of each column."""
    return {column: meaning for meanings in reversed(sources) for column, meaning in meanings.items()}


def _within(records: Mapping[str, str], known: Mapping[str, Meanings]) -> Iterator[tuple[str, str]]:
    """The fields of records, which mean what the columns of a table do, or the fields of a record in one."""
    for record, source in records.items():
        table, _, path = source.partition(".")
        prefix = f"{path}." if path else ""
        for column, meaning in known.get(table, {}).items():
            if column.startswith(prefix):
                yield f"{record}.{column.removeprefix(prefix)}", meaning
