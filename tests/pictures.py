"""Pictures for tests, drawn from a seed: busy enough that every bit of a hash means something."""

import io
from typing import Any

import numpy as np
from PIL import Image


def draw(width: int, height: int, *, seed: int = 0, mode: str = "RGB") -> Image.Image:
    """A smooth picture of coloured patches with a few hard edges, as photos and drawn ads have."""
    random = np.random.default_rng(seed)
    patches = random.integers(0, 256, (6, 7, 3), dtype=np.uint8)
    picture = Image.fromarray(patches).resize((width, height), Image.Resampling.BICUBIC)
    for _ in range(5):
        left, top = int(random.integers(0, width)), int(random.integers(0, height))
        block = (max(1, width // 5), max(1, height // 6))
        picture.paste(tuple(random.integers(0, 256, 3).tolist()), (left, top, left + block[0], top + block[1]))
    return picture.convert(mode)


def encode(picture: Image.Image, pillow_format: str, **options: Any) -> bytes:
    """The picture as a file."""
    if pillow_format == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    if pillow_format == "PNG":
        options = {"compress_level": 1, **options}  # the same picture in a third of the time
    file = io.BytesIO()
    picture.save(file, pillow_format, **options)
    return file.getvalue()
