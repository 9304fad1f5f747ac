"""Arrays as BigQuery reads them: rules by which local-bigquery 0.3.2 rewrites a statement, before and after its own.

`UNNEST` of structs gives their fields, by their bare names; DuckDB gives one column of structs. `ARRAY_AGG` takes its
`LIMIT` of what `IGNORE NULLS` left; local-bigquery takes it before.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlglot import exp

_DEPTH = 2  # of the array, and of the structs in it: BigQuery has no arrays of arrays


def without_nulls(tree: Any, _context: object) -> Any:  # noqa: ANN401
    """`ARRAY_AGG(… IGNORE NULLS … LIMIT n)` and `STRING_AGG(… LIMIT n)`: the first of those that are not null."""
    from sqlglot import exp

    for node in list(tree.find_all(exp.IgnoreNulls, exp.GroupConcat)):
        aggregate = node.this if isinstance(node, exp.IgnoreNulls) else node
        limit = aggregate.this
        if not (isinstance(aggregate, exp.ArrayAgg | exp.GroupConcat) and isinstance(limit, exp.Limit)):
            continue
        value = limit.this.this if isinstance(limit.this, exp.Order) else limit.this
        value = value.expressions[0] if isinstance(value, exp.Distinct) else value
        present = exp.Where(this=exp.Not(this=exp.Is(this=value.copy(), expression=exp.null())))
        kept = exp.Filter(this=exp.ArrayAgg(this=limit.this.copy()), expression=present)
        first = exp.func("list_slice", kept, exp.Literal.number(1), limit.expression.copy())
        if isinstance(aggregate, exp.GroupConcat):
            separator = aggregate.args.get("separator") or exp.Literal.string(",")
            first = exp.func("array_to_string", first, separator.copy())
        node.replace(first)
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
        select = _exploded(array)
        if isinstance(offset := node.args.get("offset"), exp.Identifier):
            place = exp.func("generate_subscripts", array.copy(), exp.Literal.number(1)) - 1
            select = select.select(exp.alias_(place, offset.name))
        node.replace(exp.Subquery(this=select))
    return tree


def named(tree: Any, _context: object) -> Any:  # noqa: ANN401
    """`FROM …, UNNEST(structs) AS each`: a bare name is that of a field of `each`, and `*` is all of them."""
    from sqlglot import exp

    for node, select, fields in _structs(tree):
        alias = node.args["alias"].columns[0]
        if any(isinstance(each, exp.Star) for each in select.expressions) and not node.args.get("offset"):
            node.replace(exp.Subquery(this=_exploded(node.expressions[0]), alias=exp.TableAlias(this=alias.copy())))
        for column in list(select.find_all(exp.Column)):
            bare = not column.table and column.name.lower() in fields
            if bare and column.find_ancestor(exp.Select) is select and not _is_of_the_result(column, select):
                column.set("table", alias.copy())
    return tree


def called(tree: Any, _context: object) -> Any:  # noqa: ANN401
    """`STRUCT(ad_id, status)`: a field that is a column has its name. Before the rule that takes them for nameless."""
    from sqlglot import exp

    for struct in list(tree.find_all(exp.Struct)):
        if isinstance(struct.parent, exp.Cast | exp.Predicate) or struct.find_ancestor(exp.In):
            continue
        for field in list(struct.expressions):
            if isinstance(field, exp.Column | exp.Dot):
                field.replace(exp.PropertyEQ(this=exp.to_identifier(field.name), expression=field.copy()))
    return tree


BEFORE = (without_nulls, unnamed, called)
"""The rules before those of local-bigquery; `named` comes after them, when tables are known in full."""


def _exploded(array: Any) -> Any:  # noqa: ANN401
    from sqlglot import exp

    depth = exp.Kwarg(this=exp.var("max_depth"), expression=exp.Literal.number(_DEPTH))
    return exp.select(exp.func("UNNEST", array.copy(), depth))


def _structs(tree: Any) -> "list[tuple[exp.Unnest, exp.Select, set[str]]]":  # noqa: ANN401
    """The arrays of structs that have a name, the queries they are in, and their fields' names in small letters. Types
    are told of a copy whose columns have been found in their tables: until then `features.scenes` is one of `features`.
    """
    from local_bigquery.sql.rules import typing  # type: ignore[import-untyped]
    from sqlglot import errors, exp

    nodes = [(node, node.find_ancestor(exp.Select)) for node in tree.find_all(exp.Unnest)]
    if not any(select and _is_a_named_column(node) for node, select in nodes):
        return []
    try:
        typed = list(typing._typed(tree, typing._schema(tree), positional=True).find_all(exp.Unnest))
    except errors.SqlglotError:  # what it cannot resolve DuckDB may run, or refuse in words
        return []
    if len(typed) != len(nodes):
        return []
    told = [(*each, _fields(like.expressions[0].type)) for each, like in zip(nodes, typed, strict=True)]
    return [(node, select, names) for node, select, names in told if select and names and _is_a_named_column(node)]


def _is_a_named_column(node: "exp.Unnest") -> bool:
    from sqlglot import exp

    alias = node.args.get("alias")
    return bool(alias and alias.columns) and isinstance(node.expressions[0], exp.Column | exp.Dot)


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
