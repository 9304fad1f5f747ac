"""Judges one batch of waiting creatives: one lookup for all, pixels compared side by side, decided one after another.

Batches never overlap (see `coalescing.py`), and within one each decision sees those before it, so that ten copies
uploaded at once have one canonical.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Protocol

from functions.dedup import decisions, gate, groups
from functions.dedup.decisions import Candidate
from functions.dedup.groups import Place
from functions.dedup.known import OVERRIDE, Case, History, Known, Ruling
from functions.dedup.lookup import Lookup
from functions.dedup.memory.index import Index
from functions.dedup.pictures.verification import Comparison
from functions.dedup.recent import Decision, Recent
from shared.events import Canonical, Event, Fingerprint, Match, MatchKind

_LONGEST_CHAIN = 8


class Compares(Protocol):
    """What looks at pixels: see comparing.py."""

    def compare(self, one: Known, other: Known, /) -> Comparison | None:
        """What the pixels of two creatives say; None where they cannot be looked at."""

    def nearest(self, own: Known, others: Sequence[Known], /) -> list[Known]:
        """Those of many that are to be compared with `own`."""


class Judge:
    """Decides batches, and knows from then on what it decided: BigQuery shows it later."""

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
        self._lookup.refresh()
        batch = _Batch.of([case.fingerprint for case in cases], self._lookup, self._recent, self._comparer.nearest)
        comparisons = _Comparisons(self._comparer.compare, self._pool)
        comparisons.start(batch.pairs())
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
            near = self._comparer.nearest(own, batch.near_now(own, self._lookup.index))
        canonicals = [other for other in near if other.canonical_id is None]
        copied = None if history.is_canonical else decisions.copied_first(fingerprint, batch.corrections)
        candidates = comparisons.candidates(own, canonicals, copied)
        match = decisions.decide(fingerprint, candidates, history, batch.corrections)
        if history.match is not None or match.method == OVERRIDE:
            decision = self._as_before(fingerprint, match)
        elif match.match is MatchKind.DUPLICATE:
            decision = Decision(match, (), [_standing(fingerprint, match, candidates)])
        else:
            decision = self._standing_for_itself(fingerprint, match, batch, candidates, near, comparisons)
        self._recent.remember(decision)
        for known in decision.standing:
            self._lookup.learn(known, decision.match.occurred_at)
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
            known = self._lookup.index.standing(creative_id) or known
            if known is None or known.creative_id != creative_id:
                return known
            onward = known.canonical_id or known.family_id
            if onward == creative_id:
                return known
            creative_id = onward
        return known


@dataclass(frozen=True)
class _Batch:
    """All that is known before a batch is decided, by creative id; `mark` is where the index ended then."""

    fingerprints: Mapping[str, Fingerprint]
    known: Mapping[str, Known]
    near: Mapping[str, Sequence[Known]]
    mark: tuple[int, int]
    compared: Mapping[str, Sequence[Known]]
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
        found, mark = lookup.near(list(known.values())), lookup.index.mark
        near = {own_id: found.get(own_id, []) for own_id in known}
        standing = {one.creative_id for others in near.values() for one in others if one.canonical_id is None}
        histories = _histories(known, standing, lookup, recent)
        compared = {
            own_id: nearest(own, _passing(own, near[own_id]))
            for own_id, own in known.items()
            if histories[own_id].match is None
        }
        concerned = known.keys() | {one.creative_id for others in compared.values() for one in others}
        corrections = lookup.corrections(concerned, recent.corrections)
        return cls(by_id, known, near, mark, compared, histories, corrections)

    def pairs(self) -> Iterator[tuple[Known, Known]]:
        """What has to be compared whatever the batch's own decisions are: of what moves, with the best that is near."""
        for own_id, others in self.compared.items():
            canonicals = sorted((other for other in others if other.canonical_id is None), key=lambda known: known.rank)
            own = self.known[own_id]
            yield from ((own, other) for other in (canonicals[:1] if own.moves else canonicals))

    def near_now(self, own: Known, index: Index) -> list[Known]:
        """The creatives that pass the gate, those of this batch too, each where it stands now."""
        before = [index.standing(one.creative_id) or one for one in self.near[own.creative_id]]
        return _passing(own, [*before, *index.near(own, self.mark)])

    def history(self, creative_id: str, recent: Recent) -> History:
        """From before, and from what was decided in this batch."""
        stored, lately = self.histories[creative_id], recent.history(creative_id)
        return History(lately.match or stored.match, stored.is_canonical or lately.is_canonical)


def _histories(
    known: Mapping[str, Known], standing: Container[str], lookup: Lookup, recent: Recent
) -> dict[str, History]:
    """What is on record of each: of the last decisions here, else in BigQuery."""
    lately = {own_id: recent.history(own_id) for own_id in known}
    stored = lookup.history({own_id: own.kind for own_id, own in known.items() if lately[own_id].match is None})
    return {
        own_id: History(
            said.match or stored[own_id].match,
            said.is_canonical or own_id in standing or (own_id in stored and stored[own_id].is_canonical),
        )
        for own_id, said in lately.items()
    }


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

    def candidates(
        self, own: Known, others: Sequence[Known], is_copied: Callable[[Candidate], bool] | None
    ) -> list[Candidate]:
        """The others, compared with `own`.

        What moves takes seconds to compare. So it is compared with the best first, and with no other once `is_copied`
        says that whatever they show it is a copy of that one.
        """
        if not own.moves:
            self.start((own, other) for other in others)
        found: list[Candidate] = []
        for other in sorted(others, key=lambda known: known.rank) if own.moves else others:
            distance = gate.distance(own, other)
            if distance is not None:
                found.append(Candidate(other, distance, self.compare(own, other)))
                if own.moves and is_copied and is_copied(found[-1]):
                    break
        return found


def _standing(fingerprint: Fingerprint, match: Match, candidates: Sequence[Candidate]) -> Known:
    """Where a creative stands by its match."""
    differences = [
        each.comparison.difference
        for each in candidates
        if each.comparison and each.known.creative_id == match.canonical_id
    ]
    known = Known.of(decisions.canonical(fingerprint, match))
    return replace(known, difference=differences[0] if differences else None)


def _passing(own: Known, near: Iterable[Known]) -> list[Known]:
    """The creatives, other than itself, that pass the gate, each once."""
    others = {one.creative_id: one for one in near if one.creative_id != own.creative_id}
    return [other for other in others.values() if gate.distance(own, other) is not None]
