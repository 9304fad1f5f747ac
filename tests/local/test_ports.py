"""Ports that are chosen long before a server listens on them: nobody else comes in between."""

import socket
import sys
from pathlib import Path

import pytest

from local import ports, processes
from shared import wiring

pytestmark = pytest.mark.server

SERVE = (
    "import sys, time; from local import ports; held = ports.bound(int(sys.argv[1])); held.listen(); time.sleep(600)"
)


def taken(port: int, *, reuse: bool) -> bool:
    """Whether somebody else is kept from listening there, who may ask for it as servers do."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, reuse)
        try:
            other.bind(("127.0.0.1", port))
        except OSError:
            return True
        return False


def start(port: int, folder: Path) -> processes.Server:
    command = [sys.executable, "-c", SERVE, str(port)]
    env = {"PYTHONPATH": str(wiring.ROOT)}
    server = processes.start("one", command, log_folder=folder, env=env, listens_on=[port])
    return processes.wait_until_ready(server, lambda: processes.accepts_connections(port))


@pytest.mark.parametrize("reuse", [False, True])
def test_a_chosen_port_is_kept_from_others_until_it_is_released(reuse: bool) -> None:
    chosen = ports.held(20)

    found = [taken(port, reuse=reuse) for port in chosen]
    ports.release(chosen)

    assert len(set(chosen)) == 20
    assert all(found)
    assert not any(taken(port, reuse=reuse) for port in chosen)


def test_a_port_that_is_only_chosen_refuses_connections() -> None:
    chosen = ports.held(1)

    assert not processes.accepts_connections(chosen[0])

    ports.release(chosen)


def test_a_server_has_the_port_from_its_starter_and_once_it_has_ended_nobody(tmp_path: Path) -> None:
    (port,) = ports.held(1)

    server = start(port, tmp_path)
    meanwhile = taken(port, reuse=True)
    server.kill()

    assert meanwhile
    assert not processes.accepts_connections(port)
    assert not taken(port, reuse=True)


def test_a_server_starts_again_on_its_port(tmp_path: Path) -> None:
    (port,) = ports.held(1)
    start(port, tmp_path).kill()

    again = start(port, tmp_path)

    again.stop()


def test_a_port_of_somebody_elses_is_a_fault() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(OSError, match="in use"):
        ports.bound(other.getsockname()[1])
