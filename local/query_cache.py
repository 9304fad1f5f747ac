"""BigQuery's cache of results: a query that is asked again is not run again while nothing has changed that it may read.

What polls asks the same views again and again: a page, a command that waits, tests. A reading takes half a second, a
fourth of it to tell which columns the view has: those are kept too, until a schema changes.
"""

import re
import threading
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from local.statements import lake_of, quoted, statement

type Run = Callable[..., tuple[Any, list[Any], Any]]
"""How local-bigquery runs a query: to its statistics, the jobs of its statements, and the table with its rows."""

type Columns = Callable[[str, str, str], list[Any]]
"""How local-bigquery tells the columns of a table or view, by project, dataset and name."""

type State = tuple[Any, ...]
"""Of all tables, views, functions and policies: another after each change of any."""

MOST_KEPT = 500
"""Answers; their rows lie among the server's results anyway."""

_VOLATILE = re.compile(
    # time, chance, who asks and from where
    r"current_?(date|time|user|query|schema|database|connection|transaction)|localtime|\btxid_|\bsession_user\b|@@"
    r"|\b(now|today|transaction_timestamp|rand|random|setseed|nextval|currval|stats|error|in_search_path|sleep_ms|write_log)\s*\("
    r"|uuid|\bkeys\s*\.|tablesample|using\s+sample"
    # files and what else lies elsewhere
    r"|\b(read|sniff|parquet|query|which|pandas|arrow)_\w+|_scan\w*\s*\(|\b(glob|query)\s*\(|external|\b(ml|ai|vector_search)\b"
    # what the server tells of itself, and its old rows
    r"|information_schema|system_time|__tables|\b_results\b|\bemulator\b|duckdb_|ducklake_(?!catalog\})|pragma|\bsummary\s*\("
    # programs
    r"|javascript|language\s+js|\bpython",
    re.IGNORECASE,
)
"""What tells another thing each time, or of something else than tables. Too much is no fault: it is run again."""


@dataclass(frozen=True)
class Answer:
    """What a query told.

    Attributes:
        state: that it was asked in.
        statistics: of its job.
        table: where its rows are.
    """

    state: State
    statistics: Any
    table: Any


class Lakes:
    """What the server holds, asked about what changes."""

    def __init__(self, fetch: Callable[..., list[Any]], names: Collection[str]) -> None:
        self._fetch = fetch
        self._names = names
        self._volatile: tuple[State, bool] = (), True
        self._lock = threading.Lock()
        self._noted = 0

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def state(self) -> State:
        """The state now: asked before a query runs, so that what changes meanwhile makes its answer an old one."""
        return (*self._all_of("state"), *self._fetch(statement("notes")))

    def definitions(self) -> State:
        """Another after each change of what queries are translated by: all of the state but the rows of tables."""
        return (*self.schemas(), *self._fetch(statement("notes")))

    def noting(self, change: Callable[..., Any]) -> Callable[..., Any]:
        """Counts what local-bigquery notes anew of tables, functions and policies: no other process does."""

        def changed(*arguments: Any) -> Any:  # noqa: ANN401
            try:
                return change(*arguments)
            finally:
                with self._lock:
                    self._noted += 1

        return changed

    def schemas(self) -> State:
        """Another after each change of what tables and views there are, of their columns, and of functions."""
        return self._all_of("schemas")

    def views(self) -> Iterator[tuple[tuple[str, str, str], str]]:
        """The project, dataset and name of each view, and its text."""
        for project in sorted(self._names):
            yield from (
                ((project, dataset, name), text.replace("{DUCKLAKE_CATALOG}", quoted(project)))
                for dataset, name, text in self._of(project, "definitions")
            )

    def rows(self) -> int:
        """Of all tables, about."""
        return sum(rows or 0 for name in sorted(self._names) for (rows,) in self._of(name, "all_rows"))

    def has_policies(self) -> bool:
        """Whether who asks decides what is seen of any table."""
        ((policies,),) = self._fetch(statement("policies"))
        return bool(policies)

    def is_volatile(self, state: State) -> bool:
        """Whether any view, function or policy is: which of them a query reaches need not be known."""
        if self._volatile[0] != state:
            self._volatile = state, any(is_volatile(text) for text in self._texts())
        return self._volatile[1]

    def _texts(self) -> Iterator[str]:
        """The texts of views, functions and policies."""
        yield from (text for _, text in self.views())
        yield from (text for noted in ("functions", "notes") for (text,) in self._fetch(statement(noted)))

    def _all_of(self, asked: str) -> State:
        names, noted = sorted(self._names), self._noted
        return (noted, *names, *(row for name in names for row in self._of(name, asked)))

    def _of(self, project: str, asked: str) -> list[Any]:
        return self._fetch(statement(asked, lake=lake_of(project)))


class QueryCache:
    """The answers of queries by what was asked, as long as the state is the one that they were asked in."""

    def __init__(self, lakes: Lakes, is_there: Callable[[Any], bool]) -> None:
        self._lakes = lakes
        self._is_there = is_there
        self._answers: dict[str, Answer] = {}

    def answering(self, execute: Run) -> Run:
        """Runs what has to be run, and answers all else."""

        def executed(
            cursor: Any,  # noqa: ANN401
            project: str,
            job: str | None,
            config: Any,  # noqa: ANN401
            dry_run: bool = False,
            session: Any = None,  # noqa: ANN401
        ) -> tuple[Any, list[Any], Any]:
            if dry_run or session or not may_be_kept(config):
                return execute(cursor, project, job, config, dry_run=dry_run, session=session)
            # What else came with the request is of the request: its id is another each time.
            asked = f"{project} {config.model_dump_json(include=set(type(config).model_fields))}"
            state = self._lakes.state()
            known = self._answers.get(asked)
            if known and known.state == state and self._is_there(known.table):
                return known.statistics.replace(cacheHit=True), [], known.table
            statistics, children, table = execute(cursor, project, job, config)
            if statistics.statementType == "SELECT" and not self._lakes.is_volatile(state):
                self._keep(asked, Answer(state, statistics, table))
            return statistics, children, table

        return executed

    def _keep(self, asked: str, answer: Answer) -> None:
        if len(self._answers) >= MOST_KEPT:
            self._answers.clear()
        self._answers[asked] = answer


def kept_columns(columns: Columns, lakes: Lakes) -> Columns:
    """Tells the columns of a lake's table or view again as long as no schema has changed: for a view DuckDB goes
    through all that it reads.
    """
    known: dict[tuple[str, str, str], tuple[State, list[Any]]] = {}

    def of(project: str, dataset: str, table: str) -> list[Any]:
        if project not in lakes or dataset.startswith("_"):  # a query's rows: asked about once
            return columns(project, dataset, table)
        schemas = lakes.schemas()
        before, told = known.get((project, dataset, table), ((), []))
        if before != schemas:
            told = columns(project, dataset, table)
            known[project, dataset, table] = schemas, told
        return [*told]

    return of


def may_be_kept(config: Any) -> bool:  # noqa: ANN401
    """Whether a query's rows go nowhere else, and neither its text nor who asks has anything against."""
    return config.useQueryCache is not False and config.destinationTable is None and not is_volatile(config.query or "")


@lru_cache(4096)  # after each change all views are looked at again, and are what they were
def is_volatile(text: str) -> bool:
    """Whether a text names what may tell another thing of the same tables."""
    return _VOLATILE.search(text) is not None
