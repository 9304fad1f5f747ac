"""Which copy stands for which: the same for every order in which the same files come.

The rule, for chains too: by rank, what shows most first, each creative is a duplicate of that canonical before it
that shows the same and differs least; where there is none, it stands for itself. So the best copy of a group is its
canonical, and a copy between two versions goes with the nearer one. What a creative changes by coming is worked out
here, among those that passed its gate: a copy that shows less than it gives its place up, and those that counted on
that copy look for another.
"""

import math
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, replace

from functions.dedup.known import Known, Rank
from functions.dedup.pictures.verification import Comparison

_NONE_SO_FAR: tuple[float, Rank] = math.inf, (True, 0, 0.0, 0, "")

Compare = Callable[[Known, Known], Comparison | None]


@dataclass(frozen=True, eq=False)
class Place:
    """Where a creative stands now.

    Attributes:
        canonical: who stands for it; None where it stands for itself.
        comparison: with that one.
    """

    known: Known
    canonical: Known | None
    comparison: Comparison | None


def places(own: Known, near: Sequence[Known], compare: Compare, fixed: Container[str]) -> list[Place]:
    """Where `own` stands, and those of `near` whose place changes because it came; itself first.

    `near` stand where their `canonical_id` says. Those that are `fixed` (by a person's word, say) stay there.
    """
    settled = _Settled(own, compare)
    for each in sorted([*near, own], key=lambda known: known.rank):
        settled.add(each, fixed=each.creative_id in fixed)
    changed = [place for place in settled.places if place.known is not own and _moved(place)]
    (itself,) = (place for place in settled.places if place.known is own)
    return [itself, *changed]


def _may_be_nearer(rival: Known, so_far: tuple[float, Rank]) -> bool:
    """Whether a rival would be the nearest if there were no difference at all: else it need not be compared."""
    return (0.0, rival.rank) < so_far


def _moved(place: Place) -> bool:
    return place.known.canonical_id != (place.canonical.creative_id if place.canonical else None)


class _Settled:
    """Those of a higher rank, each in its place."""

    def __init__(self, own: Known, compare: Compare) -> None:
        self.places: list[Place] = []
        self._own = own
        self._compare = compare
        self._canonicals: dict[str, Known] = {}
        self._gone: set[str] = set()
        self._fresh: set[str] = set()

    def add(self, known: Known, *, fixed: bool) -> None:
        """Finds its place among those before it."""
        place = self._as_it_was(known) if fixed and known is not self._own else self._place(known, fixed=fixed)
        self.places.append(place)
        if place.canonical is not None:
            self._gone.add(known.creative_id)
            return
        self._canonicals[known.creative_id] = known
        if known is self._own or known.canonical_id is not None:
            self._fresh.add(known.creative_id)

    def _place(self, known: Known, *, fixed: bool) -> Place:
        if fixed:
            return Place(known, None, None)
        kept = known is not self._own and known.canonical_id not in self._gone
        so_far = self._nearness_so_far(known) if kept else _NONE_SO_FAR
        rivals = [self._canonicals[rival] for rival in (self._fresh if kept else self._canonicals)]
        nearest: tuple[float, Rank, Known, Comparison] | None = None
        for rival in sorted(rivals, key=lambda each: each.rank):
            found = self._nearness(known, rival) if _may_be_nearer(rival, so_far) else None
            if found and found[:2] < so_far:
                nearest, so_far = found, found[:2]
        if nearest:
            return Place(known, *nearest[2:])
        return self._as_it_was(known) if kept else Place(known, None, None)

    def _nearness(self, known: Known, other: Known) -> tuple[float, Rank, Known, Comparison] | None:
        """What the nearest of several that show the same has least of, with that one; None where it shows another."""
        found = self._compare(known, other)
        return (found.difference, other.rank, other, found) if found and found.same else None

    def _nearness_so_far(self, known: Known) -> tuple[float, Rank]:
        standing = self._canonicals.get(known.canonical_id or "")
        if known.canonical_id is None or known.difference is None:
            return _NONE_SO_FAR
        return known.difference, standing.rank if standing else (False, -(10**12), 0.0, 0, known.canonical_id)

    def _as_it_was(self, known: Known) -> Place:
        if known.canonical_id is None:
            return Place(known, None, None)
        standing = self._canonicals.get(known.canonical_id)
        return Place(known, standing or replace(known, creative_id=known.canonical_id, canonical_id=None), None)
