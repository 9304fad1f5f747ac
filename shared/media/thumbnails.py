"""The small grey thumbnails that duplicates are verified on: kept beside each creative, an image's or a video's.

Its colours go with it, coarsely (see chroma.py), in the file's metadata: a red and a green product may be of the
same grey.

A thumbnail is a WebP; a video's is an animated one whose frame durations carry the time of each frame. A video frame
that repeats the one before is not stored again: what is shown at a time is the last frame that starts at or before it.
"""

import base64
import io
import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageSequence

from shared import objects
from shared.media import chroma
from shared.media.chroma import Chroma

if TYPE_CHECKING:
    from google.cloud import storage

Grey = NDArray[np.uint8]
"""Grey levels, height x width."""

PIXELS = 384**2
"""Area of an image's thumbnail: below it, the words of two promotions look alike."""

BANNER_PIXELS = 512**2
"""The same for a banner, whose words are small against its area: at 384² those of 970 x 250 pixels are lost."""

BANNER = 3.0
"""A picture is a banner from so many times as long as it is high."""

QUALITY = 85
NEAR_BLANK_DEVIATION = 12.0
"""Grey levels: below this standard deviation a picture is too flat for its hash to say anything."""

_LAST_FRAME_MS = 250
_CELLS = (chroma.CELLS, chroma.CELLS, 2)


@dataclass(frozen=True, eq=False)
class Frame:
    """What an image shows, or a video from a time on.

    Attributes:
        seconds: from the start; 0 for an image.
        colours: of the same, coarsely; None where they are not kept.
    """

    seconds: float
    grey: Grey
    colours: Chroma | None = None


def encode(frames: Sequence[Frame]) -> bytes:
    """A WebP of `frames`, all of one size, the first at second 0, in order of time (to the millisecond)."""
    first, *rest = (Image.fromarray(frame.grey) for frame in frames)
    file, colours = io.BytesIO(), _packed(frames)
    if not rest:
        # method 1 takes 3 ms; the default, 4, takes 13, for the same size
        first.save(file, "WEBP", quality=QUALITY, method=1, xmp=colours)
        return file.getvalue()
    starts = [_ms(frame) for frame in frames]
    durations = [after - before for before, after in pairwise(starts)]
    first.save(
        file,
        "WEBP",
        save_all=True,
        append_images=rest,
        duration=[*durations, _LAST_FRAME_MS],
        quality=QUALITY,
        method=4,
        kmax=1,  # every frame on its own: as differences, the losses of one would show in the next
        xmp=colours,
    )
    return file.getvalue()


def decode(content: bytes) -> list[Frame]:
    """The frames of a thumbnail, as `encode` took them, save for what WebP loses.

    Raises:
        OSError, ValueError: when this is not such a thumbnail, or a damaged one.
    """
    shown = []
    with Image.open(io.BytesIO(content), formats=["WEBP"]) as image:
        colours = _unpacked(image.info.get("xmp", b""))
        for frame in ImageSequence.Iterator(image):
            grey = np.asarray(frame.convert("L"))
            shown.append((frame.info.get("duration", 0), grey))  # known once the frame is decoded
    starts = accumulate((duration for duration, _ in shown), initial=0)
    return [Frame(at / 1000, grey, colours.get(at)) for at, (_, grey) in zip(starts, shown, strict=False)]


def near_blank(frames: Sequence[Frame]) -> bool:
    """Whether every frame is too flat to be told from other flat ones by hash or pixels."""
    return all(float(frame.grey.std()) < NEAR_BLANK_DEVIATION for frame in frames)


def uri(results_bucket: str, creative_id: str) -> str:
    """Where a creative's thumbnail is kept."""
    return f"gs://{results_bucket}/thumbnails/{creative_id}.webp"


@dataclass(frozen=True)
class Original:
    """The file that a thumbnail is of: its gs:// URI, and what its bytes are."""

    uri: str
    content_type: str


def store(
    client: "storage.Client", results_bucket: str, creative_id: str, content: bytes, original: Original | None = None
) -> str:
    """Keeps a creative's encoded thumbnail, once, and says where; also what it is of, in the object's metadata."""
    target = uri(results_bucket, creative_id)
    objects.write_once(client, target, content, "image/webp", vars(original) if original else None)
    return target


def is_stored(client: "storage.Client", results_bucket: str, creative_id: str) -> bool:
    """Whether the thumbnail of a creative is there."""
    return objects.find(client, uri(results_bucket, creative_id)) is not None


def original(client: "storage.Client", results_bucket: str, creative_id: str) -> Original | None:
    """What the thumbnail of a creative is of; None where that is not kept."""
    stored = objects.find(client, uri(results_bucket, creative_id))
    if stored is None or not vars(Original("", "")).keys() <= stored.metadata.keys():
        return None
    return Original(stored.metadata["uri"], stored.metadata["content_type"])


def _ms(frame: Frame) -> int:
    return round(frame.seconds * 1000)


def _packed(frames: Sequence[Frame]) -> bytes:
    """The colours of frames by their times, each as what changed since the one before; as text, for metadata."""
    timed = {_ms(frame): frame.colours for frame in frames if frame.colours is not None}
    if not timed:
        return b""
    changes = np.diff(np.stack(list(timed.values())), axis=0, prepend=np.zeros((1, *_CELLS), np.uint8))
    return base64.b64encode(zlib.compress(np.array(list(timed), "<u4").tobytes() + changes.tobytes()))


def _unpacked(text: bytes) -> dict[int, Chroma]:
    """What `_packed` packed, by milliseconds."""
    try:
        content = zlib.decompress(base64.b64decode(text, validate=True)) if text else b""
    except zlib.error as error:
        raise ValueError(f"its colours are damaged: {error}") from error
    count = len(content) // (4 + math.prod(_CELLS))
    times = np.frombuffer(content, "<u4", count)
    changes = np.frombuffer(content, np.uint8, offset=times.nbytes).reshape(count, *_CELLS)
    return dict(zip(times.tolist(), np.cumsum(changes, axis=0, dtype=np.uint8), strict=True))
