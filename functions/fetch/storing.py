"""A stream of bytes becomes an object named by its content, of a type that its first bytes tell, and never too large.

A small file is read into memory and goes up in one request. A larger one goes to the staging bucket piece by piece
while it is hashed (its name is not known before its end), and is copied from there by the service itself. Either way
the same content is stored once: the name is taken only if nothing has it.
"""

import uuid
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING

from google.api_core.exceptions import PreconditionFailed
from pydantic import BaseModel, ConfigDict

from functions.fetch.settings import FetchSettings
from shared import identity
from shared.events import CreativeId
from shared.media import banners
from shared.media.sandbox import InMemory
from shared.media.sniffing import HEAD_BYTES, Media, refusal, sniff
from shared.reasons import Reason, Rejected

if TYPE_CHECKING:
    from google.cloud import storage

_REWRITE_TIMEOUT_S = 60


class Stored(BaseModel):
    """An object in the creatives bucket."""

    model_config = ConfigDict(frozen=True)

    creative_id: CreativeId
    uri: str


class Store:
    """Where content goes.

    Attributes:
        client: the Cloud Storage client.
        settings: names of the buckets, and limits.
        event_id: attached to new objects, so that the stages after can be followed from here.
        batch_id: attached as well: the batch whose budget the creative counts for.
    """

    def __init__(self, client: "storage.Client", settings: FetchSettings, *, event_id: str, batch_id: str) -> None:
        self.client = client
        self.settings = settings
        self.event_id = event_id
        self.batch_id = batch_id

    def keep(self, chunks: Iterable[bytes], where: str, claimed_bytes: int | None = None) -> Stored:
        """Stores the content of `chunks`, which came from `where`.

        Raises:
            Rejected: when it is empty, no image, video or HTML5 banner, or larger than its kind may be.
        """
        stream = iter(chunks)
        head = _up_to(stream, HEAD_BYTES)
        media = recognise(head, where)
        limit = self.limit(media)
        _require_size(claimed_bytes or 0, limit, media, where)
        stream = _capped(chain([head], stream), limit, media, where)
        start = _up_to(stream, self.settings.fetch_spool_bytes)
        if len(start) < self.settings.fetch_spool_bytes:
            _require_banner(start, media, where)
            return self._keep_small(start, media)
        return self._keep_large(chain([start], stream), media)

    def limit(self, media: Media) -> int:
        """The largest file, in bytes, of the kind that `media` is."""
        return self.settings.max_bytes(media.kind) if media.kind else banners.MOST_ZIP_BYTES

    def copy(self, source: "storage.Blob", creative_id: str, media: Media) -> Stored:
        """Copies a stored object, whose content has that id, without reading it."""
        target = self._blob(creative_id, media)
        with suppress(PreconditionFailed):  # the same content is there already
            token, _, _ = target.rewrite(source, if_generation_match=0, timeout=_REWRITE_TIMEOUT_S)
            while token:
                token, _, _ = target.rewrite(source, token, if_generation_match=0, timeout=_REWRITE_TIMEOUT_S)
        return self._stored(creative_id)

    def _keep_small(self, content: bytes, media: Media) -> Stored:
        creative_id = identity.creative_id(content)
        with suppress(PreconditionFailed):  # the same content is there already
            self._blob(creative_id, media).upload_from_string(content, media.content_type, if_generation_match=0)
        return self._stored(creative_id)

    def _keep_large(self, chunks: Iterable[bytes], media: Media) -> Stored:
        staged = self.client.bucket(self.settings.staging_bucket).blob(f"downloads/{uuid.uuid4().hex}")
        content_hash = identity.ContentHash()
        with staged.open("wb", chunk_size=self.settings.fetch_spool_bytes, content_type=media.content_type) as upload:
            for chunk in chunks:
                content_hash.update(chunk)
                upload.write(chunk)
        try:
            return self.copy(staged, content_hash.creative_id, media)
        finally:
            staged.delete()

    def _blob(self, creative_id: str, media: Media) -> "storage.Blob":
        blob: storage.Blob = self.client.bucket(self.settings.creatives_bucket).blob(f"fetched/{creative_id}")
        blob.metadata = {"event_id": self.event_id, "batch_id": self.batch_id}
        blob.content_type = media.content_type
        return blob

    def _stored(self, creative_id: str) -> Stored:
        uri = f"gs://{self.settings.creatives_bucket}/fetched/{creative_id}"
        return Stored(creative_id=creative_id, uri=uri)


def recognise(head: bytes, where: str) -> Media:
    """What the file that starts with `head` is.

    Raises:
        Rejected: when it is empty, a web page, or nothing that we analyse.
    """
    if not head:
        raise Rejected(Reason.EMPTY_FILE, f"{where} has no bytes")
    media = sniff(head)
    if media and media.content_type == "text/html":
        raise Rejected(Reason.NOT_MEDIA_PAGE, f"{where} is {media.name}")
    if banners.may_be_banner(media):
        return media  # `intake` looks whether it is a banner
    if media is None or media.kind is None:
        raise Rejected(refusal(media), f"{where} is {media.name if media else 'of no type that we know'}")
    return media


def _require_banner(content: bytes, media: Media, where: str) -> None:
    """Refuses a zip that is no HTML5 banner, where all of it is at hand; of a larger one `intake` looks at the end."""
    if banners.may_be_banner(media):
        banners.require_banner(InMemory(content), where)


def _capped(chunks: Iterable[bytes], limit: int, media: Media, where: str) -> Iterator[bytes]:
    """`chunks`, as long as they stay within `limit` bytes."""
    size = 0
    for chunk in chunks:
        size += len(chunk)
        _require_size(size, limit, media, where)
        yield chunk


def _require_size(size: int, limit: int, media: Media, where: str) -> None:
    if size > limit:
        raise Rejected(Reason.TOO_LARGE, f"{where} is {media.name} of over {limit:,} bytes, the limit")


def _up_to(chunks: Iterator[bytes], size: int) -> bytes:
    """The next bytes: at least `size` of them, unless they end before."""
    taken = bytearray()
    while len(taken) < size:
        chunk = next(chunks, None)
        if chunk is None:
            break
        taken += chunk
    return bytes(taken)
