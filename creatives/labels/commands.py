"""`creatives tag`: puts tags and notes on a creative, takes them off, and tells which it has."""

from pathlib import Path
from typing import Annotated

import typer

from creatives import terminal
from creatives.corrections import saying
from creatives.labels import labelling
from creatives.labels.labelling import UnfitLabelError
from creatives.operations import naming
from creatives.operations.tables import Row, Tables
from creatives.terminal import DEFAULT_DATA, CreativeArgument, DataOption
from shared import clients
from shared.events import Label


def tag(
    creative_id: CreativeArgument,
    tags: Annotated[list[str] | None, typer.Argument(metavar="[TAG]...", help="E.g. summer; see --note too.")] = None,
    note: Annotated[str | None, typer.Option("--note", help="A note to put on it.")] = None,
    remove: Annotated[
        list[str] | None, typer.Option("--remove", metavar="TEXT", help="A tag or note to take off; can be repeated.")
    ] = None,
    data: DataOption = DEFAULT_DATA,
) -> None:
    """Put tags and a note on a creative, or take them off: they hold for all that show the same.

    With nothing to put on or take off it tells which it has. The page filters by tags, `creatives` and `ads_enriched`
    have them as columns. A pipeline has to run (`creatives up`).
    """
    variables = terminal.attached(data).variables
    tables = Tables.of(f"{variables['GOOGLE_CLOUD_PROJECT']}.{variables['DATASET']}")
    [creative_id] = terminal.whole_ids(tables, creative_id)
    if creative_id not in saying.kinds(tables, [creative_id]):
        raise terminal.failed(naming.unknown(creative_id))
    has = _has(tables, creative_id)
    try:
        said = _said(creative_id, has, tags or [], note, remove or [])
    except UnfitLabelError as error:
        raise terminal.failed(str(error)) from error
    clients.publish(variables["GOOGLE_CLOUD_PROJECT"], said)
    for each in said:
        terminal.say(
            f"{'tagged' if each.kind == 'tag' else 'noted'}{' no longer' * (each.action == 'remove')}: {each.text}"
        )
    if not said:
        _tell(has)


def _has(tables: Tables, creative_id: str) -> Row:
    (found,) = tables.within(Path(__file__).parent).ask("labels", ids=[creative_id])
    return found


def _said(creative_id: str, has: Row, tags: list[str], note: str | None, remove: list[str]) -> list[Label]:
    """What is put on, and what is taken off; of that only what it has.

    Raises:
        UnfitLabelError: when something cannot be put on it, or is not there to be taken off.
    """
    notes = [] if note is None else [labelling.label(creative_id, "note", note)]
    return [
        *(labelling.label(creative_id, "tag", each) for each in tags),
        *notes,
        *(_taken_off(creative_id, has, each) for each in remove),
    ]


def _taken_off(creative_id: str, has: Row, text: str) -> Label:
    if labelling.formed("tag", text[: labelling.MOST_OF_TAG]) in has["tags"]:
        return labelling.label(creative_id, "tag", text, "remove")
    if text.strip() in (each["text"] for each in has["notes"]):
        return labelling.label(creative_id, "note", text, "remove")
    raise UnfitLabelError(f"{text}: it has no such tag, nor a note that says just this")


def _tell(has: Row) -> None:
    if not (has["tags"] or has["notes"]):
        terminal.say("it has no tags or notes; `creatives tag CREATIVE_ID summer --note …` puts some on it")
    for each in has["tags"]:
        terminal.write_line(each)
    for each in has["notes"]:
        terminal.write_line(f"“{each['text']}” {each['author']}, {each['noted_at']:%Y-%m-%d}")


COMMANDS = (tag,)
