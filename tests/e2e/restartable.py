"""The local pipeline in the test's own hands: its functions can be killed at any moment and started again, with other
settings. Retries come at once, so that a test waits for what happens and not for a backoff, and the clock publishes
nothing after the start: what came at the fifth minute would meet whatever a test has broken just then.
"""

import os
import signal
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest.mock import patch

from google.api_core.exceptions import NotFound
from google.cloud import storage

from local import clock, running
from local.chosen import Options
from local.processes import Server
from local.pubsub import status, topology
from local.running import DATASET, PROJECT, Running
from shared import clients, wiring
from tests.e2e import pipelines

QUICK_S = 0.1


def ports_of(functions: Server) -> list[int]:
    """Those that the functions answer at."""
    words = map(str, functions.process.args)  # type: ignore[arg-type]
    return [int(value) for name, value in pairwise(words) if name == "--port"]


class Restartable:
    """A pipeline that runs.

    Attributes:
        found: where it is reached.
        functions: the process of its functions.
    """

    def __init__(self, found: Running) -> None:
        self.found = found
        self.functions = found.servers["functions"]
        self._ports = ports_of(self.functions)

    def start(self, settings: Mapping[str, str]) -> None:
        """Starts the functions anew, with these variables in their environment."""
        self.functions.stop()
        variables = {**self.found.variables, **settings}
        self.functions = running.start_functions(self._ports, self.found.data, variables)
        running.wait_for_functions(self.functions, self._ports)

    def endpoint_of(self, name: str) -> str:
        """Where a function takes its messages."""
        return running.endpoint(self._ports, name)

    def kill(self) -> None:
        """Ends the functions as a crash would."""
        self.functions.kill()

    @contextmanager
    def frozen(self, name: str) -> Iterator[None]:
        """While in the block, one of the servers neither answers nor takes anything."""
        server: Server = self.found.servers[name]
        os.killpg(server.process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(server.process.pid, signal.SIGCONT)

    def upload(self, name: str, content: bytes) -> None:
        """Uploads a creative, as a user does."""
        self.bucket("CREATIVES_BUCKET").blob(name).upload_from_string(content)

    def bucket(self, variable: str) -> storage.Bucket:
        """One of the pipeline's buckets, by the variable that names it."""
        named: storage.Bucket = clients.storage_client(PROJECT).bucket(self.found.variables[variable])
        return named

    def objects(self, prefix: str) -> list[bytes]:
        """What the results bucket holds under a prefix."""
        found = []
        for blob in self.bucket("RESULTS_BUCKET").list_blobs(prefix=prefix):
            try:
                found.append(blob.download_as_bytes())
            except NotFound:
                continue  # it was there a moment ago
        return found

    def publish(self, topic: str, messages: Iterable[bytes]) -> None:
        """Publishes messages, and waits until all are taken."""
        publisher = clients.publisher_client()
        path = publisher.topic_path(PROJECT, topic)
        for future in [publisher.publish(path, message) for message in messages]:
            future.result(timeout=60)

    def tick(self) -> None:
        """Publishes what the scheduler does every five minutes, so that what waits is looked after now."""
        schedule = wiring.load().schedules["resume"]
        self.publish(schedule.topic, [schedule.message.encode()])

    def wait_until_idle(self, limit_s: float = 240) -> None:
        """Waits until no message is under way."""
        status.wait_until_idle(self.found.variables["PUBSUB_STATUS_URL"], limit_s=limit_s)

    def query(self, sql: str) -> list[dict[str, Any]]:
        """Rows of the dataset; `{}` in the query stands for its name."""
        rows = clients.bigquery_client(PROJECT).query_and_wait(sql.format(f"{PROJECT}.{DATASET}"))
        return [dict(row.items()) for row in rows]


@contextmanager
def restartable(data: Path) -> Iterator[Restartable]:
    """A pipeline on `data`, in servers of its own; this process's Google clients are pointed at it meanwhile."""
    options = Options(extractor="offline", pubsub="own")
    nowhere = patch.dict(os.environ, pipelines.environment(), clear=True)
    with nowhere, own_clients(), _nothing_is_due(), running.running(data, options) as found:
        made = Restartable(found)
        _retry_at_once(made)
        try:
            yield made
        finally:
            made.functions.stop()


def _nothing_is_due() -> AbstractContextManager[object]:
    return patch.object(clock, "next_time", lambda _, after: after + timedelta(days=365))


@contextmanager
def own_clients() -> Iterator[None]:
    """Clients that are made in the block are not kept after it, nor those from before used in it."""
    made = (clients.storage_client, clients.bigquery_client, clients.publisher_client)
    for each in made:
        each.cache_clear()
    yield
    for each in made:
        each.cache_clear()


def _retry_at_once(made: Restartable) -> None:
    wired = wiring.load()
    quick = {
        name: each.model_copy(update={"min_backoff_s": QUICK_S, "max_backoff_s": QUICK_S, "max_attempts": 100})
        for name, each in wired.push_subscriptions.items()
    }
    topology.wire(
        wired.model_copy(update={"push_subscriptions": quick}),
        project=PROJECT,
        dataset=DATASET,
        endpoint_of=made.endpoint_of,
    )
