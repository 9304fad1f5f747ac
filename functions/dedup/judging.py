"""Judges one batch of waiting creatives: one lookup for all, pixels compared side by side, decided one after another.

Batches never overlap (see `coalescing.py`), and within one each decision sees those before it, so that ten copies
uploaded at once have one canonical.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Protocol

from functions.dedup import decisions, gate, groups
from functions.dedup.decisions import Candidate
from functions.dedup.groups import Place
from functions.dedup.known import OVERRIDE, Case, History, Known, Ruling
from functions.dedup.lookup import Lookup
from functions.dedup.recent import Decision, Recent
from functions.dedup.verification import Comparison
from shared.events import Canonical, Event, Fingerprint, Match, MatchKind

_LONGEST_CHAIN = 8


class Compares(Protocol):
    """What looks at pixels: see comparing.py."""

    def compare(self, one: Known, other: Known, /) -> Comparison | None:
        """What the pixels of two creatives say; None where they cannot be looked at."""

    def nearest(self, own: Known, others: Sequence[Known], /) -> list[Known]:
        """Those of many that are to be compared with `own`."""


class Judge:
    """Decides batches, and remembers what it decided until BigQuery shows it."""

    def __init__(self, lookup: Lookup, comparer: Compares, recent: Recent, *, threads: int) -> None:
        """`comparer` is asked from `threads` threads at once."""
        self._lookup = lookup
        self._comparer = comparer
        self._recent = recent
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="compare")

    def judge(self, cases: Sequence[Case]) -> list[Decision | Exception]:
        """A decision for each, in order; an exception for one whose pixels could not be read just now.

        Raises:
            Exception: BigQuery's, when the lookup failed: nothing was decided then.
        """
        for case in cases:
            if case.correction:
                self._recent.correct(case.fingerprint.creative_id, case.correction)
        batch = _Batch.of([case.fingerprint for case in cases], self._lookup, self._recent, self._comparer.nearest)
        comparisons = _Comparisons(self._comparer.compare, self._pool)
        comparisons.start(batch.pairs(self._recent))
        decided: dict[str, Decision | Exception] = {}
        for fingerprint in decisions.order(batch.fingerprints.values()):
            try:
                decided[fingerprint.creative_id] = self._decide(fingerprint, batch, comparisons)
            except Exception as error:  # noqa: BLE001 - raised again for this one's request; the others have theirs
                decided[fingerprint.creative_id] = error
        return [decided[case.fingerprint.creative_id] for case in cases]

    def _decide(self, fingerprint: Fingerprint, batch: "_Batch", comparisons: "_Comparisons") -> Decision:
        own = batch.known[fingerprint.creative_id]
        history = batch.history(own.creative_id, self._recent)
        near: list[Known] = []
        if history.match is None:
            near = self._comparer.nearest(own, _near(own, batch.near[own.creative_id], self._recent))
        candidates = comparisons.candidates(own, (other for other in near if other.canonical_id is None))
        match = decisions.decide(fingerprint, candidates, history, batch.corrections)
        if history.match is not None or match.method == OVERRIDE:
            decision = self._as_before(fingerprint, match)
        elif match.match is MatchKind.DUPLICATE:
            decision = Decision(match, (), [_standing(fingerprint, match, candidates)])
        else:
            decision = self._standing_for_itself(fingerprint, match, batch, candidates, near, comparisons)
        self._recent.remember(decision)
        return decision

    def _as_before(self, fingerprint: Fingerprint, match: Match) -> Decision:
        """A decision that no pixels were looked at for: made before, or by a person."""
        earlier = self._recent.decision(fingerprint.creative_id)
        others = earlier.others if earlier else ()
        stands = match.match is not MatchKind.DUPLICATE
        return Decision(match, others, [_standing(fingerprint, match, ())] if stands else [])

    def _standing_for_itself(
        self,
        fingerprint: Fingerprint,
        match: Match,
        batch: "_Batch",
        candidates: Sequence[Candidate],
        near: Sequence[Known],
        comparisons: "_Comparisons",
    ) -> Decision:
        """Its family, and what its coming changes for others: for copies that show less, and for families it joins."""
        own = batch.known[fingerprint.creative_id]
        fixed = {known_id for known_id, correction in batch.corrections.items() if correction.action != "reset"}
        changed = groups.places(own, near, comparisons.compare, fixed | {own.creative_id})[1:]
        related = [each.known for each in candidates if each.comparison and each.comparison.family]
        leaders = self._leaders([known.family_id for known in related])
        lead = decisions.leader(own, leaders)
        match = decisions.joined(match, lead)
        gone = {place.known.creative_id for place in changed}
        compared = {each.known.creative_id: each.comparison for each in candidates}
        follow = [
            Place(each, None, compared.get(each.creative_id))
            for each in leaders
            if each.creative_id not in {lead.creative_id, *gone}
        ]
        others = [
            event
            for place in [*changed, *follow]
            for event in (*decisions.moved(place, lead, fingerprint, match.occurred_at), *self._promoted(place))
        ]
        standing = [Known.of(event) for event in others if isinstance(event, Canonical)]
        return Decision(match, others, [*standing, _standing(fingerprint, match, candidates)])

    def _promoted(self, place: Place) -> Iterator[Event]:
        """The extraction of a former duplicate that stands for itself now.

        Raises:
            LookupError: when its fingerprint is not in BigQuery yet: to be tried again.
        """
        if place.known.canonical_id is None or place.canonical is not None:
            return
        fingerprint = self._lookup.fingerprint(place.known.creative_id)
        if fingerprint is None:
            raise LookupError(f"the fingerprint of {place.known.creative_id} is not in BigQuery yet")
        yield decisions.extraction(fingerprint)

    def _leaders(self, family_ids: Iterable[str]) -> list[Known]:
        """Who leads these families now: what a family was called after may have joined another since."""
        found: dict[str, Known] = {}
        for family_id in set(family_ids):
            known = self._led_by(family_id)
            if known:
                found[known.creative_id] = known
        return list(found.values())

    def _led_by(self, creative_id: str) -> Known | None:
        known: Known | None = None
        for _ in range(_LONGEST_CHAIN):
            if self._recent.standing(creative_id) is None:
                self._recent.keep(self._lookup.standing([creative_id]))
            known = self._recent.standing(creative_id) or known
            if known is None or known.creative_id != creative_id:
                return known
            onward = known.canonical_id or known.family_id
            if onward == creative_id:
                return known
            creative_id = onward
        return known


@dataclass(frozen=True)
class _Batch:
    """All that is known before a batch is decided, by creative id."""

    fingerprints: Mapping[str, Fingerprint]
    known: Mapping[str, Known]
    near: Mapping[str, Sequence[Known]]
    compared: Mapping[str, Sequence[Known]]
    canonical_ids: frozenset[str]
    histories: Mapping[str, History]
    corrections: Mapping[str, Ruling]

    @classmethod
    def of(
        cls,
        fingerprints: Sequence[Fingerprint],
        lookup: Lookup,
        recent: Recent,
        nearest: Callable[[Known, Sequence[Known]], list[Known]],
    ) -> "_Batch":
        by_id = {one.creative_id: one for one in fingerprints}
        known = {creative_id: decisions.undecided(one) for creative_id, one in by_id.items()}
        found, histories = lookup.near_and_history(list(known.values()))
        near = {own_id: found.get(own_id, []) for own_id in known}
        compared = {
            own_id: nearest(own, _near(own, near[own_id], recent))
            for own_id, own in known.items()
            if histories.get(own_id, History()).match is None
        }
        concerned = known.keys() | {one.creative_id for others in compared.values() for one in others}
        corrections = lookup.corrections(concerned, recent.corrections)
        standing = frozenset(one.creative_id for others in found.values() for one in others) & by_id.keys()
        return cls(by_id, known, near, compared, standing, histories, corrections)

    def pairs(self, recent: Recent) -> Iterator[tuple[Known, Known]]:
        """What has to be compared whatever the batch's own decisions are."""
        for own_id, others in self.compared.items():
            if self.history(own_id, recent).match is None:
                yield from ((self.known[own_id], other) for other in others if other.canonical_id is None)

    def history(self, creative_id: str, recent: Recent) -> History:
        """From BigQuery and, where it lags, from what was decided here."""
        stored, lately = self.histories.get(creative_id, History()), recent.history(creative_id)
        is_canonical = stored.is_canonical or lately.is_canonical or creative_id in self.canonical_ids
        return History(lately.match or stored.match, is_canonical)


