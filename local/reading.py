"""The local tables and files for commands that only read: of the pipeline that runs there, else of servers of theirs.

A command that reads starts none of the stages: what waits goes on waiting, and nothing is paid for.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from local import bigquery, folder, ports, processes, proxies, storage
from local.folder import Progress
from local.processes import Server, ServerError
from local.running import DATASET, PROJECT, attach
from shared import clients, wiring


@contextmanager
def tables(data: Path, *, and_files: bool = False, progress: Progress = lambda _: None) -> Iterator[str]:
    """The name of the dataset in `data`, as project.dataset, which this process's BigQuery client reaches meanwhile.

    With `and_files` its Cloud Storage client reaches the objects in `data`, too.

    Raises:
        ServerError: when there is none, or its server does not start.
    """
    data = dataset_in(data)
    with folder.owned(data, progress=progress) as own:
        if not own:
            found = attach(data).variables
            yield f"{found['GOOGLE_CLOUD_PROJECT']}.{found['DATASET']}"
            return
        processes.end_left_behind(data / "logs")
        os.environ.update(proxies.excepted(os.environ))
        with ExitStack() as serving:
            with folder.private():
                serving.enter_context(served(data))
                if and_files:
                    serving.enter_context(_files_served(data))
            yield f"{PROJECT}.{DATASET}"


def dataset_in(data: Path) -> Path:
    """The folder, made absolute, which holds a dataset that this user may read.

    Raises:
        ServerError: when it does not.
    """
    folder.require_own(data)
    if not (data / "bigquery").is_dir():
        raise ServerError(
            f"{data} holds no dataset yet: fill it with `creatives analyze` or `creatives up`, "
            "or name the folder that has one: --data"
        )
    return folder.found(data)


@contextmanager
def served(data: Path) -> Iterator[Server]:
    """BigQuery on a folder that is this process's, which its client reaches meanwhile."""
    port, grpc_port = ports.held(2)
    server = bigquery.serve(data, PROJECT, port, grpc_port)
    clients.bigquery_client.cache_clear()  # one made before asks another server
    try:
        with _in_the_environment("BIGQUERY_EMULATOR_HOST", f"http://127.0.0.1:{port}"):
            yield server
    finally:
        server.stop()


@contextmanager
def _files_served(data: Path) -> Iterator[None]:
    port = ports.held(1)[0]
    server = storage.serve(data, project=PROJECT, port=port, pubsub_host=None, pipeline=wiring.load())
    clients.storage_client.cache_clear()
    try:
        with _in_the_environment("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{port}"):
            yield
    finally:
        server.stop()


@contextmanager
def _in_the_environment(name: str, value: str) -> Iterator[None]:
    """Sets a variable, and puts back afterwards what the caller had."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        del os.environ[name]
        if before is not None:
            os.environ[name] = before
