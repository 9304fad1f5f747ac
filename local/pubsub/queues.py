"""One subscription's turn: what may be delivered now, what is being delivered, and a bell that rings when that changes.

What waits stays in the file; in memory is only what is under way.
"""

import asyncio
import contextlib
import time

from local.pubsub.definitions import Subscription
from local.pubsub.store import Delivery, Store


class Queue:
    """A subscription's deliveries.

    Attributes:
        number: the subscription's number in the store.
        subscription: its definition, replaced when that is updated.
        last_fault: what its last failed delivery failed of, for people; None when none has.
    """

    def __init__(self, store: Store, number: int, subscription: Subscription) -> None:
        self.number = number
        self.subscription = subscription
        self.last_fault: str | None = None
        self._store = store
        self._under_way: set[int] = set()
        self._bell = asyncio.Event()
        self._next_due_ms: int | None = None
        self._paused_until_ms = 0

    @property
    def under_way(self) -> int:
        """How many deliveries are taken and not released."""
        return len(self._under_way)

    def take(self, most: int) -> list[Delivery]:
        """Up to `most` deliveries that are due; each is the caller's until it is released."""
        self._bell.clear()
        now = turn_ms()
        if most <= 0 or now < self._paused_until_ms:
            self._next_due_ms = self._paused_until_ms if most > 0 else None
            return []
        due = self._store.due(self.number, now, most + len(self._under_way))
        taken = [delivery for delivery in due if delivery.id not in self._under_way][:most]
        self._under_way.update(delivery.id for delivery in taken)
        self._next_due_ms = None if taken else self._store.next_due_ms(self.number, now)
        return taken

    def release(self, *deliveries: int) -> None:
        """These are no longer under way: gone, or to be taken again when they are due."""
        self._under_way.difference_update(deliveries)
        self._bell.set()

    def ring(self) -> None:
        """Something was published."""
        self._bell.set()

    def pause(self, seconds: float, fault: str) -> None:
        """Nothing can be delivered now, whatever the message is, because of `fault`: nothing is due for some time."""
        self.last_fault = fault
        self._paused_until_ms = turn_ms() + round(seconds * 1000)

    def redefine(self, subscription: Subscription) -> None:
        """Goes on by a new definition, at once."""
        self.subscription = subscription
        self._paused_until_ms = 0
        self._bell.set()

    async def wait(self, limit_s: float = 3600) -> None:
        """Returns when another `take` may bring something that the last one did not, or after `limit_s` seconds."""
        if self._next_due_ms is not None:
            limit_s = min(limit_s, max(0.0, (self._next_due_ms - turn_ms()) / 1000))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self._bell.wait()


def turn_ms() -> int:
    """The time by which turns are given, in milliseconds since some moment: setting the machine's clock moves none."""
    return time.monotonic_ns() // 1_000_000


def now_ms() -> int:
    """The time, in milliseconds since 1970."""
    return time.time_ns() // 1_000_000
