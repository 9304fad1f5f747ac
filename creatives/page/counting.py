"""How many ads there are: those that the dataset has, and those that the page's server accepted and it has not yet.

Both are told by one answer of one moment, so that what was accepted is under way or settled whenever somebody looks,
however many were sent, whether they were known already, and in whatever window.
"""

import math
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from creatives.page import following
from creatives.page.following import Sent
from creatives.page.reading import Counted


@dataclass(frozen=True)
class Moment:
    """What is counted at one moment.

    Attributes:
        counts: the dataset's ads by status.
        awaited: how many were accepted besides, and are on their way into the dataset.
        told: rises when something is told that changes no count, as people's words are: in whatever window.
    """

    counts: Mapping[str, int]
    awaited: int
    told: int = 0

    @property
    def accepted(self) -> int:
        """All ads, each of them once."""
        return sum(self.counts.values()) + self.awaited


class Accepted:
    """The ads that were accepted, each until a reading of the dataset has it.

    Attributes:
        changed_at: when some were accepted last, by the clock.
    """

    def __init__(self, read: Callable[[Sequence[str]], Counted], clock: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._clock = clock
        self._lock = threading.Lock()
        self._awaited: set[str] = set()
        self.changed_at = -math.inf

    def add(self, ads: Iterable[Sent]) -> None:
        """Ads that are on their way from now on."""
        keys = {following.short_key_of(*ad) for ad in ads}
        with self._lock:
            self._awaited |= keys
            self.changed_at = self._clock()

    def moment(self) -> Moment:
        """What is counted now; whoever was accepted while it is read is in the next."""
        with self._lock:
            asked = frozenset(self._awaited)
        counted = self._read(sorted(asked))
        known = asked & set(counted.known)
        with self._lock:
            self._awaited -= known
        return Moment(counted.counts, len(asked) - len(known), counted.told)
