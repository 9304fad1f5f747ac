"""Judges one batch of waiting creatives: one lookup for all, pixels compared side by side, decided one after another.

Batches never overlap (see `coalescing.py`), and within one each decision sees those before it, so that ten copies
uploaded at once have one canonical.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from functions.dedup import decisions, gate
from functions.dedup.decisions import Candidate
from functions.dedup.known import Case, Correction, History, Known
from functions.dedup.lookup import Lookup
from functions.dedup.recent import Recent
from functions.dedup.verification import Comparison
from shared.events import Fingerprint, Match, MatchKind

Compare = Callable[[Known, Known], Comparison | None]


class Judge:
    """Decides batches, and remembers what it decided until BigQuery shows it."""

    def __init__(self, lookup: Lookup, compare: Compare, recent: Recent, *, threads: int) -> None:
        """`compare` is called from `threads` threads at once."""
        self._lookup = lookup
        self._compare = compare
        self._recent = recent
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="compare")

    def judge(self, cases: Sequence[Case]) -> list[Match | Exception]:
        """A decision for each, in order; an exception for one whose thumbnails could not be read just now.

        Raises:
            Exception: BigQuery's, when the lookup failed: nothing was decided then.
        """
        for case in cases:
            if case.correction:
                self._recent.correct(case.fingerprint.creative_id, case.correction)
        batch = _Batch.of([case.fingerprint for case in cases], self._lookup, self._recent)
        comparisons = _Comparisons(self._compare, self._pool)
        comparisons.start(batch.pairs(self._recent))
        decided: dict[str, Match | Exception] = {}
        for fingerprint in decisions.order(batch.fingerprints.values()):
            try:
                decided[fingerprint.creative_id] = self._decide(fingerprint, batch, comparisons)
            except Exception as error:  # noqa: BLE001 - raised again for this one's request; the others have theirs
                decided[fingerprint.creative_id] = error
        return [decided[case.fingerprint.creative_id] for case in cases]

    def _decide(self, fingerprint: Fingerprint, batch: "_Batch", comparisons: "_Comparisons") -> Match:
        own = batch.known[fingerprint.creative_id]
        history = batch.history(own.creative_id, self._recent)
        candidates: list[Candidate] = []
        if history.match is None:
            near = _united([*batch.near[own.creative_id], *self._recent.near(own)])
            candidates = comparisons.candidates(own, near)
        match = decisions.decide(fingerprint, candidates, history, batch.corrections)
        canonical = None
        if match.match is not MatchKind.DUPLICATE:
            canonical = Known.of(decisions.canonical(fingerprint, match))
        self._recent.remember(match, canonical)
        return match


@dataclass(frozen=True)
class _Batch:
    """All that is known before a batch is decided, by creative id."""

    fingerprints: Mapping[str, Fingerprint]
    known: Mapping[str, Known]
    near: Mapping[str, Sequence[Known]]
    canonical_ids: frozenset[str]
    histories: Mapping[str, History]
    corrections: Mapping[str, Correction]

    @classmethod
    def of(cls, fingerprints: Sequence[Fingerprint], lookup: Lookup, recent: Recent) -> "_Batch":
        by_id = {one.creative_id: one for one in fingerprints}
        known = {creative_id: decisions.undecided(one) for creative_id, one in by_id.items()}
        found, histories = lookup.near_and_history(list(known.values()))
        near = {own_id: _near(own, found.get(own_id, []), recent.near(own)) for own_id, own in known.items()}
        concerned = known.keys() | {one.creative_id for others in near.values() for one in others}
        corrections = lookup.corrections(concerned, recent.corrections)
        standing = frozenset(one.creative_id for others in found.values() for one in others) & by_id.keys()
        return cls(by_id, known, near, standing, histories, corrections)

    def pairs(self, recent: Recent) -> Iterator[tuple[Known, Known]]:
        """What has to be compared whatever the batch's own decisions are."""
        for own_id, others in self.near.items():
            if self.history(own_id, recent).match is None:
                yield from ((self.known[own_id], other) for other in others)

    def history(self, creative_id: str, recent: Recent) -> History:
        """From BigQuery and, where it lags, from what was decided here."""
        stored, lately = self.histories.get(creative_id, History()), recent.history(creative_id)
        is_canonical = stored.is_canonical or lately.is_canonical or creative_id in self.canonical_ids
        return History(stored.match or lately.match, is_canonical)


class _Comparisons:
    """The comparisons of one batch, each made once, in the pool."""

    def __init__(self, compare: Compare, pool: ThreadPoolExecutor) -> None:
        self._compare = compare
        self._pool = pool
        self._made: dict[tuple[str, str], Future[Comparison | None]] = {}

    def start(self, pairs: Iterable[tuple[Known, Known]]) -> None:
        for one, other in pairs:
            pair = one.creative_id, other.creative_id
            if pair not in self._made:
                self._made[pair] = self._pool.submit(self._compare, one, other)

    def candidates(self, own: Known, near: Sequence[Known]) -> list[Candidate]:
        self.start((own, other) for other in near)
        return [
            Candidate(other, distance, self._made[own.creative_id, other.creative_id].result())
            for other in near
            if (distance := gate.distance(own, other)) is not None
        ]


def _near(own: Known, stored: Iterable[Known], lately: Iterable[Known]) -> list[Known]:
    """The canonicals, other than itself, that pass the gate."""
    others = (other for other in _united([*stored, *lately]) if other.creative_id != own.creative_id)
    return [other for other in others if gate.distance(own, other) is not None]


def _united(known: Iterable[Known]) -> list[Known]:
    return list({one.creative_id: one for one in known}.values())
