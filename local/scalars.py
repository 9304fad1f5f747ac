"""Functions of one value as BigQuery has them: rules by which local-bigquery 0.3.2 rewrites a statement first."""

import re
from typing import Any

_PARTS = {"MILLISECOND": 1000, "MICROSECOND": 1_000_000}
"""Of a second; DuckDB's hold the seconds of the minute, too."""


_SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
"""What Unicode takes for white: `TRIM` of BigQuery takes it off, DuckDB's the space alone."""

_PADDED = {"%-d": "%-d", "%e": "%-d", "%k": "%-H", "%l": "%-I"}
"""Elements that two places are held for, and DuckDB's that hold none; sqlglot writes `%e` as `%-d`, in `%c` as `%e`."""

_ELEMENT = re.compile(r"%%|%E\w+|%-?\w|%|[^%]+")
_GROUPED = re.compile(r"%[-+ #0]*'")


def within_a_second(tree: Any, _context: object) -> Any:  # noqa: ANN401
    """`EXTRACT(MILLISECOND FROM …)`: those of the second."""
    from sqlglot import exp

    for node in list(tree.find_all(exp.Extract)):
        if in_all := _PARTS.get(node.this.name.upper()):
            node.replace(exp.Mod(this=exp.Paren(this=node.copy()), expression=exp.Literal.number(in_all)))
    return tree


def from_the_first(tree: Any, _context: object) -> Any:  # noqa: ANN401
    """`SUBSTR` from 0, or from before the beginning: it begins at the first character then."""
    from sqlglot import exp

    for node in list(tree.find_all(exp.Substring)):
        start = node.args.get("start")
        if isinstance(start, exp.Literal) and start.name.isdecimal() and int(start.name) > 0:
            continue
        length = exp.Neg(this=exp.func("LENGTH", node.this.copy(), dialect="duckdb"))
        least = exp.func("GREATEST", start.copy(), length)
        branches = [
            exp.If(this=exp.EQ(this=start.copy(), expression=exp.Literal.number(0)), true=exp.Literal.number(1)),
            exp.If(this=exp.LT(this=start.copy(), expression=exp.Literal.number(0)), true=least),
        ]
        node.set("start", exp.Case(ifs=branches, default=start.copy()))
    return tree


def of_all_white(tree: Any, _context: object) -> Any:  # noqa: ANN401
    """`TRIM(text)`: tabs and ends of lines, too."""
    from sqlglot import exp

    for node in list(tree.find_all(exp.Trim)):
        if not node.expression:
            node.set("expression", exp.Literal.string(_SPACE))
    return tree


def in_thousands(tree: Any, _context: object) -> Any:  # noqa: ANN401
    """`FORMAT("%'d", n)`: with commas."""
    from sqlglot import exp

    for node in list(tree.find_all(exp.Format)):
        if isinstance(node.this, exp.Literal) and _GROUPED.search(node.this.name):
            written = _GROUPED.sub(lambda found: found[0].replace("'", ","), node.this.name)
            node.set("this", exp.Literal.string(written))
    return tree


def of_dates(tree: Any, _context: object) -> Any:  # noqa: ANN401
    """`FORMAT_DATE`, `FORMAT_TIMESTAMP` and their like: the elements that DuckDB does not know, or does not pad."""
    from sqlglot import exp

    for node in list(tree.find_all(exp.TimeToStr)):
        template = node.args["format"]
        pieces = _ELEMENT.findall(template.name) if template.is_string else []
        if not any(piece in _PADDED or piece in ("%P", "%C") for piece in pieces):
            continue
        node.replace(exp.Concat(expressions=[_element(node, piece) for piece in pieces], safe=True))
    return tree


def _element(node: Any, piece: str) -> Any:  # noqa: ANN401
    from sqlglot import exp

    def written(element: str) -> Any:  # noqa: ANN401
        one = node.copy()
        one.set("format", exp.Literal.string(element))
        return one

    if piece in _PADDED:
        return exp.func("LPAD", written(_PADDED[piece]), exp.Literal.number(2), exp.Literal.string(" "))
    if piece == "%P":
        return exp.Lower(this=written("%p"))
    if piece == "%C":
        return exp.func("LEFT", written("%Y"), exp.Literal.number(2))
    return written(piece) if piece.startswith("%") else exp.Literal.string(piece)


RULES = (within_a_second, from_the_first, of_all_white, in_thousands, of_dates)
