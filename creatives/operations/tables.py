"""Asks a dataset, local or deployed, the questions that stand in the .sql files of a folder."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Self

from google.cloud import bigquery

from shared import clients

_FOLDER = Path(__file__).parent

type Row = dict[str, Any]
type Parameter = bigquery.ArrayQueryParameter | bigquery.ScalarQueryParameter
type Value = Parameter | date | int | Sequence[str] | None


@dataclass(frozen=True)
class Tables:
    """A dataset of the pipeline.

    Attributes:
        client: of BigQuery.
        name: of the dataset, as project.dataset.
        folder: where the questions stand.
    """

    client: bigquery.Client
    name: str
    folder: Path = _FOLDER

    @classmethod
    def of(cls, name: str, folder: Path = _FOLDER) -> Self:
        """The dataset of that name, as project.dataset, by this process's client."""
        return cls(clients.bigquery_client(name.rpartition(".")[0]), name, folder)

    def within(self, folder: Path) -> Self:
        """The same dataset, asked the questions of another folder."""
        return replace(self, folder=folder)

    def ask(self, question: str, **parameters: Value) -> list[Row]:
        """The rows of `question`.sql. A list is an array of strings, and a missing value a time."""
        config = bigquery.QueryJobConfig(
            default_dataset=self.name, query_parameters=[_parameter(*each) for each in parameters.items()]
        )
        rows = self.client.query_and_wait((self.folder / f"{question}.sql").read_text(), job_config=config)
        return [dict(row.items()) for row in rows]


def _parameter(name: str, value: Value) -> Parameter:
    if isinstance(value, bigquery.ArrayQueryParameter | bigquery.ScalarQueryParameter):
        return value
    if isinstance(value, int):
        return bigquery.ScalarQueryParameter(name, "INT64", value)
    if isinstance(value, datetime) or value is None:
        return bigquery.ScalarQueryParameter(name, "TIMESTAMP", value)
    if isinstance(value, date):
        return bigquery.ScalarQueryParameter(name, "DATE", value)
    return bigquery.ArrayQueryParameter(name, "STRING", list(value))
