"""`creatives erase`: one ad or one creative, for good; it is listed first."""

from typing import Annotated

import typer

from creatives import terminal
from creatives.agents import meaning
from creatives.erasure import erasing
from creatives.erasure.erasing import Found, Kind, SharedError, Stored
from creatives.operations.tables import Tables
from creatives.terminal import DEFAULT_DATA, DataOption, DatasetOption, ProjectOption
from shared import clients
from shared.counting import many

_TOLD = 10


def erase(
    id: Annotated[str | None, typer.Argument(hidden=True)] = None,
    ad: Annotated[str | None, typer.Option("--ad", metavar="AD_ID", help="Erase this ad.")] = None,
    creative: Annotated[
        str | None,
        typer.Option("--creative", metavar="CREATIVE_ID", help="Erase this creative, and its ads."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what would be erased.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    project: ProjectOption = None,
    dataset: DatasetOption = "creatives",
    name: terminal.NameOption = terminal.DEFAULT_NAME,
    data: DataOption = DEFAULT_DATA,
) -> None:
    """Erase an ad or a creative for good: its rows, its file, what a model said of it. It is listed first."""
    if id is not None:
        raise terminal.failed(f"say what it is: --ad {id} or --creative {id}")
    if (ad is None) == (creative is None):
        raise terminal.failed("name one thing to erase: --ad AD_ID or --creative CREATIVE_ID")
    if project:
        stored = _stored(project, dataset, *(f"{project}-{name}-{part}" for part in ("results", "index")))
    else:
        variables = terminal.attached(data).variables
        stored = _stored(
            variables["GOOGLE_CLOUD_PROJECT"],
            variables["DATASET"],
            *(variables[f"{part}_BUCKET"] for part in ("RESULTS", "INDEX")),
        )
    if creative:
        [creative] = terminal.whole_ids(Tables(stored.tables, stored.dataset), creative)
    found = _found(stored, "ad" if ad else "creative", str(ad or creative))
    _show(found)
    if dry_run:
        return
    if yes or terminal.agreed(f"Erase the {found.kind} {found.id} for good?", otherwise="nothing is erased"):
        erasing.erase(stored, found)
        meaning.file_of(data, stored.dataset).unlink(missing_ok=True)  # the next `find` makes it of what is left
        terminal.messages.print(f"erased: {found.kind} {found.id}", markup=False)


def _stored(project: str, dataset: str, *buckets: str) -> Stored:
    tables = clients.bigquery_client(project)
    return Stored(tables, f"{project}.{dataset}", clients.storage_client(project), *buckets)


def _found(stored: Stored, kind: Kind, id: str) -> Found:
    try:
        found = erasing.find(stored, kind, id)
    except SharedError as error:
        raise terminal.failed(str(error)) from error
    if not found.rows and not found.blobs:
        raise terminal.failed(f"nothing is stored of the {kind} {id}")
    return found


def _show(found: Found) -> None:
    if found.ads:
        more = f", and {len(found.ads) - _TOLD} more" if len(found.ads) > _TOLD else ""
        terminal.write_line(f"{many(len(found.ads), 'ad')} with it: {', '.join(found.ads[:_TOLD])}{more}")
    for table, count in sorted(found.rows.items()):
        terminal.write_line(f"{many(count, 'row')} of {table}")
    for blob in found.blobs:
        terminal.write_line(f"gs://{blob.bucket.name}/{blob.name}")
    for creative, n_others in found.left.items():
        terminal.messages.print(f"not erased: {_left(creative, n_others)}", markup=False)
    for kept in erasing.NOT_ERASED:
        terminal.messages.print(f"not erased: {kept}", markup=False)


def _left(creative: str, n_others: int) -> str:
    if n_others:
        return f"the creative {creative}, which {many(n_others, 'other ad')} {'shows' if n_others == 1 else 'show'}"
    return f"the creative {creative} with its file and features, which no other ad shows: `--creative {creative}`"


COMMANDS = (erase,)
