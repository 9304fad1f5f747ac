"""`dedup` from fingerprint to events, with real BigQuery and Cloud Storage servers behind it."""

import itertools
import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched, groupby, product
from typing import Any

import pytest
from google.api_core.exceptions import GoogleAPICallError
from google.cloud import bigquery, storage
from PIL import Image, ImageFilter

from functions.dedup import decisions, gate, groups
from functions.dedup.asking import Tables
from functions.dedup.coalescing import Coalescer
from functions.dedup.comparing import Comparer
from functions.dedup.judging import Judge
from functions.dedup.known import Case, Known
from functions.dedup.lookup import Lookup
from functions.dedup.main import case_of, events_of, parse
from functions.dedup.memory.snapshot import Snapshot
from functions.dedup.pictures.verification import Comparison
from functions.dedup.recent import Decision, Recent
from shared.events import Canonical, Event, Extraction, Fingerprint, Kind, Match, MatchKind, Override
from shared.reasons import Rejected
from shared.stage import Message
from tests.bigquery import Dataset
from tests.cases import first_of, some_of
from tests.functions.dedup import creatives

Step = Callable[[Fingerprint | Override], list[Event]]


@pytest.fixture
def start(dataset: Dataset, bucket: storage.Bucket) -> Callable[[], Step]:
    """Starts an instance, which knows nothing of those before it but what they published."""

    def start_instance() -> Step:
        lookup = lookup_in(dataset.client, dataset.name, bucket)
        comparer = Comparer(bucket.client, bucket.name)
        waiting_room = Coalescer(Judge(lookup, comparer, Recent(), threads=2).judge, max_batch=100)

        def step(asked: Fingerprint | Override) -> list[Event]:
            case = Case(asked) if isinstance(asked, Fingerprint) else case_of(asked, lookup)
            return events_of(case, waiting_room) if case else []

        return step

    return start_instance


def lookup_in(client: bigquery.Client, dataset: str, bucket: storage.Bucket) -> Lookup:
    """One that asks each time what others decided."""
    return Lookup(Tables(client, dataset, max_bytes_billed=2**30, timeout_s=60), Snapshot(bucket), refresh_s=0)


def publish(dataset: Dataset, events: Iterable[Event]) -> None:
    """Writes events to their tables, as the subscriptions do; extractions are not read by `dedup`."""
    stored = sorted((event for event in events if not isinstance(event, Extraction)), key=lambda event: event.TOPIC)
    for topic, rows in groupby(stored, key=lambda event: event.TOPIC):
        dataset.load(topic, rows)


def match_of(events: list[Event]) -> Match:
    """What is said of the creative itself: it comes after what changes for others."""
    return [event for event in events if isinstance(event, Match)][-1]


def test_an_unknown_creative_is_new_and_extracted(start: Callable[[], Step], bucket: storage.Bucket) -> None:
    one = creatives.stored(bucket, "one", creatives.ad())

    match, canonical, extraction = start()(one)

    assert isinstance(match, Match)
    assert (match.match, match.canonical_id, match.method) == (MatchKind.NEW, one.creative_id, "hash")
    assert isinstance(canonical, Canonical)
    assert (canonical.dhash, canonical.family_id) == (one.dhash, one.creative_id)
    assert isinstance(extraction, Extraction)
    assert (extraction.uri, extraction.event_id) == (one.uri, one.event_id)


def test_a_copy_of_a_stored_creative_is_a_duplicate(
    start: Callable[[], Step], bucket: storage.Bucket, dataset: Dataset
) -> None:
    picture = creatives.ad()
    one = creatives.stored(bucket, "one", picture)
    publish(dataset, start()(one))
    smaller = creatives.stored(bucket, "smaller", creatives.saved(picture.resize((400, 209)), "JPEG", quality=60))

    match = match_of(start()(smaller))

    assert isinstance(match, Match)
    assert match.match is MatchKind.DUPLICATE
    assert match.canonical_id == match.matched_id == match.family_id == one.creative_id
    assert match.distance is not None
    assert match.score is not None
    assert match.distance <= 10
    assert match.score <= 10


def test_a_changed_promotion_is_a_variant_of_the_stored_creative(
    start: Callable[[], Step], bucket: storage.Bucket, dataset: Dataset
) -> None:
    both = [creatives.stored(bucket, said, creatives.ad(said)) for said in ("20% OFF", "50% OFF")]
    one, other = sorted(both, key=lambda each: each.creative_id)  # of equals the lowest id leads the family
    publish(dataset, start()(one))

    events = start()(other)

    match = match_of(events)
    assert (match.match, match.canonical_id, match.family_id) == (
        MatchKind.VARIANT,
        other.creative_id,
        one.creative_id,
    )
    assert [event.TOPIC for event in events] == ["matches", "canonicals", "extractions"]


