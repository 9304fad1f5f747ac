"""One of a thing: also when many ask for it at once, and when making it fails at first."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.singleton import Singleton


def test_those_who_ask_at_once_get_the_same_one() -> None:
    everybody_asks = threading.Barrier(8)
    made = Singleton(object)

    def ask(_: int) -> object:
        everybody_asks.wait()
        return made()

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(ask, range(8)))) == 1


def test_what_fails_is_tried_again() -> None:
    attempts: list[int] = []

    def make() -> str:
        attempts.append(1)
        if len(attempts) == 1:
            raise OSError("not yet")
        return "made"

    made = Singleton(make)

    with pytest.raises(OSError, match="not yet"):
        made()
    assert [made(), made()] == ["made", "made"]
    assert len(attempts) == 2


def test_after_it_was_forgotten_another_is_made() -> None:
    made = Singleton(object)
    first = made()

    made.forget()

    assert made() is not first
