"""The local dataset: made from the files, and brought up to date without touching what is in it."""

import json
import uuid
from functools import partial
from pathlib import Path

import grpc
import pydantic
import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
from google.cloud.bigquery_storage_v1.services.big_query_read import BigQueryReadClient
from google.cloud.bigquery_storage_v1.services.big_query_read.transports import BigQueryReadGrpcTransport
from google.cloud.bigquery_storage_v1.types import DataFormat, ReadSession

from local import bigquery as server
from local import dataset as files
from local import ports, processes
from local.dataset import RawAds
from shared import wiring
from shared.features import ImageFeatures
from shared.tables.growth import SchemaChangeError
from shared.taxonomy import compiling, definition
from tests.bigquery import PROJECT, Dataset
from tests.infra.views.rows import FEATURES_EVENT

pytestmark = pytest.mark.server

WIRED = wiring.load()
FEW = WIRED.model_copy(
    update={"tables": {name: WIRED.tables[name] for name in ("ads", "features")}, "views": ["current_ads"]}
)

ANSWER = {
    "event_id": "e", "creative_id": "a" * 40, "kind": "image", "extractor": "offline", "model": "m",
    "feature_model": "m", "feature_version": "1", "prompt_version": "1",
    "features": {**dict.fromkeys(ImageFeatures.model_fields), "brand": "Acme"},
}  # fmt: skip


def field(name: str, kind: str = "STRING", *fields: bigquery.SchemaField) -> bigquery.SchemaField:
    return bigquery.SchemaField(name, kind, fields=fields)


@pytest.fixture
def empty(bigquery_client: bigquery.Client) -> Dataset:
    """A dataset of a name of its own in which there is nothing."""
    return Dataset(bigquery_client, f"test_{uuid.uuid4().hex}")


def ensure(dataset: Dataset) -> None:
    files.ensure(dataset.client, FEW, project=PROJECT, dataset=dataset.name)


def test_a_table_has_the_columns_partition_and_clustering_of_the_files(dataset: Dataset) -> None:
    table = dataset.client.get_table(dataset.full_name("ads"))

    assert [column.name for column in table.schema] == [column.name for column in files.schema(WIRED.tables["ads"])]
    assert table.time_partitioning.field == "occurred_at"
    assert table.clustering_fields == ["ad_id", "source"]


def test_every_view_can_be_read_while_all_tables_are_empty(dataset: Dataset) -> None:
    rows = {view: dataset.query(f"SELECT * FROM {view}") for view in WIRED.views}

    assert rows == {view: [] for view in WIRED.views}


def test_doing_it_again_changes_nothing(empty: Dataset) -> None:
    ensure(empty)
    before = {name: empty.client.get_table(empty.full_name(name)).etag for name in ("ads", "features", "current_ads")}

    ensure(empty)

    assert before == {name: empty.client.get_table(empty.full_name(name)).etag for name in before}


def test_a_missing_column_is_added_and_the_rows_are_kept(empty: Dataset) -> None:
    empty.client.create_dataset(empty.name)
    columns = [column for column in files.schema(WIRED.tables["ads"]) if column.name != "extra"]
    empty.client.create_table(bigquery.Table(empty.full_name("ads"), schema=columns))
    row = {"event_id": "e", "occurred_at": "2026-11-02T08:00:00Z", "ad_id": "a", "source": "s"}
    empty.load("ads", [{**row, "batch_id": "b", "origin": "batch"}])

    ensure(empty)

    assert [(each["ad_id"], each["extra"]) for each in empty.query("SELECT * FROM current_ads")] == [("a", None)]


def test_what_is_no_longer_asked_of_every_row_may_be_left_out(empty: Dataset) -> None:
    empty.client.create_dataset(empty.name)
    stricter = [
        bigquery.SchemaField.from_api_repr({**column.to_api_repr(), "mode": "REQUIRED"})
        for column in files.schema(WIRED.tables["ads"])
    ]
    empty.client.create_table(bigquery.Table(empty.full_name("ads"), schema=stricter))

    ensure(empty)
    row = {"event_id": "e", "occurred_at": "2026-11-02T08:00:00Z", "ad_id": "a", "source": "s"}
    empty.load("ads", [{**row, "batch_id": "b", "origin": "batch"}])

    assert [(each["ad_id"], each["extra"]) for each in empty.query("SELECT * FROM current_ads")] == [("a", None)]


