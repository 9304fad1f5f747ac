"""What the tests of the local Pub/Sub stand on: running servers, the real clients, receivers of pushes."""

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import grpc
from google.cloud import pubsub_v1
from google.protobuf import duration_pb2
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport
from google.pubsub_v1.types import pubsub as types

from local import ports
from local.processes import Server
from local.pubsub import serving, status
from local.pubsub.status import Status

TOPIC = "projects/tests/topics/creatives"
SUBSCRIPTION = "projects/tests/subscriptions/worker"
NOWHERE = "http://127.0.0.1:1"


def wait_for(condition: Callable[[], object], limit_s: float = 300) -> None:
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


@contextmanager
def receiving(port: int = 0) -> Iterator[Receiver]:
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

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    received.url = f"http://127.0.0.1:{server.server_port}/"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield received
    finally:
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

    def create_topic(self, name: str = TOPIC) -> str:
        return str(self.publisher.create_topic(name=name).name)

    def create(self, name: str = SUBSCRIPTION, topic: str = TOPIC, **options: Any) -> types.Subscription:
        return self.subscriber.create_subscription(types.Subscription(name=name, topic=topic, **options))

    def push_to(self, receiver: Receiver, **options: Any) -> None:
        """Creates the topic, and the subscription that pushes it to `receiver`."""
        self.create_topic()
        options.setdefault("retry_policy", retry(0.1, 0.4))
        self.create(push_config=types.PushConfig(push_endpoint=receiver.url), **options)

    def publish(self, *data: bytes, **attributes: Any) -> list[str]:
        futures: list[Future[str]] = [self.publisher.publish(TOPIC, each, **attributes) for each in data]
        return [future.result(30) for future in futures]

    @property
    def status_url(self) -> str:
        return f"http://127.0.0.1:{self.status_port}/status"

    def status(self) -> Status:
        return status.read(self.status_url)

    def wait_until_idle(self) -> None:
        status.wait_until_idle(self.status_url, limit_s=300)

    def pull(self, name: str = SUBSCRIPTION, most: int = 100) -> list[types.ReceivedMessage]:
        """What there is to pull; at least one message.

        Asked for as long as it may take, not so many times: an answer that got lost on its way keeps its messages back
        until their lease ends. Where there is nothing, the official server says so after 19 s.
        """
        pulled: list[types.ReceivedMessage] = []

        def received() -> bool:
            pulled.extend(self.subscriber.pull(subscription=name, max_messages=most, timeout=60).received_messages)
            return bool(pulled)

        wait_for(received)
        return pulled

    def kill_and_restart(self) -> None:
        """Ends the process as a crash would, and starts it again on the same folder and ports."""
        self.server.kill()
        self.server = start(self.data, self.port, self.status_port)


def retry(least: float, most: float) -> types.RetryPolicy:
    def duration(seconds: float) -> duration_pb2.Duration:
        return duration_pb2.Duration(seconds=int(seconds), nanos=int(seconds % 1 * 1e9))

    return types.RetryPolicy(minimum_backoff=duration(least), maximum_backoff=duration(most))


def dead_letters(pubsub: PubSub, attempts: int = 5) -> types.DeadLetterPolicy:
    """A policy whose topic is there."""
    return types.DeadLetterPolicy(
        dead_letter_topic=pubsub.create_topic("projects/tests/topics/dead"), max_delivery_attempts=attempts
    )


def start(data: Path, port: int, status_port: int, *, disorder: str | None = None, bigquery: str = NOWHERE) -> Server:
    return serving.serve(data, port, status_port=status_port, project="test", bigquery=bigquery, disorder=disorder)


@contextmanager
def running(
    data: Path, *, official: bool = False, disorder: str | None = None, bigquery: str = NOWHERE
) -> Iterator[PubSub]:
    port, status_port = ports.held(2)
    server = (
        serving.serve_official(data, port)
        if official
        else start(data, port, status_port, disorder=disorder, bigquery=bigquery)
    )
    address = f"127.0.0.1:{port}"
    publisher = pubsub_v1.PublisherClient(transport=PublisherGrpcTransport(channel=grpc.insecure_channel(address)))
    subscriber = pubsub_v1.SubscriberClient(transport=SubscriberGrpcTransport(channel=grpc.insecure_channel(address)))
    pubsub = PubSub(server, data, port, status_port, publisher, subscriber)
    try:
        yield pubsub
    finally:
        subscriber.close()
        publisher.stop()
        pubsub.server.stop()
