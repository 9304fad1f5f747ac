"""Publishing results to the topic of their table, of the local pipeline or of a project."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from itertools import batched
from typing import TYPE_CHECKING

from shared import clients
from shared.events import Result

if TYPE_CHECKING:
    from google.cloud import pubsub_v1

AT_A_TIME = 5000
"""Messages under way: a list of a million results is never in memory as messages."""


def publish(
    publisher: "pubsub_v1.PublisherClient",
    project: str,
    rows: Sequence[Result],
    on_progress: Callable[[int], object] = lambda _: None,
    deployment: str | None = None,
) -> None:
    """Publishes the results, and returns when all are accepted; tells how many each time that some were.

    `deployment` is whose topic that is; this process's own where it is not said.
    """
    topic = clients.topic_path(project, Result.TOPIC, deployment)
    for some in batched(rows, AT_A_TIME, strict=False):
        _accepted(publisher.publish(topic, _message(row), event="Result", event_id=row.event_id) for row in some)
        on_progress(len(some))


def _message(row: Result) -> bytes:
    return row.model_dump_json(exclude_none=True).encode()


def _accepted(messages: Iterable["Future[str]"]) -> None:
    for message in list(messages):
        message.result(timeout=60)


def ask_to_measure(publisher: "pubsub_v1.PublisherClient", project: str) -> None:
    """Asks the local pipeline to measure now, not with the day's tick."""
    publisher.publish(clients.topic_path(project, "measure-ticks"), b'{"tick": "results"}').result(timeout=60)
