"""What BigQuery bills, and when something may be asked again that costs so much."""

from datetime import UTC, datetime, timedelta

USD_PER_TIB = 6.25
"""What BigQuery bills a query, on demand: cloud.google.com/bigquery/pricing, November 2026, region us."""

NEVER = datetime.min.replace(tzinfo=UTC)
_LONGEST_REST_DAYS = 30.0


def usd(billed_bytes: float) -> float:
    """What a query costs that bills so many bytes."""
    return billed_bytes / 2**40 * USD_PER_TIB


def rests_until(last: datetime, usd: float, usd_a_day: float) -> datetime:
    """When to ask again what costs so much, so that it costs no more than that a day; at once where it NEVER was."""
    days = min(usd / usd_a_day, _LONGEST_REST_DAYS)
    return NEVER if last == NEVER else last + timedelta(days=days)
