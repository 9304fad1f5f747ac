"""What is kept of the index: a start from it knows what a start without it knows, whatever happened to it."""

import json
import random
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery, storage
from hypothesis import given
from hypothesis import strategies as st

from functions.dedup import asking, decisions
from functions.dedup.asking import Tables
from functions.dedup.known import History, Known
from functions.dedup.lookup import Lookup
from functions.dedup.memory import parts, snapshot
from functions.dedup.memory.index import Index
from functions.dedup.memory.parts import Part
from functions.dedup.memory.shelf import COLUMNS, Shelf, Versions
from functions.dedup.memory.snapshot import Listed, Snapshot, Source
from shared import wiring
from shared.events import Canonical, Match
from tests.bigquery import PROJECT, Dataset
from tests.functions.dedup import creatives
from tests.functions.dedup.memory.test_index import canonical, said

OLD = timedelta(days=20)


def part_of(rows: Iterable[tuple[Known, int]], versions: Versions) -> Part:
    """Rows as a part has them: one of each creative, sorted by key."""
    shelf = Shelf(versions)
    for known, decided_us in sorted(rows, key=lambda row: row[0].creative_id):
        shelf.put(known, decided_us)
    columns, frames = shelf._columns, shelf._frames
    [cut] = parts.cut(columns, frames, np.arange(shelf.size), shelf.size)
    return cut


@given(seed=st.integers(0, 2**32), n=st.integers(1, 12), n_parts=st.integers(1, 5))
def test_of_a_creative_in_several_parts_the_row_decided_last_stands(seed: int, n: int, n_parts: int) -> None:
    chance = random.Random(seed)
    versions, laid = Versions(), []
    truth: dict[str, tuple[Known, int]] = {}
    ids = [f"{chance.choice('ab') * 16}{number:024x}" for number in range(n)]  # of many the first half is the same
    for _ in range(n_parts):
        chosen = chance.sample(ids, chance.randint(1, n))
        rows = []
        for creative_id in chosen:
            known = Known.of(
                canonical(chance, "any", kind="video", duration_s=1.0, dhash=None, creative_id=creative_id)
            )
            rows.append((known, chance.randint(0, 3)))
        laid.append(part_of(rows, versions))
        for known, at in rows:
            if known.creative_id not in truth or at > truth[known.creative_id][1]:
                truth[known.creative_id] = known, at

    columns, frames, order = parts.joined(laid)

    shelf = Shelf(versions, columns, frames)
    assert {known.creative_id: (said(known), at) for known, at in shelf.rows()} == {
        creative_id: (said(known), at) for creative_id, (known, at) in truth.items()
    }
    assert laid == []
    assert len(set(order.tolist())) == len(order) == len(truth)
    assert all(shelf.find(creative_id) is not None for creative_id in truth)
    cuts = list(parts.cut(columns, frames, np.arange(shelf.size), 2))
    assert [said(known) for known, _ in Shelf(versions, *parts.joined(cuts)[:2]).rows()] == [
        said(known) for known, _ in shelf.rows()
    ]


@given(seed=st.integers(0, 2**32), n=st.integers(0, 9), moves=st.booleans())
def test_what_is_stored_is_read_to_the_bit(seed: int, n: int, moves: bool) -> None:
    drawn = np.random.default_rng(seed)
    columns = {
        name: np.frombuffer(drawn.bytes(n * np.dtype(kind).itemsize), np.dtype(kind)) for name, kind in COLUMNS.items()
    }
    columns["canonical"] = np.where(drawn.random(n) < 0.5, columns["canonical"], np.zeros(n, COLUMNS["canonical"]))
    frames = np.frombuffer(drawn.bytes(8 * int(drawn.integers(0, 40))), np.uint64)
    [part] = snapshot.of_shelf(moves, Versions(), [(columns, frames)])

    read = snapshot.unpacked(snapshot.packed(part))

    assert read.keys() == part.keys()
    for name, column in part.items():
        assert (read[name].dtype, read[name].shape) == (column.dtype, column.shape)
        assert read[name].tobytes() == column.tobytes(), name


def test_a_creative_that_stands_for_itself_is_stored_in_a_third_of_its_bytes() -> None:
    rows = [(decisions.undecided(creatives.fingerprint(str(number))), number) for number in range(2_000)]
    part = part_of(rows, Versions())
    [stored] = snapshot.of_shelf(False, Versions(), [part])

    assert len(snapshot.packed(stored)) < sum(column.nbytes for column in stored.values()) / 3


