"""Arrays as BigQuery reads them: rules by which local-bigquery 0.3.2 rewrites a statement, before and after its own.

`UNNEST` of structs gives their fields, by their bare names; DuckDB gives one column of structs. `ARRAY_AGG` takes its
`LIMIT` of what `IGNORE NULLS` left; local-bigquery takes it before.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlglot import exp

_DEPTH = 2  # of the array, and of the structs in it: BigQuery has no arrays of arrays


def without_nulls(tree: Any, _context: object) -> Any:  # noqa: ANN401
    """`ARRAY_AGG(… IGNORE NULLS … LIMIT n)`: the first of those that are not null."""
    from sqlglot import exp

    for node in list(tree.find_all(exp.IgnoreNulls)):
        limit = node.this.this
        if not (isinstance(node.this, exp.ArrayAgg) and isinstance(limit, exp.Limit)):
            continue
        value = limit.this.this if isinstance(limit.this, exp.Order) else limit.this
        value = value.expressions[0] if isinstance(value, exp.Distinct) else value
        present = exp.Where(this=exp.Not(this=exp.Is(this=value.copy(), expression=exp.null())))
        kept = exp.Filter(this=exp.ArrayAgg(this=limit.this.copy()), expression=present)
        node.replace(exp.func("list_slice", kept, exp.Literal.number(1), limit.expression.copy()))
    return tree


def unnamed(tree: Any, _context: object) -> Any:  # noqa: ANN401
    """`FROM …, UNNEST(structs)` and `FROM t, t.structs`: their fields, with the offset where it is asked for. Of any
    array, `LEFT JOIN UNNEST(…)` needs no condition.
    """
    from sqlglot import exp

    for node in list(tree.find_all(exp.Unnest)):
        join = node.parent
        if isinstance(join, exp.Join) and join.side and not join.args.get("on"):
            join.set("on", exp.true())  # of what has no elements there is a row all the same
        if node.args.get("alias") or not isinstance(join, exp.From | exp.Join):
            continue
        (array,) = node.expressions
        depth = exp.Kwarg(this=exp.var("max_depth"), expression=exp.Literal.number(_DEPTH))
        select = exp.select(exp.func("UNNEST", array.copy(), depth))
        if isinstance(offset := node.args.get("offset"), exp.Identifier):
            place = exp.func("generate_subscripts", array.copy(), exp.Literal.number(1)) - 1
            select = select.select(exp.alias_(place, offset.name))
        node.replace(exp.Subquery(this=select))
    return tree


def named(tree: Any, _context: object) -> Any:  # noqa: ANN401
    """`FROM …, UNNEST(structs) AS each`: a bare name is that of a field of `each`. After the rule that finds types."""
    from sqlglot import exp

    for node in list(tree.find_all(exp.Unnest)):
        alias, select = node.args.get("alias"), node.find_ancestor(exp.Select)
        fields = _fields(node.expressions[0].type)
        if not (alias and alias.columns and select and fields):
            continue
        for column in list(select.find_all(exp.Column)):
            bare = not column.table and column.name.lower() in fields
            if bare and column.find_ancestor(exp.Select) is select and not _is_of_the_result(column, select):
                column.set("table", alias.columns[0].copy())
    return tree


def _fields(array: "exp.DataType | None") -> set[str]:
    """The names, in small letters, of the fields of an array's structs."""
    from sqlglot import exp

    structs = array.expressions if array is not None and array.is_type(exp.DataType.Type.ARRAY) else ()
    return {field.name.lower() for each in structs for field in each.expressions}


def _is_of_the_result(column: Any, select: Any) -> bool:  # noqa: ANN401
    """Whether a column is one that the query gives, by which it orders."""
    from sqlglot import exp

    names = {each.alias.lower() for each in select.expressions if isinstance(each, exp.Alias)}
    order = column.find_ancestor(exp.Order)
    return order is not None and order.parent is select and column.name.lower() in names
