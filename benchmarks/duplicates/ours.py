"""What `dedup` does with a pair: measured and stored as `hash` and `probe` do, the gate, looks, the originals."""

import hashlib
from dataclasses import dataclass, replace
from functools import lru_cache

from benchmarks.duplicates.pairs import File
from functions.dedup import comparing, gate
from functions.dedup.films import full_size, sequences, webps
from functions.dedup.films.full_size import Looks
from functions.dedup.known import Known, hashes
from functions.dedup.pictures import originals, verification
from functions.dedup.pictures.verdicts import Verdict
from functions.dedup.pictures.verification import Comparison
from functions.hash import decoding as picture_decoding
from functions.probe import decoding as video_decoding
from shared.events import Kind
from shared.media import images, thumbnails
from shared.media.films import Film
from shared.media.sandbox import InMemory
from shared.media.sniffing import sniff


@dataclass(frozen=True, eq=False)
class Measured:
    """A creative as its fingerprint and its thumbnail, or its film, describe it; and its file."""

    known: Known
    thumbnail: bytes
    content: bytes
    film: bytes | None = None


@lru_cache(maxsize=8)
def measure(file: File) -> Measured:
    """What `hash` makes of a picture."""
    said = picture_decoding.measure(InMemory(file.content), content_type=_content_type(file.content), max_pixels=10**8)
    found = picture_decoding.Measured.model_validate_json(said)
    known = replace(
        _known(
            file.content,
            Kind.IMAGE,
            found.width / found.height,
            [] if found.dhash is None else [found.dhash, *found.frames],
            None,
        ),
        pixels_sha=found.pixels_sha,
        inside_aspect=found.picture_aspect,
        area=found.width * found.height,
    )
    return Measured(known, found.thumbnail, file.content)


@lru_cache(maxsize=2)
def measure_clip(content: bytes) -> Measured:
    """What `probe` makes of a video file."""
    said = video_decoding.measure(InMemory(content), content_type=_content_type(content), max_duration_s=600)
    found = video_decoding.Measured.model_validate_json(said)
    known = _known(
        content, Kind.VIDEO, found.picture_aspect or found.width / found.height, found.frames, found.duration_s
    )
    known = replace(known, area=found.width * found.height)
    return Measured(known, found.thumbnail, content, found.film)


def measure_moving(content: bytes) -> Measured:
    """What `hash` makes of an animated picture, or `probe` of a video."""
    if _content_type(content).startswith("video/"):
        return measure_clip(content)
    return _measure_animation(content)


@lru_cache(maxsize=2)
def _measure_animation(content: bytes) -> Measured:
    said = picture_decoding.measure(InMemory(content), content_type=_content_type(content), max_pixels=10**8)
    found = picture_decoding.Measured.model_validate_json(said)
    aspect = found.picture_aspect or found.width / found.height
    known = _known(content, Kind.IMAGE, aspect, found.frames, found.duration_s)
    known = replace(known, area=found.width * found.height)
    return Measured(known, found.thumbnail, content, found.film)


def compare(one: Measured, other: Measured) -> Comparison | None:
    """What `dedup` finds; None where the gate did not let the pair through."""
    if gate.distance(one.known, other.known) is None:
        return None
    if one.known.shows_pixels_of(other.known):
        return Comparison(same=True, family=True, score=0.0)
    if one.film is not None and other.film is not None:
        return _by_films(one, other, (Film.decoded(one.film), Film.decoded(other.film)))
    look, other_look = thumbnails.decode(one.thumbnail), thumbnails.decode(other.thumbnail)
    return comparing.judged(one.known, other.known, look[0], other_look[0], lambda: at_full_size(one, other))


def _by_films(one: Measured, other: Measured, films: tuple[Film, Film]) -> Comparison:
    found, pair = sequences.compare(*films)
    if not found.same:
        return found
    content_types = [_content_type(each.content) for each in (one, other)]
    both, first_bytes = InMemory(one.content + other.content), len(one.content)
    looks = Looks.of(pair, (one.known.area, other.known.area)) if pair else None
    if looks is not None:
        said = full_size.stands_out(
            both, first_bytes=first_bytes, content_types=content_types, looks=looks.model_dump()
        )
        found = replace(found, same=float(said) <= full_size.STANDS_OUT)
    if found.same and webps.could_tell(content_types):
        said = webps.drawn_anew(both, first_bytes=first_bytes, content_types=content_types)
        found = replace(found, same=float(said) <= webps.DRAWN_ANEW)
    return found


def told_by(one: Measured, other: Measured) -> tuple[str, ...]:
    """The rules that tell two stills apart, so that they are not merged: hashes, thumbnails, or those of originals."""
    if gate.distance(one.known, other.known) is None:
        return ("hashes",)
    look, other_look = (thumbnails.decode(each.thumbnail)[0] for each in (one, other))
    of_one_shape = gate.of_one_shape(one.known.aspect, other.known.aspect)
    if not of_one_shape or not verification.compare_frames(look, other_look).promising:
        return ("thumbnails",)
    return tuple(at_full_size(one, other).told_by)


@lru_cache(maxsize=1)
def at_full_size(one: Measured, other: Measured) -> Verdict:
    """What the originals say."""
    files = [each.content for each in (one, other)]
    said = originals.compare_files(
        InMemory(b"".join(files)),
        first_bytes=len(files[0]),
        content_types=[_content_type(each) for each in files],
        max_pixels=comparing.MAX_PIXELS,
    )
    return Verdict.model_validate_json(said)


def _content_type(content: bytes) -> str:
    media = sniff(content)
    assert media is not None, "a file that was just made"  # noqa: S101
    return media.content_type


def _known(content: bytes, kind: Kind, aspect: float, frames: list[int], duration_s: float | None) -> Known:
    creative_id = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    return Known(creative_id, kind, aspect, hashes(frames), duration_s, images.HASH_VERSION, family_id=creative_id)
