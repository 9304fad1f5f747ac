"""The index: near is what the gate lets through of all that are known, and what BigQuery holds is what it holds."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from google.cloud import bigquery, storage
from hypothesis import given
from hypothesis import strategies as st

from functions.dedup import asking, decisions, gate, lookup
from functions.dedup.asking import Tables
from functions.dedup.known import History, Known
from functions.dedup.lookup import Lookup
from functions.dedup.memory.index import Index
from functions.dedup.memory.snapshot import Snapshot
from shared.events import Canonical, Kind
from tests.bigquery import PROJECT, Dataset
from tests.functions.dedup import creatives

START = datetime(2026, 11, 2, tzinfo=UTC)
BASE = 0x0F1E2D3C4B5A6978


def canonical(chance: random.Random, name: str, **changes: Any) -> Canonical:
    """A row as `dedup` could have written it, often near to others of its kind."""
    moves = chance.random() < 0.4
    frames = [near(chance) for _ in range(chance.randint(0, 40))] if moves else []
    dhash = None if moves or chance.random() < 0.1 else near(chance)
    has_bars = dhash is not None and chance.random() < 0.3
    others = [creatives.creative_id(str(number)) for number in range(9)]
    fields = {
        "event_id": "event",
        "occurred_at": START + timedelta(microseconds=chance.randrange(10**12)),
        "creative_id": creatives.creative_id(name),
        "kind": Kind.VIDEO if moves and chance.random() < 0.8 else Kind.IMAGE,
        "dhash": dhash,
        "inside_aspect": chance.choice([1.0, 1.04, 1 / 3]) if has_bars else None,
        "aspect": chance.choice([1.0, 1.04, 1.06, 1 / 3, chance.uniform(0.01, 50)]),
        "frames": [near(chance)] if has_bars else frames,
        "duration_s": chance.choice([1, 1, 1, 5]) * max(len(frames), 1) / 4 if moves else None,
        "hash_version": chance.choice(["test/1", "test/1", "test/2"]),
        "family_id": chance.choice(others),
        "pixels_sha": None if moves else chance.choice([None, "0a" * 16, f"{chance.getrandbits(128):032x}"]),
        "area": chance.choice([None, 1, 10**10]),
        "canonical_id": chance.choice([None, *others]),
        "difference": chance.choice([None, 0.0, 0.1 + 0.2, 1e-7]),
    }
    return Canonical.model_validate(fields | changes)


def near(chance: random.Random) -> int:
    """A signed hash that lies within a few bits of one of two, or anywhere."""
    bits = chance.choice([BASE, BASE ^ (2**64 - 1), chance.getrandbits(64)])
    for _ in range(chance.randint(0, 12)):
        bits ^= 1 << chance.randrange(64)
    return bits - 2**64 if bits >= 2**63 else bits


def may_pass(one: Known, other: Known) -> bool:
    """The rule, pair by pair: of what moves, whether the anchors of the shorter are in the longer.

    Of what was only glanced at the gate itself looks for its best key frames, in what lasts less.
    """
    if one.moves is not other.moves or one.hash_version != other.hash_version:
        return False
    if not one.moves and one.shows_pixels_of(other):
        return True
    if not one.moves:
        return gate.distance(one, other) is not None
    if not one.frames.size or not other.frames.size or not gate.of_one_shape(one.aspect, other.aspect):
        return False
    part, whole = sorted((one, other), key=lambda known: known.duration_s or 0)
    if not gate.as_long(part, whole) and whole.frames.size <= 2 * (whole.duration_s or 0):
        return gate.distance(one, other) is not None
    shorter, longer = sorted((one, other), key=lambda known: known.frames.size)
    bits = [min(int(a ^ b).bit_count() for b in longer.frames) for a in gate.anchors(shorter.frames)]
    return sum(bits) <= gate.ANCHOR_RADIUS * gate.ANCHORS


def said(known: Known | None) -> dict[str, Any] | None:
    return asdict(known) | {"frames": known.frames.tolist()} if known else None


def hostile(chance: random.Random) -> list[dict[str, Any]]:
    """Rows that anybody could write who may write to the table."""
    changes: list[dict[str, Any]] = [
        {"creative_id": "' OR 1"}, {"family_id": ""}, {"canonical_id": "A" * 40}, {"aspect": 0.0}, {"aspect": -1.5},
    ]  # fmt: skip
    rows = [canonical(chance, f"hostile {number}").model_dump(mode="json") for number in range(len(changes))]
    return [row | change for row, change in zip(rows, changes, strict=True)]


def newest(rows: Iterable[Canonical]) -> dict[str, Known]:
    return {row.creative_id: Known.of(row) for row in sorted(rows, key=lambda row: row.occurred_at)}


def put(rows: Sequence[Canonical]) -> Index:
    index = Index.empty()
    for row in rows:
        index.put(Known.of(row), (row.occurred_at - START) // timedelta(microseconds=1))
    return index


def rows_of(chance: random.Random, n: int) -> list[Canonical]:
    """Rows of so many creatives, some told again, in any order."""
    first = [canonical(chance, f"creative {number}") for number in range(n)]
    again = [canonical(chance, f"creative {chance.randrange(n)}") for _ in range(n // 3)]
    same_shape = {row.creative_id: row for row in first}
    moved = [
        same_shape[row.creative_id].model_copy(
            update={"occurred_at": row.occurred_at, "canonical_id": row.canonical_id, "family_id": row.family_id}
        )
        for row in again
    ]
    return chance.sample([*first, *moved], len(first) + len(moved))


@given(seed=st.integers(0, 2**32), n=st.integers(1, 60))
def test_near_are_those_and_only_those_that_may_pass_whatever_came_in_which_order(seed: int, n: int) -> None:
    chance = random.Random(seed)
    rows = rows_of(chance, n)
    index, truth = put(rows), newest(rows)
    own = Known.of(canonical(chance, "own"))

    found = [known.creative_id for known in index.near(own)]

    expected = {creative_id for creative_id, known in truth.items() if own.comparable and may_pass(own, known)}
    assert sorted(found) == sorted(expected)
    assert {creative_id: said(index.standing(creative_id)) for creative_id in truth} == {
        creative_id: said(known) for creative_id, known in truth.items()
    }


def test_the_nearest_come_first_and_no_more_than_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "MOST_NEAR", 3)
    index = Index.empty()
    for bits in (7, 3, 9, 0, 11, 5):
        known = decisions.undecided(creatives.fingerprint(f"{bits} bits", dhash=(1 << bits) - 1))
        index.put(known, 0)

    found = index.near(decisions.undecided(creatives.fingerprint("own", dhash=0)))

    assert [known.creative_id for known in found] == [creatives.creative_id(f"{bits} bits") for bits in (0, 3, 5)]


def test_what_lies_behind_a_mark_is_what_came_since() -> None:
    index = put([canonical(random.Random(1), "before")])
    mark = index.mark
    later = decisions.undecided(creatives.fingerprint("later"))
    index.put(later, 0)

    found = index.near(decisions.undecided(creatives.fingerprint("own")), mark)

    assert [known.creative_id for known in found] == [later.creative_id]


@pytest.mark.parametrize("packed_together", [20_000, 3])
def test_what_is_read_from_bigquery_is_what_its_newest_rows_say(
    dataset: Dataset, bucket: storage.Bucket, monkeypatch: pytest.MonkeyPatch, packed_together: int
) -> None:
    monkeypatch.setattr(asking, "_PACKED_TOGETHER", packed_together)
    chance = random.Random(packed_together)
    rows = rows_of(chance, 60)
    dataset.load("canonicals", [*rows, *hostile(chance)])
    tables = Tables(dataset.client, dataset.name, max_bytes_billed=2**30, timeout_s=60)
    read = Lookup(tables, Snapshot(bucket), refresh_s=300)

    read.refresh()

    truth = newest(rows)
    assert tables.digits("canonicals") == {20_000: 1, 3: 2}[packed_together]
    assert read.index.size == len(truth)
    assert {creative_id: said(read.index.standing(creative_id)) for creative_id in truth} == {
        creative_id: said(known) for creative_id, known in truth.items()
    }
    for own in [Known.of(canonical(chance, "own")) for _ in range(20)]:
        assert [known.creative_id for known in read.index.near(own)] == [
            known.creative_id for known in put(rows).near(own)
        ]


def test_what_others_decide_is_read_once_and_what_was_erased_is_forgotten_when_all_is_read_anew(
    dataset: Dataset, bucket: storage.Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = Tables(dataset.client, dataset.name, max_bytes_billed=2**30, timeout_s=60)
    read = Lookup(tables, Snapshot(bucket), refresh_s=0)
    read.refresh()
    fingerprint = creatives.fingerprint("late")
    match, row, _ = decisions.events(fingerprint, decisions.decide(fingerprint, [], History(), {}))
    dataset.load("matches", [match])
    before = scans(dataset)
    read.refresh()  # its row is not there yet
    dataset.load("canonicals", [row])

    for _ in range(3):
        read.refresh()
    known = said(read.index.standing(fingerprint.creative_id))
    asked = scans(dataset) - before
    dataset.query(f"DELETE FROM canonicals WHERE creative_id = '{fingerprint.creative_id}'")
    monkeypatch.setattr(lookup, "READ_ANEW_S", 0.0)
    read.refresh()

    assert isinstance(row, Canonical)
    assert known == said(Known.of(row))
    assert asked == 2
    assert read.index.standing(fingerprint.creative_id) is None


def scans(dataset: Dataset) -> int:
    """How often all canonicals were read."""
    jobs = dataset.client.list_jobs(project=PROJECT, all_users=True)
    return sum(isinstance(job, bigquery.QueryJob) and job.query == asking.statement_text("standing") for job in jobs)


def test_frames_of_a_creative_that_is_told_of_again_are_kept_once() -> None:
    fingerprint = creatives.fingerprint(kind=Kind.VIDEO, dhash=None, frames=list(range(100)), duration_s=25)
    known, index = decisions.undecided(fingerprint), Index.empty()
    index.put(known, 0)
    size = index.n_bytes

    for moment in range(1, 50):
        index.put(known, moment)

    assert index.n_bytes == size
    assert np.array_equal(index.near(known)[0].frames, known.frames)


def test_an_instance_asks_often_what_those_before_it_decided_and_then_less_and_less() -> None:
    asked, age = [], 0.0
    while age < 24 * 3600:
        age += min(300.0, lookup.pause_s(age))
        asked.append(age)

    assert asked[:3] == [5.0, 10.0, 15.0]
    assert all(later - earlier <= max(5.0, later / 3) for earlier, later in pairwise(asked))
    assert 24 * 12 < len(asked) < 24 * 12 + 20
