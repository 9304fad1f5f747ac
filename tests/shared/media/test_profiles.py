"""Pictures whose numbers stand for other colours than sRGB's, as their ICC profiles say."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from shared.media import images
from tests import display_p3, pictures

FORMATS = ["JPEG", "PNG", "WEBP", "TIFF"]
LIMIT = 10**7


def shown(content: bytes, content_type: str) -> NDArray[np.int16]:
    return images.colour(content, content_type, max_pixels=LIMIT, most=LIMIT).astype(np.int16)


def colourful(width: int, height: int) -> Image.Image:
    """Four plain places, saturated."""
    picture = Image.new("RGB", (2, 2))
    picture.putdata([(200, 60, 60), (40, 160, 40), (60, 60, 210), (250, 170, 30)])
    return picture.resize((width, height), Image.Resampling.NEAREST)


@pytest.mark.parametrize("pillow_format", FORMATS)
def test_a_picture_in_display_p3_is_seen_as_the_same_in_srgb(pillow_format: str) -> None:
    picture, content_type = colourful(640, 512), f"image/{pillow_format.lower()}"
    options = {"quality": 95} if pillow_format in ("JPEG", "WEBP") else {}
    plain = pictures.encode(picture, pillow_format, **options)
    wide = pictures.encode(display_p3.numbers(picture), pillow_format, icc_profile=display_p3.profile(), **options)

    one, other = (images.read(each, content_type, max_pixels=LIMIT) for each in (plain, wide))

    assert np.abs(np.asarray(one.grey, np.int16) - np.asarray(other.grey)).mean() < 1.5
    assert np.abs(one.colours.astype(np.int16) - other.colours).mean() < 1.5
    assert np.abs(shown(plain, content_type) - shown(wide, content_type)).mean() < 2
    assert np.abs(shown(plain, content_type) - np.asarray(display_p3.numbers(picture))).mean() > 8


@pytest.mark.parametrize("mode", ["RGBA", "P"])
def test_so_is_one_with_transparency_or_a_palette(mode: str) -> None:
    picture = colourful(64, 64)
    wide = pictures.encode(
        display_p3.numbers(picture).convert(mode, dither=None, palette=Image.Palette.ADAPTIVE),
        "PNG",
        icc_profile=display_p3.profile(),
    )

    assert np.abs(shown(wide, "image/png") - np.asarray(picture)).max() <= 3


def test_a_large_one_is_as_well_strip_by_strip() -> None:
    picture = colourful(2400, 2000)
    wide = pictures.encode(display_p3.numbers(picture), "PNG", icc_profile=display_p3.profile(), compress_level=1)

    assert np.abs(shown(wide, "image/png") - np.asarray(picture)).max() <= 3


@pytest.mark.parametrize(
    "profile",
    [
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
        b"no profile" * 50,
        display_p3.profile()[:200],
    ],
    ids=["sRGB", "none", "cut off"],
)
def test_a_profile_of_srgb_and_one_that_cannot_be_read_change_nothing(profile: bytes) -> None:
    picture = pictures.draw(300, 200)

    assert np.array_equal(shown(pictures.encode(picture, "PNG", icc_profile=profile), "image/png"), np.asarray(picture))
