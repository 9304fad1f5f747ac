"""`current_matches`: who is whose duplicate, after corrections, whatever the order in which decisions came."""

import itertools
from collections.abc import Callable

import pytest

from tests.infra.views.conftest import Tables
from tests.infra.views.rows import Row, World

type Build = Callable[[World], list[Row]]
type Found = dict[str | None, tuple[str, str | None, str | None]]

CASES: dict[str, tuple[Build, dict[str, tuple[str, str, str]]]] = {
    "decisions stand as they are": (
        lambda w: [w.match("a"), w.match("b", "a"), w.match("c", family="a")],
        {"a": ("new", "a", "a"), "b": ("duplicate", "a", "a"), "c": ("variant", "c", "a")},
    ),
    "a chain leads to its end": (
        lambda w: [w.match("a"), w.match("b", "a"), w.match("c", "b"), w.match("d", "c")],
        {"a": ("new", "a", "a"), **dict.fromkeys("bcd", ("duplicate", "a", "a"))},
    ),
    "families connect": (
        lambda w: [w.match("a"), w.match("b", family="a"), w.match("c", "b", family="b"), w.match("d", family="b")],
        {"a": ("new", "a", "a"), "b": ("variant", "b", "a"), "c": ("duplicate", "b", "a"), "d": ("variant", "d", "a")},
    ),
    "a canonical that is not decided yet is the end all the same": (
        lambda w: [w.match("b", "a"), w.match("c", "b")],
        {"b": ("duplicate", "a", "a"), "c": ("duplicate", "a", "a")},
    ),
    "where instances disagreed the one that made it canonical holds": (
        lambda w: [w.match("a"), w.match("b", "a", at=3), w.match("b", at=4)],
        {"a": ("new", "a", "a"), "b": ("new", "b", "b")},
    ),
    "of two decisions alike the first holds": (
        lambda w: [w.match("a"), w.match("c"), w.match("b", "c", at=5), w.match("b", "a", at=4)],
        {"a": ("new", "a", "a"), "b": ("duplicate", "a", "a"), "c": ("new", "c", "c")},
    ),
    "a split duplicate becomes a variant in its family": (
        lambda w: [w.match("a"), w.match("b", "a"), w.override("b", "split")],
        {"a": ("new", "a", "a"), "b": ("variant", "b", "a")},
    ),
    "a split canonical keeps its duplicates": (
        lambda w: [w.match("a"), w.match("b", "a"), w.override("a", "split")],
        {"a": ("new", "a", "a"), "b": ("duplicate", "a", "a")},
    ),
    "a merge takes the duplicates and variants along": (
        lambda w: [
            w.match("a"),
            w.match("b", "a"),
            w.match("c", family="a"),
            w.match("d"),
            w.override("a", "merge", "d"),
        ],
        {
            "a": ("duplicate", "d", "d"),
            "b": ("duplicate", "d", "d"),
            "c": ("variant", "c", "d"),
            "d": ("new", "d", "d"),
        },
    ),
    "a merge into a duplicate leads to its canonical": (
        lambda w: [w.match("a"), w.match("b", "a"), w.match("c"), w.override("c", "merge", "b")],
        {"a": ("new", "a", "a"), "b": ("duplicate", "a", "a"), "c": ("duplicate", "a", "a")},
    ),
    "a reset leaves the decision": (
        lambda w: [w.match("a"), w.match("b", "a"), w.override("b", "split", at=60), w.override("b", "reset", at=61)],
        {"a": ("new", "a", "a"), "b": ("duplicate", "a", "a")},
    ),
    "the newest correction holds, also over later decisions": (
        lambda w: [
            w.match("a"),
            w.match("b", at=99),
            w.match("c"),
            w.override("b", "merge", "c", at=60),
            w.override("b", "split", at=50),
        ],
        {"a": ("new", "a", "a"), "b": ("duplicate", "c", "c"), "c": ("new", "c", "c")},
    ),
    "a decision that dedup took from a correction does not outlive it": (
        lambda w: [w.match("a"), w.match("b", "a"), w.match("b", method="override", at=5), w.override("b", "reset")],
        {"a": ("new", "a", "a"), "b": ("duplicate", "a", "a")},
    ),
    "merges in a circle end at the smallest id": (
        lambda w: [
            *(w.match(name) for name in "abcd"),
            w.override("a", "merge", "b"),
            w.override("b", "merge", "c"),
            w.override("c", "merge", "a"),
            w.override("d", "merge", "b"),
        ],
        {"a": ("new", "a", "a"), **dict.fromkeys("bcd", ("duplicate", "a", "a"))},
    ),
    "a correction of what was never decided does nothing": (
        lambda w: [w.match("a"), w.override("b", "split")],
        {"a": ("new", "a", "a")},
    ),
}


@pytest.fixture(scope="module")
def found(module_tables: Tables) -> dict[int, Found]:
    """What each case's creatives are: match, canonical and family by name; every row was written twice."""
    worlds = {number: World(number) for number in range(len(CASES))}
    rows = [row for world, (build, _) in zip(worlds.values(), CASES.values(), strict=True) for row in build(world)]
    module_tables.fill([*rows, *rows])
    results: dict[int, Found] = {number: {} for number in worlds}
    for row in module_tables.read("current_matches"):
        number = int(row["creative_id"][32:], 16)
        name, canonical, family = (
            worlds[number].name(row[column]) for column in ("creative_id", "canonical_id", "family_id")
        )
        results[number][name] = (row["match"], canonical, family)
    return results


@pytest.mark.parametrize("case", CASES)
def test_decisions_and_corrections_resolve(found: dict[int, Found], case: str) -> None:
    assert found[list(CASES).index(case)] == CASES[case][1]


def test_the_decision_under_a_correction_can_still_be_read(tables: Tables) -> None:
    w = World()
    tables.fill([w.match("a"), w.match("b", "a", distance=3, score=4.5), w.override("b", "split")])

    (row,) = [row for row in tables.read("current_matches") if row["creative_id"] == w.creative("b")]

    assert (row["decided_match"], row["decided_canonical_id"]) == ("duplicate", w.creative("a"))
    assert (row["override"], row["override_author"], row["override_note"]) == ("split", "ada", "by eye")
    assert row["overridden_at"] > row["decided_at"]
    assert (row["distance"], row["score"]) == (3, 4.5)


def test_a_chain_of_sixty_leads_to_its_end(tables: Tables) -> None:
    w = World()
    names = [f"n{number:03}" for number in range(61)]
    tables.fill([w.match(names[0]), *(w.match(name, before) for before, name in itertools.pairwise(names))])

    canonicals = {row["canonical_id"] for row in tables.read("current_matches")}

    assert canonicals == {w.creative(names[0])}
