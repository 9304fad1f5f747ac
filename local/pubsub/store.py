"""Topics, subscriptions and what waits to be delivered, in one SQLite file that outlives a kill of the process.

A message is kept as long as some subscription has not acknowledged it. All methods are called from one thread.
"""

import json
import random
import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TABLES = """
CREATE TABLE IF NOT EXISTS topics (name TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS subscriptions (name TEXT PRIMARY KEY, topic TEXT NOT NULL, definition BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, data BLOB NOT NULL, attributes TEXT NOT NULL, ordering_key TEXT NOT NULL,
    topic TEXT NOT NULL, published REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY, subscription TEXT NOT NULL, message INTEGER NOT NULL, due REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, leased INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (subscription, due);
CREATE INDEX IF NOT EXISTS deliveries_message ON deliveries (message);
"""


@dataclass(frozen=True)
class Outgoing:
    """One message on its way to one subscription.

    Attributes:
        delivery: the delivery's own number, which an acknowledgement names.
        message_id: the message's number, the same in every subscription.
        attempts: which attempt this is, from 1.
        published: seconds since 1970.
    """

    delivery: int
    message_id: int
    data: bytes
    attributes: Mapping[str, str]
    ordering_key: str
    topic: str
    published: float
    attempts: int


@dataclass(frozen=True)
class Waiting:
    """What a subscription has not acknowledged yet: how many, how many tried before, age of the oldest in seconds."""

    outstanding: int
    retried: int
    oldest_s: float


@dataclass(frozen=True)
class Disorder:
    """For tests: every message is delivered `copies` times, each within `spread_s` seconds of its turn.

    The numbers follow from `seed`.
    """

    seed: str
    copies: int = 2
    spread_s: float = 0.5


