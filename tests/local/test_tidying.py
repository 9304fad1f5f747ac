"""When the local BigQuery ends, its files are few and small, and say what they said."""

from collections.abc import Callable
from pathlib import Path

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
from google.cloud.bigquery import SchemaField

from local import bigquery as server
from local import ports
from tests.bigquery import PROJECT

TABLE = f"{PROJECT}.kept.rows"
COLUMNS = [
    SchemaField("name", "STRING", "REQUIRED"),
    SchemaField("extra", "JSON"),
    SchemaField("box", "RECORD", fields=[SchemaField("width", "INTEGER")]),
    SchemaField("boxes", "RECORD", "REPEATED", fields=[SchemaField("label", "STRING")]),
]
LATER = SchemaField("later", "STRING")


@pytest.mark.long
@pytest.mark.server
def test_what_many_inserts_wrote_is_one_file_and_reads_the_same_after_a_restart(tmp_path: Path) -> None:
    written = _served(tmp_path, _written)

    assert len(list(tmp_path.rglob("*.parquet"))) <= 4, "before the column, after it, and beside what was deleted"
    assert not list(tmp_path.rglob("*.wal")), "all is in the files themselves"
    assert sum(file.stat().st_size for file in (tmp_path / "bigquery").glob("*.duck*")) < 2_000_000

    assert _served(tmp_path, _read) == written
    assert _served(tmp_path, _read) == written


def _served(data: Path, asked: Callable[[bigquery.Client], list[str]]) -> list[str]:
    """What is told by a server of its own, which then ends."""
    port, grpc_port = ports.held(2)
    started = server.serve(data, PROJECT, port, grpc_port)
    options = {"api_endpoint": f"http://127.0.0.1:{port}"}
    client = bigquery.Client(project=PROJECT, credentials=AnonymousCredentials(), client_options=options)
    try:
        return asked(client)
    finally:
        client.close()
        started.stop()


def _written(client: bigquery.Client) -> list[str]:
    client.create_dataset(f"{PROJECT}.kept")
    table = client.create_table(bigquery.Table(TABLE, schema=COLUMNS))
    for number in range(12):
        _insert(client, number)
    table.schema = [*COLUMNS, LATER]
    client.update_table(table, ["schema"])
    for number in range(12, 24):
        _insert(client, number, later=f"l{number}")
    client.query_and_wait(f"DELETE FROM `{TABLE}` WHERE name IN ('3', '17')")
    return _read(client)


def _insert(client: bigquery.Client, number: int, **more: str) -> None:
    row = {"name": f"{number}", "extra": f'{{"n": {number}}}', "box": {"width": number}, "boxes": [{"label": "ü"}]}
    assert not client.insert_rows_json(TABLE, [row | more])


def _read(client: bigquery.Client) -> list[str]:
    return [repr(dict(row.items())) for row in client.query_and_wait(f"SELECT * FROM `{TABLE}` ORDER BY name")]
