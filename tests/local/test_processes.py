"""Starting and stopping real processes."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local import ports, processes
from local.processes import ServerError
from shared import wiring
from tests.e2e import pipelines

pytestmark = pytest.mark.server

SERVE = "import socket, sys, time; s = socket.create_server(('127.0.0.1', int(sys.argv[1]))); time.sleep(60)"


def test_a_server_is_ready_once_it_answers_and_gone_once_stopped(tmp_path: Path) -> None:
    (port,) = ports.free(1)

    server = processes.start("echo", [sys.executable, "-c", SERVE, str(port)], log_folder=tmp_path)
    processes.wait_until_ready(server, lambda: processes.accepts_connections(port))
    server.stop()

    assert not processes.accepts_connections(port)


def test_a_server_that_ends_at_once_is_an_error_with_the_end_of_its_log(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('port is taken')"]

    server = processes.start("echo", command, log_folder=tmp_path)

    with pytest.raises(ServerError, match=r"echo ended with exit code 1.*\n?.*port is taken"):
        processes.wait_until_ready(server, lambda: False)


def test_a_server_that_never_answers_is_an_error_and_is_ended(tmp_path: Path) -> None:
    server = processes.start("echo", [sys.executable, "-c", "import time; time.sleep(60)"], log_folder=tmp_path)

    with pytest.raises(ServerError, match="did not answer within 0 s"):
        processes.wait_until_ready(server, lambda: False, limit_s=0.3)

    assert server.process.poll() is not None


def test_a_server_that_ignores_sigterm_is_ended_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "STOP_LIMIT_S", 0.5)
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    server = processes.start("deaf", [sys.executable, "-c", code], log_folder=tmp_path)
    processes.wait_until_ready(server, lambda: "up" in server.log.read_text())

    server.stop()

    assert server.process.returncode == -9


STARTER = """
import os, sys
from pathlib import Path
from local import processes
folder = Path(sys.argv[1])
server = processes.start("echo", sys.argv[2:], log_folder=folder, socket=folder / "socket")
processes.wait_until_ready(server, lambda: "up" in server.log.read_text())
print(server.process.pid, flush=True)
os.read(0, 1)
"""
OBEDIENT = """
import sys, time
open(sys.argv[1], "x").close()
print("up", flush=True)
time.sleep(600)
"""
# One that SIGTERM does not end, with a child of its own.
DEAF = """
import signal, subprocess, sys, time
open(sys.argv[1], "x").close()
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("up", flush=True)
time.sleep(600)
"""


@contextmanager
def starter(folder: Path, code: str) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """A process that has started a server; and the server's process group."""
    command = [sys.executable, "-c", STARTER, str(folder), sys.executable, "-c", code, str(folder / "socket")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=wiring.ROOT, **pipes) as process:  # type: ignore[call-overload]
        yield process, int(process.stdout.readline())
        process.kill()


def lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT])
def test_servers_end_with_the_process_that_started_them(tmp_path: Path, number: signal.Signals) -> None:
    with starter(tmp_path, OBEDIENT) as (process, group):
        assert lives(group)
        assert (tmp_path / "socket").exists()

        process.send_signal(number)

        pipelines.wait_for(lambda: not lives(group))
        assert not (tmp_path / "socket").exists()
        assert processes.end_left_behind(tmp_path) == []


def test_a_server_that_ignores_its_starters_end_is_made_to_end(tmp_path: Path) -> None:
    with starter(tmp_path, DEAF) as (process, group):
        process.kill()

        pipelines.wait_for(lambda: not lives(group))
        assert not (tmp_path / "socket").exists()


def test_a_server_whose_guard_was_killed_too_is_found_by_the_next_start(tmp_path: Path) -> None:
    with starter(tmp_path, DEAF) as (process, group):
        os.kill(group, signal.SIGKILL)
        process.kill()
        process.wait()
        assert lives(group)

        assert processes.end_left_behind(tmp_path) == ["echo"]

        pipelines.wait_for(lambda: not lives(group))
        assert processes.end_left_behind(tmp_path) == []


def test_a_process_that_took_the_number_of_an_ended_server_is_left_alone(tmp_path: Path) -> None:
    living = tmp_path / processes.LIVING
    living.mkdir()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True) as stranger:
        (living / f"bigquery.{stranger.pid}").touch()

        assert processes.end_left_behind(tmp_path) == []

        assert stranger.poll() is None
    assert not list(living.iterdir())


def test_an_interrupted_start_leaves_nothing(tmp_path: Path) -> None:
    def interrupted() -> bool:
        raise KeyboardInterrupt

    place = tmp_path / "socket"
    server = processes.start("deaf", [sys.executable, "-c", DEAF, place], log_folder=tmp_path, socket=place)
    processes.wait_until_ready(server, lambda: "up" in server.log.read_text())

    with pytest.raises(KeyboardInterrupt):
        processes.wait_until_ready(server, interrupted)

    pipelines.wait_for(lambda: not lives(server.process.pid))
    assert not place.exists()
