"""Which creatives lack a vector, and what each of them shows: read from the tables."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from itertools import batched
from pathlib import Path
from typing import Any

from google.cloud import bigquery
from pydantic import BaseModel, ConfigDict

from functions.embed.settings import EmbedSettings
from shared import bill
from shared.events import CreativeId, Kind

_AT_A_TIME = 100  # creatives whose features are in memory


class Answered(BaseModel):
    """A creative and its newest answer.

    Attributes:
        event_id: of that answer.
        occurred_at: when it was given.
        uri: of what the model was shown; None of an answer of an earlier version.
        features: of whatever feature model.
    """

    model_config = ConfigDict(frozen=True)

    event_id: str
    occurred_at: datetime
    creative_id: CreativeId
    kind: Kind
    uri: str | None = None
    content_type: str | None = None
    duration_s: float | None = None
    batch_id: str | None = None
    features: dict[str, Any] | None = None


def due(client: bigquery.Client, settings: EmbedSettings) -> Iterator[Answered]:
    """Those that lack a vector by the model that is set, no more of them than a tick takes.

    Raises:
        GoogleAPIError: the client's, when something cannot be read.
    """
    rows = _rows(
        client,
        settings,
        "due",
        bigquery.ScalarQueryParameter("model", "STRING", settings.chosen_model),
        bigquery.ScalarQueryParameter("dimensions", "INT64", settings.embedding_dimensions),
        bigquery.ScalarQueryParameter("most", "INT64", settings.embed_at_a_tick),
    )
    for some in batched(rows, _AT_A_TIME, strict=False):
        ids = [row["creative_id"] for row in some]
        shown = _rows(
            client,
            settings,
            "answers",
            bigquery.ArrayQueryParameter("ids", "STRING", ids),
            bigquery.ScalarQueryParameter("since", "TIMESTAMP", some[0]["answered_at"]),
            bigquery.ScalarQueryParameter("until", "TIMESTAMP", some[-1]["answered_at"]),
        )
        found = {row["creative_id"]: row for row in shown}
        yield from (Answered.model_validate(found[each]) for each in ids if each in found)


def _rows(
    client: bigquery.Client,
    settings: EmbedSettings,
    name: str,
    *parameters: bigquery.ScalarQueryParameter | bigquery.ArrayQueryParameter,
) -> list[dict[str, Any]]:
    config = bigquery.QueryJobConfig(
        default_dataset=settings.full_dataset,
        maximum_bytes_billed=settings.embed_max_bytes_billed,
        query_parameters=parameters,
    )
    return [dict(row.items()) for row in bill.answer(client.query(_sql(name), job_config=config), stage="embed")]


@cache
def _sql(name: str) -> str:
    return Path(__file__).with_name(f"{name}.sql").read_text()
