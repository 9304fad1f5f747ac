"""Counts the ads and the money, where that has changed since the last time and may be paid for again.

The last row of `settled` tells what the tables were then, and when that was; nothing else is remembered.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from google.cloud import bigquery

from functions.settle.settings import SettleSettings
from shared import bill, described, log
from shared.events import Settled, StatusCount

READ = ("pipeline_status_now", "costs")
"""The views that all is counted of."""

LONGEST_REST = timedelta(days=5)
"""The table keeps its rows for 8 days (infra/pipeline.yaml): the newest has to be one of them."""

type Row = Mapping[str, Any]


def settle(client: bigquery.Client, settings: SettleSettings, now: datetime, event_id: str) -> Settled | None:
    """How the pipeline stands; None where what was kept holds, or counting would cost more than it may.

    Raises:
        GoogleAPIError: the client's, when something cannot be read.
    """
    dataset = f"{settings.google_cloud_project}.{settings.dataset}"
    # Before they are read: what comes after it is another description next time, whether or not it is counted now.
    description = described.description(client, [f"{dataset}.{view}" for view in READ])
    last = next(iter(_rows(client, settings, "last")), None)
    if last and now - last["occurred_at"] < LONGEST_REST:
        if description and description == last["description"]:
            return None
        usd = bill.usd(_bytes(client, settings, "standing"))
        if now < bill.rests_until(last["occurred_at"], usd, settings.settle_usd_a_day):
            log.info("rests", stage="settle", usd=round(usd, 4))
            return None
    today = bigquery.ScalarQueryParameter("today", "DATE", now.date())
    [standing] = _rows(client, settings, "standing", today)
    counts = [StatusCount.model_validate(each) for each in standing["counts"] or ()]
    return Settled(
        event_id=event_id,
        occurred_at=now,
        description=description,
        day=now.date(),
        **{name: value for name, value in standing.items() if name != "counts"},
        counts=counts,
    )


def _bytes(client: bigquery.Client, settings: SettleSettings, name: str) -> int:
    """What a query would read; told by a dry run, which costs nothing."""
    today = bigquery.ScalarQueryParameter("today", "DATE", None)
    config = _config(settings, today, dry_run=True)
    return int(client.query(_sql(name), job_config=config).total_bytes_processed or 0)


def _rows(
    client: bigquery.Client, settings: SettleSettings, name: str, *parameters: bigquery.ScalarQueryParameter
) -> list[Row]:
    config = _config(settings, *parameters, maximum_bytes_billed=settings.settle_max_bytes_billed)
    job = client.query(_sql(name), job_config=config)
    rows: list[Row] = [dict(row.items()) for row in job.result()]
    log.info("billed", stage="settle", billed_usd=bill.usd(job.total_bytes_billed or 0))
    return rows


def _config(
    settings: SettleSettings,
    *parameters: bigquery.ScalarQueryParameter,
    **more: Any,  # noqa: ANN401 - what the client takes
) -> bigquery.QueryJobConfig:
    dataset = f"{settings.google_cloud_project}.{settings.dataset}"
    return bigquery.QueryJobConfig(default_dataset=dataset, query_parameters=parameters, use_query_cache=False, **more)


@cache
def _sql(name: str) -> str:
    return Path(__file__).with_name(f"{name}.sql").read_text()
