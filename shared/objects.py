"""Stored objects by their gs:// URI: one opened at its present content, then read whole or in ranges.

Everything read from an `OpenObject` is of the generation that was opened: an object overwritten meanwhile is gone, and
never a mixture of old and new. Bytes are read as stored, whatever content encoding the uploader declared.
"""

import base64
import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from google.api_core.exceptions import NotFound, PreconditionFailed, RequestRangeNotSatisfiable

from shared import identity
from shared.reasons import Reason, Rejected

if TYPE_CHECKING:
    from google.cloud import storage

_URI = re.compile(r"gs://(?P<bucket>[^/]+)/(?P<name>.+)", re.DOTALL)
_HASHING_CHUNK_BYTES = 8 * 2**20
_READS = 5

RENDERED = "renders/"
"""Where the results bucket has what a browser showed of a creative, under the creative's id."""


@dataclass(frozen=True)
class OpenObject:
    """One generation of a stored object.

    Attributes:
        uri: its gs:// URI.
        generation: grows each time that other content is stored under the same name.
        size: in bytes.
        metadata: what the uploader attached to it.
        md5: base64, as Cloud Storage writes it; None for composed objects.
        crc32c: base64, as Cloud Storage writes it.
        blob: the client's handle of this generation.
    """

    uri: str
    generation: int
    size: int
    metadata: dict[str, str]
    md5: str | None
    crc32c: str
    blob: "storage.Blob"

    def read_range(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes from `offset`; fewer, or none, where the object ends.

        Raises:
            Rejected: when this generation is no longer there.
        """
        if size <= 0 or offset >= self.size:
            return b""
        try:
            return bytes(self.blob.download_as_bytes(start=offset, end=offset + size - 1, raw_download=True))
        except NotFound as error:
            raise _gone(self.uri) from error
        except RequestRangeNotSatisfiable:
            return b""

    def read(self, *, max_bytes: int) -> bytes:
        """The whole object.

        Raises:
            Rejected: when it is empty, larger than `max_bytes`, or no longer there.
        """
        if not self.size:
            raise Rejected(Reason.EMPTY_FILE, f"{self.uri} has no bytes")
        if self.size > max_bytes:
            raise Rejected(Reason.TOO_LARGE, f"{self.uri} has {self.size:,} bytes, the limit is {max_bytes:,}")
        try:
            return bytes(self.blob.download_as_bytes(raw_download=True))
        except NotFound as error:
            raise _gone(self.uri) from error

    def creative_id(self) -> str:
        """The content's id: from the checksums that the store keeps, else (composed objects) by reading it through."""
        if self.md5:
            return identity.from_checksums(self.md5, self.crc32c)
        content_hash = identity.ContentHash()
        for offset in range(0, self.size, _HASHING_CHUNK_BYTES):
            content_hash.update(self.read_range(offset, _HASHING_CHUNK_BYTES))
        return content_hash.creative_id

    def holds(self, creative_id: str) -> bool:
        """Whether its content is the creative's, as far as the store's checksums tell; nothing is read for it."""
        if self.md5:
            return self.creative_id() == creative_id
        return creative_id.endswith(base64.b64decode(self.crc32c).hex())


def split(uri: str) -> tuple[str, str]:
    """Bucket and object name of a gs:// URI.

    Raises:
        Rejected: when it is none.
    """
    match = _URI.fullmatch(uri)
    if not match:
        raise Rejected(Reason.MALFORMED_MESSAGE, "the object's address is not of the form gs://bucket/name")
    return match["bucket"], match["name"]


def find(client: "storage.Client", uri: str) -> OpenObject | None:
    """The object at `uri` as it is now; None where there is none."""
    bucket, name = split(uri)
    found = client.bucket(bucket).get_blob(name)
    if found is None:
        return None
    return OpenObject(
        uri=uri,
        generation=found.generation,
        size=found.size,
        metadata=dict(found.metadata or {}),
        md5=found.md5_hash,
        crc32c=found.crc32c,
        blob=client.bucket(bucket).blob(name, generation=found.generation),
    )


def find_content(client: "storage.Client", uri: str, creative_id: str) -> OpenObject:
    """The object at `uri`, if it still holds the content `creative_id`, or is what was rendered of it.

    Raises:
        Rejected: when it is gone or holds other content: what would be read is not what was asked about.
    """
    found = find(client, uri)
    if found is None:
        raise _gone(uri)
    if not _is_rendered(split(uri)[1], creative_id) and not found.holds(creative_id):
        raise Rejected(Reason.OBJECT_GONE, f"{uri} has been overwritten with another file")
    return found


def content_of(client: "storage.Client", uri: str, creative_id: str, *, max_bytes: int) -> bytes:
    """The content `creative_id` that is at `uri`, or what was rendered of it: in one request, since content is named
    by what it is.

    Raises:
        Rejected: when it is empty, larger than `max_bytes`, gone, or other content by now.
    """
    bucket, name = split(uri)
    if not _is_rendered(name, creative_id):
        with contextlib.suppress(NotFound, RequestRangeNotSatisfiable):
            content = bytes(client.bucket(bucket).blob(name).download_as_bytes(end=max_bytes, raw_download=True))
            if content and len(content) <= max_bytes and identity.creative_id(content) == creative_id:
                return content
    return find_content(client, uri, creative_id).read(max_bytes=max_bytes)  # which says what is wrong


def write_once(
    client: "storage.Client", uri: str, content: bytes, content_type: str, metadata: Mapping[str, str] | None = None
) -> None:
    """Stores `content` at `uri` unless something is there: for objects whose name says what they hold."""
    bucket, name = split(uri)
    blob = client.bucket(bucket).blob(name)
    blob.metadata = dict(metadata) if metadata else None
    try:
        blob.upload_from_string(content, content_type, if_generation_match=0)
    except PreconditionFailed:
        return  # an earlier delivery of the same message stored the same


@dataclass(frozen=True)
class Stored:
    """What lies under a name: its bytes and generation; no bytes and generation 0 where there is nothing."""

    content: bytes | None
    generation: int


def read(bucket: "storage.Bucket", name: str, **how: Any) -> Stored:  # noqa: ANN401 - the client's own options
    """What lies under `name` now; `how` long it is waited for is said as to the client: `timeout`, `retry`.

    Raises:
        DataCorruption: the client's, when what comes is never what the store says that it is.
    """
    from google.cloud.storage.exceptions import DataCorruption  # loads the client, which whoever has a bucket has

    for attempt in range(_READS):
        blob = bucket.blob(name)
        try:
            content = blob.download_as_bytes(**how)
        except NotFound:
            break
        except DataCorruption:  # damaged on its way, or overwritten meanwhile
            if attempt == _READS - 1:
                raise
        else:
            return Stored(content, int(blob.generation))
    return Stored(None, 0)


def replace(bucket: "storage.Bucket", name: str, content: bytes, generation: int, **how: Any) -> int | None:  # noqa: ANN401
    """Stores JSON in place of what `read` found; the new generation, or None when that is there no longer.

    Content that nobody else writes (it holds an id of its own) is recognised after a lost response too.
    """
    blob = bucket.blob(name)
    try:
        blob.upload_from_string(content, content_type="application/json", if_generation_match=generation, **how)
    except PreconditionFailed:
        # The client repeats an upload whose response was lost: then what is there is ours.
        found = read(bucket, name, **how)
        return found.generation if found.content == content else None
    return int(blob.generation)


def _is_rendered(name: str, creative_id: str) -> bool:
    return name.startswith(f"{RENDERED}{creative_id}.")


def _gone(uri: str) -> Rejected:
    return Rejected(Reason.OBJECT_GONE, f"{uri} is no longer there")
