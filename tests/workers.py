"""Tests in several processes that are forked from the one which has collected them: `pytest --workers 4`.

Of pytest-xdist each worker imports and collects all tests by itself: 15 s of processor time on a busy machine, 18 in a
new clone, where each compiles them too. Here a worker begins with what is imported already, takes another file of tests
whenever it is done with one, and sends its reports to the process that shows them. All tests of a file are in one
worker: they share what they start.
"""

import os
import signal
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from tempfile import TemporaryFile
from typing import Any, NoReturn

import pytest
from _pytest.capture import FDCapture
from _pytest.runner import runtestprotocol

_NUMBER_BYTES = 4

type Files = Sequence[Sequence[pytest.Item]]
"""The tests, file by file."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--workers", type=int, default=1, help="how many processes run the tests, a file at a time")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Runs all tests if several workers are to; one process is pytest's own affair, and so is what cannot be collected.

    Raises:
        Session.Failed, Session.Interrupted: as pytest's own loop does, where an option says that this is enough.
        RuntimeError: when a worker has ended before its tests.
    """
    number = session.config.getoption("--workers")
    if number < 2 or session.config.option.collectonly or session.testsfailed:
        return None
    files: dict[Any, list[pytest.Item]] = {}
    for item in session.items:
        files.setdefault(item.path, []).append(item)
    with _Queue(len(files)) as queue:
        workers = [_forked(session, [*files.values()], queue, at) for at in range(number)]
    try:
        _show(session, {worker.reports: worker for worker in workers})
    except BaseException:
        for worker in workers:
            worker.stop()
        raise
    return True


class _Queue:
    """Numbers below a limit, each for one process: a pipe that is full from the start, of which a read takes one."""

    def __init__(self, most: int) -> None:
        self._reading, writing = os.pipe()
        os.write(writing, b"".join(number.to_bytes(_NUMBER_BYTES) for number in range(most)))
        os.close(writing)

    def __iter__(self) -> Iterator[int]:
        while found := os.read(self._reading, _NUMBER_BYTES):
            yield int.from_bytes(found)

    def __enter__(self) -> "_Queue":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._reading)


@dataclass(frozen=True)
class _Worker:
    """A process that runs tests.

    Attributes:
        process: its id.
        reports: what it sends of each test, and None once it is through with all.
    """

    process: int
    reports: Connection

    def stop(self) -> None:
        """Has it end what it has started; it may have ended."""
        try:
            os.kill(self.process, signal.SIGINT)
            os.waitpid(self.process, 0)
        except (ProcessLookupError, ChildProcessError):
            return


def _forked(session: pytest.Session, files: Files, queue: _Queue, number: int) -> _Worker:
    reading, writing = Pipe(duplex=False)
    temporary = session.config._tmp_path_factory.getbasetemp() / f"worker-{number}"  # type: ignore[attr-defined]
    process = os.fork()
    if process == 0:
        reading.close()
        temporary.mkdir(mode=0o700)
        session.config._tmp_path_factory._basetemp = temporary  # type: ignore[attr-defined]
        _work(session, (item for at in queue for item in files[at]), writing)
    writing.close()
    return _Worker(process, reading)


def _work(session: pytest.Session, items: Iterator[pytest.Item], writing: Connection) -> NoReturn:
    """The worker's life. Nothing that the process before it would do at its end is done here."""
    status = 1
    try:
        _capture_apart(session.config)
        session.config.pluginmanager.register(_Sender(writing))
        for item, following in pairwise(chain(items, [None])):
            assert item is not None
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        writing.send(None)
        status = 0
    except KeyboardInterrupt:
        pass
    except BaseException:  # noqa: BLE001  it is told, and the other process says that this one has ended
        traceback.print_exc()
    finally:
        try:
            session._setupstate.teardown_exact(None)
        finally:
            os._exit(status)


def _capture_apart(config: pytest.Config) -> None:
    """What tests print goes to files that all workers share until now. They stay open: somebody may have kept
    `sys.stderr` while it was imported.
    """
    manager = config.pluginmanager.getplugin("capturemanager")
    manager.suspend_global_capture()
    for each in (manager._global_capturing.out, manager._global_capturing.err):
        if isinstance(each, FDCapture):
            with TemporaryFile() as own:
                os.dup2(own.fileno(), each.tmpfile.fileno())


@dataclass(frozen=True)
class _Sender:
    """A plugin that sends what became of each test instead of showing it."""

    writing: Connection

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
        written = item.config.hook.pytest_report_to_serializable
        self.writing.send((item.nodeid, item.location, [written(config=item.config, report=each) for each in reports]))
        return True


def _show(session: pytest.Session, workers: Mapping[Connection, _Worker]) -> None:
    """Shows what they send until all are through."""
    living = dict(workers)
    while living:
        for ready in wait([*living]):
            assert isinstance(ready, Connection)
            sent = _received(ready)
            if sent is None:
                os.waitpid(living.pop(ready).process, 0)
            else:
                _show_one(session, *sent)


def _received(reports: Connection) -> tuple[str, Any, list[dict[str, Any]]] | None:
    try:
        sent: tuple[str, Any, list[dict[str, Any]]] | None = reports.recv()
    except EOFError as error:
        raise RuntimeError("a worker has ended before its tests: see what it has printed above, if anything") from error
    return sent


def _show_one(session: pytest.Session, nodeid: str, location: Any, written: Sequence[dict[str, Any]]) -> None:
    hook = session.config.hook
    hook.pytest_runtest_logstart(nodeid=nodeid, location=location)
    for each in written:
        report = hook.pytest_report_from_serializable(config=session.config, data=each)
        hook.pytest_runtest_logreport(report=report)
    hook.pytest_runtest_logfinish(nodeid=nodeid, location=location)
    if session.shouldfail:
        raise session.Failed(session.shouldfail)
    if session.shouldstop:
        raise session.Interrupted(session.shouldstop)
