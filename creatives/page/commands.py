"""`creatives up`: the local pipeline, kept running, with its page."""

import signal
import socket
import threading
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from creatives import terminal
from creatives.page import serving as page
from creatives.terminal import DEFAULT_DATA, DataOption, DisorderOption, ExtractorOption, PubsubOption, TaxonomyOption
from local import folder
from local.chosen import Options
from local.processes import ServerError
from local.running import Running


def up(
    data: DataOption = DEFAULT_DATA,
    extractor: ExtractorOption = "auto",
    pubsub: PubsubOption = "auto",
    disorder: DisorderOption = None,
    taxonomy: TaxonomyOption = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Of the page; 0 for the last one of this folder, or a free one.")
    ] = 0,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
) -> None:
    """Keep the local pipeline running until Ctrl-C, with a page to drop files on; DATA/env holds what reaches it."""
    if folder.is_ready(data):
        raise _runs_already(data)
    console = terminal.output()
    with _listening(data, port) as listening:
        console.print(f"{page.address_of(listening)} opens once all has started, in some seconds", markup=False)
        with terminal.started(data, Options(extractor, pubsub, disorder, taxonomy)) as found:
            if not found.servers:
                raise _runs_already(data)  # since then
            with page.serving(found, listening) as url:
                console.print(f"Ready: open {url}", markup=False)
                files = f"Drop files there. For other programs: source {data / 'env'}"
                console.print(files, markup=False, soft_wrap=True)
                console.print("Ctrl-C stops it.")
                if open_page:
                    webbrowser.open(url)
                _wait_for_end(found)


def _listening(data: Path, port: int) -> socket.socket:
    try:
        return page.listening(folder.made(data), port)
    except ServerError as error:
        raise terminal.failed(str(error)) from error


def _runs_already(data: Path) -> typer.Exit:
    return terminal.failed(f"a pipeline runs on {data} already; its variables are in {data / 'env'}")


def _wait_for_end(found: Running) -> None:
    """Waits for Ctrl-C, SIGTERM, or the end of the terminal; what hinders the pipeline meanwhile is a fault."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda *_: ended.set())
    while not ended.wait(1):
        found.require_working()
    terminal.messages.print("stopping")


COMMANDS = (up,)
