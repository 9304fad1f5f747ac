"""What is kept of how the pipeline stands: the same as the views say, counted again where something is new."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from google.api_core.exceptions import Forbidden, PreconditionFailed
from google.cloud import bigquery, storage

from creatives.operations import status
from creatives.operations.tables import Tables as Asked
from functions.settle import asking, keeping, main, settling
from functions.settle.settings import SettleSettings
from shared import described
from shared.events import Settled
from shared.stage import Message
from tests.bigquery import PROJECT, Dataset
from tests.cases import first_of
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
    dataset.written.update([*keeping.KEPT, keeping.RAW_ADS])  # to be emptied with the rest
    settled = settling.settle(dataset.client, bucket, settings(dataset, **more), at, f"tick of {at}")
    dataset.load("settled", [settled] if settled else [])
    return settled


def rows(dataset: Dataset, view: str) -> list[str]:
    """All that a view says, but for when it was counted."""
    return sorted(str(row | {"settled_at": None}) for row in dataset.query(f"SELECT * FROM {view}"))


@pytest.fixture
def unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can tell whether anything is new."""
    monkeypatch.setattr(described, "description", lambda *_: None)


def told(dataset: Dataset, name: str) -> dict[str, Any]:
    """What a statement counts."""
    [row] = asking.ask(dataset.client, settings(dataset), name, {"today": NOW.date()}).result()
    return {key: value for key, value in row.items() if key != "circles"}


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
    ]
    dice.shuffle(rows)
    return rows


@pytest.mark.usefixtures("unknown")
@pytest.mark.parametrize("seed", first_of([5, *range(6, 12)]))
def test_what_is_kept_is_what_the_views_say_after_late_repeated_corrected_and_erased_rows(
    dataset: Dataset, bucket: storage.Bucket, seed: int
) -> None:
    tables, arriving, w = Tables(dataset), world(seed), World(seed)
    twice = [w.raw_ad("x1"), w.raw_ad("x1"), w.raw_ad("unread"), ("raw_ads", {"ad_id": " ", "url": w.url("z")})]
    for number, part in enumerate([[*twice, *arriving[:90]], [w.raw_ad("x2"), *arriving[70:]]]):
        tables.fill(part)
        at = NOW + number * MINUTE

        assert settle(dataset, bucket, at)

        assert told(dataset, "kept") == told(dataset, "standing")
    dataset.query(f"DELETE FROM sightings WHERE ad_id = '{w.ad_id('x5')}' OR ad_id = '{w.ad_id('x9')}'")

    assert settle(dataset, bucket, NOW + 2 * MINUTE)

    assert told(dataset, "kept") == told(dataset, "standing")
    assert rows(dataset, "pipeline_status_kept") == rows(dataset, "pipeline_status_now")


def test_only_the_days_that_have_changed_are_read_and_once_a_day_all_becomes_a_row_an_ad(
    dataset: Dataset, bucket: storage.Bucket
) -> None:
    w, since, kept = World(), list[datetime | None](), list[int]()
    dataset.written.update([*keeping.KEPT, keeping.RAW_ADS])
    for number, part in enumerate([[w.ad("x")], [], [w.ad("y", at=-3 * 24 * 60)], [w.ad("x", at=9)]]):
        Tables(dataset).fill(part)
        planned = keeping.plan(dataset.client, bucket, settings(dataset), NOW)
        assert planned
        keeping.follow(dataset.client, bucket, settings(dataset), planned, NOW + number * keeping.COMPACTED_EVERY / 3)
        since.append(planned.since)
        kept.append(len(dataset.query("SELECT ad FROM kept_ads")))

    assert since == [keeping.ALWAYS, None, moment(-3 * 24 * 60).replace(hour=0), moment(0).replace(hour=0)]
    assert kept == [1, 1, 3, 2]  # "x" is read again with the days since "y"; then each is one row


def test_raw_ads_are_read_where_they_have_changed(dataset: Dataset, bucket: storage.Bucket) -> None:
    w = World()
    dataset.written.update([*keeping.KEPT, keeping.RAW_ADS])
    read = []
    for part in ([w.raw_ad("x")], [], [w.raw_ad("x")]):
        Tables(dataset).fill(part)
        planned = keeping.plan(dataset.client, bucket, settings(dataset), NOW)
        assert planned
        keeping.follow(dataset.client, bucket, settings(dataset), planned, NOW)
        read.append(planned.raw_ads)

    assert read == [True, False, True]
    assert [row["n"] for row in dataset.query("SELECT n FROM kept_raw_ads")] == [2]


