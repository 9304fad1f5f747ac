"""How a table's columns may change: they grow, and nothing that stood is lost.

Terraform's provider makes a table anew, and loses its rows, when a column is dropped, gets another type, or becomes
REQUIRED; BigQuery adds no REQUIRED column to a table that exists, and takes names that differ in case for the same
(hashicorp/terraform-provider-google #16874, #12441; https://cloud.google.com/bigquery/docs/managing-table-schemas).
"""

from collections.abc import Iterator, Sequence
from typing import Any

type Column = dict[str, Any]
"""One column as BigQuery's schema files have it: name, type, mode, description, and the `fields` of a RECORD."""


class SchemaChangeError(Exception):
    """A column would change in a way that costs the table its rows; the message says which, and what to do."""


def grown(before: Sequence[Column] | None, wanted: Sequence[Column], within: str) -> list[Column]:
    """The columns of `before`, and after them those that only `wanted` has; the same within records.

    Of a column that both have, `wanted` describes it. What `wanted` lacks is NULLABLE from then on, as what is new is:
    rows of the one model lack the columns of the other. A table that is new (`before` is None) is as wanted.

    Raises:
        SchemaChangeError: when a column of the same name has another type, or is a list in one of them only.
    """
    _require_distinct(wanted, within)
    if before is None:
        return list(wanted)
    by_name = {column["name"].lower(): column for column in wanted}
    kept = [_kept(column, by_name.pop(column["name"].lower(), None), within) for column in before]
    return [*kept, *map(_optional, by_name.values())]


def _require_distinct(columns: Sequence[Column], within: str) -> None:
    names = [column["name"].lower() for column in columns]
    twice = [column["name"] for column in columns if names.count(column["name"].lower()) > 1]
    if twice:
        raise SchemaChangeError(f"{within}: {' and '.join(twice)} are one column to BigQuery, which ignores case.")


def _kept(before: Column, wanted: Column | None, within: str) -> Column:
    name = f"{within}.{before['name']}"
    if wanted is None:
        return _optional(before)
    if wanted["name"] != before["name"]:
        raise SchemaChangeError(
            f"{name}: {wanted['name']} is the same column to BigQuery, which ignores case: rename it."
        )
    if _kind(before) != _kind(wanted):
        raise SchemaChangeError(
            f"{name} is {_kind(before)} and would be {_kind(wanted)}: a column keeps its type, and a table made "
            f"anew loses its rows. Give the field another name, e.g. {before['name']}_{wanted['type'].lower()}."
        )
    column = {**wanted, "mode": wanted["mode"] if before["mode"] == "REQUIRED" else before["mode"]}
    if "fields" in wanted:
        column["fields"] = grown(before["fields"], wanted["fields"], name)
    return column


def _kind(column: Column) -> str:
    return f"{column['type']}{' list' if column['mode'] == 'REPEATED' else ''}"


def _optional(column: Column) -> Column:
    return column if column["mode"] == "REPEATED" else {**column, "mode": "NULLABLE"}


def faults(before: Sequence[Column], after: Sequence[Column], within: str) -> Iterator[str]:
    """What a table with the columns `before` could not become without being made anew."""
    by_name = {column["name"]: column for column in after}
    for column in before:
        name, later = f"{within}.{column['name']}", by_name.pop(column["name"], None)
        if later is None:
            yield f"{name} is dropped"
        elif _kind(later) != _kind(column):
            yield f"{name} was {_kind(column)} and is {_kind(later)}"
        elif later["mode"] == "REQUIRED" and column["mode"] != "REQUIRED":
            yield f"{name} is REQUIRED, which it was not"
        else:
            yield from faults(column.get("fields", []), later.get("fields", []), name)
    yield from (f"{within}.{new['name']} is new and REQUIRED" for new in by_name.values() if new["mode"] == "REQUIRED")
