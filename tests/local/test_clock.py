"""The schedules, published by the clock."""

import threading
from datetime import UTC, datetime

import pytest

from local import clock
from shared import wiring
from shared.wiring import Schedule


def test_every_schedule_that_is_not_for_the_cloud_alone_is_published_at_once() -> None:
    published: list[tuple[str, bytes]] = []
    both = threading.Event()

    def publish(topic: str, data: bytes) -> None:
        published.append((topic, data))
        if len(published) == 2:
            both.set()

    schedules = {
        "a": Schedule(topic="one", cron="0 3 * * *", message="{}"),
        "b": Schedule(topic="two", cron="0 3 * * *", message='{"tick": "b"}'),
        "c": Schedule(topic="three", cron="0 3 * * *", message="{}", cloud_only=True),
    }
    with clock.ticking(schedules, publish):
        assert both.wait(10)

    assert sorted(published) == [("one", b"{}"), ("two", b'{"tick": "b"}')]


def test_a_tick_that_cannot_be_published_is_published_later_and_the_clock_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(clock, "RETRY_S", 0.01)
    faults = [TimeoutError(), ConnectionError("no Pub/Sub")]
    published: list[str] = []
    both = threading.Event()

    def publish(topic: str, _data: bytes) -> None:
        if topic == "one" and faults:
            raise faults.pop()
        published.append(topic)
        if len(published) == 2:
            both.set()

    schedules = {name: Schedule(topic=name, cron="0 3 * * *", message="{}") for name in ("one", "two")}
    with clock.ticking(schedules, publish):
        assert both.wait(10)

    assert sorted(published) == ["one", "two"]
    assert "the tick for one was not published (ConnectionError('no Pub/Sub'))" in caplog.text


def test_a_clock_that_is_set_back_holds_no_schedule_up() -> None:
    schedules = {"often": Schedule(topic="t", cron="*/15 * * * *", message="{}")}
    before = datetime(2031, 5, 1, 12, 15, tzinfo=UTC)
    now = datetime(2026, 11, 23, 4, 1, tzinfo=UTC)

    due = clock.not_later(schedules, {"often": before}, now)

    assert due == {"often": datetime(2026, 11, 23, 4, 15, tzinfo=UTC)}
    assert clock.not_later(schedules, due, now) == due


@pytest.mark.parametrize(
    ("cron", "due"),
    [
        ("*/15 * * * *", datetime(2026, 11, 23, 4, 15, tzinfo=UTC)),
        ("0 3 * * *", datetime(2026, 11, 24, 3, 0, tzinfo=UTC)),
        ("* * * * *", datetime(2026, 11, 23, 4, 1, tzinfo=UTC)),
    ],
)
def test_a_cron_line_is_due_when_it_says(cron: str, due: datetime) -> None:
    assert clock.next_time(cron, datetime(2026, 11, 23, 4, 0, 10, tzinfo=UTC)) == due


@pytest.mark.parametrize("name", wiring.load().schedules)
def test_the_pipelines_own_schedules_can_be_read(name: str) -> None:
    now = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)

    assert clock.next_time(wiring.load().schedules[name].cron, now) > now
