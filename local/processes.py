"""The local pipeline's server processes: started with a log file each, awaited until they answer, stopped in order.

Each runs under a guard (guard.py), which ends it when this process ends, even by SIGKILL.
"""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from socket import create_connection

from local import ports

START_LIMIT_S = 180
"""A server that cannot start ends by itself, which is told at once: this is for one that hangs on a busy machine."""
STOP_LIMIT_S = 10
LIVING = "living"
_GUARD = Path(__file__).with_name("guard.py")


class ServerError(Exception):
    """A server of the local pipeline did not start; the message holds the end of its log."""


@dataclass(frozen=True)
class Server:
    """A running process.

    Attributes:
        name: what it is, for messages.
        process: its guard, leader of a group in which the server itself is.
        log: the file its output goes to.
        socket: the Unix socket that it listens on, if any, gone with it.
    """

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    socket: Path | None = None

    def stop(self) -> None:
        """Asks the process and its children to end, and makes them after some seconds. May be called twice."""
        if self.process.poll() is None:
            self._signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
        self._reap()

    def kill(self) -> None:
        """Ends the process as a crash would."""
        self._signal(signal.SIGKILL)
        self._reap()

    def _reap(self) -> None:
        """Returns once all of the group has gone, the guard's orphans too."""
        self.process.wait()
        if self.process.stdin:
            self.process.stdin.close()
        living = self.log.parent / LIVING / f"{self.name}.{self.process.pid}"
        _end_group(living, self.name, self.process.pid)
        living.unlink(missing_ok=True)
        if self.socket:
            self.socket.unlink(missing_ok=True)

    def _signal(self, number: int) -> None:
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return  # it ended in between


def start(
    name: str,
    command: Sequence[str | Path],
    *,
    log_folder: Path,
    env: Mapping[str, str] | None = None,
    listens_on: Iterable[int] = (),
    socket: Path | None = None,
) -> Server:
    """Starts `command` with `env` on top of this process's environment, its output appended to `<name>.log`.

    It ends with this process, however that ends, and so does the Unix `socket` that it listens on. What this process
    holds of the ports that it `listens_on` it inherits.
    """
    living = log_folder / LIVING
    living.mkdir(parents=True, exist_ok=True)
    guarded = [sys.executable, "-I", "-S", _GUARD, living, name, socket or "", *command]
    log = log_folder / f"{name}.log"
    with log.open("ab") as output, _inherited(listens_on) as inherited:
        process = subprocess.Popen(
            [str(word) for word in guarded],
            stdin=subprocess.PIPE,  # nothing is ever written: it closes when this process ends
            bufsize=0,
            stdout=output,
            stderr=output,
            env={**os.environ, **(env or {}), ports.VARIABLE: ports.described(inherited)},
            pass_fds=list(inherited.values()),
            start_new_session=True,  # Ctrl-C is for us: we stop the servers, in order
            umask=0o077,  # whatever the folder's mode: nobody else reads what they keep
        )
    return Server(name, process, log, socket)


@contextmanager
def _inherited(listens_on: Iterable[int]) -> Iterator[dict[int, int]]:
    """The sockets for a process that starts in the block; afterwards they are its own alone."""
    taken = ports.take(listens_on)
    try:
        yield taken
    finally:
        for descriptor in taken.values():
            os.close(descriptor)


def wait_until_ready(server: Server, ready: Callable[[], bool], *, limit_s: float = START_LIMIT_S) -> Server:
    """Waits until `ready()` holds; whatever comes instead, an interruption too, ends the server.

    Raises:
        ServerError: when the process ends before, or takes longer than `limit_s` seconds.
    """
    deadline = time.monotonic() + limit_s
    try:
        while not ready():
            if server.process.poll() is not None:
                code = server.process.returncode
                raise ServerError(f"{server.name} ended with exit code {code}: {_last_words(server.log)}")
            if time.monotonic() > deadline:
                raise ServerError(f"{server.name} did not answer within {limit_s:.0f} s: {_last_words(server.log)}")
            time.sleep(0.02)
    except BaseException:
        server.kill()
        raise
    return server


def end_left_behind(log_folder: Path) -> list[str]:
    """Ends the servers of an earlier process that has ended, and names them. Nobody else may be starting any.

    Raises:
        ServerError: when one does not end.
    """
    left = [(file, name, group) for file, name, group in _registered(log_folder / LIVING) if _lives(file)]
    for file, name, group in left:
        _end_group(file, name, group)
    for file, _, _ in _registered(log_folder / LIVING):
        file.unlink(missing_ok=True)
    return [name for _, name, _ in left]


def _end_group(file: Path, name: str, group: int) -> None:
    deadline = time.monotonic() + STOP_LIMIT_S
    while _lives(file):
        if time.monotonic() > deadline:
            raise ServerError(f"{name} of an earlier run does not end: end its process group {group} by hand")
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
        time.sleep(0.02)


def _registered(living: Path) -> Iterator[tuple[Path, str, int]]:
    """The files that guards hold, with the server's name and its process group."""
    for file in sorted(living.glob("*.*")):
        name, _, group = file.name.rpartition(".")
        if group.isdecimal():
            yield file, name, int(group)


def _lives(file: Path) -> bool:
    """Whether a server holds the lock on its file."""
    try:
        with file.open() as held:
            fcntl.flock(held, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False  # it has ended in between
    return False


def accepts_connections(port: int) -> bool:
    """Whether something listens on `port` of this machine, by either version of IP."""
    try:
        create_connection(("localhost", port), timeout=1).close()
    except OSError:
        return False
    return True


def _last_words(log: Path) -> str:
    """The last line of the log, which says of what a program ended, and where the rest is."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return f"{lines[-1]} (all it said: {log})" if lines else f"it said nothing ({log})"
