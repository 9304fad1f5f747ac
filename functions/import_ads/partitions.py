"""The partitions of the raw ads: what tells that one has changed, and the condition that reads those that have.

A partition is told by when it was modified and how much is in it, which costs 10 MiB to ask for.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from google.cloud import bigquery

NULL = "__NULL__"
UNPARTITIONED = "__UNPARTITIONED__"
"""Rows on their way into a partition by time, and those that are in none of the ranges of whole numbers."""

MOST_RANGES = 100
INGESTION_TIME = "_PARTITIONTIME"
_FORMATS = {4: "%Y", 6: "%Y%m", 8: "%Y%m%d", 10: "%Y%m%d%H"}

type Partitions = Mapping[str, str]
"""What each partition is, by its id."""

type Range = tuple[str, str | None]
"""From here on up to there, which is not in it; None: without an end."""


def column(table: "bigquery.Table") -> str:
    """The column that a partitioned table is parted by."""
    return (table.range_partitioning or table.time_partitioning).field or INGESTION_TIME


def column_type(table: "bigquery.Table") -> str:
    """The type of that column."""
    return {each.name: str(each.field_type) for each in table.schema}.get(column(table), "TIMESTAMP")


def changed(now: Partitions, before: Partitions) -> set[str]:
    """Those that are new, or not what they were."""
    return {partition for partition, is_now in now.items() if before.get(partition) != is_now}


def condition(table: "bigquery.Table", wanted: Collection[str], at: datetime) -> str | None:
    """What holds for each row of these partitions, by constants, so that BigQuery reads no others.

    Of rows that are on their way into a partition nobody says into which: those of yesterday and later are read, others
    when they have arrived. None: they are too many, or of a kind that is not known.
    """
    name = f"raw.`{column(table)}`"
    try:
        ranges = _joined(_ranges(table, wanted, at))
    except ValueError:
        return None
    if len(ranges) > MOST_RANGES:
        return None
    parts = [f"({name} >= {start}" + (f" AND {name} < {end})" if end else ")") for start, end in ranges]
    if UNPARTITIONED in wanted and table.range_partitioning:
        bounds = table.range_partitioning.range_
        parts.append(f"{name} < {bounds.start} OR {name} >= {bounds.end}")
    if NULL in wanted or (UNPARTITIONED in wanted and column(table) == INGESTION_TIME):
        parts.append(f"{name} IS NULL")
    return f"({' OR '.join(parts) or 'FALSE'})"


def _ranges(table: "bigquery.Table", wanted: Collection[str], at: datetime) -> Iterator[Range]:
    """The range of each partition.

    Raises:
        ValueError: for one of a kind that is not known.
    """
    kind = column_type(table)
    for partition in sorted(set(wanted) - {NULL, UNPARTITIONED}, key=lambda each: (len(each), each)):
        if table.range_partitioning:
            yield str(int(partition)), str(int(partition) + int(table.range_partitioning.range_.interval))
        else:
            start = datetime.strptime(partition, _format(partition)).replace(tzinfo=UTC)
            end = _next(start, len(partition))
            yield _literal(kind, start), _literal(kind, end) if end else None
    if UNPARTITIONED in wanted and table.time_partitioning and column(table) != INGESTION_TIME:
        yield _literal(kind, datetime.combine(at.date(), datetime.min.time(), UTC) - timedelta(days=1)), None


def _format(partition: str) -> str:
    if len(partition) not in _FORMATS:
        raise ValueError(partition)
    return _FORMATS[len(partition)]


def _next(start: datetime, length: int) -> datetime | None:
    """When the partition after it begins; None for the last one that there can be."""
    long_enough = {4: timedelta(days=366), 6: timedelta(days=31), 8: timedelta(days=1), 10: timedelta(hours=1)}[length]
    try:
        later = start + long_enough
    except OverflowError:
        return None
    first = {4: {"month": 1, "day": 1}, 6: {"day": 1}}.get(length, {})
    return later.replace(**first)  # type: ignore[arg-type]


def _literal(kind: str, at: datetime) -> str:
    text = {"DATE": f"{at:%Y-%m-%d}", "DATETIME": f"{at:%Y-%m-%d %H:%M:%S}"}.get(kind, f"{at:%Y-%m-%d %H:%M:%S}+00")
    return f"{kind} '{text}'"


def _joined(ranges: Iterator[Range]) -> list[Range]:
    """The same, those that follow each other as one."""
    joined: list[Range] = []
    for start, end in ranges:
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined
