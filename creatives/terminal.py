"""What the commands share: options, the two consoles, the running pipeline, and faults told in a sentence."""

import codecs
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, Literal, cast, override

import typer
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from creatives import faults, printable
from creatives.operations import naming
from creatives.printable import Console
from local import filling, folder, reading
from local.chosen import Options
from local.processes import ServerError
from local.running import Running, attach, running
from shared.columns import Choice, DayOrder
from shared.results.currencies import CURRENCIES
from shared.settings import SettingsError

if TYPE_CHECKING:
    from creatives.operations.tables import Tables  # Google's client takes a while to import


def _currency(code: str | None) -> str | None:
    if code and code.upper() not in CURRENCIES:
        raise typer.BadParameter(f"{code} is no currency of ISO 4217 (EUR, USD, …)")
    return code.upper() if code else None


MostUsdOption = Annotated[
    float,
    typer.Option(
        "--most-usd",
        min=0.001,
        metavar="USD",
        help="What BigQuery may bill for a question of a project: one that would cost more is not asked.",
    ),
]

DataOption = Annotated[
    Path,
    typer.Option("--data", metavar="DIR", readable=False, help="Folder that holds the local pipeline's data."),
]
PubsubOption = Annotated[
    str,
    typer.Option(
        "--pubsub",
        help="own, official (Google's emulator), or auto: the emulator at PUBSUB_EMULATOR_HOST if set, else own.",
    ),
]
ExtractorOption = Annotated[
    str, typer.Option("--extractor", envvar="EXTRACTOR", help="auto, offline, gemini, azure or openai.")
]
DisorderOption = Annotated[
    str | None, typer.Option("--disorder", metavar="SEED", help="For tests: deliver messages twice and out of order.")
]
TaxonomyOption = Annotated[
    Path | None, typer.Option("--taxonomy", metavar="FILE", help="What to ask, as docs/taxonomy.md says: a YAML file.")
]
IdColumnOption = Annotated[str | None, typer.Option("--id-column", help="Of lists: the column with the ads' ids.")]
UrlColumnsOption = Annotated[
    str | None, typer.Option("--url-columns", help="Of lists: the columns with creatives' addresses, by commas.")
]
CurrencyOption = Annotated[
    str | None,
    typer.Option("--currency", callback=_currency, help="Of money in lists that tell none, as ISO 4217: EUR, USD, …"),
]
DateOrderOption = Annotated[
    Literal["dmy", "mdy"] | None,
    typer.Option(
        "--date-order", help="Of days such as 03/04/2026 in lists that tell none: dmy (April) or mdy (March)."
    ),
]
ProjectOption = Annotated[str | None, typer.Option(help="Google Cloud project; the local pipeline otherwise.")]
DatasetOption = Annotated[str, typer.Option(help="BigQuery dataset of the project.")]
CreativeArgument = Annotated[
    str, typer.Argument(metavar="CREATIVE_ID", help="As in the column creative_id; its beginning will do.")
]
NoteOption = Annotated[str | None, typer.Option("--note", help="Why; kept with the correction.")]
NameOption = Annotated[str, typer.Option("--name", help="Name of the project's deployment: the prefix of its topics.")]
DEFAULT_NAME = "creatives"
DEFAULT_DATA = Path(".creatives")

messages = Console(stderr=True)


@contextmanager
def started(data: Path, options: Options) -> Iterator[Running]:
    """The pipeline, its faults told in a sentence instead of a traceback; a full disk is one whatever comes of it."""
    with _faults_told(data), running(data, options, progress=say) as found:
        yield found


@contextmanager
def end_told(found: Running, kept: str) -> Iterator[None]:
    """Says at once that a signal was heard, and with `kept` what becomes of the work: servers take seconds to end."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        say(f"{'stopping' if found.servers else 'not waiting any longer; the pipeline that runs goes on'}: {kept}")
        raise


@contextmanager
def filled(data: Path) -> Iterator[Running]:
    """The local tables, to bring rows in, their faults told as those of the pipeline are."""
    with _faults_told(data), filling.tables(data, progress=say) as found:
        yield found


@contextmanager
def _faults_told(data: Path) -> Iterator[None]:
    try:
        yield
    except faults.known() as fault:
        raise failed(faults.sentence(folder.full(data) or fault)) from fault


def column_choice(id_column: str | None, url_columns: str | None, day_order: DayOrder | None = None) -> Choice:
    """The columns of lists that the options name, and how their days are written."""
    named = (name.strip() for name in (url_columns or "").split(","))
    return Choice(id_column, tuple(name for name in named if name), day_order=day_order)


def say(text: str) -> None:
    """Tells what goes on, on stderr."""
    messages.print(text, style="dim", markup=False)


def log_line(severity: str, text: str) -> None:
    """Tells what a stage would log: what goes as it should is nobody's matter here."""
    if severity != "INFO":
        say(text)


