"""`creatives demo` and `analyze`: creatives of yours, through the local pipeline."""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from creatives import terminal
from creatives.analysis import causes, inputs, rendering, run
from creatives.analysis.inputs import InputError
from creatives.analysis.results import AdResult, Far, Status
from creatives.analysis.run import Listener
from creatives.terminal import (
    DEFAULT_DATA,
    CurrencyOption,
    DataOption,
    DateOrderOption,
    DisorderOption,
    ExtractorOption,
    IdColumnOption,
    PubsubOption,
    TaxonomyOption,
    UrlColumnsOption,
    column_choice,
)
from local.chosen import Options
from local.running import Running
from shared import wiring
from shared.columns import BY_NAME, Choice
from shared.counting import many

STILL_WAITING = 3
"""Exit code of `analyze` and `demo` when ads are pending after the wait."""

_KEPT = "what was sent and found is kept; the same command again goes on"
_NEXT = (
    "Next: `creatives report --open` shows them, `creatives analyze ~/ads` takes your own, "
    "`creatives up` keeps it running."
)


def demo(data: DataOption = DEFAULT_DATA, extractor: ExtractorOption = "auto", pubsub: PubsubOption = "auto") -> None:
    """Analyse the creatives in samples/ and show, stage by stage, what happened."""
    samples = wiring.ROOT / "samples"
    results, cause = _analyze([samples], data, Options(extractor, pubsub), limit_s=300)
    rendering.show(terminal.output(), results, with_stages=True)
    terminal.output().print(_NEXT, style="dim")
    _end(results, cause, strict=False)


def analyze(
    paths: Annotated[
        list[Path], typer.Argument(help="Files, folders, zips, or lists of URLs (CSV, Excel, JSON, text).")
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object per ad on stdout, nothing else.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 when an ad failed.")] = False,
    data: DataOption = DEFAULT_DATA,
    extractor: ExtractorOption = "auto",
    pubsub: PubsubOption = "auto",
    limit_s: Annotated[float, typer.Option("--patience", help="Seconds to wait without any progress.")] = 900,
    disorder: DisorderOption = None,
    id_column: IdColumnOption = None,
    url_columns: UrlColumnsOption = None,
    currency: CurrencyOption = None,
    date_order: DateOrderOption = None,
    taxonomy: TaxonomyOption = None,
) -> None:
    """Analyse creatives with the local pipeline and wait until every ad is settled."""
    choice = column_choice(id_column, url_columns, date_order)
    options = Options(extractor, pubsub, disorder, taxonomy)
    results, cause = _analyze(paths, data, options, limit_s=limit_s, choice=choice, currency=currency)
    if as_json:
        for result in results:
            terminal.write_json(result.model_dump_json())
    else:
        rendering.show(terminal.output(), results)
    _end(results, cause, strict=strict)


def read_list(file: str, choice: Choice, currency: str | None) -> inputs.Feed:
    """The list in a file that somebody names, - for standard input; what cannot be read is told in a sentence."""
    try:
        if file == "-":
            return inputs.parse_list(sys.stdin.buffer.read(), name="standard input", choice=choice, currency=currency)
        path = Path(file)
        if not path.is_file():
            raise terminal.failed(f"{file}: no such file")
        return inputs.read_list(path, choice, currency)
    except InputError as error:
        raise terminal.failed(str(error)) from error


def tell(feed: inputs.Feed) -> None:
    """Says what was remarkable about what was given, on stderr."""
    for note in feed.notes:
        terminal.messages.print(note, style="yellow", markup=False, highlight=False)
    if feed.junk:
        told = f"{many(feed.junk, 'file')} hidden or no creatives (.DS_Store, Thumbs.db, …)"
        terminal.messages.print(f"left out: {told}", markup=False, highlight=False)


def _analyze(
    paths: Sequence[Path],
    data: Path,
    options: Options,
    *,
    limit_s: float,
    choice: Choice = BY_NAME,
    currency: str | None = None,
) -> tuple[list[AdResult], str]:
    """The ads, and why those that are pending wait: asked before the servers end, which makes faults of its own."""
    with tempfile.TemporaryDirectory(prefix="creatives-") as scratch:
        try:
            feed = inputs.collect(paths, Path(scratch), choice, currency)
        except InputError as error:
            raise terminal.failed(str(error)) from error
        tell(feed)
        if not feed.files and not feed.urls:
            raise terminal.failed("nothing to analyse: the paths hold no files and no URLs")
        with terminal.started(data, options) as found, terminal.end_told(found, _KEPT):
            if found.servers:  # one that runs already may open what this process's settings forbid
                _tell_unopened(feed)
            results = _followed(found, feed, limit_s)
            return results, causes.told(results, found.data / "logs" / "functions.log")


def _tell_unopened(feed: inputs.Feed) -> None:
    """Names the ads whose addresses are not opened before they are sent: they are ads all the same, and fail."""
    from creatives.analysis import addresses  # what judges addresses takes a second to import
    from functions.fetch.settings import FetchSettings

    if feed.urls and (told := addresses.unopened(feed.urls, addresses.limits(FetchSettings.load()))):
        terminal.messages.print(told, style="yellow", markup=False, highlight=False)


def _followed(found: Running, feed: inputs.Feed, limit_s: float) -> list[AdResult]:
    """The ads, while a bar tells how far they are, or now and then a line where there is no terminal."""
    if not found.servers and (before := run.outstanding_messages(found.variables.get("PUBSUB_STATUS_URL"))):
        terminal.say(f"{many(before, 'message')} under way there already, before what is sent now")
    with terminal.progress_bar() as progress:
        total = len(feed.files) + len(feed.urls)
        handing_in = progress.add_task("sending", total=total)
        analysing = progress.add_task("analysing", total=total, start=False)
        lines = rendering.Lines(terminal.say) if progress.disable else None

        def handed_in(more: int) -> None:
            progress.advance(handing_in, more)

        def read(far: Far) -> None:
            progress.update(handing_in, visible=False)
            progress.start_task(analysing)
            progress.update(analysing, **rendering.progress(far))
            if lines:
                lines.tell(far)

        return run.analyze(found, feed, limit_s=limit_s, listener=Listener(handed_in, read))


def _end(results: Sequence[AdResult], cause: str, *, strict: bool) -> None:
    """The exit code: 3 when ads still wait, 1 when one failed and that matters."""
    failed = any(result.status is Status.FAILED for result in results)
    if pending := sum(result.status is Status.PENDING for result in results):
        terminal.tell(
            f"{many(pending, 'ad still waits', 'ads still wait')}: {cause}; "
            "`creatives status` and the same command again go on"
        )
        raise typer.Exit(STILL_WAITING)
    if strict and failed:
        raise typer.Exit(1)


COMMANDS = (demo, analyze)