class Store:
    """The file and what is in it."""

    def __init__(self, path: Path, *, disorder: Disorder | None = None) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + _TABLES)
        # what was under way when the process ended is delivered again
        self._db.execute("UPDATE deliveries SET leased = 0, due = ? WHERE leased", (time.time(),))
        self._disorder = disorder
        self._random = random.Random(disorder.seed if disorder else 0)  # noqa: S311 - to shuffle, not to hide

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    def add_topic(self, name: str) -> bool:
        """Adds the topic; False when it is there already."""
        return self._db.execute("INSERT OR IGNORE INTO topics VALUES (?)", (name,)).rowcount == 1

    def has_topic(self, name: str) -> bool:
        """Whether the topic exists."""
        return self._db.execute("SELECT 1 FROM topics WHERE name = ?", (name,)).fetchone() is not None

    def topics(self) -> list[str]:
        """All topics by name."""
        return [name for (name,) in self._db.execute("SELECT name FROM topics ORDER BY name")]

    def delete_topic(self, name: str) -> bool:
        """Deletes the topic, not its subscriptions; False when there is none."""
        return self._db.execute("DELETE FROM topics WHERE name = ?", (name,)).rowcount == 1

    def put_subscription(self, name: str, topic: str, definition: bytes) -> None:
        """Adds or replaces a subscription; what it has waiting stays."""
        self._db.execute("INSERT OR REPLACE INTO subscriptions VALUES (?, ?, ?)", (name, topic, definition))

    def subscriptions(self) -> dict[str, bytes]:
        """All subscriptions' definitions by name."""
        return dict(self._db.execute("SELECT name, definition FROM subscriptions ORDER BY name").fetchall())

    def delete_subscription(self, name: str) -> None:
        """Deletes a subscription and all it has waiting."""
        with self._transaction():
            self._db.execute("DELETE FROM subscriptions WHERE name = ?", (name,))
            self._db.execute("DELETE FROM deliveries WHERE subscription = ?", (name,))
            self._db.execute("DELETE FROM messages WHERE id NOT IN (SELECT message FROM deliveries)")

    def publish(
        self, topic: str, messages: Iterable[tuple[bytes, Mapping[str, str], str]], subscribers: Sequence[Sequence[str]]
    ) -> list[int]:
        """Keeps `messages` (data, attributes, ordering key) for those who want each; gives their numbers."""
        now = time.time()
        numbers: list[int] = []
        with self._transaction():
            for (data, attributes, key), names in zip(messages, subscribers, strict=True):
                row = (data, json.dumps(dict(attributes)), key, topic, now)
                statement = "INSERT INTO messages (data, attributes, ordering_key, topic, published) VALUES (?,?,?,?,?)"
                number = self._db.execute(statement, row).lastrowid or 0
                numbers.append(number)
                deliveries = [(name, number, due) for name in names for due in self._turns(now)]
                self._db.executemany("INSERT INTO deliveries (subscription, message, due) VALUES (?, ?, ?)", deliveries)
        return numbers

    def _turns(self, now: float) -> list[float]:
        if not self._disorder:
            return [now]
        return [now + self._random.uniform(0, self._disorder.spread_s) for _ in range(self._disorder.copies)]

    def lease(self, subscription: str, most: int, seconds: float) -> list[Outgoing]:
        """Takes up to `most` deliveries whose turn has come; for `seconds` nobody else gets them."""
        now = time.time()
        query = """
            SELECT d.id, m.id, m.data, m.attributes, m.ordering_key, m.topic, m.published, d.attempts + 1
            FROM deliveries d JOIN messages m ON m.id = d.message
            WHERE d.subscription = ? AND d.due <= ? ORDER BY d.due LIMIT ?
        """
        rows = self._db.execute(query, (subscription, now, most)).fetchall()
        with self._transaction():
            self._db.executemany(
                "UPDATE deliveries SET leased = 1, attempts = attempts + 1, due = ? WHERE id = ?",
                [(now + seconds, row[0]) for row in rows],
            )
        return [_outgoing(row) for row in rows]

    def next_due(self, subscription: str) -> float | None:
        """When the subscription's next delivery has its turn, in seconds since 1970."""
        query = "SELECT MIN(due) FROM deliveries WHERE subscription = ?"
        (due,) = self._db.execute(query, (subscription,)).fetchone()
        return None if due is None else float(due)

    def acknowledge(self, deliveries: Iterable[int]) -> None:
        """Forgets deliveries, and messages that nobody waits for any more."""
        with self._transaction():
            for delivery in deliveries:
                row = self._db.execute("DELETE FROM deliveries WHERE id = ? RETURNING message", (delivery,)).fetchone()
                if row:
                    self._db.execute(
                        "DELETE FROM messages WHERE id = ? AND NOT EXISTS (SELECT 1 FROM deliveries WHERE message = ?)",
                        (row[0], row[0]),
                    )

    def postpone(self, deliveries: Iterable[int], seconds: float, *, leased: bool = False) -> None:
        """Gives deliveries their next turn in `seconds`; `leased` when somebody still works on them."""
        due = time.time() + seconds
        with self._transaction():
            self._db.executemany(
                "UPDATE deliveries SET due = ?, leased = ? WHERE id = ?", [(due, leased, each) for each in deliveries]
            )

    def waiting(self) -> dict[str, Waiting]:
        """What every subscription has waiting."""
        query = """
            SELECT s.name, COUNT(d.id), COALESCE(SUM(d.attempts > 1), 0), MIN(m.published)
            FROM subscriptions s
            LEFT JOIN deliveries d ON d.subscription = s.name LEFT JOIN messages m ON m.id = d.message
            GROUP BY s.name ORDER BY s.name
        """
        now = time.time()
        return {
            name: Waiting(count, retried, now - oldest if oldest else 0.0)
            for name, count, retried, oldest in self._db.execute(query)
        }

    def _transaction(self) -> "_Transaction":
        return _Transaction(self._db)


def _outgoing(row: tuple[Any, ...]) -> Outgoing:
    delivery, message_id, data, attributes, ordering_key, topic, published, attempts = row
    return Outgoing(delivery, message_id, data, json.loads(attributes), ordering_key, topic, published, attempts)


class _Transaction:
    """BEGIN … COMMIT, or ROLLBACK when something is raised."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._db.execute("ROLLBACK" if kind else "COMMIT")
