"""When waiting for ads ends."""

import time

import pytest

from creatives.analysis import run
from creatives.analysis.results import Status

DONE, WAITS = Status.ANALYSED, Status.PENDING


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time; a test moves it."""
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_it_ends_when_all_is_settled_and_nothing_is_under_way(clock: list[float]) -> None:
    watch = run._Watch(limit_s=900)

    assert not watch.is_over([DONE, WAITS], outstanding=3)
    assert not watch.is_over([DONE, DONE], outstanding=1)
    assert watch.is_over([DONE, DONE], outstanding=0)


def test_while_messages_are_under_way_the_view_is_read_seldom(clock: list[float]) -> None:
    watch = run._Watch(limit_s=900)
    assert watch.is_time_to_read(outstanding=5)

    clock[0] += 1
    assert not watch.is_time_to_read(outstanding=5)
    assert watch.is_time_to_read(outstanding=0)
    clock[0] += run.READ_S
    assert watch.is_time_to_read(outstanding=5)


def test_a_slow_reading_does_not_end_the_wait(clock: list[float]) -> None:
    watch = run._Watch(limit_s=900)
    watch.is_time_to_read(outstanding=0)

    clock[0] += 60

    assert not watch.is_over([WAITS], outstanding=0)


def test_an_ad_that_waits_for_no_message_is_left_pending(clock: list[float]) -> None:
    watch = run._Watch(limit_s=900)
    assert not watch.is_over([WAITS], outstanding=0)

    clock[0] += run.IDLE_S + 1

    assert watch.is_over([WAITS], outstanding=0)


def test_messages_that_bring_no_progress_are_waited_for_until_the_limit(clock: list[float]) -> None:
    watch = run._Watch(limit_s=900)
    assert not watch.is_over([WAITS], outstanding=2)

    clock[0] += 899
    assert not watch.is_over([WAITS], outstanding=2)
    clock[0] += 2
    assert watch.is_over([WAITS], outstanding=2)


def test_where_nobody_tells_what_is_under_way_only_the_ads_and_the_limit_end_the_wait(clock: list[float]) -> None:
    watch = run._Watch(limit_s=900)
    assert not watch.is_over([WAITS], outstanding=None)

    clock[0] += 800
    assert not watch.is_over([WAITS], outstanding=None)
    assert watch.is_over([DONE], outstanding=None)
    clock[0] += 901
    assert watch.is_over([DONE], outstanding=None)
