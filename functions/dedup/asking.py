"""Asks BigQuery the statements that lie beside this file."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from google.cloud import bigquery

from shared import bill, described

_PACKED_TOGETHER = 20_000  # creatives, in a row of an answer: some MB
_READERS = 8
_ROWS_A_REQUEST = 64

type Parameter = bigquery.ScalarQueryParameter | bigquery.ArrayQueryParameter
type Row = Mapping[str, Any]


@dataclass(frozen=True)
class Tables:
    """The tables of one dataset.

    Attributes:
        max_bytes_billed: per query; one that would bill more fails before it starts.
        timeout_s: how long a query is waited for.
    """

    client: bigquery.Client
    dataset: str
    max_bytes_billed: int
    timeout_s: float

    def rows(self, statement: str, *parameters: Parameter) -> Iterable[Row]:
        """The answer to one of the statements."""
        rows: Iterable[Row] = bill.answer(self._job(statement, parameters), stage="dedup", timeout_s=self.timeout_s)
        return rows

    def read[Read](self, statement: str, read: Callable[[Row], Read], *parameters: Parameter) -> list[Read]:
        """What `read` makes of each row of an answer of gigabytes: several requests at a time, in any order."""
        job = self._job(statement, parameters)
        answer = bill.answer(job, stage="dedup", timeout_s=self.timeout_s, page_size=_ROWS_A_REQUEST)
        columns, total = answer.schema, int(answer.total_rows or 0)
        if total <= _ROWS_A_REQUEST:
            return [read(row) for row in answer]

        def page(start: int) -> list[Read]:
            rows = self.client.list_rows(
                job.destination, selected_fields=columns, start_index=start, max_results=_ROWS_A_REQUEST
            )
            return [read(row) for row in rows]

        with ThreadPoolExecutor(_READERS, thread_name_prefix="read") as readers:
            return [one for each in readers.map(page, range(0, total, _ROWS_A_REQUEST)) for one in each]

    def described(self, table: str) -> bigquery.Table:
        """A table's metadata, which cost nothing."""
        return self.client.get_table(f"{self.client.project}.{self.dataset}.{table}")

    def description(self, table: str) -> str | None:
        """What tells that a table is what it was, which costs nothing; None where nothing does."""
        return described.description(self.client, [f"{self.client.project}.{self.dataset}.{table}"])

    def digits(self, table: str) -> int:
        """By how many digits of their ids creatives are packed together, so that rows are neither many nor long."""
        rows = self.described(table).num_rows or 1
        return max(1, math.ceil(math.log(rows / _PACKED_TOGETHER, 16)))

    def _job(self, statement: str, parameters: Sequence[Parameter]) -> bigquery.QueryJob:
        config = bigquery.QueryJobConfig(
            query_parameters=list(parameters),
            default_dataset=bigquery.DatasetReference(self.client.project, self.dataset),
            maximum_bytes_billed=self.max_bytes_billed,
            labels={"stage": "dedup", "statement": statement},
        )
        return self.client.query(statement_text(statement), job_config=config)


@cache
def statement_text(name: str) -> str:
    """One of the .sql files beside this one."""
    return Path(__file__).with_name(f"{name}.sql").read_text()
