"""What is waiting in Pub/Sub: told over HTTP by the server, and read by the `creatives` command and by whoever waits.

`GET /status` answers JSON: `{"subscriptions": {"intake": {"kind": "push", "outstanding": 3, "under_way": 1, "retried":
0, "most_failures": 0, "oldest_s": 0.4, "last_fault": null}, …}}`; subscriptions are named as in pipeline.yaml.
"""

import asyncio
import time
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from local import access, http1, ports
from local.peers import Address
from local.pubsub.broker import Broker
from local.pubsub.definitions import Kind
from local.pubsub.queues import now_ms

if TYPE_CHECKING:
    import httpx

_POLL_S = 0.1
_IDLE_READINGS = 3  # in a row


class Waiting(BaseModel):
    """What one subscription has waiting.

    Attributes:
        outstanding: deliveries not acknowledged yet, those under way among them.
        retried: those among them that failed before.
        most_failures: the highest number of failures of one of them.
        oldest_s: age of the oldest message in seconds; 0 when there is none.
        last_fault: what the last delivery that failed failed of, since the server started.
    """

    model_config = ConfigDict(frozen=True)

    kind: Kind
    outstanding: int
    under_way: int
    retried: int
    most_failures: int
    oldest_s: float
    last_fault: str | None


class Status(BaseModel):
    """All subscriptions by name."""

    model_config = ConfigDict(frozen=True)

    subscriptions: Mapping[str, Waiting]

    @property
    def outstanding(self) -> int:
        """Deliveries that the server itself has still to make; a user's own pull subscriptions do not count."""
        return sum(each.outstanding for each in self.subscriptions.values() if each.kind is not Kind.PULL)


class NotIdleError(Exception):
    """Something was still waiting after the time given; the text says what."""


def read(url: str) -> Status:
    """The status that the server tells at `url`.

    Raises:
        httpx.HTTPError: when it does not answer.
    """
    return Status.model_validate_json(_client().get(url).raise_for_status().content)


def wait_until_idle(url: str, *, limit_s: float) -> Status:
    """Waits until nothing is outstanding. What a function publishes counts before its own message stops counting; an
    upload counts a moment after it is made, so that once is not enough.

    Raises:
        NotIdleError: when that takes longer than `limit_s` seconds.
    """
    deadline = time.monotonic() + limit_s
    readings = 0
    while readings < _IDLE_READINGS:
        status = read(url)
        readings = 0 if status.outstanding else readings + 1
        if status.outstanding and time.monotonic() > deadline:
            waiting = [f"{name} {each.outstanding}" for name, each in status.subscriptions.items() if each.outstanding]
            raise NotIdleError(f"after {limit_s:.0f} s still waiting: {', '.join(waiting)}")
        time.sleep(_POLL_S)
    return status


@cache
def _client() -> "httpx.Client":
    """Kept, since to make one takes ten times as long as to ask."""
    import httpx  # the server, which tells the status, needs no client

    return httpx.Client(timeout=30, trust_env=False)


async def serve(broker: Broker, port: int) -> asyncio.Server:
    """Tells the status of `broker` on `port` of this machine."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _answer(broker, port, reader, writer)

    return await asyncio.start_server(answer, sock=ports.bound(port))


async def status_of(broker: Broker) -> Status:
    """What is waiting now."""
    backlogs = await asyncio.to_thread(broker.store.backlogs)
    subscriptions: dict[str, Any] = {}
    for name, queue in broker.queues.items():
        backlog = backlogs.get(queue.number)
        subscriptions[name.rsplit("/", 1)[-1]] = Waiting(
            kind=queue.subscription.kind,
            outstanding=backlog.outstanding if backlog else 0,
            under_way=queue.under_way,
            retried=backlog.retried if backlog else 0,
            most_failures=backlog.most_failures if backlog else 0,
            oldest_s=max(0, now_ms() - backlog.oldest_ms) / 1000 if backlog else 0.0,
            last_fault=queue.last_fault,
        )
    return Status(subscriptions=subscriptions)


async def _answer(broker: Broker, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        async with asyncio.timeout(5):
            head = await reader.readuntil(http1.END)
        writer.write(await _told(broker, port, writer.get_extra_info("peername"), head))
        await writer.drain()
    except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
        return  # whoever asked has gone, or does not speak HTTP
    finally:
        writer.close()


async def _told(broker: Broker, port: int, client: Address | None, head: bytes) -> bytes:
    try:
        request = http1.parsed(head)
    except http1.NotHttpError as error:
        return http1.refusal(str(error), "400 Bad Request")
    refused = access.refusal(client, port, request.target, request.headers)
    if refused:
        return http1.refusal(refused)
    if (request.method, request.target) != ("GET", "/status"):
        return http1.response("404 Not Found", b"")
    return http1.response("200 OK", (await status_of(broker)).model_dump_json().encode(), "application/json")
