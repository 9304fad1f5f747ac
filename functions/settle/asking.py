"""Sends BigQuery the statements that stand in the .sql files beside this one."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from string import Template
from types import MappingProxyType

from google.cloud import bigquery

from functions.settle.settings import SettleSettings
from shared import bill, raw_ads

type Values = Mapping[str, date | Sequence[str]]
"""Of a statement's parameters."""
type _Parameter = bigquery.ArrayQueryParameter | bigquery.ScalarQueryParameter

type Names = Mapping[str, str]
"""What stands in a statement where parameters cannot."""

NONE: Values = MappingProxyType({})
NO_NAMES: Names = MappingProxyType({})


def ask(
    client: bigquery.Client,
    settings: SettleSettings,
    name: str,
    values: Values = NONE,
    *,
    into: str | None = None,
    anew: bool = False,
    names: Names = NO_NAMES,
) -> bigquery.QueryJob:
    """Runs a statement to its end. `into`: a table that its rows are added to, or, `anew`, that they replace.

    `names` are those that the statement leaves open beside the ones that are set.

    Raises:
        GoogleAPIError: the client's, when something cannot be read or written.
    """
    config = _config(settings, values)
    config.maximum_bytes_billed = settings.settle_max_bytes_billed
    if into:
        config.destination = f"{settings.full_dataset}.{into}"
        config.create_disposition = "CREATE_NEVER"
        config.write_disposition = "WRITE_TRUNCATE" if anew else "WRITE_APPEND"
    job = client.query(text(name, settings, names), job_config=config)
    bill.answer(job, stage="settle")
    return job


def usd(
    client: bigquery.Client, settings: SettleSettings, name: str, values: Values = NONE, *, names: Names = NO_NAMES
) -> float:
    """What a statement would cost; told by a dry run, which costs nothing."""
    config = _config(settings, values)
    config.dry_run = True
    return bill.usd(client.query(text(name, settings, names), job_config=config).total_bytes_processed or 0)


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


def text(name: str, settings: SettleSettings, names: Names = NO_NAMES) -> str:
    """A statement as it is sent, but for names that are not given."""
    own = {"project": settings.google_cloud_project, "dataset": settings.dataset, "of": settings.full_dataset}
    inner = Template(_template("of_raw_ads"))
    given = own | raw_ads.identifiers(settings) | dict(names)
    return Template(_template(name)).safe_substitute(given, of_raw_ads=inner.safe_substitute(given))


@cache
def _template(name: str) -> str:
    return Path(__file__).with_name(f"{name}.sql").read_text()
