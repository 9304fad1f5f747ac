"""The gRPC methods of Pub/Sub, for the unmodified Google clients.

Requests and responses are the very messages that google-cloud-pubsub ships; a method that is not here answers
UNIMPLEMENTED, as gRPC does by itself.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from typing import Any

import grpc
from google.protobuf import empty_pb2
from google.pubsub_v1.types import pubsub

from local.pubsub import definitions
from local.pubsub.broker import DELETED_TOPIC, Broker, NewMessage
from local.pubsub.definitions import InvalidDefinitionError, UnsupportedOptionError
from local.pubsub.delivering import Deliveries
from local.pubsub.pulling import Leased, Leases
from local.pubsub.queues import Queue
from local.pubsub.status import Kind

type Proto = Any  # a protobuf message; the classes are made at run time
type Method = Callable[[Proto], Awaitable[Proto]]

# https://cloud.google.com/pubsub/quotas#resource_limits
_MAX_REQUEST_BYTES = 10_000_000
_MAX_MESSAGES = 1000
_MAX_ATTRIBUTES = 100
_MAX_KEY_BYTES = 256
_MAX_VALUE_BYTES = 1024

_PULL_WAIT_S = 5.0
_STREAM_WAIT_S = 1.0
_STREAM_MESSAGES = 1000
_STREAM_BYTES = 100_000_000
_EMPTY = empty_pb2.Empty()

RECEIVE_LIMIT_BYTES = 4 * _MAX_REQUEST_BYTES
"""Beyond what a request may hold, so that one that holds more is answered and not cut off."""


class _Refused(Exception):  # noqa: N818 - it names an outcome
    def __init__(self, code: grpc.StatusCode, text: str) -> None:
        super().__init__(text)
        self.code = code


class PublisherApi:
    """google.pubsub.v1.Publisher."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def handler(self) -> grpc.GenericRpcHandler:
        """What a grpc.aio server takes."""
        methods = {
            "CreateTopic": _unary(self.create_topic, pubsub.Topic),
            "GetTopic": _unary(self.get_topic, pubsub.GetTopicRequest),
            "ListTopics": _unary(self.list_topics, pubsub.ListTopicsRequest),
            "ListTopicSubscriptions": _unary(self.list_topic_subscriptions, pubsub.ListTopicSubscriptionsRequest),
            "DeleteTopic": _unary(self.delete_topic, pubsub.DeleteTopicRequest),
            "Publish": _unary(self.publish, pubsub.PublishRequest),
        }
        return grpc.method_handlers_generic_handler("google.pubsub.v1.Publisher", methods)

    async def create_topic(self, topic: Proto) -> Proto:
        """Adds a topic."""
        definitions.require_name(topic.name)
        if topic.name in self._broker.topics:
            raise _Refused(grpc.StatusCode.ALREADY_EXISTS, f"Resource already exists (resource={topic.name}).")
        await self._broker.put_topic(topic)
        return topic

    async def get_topic(self, request: Proto) -> Proto:
        """A topic's definition."""
        return self._topic(request.topic)

    async def list_topics(self, request: Proto) -> Proto:
        """A project's topics, in pages."""
        names = sorted(name for name in self._broker.topics if name.startswith(f"{request.project}/"))
        page, token = _page(names, request)
        topics = [self._broker.topics[name] for name in page]
        return pubsub.ListTopicsResponse.pb()(topics=topics, next_page_token=token)

    async def list_topic_subscriptions(self, request: Proto) -> Proto:
        """The names of a topic's subscriptions, in pages."""
        self._topic(request.topic)
        names = sorted(queue.subscription.name for queue in self._broker.subscribed(request.topic))
        page, token = _page(names, request)
        return pubsub.ListTopicSubscriptionsResponse.pb()(subscriptions=page, next_page_token=token)

    async def delete_topic(self, request: Proto) -> Proto:
        """Deletes a topic, not its subscriptions."""
        self._topic(request.topic)
        await self._broker.delete_topic(request.topic)
        return _EMPTY

    async def publish(self, request: Proto) -> Proto:
        """Keeps messages; answers when none can be lost any more."""
        self._topic(request.topic)
        fault = _fault(request.messages)
        if fault:
            raise _Refused(grpc.StatusCode.INVALID_ARGUMENT, fault)
        messages = [NewMessage(each.data, dict(each.attributes), each.ordering_key) for each in request.messages]
        numbers = await self._broker.publish(request.topic, messages)
        return pubsub.PublishResponse.pb()(message_ids=[str(number) for number in numbers])

    def _topic(self, name: str) -> Proto:
        topic = self._broker.topics.get(name)
        if topic is None:
            raise _Refused(grpc.StatusCode.NOT_FOUND, f"Resource not found (resource={name}).")
        return topic


