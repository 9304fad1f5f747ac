"""Do something once and keep its answer: across threads, instances and repeated messages.

The answer is an object in a bucket. Until it is there, the object under its name is a lease: whoever created it does
the work, everybody else waits for the answer. All steps are simple uploads with a generation precondition, so each is
atomic: nothing → lease → answer, and of several who try the same step one succeeds. A lease that has expired (its
holder crashed) is taken over. At worst, work whose holder outlived its lease is done twice; the first answer stays.

Within an instance only one thread takes part; the others share its answer.
"""

import json
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING

from shared import objects
from shared.objects import Stored

if TYPE_CHECKING:
    from google.cloud import storage

_LEASE = b"lease\n"
_POLL_S = (0.1, 2.0)
_LONGEST_S = 3660.0  # an hour, as long as a function may run, and a minute that clocks may differ by


class StillInProgressError(Exception):
    """Somebody else is at it and did not finish while we waited: transient, the message is to be delivered again."""


def is_lease(content: bytes) -> bool:
    """Whether a stored object is a lease, and no answer."""
    return content.startswith(_LEASE)


def _answer(found: Stored) -> bytes | None:
    return None if found.content is None or is_lease(found.content) else found.content


def _is_held(found: Stored) -> bool:
    """Whether somebody's lease holds; one that ends later than any new one would is of a clock that was wrong."""
    if found.content is None or not is_lease(found.content):
        return False
    left_s = float(json.loads(found.content.removeprefix(_LEASE))["until"]) - time.time()
    return 0 <= left_s <= _LONGEST_S


def always(_answer: bytes) -> bool:
    """An answer that never goes stale."""
    return True


def run_idempotently(
    bucket: "storage.Bucket",
    name: str,
    work: Callable[[bytes | None], bytes],
    *,
    lease_s: float,
    wait_s: float = 20,
    fresh: Callable[[bytes], bool] = always,
    first: Callable[[], bytes] | None = None,
) -> bytes:
    """The answer kept under `name`; where there is none that is fresh, `work`'s, kept before it is returned.

    Args:
        bucket: where answers are kept.
        name: the answer's object name. One name, one answer.
        work: makes the answer (never one that starts with `lease`), from the stale one if there is one.
        lease_s: longer than `work` may take.
        wait_s: how long to wait for somebody else's answer.
        fresh: whether a kept answer still holds.
        first: what is called instead of `work` where nobody was at it before, so that nothing can be left of that.

    Raises:
        StillInProgressError: when somebody else holds the lease and does not finish within `wait_s`.
        Exception: whatever `work` raises; nothing is kept then, and the next caller tries again.
    """
    key = (bucket.name, name)
    with _lock:
        flight = _flights.get(key)
        leader = flight is None
        if flight is None:
            flight = _flights[key] = Future()
    if not leader:
        return _await(flight, name, wait_s)
    try:
        answer = _shared(bucket, name, work, lease_s, wait_s, fresh, first)
        flight.set_result(answer)
    except BaseException as error:
        flight.set_exception(error)
        raise
    finally:
        with _lock:
            del _flights[key]
    return answer


_lock = threading.Lock()
_flights: dict[tuple[str, str], Future[bytes]] = {}


def _await(flight: Future[bytes], name: str, wait_s: float) -> bytes:
    try:
        return flight.result(timeout=wait_s)
    except TimeoutError as error:
        if flight.done():
            raise
        raise StillInProgressError(f"{name} is being worked on in this instance") from error


def _shared(
    bucket: "storage.Bucket",
    name: str,
    work: Callable[[bytes | None], bytes],
    lease_s: float,
    wait_s: float,
    fresh: Callable[[bytes], bool],
    first: Callable[[], bytes] | None,
) -> bytes:
    """`run_idempotently` among instances."""
    give_up_at, pause = time.monotonic() + wait_s, _POLL_S[0]
    while True:
        found = objects.read(bucket, name)
        answer = _answer(found)
        if answer is not None and fresh(answer):
            return answer
        if not _is_held(found):
            lease = objects.replace(bucket, name, _lease(lease_s), found.generation)
            if lease:
                begin = first if first and not found.generation else partial(work, answer)
                return _work(bucket, name, begin, answer, lease)
        elif time.monotonic() > give_up_at:
            raise StillInProgressError(f"{name} is being worked on in another instance")
        else:
            time.sleep(pause)
            pause = min(pause * 2, _POLL_S[1])


def _work(bucket: "storage.Bucket", name: str, work: Callable[[], bytes], stale: bytes | None, lease: int) -> bytes:
    """Works under the lease (its generation), and leaves what was there before when that fails."""
    try:
        answer = work()
    except BaseException:
        objects.replace(bucket, name, stale if stale is not None else _lease(0), lease)
        raise
    if objects.replace(bucket, name, answer, lease):
        return answer
    return _answer(objects.read(bucket, name)) or answer


def _lease(seconds: float) -> bytes:
    return _LEASE + json.dumps({"until": time.time() + seconds, "holder": uuid.uuid4().hex}).encode()
