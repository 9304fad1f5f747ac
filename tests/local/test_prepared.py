"""A data folder begins with the tables and views that were made for an earlier one, and never with its rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from local import bigquery as server
from local import ports, prepared
from local.dataset import RawAds
from local.prepared import Prepared
from shared import wiring
from tests.bigquery import PROJECT, Dataset

WIRED = wiring.load()
FEW = WIRED.model_copy(update={"tables": {"ads": WIRED.tables["ads"]}, "views": ["current_ads"]})
NAME = "few"
ROW = {"event_id": "e", "occurred_at": "2026-11-02T08:00:00Z", "ad_id": "a", "source": "s", "batch_id": "b"}


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(prepared, "KEPT", tmp_path / "kept")
    return tmp_path / "kept"


@contextmanager
def served(data: Path) -> Iterator[Dataset]:
    """A server of its own on `data`."""
    port, grpc_port = ports.held(2)
    started = server.serve(data, PROJECT, port, grpc_port)
    options = {"api_endpoint": f"http://127.0.0.1:{port}"}
    client = bigquery.Client(project=PROJECT, credentials=AnonymousCredentials(), client_options=options)
    try:
        yield Dataset(client, NAME)
    finally:
        client.close()
        started.stop()


def ids(dataset: Dataset) -> list[str]:
    return [row["ad_id"] for row in dataset.query("SELECT ad_id FROM current_ads")]


@pytest.mark.server
def test_a_new_folder_begins_with_the_tables_of_an_earlier_one_and_may_be_moved(tmp_path: Path) -> None:
    few = Prepared(FEW, PROJECT, NAME)
    first, second = tmp_path / "first", tmp_path / "second"

    assert few.lay(first), "nothing is kept yet"
    with served(first) as dataset:
        few.ensure(dataset.client, first, new=True)
        dataset.load("ads", [{**ROW, "origin": "batch"}])
        made = dataset.client.get_table(dataset.full_name("ads")).created
    assert not few.lay(second)
    with served(second) as dataset:
        few.ensure(dataset.client, second, new=False)
        assert dataset.client.get_table(dataset.full_name("ads")).created == made, "it was made again"
        assert ids(dataset) == []
        dataset.client.delete_table(dataset.full_name("current_ads"))
        few.ensure(dataset.client, second, new=False)
        dataset.load("ads", [{**ROW, "ad_id": "b", "origin": "batch"}])
        assert ids(dataset) == ["b"]
        view = dataset.client.get_table(dataset.full_name("current_ads")).created
        (second / "bigquery" / "made-from").write_text("what another release of ours made")
        few.ensure(dataset.client, second, new=False)
        assert dataset.client.get_table(dataset.full_name("current_ads")).created > view, "it is as it was translated"
        assert ids(dataset) == ["b"]
    with served(first.rename(tmp_path / "moved")) as dataset:
        assert ids(dataset) == ["a"]


def test_a_folder_that_has_tables_is_given_none(tmp_path: Path, kept: Path) -> None:
    (tmp_path / "bigquery").mkdir()
    (tmp_path / "bigquery" / "test.ducklake").write_bytes(b"of an earlier run")

    assert not Prepared(FEW, PROJECT, NAME).lay(tmp_path)
    assert [path.name for path in (tmp_path / "bigquery").iterdir()] == ["test.ducklake"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 half an archive"])
def test_what_is_kept_and_cannot_be_read_is_made_again(tmp_path: Path, kept: Path, content: bytes) -> None:
    few = Prepared(FEW, PROJECT, NAME)
    kept.mkdir()
    few.archive.write_bytes(content)

    assert few.lay(tmp_path)


def test_other_files_or_names_are_another_dataset() -> None:
    grown = FEW.model_copy(update={"views": [*FEW.views, "current_sightings"]})
    tables = FEW.model_copy(update={"tables": {"ads": WIRED.tables["features"]}})
    partition = FEW.tables["ads"].model_copy(update={"partition": None})
    unpartitioned = FEW.model_copy(update={"tables": {"ads": partition}})
    raw_ads = RawAds(id_column="ref")
    views = WIRED.model_copy(update={"tables": FEW.tables})

    made = [
        *(Prepared(wired, PROJECT, NAME).archive for wired in (FEW, grown, tables, unpartitioned, views)),
        Prepared(views, PROJECT, NAME, raw_ads).archive,
        Prepared(FEW, "other", NAME).archive,
        Prepared(FEW, PROJECT, "other").archive,
    ]

    assert len(set(made)) == len(made)
    assert Prepared(wiring.load(), PROJECT, NAME).archive == Prepared(WIRED, PROJECT, NAME).archive