@pytest.fixture
def start(dataset: Dataset, bucket: storage.Bucket) -> Callable[[], Lookup]:
    """Starts an instance that reads what there is."""

    def started() -> Lookup:
        lookup = Lookup(tables_of(dataset), Snapshot(bucket), refresh_s=0)
        lookup.refresh()
        return lookup

    return started


def tables_of(dataset: Dataset) -> Tables:
    return Tables(dataset.client, dataset.name, max_bytes_billed=2**30, timeout_s=60)


def rows_of(chance: random.Random, names: Iterable[str], at: datetime) -> list[Canonical]:
    """A row of each creative, which looks the same in all its rows, and stands where chance says."""
    rows = [(canonical(random.Random(name), name), canonical(chance, name)) for name in names]
    placed = ("family_id", "canonical_id", "difference")
    moments = [at + timedelta(microseconds=number) for number in range(len(rows))]
    return [
        looks.model_copy(update={"occurred_at": moment} | {name: getattr(stands, name) for name in placed})
        for moment, (looks, stands) in zip(moments, rows, strict=True)
    ]


def publish(dataset: Dataset, rows: Iterable[Canonical]) -> None:
    """Rows of creatives with their matches, and of some the match alone."""
    rows = list(rows)
    dataset.load("canonicals", rows)
    dataset.load("matches", [match_of(row) for row in rows])


def match_of(row: Canonical) -> Match:
    fingerprint = creatives.fingerprint(creative_id=row.creative_id)
    match = decisions.decide(fingerprint, [], History(), {})
    return match.model_copy(
        update={"occurred_at": row.occurred_at, "canonical_id": row.canonical_id or row.creative_id}
    )


def known_of(index: Index, names: Iterable[str]) -> dict[str, Any]:
    ids = [creatives.creative_id(name) for name in names]
    return {one: (said(index.standing(one)), index.is_decided(one), index.is_canonical(one)) for one in ids}


def asked_since(dataset: Dataset) -> list[datetime]:
    """From when on `standing` was asked, the first question first."""
    jobs = list(dataset.client.list_jobs(project=PROJECT, all_users=True))
    asked = [
        job for job in jobs if isinstance(job, bigquery.QueryJob) and job.query == asking.statement_text("standing")
    ]
    return [
        next(each.value for each in job.query_parameters if each.name == "since")
        for job in sorted(asked, key=lambda job: job.created)
    ]


def names_in(bucket: storage.Bucket) -> list[str]:
    return sorted(blob.name for blob in bucket.list_blobs() if blob.name != snapshot.LIST)


NAMES = [f"creative {number}" for number in range(40)] + [creatives.creative_id(str(number)) for number in range(9)]


