"""Was a file saved, with loss, from this very picture, or from one with other words?

What a format loses looks like small words in colour, and often weighs more. But what it loses is no accident: the same
format makes the same of the same picture. So a JPEG's coefficients are held against the picture's own (jpegs.py), and
for a WebP or AVIF the picture is saved at the quality that takes as many bytes, and what came out is held against what
the file shows. Words that were exchanged differ where the rest does not. What was a JPEG before it was saved as an AVIF
is held against that JPEG (chains.py).
"""

import io
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache

import cv2
import numpy as np
from cv2.typing import MatLike as Plane
from numpy.typing import NDArray
from PIL import Image

from functions.dedup import alignment, chains, jpegs
from functions.dedup.jpegs import by_blocks
from functions.dedup.residuals import gradient
from shared.media.images import Colour

MOST_PIXELS = 5 * 10**6
"""Of a file that is looked at so: saving a larger one several times takes seconds."""

ALIKE = {"image/jpeg": 0.97, "image/webp": 0.05}
"""Of all that is drawn: files with less in common were not saved from the picture in one step, and so tell nothing.

A WebP's blocks are predicted from those before: behind another word few are equal. Of a copy of a copy none is.
"""

MOST_LEVELS = 8.0
"""The same for a WebP, in levels, mean over 3x3 pixels."""

MOST_LOST = 2.6, 1.77
"""How often what an AVIF loses nearby, of luma, and of Cr and Cb, a file differs by at most: nineteen of twenty copies.

Words in luma start at 1.4 of it where looks alone do not tell. Words of nine pixels in colour alone, of which two
encoders keep about as much, start at 1.08 of it.
"""

_ALL_OVER, _WITH_IT = 0.55, 3.0
"""What nine of ten blocks of an AVIF of a JPEG stay below, as a share of that; and how much more a place may have for
what they have beyond: a JPEG by another program differs a little everywhere, words in their place alone."""

MOST_PIXELS_OF_AVIF = 800_000
"""Saving a larger one takes a second."""

CERTAIN = 0.48
"""Of all these, what a copy has that is no doubt one: exchanged words start at 0.5 of them, in 600 pairs that were
saved by other programs."""

_WITHOUT_LOSS = ("image/png", "image/bmp")
_MACROBLOCK = 16
_LEAST_DRAWN = 32  # of a macroblock's pixels
_LEAST_ALIKE = 0.3  # what was saved in one step by whichever program has more of it
_NEARLY = 16  # levels from black or white: most borders are either, before they are saved
_LEAST_CONTRAST = 3.0  # levels a pixel
_AVIF_IN_FULL = 0  # bits of `av1C`: where colours are halved, copies differ by more than small words do
_AVIF_FLAGS, _AVIF_BITS = 6, 0b11100
_AVIF_GROWTH = 0.027, 0.027
_AVIF_SPEED = 8
_FEWEST_LEVELS = 2.0
_WORD = 5  # pixels
_BEST_QUALITY, _USUAL_QUALITY = 100, 75
_GROWTH = 0.015, 0.035  # of a WebP's bytes, to the base e, with each step of quality, below and above the usual
_BESIDE = 2  # qualities


@dataclass(frozen=True, eq=False)
class Saved:
    """A picture as a file keeps it, and shows it."""

    content: bytes
    content_type: str
    picture: Colour

    @property
    def lost_nothing(self) -> bool:
        """Whether its format keeps all."""
        return self.content_type in _WITHOUT_LOSS or self.content[12:16] == b"VP8L"


def is_copy(source: Saved, file: Saved) -> bool | None:
    """Whether a file was saved from a picture; None where it does not tell."""
    told = measured(source, file)
    return None if told is None else told.copy


@dataclass(frozen=True, eq=False)
class Told:
    """How far a file is from what its format would have made of a picture.

    Attributes:
        alike: how much of what is drawn is the same: in a WebP to the bit, in a JPEG but for its rounding.
        apart: the most that differs in one place, as a share of what may.
        enough: how much has to be alike for it to tell anything.
        again: what the format makes of the picture.
        whole: the picture lost nothing itself; of another the file may only be a copy's copy, or its twin.
        exact: the format makes the same of the same picture; of others only what is no copy is told.
        chained: the file is one of a JPEG of the picture.
    """

    alike: float
    apart: float
    enough: float
    again: Colour
    whole: bool = True
    exact: bool = True
    chained: bool = False

    @property
    def copy(self) -> bool | None:
        """Whether the file was saved from the picture; None where it does not tell."""
        if self.alike < self.enough or CERTAIN < self.apart <= 1:
            return None
        if self.apart <= CERTAIN:
            return True if self.exact else None
        return False if self.whole else None


