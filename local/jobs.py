"""Jobs of the local BigQuery, and the rows that they have told.

local-bigquery 0.3.2 writes each job to the disk three times, and the rows of each query into a table that stays for
good: a page that is left open asks eight things after each change, which is gigabytes a day. Here what is under way, or
has only told rows, is kept in memory: after an end of the server nobody asks for it. What has changed anything is
written, so that a client whose connection broke learns that its job has run, and does not run it again.
"""

import json
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

MOST_BYTES = 64 << 20
"""Of the jobs in memory that have told rows, the newest: each is some KB, or the million ids that it was asked by."""

A_DAY = 86_400.0
"""Seconds for which rows are there that nobody has read since. So it is in BigQuery, whose results last about 24 hours:
https://cloud.google.com/bigquery/docs/cached-results
"""

MOST_ROWS = 500_000
"""Beyond, those go that were read longest ago, down to half of it: each time they do waits for the disk."""

A_MOMENT = 60.0
"""Seconds for which rows are there in any case: who reads many asks for the next page sooner."""

type Key = tuple[str, str]
"""A job's project and id."""

type Table = tuple[str, str, str]
"""Where the rows of a query are."""


class Store(Protocol):
    """How local-bigquery keeps jobs: its module `jobs.store`."""

    save: Callable[[Any], Any]
    load: Callable[[str, str], Any]
    list_: Callable[..., list[Any]]
    delete: Callable[[str, str], None]


class Answers:
    """The tables with the rows that queries have told, by when they were read last.

    Attributes:
        rows: how many there are in all of them.
    """

    def __init__(
        self,
        rows_of: Callable[[Table], int],
        drop: Callable[[list[Table]], None],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rows_of = rows_of
        self._drop = drop
        self._now = now
        self._lock = threading.Lock()
        self._read: dict[Table, tuple[float, int]] = {}  # the longest unread first
        self.rows = 0

    def told(self, table: Table) -> None:
        """Remembers a table that a query has filled, and drops those that nobody reads any more."""
        if self.are_there(table):  # told again, to a job that asks the same
            return
        rows = self._rows_of(table)
        with self._lock:
            self._read[table] = self._now(), rows
            self.rows += rows
            old = self._old()
        if old:
            self._drop(old)

    def are_there(self, table: Table) -> bool:
        """Whether a table has its rows; who asks is about to read them."""
        with self._lock:
            known = self._read.pop(table, None)
            if known:
                self._read[table] = self._now(), known[1]
            return known is not None

    def forget(self, table: Table) -> None:
        """Forgets a table that has gone."""
        with self._lock:
            _, rows = self._read.pop(table, (0.0, 0))
            self.rows -= rows

    def _old(self) -> list[Table]:
        """Takes out those that are to be dropped."""
        most = MOST_ROWS if self.rows <= MOST_ROWS else MOST_ROWS // 2
        old = []
        for table, (read, rows) in list(self._read.items()):
            unread = self._now() - read
            if unread < A_MOMENT or (self.rows <= most and unread < A_DAY):
                break
            del self._read[table]
            self.rows -= rows
            old.append(table)
        return old


class Jobs:
    """Takes the place of local-bigquery's store."""

    def __init__(self, store: Store, kind: type[Any], answers: Answers, results: str) -> None:
        self._save, self._load, self._list, self._delete = store.save, store.load, store.list_, store.delete
        self._kind = kind
        self._answers = answers
        self._results = results
        self._lock = threading.Lock()
        self._unfinished: dict[Key, Any] = {}
        self._told: dict[Key, str] = {}  # as JSON, the oldest first
        self._bytes = 0

    def put_into(self, store: Store) -> None:
        """Makes local-bigquery keep jobs here."""
        store.save, store.load, store.list_, store.delete = self.save, self.load, self.list_, self.delete

    def save(self, job: Any) -> Any:  # noqa: ANN401
        """Keeps a job as it is now."""
        key = job.jobReference.projectId, job.jobReference.jobId
        if job.status.state != "DONE":
            with self._lock:
                self._unfinished[key] = job
            return job
        table = self._rows_of(job)
        if table:
            self._answers.told(table)
        only_tells = table is not None and job.statistics.query.statementType == "SELECT"
        if not only_tells:
            self._save(job)
        with self._lock:
            if only_tells:
                self._remember(key, json.dumps(job.dump()))
            self._unfinished.pop(key, None)
        return job

    def load(self, project: str, job_id: str) -> Any:  # noqa: ANN401
        """A job as it is now; who asks may be about to read its rows."""
        key = project, job_id
        with self._lock:
            unfinished, told = self._unfinished.get(key), self._told.get(key)
        if unfinished:
            return unfinished.model_copy(deep=True)
        job = self._kind.model_validate_json(told) if told else self._load(project, job_id)
        table = self._rows_of(job) if job else None
        if table:
            self._answers.are_there(table)
        return job

    def list_(
        self,
        project: str,
        states: list[str] | None = None,
        parent: str | None = None,
        since: int | None = None,
        until: int | None = None,
    ) -> list[Any]:
        """Jobs, the newest first: of a parent, or of none, and created between two times in milliseconds."""

        def is_asked_for(job: Any) -> bool:  # noqa: ANN401
            created = int(job.statistics.creationTime)
            return (
                (job.jobReference.projectId, job.statistics.parentJobId) == (project, parent)
                and (not states or job.status.state in states)
                and (since is None or created >= since)
                and (until is None or created <= until)
            )

        with self._lock:
            here, told = [*self._unfinished.values()], [*self._told.values()]
        here += map(self._kind.model_validate_json, told)
        jobs = {job.jobReference.jobId: job for job in here if is_asked_for(job)}
        # Written since, it is among those: of a job under way what was written later holds.
        jobs |= {job.jobReference.jobId: job for job in self._list(project, states, parent, since, until)}
        return sorted(jobs.values(), key=lambda job: (-int(job.statistics.creationTime), job.jobReference.jobId))

    def delete(self, project: str, job_id: str) -> None:
        """Forgets a job, and those that it has begun."""
        with self._lock:
            self._unfinished.pop((project, job_id), None)
            self._bytes -= len(self._told.pop((project, job_id), ""))
        self._answers.forget((project, self._results, job_id))
        self._delete(project, job_id)

    def _remember(self, key: Key, job: str) -> None:
        self._told[key] = job
        self._bytes += len(job)
        while self._bytes > MOST_BYTES and len(self._told) > 1:
            self._bytes -= len(self._told.pop(next(iter(self._told))))

    def _rows_of(self, job: Any) -> Table | None:  # noqa: ANN401
        """Where the rows are that a query has told, if it names no table of its own for them."""
        query = job.configuration.query
        into = query and query.destinationTable
        if not into or into.datasetId != self._results:
            return None
        return into.projectId, into.datasetId, into.tableId
