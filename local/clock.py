"""The schedules of pipeline.yaml on this machine: what Cloud Scheduler publishes, published from a thread."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from croniter import croniter

from local.pipeline import Schedule

type Publish = Callable[[str, bytes], None]


@contextmanager
def ticking(schedules: Mapping[str, Schedule], publish: Publish) -> Iterator[None]:
    """While in the block, publishes every schedule's message (topic, data): once now, then when its cron says."""
    stopped = threading.Event()
    thread = threading.Thread(target=_tick, args=(schedules, publish, stopped), name="clock", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join(5)


def _tick(schedules: Mapping[str, Schedule], publish: Publish, stopped: threading.Event) -> None:
    due = dict.fromkeys(schedules, datetime.now(UTC))
    while not stopped.is_set():
        now = datetime.now(UTC)
        for name in [name for name, at in due.items() if at <= now]:
            publish(schedules[name].topic, schedules[name].message.encode())
            due[name] = next_time(schedules[name].cron, now)
        wait_s = (min(due.values()) - datetime.now(UTC)).total_seconds() if due else None
        stopped.wait(wait_s)


def next_time(cron: str, after: datetime) -> datetime:
    """When a cron line is due next, in UTC as Cloud Scheduler's default."""
    at: datetime = croniter(cron, after).get_next(datetime)
    return at
