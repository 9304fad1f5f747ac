"""What a WebP or an AVIF makes of a picture, at the quality at which it takes as many bytes as a file does.

No file says at which quality it was saved, but the better that is, the more it takes.
"""

import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image

from shared.media.images import Colour

BEST_QUALITY = 100

_USUAL_QUALITY = 75
_WEBP_GROWTH = 0.015, 0.035
"""Of the bytes, to the base e, with each step of quality, below and above the usual."""

_AVIF_GROWTH = 0.027, 0.027
_AVIF_SPEED = 8
_IN_FULL, _HALVED = "4:4:4", "4:2:0"
_AVIF_IN_FULL = 0  # bits of `av1C`
_AVIF_FLAGS, _AVIF_BITS = 6, 0b11100


@dataclass(frozen=True)
class Encoder:
    """How a file was saved, but for its quality.

    Attributes:
        taken: the bytes of the picture in it.
        growth: by how much that grows with each step of quality, below and above the usual: to the base e.
        save: a picture at a quality (0 to 100).
        size: the bytes of the picture in what that returns.
    """

    taken: int
    growth: tuple[float, float]
    save: Callable[[Image.Image, int], bytes]
    size: Callable[[bytes], int]

    def saver(self, picture: Colour) -> "Saver":
        """Saves a picture as the file was."""
        return Saver(self, Image.fromarray(picture))


class Saver:
    """Saves one picture at several qualities, each once."""

    def __init__(self, encoder: Encoder, image: Image.Image) -> None:
        self._encoder = encoder
        self._at = cache(lambda quality: encoder.save(image, quality))

    def quality(self) -> int:
        """The lowest at which the picture takes as many bytes as the file, or more."""
        return quality(self._encoder.taken, lambda at: self._encoder.size(self._at(at)), self._encoder.growth)

    def shown(self, at: int) -> Colour:
        """What is shown of it at a quality; beyond the least and the best at those."""
        return shown(self._at(min(BEST_QUALITY, max(0, at))))


def encoder(content: bytes, content_type: str) -> Encoder | None:
    """Of a file; None for one that keeps all, that moves, can be seen through, or is of another format."""
    if content_type == "image/webp" and (taken := bytes_of_webp(content)) is not None:
        return Encoder(taken, _WEBP_GROWTH, _as_webp, lambda saved: bytes_of_webp(saved) or 0)
    if content_type == "image/avif" and (in_full := has_colours_in_full(content)) is not None:
        sampling = _IN_FULL if in_full else _HALVED
        return Encoder(len(content), _AVIF_GROWTH, lambda image, at: _as_avif(image, at, sampling), len)
    return None


def quality(wanted: int, taken: Callable[[int], int], growth: tuple[float, float]) -> int:
    """The lowest at which so many bytes are taken, or more: each guess goes by how far the one before was from it."""
    low, high, guess = 0, BEST_QUALITY, _USUAL_QUALITY
    while low < high:
        size = taken(guess)
        if size == wanted:
            return guess
        low, high = (guess + 1, high) if size < wanted else (low, guess)
        step = math.log(wanted / max(1, size)) / growth[size < wanted]
        guess = min(max(low, guess + round(step)), max(low, high - 1))
    return low


def shown(content: bytes) -> Colour:
    """What a still picture shows, RGB."""
    return np.asarray(Image.open(io.BytesIO(content), formats=["JPEG", "WEBP", "AVIF"]).convert("RGB"))


def bytes_of_webp(content: bytes) -> int | None:
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


def has_colours_in_full(content: bytes) -> bool | None:
    """Whether an AVIF's colours are sampled as finely as its light; None where it is not one opaque picture."""
    at = content.find(b"av1C")
    if at < 0 or content.count(b"av1C") != 1 or len(content) <= at + _AVIF_FLAGS:
        return None
    return content[at + _AVIF_FLAGS] & _AVIF_BITS == _AVIF_IN_FULL


def _as_webp(image: Image.Image, at: int) -> bytes:
    file = io.BytesIO()
    image.save(file, "WEBP", quality=at)
    return file.getvalue()


def _as_avif(image: Image.Image, at: int, sampling: str) -> bytes:
    file = io.BytesIO()
    image.save(file, "AVIF", quality=at, speed=_AVIF_SPEED, subsampling=sampling, max_threads=1)
    return file.getvalue()