def test_a_view_that_differs_from_its_file_is_replaced(empty: Dataset) -> None:
    ensure(empty)
    name = empty.full_name("current_ads")
    empty.client.delete_table(name)
    stale = bigquery.Table(name)
    stale.view_query = "SELECT 1 AS stale"
    empty.client.create_table(stale)

    ensure(empty)

    assert empty.client.get_table(name).view_query == files.view_query(
        "current_ads", project=PROJECT, dataset=empty.name
    )
    answered = empty.client.query_and_wait(f"SELECT * FROM `{name}`")
    assert [field.name for field in answered.schema][:2] == ["ad_id", "source"]
    assert empty.client.get_table(name).description.startswith("The ads that were published by URL")


def test_what_another_feature_model_asks_is_added_and_stays_when_the_first_is_asked_again(empty: Dataset) -> None:
    with_views = FEW.model_copy(
        update={
            "tables": {name: WIRED.tables[name] for name in ("features", "corrections")},
            "views": ["current_features", "current_corrections"],
        }
    )
    make = partial(files.ensure, empty.client, with_views, project=PROJECT, dataset=empty.name)
    make()
    asked = pydantic.create_model("Asked", heel=(str | None, pydantic.Field(description="Its heel.")))
    otherwise = pydantic.create_model("Asked", heel=(bool | None, pydantic.Field(description="Whether it has one.")))

    make(model=asked)
    empty.load("features", [json.loads(FEATURES_EVENT.model_validate(ANSWER).model_dump_json(exclude_none=True))])
    (answer,) = empty.query("SELECT features.heel, features.brand FROM current_features")
    with pytest.raises(SchemaChangeError, match="heel is STRING in the table and would be BOOLEAN"):
        make(model=otherwise)
    make()

    assert answer == {"heel": None, "brand": "Acme"}
    kept = empty.client.get_table(empty.full_name("features")).schema
    assert next(each for each in kept if each.name == "features").fields[-1].name == "heel"
    assert "WHEN 'heel' THEN" in empty.client.get_table(empty.full_name("current_corrections")).view_query


def test_what_people_said_of_a_choice_holds_when_its_values_change(empty: Dataset) -> None:
    with_views = FEW.model_copy(
        update={
            "tables": {name: WIRED.tables[name] for name in ("features", "corrections")},
            "views": ["current_corrections"],
        }
    )
    make = partial(files.ensure, empty.client, with_views, project=PROJECT, dataset=empty.name)
    for values in (["flat", "high"], ["spiky", "blunt"]):
        text = f"fields: [{{name: heel, type: choice, values: [{', '.join(values)}], description: Its height.}}]"
        make(model=compiling.compiled(definition.read(text.encode(), "shoes.yaml")))
    said = {"occurred_at": "2026-11-02T08:00:00Z", "author": "ada", "field": "heel", "action": "correct"}
    words = {"a": "flat", "b": "blunt", "c": "round"}

    empty.load(
        "corrections", [{**said, "event_id": id, "creative_id": id, "value": word} for id, word in words.items()]
    )

    assert {each["value"] for each in empty.query("SELECT value FROM current_corrections")} == {"flat", "blunt"}


def test_columns_are_added_within_lists_of_records(empty: Dataset) -> None:
    empty.client.create_dataset(empty.name)
    scene = bigquery.SchemaField("scenes", "RECORD", mode="REPEATED", fields=[field("text")])
    table = empty.client.create_table(
        bigquery.Table(empty.full_name("t"), schema=[field("f", "RECORD", field("a"), scene)])
    )
    empty.load("t", [{"f": {"a": "before", "scenes": [{"text": "one"}]}}])
    longer = bigquery.SchemaField("scenes", "RECORD", mode="REPEATED", fields=[field("text"), field("B", "FLOAT")])
    listed = bigquery.SchemaField("order", "STRING", mode="REPEATED")

    table.schema = [field("f", "RECORD", field("a"), longer, listed)]
    empty.client.update_table(table, ["schema"])
    empty.load("t", [{"f": {"a": "later", "scenes": [{"text": "two", "B": 1.5}], "order": ["x"]}}])

    assert empty.query("SELECT f FROM t ORDER BY f.a") == [
        {"f": {"a": "before", "scenes": [{"text": "one", "B": None}], "order": []}},
        {"f": {"a": "later", "scenes": [{"text": "two", "B": 1.5}], "order": ["x"]}},
    ]


