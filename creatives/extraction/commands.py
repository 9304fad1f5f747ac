"""Commands about extraction itself: what it would cost, how good it is, and doing it again."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, NamedTuple

import typer
from rich.table import Table

from creatives import amounts, terminal, written
from creatives.analysis import addresses, inputs
from creatives.analysis.commands import tell
from creatives.analysis.inputs import InputError
from creatives.extraction import estimate as estimating
from creatives.extraction import evaluation, judging, reextraction
from creatives.extraction.estimate import Estimate, Measured
from creatives.extraction.evaluation import LabelError, NoAnswerError, Report
from creatives.extraction.judging import Change
from creatives.extraction.reextraction import Choice
from creatives.operations.tables import Tables
from creatives.terminal import (
    DEFAULT_DATA,
    DataOption,
    ExtractorOption,
    IdColumnOption,
    TaxonomyOption,
    UrlColumnsOption,
    column_choice,
)
from functions.extract.extractors import registry
from functions.extract.settings import ExtractSettings
from local import reading
from local.chosen import Options
from shared import clients, columns, features
from shared.counting import many, the_first
from shared.events import Kind
from shared.reasons import Rejected, sentence
from shared.settings import SettingsError

_TOLD = 3  # of names

ModelOption = Annotated[str | None, typer.Option("--model", help="Instead of the extractor's, e.g. GEMINI_MODEL.")]


def estimate(
    paths: Annotated[
        list[Path], typer.Argument(help="Files, folders, zips, or lists of URLs (CSV, Excel, JSON, text).")
    ],
    extractor: ExtractorOption = "auto",
    model: ModelOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    id_column: IdColumnOption = None,
    url_columns: UrlColumnsOption = None,
    taxonomy: TaxonomyOption = None,
) -> None:
    """Say what analysing these would take in tokens and money, before anything is paid or sent."""
    measured, left_out = _measured(paths, column_choice(id_column, url_columns))
    asked = {"features": str(taxonomy)} if taxonomy else {}
    try:
        settings = estimating.settings(extractor, model, **asked)
        embedding_model = estimating.embedding_settings().embedding_model
        found = estimating.estimate(measured, settings, datetime.now(UTC).date(), embedding_model)
    except SettingsError as error:
        raise terminal.failed(str(error)) from error
    if as_json:
        terminal.write_json(json.dumps(_facts(found, left_out), default=amounts.as_json))
        return
    _show_estimate(found, left_out)


class _LeftOut(NamedTuple):
    """Ads that the estimate is not about.

    Attributes:
        unusable: those that cannot be analysed.
        same_address: those of an address that another ad has.
    """

    unusable: int = 0
    same_address: int = 0


def _measured(paths: list[Path], choice: columns.Choice) -> tuple[list[Measured], _LeftOut]:
    """The creatives that the paths name, and how many ads are none of them; what is unusable is told by name.

    An address is a picture until it is fetched, and counts once.
    """
    with tempfile.TemporaryDirectory(prefix="creatives-") as scratch:
        try:
            feed = inputs.collect(paths, Path(scratch), choice)
        except InputError as error:
            raise terminal.failed(str(error)) from error
        found = [_of_file(each) for each in feed.files]
    tell(feed)
    of_ads = [ad.url for ad in feed.urls if ad.url]
    written = sorted(set(of_ads))
    found += [_of_address(*each) for each in zip(written, estimating.behind(written), strict=True)]
    found += [(ad.ad_id, None) for ad in feed.urls if not ad.url]
    _tell_unusable([name for name, measured in found if measured is None])
    usable = [measured for _, measured in found if measured]
    return usable, _LeftOut(len(found) - len(usable), len(of_ads) - len(written))


def _of_file(file: inputs.File) -> tuple[str, Measured | None]:
    """The file, with what is wrong with it, or as far as its price depends on it."""
    if file.refusal:
        return f"{file.ad_id}: {file.refusal.detail}", None
    try:
        return file.ad_id, estimating.measure(file.path)
    except Rejected as rejected:
        said, _, _ = sentence(rejected.reason).partition(". ")
        return f"{file.ad_id}: {said}", None


def _of_address(url: str, there: Measured | str) -> tuple[str, Measured | None]:
    """The address, with why it will not be opened where that is known."""
    name = addresses.shown(url)
    return (f"{name}: {there.rstrip('.')}", None) if isinstance(there, str) else (name, there)


def _tell_unusable(names: Sequence[str]) -> None:
    if names:
        first = the_first(names, _TOLD, "; ")
        told = f"cannot be analysed, and cost nothing: {many(len(names), 'ad')} ({first})"
        terminal.messages.print(told, style="yellow", markup=False, highlight=False)


def _facts(found: Estimate, left_out: _LeftOut) -> dict[str, object]:
    return {
        "extractor": found.extractor,
        "model": found.model,
        "mode": found.mode,
        "images": found.images,
        "videos": found.videos,
        "video_s": round(found.video_s, 1),
        "same_bytes": found.same_bytes,
        "same_address": left_out.same_address,
        "unusable": left_out.unusable,
        "input_tokens": found.usage.input_tokens,
        "output_tokens": found.usage.output_tokens,
        "embedding_model": found.vectors and found.vectors.model,
        "embedding_tokens": found.vectors and found.vectors.usage.input_tokens,
        "embedding_usd": found.vectors and found.vectors.usd,
        "usd": found.usd,
    }


def _show_estimate(found: Estimate, left_out: _LeftOut) -> None:
    shown = Table(box=None, show_header=False, pad_edge=False)
    films = f"{many(found.videos, 'video')} ({found.video_s:.0f} s)"
    shown.add_row("to analyse", f"{many(found.images, 'image')}, {films}")
    same = f"{many(found.same_bytes, 'file')} of the same bytes as another"
    if left_out.same_address:
        same += f", {many(left_out.same_address, 'ad')} of the same address"
    shown.add_row("not paid for", f"{same}, {left_out.unusable} that cannot be analysed")
    read = "unknown" if found.usage.input_tokens is None else f"{found.usage.input_tokens:,}"
    shown.add_row("tokens", f"{read} in, about {found.usage.output_tokens:,} out")
    shown.add_row("model", f"{found.model}, {found.mode}, by {found.extractor}")
    if found.vectors:
        n_tokens = found.vectors.usage.input_tokens
        tokens = "unknown tokens" if n_tokens is None else many(n_tokens, "token")
        made = f"{tokens} by {found.vectors.model}"
        shown.add_row("vectors", f"{made}: {_money(found.vectors.usd)}, in the sum below")
    shown.add_row("money", _money(found.usd))
    console = terminal.output()
    console.print(shown)
    if found.unseen:
        console.print(f"{found.unseen} URLs count as images: what they are is only known once fetched.", style="dim")
    console.print(
        "Near-duplicates are found later and not paid for, but where a better copy comes after one was.", style="dim"
    )
    if found.warning:
        console.print(found.warning, style="yellow", markup=False)


def _money(usd: Decimal | None) -> str:
    return "unknown: shared/prices.yaml does not say" if usd is None else f"about ${usd:.4f}"


def evaluate(
    labels: Annotated[
        Path | None,
        typer.Argument(exists=True, help='NDJSON: {"file": "one.jpg", "features": {"brand": "Vanta"}} a line.'),
    ] = None,
    corrections: Annotated[
        bool, typer.Option("--corrections", help="By what people corrected and confirmed, instead of labels.")
    ] = False,
    gate: Annotated[
        bool, typer.Option("--gate", help="With --corrections: exit 1 when a field is worse beyond chance.")
    ] = False,
    baseline: Annotated[
        Path | None, typer.Option(exists=True, help="JSON of an earlier run; says which fields got worse.")
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option(metavar="FILE", callback=written.file, help="Keep this run's figures there, to be a baseline."),
    ] = None,
    tolerance: Annotated[float, typer.Option(help="How much accuracy a field may lose.")] = 0.0,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 when a field got worse than the baseline.")] = False,
    data: DataOption = DEFAULT_DATA,
    extractor: ExtractorOption = "auto",
    taxonomy: TaxonomyOption = None,
) -> None:
    """Run an extractor over labelled creatives, or those that people corrected, and print its accuracy per field."""
    if (labels is None) != corrections or (gate and not corrections):
        raise terminal.failed("evaluate takes a file of labels, or --corrections, with which --gate goes")
    asked = {"extractor": extractor} | ({"features": str(taxonomy)} if taxonomy else {})
    if corrections:
        reading.dataset_in(data)  # not a new one, in which nobody can have said anything
    with terminal.started(data, Options(extractor)) as found:
        if labels is None:
            report, changes = _evaluate_by_people(found.variables, asked)
        else:
            # Not the creatives' bucket: what is put there is an ad, to be analysed and paid for.
            report, changes = _evaluate(found.variables["STAGING_BUCKET"], labels, asked), {}
    _show_report(report)
    _show_changes(changes)
    if gate and not _passes(changes):
        raise typer.Exit(1)
    if save:
        with written.opened(save) as file:
            file.write(f"{json.dumps(report.baseline(), indent=2)}\n".encode())
    worse = report.worse_than(json.loads(baseline.read_text()), tolerance=tolerance) if baseline else {}
    for name, (before, now) in worse.items():
        terminal.output().print(f"worse: {name}, {before:.0%} before, {now:.0%} now", style="red")
    if worse and strict:
        raise typer.Exit(1)


def _evaluate(bucket_name: str, labels: Path, asked: Mapping[str, str]) -> Report:
    try:
        settings = ExtractSettings.load(**asked)
        bucket = clients.storage_client(settings.google_cloud_project).bucket(bucket_name)
        requested = evaluation.stored_in(bucket, labels.parent)
        model = features.load(settings.features)
        return evaluation.evaluate(registry.extractor(settings), evaluation.read_labels(labels), requested, model)
    except (LabelError, NoAnswerError, SettingsError, OSError) as error:
        raise terminal.failed(str(error)) from error


def _evaluate_by_people(variables: Mapping[str, str], instead: Mapping[str, str]) -> tuple[Report, dict[str, Change]]:
    """How the extractor does on what people had a word on, and beside the answers that they saw."""
    try:
        settings = ExtractSettings.load(**instead)
        client = clients.bigquery_client(settings.google_cloud_project)
        asked, model = registry.extractor(settings), features.load(settings.features)
        rows = judging.asked(judging.rows(client, f"{client.project}.{variables['DATASET']}"), model)
        if not rows:
            raise terminal.failed(
                "nobody has corrected or confirmed anything that is asked: `creatives review` and `correct` do"
            )
        requests = {row["creative_id"]: judging.request(row) for row in rows}
        report = evaluation.evaluate(asked, judging.labels(rows), requests.__getitem__, model)
    except (NoAnswerError, SettingsError) as error:
        raise terminal.failed(str(error)) from error
    return report, judging.changes(rows, report)


def _show_changes(changes: Mapping[str, Change]) -> None:
    """How the answers compare with those that people saw, by field."""
    if not changes:
        return
    columns = ("field", "right before and now", "newly right", "newly wrong", "so many wrong by chance")
    shown = Table(*columns, title="beside the answers that people saw", title_justify="left")
    for name, change in changes.items():
        counts = (change.kept, change.gained, change.lost)
        shown.add_row(name, *map(str, counts), f"{change.chance:.3f}", style="red" if change.worse else None)
    terminal.output().print(shown)


def _passes(changes: Mapping[str, Change]) -> bool:
    """Whether no field is worse beyond chance; says so in words."""
    worse = [name for name, change in changes.items() if change.worse]
    least = judging.least_lost(len(changes))
    if worse:
        terminal.say(f"gate: failed: worse beyond chance are {', '.join(worse)}")
    else:
        terminal.say(
            f"gate: passed: no field is worse beyond chance (fewer than {least} newly wrong in a field never are)"
        )
    return not worse


def _show_report(report: Report) -> None:
    columns = ("field", "accuracy", "labelled", "missed", "invented", "wrong")
    shown = Table(*columns, title=f"{report.extractor} ({report.model})", title_justify="left")
    for name, score in report.fields.items():
        counts = (score.labelled, score.missed, score.invented, score.wrong)
        shown.add_row(name, f"{score.accuracy:.0%}", *map(str, counts))
    terminal.output().print(shown)
    if report.paid:
        usd = report.usd(datetime.now(UTC).date())
        money = "an amount that is not known" if usd is None else f"${usd:.4f}"
        terminal.output().print(f"{len(report.paid)} answers cost {money}")
    for file, reason in report.rejected.items():
        terminal.output().print(f"{file}: {reason}", style="yellow", markup=False)


def reextract(
    creative_ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="All, without any.")] = None,
    kind: Annotated[Kind | None, typer.Option(help="Only images or only videos.")] = None,
    outdated: Annotated[bool, typer.Option("--outdated", help="Only where model, prompt or features changed.")] = False,
    failed: Annotated[bool, typer.Option("--failed", help="Only where extraction failed.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask after the estimate.")] = False,
    data: DataOption = DEFAULT_DATA,
) -> None:
    """Extract again, after an estimate: history is kept, and an answer that stands already is not paid for twice."""
    variables = terminal.attached(data, Options()).variables
    project = variables["GOOGLE_CLOUD_PROJECT"]
    settings = ExtractSettings.load()
    dataset = f"{project}.{variables['DATASET']}"
    ids = terminal.whole_ids(Tables.of(dataset), *(creative_ids or ()))
    choice = Choice(ids, kind, outdated_only=outdated, failed_only=failed)
    question = registry.question(settings, registry.extractor(settings))
    requests = reextraction.requests(clients.bigquery_client(project), dataset, choice, question)
    asked = {
        each.creative_id for each in reextraction.outdated(clients.bigquery_client(project), dataset, choice, question)
    }
    paid = [each for each in requests if each.creative_id in asked]
    _show_estimate(estimating.estimate(reextraction.measured(paid), settings, datetime.now(UTC).date()), _LeftOut())
    if answered := len(requests) - len(paid):
        told = many(answered, "creative has", "creatives have")
        terminal.messages.print(
            f"{told} an answer to this very question by this model: it is taken again, nothing is asked or paid"
        )
    again = f"Extract {many(len(requests), 'creative')} again?"
    if requests and (yes or terminal.agreed(again, otherwise="nothing is extracted")):
        clients.publish(project, requests)
        terminal.messages.print(f"{many(len(requests), 'request')} published")


COMMANDS = (estimate, evaluate, reextract)
