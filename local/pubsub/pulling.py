"""Deliveries to clients that ask for them: each is leased for the ack deadline, and comes again when that passes."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from local.pubsub.broker import Broker
from local.pubsub.queues import Queue
from local.pubsub.store import Delivery, Message


@dataclass
class _Lease:
    delivery: Delivery
    expiry: asyncio.TimerHandle


@dataclass(frozen=True)
class Leased:
    """A message that a client has, until it acknowledges it or its time is up.

    Attributes:
        ack_id: by which the client settles it.
        attempt: which delivery of this message it is, from 1.
        size: bytes that count against the client's limit.
    """

    ack_id: str
    message: Message
    attempt: int

    @property
    def size(self) -> int:
        """The message's bytes."""
        return len(self.message.data)


class Leases:
    """What the pulling clients of one subscription have."""

    def __init__(self, broker: Broker, queue: Queue) -> None:
        self._broker = broker
        self._queue = queue
        self._leases: dict[str, _Lease] = {}
        self._expiring: set[asyncio.Task[None]] = set()

    def take(self, most: int, deadline_s: float) -> list[Leased]:
        """Leases up to `most` due messages for `deadline_s` seconds."""
        leased = []
        for delivery in self._queue.take(most):
            message = self._broker.store.message(delivery.message)
            if message is None:
                self._queue.release(delivery.id)
                continue
            ack_id = f"{delivery.id}-{delivery.message}-{delivery.failures}"
            self._leases[ack_id] = _Lease(delivery, self._timer(ack_id, deadline_s))
            leased.append(Leased(ack_id, message, delivery.failures + 1))
        return leased

    def has(self, ack_id: str) -> bool:
        """Whether the lease is still open."""
        return ack_id in self._leases

    async def acknowledge(self, ack_ids: Iterable[str]) -> None:
        """These are done; an acknowledgement that comes too late counts as well."""
        done = []
        for ack_id in ack_ids:
            lease = self._end(ack_id)
            delivery = lease.delivery if lease else _delivery(ack_id)
            if delivery:
                done.append(delivery)
        await self._broker.acknowledge(self._queue, done)

    async def modify(self, ack_ids: Iterable[str], deadline_s: float) -> None:
        """Gives these more time; with 0 seconds gives them back. Leases that have ended are not looked at."""
        refused = []
        for ack_id in ack_ids:
            lease = self._leases.get(ack_id)
            if lease is None:
                continue
            if deadline_s > 0:
                lease.expiry.cancel()
                lease.expiry = self._timer(ack_id, deadline_s)
            elif self._end(ack_id):
                refused.append(lease.delivery)
        if refused:
            await self._broker.refuse(self._queue, refused, "given back by the subscriber")

    def close(self) -> None:
        """Ends all leases, without counting them as failed."""
        for ack_id in list(self._leases):
            self._end(ack_id)
        for task in self._expiring:
            task.cancel()

    def _timer(self, ack_id: str, deadline_s: float) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(deadline_s, self._expire, ack_id)

    def _expire(self, ack_id: str) -> None:
        lease = self._end(ack_id)
        if lease:
            task = asyncio.create_task(
                self._broker.refuse(self._queue, [lease.delivery], "not acknowledged within the deadline")
            )
            self._expiring.add(task)
            task.add_done_callback(self._expiring.discard)

    def _end(self, ack_id: str) -> _Lease | None:
        lease = self._leases.pop(ack_id, None)
        if lease:
            lease.expiry.cancel()
        return lease


def _delivery(ack_id: str) -> Delivery | None:
    """The delivery that an ack id of this or an earlier run names; None when it is not one of ours."""
    parts = ack_id.split("-")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        return None
    return Delivery(*map(int, parts))
