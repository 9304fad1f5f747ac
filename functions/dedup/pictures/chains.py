"""Was what a file shows a JPEG before it was saved as something else, or once more? Then of which quality?

People send JPEGs to whatever makes their AVIFs. Both lose something, so the file is far from what either loses alone.
But a JPEG of a picture is no secret: of all its qualities one comes nearest to what the file shows, by far; and where
the file is a JPEG as well, its own numbers say whether it was made of that. There are two ways to reckon it: exactly,
and in a hurry (hurried.py).
"""

import io
import itertools
from collections.abc import Iterator

import cv2
import numpy as np
from cv2.typing import MatLike as Plane
from numpy.typing import NDArray
from PIL import Image

from functions.dedup.pictures import hurried, jpegs
from functions.dedup.pictures.jpegs import Kept, by_blocks
from shared.media.images import Colour

QUALITIES = range(40, 99)
HALVED, IN_FULL = 2, 0  # of colours, as Pillow counts them: both ways
_UNIT = 16  # pixels: a JPEG's blocks with colours halved
_LOOKED_AT = 8  # units, across and down: enough to tell qualities apart
_ASKED_TWICE = 4  # qualities that come nearest, reckoned exactly, though it may have been in a hurry
_NEARER, _NEAREST = 0.65, 0.94
"""Of what the picture itself differs by, and of what the next quality does: the right one differs by less than either.

Of 28 AVIFs and WebPs of JPEGs 26 have one of them, of as many that were made of the picture none: 0.77 and 0.95."""


def jpeg_before(picture: Colour, shown: Colour, drawn: NDArray[np.bool_]) -> Colour | None:
    """The JPEG of a picture that by far comes nearest to what a file of its size shows; None where none does.

    It is looked for where most is `drawn`; whether its colours were halved, everywhere: most is drawn in black words.
    """
    place = most_drawn(drawn)
    part, wanted = picture[place], shown[place].astype(np.float32)
    tried = [(_far(jpeg, wanted), quality) for jpeg, quality in _jpegs(part)]
    _, quality = min(tried)
    itself = _far(part, wanted)
    next_to_it = min(other for other, others_quality in tried if others_quality != quality)
    most = min(itself, max(_NEARER * itself, _NEAREST * next_to_it))
    ways = itertools.product((jpeg, _hurried), (HALVED, IN_FULL))
    far = {way: _far(way[0](part, quality, way[1]), wanted) for way in ways}
    if min(far.values()) > most:
        return None  # however it halved its colours; to save all of a picture takes longer than all of this
    whole = shown.astype(np.float32)
    sampling = min((HALVED, IN_FULL), key=lambda sampling: _far(jpeg(picture, quality, sampling), whole))
    saved = min((jpeg, _hurried), key=lambda way: far[way, sampling])
    return saved(picture, quality, sampling) if far[saved, sampling] <= most else None


def jpegs_before_jpeg(picture: Colour, kept: Kept, drawn: NDArray[np.bool_]) -> Iterator[Colour]:
    """The JPEGs of a picture, its colours halved and in full, of the quality by which a JPEG's light comes nearest to
    what one of its size keeps. It is looked for where most is `drawn`; whether it was one, the file has to tell.
    """
    place = most_drawn(drawn)
    part, far = picture[place], jpegs.farness(kept.planes[0][place], kept.steps[0])
    near = sorted(QUALITIES, key=lambda quality: far(jpeg(part, quality, HALVED)))[:_ASKED_TWICE]
    ways = itertools.product((jpeg, _hurried), near)
    saved, quality = min(ways, key=lambda way: far(way[0](part, way[1], HALVED)))
    for sampling in (HALVED, IN_FULL):
        yield saved(picture, quality, sampling)


def _far(each: Colour, wanted: Plane) -> float:
    return float(np.square(each - wanted).mean())


def _jpegs(picture: Colour) -> Iterator[tuple[Colour, int]]:
    """Of each quality, its colours halved and in full."""
    for sampling, quality in itertools.product((HALVED, IN_FULL), QUALITIES):
        yield jpeg(picture, quality, sampling), quality


def jpeg(picture: Colour, quality: int, sampling: int) -> Colour:
    """What is shown of a picture once it was saved as a JPEG."""
    content = io.BytesIO()
    Image.fromarray(picture).save(content, "JPEG", quality=quality, subsampling=sampling)
    return np.asarray(Image.open(content, formats=["JPEG"]))


def _hurried(picture: Colour, quality: int, sampling: int) -> Colour:
    return hurried.shown(picture, quality, halved=sampling != IN_FULL)


def most_drawn(drawn: NDArray[np.bool_]) -> tuple[slice, slice]:
    """The rows and columns of the window with most in it, where a JPEG of all has its blocks as well."""
    units = by_blocks(drawn.astype(np.float32), _UNIT).sum(axis=(2, 3))
    down, across = (min(side, _LOOKED_AT) for side in units.shape)
    sums = cv2.boxFilter(units, -1, (across, down), anchor=(0, 0), normalize=False, borderType=cv2.BORDER_CONSTANT)
    inside = sums[: units.shape[0] - down + 1, : units.shape[1] - across + 1]
    top, left = (int(at) for at in np.unravel_index(inside.argmax(), inside.shape))
    return np.s_[top * _UNIT : (top + down) * _UNIT, left * _UNIT : (left + across) * _UNIT]