def test_columns_are_added_within_records_after_the_existing_ones() -> None:
    existing = [field("kept"), field("record", "RECORD", field("b"))]
    wanted = [field("new"), field("record", "RECORD", field("a"), field("b"))]

    merged = files.with_added(existing, wanted)

    assert [column.name for column in merged] == ["kept", "record", "new"]
    assert [column.name for column in merged[1].fields] == ["b", "a"]


def test_a_views_identifiers_are_filled_in() -> None:
    sql = files.view_query(
        "raw_links", project="p", dataset="d", raw_ads=RawAds("x.y.z", "ref", ("landscape", "portrait"))
    )

    assert "raw.`ref`" in sql
    assert "UNNEST([TO_JSON(raw.`landscape`), TO_JSON(raw.`portrait`)])" in sql
    assert "FROM `x.y.z` AS raw" in sql
    assert "${" not in sql
    assert "`p.d.raw_links`" in files.view_query("ads_enriched", project="p", dataset="d")


def test_views_are_wired_after_those_they_read() -> None:
    for position, view in enumerate(WIRED.views):
        sql = (files.VIEWS / f"{view}.sql").read_text()
        later = [other for other in WIRED.views[position:] if f"${{dataset}}.{other}`" in sql]
        assert later == [], f"{view} reads {later}, which come after it"
    assert {path.stem for path in files.VIEWS.glob("*.sql")} == set(WIRED.views)


def read_by_grpc(port: int, table: str) -> int:
    """How many rows of a table come by the Storage Read API."""
    channel = grpc.insecure_channel(f"127.0.0.1:{port}")
    with BigQueryReadClient(transport=BigQueryReadGrpcTransport(channel=channel)) as client:
        wanted = ReadSession(table=f"projects/{PROJECT}/datasets/kept/tables/{table}", data_format=DataFormat.ARROW)
        session = client.create_read_session(parent=f"projects/{PROJECT}", read_session=wanted, max_stream_count=1)
        answers = client.read_rows(read_stream=session.streams[0].name)
        return sum(int(answer.row_count) for answer in answers)


def test_the_server_keeps_its_tables_over_a_restart_and_a_crash_and_reads_them_by_grpc_too(tmp_path: Path) -> None:
    port, grpc_port = ports.held(2)
    options = {"api_endpoint": f"http://127.0.0.1:{port}"}
    credentials = AnonymousCredentials()
    client = bigquery.Client(project=PROJECT, credentials=credentials, client_options=options)
    kept = Dataset(client, "kept")

    first = server.serve(tmp_path, PROJECT, port, grpc_port)
    client.create_dataset("kept")
    kept.query("CREATE TABLE kept.numbers AS SELECT 1 AS n")
    first.stop()
    second = server.serve(tmp_path, PROJECT, port, grpc_port)
    kept.query("INSERT INTO kept.numbers VALUES (2)")
    second.kill()
    third = server.serve(tmp_path, PROJECT, port, grpc_port)

    assert kept.query("SELECT SUM(n) AS total FROM kept.numbers") == [{"total": 3}]
    assert third.socket
    assert not third.socket.exists()  # until somebody asks
    assert [read_by_grpc(grpc_port, "numbers") for _ in range(2)] == [2, 2]
    assert third.socket.exists()
    third.stop()
    assert not third.socket.exists()
    client.close()


def test_a_server_that_cannot_open_its_tables_says_why_and_is_not_left_behind(tmp_path: Path) -> None:
    (tmp_path / "bigquery").mkdir()
    (tmp_path / "bigquery" / "emulator.duckdb").write_text("not a database")
    port, grpc_port = ports.held(2)

    with pytest.raises(processes.ServerError, match=r"emulator\.duckdb"):
        server.serve(tmp_path, PROJECT, port, grpc_port)

    assert not processes.accepts_connections(port)
