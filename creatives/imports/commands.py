"""`creatives publish` and `import-ads`: ads of a list, or of the raw-ads table, into the pipeline or a project's."""

import time
from collections.abc import Callable
from functools import partial
from typing import Annotated

import typer

from creatives import terminal
from creatives.analysis import inputs
from creatives.analysis.commands import read_list, tell
from creatives.results.commands import bring_in
from creatives.terminal import (
    DEFAULT_DATA,
    DEFAULT_NAME,
    CurrencyOption,
    DataOption,
    DatasetOption,
    DateOrderOption,
    IdColumnOption,
    NameOption,
    ProjectOption,
    UrlColumnsOption,
    column_choice,
)
from functions.import_ads import importing
from functions.import_ads import main as importer
from functions.import_ads.settings import ImportSettings
from shared import clients
from shared.counting import many
from shared.idempotency import StillInProgressError

TICKS = "import-ticks"
ASKED = b'{"now": true}'
WAIT_S = 1.0


def publish(
    file: Annotated[str, typer.Argument(help="A list of URLs (CSV, Excel, JSON, text); - for standard input.")],
    project: ProjectOption = None,
    name: NameOption = DEFAULT_NAME,
    dataset: DatasetOption = "creatives",
    data: DataOption = DEFAULT_DATA,
    id_column: IdColumnOption = None,
    url_columns: UrlColumnsOption = None,
    currency: CurrencyOption = None,
    date_order: DateOrderOption = None,
) -> None:
    """Publish the ads of a list to the topic url-batches, of the local pipeline or of a project.

    What its columns tell of results is loaded into the table `results`.
    """
    feed = read_list(file, column_choice(id_column, url_columns, date_order), currency)
    tell(feed)
    local = {} if project else terminal.attached(data).variables
    target = project or local["GOOGLE_CLOUD_PROJECT"]
    deployment = name if project else None
    with terminal.progress_bar() as progress:
        task = progress.add_task("publishing", total=len(feed.urls))
        accepted = partial(progress.advance, task)
        inputs.publish(clients.publisher_client(), target, feed.urls, accepted, deployment)
    bring_in(feed.results, target, local.get("DATASET", dataset))
    without = sum(ad.url is None for ad in feed.urls)
    told = f", {without} of them without an address: they fail as malformed_ad" if without else ""
    with_results = f", and {many(len(feed.results), 'row')} of their results" if feed.results else ""
    terminal.messages.print(f"{many(len(feed.urls), 'ad')} published{told}{with_results}")
    if without == len(feed.urls):
        raise typer.Exit(1)


def import_ads(
    project: ProjectOption = None,
    name: NameOption = DEFAULT_NAME,
    data: DataOption = DEFAULT_DATA,
) -> None:
    """Publish the ads of the raw-ads table that were never published; the schedule does it by itself, too.

    In a project the deployed function does the work, with its own settings and rights: it is asked to, and goes on
    by itself. The local pipeline's is done here: the command ends when everything is published.
    """
    if project:
        ticks = clients.topic_path(project, TICKS, name)
        clients.publisher_client().publish(ticks, ASKED).result(timeout=60)
        terminal.messages.print("the import was asked for: `creatives status` tells what comes of it")
        return
    terminal.attached(data)
    with terminal.progress_bar() as progress:
        task = progress.add_task("batches published, or waiting for an import that is under way", total=None)
        published = _import_all(ImportSettings.load(), lambda: progress.advance(task))
    terminal.messages.print(f"{many(published, 'ad')} published")


def _import_all(settings: ImportSettings, on_batch: Callable[[], None]) -> int:
    """Imports until nothing is left, and says how many ads that were; waits while the schedule's import does it."""
    tables = clients.bigquery_client(settings.google_cloud_project)
    results = clients.storage_client(settings.google_cloud_project).bucket(settings.results_bucket)

    def publish_batch(batch: bytes) -> None:
        importer.publish(batch)
        on_batch()

    published, finished = 0, False
    while not finished:
        try:
            report = importing.run(settings, tables, results, publish_batch, now=True)
        except StillInProgressError:
            time.sleep(WAIT_S)
        else:
            published, finished = published + report.published, report.finished
    return published


COMMANDS = (publish, import_ads)
