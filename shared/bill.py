"""What BigQuery bills, and when something may be asked again that costs so much."""

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


def usd(billed_bytes: float) -> float:
    """What a query costs that bills so many bytes."""
    return billed_bytes / 2**40 * USD_PER_TIB


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


def rests_until(last: datetime, usd: float, usd_a_day: float) -> datetime:
    """When to ask again what costs so much, so that it costs no more than that a day; at once where it NEVER was."""
    days = min(usd / usd_a_day, _LONGEST_REST_DAYS)
    return NEVER if last == NEVER else last + timedelta(days=days)
