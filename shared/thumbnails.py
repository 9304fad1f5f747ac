"""The small grey thumbnails that duplicates are verified on: kept beside each creative, an image's or a video's.

An image's also carries its colours, coarsely (see shared/chroma.py), in the file's metadata: a red and a green product
may be of the same grey.

A thumbnail is a WebP; a video's is an animated one whose frame durations carry the time of each frame. A video frame
that repeats the one before is not stored again: what is shown at a time is the last frame that starts at or before it.
"""

import io
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageSequence

from shared import chroma, objects
from shared.chroma import Chroma

if TYPE_CHECKING:
    from google.cloud import storage

Grey = NDArray[np.uint8]
"""Grey levels, height x width."""

TimedGrey = tuple[float, Grey]
"""Seconds from the start (0 for an image), and what is shown then."""

QUALITY = 85
NEAR_BLANK_DEVIATION = 12.0
"""Grey levels: below this standard deviation a picture is too flat for its hash to say anything."""

_LAST_FRAME_MS = 250


def encode(frames: Sequence[TimedGrey], colours: Chroma | None = None) -> bytes:
    """A WebP of `frames`, all of one size, the first at second 0, in order of time (to the millisecond)."""
    first, *rest = (Image.fromarray(grey) for _, grey in frames)
    file = io.BytesIO()
    if not rest:
        kept = b"" if colours is None else chroma.to_bytes(colours)
        first.save(
            file, "WEBP", quality=QUALITY, method=1, xmp=kept
        )  # 3 ms; the default, 4, takes 13, for the same size
        return file.getvalue()
    starts = [round(seconds * 1000) for seconds, _ in frames]
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
    )
    return file.getvalue()


def decode(content: bytes) -> list[TimedGrey]:
    """The frames of a thumbnail, as `encode` took them, save for what WebP loses."""
    frames = []
    with Image.open(io.BytesIO(content), formats=["WEBP"]) as image:
        for frame in ImageSequence.Iterator(image):
            grey = np.asarray(frame.convert("L"))
            frames.append((frame.info.get("duration", 0), grey))  # known once the frame is decoded
    starts = accumulate((duration for duration, _ in frames), initial=0)
    return [(start / 1000, grey) for start, (_, grey) in zip(starts, frames, strict=False)]


def decode_colours(content: bytes) -> Chroma | None:
    """The colours that `encode` was given; None where it was not."""
    with Image.open(io.BytesIO(content), formats=["WEBP"]) as image:
        kept = image.info.get("xmp")
    return chroma.from_bytes(kept) if kept else None


def near_blank(frames: Sequence[TimedGrey]) -> bool:
    """Whether every frame is too flat to be told from other flat ones by hash or pixels."""
    return all(float(grey.std()) < NEAR_BLANK_DEVIATION for _, grey in frames)


def uri(results_bucket: str, creative_id: str) -> str:
    """Where a creative's thumbnail is kept."""
    return f"gs://{results_bucket}/thumbnails/{creative_id}.webp"


def store(client: "storage.Client", results_bucket: str, creative_id: str, content: bytes) -> str:
    """Keeps a creative's encoded thumbnail, once, and says where."""
    target = uri(results_bucket, creative_id)
    objects.write_once(client, target, content, "image/webp")
    return target
