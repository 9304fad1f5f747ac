"""What is stored of one ad or one creative, and taking it away for good.

Rows are found and deleted by the .sql files beside this one. Beside the rows there are objects: the creative's file,
its thumbnail, the model's answers about it, and what a download of its address came to.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from google.cloud import bigquery, storage

from functions.dedup.memory import snapshot
from functions.fetch import records
from functions.settle import keeping
from shared import objects, urls
from shared.counting import many
from shared.reasons import Rejected

type Kind = Literal["ad", "creative"]

NOT_ERASED = (
    "your own table of raw ads: delete the ad there first, or it is imported again",
    "messages under way (Pub/Sub keeps them for 7 days): erase when `creatives status` shows nothing pending",
    "BigQuery's time travel (7 days) and Cloud Storage's soft delete (soft_delete_days)",
    "logs, exports and reports that were made before",
)
"""What erasing does not reach, for people to read."""

_FOLDER = Path(__file__).parent


class SharedError(Exception):
    """Others take their features from this creative: without it they would have none."""


@dataclass(frozen=True)
class Stored:
    """Where things are.

    Attributes:
        tables: the client of BigQuery.
        dataset: as project.dataset.
        files: the client of Cloud Storage.
        results_bucket: where thumbnails and answers are.
        index_bucket: where `dedup` keeps what it has read.
    """

    tables: bigquery.Client
    dataset: str
    files: storage.Client
    results_bucket: str
    index_bucket: str


@dataclass(frozen=True)
class Found:
    """What is stored of one ad or creative.

    Attributes:
        rows: how many by table; only tables that have some.
        blobs: the objects.
        ads: of a creative those that show it, which go with it.
        left: of an ad the creatives that it shows, which stay, and how many other ads show each.
    """

    kind: Kind
    id: str
    rows: dict[str, int]
    blobs: list[storage.Blob]
    ads: tuple[str, ...] = ()
    left: Mapping[str, int] = field(default_factory=dict)


def find(stored: Stored, kind: Kind, id: str) -> Found:
    """All that is stored of an ad or a creative.

    Raises:
        SharedError: when others take their features from the creative; it names them.
    """
    if kind == "creative" and (others := [row["creative_id"] for row in _ask(stored, "sharing", kind, id)]):
        raise SharedError(
            f"{many(len(others), 'creative shows', 'creatives show')} what {id} shows: "
            f"erase or split {'it' if len(others) == 1 else 'them'} first: {', '.join(others)}"
        )
    rows = {row["table_name"]: row["n_rows"] for row in _ask(stored, f"rows_of_{kind}", kind, id)}
    stored_rows = {table: count for table, count in rows.items() if count}
    blobs = list(_blobs(stored, kind, id))
    if kind == "creative":
        ads = tuple(row["ad_id"] for row in _ask(stored, "ads_of_creative", kind, id))
        return Found(kind, id, stored_rows, blobs, ads=ads)
    left = {row["creative_id"]: row["n_others"] for row in _ask(stored, "left_by_ad", kind, id)}
    return Found(kind, id, stored_rows, blobs, left=left)


def erase(stored: Stored, found: Found) -> None:
    """Deletes objects, then the rows that tell where they are. May be repeated: what is gone is no fault."""
    for blob in found.blobs:
        if blob.exists():
            blob.delete()
    for statement in _statements(f"erase_{found.kind}"):
        stored.tables.query_and_wait(statement, job_config=_config(stored, found.kind, found.id))
    keeping.forget(stored.files.bucket(stored.results_bucket))  # what is counted is counted without them
    if found.kind == "creative":
        snapshot.forget(stored.files.bucket(stored.index_bucket))


def _blobs(stored: Stored, kind: Kind, id: str) -> Iterator[storage.Blob]:
    places = list(_ask(stored, f"sources_of_{kind}", kind, id))
    results = stored.files.bucket(stored.results_bucket)
    named = [objects.split(row["uri"]) for row in places if row["uri"]]
    candidates = [stored.files.bucket(bucket).blob(name) for bucket, name in sorted(set(named))]
    candidates += [results.blob(name) for row in places if (name := _record(row["source"]))]
    if kind == "creative":
        candidates.append(results.blob(f"thumbnails/{id}.webp"))
        for kept in ("answers", "replies", "embeddings"):
            candidates += results.list_blobs(prefix=f"{kept}/{id}/")
        candidates += results.list_blobs(prefix=f"{objects.RENDERED}{id}.")
    yield from (blob for blob in candidates if blob.exists())


def _record(source: str | None) -> str | None:
    """Where it is kept what a download of this address came to; None for what is not downloaded."""
    try:
        return records.object_name(urls.web_url(source)) if source else None
    except Rejected:
        return None


def _ask(stored: Stored, question: str, kind: Kind, id: str) -> Iterable[bigquery.Row]:
    (sql,) = _statements(question)
    rows: Iterable[bigquery.Row] = stored.tables.query_and_wait(sql, job_config=_config(stored, kind, id))
    return rows


def _statements(name: str) -> list[str]:
    return [part for part in (_FOLDER / f"{name}.sql").read_text().split(";\n") if part.strip()]


def _config(stored: Stored, kind: Kind, id: str) -> bigquery.QueryJobConfig:
    parameter = bigquery.ScalarQueryParameter(f"{kind}_id", "STRING", id)
    return bigquery.QueryJobConfig(default_dataset=stored.dataset, query_parameters=[parameter])
