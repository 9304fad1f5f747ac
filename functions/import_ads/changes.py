"""Whether the raw ads may have changed: told by metadata, which costs nothing.

A table is described by when it was modified and how much is in it; a view by its query and by the tables it reads.
Where nothing can be told (a view that asks for the time, an external table, rows on their way in), there is no
description, and the raw ads are read.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from google.api_core.exceptions import Forbidden, NotFound
from google.cloud import bigquery

from functions.import_ads import rawads

if TYPE_CHECKING:
    from google.cloud import storage

    from functions.import_ads.settings import ImportSettings

NOTE = "imported/raw_ads"
"""The object that holds the description of what was read."""

_LISTED = 50  # a job's statistics name no more tables than that
_LONGEST_REST_DAYS = 30.0
_NEVER = datetime.min.replace(tzinfo=UTC)
_DEEPEST = 16  # BigQuery's limit of views within views

# What makes a view's rows others without any table's being modified.
_OF_THE_MOMENT = re.compile(
    r"\bCURRENT_\w+|\bRAND\s*\(|\bGENERATE_UUID\b|\bSESSION_USER\b|\bSYSTEM_TIME\b|\bEXTERNAL_QUERY\b|_TABLE_SUFFIX\b",
    re.IGNORECASE,
)


class _UntoldError(Exception):
    """Metadata does not tell."""


def description(client: bigquery.Client, settings: "ImportSettings") -> str | None:
    """A digest of what is to be read: while it stays the same, so do the links in it. None where that is not known."""
    try:
        parts = [rawads.unseen_text(settings), *_parts(client, settings.raw_ads, within=0)]
    except (_UntoldError, Forbidden, NotFound):
        return None
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@dataclass(frozen=True)
class Noted:
    """What is known of the last time when all raw ads were read.

    Attributes:
        description: what they were then; None where that is not known.
        usd: what reading them cost.
        at: when that was.
    """

    description: str | None = None
    usd: float = 0.0
    at: datetime = _NEVER

    def rests_until(self, usd_a_day: float) -> datetime:
        """When they may be read again, so that reading costs no more than that a day."""
        days = min(self.usd / usd_a_day, _LONGEST_REST_DAYS)
        return self.at + timedelta(days=days)


def noted(bucket: "storage.Bucket") -> Noted:
    """What was noted last."""
    blob = bucket.blob(NOTE)
    try:
        description = bytes(blob.download_as_bytes()).decode() or None
        blob.reload()
    except NotFound:
        return Noted()
    return Noted(description, float((blob.metadata or {}).get("usd", 0)), blob.updated)


def note(bucket: "storage.Bucket", found: str | None, *, usd: float = 0.0) -> None:
    """Notes what the raw ads were when all were read, for so much; None: they have to be read, whatever they are."""
    blob = bucket.blob(NOTE)
    blob.metadata = {"usd": str(usd)}
    blob.upload_from_string(found or "", content_type="text/plain")


def _parts(client: bigquery.Client, name: str, *, within: int) -> Iterator[str]:
    table = client.get_table(name)
    yield f"{table.full_table_id} {table.table_type}"
    if table.table_type == "TABLE" and table.streaming_buffer is None:
        yield f"{table.modified} {table.num_rows} {table.num_bytes}"
    elif table.table_type == "VIEW" and within < _DEEPEST:
        yield table.view_query
        for read in _read_by(client, table.view_query):
            yield from _parts(client, read, within=within + 1)
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
