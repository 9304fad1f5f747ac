"""What this instance decided, and was told, lately: BigQuery shows a row seconds after it was published, or minutes.

Nothing depends on it being there: after a restart BigQuery answers alone, and the worst that comes of a row it does
not show yet is one extraction too many.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping

import numpy as np

from functions.dedup import gate
from functions.dedup.known import OVERRIDE, Correction, History, Known
from shared.events import Match


class Recent:
    """The last decisions, the canonicals among them, and people's corrections: the oldest are forgotten first."""

    def __init__(self, *, most: int = 20_000) -> None:
        """`most` decisions are kept: at a hundred a second, far more than the lag of a subscription."""
        self._most = most
        self._matches: OrderedDict[str, Match] = OrderedDict()
        self._canonicals: OrderedDict[str, Known] = OrderedDict()
        self._named: OrderedDict[str, None] = OrderedDict()
        self._corrections: OrderedDict[str, Correction] = OrderedDict()

    @property
    def corrections(self) -> Mapping[str, Correction]:
        """What people said lately of creatives, by id."""
        return self._corrections

    def remember(self, match: Match, canonical: Known | None) -> None:
        """Keeps a decision, unless it only says what a correction says, and the canonical that came of it."""
        if match.method != OVERRIDE:
            self._matches[match.creative_id] = match
        if canonical is None:
            self._named[match.canonical_id] = None
        else:
            self._canonicals[canonical.creative_id] = canonical
        self._forget(self._matches)
        self._forget(self._canonicals)
        self._forget(self._named)

    def correct(self, creative_id: str, correction: Correction) -> None:
        """Keeps a person's word, unless a newer one is kept already."""
        self._corrections[creative_id] = correction.newest(self._corrections.get(creative_id))
        self._forget(self._corrections)

    def history(self, creative_id: str) -> History:
        """What was decided here about a creative."""
        return History(self._matches.get(creative_id), creative_id in self._named)

    def near(self, known: Known) -> list[Known]:
        """The canonicals decided here that pass the gate, the nearest first, no more than the lookup gives."""
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
            yield from (other for other in self._canonicals.values() if other.moves)
        elif known.frames.size:
            images = [other for other in self._canonicals.values() if not other.moves and other.frames.size]
            laid_out = np.fromiter((other.frames[0] for other in images), np.uint64, len(images))
            close = np.bitwise_count(laid_out ^ known.frames[0]) <= gate.IMAGE_RADIUS
            yield from (images[at] for at in np.flatnonzero(close))