class _Comparisons:
    """The comparisons of one batch, each made once, in the pool."""

    def __init__(self, compare: Callable[[Known, Known], Comparison | None], pool: ThreadPoolExecutor) -> None:
        self._compare = compare
        self._pool = pool
        self._made: dict[frozenset[str], Future[Comparison | None]] = {}

    def start(self, pairs: Iterable[tuple[Known, Known]]) -> None:
        for one, other in pairs:
            pair = frozenset((one.creative_id, other.creative_id))
            if pair not in self._made:
                self._made[pair] = self._pool.submit(self._compare, one, other)

    def compare(self, one: Known, other: Known) -> Comparison | None:
        """What the pixels of two say, if they pass the gate."""
        if gate.distance(one, other) is None:
            return None
        self.start([(one, other)])
        return self._made[frozenset((one.creative_id, other.creative_id))].result()

    def candidates(self, own: Known, near: Iterable[Known]) -> list[Candidate]:
        others = list(near)
        self.start((own, other) for other in others)
        return [
            Candidate(other, distance, self.compare(own, other))
            for other in others
            if (distance := gate.distance(own, other)) is not None
        ]


def _standing(fingerprint: Fingerprint, match: Match, candidates: Sequence[Candidate]) -> Known:
    """Where a creative stands by its match."""
    differences = [
        each.comparison.difference
        for each in candidates
        if each.comparison and each.known.creative_id == match.canonical_id
    ]
    known = Known.of(decisions.canonical(fingerprint, match))
    return replace(known, difference=differences[0] if differences else None)


def _near(own: Known, stored: Iterable[Known], recent: Recent) -> list[Known]:
    """The creatives, other than itself, that pass the gate, each where it stands now."""
    near = {one.creative_id: recent.standing(one.creative_id) or one for one in stored}
    near |= {one.creative_id: one for one in recent.near(own)}
    near.pop(own.creative_id, None)
    return [other for other in near.values() if gate.distance(own, other) is not None]
