"""The identity of content: the same bytes are the same creative, however often and wherever they are stored.

A creative's id is its MD5 followed by its CRC32C, in hexadecimal (32 + 8 digits): the two checksums that Cloud Storage
computes for every object and puts in every notification, so that naming a video of gigabytes reads none of it.
MD5 is not proof against somebody who forges two files of one id on purpose; what they gain is wrong features for
their own ad (see docs/security.md).
"""

import base64
import hashlib

import google_crc32c


class ContentHash:
    """Computes a creative's id from its bytes, chunk by chunk."""

    def __init__(self) -> None:
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._crc32c = google_crc32c.Checksum()

    def update(self, chunk: bytes) -> None:
        """Takes the next bytes."""
        self._md5.update(chunk)
        self._crc32c.update(chunk)

    @property
    def creative_id(self) -> str:
        """The id of the bytes so far."""
        return f"{self._md5.hexdigest()}{self._crc32c.digest().hex()}"

    def matches(self, md5_base64: str | None, crc32c_base64: str | None) -> bool:
        """Whether an object with these checksums in its metadata holds the bytes so far."""
        if not md5_base64 or not crc32c_base64:
            return False
        return self.creative_id == from_checksums(md5_base64, crc32c_base64)


def creative_id(content: bytes) -> str:
    """The id of `content`."""
    content_hash = ContentHash()
    content_hash.update(content)
    return content_hash.creative_id


def from_checksums(md5_base64: str, crc32c_base64: str) -> str:
    """The id of an object, from the two checksums in its metadata (base64, as Cloud Storage writes them)."""
    return f"{base64.b64decode(md5_base64).hex()}{base64.b64decode(crc32c_base64).hex()}"


def link(ad_id: str, source: str) -> str:
    """Twelve characters that stand for an ad and one of its URLs; functions/import_ads/newer.sql makes the same.

    72 bits: of 10^9 links two are the same once in ten thousand times.
    """
    digest = hashlib.sha256(f"{len(ad_id)} {ad_id}{source}".encode()).digest()
    return base64.b64encode(digest).decode()[:12]
