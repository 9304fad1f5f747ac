"""Colours: measured upright, for every mode a picture can have, and kept beside the grey thumbnail."""

import io

import numpy as np
import pytest
from PIL import Image

from shared.media import chroma, images
from tests import pictures

PIXELS = 10_000_000


def colours(picture: Image.Image, pillow_format: str = "PNG", **options: object) -> chroma.Chroma:
    content = pictures.encode(picture, pillow_format, **options)
    return images.read(content, f"image/{pillow_format.lower()}", max_pixels=PIXELS).colours


@pytest.mark.parametrize(
    ("pillow_format", "mode", "most"),
    [
        ("JPEG", "RGB", 12),
        ("JPEG", "CMYK", 12),
        ("WEBP", "RGB", 12),
        ("GIF", "P", 12),
        ("PNG", "P", 12),
        ("PNG", "RGBA", 1),
        ("TIFF", "RGB", 1),
    ],
)
def test_colours_do_not_depend_on_the_format(pillow_format: str, mode: str, most: int) -> None:
    picture = pictures.draw(800, 500, seed=4)

    found = colours(picture.convert(mode), pillow_format)

    assert np.abs(found.astype(int) - colours(picture)).mean() <= most


@pytest.mark.parametrize("mode", ["1", "L", "LA", "I;16"])
def test_a_grey_picture_has_no_colours(mode: str) -> None:
    picture = pictures.draw(300, 200, mode="L")
    grey = Image.fromarray(np.asarray(picture).astype(np.uint16) * 256) if mode == "I;16" else picture.convert(mode)

    assert (colours(grey) == 128).all()


def test_colours_are_those_of_the_upright_picture() -> None:
    picture = pictures.draw(800, 500, seed=4)
    exif = Image.Exif()
    exif[0x0112] = 6  # shown after a quarter turn

    turned = colours(picture.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif, quality=95)

    assert np.abs(turned.astype(int) - colours(picture)).mean() <= 8
    assert np.abs(turned.astype(int) - colours(picture.rotate(180))).mean() > 20


def test_transparent_parts_have_the_colour_of_white() -> None:
    picture = Image.new("RGBA", (200, 200), (255, 0, 0, 0))

    assert np.abs(colours(picture).astype(int) - 128).max() <= 1


def test_pictures_smaller_than_the_grid_have_colours_too() -> None:
    file = io.BytesIO()
    Image.new("RGB", (3, 2), "red").save(file, "PNG")

    found = images.read(file.getvalue(), "image/png", max_pixels=PIXELS).colours

    assert found.shape == (chroma.CELLS, chroma.CELLS, 2)


@pytest.mark.parametrize("size", [(700, 394), (1000, 523), (321, 640)])
def test_thin_coloured_lines_are_where_they_are_in_every_format(size: tuple[int, int]) -> None:
    """Cells that a decoder's own reduction shifts by a part of one halve what a line of their width shows."""
    picture = Image.new("RGB", size, "white")
    for place in range(20, size[0], 60):
        picture.paste("red", (place, 0, place + size[0] // chroma.CELLS, size[1]))

    found = colours(picture, "JPEG", quality=90, subsampling=0)

    assert np.abs(found.astype(int) - colours(picture)).max() <= 4
