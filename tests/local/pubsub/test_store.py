"""The file: what is committed together, and what one bad write does to the others."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from local.pubsub.store import Backlog, Change, Delivery, Message, Store, acknowledgement, message_change


def run(path: Path, body: Callable[[Store], Awaitable[None]]) -> None:
    async def use() -> None:
        store = Store(path / "queues.sqlite")
        try:
            await body(store)
        finally:
            await store.close()

    asyncio.run(use())


def message(number: int, data: bytes = b"x") -> Message:
    return Message(number, data, {"kind": "a"}, "", 1000 + number)


def delivery(number: int, *, of: int, due_ms: int = 0, subscription: int = 1) -> Change:
    return "add_delivery", {"id": number, "subscription": subscription, "message": of, "due_ms": due_ms}


def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    async def write(store: Store) -> None:
        await store.write(message_change(message(7)), delivery(1, of=7))

    async def read(store: Store) -> None:
        assert store.due(1, 0, 10) == [Delivery(1, 7, 0)]
        assert store.message(7) == message(7)
        assert store.last_ids() == (7, 1)

    run(tmp_path, write)
    run(tmp_path, read)


def test_a_message_stays_until_its_last_delivery_is_done(tmp_path: Path) -> None:
    async def body(store: Store) -> None:
        await store.write(message_change(message(7)), delivery(1, of=7), delivery(2, of=7, subscription=2))

        await store.write(*acknowledgement(1, 7))
        assert store.message(7) is not None
        await store.write(*acknowledgement(2, 7))
        assert store.message(7) is None

    run(tmp_path, body)


def test_a_write_that_fails_is_undone_and_does_not_spoil_those_beside_it(tmp_path: Path) -> None:
    async def body(store: Store) -> None:
        await store.write(message_change(message(7)))
        outcomes = await asyncio.gather(
            store.write(message_change(message(8)), delivery(1, of=8)),
            store.write(delivery(2, of=7), message_change(message(7))),  # the number is taken
            store.write(message_change(message(9)), delivery(3, of=9)),
            return_exceptions=True,
        )

        assert [type(outcome) for outcome in outcomes] == [type(None), sqlite3.IntegrityError, type(None)]
        assert [each.id for each in store.due(1, 0, 10)] == [1, 3]

    run(tmp_path, body)


def test_a_full_disk_is_an_error_and_nothing_is_half_there(tmp_path: Path) -> None:
    async def body(store: Store) -> None:
        await store.write(message_change(message(1)), delivery(1, of=1))
        pages = store._writer.execute("PRAGMA page_count").fetchone()[0]
        store._writer.execute(f"PRAGMA max_page_count = {pages}")

        with pytest.raises(sqlite3.OperationalError, match="full"):
            await store.write(message_change(message(2, b"x" * 100_000)), delivery(2, of=2))

        assert store.last_ids() == (1, 1)

    run(tmp_path, body)


def test_deliveries_come_in_the_order_of_their_turn(tmp_path: Path) -> None:
    async def body(store: Store) -> None:
        await store.write(
            *(message_change(message(number)) for number in range(4)),
            *(delivery(number, of=number, due_ms=due) for number, due in enumerate([30, 10, 20, 90])),
        )

        assert [each.id for each in store.due(1, 50, 10)] == [1, 2, 0]
        assert [each.id for each in store.due(1, 50, 2)] == [1, 2]
        assert store.next_due_ms(1, 50) == 90
        assert store.next_due_ms(1, 90) is None

    run(tmp_path, body)


def test_a_backlog_is_counted(tmp_path: Path) -> None:
    async def body(store: Store) -> None:
        await store.write(
            *(message_change(message(number)) for number in range(3)),
            *(delivery(number, of=number) for number in range(3)),
        )
        await store.write(("postpone", {"id": 1, "due_ms": 5}), ("postpone", {"id": 1, "due_ms": 9}))

        assert store.backlogs() == {1: Backlog(outstanding=3, retried=1, most_failures=2, oldest_ms=1000)}

    run(tmp_path, body)


def test_what_is_kept_too_long_is_forgotten(tmp_path: Path) -> None:
    async def body(store: Store) -> None:
        await store.write(message_change(message(1)), message_change(message(2)), delivery(1, of=1), delivery(2, of=2))

        await store.write(("delete_expired", {"subscription": 1, "before_ms": 1002}), ("delete_unwanted", {}))

        assert [each.id for each in store.due(1, 0, 10)] == [2]
        assert store.message(1) is None

    run(tmp_path, body)
