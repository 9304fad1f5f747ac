"""`creatives report`: the dataset as one page that opens in any browser, from the local pipeline or from a project."""

import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from google.api_core.exceptions import GoogleAPIError
from google.auth.exceptions import GoogleAuthError

from creatives import terminal
from creatives.report import data as report_data
from creatives.report import page
from creatives.report.model import ReportData
from creatives.terminal import DEFAULT_DATA, DataOption
from local import reading
from local.processes import ServerError
from shared import clients


def report(
    project: Annotated[str | None, typer.Option(help="Google Cloud project; the local pipeline otherwise.")] = None,
    dataset: Annotated[str, typer.Option(help="BigQuery dataset of the project.")] = "creatives",
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to write the page.")] = Path("report.html"),
    show: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Creatives to show; the figures are of all.")] = 10_000,
    data: DataOption = DEFAULT_DATA,
) -> None:
    """Write what came in, what became of it and what it shows as one HTML page that needs nothing else."""
    try:
        with _dataset(data, project, dataset) as (owner, name):
            found = _read(owner, name, data, limit)
    except (ServerError, GoogleAPIError, GoogleAuthError) as error:
        raise terminal.failed(f"the dataset cannot be read: {error}") from error
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(page.render(found), encoding="utf-8")
    terminal.messages.print(f"{len(found.creatives)} creatives, {out.stat().st_size / 1e6:.1f} MB")
    terminal.write_line(str(out))
    if show:
        webbrowser.open(out.resolve().as_uri())


@contextmanager
def _dataset(data: Path, project: str | None, dataset: str) -> Iterator[tuple[str, str]]:
    """Project and dataset to read; the local ones are served meanwhile, where no pipeline runs on them."""
    if project:
        yield project, dataset
        return
    with reading.tables(data, and_files=True, progress=terminal.say) as name:
        local_project, _, local_dataset = name.partition(".")
        yield local_project, local_dataset


def _read(project: str, dataset: str, data: Path, limit: int) -> ReportData:
    return report_data.read(
        clients.bigquery_client(project),
        project,
        dataset,
        clients.storage_client(project),
        cache=data / "report" / project,
        creatives=limit,
    )


COMMANDS = (report,)
