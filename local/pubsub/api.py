"""The gRPC methods of Pub/Sub that the Google clients call, over the store and the deliveries.

Requests and responses are the very messages that google-cloud-pubsub ships; methods that are not here answer
UNIMPLEMENTED, as gRPC does by itself.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any

import grpc
from google.protobuf import empty_pb2
from google.pubsub_v1.types import pubsub

from local.pubsub.delivery import DEFAULT_ACK_DEADLINE_S, Delivering
from local.pubsub.filters import FilterError
from local.pubsub.store import Outgoing, Store

MAX_MESSAGE_BYTES = 10_000_000

type Call = Any  # a ServicerContext of grpc.aio
type Message = Any  # a protobuf message; the classes are made at run time


class Api:
    """The methods of both services, by their names in the API."""

    def __init__(self, store: Store, delivering: Delivering) -> None:
        self._store = store
        self._delivering = delivering

    def handlers(self) -> tuple[grpc.GenericRpcHandler, ...]:
        """What a grpc.aio server takes."""
        publisher = {
            "CreateTopic": _unary(self.create_topic, pubsub.Topic, pubsub.Topic),
            "GetTopic": _unary(self.get_topic, pubsub.GetTopicRequest, pubsub.Topic),
            "ListTopics": _unary(self.list_topics, pubsub.ListTopicsRequest, pubsub.ListTopicsResponse),
            "ListTopicSubscriptions": _unary(
                self.list_topic_subscriptions,
                pubsub.ListTopicSubscriptionsRequest,
                pubsub.ListTopicSubscriptionsResponse,
            ),
            "DeleteTopic": _unary(self.delete_topic, pubsub.DeleteTopicRequest, None),
            "Publish": _unary(self.publish, pubsub.PublishRequest, pubsub.PublishResponse),
        }
        subscriber = {
            "CreateSubscription": _unary(self.create_subscription, pubsub.Subscription, pubsub.Subscription),
            "GetSubscription": _unary(self.get_subscription, pubsub.GetSubscriptionRequest, pubsub.Subscription),
            "UpdateSubscription": _unary(
                self.update_subscription, pubsub.UpdateSubscriptionRequest, pubsub.Subscription
            ),
            "ListSubscriptions": _unary(
                self.list_subscriptions, pubsub.ListSubscriptionsRequest, pubsub.ListSubscriptionsResponse
            ),
            "DeleteSubscription": _unary(self.delete_subscription, pubsub.DeleteSubscriptionRequest, None),
            "ModifyPushConfig": _unary(self.modify_push_config, pubsub.ModifyPushConfigRequest, None),
            "Pull": _unary(self.pull, pubsub.PullRequest, pubsub.PullResponse),
            "Acknowledge": _unary(self.acknowledge, pubsub.AcknowledgeRequest, None),
            "ModifyAckDeadline": _unary(self.modify_ack_deadline, pubsub.ModifyAckDeadlineRequest, None),
            "StreamingPull": grpc.stream_stream_rpc_method_handler(
                self.streaming_pull,
                request_deserializer=pubsub.StreamingPullRequest.pb().FromString,
                response_serializer=pubsub.StreamingPullResponse.pb().SerializeToString,
            ),
        }
        return (
            grpc.method_handlers_generic_handler("google.pubsub.v1.Publisher", publisher),
            grpc.method_handlers_generic_handler("google.pubsub.v1.Subscriber", subscriber),
        )

    # topics

    async def create_topic(self, topic: Message, call: Call) -> Message:
        if not self._store.add_topic(topic.name):
            await call.abort(grpc.StatusCode.ALREADY_EXISTS, f"Topic already exists: {topic.name}")
        return topic

    async def get_topic(self, request: Message, call: Call) -> Message:
        await self._require_topic(request.topic, call)
        return pubsub.Topic.pb()(name=request.topic)

    async def list_topics(self, request: Message, _: Call) -> Message:
        names = [name for name in self._store.topics() if name.startswith(f"{request.project}/")]
        return pubsub.ListTopicsResponse.pb()(topics=[pubsub.Topic.pb()(name=name) for name in names])

    async def list_topic_subscriptions(self, request: Message, call: Call) -> Message:
        await self._require_topic(request.topic, call)
        names = [name for name, each in self._delivering.definitions().items() if each.topic == request.topic]
        return pubsub.ListTopicSubscriptionsResponse.pb()(subscriptions=names)

    async def delete_topic(self, request: Message, call: Call) -> Message:
        await self._require_topic(request.topic, call)
        self._store.delete_topic(request.topic)
        return empty_pb2.Empty()

    async def publish(self, request: Message, call: Call) -> Message:
        await self._require_topic(request.topic, call)
        fault = _fault(request.messages)
        if fault:
            await call.abort(grpc.StatusCode.INVALID_ARGUMENT, fault)
        messages = [(each.data, dict(each.attributes), each.ordering_key) for each in request.messages]
        numbers = self._delivering.publish(request.topic, messages)
        return pubsub.PublishResponse.pb()(message_ids=[str(number) for number in numbers])

    # subscriptions

    async def create_subscription(self, subscription: Message, call: Call) -> Message:
        await self._require_topic(subscription.topic, call)
        if self._delivering.definition(subscription.name):
            await call.abort(grpc.StatusCode.ALREADY_EXISTS, f"Subscription already exists: {subscription.name}")
        return await self._put(subscription, call)

    async def get_subscription(self, request: Message, call: Call) -> Message:
        return await self._require(request.subscription, call)

    async def update_subscription(self, request: Message, call: Call) -> Message:
        known = await self._require(request.subscription.name, call)
        updated = type(known)()
        updated.CopyFrom(known)
        for path in request.update_mask.paths:
            field = path.split(".")[0]
            updated.ClearField(field)
            if field in {descriptor.name for descriptor, _ in request.subscription.ListFields()}:
                _copy_field(request.subscription, updated, field)
        return await self._put(updated, call)

    async def list_subscriptions(self, request: Message, _: Call) -> Message:
        found = [
            each for name, each in self._delivering.definitions().items() if name.startswith(f"{request.project}/")
        ]
        return pubsub.ListSubscriptionsResponse.pb()(subscriptions=found)

    async def delete_subscription(self, request: Message, call: Call) -> Message:
        await self._require(request.subscription, call)
        self._delivering.remove(request.subscription)
        return empty_pb2.Empty()

    async def modify_push_config(self, request: Message, call: Call) -> Message:
        known = await self._require(request.subscription, call)
        updated = type(known)()
        updated.CopyFrom(known)
        updated.push_config.CopyFrom(request.push_config)
        await self._put(updated, call)
        return empty_pb2.Empty()

    # pulling

    async def pull(self, request: Message, call: Call) -> Message:
        definition = await self._require(request.subscription, call)
        deadline = definition.ack_deadline_seconds or DEFAULT_ACK_DEADLINE_S
        until = time.monotonic() + 5
        leased = self._store.lease(request.subscription, max(1, request.max_messages), deadline)
        while not leased and time.monotonic() < until:
            await self._delivering.wait_due(request.subscription, 0.5)
            leased = self._store.lease(request.subscription, max(1, request.max_messages), deadline)
        return pubsub.PullResponse.pb()(received_messages=[_received(each) for each in leased])

    async def acknowledge(self, request: Message, _: Call) -> Message:
        self._store.acknowledge(_numbers(request.ack_ids))
        return empty_pb2.Empty()

    async def modify_ack_deadline(self, request: Message, _: Call) -> Message:
        seconds = request.ack_deadline_seconds
        self._store.postpone(_numbers(request.ack_ids), seconds, leased=seconds > 0)
        return empty_pb2.Empty()

    async def streaming_pull(self, requests: AsyncIterator[Message], call: Call) -> AsyncIterator[Message]:
        """Messages as they come; acknowledgements and deadlines arrive on the same stream."""
        first = await anext(aiter(requests))
        definition = await self._require(first.subscription, call)
        deadline = first.stream_ack_deadline_seconds or definition.ack_deadline_seconds or DEFAULT_ACK_DEADLINE_S
        reading = asyncio.create_task(self._read_stream(requests))
        try:
            while not reading.done():
                leased = self._store.lease(first.subscription, first.max_outstanding_messages or 1000, deadline)
                if leased:
                    yield pubsub.StreamingPullResponse.pb()(received_messages=[_received(each) for each in leased])
                else:
                    await self._delivering.wait_due(first.subscription, 0.2)
        finally:
            reading.cancel()

    async def _read_stream(self, requests: AsyncIterator[Message]) -> None:
        async for request in requests:
            self._store.acknowledge(_numbers(request.ack_ids))
            deadlines = zip(request.modify_deadline_ack_ids, request.modify_deadline_seconds, strict=True)
            for ack_id, seconds in deadlines:
                self._store.postpone(_numbers([ack_id]), seconds, leased=seconds > 0)

    async def _put(self, subscription: Message, call: Call) -> Message:
        try:
            self._delivering.put(subscription, name=subscription.name)
        except FilterError as error:
            await call.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        return subscription

    async def _require_topic(self, name: str, call: Call) -> None:
        if not self._store.has_topic(name):
            await call.abort(grpc.StatusCode.NOT_FOUND, f"Topic not found: {name}")

    async def _require(self, name: str, call: Call) -> Message:
        definition = self._delivering.definition(name)
        if definition is None:
            await call.abort(grpc.StatusCode.NOT_FOUND, f"Subscription does not exist: {name}")
        return definition


def _fault(messages: Iterable[Message]) -> str | None:
    """Why a publish request is refused, or None."""
    messages = list(messages)
    if not messages:
        return "The request holds no messages."
    if any(not each.data and not each.attributes for each in messages):
        return "A message needs data or at least one attribute."
    if sum(each.ByteSize() for each in messages) > MAX_MESSAGE_BYTES:
        return f"The request is larger than {MAX_MESSAGE_BYTES} bytes."
    return None


def _received(outgoing: Outgoing) -> Message:
    received = pubsub.ReceivedMessage.pb()(ack_id=str(outgoing.delivery), delivery_attempt=outgoing.attempts)
    received.message.data = outgoing.data
    received.message.attributes.update(outgoing.attributes)
    received.message.message_id = str(outgoing.message_id)
    received.message.ordering_key = outgoing.ordering_key
    received.message.publish_time.FromNanoseconds(int(outgoing.published * 1e9))
    return received


def _numbers(ack_ids: Iterable[str]) -> list[int]:
    return [int(ack_id) for ack_id in ack_ids if ack_id.isdigit()]


def _copy_field(source: Message, target: Message, field: str) -> None:
    value = getattr(source, field)
    if hasattr(value, "CopyFrom"):
        getattr(target, field).CopyFrom(value)
    else:
        setattr(target, field, value)


def _unary(
    method: Callable[[Message, Call], Awaitable[Message]], request: type[Any], response: type[Any] | None
) -> grpc.RpcMethodHandler:
    answer = response.pb() if response else empty_pb2.Empty
    return grpc.unary_unary_rpc_method_handler(
        method, request_deserializer=request.pb().FromString, response_serializer=answer.SerializeToString
    )
