"""What our server does beyond Google's emulator, as the real service does it; or checks more closely."""

import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from google.api_core.exceptions import FailedPrecondition, InvalidArgument, MethodNotImplemented, NotFound
from google.cloud import pubsub_v1
from google.protobuf import field_mask_pb2
from google.pubsub_v1.services.publisher import PublisherClient as PlainPublisherClient
from google.pubsub_v1.types import pubsub as types

from local.pubsub import status
from tests.local.pubsub.servers import (
    SUBSCRIPTION,
    TOPIC,
    PubSub,
    Receiver,
    dead_letters,
    receiving,
    retry,
    running,
    wait_for,
)

pytestmark = pytest.mark.server


def test_backoff_doubles_from_its_minimum_to_its_maximum(pubsub: PubSub, receiver: Receiver) -> None:
    receiver.answer = lambda _: 500
    pubsub.push_to(receiver, retry_policy=retry(0.1, 0.4))

    pubsub.publish(b"x")

    wait_for(lambda: len(receiver.times) >= 5)
    gaps = [later - earlier for earlier, later in zip(receiver.times, receiver.times[1:], strict=False)]
    assert all(gap >= least for gap, least in zip(gaps, (0.1, 0.2, 0.4, 0.4), strict=False))


def test_a_push_longer_than_the_ack_deadline_is_made_again(pubsub: PubSub, receiver: Receiver) -> None:
    released = threading.Event()
    receiver.answer = lambda _: 204 if len(receiver.envelopes) > 1 else (released.wait(60), 204)[1]
    pubsub.push_to(receiver, ack_deadline_seconds=10)

    pubsub.publish(b"slow")

    wait_for(lambda: len(receiver.envelopes) == 2)
    released.set()
    pubsub.wait_until_idle()


def test_pushes_under_way_keep_within_the_window(pubsub: PubSub, receiver: Receiver) -> None:
    busy, most, lock = [0], [0], threading.Lock()
    together = threading.Barrier(3, timeout=30)

    def answer(_: dict[str, Any]) -> int:
        with lock:
            busy[0] += 1
            most[0] = max(most[0], busy[0])
        together.wait()
        with lock:
            busy[0] -= 1
        return 204

    receiver.answer = answer
    pubsub.push_to(receiver, labels={"window": "3"})

    pubsub.publish(*(str(number).encode() for number in range(30)))

    pubsub.wait_until_idle()
    assert most[0] == 3


def test_only_what_passes_the_filter_is_delivered(pubsub: PubSub, receiver: Receiver) -> None:
    pubsub.push_to(receiver, filter='attributes.eventType = "OBJECT_FINALIZE"')

    pubsub.publish(b"deleted", eventType="OBJECT_DELETE")
    pubsub.publish(b"created", eventType="OBJECT_FINALIZE")

    pubsub.wait_until_idle()
    assert receiver.data() == [b"created"]


def test_the_attempt_is_told_when_there_is_a_dead_letter_policy(pubsub: PubSub, receiver: Receiver) -> None:
    receiver.answer = lambda _: 204 if len(receiver.envelopes) == 2 else 503
    pubsub.push_to(receiver, dead_letter_policy=dead_letters(pubsub))

    pubsub.publish(b"x")

    pubsub.wait_until_idle()
    assert [each["deliveryAttempt"] for each in receiver.envelopes] == [1, 2]


def test_nothing_is_given_up_to_a_dead_letter_topic_that_was_deleted(pubsub: PubSub, receiver: Receiver) -> None:
    receiver.answer = lambda _: 503 if len(receiver.envelopes) < 8 else 204
    policy = dead_letters(pubsub)
    pubsub.push_to(receiver, dead_letter_policy=policy)
    pubsub.publisher.delete_topic(topic=policy.dead_letter_topic)

    pubsub.publish(b"x")

    pubsub.wait_until_idle()
    assert receiver.data() == [b"x"] * 8


