"""When rows are written: together while functions are at work, and at once where none is."""

import asyncio
import threading
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
    """Takes all rows, and remembers how many came together, and how many moments had passed when the last ones did."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.wrote: list[int] = []
        self.done = threading.Event()
        self.moments = self.passed = 0

    def write(self, _target: object, _subscription: str, messages: list[object]) -> list[None]:
        self.wrote.append(len(messages))
        if sum(self.wrote) == self.rows:
            self.passed = self.moments
            self.done.set()
        return [None for _ in messages]


def test_rows_that_come_while_a_function_works_are_written_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Writer(rows=6)

    moments = asyncio.run(_written(tmp_path, writer, monkeypatch, works_for=7))

    assert (writer.wrote, moments) == ([1, 5], 7)


def test_a_function_that_works_for_long_keeps_no_row_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = Writer(rows=2)

    moments = asyncio.run(_written(tmp_path, writer, monkeypatch, works_for=1000))

    assert (writer.wrote, moments) == ([1, 1], 40)


def test_where_no_function_works_a_row_waits_for_a_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = Writer(rows=2)

    moments = asyncio.run(_written(tmp_path, writer, monkeypatch, works_for=0))

    assert (writer.wrote, moments) == ([1, 1], 1)


async def _written(folder: Path, writer: Writer, monkeypatch: pytest.MonkeyPatch, *, works_for: int) -> int:
    """How many moments pass until all rows are written: one is there, one comes at each, while a function works."""
    store = Store(folder / "queues.sqlite")
    broker = Broker(store)
    work, table = await _wired(broker)
    await broker.publish(TOPIC, [NewMessage(b"{}", {})])
    (taken,) = work.take(1)
    nap = asyncio.sleep

    async def moment(_seconds: float) -> None:
        writer.moments += 1
        if writer.moments < writer.rows:
            await broker.publish(TOPIC, [NewMessage(b"{}", {})])
        if writer.moments == works_for:
            work.release(taken.id)
        await nap(0)

    if works_for == 0:
        work.release(taken.id)
    monkeypatch.setattr(asyncio, "sleep", moment)
    await _write_all(broker, table, writer)
    await store.close()
    return writer.passed


async def _write_all(broker: Broker, table: Queue, writer: Writer) -> None:
    with ThreadPoolExecutor(1) as threads:
        writing_all = asyncio.create_task(
            writing.write_all(broker, table, lambda: cast("TableWriter", writer), threads)
        )
        async with asyncio.timeout(60):
            await asyncio.to_thread(writer.done.wait, timeout=60)
        writing_all.cancel()
        await asyncio.gather(writing_all, return_exceptions=True)


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