BARS = {"above and below": (0, 1, 0, 1), "beside": (1, 0, 1, 0)}


@pytest.mark.parametrize(
    ("sides", "share", "ground"),
    some_of(
        [
            ("above and below", 0.03, "black"),
            ("above and below", 0.05, "white"),
            ("above and below", 0.04, None),
            ("beside", 0.03, "#1c54b4"),
            ("beside", 0.05, None),
            ("above and below", 0.08, "black"),
            ("above and below", 0.9, "#1c54b4"),
            ("beside", 0.3, "white"),
        ],
        in_the_gate=[("beside", 0.05, None)],
    ),
)
def test_a_design_within_bars_is_a_version_of_it_and_no_copy(
    start: Callable[[], Step], bucket: storage.Bucket, dataset: Dataset, sides: str, share: float, ground: str | None
) -> None:
    one = creatives.stored(bucket, "one", creatives.ad())
    publish(dataset, start()(one))
    reframed = creatives.stored(bucket, "reframed", within_bars(creatives.ad(), BARS[sides], share, ground))

    events = start()(reframed)

    assert match_of(events).canonical_id == reframed.creative_id
    assert {event.family_id for event in events if isinstance(event, Canonical)} == {reframed.creative_id}
    assert {event.match for event in events if isinstance(event, Match)} == {MatchKind.NEW, MatchKind.VARIANT}


@pytest.mark.long
def test_one_design_within_bars_of_two_kinds_is_a_family(
    start: Callable[[], Step], bucket: storage.Bucket, dataset: Dataset
) -> None:
    one, other = (
        creatives.stored(bucket, ground, within_bars(creatives.ad(), BARS["above and below"], share, ground))
        for ground, share in (("black", 0.4), ("#e8e8f0", 0.9))
    )
    publish(dataset, start()(one))

    events = start()(other)

    assert {event.match for event in events if isinstance(event, Match)} == {MatchKind.NEW, MatchKind.VARIANT}


@pytest.mark.long
def test_other_designs_within_the_same_bars_are_no_family(
    start: Callable[[], Step], bucket: storage.Bucket, dataset: Dataset
) -> None:
    one, other = (
        creatives.stored(
            bucket, f"{seed}", within_bars(creatives.ad(seed=seed), BARS["above and below"], 0.9, "black"), dhash=7
        ).model_copy(update={"frames": [7]})
        for seed in (3, 4)
    )
    publish(dataset, start()(one))

    assert match_of(start()(other)).match is MatchKind.NEW


@pytest.mark.long
def test_white_pictures_of_other_proportions_are_no_family(
    start: Callable[[], Step], bucket: storage.Bucket, dataset: Dataset
) -> None:
    """Most of them is alike, and so may be their hashes, whatever they show in the middle."""
    one, other = (
        creatives.stored(bucket, f"{seed}", on_white(creatives.ad(seed=seed, size=(200, 200)), size), dhash=7)
        for seed, size in ((3, (600, 600)), (4, (600, 645)))
    )
    publish(dataset, start()(one))

    assert match_of(start()(other)).match is MatchKind.NEW


