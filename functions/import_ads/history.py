"""How far back to look whether a raw ad was published before: as far as its partition is there, and no further.

That holds for tables that ads are added to. Where a partition repeats ads of others (each day's holds all ads, say),
those were published before it came. They would be again, which loses nothing, but has each fetched anew. So it is
counted now and then, in a partition that came lately. Where too many are repeated, what the partition before holds is
left out, too: it has been read. Where still too many are (of any day, say), all of the history is read.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from functions.import_ads import rawads
from shared import partitions

if TYPE_CHECKING:
    from google.cloud import bigquery

    from functions.import_ads.settings import ImportSettings
    from shared.partitions import Partitions

MARGIN = timedelta(days=1)
"""Rows are read on their way into a partition, too, which may take hours: it came later than they were published."""

COUNTED_EVERY = timedelta(days=10)
MOST_REPEATED = 0.01

type Came = Mapping[str, str]
"""Of each partition that is known to have come, the last time when it was not there."""


def came(now: "Partitions", before: "Partitions", known: Came, at: datetime) -> Came:
    """The same of now; `before` were all that there were `at` a time."""
    return {partition: at.isoformat() for partition in now if partition not in before} | dict(known)


def since(
    table: "bigquery.Table", now: "Partitions", came: Came, wanted: Collection[str], at: datetime
) -> datetime | None:
    """When none of the links in these partitions was published yet; None where that is not known."""
    read = set(wanted)
    if partitions.UNPARTITIONED in read:
        if not table.time_partitioning or partitions.column(table) == partitions.INGESTION_TIME:
            return None
        # What is on its way may belong to any of these (partitions.condition).
        yesterday = f"{at - timedelta(days=1):%Y%m%d%H}"
        read |= {each for each in now if each.isdecimal() and each >= yesterday[: min(len(each), 8)]}
        read.remove(partitions.UNPARTITIONED)
    if not read or not read <= came.keys():
        return None
    return min(datetime.fromisoformat(came[partition]) for partition in read) - MARGIN


def is_due(counted_at: str | None, at: datetime) -> bool:
    """Whether to count again what is repeated: it costs as much as reading all of the history."""
    return counted_at is None or at - datetime.fromisoformat(counted_at) > COUNTED_EVERY


def beside(
    table: "bigquery.Table", now: "Partitions", before: "Partitions", wanted: Collection[str], at: datetime
) -> str | None:
    """What holds for the rows of the last partition before these, where it is what it was when all of it had been read.

    None: there is none, or partitions follow on no other in time.
    """
    if not table.time_partitioning:
        return None
    yesterday = f"{at - timedelta(days=1):%Y%m%d%H}"
    first = min([each for each in wanted if each.isdecimal()], default=yesterday)
    if partitions.UNPARTITIONED in wanted:
        first = min(first, yesterday[: len(first)])
    earlier = [each for each in now if each.isdecimal() and each < first and now[each] == before.get(each)]
    return partitions.condition(table, {max(earlier)}, at) if earlier else None


def repeats(
    client: "bigquery.Client", settings: "ImportSettings", where: str, since: datetime, beside: str | None
) -> tuple[bool, bool]:
    """Whether partitions that came `since` then repeat ads that had been published before, and others than `beside`."""
    links, repeated, of_others = rawads.repeated(client, settings, where, since, beside)
    return repeated > links * MOST_REPEATED, of_others > links * MOST_REPEATED
