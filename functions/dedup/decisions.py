"""Decides what a creative is: pure functions of what is known, the same whatever the order the known comes in.

`new` stands for itself, a `variant` joins the family of the nearest, a `duplicate` takes over what its canonical shows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from functions.dedup.known import OVERRIDE, Correction, History, Known
from functions.dedup.verification import METHOD_VERSION, Comparison
from shared.events import Canonical, Event, Extraction, Fingerprint, Match, MatchKind

CONTENT_METHOD_VERSION = "1"
OVERRIDE_METHOD_VERSION = "1"


@dataclass(frozen=True)
class Candidate:
    """A canonical that passed the gate.

    Attributes:
        distance: bits that differ, the mean over a video.
        comparison: of the pixels; None where there is no thumbnail to compare.
    """

    known: Known
    distance: float
    comparison: Comparison | None


def decide(
    fingerprint: Fingerprint,
    candidates: Iterable[Candidate],
    history: History,
    corrections: Mapping[str, Correction],
) -> Match:
    """What `fingerprint` is: by a person's word, else as decided before, else by its candidates."""
    own = corrections.get(fingerprint.creative_id)
    ranked = sorted(candidates, key=_rank)
    if own is not None and own.action == "merge":
        return _merged(fingerprint, history, corrections)
    if own is not None and own.action == "split":
        return _split(fingerprint, ranked, history, own)
    if history.match is not None:
        return history.match.model_copy(update={"event_id": fingerprint.event_id})
    return _judged(fingerprint, ranked, history, corrections)


def events(fingerprint: Fingerprint, match: Match) -> list[Event]:
    """What a decision publishes: itself, and for a canonical the row others are compared with and its extraction."""
    if match.match is MatchKind.DUPLICATE:
        return [match]
    return [match, canonical(fingerprint, match), _extraction(fingerprint)]


def canonical(fingerprint: Fingerprint, match: Match) -> Canonical:
    """The row that others are compared with. A near-blank creative has one without hashes: nothing comes near it."""
    hashed = not fingerprint.near_blank
    return Canonical(
        event_id=fingerprint.event_id,
        occurred_at=match.occurred_at,
        creative_id=fingerprint.creative_id,
        kind=fingerprint.kind,
        dhash=fingerprint.dhash if hashed and fingerprint.duration_s is None else None,
        aspect=fingerprint.width / fingerprint.height,
        frames=fingerprint.frames if hashed else [],
        duration_s=fingerprint.duration_s,
        hash_version=fingerprint.hash_version,
        family_id=match.family_id,
    )


def undecided(fingerprint: Fingerprint) -> Known:
    """A creative as the gate sees it before anything is decided: its family is itself."""
    own = Match(**_standing(fingerprint), match=MatchKind.NEW, method="content", method_version=CONTENT_METHOD_VERSION)
    return Known.of(canonical(fingerprint, own))


def order(fingerprints: Iterable[Fingerprint]) -> list[Fingerprint]:
    """The order in which a batch is decided: the largest picture first, so that of copies the best is the canonical."""
    return sorted(fingerprints, key=lambda one: (-one.width * one.height, one.creative_id))


def _rank(candidate: Candidate) -> tuple[float, float, str]:
    """The nearest first: by pixels, then by hash, then by id, so that no two runs differ."""
    score = candidate.comparison.score if candidate.comparison else float("inf")
    return score, candidate.distance, candidate.known.creative_id


def _judged(
    fingerprint: Fingerprint,
    ranked: Sequence[Candidate],
    history: History,
    corrections: Mapping[str, Correction],
) -> Match:
    compared = [candidate for candidate in ranked if candidate.comparison]
    if not history.is_canonical:
        for candidate in compared:
            itself = resolve(candidate.known.creative_id, corrections) == fingerprint.creative_id
            if candidate.comparison and candidate.comparison.same and not itself:
                return _duplicate(fingerprint, candidate)
    for candidate in compared:
        if candidate.comparison and candidate.comparison.family:
            return _variant(fingerprint, candidate)
    return _new(fingerprint, ranked)


