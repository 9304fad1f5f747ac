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


class _Quiet(WSGIRequestHandler):
    """The page polls: a line per request would hide what matters."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Says nothing; faults are still told."""


@contextmanager
def serving(found: Running, port: int = 0) -> Iterator[str]:
    """While in the block, serves the page of a running pipeline; gives its URL, which stands in `DATA/env` too.

    Args:
        found: the pipeline.
        port: 0 for the one that it had last time in this folder, where that is free: bookmarks hold.

    Raises:
        ServerError: when the port is taken.
    """
    with _listening(port, found.data / "page-port") as listening:
        bound = listening.getsockname()[1]
        url = f"http://{ADDRESS}:{bound}"
        state = _state(found, bound)
        server = make_server(
            ADDRESS,
            bound,
            access.known_wsgi(application(state), bound),
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


def _listening(port: int, kept: Path) -> socket.socket:
    try:
        listening = socket.create_server((ADDRESS, port or _last(kept)))
    except OSError as error:
        if port:
            raise ServerError(f"the page cannot be served on port {port}: {error.strerror}") from error
        listening = socket.create_server((ADDRESS, 0))
    with folder.private():
        kept.write_text(f"{listening.getsockname()[1]}\n")
    return listening


def _last(kept: Path) -> int:
    """The port that the file names; 0 where it names none."""
    said = kept.read_bytes().strip() if kept.exists() else b""
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
