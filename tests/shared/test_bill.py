"""What is told of a query: its rows, and a line of the log with what it billed, which charts and alerts add up."""

import json
from types import SimpleNamespace
from typing import Any, cast

import pytest
from google.api_core.exceptions import BadRequest
from google.cloud import bigquery

from shared import bill


def test_a_query_is_answered_and_what_it_billed_is_logged_by_its_stage(
    bigquery_client: bigquery.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    job = bigquery_client.query("SELECT number FROM UNNEST([1, 2, 3]) AS number ORDER BY number")

    rows = bill.answer(job, stage="dedup", page_size=2)

    assert [row["number"] for row in rows] == [1, 2, 3]
    said = json.loads(capsys.readouterr().out)
    assert (said["message"], said["stage"]) == ("billed", "dedup")
    assert said["billed_usd"] == bill.usd(job.total_bytes_billed or 0)


def test_dollars_are_of_the_bytes_that_were_billed(capsys: pytest.CaptureFixture[str]) -> None:
    job: Any = SimpleNamespace(result=lambda **_: [], total_bytes_billed=2**40)  # the local BigQuery bills nothing

    bill.answer(cast("bigquery.QueryJob", job), stage="settle")

    assert json.loads(capsys.readouterr().out)["billed_usd"] == bill.USD_PER_TIB


def test_a_query_that_fails_is_not_billed(bigquery_client: bigquery.Client, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(BadRequest):
        bill.answer(bigquery_client.query("SELECT 1 / 0"), stage="embed")

    assert capsys.readouterr().out == ""
