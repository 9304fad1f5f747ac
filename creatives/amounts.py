"""Amounts in the JSON that commands write: numbers there, as in a CSV, so that whoever adds them up has sums."""

from decimal import Decimal


def as_number(amount: Decimal) -> float | str:
    """The number, or the text of one that has more digits than a double holds: no part of a cent is lost."""
    number = float(amount)
    return number if Decimal(repr(number)) == amount else f"{amount:f}"


def as_json(value: object) -> object:
    """What `json` does not know itself: an amount, or something that is told by its text."""
    return as_number(value) if isinstance(value, Decimal) else str(value)
