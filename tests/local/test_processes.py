"""Starting and stopping real processes."""

import sys
from pathlib import Path

import pytest

from local import processes
from local.processes import ServerError

SERVE = "import socket, sys, time; s = socket.create_server(('127.0.0.1', int(sys.argv[1]))); time.sleep(60)"


def test_a_server_is_ready_once_it_answers_and_gone_once_stopped(tmp_path: Path) -> None:
    (port,) = processes.free_ports(1)

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


def test_free_ports_are_all_different() -> None:
    ports = processes.free_ports(20)

    assert len(set(ports)) == 20
