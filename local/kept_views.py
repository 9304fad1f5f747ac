"""Views that many queries read are computed once for all that are asked at the same moment.

A screen asks eight things, nearly all of them of `ads_enriched` or `creatives`, which take DuckDB a third of a second
to plan and run, be there ever so few ads. Here their rows are kept until anything changes: the first query takes what
it took, the others a hundredth of it. What a query is told is what the views say in one state of all tables.
"""

import logging
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import lru_cache
from itertools import count
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from local.query_cache import Lakes, State

if TYPE_CHECKING:
    import duckdb

_SQL = Path(__file__).with_name("duckdb")
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
        self._now: _Rows | None = None
        self._readers: dict[_Rows, int] = {}

    def run(self, query: str, run: Callable[[str], object]) -> None:
        """Runs a query of DuckDB's dialect, on rows that are kept where it reads any.

        Where anything has changed meanwhile it runs again, on the tables, and where it fails, too: it says what is
        wrong of the views that it names.
        """
        with self._read() as rows:
            if not self._answers(rows, query, run):
                run(query)

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
                before, self._now = self._now, _Rows(state, next(self._numbers), self._views(state), self._cursor)
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

    def _views(self, state: State) -> dict[Name, str]:
        """All views as they are defined, or none where their rows are not to be kept."""
        if self._lakes.is_volatile(state) or self._lakes.has_policies() or self._lakes.rows() > MOST_ROWS:
            return {}
        return dict(self._lakes.views())


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
                    cursor.execute(_sql("forget_kept", schema=schema))
        except duckdb.Error as error:
            _log.warning("rows that nobody reads any more are still kept: %s", error)

    def _reading(self, sql: str) -> str:
        return _NAMES.sub(lambda found: self._instead_of(_name(found)) or found[0], sql)

    def _instead_of(self, name: Name | None) -> str | None:
        """The table with a view's rows, or a view of the same definition as one that reads such a view."""
        if name is None or not self._reads_any(name):
            return None
        place = f"{self._schema(name)}.{_quoted(name[2])}"
        if name not in self._made:
            kind = "TABLE" if name[2] in KEPT else "VIEW"
            made_of = self._reading(self._views[name])
            with self._cursor() as cursor:
                cursor.execute(_sql("place_kept", schema=self._schema(name)))
                cursor.execute(_sql("keep", kind=kind, place=place, made_of=made_of))
            self._made.add(name)
        return place

    def _reads_any(self, name: Name) -> bool:
        if name not in self._views:
            return False
        return name[2] in KEPT or any(self._reads_any(each) for each in _names_in(self._views[name]))

    def _schema(self, name: Name) -> str:
        return f"memory.{_quoted(f'kept {self._number} of {name[0]}.{name[1]}')}"


@lru_cache(1000)  # a view is what it was after most changes
def _names_in(sql: str) -> frozenset[Name]:
    return frozenset(name for name in map(_name, _NAMES.finditer(sql)) if name)


def _name(found: re.Match[str]) -> Name | None:
    """The name of a view or table, where one was found; it may be one of a column, too."""
    project, dataset, name = (
        quoted.replace('""', '"') if quoted else plain
        for quoted, plain in zip(*[iter(found.groups())] * 2, strict=True)
    )
    return (project, dataset, name) if project and dataset and name else None


def _sql(name: str, **parts: str) -> str:
    return Template((_SQL / f"{name}.sql").read_text()).substitute(parts)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
