"""`creatives report`: the dataset as one page that opens in any browser, from the local pipeline or from a project."""

import webbrowser
from pathlib import Path
from typing import Annotated

import typer
from google.api_core.exceptions import GoogleAPIError
from google.auth.exceptions import GoogleAuthError

from local import terminal
from local.report import data as reading
from local.report import page
from local.report.model import ReportData
from local.running import Options
from local.terminal import DEFAULT_DATA, DataOption
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
        found = _of_project(project, dataset, data, limit) if project else _of_local_pipeline(data, limit)
    except (GoogleAPIError, GoogleAuthError) as error:
        raise terminal.failed(f"the dataset cannot be read: {error}") from error
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(page.render(found), encoding="utf-8")
    terminal.messages.print(f"{len(found.creatives)} creatives, {out.stat().st_size / 1e6:.1f} MB")
    typer.echo(out)
    if show:
        webbrowser.open(out.resolve().as_uri())


def _of_local_pipeline(data: Path, limit: int) -> ReportData:
    """From the pipeline that runs on `data`, or one that is started for it."""
    with terminal.started(data, Options()) as found:
        variables = found.variables
        return _of_project(variables["GOOGLE_CLOUD_PROJECT"], variables["DATASET"], data, limit)


def _of_project(project: str, dataset: str, data: Path, limit: int) -> ReportData:
    return reading.read(
        clients.bigquery_client(project),
        project,
        dataset,
        clients.storage_client(project),
        cache=data / "report" / project,
        creatives=limit,
    )


COMMANDS = (report,)