def resolve(creative_id: str, corrections: Mapping[str, Correction]) -> str:
    """The creative whose features hold for a canonical, after people's merges; where they run in a circle, the last."""
    passed = {creative_id}
    while (found := corrections.get(creative_id)) and found.action == "merge" and found.canonical_id:
        if found.canonical_id in passed:
            break
        creative_id = found.canonical_id
        passed.add(creative_id)
    return creative_id


def _duplicate(fingerprint: Fingerprint, candidate: Candidate) -> Match:
    """A copy of the candidate itself, also where a person merged that into another: they may take it back.

    The views follow the merge (infra/views/current_matches.sql).
    """
    return Match(
        **_own(fingerprint),
        **_nearest(candidate),
        match=MatchKind.DUPLICATE,
        canonical_id=candidate.known.creative_id,
        family_id=candidate.known.family_id,
        method="pixels",
        method_version=METHOD_VERSION,
    )


def _variant(fingerprint: Fingerprint, candidate: Candidate) -> Match:
    return Match(
        **_own(fingerprint),
        **_nearest(candidate),
        match=MatchKind.VARIANT,
        canonical_id=fingerprint.creative_id,
        family_id=candidate.known.family_id,
        method="pixels",
        method_version=METHOD_VERSION,
    )


def _new(fingerprint: Fingerprint, ranked: Sequence[Candidate]) -> Match:
    own = _standing(fingerprint)
    if fingerprint.near_blank:
        return Match(**own, match=MatchKind.NEW, method="content", method_version=CONTENT_METHOD_VERSION)
    if not ranked or not ranked[0].comparison:
        return Match(**own, match=MatchKind.NEW, method="hash", method_version=fingerprint.hash_version)
    nearest = _nearest(ranked[0])
    return Match(**own, **nearest, match=MatchKind.NEW, method="pixels", method_version=METHOD_VERSION)


def _merged(fingerprint: Fingerprint, history: History, corrections: Mapping[str, Correction]) -> Match:
    target = resolve(fingerprint.creative_id, corrections)
    fields = _own(fingerprint) | {"occurred_at": corrections[fingerprint.creative_id].occurred_at}
    return Match(
        **fields,
        match=MatchKind.DUPLICATE,
        canonical_id=target,
        family_id=history.match.family_id if history.match else target,
        matched_id=target,
        method=OVERRIDE,
        method_version=OVERRIDE_METHOD_VERSION,
    )


def _split(fingerprint: Fingerprint, ranked: Sequence[Candidate], history: History, correction: Correction) -> Match:
    """Its own canonical, in the family it was in: another version, said a person, not an unrelated creative."""
    before = history.match or _judged(fingerprint, ranked, history, {})
    own = before.family_id == fingerprint.creative_id
    return before.model_copy(
        update={
            "event_id": fingerprint.event_id,
            "occurred_at": correction.occurred_at,
            "match": MatchKind.NEW if own else MatchKind.VARIANT,
            "canonical_id": fingerprint.creative_id,
            "method": OVERRIDE,
            "method_version": OVERRIDE_METHOD_VERSION,
        }
    )


def _own(fingerprint: Fingerprint) -> dict[str, object]:
    return {"event_id": fingerprint.event_id, "creative_id": fingerprint.creative_id, "kind": fingerprint.kind}


def _standing(fingerprint: Fingerprint) -> dict[str, object]:
    own_id = fingerprint.creative_id
    return _own(fingerprint) | {"canonical_id": own_id, "family_id": own_id}


def _nearest(candidate: Candidate) -> dict[str, object]:
    return {
        "matched_id": candidate.known.creative_id,
        "distance": round(candidate.distance),
        "score": round(candidate.comparison.score, 2) if candidate.comparison else None,
    }


def _extraction(fingerprint: Fingerprint) -> Extraction:
    names = Extraction.model_fields.keys() - {"requested_by", "occurred_at", "schema_version"}
    return Extraction(**{name: getattr(fingerprint, name) for name in names if hasattr(fingerprint, name)})
