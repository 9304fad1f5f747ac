"""`creatives correct`, `split`, `merge` and `reset`: what people know better than a model, or than a comparison."""

import getpass
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from google.cloud import bigquery
from pydantic import BaseModel, ValidationError

from creatives import terminal
from creatives.terminal import DEFAULT_DATA, CreativeArgument, DataOption, NoteOption
from local import chosen
from shared import clients, corrections, features
from shared.events import Correction, Event, Kind, Override
from shared.stage import explain


def correct(
    creative_id: CreativeArgument,
    words: Annotated[
        list[str],
        typer.Argument(metavar="FIELD=VALUE...", help="E.g. price=19.99; nothing after =: it cannot be told."),
    ],
    note: NoteOption = None,
    data: DataOption = DEFAULT_DATA,
) -> None:
    """Correct features: this is what the creative shows, whatever a model says of it now or later."""
    variables = terminal.attached(data).variables
    kind = _known(variables, [creative_id])[creative_id]
    model = features.load(chosen.variables(data).get("FEATURES", features.DEFAULT))
    said = dict(_word(model, kind, each) for each in words)
    values = ({"field": field, "value": value} for field, value in said.items())
    _publish(variables, [_said(Correction, creative_id=creative_id, note=note, **each) for each in values])
    for field, value in said.items():
        terminal.messages.print(f"{field}: {'cannot be told' if value is None else value}", markup=False)


def _word(model: type[BaseModel], kind: Kind, said: str) -> tuple[str, str | None]:
    field, equals, value = said.partition("=")
    if not equals:
        raise terminal.failed(f"{said}: write FIELD=VALUE, e.g. price=19.99")
    try:
        return field.strip(), corrections.word(model, kind, field.strip(), value)
    except corrections.NotAllowedError as error:
        raise terminal.failed(str(error)) from error


def split(creative_id: CreativeArgument, note: NoteOption = None, data: DataOption = DEFAULT_DATA) -> None:
    """Correct a match: this creative is no duplicate, but its own canonical."""
    _correct_match(data, creative_id=creative_id, action="split", note=note)


def merge(
    creative_id: CreativeArgument,
    canonical_id: Annotated[str, typer.Argument(help="The creative whose features hold for it.")],
    note: NoteOption = None,
    data: DataOption = DEFAULT_DATA,
) -> None:
    """Correct a match: this creative is a duplicate of another."""
    _correct_match(data, creative_id=creative_id, action="merge", canonical_id=canonical_id, note=note)


def reset(
    creative_id: CreativeArgument,
    fields: Annotated[
        list[str] | None, typer.Argument(metavar="[FIELD]...", help="Features; without any, split and merge.")
    ] = None,
    note: NoteOption = None,
    data: DataOption = DEFAULT_DATA,
) -> None:
    """Take corrections back: what was found without them holds again, of the features named, or of the match."""
    if not fields:
        _correct_match(data, creative_id=creative_id, action="reset", note=note)
        return
    variables = terminal.attached(data).variables
    _known(variables, [creative_id])
    values = ({"field": field, "action": "reset"} for field in fields)
    _publish(variables, [_said(Correction, creative_id=creative_id, note=note, **each) for each in values])
    terminal.messages.print(f"reset: {', '.join(fields)} of {creative_id}", markup=False)


def _correct_match(data: Path, **correction: str | None) -> None:
    """Publishes an override; like every event it is kept, and the newest one of a creative holds."""
    variables = terminal.attached(data).variables
    _known(variables, [id for id in (correction.get("creative_id"), correction.get("canonical_id")) if id])
    event = _said(Override, **correction)
    _publish(variables, [event])
    terminal.messages.print(f"{event.action}: {event.creative_id}")


def _said[T: Event](event: type[T], **values: str | None) -> T:
    """What this user says, as an event; ends with a sentence where that cannot be."""
    try:
        return event.model_validate({"event_id": uuid.uuid4().hex, "author": getpass.getuser(), **values})
    except ValidationError as error:
        raise terminal.failed(explain(error)) from error


def _publish(variables: Mapping[str, str], events: Iterable[Event]) -> None:
    clients.publish(variables["GOOGLE_CLOUD_PROJECT"], list(events))


def _known(variables: Mapping[str, str], creative_ids: list[str]) -> dict[str, Kind]:
    """What the creatives are; ends with a sentence where one has not been compared with others."""
    client = clients.bigquery_client(variables["GOOGLE_CLOUD_PROJECT"])
    config = bigquery.QueryJobConfig(
        default_dataset=f"{client.project}.{variables['DATASET']}",
        query_parameters=[bigquery.ArrayQueryParameter("ids", "STRING", creative_ids)],
    )
    sql = Path(__file__).with_name("known.sql").read_text()
    rows: Any = client.query_and_wait(sql, job_config=config)
    known = {row["creative_id"]: Kind(row["kind"]) for row in rows}
    unknown = [creative_id for creative_id in creative_ids if creative_id not in known]
    if unknown:
        raise terminal.failed(f"{unknown[0]}: no such creative; `creatives report` shows each with its id")
    return known


COMMANDS = (correct, split, merge, reset)
