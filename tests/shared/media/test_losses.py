"""What its format made a picture lose: nothing, detail, or colours as well."""

from typing import Any

import pytest
from PIL import Image

from shared.media import images
from tests import pictures


@pytest.mark.parametrize(
    ("pillow_format", "options", "lost"),
    [
        ("PNG", {}, 0),
        ("BMP", {}, 0),
        ("TIFF", {}, 0),
        ("TIFF", {"compression": "jpeg"}, 1),
        ("WEBP", {"lossless": True}, 0),
        ("WEBP", {"quality": 90}, 2),
        ("JPEG", {"quality": 90, "subsampling": "4:4:4"}, 1),
        ("JPEG", {"quality": 90, "subsampling": "4:2:0"}, 2),
        ("AVIF", {"quality": 90, "subsampling": "4:4:4"}, 1),
        ("AVIF", {"quality": 90, "subsampling": "4:2:0"}, 2),
        ("HEIF", {"quality": 90}, 2),
        ("GIF", {}, 2),
    ],
)
def test_a_file_tells_what_its_format_made_it_lose(pillow_format: str, options: dict[str, Any], lost: int) -> None:
    content = pictures.encode(pictures.draw(96, 64), pillow_format, **options)

    assert lost_of(content, f"image/{'heic' if pillow_format == 'HEIF' else pillow_format.lower()}") == lost


def test_of_what_can_be_seen_through_the_picture_counts() -> None:
    picture = pictures.draw(96, 64)
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))

    assert lost_of(pictures.encode(picture, "WEBP", quality=80), "image/webp") == 2
    assert lost_of(pictures.encode(picture, "WEBP", lossless=True), "image/webp") == 0


def test_a_palette_may_have_lost_colours_in_a_format_that_keeps_all() -> None:
    assert lost_of(pictures.encode(pictures.draw(96, 64).quantize(64), "PNG"), "image/png") == 2


def test_a_picture_without_colours_has_none_to_lose() -> None:
    assert lost_of(pictures.encode(pictures.draw(96, 64, mode="L"), "JPEG"), "image/jpeg") == 1


def lost_of(content: bytes, content_type: str) -> int:
    shown = images.pixels(content, content_type, max_pixels=10**6)
    assert shown is not None
    return shown.lost
