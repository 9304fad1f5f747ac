"""A tick: whatever waits and may go on by now is asked for again."""

import math
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

from functions.extract.dependencies import Dependencies
from functions.extract.money import deferral
from functions.extract.money.deferral import Deferred
from shared import log
from shared.events import Event, WaitReason
from shared.models.budget import Allowance

_MOST_AT_ONCE = 2000  # a tick's own time is limited; the next tick goes on

type Publish = Callable[[Iterable[Event]], object]


class Tick(BaseModel):
    """The scheduler's message: look after what waits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tick: Literal["resume"]


def resume(deps: Dependencies, publish: Publish) -> int:
    """Publishes the requests that may go on, then forgets that they waited; says how many there were.

    It publishes by itself, because a request may be forgotten only once it is published.
    """
    resumed = sum(_resume_queue(deps, queue, publish) for queue in _queues(deps))
    log.info("resumed", stage="extract", requests=resumed)
    return resumed


def _queues(deps: Dependencies) -> list[str]:
    """What waits for money; and what waited for a batch, once there are none any more."""
    reasons = [WaitReason.DAILY_BUDGET, WaitReason.BATCH_BUDGET]
    if deps.settings.extraction_mode != "batch":
        reasons.append(WaitReason.BATCH_MODE)
    return [queue for reason in reasons for queue in deferral.queues(deps.bucket, reason)]


def _resume_queue(deps: Dependencies, queue: str, publish: Publish) -> int:
    first = next(iter(deferral.oldest(deps.bucket, queue, 1)), None)
    if first is None:
        return 0
    limits = (deps.budget.today(), deps.budget.for_batch(first.request.batch_id))
    most = affordable([limit for limit in limits if limit], deps.estimate(first.request))
    deferred = list(deferral.oldest(deps.bucket, queue, most))
    publish(_again(deferred))
    deferral.remove(deps.bucket, deferred)
    return len(deferred)


def affordable(allowances: Iterable[Allowance], estimate: Decimal | None) -> int:
    """How many requests of this estimate may go on: as many as are covered, the last one perhaps in part."""
    left = min((allowance.left() for allowance in allowances), default=None)
    if left is None or not estimate:
        return _MOST_AT_ONCE
    return min(math.ceil(left / estimate), _MOST_AT_ONCE)


def _again(deferred: Iterable[Deferred]) -> list[Event]:
    """The requests, as of now; one that was made on purpose stays so."""
    now = datetime.now(UTC)
    return [
        request.model_copy(
            update={
                "occurred_at": now,
                "requested_by": "reextract" if request.requested_by == "reextract" else "resume",
            }
        )
        for request in (each.request for each in deferred)
    ]
