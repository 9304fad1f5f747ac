"""What `dedup` does with a pair: measured and stored as `hash` and `probe` do, the gate, verification."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from benchmarks.duplicates.pairs import File
from functions.dedup import films, gate, verification
from functions.dedup.known import Known, hashes
from functions.dedup.verification import Comparison
from functions.hash import decoding as picture_decoding
from functions.probe import decoding as video_decoding
from shared.events import Kind
from shared.media import images, thumbnails
from shared.media.films import Film
from shared.media.sandbox import InMemory
from shared.media.sniffing import sniff


@dataclass(frozen=True, eq=False)
class Measured:
    """A creative as its fingerprint and its thumbnail, or its film, describe it."""

    known: Known
    thumbnail: bytes
    film: bytes | None = None


@lru_cache(maxsize=8)
def measure(file: File) -> Measured:
    """What `hash` makes of a picture."""
    said = picture_decoding.measure(InMemory(file.content), content_type=_content_type(file.content), max_pixels=10**8)
    found = picture_decoding.Measured.model_validate_json(said)
    known = _known(
        file.content, Kind.IMAGE, found.width / found.height, [] if found.dhash is None else [found.dhash], None
    )
    return Measured(known, found.thumbnail)


@lru_cache(maxsize=2)
def measure_clip(content: bytes) -> Measured:
    """What `probe` makes of a video file."""
    said = video_decoding.measure(InMemory(content), content_type=_content_type(content), max_duration_s=600)
    found = video_decoding.Measured.model_validate_json(said)
    known = _known(
        content, Kind.VIDEO, found.picture_aspect or found.width / found.height, found.frames, found.duration_s
    )
    return Measured(known, found.thumbnail, found.film)


def compare(one: Measured, other: Measured) -> Comparison | None:
    """What the thumbnails say; None where the gate did not let the pair through."""
    if gate.distance(one.known, other.known) is None:
        return None
    if one.film is not None and other.film is not None:
        return films.compare(Film.decoded(one.film), Film.decoded(other.film))
    look, other_look = thumbnails.decode(one.thumbnail), thumbnails.decode(other.thumbnail)
    return verification.compare_frames(look[0], other_look[0])


def _content_type(content: bytes) -> str:
    media = sniff(content)
    assert media is not None, "a file that was just made"  # noqa: S101
    return media.content_type


def _known(content: bytes, kind: Kind, aspect: float, frames: list[int], duration_s: float | None) -> Known:
    creative_id = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    return Known(creative_id, kind, aspect, hashes(frames), duration_s, images.HASH_VERSION, family_id=creative_id)
