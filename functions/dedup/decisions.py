"""Decides what a creative is: pure functions of what is known, the same whatever the order the known comes in.

`new` stands for itself, a `variant` joins a family, a `duplicate` takes over what its canonical shows: one that shows
no less than it does. What its coming changes for others is worked out in groups.py, and written down here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.dedup.films import sequences
from functions.dedup.groups import Place
from functions.dedup.known import LOST_STEPS, OVERRIDE, History, Known, Ruling
from functions.dedup.pictures import verification
from functions.dedup.pictures.verification import Comparison
from shared.events import Canonical, Event, Extraction, Fingerprint, Match, MatchKind

CONTENT_METHOD_VERSION = "1"
OVERRIDE_METHOD_VERSION = "1"

_NOT_COMPARED = 3  # behind all that were


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
    corrections: Mapping[str, Ruling],
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


def events(fingerprint: Fingerprint, match: Match, difference: float | None = None) -> list[Event]:
    """What a decision publishes: itself, and for a canonical the row others are compared with and its extraction."""
    if match.match is not MatchKind.DUPLICATE:
        return [match, canonical(fingerprint, match), extraction(fingerprint)]
    return [match] if match.method == OVERRIDE else [match, canonical(fingerprint, match, difference)]


def canonical(fingerprint: Fingerprint, match: Match, difference: float | None = None) -> Canonical:
    """The row that others are compared with. A near-blank creative has one without hashes: only its pixels are equal.

    A duplicate has one as well, with the `difference` from its canonical.
    """
    hashed, still = not fingerprint.near_blank, fingerprint.duration_s is None
    inside = fingerprint.picture_aspect
    return Canonical(
        event_id=fingerprint.event_id,
        occurred_at=match.occurred_at,
        creative_id=fingerprint.creative_id,
        kind=fingerprint.kind,
        dhash=fingerprint.dhash if hashed and still else None,
        aspect=fingerprint.width / fingerprint.height if still or inside is None else inside,
        inside_aspect=inside if hashed else None,
        frames=fingerprint.frames if hashed else [],
        duration_s=fingerprint.duration_s,
        hash_version=fingerprint.hash_version,
        family_id=match.family_id,
        pixels_sha=fingerprint.pixels_sha,
        area=shown_area(fingerprint),
        canonical_id=match.canonical_id if match.match is MatchKind.DUPLICATE else None,
        difference=difference,
    )


def moved(place: Place, leader: Known, fingerprint: Fingerprint, when: datetime) -> list[Event]:
    """What is published of a creative whose place the coming of `fingerprint` changed; `leader` leads its family."""
    known, other = place.known, place.canonical
    related_id = fingerprint.creative_id if place.comparison else None
    kind = MatchKind.DUPLICATE if other else MatchKind.NEW if leader.rank == known.rank else MatchKind.VARIANT
    match = Match(
        event_id=fingerprint.event_id,
        occurred_at=when,
        creative_id=known.creative_id,
        kind=known.kind,
        match=kind,
        canonical_id=other.creative_id if other else known.creative_id,
        family_id=leader.creative_id,
        **_compared(other.creative_id if other else related_id, place.comparison),
        method="pixels",
        method_version=pixels_version(known),
        revised_for=fingerprint.creative_id,
    )
    return [match, _row(place, match)]


def _row(place: Place, match: Match) -> Canonical:
    known = place.known
    frames = known.frames.view("int64").tolist()
    image = not known.moves
    return Canonical(
        event_id=match.event_id,
        occurred_at=match.occurred_at,
        creative_id=known.creative_id,
        kind=known.kind,
        dhash=frames[0] if image and frames else None,
        aspect=known.aspect,
        frames=frames[1:] if image else frames,
        inside_aspect=known.inside_aspect,
        duration_s=known.duration_s,
        hash_version=known.hash_version,
        family_id=match.family_id,
        pixels_sha=known.pixels_sha,
        area=known.area or None,
        canonical_id=place.canonical.creative_id if place.canonical else None,
        difference=place.comparison.difference if place.canonical and place.comparison else None,
    )


def pixels_version(known: Known) -> str:
    """The version of the method by which such creatives are compared."""
    return sequences.METHOD_VERSION if known.moves else verification.METHOD_VERSION


def undecided(fingerprint: Fingerprint) -> Known:
    """A creative as the gate sees it before anything is decided: its family is itself."""
    own = Match(**_standing(fingerprint), match=MatchKind.NEW, method="content", method_version=CONTENT_METHOD_VERSION)
    return Known.of(canonical(fingerprint, own))


def order(fingerprints: Iterable[Fingerprint]) -> list[Fingerprint]:
    """The order in which a batch is decided: what shows most first, so that of copies the best is the canonical."""
    return sorted(fingerprints, key=lambda one: undecided(one).rank)


def shown_area(fingerprint: Fingerprint) -> int:
    """The pixels that a creative shows: one that was enlarged has no more than what it was made of.

    What its format made it lose counts for a pixel or two, of what moves for less than `LOST_STEPS`: it tells copies of
    one size apart, and nothing else.
    """
    shown = round(fingerprint.width * fingerprint.height * (fingerprint.detail_scale or 1.0) ** 2)
    if fingerprint.duration_s is not None:
        shown = -(-shown // LOST_STEPS) * LOST_STEPS
    return max(1, shown - (fingerprint.lost or 0))


def _rank(candidate: Candidate) -> tuple[tuple[int, float, float], float, str]:
    """The nearest first: by what they show and sound like, then by hash, then by id, so that no two runs differ."""
    found = candidate.comparison
    nearness = found.nearness() if found else (_NOT_COMPARED, 0.0, 0.0)
    return nearness, candidate.distance, candidate.known.creative_id


def _judged(
    fingerprint: Fingerprint,
    ranked: Sequence[Candidate],
    history: History,
    corrections: Mapping[str, Ruling],
) -> Match:
    copied = [] if history.is_canonical else _copied(fingerprint, ranked, corrections)
    if copied:
        return _duplicate(fingerprint, copied[0])
    for candidate in ranked:
        if candidate.comparison and candidate.comparison.family:
            return _variant(fingerprint, candidate)
    return _new(fingerprint, ranked)


def _copied(
    fingerprint: Fingerprint, candidates: Sequence[Candidate], corrections: Mapping[str, Ruling]
) -> list[Candidate]:
    """Those that show the same and no less, the nearest first.

    Of copies of one size that lost as much the one that stands already goes on standing: to exchange them would be paid
    for, and show nothing more.
    """
    own = undecided(fingerprint)
    same = [
        (candidate.comparison.difference, candidate.known.rank, candidate)
        for candidate in candidates
        if candidate.comparison
        and candidate.comparison.same
        and candidate.known.rank[:-1] <= own.rank[:-1]
        and resolve(candidate.known.creative_id, corrections) != fingerprint.creative_id
    ]
    return [candidate for _, _, candidate in sorted(same, key=lambda each: each[:2])]


def copied_first(fingerprint: Fingerprint, corrections: Mapping[str, Ruling]) -> Callable[[Candidate], bool] | None:
    """Whether a creative is the copy of a candidate, whatever those are that rank behind that one.

    So it is where they show the same without any difference, and neither was corrected. None where all count.
    """
    if fingerprint.creative_id in corrections:
        return None

    def is_copied(candidate: Candidate) -> bool:
        found = candidate.comparison
        return found is not None and found.difference == 0 and bool(_copied(fingerprint, [candidate], corrections))

    return is_copied


def leader(own: Known, leaders: Iterable[Known]) -> Known:
    """Who leads a family that `own` joins, or brings together: the best of its parts' leaders and of itself."""
    return min([own, *leaders], key=lambda known: known.rank)


