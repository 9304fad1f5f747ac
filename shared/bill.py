"""What BigQuery bills, and when something may be asked again that costs so much."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from shared import log

if TYPE_CHECKING:
    from google.cloud.bigquery import QueryJob
    from google.cloud.bigquery.table import RowIterator

USD_PER_TIB = 6.25
"""What BigQuery bills a query, on demand: cloud.google.com/bigquery/pricing, November 2026, region us."""

NEVER = datetime.min.replace(tzinfo=UTC)
_LONGEST_REST_DAYS = 30.0
LATE = timedelta(minutes=15)
"""How late a tick comes at most: the longest pause of the schedules that ask (infra/pipeline.yaml)."""


def usd(billed_bytes: float) -> float:
    """What a query costs that bills so many bytes."""
    return billed_bytes / 2**40 * USD_PER_TIB


def most_bytes(usd: float) -> int:
    """How many bytes a query may bill that may cost so much."""
    return int(usd / USD_PER_TIB * 2**40)


def answer(
    job: "QueryJob", *, stage: str, page_size: int | None = None, timeout_s: float | None = None
) -> "RowIterator":
    """Waits for a query of a stage; what it billed is a line of the log, as what a model is paid is.

    Raises:
        GoogleAPIError: the client's, when it fails, or would bill more than it may.
        TimeoutError: when it takes longer.
    """
    rows = job.result(page_size=page_size, timeout=timeout_s)
    log.info("billed", stage=stage, billed_usd=usd(job.total_bytes_billed or 0))
    return rows


def rests_until(asked: Sequence[datetime], usd: float, usd_a_day: float) -> datetime:
    """When to ask again what costs so much, so that it costs no more than that a day; at once where it NEVER was.

    `asked`: when it was, oldest first. One that was asked late, since its tick came late, is held to have been when it
    was due: so it costs what it may where a rest ends between two ticks, and not half of that where it just misses one.
    """
    if NEVER in asked:
        return NEVER
    rest = timedelta(days=min(usd / usd_a_day, _LONGEST_REST_DAYS))
    due = asked[0]
    for at in asked[1:]:
        due = min(at, max(due + rest, at - LATE))
    return due + rest
