"""What was found is remembered, of the last things alone."""

import pytest

from shared.remembering import Remembered


def test_no_more_is_remembered_than_the_last_things() -> None:
    remembered, looked = Remembered[str](most=2), list[str]()

    for thing in ("one", "two", "one", "three", "one", "two"):

        def look(thing: str = thing) -> str:
            looked.append(thing)
            return thing.upper()

        assert remembered.of(thing, look) == thing.upper()

    assert looked == ["one", "two", "three", "two"]


def test_what_is_too_large_is_looked_at_again() -> None:
    remembered, looked = Remembered[str](5, lambda found: len(found) < 3), list[str]()

    for found in ("ab", "ab", "abc", "abc"):
        remembered.of(found, lambda found=found: looked.append(found) or found)  # type: ignore[func-returns-value, misc]

    assert looked == ["ab", "abc", "abc"]


def test_what_failed_is_tried_again() -> None:
    remembered, tried = Remembered[str](most=2), list[str]()

    def fail() -> str:
        tried.append("again")
        raise ConnectionError

    for _ in range(2):
        with pytest.raises(ConnectionError):
            remembered.of("thing", fail)

    assert tried == ["again", "again"]
