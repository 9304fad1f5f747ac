"""What the doctor says of the status that is kept, on a real BigQuery server."""

from datetime import UTC, datetime, timedelta

import pytest
from google.cloud import storage

from creatives.doctor import settled
from creatives.doctor.check import Deployment, Status
from functions.settle import settling
from shared import described
from tests.bigquery import Dataset
from tests.creatives.doctor.test_tables import deployment
from tests.functions.settle.test_settling import settle
from tests.infra.views.rows import World

__all__ = ["deployment"]

NOW = datetime.now(UTC)


@pytest.mark.parametrize(
    ("new_since", "description", "at", "status", "found"),
    [
        (False, "as it was", NOW, Status.OK, "counted at"),
        (True, "as it was", NOW, Status.FAULT, "counting now tells otherwise"),
        (True, "something is new", NOW, Status.OK, "counted at"),
        (True, None, NOW, Status.OK, "counted at"),
        (False, "as it was", NOW - settling.LONGEST_REST - timedelta(days=2), Status.WARNING, "and not since"),
    ],
)
def test_what_is_kept_is_held_against_the_tables_where_nothing_is_new(
    deployment: Deployment,
    dataset: Dataset,
    bucket: storage.Bucket,
    monkeypatch: pytest.MonkeyPatch,
    new_since: bool,
    description: str | None,
    at: datetime,
    status: Status,
    found: str,
) -> None:
    w = World()
    dataset.load("ads", [w.ad("x")])
    monkeypatch.setattr(described, "description", lambda *_: "as it was")
    settle(dataset, bucket, at)
    dataset.load("ads", [w.ad("y")] if new_since else [])
    monkeypatch.setattr(described, "description", lambda *_: description)

    [said] = settled.settled(deployment)

    assert said.status is status
    assert found in said.found
    assert bool(said.advice) == (status is not Status.OK)


def test_on_this_machine_nothing_need_be_kept(deployment: Deployment) -> None:
    assert list(settled.settled(deployment)) == []
