"""`creatives report`: the dataset as one page that opens in any browser, from the local pipeline or from a project."""

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from google.api_core.exceptions import GoogleAPIError
from google.auth.exceptions import GoogleAuthError

from creatives import terminal, written
from creatives.agents import meaning
from creatives.corrections import saying
from creatives.operations.tables import Tables, TooDearError
from creatives.report import alike, page
from creatives.report import data as report_data
from creatives.report.model import ReportData
from creatives.report.stored import LARGE_PICTURES
from creatives.terminal import DEFAULT_DATA, DataOption, DatasetOption, MostUsdOption, ProjectOption
from local.processes import ServerError
from shared import clients, features
from shared.counting import many

if TYPE_CHECKING:
    from pydantic import BaseModel


def report(
    project: ProjectOption = None,
    dataset: DatasetOption = "creatives",
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", callback=written.file, help="Where to write the page.")
    ] = Path("report.html"),
    show: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Creatives to show; the figures are of all.")] = 10_000,
    most_usd: MostUsdOption = 1.0,
    data: DataOption = DEFAULT_DATA,
) -> None:
    """Write what came in, what became of it and what it shows as one HTML page that needs nothing else."""
    try:
        with terminal.tables(data, project, dataset, most_usd, and_files=True) as tables:
            model = features.ImageFeatures if project else saying.asked_model(data)
            found = _with_meanings(_read(tables, data, limit, model), tables, data)
    except (TooDearError, ServerError) as error:
        raise terminal.failed(str(error)) from error
    except (GoogleAPIError, GoogleAuthError) as error:
        raise terminal.failed(f"the dataset cannot be read: {error}") from error
    made = page.render(found).encode()
    with written.opened(out) as file:
        file.write(made)
    terminal.messages.print(f"{many(len(found.creatives), 'creative')}, {len(made) / 1e6:.1f} MB")
    if out != written.STDOUT:
        terminal.write_line(str(out))
    if show and out.is_file():
        webbrowser.open(out.resolve().as_uri())


def _read(tables: Tables, data: Path, limit: int, model: "type[BaseModel]") -> ReportData:
    project, _, dataset = tables.name.rpartition(".")
    return report_data.read(
        tables.client,
        project,
        dataset,
        clients.storage_client(project),
        cache=data / "report" / project,
        creatives=limit,
        large_pictures=LARGE_PICTURES,
        model=model,
        most_usd=tables.most_usd,
    )


def _with_meanings(found: ReportData, tables: Tables, data: Path) -> ReportData:
    """The report with what it finds by meaning, by the vectors that `find` keeps: those that are new are made."""
    with terminal.progress_bar() as progress:
        task = progress.add_task("comparing what they say", total=None)
        vectors = meaning.current(
            tables,
            meaning.file_of(data, tables.name),
            lambda done, total: progress.update(task, completed=done, total=total),
            alike.says(found),
        )
        return alike.with_named(alike.with_alike(found, vectors), vectors)


COMMANDS = (report,)
