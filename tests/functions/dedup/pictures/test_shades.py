"""An ad with another ground or button is no copy, however little its shade differs; one changed as a whole is."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance

from functions.dedup.pictures import appearance, originals, shades
from functions.dedup.pictures.resaving import Saved
from tests import fonts, pictures

type Rgb = tuple[int, int, int]

LINEN, OLIVE, INK = (238, 231, 218), (112, 122, 60), (38, 34, 40)


def ad(ground: Rgb = LINEN, button: Rgb = OLIVE) -> Image.Image:
    image = Image.new("RGB", (640, 480), ground)
    pen = ImageDraw.Draw(image)
    pen.text((40, 40), "Linen shirts", INK, fonts.bold(72), anchor="lt")
    pen.rectangle((40, 320, 300, 430), button)
    pen.rectangle((420, 160, 600, 430), (176, 86, 64))
    return image


def saved(image: Image.Image, pillow_format: str = "JPEG", **options: int) -> Saved:
    content = pictures.encode(image, pillow_format, **options)
    return Saved(content, f"image/{pillow_format.lower()}", np.asarray(Image.open(io.BytesIO(content)).convert("RGB")))


@pytest.mark.parametrize(
    "shade",
    [
        (228, 221, 208),
        pytest.param((230, 224, 204), marks=pytest.mark.long),
        pytest.param((244, 240, 231), marks=pytest.mark.long),
    ],
)
def test_another_shade_of_the_ground_makes_another_ad(shade: Rgb) -> None:
    original = saved(ad(), "PNG")

    assert not originals.compare_saved(original, saved(ad(shade), quality=85)).same
    assert not originals.compare_saved(saved(ad(shade), "WEBP", quality=80), original).same


def test_another_shade_of_a_button_makes_another_ad() -> None:
    assert not originals.compare_saved(saved(ad(), "PNG"), saved(ad(button=(124, 134, 74)), quality=85)).same


@pytest.mark.parametrize(
    "change",
    [
        lambda image: ImageEnhance.Brightness(image).enhance(0.95),
        lambda image: ImageEnhance.Contrast(image).enhance(1.06),
        lambda image: ImageEnhance.Color(image).enhance(1.15),
        lambda image: image.point(lambda level: round(255 * (level / 255) ** 1.1)),
    ],
    ids=["darker", "of more contrast", "more coloured", "by a power"],
)
def test_of_what_was_changed_as_a_whole_no_colour_stayed(change: Callable[[Image.Image], Image.Image]) -> None:
    changed = change(ad())

    assert shades.left_as_they_were(np.asarray(ad()), np.asarray(changed)) < appearance.MOST_LEFT
    assert originals.compare_saved(saved(ad(), "PNG"), saved(changed, quality=85)).same


def test_pictures_without_anything_flat_or_of_equal_colours_tell_nothing() -> None:
    noise = np.random.default_rng(3).integers(0, 256, (60, 80, 3), dtype=np.uint8)

    assert shades.left_as_they_were(noise, noise[::-1]) == 0
    assert shades.left_as_they_were(np.asarray(ad()), np.asarray(ad())) == 0
