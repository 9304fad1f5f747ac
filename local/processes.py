"""The local pipeline's server processes: started with a log file each, awaited until they answer, stopped in order."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

START_LIMIT_S = 60
STOP_LIMIT_S = 10


class ServerError(Exception):
    """A server of the local pipeline did not start; the message holds the end of its log."""


@dataclass(frozen=True)
class Server:
    """A running process.

    Attributes:
        name: what it is, for messages.
        process: the process itself, leader of a group of its own.
        log: the file its output goes to.
    """

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def stop(self) -> None:
        """Asks the process and its children to end, and makes them after some seconds. May be called twice."""
        if self.process.poll() is None:
            self._signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            self.process.wait()

    def kill(self) -> None:
        """Ends the process as a crash would."""
        self._signal(signal.SIGKILL)
        self.process.wait()

    def _signal(self, number: int) -> None:
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return  # it ended in between


def start(
    name: str, command: Sequence[str | Path], *, log_folder: Path, env: Mapping[str, str] | None = None
) -> Server:
    """Starts `command` with `env` on top of this process's environment, its output appended to `<name>.log`."""
    log_folder.mkdir(parents=True, exist_ok=True)
    log = log_folder / f"{name}.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **(env or {})},
            start_new_session=True,  # Ctrl-C is for us: we stop the servers, in order
        )
    return Server(name, process, log)


def wait_until_ready(server: Server, ready: Callable[[], bool], *, limit_s: float = START_LIMIT_S) -> Server:
    """Waits until `ready()` holds.

    Raises:
        ServerError: when the process ends before, or takes longer than `limit_s` seconds.
    """
    deadline = time.monotonic() + limit_s
    while not ready():
        if server.process.poll() is not None:
            raise ServerError(f"{server.name} ended with exit code {server.process.returncode}.{_tail(server.log)}")
        if time.monotonic() > deadline:
            server.kill()
            raise ServerError(f"{server.name} did not answer within {limit_s:.0f} s.{_tail(server.log)}")
        time.sleep(0.02)
    return server


def accepts_connections(port: int) -> bool:
    """Whether something listens on `port` of this machine, by either version of IP."""
    try:
        socket.create_connection(("localhost", port), timeout=1).close()
    except OSError:
        return False
    return True


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens on, all different."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def _tail(log: Path, lines: int = 15) -> str:
    text = log.read_text(errors="replace").splitlines()[-lines:]
    return f" The end of {log}:\n" + "\n".join(text) if text else f" Its log {log} is empty."