def test_a_start_reads_what_is_newer_and_knows_what_one_without_a_snapshot_knows(
    start: Callable[[], Lookup], dataset: Dataset, bucket: storage.Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance, now = random.Random(7), datetime.now(UTC)
    publish(dataset, rows_of(chance, NAMES[:30], now - OLD))
    start()
    for late in (timedelta(days=6), timedelta(hours=1)):
        alone = creatives.fingerprint(f"match alone {late}")
        dataset.load("matches", [decisions.decide(alone, [], History(), {}).model_copy(update={"occurred_at": now})])
        publish(dataset, rows_of(chance, chance.sample(NAMES, 12), now - late))
        monkeypatch.setattr(snapshot, "KEPT_EVERY", timedelta(0))
        start()

    from_parts = start().index
    parts_read = names_in(bucket)
    snapshot.forget(bucket)
    whole = start().index

    names = [*NAMES, "match alone 6 days, 0:00:00", "match alone 1:00:00"]
    assert known_of(from_parts, names) == known_of(whole, names)
    assert from_parts.size == whole.size > 30
    assert len(parts_read) > 6
    since = asked_since(dataset)[-5:]  # other tests have asked the same server
    assert [at < now - OLD for at in since] == [True, False, False, False, True]


def test_a_start_reads_the_day_before_and_one_that_keeps_it_all_that_may_come_yet() -> None:
    now = datetime(2026, 11, 2, 12, tzinfo=UTC)
    listed = Listed().read_now(SOURCE, now)

    assert Listed().since(now) is None
    assert listed.since(now + timedelta(hours=23)) == now - timedelta(days=1)
    assert listed.since(now + timedelta(hours=24)) == now - timedelta(days=7)
    assert timedelta(seconds=wiring.load().message_retention_s) <= snapshot.LATEST
    assert timedelta(days=wiring.load().buckets["index"].delete_after_days or 0) > snapshot.READ_WHOLE_EVERY


@pytest.fixture
def kept(bucket: storage.Bucket) -> Snapshot:
    """Two creatives and a key, kept just now of a table of five rows."""
    versions, now = Versions(), datetime.now(UTC)
    film = creatives.fingerprint("film", kind="video", dhash=None, frames=[1, 2, 3], duration_s=1.0)
    stills = part_of([(decisions.undecided(creatives.fingerprint("still")), 7)], versions)
    moving = part_of([(decisions.undecided(film), 7)], versions)
    keys = snapshot.of_keys(np.array([1], np.uint64), np.array([2], np.uint64))
    stored = [*snapshot.of_shelf(False, versions, [stills]), *snapshot.of_shelf(True, versions, [moving]), keys]
    kept = Snapshot(bucket)
    kept.keep(Listed().read_now(SOURCE, now), iter(stored))
    return kept


SOURCE = Source("2026-11-02", 5)


def lose_a_part(bucket: storage.Bucket) -> None:
    bucket.blob(names_in(bucket)[0]).delete()


def tear_a_part(bucket: storage.Bucket) -> None:
    blob = bucket.blob(names_in(bucket)[0])
    content = blob.download_as_bytes()
    blob.upload_from_string(content[: len(content) // 2])


def change_a_byte(bucket: storage.Bucket) -> None:
    blob = bucket.blob(names_in(bucket)[0])
    content = bytearray(blob.download_as_bytes())
    content[content.index(bytes.fromhex(creatives.creative_id("still")[16:]))] ^= 1
    blob.upload_from_string(bytes(content))


def empty_a_part(bucket: storage.Bucket) -> None:
    bucket.blob(names_in(bucket)[0]).upload_from_string(b"PK\x05\x06" + bytes(18))


def tear_the_list(bucket: storage.Bucket) -> None:
    bucket.blob(snapshot.LIST).upload_from_string('{"format": ')


def change(bucket: storage.Bucket, **changes: Any) -> None:
    said = json.loads(bucket.blob(snapshot.LIST).download_as_bytes())
    bucket.blob(snapshot.LIST).upload_from_string(json.dumps(said | changes))


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lose_a_part, id="a part is lost"),
        pytest.param(tear_a_part, id="a part is torn"),
        pytest.param(change_a_byte, id="a part is damaged"),
        pytest.param(empty_a_part, id="a part is empty"),
        pytest.param(tear_the_list, id="the list is torn"),
        pytest.param(partial(change, source={}), id="the list is none"),
        pytest.param(partial(change, format="0"), id="other code wrote it"),
        pytest.param(partial(change, source={"created": "2026-11-01", "rows": 5}), id="the table was made anew"),
        pytest.param(partial(change, source={"created": "2026-11-02", "rows": 6}), id="rows have gone"),
        pytest.param(partial(change, whole_at="2001-10-01 00:00:00+00:00"), id="it is old"),
    ],
)
def test_what_is_of_no_use_is_not_read_and_is_replaced(
    kept: Snapshot, bucket: storage.Bucket, spoil: Callable[[storage.Bucket], None]
) -> None:
    now = datetime.now(UTC)
    listed, read = kept.load(Versions(), SOURCE, now)
    assert (len(read.parts[False]), len(read.parts[True]), listed.is_old(now)) == (1, 1, False)
    assert ([keys.tolist() for keys in read.decided], [keys.tolist() for keys in read.named]) == ([[1]], [[2]])
    spoil(bucket)

    listed, read = kept.load(Versions(), SOURCE, now)
    kept.keep(listed.read_now(SOURCE, now), iter([snapshot.of_keys(np.array([9], np.uint64), np.zeros(0, np.uint64))]))

    assert (listed.until, listed.names, read.parts, read.decided) == (None, (), {False: [], True: []}, [])
    _, anew = kept.load(Versions(), SOURCE, now)
    assert [keys.tolist() for keys in anew.decided] == [[9]]


