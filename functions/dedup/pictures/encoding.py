"""What a WebP or an AVIF makes of a picture, at the quality at which a file was saved.

A WebP does not say what that was, but the better it is, the more it takes: it is the quality at which a picture takes
as many bytes. An AVIF says how coarse its steps are (quantizers.py): it is the quality that has the same.
"""

import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image

from functions.dedup.pictures import quantizers
from shared.media import avif_boxes
from shared.media.images import Colour

BEST_QUALITY = 100

_USUAL_QUALITY = 75
_WEBP_GROWTH = 0.015, 0.035
"""Of the bytes, to the base e, with each step of quality, below and above the usual."""

_AVIF_SPEED = 9
"""A tenth of a second a megapixel; slower ones take fewer bytes, but with the same steps lose about as much."""

_AVIF_TUNE = {"tune": "ssim"}
"""What libavif asks of libaom by default since 0.11, so that most AVIFs were saved so; what Pillow's own asks (`iq`)
keeps more of what is faint at the same steps. With it words in colour alone are further from what may be lost: eleven
pairs in strips of 50 and 100 pixels have 1.0 to 3.2 of it, not 0.7 to 2.2; copies have as much as before. Of 198 more
such pairs, drawn on noise at the limit, ten are told that were not, and two are not that were.
"""

_TRIED = Image.new("RGB", (16, 16))


type Save = Callable[[int], bytes]
"""Saves a picture at a quality (0 to 100)."""


@dataclass(frozen=True)
class Encoder:
    """How a file was saved.

    Attributes:
        save: a picture at a quality.
        quality: the one at which the file was saved, by how a picture is saved at others.
    """

    save: Callable[[Image.Image, int], bytes]
    quality: Callable[[Save], int]

    def saver(self, picture: Colour) -> "Saver":
        """Saves a picture as the file was."""
        return Saver(self, Image.fromarray(picture))


class Saver:
    """Saves one picture at several qualities, each once."""

    def __init__(self, encoder: Encoder, image: Image.Image) -> None:
        self._encoder = encoder
        self._at = cache(lambda quality: encoder.save(image, quality))

    def quality(self) -> int:
        """At which the file was saved, as far as that can be told."""
        return self._encoder.quality(self._at)

    def shown(self, at: int) -> Colour:
        """What is shown of it at a quality; beyond the least and the best at those."""
        return shown(self._at(min(BEST_QUALITY, max(0, at))))


def encoder(content: bytes, content_type: str) -> Encoder | None:
    """Of a file; None for one that keeps all, that moves, can be seen through, or is of another format."""
    if content_type == "image/webp" and (taken := bytes_of_webp(content)) is not None:
        return Encoder(_as_webp, lambda save: _quality_of_webp(taken, save))
    if content_type == "image/avif" and (sampling := avif_boxes.sampling_of(content)) is not None:
        steps = quantizers.index(content)
        if steps is not None:
            return Encoder(lambda image, at: _as_avif(image, at, sampling), lambda _: _quality_of_avif(steps))
    return None


def _quality_of_webp(wanted: int, save: Save) -> int:
    """The lowest at which so many bytes are taken, or more: each guess goes by how far the one before was from it."""
    low, high, guess = 0, BEST_QUALITY, _USUAL_QUALITY
    while low < high:
        size = bytes_of_webp(save(guess)) or 0
        if size == wanted:
            return guess
        low, high = (guess + 1, high) if size < wanted else (low, guess)
        step = math.log(wanted / max(1, size)) / _WEBP_GROWTH[size < wanted]
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


@cache
def _quality_of_avif(steps: int) -> int:
    """The best at which steps are as coarse, or coarser: they do not depend on the picture."""
    low, high = 0, BEST_QUALITY
    while low < high:
        middle = (low + high + 1) // 2
        found = quantizers.index(_as_avif(_TRIED, middle, "4:4:4"))
        low, high = (middle, high) if found is not None and found >= steps else (low, middle - 1)
    return low


def _as_webp(image: Image.Image, at: int) -> bytes:
    file = io.BytesIO()
    image.save(file, "WEBP", quality=at)
    return file.getvalue()


def _as_avif(image: Image.Image, at: int, sampling: str) -> bytes:
    file = io.BytesIO()
    kept = {"subsampling": sampling, "speed": _AVIF_SPEED, "advanced": _AVIF_TUNE}
    image.save(file, "AVIF", quality=at, max_threads=1, **kept)
    return file.getvalue()
