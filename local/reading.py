"""The local tables for commands that only read: of the pipeline that runs there, else of a server started for it.

A command that reads starts none of the stages: what waits goes on waiting, and nothing is paid for.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local import bigquery, processes
from local.processes import ServerError
from local.running import DATASET, PROJECT, attach
from shared import clients


@contextmanager
def tables(data: Path) -> Iterator[str]:
    """The name of the dataset in `data`, as project.dataset, which this process's BigQuery client reaches meanwhile.

    Raises:
        ServerError: when there is none, or its server does not start.
    """
    if not (data / "bigquery").is_dir():
        raise ServerError(f"{data} holds no dataset yet: fill it with `creatives analyze` or `creatives up`")
    with (data / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            found = attach(data).variables
            yield f"{found['GOOGLE_CLOUD_PROJECT']}.{found['DATASET']}"
            return
        with _served(data.resolve()):
            yield f"{PROJECT}.{DATASET}"


@contextmanager
def _served(data: Path) -> Iterator[None]:
    port, grpc_port = processes.free_ports(2)
    server = bigquery.serve(data, PROJECT, port, grpc_port)
    os.environ["BIGQUERY_EMULATOR_HOST"] = f"http://127.0.0.1:{port}"
    clients.bigquery_client.cache_clear()  # one made before asks another server
    try:
        yield
    finally:
        del os.environ["BIGQUERY_EMULATOR_HOST"]
        server.stop()
