"""What BigQuery knows: the raw ads that were never published, and which published ones have arrived."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from google.cloud import bigquery

from functions.import_ads.claims import Link
from functions.import_ads.settings import ImportSettings
from shared import bill, raw_ads
from shared.partitions import Partitions

if TYPE_CHECKING:
    from google.cloud.bigquery.table import RowIterator

_PAGE = 10_000

type _Parameter = bigquery.ArrayQueryParameter | bigquery.ScalarQueryParameter


def unseen(client: bigquery.Client, settings: ImportSettings, sql: str) -> Iterator[Link]:
    """The links that no published batch has held, by one of the queries below, read page by page."""
    for row in _rows(client, settings, sql, []):
        yield row["ad_id"], row["source"]


def usd_of(client: bigquery.Client, settings: ImportSettings, sql: str) -> float:
    """What such a query costs; told by a dry run, which costs nothing."""
    config = bigquery.QueryJobConfig(default_dataset=settings.full_dataset, dry_run=True, use_query_cache=False)
    return bill.usd(client.query(sql, job_config=config).total_bytes_processed or 0)


def unseen_text(settings: ImportSettings, where: str = "TRUE") -> str:
    """The query of `unseen` that holds for any `ads`; `where` is a condition on the raw ads that are read."""
    return _filled("unseen", settings, where)


def newer_text(settings: ImportSettings, where: str, since: datetime | None = None, beside: str | None = None) -> str:
    """The same where each of the `ads` has its link, a tenth of their bytes; of those `since` then alone.

    `beside`: a condition on raw ads that were all published.
    """
    published = f"occurred_at >= TIMESTAMP '{since:%Y-%m-%d %H:%M:%S}+00'" if since else "TRUE"
    return _filled("newer", settings, where, ads_filter=published, beside=_beside(settings, beside))


def repeated_text(settings: ImportSettings, where: str, beside: str | None = None) -> str:
    """What counts the links of such raw ads, and those that had been published before a time."""
    return _filled("repeated", settings, where, beside=_beside(settings, beside))


def repeated(
    client: bigquery.Client, settings: ImportSettings, where: str, since: datetime, beside: str | None
) -> tuple[int, int, int]:
    """How many links such raw ads have, how many had been published before `since`, and of those not in `beside`."""
    parameter = bigquery.ScalarQueryParameter("since", "TIMESTAMP", since)
    [row] = _rows(client, settings, repeated_text(settings, where, beside), [parameter])
    return row["links"], row["repeated"], row["repeated_of_others"]


def _beside(settings: ImportSettings, where: str | None) -> str:
    return _filled("beside" if where else "nothing_beside", settings, where or "TRUE")


def _filled(name: str, settings: ImportSettings, where: str, **more: str) -> str:
    return Template(_sql(name)).substitute(raw_ads.identifiers(settings) | {"raw_ads_filter": where, **more})


def partitions_now(client: bigquery.Client, settings: ImportSettings) -> Partitions | None:
    """What each partition of the raw ads is now; None where there are none."""
    table = settings.raw_ads.rpartition(".")[2]
    sql = Template(_sql("partitions")).substitute(raw_ads.identifiers(settings))
    rows = list(_rows(client, settings, sql, [bigquery.ScalarQueryParameter("table", "STRING", table)]))
    if any(row["partition_id"] is None for row in rows):
        return None
    return {row["partition_id"]: f"{row['modified']} {row['n_rows']} {row['n_bytes']}" for row in rows}


def all_linked(client: bigquery.Client, settings: ImportSettings) -> bool:
    """Whether each of the `ads` has its link: those of an earlier version have none."""
    [row] = _rows(client, settings, _sql("unlinked"), [])
    return bool(row["ads"] == 0)


def arrived(
    client: bigquery.Client, settings: ImportSettings, batch_ids: Collection[str], since: datetime
) -> Mapping[str, int]:
    """How many ads of each of these batches are rows by now; `since` is no later than the first of them."""
    parameters: list[_Parameter] = [
        bigquery.ArrayQueryParameter("batch_ids", "STRING", sorted(batch_ids)),
        bigquery.ScalarQueryParameter("since", "TIMESTAMP", since),
    ]
    return {row["batch_id"]: row["ads"] for row in _rows(client, settings, _sql("arrived"), parameters)}


def _rows(
    client: bigquery.Client,
    settings: ImportSettings,
    sql: str,
    parameters: list[_Parameter],
) -> "RowIterator":
    config = bigquery.QueryJobConfig(
        default_dataset=settings.full_dataset,
        maximum_bytes_billed=settings.import_max_bytes_billed,
        query_parameters=parameters,
        use_query_cache=False,
    )
    return bill.answer(client.query(sql, job_config=config), stage="import_ads", page_size=_PAGE)


@cache
def _sql(name: str) -> str:
    return Path(__file__).with_name(f"{name}.sql").read_text()
