"""Pictures that were changed as a whole, or were JPEGs already, before they were saved as JPEGs."""

import colorsys
import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from functions.dedup.pictures import originals, resaving
from functions.dedup.pictures.resaving import Saved
from tests import fonts, pictures
from tests.cases import some_of

pytestmark = pytest.mark.slow

Change = Callable[[Image.Image], Image.Image]


def ad(words: str = "20% OFF") -> Image.Image:
    """Strong colours with grain, and words on them that have hardly any light."""
    smooth = np.asarray(pictures.draw(240, 160, seed=8), np.int16)
    grain = np.random.default_rng(3).normal(0, 6, smooth.shape)
    picture = Image.fromarray(np.clip(smooth + grain, 0, 255).astype(np.uint8))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 110, 240, 150), fill=(40, 129, 40))
    pen.text((10, 116), words, (200, 60, 60), fonts.bold(20), anchor="lt")
    return picture


def saturated(image: Image.Image) -> Image.Image:
    """By hue, lightness and saturation."""

    def more(red: float, green: float, blue: float) -> tuple[float, float, float]:
        hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
        return colorsys.hls_to_rgb(hue, lightness, 1.15 * saturation)

    levels = np.reshape([more(*pixel) for pixel in np.asarray(image).reshape(-1, 3) / 255], (*image.size[::-1], 3))
    return Image.fromarray(np.round(255 * np.clip(levels, 0, 1)).astype(np.uint8))


CHANGES: dict[str, Change] = {
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.15),
    "darker": lambda image: ImageEnhance.Brightness(image).enhance(0.92),
    "of more contrast": lambda image: ImageEnhance.Contrast(image).enhance(1.35),
    "of less contrast": lambda image: ImageEnhance.Contrast(image).enhance(0.9),
    "by a power": lambda image: image.point(lambda level: round(255 * (level / 255) ** (1 / 1.08))),
    "more coloured": lambda image: ImageEnhance.Color(image).enhance(1.3),
    "more saturated": saturated,
    "sharpened": lambda image: image.filter(ImageFilter.UnsharpMask(1.5, 90, 0)),
}


def in_png(image: Image.Image) -> Saved:
    return Saved(pictures.encode(image, "PNG"), "image/png", np.asarray(image))


def in_jpeg(image: Image.Image, quality: int) -> Saved:
    content = pictures.encode(image, "JPEG", quality=quality)
    return Saved(content, "image/jpeg", np.asarray(Image.open(io.BytesIO(content))))


@pytest.mark.parametrize(
    "change",
    some_of(CHANGES.values(), [CHANGES[name] for name in ("darker", "more coloured", "sharpened")]),
    ids=CHANGES,
)
def test_what_a_picture_was_changed_to_is_known_by_its_jpeg(change: Change) -> None:
    changed = next(resaving.changed(in_png(ad()), in_jpeg(change(ad()), 85)), None)

    assert changed is not None
    apart = np.abs(changed.picture.astype(np.int16) - np.asarray(change(ad())))
    assert np.quantile(apart, 0.95) <= 3


@pytest.mark.parametrize("name", some_of(CHANGES, ("of more contrast", "sharpened")))
def test_a_copy_that_was_changed_as_a_whole_is_the_same_and_one_of_other_words_is_not(name: str) -> None:
    original, change = in_png(ad()), CHANGES[name]

    assert originals.compare_saved(original, in_jpeg(change(ad()), 80)).same
    assert not originals.compare_saved(original, in_jpeg(change(ad("50% OFF")), 80)).same
    assert not originals.compare_saved(in_jpeg(change(ad("50% OFF")), 80), original).same


def test_what_is_far_darker_as_a_whole_is_another_picture() -> None:
    far_darker = ImageEnhance.Brightness(ad()).enhance(0.8)

    assert list(resaving.changed(in_png(ad()), in_jpeg(far_darker, 80)))
    assert not originals.compare_saved(in_png(ad()), in_jpeg(far_darker, 80)).same


def test_what_was_not_changed_as_a_whole_is_not_known() -> None:
    photograph = Image.fromarray(np.asarray(ad())[:, ::-1].copy())

    assert not list(resaving.changed(in_png(ad()), in_jpeg(photograph, 85)))
    assert not list(resaving.changed(in_jpeg(ad(), 85), in_jpeg(CHANGES["brighter"](ad()), 85)))
    assert not list(resaving.changed(in_png(ad()), in_png(CHANGES["brighter"](ad()))))


@pytest.mark.parametrize("size", [(1, 1), (15, 300), (16, 16), (17, 33), (321, 20)])
def test_pictures_of_any_shape_can_be_asked_about(size: tuple[int, int]) -> None:
    picture = pictures.draw(*size, seed=2)

    made = list(resaving.changed(in_png(picture), in_jpeg(CHANGES["sharpened"](picture), 85)))

    assert all(each.picture.shape[1::-1] == size for each in made)


@pytest.mark.parametrize(("before", "after"), some_of([(70, 82), (85, 60)], in_the_gate=[(85, 60)]))
def test_a_jpeg_of_a_jpeg_is_the_same_as_the_picture_and_one_of_other_words_is_not(before: int, after: int) -> None:
    original = in_png(ad())

    assert originals.compare_saved(original, in_jpeg(in_between(ad(), before), after)).same
    assert not originals.compare_saved(original, in_jpeg(in_between(ad("50% OFF"), before), after)).same


def in_between(image: Image.Image, quality: int) -> Image.Image:
    return Image.fromarray(in_jpeg(image, quality).picture)
