"""Our Pub/Sub over the wire: the unmodified Google clients, and a real HTTP server that is pushed to.

What both servers do is checked on Google's emulator too, where it is installed.
"""

import base64
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from google.api_core.exceptions import AlreadyExists, InvalidArgument, NotFound
from google.cloud import pubsub_v1
from google.protobuf import duration_pb2
from google.pubsub_v1.services.publisher import PublisherClient as PlainPublisherClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport
from google.pubsub_v1.types import pubsub as types

from local import processes
from local.processes import Server
from local.pubsub import serving

TOPIC = "projects/tests/topics/creatives"
SUBSCRIPTION = "projects/tests/subscriptions/worker"


def wait_for(condition: Callable[[], object], limit_s: float = 20) -> None:
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {limit_s} s"
        time.sleep(0.02)


@dataclass
class Receiver:
    """An HTTP server that keeps what it is pushed; `answer` decides what it says."""

    url: str = ""
    envelopes: list[dict[str, Any]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    answer: Callable[[dict[str, Any]], int] = lambda _: 204

    def data(self) -> list[bytes]:
        return [base64.b64decode(each["message"].get("data", "")) for each in self.envelopes]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    received = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            received.envelopes.append(body)
            received.times.append(time.monotonic())
            self.send_response(received.answer(body))
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    received.url = f"http://127.0.0.1:{server.server_port}/"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield received
    server.shutdown()
    server.server_close()


@dataclass
class PubSub:
    """A running server and clients for it."""

    server: Server
    data: Path
    port: int
    status_port: int
    publisher: pubsub_v1.PublisherClient
    subscriber: pubsub_v1.SubscriberClient

    def subscribe(self, receiver: Receiver, **options: Any) -> None:  # noqa: ANN401
        self.publisher.create_topic(name=TOPIC)
        options.setdefault("retry_policy", retry(0.1, 0.4))
        push = types.PushConfig(push_endpoint=receiver.url)
        self.subscriber.create_subscription(
            types.Subscription(name=SUBSCRIPTION, topic=TOPIC, push_config=push, **options)
        )

    def publish(self, *data: bytes, **attributes: Any) -> list[str]:  # noqa: ANN401 - the client's own
        futures: list[Future[str]] = [self.publisher.publish(TOPIC, each, **attributes) for each in data]
        return [future.result(10) for future in futures]

    def outstanding(self) -> int:
        status = httpx.get(f"http://127.0.0.1:{self.status_port}/status").json()
        return sum(each["outstanding"] for each in status["subscriptions"].values())


def retry(least: float, most: float) -> types.RetryPolicy:
    def duration(seconds: float) -> duration_pb2.Duration:
        return duration_pb2.Duration(nanos=int(seconds * 1e9))

    return types.RetryPolicy(minimum_backoff=duration(least), maximum_backoff=duration(most))


def clients(port: int) -> tuple[pubsub_v1.PublisherClient, pubsub_v1.SubscriberClient]:
    address = f"127.0.0.1:{port}"
    return (
        pubsub_v1.PublisherClient(transport=PublisherGrpcTransport(channel=grpc.insecure_channel(address))),
        pubsub_v1.SubscriberClient(transport=SubscriberGrpcTransport(channel=grpc.insecure_channel(address))),
    )


def start(data: Path, port: int, status_port: int, disorder: str | None = None) -> Server:
    return serving.serve(
        data, port, status_port=status_port, project="p", bigquery="http://127.0.0.1:1", disorder=disorder
    )


@pytest.fixture
def pubsub(tmp_path: Path) -> Iterator[PubSub]:
    port, status_port = processes.free_ports(2)
    running = PubSub(start(tmp_path, port, status_port), tmp_path, port, status_port, *clients(port))
    yield running
    running.subscriber.close()
    running.publisher.stop()
    running.server.stop()


OFFICIAL = pytest.param(
    "official",
    marks=pytest.mark.skipif(not serving.emulator_jar(), reason="Google's Pub/Sub emulator is not installed here"),
)


@pytest.fixture(params=["own", OFFICIAL])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PubSub]:
    """Our server, and Google's."""
    port, status_port = processes.free_ports(2)
    official = request.param == "official"
    server = serving.serve_official(tmp_path, port) if official else start(tmp_path, port, status_port)
    running = PubSub(server, tmp_path, port, status_port, *clients(port))
    yield running
    running.subscriber.close()
    running.publisher.stop()
    server.stop()


