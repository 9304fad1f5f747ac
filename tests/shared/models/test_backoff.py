"""How long a call is tried again, and when it is given up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.models.backoff import Backoff, Deadline, OutOfTimeError

LONG = 1000.0
SECONDS = st.floats(0, 100)


@given(asked=SECONDS, attempt=st.integers(1, 10))
def test_a_pause_is_at_least_what_the_service_asks_and_not_much_longer(asked: float, attempt: int) -> None:
    pause = Backoff().pause(asked, attempt, LONG)

    assert (pause is None) == (asked > 20)
    assert pause is None or asked <= pause <= asked + min(2 ** (attempt - 1), 20)


@given(asked=SECONDS, left=SECONDS)
def test_no_pause_outlasts_the_deadline(asked: float, left: float) -> None:
    pause = Backoff().pause(asked, 1, left)

    assert pause is None or pause < left


def test_a_permanent_fault_is_raised_at_once() -> None:
    calls: list[int] = []

    def fail() -> None:
        calls.append(1)
        raise ValueError("permanent")

    with pytest.raises(ValueError, match="permanent"):
        Backoff(first_pause_s=0.001).call(fail, lambda _: None, Deadline(LONG))

    assert len(calls) == 1


@pytest.mark.parametrize(("failures", "expected"), [(0, 1), (1, 2), (3, 4)])
def test_a_call_is_made_until_it_succeeds(failures: int, expected: int) -> None:
    calls: list[int] = []

    def sometimes() -> str:
        calls.append(1)
        if len(calls) <= failures:
            raise ValueError("passes")
        return "done"

    assert Backoff(first_pause_s=0.001).call(sometimes, lambda _: 0.0, Deadline(LONG)) == "done"
    assert len(calls) == expected


def test_the_last_fault_is_raised_after_the_last_attempt() -> None:
    calls: list[int] = []

    def fail() -> None:
        calls.append(1)
        raise ValueError(f"attempt {len(calls)}")

    with pytest.raises(ValueError, match="attempt 4"):
        Backoff(first_pause_s=0.001).call(fail, lambda _: 0.0, Deadline(LONG))


def test_without_time_left_there_is_no_second_attempt() -> None:
    def fail() -> None:
        raise ValueError("passes")

    with pytest.raises(ValueError, match="passes"):
        Backoff(first_pause_s=1).call(fail, lambda _: 0.0, Deadline(0))


def test_no_further_call_is_begun_when_too_little_time_is_left_for_its_reply() -> None:
    deadline, plenty = Deadline(0), Deadline(1000)

    assert 0 < deadline.for_a_call(10) < 1
    with pytest.raises(OutOfTimeError):
        deadline.for_a_call(10)
    assert [plenty.for_a_call(10), plenty.for_a_call(10)] == [10, 10]
