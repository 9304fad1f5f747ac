"""Labelled pairs of videos: a drawn spot that is saved again, cut or converted, and one that says something else.

A spot moves slowly over a photograph, says its headline from the start, a promotion in its middle, and ends on a card
with the price and the call to action.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.duplicates import drawing
from benchmarks.duplicates.drawing import Ad
from benchmarks.duplicates.pairs import EDITS, Pair
from benchmarks.duplicates.photos import photo
from tests import videos
from tests.videos import Frame

SIZES = ((640, 360), (480, 480), (360, 640))
SECONDS = 8.0
FPS = 30

_PROMOTION_S = (2.5, 5.0)
_CARD_S = 6.0
_TRAVEL = 0.15  # of its size, that the photograph is larger than the spot

type Copy = Callable[[Ad], bytes]


def of_bases(seeds: range) -> Iterator[Pair[bytes]]:
    """For each base: every kind of copy, every kind of edit, and a stranger."""
    for seed in seeds:
        spot = replace(drawing.make(seed), size=SIZES[seed % len(SIZES)])
        base = _saved(spot)
        for kind, copy in COPIES.items():
            yield Pair(kind, True, base, copy(spot))
        for kind in SPOKEN:
            yield Pair(kind, False, base, _saved(EDITS[kind](spot), quality=30))
        stranger = replace(drawing.make(seed + 10_000), size=spot.size)
        yield Pair("other spot", False, base, _saved(stranger))


@lru_cache(maxsize=2)
def frames(spot: Ad) -> list[Frame]:
    """What the spot shows, 30 times a second."""
    larger = round(spot.size[0] * (1 + _TRAVEL)), round(spot.size[1] * (1 + _TRAVEL))
    backdrop = photo(spot.photo, larger)
    return [np.asarray(_shown(spot, backdrop, number / FPS)) for number in range(round(SECONDS * FPS))]


def _shown(spot: Ad, backdrop: Image.Image, at: float) -> Image.Image:
    if at >= _CARD_S:
        return _card(spot)
    width, height = spot.size
    left, top = ((side * _TRAVEL * at / SECONDS) for side in spot.size)
    image = backdrop.transform(spot.size, Image.Transform.AFFINE, (1, 0, left, 0, 1, top), Image.Resampling.BILINEAR)
    pen = ImageDraw.Draw(image)
    strip = (0, height * 4 // 5, width, height)
    pen.rectangle(strip, fill=spot.colours[0])
    drawing.fit(pen, _inset(strip), drawing.headline(spot), spot.fonts[0], spot.colours[1])
    if _PROMOTION_S[0] <= at < _PROMOTION_S[1]:
        badge = (width // 20, height // 20, width // 2, height // 4)
        pen.rectangle(badge, fill=spot.colours[1])
        drawing.fit(pen, _inset(badge), drawing.promotion(spot), spot.fonts[1], spot.colours[0])
    return image


def _card(spot: Ad) -> Image.Image:
    card = Image.new("RGB", spot.size, spot.colours[0])
    width, height = spot.size
    pen = ImageDraw.Draw(card)
    for row, words in enumerate((drawing.headline(spot), drawing.price(spot), drawing.call(spot))):
        box = (width // 12, height * (1 + row) // 5, width * 11 // 12, height * (2 + row) // 5)
        drawing.fit(pen, _inset(box), words, spot.fonts[row % 2], spot.colours[1])
    return card


def _inset(box: drawing.Box) -> drawing.Box:
    left, top, right, bottom = box
    by = (bottom - top) // 6
    return left + by, top + by, right - by, bottom - by


def _saved(
    spot: Ad,
    *,
    fps: int = FPS,
    start: float = 0.0,
    end: float = SECONDS,
    scale: float = 1.0,
    quality: int = 23,
    muxer: str = "mp4",
    codec: str = "libx264",
) -> bytes:
    """A file of its frames from second `start` to `end`; at another rate, of the last one at each time."""
    numbers = np.floor(np.arange(start, end, 1 / fps) * FPS + 1e-6).astype(int)
    shown = (_resized(frames(spot)[number], scale) for number in numbers)
    return videos.encode(shown, fps=fps, quality=quality, muxer=muxer, codec=codec)


def _resized(frame: Frame, scale: float) -> Frame:
    if scale == 1:
        return frame
    height, width = (2 * round(side * scale / 2) for side in frame.shape[:2])  # encoders take even sides
    return np.asarray(Image.fromarray(frame).resize((width, height)))


def _squeezed(spot: Ad) -> bytes:
    """Three pixels of four across, each a third wider, as on a DVD."""
    height, width = frames(spot)[0].shape[:2]
    narrow = width * 3 // 4, height
    shown = (np.asarray(Image.fromarray(frame).resize(narrow)) for frame in frames(spot))
    return videos.encode(shown, fps=FPS, pixel_aspect=Fraction(4, 3))


COPIES: dict[str, Copy] = {
    "crf 28": lambda spot: _saved(spot, quality=28),
    "crf 38": lambda spot: _saved(spot, quality=38),
    "half size": lambda spot: _saved(spot, scale=0.5, quality=26),
    "larger": lambda spot: _saved(spot, scale=1.5, quality=28),
    "15 fps": lambda spot: _saved(spot, fps=15),
    "24 fps": lambda spot: _saved(spot, fps=24),
    "60 fps": lambda spot: _saved(spot, fps=60, quality=28),
    "a second cut off the start": lambda spot: _saved(spot, start=1.0),
    "half a second cut off the end": lambda spot: _saved(spot, end=SECONDS - 0.5),
    "webm": lambda spot: _saved(spot, muxer="webm", codec="libvpx", quality=20),
    "mkv": lambda spot: _saved(spot, muxer="matroska"),
    "wide pixels": _squeezed,
}

SPOKEN = ("promo digit", "promo wording", "price digit", "call to action", "headline", "language", "product photo")
"""The kinds of edit, of those of images, that a spot shows."""
