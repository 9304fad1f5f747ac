"""Deliveries to functions: one HTTP request a message, as the real service makes it."""

import asyncio
import base64
import json
from typing import Any

from local.pubsub.broker import Broker, timestamp
from local.pubsub.definitions import Subscription
from local.pubsub.posting import NobodyListensError, Poster, PostError
from local.pubsub.queues import Queue
from local.pubsub.store import Delivery, Message

# https://cloud.google.com/pubsub/docs/push#receive_push
ACKNOWLEDGING = frozenset({102, 200, 201, 202, 204})

# Where nobody listens (a function that is being restarted, or the port of an earlier run) nothing was tried: unlike the
# real service, which knows no restarts of a laptop, we do not count that as an attempt, and look again soon.
_PAUSE_S = 0.5


async def push_all(broker: Broker, queue: Queue, poster: Poster) -> None:
    """Pushes what is due, at most the subscription's window at a time, until cancelled.

    Cancelled, it gives pushes under way back: they are made again at the next start, and do not count as failed.
    """
    async with asyncio.TaskGroup() as pushes:
        while True:
            taken = queue.take(queue.subscription.window - queue.under_way)
            for delivery in taken:
                pushes.create_task(push(broker, queue, poster, delivery))
            if not taken:
                await queue.wait()


async def push(broker: Broker, queue: Queue, poster: Poster, delivery: Delivery) -> None:
    """Pushes one message and settles it by the answer."""
    try:
        message = broker.store.message(delivery.message)
        if message is None:
            return  # acknowledged in between
        fault = await _fault(queue.subscription, poster, delivery, message)
        if fault is None:
            await broker.acknowledge(queue, [delivery])
        else:
            await broker.refuse(queue, [delivery], fault)
    except NobodyListensError as error:
        queue.pause(_PAUSE_S, str(error))
    finally:
        broker.end_push(queue, delivery)


async def _fault(subscription: Subscription, poster: Poster, delivery: Delivery, message: Message) -> str | None:
    """Why the endpoint has not acknowledged the message; None when it has.

    Raises:
        NobodyListensError: when there is no endpoint.
    """
    body = json.dumps(envelope(subscription, delivery, message)).encode()
    limit_s = subscription.ack_deadline_s
    try:
        status = await poster.post(subscription.proto.push_config.push_endpoint, body, limit_s=limit_s)
    except TimeoutError:
        return f"no answer within {limit_s} s"
    except NobodyListensError:
        raise
    except PostError as error:
        return str(error)
    return None if status in ACKNOWLEDGING else f"HTTP {status}"


def envelope(subscription: Subscription, delivery: Delivery, message: Message) -> dict[str, Any]:
    """The body of a push request. What is empty is left out, as in every JSON form of a protobuf message."""
    published = timestamp(message.published_ms)
    inner: dict[str, Any] = {
        "messageId": str(message.id),
        "message_id": str(message.id),
        "publishTime": published,
        "publish_time": published,
    }
    if message.data:
        inner["data"] = base64.b64encode(message.data).decode()
    if message.attributes:
        inner["attributes"] = dict(message.attributes)
    if message.ordering_key:
        inner["orderingKey"] = message.ordering_key
    outer: dict[str, Any] = {"message": inner, "subscription": subscription.name}
    if subscription.dead_letter:
        outer["deliveryAttempt"] = delivery.failures + 1
    return outer
