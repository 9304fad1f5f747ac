"""Translations of statements are kept: to read one, and to write it for DuckDB, takes sqlglot some 25 ms of processor
time, often more than DuckDB takes to run it, and a stage asks the same few again and again, of other ids.

Where a parameter's value stands, a mark is kept that nobody else can write, as this process drew it.
"""

import re
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.query_cache import Lakes, State, is_volatile

if TYPE_CHECKING:
    from sqlglot import exp

MOST_KEPT = 200
MOST_LETTERS = 20_000
"""Of the text of one that is kept, of which each takes 60 bytes of memory when it is read; ours have 10,000 at most."""

_MARK = f"the value {secrets.token_hex(16)} of parameter "
_MARKS = re.compile(f"'{_MARK}[0-9]+'")

type Values = Mapping[str, tuple[str, str]]
"""By a parameter's name: the mark that stands for its value, and its literal."""

type Bind = Callable[[list[Any]], tuple[dict[str, str], dict[str, str | None]]]
"""How local-bigquery takes a query's parameters: an expression for each by name, and the values those refer to."""

type Parse = Callable[[str], "list[exp.Expression]"]
"""How local-bigquery reads the statements of a text."""

type Translate = Callable[["exp.Expression", Any], tuple[str, dict[str, Any]]]
"""How local-bigquery writes a statement for DuckDB, in a context: its SQL, and the values that this refers to."""


def marked(bind: Bind) -> Callable[[list[Any]], tuple[dict[str, str], Values]]:
    """Has parameters written as literals, in time: local-bigquery 0.3.2 runs a query that has any three times."""

    def bound(parameters: list[Any]) -> tuple[dict[str, str], Values]:
        expressions, values = bind(parameters)
        marks = {name: f"'{_MARK}{number}'" for number, name in enumerate(expressions)}
        return (
            {
                name: _referring_to(expression, name, "NULL" if values[name] is None else marks[name])
                for name, expression in expressions.items()
            },
            {name: (marks[name], _literal(value)) for name, value in values.items() if value is not None},
        )

    return bound


def _referring_to(expression: str, name: str, instead: str) -> str:
    return re.sub(rf"\${re.escape(name)}\b", lambda _: instead, expression)


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


@dataclass(frozen=True)
class _Translated:
    """The SQL, with marks, and what translating does to its context beside it."""

    sql: str
    referenced: frozenset[tuple[str, str, str]]
    position: int


class Translations:
    """Of statements by their text and the types of their parameters, for as long as tables, views and functions are the
    same.
    """

    def __init__(self, lakes: Lakes) -> None:
        self._lakes = lakes
        self._lock = threading.Lock()
        self._read: dict[str, exp.Expression] = {}
        self._state: State = ()
        self._known: dict[Any, _Translated] = {}

    def reading(self, parse: Parse) -> Parse:
        """Reads the text of a query or a change of rows once: those stay as they were read, unlike other kinds."""
        from local_bigquery.catalog import names  # type: ignore[import-untyped]
        from sqlglot import exp

        def read(text: str) -> "list[exp.Expression]":
            known = self._read.get(text)
            if known is not None:
                return [known]
            trees = parse(text)
            if [isinstance(tree, exp.Query | names.DML) for tree in trees] == [True] and len(text) <= MOST_LETTERS:
                trees[0].meta["text"] = text
                with self._lock:
                    _keep(self._read, text, trees[0])
            return trees

        return read

    def writing(self, translate: Translate) -> Translate:
        """Translates what is not known, and fills in the values of parameters."""

        def written(tree: "exp.Expression", context: Any) -> tuple[str, dict[str, Any]]:  # noqa: ANN401
            translated = self._known_or_new(tree, context, translate) if _may_be_kept(tree, context) else None
            sql = translated.sql if translated else translate(tree, context)[0]
            literals = dict(context.values.values())
            return _MARKS.sub(lambda mark: literals[mark[0]], sql), {}

        return written

    def _known_or_new(self, tree: "exp.Expression", context: Any, translate: Translate) -> _Translated:  # noqa: ANN401
        state = self._lakes.definitions()  # before it is translated: what changes meanwhile makes that an old one
        asked = (
            tree.meta["text"],
            context.project_id,
            context.dataset_id,
            context.position,
            frozenset(context.parameters.items()),
        )
        with self._lock:
            known = self._known.get(asked) if self._state == state else None
        if known:
            context.referenced |= known.referenced
            context.position = known.position
            return known
        sql, _ = translate(tree, context)
        new = _Translated(sql, frozenset(context.referenced), context.position)
        if not self._lakes.has_policies():  # else it depends on who asks
            self._keep_translated(state, asked, new)
        return new

    def _keep_translated(self, state: State, asked: Any, translated: _Translated) -> None:  # noqa: ANN401
        with self._lock:
            if self._state != state:
                self._state, self._known = state, {}
            _keep(self._known, asked, translated)


def _may_be_kept(tree: "exp.Expression", context: Any) -> bool:  # noqa: ANN401
    """Whether its translation depends on nothing that only one job or session knows, and not on the time."""
    of_its_own = context.temporary or context.functions or context.variables or context.settings
    return "text" in tree.meta and not of_its_own and not is_volatile(tree.meta["text"])


def _keep[K, V](kept: dict[K, V], key: K, value: V) -> None:
    if len(kept) >= MOST_KEPT:
        kept.clear()
    kept[key] = value
