"""What the doctor says of the status that is kept, on a real BigQuery server."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from google.cloud import storage

from creatives.doctor import settled
from creatives.doctor.check import Deployment, Status
from functions.settle import keeping, settling
from shared import described
from tests.bigquery import Dataset
from tests.cases import some_of
from tests.creatives.doctor.test_tables import deployment
from tests.functions.settle.test_settling import settle
from tests.gcs import Buckets
from tests.infra.views.conftest import Tables
from tests.infra.views.rows import World

__all__ = ["deployment"]

NOW = datetime.now(UTC)


KEPT = [
    (True, "as it was", NOW, Status.FAULT, "counting now tells otherwise"),
    (False, "as it was", NOW - settling.LONGEST_REST - timedelta(days=2), Status.WARNING, "and not since"),
    (True, "something is new", NOW, Status.OK, "counted at"),
    (False, "as it was", NOW, Status.OK, "counted at"),
    (True, None, NOW, Status.OK, "counted at"),
]


@pytest.mark.parametrize(("new_since", "description", "at", "status", "found"), some_of(KEPT, in_the_gate=KEPT[:1]))
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


@pytest.mark.long
def test_what_copies_saved_is_held_against_the_tables_too(
    deployment: Deployment, dataset: Dataset, bucket: storage.Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    w = World()
    Tables(dataset).fill([*w.analysed("a"), *w.copied("b", "a")])
    monkeypatch.setattr(described, "description", lambda *_: "as it was")
    settle(dataset, bucket, NOW)
    [before] = settled.settled(deployment)
    dataset.query("UPDATE kept_saved SET duplicates = 2 WHERE TRUE")

    [after] = settled.settled(deployment)

    assert (before.status, after.status) == (Status.OK, Status.FAULT)
    assert "kept_saved with saved_now" in after.advice
    assert keeping.NOTE in after.advice


def test_on_this_machine_nothing_need_be_kept(deployment: Deployment) -> None:
    assert list(settled.settled(deployment)) == []


def test_where_all_rows_are_read_to_count_them_it_is_told(
    deployment: Deployment, buckets: Buckets, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert list(settled.followed(deployment)) == []
    monkeypatch.setattr(Deployment, "is_local", property(lambda _: False))
    kept = replace(deployment, settings=deployment.settings.model_copy(update={"results_bucket": buckets.results.name}))

    [before] = settled.followed(kept)
    buckets.results.blob(keeping.NOTE).upload_from_string(b"{}")
    [after] = settled.followed(kept)

    assert (before.status, after.status) == (Status.WARNING, Status.OK)
    assert "bigquery.metadataViewer" in before.advice
