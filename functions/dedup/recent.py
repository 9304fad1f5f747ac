"""What this instance decided, and was told, lately: BigQuery shows a row seconds after it was published, or minutes.

Nothing depends on it being there: after a restart BigQuery answers alone, and the worst that comes of a row it does
not show yet is one extraction too many.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from functions.dedup import gate
from functions.dedup.known import OVERRIDE, History, Known, Ruling
from shared.events import Event, Match


@dataclass(frozen=True)
class Decision:
    """What was decided of a creative.

    Attributes:
        others: what is published of those whose place changed because it came.
        standing: where it stands now, and where they do.
    """

    match: Match
    others: Sequence[Event] = ()
    standing: Sequence[Known] = ()


class Recent:
    """The last decisions, where creatives stand by them, and people's corrections: the oldest are forgotten first."""

    def __init__(self, *, most: int = 20_000) -> None:
        """`most` decisions are kept: at a hundred a second, far more than the lag of a subscription."""
        self._most = most
        self._decisions: OrderedDict[str, Decision] = OrderedDict()
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._leaders: OrderedDict[str, Known] = OrderedDict()
        self._named: OrderedDict[str, None] = OrderedDict()
        self._corrections: OrderedDict[str, Ruling] = OrderedDict()

    @property
    def corrections(self) -> Mapping[str, Ruling]:
        """What people said lately of creatives, by id."""
        return self._corrections

    def remember(self, decision: Decision) -> None:
        """Keeps a decision, unless it only says what a correction says, and where creatives stand because of it."""
        match = decision.match
        if match.method != OVERRIDE:
            self._decisions[match.creative_id] = decision
        if match.canonical_id != match.creative_id:
            self._named[match.canonical_id] = None
        for event in decision.others:
            if isinstance(event, Match):
                earlier = self._decisions.get(event.creative_id)
                self._decisions[event.creative_id] = Decision(event, earlier.others if earlier else ())
        for known in decision.standing:
            self._known[known.creative_id] = known
            if known.creative_id in self._leaders:
                self._leaders[known.creative_id] = known
        self._forget(self._decisions)
        self._forget(self._known)
        self._forget(self._named)

    def keep(self, leaders: Mapping[str, Known]) -> None:
        """Keeps where creatives stand that lead families: they are asked for again and again."""
        self._leaders.update(leaders)
        self._forget(self._leaders)

    def standing(self, creative_id: str) -> Known | None:
        """Where a creative stands, as far as that is known here."""
        return self._known.get(creative_id) or self._leaders.get(creative_id)

    def correct(self, creative_id: str, correction: Ruling) -> None:
        """Keeps a person's word, unless a newer one is kept already."""
        self._corrections[creative_id] = correction.newest(self._corrections.get(creative_id))
        self._forget(self._corrections)

    def decision(self, creative_id: str) -> Decision | None:
        """What was decided here about a creative."""
        return self._decisions.get(creative_id)

    def history(self, creative_id: str) -> History:
        """The same, as a record."""
        decision = self._decisions.get(creative_id)
        return History(decision.match if decision else None, creative_id in self._named)

    def near(self, known: Known) -> list[Known]:
        """The creatives decided here that pass the gate, the nearest first, no more than the lookup gives."""
        passed = [(bits, other.creative_id, other) for other, bits in self._passing(known)]
        return [other for _, _, other in sorted(passed, key=lambda found: found[:2])[: gate.MOST_NEAR]]

    def _forget[Kept](self, kept: OrderedDict[str, Kept]) -> None:
        while len(kept) > self._most:
            kept.popitem(last=False)

    def _passing(self, known: Known) -> Iterator[tuple[Known, float]]:
        for other in self._prefiltered(known):
            if other.creative_id == known.creative_id:
                continue
            bits = gate.distance(known, other)
            if bits is not None:
                yield other, bits

    def _prefiltered(self, known: Known) -> Iterator[Known]:
        if known.moves:
            yield from (other for other in self._known.values() if other.moves)
            return
        images = [other for other in self._known.values() if not other.moves]
        yield from (other for other in images if other.shows_pixels_of(known))
        hashed = [other for other in images if other.frames.size and not other.shows_pixels_of(known)]
        if known.frames.size:
            laid_out = np.fromiter((other.frames[0] for other in hashed), np.uint64, len(hashed))
            close = np.bitwise_count(laid_out ^ known.frames[0]) <= gate.IMAGE_RADIUS
            yield from (hashed[at] for at in np.flatnonzero(close))
