"""Sends BigQuery the statements that stand in the .sql files beside this one."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from string import Template
from types import MappingProxyType

from google.cloud import bigquery

from functions.settle.settings import SettleSettings
from shared import bill

type Values = Mapping[str, date | Sequence[str]]
"""Of a statement's parameters."""
type _Parameter = bigquery.ArrayQueryParameter | bigquery.ScalarQueryParameter

NONE: Values = MappingProxyType({})


def ask(
    client: bigquery.Client,
    settings: SettleSettings,
    name: str,
    values: Values = NONE,
    *,
    into: str | None = None,
    anew: bool = False,
) -> bigquery.QueryJob:
    """Runs a statement to its end. `into`: a table that its rows are added to, or, `anew`, that they replace.

    Raises:
        GoogleAPIError: the client's, when something cannot be read or written.
    """
    config = _config(settings, values)
    config.maximum_bytes_billed = settings.settle_max_bytes_billed
    if into:
        config.destination = f"{settings.full_dataset}.{into}"
        config.create_disposition = "CREATE_NEVER"
        config.write_disposition = "WRITE_TRUNCATE" if anew else "WRITE_APPEND"
    job = client.query(_sql(name, settings), job_config=config)
    bill.answer(job, stage="settle")
    return job


def usd(client: bigquery.Client, settings: SettleSettings, name: str, values: Values = NONE) -> float:
    """What a statement would cost; told by a dry run, which costs nothing."""
    config = _config(settings, values)
    config.dry_run = True
    return bill.usd(client.query(_sql(name, settings), job_config=config).total_bytes_processed or 0)


def _config(settings: SettleSettings, values: Values) -> bigquery.QueryJobConfig:
    parameters = [_parameter(*each) for each in values.items()]
    return bigquery.QueryJobConfig(
        default_dataset=settings.full_dataset, query_parameters=parameters, use_query_cache=False
    )


def _parameter(name: str, value: date | Sequence[str]) -> _Parameter:
    if isinstance(value, datetime):
        return bigquery.ScalarQueryParameter(name, "TIMESTAMP", value)
    if isinstance(value, date):
        return bigquery.ScalarQueryParameter(name, "DATE", value)
    return bigquery.ArrayQueryParameter(name, "STRING", list(value))


@cache
def _text(name: str) -> str:
    return Path(__file__).with_name(f"{name}.sql").read_text()


def _sql(name: str, settings: SettleSettings) -> str:
    return Template(_text(name)).safe_substitute(project=settings.google_cloud_project, dataset=settings.dataset)
