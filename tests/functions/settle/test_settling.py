"""What is kept of how the pipeline stands: the same as the views say, counted again where something is new."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from creatives.operations import status
from creatives.operations.tables import Tables as Asked
from functions.settle import main, settling
from functions.settle.settings import SettleSettings
from shared import described
from shared.events import Settled
from shared.stage import Message
from tests.bigquery import PROJECT, Dataset
from tests.infra.views.conftest import Tables
from tests.infra.views.rows import Row, World
from tests.infra.views.test_order import plan, published_again

NOW = datetime(2026, 11, 3, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def settings(dataset: Dataset, **more: float) -> SettleSettings:
    names = {f"{part}_bucket": part for part in ("creatives", "results", "staging")}
    return SettleSettings.model_validate({"google_cloud_project": PROJECT, "dataset": dataset.name, **names, **more})


def settle(dataset: Dataset, at: datetime = NOW, **more: float) -> Settled | None:
    """A tick; what it tells becomes a row."""
    settled = settling.settle(dataset.client, settings(dataset, **more), at, f"tick of {at}")
    dataset.load("settled", [settled] if settled else [])
    return settled


def rows(dataset: Dataset, view: str) -> list[str]:
    """All that a view says, but for when it was counted."""
    return sorted(str(row | {"settled_at": None}) for row in dataset.query(f"SELECT * FROM {view}"))


@pytest.fixture
def unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can tell whether anything is new."""
    monkeypatch.setattr(described, "description", lambda *_: None)


@pytest.mark.usefixtures("unknown")
def test_what_is_kept_is_what_the_views_say_after_late_repeated_and_reordered_rows(dataset: Dataset) -> None:
    tables, dice, made, w = Tables(dataset), random.Random(5), plan(5, 90, 20), World(5)
    arriving = [*made.rows, *(published_again(each) for each in dice.sample(made.rows, k=30))]
    dice.shuffle(arriving)
    parts: list[list[Row]] = [[*made.raw, *arriving[:60]], [w.override("c1", "merge", "c0"), *arriving[20:]]]
    for number, part in enumerate(parts):
        tables.fill(part)

        assert settle(dataset, NOW + number * MINUTE)

        assert rows(dataset, "pipeline_status_kept") == rows(dataset, "pipeline_status_now")
        assert {row["settled_at"] for row in tables.read("pipeline_status_kept")} == {NOW + number * MINUTE}


@pytest.mark.usefixtures("unknown")
def test_status_tells_what_was_kept_and_counts_where_nothing_was(dataset: Dataset) -> None:
    w, asked = World(), Asked(dataset.client, f"{PROJECT}.{dataset.name}")
    Tables(dataset).fill([w.sighting("x", "a"), *w.analysed("a"), w.failed_ad("y")])
    today = datetime(2026, 11, 2, 23, tzinfo=UTC)
    at_first = status.read(asked, today.date(), kept=True)
    settle(dataset, today)
    Tables(dataset).fill([w.ad("z")])

    kept, now = status.read(asked, today.date(), kept=True), status.read(asked, today.date())

    assert (at_first.settled_at, kept.settled_at, now.settled_at) == (None, today, None)
    assert (kept.counts, kept.money) == (at_first.counts, at_first.money)
    assert (kept.ads, now.ads) == (2, 3)
    assert kept.money.today_usd == Decimal("0.001")
    assert status.read(asked, NOW.date(), kept=True).money.today_usd is None


def test_whether_anything_is_new_can_be_told_of_all_that_is_counted(dataset: Dataset) -> None:
    assert described.description(dataset.client, [dataset.full_name(view) for view in settling.READ])


def test_nothing_is_counted_while_nothing_is_new(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "READ", ("current_ads",))  # to describe all takes seconds here
    Tables(dataset).fill([World().ad("x")])

    assert settle(dataset, NOW)
    assert settle(dataset, NOW + MINUTE) is None

    Tables(dataset).fill([World().ad("y")])
    assert settle(dataset, NOW + 2 * MINUTE)


@pytest.mark.parametrize(
    ("description", "after", "counted"),
    [
        (None, timedelta(hours=11), False),
        (None, timedelta(hours=13), True),  # a query of 6.25 dollars, of 12.5 a day
        ("as before", timedelta(hours=13), False),
        ("as before", settling.LONGEST_REST, True),  # the row would go with its partition
    ],
)
def test_counting_is_rare_where_it_is_dear(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch, description: str | None, after: timedelta, *, counted: bool
) -> None:
    monkeypatch.setattr(described, "description", lambda *_: description)
    monkeypatch.setattr(settling, "_bytes", lambda *_: 2**40)
    kept = {"counts": [], "day": NOW.date(), "answers": 0, "unpriced": 0, "duplicates": 0}
    last = Settled.model_validate({"event_id": "e", "occurred_at": NOW, "description": "as before", **kept})
    dataset.load("settled", [last])

    assert bool(settle(dataset, NOW + after, settle_usd_a_day=12.5)) == counted


@pytest.mark.usefixtures("unknown")
def test_a_tick_publishes_one_row_or_none(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main, "settings", lambda: settings(dataset, settle_usd_a_day=1e-9))
    monkeypatch.setattr(settling, "_bytes", lambda *_: 1)
    tick = main.tick(Message(b"{}", {}, "7"))

    [settled] = main.step(tick)
    dataset.load("settled", [settled])

    assert isinstance(settled, Settled)
    assert (settled.event_id, settled.counts) == ("7", [])
    assert list(main.step(tick)) == []
