"""`creatives export`: every ad and all that is known of it, as a file."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from creatives import terminal, written
from creatives.export import files as exporting
from creatives.export.files import Format
from creatives.operations.tables import Tables, TooDearError
from creatives.terminal import DEFAULT_DATA, DataOption, MostUsdOption
from shared.counting import many

ENDINGS: Mapping[Format, Sequence[str]] = {
    Format.CSV: (".csv",),
    Format.PARQUET: (".parquet",),
    Format.NDJSON: (".ndjson", ".jsonl"),
}


def export(
    chosen: Annotated[
        Format | None, typer.Option("--format", help="By default what --out ends with, else csv.", show_default=False)
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", callback=written.file, help="Or - for standard output. Default: ads_enriched.FORMAT."
        ),
    ] = None,
    data: DataOption = DEFAULT_DATA,
    project: Annotated[str | None, typer.Option(help="Google Cloud project; the local dataset otherwise.")] = None,
    dataset: Annotated[str, typer.Option(help="BigQuery dataset of the deployment.")] = "creatives",
    most_usd: MostUsdOption = 1.0,
) -> None:
    """Write every ad and all that is known of it to a CSV, Parquet or NDJSON file.

    In CSV, text that a spreadsheet would run as a formula (it begins with = + - @ or a tab) follows an apostrophe.
    """
    made = _format_of(chosen, out)
    target = out or Path(f"ads_enriched.{made}")
    with terminal.tables(data, project, dataset, most_usd) as tables, written.opened(target) as file:
        count = _write(tables, made, file, for_excel=target != written.STDOUT)
    terminal.messages.print(
        f"{many(count, 'ad')} written to {'standard output' if target == written.STDOUT else target}", markup=False
    )


def _format_of(chosen: Format | None, out: Path | None) -> Format:
    """The format that is said, or the one that the file's ending says: not another than it says."""
    ending = out.suffix.lower() if out and not (out.exists() and not out.is_file()) else ""
    named = {each: made for made, endings in ENDINGS.items() for each in endings}
    made = chosen or named.get(ending, Format.CSV)
    if ending and named.get(ending) is not made:
        may_be = " or ".join(ENDINGS[made] if chosen else named)
        raise terminal.failed(f"{out}: {f'{chosen} goes' if chosen else 'ads go'} into a file that ends in {may_be}")
    return made


def _write(tables: Tables, made: Format, file: BinaryIO, *, for_excel: bool) -> int:
    try:
        read = exporting.read(tables.client, tables.name, tables.most_usd)
    except TooDearError as error:
        raise terminal.failed(str(error)) from error
    table = replace(read, for_excel=for_excel)
    with terminal.progress_bar() as progress:
        task = progress.add_task("exporting", total=table.n_rows)
        return exporting.write(table, made, file, lambda count: progress.update(task, completed=count))


COMMANDS = (export,)
