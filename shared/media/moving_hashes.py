"""The hashes of what moves: of what is shown four times a second, inside the bars that stay around it.

Of a still within bars the one of what is inside them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from shared.media import bars, images
from shared.media.thumbnails import Frame


@dataclass(frozen=True)
class Hashed:
    """What frames are found by.

    Attributes:
        frames: dHashes, one a frame.
        picture_aspect: width divided by height inside the bars; None where there are none.
    """

    frames: list[int]
    picture_aspect: float | None


def of(grid: Sequence[Frame], shown_aspect: float) -> Hashed:
    """The hashes of small grey frames of one size, of a creative of `shown_aspect`."""
    greys = [frame.grey for frame in grid]
    box = bars.box(greys)
    height, width = greys[0].shape
    narrowed = shown_aspect * bars.aspect(box) * height / width if bars.found(box, (height, width)) else None
    return Hashed([images.dhash(Image.fromarray(grey[box])) for grey in greys], narrowed)