# what both do


def test_a_message_is_pushed_in_the_documented_envelope(either: PubSub, receiver: Receiver) -> None:
    either.subscribe(receiver)

    (message_id,) = either.publish(b"\x00data", kind="a")

    wait_for(lambda: receiver.envelopes)
    message = receiver.envelopes[0]["message"]
    assert receiver.data() == [b"\x00data"]
    assert message["attributes"] == {"kind": "a"}
    assert message["messageId"] == message_id
    assert message["publishTime"].endswith("Z")
    assert receiver.envelopes[0]["subscription"] == SUBSCRIPTION


def test_a_push_that_fails_is_tried_again_until_it_succeeds(either: PubSub, receiver: Receiver) -> None:
    receiver.answer = lambda _: 204 if len(receiver.envelopes) >= 3 else 500
    either.subscribe(receiver)

    either.publish(b"x")

    wait_for(lambda: len(receiver.envelopes) == 3)
    assert receiver.data() == [b"x"] * 3


def test_past_its_last_attempt_a_message_goes_to_the_dead_letter_topic(either: PubSub, receiver: Receiver) -> None:
    dead = "projects/tests/topics/dead"
    pull = "projects/tests/subscriptions/dead"
    either.publisher.create_topic(name=dead)
    either.subscriber.create_subscription(types.Subscription(name=pull, topic=dead))
    receiver.answer = lambda _: 500
    policy = types.DeadLetterPolicy(dead_letter_topic=dead, max_delivery_attempts=5)
    either.subscribe(receiver, dead_letter_policy=policy)

    either.publish(b"poison", kind="a")

    received = pull_one(either.subscriber, pull)
    assert received.message.data == b"poison"
    assert received.message.attributes["kind"] == "a"
    assert received.message.attributes["CloudPubSubDeadLetterSourceSubscription"] == "worker"
    assert len(receiver.envelopes) == 5


def pull_one(subscriber: pubsub_v1.SubscriberClient, name: str) -> types.ReceivedMessage:
    for _ in range(10):
        response = subscriber.pull(subscription=name, max_messages=1, timeout=15)
        if response.received_messages:
            return response.received_messages[0]
    raise AssertionError("nothing to pull")


def test_topics_and_subscriptions_are_known_once(either: PubSub, receiver: Receiver) -> None:
    either.subscribe(receiver)

    with pytest.raises(AlreadyExists):
        either.publisher.create_topic(name=TOPIC)
    with pytest.raises(AlreadyExists):
        either.subscriber.create_subscription(types.Subscription(name=SUBSCRIPTION, topic=TOPIC))
    with pytest.raises(NotFound):
        either.publisher.publish("projects/tests/topics/none", b"x").result(10)
    assert [topic.name for topic in either.publisher.list_topics(project="projects/tests")] == [TOPIC]


def test_a_pull_subscription_serves_a_plain_subscriber(either: PubSub) -> None:
    either.publisher.create_topic(name=TOPIC)
    either.subscriber.create_subscription(types.Subscription(name=SUBSCRIPTION, topic=TOPIC))
    seen: list[bytes] = []

    def take(message: Any) -> None:  # noqa: ANN401
        seen.append(message.data)
        message.ack()

    stream = either.subscriber.subscribe(SUBSCRIPTION, take)
    either.publish(b"a", b"b")

    wait_for(lambda: sorted(seen) == [b"a", b"b"])
    stream.cancel()
    stream.result(10)


# what only ours does


def test_backoff_doubles_from_its_minimum_to_its_maximum(pubsub: PubSub, receiver: Receiver) -> None:
    receiver.answer = lambda _: 500
    pubsub.subscribe(receiver, retry_policy=retry(0.1, 0.4))

    pubsub.publish(b"x")

    wait_for(lambda: len(receiver.times) >= 5)
    gaps = [later - earlier for earlier, later in zip(receiver.times, receiver.times[1:], strict=False)]
    assert all(gap >= least for gap, least in zip(gaps, (0.1, 0.2, 0.4, 0.4), strict=False))


