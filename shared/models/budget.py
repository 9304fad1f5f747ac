"""Money that may be spent: a limit for each day (UTC), and one for each published batch.

What instances have drawn of a limit stands in one object in the results bucket, changed only under a generation
precondition. An instance draws a little ahead (2 % of what is left, at least one call's estimate) and spends that
without asking again, so that the object is not written at every call. Nobody can draw more than the limit, whatever
the number of instances; spending exceeds it at most by what calls in flight cost over their estimate. An instance
that ends takes what it drew and did not spend with it: too little is spent then, never too much.
"""

import hashlib
import json
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from shared import objects, prices
from shared.events import Wait, WaitReason
from shared.models.settings import GeminiSettings
from shared.settings import SettingsError

if TYPE_CHECKING:
    from google.cloud import storage

_AHEAD = Decimal("0.02")
_ATTEMPTS = 50


class Request(Protocol):
    """What is asked of a model about one creative, as far as its money goes."""

    @property
    def event_id(self) -> str: ...  # noqa: D102
    @property
    def creative_id(self) -> str: ...  # noqa: D102
    @property
    def batch_id(self) -> str | None: ...  # noqa: D102


class MustWaitError(Exception):
    """A call may not start now; `wait` says until when and why."""

    def __init__(self, wait: Wait) -> None:
        super().__init__(wait.detail)
        self.wait = wait


class Allowance:
    """One limit, as this instance draws on it.

    Attributes:
        limit: USD in all.
    """

    def __init__(self, bucket: "storage.Bucket", name: str, limit: Decimal) -> None:
        self.limit = limit
        self._bucket = bucket
        self._name = name
        self._left = Decimal(0)
        self._lock = threading.Lock()

    def take(self, estimate: Decimal) -> bool:
        """Takes a call's estimate, while anything at all is left."""
        with self._lock:
            if self._left <= 0:
                self._left += self._draw(estimate - self._left)
            if self._left <= 0:
                return False
            self._left -= estimate
            return True

    def give_back(self, amount: Decimal) -> None:
        """Gives back what a call did not cost (or takes, if negative, what it cost over its estimate)."""
        with self._lock:
            self._left += amount

    def left(self) -> Decimal:
        """What may still be spent: by this instance, and by whoever draws next."""
        with self._lock:
            return max(self._left + self.limit - self._drawn()[0], Decimal(0))

    def _draw(self, wanted: Decimal) -> Decimal:
        for _ in range(_ATTEMPTS):
            drawn, generation = self._drawn()
            undrawn = self.limit - drawn
            grant = min(max(wanted, undrawn * _AHEAD), undrawn)
            if grant <= 0:
                return Decimal(0)
            if self._write(drawn + grant, generation):
                return grant
        raise TimeoutError(f"{self._name} is changed by others faster than we can draw on it")

    def _drawn(self) -> tuple[Decimal, int]:
        found = objects.read(self._bucket, self._name)
        return Decimal(json.loads(found.content)["drawn_usd"] if found.content else 0), found.generation

    def _write(self, drawn: Decimal, generation: int) -> bool:
        body = json.dumps({"drawn_usd": str(drawn), "by": uuid.uuid4().hex})
        return objects.replace(self._bucket, self._name, body.encode(), generation) is not None


@dataclass
class Spending:
    """What one call may cost, and did.

    Attributes:
        usd: set once it is known, None where it is not; what is not spent is given back.
    """

    usd: Decimal | None = field(default_factory=Decimal)


