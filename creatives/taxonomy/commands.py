"""`creatives taxonomy check FILE` and `try FILE PATHS`: a taxonomy before anything is asked, or deployed, by it."""

import json
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel
from rich.table import Table

from creatives import amounts, printable, terminal
from creatives.analysis import inputs
from creatives.analysis.inputs import InputError
from creatives.extraction import estimate as estimating
from creatives.extraction.evaluation import LabelError, NoAnswerError
from creatives.taxonomy import checking, trying
from creatives.taxonomy.checking import Asking, Near
from creatives.taxonomy.trying import Tried
from creatives.terminal import DEFAULT_DATA, DataOption, ExtractorOption
from functions.extract.extractors import registry
from functions.extract.settings import ExtractSettings
from local.chosen import Options
from local.processes import ServerError
from shared import clients, features, prices
from shared.events import Kind
from shared.settings import SettingsError
from shared.tables.growth import SchemaChangeError


class Action(StrEnum):
    """What is done with a taxonomy."""

    CHECK = "check"
    TRY = "try"


def taxonomy(
    action: Annotated[Action, typer.Argument(help="check: its faults, cost and limits. try: ask a few creatives.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The taxonomy, as docs/taxonomy.md says: YAML.")],
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[PATH]...", help="Of try: files, folders and zips with creatives.")
    ] = None,
    most: Annotated[int, typer.Option(min=1, max=100, help="Of try: so many creatives at most.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON: one object, or one a creative.")] = False,
    extractor: ExtractorOption = "auto",
    model: Annotated[str | None, typer.Option("--model", help="Instead of the extractor's, e.g. GEMINI_MODEL.")] = None,
    data: DataOption = DEFAULT_DATA,
) -> None:
    """Say what a taxonomy asks, costs and comes near to; or ask a few creatives by it. Nothing is deployed."""
    try:
        asked = features.load(_name(file))
        if action is Action.CHECK:
            new = checking.new_columns(asked, checking.columns_in(data))
            _check(file, asked, new, estimating.settings(extractor, model, features=_name(file)), as_json=as_json)
        else:
            _try(file, asked, paths or [], most, extractor, data, as_json=as_json)
    except (SettingsError, SchemaChangeError, LabelError, NoAnswerError, InputError, ServerError) as error:
        raise terminal.failed(str(error)) from error


def _name(file: Path) -> str:
    """The file as a setting names it: by that it is known for a taxonomy."""
    if not features.is_taxonomy(file.name):
        raise SettingsError(f"{file}: a taxonomy's file ends in .yaml")
    return str(file)


def _check(
    file: Path, asked: type[BaseModel], new: Mapping[str, str], settings: ExtractSettings, *, as_json: bool
) -> None:
    today = datetime.now(UTC).date()
    asking = {kind: checking.asking(kind, asked, settings, today) for kind in Kind}
    limits = [near for near in checking.limits(asked, settings) if near.is_near]
    if as_json:
        terminal.write_json(json.dumps(_facts(asked, settings, new, asking, limits), default=amounts.as_json))
    else:
        _show(file, asked, settings, new, asking)
        for near in limits:
            said = f"{'over' if near.is_over else 'near'} the limit: {near.has:,} {near.what}, of {near.limit:,}"
            terminal.output().print(f"{said} ({near.source})", style="red" if near.is_over else "yellow", markup=False)
    if any(near.is_over for near in limits):
        raise typer.Exit(1)


def _facts(
    asked: type[BaseModel],
    settings: ExtractSettings,
    new: Mapping[str, str],
    asking: Mapping[Kind, Asking],
    limits: list[Near],
) -> dict[str, object]:
    return {
        "feature_model": features.name_of(asked),
        "feature_version": features.version_of(asked),
        "extractor": settings.chosen_extractor,
        "model": settings.chosen_model,
        "new_columns": new,
        "evidence": _quoted(asked),
        **{
            f"{kind}s": {
                "fields": each.fields,
                "input_tokens": each.input_tokens,
                "output_tokens": each.output_tokens,
                "usd_per_1000": each.usd,
                "built_in_usd_per_1000": each.built_in_usd,
            }
            for kind, each in asking.items()
        },
        "near_limits": [{"what": n.what, "has": n.has, "limit": n.limit, "over": n.is_over} for n in limits],
    }