class SubscriberApi:
    """google.pubsub.v1.Subscriber."""

    def __init__(self, broker: Broker, deliveries: Deliveries) -> None:
        self._broker = broker
        self._deliveries = deliveries

    def handler(self) -> grpc.GenericRpcHandler:
        """What a grpc.aio server takes."""
        methods = {
            "CreateSubscription": _unary(self.create_subscription, pubsub.Subscription),
            "GetSubscription": _unary(self.get_subscription, pubsub.GetSubscriptionRequest),
            "UpdateSubscription": _unary(self.update_subscription, pubsub.UpdateSubscriptionRequest),
            "ListSubscriptions": _unary(self.list_subscriptions, pubsub.ListSubscriptionsRequest),
            "DeleteSubscription": _unary(self.delete_subscription, pubsub.DeleteSubscriptionRequest),
            "ModifyPushConfig": _unary(self.modify_push_config, pubsub.ModifyPushConfigRequest),
            "Pull": _unary(self.pull, pubsub.PullRequest),
            "Acknowledge": _unary(self.acknowledge, pubsub.AcknowledgeRequest),
            "ModifyAckDeadline": _unary(self.modify_ack_deadline, pubsub.ModifyAckDeadlineRequest),
            "StreamingPull": grpc.stream_stream_rpc_method_handler(
                self.streaming_pull,
                request_deserializer=pubsub.StreamingPullRequest.pb().FromString,
                response_serializer=_bytes_of,
            ),
        }
        return grpc.method_handlers_generic_handler("google.pubsub.v1.Subscriber", methods)

    async def create_subscription(self, definition: Proto) -> Proto:
        """Adds a subscription: it gets what is published from now on."""
        if definition.name in self._broker.queues:
            raise _Refused(grpc.StatusCode.ALREADY_EXISTS, f"Resource already exists (resource={definition.name}).")
        self._require_topic(definition.topic)
        await self._put(definition)
        return definition

    async def get_subscription(self, request: Proto) -> Proto:
        """A subscription's definition."""
        return self._queue(request.subscription).subscription.proto

    async def update_subscription(self, request: Proto) -> Proto:
        """Changes the fields in the mask; what is waiting stays."""
        known = self._queue(request.subscription.name).subscription.proto
        changed = definitions.updated(known, request.subscription, request.update_mask)
        await self._put(changed)
        return changed

    async def list_subscriptions(self, request: Proto) -> Proto:
        """A project's subscriptions, in pages."""
        names = sorted(name for name in self._broker.queues if name.startswith(f"{request.project}/"))
        page, token = _page(names, request)
        found = [self._broker.queues[name].subscription.proto for name in page]
        return pubsub.ListSubscriptionsResponse.pb()(subscriptions=found, next_page_token=token)

    async def delete_subscription(self, request: Proto) -> Proto:
        """Deletes a subscription and what it has waiting."""
        queue = self._queue(request.subscription)
        await self._deliveries.end(queue)
        await self._broker.delete_subscription(request.subscription)
        return _EMPTY

    async def modify_push_config(self, request: Proto) -> Proto:
        """Pushes elsewhere; an empty configuration makes it a pull subscription."""
        known = self._queue(request.subscription).subscription.proto
        await self._put(definitions.with_push_config(known, request.push_config))
        return _EMPTY

    async def pull(self, request: Proto) -> Proto:
        """Leases up to `max_messages`; waits some seconds for the first, unless told to return immediately."""
        if request.max_messages <= 0:
            raise _Refused(grpc.StatusCode.INVALID_ARGUMENT, "max_messages must be a positive number.")
        queue, leases = self._pulled(request.subscription)
        leased = leases.take(request.max_messages, queue.subscription.ack_deadline_s)
        until = asyncio.get_running_loop().time() + (0 if request.return_immediately else _PULL_WAIT_S)
        while not leased and (left := until - asyncio.get_running_loop().time()) > 0:
            await queue.wait(left)
            leased = leases.take(request.max_messages, queue.subscription.ack_deadline_s)
        return pubsub.PullResponse.pb()(received_messages=[_received(queue, each) for each in leased])

    async def acknowledge(self, request: Proto) -> Proto:
        """These are done."""
        _, leases = self._pulled(request.subscription)
        await leases.acknowledge(request.ack_ids)
        return _EMPTY

    async def modify_ack_deadline(self, request: Proto) -> Proto:
        """Gives these more time, or with 0 seconds gives them back."""
        if not 0 <= request.ack_deadline_seconds <= 600:
            raise _Refused(grpc.StatusCode.INVALID_ARGUMENT, "ack_deadline_seconds must be within 0 and 600.")
        _, leases = self._pulled(request.subscription)
        await leases.modify(request.ack_ids, request.ack_deadline_seconds)
        return _EMPTY

    async def streaming_pull(self, requests: AsyncIterator[Proto], call: Any) -> AsyncIterator[Proto]:  # noqa: ANN401
        """Messages as they come, within the client's limits; what it settles may arrive on the same stream."""
        first = await anext(aiter(requests), None)
        if first is None:
            return  # the client went before it said what it wants
        try:
            queue, leases = self._pulled(first.subscription)
        except _Refused as refusal:
            await call.abort(refusal.code, str(refusal))
        deadline = first.stream_ack_deadline_seconds or queue.subscription.ack_deadline_s
        reading = asyncio.create_task(_settle(leases, requests))
        try:
            async for leased in _stream(queue, leases, first, deadline, reading):
                received = [_received(queue, each) for each in leased]
                yield pubsub.StreamingPullResponse.pb()(received_messages=received)
        finally:
            reading.cancel()

    async def _put(self, definition: Proto) -> None:
        subscription = definitions.read(definition)
        if subscription.dead_letter:
            self._require_topic(subscription.dead_letter)
        queue = await self._broker.put_subscription(subscription)
        await self._deliveries.begin(queue)

    def _require_topic(self, name: str) -> None:
        if name not in self._broker.topics and name != DELETED_TOPIC:
            raise _Refused(grpc.StatusCode.NOT_FOUND, f"Resource not found (resource={name}).")

    def _queue(self, name: str) -> Queue:
        queue = self._broker.queues.get(name)
        if queue is None:
            raise _Refused(grpc.StatusCode.NOT_FOUND, f"Resource not found (resource={name}).")
        return queue

    def _pulled(self, name: str) -> tuple[Queue, Leases]:
        queue = self._queue(name)
        if queue.subscription.kind is not Kind.PULL:
            raise _Refused(
                grpc.StatusCode.FAILED_PRECONDITION, f"{name} is a {queue.subscription.kind} subscription: not pulled."
            )
        return queue, self._deliveries.leases(queue)


