"""Functions of one value as BigQuery has them: rules by which local-bigquery 0.3.2 rewrites a statement first."""

from typing import Any

_PARTS = {"MILLISECOND": 1000, "MICROSECOND": 1_000_000}
"""Of a second; DuckDB's hold the seconds of the minute, too."""


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


RULES = (within_a_second, from_the_first)
