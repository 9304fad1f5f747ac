"""What a person says of a feature, as the event that everybody may publish: whoever asks, it is checked alike."""

import getpass
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from google.cloud import bigquery
from pydantic import BaseModel

from local import chosen
from shared import corrections, features
from shared.events import Correction, Event, Kind

type Action = Literal["correct", "confirm", "reset"]


def event[T: Event](kind: type[T], **values: str | None) -> T:
    """What this user says, now.

    Raises:
        ValidationError: when that cannot be said.
    """
    return kind.model_validate({"event_id": uuid.uuid4().hex, "author": getpass.getuser(), **values})


def word(
    model: type[BaseModel],
    kind: Kind,
    creative_id: str,
    field: str,
    action: Action,
    value: object = None,
    note: str | None = None,
) -> Correction:
    """A word on a feature of a creative: `value` as it is typed, or as JSON holds it; of `reset` it is no matter.

    Raises:
        NotAllowedError: when it cannot stand in that field.
    """
    if action == "reset":
        return event(Correction, creative_id=creative_id, field=field, action=action, note=note)
    said = value if isinstance(value, str) else corrections.typed(value)
    plain = corrections.word(model, kind, field, said)
    return event(Correction, creative_id=creative_id, field=field, action=action, value=plain, note=note)


def asked_model(data: Path) -> type[BaseModel]:
    """The feature model that the pipeline on a data folder asks by: it says what may be said."""
    return features.load(chosen.variables(data).get("FEATURES", features.DEFAULT))


def kinds(client: bigquery.Client, dataset: str, creative_ids: Sequence[str]) -> Mapping[str, Kind]:
    """What those of the creatives are that have been compared with others."""
    rows = _ask(client, dataset, "known", bigquery.ArrayQueryParameter("ids", "STRING", creative_ids))
    return {row["creative_id"]: Kind(row["kind"]) for row in rows}


def corrected(client: bigquery.Client, dataset: str, creative_id: str) -> list[str]:
    """The fields of a creative of which a person's word holds."""
    rows = _ask(client, dataset, "corrected", bigquery.ScalarQueryParameter("creative_id", "STRING", creative_id))
    return [row["field"] for row in rows]


def _ask(client: bigquery.Client, dataset: str, question: str, asked: Any) -> Any:  # noqa: ANN401
    config = bigquery.QueryJobConfig(default_dataset=f"{client.project}.{dataset}", query_parameters=[asked])
    return client.query_and_wait(Path(__file__).with_name(f"{question}.sql").read_text(), job_config=config)
