"""What `dedup` does with a pair: hash, proportions, near-blank test, gate, thumbnails as stored, verification."""

import hashlib
from dataclasses import dataclass

from PIL import Image

from functions.dedup import gate, verification
from functions.dedup.known import Known, hashes
from functions.dedup.verification import Comparison
from shared import chroma, images, thumbnails
from shared.events import Kind


@dataclass(frozen=True, eq=False)
class Measured:
    """A picture as its fingerprint and its thumbnail describe it."""

    known: Known
    thumbnail: bytes


def measure(image: Image.Image) -> Measured:
    """What `hash` makes of a picture."""
    grey = image.convert("L")
    thumbnail = [(0.0, images.thumbnail(grey))]
    creative_id = hashlib.sha1(image.tobytes(), usedforsecurity=False).hexdigest()
    known = Known(
        creative_id=creative_id,
        kind=Kind.IMAGE,
        aspect=image.width / image.height,
        frames=hashes([] if thumbnails.near_blank(thumbnail) else [images.dhash(images.inside_border(grey))]),
        duration_s=None,
        hash_version=images.HASH_VERSION,
        family_id=creative_id,
    )
    return Measured(known, thumbnails.encode(thumbnail, chroma.measure(chroma.cells(image))))


def compare(one: Measured, other: Measured) -> Comparison | None:
    """What the pixels say; None where the gate did not let the pair through."""
    if gate.distance(one.known, other.known) is None:
        return None
    ((_, grey),), ((_, other_grey),) = thumbnails.decode(one.thumbnail), thumbnails.decode(other.thumbnail)
    colours = thumbnails.decode_colours(one.thumbnail), thumbnails.decode_colours(other.thumbnail)
    both = (colours[0], colours[1]) if colours[0] is not None and colours[1] is not None else None
    return verification.compare(grey, other_grey, both)
