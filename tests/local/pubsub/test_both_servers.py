"""What Pub/Sub does, over the wire, by the unmodified clients: ours and Google's emulator under the same tests."""

from datetime import datetime
from typing import Any

import pytest
from google.api_core.exceptions import AlreadyExists, InvalidArgument, NotFound
from google.cloud import pubsub_v1
from google.protobuf import field_mask_pb2
from google.pubsub_v1.types import pubsub as types

from tests.cases import some_of
from tests.local.pubsub.servers import SUBSCRIPTION, TOPIC, PubSub, Receiver, dead_letters, receiving, wait_for

pytestmark = pytest.mark.server


def test_a_message_is_pushed_in_the_documented_envelope(either: PubSub, receiver: Receiver) -> None:
    either.push_to(receiver)

    (message_id,) = either.publish(b"\x00data", kind="a")

    wait_for(lambda: receiver.envelopes)
    message = receiver.envelopes[0]["message"]
    assert receiver.data() == [b"\x00data"]
    assert message["attributes"] == {"kind": "a"}
    assert message["messageId"] == message["message_id"] == message_id
    assert message["publishTime"] == message["publish_time"]
    assert datetime.fromisoformat(message["publishTime"]).utcoffset() is not None
    assert receiver.envelopes[0]["subscription"] == SUBSCRIPTION


def test_a_message_of_attributes_alone_is_pushed_without_data(either: PubSub, receiver: Receiver) -> None:
    either.push_to(receiver)

    either.publish(b"", kind="a")

    wait_for(lambda: receiver.envelopes)
    assert not receiver.envelopes[0]["message"].get("data")
    assert receiver.envelopes[0]["message"]["attributes"] == {"kind": "a"}


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_these_answers_acknowledge(either: PubSub, receiver: Receiver, status: int) -> None:
    receiver.answer = lambda _: status
    either.push_to(receiver)

    either.publish(b"first")
    wait_for(lambda: receiver.envelopes)
    either.publish(b"second")

    wait_for(lambda: b"second" in receiver.data())
    assert receiver.data() == [b"first", b"second"]


@pytest.mark.parametrize("status", some_of([301, 400, 404, 429, 500, 503], in_the_gate=[301, 404, 503]))
def test_any_other_answer_brings_the_message_again(either: PubSub, receiver: Receiver, status: int) -> None:
    receiver.answer = lambda _: 204 if len(receiver.envelopes) >= 2 else status
    either.push_to(receiver)

    either.publish(b"x")

    wait_for(lambda: len(receiver.envelopes) == 2)
    assert receiver.data() == [b"x"] * 2
    assert receiver.envelopes[0]["message"]["messageId"] == receiver.envelopes[1]["message"]["messageId"]


def test_past_its_last_attempt_a_message_goes_to_the_dead_letter_topic(either: PubSub, receiver: Receiver) -> None:
    policy = dead_letters(either)
    either.create("projects/tests/subscriptions/dead", policy.dead_letter_topic)
    receiver.answer = lambda _: 500
    either.push_to(receiver, dead_letter_policy=policy)

    either.publish(b"poison", kind="a")

    received = either.pull("projects/tests/subscriptions/dead")[0]
    attributes = received.message.attributes
    assert received.message.data == b"poison"
    assert attributes["kind"] == "a"
    assert attributes["CloudPubSubDeadLetterSourceSubscription"] == "worker"
    assert attributes["CloudPubSubDeadLetterSourceSubscriptionProject"] == "tests"
    assert attributes["CloudPubSubDeadLetterSourceDeliveryCount"] == "5"
    assert len(receiver.envelopes) == 5


def test_names_are_taken_once(either: PubSub, receiver: Receiver) -> None:
    either.push_to(receiver)

    with pytest.raises(AlreadyExists):
        either.create_topic()
    with pytest.raises(AlreadyExists):
        either.create()


def test_what_is_not_there_is_not_found(either: PubSub) -> None:
    missing = "projects/tests/topics/none"

    with pytest.raises(NotFound):
        either.publisher.publish(missing, b"x").result(30)
    with pytest.raises(NotFound):
        either.publisher.get_topic(topic=missing)
    with pytest.raises(NotFound):
        either.create(topic=missing)
    with pytest.raises(NotFound):
        either.subscriber.get_subscription(subscription=SUBSCRIPTION)


def test_topics_and_subscriptions_are_listed_by_project(either: PubSub) -> None:
    names = [f"projects/tests/topics/topic-{number}" for number in range(3)]
    for name in names:
        either.create_topic(name)
    either.create(topic=names[0])

    assert [topic.name for topic in either.publisher.list_topics(project="projects/tests")] == names
    assert not list(either.publisher.list_topics(project="projects/other"))
    assert list(either.publisher.list_topic_subscriptions(topic=names[0])) == [SUBSCRIPTION]
    assert [each.topic for each in either.subscriber.list_subscriptions(project="projects/tests")] == [names[0]]


def test_a_subscription_gets_what_is_published_after_it_was_made(either: PubSub) -> None:
    either.create_topic()
    either.publish(b"before")
    either.create()

    either.publish(b"after")

    assert [each.message.data for each in either.pull()] == [b"after"]


def test_a_plain_subscriber_is_streamed_what_it_then_acknowledges(either: PubSub) -> None:
    """By a subscription of its own: to a stream whose end the official server has not seen on a busy machine it goes on
    sending what comes to one of that name."""
    streamed = "projects/tests/subscriptions/streamed"
    either.create_topic()
    either.create(streamed)
    seen: list[bytes] = []

    def take(message: Any) -> None:
        seen.append(message.data)
        message.ack()

    stream = either.subscriber.subscribe(streamed, take)
    either.publish(*(str(number).encode() for number in range(100)))

    wait_for(lambda: len(seen) == 100)
    stream.cancel()
    stream.result(30)
    assert sorted(map(int, seen)) == list(range(100))


def test_a_message_given_back_comes_again(either: PubSub) -> None:
    either.create_topic()
    either.create()
    either.publish(b"x")
    first = either.pull()[0]

    either.subscriber.modify_ack_deadline(subscription=SUBSCRIPTION, ack_ids=[first.ack_id], ack_deadline_seconds=0)

    again = either.pull()[0]
    assert again.message.message_id == first.message.message_id


def test_pushes_go_where_the_subscription_is_moved_to(either: PubSub, receiver: Receiver) -> None:
    either.push_to(receiver)

    with receiving() as other:
        push = types.PushConfig(push_endpoint=other.url)
        either.subscriber.modify_push_config(subscription=SUBSCRIPTION, push_config=push)
        either.publish(b"x")

        wait_for(lambda: other.envelopes)
        assert not receiver.envelopes


def test_what_waits_survives_an_update_of_the_subscription(either: PubSub) -> None:
    either.create_topic()
    either.create()
    either.publish(b"x")

    either.subscriber.update_subscription(
        subscription=types.Subscription(name=SUBSCRIPTION, ack_deadline_seconds=77),
        update_mask=field_mask_pb2.FieldMask(paths=["ack_deadline_seconds"]),
    )

    assert either.subscriber.get_subscription(subscription=SUBSCRIPTION).ack_deadline_seconds == 77
    assert either.pull()[0].message.data == b"x"


def test_a_message_without_content_is_refused(either: PubSub) -> None:
    either.create_topic()

    with pytest.raises(InvalidArgument):
        pubsub_v1.PublisherClient.publish(either.publisher, TOPIC, b"").result(30)
