"""An ad whose one pale colour beside white is of another hue is no copy; nothing that changes a whole turns a hue."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance

from functions.dedup.pictures import appearance, hues, originals
from functions.dedup.pictures.resaving import Saved
from tests import fonts, pictures
from tests.cases import first_of

type Rgb = tuple[int, int, int]

BLUE, PINK, CREAM = (226, 234, 252), (252, 234, 236), (252, 244, 226)


def ad(colour: Rgb, size: tuple[int, int]) -> Image.Image:
    """Black words on a ground that goes from white to a colour."""
    width, height = size
    row = 255 + np.linspace(0, 1, width)[:, None] * (np.array(colour) - 255)
    image = Image.fromarray(np.broadcast_to(np.rint(row).astype(np.uint8), (height, width, 3)).copy())
    ImageDraw.Draw(image).text((width // 12, height // 3), "New season", "black", fonts.bold(height // 5))
    return image


def saved(image: Image.Image, pillow_format: str = "JPEG", **options: int) -> Saved:
    content = pictures.encode(image, pillow_format, **options)
    return Saved(content, f"image/{pillow_format.lower()}", np.asarray(Image.open(io.BytesIO(content)).convert("RGB")))


@pytest.mark.parametrize(("width", "height"), first_of([(728, 90), (300, 250), (1000, 500)]))
@pytest.mark.parametrize(("one", "other"), [(PINK, CREAM), (BLUE, PINK)])
def test_another_hue_of_a_pale_ground_makes_another_ad(one: Rgb, other: Rgb, width: int, height: int) -> None:
    first, second = ad(one, (width, height)), ad(other, (width, height))

    assert not originals.compare_saved(saved(first, "PNG"), saved(second, "PNG")).same
    assert not originals.compare_saved(saved(second, quality=85), saved(first, "PNG")).same
    assert originals.compare_saved(saved(first, "PNG"), saved(first, quality=85)).same


@pytest.mark.parametrize(
    "change",
    [
        lambda image: ImageEnhance.Contrast(image).enhance(1.1),
        lambda image: ImageEnhance.Color(image).enhance(1.3),
        lambda image: ImageEnhance.Brightness(image).enhance(0.94),
        lambda image: image.quantize(32).convert("RGB"),
    ],
    ids=["of more contrast", "more coloured", "darker", "in few colours"],
)
@pytest.mark.parametrize("colour", [BLUE, PINK])
def test_what_changes_a_picture_as_a_whole_keeps_its_hue(
    change: Callable[[Image.Image], Image.Image], colour: Rgb
) -> None:
    drawn = ad(colour, (480, 300))

    assert hues.turned(np.asarray(drawn), np.asarray(change(drawn))) < appearance.MOST_TURNED / 2


def test_what_has_no_colour_was_not_turned() -> None:
    grey, warm = (np.full((40, 60, 3), level, np.uint8) for level in ((200, 200, 200), (204, 200, 196)))

    assert hues.turned(grey, warm) == hues.turned(grey[:1, :1], warm[:1, :1]) == 0
