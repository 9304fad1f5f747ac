"""Views that many queries read are computed once for all that are asked at the same moment.

A screen asks eight things, nearly all of them of `ads_enriched` or `creatives`, which take DuckDB a third of a second
to plan and run, be there ever so few ads. Here their rows are kept until anything changes: the first query takes what
it took, the others a hundredth of it. What a query is told is what the views say in one state of all tables.
"""

import logging
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING

from local.query_cache import Lakes, State
from local.statements import quoted, statement

if TYPE_CHECKING:
    import duckdb

_log = logging.getLogger(__name__)

KEPT = ("creatives", "ads_enriched")
"""What other views and every screen read."""

MOST_ROWS = 200_000
"""Of all tables together. Beyond, all columns of those views take more to keep than a few queries of some of them."""

type Name = tuple[str, str, str]
"""Of a view: its project, dataset and own name."""

type Cursor = Callable[[], AbstractContextManager["duckdb.DuckDBPyConnection"]]

_PART = r'(?:"((?:[^"]|"")+)"|([A-Za-z_]\w*))'
_NAMES = re.compile(rf"""/\*.*?\*/|'(?:[^']|'')*'|{_PART}\.{_PART}\.{_PART}|"(?:[^"]|"")*\"""", re.DOTALL)
"""Names of three parts in DuckDB's SQL, and what no name can stand in."""


class KeptViews:
    """The rows of the views as they are now, for as long as they are that."""

    def __init__(self, lakes: Lakes, cursor: Cursor) -> None:
        self._lakes = lakes
        self._cursor = cursor
        self._numbers = count()
        self._lock = threading.Lock()
        self._defined: tuple[State, dict[Name, str]] = (), {}
        self._now: _Rows | None = None
        self._readers: dict[_Rows, int] = {}

    def run(self, query: str, run: Callable[[str], object]) -> None:
        """Runs a query of DuckDB's dialect, on rows that are kept where it reads any.

        Where anything has changed meanwhile it runs again, on the tables, and where it fails, too: it says what is
        wrong of the views that it names.
        """
        if not self._reads_any(query):
            run(query)
            return
        with self._read() as rows:
            if not self._answers(rows, query, run):
                run(query)

    def _reads_any(self, query: str) -> bool:
        names = set(_names(query))  # not kept by its text, which may hold a million ids
        views = self._views() if names else {}
        return any(_reads_kept(name, views) for name in names)

    def _answers(self, rows: "_Rows", query: str, run: Callable[[str], object]) -> bool:
        """Whether what is kept answers a query, by itself and as it is now."""
        import duckdb

        try:
            on_rows = rows.instead(query)
        except duckdb.Error as error:
            _log.warning("the rows of a view are not kept: %s", error)
            return False
        if on_rows == query:
            return False
        with suppress(duckdb.Error):  # the query by itself fails, too, and its words are of what was asked
            run(on_rows)
            return self._lakes.state() == rows.state
        return False

    @contextmanager
    def _read(self) -> Iterator["_Rows"]:
        """The rows of this moment, which stay until the last query has read them."""
        rows = self._of_now()
        try:
            yield rows
        finally:
            self._leave(rows)

    def _of_now(self) -> "_Rows":
        with self._lock:
            state = self._lakes.state()
            if self._now is None or self._now.state != state:
                views = self._views() if self._are_kept(state) else {}  # after the state: newer ones make it an old one
                before, self._now = self._now, _Rows(state, next(self._numbers), views, self._cursor)
                if before is not None and not self._readers.get(before):
                    before.forget()
            self._readers[self._now] = self._readers.get(self._now, 0) + 1
            return self._now

    def _leave(self, rows: "_Rows") -> None:
        with self._lock:
            self._readers[rows] -= 1
            if not self._readers[rows]:
                del self._readers[rows]
                if rows is not self._now:
                    rows.forget()

    def _are_kept(self, state: State) -> bool:
        return not (self._lakes.is_volatile(state) or self._lakes.has_policies() or self._lakes.rows() > MOST_ROWS)

    def _views(self) -> dict[Name, str]:
        """All views as they are defined: asked for again where any may have changed."""
        schemas = self._lakes.schemas()
        if self._defined[0] != schemas:
            self._defined = schemas, dict(self._lakes.views())
        return self._defined[1]


class _Rows:
    """The rows of views in one state: each in a table of its own, made when the first query reads it."""

    def __init__(self, state: State, number: int, views: dict[Name, str], cursor: Cursor) -> None:
        self.state = state
        self._number = number
        self._views = views
        self._cursor = cursor
        self._made: set[Name] = set()
        self._lock = threading.Lock()

    def instead(self, query: str) -> str:
        """The query, reading what is kept instead of the views that it names.

        Raises:
            duckdb.Error: when the rows of a view cannot be made.
        """
        with self._lock:
            return self._reading(query)

    def forget(self) -> None:
        """Drops what was made. A query has been answered by then, whether or not that succeeds."""
        import duckdb

        try:
            with self._cursor() as cursor:
                for schema in {self._schema(name) for name in self._made}:
                    cursor.execute(statement("forget_kept", schema=schema))
        except duckdb.Error as error:
            _log.warning("rows that nobody reads any more are still kept: %s", error)

    def _reading(self, sql: str) -> str:
        return _NAMES.sub(lambda found: self._instead_of(_name(found)) or found[0], sql)

    def _instead_of(self, name: Name | None) -> str | None:
        """The table with a view's rows, or a view of the same definition as one that reads such a view."""
        if name is None or not _reads_kept(name, self._views):
            return None
        place = f"{self._schema(name)}.{quoted(name[2])}"
        if name not in self._made:
            kind = "TABLE" if name[2] in KEPT else "VIEW"
            made_of = self._reading(self._views[name])
            with self._cursor() as cursor:
                cursor.execute(statement("place_kept", schema=self._schema(name)))
                cursor.execute(statement("keep", kind=kind, place=place, made_of=made_of))
            self._made.add(name)
        return place

    def _schema(self, name: Name) -> str:
        return f"memory.{quoted(f'kept {self._number} of {name[0]}.{name[1]}')}"


def _reads_kept(name: Name, views: Mapping[Name, str]) -> bool:
    """Whether a name is that of a view that is kept, or of one that reads such a view."""
    if name not in views:
        return False
    return name[2] in KEPT or any(_reads_kept(each, views) for each in _names_in(views[name]))


@lru_cache(1000)  # a view is what it was after most changes
def _names_in(definition: str) -> frozenset[Name]:
    return frozenset(_names(definition))


def _names(sql: str) -> Iterator[Name]:
    yield from (name for name in map(_name, _NAMES.finditer(sql)) if name)


def _name(found: re.Match[str]) -> Name | None:
    """The name of a view or table, where one was found; it may be one of a column, too."""
    project, dataset, name = (
        quoted.replace('""', '"') if quoted else plain
        for quoted, plain in zip(*[iter(found.groups())] * 2, strict=True)
    )
    return (project, dataset, name) if project and dataset and name else None
