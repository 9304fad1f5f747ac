"""Commands to look after a pipeline, the local one or a project's: how it stands, what failed, and trying again."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from google.api_core.exceptions import GoogleAPIError
from google.auth.exceptions import GoogleAuthError
from rich.table import Table

from creatives import printable, terminal
from creatives.analysis.results import Status
from creatives.operations import failures as failing
from creatives.operations import replay as replaying
from creatives.operations import status as standing
from creatives.operations.failures import Choice, Failed
from creatives.operations.replay import Left, Message, Plan, Replayer
from creatives.operations.status import PipelineStatus
from creatives.operations.tables import Tables
from creatives.terminal import (
    DEFAULT_DATA,
    DEFAULT_NAME,
    DataOption,
    DatasetOption,
    MostUsdOption,
    NameOption,
    ProjectOption,
)
from local.processes import ServerError
from shared import clients, wiring
from shared.counting import many, verb
from shared.reasons import GAVE_UP, Reason

ReasonsOption = Annotated[list[str] | None, typer.Option("--reason", help="Only of this reason; may be repeated.")]
StagesOption = Annotated[list[str] | None, typer.Option("--stage", help="Only of this stage; may be repeated.")]
SinceOption = Annotated[datetime | None, typer.Option("--since", help="Only what happened then or later, in UTC.")]
UntilOption = Annotated[datetime | None, typer.Option("--until", help="Only what happened before, in UTC.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON on stdout, nothing else.")]


def status(
    project: ProjectOption = None,
    dataset: DatasetOption = "creatives",
    as_json: JsonOption = False,
    now: Annotated[bool, typer.Option("--now", help="Count now, which reads all rows that a project has.")] = False,
    most_usd: MostUsdOption = 1.0,
    data: DataOption = DEFAULT_DATA,
) -> None:
    """Say where all ads are, what failed why, what waits since when, and what it cost."""
    with terminal.asked(data, project, dataset, most_usd, and_files=True) as tables:
        found = standing.read(tables, datetime.now(UTC).date(), kept=project is not None and not now)
    if as_json:
        terminal.write_json(found.model_dump_json())
        return
    _show_status(found)


def failures(
    reasons: ReasonsOption = None,
    stages: StagesOption = None,
    since: SinceOption = None,
    ads: Annotated[list[str] | None, typer.Option("--ad", help="Only of this ad; may be repeated.")] = None,
    most: Annotated[int, typer.Option("--limit", min=1, help="The newest so many.")] = 1000,
    as_json: JsonOption = False,
    most_usd: MostUsdOption = 1.0,
    project: ProjectOption = None,
    dataset: DatasetOption = "creatives",
    data: DataOption = DEFAULT_DATA,
) -> None:
    """List the ads that failed, a line each: why, the object or URL concerned, and what to do."""
    choice = _choice(reasons, stages, ads, since, None, most)
    with terminal.asked(data, project, dataset, most_usd, and_files=True) as tables:
        found = [failed.shown() for failed in failing.read(tables, choice)]
    for failed in found:
        if as_json:
            terminal.write_json(failed.model_dump_json())
        else:
            terminal.write_line(_line(failed))
    if not found and not as_json:
        terminal.messages.print(
            "no ad failed" if choice == _choice(None, None, None, None, None, most) else "no such ad failed"
        )
    if len(found) == most:
        terminal.messages.print(f"the newest {most} are listed: --limit shows more")


def replay(
    reasons: ReasonsOption = None,
    stages: StagesOption = None,
    ids: Annotated[
        list[str] | None, typer.Option("--id", help="Of an ad, creative, event, batch or dead letter; repeatable.")
    ] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be published.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    most_usd: MostUsdOption = 1.0,
    project: ProjectOption = None,
    dataset: DatasetOption = "creatives",
    name: NameOption = DEFAULT_NAME,
    data: DataOption = DEFAULT_DATA,
) -> None:
    """Send what failed or was given up back into the stage where it failed; may be repeated safely.

    Ads whose files or addresses are at fault would only fail again: they are sent when a reason or an id names them.
    """
    choice = _choice(reasons, stages, ids, since, until, failing.MOST)
    running, deployment = not dry_run and project is None, name if project else ""
    with _running(data) if running else terminal.asked(data, project, dataset, most_usd, and_files=True) as tables:
        plan = _plan(tables, choice, deployment, named=bool(reasons or ids))
        _show_plan(plan, planned=dry_run)
        if dry_run or not plan.messages:
            return
        if yes or terminal.agreed(f"Publish {many(len(plan.messages), 'message')}?", otherwise="nothing is published"):
            _publish(tables.client.project, plan.messages, deployment)


@contextmanager
def _running(data: Path) -> Iterator[Tables]:
    """The tables of the pipeline that runs on `data`, which takes what is published."""
    found = terminal.attached(data).variables
    try:
        yield Tables.of(f"{found['GOOGLE_CLOUD_PROJECT']}.{found['DATASET']}")
    except (ServerError, GoogleAPIError, GoogleAuthError) as error:
        raise terminal.failed(str(error)) from error


def _choice(
    reasons: Sequence[str] | None,
    stages: Sequence[str] | None,
    ids: Sequence[str] | None,
    since: datetime | None,
    until: datetime | None,
    most: int,
) -> Choice:
    _require_known("reason", reasons or (), [*Reason, GAVE_UP])
    _require_known("stage", stages or (), [*wiring.load().functions, *wiring.load().subscriptions])
    return Choice(reasons or (), stages or (), ids or (), _in_utc(since), _in_utc(until), most)


def _require_known(what: str, given: Sequence[str], known: Sequence[str]) -> None:
    unknown = [each for each in given if each not in known]
    if unknown:
        raise terminal.failed(f"no {what} is called {unknown[0]}; there are {', '.join(known)}")


def _in_utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None


def _plan(tables: Tables, choice: Choice, deployment: str, *, named: bool) -> Plan:
    chosen = [*failing.read(tables, choice), *failing.lost(tables, choice)]
    objects = clients.storage_client(tables.client.project)
    return Replayer(tables, objects, wiring.load(), datetime.now(UTC), deployment).plan(chosen, named=named)


def _publish(project: str, messages: Sequence[Message], deployment: str) -> None:
    with terminal.progress_bar() as progress:
        task = progress.add_task("publishing", total=len(messages))
        accepted = partial(progress.advance, task)
        published = replaying.publish(clients.publisher_client(), project, messages, accepted, deployment)
    told = "each is counted as failed until its new try has come to an end, as `creatives status` tells then"
    terminal.messages.print(f"{many(published, 'message')} published: {told}")


def _show_status(found: PipelineStatus) -> None:
    shown = Table(*("status", "stage", "reason", "ads", "creatives", "since"), box=None, pad_edge=False)
    for count in found.counts:
        since = f"{count.oldest_at:%Y-%m-%d %H:%M}" if count.oldest_at and count.status is Status.PENDING else ""
        numbers = f"{count.ads:,}", f"{count.creatives:,}"
        shown.add_row(count.status, count.stage or "", count.reason or "", *numbers, since)
    console = terminal.output()
    console.print(shown)
    console.print(
        f"\n{', '.join(f'{count:,} {status}' for status, count in found.by_status.items())}: {many(found.ads, 'ad')}"
    )
    for line in (*_waiting(found), *_money(found), *_age(found)):
        console.print(line, markup=False, highlight=False)
    if found.failures:
        console.print("Why, ad by ad: `creatives failures`. Trying again: `creatives replay`.", style="dim")


def _waiting(found: PipelineStatus) -> Iterator[str]:
    if found.oldest_waiting:
        yield f"oldest waiting: known since {found.oldest_waiting:%Y-%m-%d %H:%M} UTC"
    if found.lost:
        yield f"given up, and not replayed yet: {many(found.lost, 'message')} that no ad tells of"


def _age(found: PipelineStatus) -> Iterator[str]:
    if found.settled_at:
        yield f"counted at {found.settled_at:%Y-%m-%d %H:%M} UTC; --now counts anew"


def _money(found: PipelineStatus) -> Iterator[str]:
    money = found.money
    yield f"money: {_usd(money.today_usd)} today, {_usd(money.total_usd)} in all for {many(money.answers, 'answer')}"
    analysed = sum(count.creatives for count in found.counts if count.status is Status.ANALYSED)
    if money.answers > analysed:
        yield (
            f"more answers than the {many(analysed, 'creative')} analysed: of those that a better copy stands for by "
            "now, of earlier questions, refused ones, and vectors"
        )
    saved = f"{_usd(money.saved_today_usd)} today, {_usd(money.saved_usd)} in all"
    duplicates = many(money.duplicates, "near-duplicate")
    nothing = "nothing by near-duplicates; equal files are asked about once in any case"
    yield f"saved: {f'{saved} by {duplicates}' if money.duplicates else nothing}"
    if money.unpriced:
        is_in = verb(money.unpriced, "is", "are")
        yield f"{many(money.unpriced, 'answer')} of models whose price is not known {is_in} in no sum"


def _usd(amount: object) -> str:
    return "nothing" if amount is None else f"${amount:.4f}"


def _line(failed: Failed) -> str:
    where = failed.uri or failed.source or "no object or URL"
    who = f"{failed.ad_id or '(no ad id)'} ({failed.stage}, {failed.reason})"
    said = failed.detail.removeprefix(f"{where} ")  # it is told behind
    return printable.line(" | ".join((f"{who}: {failed.sentence}", said, where, failed.advice)))


def _show_plan(plan: Plan, *, planned: bool) -> None:
    console = terminal.output()
    for (stage, reason, topic), count in _counted(plan.messages):
        console.print(f"{stage:12} {reason:22} {count:7,} to {topic}", markup=False, highlight=False)
    for why, some in _grouped(plan.left):
        console.print(
            f"{len(some):,} not sent ({', '.join(sorted({each.reason for each in some}))}): {why}", markup=False
        )
    paid = sum(each.topic == "extractions" for each in plan.messages)
    if paid:
        console.print(f"{paid:,} of them {verb(paid, 'asks', 'ask')} the model, which is paid for", style="yellow")
    if not plan.messages:
        console.print("nothing to replay")
    elif planned:
        console.print(f"{many(len(plan.messages), 'message')} would be published; nothing was")


def _counted(messages: Sequence[Message]) -> list[tuple[tuple[str, str, str], int]]:
    return Counter((each.failed.stage, each.failed.reason, each.topic) for each in messages).most_common()


def _grouped(left: Sequence[Left]) -> list[tuple[str, list[Failed]]]:
    reasons = sorted({each.why for each in left})
    return [(why, [each.failed for each in left if each.why == why]) for why in reasons]


COMMANDS = (status, failures, replay)
