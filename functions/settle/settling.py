"""Counts the ads and the money, where that has changed since the last time and may be paid for again.

They are counted of the narrow tables that follow the others (keeping.py), or of the views where those cannot be had.
The last row of `settled` tells what the tables were then, and when that was.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from google.cloud import bigquery, storage

from functions.settle import asking, keeping
from functions.settle.asking import Values
from functions.settle.keeping import Plan
from functions.settle.settings import SettleSettings
from shared import bill, described, log
from shared.events import Settled, StatusCount

READ = ("pipeline_status_now", "paid_answers", "saved_now")
"""The views that say what is counted."""

SAVED = "kept_saved"
"""The table of what duplicates saved, which the view `costs` reads."""

CHEAP_USD = 0.002
"""What adding that up may cost at each count; where it costs more it is done once a day."""

LONGEST_REST = timedelta(days=5)
"""The table keeps its rows for 8 days (infra/pipeline.yaml): the newest has to be one of them."""

_NEVER = datetime(9999, 12, 30, tzinfo=UTC)

type Row = Mapping[str, Any]


def settle(
    client: bigquery.Client, bucket: storage.Bucket, settings: SettleSettings, now: datetime, event_id: str
) -> Settled | None:
    """How the pipeline stands; None where what was kept holds, or counting would cost more than it may.

    Raises:
        GoogleAPIError: a client's, when something cannot be read or written.
    """
    # Before they are read: what comes after it is another description next time, whether or not it is counted now.
    description = described.description(client, [f"{settings.full_dataset}.{view}" for view in READ])
    last = next(_rows(client, settings, "last"), None)
    resting = last is not None and now - last["occurred_at"] < LONGEST_REST
    if last and resting and description and description == last["description"]:
        return None
    planned = keeping.plan(client, bucket, settings, now)
    if last and resting:
        usd = _usd(client, settings, planned, now)
        if now < bill.rests_until(last["counted"], usd, settings.settle_usd_a_day):
            log.info("rests", stage="settle", usd=round(usd, 4))
            return None
    is_due = True
    if planned:
        is_due = keeping.follow(client, bucket, settings, planned, now)
    else:
        log.warning("partitions may not be listed: all is counted", stage="settle")
    kept = _of_kept(client, settings, now) if planned else None
    standing = kept or next(_rows(client, settings, "standing", {"today": now.date()}))
    saved = "saved" if kept else "saved_by_views"
    if is_due or asking.usd(client, settings, saved) < CHEAP_USD:
        asking.ask(client, settings, saved, into=SAVED, anew=True)
    counts = [StatusCount.model_validate(each) for each in standing["counts"] or ()]
    return Settled(
        event_id=event_id,
        occurred_at=now,
        description=description,
        day=now.date(),
        **{name: value for name, value in standing.items() if name not in ("counts", "circles")},
        counts=counts,
    )


def _of_kept(client: bigquery.Client, settings: SettleSettings, now: datetime) -> Row | None:
    """How it stands by what is kept; None where corrections point in a circle: then only the views can tell."""
    [kept] = _rows(client, settings, "kept", _asked(client, settings, now))
    if kept["circles"]:
        log.warning("corrections point in a circle: all is counted", stage="settle", circles=kept["circles"])
        return None
    return kept


def _usd(client: bigquery.Client, settings: SettleSettings, planned: Plan | None, now: datetime) -> float:
    """What counting costs."""
    if planned is None:
        by_views = asking.usd(client, settings, "standing", {"today": now.date()})
        return by_views + asking.usd(client, settings, "saved_by_views")
    return keeping.usd(client, settings, planned) + asking.usd(client, settings, "kept", _asked(client, settings, now))


def _asked(client: bigquery.Client, settings: SettleSettings, now: datetime) -> Values:
    """What kept.sql is asked by: of ads and failures it reads those since a batch was given up, none where none was."""
    [lost] = _rows(client, settings, "lost_since")
    return {"today": now.date(), "lost_since": lost["since"] or _NEVER}


def _rows(client: bigquery.Client, settings: SettleSettings, name: str, values: Values = asking.NONE) -> Iterator[Row]:
    return (dict(row.items()) for row in asking.ask(client, settings, name, values).result())