def measured(source: Saved, file: Saved) -> Told | None:
    """What a file tells of a picture; None for one that lost nothing, or whose loss is not known here."""
    lossy = {"image/webp": _as_webp, "image/jpeg": _as_jpeg, "image/avif": _as_avif}.get(file.content_type)
    if lossy is None or file.picture.shape[0] * file.picture.shape[1] > MOST_PIXELS:
        return None
    laid = _laid_on(source.picture, file.picture)
    told = None if laid is None else lossy(laid, file)
    return None if told is None else replace(told, whole=source.lost_nothing)


def _laid_on(picture: Colour, shown: Colour) -> Colour | None:
    """A picture at its place in what a file shows, to the pixel: as it is, cropped, or within a border."""
    if picture.shape == shown.shape:
        return picture
    cropped = alignment.cut_out(shown, picture)
    if cropped is not None:
        return cropped
    place = alignment.place_in(picture, shown)
    if place is None:
        return None
    border = np.ones(shown.shape[:2], bool)
    border[place] = False
    level = np.median(shown[border], axis=0)
    level = np.where(level <= _NEARLY, 0, np.where(level >= 255 - _NEARLY, 255, level)).astype(np.uint8)
    laid = np.broadcast_to(level, shown.shape).copy()
    laid[place] = picture
    return laid


def _as_jpeg(picture: Colour, file: Saved) -> Told | None:
    held = jpegs.held(picture, file.content, _drawn(picture))
    if held is None:
        return None
    if held.apart <= 1:
        return Told(held.alike, held.apart, _LEAST_ALIKE, picture)
    return Told(min(held.alike, held.alike_in_colour), held.apart, ALIKE[file.content_type], picture)


def _as_webp(picture: Colour, file: Saved) -> Told | None:
    wanted = _bytes_of_picture(file.content)
    if wanted is None:
        return None
    drawn = _drawn_blocks(picture)
    if not drawn.any():
        return None
    alike, again = max(_ways(picture, wanted, file.picture, drawn), key=lambda way: way[0])
    most_apart = float(cv2.blur(_apart(again, file.picture), (3, 3)).max()) / MOST_LEVELS
    return Told(alike, most_apart, ALIKE[file.content_type], again)


def _ways(picture: Colour, wanted: int, shown: Colour, drawn: NDArray[np.bool_]) -> Iterator[tuple[float, Colour]]:
    """How much is equal at each quality, and what it makes of the picture, up to where all is."""
    for content in _saved_in(wanted, Image.fromarray(picture)):
        again = _shown(content)
        yield _equal(_apart(again, shown), drawn), again
        if np.array_equal(again, shown):
            return


def _equal(apart: Plane, drawn: NDArray[np.bool_]) -> float:
    """The share of the blocks in which something is drawn that are equal to the bit."""
    return float((by_blocks(apart, _MACROBLOCK).max(axis=(2, 3))[drawn] == 0).mean())


def _bytes_of_picture(content: bytes) -> int | None:
    """How many the picture in a WebP takes; None where it is kept without loss, moves, or can be seen through."""
    at = 12
    while at + 8 <= len(content):
        name, size = content[at : at + 4], int.from_bytes(content[at + 4 : at + 8], "little")
        if name == b"VP8 ":
            return size or None
        if name in (b"VP8L", b"ANIM", b"ALPH"):
            return None
        at += 8 + size + size % 2
    return None


def _saved_in(wanted: int, picture: Image.Image) -> Iterator[bytes]:
    """A picture as WebP, at qualities at which it takes about as many bytes, nearest first.

    Other words take a few bytes more or less, and a better quality now and then takes fewer.
    """

    @cache
    def at(quality: int) -> bytes:
        file = io.BytesIO()
        picture.save(file, "WEBP", quality=quality)
        return file.getvalue()

    found = _quality(wanted, lambda quality: _bytes_of_picture(at(quality)) or 0, _GROWTH)
    beside = range(max(0, found - _BESIDE), min(_BEST_QUALITY, found + _BESIDE) + 1)
    return (at(quality) for quality in sorted(beside, key=lambda quality: abs(quality - found)))


