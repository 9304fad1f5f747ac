"""The pipeline's functions on this machine: the real functions-framework apps, served by gunicorn as in the cloud.

    python -m local.functions [--rows] --port 8080 [--port 8081] [NAME …]

Each function answers at `/<name>/`, of all of them where no names are given, at each port. A port has a process of its
own, for what Python computes in one it computes one after the other; they share what was imported before they parted,
which starts faster and needs less memory than a process for each function. Who sends decides which port a function
has: one alone, so that its limits hold (`running.endpoint`).
"""

import argparse
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from functions_framework import create_app
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.workers import gthread
from gunicorn.workers.gthread import ThreadWorker
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Response

from local import access, ending, garbage, memory, ports
from shared import wiring

# More than the deliveries that Pub/Sub keeps open: those beyond a function's concurrency wait here, as Cloud Run's do.
THREADS = 300

# Connections that are kept open: whoever sends a message on one meanwhile sends it again, and two seconds (gunicorn's
# own) are as long as all else at the end.
LINGER_S = 0.1

type WSGI = Callable[..., Iterable[bytes]]


def application(names: Iterable[str], *, rows: bool = False) -> WSGI:
    """One WSGI app with each function mounted at its name; with `rows` the writer of rows that Google's emulator needs
    is mounted at `/rows`.
    """
    wired = wiring.load().functions
    mounts = {f"/{name}": _at_most(wired[name].concurrency, _function(name, wired[name].entry_point)) for name in names}
    return DispatcherMiddleware(Response("ok"), mounts | (_rows() if rows else {}))


def _rows() -> dict[str, WSGI]:
    from local.pubsub import bridge  # with Google's clients half a second, where their emulator is used

    return {"/rows": bridge.application()}


def _function(name: str, entry_point: str) -> WSGI:
    source = wiring.ROOT / "functions" / name / "main.py"
    app: WSGI = create_app(target=entry_point, source=str(source), signature_type="cloudevent")
    return app


def _at_most(concurrency: int, app: WSGI) -> WSGI:
    """The app, answering at most `concurrency` requests at the same time."""
    free = BoundedSemaphore(concurrency)

    def limited(*arguments: Any) -> list[bytes]:  # noqa: ANN401 - WSGI's own
        with free:
            return list(app(*arguments))

    return limited


def _end_at_once(_arbiter: object, worker: ThreadWorker) -> None:
    """Ends the process that served, once nothing is under way. One that did not come up ends by itself, and says so;
    gunicorn's arbiter calls this, too.
    """
    if worker.booted and worker.pid == os.getpid():
        worker.tpool.shutdown()
        ending.end(0)


def _give_a_port(arbiter: Arbiter, worker: ThreadWorker) -> None:
    """A process that is about to begin answers at the port that none of the others has."""
    taken = [each.sockets[0] for each in arbiter.WORKERS.values()]
    worker.sockets = [next(each for each in arbiter.LISTENERS if each not in taken)]


class _Server(BaseApplication):  # type: ignore[misc]
    """Gunicorn with a threaded worker for each port, as functions-framework runs one in the cloud."""

    def __init__(self, at: Sequence[int], names: list[str], *, rows: bool) -> None:
        self._names = names
        self._rows = rows
        self._options: dict[str, Any] = {
            "bind": [f"fd://{ports.bound(port).detach()}" for port in at],
            "worker_class": "gthread",
            "workers": len(at),
            "preload_app": True,  # imported once, before they part
            "pre_fork": _give_a_port,
            "threads": THREADS,
            "timeout": 0,
            "graceful_timeout": 5,
            "keepalive": 60,
            "loglevel": "warning",
            "worker_exit": _end_at_once,
            "worker_tmp_dir": "/dev/shm" if Path("/dev/shm").is_dir() else None,  # noqa: S108
        }
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> WSGI:
        return access.guarded_wsgi(application(self._names, rows=self._rows))


def main() -> None:
    """Serves until it is told to stop."""
    parser = argparse.ArgumentParser(prog="python -m local.functions", description=__doc__)
    parser.add_argument("--rows", action="store_true", help="write rows, for Google's Pub/Sub emulator")
    parser.add_argument("--port", type=int, required=True, action="append")
    parser.add_argument("names", nargs="*", default=list(wiring.load().functions), metavar="NAME")
    arguments = parser.parse_args()
    garbage.collect_seldom()
    memory.keep_freed()
    gthread.STOP_KEEPALIVE_LINGER = LINGER_S
    _Server(arguments.port, arguments.names, rows=arguments.rows).run()


if __name__ == "__main__":
    main()
