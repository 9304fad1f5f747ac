"""The colours of a picture, coarsely: what its grey thumbnail cannot tell.

A grid of a few hundred cells is enough to see that a product or a button has another colour, and small enough to go
with the thumbnail.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shared.media import profiles

Chroma = NDArray[np.uint8]
"""Cb and Cr of a picture's cells: `CELLS` x `CELLS` x 2, 128 where it is grey."""

CELLS = 32

_MOST_AVERAGED = 64 * CELLS  # pixels a side


def cells(image: Image.Image) -> Image.Image:
    """The picture in `CELLS` x `CELLS` pixels, on white where it is transparent; not yet turned upright."""
    if not _is_coloured(image):
        return Image.new("RGB", (CELLS, CELLS), "grey")
    sampled, profile = _sampled(image), profiles.foreign(image)
    if sampled.has_transparency_data:
        sampled = sampled.convert("RGBA")
        sampled = Image.alpha_composite(Image.new("RGBA", sampled.size, "white"), sampled)
    if sampled.mode in ("P", "PA"):
        sampled = sampled.convert("RGB")
    if profile:
        sampled = profiles.in_srgb(sampled, profile)
    return sampled.resize((CELLS, CELLS), Image.Resampling.BOX, reducing_gap=3)


def measure(upright: Image.Image) -> Chroma:
    """The colours of upright `cells`."""
    standard = upright if upright.mode == "YCbCr" else upright.convert("RGB").convert("YCbCr")
    return np.asarray(standard)[:, :, 1:]


def _is_coloured(image: Image.Image) -> bool:
    """Lab has colours too, but Pillow does not turn them into others; it is a printer's format, not one of ads."""
    return image.mode not in ("1", "L", "LA", "La", "I", "F", "LAB") and not image.mode.startswith("I;16")


def _sampled(image: Image.Image) -> Image.Image:
    """The picture with so few pixels that copies of it, which making it opaque and converting it take, weigh little."""
    size = min(image.width, _MOST_AVERAGED), min(image.height, _MOST_AVERAGED)
    return image if size == image.size else image.resize(size, Image.Resampling.NEAREST)
