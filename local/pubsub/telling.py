"""The server's side of status.py: tells over HTTP what is waiting."""

import asyncio
from typing import Any

from local import access, http1, ports
from local.peers import Address
from local.pubsub.broker import Broker
from local.pubsub.queues import now_ms
from local.pubsub.status import Status, Waiting


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
