"""Decisions without servers: what the candidates, the record and people's corrections make of a creative."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.dedup import decisions
from functions.dedup.decisions import Candidate
from functions.dedup.films import sequences
from functions.dedup.groups import Place
from functions.dedup.known import LOST_STEPS, History, Known, Ruling
from functions.dedup.pictures import verification
from functions.dedup.pictures.verification import Comparison
from shared.events import Canonical, Kind, Match, MatchKind
from tests.functions.dedup import creatives

FINGERPRINT = creatives.fingerprint("one")
NOTHING = History()
WHEN = datetime(2026, 12, 1, tzinfo=UTC)


def known(name: str, family: str | None = None) -> Known:
    other = decisions.undecided(creatives.fingerprint(name, width=2400, height=1256))
    return Known(**{**vars(other), "family_id": creatives.creative_id(family or name)})


def candidate(
    name: str, *, same: bool = False, family: bool = True, score: float = 50.0, distance: int = 3, of: str | None = None
) -> Candidate:
    return Candidate(known(name, of), distance, Comparison(same=same, family=family or same, score=score))


def merged(into: str) -> Ruling:
    return Ruling("merge", creatives.creative_id(into), WHEN)


def earlier(**changes: object) -> Match:
    return decisions.decide(FINGERPRINT, [], NOTHING, {}).model_copy(update={"event_id": "earlier", **changes})


@pytest.mark.parametrize(
    ("canonical", "same", "leader", "match", "matched"),
    [
        ("b", True, "b", MatchKind.DUPLICATE, "b"),
        (None, True, "b", MatchKind.VARIANT, "one"),
        (None, None, "a", MatchKind.NEW, None),
    ],
)
def test_who_gets_another_place_says_whose_it_is_and_whom_it_was_compared_with(
    canonical: str | None, same: bool | None, leader: str, match: MatchKind, matched: str | None
) -> None:
    comparison = None if same is None else Comparison(same=same, family=True, score=3.0)
    place = Place(known("a"), known(canonical) if canonical else None, comparison)

    said, row = decisions.moved(place, known(leader), FINGERPRINT, WHEN)

    assert isinstance(said, Match)
    assert isinstance(row, Canonical)
    assert (said.creative_id, said.match, said.revised_for) == (
        creatives.creative_id("a"),
        match,
        FINGERPRINT.creative_id,
    )
    assert said.canonical_id == creatives.creative_id(canonical or "a")
    assert said.family_id == row.family_id == creatives.creative_id(leader)
    assert said.matched_id == (creatives.creative_id(matched) if matched else None)
    assert row.canonical_id == (creatives.creative_id(canonical) if canonical else None)
    assert row.difference == (comparison.difference if comparison and canonical else None)


@pytest.mark.parametrize(
    ("changes", "dhash", "frames"),
    [
        ({"dhash": 7}, 7, []),
        ({"dhash": 7, "near_blank": True}, None, []),
        ({"kind": Kind.VIDEO, "dhash": None, "frames": [1, 2, 3], "duration_s": 0.75}, None, [1, 2, 3]),
    ],
    ids=["image", "blank image", "video"],
)
def test_who_gets_another_place_keeps_the_hashes_that_it_has(
    changes: dict[str, Any], dhash: int | None, frames: list[int]
) -> None:
    own = decisions.undecided(creatives.fingerprint("a", **changes))

    _, row = decisions.moved(Place(own, None, None), own, FINGERPRINT, WHEN)

    assert isinstance(row, Canonical)
    assert (row.dhash, row.frames) == (dhash, frames)


def test_without_candidates_it_is_new() -> None:
    match = decisions.decide(FINGERPRINT, [], NOTHING, {})

    assert (match.match, match.method, match.matched_id) == (MatchKind.NEW, "hash", None)


def test_the_same_pixels_make_a_duplicate_with_all_that_is_needed_to_check_it() -> None:
    match = decisions.decide(FINGERPRINT, [candidate("a", same=True, score=4.321, distance=7)], NOTHING, {})

    assert match.match is MatchKind.DUPLICATE
    assert match.canonical_id == match.matched_id == match.family_id == creatives.creative_id("a")
    assert (match.distance, match.score, match.method) == (7, 4.32, "pixels")


@pytest.mark.parametrize("same", [True, False])
@pytest.mark.parametrize("family", [True, False])
@pytest.mark.parametrize(
    ("kind", "duration_s", "version"),
    [
        (Kind.IMAGE, None, verification.METHOD_VERSION),
        (Kind.IMAGE, 2.0, sequences.METHOD_VERSION),
        (Kind.VIDEO, 6.0, sequences.METHOD_VERSION),
    ],
)
def test_a_decision_says_by_which_method_and_version_it_was_made(
    kind: Kind, duration_s: float | None, version: str, same: bool, family: bool
) -> None:
    near = candidate("a", same=same, family=family)
    moving = replace(near, known=replace(near.known, kind=kind, duration_s=duration_s))

    match = decisions.decide(FINGERPRINT, [moving], NOTHING, {})

    assert (match.method, match.method_version) == ("pixels", version)


@pytest.mark.parametrize("score", [114.0, 255.0], ids=["another price", "another voice"])
def test_of_several_spots_the_one_that_a_version_has_most_in_common_with_is_named(score: float) -> None:
    def version_of(name: str, score: float, difference: float, distance: int) -> Candidate:
        own, other = FINGERPRINT.creative_id, known(name)
        stretches = {own: (0.0, 6.0), other.creative_id: (3.0, 9.0)}
        found = Comparison(same=False, family=True, score=score, difference=difference, stretches=stretches)
        return Candidate(other, distance, found)

    match = decisions.decide(
        FINGERPRINT, [version_of("other words", score, 3.1, 2), version_of("spot", 255.0, 1.2, 5)], NOTHING, {}
    )

    assert match.matched_id == creatives.creative_id("spot")


def test_a_spot_that_has_a_stretch_in_common_is_nearer_than_one_of_a_single_card() -> None:
    stretches = {FINGERPRINT.creative_id: (0.0, 6.0), creatives.creative_id("spot"): (3.0, 9.0)}
    found = Comparison(same=False, family=True, score=255.0, difference=4.0, stretches=stretches)

    match = decisions.decide(
        FINGERPRINT, [candidate("card", score=30.0), Candidate(known("spot"), 5, found)], NOTHING, {}
    )

    assert match.matched_id == creatives.creative_id("spot")


def test_a_version_joins_the_family_of_the_nearest() -> None:
    candidates = [candidate("far", score=80.0), candidate("near", score=30.0, of="first")]

    match = decisions.decide(FINGERPRINT, candidates, NOTHING, {})

    assert match.match is MatchKind.VARIANT
    assert (match.canonical_id, match.matched_id, match.family_id) == (
        FINGERPRINT.creative_id,
        creatives.creative_id("near"),
        creatives.creative_id("first"),
    )


def test_an_unrelated_creative_with_a_near_hash_is_no_family_but_on_record() -> None:
    match = decisions.decide(FINGERPRINT, [candidate("a", family=False, score=200.0)], NOTHING, {})

    assert (match.match, match.family_id) == (MatchKind.NEW, FINGERPRINT.creative_id)
    assert (match.matched_id, match.score) == (creatives.creative_id("a"), 200.0)


def test_a_candidate_that_could_not_be_compared_is_never_a_match() -> None:
    match = decisions.decide(FINGERPRINT, [Candidate(known("a"), 0, None)], NOTHING, {})

    assert match.match is MatchKind.NEW


def test_a_duplicate_counts_for_more_than_a_nearer_version() -> None:
    candidates = [candidate("version", score=1.0), candidate("copy", same=True, score=5.0)]

    match = decisions.decide(FINGERPRINT, candidates, NOTHING, {})

    assert match.canonical_id == creatives.creative_id("copy")


@pytest.mark.parametrize("order", [1, -1])
def test_of_several_copies_the_nearest_is_the_one(order: int) -> None:
    candidates = [
        replace(candidate(name), comparison=Comparison(same=True, family=True, score=3.0, difference=difference))
        for name, difference in (("near", 1.0), ("far", 2.0))
    ][::order]

    match = decisions.decide(FINGERPRINT, candidates, NOTHING, {})

    assert match.canonical_id == creatives.creative_id("near")


@given(
    st.lists(
        st.tuples(st.sampled_from("abcdef"), st.booleans(), st.sampled_from([1.0, 5.0, 40.0]), st.integers(0, 10)),
        max_size=6,
        unique_by=lambda drawn: drawn[0],
    )
)
def test_the_order_of_candidates_decides_nothing(drawn: list[tuple[str, bool, float, int]]) -> None:
    candidates = [candidate(name, same=same, score=score, distance=bits) for name, same, score, bits in drawn]
    expected = decisions.decide(FINGERPRINT, candidates, NOTHING, {}).model_dump(exclude={"occurred_at"})

    for shuffled in itertools.islice(itertools.permutations(candidates), 24):
        found = decisions.decide(FINGERPRINT, shuffled, NOTHING, {})

        assert found.model_dump(exclude={"occurred_at"}) == expected


def test_of_equal_scores_the_nearer_hash_counts_and_then_the_smaller_id() -> None:
    names = sorted("abc", key=creatives.creative_id)
    tied = [candidate(names[2], distance=2), candidate(names[0], distance=9), candidate(names[1], distance=2)]

    match = decisions.decide(FINGERPRINT, tied, NOTHING, {})

    assert match.matched_id == creatives.creative_id(names[1])


@pytest.mark.parametrize(
    ("changes", "dhash", "frames"),
    [
        ({"dhash": 7}, 7, []),
        ({"dhash": 7, "near_blank": True}, None, []),
        ({"kind": Kind.VIDEO, "dhash": None, "frames": [1, 2, 3], "duration_s": 0.75}, None, [1, 2, 3]),
        ({"kind": Kind.VIDEO, "dhash": None, "frames": [1, 2, 3], "duration_s": 0.75, "near_blank": True}, None, []),
    ],
    ids=["image", "blank image", "video", "blank video"],
)
def test_others_are_compared_with_a_row_of_hashes_and_a_blank_has_none(
    changes: dict[str, Any], dhash: int | None, frames: list[int]
) -> None:
    fingerprint = creatives.fingerprint("one", width=300, height=200, **changes)

    row = decisions.canonical(fingerprint, decisions.decide(fingerprint, [], NOTHING, {}))

    assert (row.dhash, row.frames, row.aspect) == (dhash, frames, 1.5)
    assert (row.creative_id, row.kind, row.duration_s) == (
        fingerprint.creative_id,
        fingerprint.kind,
        fingerprint.duration_s,
    )


def test_a_merged_creative_stays_in_the_family_that_it_was_in() -> None:
    corrections = {FINGERPRINT.creative_id: merged("b")}
    family = creatives.creative_id("family")

    before = decisions.decide(FINGERPRINT, [], History(earlier(family_id=family)), corrections)
    unseen = decisions.decide(FINGERPRINT, [], NOTHING, corrections)

    assert before.family_id == family
    assert unseen.family_id == unseen.canonical_id == creatives.creative_id("b")


def test_what_was_decided_before_is_decided_again() -> None:
    match = earlier()

    again = decisions.decide(FINGERPRINT, [candidate("a", same=True, score=0.0)], History(match), {})

    assert again == match.model_copy(update={"event_id": FINGERPRINT.event_id})


def test_a_canonical_that_others_count_on_becomes_no_duplicate() -> None:
    match = decisions.decide(FINGERPRINT, [candidate("a", same=True, score=0.0)], History(is_canonical=True), {})

    assert (match.match, match.canonical_id) == (MatchKind.VARIANT, FINGERPRINT.creative_id)


def test_copies_of_a_merged_creative_are_copies_of_it_as_long_as_it_is_merged_and_after() -> None:
    corrections = {creatives.creative_id("a"): merged("b"), creatives.creative_id("b"): merged("c")}

    match = decisions.decide(FINGERPRINT, [candidate("a", same=True, score=0.0)], NOTHING, corrections)

    assert match.matched_id == match.canonical_id == creatives.creative_id("a")


def test_merges_in_a_circle_end() -> None:
    corrections = {creatives.creative_id("a"): merged("b"), creatives.creative_id("b"): merged("a")}

    match = decisions.decide(FINGERPRINT, [candidate("a", same=True, score=0.0)], NOTHING, corrections)

    assert match.canonical_id == creatives.creative_id("a")


def test_a_creative_into_which_its_candidate_was_merged_stays_canonical() -> None:
    corrections = {creatives.creative_id("a"): merged("one")}

    match = decisions.decide(FINGERPRINT, [candidate("a", same=True, score=0.0)], NOTHING, corrections)

    assert match.canonical_id == FINGERPRINT.creative_id


def test_a_merge_by_a_person_is_over_any_decision() -> None:
    corrections = {FINGERPRINT.creative_id: merged("b")}

    match = decisions.decide(FINGERPRINT, [], History(earlier()), corrections)

    assert (match.match, match.canonical_id, match.method) == (
        MatchKind.DUPLICATE,
        creatives.creative_id("b"),
        "override",
    )


def test_a_split_by_a_person_is_over_any_decision_and_keeps_the_family() -> None:
    duplicate = decisions.decide(FINGERPRINT, [candidate("a", same=True, score=0.0)], NOTHING, {})
    corrections = {FINGERPRINT.creative_id: Ruling("split", None, WHEN)}

    match = decisions.decide(FINGERPRINT, [], History(duplicate), corrections)

    assert (match.match, match.canonical_id, match.family_id) == (
        MatchKind.VARIANT,
        FINGERPRINT.creative_id,
        creatives.creative_id("a"),
    )


def test_a_split_that_was_taken_back_leaves_the_decision() -> None:
    match = earlier()
    corrections = {FINGERPRINT.creative_id: Ruling("reset", None, WHEN)}

    again = decisions.decide(FINGERPRINT, [], History(match), corrections)

    assert again.match is match.match


@pytest.mark.parametrize(
    ("fields", "topics"),
    [
        ({}, ["matches", "canonicals", "extractions"]),
        ({"match": MatchKind.DUPLICATE, "canonical_id": creatives.creative_id("a")}, ["matches", "canonicals"]),
    ],
)
def test_only_canonicals_are_extracted_and_all_are_compared_with(fields: dict[str, object], topics: list[str]) -> None:
    published = decisions.events(FINGERPRINT, earlier(**fields))

    assert [event.TOPIC for event in published] == topics


def test_a_near_blank_creative_has_no_hash_to_come_near_to() -> None:
    blank = creatives.fingerprint(near_blank=True, dhash=None)

    canonical = decisions.canonical(blank, decisions.decide(blank, [], NOTHING, {}))

    assert (canonical.dhash, canonical.frames) == (None, [])


def test_the_largest_of_a_batch_is_decided_first_then_the_lowest_id() -> None:
    small, large = creatives.fingerprint("small", width=300, height=157), creatives.fingerprint("large")
    alike = [creatives.fingerprint(name) for name in "abc"]

    ordered = decisions.order([small, *alike, large])

    assert ordered[-1] == small
    assert [one.creative_id for one in ordered[:-1]] == sorted(one.creative_id for one in [*alike, large])
    assert {one.kind for one in ordered} == {Kind.IMAGE}


@pytest.mark.parametrize(
    ("size", "match"),
    [
        ((FINGERPRINT.width, FINGERPRINT.height), MatchKind.DUPLICATE),
        ((FINGERPRINT.width - 1, FINGERPRINT.height), MatchKind.VARIANT),
        ((FINGERPRINT.width + 1, FINGERPRINT.height), MatchKind.DUPLICATE),
    ],
)
def test_a_copy_takes_its_features_from_one_that_shows_no_less(size: tuple[int, int], match: MatchKind) -> None:
    near = candidate("a", same=True)
    sized = decisions.undecided(creatives.fingerprint("a", width=size[0], height=size[1]))

    decided = decisions.decide(FINGERPRINT, [replace(near, known=sized)], NOTHING, {})

    assert decided.match is match


@pytest.mark.parametrize(("scale", "area"), [(None, 2_000_000), (1.0, 2_000_000), (0.5, 500_000)])
def test_an_enlarged_copy_shows_no_more_than_it_was_made_of(scale: float | None, area: int) -> None:
    enlarged = creatives.fingerprint("a", width=2000, height=1000).model_copy(update={"detail_scale": scale, "lost": 0})

    assert decisions.shown_area(enlarged) == area


def test_of_what_moves_a_little_more_that_a_format_lost_does_not_tell() -> None:
    film = creatives.fingerprint(
        "a", kind=Kind.VIDEO, dhash=None, frames=[1, 2, 3], duration_s=0.75, width=101, height=99
    )

    areas = {decisions.shown_area(film.model_copy(update={"lost": lost})) for lost in (0, None)}

    assert areas == {-(-101 * 99 // LOST_STEPS) * LOST_STEPS}


@pytest.mark.parametrize(
    ("comparison", "copied"),
    [
        (Comparison(same=True, family=True, score=0.0), True),
        (Comparison(same=True, family=True, score=0.0, difference=0.5), False),
        (Comparison(same=False, family=True, score=0.0), False),
        (None, False),
    ],
)
def test_what_shows_the_very_same_is_a_copy_whatever_ranks_behind_it(
    comparison: Comparison | None, copied: bool
) -> None:
    is_copied = decisions.copied_first(FINGERPRINT, {})

    assert is_copied
    assert is_copied(replace(candidate("a"), comparison=comparison)) is copied


def test_of_what_a_person_corrected_all_that_is_near_counts() -> None:
    assert decisions.copied_first(FINGERPRINT, {FINGERPRINT.creative_id: merged("a")}) is None


def test_who_joins_a_family_is_a_version_of_its_leader_and_the_leader_none() -> None:
    own = decisions.decide(FINGERPRINT, [], NOTHING, {})

    assert decisions.joined(own, known("a")).match is MatchKind.VARIANT
    assert decisions.joined(own, known("a")).family_id == creatives.creative_id("a")
    assert decisions.joined(own, known("one")).match is MatchKind.NEW
    assert decisions.joined(own, known("one")).family_id == FINGERPRINT.creative_id


def test_the_leader_of_a_family_is_the_best_copy_in_it() -> None:
    small, large = (
        decisions.undecided(creatives.fingerprint(name, width=width)) for name, width in (("s", 9), ("l", 99))
    )

    assert decisions.leader(small, []) is small
    assert decisions.leader(small, [large]) is large
    assert decisions.leader(large, [small]) is large


@pytest.mark.parametrize("same", [True, False])
def test_the_row_to_compare_with_names_the_canonical_of_a_duplicate_alone(same: bool) -> None:
    match = decisions.decide(FINGERPRINT, [candidate("a", same=same)], NOTHING, {})

    row = decisions.canonical(FINGERPRINT, match)

    assert row.canonical_id == (creatives.creative_id("a") if same else None)