def on_white(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    around = Image.new("RGB", size, "white")
    around.paste(picture, ((size[0] - picture.width) // 2, (size[1] - picture.height) // 2))
    return around


def within_bars(
    picture: Image.Image, sides: tuple[int, int, int, int], share: float, ground: str | None
) -> Image.Image:
    """A picture with bars on some sides (left, top, right, bottom), of a share of it and a colour; None: blurred."""
    left, top, right, bottom = (
        round(there * share * side) for there, side in zip(sides, 2 * picture.size, strict=True)
    )
    size = picture.width + left + right, picture.height + top + bottom
    around = (
        picture.resize(size).filter(ImageFilter.GaussianBlur(20)) if ground is None else Image.new("RGB", size, ground)
    )
    around.paste(picture, (left, top))
    return around


def test_ten_copies_at_once_have_one_canonical(
    start: Callable[[], Step], bucket: storage.Bucket, dataset: Dataset
) -> None:
    picture = creatives.ad(size=(300, 157))
    copies = [
        creatives.stored(bucket, f"copy {quality}", creatives.saved(picture, "JPEG", quality=quality))
        for quality in range(40, 90, 5)
    ]
    step = start()

    with ThreadPoolExecutor(len(copies)) as threads:
        events = [event for events in threads.map(step, copies) for event in events]
    publish(dataset, events)

    (extracted,) = (event for event in events if isinstance(event, Extraction))
    assert canonicals(dataset) == dict.fromkeys(ids(*copies), extracted.creative_id)


def test_a_better_copy_that_comes_later_is_extracted_and_stands_for_the_others(
    start: Callable[[], Step], bucket: storage.Bucket, dataset: Dataset
) -> None:
    small = creatives.stored(bucket, "small", creatives.ad().resize((300, 157)))
    large = creatives.stored(bucket, "large", creatives.ad())
    publish(dataset, start()(small))

    events = start()(large)
    publish(dataset, events)

    assert [event.creative_id for event in events if isinstance(event, Extraction)] == [large.creative_id]
    assert canonicals(dataset) == dict.fromkeys(ids(small, large), large.creative_id)


ORDERS = [*map(list, itertools.permutations(range(3)))]


@pytest.mark.long
@pytest.mark.parametrize("order", some_of(ORDERS, in_the_gate=[ORDERS[5]]))
def test_an_enlarged_copy_stands_for_nothing_that_it_was_made_of(
    start: Callable[[], Step], bucket: storage.Bucket, dataset: Dataset, order: list[int]
) -> None:
    source = creatives.ad()
    enlarged = source.resize((900, 471), Image.Resampling.LANCZOS)
    pictures = {"enlarged": enlarged, "source": source, "small": source.resize((400, 209))}
    coming = [creatives.stored(bucket, name, picture) for name, picture in pictures.items()]
    step = start()

    for at in order:
        publish(dataset, step(coming[at]))

    assert canonicals(dataset) == dict.fromkeys(ids(*coming), coming[1].creative_id)


@dataclass(frozen=True)
class Unlike:
    """Takes all creatives for copies of each other, but for two."""

    pair: frozenset[str]

    def compare(self, one: Known, other: Known) -> Comparison:
        same = {one.creative_id, other.creative_id} != self.pair
        return Comparison(same=same, family=True, score=1.0, difference=1.0)

    def nearest(self, _: Known, others: Sequence[Known]) -> list[Known]:
        return list(others)


@pytest.mark.parametrize("order", some_of(ORDERS, in_the_gate=[ORDERS[4]]))
def test_of_one_size_the_copy_that_lost_least_stands_for_those_that_do_not_resemble_each_other(
    bucket: storage.Bucket, dataset: Dataset, order: list[int]
) -> None:
    lost = {"png": 0, "webp": 2, "avif": 2}
    coming = [creatives.fingerprint(name, lost=each) for name, each in lost.items()]
    unlike = Unlike(frozenset(ids(*coming[1:])))
    lookup = lookup_in(dataset.client, dataset.name, bucket)
    waiting_room = Coalescer(Judge(lookup, unlike, Recent(), threads=1).judge, max_batch=100)

    for at in order:
        publish(dataset, events_of(Case(coming[at]), waiting_room))

    assert canonicals(dataset) == dict.fromkeys(ids(*coming), coming[0].creative_id)


@dataclass
class Alike:
    """Films are copies of each other where their groups are the same, else versions; it counts what it was asked."""

    group: Mapping[str, int]
    asked: int = 0

    def compare(self, one: Known, other: Known) -> Comparison:
        self.asked += 1
        same = self.group[one.creative_id] == self.group[other.creative_id]
        return Comparison(same=same, family=True, score=1.0, difference=0.0 if same else 1.0)

    def nearest(self, own: Known, others: Sequence[Known]) -> list[Known]:
        return gate.nearest_moving(own, others)


def moving(name: str, seconds: float, lost: int, width: int = 640) -> Fingerprint:
    frames = [0x0123456789ABCDEF] * round(4 * seconds)
    changes = {"kind": Kind.VIDEO, "dhash": None, "frames": frames, "duration_s": seconds, "lost": lost}
    return creatives.fingerprint(name, width=width, height=360, **changes)


@pytest.mark.parametrize("order", first_of(ORDERS))
def test_of_films_the_best_copy_stands_for_the_others_in_every_order(
    bucket: storage.Bucket, dataset: Dataset, order: list[int]
) -> None:
    """A copy by few bits, cut by .7 s, stood for a whole spot of the same size that came after it."""
    coming = [moving("whole, fine", 12.0, 3), moving("whole, coarse", 12.04, 14), moving("cut, coarse", 11.3, 14)]
    lookup = lookup_in(dataset.client, dataset.name, bucket)
    alike = Alike(dict.fromkeys(ids(*coming), 0))
    waiting_room = Coalescer(Judge(lookup, alike, Recent(), threads=1).judge, max_batch=100)

    for at in order:
        publish(dataset, events_of(Case(coming[at]), waiting_room))

    assert canonicals(dataset) == dict.fromkeys(ids(*coming), coming[0].creative_id)


@pytest.mark.long
@pytest.mark.parametrize(("seed", "at_once"), some_of([*product(range(3), (1, 5, 30))], in_the_gate=[(1, 5)]))
def test_a_copy_of_a_film_is_compared_with_few_and_judged_as_if_it_were_with_all(
    bucket: storage.Bucket, dataset: Dataset, monkeypatch: pytest.MonkeyPatch, seed: int, at_once: int
) -> None:
    """Of three versions of a spot, ten copies of each."""
    chosen = random.Random(seed)
    coming = [
        moving(f"{number}", chosen.choice((11.4, 12.0, 12.04)), chosen.randint(0, 20), chosen.choice((480, 640)))
        for number in range(30)
    ]
    group = {each.creative_id: number % 3 for number, each in enumerate(coming)}
    chosen.shuffle(coming)

    def judged() -> tuple[dict[str, tuple[str, str]], int]:
        alike, matches = Alike(group), dict[str, tuple[str, str]]()
        judge = Judge(lookup_in(dataset.client, dataset.name, bucket), alike, Recent(), threads=2)
        for some in batched(coming, at_once, strict=False):
            for decision in judge.judge([Case(each) for each in some]):
                assert isinstance(decision, Decision)
                said = [*decision.others, decision.match]
                matches |= {
                    each.creative_id: (each.canonical_id, each.family_id) for each in said if isinstance(each, Match)
                }
        return matches, alike.asked

    with_few, few = judged()
    monkeypatch.setattr(decisions, "copied_first", lambda *_: None)
    monkeypatch.setattr(groups, "_may_be_nearer", lambda *_: True)
    with_all, many = judged()

    assert with_few == with_all
    assert few < 0.9 * many


@pytest.mark.parametrize("order", first_of(ORDERS))
def test_versions_whose_difference_a_small_copy_cannot_show_stay_two_in_every_order(
    start: Callable[[], Step], bucket: storage.Bucket, dataset: Dataset, order: list[int]
) -> None:
    """The small one goes with the version it is of; neither version takes the other's features."""
    may, june = (creatives.with_print(f"0% until 3 {month} 2026") for month in ("May", "June"))
    pictures = {"small": may.resize((160, 160)), "may": may, "june": june}
    coming = small, one, other = [creatives.stored(bucket, name, picture) for name, picture in pictures.items()]
    step = start()

    for at in order:
        publish(dataset, step(coming[at]))

    assert canonicals(dataset) == dict(zip(ids(small, one, other), ids(one, one, other), strict=True))
    assert len({row["family_id"] for row in dataset.query("SELECT family_id FROM current_matches")}) == 1


def test_equal_pixels_are_one_creative_however_small_they_are_and_however_they_are_kept(
    start: Callable[[], Step], bucket: storage.Bucket
) -> None:
    banner = creatives.ad(size=(320, 50))
    one, other = creatives.stored(bucket, "png", banner), creatives.stored(bucket, "bmp", banner, encoding="BMP")
    step = start()
    step(one)

    found = {match.canonical_id for match in step(other) if isinstance(match, Match)}

    assert one.creative_id != other.creative_id
    assert found == {min(ids(one, other))}


def test_pixels_of_a_creative_that_was_erased_meanwhile_stand_for_themselves(
    start: Callable[[], Step], bucket: storage.Bucket, dataset: Dataset
) -> None:
    one, other = (creatives.stored(bucket, name, creatives.ad(), encoding=name) for name in ("PNG", "BMP"))
    step = start()
    publish(dataset, step(one))
    bucket.blob(f"thumbnails/{one.creative_id}.webp").delete()

    match = match_of(step(other))

    assert (match.match, match.canonical_id) == (MatchKind.NEW, other.creative_id)


def test_an_instance_learns_what_another_decided(
    start: Callable[[], Step], bucket: storage.Bucket, dataset: Dataset
) -> None:
    one = creatives.stored(bucket, "one", creatives.ad(size=(300, 157)))
    copy = creatives.stored(bucket, "copy", creatives.copy(creatives.ad(size=(300, 157))))
    stranger = creatives.stored(bucket, "stranger", creatives.ad(seed=2, size=(300, 157)))
    running, other = start(), start()
    publish(dataset, running(stranger))
    publish(dataset, other(one))

    match = match_of(running(copy))

    assert (match.match, match.canonical_id) == (MatchKind.DUPLICATE, one.creative_id)


@pytest.mark.long
def test_a_decision_from_before_duplicates_had_rows_is_given_again(
    start: Callable[[], Step], bucket: storage.Bucket, dataset: Dataset
) -> None:
    one = creatives.stored(bucket, "one", creatives.ad(size=(300, 157)))
    copy = creatives.stored(bucket, "copy", creatives.copy(creatives.ad(size=(300, 157))))
    step = start()
    said = [event for event in [*step(one), *step(copy)] if not isinstance(event, Canonical)]
    publish(dataset, said)

    again = match_of(start()(copy))

    assert again == match_of(said)


def test_what_a_batch_decided_is_known_to_the_next_before_bigquery_shows_it(
    start: Callable[[], Step], bucket: storage.Bucket
) -> None:
    step = start()
    one = creatives.stored(bucket, "one", creatives.ad())
    copy = creatives.stored(bucket, "copy", creatives.copy(creatives.ad()))
    step(one)

    match = match_of(step(copy))

    assert isinstance(match, Match)
    assert match.canonical_id == one.creative_id


def test_a_repeated_event_publishes_the_same_again(start: Callable[[], Step], bucket: storage.Bucket) -> None:
    step = start()
    one = creatives.stored(bucket, "one", creatives.ad())
    first = step(one)

    again = step(one)

    assert again[:2] == first[:2]
    assert isinstance(again[2], Extraction)


def test_a_repeated_event_gets_the_same_decision_after_a_restart(
    start: Callable[[], Step], bucket: storage.Bucket, dataset: Dataset
) -> None:
    one = creatives.stored(bucket, "one", creatives.ad())
    copy = creatives.stored(bucket, "copy", creatives.copy(creatives.ad()))
    step = start()
    first, second = step(one), step(copy)
    publish(dataset, [*first, *second])

    again = start()

    said = {match.creative_id: match for match in (*first, *second) if isinstance(match, Match)}
    assert {match.creative_id: match for match in map(match_of, (again(copy), again(one)))} == said


@pytest.mark.long
def test_a_creative_that_others_count_on_stays_canonical_when_its_own_decision_was_lost(
    start: Callable[[], Step], bucket: storage.Bucket, dataset: Dataset
) -> None:
    picture = creatives.ad()
    one, copy, third = (
        creatives.stored(bucket, name, creatives.saved(picture, "JPEG", quality=quality))
        for name, quality in (("one", 90), ("copy", 70), ("third", 50))
    )
    crashed = start()
    crashed(one)  # never published
    publish(dataset, crashed(copy))
    publish(dataset, start()(third))

    match = match_of(start()(one))

    leader = min(ids(one, third))
    assert (match.canonical_id, match.family_id) == (one.creative_id, leader)
    assert match.match is (MatchKind.NEW if leader == one.creative_id else MatchKind.VARIANT)


@pytest.mark.parametrize("bases", first_of([[1], [1, 2]]))
def test_two_instances_at_once_cost_an_extraction_more_at_most_and_get_no_row_wrong(
    start: Callable[[], Step], bucket: storage.Bucket, dataset: Dataset, bases: list[int]
) -> None:
    """As while a new revision rolls out: either gets a message, or both do, and BigQuery shows their rows late."""
    fingerprints, said = [], {}
    for base, words, quality in itertools.product(bases, ("20% OFF", "50% OFF"), (90, 60)):
        picture = creatives.saved(creatives.ad(words, seed=base), "JPEG", quality=quality)
        fingerprints.append(creatives.stored(bucket, f"{base} {words} {quality}", picture))
        said[fingerprints[-1].creative_id] = base, words
    chance = random.Random(1)
    instances = start(), start()
    late: list[Event] = []
    extracted: set[str] = set()
    for fingerprint in chance.sample(2 * fingerprints, 2 * len(fingerprints)):
        events = chance.choice(instances)(fingerprint)
        extracted |= {event.creative_id for event in events if isinstance(event, Extraction)}
        late.extend(events)
        if chance.random() < 0.2:
            publish(dataset, late)
            late.clear()
    publish(dataset, late)

    rows = {row["creative_id"]: row for row in dataset.query("SELECT * FROM current_matches")}
    assert rows.keys() == said.keys()
    assert all(said[row["canonical_id"]] == said[creative_id] for creative_id, row in rows.items())
    assert all(said[row["family_id"]][0] == said[creative_id][0] for creative_id, row in rows.items())
    canonical_ids = {row["canonical_id"] for row in rows.values()}
    assert canonical_ids == {creative_id for creative_id, row in rows.items() if row["match"] != MatchKind.DUPLICATE}
    assert canonical_ids == extracted
    assert max(Counter(said[canonical_id] for canonical_id in canonical_ids).values()) <= len(instances)


def test_near_blank_creatives_are_never_merged(start: Callable[[], Step]) -> None:
    step = start()
    step(creatives.fingerprint("white", near_blank=True, dhash=None))

    match = match_of(step(creatives.fingerprint("blue", near_blank=True, dhash=None)))

    assert (match.match, match.method) == (MatchKind.NEW, "content")


def test_a_creative_without_a_thumbnail_is_never_merged(start: Callable[[], Step], bucket: storage.Bucket) -> None:
    step = start()
    one = creatives.stored(bucket, "one", creatives.ad())
    step(one)

    match = match_of(step(creatives.fingerprint("lost", dhash=one.dhash)))

    assert match.match is MatchKind.NEW


def test_a_merge_by_a_person_holds_for_later_copies(
    start: Callable[[], Step], bucket: storage.Bucket, dataset: Dataset
) -> None:
    step = start()
    summer = creatives.stored(bucket, "summer", creatives.ad("20% OFF"))
    sale = creatives.stored(bucket, "sale", creatives.ad("50% OFF"))
    publish(dataset, [*step(summer), *step(sale)])
    publish(dataset, [override(sale, "merge", canonical_id=summer.creative_id)])
    copy = creatives.stored(bucket, "copy", creatives.copy(creatives.ad("50% OFF")))

    publish(dataset, start()(copy))

    assert canonicals(dataset) == dict.fromkeys(ids(summer, sale, copy), summer.creative_id)


@pytest.mark.long
def test_copies_of_a_merged_creative_are_its_own_again_after_a_reset(
    start: Callable[[], Step], bucket: storage.Bucket, dataset: Dataset
) -> None:
    step = start()
    summer = creatives.stored(bucket, "summer", creatives.ad("20% OFF"))
    sale = creatives.stored(bucket, "sale", creatives.ad("50% OFF"))
    publish(dataset, [*step(summer), *step(sale)])
    publish(dataset, [override(sale, "merge", canonical_id=summer.creative_id)])
    copy = creatives.stored(bucket, "copy", creatives.copy(creatives.ad("50% OFF")))
    publish(dataset, start()(copy))

    publish(dataset, [override(sale, "reset", day=2)])

    expected = dict.fromkeys(ids(sale, copy), sale.creative_id) | {summer.creative_id: summer.creative_id}
    assert canonicals(dataset) == expected


@pytest.mark.parametrize("restarted", first_of([False, True]))
def test_a_split_creative_is_its_own_canonical_and_extracted(
    start: Callable[[], Step], bucket: storage.Bucket, dataset: Dataset, restarted: bool
) -> None:
    step = start()
    one = creatives.stored(bucket, "one", creatives.ad())
    copy = creatives.stored(bucket, "copy", creatives.copy(creatives.ad()))
    publish(dataset, [*step(one), *step(copy)])
    publish(dataset, [override(copy, "split")])

    events = (start() if restarted else step)(copy)

    match = match_of(events)
    assert (match.match, match.canonical_id, match.method) == (MatchKind.VARIANT, copy.creative_id, "override")
    assert isinstance(events[-1], Extraction)


@pytest.mark.long
def test_a_correction_that_was_taken_back_no_longer_holds(
    start: Callable[[], Step], bucket: storage.Bucket, dataset: Dataset
) -> None:
    step = start()
    one = creatives.stored(bucket, "one", creatives.ad())
    copy = creatives.stored(bucket, "copy", creatives.copy(creatives.ad()))
    publish(dataset, [*step(one), *step(copy)])
    publish(dataset, [override(copy, "split", day=1), override(copy, "reset", day=2)])

    match = match_of(start()(copy))

    assert (match.match, match.canonical_id) == (MatchKind.DUPLICATE, one.creative_id)


@pytest.mark.long
def test_a_split_publishes_the_creative_as_a_canonical_with_its_extraction(
    start: Callable[[], Step], bucket: storage.Bucket, dataset: Dataset
) -> None:
    step = start()
    one = creatives.stored(bucket, "one", creatives.ad())
    copy = creatives.stored(bucket, "copy", creatives.copy(creatives.ad()), batch_id="b")
    publish(dataset, [one, copy, *step(one), *step(copy)])
    split = override(copy, "split")

    match, canonical, extraction = step(split)

    assert isinstance(match, Match)
    assert (match.match, match.canonical_id, match.family_id) == (
        MatchKind.VARIANT,
        copy.creative_id,
        one.creative_id,
    )
    assert match.occurred_at == split.occurred_at
    assert isinstance(canonical, Canonical)
    assert (canonical.dhash, canonical.hash_version) == (copy.dhash, copy.hash_version)
    assert isinstance(extraction, Extraction)
    assert (extraction.uri, extraction.batch_id, extraction.event_id) == (copy.uri, "b", split.event_id)


@pytest.mark.long
def test_a_split_video_keeps_its_frames(start: Callable[[], Step], bucket: storage.Bucket, dataset: Dataset) -> None:
    pictures = [creatives.ad(f"scene {number}", seed=number, size=(640, 360)) for number in range(4)]
    video = creatives.stored_video(bucket, "video", [pictures[at // 8] for at in range(32)])
    publish(dataset, [video, *start()(video)])

    _, canonical, extraction = start()(override(video, "split"))

    assert isinstance(canonical, Canonical)
    assert (canonical.frames, canonical.duration_s) == (video.frames, video.duration_s)
    assert isinstance(extraction, Extraction)
    assert (extraction.kind, extraction.duration_s) == (Kind.VIDEO, video.duration_s)


def test_a_correction_holds_before_bigquery_shows_it(
    start: Callable[[], Step], bucket: storage.Bucket, dataset: Dataset
) -> None:
    step = start()
    one = creatives.stored(bucket, "one", creatives.ad())
    copy = creatives.stored(bucket, "copy", creatives.copy(creatives.ad()))
    publish(dataset, [one, copy, *step(one), *step(copy)])
    split = step(override(copy, "split"))

    again = step(copy)

    assert match_of(again) == match_of(split).model_copy(update={"event_id": copy.event_id})


def test_a_correction_that_comes_late_does_not_undo_a_newer_one(
    start: Callable[[], Step], bucket: storage.Bucket, dataset: Dataset
) -> None:
    step = start()
    one = creatives.stored(bucket, "one", creatives.ad())
    copy = creatives.stored(bucket, "copy", creatives.copy(creatives.ad()))
    publish(dataset, [one, copy, *step(one), *step(copy)])
    step(override(copy, "reset", day=2))

    match = match_of(step(override(copy, "split", day=1)))

    assert isinstance(match, Match)
    assert (match.match, match.canonical_id) == (MatchKind.DUPLICATE, one.creative_id)


@pytest.mark.long
def test_after_a_reset_a_creative_that_only_a_correction_decided_is_judged_by_its_pixels(
    start: Callable[[], Step], bucket: storage.Bucket, dataset: Dataset
) -> None:
    step = start()
    one = creatives.stored(bucket, "one", creatives.ad())
    copy = creatives.stored(bucket, "copy", creatives.copy(creatives.ad()))
    publish(dataset, [one, copy, override(copy, "split", day=1), *step(one)])
    publish(dataset, step(copy))

    match = match_of(step(override(copy, "reset", day=2)))

    assert (match.match, match.matched_id, match.method) == (MatchKind.VARIANT, one.creative_id, "pixels")


@pytest.mark.parametrize(
    "shown",
    first_of([{"frames": [5]}, {"dhash": None, "duration_s": 1.0, "frames": [1, 2, 3, 4]}]),
    ids=["a still", "an animation"],
)
def test_a_creative_within_bars_is_found_by_the_same_after_a_correction(
    start: Callable[[], Step], dataset: Dataset, shown: dict[str, Any]
) -> None:
    one = creatives.fingerprint(picture_aspect=1.0, **shown)
    before = start()(one)
    publish(dataset, [one, *before])

    after = start()(override(one, "split"))

    assert found_by(after) == found_by(before)


def found_by(events: Iterable[Event]) -> list[object]:
    names = {"dhash", "frames", "aspect", "inside_aspect"}
    return [event.model_dump(include=names) for event in events if isinstance(event, Canonical)]


@pytest.mark.long
def test_a_correction_of_a_creative_yet_to_come_waits_for_it(
    start: Callable[[], Step], bucket: storage.Bucket, dataset: Dataset
) -> None:
    step = start()
    publish(dataset, step(creatives.stored(bucket, "one", creatives.ad())))
    copy = creatives.stored(bucket, "copy", creatives.copy(creatives.ad()))
    split = override(copy, "split")

    before = step(split)
    publish(dataset, [split])
    after = start()(copy)

    assert before == []
    assert [event.TOPIC for event in after] == ["matches", "canonicals", "extractions"]


@pytest.mark.parametrize(
    "event",
    [
        creatives.fingerprint(batch_id="action"),
        Override(event_id="e", creative_id=creatives.creative_id("one"), action="split", author="ann"),
    ],
    ids=["fingerprint", "override"],
)
def test_a_message_is_known_by_what_it_holds_whoever_sent_it(event: Fingerprint | Override) -> None:
    assert parse(Message(event.model_dump_json().encode(), {}, "1")) == event


def test_a_correction_that_is_none_is_refused_as_such() -> None:
    merge = {"event_id": "e", "creative_id": creatives.creative_id("one"), "action": "merge", "author": "ann"}

    with pytest.raises(Rejected, match=r"not a valid Override: .*merge needs another creative"):
        parse(Message(json.dumps(merge).encode(), {}, "1"))


@pytest.mark.long
def test_other_hash_versions_are_not_compared(
    start: Callable[[], Step], bucket: storage.Bucket, dataset: Dataset
) -> None:
    one = creatives.stored(bucket, "one", creatives.ad())
    publish(dataset, start()(one))
    copy = creatives.stored(bucket, "copy", creatives.ad(), hash_version="test/2")

    match = match_of(start()(copy))

    assert match.match is MatchKind.NEW


def test_a_failed_lookup_fails_every_request_that_waits_for_it(
    bigquery_client: object, bucket: storage.Bucket, dataset: Dataset
) -> None:
    lookup = lookup_in(dataset.client, "no_such_dataset", bucket)
    room = Coalescer(Judge(lookup, Comparer(bucket.client, bucket.name), Recent(), threads=1).judge, max_batch=9)

    with pytest.raises(GoogleAPICallError):
        events_of(Case(creatives.fingerprint()), room)


@pytest.mark.long
def test_a_repeated_video_at_another_time_in_bigquery_is_found(
    start: Callable[[], Step], dataset: Dataset, bucket: storage.Bucket
) -> None:
    pictures = [creatives.ad(f"scene {number}", seed=number, size=(320, 180)) for number in range(4)]
    whole = creatives.probed_video(bucket, [pictures[at // 8] for at in range(32)])
    publish(dataset, start()(whole))
    trimmed = creatives.probed_video(bucket, [pictures[at // 8] for at in range(3, 32)])

    match = match_of(start()(trimmed))

    assert (match.match, match.canonical_id, match.kind) == (MatchKind.DUPLICATE, whole.creative_id, Kind.VIDEO)


@pytest.mark.parametrize("spot_first", first_of([True, False]))
def test_a_cut_down_is_a_variant_of_its_spot_and_says_which_seconds_it_shows(
    spot_first: bool, start: Callable[[], Step], dataset: Dataset, bucket: storage.Bucket
) -> None:
    pictures = [creatives.ad(f"scene {number}", seed=number, size=(320, 180)) for number in range(6)]
    spot = creatives.stored_video(bucket, "spot", [pictures[at // 8] for at in range(48)])
    cut = creatives.stored_video(bucket, "cut", [pictures[at // 8] for at in range(16, 32)])
    order = [spot, cut] if spot_first else [cut, spot]

    events = []
    for each in order:
        said = start()(each)
        publish(dataset, said)
        events += said

    rows = {row["creative_id"]: row for row in dataset.query("SELECT * FROM current_matches")}
    assert (rows[cut.creative_id]["match"], rows[spot.creative_id]["match"]) == ("variant", "new")
    assert rows[cut.creative_id]["family_id"] == rows[cut.creative_id]["matched_id"] == spot.creative_id
    assert (rows[cut.creative_id]["at_s"], rows[cut.creative_id]["until_s"]) == pytest.approx((4, 8), abs=0.3)
    assert {event.creative_id for event in events if isinstance(event, Extraction)} == {*ids(spot, cut)}


def ids(*fingerprints: Fingerprint) -> list[str]:
    return [fingerprint.creative_id for fingerprint in fingerprints]


def canonicals(dataset: Dataset) -> dict[str, str]:
    """The canonical of each creative, after all corrections."""
    rows = dataset.query("SELECT creative_id, canonical_id FROM current_matches")
    return {row["creative_id"]: row["canonical_id"] for row in rows}


def override(fingerprint: Fingerprint, action: str, *, canonical_id: str | None = None, day: int = 1) -> Override:
    return Override.model_validate(
        {
            "event_id": "correction",
            "occurred_at": datetime(2026, 12, day, tzinfo=UTC),
            "creative_id": fingerprint.creative_id,
            "action": action,
            "canonical_id": canonical_id,
            "author": "ann",
        }
    )
