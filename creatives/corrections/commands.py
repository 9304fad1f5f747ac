"""`creatives split`, `merge` and `reset`: what people know better about a match."""

import getpass
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from google.cloud import bigquery
from pydantic import ValidationError

from creatives import terminal
from creatives.terminal import DEFAULT_DATA, CreativeArgument, DataOption, NoteOption
from shared import clients
from shared.events import Override
from shared.stage import explain


def split(creative_id: CreativeArgument, note: NoteOption = None, data: DataOption = DEFAULT_DATA) -> None:
    """Correct a match: this creative is no duplicate, but its own canonical."""
    _correct(data, creative_id=creative_id, action="split", note=note)


def merge(
    creative_id: CreativeArgument,
    canonical_id: Annotated[str, typer.Argument(help="The creative whose features hold for it.")],
    note: NoteOption = None,
    data: DataOption = DEFAULT_DATA,
) -> None:
    """Correct a match: this creative is a duplicate of another."""
    _correct(data, creative_id=creative_id, action="merge", canonical_id=canonical_id, note=note)


def reset(creative_id: CreativeArgument, note: NoteOption = None, data: DataOption = DEFAULT_DATA) -> None:
    """Take a correction back: what was found by itself holds again."""
    _correct(data, creative_id=creative_id, action="reset", note=note)


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
    sql = Path(__file__).with_name("known.sql").read_text()
    known = {row["creative_id"] for row in client.query_and_wait(sql, job_config=config)}
    unknown = [creative_id for creative_id in creative_ids if creative_id not in known]
    if unknown:
        raise terminal.failed(f"{unknown[0]}: no such creative; `creatives report` shows each with its id")


COMMANDS = (split, merge, reset)
