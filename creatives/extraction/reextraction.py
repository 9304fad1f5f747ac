"""Extracting again, on purpose: which creatives, and the requests that make it happen (see `creatives reextract`).

A creative that has an answer to the same question gets the same answer again, unpaid; one that was rejected is asked
about anew. What it will cost is said first: `creatives.extraction.estimate.estimate` over `measured`.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from google.cloud import bigquery

from creatives.extraction.estimate import Measured
from functions.extract.answers import Question
from shared.events import Extraction, Kind

_SQL = Path(__file__).with_suffix(".sql")


@dataclass(frozen=True)
class Choice:
    """Which creatives to extract again; without any condition, all that were ever asked about.

    Attributes:
        creative_ids: only these; empty for any.
        kind: only images or only videos.
        outdated_only: only those without an answer to the present question (the feature model, its version, the prompt
            or the model has changed, or there never was one).
        failed_only: only those whose extraction failed.
    """

    creative_ids: Sequence[str] = ()
    kind: Kind | None = None
    outdated_only: bool = False
    failed_only: bool = False


def requests(client: bigquery.Client, dataset: str, choice: Choice, question: Question) -> list[Extraction]:
    """The requests to publish for a choice.

    Args:
        client: of BigQuery.
        dataset: the pipeline's dataset, as `project.dataset`.
        choice: which creatives.
        question: what would be asked now (see `functions.extract.extractors.registry.question`).
    """
    config = bigquery.QueryJobConfig(default_dataset=dataset, query_parameters=_parameters(choice, question))
    rows = client.query_and_wait(_SQL.read_text(), job_config=config)
    now, event_id = datetime.now(UTC), f"reextract-{uuid.uuid4().hex}"
    changes = {"event_id": event_id, "occurred_at": now, "requested_by": "reextract"}
    return [Extraction.model_validate({**dict(row.items()), **changes}) for row in rows]


def outdated(client: bigquery.Client, dataset: str, choice: Choice, question: Question) -> list[Extraction]:
    """Those of a choice that have no answer to this question yet, and so will be paid for."""
    return requests(client, dataset, replace(choice, outdated_only=True), question)


def measured(chosen: Iterable[Extraction]) -> list[Measured]:
    """What the price of requests depends on."""
    return [Measured(request.creative_id, request.kind, request.duration_s, request.size) for request in chosen]


def _parameters(
    choice: Choice, question: Question
) -> list[bigquery.ArrayQueryParameter | bigquery.ScalarQueryParameter]:
    return [
        bigquery.ArrayQueryParameter("creative_ids", "STRING", list(choice.creative_ids)),
        bigquery.ScalarQueryParameter("kind", "STRING", choice.kind),
        bigquery.ScalarQueryParameter("outdated_only", "BOOL", choice.outdated_only),
        bigquery.ScalarQueryParameter("failed_only", "BOOL", choice.failed_only),
        *(bigquery.ScalarQueryParameter(name, "STRING", value) for name, value in asdict(question).items()),
    ]
