"""Results that lie within a line's cells, as the APIs of networks nest them: brought out as columns of their own."""

from collections.abc import Iterable, Mapping

from shared.lists.json_text import loads
from shared.results import names
from shared.results.cells import added


def flat(extra: Mapping[str, object]) -> Mapping[str, object]:
    """The columns of a line; where none of them is of results, those of an object within it (`insights`, say).

    Beside that object others may tell the day and the campaign: Google's `segments`, TikTok's `dimensions`.
    """
    if names.has_results(names.recognised(tuple(extra))):
        return _with_purchases(extra)
    objects = {name: within for name, value in extra.items() if (within := _object(value))}
    for whole, within in objects.items():
        if names.has_results(names.recognised(tuple(within))):
            beside = {
                f"{name}.{inner}": cell
                for name, each in objects.items()
                for inner, cell in each.items()
                if name != whole and names.recognised((f"{name}.{inner}",))
            }
            return _with_purchases({**extra, **beside, **within})
    return extra


def _with_purchases(row: Mapping[str, object]) -> Mapping[str, object]:
    """With the purchases among the actions of Meta's Insights as columns of their own; the others are no results."""
    told = {name: cell for name in names.ACTIONS if isinstance(cell := _parsed(row.get(name)), list)}
    if not told:
        return row
    rest = {name: cell for name, cell in row.items() if name not in told and not _lists_actions(cell, name)}
    return {**rest, **{names.ACTIONS[name]: _purchases(cell) for name, cell in told.items()}}


def _parsed(cell: object) -> object:
    """What a cell holds that is JSON, as tables have what an API listed."""
    if isinstance(cell, str) and cell.lstrip().startswith("[{"):
        try:
            return loads(cell)
        except ValueError:
            return cell
    return cell


def _lists_actions(cell: object, name: str) -> bool:
    """Whether it is Insights' `conversions`, which counts what is among its actions by other names."""
    return name in ("conversions", "conversion_values") and isinstance(cell, list)


def _purchases(actions: Iterable[object]) -> object:
    counted = [each for each in actions if isinstance(each, Mapping)]
    by_type = ([each for each in counted if each.get("action_type") == kind] for kind in names.PURCHASES)
    return added(next(filter(None, by_type), []))


def _object(value: object) -> dict[str, object]:
    """The columns of an object within a line, or of the only one in a list; none of what is neither."""
    inner = value.get("data", value) if isinstance(value, Mapping) else value
    rows = inner if isinstance(inner, list) else [inner]
    one = rows[0] if len(rows) == 1 and isinstance(rows[0], Mapping) else {}
    return {str(name): cell for name, cell in one.items()}
