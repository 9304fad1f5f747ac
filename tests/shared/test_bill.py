"""What is told of a query: its rows, and a line of the log with what it billed, which charts and alerts add up."""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, cast

import pytest
from google.api_core.exceptions import BadRequest
from google.cloud import bigquery

from shared import bill
from tests.cases import some_of


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


START = datetime(2026, 11, 2, tzinfo=UTC)
TICK = timedelta(minutes=5)


def asked(usd: float, ticks: list[datetime], before: list[datetime]) -> list[datetime]:
    """When it is asked of these ticks what may cost 5 dollars a day."""
    done = list(before)
    for at in ticks:
        if at >= bill.rests_until(done, usd, 5.0):
            done.append(at)
    return done[len(before) :]


@pytest.mark.parametrize("minutes", some_of([0.1, 4.9, 5.1, 6.45, 9.9, 14, 43, 700], in_the_gate=[5.1, 14, 700]))
def test_a_day_costs_what_it_may_though_rests_end_between_ticks(minutes: float) -> None:
    usd = 5.0 * minutes / (24 * 60)
    done = asked(usd, [START + number * TICK for number in range(1, 10 * 288)], [START])

    spent = len(done) * usd / 10

    assert spent <= 5.0
    assert spent > 0.99 * min(5.0, 288 * usd) - usd / 10
    assert max(later - at for at, later in pairwise(done)) <= timedelta(minutes=minutes) + TICK


def test_nothing_is_saved_up_while_nothing_is_asked_but_a_late_tick() -> None:
    usd = 5.0 / 24  # an hour's rest
    night = START + timedelta(hours=9)
    done = asked(usd, [night + number * TICK for number in range(12)], [START, START + timedelta(hours=1)])

    assert done == [night, night + timedelta(hours=1) - bill.LATE]


def test_what_was_cheap_until_now_is_no_debt() -> None:
    often = [START + number * TICK for number in range(100)]

    assert bill.rests_until(often, 5.0, 5.0) <= often[-1] + timedelta(days=1)


def test_what_was_never_asked_is_asked_at_once() -> None:
    assert bill.rests_until([bill.NEVER], 100.0, 5.0) == bill.NEVER