class _Pace(ProgressColumn):
    """How many are done in a second, or in a minute where that is less than one."""

    def render(self, task: Task) -> Text:
        """The pace, once it is known."""
        speed = task.finished_speed or task.speed
        if not speed:
            return Text("")
        return Text(pace(speed), style="dim")


def pace(per_second: float) -> str:
    """So many in a second, or in a minute where that is less than one: `2.4/s`, `20/min`."""
    return f"{per_second:.1f}/s" if per_second >= 1 else f"{per_second * 60:.0f}/min"


def progress_bar() -> Progress:
    """A bar on a terminal, gone once it is done: how many of how many, how fast, for how long, and how long yet."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Pace(),
        TimeElapsedColumn(),
        TextColumn("left:"),
        TimeRemainingColumn(compact=True),
    )
    return Progress(*columns, console=messages, transient=True, disable=not messages.is_terminal)


def output() -> Console:
    """Stdout; wide enough for the table where it is no terminal."""
    return Console() if sys.stdout.isatty() else Console(width=140)


def write_line(text: str) -> None:
    """A line on stdout, whatever its length."""
    sys.stdout.write(f"{printable.line(text)}\n")


def write_json(document: str) -> None:
    """A JSON document on stdout, as one line."""
    sys.stdout.write(f"{printable.as_json(document)}\n")


class _Shown(io.RawIOBase):
    """A file of text that is written to a terminal: shown, and not obeyed."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    @override
    def writable(self) -> bool:
        return True

    @override
    def write(self, content: Any, /) -> int:
        sys.stdout.write(printable.lines(self._decoder.decode(bytes(content))))
        return len(content)


def standard_output() -> BinaryIO:
    """Where a file's content is written that shall go to stdout: as it is, unless a terminal would read it."""
    return cast(BinaryIO, _Shown()) if sys.stdout.isatty() else sys.stdout.buffer


def failed(text: str) -> typer.Exit:
    """Says what is wrong, on stderr; to be raised: exit code 2."""
    tell(text)
    return typer.Exit(2)


def agreed(question: str, *, otherwise: str) -> bool:
    """Whether somebody says yes; where not, `otherwise` says what that means. Ends where nobody can be asked."""
    try:
        said = typer.confirm(question, err=True)
    except typer.Abort as error:
        say("")  # below the question
        raise failed(f"{otherwise}: nobody answered; --yes does not ask") from error
    if not said:
        say(otherwise)
    return said


def whole_ids(tables: "Tables", *named: str) -> list[str]:
    """The ids of creatives in full; ends with a sentence where a beginning is that of several."""
    try:
        return naming.whole(tables, named)
    except naming.SeveralError as error:
        raise failed(str(error)) from error


def tell(fault: str) -> None:
    """Says what is wrong, on stderr."""
    messages.print(f"creatives: {fault}", style="red", markup=False, highlight=False, soft_wrap=True)


def attached(data: Path, options: Options | None = None) -> Running:
    """The pipeline that runs on `data` already; without one, or with one that was started with something else than the
    options and the environment say, the command ends with a sentence. Without options they do not matter.
    """
    try:
        return attach(data, options)
    except (ServerError, SettingsError) as error:
        raise failed(str(error)) from error


@contextmanager
def dataset(data: Path, project: str | None, name: str, *, and_files: bool = False) -> Iterator[str]:
    """The dataset to be read, as project.dataset: of a project, else the local one, served meanwhile where no pipeline
    runs on it; with `and_files` so are its objects.

    Raises:
        ServerError: when there is no local one, or its server does not start.
    """
    if project:
        yield f"{project}.{name}"
        return
    with reading.tables(data, and_files=and_files, progress=say) as local:
        yield local


@contextmanager
def tables(
    data: Path, project: str | None, name: str, most_usd: float, *, and_files: bool = False
) -> Iterator["Tables"]:
    """The dataset, to be asked: of a project nothing that BigQuery would bill more than `most_usd` for.

    Raises:
        ServerError: as `dataset` does.
    """
    from creatives.operations.tables import Tables

    with dataset(data, project, name, and_files=and_files) as found:
        yield Tables.of(found, most_usd=most_usd if project else None)


@contextmanager
def asked(
    data: Path, project: str | None, name: str, most_usd: float, *, and_files: bool = False
) -> Iterator["Tables"]:
    """The same, for a command that ends with a sentence where it cannot be asked, or only for more."""
    from google.api_core.exceptions import GoogleAPIError
    from google.auth.exceptions import GoogleAuthError

    from creatives.operations.tables import TooDearError

    try:
        with tables(data, project, name, most_usd, and_files=and_files) as found:
            yield found
    except (ServerError, GoogleAPIError, GoogleAuthError, TooDearError) as error:
        raise failed(str(error)) from error
