"""The machine's clock is set, forward or back, while messages wait: none is forgotten and none waits longer for it."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from google.pubsub_v1.types import pubsub

from local.pubsub import definitions
from local.pubsub.broker import Broker, NewMessage
from local.pubsub.queues import Queue
from local.pubsub.store import Store

JUMPS = [datetime(2015, 1, 1, tzinfo=UTC), datetime(2037, 1, 1, tzinfo=UTC)]
TOPIC = "projects/tests/topics/clocks"


async def subscribed(broker: Broker) -> Queue:
    await broker.put_topic(pubsub.Topic.pb()(name=TOPIC))
    subscription = pubsub.Subscription(
        name="projects/tests/subscriptions/clocks",
        topic=TOPIC,
        push_config={"push_endpoint": "http://127.0.0.1:1/"},
        retry_policy={"minimum_backoff": {"seconds": 0}, "maximum_backoff": {"seconds": 1}},
    )
    return await broker.put_subscription(definitions.read(pubsub.Subscription.pb(subscription)))


@pytest.mark.parametrize("jump", JUMPS)
def test_what_failed_gets_its_next_turn_however_the_clock_is_set(tmp_path: Path, jump: datetime) -> None:
    async def scene() -> int:
        store = Store(tmp_path / "queues.sqlite")
        broker = Broker(store)
        queue = await subscribed(broker)
        await broker.publish(TOPIC, [NewMessage(b"{}", {})])
        await broker.refuse(queue, queue.take(1), "a fault")
        with time_machine.travel(jump):
            while not (taken := queue.take(1)):
                await queue.wait(limit_s=5)
            await broker.forget_expired()
        kept = store.message(taken[0].message)
        await store.close()
        assert kept
        return taken[0].failures

    assert asyncio.run(asyncio.wait_for(scene(), 60)) == 1


@pytest.mark.parametrize("jump", JUMPS)
def test_what_a_run_left_is_delivered_at_once_by_the_next_however_long_that_takes(
    tmp_path: Path, jump: datetime
) -> None:
    async def scene() -> list[int]:
        store = Store(tmp_path / "queues.sqlite")
        broker = Broker(store)
        queue = await subscribed(broker)
        await broker.publish(TOPIC, [NewMessage(b"{}", {})])
        await broker.refuse(queue, queue.take(1), "a fault")
        await store.close()
        with time_machine.travel(jump):
            store = Store(tmp_path / "queues.sqlite")
            broker = Broker(store)
            await broker.forget_expired()
            taken = broker.queues[queue.subscription.name].take(5)
            await store.close()
        return [delivery.failures for delivery in taken]

    assert asyncio.run(scene()) == [1]