async def _stream(
    queue: Queue, leases: Leases, first: Proto, deadline_s: float, reading: asyncio.Task[None]
) -> AsyncIterator[list[Leased]]:
    """Leases as long as the client's stream is open and it has room for more."""
    most = min(first.max_outstanding_messages, _STREAM_MESSAGES) or _STREAM_MESSAGES
    most_bytes = first.max_outstanding_bytes if first.max_outstanding_bytes > 0 else _STREAM_BYTES
    held: dict[str, int] = {}
    while not reading.done():
        held = {ack_id: size for ack_id, size in held.items() if leases.has(ack_id)}
        room = most - len(held) if sum(held.values()) < most_bytes else 0
        leased = leases.take(min(room, 100), deadline_s)
        held |= {each.ack_id: each.size for each in leased}
        if leased:
            yield leased
        else:
            await queue.wait(_STREAM_WAIT_S)


async def _settle(leases: Leases, requests: AsyncIterator[Proto]) -> None:
    """Does what a client says on its stream."""
    async for request in requests:
        await leases.acknowledge(request.ack_ids)
        for ack_id, seconds in zip(request.modify_deadline_ack_ids, request.modify_deadline_seconds, strict=False):
            await leases.modify([ack_id], seconds)


def _received(queue: Queue, leased: Leased) -> Proto:
    message = leased.message
    received = pubsub.ReceivedMessage.pb()(ack_id=leased.ack_id)
    if queue.subscription.dead_letter:
        received.delivery_attempt = leased.attempt
    received.message.data = message.data
    received.message.attributes.update(message.attributes)
    received.message.message_id = str(message.id)
    received.message.ordering_key = message.ordering_key
    received.message.publish_time.FromMilliseconds(message.published_ms)
    return received


