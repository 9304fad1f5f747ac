"""When waiting for ads ends."""

import socket
import time

import httpx2
import pytest
from rich.console import Console
from rich.progress import Progress

from creatives import terminal
from creatives.analysis import rendering, run
from creatives.analysis.results import Far, Status
from local.pubsub import status

DONE, WAITS = Status.ANALYSED, Status.PENDING


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time; a test moves it."""
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_it_ends_when_all_is_settled_and_nothing_is_under_way(clock: list[float]) -> None:
    watch = run._Watch(limit_s=900)

    assert not watch.is_over(Far.of([DONE, WAITS]), outstanding=3)
    assert not watch.is_over(Far.of([DONE, DONE]), outstanding=1)
    assert watch.is_over(Far.of([DONE, DONE]), outstanding=0)


def test_while_messages_are_under_way_the_view_is_read_seldom(clock: list[float]) -> None:
    watch = run._Watch(limit_s=900)
    assert watch.is_time_to_read(outstanding=5)

    clock[0] += 1
    assert not watch.is_time_to_read(outstanding=5)
    assert watch.is_time_to_read(outstanding=0)
    clock[0] += run.READ_S
    assert watch.is_time_to_read(outstanding=5)


def test_a_view_that_takes_long_is_read_the_more_seldom(clock: list[float]) -> None:
    watch = run._Watch(limit_s=900)
    watch.is_time_to_read(outstanding=5)
    clock[0] += 2
    watch.is_over(Far.of([WAITS]), outstanding=5)

    clock[0] += 2 / run.READ_SHARE - 3
    assert not watch.is_time_to_read(outstanding=5)
    clock[0] += 3
    assert watch.is_time_to_read(outstanding=5)


def test_what_failed_is_told_while_it_goes_on() -> None:
    statuses = [DONE, WAITS, Status.FAILED, Status.DUPLICATE]

    assert rendering.progress(Far.of(statuses)) == {"description": "analysing, 1 failed so far", "completed": 3}
    assert rendering.progress(Far.of(statuses[:2])) == {"description": "analysing", "completed": 1}


def test_without_a_terminal_a_line_tells_how_far_it_is_now_and_then_and_where_nothing_is_new(
    clock: list[float],
) -> None:
    said: list[str] = []
    lines = rendering.Lines(said.append)

    for after_s, statuses in [
        (1, [WAITS, WAITS]),
        (31, [WAITS, WAITS]),
        (60, [DONE, WAITS]),
        (65, [DONE, WAITS]),
        (170, [DONE, WAITS]),
        (186, [DONE, WAITS]),
        (217, [DONE, Status.FAILED]),
        (600, [DONE, Status.FAILED]),
    ]:
        clock[0] = 100.0 + after_s
        lines.tell(Far.of(statuses))

    assert said == [
        "0 of 2 ads settled",
        "1 of 2 ads settled, 1/min, some 65 s left",
        "still 1 of 2 ads settled",
        "2 of 2 ads settled, 1 failed so far",
    ]


@pytest.mark.parametrize(
    ("settled", "ads", "told"),
    [(130, 1000, "3.0/s, some 5 min left"), (41, 50, "1/min, some 9 min left"), (40, 1000, None)],
)
def test_a_line_says_how_fast_it_goes_and_how_long_it_takes_yet(
    clock: list[float], settled: int, ads: int, told: str | None
) -> None:
    said: list[str] = []
    lines = rendering.Lines(said.append)
    lines.tell(Far(ads, 40, 0))  # they were known before
    clock[0] += 30 if settled > 100 else 60

    lines.tell(Far(ads, settled, 0))

    assert said == [f"{settled} of {ads:,} ads settled" + (f", {told}" if told else "")]


@pytest.mark.parametrize(("done", "told"), [(30, "10.0/s"), (1, "20/min")])
def test_a_bar_says_how_fast_it_goes_and_how_long_it_takes_yet(done: int, told: str) -> None:
    now = [100.0]
    bar = Progress(*terminal.progress_bar().columns, console=Console(width=150), get_time=lambda: now[0])
    task = bar.add_task("analysing", total=100)

    for _ in range(4):
        now[0] += 3
        bar.advance(task, done)
    shown = Console(width=150)
    with shown.capture() as captured:
        shown.print(bar.get_renderable())

    assert told in captured.get()
    assert f"{4 * done}/100" in captured.get()


def test_a_slow_reading_does_not_end_the_wait(clock: list[float]) -> None:
    watch = run._Watch(limit_s=900)
    watch.is_time_to_read(outstanding=0)

    clock[0] += 60

    assert not watch.is_over(Far.of([WAITS]), outstanding=0)


def test_an_ad_that_waits_for_no_message_is_left_pending(clock: list[float]) -> None:
    watch = run._Watch(limit_s=900)
    assert not watch.is_over(Far.of([WAITS]), outstanding=0)

    clock[0] += run.IDLE_S + 1

    assert watch.is_over(Far.of([WAITS]), outstanding=0)


def test_messages_that_bring_no_progress_are_waited_for_until_the_limit(clock: list[float]) -> None:
    watch = run._Watch(limit_s=900)
    assert not watch.is_over(Far.of([WAITS]), outstanding=2)

    clock[0] += 899
    assert not watch.is_over(Far.of([WAITS]), outstanding=2)
    clock[0] += 2
    assert watch.is_over(Far.of([WAITS]), outstanding=2)


def test_a_model_that_cannot_be_used_is_not_waited_for(clock: list[float]) -> None:
    said = [False]
    watch = run._Watch(limit_s=900, misconfigured=lambda: said[0])
    watch.is_over(Far.of([WAITS, WAITS]), outstanding=2)

    clock[0] += run.MISCONFIGURED_S + 1
    assert not watch.is_over(Far.of([WAITS, WAITS]), outstanding=2)
    said[0] = True
    assert not watch.is_over(Far.of([WAITS, Status.FAILED]), outstanding=2)  # something still gets further
    clock[0] += run.MISCONFIGURED_S + 1
    assert watch.is_over(Far.of([WAITS, Status.FAILED]), outstanding=2)


def test_where_nobody_tells_what_is_under_way_only_the_ads_and_the_limit_end_the_wait(clock: list[float]) -> None:
    watch = run._Watch(limit_s=900)
    assert not watch.is_over(Far.of([WAITS]), outstanding=None)

    clock[0] += 800
    assert not watch.is_over(Far.of([WAITS]), outstanding=None)
    assert watch.is_over(Far.of([DONE]), outstanding=None)
    clock[0] += 901
    assert watch.is_over(Far.of([DONE]), outstanding=None)


def test_a_server_that_is_too_busy_to_answer_has_something_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "_client", lambda: httpx2.Client(timeout=0.1, trust_env=False))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"

        assert run.outstanding_messages(url) == 1
