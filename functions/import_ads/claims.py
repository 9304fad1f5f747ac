"""What was taken for publishing and has not reached the table `ads` yet: an object per batch in the results bucket.

    imports/<batch_id>.json     the batch's message, exactly as it is published

A claim is written before its batch is published, marked when that was accepted, and deleted once all its ads are rows.
So a crash at any point leaves either no claim (the ads are read again) or one that holds what to publish.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from google.api_core.exceptions import NotFound, PreconditionFailed

from shared.events import Origin

if TYPE_CHECKING:
    from google.cloud import storage

FOLDER = "imports/"

type Link = tuple[str, str]
"""An ad's id and one of its URLs."""


@dataclass(frozen=True)
class Claim:
    """A batch that was taken.

    Attributes:
        batch_id: it follows from the batch's items.
        size: how many ads it holds.
        published: whether Pub/Sub has accepted it for certain.
        taken_at: when it was written.
    """

    batch_id: str
    size: int
    published: bool
    taken_at: datetime


def take(bucket: "storage.Bucket", links: Sequence[Link]) -> Claim | None:
    """Writes the claim of a batch of these links; None when somebody has taken exactly this batch already."""
    batch_id = f"import-{_digest(links).hex()}"
    items = [{"ad_id": ad_id, "url": url} for ad_id, url in links]
    body = {"batch_id": batch_id, "origin": Origin.RAW_ADS, "items": items}
    blob = _blob(bucket, batch_id)
    blob.metadata = {"items": str(len(links))}
    try:
        blob.upload_from_string(as_json(body), content_type="application/json", if_generation_match=0)
    except PreconditionFailed:
        return None
    return Claim(batch_id, len(links), published=False, taken_at=datetime.now(UTC))


def outstanding(bucket: "storage.Bucket") -> Iterator[Claim]:
    """All claims there are."""
    for blob in bucket.list_blobs(prefix=FOLDER):
        if blob.metadata and "items" in blob.metadata:
            batch_id = blob.name.removeprefix(FOLDER).removesuffix(".json")
            size, published = int(blob.metadata["items"]), "published" in blob.metadata
            yield Claim(batch_id, size, published, blob.time_created)


def message(bucket: "storage.Bucket", claim: Claim) -> bytes:
    """The batch as it is published."""
    content: bytes = _blob(bucket, claim.batch_id).download_as_bytes()
    return content


def links(bucket: "storage.Bucket", claim: Claim) -> Iterator[Link]:
    """The links in the claim's batch."""
    for item in json.loads(message(bucket, claim))["items"]:
        yield item["ad_id"], item["url"]


def mark_published(bucket: "storage.Bucket", claim: Claim) -> None:
    """Notes that the batch need not be published again."""
    blob = _blob(bucket, claim.batch_id)
    blob.metadata = {"items": str(claim.size), "published": "yes"}
    blob.patch()


def drop(bucket: "storage.Bucket", claim: Claim) -> None:
    """Removes a claim, whether or not it is still there."""
    try:
        _blob(bucket, claim.batch_id).delete()
    except NotFound:
        return


def as_json(value: object) -> bytes:
    """Compact JSON in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def key(link: Link) -> int:
    """64 bits that stand for a link, so that a million of them fit in memory; equal ones of two are a rarity."""
    return int.from_bytes(_digest([link])[:8])


def _digest(links: Sequence[Link]) -> bytes:
    return hashlib.blake2b(as_json(links), digest_size=16).digest()


def _blob(bucket: "storage.Bucket", batch_id: str) -> "storage.Blob":
    blob: storage.Blob = bucket.blob(f"{FOLDER}{batch_id}.json")
    return blob
