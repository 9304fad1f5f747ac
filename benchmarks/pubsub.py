"""Push deliveries a second: our local Pub/Sub and Google's emulator, one after the other in one run.

    .venv/bin/python -m benchmarks.pubsub [--messages 5000]

Publishes with the real client and counts what a small HTTP server on this machine is pushed. Without Google's
emulator only ours is measured.
"""

import argparse
import asyncio
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import grpc
from google.cloud import pubsub_v1
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport
from google.pubsub_v1.types import PushConfig, Subscription

from local import ports
from local.processes import Server
from local.pubsub import serving

TOPIC, SUBSCRIPTION = "projects/bench/topics/pushed", "projects/bench/subscriptions/pushed"
LIMIT_S = 300


class Sink:
    """An HTTP server that answers 204 to everything and counts it."""

    def __init__(self) -> None:
        self.count = 0
        self.loop = asyncio.new_event_loop()
        server = self.loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = next(int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"content-length:"))
                await reader.readexactly(length)
                self.count += 1
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


def measure(start: Callable[[Path, int], Server], messages: int) -> float:
    """Messages a second from the first publish to the last push."""
    (port,) = ports.held(1)
    sink = Sink()
    with tempfile.TemporaryDirectory() as folder:
        server = start(Path(folder), port)
        try:
            return _run(port, sink, messages)
        finally:
            server.stop()


def _run(port: int, sink: Sink, messages: int) -> float:
    address = f"127.0.0.1:{port}"
    publisher = pubsub_v1.PublisherClient(transport=PublisherGrpcTransport(channel=grpc.insecure_channel(address)))
    subscriber = pubsub_v1.SubscriberClient(transport=SubscriberGrpcTransport(channel=grpc.insecure_channel(address)))
    publisher.create_topic(name=TOPIC)
    push = PushConfig(push_endpoint=sink.url)
    subscriber.create_subscription(
        Subscription(name=SUBSCRIPTION, topic=TOPIC, push_config=push, ack_deadline_seconds=600)
    )
    started = time.monotonic()
    for future in [publisher.publish(TOPIC, b"x" * 500) for _ in range(messages)]:
        future.result(60)
    while sink.count < messages and time.monotonic() - started < LIMIT_S:
        time.sleep(0.01)
    return sink.count / (time.monotonic() - started)


def own(folder: Path, port: int) -> Server:
    """Our server."""
    (status_port,) = ports.held(1)
    return serving.serve(folder, port, status_port=status_port, project="bench", bigquery="http://127.0.0.1:1")


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=5000)
    messages = parser.parse_args().messages
    ours = measure(own, messages)
    print(f"ours                {ours:8.0f} messages a second")
    if serving.emulator_jar():
        theirs = measure(serving.serve_official, messages)
        print(f"Google's emulator   {theirs:8.0f} messages a second    ours / theirs = {ours / theirs:.2f}")


if __name__ == "__main__":
    main()