def test_a_push_where_nobody_listens_waits_and_is_no_attempt(pubsub: PubSub, receiver: Receiver) -> None:
    with receiving() as gone:
        pass
    pubsub.push_to(gone, dead_letter_policy=dead_letters(pubsub))
    pubsub.publish(b"x")
    wait_for(lambda: pubsub.status().subscriptions["worker"].last_fault)
    waiting = pubsub.status().subscriptions["worker"]

    pubsub.subscriber.modify_push_config(
        subscription=SUBSCRIPTION, push_config=types.PushConfig(push_endpoint=receiver.url)
    )

    pubsub.wait_until_idle()
    assert (waiting.outstanding, waiting.most_failures) == (1, 0)
    assert "nobody listens" in (waiting.last_fault or "")
    assert [each["deliveryAttempt"] for each in receiver.envelopes] == [1]


def test_nothing_that_was_accepted_is_lost_when_the_process_is_killed(tmp_path: Path, receiver: Receiver) -> None:
    receiver.answer = lambda _: 503
    messages = [str(number).encode() for number in range(300)]
    with running(tmp_path) as pubsub:
        pubsub.push_to(receiver, retry_policy=retry(0.5, 0.5))
        pubsub.publish(*messages)

        pubsub.kill_and_restart()
        receiver.answer = lambda _: 204
        receiver.envelopes.clear()
        pubsub.wait_until_idle()

    assert set(receiver.data()) == set(messages)


def test_a_restart_keeps_definitions_and_counts_of_attempts(tmp_path: Path, receiver: Receiver) -> None:
    receiver.answer = lambda _: 503
    with running(tmp_path) as pubsub:
        pubsub.push_to(receiver, dead_letter_policy=dead_letters(pubsub, attempts=100), filter="attributes:kind")
        pubsub.publish(b"x", kind="a")
        wait_for(lambda: len(receiver.envelopes) == 3)

        before = pubsub.subscriber.get_subscription(subscription=SUBSCRIPTION)
        pubsub.kill_and_restart()
        receiver.answer = lambda _: 204
        pubsub.wait_until_idle()

        assert pubsub.subscriber.get_subscription(subscription=SUBSCRIPTION) == before
        attempts = [each["deliveryAttempt"] for each in receiver.envelopes]
        assert attempts == sorted(attempts)
        assert attempts[-1] >= 3  # the last refusal may have died with the process


def test_message_ids_are_never_given_twice(tmp_path: Path) -> None:
    with running(tmp_path) as pubsub:
        pubsub.create_topic()
        pubsub.create()
        first = pubsub.publish(b"a", b"b")
        for each in pubsub.pull():
            pubsub.subscriber.acknowledge(subscription=SUBSCRIPTION, ack_ids=[each.ack_id])

        pubsub.kill_and_restart()
        second = pubsub.publish(b"c")

    assert len({*first, *second}) == 3


def test_disorder_delivers_everything_twice_and_not_in_order(tmp_path: Path, receiver: Receiver) -> None:
    messages = [str(number).encode() for number in range(50)]
    with running(tmp_path, disorder="7:delay=0.3") as pubsub:
        pubsub.push_to(receiver)
        pubsub.publish(*messages)
        pubsub.wait_until_idle()

    assert Counter(receiver.data()) == dict.fromkeys(messages, 2)
    assert receiver.data() != sorted(receiver.data(), key=int)


def test_the_status_tells_what_waits(pubsub: PubSub) -> None:
    pubsub.create_topic()
    pubsub.create()
    pubsub.publish(b"a", b"b")

    told = pubsub.status()

    waiting = told.subscriptions["worker"]
    assert (waiting.kind, waiting.outstanding, waiting.under_way) == ("pull", 2, 0)
    assert told.outstanding == 0, "what a user pulls is the user's to wait for"


def test_waiting_for_what_does_not_end_says_what(pubsub: PubSub, receiver: Receiver) -> None:
    receiver.answer = lambda _: 500
    pubsub.push_to(receiver)
    pubsub.publish(b"x")

    with pytest.raises(status.NotIdleError, match="worker 1"):
        status.wait_until_idle(pubsub.status_url, limit_s=0.1)


