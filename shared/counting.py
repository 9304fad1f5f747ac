"""Numbers with their nouns, as people write them (`1 ad`, `2,400 ads`), and the first of many."""

from collections.abc import Sequence


def many(number: int, one: str, more: str = "") -> str:
    """So many of it; `more` is what several are called where an s at the end does not make it."""
    return f"{number:,} {one if number == 1 else more or f'{one}s'}"


def verb(number: int, one: str, more: str) -> str:
    """What so many do: one `is`, several `are`."""
    return one if number == 1 else more


def the_first(several: Sequence[object], most: int, apart: str = ", ") -> str:
    """The first ones in a line, at most so many, with a sign where there are more."""
    return apart.join(map(str, several[:most])) + (f"{apart}…" if len(several) > most else "")
