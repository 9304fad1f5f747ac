"""`creatives export`: every ad and all that is known of it, as a file."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from google.api_core.exceptions import GoogleAPIError

from creatives import faults, terminal
from creatives.export import files as exporting
from creatives.export.files import Format
from creatives.terminal import DEFAULT_DATA, DataOption
from local.processes import ServerError
from shared import clients
from shared.counting import many

STDOUT = "-"


def export(
    chosen: Annotated[
        Format | None, typer.Option("--format", help="By default what --out ends with, else csv.", show_default=False)
    ] = None,
    out: Annotated[
        str | None, typer.Option(metavar="FILE", help="Or - for standard output. Default: ads_enriched.FORMAT.")
    ] = None,
    data: DataOption = DEFAULT_DATA,
    project: Annotated[str | None, typer.Option(help="Google Cloud project; the local dataset otherwise.")] = None,
    dataset: Annotated[str, typer.Option(help="BigQuery dataset of the deployment.")] = "creatives",
) -> None:
    """Write every ad and all that is known of it to a CSV, Parquet or NDJSON file.

    In CSV, text that a spreadsheet would run as a formula (it begins with = + - @ or a tab) follows an apostrophe.
    """
    made = chosen or _format_of(out)
    target = out or f"ads_enriched.{made}"
    try:
        with terminal.dataset(data, project, dataset) as name, _opened(target) as file:
            count = _write(name, made, file)
    except (ServerError, GoogleAPIError, OSError) as error:
        raise terminal.failed(faults.sentence(error)) from error
    terminal.messages.print(
        f"{many(count, 'ad')} written to {'standard output' if target == STDOUT else target}", markup=False
    )


def _format_of(out: str | None) -> Format:
    ending = Path(out or "").suffix.lstrip(".").lower()
    return Format(ending) if ending in Format else Format.CSV


@contextmanager
def _opened(target: str) -> Iterator[BinaryIO]:
    """The file to be written, which takes its place once it is whole; or standard output, a device or a pipe."""
    if target == STDOUT:
        yield terminal.standard_output()
        sys.stdout.flush()
        return
    path = Path(target).resolve()  # of a link what it leads to
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            yield file
        return
    unfinished = path.with_name(f"{path.name}.part")
    try:
        with unfinished.open("wb") as file:
            yield file
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _write(dataset: str, made: Format, file: BinaryIO) -> int:
    table = exporting.read(clients.bigquery_client(dataset.split(".")[0]), dataset)
    with terminal.progress_bar() as progress:
        task = progress.add_task("exporting", total=table.n_rows)
        return exporting.write(table, made, file, lambda count: progress.update(task, completed=count))


COMMANDS = (export,)
