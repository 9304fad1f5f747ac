"""What is kept of how the pipeline stands: the same as the views say, counted again where something is new."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from google.api_core.exceptions import Forbidden, PreconditionFailed
from google.cloud import bigquery, storage

from creatives.operations import status
from creatives.operations.tables import Tables as Asked
from functions.settle import asking, keeping, main, rawads, settling
from functions.settle.keeping import Plan
from functions.settle.settings import SettleSettings
from shared import described, stage
from shared.events import Settled, StatusCount
from shared.stage import Message
from tests.bigquery import PROJECT, Dataset
from tests.cases import first_of, some_of
from tests.infra.views.conftest import Tables
from tests.infra.views.rows import Row, World, moment
from tests.infra.views.test_order import plan, published_again

NOW = datetime(2026, 11, 3, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def settings(dataset: Dataset, **more: float | str) -> SettleSettings:
    names = {f"{part}_bucket": part for part in ("creatives", "results", "staging")}
    return SettleSettings.model_validate({"google_cloud_project": PROJECT, "dataset": dataset.name, **names, **more})


def settle(dataset: Dataset, bucket: storage.Bucket, at: datetime = NOW, **more: float) -> Settled | None:
    """A tick; what it tells becomes a row."""
    dataset.written.update([*keeping.KEPT, rawads.KEPT, settling.SAVED])  # to be emptied with the rest
    settled = settling.settle(dataset.client, bucket, settings(dataset, **more), at, f"tick of {at}")
    dataset.load("settled", [settled] if settled else [])
    return settled


def rows(dataset: Dataset, view: str) -> list[str]:
    """All that a view says, but for when it was counted."""
    return sorted(str(row | {"settled_at": None}) for row in dataset.query(f"SELECT * FROM {view}"))


@pytest.fixture
def by_the_views(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing can be kept, which takes a while here."""
    monkeypatch.setattr(keeping, "plan", lambda *_: None)


