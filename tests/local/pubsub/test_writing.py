"""When rows are written: together while functions are at work, and at once where none is."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import pytest
from google.pubsub_v1.types import pubsub

from local.pubsub import definitions, writing
from local.pubsub.broker import Broker, NewMessage
from local.pubsub.queues import Queue
from local.pubsub.store import Store
from local.pubsub.tables import TableWriter

TOPIC = "projects/tests/topics/creatives"
ROWS = "projects/tests/subscriptions/rows"
WORK = "projects/tests/subscriptions/work"


class Writer:
    """Takes all rows, and remembers how many came together."""

    def __init__(self) -> None:
        self.wrote: list[int] = []
        self._more = threading.Condition()

    def write(self, _target: object, _subscription: str, messages: list[object]) -> list[None]:
        with self._more:
            self.wrote.append(len(messages))
            self._more.notify_all()
        return [None for _ in messages]

    async def has(self, rows: int) -> None:
        """Returns once so many rows are written."""
        await asyncio.to_thread(self._wait, rows)

    def _wait(self, rows: int) -> None:
        with self._more:
            assert self._more.wait_for(lambda: sum(self.wrote) >= rows, timeout=60)


def test_rows_that_come_while_a_function_works_are_written_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "_MOST_S", 60.0)

    async def come(broker: Broker, work: Queue, writer: Writer) -> None:
        (taken,) = work.take(1)
        await writer.has(1)
        for _ in range(5):
            await _publish(broker)
        broker.end_push(work, taken)
        await writer.has(6)

    assert asyncio.run(_wrote(tmp_path, come)) == [1, 5]


def test_a_function_that_works_for_long_keeps_no_row_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "_MOST_S", 0.2)

    async def come(broker: Broker, work: Queue, writer: Writer) -> None:
        work.take(1)
        await writer.has(1)
        await _publish(broker)
        await writer.has(2)

    assert asyncio.run(_wrote(tmp_path, come)) == [1, 1]


def test_where_no_function_works_a_row_waits_for_a_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "_MOST_S", 3600.0)

    async def come(broker: Broker, _work: Queue, writer: Writer) -> None:
        await writer.has(1)
        await _publish(broker)
        await writer.has(2)

    assert asyncio.run(_wrote(tmp_path, come)) == [1, 1]


async def _wrote(folder: Path, come: Callable[[Broker, Queue, Writer], Awaitable[None]]) -> list[int]:
    """How many rows were written at a time: one is there, others `come`."""
    store = Store(folder / "queues.sqlite")
    broker, writer = Broker(store), Writer()
    work, table = await _wired(broker)
    await _publish(broker)
    with ThreadPoolExecutor(1) as threads:
        writing_all = asyncio.create_task(
            writing.write_all(broker, table, lambda: cast("TableWriter", writer), threads)
        )
        await come(broker, work, writer)
        writing_all.cancel()
        await asyncio.gather(writing_all, return_exceptions=True)
    await store.close()
    return writer.wrote


async def _publish(broker: Broker) -> None:
    await broker.publish(TOPIC, [NewMessage(b"{}", {})])


async def _wired(broker: Broker) -> tuple[Queue, Queue]:
    """A function and a table that a topic goes to."""
    await broker.put_topic(pubsub.Topic.pb()(name=TOPIC))
    return (
        await _subscribed(broker, WORK, push_config=pubsub.PushConfig(push_endpoint="http://127.0.0.1:1")),
        await _subscribed(broker, ROWS, bigquery_config=pubsub.BigQueryConfig(table="p.d.t")),
    )


async def _subscribed(broker: Broker, name: str, **options: Any) -> Queue:
    proto = pubsub.Subscription.pb(pubsub.Subscription(name=name, topic=TOPIC, **options))
    return await broker.put_subscription(definitions.read(proto))
