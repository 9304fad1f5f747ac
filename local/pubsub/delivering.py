"""Keeps every subscription delivering: one task each for pushes and tables, leases for those that are pulled."""

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from local.pubsub.broker import Broker
from local.pubsub.posting import Poster
from local.pubsub.pulling import Leases
from local.pubsub.pushing import push_all
from local.pubsub.queues import Queue
from local.pubsub.status import Kind
from local.pubsub.tables import TableWriter
from local.pubsub.writing import write_all
from shared import log

# Inserts at the same time, over all subscriptions: more make the local BigQuery no faster.
_WRITERS = 4
_EXPIRY_S = 3600


class Deliveries:
    """All subscriptions at work. `writer` makes what writes rows; without it the BigQuery subscriptions wait."""

    def __init__(self, broker: Broker, writer: Callable[[], TableWriter] | None) -> None:
        self._broker = broker
        self._poster = Poster()
        self._writer = writer
        self._threads = ThreadPoolExecutor(_WRITERS, thread_name_prefix="bigquery")
        self._tasks: dict[str, tuple[Kind, asyncio.Task[None]]] = {}
        self._leases: dict[str, Leases] = {}
        self._expiring: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Goes on with what the file holds."""
        self._expiring = asyncio.create_task(self._forget_expired())
        for queue in self._broker.queues.values():
            await self.begin(queue)

    async def begin(self, queue: Queue) -> None:
        """Delivers a new subscription, or an old one by its new definition."""
        name, kind = queue.subscription.name, queue.subscription.kind
        running = self._tasks.get(name)
        if running and running[0] is kind:
            return
        await self.end(queue)
        if kind is not Kind.PULL:
            self._tasks[name] = (kind, asyncio.create_task(self._keep_delivering(queue), name=name))

    async def end(self, queue: Queue) -> None:
        """Stops delivering a subscription; what is under way is given back."""
        name = queue.subscription.name
        leases = self._leases.pop(name, None)
        if leases:
            leases.close()
        running = self._tasks.pop(name, None)
        if running:
            await _cancelled(running[1])

    def leases(self, queue: Queue) -> Leases:
        """What the pulling clients of a subscription have."""
        return self._leases.setdefault(queue.subscription.name, Leases(self._broker, queue))

    async def stop(self) -> None:
        """Ends all deliveries: what is under way is given back, and made again at the next start."""
        for queue in list(self._broker.queues.values()):
            await self.end(queue)
        if self._expiring:
            await _cancelled(self._expiring)
        await asyncio.to_thread(self._threads.shutdown)
        self._poster.close()

    async def _keep_delivering(self, queue: Queue) -> None:
        """Delivers for ever: a fault of our own (a full disk, say) is said, and does not end it."""
        while True:
            try:
                await self._deliver(queue)
            except Exception as error:  # noqa: BLE001 - the last to catch it
                log.error("delivering failed", subscription=queue.subscription.name, fault=repr(error))
                await asyncio.sleep(1)

    def _deliver(self, queue: Queue) -> Coroutine[Any, Any, None]:
        if queue.subscription.kind is Kind.PUSH:
            return push_all(self._broker, queue, self._poster)
        if self._writer is None:
            return _wait_for_ever()
        return write_all(self._broker, queue, self._writer, self._threads)

    async def _forget_expired(self) -> None:
        while True:
            try:
                await self._broker.forget_expired()
            except sqlite3.Error as error:
                log.error("forgetting failed", fault=repr(error))
            await asyncio.sleep(_EXPIRY_S)


async def _wait_for_ever() -> None:
    await asyncio.Event().wait()


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
