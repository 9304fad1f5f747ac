"""The colours of a picture, coarsely: what its grey thumbnail cannot tell.

A grid of a few hundred cells is enough to see that a product or a button has another colour, and small enough to go
with the thumbnail.
"""

import base64

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Chroma = NDArray[np.uint8]
"""Cb and Cr of a picture's cells: `CELLS` x `CELLS` x 2, 128 where it is grey."""

CELLS = 32

_SAMPLES = 8 * CELLS  # a side, where a picture's pixels cannot be averaged because they are indices of a palette

_MOST_AVERAGED = 64 * CELLS


def cells(image: Image.Image) -> Image.Image:
    """The picture in `CELLS` x `CELLS` pixels, RGB, on white where it is transparent; not yet turned upright."""
    if not _is_coloured(image):
        return Image.new("RGB", (CELLS, CELLS), "grey")
    small = _reduced(image)
    if small.has_transparency_data:
        small = small.convert("RGBA")
        small = Image.alpha_composite(Image.new("RGBA", small.size, "white"), small)
    return small.convert("RGB").resize((CELLS, CELLS), Image.Resampling.BOX)


def measure(upright: Image.Image) -> Chroma:
    """The colours of upright `cells`."""
    return np.asarray(upright.convert("YCbCr"))[:, :, 1:]


def to_bytes(colours: Chroma) -> bytes:
    """As text, for a file's metadata."""
    return base64.b64encode(colours.tobytes())


def from_bytes(text: bytes) -> Chroma:
    """What `to_bytes` made.

    Raises:
        ValueError: when it did not make this.
    """
    return np.frombuffer(base64.b64decode(text, validate=True), np.uint8).reshape(CELLS, CELLS, 2)


def _is_coloured(image: Image.Image) -> bool:
    """Lab has colours too, but Pillow does not turn them into others; it is a printer's format, not one of ads."""
    return image.mode not in ("1", "L", "LA", "I", "F", "LAB") and not image.mode.startswith("I;16")


def _reduced(image: Image.Image) -> Image.Image:
    if image.mode in ("P", "PA"):
        return image.resize((_SAMPLES, _SAMPLES), Image.Resampling.NEAREST)
    if max(image.size) > _MOST_AVERAGED:  # averaging transparent pixels takes a copy of the picture
        sampled = min(image.width, _MOST_AVERAGED), min(image.height, _MOST_AVERAGED)
        image = image.resize(sampled, Image.Resampling.NEAREST)
    factor = min(image.width // CELLS, image.height // CELLS)
    return image.reduce(factor) if factor > 1 else image
