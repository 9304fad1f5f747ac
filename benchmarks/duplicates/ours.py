"""What `dedup` does with a pair: measured and stored as `hash` and `probe` do, the gate, verification."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from benchmarks.duplicates.pairs import File
from functions.dedup import gate, verification, videos
from functions.dedup.known import Known, hashes
from functions.dedup.verification import Comparison
from functions.hash import decoding as picture_decoding
from functions.probe import decoding as video_decoding
from shared import images, thumbnails
from shared.events import Kind
from shared.sandbox import InMemory
from shared.sniffing import sniff


@dataclass(frozen=True, eq=False)
class Measured:
    """A picture as its fingerprint and its thumbnail describe it."""

    known: Known
    thumbnail: bytes


@lru_cache(maxsize=8)
def measure(file: File) -> Measured:
    """What `hash` makes of a file."""
    media = sniff(file.content)
    assert media is not None, "a file that was just drawn"  # noqa: S101
    said = picture_decoding.measure(InMemory(file.content), content_type=media.content_type, max_pixels=10**8)
    measured = picture_decoding.Measured.model_validate_json(said)
    creative_id = hashlib.sha1(file.content, usedforsecurity=False).hexdigest()
    known = Known(
        creative_id=creative_id,
        kind=Kind.IMAGE,
        aspect=measured.width / measured.height,
        frames=hashes([] if measured.near_blank else [measured.dhash]),
        duration_s=None,
        hash_version=images.HASH_VERSION,
        family_id=creative_id,
    )
    return Measured(known, measured.thumbnail)


def measure_clip(content: bytes) -> Measured:
    """What `probe` makes of a video file."""
    media = sniff(content)
    assert media is not None, "a file that was just encoded"  # noqa: S101
    said = video_decoding.measure(InMemory(content), content_type=media.content_type, max_duration_s=600)
    measured = video_decoding.Measured.model_validate_json(said)
    creative_id = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    known = Known(
        creative_id=creative_id,
        kind=Kind.VIDEO,
        aspect=measured.width / measured.height,
        frames=hashes(measured.frames),
        duration_s=measured.duration_s,
        hash_version=images.HASH_VERSION,
        family_id=creative_id,
    )
    return Measured(known, measured.thumbnail)


def compare_clips(one: Measured, other: Measured) -> Comparison | None:
    """What the frames say; None where the gate did not let the pair through."""
    if gate.distance(one.known, other.known) is None:
        return None
    shift, _ = gate.best_offset(one.known.frames, other.known.frames)
    shown, other_shown = thumbnails.decode(one.thumbnail), thumbnails.decode(other.thumbnail)
    return videos.compare(shown, other_shown, shift_s=shift / gate.FRAMES_A_SECOND)


def compare(one: Measured, other: Measured) -> Comparison | None:
    """What the pixels say; None where the gate did not let the pair through."""
    if gate.distance(one.known, other.known) is None:
        return None
    (frame,), (other_frame,) = thumbnails.decode(one.thumbnail), thumbnails.decode(other.thumbnail)
    return verification.compare_frames(frame, other_frame)
