"""The `creatives` command: the verbs of all subjects, in the order of work. What they do lives beside them."""

from importlib.metadata import version
from typing import Annotated

import typer
from typer import rich_utils

from creatives import environment, printable, terminal
from creatives.analysis import commands as analysis
from creatives.corrections import commands as corrections
from creatives.doctor import commands as doctor
from creatives.erasure import commands as erasure
from creatives.export import commands as export
from creatives.extraction import commands as extraction
from creatives.imports import commands as imports
from creatives.operations import commands as operations
from creatives.page import commands as page
from creatives.report import commands as report

SUBJECTS = {
    "Analyse": (analysis, page, report, export),
    "Bring in lists and tables": (imports,),
    "Extraction and its cost": (extraction,),
    "Follow and repair": (operations, doctor),
    "Correct and erase": (corrections, erasure),
}
"""In the order of work; `--help` shows them so."""

# Usage errors repeat arguments, which a shell's * may have made of names of files.
rich_utils.Console = printable.Console  # type: ignore[attr-defined]

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Tells what is in image and video ads, finds their duplicates, and accounts for every ad and every cent.",
)


def _say_version(wanted: bool) -> None:
    if wanted:
        terminal.write_line(f"creatives {version('creatives')}")
        raise typer.Exit


@app.callback()
def settings_of_the_folder(
    _version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Tells what is in image and video ads, finds their duplicates, and accounts for every ad and every cent."""
    try:
        taken = environment.read()
    except (OSError, UnicodeDecodeError) as error:
        raise terminal.failed(f"{environment.FILE} cannot be read: {error}") from error
    if taken:
        terminal.say(f"{environment.FILE} is read: {', '.join(taken)}")


for heading, subjects in SUBJECTS.items():
    for command in (command for subject in subjects for command in subject.COMMANDS):
        app.command(rich_help_panel=heading)(command)
