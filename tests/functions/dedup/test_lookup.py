"""What an instance asks of BigQuery, and what it need not."""

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest
from google.cloud import storage

from functions.dedup.asking import Parameter, Row, Tables
from functions.dedup.lookup import Lookup
from functions.dedup.memory.snapshot import Snapshot
from shared.events import Override
from tests.bigquery import Dataset
from tests.functions.dedup import creatives


def noting(dataset: Dataset, bucket: storage.Bucket, monkeypatch: pytest.MonkeyPatch) -> tuple[Lookup, list[str]]:
    """An instance, and the statements that it asks."""
    asked: list[str] = []
    rows = Tables.rows

    def noted(tables: Tables, statement: str, *parameters: Parameter) -> Iterable[Row]:
        asked.append(statement)
        return rows(tables, statement, *parameters)

    monkeypatch.setattr(Tables, "rows", noted)
    tables = Tables(dataset.client, dataset.name, max_bytes_billed=2**30, timeout_s=60)
    return Lookup(tables, Snapshot(bucket), refresh_s=0), asked


def test_corrections_are_read_where_there_are_others_and_no_more_often(
    dataset: Dataset, bucket: storage.Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    lookup, asked = noting(dataset, bucket, monkeypatch)
    said = Override(
        event_id="1",
        occurred_at=datetime.now(UTC),
        creative_id=creatives.creative_id("a"),
        action="split",
        author="ana",
    )

    for _ in range(3):
        lookup.refresh()
    unasked = asked.count("overrides")
    dataset.load("overrides", [said])
    for _ in range(3):
        lookup.refresh()

    assert asked.count("lately") >= 4
    assert (unasked, asked.count("overrides")) == (1, 2)
    assert lookup.corrections([said.creative_id])[said.creative_id].action == said.action


def test_corrections_are_read_each_time_where_nothing_tells_whether_there_are_others(
    dataset: Dataset, bucket: storage.Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    lookup, asked = noting(dataset, bucket, monkeypatch)
    monkeypatch.setattr(Tables, "description", lambda *_: None)

    for _ in range(3):
        lookup.refresh()

    assert asked.count("overrides") == asked.count("lately") + 1
