"""`creatives import-ads`: what the schedule does with the raw-ads table, by hand and at once."""

import time
from collections.abc import Callable
from typing import Annotated

import typer

from creatives import terminal
from creatives.terminal import DEFAULT_DATA, DEFAULT_NAME, DataOption, NameOption
from functions.import_ads import importing
from functions.import_ads.main import publish
from functions.import_ads.settings import ImportSettings
from shared import clients
from shared.idempotency import StillInProgressError

TICKS = "import-ticks"
WAIT_S = 1.0


def import_ads(
    project: Annotated[str | None, typer.Option(help="Google Cloud project; the local pipeline otherwise.")] = None,
    name: NameOption = DEFAULT_NAME,
    data: DataOption = DEFAULT_DATA,
) -> None:
    """Publish the ads of the raw-ads table that were never published; the schedule does it by itself, too.

    In a project the deployed function does the work, with its own settings and rights: it is asked to, and goes on
    by itself. The local pipeline's is done here: the command ends when everything is published.
    """
    if project:
        ticks = clients.topic_path(project, TICKS, name)
        clients.publisher_client().publish(ticks, b"{}").result(timeout=60)
        terminal.messages.print("the import was asked for: `creatives status` tells what comes of it")
        return
    terminal.attached(data)
    with terminal.progress_bar() as progress:
        task = progress.add_task("batches published, or waiting for an import that is under way", total=None)
        published = _import_all(ImportSettings.load(), lambda: progress.advance(task))
    terminal.messages.print(f"{published} ads published")


def _import_all(settings: ImportSettings, on_batch: Callable[[], None]) -> int:
    """Imports until nothing is left, and says how many ads that were; waits while the schedule's import does it."""
    tables = clients.bigquery_client(settings.google_cloud_project)
    results = clients.storage_client(settings.google_cloud_project).bucket(settings.results_bucket)

    def publish_batch(batch: bytes) -> None:
        publish(batch)
        on_batch()

    published, finished = 0, False
    while not finished:
        try:
            report = importing.run(settings, tables, results, publish_batch)
        except StillInProgressError:
            time.sleep(WAIT_S)
        else:
            published, finished = published + report.published, report.finished
    return published


COMMANDS = (import_ads,)
