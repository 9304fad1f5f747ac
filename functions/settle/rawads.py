"""The raw ads as they are kept: partitions that have changed take the place of what they were.

Where nobody may list the partitions, or there are none, all is read. To read a partition again changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from google.api_core.exceptions import Forbidden
from google.cloud import bigquery

from functions.settle import asking
from functions.settle.settings import SettleSettings
from shared import partitions
from shared.partitions import UNPARTITIONED, Partitions

KEPT = "kept_raw_ads"
"""Their table."""

MOST_PARTITIONS = 4_000
"""A job writes no more: https://cloud.google.com/bigquery/quotas (November 2026)."""

_NO_PART = "CAST(NULL AS DATE)"


@dataclass(frozen=True)
class Raw:
    """What the raw ads are, or were when they had been read.

    Attributes:
        description: what tells that they have changed; None where that is not known.
        read_as: the table and the columns of it that are read.
        partitions: what each partition is; None where there are none, or they cannot be told.
    """

    description: str | None = None
    read_as: str = ""
    partitions: Partitions | None = None


@dataclass(frozen=True)
class Reading:
    """What has to be read of them.

    Attributes:
        names: what is filled into the statements for it.
        anew: whether it takes the place of all that is kept.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    anew: bool = True

    @property
    def statement(self) -> str:
        """Which statement reads it."""
        return "of_raw_ads" if self.anew else "again_raw_ads"


def found(
    client: bigquery.Client, settings: SettleSettings, before: Raw, description: str | None, at: datetime
) -> tuple[Raw, Reading | None]:
    """What they are now, and what has to be read since they were as `before`; None: nothing."""
    if description is not None and description == before.description:
        return before, None
    table = client.get_table(settings.raw_ads)
    read_as = f"{table.full_table_id} {table.created} {asking.text('of_raw_ads', settings)}"
    now = Raw(description, read_as, _partitions(client, settings, table))
    return now, _reading(table, now, before, at)


def read(client: bigquery.Client, settings: SettleSettings, reading: Reading) -> None:
    """Brings what is kept up to date."""
    into = KEPT if reading.anew else None
    asking.ask(client, settings, reading.statement, into=into, anew=True, names=reading.names)


def usd(client: bigquery.Client, settings: SettleSettings, reading: Reading) -> float:
    """What that costs by a dry run."""
    return asking.usd(client, settings, reading.statement, names=reading.names)


def _partitions(client: bigquery.Client, settings: SettleSettings, table: bigquery.Table) -> Partitions | None:
    if not partitions.are_told(table):
        return None
    dataset, _, name = settings.raw_ads.rpartition(".")
    try:
        rows = list(asking.ask(client, settings, "partitions", {"tables": [name]}, names={"of": dataset}).result())
    except Forbidden:  # whoever may read a table need not be allowed to list its dataset
        return None
    if len(rows) > MOST_PARTITIONS or any(row["partition_id"] is None for row in rows):
        return None
    return {row["partition_id"]: f"{row['modified']} {row['n_rows']} {row['n_bytes']}" for row in rows}


def _reading(table: bigquery.Table, now: Raw, before: Raw, at: datetime) -> Reading | None:
    if now.partitions is None:
        return Reading({"part": _NO_PART, "raw_ads_filter": partitions.every(table)})
    part = partitions.part(table)
    if before.partitions is not None and now.read_as == before.read_as:
        gone = before.partitions.keys() - now.partitions.keys()
        on_their_way = now.partitions.keys() & {UNPARTITIONED} if table.time_partitioning else set()
        changed = partitions.changed(now.partitions, before.partitions) | gone | on_their_way
        wanted = partitions.kept_together(table, changed)
        if not wanted:
            return None
        where, kept = partitions.condition(table, wanted, at), partitions.kept_condition(table, wanted, at)
        if where and kept:
            return Reading({"part": part, "raw_ads_filter": where, "kept_filter": kept}, anew=False)
    return Reading({"part": part, "raw_ads_filter": partitions.every(table)})
