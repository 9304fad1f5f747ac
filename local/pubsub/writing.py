"""Deliveries to BigQuery: what waits is written in batches, a row that the table refuses fails for itself."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from local.pubsub.broker import Broker
from local.pubsub.definitions import Subscription, table_id
from local.pubsub.queues import Queue
from local.pubsub.store import Delivery, Message
from local.pubsub.tables import TableUnavailable, TableWriter, Target

_BATCH = 500
_BATCH_BYTES = 8_000_000
# An insert costs the local BigQuery 30 to 60 ms and a file however many rows it has, and whoever polls is answered anew
# after each (a page that is open takes a second): a moment gathers more rows, and so many do while functions are at
# work, which may bring more. Whoever waits for the end waits no longer for it.
_GATHER_S, _MOST_S = 0.1, 4.0
_PAUSE_S = 1.0


async def write_all(
    broker: Broker, queue: Queue, writer: Callable[[], TableWriter], threads: ThreadPoolExecutor
) -> None:
    """Writes what is due until cancelled.

    While BigQuery does not answer, or has no such table, nothing is tried and nothing counts as failed.
    """
    while True:
        taken = queue.take(_BATCH)
        if not taken:
            await queue.wait()
            await _gather(broker)
            continue
        try:
            await _write(broker, queue, taken, writer, threads)
        except TableUnavailable as error:
            queue.pause(_PAUSE_S, str(error))
        finally:
            queue.release(*(delivery.id for delivery in taken))
        if len(taken) < _BATCH:
            await _gather(broker)


async def _gather(broker: Broker) -> None:
    """Lets more rows come, as long as it is likely that some do."""
    await asyncio.sleep(_GATHER_S)
    await broker.until_quiet(_MOST_S)


async def _write(
    broker: Broker, queue: Queue, taken: list[Delivery], writer: Callable[[], TableWriter], threads: ThreadPoolExecutor
) -> None:
    batch = _loaded(broker, taken)
    if not batch:
        return  # acknowledged in between
    subscription = queue.subscription
    target, messages = target_of(subscription), [message for _, message in batch]
    faults = await asyncio.get_running_loop().run_in_executor(
        threads, lambda: writer().write(target, subscription.name, messages)
    )
    settled = [(delivery, fault) for (delivery, _), fault in zip(batch, faults, strict=True)]
    await broker.acknowledge(queue, [delivery for delivery, fault in settled if fault is None])
    for delivery, fault in settled:
        if fault is not None:
            await broker.refuse(queue, [delivery], fault)


def _loaded(broker: Broker, taken: list[Delivery]) -> list[tuple[Delivery, Message]]:
    """The first of `taken` with their messages, no more than a request may hold."""
    batch: list[tuple[Delivery, Message]] = []
    size = 0
    for delivery in taken:
        message = broker.store.message(delivery.message)
        if message is None:
            continue
        size += len(message.data)
        if batch and size > _BATCH_BYTES:
            break
        batch.append((delivery, message))
    return batch


def target_of(subscription: Subscription) -> Target:
    """Where and how a BigQuery subscription writes."""
    config = subscription.proto.bigquery_config
    return Target(table_id(config.table), config.use_table_schema, config.write_metadata, config.drop_unknown_fields)
