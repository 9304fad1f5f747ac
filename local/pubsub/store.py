"""What must outlive a kill of the process: topics, subscriptions, messages and the deliveries that wait for them.

Reads are small and happen where they are called. Writes are committed by one thread; those that arrive while it
commits share the next commit. A commit is in the operating system's hands, not necessarily on the disk: it survives the
process, not a power cut.
"""

import asyncio
import json
import sqlite3
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

_SQL = {path.stem: path.read_text() for path in (Path(__file__).parent / "sql").glob("*.sql")}
_PRAGMAS = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 10000;"

type Change = tuple[str, Mapping[str, Any]]
"""A statement of `sql/` by its name, and its parameters."""


@dataclass(frozen=True)
class Message:
    """A published message.

    Attributes:
        id: its number, never given twice.
        published_ms: milliseconds since 1970.
    """

    id: int
    data: bytes
    attributes: Mapping[str, str]
    ordering_key: str
    published_ms: int


@dataclass(frozen=True)
class Delivery:
    """One message's way to one subscription.

    Attributes:
        id: its number, never given twice.
        message: the message's number.
        failures: how often it was tried in vain.
    """

    id: int
    message: int
    failures: int


@dataclass(frozen=True)
class Backlog:
    """What a subscription has waiting.

    Attributes:
        outstanding: deliveries not acknowledged yet.
        retried: those among them that failed before.
        most_failures: the highest number of failures of one of them.
        oldest_ms: when the oldest message was published, in milliseconds since 1970.
    """

    outstanding: int
    retried: int
    most_failures: int
    oldest_ms: int


class Store:
    """The file. Made and used in one event loop; `backlogs` may be called from a thread."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = _connect(path)
        self._writer.executescript(_SQL["schema"])
        self._writer.execute(_SQL["due_at_once"])
        self._reader = _connect(path)
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="commit")
        self._waiting: list[tuple[Sequence[Change], asyncio.Future[None]]] = []
        self._committing: asyncio.Task[None] | None = None

    async def write(self, *changes: Change) -> None:
        """Makes all of `changes` or none; returns once they are committed.

        Raises:
            sqlite3.Error: when they cannot be made.
        """
        if not changes:
            return
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((changes, done))
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit_waiting())
        await done

    async def _commit_waiting(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch, self._waiting = self._waiting, []
            faults = await loop.run_in_executor(self._thread, self._commit, [changes for changes, _ in batch])
            for (_, done), fault in zip(batch, faults, strict=True):
                if not done.cancelled():
                    done.set_exception(fault) if fault else done.set_result(None)
        self._committing = None

    def _commit(self, writes: Sequence[Sequence[Change]]) -> list[sqlite3.Error | None]:
        """Commits all writes together; if that fails each for itself, so that one does not spoil the others."""
        if self._attempt([change for changes in writes for change in changes]) is None:
            return [None] * len(writes)
        return [self._attempt(changes) for changes in writes]

    def _attempt(self, changes: Sequence[Change]) -> sqlite3.Error | None:
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            for name, group in groupby(changes, key=itemgetter(0)):
                self._writer.executemany(_SQL[name], [parameters for _, parameters in group])
            self._writer.execute("COMMIT")
        except sqlite3.Error as error:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            return error
        return None

    async def close(self) -> None:
        """Commits what is waiting and closes the file."""
        if self._committing:
            await self._committing
        self._thread.shutdown()
        self._reader.close()
        self._writer.close()

    def topics(self) -> dict[str, bytes]:
        """The topics' definitions by name."""
        return dict(self._reader.execute(_SQL["topics"]).fetchall())

    def subscriptions(self) -> dict[int, bytes]:
        """The subscriptions' definitions by number."""
        return dict(self._reader.execute(_SQL["subscriptions"]).fetchall())

    def last_ids(self) -> tuple[int, int]:
        """The highest numbers of a message and of a delivery in the file; 0 where there is none."""
        message, delivery = self._reader.execute(_SQL["last_ids"]).fetchone()
        return message, delivery

    def due(self, subscription: int, now_ms: int, most: int) -> list[Delivery]:
        """Up to `most` deliveries whose turn has come, the longest due first."""
        parameters = {"subscription": subscription, "now_ms": now_ms, "most": most}
        return [Delivery(*row) for row in self._reader.execute(_SQL["due"], parameters).fetchall()]

    def next_due_ms(self, subscription: int, now_ms: int) -> int | None:
        """When the first of the deliveries that are not due yet will be."""
        (due,) = self._reader.execute(_SQL["next_due"], {"subscription": subscription, "now_ms": now_ms}).fetchone()
        return None if due is None else int(due)

    def message(self, number: int) -> Message | None:
        """The message, or None when nobody waits for it any more."""
        row = self._reader.execute(_SQL["message"], {"id": number}).fetchone()
        return Message(row[0], row[1], json.loads(row[2]), row[3], row[4]) if row else None

    def backlogs(self) -> dict[int, Backlog]:
        """What each subscription with anything waiting has, by its number. It counts: slow on a long backlog."""
        counting = _connect(self._path)
        try:
            return {row[0]: Backlog(*row[1:]) for row in counting.execute(_SQL["waiting"]).fetchall()}
        finally:
            counting.close()


def message_change(message: Message) -> Change:
    """Keeps `message`."""
    return "add_message", {
        "id": message.id,
        "data": message.data,
        "attributes": json.dumps(dict(message.attributes)),
        "ordering_key": message.ordering_key,
        "published_ms": message.published_ms,
    }


def acknowledgement(delivery: int, message: int) -> list[Change]:
    """Forgets a delivery, and its message when it was the last one."""
    return [("acknowledge", {"id": delivery}), ("delete_if_unwanted", {"id": message})]


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.executescript(_PRAGMAS)
    return connection
