"""What a cell of results shows, whoever wrote it: a spreadsheet, a person, an API that lists the parts of a number."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from shared import columns
from shared.results import numbers


def scalar(cell: object) -> object:
    """What a cell shows; of what APIs list as parts of one number (`[{"action_type": …, "value": "12"}]`) their sum."""
    if isinstance(cell, str) and cell[:1] == "=":
        return columns.as_shown(cell)
    if isinstance(cell, Mapping):
        return cell.get("name")  # a campaign's, as Google's API nests it
    if isinstance(cell, list) and cell and all(isinstance(each, Mapping) and "value" in each for each in cell):
        is_one = len({each.get("action_type") for each in cell}) == 1
        return added(cell) if is_one else cell
    return cell


def added(parts: Sequence[Mapping[str, object]]) -> object:
    """The value of what an API lists in parts (by device, say); of several that are no numbers the first of these."""
    values = [part.get("value") for part in parts]
    exact = [columns.Exact(value) for value in values if numbers.is_number(columns.Exact(value))]
    if len(exact) < len(values):
        return next(value for value in values if not numbers.is_number(columns.Exact(value)))
    return columns.Exact(sum(map(Decimal, exact), Decimal(0))) if exact else None


def has_number(cell: object) -> bool:
    """Whether it is a number, or a list of several as APIs have it (`actions`), each with what it counts."""
    if isinstance(cell, list):
        return any(isinstance(each, Mapping) and numbers.is_number(each.get("value")) for each in cell)
    return numbers.is_number(cell)


def says_nothing(cell: object) -> bool:
    """Whether it is empty, or has a sign or words for that."""
    return cell is None or cell != cell or (isinstance(cell, str) and columns.says_nothing(cell))


def is_word(cell: object) -> bool:
    """Whether it says in words that it says nothing: `N/A`."""
    return isinstance(cell, str) and says_nothing(cell) and any(map(str.isalpha, cell))
