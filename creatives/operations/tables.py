"""Asks a dataset, local or deployed, the questions that stand in the .sql files of a folder."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Self

from google.api_core.exceptions import GoogleAPIError
from google.cloud import bigquery

from shared import bill, clients

_FOLDER = Path(__file__).parent

type Row = dict[str, Any]
type Parameter = bigquery.ArrayQueryParameter | bigquery.ScalarQueryParameter
type Value = Parameter | date | int | Sequence[str] | None


_TOO_MUCH = re.compile(r"limit for bytes billed: \d+\. (\d+) or higher required")
"""What BigQuery says of a query that it refuses since it would bill more than it may, and what that is."""


class TooDearError(ValueError):
    """A question would cost more than it may; it was not asked."""


def require_within(usd: float, most_usd: float) -> None:
    """Goes on where it costs no more than it may.

    Raises:
        TooDearError: when it would.
    """
    if usd > most_usd:
        raise _too_dear(usd, most_usd)


def _too_dear(usd: float, most_usd: float) -> TooDearError:
    return TooDearError(
        f"BigQuery would bill {usd:.2f} US dollars for that, so it was not asked: "
        f"it may cost {most_usd:.2f}, which --most-usd says"
    )


@contextmanager
def bounded(config: bigquery.QueryJobConfig, most_usd: float | None) -> Iterator[None]:
    """Has BigQuery refuse, before it costs anything, what would bill more; None: it may bill anything.

    Raises:
        TooDearError: when it does.
    """
    if most_usd is not None:
        config.maximum_bytes_billed = bill.most_bytes(most_usd)
    try:
        yield
    except GoogleAPIError as error:
        refused = _TOO_MUCH.search(str(error))
        if most_usd is None or not refused:
            raise
        raise _too_dear(bill.usd(int(refused[1])), most_usd) from error


@dataclass(frozen=True)
class Tables:
    """A dataset of the pipeline.

    Attributes:
        client: of BigQuery.
        name: of the dataset, as project.dataset.
        folder: where the questions stand.
        most_usd: what each question may cost; None: anything.
    """

    client: bigquery.Client
    name: str
    folder: Path = _FOLDER
    most_usd: float | None = None

    @classmethod
    def of(cls, name: str, folder: Path = _FOLDER, most_usd: float | None = None) -> Self:
        """The dataset of that name, as project.dataset, by this process's client."""
        return cls(clients.bigquery_client(name.rpartition(".")[0]), name, folder, most_usd)

    def within(self, folder: Path) -> Self:
        """The same dataset, asked the questions of another folder."""
        return replace(self, folder=folder)

    def ask(self, question: str, **parameters: Value) -> list[Row]:
        """The rows of `question`.sql. A list is an array of strings, and a missing value a time.

        Raises:
            TooDearError: when it would cost more than it may.
        """
        config = self._config(parameters)
        with bounded(config, self.most_usd):
            rows = self.client.query_and_wait(self._text(question), job_config=config)
        return [dict(row.items()) for row in rows]

    def usd(self, question: str, **parameters: Value) -> float:
        """What BigQuery would bill for `question`.sql; told by a dry run, which costs nothing."""
        config = self._config(parameters)
        config.dry_run = True
        return bill.usd(self.client.query(self._text(question), job_config=config).total_bytes_processed or 0)

    def _config(self, parameters: Mapping[str, Value]) -> bigquery.QueryJobConfig:
        given = [_parameter(*each) for each in parameters.items()]
        return bigquery.QueryJobConfig(default_dataset=self.name, query_parameters=given)

    def _text(self, question: str) -> str:
        return (self.folder / f"{question}.sql").read_text()


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