@pytest.fixture
def unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can tell whether anything is new."""
    monkeypatch.setattr(described, "description", lambda *_: None)


def assert_counted(settled: Settled | None, dataset: Dataset) -> None:
    """That what was counted is what the views say."""
    [row] = asking.ask(dataset.client, settings(dataset), "standing", {"today": NOW.date()}).result()
    money = {name: value for name, value in row.items() if name != "counts"}
    assert settled
    assert settled.counts == [StatusCount.model_validate(each) for each in row["counts"]]
    assert {name: getattr(settled, name) for name in money} == money
    assert rows(dataset, settling.SAVED) == rows(dataset, "saved_now")


def follow(dataset: Dataset, bucket: storage.Bucket, rows: list[Row], at: datetime = NOW) -> Plan:
    """What was to be read when there were these rows, too; it was."""
    dataset.written.update([*keeping.KEPT, rawads.KEPT])
    Tables(dataset).fill(rows)
    planned = keeping.plan(dataset.client, bucket, settings(dataset), at)
    assert planned
    keeping.follow(dataset.client, bucket, settings(dataset), planned, at)
    return planned


def world(seed: int) -> list[Row]:
    """Rows of ads and creatives, some of which change their state more than once, in any order."""
    dice, made, w = random.Random(seed), plan(seed, 60, 20), World(seed)
    useless: dict[str, Any] = {"answer_uri": "gs://r/a", "model": "m", "cost_usd": Decimal("0.002")}
    rows: list[Row] = [*made.rows, *(published_again(each) for each in dice.sample(made.rows, k=30))]
    rows += [
        *(w.override("c1", "merge", "c0"), w.override("c2", "split", at=70), w.override("c6", "split", at=80)),
        *(w.override("c6", "reset", at=90), w.match("c4", "c3", at=95, revised_for=w.creative("c3"))),
        *(
            w.failed_ad("x3", at=400),
            w.failed_creative("c3", "extract", at=500),
            w.failed_creative("c9", "dedup", at=9),
        ),
        *(w.answer("c4", at=600, cost="0.02"), w.answer("c4", at=500, cost="0.03"), w.answer("c7", at=800, cost=None)),
        *(w.wait("c0", at=700), w.extraction("c0", at=701), w.sighting("x7", "c5", at=300), w.ad("nobody", at=2)),
        *(
            w.sighting("x8", "unknown", at=9000),
            w.failed_creative("c5", "extract", at=900, **useless),
            w.upload("u", "c0", at=3),
        ),
        *(w.failed_ad("late", at=1), w.sighting("late", "c0", at=4000), w.video("film", at=5), w.sighting("y", "film")),
        *(w.dead_letter("fetch-ads", w.ad("lost", at=3)), w.image("given", at=4), w.sighting("g", "given", at=4)),
        *(w.dead_letter("hash", w.image("given", at=4)), w.dead_letter("probe", w.video("film", at=5))),
        *(
            w.failed_ad("lost", at=1),
            w.dead_letter("fetch-ads", w.ad("x2", at=5000), at=91),
            w.fingerprint("film", at=9),
        ),
    ]
    rows += [*batch(w, "never split", at=93), *batch(w, "split later", at=94, split_at=95)]
    rows += [*batch(w, "split before", at=96, split_at=50), *batch(w, "split that day", at=97, split_at=97)]
    dice.shuffle(rows)
    return rows


def batch(w: World, name: str, *, at: float, split_at: float | None = None) -> Iterator[Row]:
    """A batch that was given up, and the ad that came out of it."""
    item = {"ad_id": w.ad_id(name), "url": w.url(name)}
    yield w.dead_letter("fetch-batches", json.dumps({"batch_id": "b", "items": [item]}), at=at)
    if split_at is not None:
        yield w.ad(name, at=split_at, event_id=f"{w.number}-fetch-batches-{at}-0")


def test_what_came_out_of_batches_is_read_since_the_first_was_given_up(dataset: Dataset) -> None:
    w, asked = World(), [asking.ask(dataset.client, settings(dataset), "lost_since")]
    Tables(dataset).fill([*batch(w, "a", at=5), *batch(w, "b", at=3), w.dead_letter("hash", w.image("c"), at=1)])
    asked.append(asking.ask(dataset.client, settings(dataset), "lost_since"))

    assert [row["since"] for job in asked for row in job.result()] == [None, moment(3)]


@pytest.mark.usefixtures("unknown")
@pytest.mark.parametrize("seed", first_of([5, *range(6, 12)]))
def test_what_is_kept_is_what_the_views_say_after_late_repeated_corrected_lost_and_erased_rows(
    dataset: Dataset, bucket: storage.Bucket, seed: int
) -> None:
    arriving, w = world(seed), World(seed)
    raw = [w.raw_ad("x1"), w.raw_ad("x1"), w.raw_ad("unread"), ("raw_ads", {"ad_id": " ", "url": w.url("z")})]
    Tables(dataset).fill([*raw, *arriving[:100]])
    assert_counted(settle(dataset, bucket), dataset)

    Tables(dataset).fill([w.raw_ad("x2"), *arriving[70:]])
    assert_counted(settle(dataset, bucket, NOW + MINUTE), dataset)

    dataset.query(f"DELETE FROM sightings WHERE ad_id = '{w.ad_id('x5')}' OR ad_id = '{w.ad_id('x9')}'")
    assert_counted(settle(dataset, bucket, NOW + 2 * MINUTE), dataset)


def test_only_the_days_that_have_changed_are_read_and_once_a_day_all_becomes_a_row_an_ad(
    dataset: Dataset, bucket: storage.Bucket
) -> None:
    w, planned, kept = World(), list[Plan](), list[int]()
    late = w.ad("y", at=-3 * 24 * 60)
    parts: list[list[Row]] = [[w.ad("x"), w.raw_ad("x")], [], [late], [w.ad("x", at=9), w.raw_ad("x")]]
    for number, part in enumerate(parts):
        planned.append(follow(dataset, bucket, part, NOW + number * keeping.COMPACTED_EVERY / 3))
        kept.append(len(dataset.query("SELECT ad FROM kept_ads")))

    midnight = moment(0).replace(hour=0)
    assert [each.since for each in planned] == [keeping.ALWAYS, None, midnight - timedelta(days=3), midnight]
    assert kept == [1, 1, 3, 2]  # "x" is read again with the days since "y"; then each is one row
    assert [bool(each.raw_ads) for each in planned] == [True, False, False, True]
    assert [row["n"] for row in dataset.query("SELECT n FROM kept_raw_ads")] == [2]


@pytest.mark.long
def test_where_somebody_was_erased_or_a_table_made_anew_all_is_read(
    dataset: Dataset, bucket: storage.Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    w, asked = World(), asking.ask
    follow(dataset, bucket, [w.ad("x")])

    def ask(*args: Any, **more: Any) -> bigquery.QueryJob:
        if args[2] == "of_ads":
            keeping.forget(bucket)  # what `creatives erase` does, here while rows are read
        return asked(*args, **more)

    with monkeypatch.context() as patched:
        patched.setattr(asking, "ask", ask)
        with pytest.raises(PreconditionFailed):
            follow(dataset, bucket, [w.ad("y")])
    assert follow(dataset, bucket, []).anew

    dataset.query("DELETE FROM kept_ads WHERE TRUE")
    assert follow(dataset, bucket, []).anew
    assert len(dataset.query("SELECT ad FROM kept_ads")) == 2


@pytest.mark.long
@pytest.mark.usefixtures("unknown")
def test_what_copies_saved_is_kept_by_day_model_kind_and_batch_and_once_a_day_where_that_is_dear(
    dataset: Dataset, bucket: storage.Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    w, day = World(), 24 * 60
    brought = w.image("c").model_copy(update={"batch_id": "autumn"})
    copies = [w.fingerprint("b", batch_id="spring"), w.match("b", "a"), brought, w.match("c", "a", at=day)]
    film = [w.video("f"), w.match("f", "a"), w.answer("a", at=9, model="newer", cost="0.004")]
    Tables(dataset).fill(
        [*w.analysed("a"), brought.model_copy(update={"creative_id": w.creative("b")}), *copies, *film]
    )
    assert_counted(settle(dataset, bucket), dataset)
    at_first = dataset.query(f"SELECT * FROM {settling.SAVED}")

    monkeypatch.setattr(settling, "CHEAP_USD", -1)
    Tables(dataset).fill([w.override("b", "split"), *w.copied("g", "a")])
    settle(dataset, bucket, NOW + MINUTE)
    then = dataset.query(f"SELECT * FROM {settling.SAVED}")
    settle(dataset, bucket, NOW + keeping.COMPACTED_EVERY)

    told = {(f"{row['day']:%d}", row["model"], row["kind"], row["batch_id"], row["saved_usd"]) for row in at_first}
    saved = Decimal("0.004")
    assert told == {
        ("02", "newer", "image", "spring", saved),
        ("03", "newer", "image", "autumn", saved),
        ("02", "newer", "video", None, saved),
    }
    assert sorted(map(str, then)) == sorted(map(str, at_first))
    assert rows(dataset, settling.SAVED) == rows(dataset, "saved_now") != sorted(map(str, at_first))


@pytest.mark.long
@pytest.mark.usefixtures("unknown")
def test_where_corrections_point_in_a_circle_the_views_are_asked(dataset: Dataset, bucket: storage.Bucket) -> None:
    w = World()
    circle = [w.override("a", "merge", "b"), w.override("b", "merge", "a")]
    Tables(dataset).fill([*w.analysed("a"), *w.copied("b", "a"), w.sighting("x", "a"), w.sighting("y", "b"), *circle])

    assert_counted(settle(dataset, bucket), dataset)


@pytest.mark.long
@pytest.mark.usefixtures("unknown")
def test_where_partitions_may_not_be_listed_the_views_are_asked(
    dataset: Dataset, bucket: storage.Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object) -> None:
        raise Forbidden("no")

    monkeypatch.setattr(keeping, "_partitions", forbidden)
    Tables(dataset).fill([World().ad("x")])

    assert_counted(settle(dataset, bucket), dataset)

    assert rows(dataset, "pipeline_status_kept") == rows(dataset, "pipeline_status_now")
    assert dataset.query("SELECT * FROM kept_ads") == []


@pytest.mark.usefixtures("unknown", "by_the_views")
def test_status_tells_what_was_kept_and_counts_where_nothing_was(dataset: Dataset, bucket: storage.Bucket) -> None:
    w, asked = World(), Asked(dataset.client, f"{PROJECT}.{dataset.name}")
    Tables(dataset).fill([w.sighting("x", "a"), *w.analysed("a"), w.failed_ad("y")])
    today = datetime(2026, 11, 2, 23, tzinfo=UTC)
    at_first = status.read(asked, today.date(), kept=True)
    settle(dataset, bucket, today)
    Tables(dataset).fill([w.ad("z")])

    kept, now = status.read(asked, today.date(), kept=True), status.read(asked, today.date())

    assert (at_first.settled_at, kept.settled_at, now.settled_at) == (None, today, None)
    assert (kept.counts, kept.money) == (at_first.counts, at_first.money)
    assert (kept.ads, now.ads) == (2, 3)
    assert kept.money.today_usd == Decimal("0.001")
    assert status.read(asked, NOW.date(), kept=True).money.today_usd is None


@pytest.mark.long
def test_whether_anything_is_new_can_be_told_of_all_that_is_counted(dataset: Dataset) -> None:
    assert described.description(dataset.client, [dataset.full_name(view) for view in settling.READ])


@pytest.mark.usefixtures("by_the_views")
def test_nothing_is_counted_while_nothing_is_new(
    dataset: Dataset, bucket: storage.Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "READ", ("current_ads",))  # to describe all takes seconds here
    Tables(dataset).fill([World().ad("x")])

    assert settle(dataset, bucket, NOW)
    assert settle(dataset, bucket, NOW + MINUTE) is None

    Tables(dataset).fill([World().ad("y")])
    assert settle(dataset, bucket, NOW + 2 * MINUTE)


@pytest.mark.usefixtures("by_the_views")
@pytest.mark.parametrize(
    ("description", "after", "counted"),
    some_of(
        [
            (None, timedelta(hours=11), False),
            (None, timedelta(hours=13), True),  # it costs 6.25 dollars, of 12.5 a day
            ("as before", timedelta(hours=13), False),
            ("as before", settling.LONGEST_REST, True),  # the row would go with its partition
        ],
        in_the_gate=[(None, timedelta(hours=13), True), ("as before", timedelta(hours=13), False)],
    ),
)
def test_counting_is_rare_where_it_is_dear(
    dataset: Dataset,
    bucket: storage.Bucket,
    monkeypatch: pytest.MonkeyPatch,
    description: str | None,
    after: timedelta,
    *,
    counted: bool,
) -> None:
    monkeypatch.setattr(described, "description", lambda *_: description)
    monkeypatch.setattr(settling, "_usd", lambda *_: 6.25)
    kept = {"counts": [], "day": NOW.date(), "answers": 0, "unpriced": 0, "duplicates": 0}
    last = Settled.model_validate({"event_id": "e", "occurred_at": NOW, "description": "as before", **kept})
    dataset.load("settled", [last])

    assert bool(settle(dataset, bucket, NOW + after, settle_usd_a_day=12.5)) == counted


@pytest.mark.long
@pytest.mark.usefixtures("by_the_views", "unknown")
def test_what_was_counted_late_is_counted_so_much_earlier_the_next_time(
    dataset: Dataset, bucket: storage.Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "_usd", lambda *_: 12.5 * 7 / (24 * 60))  # a rest of seven minutes
    ticks = [NOW + each * MINUTE for each in range(0, 30, 5)]

    counted = [at for at in ticks if settle(dataset, bucket, at, settle_usd_a_day=12.5)]

    assert counted == [NOW + each * MINUTE for each in (0, 10, 15, 25)]


@pytest.mark.usefixtures("unknown")
def test_a_tick_publishes_one_row_or_none(
    dataset: Dataset, bucket: storage.Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main, "settings", lambda: settings(dataset, settle_usd_a_day=1e-9, results_bucket=bucket.name))
    monkeypatch.setattr(settling, "_usd", lambda *_: 1)
    tick = stage.tick(Message(b"{}", {}, "7"))

    [settled] = main.step(tick)
    dataset.load("settled", [settled])

    assert isinstance(settled, Settled)
    assert (settled.event_id, settled.counts) == ("7", [])
    assert list(main.step(tick)) == []
