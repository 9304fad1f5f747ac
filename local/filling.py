"""The local tables for a command that brings rows in, made where there are none: of the pipeline that runs there, else
of a server of theirs.

Such a command starts none of the stages: five servers take many times as long as some rows, and what waits in the
folder would go on, and be paid for.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from functions.extract.settings import ExtractSettings
from local import folder, processes, proxies, reading, running, taxonomies
from local.folder import Progress
from local.prepared import Prepared
from local.running import DATASET, PROJECT, Running
from shared import clients, features, wiring


@contextmanager
def tables(data: Path, *, progress: Progress = lambda _: None) -> Iterator[Running]:
    """Where the tables are reached, which this process's BigQuery client does meanwhile; the servers are those of the
    pipeline that runs there, or BigQuery alone.

    Raises:
        ServerError: when the folder cannot be used, or a server does not start.
        SettingsError: when a setting is unusable.
    """
    data = folder.made(data)
    taxonomies.settle(data, None, os.environ)
    with folder.owned(data, progress=progress) as own:
        if not own:
            progress("using the pipeline that runs on this folder")
            yield running.attach(data)
            return
        processes.end_left_behind(data / "logs")
        variables = running.names()
        os.environ.update(variables | proxies.excepted(os.environ))
        progress("starting BigQuery")
        with _served(data) as server:
            yield Running(data, variables, {server.name: server})


@contextmanager
def _served(data: Path) -> Iterator[processes.Server]:
    model = features.load(ExtractSettings.load().features)
    prepared = Prepared(wiring.load(), PROJECT, DATASET, running.raw_ads(), model)
    with folder.private(), running.schema_faults():
        new = prepared.lay(data)
    with reading.served(data) as server:
        with running.schema_faults():
            prepared.ensure(clients.bigquery_client(PROJECT), data, new=new)
        yield server
