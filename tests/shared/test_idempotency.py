"""Once: one of many does the work, whoever comes later gets its answer, and no crash blocks a name for good."""

import json
import multiprocessing
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from google.api_core.exceptions import PreconditionFailed
from google.cloud import storage

from shared.idempotency import StillInProgressError, run_idempotently


def counted(answer: bytes = b"answer") -> tuple[Callable[[bytes | None], bytes], list[bytes | None]]:
    """Work, and what it was called with."""
    calls: list[bytes | None] = []

    def work(stale: bytes | None) -> bytes:
        calls.append(stale)
        return answer

    return work, calls


def lease(bucket: storage.Bucket, name: str, seconds: float) -> None:
    """A lease as another instance left it."""
    bucket.blob(name).upload_from_string(b"lease\n" + json.dumps({"until": time.time() + seconds}).encode())


def test_the_work_is_done_once_and_its_answer_kept(bucket: storage.Bucket) -> None:
    work, calls = counted()

    answers = [run_idempotently(bucket, "a.json", work, lease_s=60) for _ in range(3)]

    assert answers == [b"answer"] * 3
    assert calls == [None]
    assert bucket.blob("a.json").download_as_bytes() == b"answer"


def test_threads_that_come_meanwhile_share_the_answer(bucket: storage.Bucket) -> None:
    started, finish = threading.Event(), threading.Event()
    calls: list[int] = []

    def work(_: bytes | None) -> bytes:
        calls.append(1)
        started.set()
        finish.wait(10)
        return b"answer"

    with ThreadPoolExecutor(8) as threads:
        first = threads.submit(run_idempotently, bucket, "a.json", work, lease_s=60)
        started.wait(10)
        others = [threads.submit(run_idempotently, bucket, "a.json", work, lease_s=60) for _ in range(7)]
        finish.set()
        answers = [future.result(10) for future in (first, *others)]

    assert answers == [b"answer"] * 8
    assert calls == [1]


def test_work_that_fails_leaves_nothing_and_is_done_again(bucket: storage.Bucket) -> None:
    def fail(_: bytes | None) -> bytes:
        raise ConnectionError("no")

    work, calls = counted()

    with pytest.raises(ConnectionError, match="no"):
        run_idempotently(bucket, "a.json", fail, lease_s=3600)

    assert run_idempotently(bucket, "a.json", work, lease_s=60, wait_s=0) == b"answer"
    assert calls == [None]


def test_only_where_nobody_was_before_is_nothing_looked_for(bucket: storage.Bucket) -> None:
    """A lease that was left tells that somebody was there, who may have left more."""
    again, looking = counted()

    def break_off() -> bytes:
        raise ConnectionError("no")

    with pytest.raises(ConnectionError, match="no"):
        run_idempotently(bucket, "a.json", again, lease_s=60, first=break_off)
    run_idempotently(bucket, "a.json", again, lease_s=60, first=break_off)
    new = run_idempotently(bucket, "b.json", again, lease_s=60, first=lambda: b"new")

    assert looking == [None]
    assert new == b"new"


def test_a_stale_answer_is_worked_on(bucket: storage.Bucket) -> None:
    bucket.blob("a.json").upload_from_string(b"old")
    work, calls = counted(b"new")

    answer = run_idempotently(bucket, "a.json", work, lease_s=60, fresh=lambda kept: kept == b"new")

    assert answer == b"new"
    assert calls == [b"old"]


def test_a_stale_answer_survives_work_that_fails(bucket: storage.Bucket) -> None:
    bucket.blob("a.json").upload_from_string(b"old")

    def fail(_: bytes | None) -> bytes:
        raise ConnectionError("no")

    with pytest.raises(ConnectionError):
        run_idempotently(bucket, "a.json", fail, lease_s=3600, fresh=lambda _: False)

    assert bucket.blob("a.json").download_as_bytes() == b"old"


def test_the_lease_of_another_instance_is_respected(bucket: storage.Bucket) -> None:
    work, calls = counted()
    lease(bucket, "a.json", 3600)

    with pytest.raises(StillInProgressError):
        run_idempotently(bucket, "a.json", work, lease_s=60, wait_s=0)

    assert calls == []


def test_the_answer_of_another_instance_is_awaited(bucket: storage.Bucket) -> None:
    work, calls = counted()
    lease(bucket, "a.json", 3600)

    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(run_idempotently, bucket, "a.json", work, lease_s=60, wait_s=30)
        bucket.blob("a.json").upload_from_string(b"theirs")

        assert waiting.result(30) == b"theirs"
    assert calls == []


def test_the_lease_of_a_crashed_instance_is_taken_over(bucket: storage.Bucket) -> None:
    work, calls = counted()
    lease(bucket, "a.json", -1)

    assert run_idempotently(bucket, "a.json", work, lease_s=60, wait_s=0) == b"answer"
    assert calls == [None]


def test_a_lease_of_a_clock_that_was_years_ahead_holds_nobody_up(bucket: storage.Bucket) -> None:
    work, calls = counted()
    lease(bucket, "a.json", 3 * 365 * 86400)

    assert run_idempotently(bucket, "a.json", work, lease_s=60, wait_s=0) == b"answer"
    assert calls == [None]


def test_the_first_answer_stays_when_somebody_outlived_their_lease(bucket: storage.Bucket) -> None:
    def overtaken(_: bytes | None) -> bytes:
        bucket.blob("a.json").upload_from_string(b"theirs")
        return b"mine"

    assert run_idempotently(bucket, "a.json", overtaken, lease_s=60) == b"theirs"
    assert bucket.blob("a.json").download_as_bytes() == b"theirs"


def test_a_response_that_was_lost_is_not_mistaken_for_a_lost_race(
    bucket: storage.Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, calls = counted()
    upload: Callable[..., None] = storage.Blob.upload_from_string

    def upload_then_repeat(blob: storage.Blob, data: bytes, **options: object) -> None:
        upload(blob, data, **options)
        raise PreconditionFailed("what the client gets that repeats an upload after a lost response")

    monkeypatch.setattr(storage.Blob, "upload_from_string", upload_then_repeat)

    assert run_idempotently(bucket, "a.json", work, lease_s=60, wait_s=0) == b"answer"
    assert calls == [None]


def _instance(bucket_name: str, log: str) -> None:
    """An instance: some threads that want the same answers."""

    def note(_: bytes | None) -> bytes:
        with Path(log).open("a") as file:
            file.write("worked\n")
        return b"answer"

    bucket = storage.Client(project="test").bucket(bucket_name)
    with ThreadPoolExecutor(4) as threads:
        answers = list(
            threads.map(lambda n: run_idempotently(bucket, f"{n % 5}.json", note, lease_s=60, wait_s=60), range(20))
        )
    assert answers == [b"answer"] * 20


def test_instances_that_race_do_each_work_once(bucket: storage.Bucket, tmp_path: Path) -> None:
    log = tmp_path / "log"
    spawned = multiprocessing.get_context("spawn")
    instances = [spawned.Process(target=_instance, args=(bucket.name, str(log))) for _ in range(2)]

    for instance in instances:
        instance.start()
    for instance in instances:
        instance.join(60)

    assert [instance.exitcode for instance in instances] == [0, 0]
    assert log.read_text() == "worked\n" * 5