def test_a_creative_that_was_erased_comes_back_by_no_instance(
    start: Callable[[], Lookup], dataset: Dataset, bucket: storage.Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(dataset, rows_of(random.Random(3), NAMES[:5], datetime.now(UTC) - OLD))
    erased = creatives.creative_id(NAMES[0])
    start()
    monkeypatch.setattr(snapshot, "KEPT_EVERY", timedelta(0))
    keep = Snapshot._keep

    def erase_meanwhile(own: Snapshot, listed: Listed, newer: Iterator[snapshot.Stored]) -> None:
        for table in ("canonicals", "matches"):
            dataset.query(f"DELETE FROM {table} WHERE creative_id = '{erased}'")
        snapshot.forget(bucket)
        keep(own, listed, newer)

    monkeypatch.setattr(Snapshot, "_keep", erase_meanwhile)
    start()
    left = names_in(bucket)
    monkeypatch.setattr(Snapshot, "_keep", keep)
    found = start().index

    assert left == []
    assert found.standing(erased) is None
    assert not found.is_decided(erased)
    assert found.size == 4
    assert names_in(bucket)


def test_where_no_snapshot_can_be_kept_all_is_read_of_bigquery(dataset: Dataset, gcs: storage.Client) -> None:
    publish(dataset, rows_of(random.Random(4), NAMES[:5], datetime.now(UTC) - OLD))
    lookup = Lookup(tables_of(dataset), Snapshot(gcs.bucket("no-such-bucket")), refresh_s=0)

    lookup.refresh()

    assert lookup.index.size == 5


@contextmanager
def refusing() -> Iterator[int]:
    """A port at which each connection is refused: it is bound, and nobody listens."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        yield nobody.getsockname()[1]


@contextmanager
def trickling() -> Iterator[int]:
    """The port of a server that answers without end, a byte at a time: no wait for the next one is long."""
    over = threading.Event()

    class Trickling(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "1000000")
            self.end_headers()
            with suppress(OSError):  # whoever asked has gone
                while not over.wait(0.02):
                    self.wfile.write(b" ")

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Trickling)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize("out_of_order", [refusing, trickling])
def test_a_start_does_not_wait_for_a_storage_that_is_out_of_order_nor_keep_anything_there(
    dataset: Dataset,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    out_of_order: Callable[[], AbstractContextManager[int]],
) -> None:
    monkeypatch.setattr(snapshot, "PATIENCE_S", 0.5)
    publish(dataset, rows_of(random.Random(4), NAMES[:5], datetime.now(UTC) - OLD))
    with out_of_order() as port:
        url = f"http://127.0.0.1:{port}"
        client = storage.Client("p", AnonymousCredentials(), client_options={"api_endpoint": url})
        lookup = Lookup(tables_of(dataset), Snapshot(client.bucket("index")), refresh_s=0)

        lookup.refresh()
        client.close()

    assert lookup.index.size == 5
    said = capsys.readouterr().out
    assert said.count("all is read of BigQuery") == 1
    assert "index not kept" not in said


@pytest.mark.long
def test_parts_that_take_too_long_are_not_waited_for(
    kept: Snapshot, bucket: storage.Bucket, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now, over, stored = datetime.now(UTC), threading.Event(), names_in(bucket)
    listed, _ = kept.load(Versions(), SOURCE, now)
    keys = snapshot.of_keys(np.array([9], np.uint64), np.zeros(0, np.uint64))
    monkeypatch.setattr(snapshot, "PATIENCE_S", 1.0)
    monkeypatch.setattr(snapshot, "PART_S", 0.0)
    for asked in ("_loaded", "_store"):
        monkeypatch.setattr(Snapshot, asked, lambda *_: over.wait())

    without, read = kept.load(Versions(), SOURCE, now)
    kept.keep(listed.read_now(SOURCE, now), iter([keys]))
    over.set()

    said = capsys.readouterr().out
    assert (without.names, without.is_out_of_order, read.decided) == ((), True, [])
    assert ("all is read of BigQuery" in said, "index not kept" in said) == (True, True)
    assert names_in(bucket) == stored


def test_of_two_instances_that_keep_at_once_one_does(kept: Snapshot, bucket: storage.Bucket) -> None:
    now = datetime.now(UTC)
    listed, _ = kept.load(Versions(), SOURCE, now)

    for number in (3, 4):
        keys = snapshot.of_keys(np.array([number], np.uint64), np.zeros(0, np.uint64))
        kept.keep(listed.read_now(SOURCE, now), iter([keys]))

    listed, read = kept.load(Versions(), SOURCE, now)
    assert [keys.tolist() for keys in read.decided] == [[1], [3]]
    assert names_in(bucket) == sorted(listed.names)