def _show(
    file: Path,
    asked: type[BaseModel],
    settings: ExtractSettings,
    new: Mapping[str, str],
    asking: Mapping[Kind, Asking],
) -> None:
    console = terminal.output()
    name = features.name_of(asked)
    console.print(f"{file}: {name}, version {features.version_of(asked)}", markup=False, highlight=False)
    columns = ", ".join(f"{name} {kind}" for name, kind in new.items()) or "none"
    console.print(f"new columns: {columns}", markup=False, highlight=False, soft_wrap=True)
    quoted = ", ".join(_quoted(asked)) or "nothing"
    console.print(f"looked for in the creative: {quoted}", markup=False, highlight=False, soft_wrap=True)
    titles = ("of a thousand", "fields", "tokens in", "out", "cost", "built-in features")
    shown = Table(*titles, title=f"{settings.chosen_model or 'offline'}", title_justify="left")
    for kind, each in asking.items():
        what = "images" if kind is Kind.IMAGE else f"videos of {checking.VIDEO_S:.0f} s"
        read = "unknown" if each.input_tokens is None else f"{each.input_tokens:,}"
        written = f"{each.output_tokens or 0:,}"
        money = (checking.cents(each.usd), checking.cents(each.built_in_usd))
        shown.add_row(what, str(each.fields), read, written, *money)
    console.print(shown)


def _quoted(asked: type[BaseModel]) -> list[str]:
    found = (path for kind in Kind for path in features.verifiable_fields(features.model_for(kind, asked)))
    return list(dict.fromkeys(found))


def _try(
    file: Path,
    asked: type[BaseModel],
    paths: list[Path],
    most: int,
    extractor: str,
    data: Path,
    *,
    as_json: bool,
) -> None:
    with tempfile.TemporaryDirectory(prefix="creatives-") as scratch:
        feed = inputs.collect(paths, Path(scratch))
        files = [each.path for each in feed.files if not each.refusal][:most]
        if not files:
            raise SettingsError("nothing to try it on: name files, folders or zips with creatives")
        with terminal.started(data, Options(extractor)) as found:
            settings = ExtractSettings.load(extractor=extractor, features=str(file))
            client = clients.storage_client(settings.google_cloud_project)
            # Not the creatives' bucket: what is put there is an ad, to be analysed and paid for.
            bucket = client.bucket(found.variables["STAGING_BUCKET"])
            spent = Decimal(0)
            for each in trying.tried(registry.extractor(settings), files, bucket, asked):
                _show_answer(each, as_json=as_json)
                spent += _usd(each, settings)
    if not as_json and spent:
        terminal.output().print(f"${spent:.4f} spent")


def _usd(tried: Tried, settings: ExtractSettings) -> Decimal:
    """What an answer cost; 0 where nothing is paid for, or no price is known."""
    if tried.usage is None or settings.chosen_model is None:
        return Decimal(0)
    price = prices.cost(settings.chosen_model, settings.extraction_mode, tried.usage, datetime.now(UTC).date())
    return price.usd if price else Decimal(0)


def _show_answer(tried: Tried, *, as_json: bool) -> None:
    name = printable.line(str(tried.file))
    if as_json:
        said: dict[str, Any] = {"file": name, "features": tried.answer, "rejected": tried.rejected}
        terminal.write_json(json.dumps({**said, "unusable": list(tried.unusable)}))
        return
    if tried.answer is None:
        terminal.output().print(f"{name}: {tried.rejected}", style="yellow", markup=False)
        return
    shown = Table("field", "answer", title=name, title_justify="left")
    for field, value in tried.answer.items():
        shown.add_row(field, _shown(value, unusable=field in tried.unusable))
    terminal.output().print(shown)


def _shown(value: object, *, unusable: bool) -> str:
    if value is None:
        return "– (its answer could not be used)" if unusable else "–"
    return printable.line(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


COMMANDS = (taxonomy,)
