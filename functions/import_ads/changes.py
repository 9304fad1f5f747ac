"""Whether the raw ads may have changed, and which partitions of them: told by metadata.

A table is described by when it was modified and how much is in it; a view by its query and by the tables it reads.
Where nothing can be told (a view that asks for the time, an external table, rows on their way in), there is no
description, and the raw ads are read.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from google.api_core.exceptions import Forbidden, NotFound
from google.cloud import bigquery

from functions.import_ads import partitions, rawads
from functions.import_ads.partitions import Partitions

if TYPE_CHECKING:
    from google.cloud import storage

    from functions.import_ads.settings import ImportSettings

NOTE = "imported/raw_ads"
"""The object that holds what was read."""

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
class State:
    """What the raw ads are, or were when all of them had been read.

    Attributes:
        description: what tells that they have changed; None where that is not known.
        read_as: the table and the columns of it that are read.
        partitions: what each partition is; None where there are none, or they cannot be told.
        linked: whether all rows of `ads` have their `link`.
    """

    description: str | None = None
    read_as: str = ""
    partitions: Partitions | None = None
    linked: bool = False

    def changed_since(self, before: "State") -> set[str] | None:
        """The partitions that are new, or not what they were; None where all has to be read."""
        if self.partitions is None or before.partitions is None or self.read_as != before.read_as:
            return None
        return partitions.changed(self.partitions, before.partitions)


@dataclass(frozen=True)
class Noted:
    """What is known of the last time when all raw ads had been read.

    Attributes:
        state: what they were then.
        at: when that was.
    """

    state: State = State()
    at: datetime = _NEVER

    @property
    def is_none(self) -> bool:
        """Whether nothing is known: there was no such time, or it is of an earlier version."""
        return self.at == _NEVER

    def rests_until(self, usd: float, usd_a_day: float) -> datetime:
        """When reading may cost so much, so that it costs no more than that a day."""
        days = min(usd / usd_a_day, _LONGEST_REST_DAYS)
        return _NEVER if self.is_none else self.at + timedelta(days=days)


def found(
    client: bigquery.Client, settings: "ImportSettings", table: bigquery.Table, *, description: str | None, linked: bool
) -> State:
    """What the raw ads are now. To ask for partitions is billed: only where `description` is not what it was."""
    read_as = f"{table.full_table_id} {table.created} {rawads.unseen_text(settings)}"
    parted = bool(table.time_partitioning or table.range_partitioning) and table.table_type == "TABLE"
    try:
        told = rawads.partitions_now(client, settings) if parted else None
    except Forbidden:  # whoever may read a table need not be allowed to list its dataset
        told = None
    return State(description, read_as, told, linked)


def noted(bucket: "storage.Bucket") -> Noted:
    """What was noted last."""
    blob = bucket.blob(NOTE)
    try:
        said = json.loads(blob.download_as_bytes())
        blob.reload()
    except (NotFound, ValueError):  # nothing, or what an earlier version wrote
        return Noted()
    return Noted(State(**said), blob.updated)


def note(bucket: "storage.Bucket", state: State) -> None:
    """Notes what the raw ads were when all had been read."""
    bucket.blob(NOTE).upload_from_string(json.dumps(asdict(state)), content_type="application/json")


def forget(bucket: "storage.Bucket") -> None:
    """All raw ads have to be read, whatever they are."""
    try:
        bucket.blob(NOTE).delete()
    except NotFound:
        return


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
