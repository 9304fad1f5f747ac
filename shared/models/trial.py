"""A picture of our own: where a model refuses it as well, no creative is at fault, and nothing is failed."""

import io
from functools import cache

from PIL import Image, ImageDraw


@cache
def picture() -> bytes:
    """A JPEG of an ad for nothing."""
    image = Image.new("RGB", (320, 240), "white")
    ImageDraw.Draw(image).text((40, 80), "HELLO", fill="black", font_size=64)
    encoded = io.BytesIO()
    image.save(encoded, "JPEG")
    return encoded.getvalue()
