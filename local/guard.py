"""Keeps one server of the local pipeline for as long as the process that started it lives, and no longer.

    python guard.py FOLDER NAME SOCKET COMMAND …

Its standard input is a pipe whose other end its starter alone has: it closes when the starter ends, however that
happens, and then the whole process group of this guard ends. What lives holds a lock on FOLDER/NAME.<process group>, so
that a later start finds servers whose guard was killed too (see `processes.end_left_behind`). The Unix socket SOCKET,
if it is not empty, is deleted after the server: not every server does that, and none that is killed.

It runs without the project's packages, to be there in no time.
"""

import fcntl
import os
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path

GRACE_S = 2.0
INHERITED = "CREATIVES_INHERITED_PORTS"  # as in ports.py
_KEPT_FROM_US = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)


def main() -> int:
    """Runs the command; its exit code, or 128 and more where a signal ended it."""
    folder, name, socket, *command = sys.argv[1:]
    for number in _KEPT_FROM_US:  # handled, not ignored: the server would inherit that
        signal.signal(number, lambda *_: None)
    living = Path(folder) / f"{name}.{os.getpid()}"
    lock = os.open(living, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return 0 if _is_alone() else _run(command, lock, socket)
    finally:
        living.unlink(missing_ok=True)
        _delete(socket)


def _run(command: list[str], lock: int, socket: str) -> int:
    pairs = (pair.split("=") for pair in os.environ.get(INHERITED, "").split(",") if pair)
    sockets = [int(descriptor) for _, descriptor in pairs]
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=[lock, *sockets])
    for each in sockets:
        os.close(each)  # once the server has ended, nobody is to be connected
    threading.Thread(target=_end_with_starter, args=[server, socket], daemon=True).start()
    code = server.wait()
    os.killpg(0, signal.SIGTERM)  # what the server leaves behind
    return code if code >= 0 else 128 - code


def _is_alone() -> bool:
    """Whether the starter has ended already: it writes nothing, so there is something to read only at the end."""
    return bool(select.select([0], [], [], 0)[0])


def _delete(socket: str) -> None:
    if socket:
        Path(socket).unlink(missing_ok=True)


def _end_with_starter(server: "subprocess.Popen[bytes]", socket: str) -> None:
    while os.read(0, 1):
        continue
    os.killpg(0, signal.SIGTERM)
    try:
        server.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        _delete(socket)
        os.killpg(0, signal.SIGKILL)  # this guard is one of the group


if __name__ == "__main__":
    sys.exit(main())
