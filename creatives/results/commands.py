"""`creatives results`: what ads got, as a network's export has it."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from creatives import terminal
from creatives.analysis import inputs, run
from creatives.analysis.commands import tell
from creatives.analysis.inputs import Feed, InputError
from creatives.results import publishing
from creatives.terminal import (
    DEFAULT_DATA,
    DEFAULT_NAME,
    CurrencyOption,
    DataOption,
    IdColumnOption,
    NameOption,
)
from local.chosen import Options
from shared import clients
from shared.columns import Choice


def results(
    file: Annotated[str, typer.Argument(help="An export with ads' ids and results (CSV, Excel, JSON); - for stdin.")],
    project: Annotated[str | None, typer.Option(help="Google Cloud project; the local pipeline otherwise.")] = None,
    name: NameOption = DEFAULT_NAME,
    data: DataOption = DEFAULT_DATA,
    id_column: IdColumnOption = None,
    currency: CurrencyOption = None,
) -> None:
    """Bring in what ads got: impressions, clicks, money and more, of Meta, Google, TikTok, DV360 or a list of yours.

    The newest row of an ad, day, network and place holds: an export may be brought in again.
    """
    feed = _read(file, Choice(id_column, of_results=True), currency)
    tell(feed)
    if not feed.results:
        raise terminal.failed(f"{file}: it has columns of results, and no number of any ad in them")
    if project:
        _publish(feed, project, name)
    else:
        with terminal.started(data, Options("auto", "auto")) as found:
            _publish(feed, found.variables["GOOGLE_CLOUD_PROJECT"], None)
            run.settle(found)
    terminal.messages.print(
        f"{len(feed.results):,} rows of results of {len({row.ad_id for row in feed.results}):,} ads"
    )


def _publish(feed: Feed, project: str, deployment: str | None) -> None:
    with terminal.progress_bar() as progress:
        task = progress.add_task("publishing", total=len(feed.results))
        publisher = clients.publisher_client()
        publishing.publish(publisher, project, feed.results, lambda n: progress.advance(task, n), deployment)


def _read(file: str, choice: Choice, currency: str | None) -> Feed:
    try:
        if file == "-":
            return inputs.parse_list(sys.stdin.buffer.read(), name="standard input", choice=choice, currency=currency)
        path = Path(file)
        if not path.is_file():
            raise terminal.failed(f"{file}: no such file")
        return inputs.read_list(path, choice, currency)
    except InputError as error:
        raise terminal.failed(str(error)) from error


COMMANDS = (results,)
