"""The schedules of pipeline.yaml on this machine: what Cloud Scheduler publishes, published from a thread."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from croniter import croniter

from shared.wiring import Schedule

type Publish = Callable[[str, bytes], None]

RETRY_S = 10.0
"""When a message that could not be published is tried again; Cloud Scheduler does so too (infra/schedules.tf)."""

_LOOK_S = 60.0  # the longest without looking at the machine's clock, which may be set

_log = logging.getLogger(__name__)


@contextmanager
def ticking(schedules: Mapping[str, Schedule], publish: Publish) -> Iterator[None]:
    """While in the block, publishes every schedule's message (topic, data): once now, then when its cron says.

    Not those that are for the cloud only.
    """
    stopped = threading.Event()
    here = {name: schedule for name, schedule in schedules.items() if not schedule.cloud_only}
    thread = threading.Thread(target=_tick, args=(here, publish, stopped), name="clock", daemon=True)
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
        due = not_later(schedules, due, now)
        for name in [name for name, at in due.items() if at <= now]:
            done = _published(schedules[name], publish)
            due[name] = next_time(schedules[name].cron, now) if done else now + timedelta(seconds=RETRY_S)
        wait_s = (min(due.values()) - datetime.now(UTC)).total_seconds() if due else _LOOK_S
        stopped.wait(min(wait_s, _LOOK_S))


def not_later(schedules: Mapping[str, Schedule], due: Mapping[str, datetime], now: datetime) -> dict[str, datetime]:
    """When each schedule is due; what was said by a clock that has been set back since is not waited for."""
    return {name: min(at, next_time(schedules[name].cron, now)) for name, at in due.items()}


def _published(schedule: Schedule, publish: Publish) -> bool:
    """Whether it could be published. A clock that a fault stops would leave all that waits for it waiting."""
    try:
        publish(schedule.topic, schedule.message.encode())
    except Exception as fault:  # noqa: BLE001 - of any kind: the client's, the network's
        _log.warning("the tick for %s was not published (%r); again in %.0f s", schedule.topic, fault, RETRY_S)
        return False
    return True


def next_time(cron: str, after: datetime) -> datetime:
    """When a cron line is due next, in UTC as Cloud Scheduler's default."""
    at: datetime = croniter(cron, after).get_next(datetime)
    return at
