"""`creatives doctor`: a deployment, or the local run, looked at from outside."""

import itertools
from pathlib import Path
from typing import Annotated

import typer

from creatives import terminal, written
from creatives.doctor import check, checks
from creatives.doctor import record as recording
from creatives.doctor.canary import checks as canary_checks
from creatives.doctor.check import Status
from creatives.terminal import DEFAULT_DATA, DEFAULT_NAME, DataOption, NameOption, ProjectOption


def doctor(
    project: ProjectOption = None,
    region: Annotated[str, typer.Option(help="Region of the deployment.")] = "europe-west1",
    name: NameOption = DEFAULT_NAME,
    dataset: Annotated[str | None, typer.Option(help="Its dataset; that of its functions otherwise.")] = None,
    canary: Annotated[bool, typer.Option("--canary", help="Send one small creative through the whole chain.")] = False,
    record: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            callback=written.folder,
            help="Write what the project answers, without secrets; for the tests.",
        ),
    ] = None,
    data: DataOption = DEFAULT_DATA,
) -> None:
    """Check a deployment, or the local pipeline, from outside: what is wrong and what to do."""
    local = None if project else terminal.attached(data).variables
    deployment = check.local(local) if local else check.cloud(project or "", region, name=name, dataset=dataset)
    console, faults = terminal.output(), 0
    found = itertools.chain(
        checks(deployment),
        canary_checks(deployment) if canary else (),
        recording.checks(deployment, record) if record else (),
    )
    for each in found:
        faults += each.status is Status.FAULT
        console.print(f"{each.status:8} {each.what}: {each.found}", markup=False)
        if each.advice:
            console.print(f"{'':8} {each.advice}", style="yellow", markup=False)
    if faults:
        raise typer.Exit(1)


COMMANDS = (doctor,)
