"""`creatives results`, `works` and `fatigue`: what ads got, what goes with better results, and what wears out."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from google.api_core.exceptions import GoogleAPIError
from google.auth.exceptions import GoogleAuthError

from creatives import amounts, terminal
from creatives.analysis import run
from creatives.analysis.commands import read_list, tell
from creatives.results import loading
from creatives.terminal import (
    DEFAULT_DATA,
    CurrencyOption,
    DataOption,
    DatasetOption,
    DateOrderOption,
    IdColumnOption,
    MostUsdOption,
    ProjectOption,
)
from local import chosen
from shared import clients
from shared.columns import Choice
from shared.counting import many, verb
from shared.results.kept import Results

if TYPE_CHECKING:
    from pydantic import BaseModel

    from creatives.operations.tables import Tables
    from local.running import Running

type Row = dict[str, Any]

_FOLDER = Path(__file__).parent
_NOTHING_CERTAIN = "nothing is certain: --all lists what was looked at"
_NONE_WORN = "no creative wears out for certain: --all lists the others"
_NO_RESULTS = (
    "nothing was looked at: it takes results by day of ads that were analysed; `creatives results FILE` brings them in"
)

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object a line on stdout, nothing else.")]


def results(
    file: Annotated[str, typer.Argument(help="An export with ads' ids and results (CSV, Excel, JSON); - for stdin.")],
    project: ProjectOption = None,
    dataset: DatasetOption = "creatives",
    data: DataOption = DEFAULT_DATA,
    id_column: IdColumnOption = None,
    currency: CurrencyOption = None,
    date_order: DateOrderOption = None,
) -> None:
    """Bring in what ads got: impressions, clicks, money and more, of Meta, Google, TikTok, DV360 or a list of yours.

    The newest row of an ad, day, network and place holds: an export may be brought in again.
    """
    feed = read_list(file, Choice(id_column, of_results=True, day_order=date_order), currency)
    tell(feed)
    if not feed.results:
        raise terminal.failed(f"{file}: it has columns of results, and no number of any ad in them")
    if project:
        bring_in(feed.results, project, dataset)
    else:
        with terminal.filled(data) as found:
            project, dataset = found.variables["GOOGLE_CLOUD_PROJECT"], found.variables["DATASET"]
            bring_in(feed.results, project, dataset)
            _measure(found)
            _tell_unknown(f"{project}.{dataset}", feed.results.runs)
            _tell_overlapping(f"{project}.{dataset}", feed.results.runs)
    rows, ads = many(len(feed.results), "row"), many(feed.results.n_ads, "ad")
    terminal.messages.print(f"{rows} of results of {ads}")


def _measure(found: "Running") -> None:
    """Has the pipeline measure what works, or does it here where none runs."""
    if found.servers:  # of this process: the tables alone
        loading.measure(clients.bigquery_client(found.variables["GOOGLE_CLOUD_PROJECT"]))
    else:
        run.measure(found)


def _tell_unknown(dataset: str, runs: Sequence[str]) -> None:
    """Says which ads with results are none that were analysed here: their numbers are nobody's."""
    from creatives.operations.tables import Tables

    for told in loading.unknown(Tables.of(dataset, _FOLDER), runs):
        terminal.messages.print(told, markup=False)


def _tell_overlapping(dataset: str, runs: Sequence[str]) -> None:
    """Says which ads were reported twice for the same time, once in less detail: adding all rows counts them twice."""
    from creatives.operations.tables import Tables

    (found,) = Tables.of(dataset, _FOLDER).ask("overlapping", runs=runs)
    if found["n_rows"]:
        terminal.messages.print(
            f"{many(found['n_rows'], 'row')} of {many(found['ads'], 'ad')}, e.g. {', '.join(found['ad_ids'])}, "
            f"{verb(found['n_rows'], 'tells', 'tell')} in less detail what others of the same ad and time tell "
            "(by day, network, placement or creative): "
            "the page and all claims leave that out; creative_daily adds it, and counts it in n_overlapping",
            markup=False,
        )