def _quality(wanted: int, taken: Callable[[int], int], growth: tuple[float, float]) -> int:
    """The lowest at which so many bytes are taken, or more: each guess goes by how far the one before was from it."""
    low, high, guess = 0, _BEST_QUALITY, _USUAL_QUALITY
    while low < high:
        size = taken(guess)
        if size == wanted:
            return guess
        low, high = (guess + 1, high) if size < wanted else (low, guess)
        step = math.log(wanted / max(1, size)) / growth[size < wanted]
        guess = min(max(low, guess + round(step)), max(low, high - 1))
    return low


def _as_avif(picture: Colour, file: Saved) -> Told | None:
    """Of the picture, or where it is none of that, of a JPEG that was made of it."""
    if not _has_colours_in_full(file.content) or picture.shape[0] * picture.shape[1] > MOST_PIXELS_OF_AVIF:
        return None
    told = _as_avif_of(picture, file)
    if told.apart <= 1 or (jpeg := chains.jpeg_before(picture, file.picture, _drawn(picture))) is None:
        return told
    of_jpeg = _as_avif_of(jpeg, file, _drawn_blocks(picture))
    return replace(of_jpeg, chained=True) if of_jpeg.apart <= 1 else told


def _as_avif_of(picture: Colour, file: Saved, drawn: NDArray[np.bool_] | None = None) -> Told:
    """Each encoder makes something else of a picture, but loses about as much of it in a place."""
    image = Image.fromarray(picture)

    @cache
    def at(quality: int) -> bytes:
        saved = io.BytesIO()
        image.save(saved, "AVIF", quality=quality, speed=_AVIF_SPEED, subsampling="4:4:4", max_threads=1)
        return saved.getvalue()

    wanted = len(file.content)
    again = _shown(at(_quality(wanted, lambda quality: len(at(quality)), _AVIF_GROWTH)))
    ratios = zip(_beyond_loss(picture, file.picture, again), (0, 1, 1), strict=True)
    apart = max(_standing_out(beyond, MOST_LOST[channel], drawn) for beyond, channel in ratios)
    return Told(1.0, apart, 0.0, again, exact=False)


def _has_colours_in_full(content: bytes) -> bool:
    """Whether it is one picture, its colours sampled as finely as its light; transparent ones are two."""
    at = content.find(b"av1C")
    if at < 0 or content.count(b"av1C") != 1 or len(content) <= at + _AVIF_FLAGS:
        return False
    return content[at + _AVIF_FLAGS] & _AVIF_BITS == _AVIF_IN_FULL


def _beyond_loss(picture: Colour, shown: Colour, again: Colour) -> Iterator[Plane]:
    """By how much a file differs from a picture and what a format makes of it, against what that loses nearby."""
    planes = [_ycc(each) for each in (picture, shown, again)]
    for channel in range(3):
        drawn, given, lossy = (np.ascontiguousarray(each[..., channel]) for each in planes)
        middle = (drawn + lossy) / 2
        lost = cv2.dilate(_by_words(lossy - middle), np.ones((9, 9), np.uint8))
        yield _by_words(given - middle) / (lost + _FEWEST_LEVELS)


def _standing_out(beyond: Plane, most: float, drawn: NDArray[np.bool_] | None) -> float:
    """What one place has, as a share of the `most` it may have; that is more where all blocks that are `drawn` have."""
    worst = float(beyond.max()) / most
    if drawn is None or not drawn.any():
        return worst
    all_over = float(np.percentile(by_blocks(beyond, _MACROBLOCK).max(axis=(2, 3))[drawn], 90)) / most
    return worst / (1 + _WITH_IT * max(0.0, all_over - _ALL_OVER))


def _by_words(apart: Plane) -> Plane:
    return cv2.blur(np.abs(cv2.GaussianBlur(apart, (0, 0), 1.0)), (_WORD, _WORD))


def _apart(one: Colour, other: Colour) -> Plane:
    """In levels of that of red, green and blue that differs most."""
    return np.abs(one.astype(np.int16) - other).max(axis=2).astype(np.float32)


def _shown(content: bytes) -> Colour:
    return np.asarray(Image.open(io.BytesIO(content), formats=["JPEG", "WEBP", "AVIF"]).convert("RGB"))


def _drawn_blocks(picture: Colour) -> NDArray[np.bool_]:
    """In which macroblocks something is drawn."""
    return np.asarray(by_blocks(_drawn(picture).astype(np.float32), _MACROBLOCK).sum(axis=(2, 3)) >= _LEAST_DRAWN)


def _drawn(picture: Colour) -> NDArray[np.bool_]:
    return gradient(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)) > _LEAST_CONTRAST


def _ycc(picture: Colour) -> Plane:
    return cv2.cvtColor(picture.astype(np.float32), cv2.COLOR_RGB2YCrCb)
