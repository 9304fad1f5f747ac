"""Trying a call again while its fault may pass: few times and not for long, for Pub/Sub tries again after us.

The service's own Retry-After is honoured; where it asks for more patience than a function has, we give up at once.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

_LEAST_CALL_S = 20.0
_REST = 10  # times the first pause


class Transient(Protocol):
    """Says whether an exception may pass, and after how many seconds the service wants to be asked again."""

    def __call__(self, error: Exception) -> float | None:
        """The wait the service asks for (0 where it names none); `None` when trying again is of no use."""
        ...


class OutOfTimeError(Exception):
    """Too little time is left to begin another call: it would be given up before its reply, and paid for."""


class Deadline:
    """How much longer one extraction may take."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._least = min(_LEAST_CALL_S, seconds / 4)
        self._called = False

    @property
    def left(self) -> float:
        """Seconds left; 0 when there are none."""
        return max(self._end - time.monotonic(), 0.0)

    def for_a_call(self, most: float) -> float:
        """Seconds that a call may take which begins now, `most` of them at most.

        Raises:
            OutOfTimeError: when they are too few for any reply, and there was a call before.
        """
        left = self.left
        if left <= self._least and self._called:
            raise OutOfTimeError(f"{left:.1f} s are left, too few for another call: the next delivery makes it")
        self._called = True
        return max(min(most, left), 0.001)  # 0 would be no limit to some clients


@dataclass(frozen=True)
class Backoff:
    """Attempts with growing, jittered pauses between.

    Attributes:
        attempts: calls at most.
        first_pause_s: the longest pause after the first attempt; it doubles each time.
        longest_pause_s: no pause is longer; a service that asks for a longer one is not waited for.
    """

    attempts: int = 4
    first_pause_s: float = 1.0
    longest_pause_s: float = 20.0

    def call[T](self, function: Callable[[], T], transient: Transient, deadline: Deadline) -> T:
        """What `function` returns, tried again after transient faults.

        Raises:
            Exception: the function's last one.
        """
        for attempt in range(1, self.attempts):
            try:
                return function()
            except Exception as error:
                pause = self.pause(transient(error), attempt, deadline.left)
                if pause is None:
                    raise
            time.sleep(pause)
        return function()

    def rest(self, deadline: Deadline) -> None:
        """Waits longer than between attempts that cost nothing, for what happened to one call happens to others."""
        time.sleep(min(self.first_pause_s * _REST, deadline.left))

    def pause(self, asked: float | None, attempt: int, left: float) -> float | None:
        """Seconds to wait after `attempt` (from 1), or `None` to give up.

        Args:
            asked: the service's own wish; `None` when the fault is permanent.
            attempt: how many calls there were.
            left: seconds that the caller has.
        """
        if asked is None or asked > self.longest_pause_s:
            return None
        bound = min(self.first_pause_s * 2 ** (attempt - 1), self.longest_pause_s)
        pause = asked + random.uniform(0, bound)  # noqa: S311 - jitter is no secret
        return pause if pause < left else None