@pytest.mark.usefixtures("unknown")
def test_what_was_given_up_counts_until_it_is_made_good(dataset: Dataset, bucket: storage.Bucket) -> None:
    w, tables = World(), Tables(dataset)
    tables.fill([w.ad("x"), w.dead_letter("fetch-ads", w.ad("x")), w.image("a"), w.dead_letter("hash", w.image("a"))])
    tables.fill([w.sighting("y", "a"), w.failed_ad("z", at=1), w.dead_letter("fetch-ads", w.ad("z", at=2), at=91)])
    settle(dataset, bucket)

    lost = told(dataset, "kept")

    assert lost == told(dataset, "standing")
    assert {(each["stage"], each["reason"], each["ads"]) for each in lost["counts"]} == {
        ("fetch", "gave_up", 2),
        ("hash", "gave_up", 1),
    }
    tables.fill([w.sighting("x", "a", at=9), w.fingerprint("a", at=9)])
    settle(dataset, bucket, NOW + MINUTE)
    assert told(dataset, "kept") == told(dataset, "standing")


@pytest.mark.usefixtures("unknown")
def test_where_corrections_point_in_a_circle_the_views_are_asked(dataset: Dataset, bucket: storage.Bucket) -> None:
    w = World()
    Tables(dataset).fill([*w.analysed("a"), *w.analysed("b"), w.sighting("x", "a"), w.sighting("y", "b")])
    Tables(dataset).fill([w.override("a", "merge", "b"), w.override("b", "merge", "a")])

    settle(dataset, bucket)

    assert rows(dataset, "pipeline_status_kept") == rows(dataset, "pipeline_status_now")


@pytest.mark.usefixtures("unknown")
def test_where_partitions_may_not_be_listed_the_views_are_asked(
    dataset: Dataset, bucket: storage.Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object) -> None:
        raise Forbidden("no")

    monkeypatch.setattr(keeping, "_partitions", forbidden)
    Tables(dataset).fill([World().ad("x")])

    settle(dataset, bucket)

    assert rows(dataset, "pipeline_status_kept") == rows(dataset, "pipeline_status_now") != []
    assert dataset.query("SELECT * FROM kept_ads") == []


@pytest.mark.usefixtures("unknown")
def test_what_is_gone_from_the_kept_tables_is_read_anew(dataset: Dataset, bucket: storage.Bucket) -> None:
    Tables(dataset).fill([World().ad("x")])
    settle(dataset, bucket)
    dataset.query("DELETE FROM kept_ads WHERE TRUE")

    settle(dataset, bucket, NOW + MINUTE)

    assert told(dataset, "kept")["counts"][0]["ads"] == 1


@pytest.mark.usefixtures("unknown")
def test_what_somebody_erased_while_it_was_read_is_read_anew(
    dataset: Dataset, bucket: storage.Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    Tables(dataset).fill([World().ad("x")])
    settle(dataset, bucket)
    Tables(dataset).fill([World().ad("y")])
    asked = asking.ask

    def ask(*args: Any, **more: Any) -> bigquery.QueryJob:
        if args[2] == "of_ads":
            keeping.forget(bucket)
        return asked(*args, **more)

    with monkeypatch.context() as patched:
        patched.setattr(asking, "ask", ask)
        with pytest.raises(PreconditionFailed):
            settle(dataset, bucket, NOW + MINUTE)

    planned = keeping.plan(dataset.client, bucket, settings(dataset), NOW)
    assert planned
    assert planned.anew


@pytest.mark.usefixtures("unknown")
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


def test_whether_anything_is_new_can_be_told_of_all_that_is_counted(dataset: Dataset) -> None:
    assert described.description(dataset.client, [dataset.full_name(view) for view in settling.READ])


def test_nothing_is_counted_while_nothing_is_new(
    dataset: Dataset, bucket: storage.Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "READ", ("current_ads",))  # to describe all takes seconds here
    Tables(dataset).fill([World().ad("x")])

    assert settle(dataset, bucket, NOW)
    assert settle(dataset, bucket, NOW + MINUTE) is None

    Tables(dataset).fill([World().ad("y")])
    assert settle(dataset, bucket, NOW + 2 * MINUTE)


@pytest.mark.parametrize(
    ("description", "after", "counted"),
    [
        (None, timedelta(hours=11), False),
        (None, timedelta(hours=13), True),  # it costs 6.25 dollars, of 12.5 a day
        ("as before", timedelta(hours=13), False),
        ("as before", settling.LONGEST_REST, True),  # the row would go with its partition
    ],
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


@pytest.mark.usefixtures("unknown")
def test_a_tick_publishes_one_row_or_none(
    dataset: Dataset, bucket: storage.Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main, "settings", lambda: settings(dataset, settle_usd_a_day=1e-9, results_bucket=bucket.name))
    monkeypatch.setattr(settling, "_usd", lambda *_: 1)
    tick = main.tick(Message(b"{}", {}, "7"))

    [settled] = main.step(tick)
    dataset.load("settled", [settled])

    assert isinstance(settled, Settled)
    assert (settled.event_id, settled.counts) == ("7", [])
    assert list(main.step(tick)) == []