def _fault(messages: Sequence[Proto]) -> str | None:
    """Why a publish request is refused; None when it is not."""
    if not 1 <= len(messages) <= _MAX_MESSAGES:
        return f"A publish request holds 1 to {_MAX_MESSAGES} messages."
    if sum(message.ByteSize() for message in messages) > _MAX_REQUEST_BYTES:
        return f"The request is larger than {_MAX_REQUEST_BYTES} bytes."
    return next((fault for message in messages if (fault := _message_fault(message))), None)


def _message_fault(message: Proto) -> str | None:
    if not message.data and not message.attributes:
        return "One or more messages in the publish request is empty: each has data or at least one attribute."
    if len(message.attributes) > _MAX_ATTRIBUTES or len(message.ordering_key.encode()) > _MAX_VALUE_BYTES:
        return f"A message has at most {_MAX_ATTRIBUTES} attributes and an ordering key of {_MAX_VALUE_BYTES} bytes."
    for key, value in message.attributes.items():
        if not 0 < len(key.encode()) <= _MAX_KEY_BYTES or key.startswith("goog"):
            return f"An attribute's key has 1 to {_MAX_KEY_BYTES} bytes and does not begin with goog."
        if len(value.encode()) > _MAX_VALUE_BYTES:
            return f"An attribute's value has at most {_MAX_VALUE_BYTES} bytes."
    return None


def _page(names: Sequence[str], request: Proto) -> tuple[list[str], str]:
    """The page of sorted names that a request asks for, and the token of the next: the last name of this one."""
    rest = [name for name in names if name > request.page_token]
    size = request.page_size if request.page_size > 0 else len(rest)
    page = list(rest[:size])
    return page, page[-1] if page and len(rest) > size else ""


def _bytes_of(response: Proto) -> bytes:
    return bytes(response.SerializeToString())


def _unary(method: Method, request: Any) -> grpc.RpcMethodHandler:  # noqa: ANN401 - a proto-plus class
    async def answer(received: Proto, call: Any) -> Proto:  # noqa: ANN401 - a grpc.aio context
        try:
            return await method(received)
        except _Refused as refusal:
            await call.abort(refusal.code, str(refusal))
        except InvalidDefinitionError as error:
            await call.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        except UnsupportedOptionError as error:
            await call.abort(grpc.StatusCode.UNIMPLEMENTED, str(error))
        except sqlite3.Error as error:  # a full disk, for one: the client tries again
            await call.abort(grpc.StatusCode.UNAVAILABLE, f"The message store failed: {error}")

    return grpc.unary_unary_rpc_method_handler(
        answer, request_deserializer=request.pb().FromString, response_serializer=_bytes_of
    )


def handlers(broker: Broker, deliveries: Deliveries) -> Iterable[grpc.GenericRpcHandler]:
    """Both services, for a grpc.aio server."""
    return (PublisherApi(broker).handler(), SubscriberApi(broker, deliveries).handler())