def bring_in(rows: Results, project: str, dataset: str) -> None:
    """Loads results, and shows how far it is."""
    with terminal.progress_bar() as progress:
        task = progress.add_task("results", total=len(rows))
        try:
            client = clients.bigquery_client(project)
            loading.load(client, f"{project}.{dataset}", rows, lambda n: progress.advance(task, n))
        except (GoogleAPIError, GoogleAuthError) as error:
            raise terminal.failed(f"the results could not be loaded into {project}.{dataset}: {error}") from error


def works(
    pairs: Annotated[
        list[str] | None,
        typer.Option("--pair", metavar="A,B", help="Two features: do they go with more together? May be repeated."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Also what is no claim.")] = False,
    as_json: JsonOption = False,
    most_usd: MostUsdOption = 1.0,
    project: ProjectOption = None,
    dataset: DatasetOption = "creatives",
    data: DataOption = DEFAULT_DATA,
) -> None:
    """List which features go with better results, within campaigns and networks; the cause they need not be."""
    with _asked(data, project, dataset, most_usd) as tables:
        found = _together(tables, pairs, None if project else data) if pairs else tables.ask("works")
        if every and not pairs and not as_json:
            _tell_alike(tables, None if project else data)
        rows = [row for row in found if every or row["verdict"] != "no claim"]
        otherwise = _NOTHING_CERTAIN if found else _nothing(tables, "creatives")
    _show(rows, as_json, pair if pairs else claim, otherwise)


def fatigue(
    every: Annotated[bool, typer.Option("--all", help="Also those that are fresh or too thin.")] = False,
    as_json: JsonOption = False,
    most_usd: MostUsdOption = 1.0,
    project: ProjectOption = None,
    dataset: DatasetOption = "creatives",
    data: DataOption = DEFAULT_DATA,
) -> None:
    """List the creatives that wear out, each over all ads that show it: since when, and how much they lost."""
    with _asked(data, project, dataset, most_usd) as tables:
        found = tables.ask("fatigue")
        rows = [row for row in found if every or row["state"] in ("wearing", "worn")]
        otherwise = _NONE_WORN if found else _nothing(tables, "creatives_by_day")
    _show(rows, as_json, _state, otherwise)


def _nothing(tables: "Tables", wanted: str) -> str:
    """Why nothing was looked at: nobody who has brought results in is told to do so."""
    (brought,) = tables.ask("brought")
    ads = many(brought["ads"], "ad")
    if not brought["ads"]:
        return _NO_RESULTS
    if not brought["creatives"]:
        return f"nothing was looked at: of the {ads} with results none was analysed here by the same id"
    if not brought[wanted]:
        return f"nothing was looked at: the results of {ads} tell no day; it takes such by day"
    few = many(brought[wanted], "creative")
    return f"nothing was looked at yet: results of {few} are too few, or were not measured since they were brought in"


@contextmanager
def _asked(data: Path, project: str | None, dataset: str, most_usd: float) -> Iterator["Tables"]:
    """The dataset, and the questions that stand beside this file."""
    with terminal.asked(data, project, dataset, most_usd) as tables:
        yield tables.within(_FOLDER)


def _tell_alike(tables: "Tables", data: Path | None) -> None:
    """Says which features nothing can be compared by, as no two creatives with results tell them differently."""
    from functions.measure import lifts

    measured = _measured(tables, data)
    if found := lifts.alike(*measured):
        told = ", ".join(
            f"{name} ({value} of all {many(n, 'creative that tells', 'creatives that tell')})"
            for name, (value, n) in found.items()
        )
        terminal.messages.print(f"nothing is compared by {told}", markup=False)
    if apart := lifts.apart(*measured):
        told = f"{', '.join(apart)}: within each campaign and network all creatives tell the same"
        terminal.messages.print(f"nothing is compared by {told}", markup=False)


def _measured(tables: "Tables", data: Path | None) -> tuple[list[Row], list[Any], type["BaseModel"]]:
    """What is compared: results by campaign, the creatives as people corrected them, and the feature model."""
    from functions.measure import measuring

    of_measure = tables.within(Path(measuring.__file__).parent)
    asked = chosen.variables(data).get("FEATURES") if data else None
    creatives, model = measuring.with_corrections(of_measure.ask("creatives"), asked)
    return of_measure.ask("by_campaign"), creatives, model


def _together(tables: "Tables", pairs: Sequence[str], data: Path | None) -> list[Row]:
    """What the pairs of features go with, computed now: nobody looks at all pairs, so no table has them."""
    from functions.measure import lifts

    named = [tuple(name.strip() for name in told.split(",")) for told in pairs]
    if wrong := [told for told, names in zip(pairs, named, strict=True) if len(names) != 2 or len({*names, ""}) != 3]:
        raise typer.BadParameter(f"{wrong[0]!r} is not two features with a comma between, as in has_promotion,style")
    try:
        found = lifts.interactions(*_measured(tables, data), [(one, two) for one, two in named])
    except lifts.UnknownFeatureError as error:
        raise typer.BadParameter(str(error)) from error
    return [asdict(each) for each in sorted(found, key=lambda each: each.verdict == "no claim")]


def _show(rows: Sequence[Row], as_json: bool, line: Callable[[Row], str], none: str) -> None:
    for row in rows:
        if as_json:
            terminal.write_json(json.dumps(row, default=amounts.as_json))
        else:
            terminal.write_line(line(row))
    if not rows and not as_json:
        terminal.messages.print(none)


def claim(row: Row) -> str:
    """A comparison in a line."""
    unit = f" ({row['currency'] or 'currency not told'})" if "cost" in row["metric"] else ""
    found = f"{row['metric']}{unit}: {row['feature']} {row['value']}: {_percent(row['effect'])}"
    return f"{found}{_between(row)}, {many(row['n_with'], 'creative')} beside {row['n_without']}: {_verdict(row)}"


def _verdict(row: Row) -> str:
    """With why nothing is claimed, where that is known."""
    from functions.measure.lifts import LEAST_CREATIVES, LEAST_EVENTS

    reason = row.get("reason")  # a project may have tables of an earlier version
    if reason == "too few creatives" and "equal_least" in row:
        least = f"as sure as {row['equal_least']:.1f} of equal weight"
        return f"no claim, too few creatives: one of the four groups is {least}, {LEAST_CREATIVES:.0f} are needed"
    if reason == "too few creatives":
        there = " and ".join(f"{row[side]:.1f}" for side in ("equal_with", "equal_without"))
        return f"no claim, too few creatives: as sure as {there} of equal weight, {LEAST_CREATIVES:.0f} each are needed"
    if reason == "too few events":
        return f"no claim, too few events: {LEAST_EVENTS} each are needed"
    return "no claim, measured and uncertain" if reason else str(row["verdict"])


def pair(row: Row) -> str:
    """What a pair of features goes with, in a line."""
    found = f"{row['metric']}: {row['feature']} {row['value']}: {_percent(row['lift_with'])} beside {row['beside']}"
    groups = " and ".join(f"{one} and {other}" for one, other in (row["n_with"], row["n_without"]))
    told = f"{found} {row['beside_value']}, {_percent(row['lift_without'])} without"
    return f"{told}: {_percent(row['effect'])}{_between(row)}, {groups} creatives: {_verdict(row)}"


def _state(row: Row) -> str:
    since = f" since {row['since']}" if row["since"] else ""
    told = f"{row['canonical_id']}  {row['metric']}: {row['state']}{since}"
    by_age = f"{told}, {_percent(row['change'])}{_between(row)}, {many(row['n_ads'], 'ad')}, {many(row['days'], 'day')}"
    if row["change_by_impressions"] is None:
        return by_age
    by_impressions = f"{_percent(row['change_by_impressions'])}{_between(row, '_by_impressions')}"
    return f"{by_age}; {by_impressions} from the first to the last of {many(row['impressions'], 'impression')}"


def _between(row: Row, what: str = "") -> str:
    low, high = row[f"low{what}"], row[f"high{what}"]
    return "" if low is None else f" ({_percent(low)} to {_percent(high)})"


def _percent(ratio: float | None) -> str:
    return "unknown" if ratio is None else f"{100 * ratio:+.1f} %"


COMMANDS = (results, works, fatigue)
