"""INFORMATION_SCHEMA.PARTITIONS of the local BigQuery: of each partition how much is in it, and when it was changed.

DuckDB keeps no partitions. They are told by the rows: one has changed when other rows are in it than when somebody
asked before; a table that nobody has written since is not gone through again. A server that was started since takes all
for changed.
"""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from local.statements import quoted, statement

FORMATS = {"HOUR": "%Y%m%d%H", "DAY": "%Y%m%d", "MONTH": "%Y%m", "YEAR": "%Y"}
COLUMNS = (
    *("table_catalog", "table_schema", "table_name", "partition_id"),
    *("total_rows INT64", "total_logical_bytes INT64", "last_modified_time TIMESTAMP", "storage_tier"),
)

type Versions = Callable[[str], list[Any]]
"""The tables of a project: dataset, name, and what changes with their rows."""

type Listed = Callable[[str, str | None], tuple[list[str], list[list[Any]]]]
"""How local-bigquery makes a view of the INFORMATION_SCHEMA: columns with their types, and rows."""


def told(
    summaries: Callable[[str, str | None], list[Any]],
    described: Callable[[str, str, str], list[Any]],
    fetch: Callable[[str], list[Any]],
    versions: Versions,
) -> Listed:
    """The view, of all the tables that are listed.

    A table is `described`, which has DuckDB look for its columns, if it has changed alone; a view never.
    """
    seen: dict[tuple[str, ...], tuple[str, str]] = {}
    known: dict[tuple[str, ...], tuple[Any, list[list[Any]]]] = {}
    one_at_a_time = threading.Lock()

    def view(project: str, dataset: str | None) -> tuple[list[str], list[list[Any]]]:
        with one_at_a_time:
            newest = {(dataset, name): version for dataset, name, version in versions(project)}
            tables = (each.tableReference for each in summaries(project, dataset) if each.type == "TABLE")
            return list(COLUMNS), [row for table in tables for row in of(table, newest)]

    def of(named: Any, newest: dict[tuple[str, str], Any]) -> list[list[Any]]:  # noqa: ANN401 - local-bigquery's
        identity = (named.projectId, named.datasetId, named.tableId)
        version = newest.get(identity[1:])
        if version is None or known.get(identity, (None,))[0] != version:
            known[identity] = version, [row for table in described(*identity) for row in rows(table, identity)]
        return known[identity][1]

    def rows(table: Any, identity: tuple[str, str, str]) -> Iterator[list[Any]]:  # noqa: ANN401
        for partition, n_rows, digest in fetch(
            statement("partitions", table=quoted(*identity), partition=_partition(table))
        ):
            key = (*identity, str(partition))
            now = datetime.now(UTC).isoformat(sep=" ")
            _, since = seen[key] = seen[key] if seen.get(key, (None,))[0] == digest else (digest, now)
            yield [*identity, partition, n_rows, n_rows, since, "ACTIVE"]

    return view


def _partition(table: Any) -> str:  # noqa: ANN401
    """What tells the partition of a row, in DuckDB's dialect."""
    if table.rangePartitioning:
        column, bounds = quoted(table.rangePartitioning.field), table.rangePartitioning.range
        start, end, width = int(bounds.start), int(bounds.end), int(bounds.interval)
        return (
            f"CASE WHEN {column} IS NULL THEN '__NULL__' WHEN {column} < {start} OR {column} >= {end} "
            f"THEN '__UNPARTITIONED__' ELSE CAST({start} + ({column} - {start}) // {width} * {width} AS VARCHAR) END"
        )
    if table.timePartitioning and not _by_number(table):
        column = quoted(table.timePartitioning.field or "_PARTITIONTIME")
        return f"coalesce(strftime({column}, '{FORMATS[table.timePartitioning.type or 'DAY']}'), '__NULL__')"
    return "CAST(NULL AS VARCHAR)"


def _by_number(table: Any) -> bool:  # noqa: ANN401
    """Whether it was made by ranges of whole numbers in SQL, of which local-bigquery keeps the column alone."""
    kinds = {field.name: field.type for field in (table.schema_.fields if table.schema_ else None) or ()}
    return kinds.get(table.timePartitioning.field) in ("INTEGER", "INT64")
