"""The `creatives` command: a verb each, thin; what they do lives in the modules they call."""

import getpass
import itertools
import signal
import sys
import threading
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from google.cloud import bigquery
from pydantic import ValidationError

from local import (
    analysis,
    export_commands,
    extraction_commands,
    feeding,
    import_commands,
    operations_commands,
    pipeline,
    rendering,
    report_commands,
    terminal,
)
from local.doctor import check, checks
from local.doctor.canary import checks as canary_checks
from local.doctor.check import Status as CheckStatus
from local.feeding import InputError
from local.results import AdResult, Status
from local.running import Options, Running
from local.studio import serving as studio
from local.terminal import (
    DEFAULT_DATA,
    CreativeArgument,
    DataOption,
    DisorderOption,
    ExtractorOption,
    NoteOption,
    PubsubOption,
)
from shared import clients
from shared.events import Override
from shared.stage import explain

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Tells what is in image and video ads, finds their duplicates, and accounts for every ad and every cent.",
)
for command in (
    *extraction_commands.COMMANDS,
    *export_commands.COMMANDS,
    *import_commands.COMMANDS,
    *operations_commands.COMMANDS,
    *report_commands.COMMANDS,
):
    app.command()(command)


@app.command()
def demo(data: DataOption = DEFAULT_DATA, extractor: ExtractorOption = "auto", pubsub: PubsubOption = "auto") -> None:
    """Analyse the creatives in samples/ and show, stage by stage, what happened."""
    samples = pipeline.ROOT / "samples"
    results = _analyze([samples], data, Options(extractor, pubsub), limit_s=300)
    rendering.show(terminal.output(), results, with_stages=True)
    _end(results, strict=False)


