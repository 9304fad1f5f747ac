"""How many ads there are: those that the dataset has, and those that the page's server accepted and it has not yet.

Both are told by one answer of one moment, so that what was accepted is under way or settled whenever somebody looks,
however many were sent, whether they were known already, in whatever window, and after a restart: what is accepted is
kept in a file until the dataset has it.
"""

import json
import math
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from creatives import replaced
from creatives.page import following
from creatives.page.following import Sent
from creatives.page.reading import Counted

KEPT_S = 24 * 3600.0
"""So long an ad is waited for by the next process: one that no stage has seen by then does not come."""


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

    def __init__(
        self, read: Callable[[Sequence[str]], Counted], file: Path, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._read = read
        self._file = file
        self._clock = clock
        self._lock = threading.Lock()
        self._awaited = _kept(file)
        self.changed_at = -math.inf

    def add(self, ads: Iterable[Sent]) -> None:
        """Ads that are on their way from now on."""
        now = time.time()
        keys = {following.short_key_of(*ad): now for ad in ads}
        with self._lock:
            self._keep({**keys, **self._awaited})
            self.changed_at = self._clock()

    def moment(self) -> Moment:
        """What is counted now; whoever was accepted while it is read is in the next."""
        with self._lock:
            asked = frozenset(self._awaited)
        counted = self._read(sorted(asked))
        known = asked & set(counted.known)
        with self._lock:
            if known:
                self._keep({key: at for key, at in self._awaited.items() if key not in known})
        return Moment(counted.counts, len(asked) - len(known), counted.told)

    def _keep(self, awaited: dict[str, float]) -> None:
        with replaced.whole(self._file) as new:
            new.write(json.dumps(awaited).encode())
        self._awaited = awaited


def _kept(file: Path) -> dict[str, float]:
    """The ads that an earlier process waited for, and since when."""
    kept: dict[str, float] = json.loads(file.read_text()) if file.exists() else {}
    return {key: at for key, at in kept.items() if at > time.time() - KEPT_S}
