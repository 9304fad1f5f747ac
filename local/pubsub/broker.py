"""Publishing and settling: who gets a message, and what becomes of a delivery that was or was not acknowledged."""

import asyncio
import contextlib
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any

from google.pubsub_v1.types import pubsub

from local.pubsub import definitions
from local.pubsub.definitions import Subscription
from local.pubsub.disorder import Disorder, Turns
from local.pubsub.queues import Queue, now_ms, turn_ms
from local.pubsub.status import Kind
from local.pubsub.store import Change, Delivery, Message, Store, acknowledgement, message_change
from shared import log

DELETED_TOPIC = "_deleted-topic_"


@dataclass(frozen=True)
class NewMessage:
    """What a publisher sends."""

    data: bytes
    attributes: Mapping[str, str]
    ordering_key: str = ""


class Broker:
    """The topics and subscriptions, and all that happens to messages.

    Attributes:
        store: the file.
        topics: the topics' protobuf definitions by name.
        queues: the subscriptions by name.
    """

    def __init__(self, store: Store, disorder: Disorder | None = None) -> None:
        self.store = store
        self.topics: dict[str, Any] = {
            name: pubsub.Topic.pb().FromString(definition) for name, definition in store.topics().items()
        }
        self.queues: dict[str, Queue] = {}
        self._quiet = asyncio.Event()
        self._disorder = disorder
        self._began_ms = turn_ms()
        self._turns: dict[str, Turns] = {}
        # Numbers are never given twice, also when the file is empty again: they start at the time in microseconds.
        last_message, last_delivery = store.last_ids()
        start = time.time_ns() // 1000
        self._message_ids = count(max(start, last_message + 1))
        self._delivery_ids = count(max(start, last_delivery + 1))
        self._subscription_ids = count(max(store.subscriptions(), default=0) + 1)
        for number, definition in store.subscriptions().items():
            self._add(number, definitions.read(definitions.SubscriptionProto.FromString(definition)))

    @property
    def is_pushing(self) -> bool:
        """Whether functions are at work on messages."""
        return any(queue.under_way for queue in self.queues.values() if queue.subscription.kind is Kind.PUSH)

    def end_push(self, queue: Queue, delivery: Delivery) -> None:
        """A function has answered, or cannot be asked."""
        queue.release(delivery.id)
        if not self.is_pushing:
            self._quiet.set()

    async def until_quiet(self, limit_s: float) -> None:
        """Returns when no function is at work, after `limit_s` seconds at the latest."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                while self.is_pushing:
                    self._quiet.clear()
                    await self._quiet.wait()

    async def put_topic(self, topic: Any) -> None:  # noqa: ANN401 - a run-time class
        """Adds or replaces a topic."""
        await self.store.write(("put_topic", {"name": topic.name, "definition": topic.SerializeToString()}))
        self.topics[topic.name] = topic

    async def delete_topic(self, name: str) -> None:
        """Deletes a topic. Its subscriptions keep what they have waiting."""
        await self.store.write(("delete_topic", {"name": name}))
        del self.topics[name]
        for queue in self.subscribed(name):
            orphan = definitions.SubscriptionProto()
            orphan.CopyFrom(queue.subscription.proto)
            orphan.topic = DELETED_TOPIC
            await self.put_subscription(definitions.read(orphan))

    async def put_subscription(self, subscription: Subscription) -> Queue:
        """Adds a subscription, or gives one that exists its new definition; what it has waiting stays."""
        queue = self.queues.get(subscription.name)
        number = queue.number if queue else next(self._subscription_ids)
        definition = subscription.proto.SerializeToString()
        await self.store.write(
            ("put_subscription", {"id": number, "name": subscription.name, "definition": definition})
        )
        if queue is None:
            return self._add(number, subscription)
        queue.redefine(subscription)
        return queue

    async def delete_subscription(self, name: str) -> None:
        """Deletes a subscription and all it has waiting."""
        queue = self.queues.pop(name)
        await self.store.write(
            ("delete_subscription", {"id": queue.number}),
            ("delete_backlog", {"subscription": queue.number}),
            ("delete_unwanted", {}),
        )

    def subscribed(self, topic: str) -> list[Queue]:
        """The subscriptions of a topic."""
        return [queue for queue in self.queues.values() if queue.subscription.topic == topic]

    async def publish(self, topic: str, messages: Sequence[NewMessage]) -> list[int]:
        """Keeps messages for the subscriptions that want them; returns their numbers once nothing can be lost.

        Raises:
            sqlite3.Error: when they could not be kept.
        """
        subscribed = self.subscribed(topic)
        numbered = [self._numbered(message) for message in messages]
        await self.store.write(*self._kept(numbered, subscribed))
        for queue in subscribed:
            queue.ring()
        return [message.id for message in numbered]

    async def acknowledge(self, queue: Queue, deliveries: Iterable[Delivery]) -> None:
        """These are done. They are not delivered again once this returns."""
        done = list(deliveries)
        try:
            await self.store.write(*(change for each in done for change in acknowledgement(each.id, each.message)))
        finally:
            queue.release(*(each.id for each in done))

    async def refuse(self, queue: Queue, deliveries: Iterable[Delivery], fault: str) -> None:
        """These failed of `fault`: they get a later turn or, after their last attempt, go to the dead letters."""
        failed = list(deliveries)
        queue.last_fault = fault
        for each in failed:
            log.warning(
                "not acknowledged",
                subscription=queue.subscription.name,
                message_id=each.message,
                attempt=each.failures + 1,
                fault=fault,
            )
        given_up = [each for each in failed if self._is_given_up(queue.subscription, each)]
        changes = [_postponed(queue.subscription, each) for each in failed if each not in given_up]
        forwarded = [(each, message) for each in given_up if (message := self.store.message(each.message))]
        for each, message in forwarded:
            changes += self._given_up(queue.subscription, each, message, fault)
        try:
            await self.store.write(*changes)
        finally:
            queue.release(*(each.id for each in failed))
        if forwarded and queue.subscription.dead_letter:
            for interested in self.subscribed(queue.subscription.dead_letter):
                interested.ring()

    async def forget_expired(self) -> None:
        """Removes what was kept longer than its subscription's retention.

        Time counts while this server runs: what it has had no such time to deliver is kept, however long it was off or
        the machine's clock was wrong.
        """
        up_s = (turn_ms() - self._began_ms) / 1000
        await self.store.write(
            *(
                (
                    "delete_expired",
                    {
                        "subscription": queue.number,
                        "before_ms": now_ms() - round(queue.subscription.retention_s * 1000),
                    },
                )
                for queue in self.queues.values()
                if up_s >= queue.subscription.retention_s
            ),
            ("delete_unwanted", {}),
        )

    def _add(self, number: int, subscription: Subscription) -> Queue:
        self._turns[subscription.name] = Turns(self._disorder, subscription.name)
        self.queues[subscription.name] = Queue(self.store, number, subscription)
        return self.queues[subscription.name]

    def _numbered(self, message: NewMessage) -> Message:
        return Message(next(self._message_ids), message.data, dict(message.attributes), message.ordering_key, now_ms())

    def _kept(self, messages: Iterable[Message], queues: Sequence[Queue]) -> list[Change]:
        """The messages that any of `queues` wants, and their deliveries."""
        kept: list[Change] = []
        deliveries: list[Change] = []
        for message in messages:
            wanted = [queue for queue in queues if queue.subscription.accepts(message.attributes)]
            if wanted:
                kept.append(message_change(message))
            deliveries += [change for queue in wanted for change in self._deliveries(queue, message)]
        return kept + deliveries

    def _deliveries(self, queue: Queue, message: Message) -> list[Change]:
        return [
            (
                "add_delivery",
                {
                    "id": next(self._delivery_ids),
                    "subscription": queue.number,
                    "message": message.id,
                    "due_ms": turn_ms() + round(delay * 1000),
                },
            )
            for delay in self._turns[queue.subscription.name].next()
        ]

    def _is_given_up(self, subscription: Subscription, delivery: Delivery) -> bool:
        """Nothing is given up to a topic that does not exist: it would be lost."""
        return subscription.dead_letter in self.topics and delivery.failures + 1 >= subscription.max_attempts

    def _given_up(self, subscription: Subscription, delivery: Delivery, message: Message, fault: str) -> list[Change]:
        """In one commit: the message is published to the dead letters, and its delivery is done."""
        letter = self._numbered(dead_letter(subscription, delivery, message, fault))
        kept = self._kept([letter], self.subscribed(subscription.dead_letter or ""))
        return kept + acknowledgement(delivery.id, message.id)


def dead_letter(subscription: Subscription, delivery: Delivery, message: Message, fault: str) -> NewMessage:
    """The message as the service forwards it: itself, with attributes that say where it comes from."""
    _, project, _, name = subscription.name.split("/")
    added = {
        "CloudPubSubDeadLetterSourceDeliveryCount": str(delivery.failures + 1),
        "CloudPubSubDeadLetterSourceSubscription": name,
        "CloudPubSubDeadLetterSourceSubscriptionProject": project,
        "CloudPubSubDeadLetterSourceTopicPublishTime": timestamp(message.published_ms),
    }
    if subscription.kind is Kind.BIGQUERY:
        added["CloudPubSubDeadLetterSourceDeliveryErrorMessage"] = fault[:1024]
    return NewMessage(message.data, {**message.attributes, **added}, message.ordering_key)


def backoff_s(subscription: Subscription, failures: int) -> float:
    """Seconds until the next attempt of what has failed `failures` times (at least once): doubled each time."""
    return min(subscription.max_backoff_s, subscription.min_backoff_s * 2.0 ** min(failures - 1, 30))


def timestamp(milliseconds: int) -> str:
    """A time in RFC 3339, e.g. 2026-11-23T04:05:06.789Z."""
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _postponed(subscription: Subscription, delivery: Delivery) -> Change:
    due = turn_ms() + round(backoff_s(subscription, delivery.failures + 1) * 1000)
    return "postpone", {"id": delivery.id, "due_ms": due}
