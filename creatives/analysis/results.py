"""What became of ads: read from the view `ads_enriched`, one typed result per ad."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from creatives import amounts
from shared.events import Kind, MatchKind

if TYPE_CHECKING:
    from google.cloud import bigquery

# A query holds at most 10 MB of parameters; sources are URLs of 2 kB at the worst.
SOURCES_PER_QUERY = 2000

_SQL = Path(__file__).with_suffix(".sql")
_FAR = Path(__file__).with_name("how_far.sql")


class Status(StrEnum):
    """What every ad is, at any time, exactly one of."""

    ANALYSED = "analysed"
    DUPLICATE = "duplicate"
    FAILED = "failed"
    PENDING = "pending"


class AdResult(BaseModel):
    """One ad and all that is known of it; `creatives analyze --json` prints these."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    ad_id: str
    source: str | None
    status: Status = Status.PENDING
    reason: str | None = None
    match: MatchKind | None = None
    creative_id: str | None = None
    canonical_id: str | None = None
    distance: int | None = None
    kind: Kind | None = None
    width: int | None = None
    height: int | None = None
    aspect_ratio: str | None = None
    duration_s: float | None = None
    extractor: str | None = None
    model: str | None = None
    features: dict[str, Any] | None = None
    evidence: list[dict[str, Any]] | None = None
    confidence: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: Annotated[Decimal, PlainSerializer(amounts.as_number, when_used="json")] | None = None
    cost_share_usd: Decimal | None = Field(default=None, exclude=True)
    ad_format: str | None = Field(default=None, exclude=True)
    detail: str | None = Field(default=None, exclude=True)
    waiting_stage: str | None = Field(default=None, exclude=True)


type Key = tuple[str, str | None]
"""An ad's id and source; a line of a list may have no source."""


@dataclass(frozen=True)
class Far:
    """How far some ads are.

    Attributes:
        ads: all of them.
        settled: those that wait for nothing.
        failed: those of the settled that failed.
    """

    ads: int
    settled: int
    failed: int

    @classmethod
    def of(cls, statuses: Iterable[Status]) -> Self:
        """As their statuses tell."""
        counted = Counter(statuses)
        return cls(counted.total(), counted.total() - counted[Status.PENDING], counted[Status.FAILED])


def how_far(client: "bigquery.Client", dataset: str, keys: Sequence[Key]) -> Far:
    """How far these ads are, told by a tenth of the work that `fetch` is, and for a progress bar only: an ad that is
    known by its id alone counts as one that waits.
    """
    from google.cloud import bigquery

    sources = [source for _, source in keys if source]
    config = bigquery.QueryJobConfig(
        default_dataset=f"{client.project}.{dataset}",
        # One literal: an array of so many takes the local BigQuery longer to parse than all else.
        query_parameters=[bigquery.ScalarQueryParameter("sources", "STRING", json.dumps(sources))],
    )
    failed = {row["source"]: row["failed"] for row in client.query_and_wait(_FAR.read_text(), job_config=config)}
    settled = [failed[source] for source in sources if source in failed]
    return Far(len(keys), len(settled), sum(settled))


def fetch(client: "bigquery.Client", dataset: str, keys: Iterable[Key]) -> dict[Key, AdResult]:
    """The results of these ads, by ad_id and source (URLs, gs:// URIs)."""
    found: dict[Key, AdResult] = {}
    # of an ad without a source only its id tells which it is
    wanted = sorted({(source or "", ad_id if source is None else "") for ad_id, source in keys})
    for start in range(0, len(wanted), SOURCES_PER_QUERY):
        part = wanted[start : start + SOURCES_PER_QUERY]
        for row in _query(client, dataset, [s for s, _ in part if s], [a for s, a in part if not s]):
            result = AdResult.model_validate(row)
            found[result.ad_id, result.source] = result
    return found


def _query(client: "bigquery.Client", dataset: str, sources: list[str], ad_ids: list[str]) -> Iterator[dict[str, Any]]:
    from google.cloud import bigquery

    config = bigquery.QueryJobConfig(
        default_dataset=f"{client.project}.{dataset}",
        query_parameters=[
            bigquery.ArrayQueryParameter("sources", "STRING", sources),
            bigquery.ArrayQueryParameter("ad_ids", "STRING", ad_ids),
        ],
    )
    job = client.query(_SQL.read_text(), job_config=config)
    for row in job.result():
        values = dict(row.items())
        features = values.get("features")
        values["features"] = json.loads(features) if isinstance(features, str) else features
        yield values