class Budget:
    """The limits an instance keeps. Without any, everything may be spent."""

    def __init__(
        self,
        bucket: "storage.Bucket",
        *,
        daily_usd: Decimal | None,
        batch_usd: Decimal | None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._bucket = bucket
        self._daily_usd = daily_usd
        self._batch_usd = batch_usd
        self._now = now
        self._allowances: dict[str, Allowance] = {}
        self._lock = threading.Lock()

    def today(self) -> Allowance | None:
        """What may be spent today; `None` where there is no limit."""
        return self._of_day(self._now().date())

    def for_batch(self, batch_id: str | None) -> Allowance | None:
        """What may be spent on a batch; `None` where there is no limit or no batch."""
        return self._allowance(f"budget/batches/{batch_key(batch_id)}.json", self._batch_usd) if batch_id else None

    @contextmanager
    def reserved(self, request: Request, estimate: Decimal | None) -> Iterator[Spending]:
        """Keeps a call's estimate back while the call is made, then counts what it cost.

        Args:
            request: what is asked.
            estimate: USD; `None` where nothing is paid for.

        Raises:
            MustWaitError: when a limit has been reached.
        """
        taken_on = self.take(request, estimate)
        spending = Spending()
        try:
            yield spending
        finally:
            self.settle(request, estimate, spending.usd, taken_on)

    def take(self, request: Request, estimate: Decimal | None) -> date:
        """Keeps a call's estimate back until it is settled, and tells of which day's limit it was.

        Raises:
            MustWaitError: when a limit has been reached; nothing is kept back then.
        """
        day = self._now().date()
        if not estimate:
            return day
        taken: list[Allowance] = []
        for allowance, wait in self._limits(request, day):
            if not allowance.take(estimate):
                for other in taken:
                    other.give_back(estimate)
                raise MustWaitError(wait)
            taken.append(allowance)
        return day

    def settle(self, request: Request, estimate: Decimal | None, usd: Decimal | None, taken_on: date | None) -> None:
        """Counts what a call cost (None: nobody knows, so its estimate holds) on the limits that it was taken of.

        Args:
            request: what was asked.
            estimate: what was taken for it.
            usd: what it cost.
            taken_on: when; what a day had and did not spend is no other day's. None: nobody knows.
        """
        if not estimate or usd is None:
            return
        for allowance in (self._of_day(taken_on) if taken_on else None, self.for_batch(request.batch_id)):
            if allowance:
                allowance.give_back(estimate - usd)

    def _limits(self, request: Request, day: date) -> Iterator[tuple[Allowance, Wait]]:
        today, batch = self._of_day(day), self.for_batch(request.batch_id)
        if today:
            midnight = datetime.combine(day + timedelta(days=1), time(), UTC)
            detail = f"the daily budget of {today.limit} USD is spent: it goes on tomorrow, or when it is raised"
            yield today, waiting(request, WaitReason.DAILY_BUDGET, detail, until=midnight)
        if batch:
            detail = f"the budget of {batch.limit} USD for its batch is spent: it goes on when that is raised"
            yield batch, waiting(request, WaitReason.BATCH_BUDGET, detail)

    def _of_day(self, day: date) -> Allowance | None:
        return self._allowance(f"budget/days/{day}.json", self._daily_usd)

    def _allowance(self, name: str, limit: Decimal | None) -> Allowance | None:
        if limit is None:
            return None
        with self._lock:
            return self._allowances.setdefault(name, Allowance(self._bucket, name, limit))


def require_price(settings: GeminiSettings, model: str) -> None:
    """Returns when what calls of `model` cost can be counted, or need not be.

    Raises:
        SettingsError: when there is a limit, and no price.
    """
    known = prices.known(model)
    limited = settings.daily_budget_usd is not None or settings.batch_budget_usd is not None
    if limited and not (known and known.price_on(datetime.now(UTC).date())):
        raise SettingsError(
            f"DAILY_BUDGET_USD: cannot be kept, because shared/prices.yaml has no price for {model}"
            " (add its price there, or take DAILY_BUDGET_USD and BATCH_BUDGET_USD away)"
        )


def batch_key(batch_id: str) -> str:
    """A batch's id as part of an object name, whatever is in it."""
    return hashlib.sha256(batch_id.encode()).hexdigest()[:32]


def waiting(request: Request, reason: WaitReason, detail: str, until: datetime | None = None) -> Wait:
    """The event of a request that is put aside."""
    return Wait(
        event_id=request.event_id,
        creative_id=request.creative_id,
        reason=reason,
        detail=detail,
        until=until,
        batch_id=request.batch_id,
    )
