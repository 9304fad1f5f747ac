"""What is waiting in Pub/Sub, as the server tells it over HTTP (telling.py), read by commands and by whoever waits.

`GET /status` answers JSON: `{"subscriptions": {"intake": {"kind": "push", "outstanding": 3, "under_way": 1, "retried":
0, "most_failures": 0, "oldest_s": 0.4, "last_fault": null}, …}}`; subscriptions are named as in pipeline.yaml.
"""

import time
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    import httpx2

_POLL_S = 0.1
_IDLE_READINGS = 3  # in a row


class Kind(StrEnum):
    """How a subscription's messages are delivered."""

    PUSH = "push"
    BIGQUERY = "bigquery"
    PULL = "pull"


class Waiting(BaseModel):
    """What one subscription has waiting.

    Attributes:
        outstanding: deliveries not acknowledged yet, those under way among them.
        retried: those among them that failed before.
        most_failures: the highest number of failures of one of them.
        oldest_s: age of the oldest message in seconds; 0 when there is none.
        last_fault: what the last delivery that failed failed of, since the server started.
    """

    model_config = ConfigDict(frozen=True)

    kind: Kind
    outstanding: int
    under_way: int
    retried: int
    most_failures: int
    oldest_s: float
    last_fault: str | None


class Status(BaseModel):
    """All subscriptions by name."""

    model_config = ConfigDict(frozen=True)

    subscriptions: Mapping[str, Waiting]

    @property
    def outstanding(self) -> int:
        """Deliveries that the server itself has still to make; a user's own pull subscriptions do not count."""
        return sum(each.outstanding for each in self.subscriptions.values() if each.kind is not Kind.PULL)


class NotIdleError(Exception):
    """Something was still waiting after the time given; the text says what."""


def read(url: str) -> Status:
    """The status that the server tells at `url`.

    Raises:
        httpx2.HTTPError: when it does not answer.
    """
    return Status.model_validate_json(_client().get(url).raise_for_status().content)


def wait_until_idle(url: str, *, limit_s: float) -> Status:
    """Waits until nothing is outstanding. What a function publishes counts before its own message stops counting; an
    upload counts a moment after it is made, so that once is not enough.

    Raises:
        NotIdleError: when that takes longer than `limit_s` seconds.
    """
    deadline = time.monotonic() + limit_s
    readings = 0
    while readings < _IDLE_READINGS:
        status = read(url)
        readings = 0 if status.outstanding else readings + 1
        if status.outstanding and time.monotonic() > deadline:
            waiting = [f"{name} {each.outstanding}" for name, each in status.subscriptions.items() if each.outstanding]
            raise NotIdleError(f"after {limit_s:.0f} s still waiting: {', '.join(waiting)}")
        time.sleep(_POLL_S)
    return status


@cache
def _client() -> "httpx2.Client":
    """Kept, since to make one takes ten times as long as to ask."""
    from local import asking  # the server, which tells the status, needs no client

    return asking.client(30)