@app.command()
def analyze(
    paths: Annotated[list[Path], typer.Argument(help="Files, folders, or lists of URLs (text, CSV, NDJSON).")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object per ad on stdout, nothing else.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 when an ad failed.")] = False,
    data: DataOption = DEFAULT_DATA,
    extractor: ExtractorOption = "auto",
    pubsub: PubsubOption = "auto",
    limit_s: Annotated[float, typer.Option("--patience", help="Seconds to wait without any progress.")] = 900,
    disorder: DisorderOption = None,
) -> None:
    """Analyse creatives with the local pipeline and wait until every ad is settled."""
    results = _analyze(paths, data, Options(extractor, pubsub, disorder), limit_s=limit_s)
    if as_json:
        for result in results:
            sys.stdout.write(result.model_dump_json() + "\n")
    else:
        rendering.show(terminal.output(), results)
    _end(results, strict=strict)


@app.command()
def up(
    data: DataOption = DEFAULT_DATA,
    extractor: ExtractorOption = "auto",
    pubsub: PubsubOption = "auto",
    disorder: DisorderOption = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Of the page; 0 for a free one.")] = 0,
) -> None:
    """Keep the local pipeline running until Ctrl-C, with a page to drop files on; DATA/env holds what reaches it."""
    with terminal.started(data, Options(extractor, pubsub, disorder)) as found:
        if not found.servers:
            raise terminal.failed(f"a pipeline runs on {data} already; its variables are in {data / 'env'}")
        with studio.serving(found, port) as url:
            console = terminal.output()
            for name, value in found.variables.items():
                console.print(f"{name}={value}", markup=False, highlight=False, soft_wrap=True)
            console.print(f"\nReady: open {url}", markup=False)
            console.print(f"In another shell: source {data / 'env'}\nCtrl-C stops it.", markup=False)
            _wait_for_end(found)


@app.command()
def publish(
    file: Annotated[str, typer.Argument(help="CSV with a header, NDJSON, or URLs one a line; - for standard input.")],
    project: Annotated[str | None, typer.Option(help="Google Cloud project; the local pipeline otherwise.")] = None,
    data: DataOption = DEFAULT_DATA,
) -> None:
    """Publish the ads of a list to the topic url-batches, of the local pipeline or of a project."""
    feed = _read_list(file)
    for line in feed.refused:
        terminal.messages.print(f"refused: {line}", style="yellow", markup=False)
    target = project or terminal.attached(data).variables["GOOGLE_CLOUD_PROJECT"]
    with terminal.progress_bar() as progress:
        task = progress.add_task("publishing", total=len(feed.urls))
        feeding.publish(clients.publisher_client(), target, feed.urls, lambda count: progress.advance(task, count))
    terminal.messages.print(f"{len(feed.urls)} ads published, {len(feed.refused)} lines refused")
    if not feed.urls:
        raise typer.Exit(1)


@app.command()
def split(creative_id: CreativeArgument, note: NoteOption = None, data: DataOption = DEFAULT_DATA) -> None:
    """Correct a match: this creative is no duplicate, but its own canonical."""
    _correct(data, creative_id=creative_id, action="split", note=note)


@app.command()
def merge(
    creative_id: CreativeArgument,
    canonical_id: Annotated[str, typer.Argument(help="The creative whose features hold for it.")],
    note: NoteOption = None,
    data: DataOption = DEFAULT_DATA,
) -> None:
    """Correct a match: this creative is a duplicate of another."""
    _correct(data, creative_id=creative_id, action="merge", canonical_id=canonical_id, note=note)


@app.command()
def reset(creative_id: CreativeArgument, note: NoteOption = None, data: DataOption = DEFAULT_DATA) -> None:
    """Take a correction back: what was found by itself holds again."""
    _correct(data, creative_id=creative_id, action="reset", note=note)


@app.command()
def doctor(
    project: Annotated[str | None, typer.Option(help="Google Cloud project; the local pipeline otherwise.")] = None,
    region: Annotated[str, typer.Option(help="Region of the deployment.")] = "europe-west1",
    dataset: Annotated[str, typer.Option(help="BigQuery dataset of the deployment.")] = "creatives",
    canary: Annotated[bool, typer.Option("--canary", help="Send one small creative through the whole chain.")] = False,
    data: DataOption = DEFAULT_DATA,
) -> None:
    """Check a deployment, or the local pipeline, from outside: what is wrong and what to do."""
    local = None if project else terminal.attached(data).variables
    deployment = check.local(local) if local else check.cloud(project or "", region, dataset=dataset)
    console, faults = terminal.output(), 0
    found = itertools.chain(checks(deployment), canary_checks(deployment) if canary else ())
    for each in found:
        faults += each.status is CheckStatus.FAULT
        console.print(f"{each.status:8} {each.what}: {each.found}", markup=False)
        if each.advice:
            console.print(f"{'':8} {each.advice}", style="yellow", markup=False)
    if faults:
        raise typer.Exit(1)


def _correct(data: Path, **correction: str | None) -> None:
    """Publishes an override; like every event it is kept, and the newest one of a creative holds."""
    variables = terminal.attached(data).variables
    _require_known(variables, [id for id in (correction.get("creative_id"), correction.get("canonical_id")) if id])
    try:
        event = Override.model_validate({"event_id": uuid.uuid4().hex, "author": getpass.getuser(), **correction})
    except ValidationError as error:
        raise terminal.failed(explain(error)) from error
    clients.publish(variables["GOOGLE_CLOUD_PROJECT"], [event])
    terminal.messages.print(f"{event.action}: {event.creative_id}")


def _require_known(variables: Mapping[str, str], creative_ids: list[str]) -> None:
    """Ends with a sentence where one of the creatives has not been compared with others, and so has no match yet."""
    client = clients.bigquery_client(variables["GOOGLE_CLOUD_PROJECT"])
    config = bigquery.QueryJobConfig(
        default_dataset=f"{client.project}.{variables['DATASET']}",
        query_parameters=[bigquery.ArrayQueryParameter("ids", "STRING", creative_ids)],
    )
    sql = "SELECT creative_id FROM current_matches WHERE creative_id IN UNNEST(@ids)"
    known = {row["creative_id"] for row in client.query_and_wait(sql, job_config=config)}
    unknown = [creative_id for creative_id in creative_ids if creative_id not in known]
    if unknown:
        raise terminal.failed(f"{unknown[0]}: no such creative; `creatives report` shows each with its id")


def _read_list(file: str) -> feeding.Feed:
    if file == "-":
        return feeding.parse_list(sys.stdin.read(), name="standard input")
    path = Path(file)
    if not path.is_file():
        raise terminal.failed(f"{file}: no such file")
    return feeding.read_list(path)


def _wait_for_end(found: Running) -> None:
    """Waits for Ctrl-C or SIGTERM; a server that ends by itself ends the pipeline with an error."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    while not ended.wait(1):
        for server in found.servers.values():
            if server.process.poll() is not None:
                raise terminal.failed(f"{server.name} ended by itself: see {server.log}")
    terminal.messages.print("stopping")


def _analyze(paths: Sequence[Path], data: Path, options: Options, *, limit_s: float) -> list[AdResult]:
    try:
        feed = feeding.collect(paths)
    except InputError as error:
        raise terminal.failed(str(error)) from error
    for line in feed.refused:
        terminal.messages.print(f"not published: {line}", style="yellow", markup=False)
    if not feed.files and not feed.urls:
        raise terminal.failed("nothing to analyse: the paths hold no files and no URLs")
    with terminal.started(data, options) as found, terminal.progress_bar() as progress:
        task = progress.add_task("analysing", total=len(feed.files) + len(feed.urls))

        def on_progress(results: Sequence[AdResult]) -> None:
            progress.update(task, completed=sum(result.status is not Status.PENDING for result in results))

        return analysis.analyze(found, feed, limit_s=limit_s, on_progress=on_progress)


def _end(results: Sequence[AdResult], *, strict: bool) -> None:
    failed = any(result.status is Status.FAILED for result in results)
    if strict and failed:
        raise typer.Exit(1)