def joined(match: Match, lead: Known) -> Match:
    """The match of a creative that stands for itself, in the family that `lead` leads."""
    own = lead.creative_id == match.creative_id
    return match.model_copy(
        update={"match": MatchKind.NEW if own else MatchKind.VARIANT, "family_id": lead.creative_id}
    )


def resolve(creative_id: str, corrections: Mapping[str, Ruling]) -> str:
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
        method_version=pixels_version(candidate.known),
    )


def _variant(fingerprint: Fingerprint, candidate: Candidate) -> Match:
    return Match(
        **_own(fingerprint),
        **_nearest(candidate),
        match=MatchKind.VARIANT,
        canonical_id=fingerprint.creative_id,
        family_id=candidate.known.family_id,
        method="pixels",
        method_version=pixels_version(candidate.known),
    )


def _new(fingerprint: Fingerprint, ranked: Sequence[Candidate]) -> Match:
    own = _standing(fingerprint)
    if fingerprint.near_blank:
        return Match(**own, match=MatchKind.NEW, method="content", method_version=CONTENT_METHOD_VERSION)
    if not ranked or not ranked[0].comparison:
        return Match(**own, match=MatchKind.NEW, method="hash", method_version=fingerprint.hash_version)
    nearest = _nearest(ranked[0])
    return Match(**own, **nearest, match=MatchKind.NEW, method="pixels", method_version=pixels_version(ranked[0].known))


def _merged(fingerprint: Fingerprint, history: History, corrections: Mapping[str, Ruling]) -> Match:
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


def _split(fingerprint: Fingerprint, ranked: Sequence[Candidate], history: History, correction: Ruling) -> Match:
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
    other_id = candidate.known.creative_id
    return {"distance": round(candidate.distance)} | _compared(other_id, candidate.comparison)


def _compared(other_id: str | None, comparison: Comparison | None) -> dict[str, Any]:
    """What a match says of the creative that another was compared with."""
    if other_id is None or comparison is None:
        return {"matched_id": other_id}
    at_s, until_s = comparison.stretches.get(other_id, (None, None))
    return {"matched_id": other_id, "score": round(comparison.score, 2), "at_s": at_s, "until_s": until_s}


def extraction(fingerprint: Fingerprint) -> Extraction:
    """The request to extract what it shows."""
    names = Extraction.model_fields.keys() - {"requested_by", "occurred_at", "schema_version"}
    return Extraction(**{name: getattr(fingerprint, name) for name in names if hasattr(fingerprint, name)})
