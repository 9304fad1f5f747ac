"""Numbers inside of JSON, as Google's reference implementation reads and writes them where DuckDB does it otherwise.

A value of BigQuery's JSON type holds a number as an integer of 64 bits or as a double, and a double has a spelling of
its own: `1e22` becomes `1e+22`. DuckDB keeps integers of any length, and `1e400`. JSON that is a string to SQL is not
read so: its numbers stay as they are spelled.
"""

import json
import math
import re
from collections.abc import Callable
from decimal import Decimal

import duckdb

INTEGERS = range(-(1 << 63), 1 << 64)
WITHOUT_EXPONENT = range(-4, 15)
"""The places of a first digit, counted from the one before the point, where Google writes no exponent."""

_STRING_OR_NUMBER = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d[-+.\deE]*', re.DOTALL)


def register(connection: duckdb.DuckDBPyConnection) -> None:
    """Lets SQL call what is here; what is refused is an error there, or null where SQL says SAFE."""
    text = "VARCHAR"
    connection.create_function("_json_parsed", parsed, [text, text], text)
    connection.create_function("_json_written", written, [text], text)
    connection.create_function("_json_spelled", spelled, [text], text)


def parsed(text: str, mode: str) -> str:
    """The JSON of what BigQuery keeps of this one; `round` lets numbers lose digits, `exact` does not.

    Raises:
        ValueError: for what is no JSON, has a number that cannot be kept, or is nested too deeply.
    """
    if mode.lower() not in ("exact", "round"):
        raise ValueError(f"Invalid wide_number_mode: {mode}")
    text = text.removeprefix("\ufeff")
    try:
        json.loads(text, parse_constant=_refused)
    except RecursionError as error:
        raise ValueError("Invalid input to PARSE_JSON: nested too deeply") from error
    return _with_numbers(text, lambda number: _number(number, exact=mode.lower() == "exact"))


def written(text: str) -> str:
    """JSON of DuckDB with its numbers as BigQuery writes them."""
    return _with_numbers(text, lambda number: _number(number, exact=False))


def spelled(text: str) -> str:
    """JSON whose numbers are strings: so they are extracted as they are spelled."""
    return _with_numbers(text, lambda number: f'"{number}"')


def _with_numbers(text: str, write: Callable[[str], str]) -> str:
    return _STRING_OR_NUMBER.sub(lambda found: found[0] if found[0].startswith('"') else write(found[0]), text)


def _number(text: str, *, exact: bool) -> str:
    if text.lstrip("-").isdigit() and int(text) in INTEGERS:
        return str(int(text))
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"Invalid input to PARSE_JSON: no number can be kept of {text}")
    if exact and Decimal(text) != Decimal(repr(value)):
        raise ValueError(f"Invalid input to PARSE_JSON: {text} cannot be stored without loss of precision")
    return _double(value)


def _double(value: float) -> str:
    shortest = Decimal(repr(value))
    if shortest and shortest.adjusted() not in WITHOUT_EXPONENT:
        digits = shortest.normalize().as_tuple().digits
        return f"{value:.{len(digits) - 1}e}"
    plain = format(shortest, "f")
    return plain if "." in plain else f"{plain}.0"


def _refused(constant: str) -> None:
    raise ValueError(f"Invalid input to PARSE_JSON: {constant} is no JSON")
