"""What an instance knows of the creatives that others are compared with: all of them, in its memory.

BigQuery holds the truth. It is read once, then only what is newer; and what is decided here is known here at once. So
looking up costs no bytes, however many are looked up, and a lost instance loses nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain

import numpy as np

from functions.dedup.known import Known
from functions.dedup.memory.shelf import Numbers, Shelf, Versions, key_of


@dataclass
class OnRecord:
    """Creatives that are on record by their ids alone: sorted keys of those that were read, and others beside them."""

    read: Numbers = field(default_factory=lambda: np.zeros(0, np.uint64))
    added: set[int] = field(default_factory=set)

    def __contains__(self, creative_id: str) -> bool:
        """Whether an id is among them; of ids with the same first 64 bits one stands for the other."""
        key = key_of(creative_id)
        at = int(np.searchsorted(self.read, np.uint64(key)))
        return key in self.added or (at < len(self.read) and int(self.read[at]) == key)


class Index:
    """Creatives by what is near them, and by their ids."""

    def __init__(self, stills: Shelf, moving: Shelf, *, decided: OnRecord, named: OnRecord) -> None:
        """`decided` were decided but stand nowhere; `named` are those that others have as their canonical."""
        self._stills = stills
        self._moving = moving
        self._decided = decided
        self._named = named

    @classmethod
    def empty(cls) -> "Index":
        """One of nothing."""
        versions = Versions()
        return cls(Shelf(versions), Shelf(versions), decided=OnRecord(), named=OnRecord())

    @property
    def size(self) -> int:
        """How many creatives it holds."""
        return self._stills.size + self._moving.size

    @property
    def n_bytes(self) -> int:
        """Of its arrays."""
        return self._stills.n_bytes + self._moving.n_bytes

    @property
    def mark(self) -> tuple[int, int]:
        """Where it ends now: what is taken in later lies behind it."""
        return self._stills.size, self._moving.size

    def near(self, own: Known, mark: tuple[int, int] = (0, 0)) -> list[Known]:
        """Those that may pass the gate, the nearest first; of those behind `mark`."""
        shelf, start = (self._moving, mark[1]) if own.moves else (self._stills, mark[0])
        return [shelf.known(row) for row in shelf.near(own, start)]

    def standing(self, creative_id: str) -> Known | None:
        """Where a creative stands, as far as is known."""
        shelf, row = self._newest(creative_id)
        return shelf.known(row) if row is not None else None

    def decided_us(self, creative_id: str) -> int | None:
        """When that was decided, in microseconds since 1970; None where it stands nowhere."""
        shelf, row = self._newest(creative_id)
        return shelf.decided_us(row) if row is not None else None

    def put(self, known: Known, decided_us: int) -> None:
        """Takes in where a creative stands by a decision, unless a later one is known."""
        if known.canonical_id:
            self._named.added.add(key_of(known.canonical_id))
        if self.is_older(known.creative_id, decided_us + 1):  # of two of one moment the one that comes last
            (self._moving if known.moves else self._stills).put(known, decided_us)

    def is_decided(self, creative_id: str) -> bool:
        """Whether it was decided before, as far as is known."""
        return self.decided_us(creative_id) is not None or creative_id in self._decided

    def is_canonical(self, creative_id: str) -> bool:
        """Whether others count on it as their canonical, as far as is known."""
        return creative_id in self._named

    def is_older(self, creative_id: str, decided_us: int) -> bool:
        """Whether a decision of that time is news."""
        known = self.decided_us(creative_id)
        return known is None or known < decided_us

    def _newest(self, creative_id: str) -> tuple[Shelf, int | None]:
        """Its row: what was a still by an earlier way of hashing may move by a later one."""
        found = [(shelf, row) for shelf in (self._stills, self._moving) if (row := shelf.find(creative_id)) is not None]
        return max(found, key=lambda place: place[0].decided_us(place[1]), default=(self._stills, None))


def sorted_keys(lists: Iterable[Numbers]) -> Numbers:
    """Keys of several lists, sorted, each once."""
    return np.unique(np.concatenate(list(chain([np.zeros(0, np.uint64)], lists))))