# pulling


def test_a_lease_that_runs_out_brings_the_message_again(pubsub: PubSub) -> None:
    pubsub.create_topic()
    pubsub.create()
    pubsub.publish(b"x")
    first = pubsub.pull()[0]

    pubsub.subscriber.modify_ack_deadline(subscription=SUBSCRIPTION, ack_ids=[first.ack_id], ack_deadline_seconds=1)

    assert pubsub.pull()[0].message.message_id == first.message.message_id


def test_an_acknowledgement_that_comes_late_counts(pubsub: PubSub) -> None:
    pubsub.create_topic()
    pubsub.create()
    pubsub.publish(b"x")
    first = pubsub.pull()[0]
    pubsub.subscriber.modify_ack_deadline(subscription=SUBSCRIPTION, ack_ids=[first.ack_id], ack_deadline_seconds=0)

    pubsub.subscriber.acknowledge(subscription=SUBSCRIPTION, ack_ids=[first.ack_id, "nonsense", "1-2"])

    assert pubsub.status().subscriptions["worker"].outstanding == 0


def test_an_old_ack_id_does_not_give_back_what_another_client_has(pubsub: PubSub) -> None:
    pubsub.create_topic()
    pubsub.create()
    pubsub.publish(b"x")
    old = pubsub.pull()[0].ack_id
    pubsub.subscriber.modify_ack_deadline(subscription=SUBSCRIPTION, ack_ids=[old], ack_deadline_seconds=0)
    pubsub.pull()

    pubsub.subscriber.modify_ack_deadline(subscription=SUBSCRIPTION, ack_ids=[old], ack_deadline_seconds=0)

    waiting = pubsub.status().subscriptions["worker"]
    assert (waiting.under_way, waiting.most_failures) == (1, 1)


def test_a_stream_leaves_to_others_what_its_client_has_no_room_for(pubsub: PubSub) -> None:
    pubsub.create_topic()
    pubsub.create()
    held: list[Any] = []
    stream = pubsub.subscriber.subscribe(
        SUBSCRIPTION, held.append, flow_control=pubsub_v1.types.FlowControl(max_messages=3)
    )

    pubsub.publish(*(str(number).encode() for number in range(10)))

    wait_for(lambda: len(held) == 3)
    assert len(pubsub.pull()) == 7
    for message in held:
        message.ack()
    stream.cancel()
    stream.result(30)


# what is refused


@pytest.mark.parametrize(
    "options",
    [
        {"filter": "eventType is nice"},
        {"ack_deadline_seconds": 601},
        {"ack_deadline_seconds": 9},
        {"retry_policy": retry(10, 5)},
        {"retry_policy": retry(1, 601)},
        {"push_config": types.PushConfig(push_endpoint="https://example.com/push")},
        {"push_config": types.PushConfig(push_endpoint="http://10.0.0.1/push")},
        {"push_config": types.PushConfig(push_endpoint="http://127.0.0.1@example.com/")},
        {"bigquery_config": types.BigQueryConfig(table="just-a-name")},
        {"labels": {"window": "many"}},
        {"name": "projects/tests/subscriptions/x"},
        {"name": "worker"},
    ],
)
def test_a_definition_that_the_service_would_refuse_is_refused(pubsub: PubSub, options: dict[str, Any]) -> None:
    pubsub.create_topic()

    with pytest.raises(InvalidArgument):
        pubsub.create(**options)


@pytest.mark.parametrize(
    "options",
    [
        {"enable_message_ordering": True},
        {"enable_exactly_once_delivery": True},
        {"bigquery_config": types.BigQueryConfig(table="p.d.t", use_topic_schema=True)},
        {"cloud_storage_config": types.CloudStorageConfig(bucket="b")},
        {"push_config": {"push_endpoint": "http://127.0.0.1:1/", "oidc_token": {"service_account_email": "a@b"}}},
    ],
)
def test_an_option_that_is_not_here_is_refused_and_not_ignored(pubsub: PubSub, options: dict[str, Any]) -> None:
    pubsub.create_topic()

    with pytest.raises(MethodNotImplemented):
        pubsub.create(**options)


