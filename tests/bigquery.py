"""A real BigQuery server for tests: local-bigquery, spoken to over the wire by the unmodified client.

Its fixtures are known to every test (tests/conftest.py). `BIGQUERY_EMULATOR_HOST` is set while the session runs, so
that `shared.clients.bigquery_client` reaches it too. It starts with the dataset of all tables and views that was made
for an earlier session (local/prepared.py); the tables are emptied for each test that takes `dataset`.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
from pydantic import BaseModel

from local import bigquery as server
from local import ports, processes
from local.prepared import Prepared
from shared import wiring
from tests import kept
from tests.googlesql import statements

PROJECT = "test"
SHARED = "test_pipeline"
MOST_KEPT = 8
"""Datasets of 60 kB: of two projects, for each state of the files that somebody works on."""


@dataclass
class Dataset:
    """A dataset of the pipeline's tables and views, with what tests do to it.

    Attributes:
        client: of the server.
        name: of the dataset, in the project `test`.
    """

    client: bigquery.Client
    name: str

    def full_name(self, table: str) -> str:
        """The table's name as queries want it, without backticks."""
        return f"{PROJECT}.{self.name}.{table}"

    def load(self, table: str, rows: Iterable[BaseModel | Mapping[str, Any]]) -> None:
        """Appends rows by a load job, which is quick for many; events are written as they are published."""
        content = b"\n".join(_as_json(row) for row in rows)
        if not content:
            return
        self.written.add(table)
        config = bigquery.LoadJobConfig(
            source_format=bigquery.SourceFormat.NEWLINE_DELIMITED_JSON, write_disposition="WRITE_APPEND"
        )
        self.client.load_table_from_file(BytesIO(content), self.full_name(table), job_config=config).result()

    def query(self, sql: str, parameters: Iterable[Any] = ()) -> list[dict[str, Any]]:
        """The rows of a query whose unqualified tables are the dataset's."""
        config = bigquery.QueryJobConfig(default_dataset=f"{PROJECT}.{self.name}", query_parameters=[*parameters])
        return [dict(row.items()) for row in self.client.query_and_wait(sql, job_config=config)]

    def empty(self) -> None:
        """Takes all rows out of the tables that `load` has written."""
        statements = [f"TRUNCATE TABLE `{self.full_name(table)}`;" for table in sorted(self.written)]
        if statements:
            self.client.query_and_wait(" ".join(statements))
        self.written.clear()

    def __post_init__(self) -> None:
        self.written: set[str] = set()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The URL of a server that keeps its tables in a folder, and has the dataset of all tables and views."""
    prepared = Prepared(wiring.load(), PROJECT, SHARED)
    prepare(prepared)
    started, url = _started(prepared, folder)
    try:
        yield url
    finally:
        started.stop()


def prepare(prepared: Prepared) -> None:
    """Has a dataset where a start looks for what was made for an earlier one: a new clone has none yet. It takes
    seven seconds, and is made by one process while the others wait, or was for another clone by the same code.
    """
    if not prepared.archive.exists():
        made = kept.made_once("dataset", _digest(prepared), lambda: _made(prepared), most=MOST_KEPT)
        prepared.archive.parent.mkdir(parents=True, exist_ok=True)
        prepared.archive.write_bytes(made.read_bytes())


def _digest(prepared: Prepared) -> str:
    """Of what the dataset is made from, and all that may have a part in how: a checkout asks of its own less."""
    found = hashlib.sha256(prepared.archive.name.encode())
    folder = Path(server.__file__).parent
    for file in sorted(file for pattern in ("*.py", "duckdb/*.sql") for file in folder.glob(pattern)):
        found.update(file.read_bytes())
    return found.hexdigest()


def _made(prepared: Prepared) -> bytes:
    with TemporaryDirectory() as folder:
        started, _ = _started(prepared, Path(folder))
        started.stop()
    return prepared.archive.read_bytes()


def _started(prepared: Prepared, folder: Path) -> tuple[processes.Server, str]:
    port, grpc_port = ports.held(2)
    new = prepared.lay(folder)
    started = server.serve(folder, PROJECT, port, grpc_port)
    url = f"http://127.0.0.1:{port}"
    with ExitStack() as unless_ready:
        unless_ready.callback(started.stop)
        with client_of(url) as client:
            prepared.ensure(client, folder, new=new)
        unless_ready.pop_all()
    return started, url


@pytest.fixture(scope="session")
def bigquery_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the session's server."""
    with served(tmp_path_factory.mktemp("bigquery")) as url:
        os.environ["BIGQUERY_EMULATOR_HOST"] = url
        yield url
        del os.environ["BIGQUERY_EMULATOR_HOST"]


@pytest.fixture(scope="session")
def bigquery_client(bigquery_server: str) -> Iterator[bigquery.Client]:
    """A client of the server."""
    with client_of(bigquery_server) as client:
        yield client
        sent_otherwise = statements.sent_otherwise(client.list_jobs(all_users=True))
    assert sent_otherwise == [], "these statements were sent with parameters of other types than their headings declare"


def client_of(url: str) -> AbstractContextManager[bigquery.Client]:
    """A client of a server."""
    options = {"api_endpoint": url}
    return closing(bigquery.Client(project=PROJECT, credentials=AnonymousCredentials(), client_options=options))


@pytest.fixture(scope="session")
def _session_dataset(bigquery_client: bigquery.Client) -> Dataset:
    return Dataset(bigquery_client, SHARED)


@pytest.fixture(scope="module")
def module_dataset(_session_dataset: Dataset) -> Dataset:
    """The pipeline's tables, empty, and its views, for a module whose tests share rows."""
    _session_dataset.empty()
    return _session_dataset


@pytest.fixture
def dataset(module_dataset: Dataset) -> Dataset:
    """The pipeline's tables, empty, and its views."""
    module_dataset.empty()
    return module_dataset


def _as_json(row: BaseModel | Mapping[str, Any]) -> bytes:
    if isinstance(row, BaseModel):
        return row.model_dump_json(exclude_none=True).encode()
    return json.dumps(row, default=str).encode()
