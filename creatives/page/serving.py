"""Serves the page from a thread of `creatives up`, on this machine's loopback address only."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from werkzeug.serving import WSGIRequestHandler, make_server

from creatives.agents import meaning
from creatives.analysis import addresses
from creatives.corrections import saying
from creatives.page.app import application
from creatives.page.reading import Dataset
from creatives.page.saved import SavedViews
from creatives.page.state import AppState
from functions.fetch.settings import FetchSettings
from local import access, folder
from local.processes import ServerError
from local.running import Running, read_variables, write_variables
from shared import clients

ADDRESS = access.HOST
VARIABLE = "CREATIVES_PAGE_URL"
_KEPT = "page-port"


class _Quiet(WSGIRequestHandler):
    """The page polls: a line per request would hide what matters."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Says nothing; faults are still told."""


def listening(data: Path, port: int = 0) -> socket.socket:
    """Where the page will be: whoever opens it before it is served waits until then.

    Args:
        data: the pipeline's folder, which need not be there yet.
        port: 0 for the one that it had last time in this folder, where that is free: bookmarks hold.

    Raises:
        ServerError: when the port is taken.
    """
    try:
        return socket.create_server((ADDRESS, port or _last(data / _KEPT)))
    except OSError as error:
        if port:
            raise ServerError(f"the page cannot be served on port {port}: {error.strerror}") from error
        return socket.create_server((ADDRESS, 0))


def address_of(listening: socket.socket) -> str:
    """The page's address."""
    return f"http://{ADDRESS}:{listening.getsockname()[1]}"


@contextmanager
def serving(found: Running, listening: socket.socket) -> Iterator[str]:
    """While in the block, serves the page of a running pipeline; gives its URL, which stands in `DATA/env` too."""
    port, url = listening.getsockname()[1], address_of(listening)
    with folder.private():
        (found.data / _KEPT).write_text(f"{port}\n")
    state = _state(found, port)
    server = make_server(
        ADDRESS,
        port,
        access.known_wsgi(application(state), port),
        threaded=True,
        request_handler=_Quiet,
        fd=listening.fileno(),
    )
    thread = threading.Thread(target=server.serve_forever, name="page", daemon=True)
    thread.start()
    write_variables(found.data, {**read_variables(found.data), VARIABLE: url})
    try:
        yield url
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        state.close()


def _last(kept: Path) -> int:
    """The port that the file names; 0 where it names none."""
    said = kept.read_bytes().strip() if kept.is_file() else b""
    return int(said) if re.fullmatch(rb"[0-9]{1,5}", said) and int(said) < 2**16 else 0


def _state(found: Running, port: int) -> AppState:
    variables = found.variables
    project = variables["GOOGLE_CLOUD_PROJECT"]
    files = clients.storage_client(project)
    incoming = found.data / "incoming"
    incoming.mkdir(0o700, exist_ok=True)
    model = saying.asked_model(found.data)
    dataset = Dataset(clients.bigquery_client(project), files, variables["DATASET"], found.data / "report", model)
    return AppState(
        port=port,
        dataset=dataset,
        bucket=files.bucket(variables["CREATIVES_BUCKET"]),
        incoming=incoming,
        awaited=found.data / "awaited.json",
        publisher=clients.publisher_client(),
        status_url=variables.get("PUBSUB_STATUS_URL"),
        model=model,
        saved=SavedViews(found.data),
        limits=addresses.limits(FetchSettings.load()),
        meanings=meaning.file_of(found.data, dataset.tables.name),
    )
