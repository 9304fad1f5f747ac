"""Nobody draws more than there is, whatever the number of instances."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from google.api_core.exceptions import PreconditionFailed
from google.cloud import storage
from hypothesis import given
from hypothesis import strategies as st

from functions.extract.resuming import affordable
from shared import prices
from shared.models.budget import Allowance, Budget, MustWaitError, require_price
from shared.models.settings import GeminiSettings
from shared.settings import SettingsError
from tests.functions.extract.extractions import drawn, request_for

CALL = Decimal("0.001")


def budget(bucket: storage.Bucket, calls: int, day: int = 23) -> Budget:
    now = datetime(2026, 11, day, 12, tzinfo=UTC)
    return Budget(bucket, daily_usd=CALL * calls, batch_usd=None, now=lambda: now)


def calls_made(instance: Budget, bucket: storage.Bucket, attempts: int, usd: Decimal = CALL) -> int:
    request = request_for(bucket, drawn())
    made = 0
    for _ in range(attempts):
        try:
            with instance.reserved(request, CALL) as spending:
                spending.usd = usd
                made += 1
        except MustWaitError:
            continue
    return made


@pytest.mark.parametrize("calls", [1, 7, 50])
def test_one_instance_makes_as_many_calls_as_are_covered(bucket: storage.Bucket, calls: int) -> None:
    assert calls_made(budget(bucket, calls), bucket, calls + 20) == calls


def test_instances_together_do_not_overspend(bucket: storage.Bucket) -> None:
    instances = [budget(bucket, 40) for _ in range(5)]

    with ThreadPoolExecutor(5) as pool:
        made = sum(pool.map(lambda instance: calls_made(instance, bucket, 30), instances))

    assert 40 - len(instances) <= made <= 40


def test_nothing_is_drawn_while_what_was_drawn_ahead_is_left(bucket: storage.Bucket) -> None:
    day = Allowance(bucket, "budget/day.json", CALL * 1000)
    assert day.take(CALL)
    [drawn_once] = bucket.list_blobs(prefix="budget/")

    assert day.take(CALL)

    [after] = bucket.list_blobs(prefix="budget/")
    assert after.generation == drawn_once.generation


def test_what_was_overspent_is_drawn_with_the_next_call(bucket: storage.Bucket) -> None:
    day = Allowance(bucket, "budget/day.json", CALL * 10)
    assert day.take(CALL)
    day.give_back(-4 * CALL)

    assert day.take(CALL)

    assert day.left() == CALL * 4


def test_what_was_drawn_in_an_upload_that_the_client_repeats_is_not_lost(
    bucket: storage.Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload: Callable[..., None] = storage.Blob.upload_from_string

    def upload_then_repeat(blob: storage.Blob, *arguments: object, **options: object) -> None:
        upload(blob, *arguments, **options)
        if blob.name.startswith("budget/"):
            raise PreconditionFailed("what the client gets that repeats an upload after a lost response")

    monkeypatch.setattr(storage.Blob, "upload_from_string", upload_then_repeat)

    assert calls_made(budget(bucket, 7), bucket, 20) == 7


def test_what_an_instance_drew_is_not_drawn_again_after_a_restart(bucket: storage.Bucket) -> None:
    first = calls_made(budget(bucket, 50), bucket, 20)
    second = calls_made(budget(bucket, 50), bucket, 60)

    assert first == 20
    assert 48 <= first + second <= 50


def test_calls_that_cost_less_than_estimated_leave_room_for_more(bucket: storage.Bucket) -> None:
    assert calls_made(budget(bucket, 10), bucket, 40, usd=CALL / 2) == 20


def test_calls_that_cost_more_than_estimated_end_it_earlier(bucket: storage.Bucket) -> None:
    assert calls_made(budget(bucket, 10), bucket, 40, usd=CALL * 2) == 5


def test_a_call_that_fails_costs_nothing(bucket: storage.Bucket) -> None:
    instance = budget(bucket, 1)
    request = request_for(bucket, drawn())
    with pytest.raises(ConnectionError), instance.reserved(request, CALL):
        raise ConnectionError

    assert calls_made(instance, bucket, 5) == 1


def test_a_new_day_has_a_new_budget(bucket: storage.Bucket) -> None:
    assert calls_made(budget(bucket, 2, day=23), bucket, 5) == 2
    assert calls_made(budget(bucket, 2, day=24), bucket, 5) == 2


def test_what_a_day_does_not_cover_waits_for_the_next_midnight(bucket: storage.Bucket) -> None:
    now = datetime(2026, 11, 23, 23, 59, tzinfo=UTC)
    nothing = Budget(bucket, daily_usd=Decimal(0), batch_usd=None, now=lambda: now)

    with pytest.raises(MustWaitError) as raised:
        nothing.take(request_for(bucket, drawn()), CALL)

    assert raised.value.wait.until == datetime(2026, 11, 24, tzinfo=UTC)


def test_what_a_day_kept_back_and_did_not_spend_is_not_spent_the_next_day(bucket: storage.Bucket) -> None:
    now = [datetime(2026, 11, 23, 23, 59, tzinfo=UTC)]
    instance = Budget(bucket, daily_usd=CALL * 4, batch_usd=None, now=lambda: now[0])
    with instance.reserved(request_for(bucket, drawn()), CALL * 3) as spending:
        now[0] += timedelta(minutes=2)
        spending.usd = CALL

    assert calls_made(instance, bucket, 20) == 4


def test_what_a_call_took_of_a_batch_is_given_back_on_whatever_day(bucket: storage.Bucket) -> None:
    instance = Budget(bucket, daily_usd=None, batch_usd=CALL * 4)
    request = request_for(bucket, drawn(), batch_id="b")
    taken_on = instance.take(request, CALL * 4)

    instance.settle(request, CALL * 4, CALL, taken_on - timedelta(days=1))

    for _ in range(3):
        instance.take(request, CALL)
    with pytest.raises(MustWaitError):
        instance.take(request, CALL)


def test_a_call_whose_cost_nobody_knows_cost_its_estimate(bucket: storage.Bucket) -> None:
    instance = budget(bucket, 2)
    for _ in range(2):
        with instance.reserved(request_for(bucket, drawn()), CALL) as spending:
            spending.usd = None

    assert calls_made(instance, bucket, 5) == 0


@pytest.mark.parametrize("model", ["gemini-99", "priced-later"])
def test_a_limit_needs_a_price_of_today(monkeypatch: pytest.MonkeyPatch, model: str) -> None:
    settings = GeminiSettings.model_construct(daily_budget_usd=Decimal(1))
    known = prices.models()["gemini-3.5-flash-lite"]
    later = [each.model_copy(update={"valid_from": date.max}) for each in known.prices]
    told = {"priced-now": known, "priced-later": known.model_copy(update={"prices": later})}
    monkeypatch.setattr(prices, "known", told.get)

    require_price(settings, "priced-now")
    with pytest.raises(SettingsError, match=f"no price for {model}"):
        require_price(settings, model)


def test_a_raised_limit_goes_on_where_the_old_one_ended(bucket: storage.Bucket) -> None:
    assert calls_made(budget(bucket, 3), bucket, 10) == 3
    assert calls_made(budget(bucket, 5), bucket, 10) == 2


def test_without_limits_everything_may_be_spent(bucket: storage.Bucket) -> None:
    unlimited = Budget(bucket, daily_usd=None, batch_usd=None)

    assert calls_made(unlimited, bucket, 10) == 10
    assert not list(bucket.list_blobs(prefix="budget/"))


def test_a_refused_batch_gives_the_days_money_back(bucket: storage.Bucket) -> None:
    both = Budget(bucket, daily_usd=CALL * 10, batch_usd=Decimal(0))

    with pytest.raises(MustWaitError, match="its batch"):
        both.take(request_for(bucket, drawn(), batch_id="b"), CALL)

    today = both.today()
    assert today
    assert today.left() == CALL * 10


class Left(Allowance):
    """An allowance with so much left."""

    def __init__(self, usd: Decimal) -> None:
        self.usd = usd

    def left(self) -> Decimal:
        return self.usd


@given(cents=st.integers(0, 100_000))
def test_as_many_requests_go_on_as_are_covered(cents: int) -> None:
    left = Decimal(cents) / 100

    most = affordable([Left(left)], Decimal("0.5"))

    assert most == min(-(-cents // 50), 2000)


def test_without_a_limit_or_a_price_all_go_on() -> None:
    assert affordable([], CALL) == affordable([Left(CALL)], None) == 2000
