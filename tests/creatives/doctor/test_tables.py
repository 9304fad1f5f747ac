"""What the doctor says of tables and money, on a real BigQuery server."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.cloud import bigquery

from creatives.doctor import tables
from creatives.doctor.check import Deployment, Status
from shared import clients
from shared.settings import Settings
from tests.bigquery import PROJECT, Dataset


@pytest.fixture
def deployment(dataset: Dataset) -> Iterator[Deployment]:
    clients.bigquery_client.cache_clear()
    names = {f"{part}_bucket": part for part in ("creatives", "results", "staging")}
    settings = Settings.model_validate({"google_cloud_project": PROJECT, "dataset": dataset.name, **names})
    yield Deployment(settings, variables={"DAILY_BUDGET_USD": "5"})
    clients.bigquery_client(PROJECT).close()
    clients.bigquery_client.cache_clear()


def test_tables_made_from_the_files_are_well(deployment: Deployment) -> None:
    found = [*tables.tables(deployment), *tables.views(deployment)]

    assert [check for check in found if check.status is not Status.OK] == []
    assert len(found) == len(deployment.wired.tables) + len(deployment.wired.views)


def test_a_table_of_an_older_version_lacks_a_column(deployment: Deployment, bigquery_client: bigquery.Client) -> None:
    older = f"older_{uuid.uuid4().hex}"
    bigquery_client.create_dataset(older)
    bigquery_client.query_and_wait(
        f"CREATE TABLE `{PROJECT}.{older}.waits` (creative_id STRING NOT NULL, reason INT64)"
    )
    waits = deployment.wired.model_copy(update={"tables": {"waits": deployment.wired.tables["waits"]}})
    settings = deployment.settings.model_copy(update={"dataset": older})

    [bad] = tables.tables(replace(deployment, wired=waits, settings=settings))

    assert (bad.what, bad.status) == ("table waits", Status.FAULT)
    assert "lacks the column event_id" in bad.found
    assert "reason is INTEGER, should be STRING" in bad.found
    assert bad.advice


@pytest.mark.parametrize(
    ("name", "change", "option"),
    [
        ("ads", {"expiration_ms": 86_400_000}, "partition_expiration_days"),
        ("canonicals", {"expires": True}, "expiration_timestamp"),
        ("lifts", {"expires": True}, "expiration_timestamp"),
        ("lifts", {"expiration_ms": 86_400_000}, None),
        ("raw_ads", {"expires": True}, None),
    ],
)
def test_a_table_that_loses_rows_which_are_needed_is_a_fault(
    deployment: Deployment, name: str, change: dict[str, Any], option: str | None
) -> None:
    wired = deployment.wired.tables[name]
    found = bigquery.Table(f"{PROJECT}.other.{name}")
    found.time_partitioning = bigquery.TimePartitioning(expiration_ms=change.get("expiration_ms"))
    found.expires = datetime.now(UTC) + timedelta(days=9) if "expires" in change else None

    assert tables.losing(wired, found) == option


def test_messages_given_up_today_are_told(deployment: Deployment, dataset: Dataset) -> None:
    now = datetime.now(UTC)
    given_up = {"subscription_name": "hash", "message_id": "1", "attributes": "{}", "data": "{}"}
    long_ago = given_up | {"publish_time": (now - timedelta(days=3)).isoformat()}
    dataset.load("dead_letters", [given_up | {"publish_time": now.isoformat()}, long_ago])

    [check] = tables.given_up(deployment)

    assert check.status is Status.WARNING
    assert check.found.startswith("1 given up")


def test_without_answers_nothing_is_spent(deployment: Deployment) -> None:
    [check] = tables.money(deployment)

    assert (check.status, check.found) == (Status.OK, "$0.00 of $5 spent today")
