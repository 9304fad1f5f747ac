"""The partitions of the raw ads: what tells that one has changed, and the condition that reads those that have.

A partition is told by when it was modified and how much is in it, which costs 10 MiB to ask for.

What is kept of raw ads is kept by `part`: a date for each partition, of those by the hour one for a day. Of ranges of
whole numbers the first is the first of all days. What is in no partition of its own has none.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
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
_LENGTHS = {"YEAR": 4, "MONTH": 6, "DAY": 8, "HOUR": 10}
_OF_A_DAY = 8

type Partitions = Mapping[str, str]
"""What each partition is, by its id."""

type _Range = tuple[datetime | int, datetime | int | None]
"""From here on up to there, which is not in it; None: without an end."""


def column(table: "bigquery.Table") -> str:
    """The column that a partitioned table is parted by."""
    return (table.range_partitioning or table.time_partitioning).field or INGESTION_TIME


def column_type(table: "bigquery.Table") -> str:
    """The type of that column."""
    return {each.name: str(each.field_type) for each in table.schema}.get(column(table), "TIMESTAMP")


def are_told(table: "bigquery.Table") -> bool:
    """Whether the table has partitions that can be listed."""
    return bool(table.time_partitioning or table.range_partitioning) and table.table_type == "TABLE"


def changed(now: Partitions, before: Partitions) -> set[str]:
    """Those that are new, or not what they were."""
    return {partition for partition, is_now in now.items() if before.get(partition) != is_now}


def every(table: "bigquery.Table") -> str:
    """A condition on the partitions of a table that is not read without one: all of them hold it."""
    if not table.require_partition_filter:
        return "TRUE"
    kind = column_type(table)
    lowest = str(-(2**63)) if kind in ("INTEGER", "INT64") else f"{kind} '0001-01-01'"
    return f"(raw.`{column(table)}` >= {lowest} OR raw.`{column(table)}` IS NULL)"


def condition(table: "bigquery.Table", wanted: Collection[str], at: datetime) -> str | None:
    """What holds for each row of these partitions, by constants, so that BigQuery reads no others.

    Of rows that are on their way into a partition nobody says into which: those of yesterday and later are read, others
    when they have arrived. None: they are too many, or of a kind that is not known.
    """
    name, kind = f"raw.`{column(table)}`", column_type(table)
    ranges = _ranges(table, wanted, at)
    if ranges is None:
        return None
    outside = []
    if UNPARTITIONED in wanted and table.range_partitioning:
        bounds = table.range_partitioning.range_
        outside.append(f"{name} < {bounds.start} OR {name} >= {bounds.end}")
    return _any([*_within(name, kind, ranges), *outside, *_none(name, table, wanted)])


def part(table: "bigquery.Table") -> str:
    """What a raw ad's partition is kept by."""
    name = f"raw.`{column(table)}`"
    if table.range_partitioning:
        bounds = table.range_partitioning.range_
        number = f"DIV({name} - {bounds.start}, {bounds.interval})"
        is_in = f"{name} >= {bounds.start} AND {name} < {bounds.end}"
        return f"IF({is_in}, DATE_ADD(DATE '0001-01-01', INTERVAL {number} DAY), NULL)"
    return f"DATE_TRUNC(CAST({name} AS DATE), {'DAY' if _length(table) > _OF_A_DAY else table.time_partitioning.type_})"


def kept_together(table: "bigquery.Table", wanted: Collection[str]) -> set[str]:
    """These partitions, and those that are kept by the same `part`: the hours of a day, all that have none."""
    if table.range_partitioning:
        return set(wanted) | ({NULL, UNPARTITIONED} if {NULL, UNPARTITIONED} & set(wanted) else set())
    return {each[:_OF_A_DAY] if each.isdecimal() else each for each in wanted}


def kept_condition(table: "bigquery.Table", wanted: Collection[str], at: datetime) -> str | None:
    """What holds for each row `kept` of these partitions; None where there is no `condition`."""
    ranges = _ranges(table, wanted, at)
    if ranges is None:
        return None
    days = [(_day(table, start), None if end is None else _day(table, end)) for start, end in ranges]
    return _any([*_within("kept.part", "DATE", days), *_none("kept.part", table, wanted)])


def _any(conditions: Sequence[str]) -> str:
    return f"({' OR '.join(conditions) or 'FALSE'})"


def _within(name: str, kind: str, ranges: Iterable[_Range]) -> Iterator[str]:
    for start, end in ranges:
        yield f"({name} >= {_literal(kind, start)}" + (")" if end is None else f" AND {name} < {_literal(kind, end)})")


def _none(name: str, table: "bigquery.Table", wanted: Collection[str]) -> Iterator[str]:
    """Rows without a value to part them by."""
    if NULL in wanted or (UNPARTITIONED in wanted and column(table) == INGESTION_TIME):
        yield f"{name} IS NULL"


def _ranges(table: "bigquery.Table", wanted: Collection[str], at: datetime) -> list[_Range] | None:
    """The ranges of the partitions, those that follow each other as one; None where they are too many or not known."""
    try:
        ranges = _joined(_each(table, wanted, at))
    except ValueError:
        return None
    return ranges if len(ranges) <= MOST_RANGES else None


def _each(table: "bigquery.Table", wanted: Collection[str], at: datetime) -> Iterator[_Range]:
    """The range of each partition.

    Raises:
        ValueError: for one of a kind that is not known.
    """
    for partition in sorted(set(wanted) - {NULL, UNPARTITIONED}, key=lambda each: (len(each), each)):
        if table.range_partitioning:
            yield int(partition), int(partition) + int(table.range_partitioning.range_.interval)
        else:
            start = datetime.strptime(partition, _format(partition)).replace(tzinfo=UTC)
            yield start, _next(start, len(partition))
    if UNPARTITIONED in wanted and table.time_partitioning and column(table) != INGESTION_TIME:
        yesterday = f"{at - timedelta(days=1):%Y%m%d}"[: _length(table)]
        yield datetime.strptime(yesterday, _format(yesterday)).replace(tzinfo=UTC), None


def _length(table: "bigquery.Table") -> int:
    """How long the ids of partitions by time are."""
    return _LENGTHS[str(table.time_partitioning.type_)]


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


def _literal(kind: str, at: datetime | int) -> str:
    if isinstance(at, int):
        return str(at)
    day = f"{at:%Y-%m-%d}".rjust(len("0001-01-01"), "0")
    text = {"DATE": day, "DATETIME": f"{day} {at:%H:%M:%S}"}.get(kind, f"{day} {at:%H:%M:%S}+00")
    return f"{kind} '{text}'"


def _day(table: "bigquery.Table", at: datetime | int) -> datetime:
    """What is kept by it."""
    if isinstance(at, datetime):
        return at
    bounds = table.range_partitioning.range_
    return datetime(1, 1, 1, tzinfo=UTC) + timedelta(days=(at - int(bounds.start)) // int(bounds.interval))


def _joined(ranges: Iterable[_Range]) -> list[_Range]:
    """The same, those that follow each other as one."""
    joined: list[_Range] = []
    for start, end in ranges:
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined
