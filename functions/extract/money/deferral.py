"""Requests that wait for money or for a batch: kept as objects in the results bucket until a tick takes them out.

    waiting/<reason>/<batch or all>/<time>-<creative_id>.json

The message of such a request is acknowledged, so that waiting uses up no delivery attempts. A request that is deferred
twice, or taken out twice, is answered once all the same (see answers.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from google.api_core.exceptions import NotFound

from shared.events import Extraction, Wait, WaitReason
from shared.models.budget import batch_key

if TYPE_CHECKING:
    from google.cloud import storage


@dataclass(frozen=True)
class Deferred:
    """A request that waits, and the name of its object."""

    name: str
    request: Extraction


def defer(bucket: "storage.Bucket", request: Extraction, wait: Wait) -> None:
    """Puts a request aside until it is taken out."""
    queue = batch_key(request.batch_id) if wait.reason is WaitReason.BATCH_BUDGET and request.batch_id else "all"
    name = f"waiting/{wait.reason}/{queue}/{wait.occurred_at:%Y%m%dT%H%M%S%f}-{request.creative_id}.json"
    bucket.blob(name).upload_from_string(request.model_dump_json(exclude_none=True), "application/json")


def queues(bucket: "storage.Bucket", reason: WaitReason) -> list[str]:
    """The prefixes under which requests wait for this reason: one, or one a batch."""
    pages = bucket.list_blobs(prefix=f"waiting/{reason}/", delimiter="/")
    return sorted({prefix for page in pages.pages for prefix in page.prefixes})


def oldest(bucket: "storage.Bucket", queue: str, most: int) -> Iterator[Deferred]:
    """Up to `most` requests of a queue, in the order in which they were deferred."""
    for blob in bucket.list_blobs(prefix=queue, max_results=most) if most > 0 else ():
        try:
            yield Deferred(blob.name, Extraction.model_validate_json(blob.download_as_bytes()))
        except NotFound:
            continue  # another tick took it out meanwhile


def remove(bucket: "storage.Bucket", deferred: list[Deferred]) -> None:
    """Removes requests, which by now have been published again."""
    for each in deferred:
        try:
            bucket.blob(each.name).delete()
        except NotFound:
            continue  # another tick took it out too