@pytest.mark.parametrize("path", ["filter", "topic", "nonsense"])
def test_what_never_changes_cannot_be_updated(pubsub: PubSub, path: str) -> None:
    pubsub.create_topic()
    pubsub.create()

    with pytest.raises(InvalidArgument):
        pubsub.subscriber.update_subscription(
            subscription=types.Subscription(name=SUBSCRIPTION, filter="attributes:a"),
            update_mask=field_mask_pb2.FieldMask(paths=[path]),
        )


def test_a_dead_letter_topic_must_be_there(pubsub: PubSub) -> None:
    pubsub.create_topic()

    with pytest.raises(NotFound):
        pubsub.create(dead_letter_policy=types.DeadLetterPolicy(dead_letter_topic="projects/tests/topics/none"))


def test_a_push_subscription_is_not_pulled(pubsub: PubSub, receiver: Receiver) -> None:
    pubsub.push_to(receiver)

    with pytest.raises(FailedPrecondition):
        pubsub.subscriber.pull(subscription=SUBSCRIPTION, max_messages=1)


def test_a_method_that_is_not_here_says_so(pubsub: PubSub) -> None:
    with pytest.raises(MethodNotImplemented):
        pubsub.subscriber.list_snapshots(project="projects/tests")


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [types.PubsubMessage()],
        [types.PubsubMessage(data=b"x"), types.PubsubMessage()],
        [types.PubsubMessage(data=b"x" * 10_000_001)],
        [types.PubsubMessage(data=b"x")] * 1001,
        [types.PubsubMessage(data=b"x", attributes={"k" * 257: "v"})],
        [types.PubsubMessage(data=b"x", attributes={"": "v"})],
        [types.PubsubMessage(data=b"x", attributes={"googclient": "v"})],
        [types.PubsubMessage(data=b"x", attributes={"k": "v" * 1025})],
        [types.PubsubMessage(data=b"x", attributes={str(number): "v" for number in range(101)})],
    ],
)
def test_a_request_beyond_the_limits_is_refused_as_a_whole(pubsub: PubSub, messages: list[types.PubsubMessage]) -> None:
    pubsub.create_topic()
    pubsub.create()
    plain = PlainPublisherClient(transport=pubsub.publisher.transport)

    with pytest.raises(InvalidArgument):
        plain.publish(types.PublishRequest(topic=TOPIC, messages=messages))

    assert pubsub.status().subscriptions["worker"].outstanding == 0


def test_a_message_of_the_largest_size_arrives(pubsub: PubSub, receiver: Receiver) -> None:
    pubsub.push_to(receiver)

    pubsub.publish(b"\xff" * 9_900_000)

    pubsub.wait_until_idle()
    assert receiver.data() == [b"\xff" * 9_900_000]


def test_what_was_deleted_is_gone_and_its_messages_with_it(pubsub: PubSub) -> None:
    pubsub.create_topic()
    pubsub.create()
    pubsub.publish(b"x")

    pubsub.subscriber.delete_subscription(subscription=SUBSCRIPTION)
    pubsub.create()

    assert pubsub.status().subscriptions["worker"].outstanding == 0


def test_a_subscription_outlives_its_topic(pubsub: PubSub) -> None:
    pubsub.create_topic()
    pubsub.create()
    pubsub.publish(b"x")

    pubsub.publisher.delete_topic(topic=TOPIC)

    assert pubsub.subscriber.get_subscription(subscription=SUBSCRIPTION).topic == "_deleted-topic_"
    assert pubsub.pull()[0].message.data == b"x"


def test_lists_come_in_pages(pubsub: PubSub) -> None:
    names = [f"projects/tests/topics/topic-{number}" for number in range(5)]
    for name in names:
        pubsub.create_topic(name)

    pages = pubsub.publisher.list_topics(request={"project": "projects/tests", "page_size": 2}).pages

    assert [[topic.name for topic in page.topics] for page in pages] == [names[:2], names[2:4], names[4:]]
