"""What tables and views are, told by metadata, which costs nothing: while they are described alike, so are their rows.

A table is described by when it was modified and how much is in it; a view by its query and by the tables it reads.
Where nothing can be told (a view that asks for the time, an external table, rows on their way in), there is no
description.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator

from google.api_core.exceptions import Forbidden, NotFound
from google.cloud import bigquery

_LISTED = 50  # a job's statistics name no more tables than that
_DEEPEST = 16  # BigQuery's limit of views within views

# What makes a view's rows others without any table's being modified.
_OF_THE_MOMENT = re.compile(
    r"\bCURRENT_(DATE|DATETIME|TIME|TIMESTAMP)\b|\bRAND\s*\(|\bGENERATE_UUID\b|\bSESSION_USER\b|\bSYSTEM_TIME\b"
    r"|\bEXTERNAL_QUERY\b|_TABLE_SUFFIX\b",
    re.IGNORECASE,
)


class _UntoldError(Exception):
    """Metadata does not tell."""


def description(client: bigquery.Client, names: Iterable[str], *more: str) -> str | None:
    """A digest of these tables and views, and of `more` texts. None where that is not known."""
    described: dict[str, list[str]] = {}
    try:
        for name in names:
            _describe(client, name, described, within=0)
    except (_UntoldError, Forbidden, NotFound):
        return None
    parts = [*more, *(part for name in sorted(described) for part in described[name])]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _describe(client: bigquery.Client, name: str, described: dict[str, list[str]], *, within: int) -> None:
    """Adds what the table is, and what it reads, each once."""
    if name in described:
        return
    table = client.get_table(name)
    described[name] = list(_parts(table, within))
    for read in _read_by(client, table.view_query) if table.view_query else ():
        _describe(client, read, described, within=within + 1)


def _parts(table: bigquery.Table, within: int) -> Iterator[str]:
    yield f"{table.full_table_id} {table.table_type}"
    if table.table_type == "TABLE" and table.streaming_buffer is None:
        yield f"{table.modified} {table.num_rows} {table.num_bytes}"
    elif table.table_type == "VIEW" and within < _DEEPEST:
        yield table.view_query
    else:
        raise _UntoldError


def _read_by(client: bigquery.Client, sql: str) -> list[str]:
    """The tables that a query reads; the query is not run."""
    if _OF_THE_MOMENT.search(sql):
        raise _UntoldError
    job = client.query(sql, job_config=bigquery.QueryJobConfig(dry_run=True))
    tables = sorted(f"{table.project}.{table.dataset_id}.{table.table_id}" for table in job.referenced_tables)
    if not tables or len(tables) >= _LISTED:
        raise _UntoldError
    return tables