def test_a_push_longer_than_the_ack_deadline_is_delivered_again(pubsub: PubSub, receiver: Receiver) -> None:
    released = threading.Event()
    receiver.answer = lambda _: 204 if len(receiver.envelopes) > 1 else (released.wait(60), 204)[1]
    pubsub.subscribe(receiver, ack_deadline_seconds=1)

    pubsub.publish(b"slow")

    wait_for(lambda: len(receiver.envelopes) == 2)
    released.set()
    wait_for(lambda: pubsub.outstanding() == 0)


def test_only_what_passes_the_filter_is_delivered(pubsub: PubSub, receiver: Receiver) -> None:
    pubsub.subscribe(receiver, filter='attributes.eventType = "OBJECT_FINALIZE"')

    pubsub.publish(b"deleted", eventType="OBJECT_DELETE")
    pubsub.publish(b"created", eventType="OBJECT_FINALIZE")

    wait_for(lambda: pubsub.outstanding() == 0)
    assert receiver.data() == [b"created"]


def test_a_filter_that_is_none_is_refused(pubsub: PubSub, receiver: Receiver) -> None:
    with pytest.raises(InvalidArgument, match="filter"):
        pubsub.subscribe(receiver, filter="eventType is nice")


@pytest.mark.parametrize("data", [b"", b"x" * 11_000_000])
def test_a_message_without_content_or_too_large_is_refused(pubsub: PubSub, data: bytes) -> None:
    pubsub.publisher.create_topic(name=TOPIC)

    request = types.PublishRequest(topic=TOPIC, messages=[types.PubsubMessage(data=data)])
    with pytest.raises(InvalidArgument):
        PlainPublisherClient(transport=pubsub.publisher.transport).publish(request)


def test_the_delivery_attempt_is_told_when_there_is_a_dead_letter_policy(pubsub: PubSub, receiver: Receiver) -> None:
    dead = "projects/tests/topics/dead"
    pubsub.publisher.create_topic(name=dead)
    receiver.answer = lambda _: 204 if len(receiver.envelopes) == 2 else 503
    policy = types.DeadLetterPolicy(dead_letter_topic=dead, max_delivery_attempts=5)
    pubsub.subscribe(receiver, dead_letter_policy=policy)

    pubsub.publish(b"x")

    wait_for(lambda: pubsub.outstanding() == 0)
    assert [each["deliveryAttempt"] for each in receiver.envelopes] == [1, 2]


def test_nothing_that_was_accepted_is_lost_when_the_process_is_killed(pubsub: PubSub, receiver: Receiver) -> None:
    receiver.answer = lambda _: 503
    pubsub.subscribe(receiver)
    messages = [str(number).encode() for number in range(200)]
    pubsub.publish(*messages)

    pubsub.server.kill()
    receiver.answer = lambda _: 204
    receiver.envelopes.clear()
    again = start(pubsub.data, pubsub.port, pubsub.status_port)

    try:
        wait_for(lambda: pubsub.outstanding() == 0)
        assert set(receiver.data()) == set(messages)
    finally:
        again.stop()


def test_disorder_delivers_everything_twice_and_not_in_order(tmp_path: Path, receiver: Receiver) -> None:
    port, status_port = processes.free_ports(2)
    server = start(tmp_path, port, status_port, disorder="7")
    pubsub = PubSub(server, tmp_path, port, status_port, *clients(port))
    messages = [str(number).encode() for number in range(50)]

    try:
        pubsub.subscribe(receiver)
        pubsub.publish(*messages)

        wait_for(lambda: pubsub.outstanding() == 0)
        assert Counter(receiver.data()) == dict.fromkeys(messages, 2)
        assert receiver.data() != sorted(receiver.data(), key=int)
    finally:
        pubsub.subscriber.close()
        pubsub.publisher.stop()
        server.stop()
