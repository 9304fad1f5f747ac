"""Politeness: a few downloads from one host at a time, none while it asks to be left alone.

And fairness: only so many downloads wait for busy hosts, the others go back to Pub/Sub, so that one slow host never
takes all threads of the instance.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class HostBusyError(Exception):
    """Not now: transient, the message is to be delivered again. The host has not been contacted."""


class Hosts:
    """Who may contact which host now.

    Attributes:
        connections: downloads from one host at a time.
        queue: downloads that may wait for their turn, all hosts together.
        patience_s: how long they wait.
    """

    def __init__(self, *, connections: int, queue: int, patience_s: float) -> None:
        self.connections = connections
        self.queue = queue
        self.patience_s = patience_s
        self._changed = threading.Condition()
        self._active: Counter[str] = Counter()
        self._waiting = 0
        self._closed_until: dict[str, float] = {}

    @contextmanager
    def turn(self, host: str) -> Iterator[None]:
        """Holds one of the host's connections.

        Raises:
            HostBusyError: when there is none to be had in time, or the host asked to be left alone.
        """
        with self._changed:
            self._require_open(host)
            if self._active[host] >= self.connections:
                self._await_turn(host)
            self._active[host] += 1
        try:
            yield
        finally:
            with self._changed:
                self._active[host] -= 1
                if not self._active[host]:
                    del self._active[host]
                self._changed.notify_all()

    def leave_alone(self, host: str, seconds: float) -> None:
        """The host asked not to be contacted for so long."""
        now = time.monotonic()
        with self._changed:
            self._closed_until = {name: until for name, until in self._closed_until.items() if until > now}
            self._closed_until[host] = max(self._closed_until.get(host, 0), now + seconds)

    def _require_open(self, host: str) -> None:
        left = self._closed_until.get(host, 0) - time.monotonic()
        if left > 0:
            raise HostBusyError(f"{host} asked not to be contacted for another {left:.0f} s")

    def _await_turn(self, host: str) -> None:
        if self._waiting >= self.queue:
            raise HostBusyError(f"{host} has {self.connections} downloads under way and the queue is full")
        self._waiting += 1
        try:
            came = self._changed.wait_for(lambda: self._active[host] < self.connections, self.patience_s)
        finally:
            self._waiting -= 1
        if not came:
            raise HostBusyError(f"{host} had {self.connections} downloads under way for {self.patience_s:.0f} s")
        self._require_open(host)
