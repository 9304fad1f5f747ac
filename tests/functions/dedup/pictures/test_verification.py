"""The comparison of pictures: what an encoder does is forgiven, another word or colour is not."""

from collections.abc import Callable
from itertools import cycle, product

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from functions.dedup.pictures import verification
from functions.dedup.pictures.verification import Comparison
from shared.media import chroma
from tests import fonts, pictures
from tests.cases import some_of
from tests.functions.dedup import creatives

pytestmark = pytest.mark.slow

SIZES = [(1200, 628), (1080, 1080), (1080, 1920), (300, 250)]

COPIES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "the same": lambda picture: picture,
    "jpeg": lambda picture: creatives.saved(picture, "JPEG", quality=40),
    "webp": lambda picture: creatives.saved(picture, "WEBP", quality=50),
    "larger": lambda picture: picture.resize((picture.width * 5 // 4, picture.height * 5 // 4)),
    "cropped by 2 %": lambda picture: ImageOps.crop(picture, round(min(picture.size) * 0.01)),
    "in a frame": lambda picture: ImageOps.expand(picture, round(min(picture.size) * 0.02), "black"),
    "brighter": lambda picture: ImageEnhance.Brightness(picture).enhance(1.05),
    "darker": lambda picture: ImageEnhance.Brightness(picture).enhance(0.9),
}


def compare(one: Image.Image, other: Image.Image) -> Comparison:
    return verification.compare(creatives.thumbnail(one), creatives.thumbnail(other), colours(one, other))


def colours(one: Image.Image, other: Image.Image) -> tuple[chroma.Chroma, chroma.Chroma]:
    return chroma.measure(chroma.cells(one)), chroma.measure(chroma.cells(other))


@pytest.mark.parametrize(
    ("copy", "size"), some_of([*product(COPIES, SIZES)], in_the_gate=[*zip(COPIES, cycle(SIZES), strict=False)])
)
def test_a_copy_is_the_same(size: tuple[int, int], copy: str) -> None:
    ad = creatives.ad("20% OFF", size=size)

    found = compare(ad, COPIES[copy](ad))

    assert found.same, found


WORDS = "50% OFF", "20% DFF", "28% OFF", "20$ OFF", "20% OFF!"


@pytest.mark.parametrize(
    ("copy", "words", "size"),
    some_of(
        [*product(("the same", "jpeg", "larger", "brighter"), WORDS, SIZES)],
        in_the_gate=[
            *product(("the same",), WORDS, SIZES[:1]),
            *zip(cycle(("jpeg", "larger", "brighter")), WORDS, cycle(SIZES), strict=False),
        ],
    ),
)
def test_other_words_are_a_version(size: tuple[int, int], words: str, copy: str) -> None:
    ad, other = creatives.ad("20% OFF", size=size), creatives.ad(words, size=size)

    found = compare(ad, COPIES[copy](other))

    assert not found.same
    assert found.family


def pale(words: str) -> Image.Image:
    """Large words that are hardly darker than the plain background they stand on, and a product."""
    picture = Image.new("RGB", (1080, 1080), (250, 250, 248))
    picture.paste(pictures.draw(300, 300, seed=3), (40, 55))
    ImageDraw.Draw(picture).text((60, 500), words, (236, 236, 234), fonts.bold(90), anchor="lm")
    return picture


def test_a_small_copy_that_was_sharpened_much_is_looked_at_in_full_size() -> None:
    ad = pictures.draw(300, 250, seed=5)
    pen = ImageDraw.Draw(ad)
    for left in range(0, 300, 8):
        pen.line((left, 0, left, 83), (200, 200, 200) if left % 16 else (90, 90, 90))
    pen.rectangle((0, 125, 300, 250), (120, 120, 120))
    pen.text((5, 125), "12 months free", (180, 180, 180), fonts.bold(31))

    assert compare(ad, ad.filter(ImageFilter.UnsharpMask(2, 250, 0))).promising


@pytest.mark.parametrize("words", ["50% OFF", "28% OFF", "20$ OFF"])
def test_other_words_are_a_version_however_pale_they_are(words: str) -> None:
    assert compare(pale("20% OFF"), creatives.saved(pale("20% OFF"), "JPEG", quality=50)).same
    assert not compare(pale("20% OFF"), pale(words)).same


def test_a_half_size_copy_of_a_large_picture_is_still_told_from_other_words() -> None:
    small = creatives.ad("50% OFF", size=(1200, 628)).resize((600, 314), Image.Resampling.LANCZOS)

    found = compare(creatives.ad("20% OFF", size=(1200, 628)), small)

    assert not found.same


def test_a_small_mark_makes_another_creative() -> None:
    ad = creatives.ad(size=(1200, 628))
    marked = ad.copy()
    marked.paste("white", (1100, 560, 1160, 600))

    found = compare(ad, marked)

    assert not found.same
    assert found.family


def test_the_same_grey_in_other_colours_is_a_version() -> None:
    ad = creatives.ad(size=(1200, 628))
    grey, blue, red = ad.convert("YCbCr").split()
    other = Image.merge("YCbCr", (grey, red, blue)).convert("RGB")

    found = compare(ad, other)

    assert not found.same
    assert found.family


def test_without_colours_grey_decides() -> None:
    ad = creatives.ad(size=(1200, 628))
    grey = creatives.thumbnail(ad)

    assert verification.compare(grey, grey).same


def test_another_picture_is_no_family() -> None:
    found = compare(pictures.draw(1200, 628, seed=1), pictures.draw(1200, 628, seed=2))

    assert not found.same
    assert not found.family


def on_white(seed: int, words: str) -> Image.Image:
    """A product on a white ground, and a line of words."""
    image = Image.new("RGB", (600, 600), "white")
    image.paste(pictures.draw(300, 300, seed=seed), (150, 120))
    ImageDraw.Draw(image).text((60, 470), words, (30, 30, 30), fonts.bold(50), anchor="lt")
    return image


def test_other_products_on_white_are_no_family() -> None:
    found = compare(on_white(1, "Sofa Lund"), on_white(3, "Tent Alpin"))

    assert not found.same
    assert not found.family


def test_one_product_on_white_under_other_words_is_a_family() -> None:
    found = compare(on_white(1, "Sofa Lund"), on_white(1, "from €38 a month"))

    assert not found.same
    assert found.family


def test_illegibly_small_pictures_are_never_the_same() -> None:
    ad = creatives.ad(size=(320, 50))

    found = compare(ad, ad)

    assert not found.same
    assert found.family


def test_it_does_not_matter_which_of_two_is_first() -> None:
    ad, other = (creatives.ad(words, size=(1200, 628)) for words in ("20% OFF", "50% OFF"))
    copy = creatives.saved(ad.resize((800, 419)), "JPEG", quality=50)

    assert compare(ad, copy).same == compare(copy, ad).same is True
    assert compare(other, copy).same == compare(copy, other).same is False


@pytest.mark.parametrize("level", [0, 128, 255])
@pytest.mark.parametrize("shape", [(1, 1), (300, 300)])
def test_a_flat_picture_is_the_same_as_itself_and_as_no_other_level(level: int, shape: tuple[int, int]) -> None:
    flat, lighter = np.full(shape, level, np.uint8), np.full(shape, abs(level - 40), np.uint8)

    assert verification.compare(flat, flat).same
    assert not verification.compare(flat, lighter).same


@pytest.mark.parametrize("shape", [(1, 400), (400, 2), (17, 23)])
def test_pictures_of_any_shape_can_be_compared(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)

    assert not verification.compare(noise, noise).same


def plain_banner(words: str) -> Image.Image:
    """Small words on a large plain background, and a product."""
    banner = Image.new("RGB", (970, 250), (250, 250, 248))
    banner.paste(pictures.draw(140, 140, seed=3), (40, 55))
    ImageDraw.Draw(banner).text((220, 125), words, (30, 30, 34), fonts.bold(26), anchor="lm")
    return banner


@pytest.mark.parametrize(
    "copy",
    [
        lambda image: ImageEnhance.Brightness(image).enhance(0.9),
        lambda image: image.resize((970, 245)),
        lambda image: creatives.saved(image, "JPEG", quality=50),
    ],
    ids=["darker", "squeezed", "jpeg"],
)
def test_a_copy_of_a_banner_on_a_plain_background_is_the_same(copy: Callable[[Image.Image], Image.Image]) -> None:
    banner = plain_banner("Summer sale  20% OFF  now €49.90")

    found = compare(banner, copy(banner))

    assert found.same, found


@pytest.mark.parametrize("words", ["Summer sale  30% OFF  now €49.90", "Summer sale  20% OFF  now €49.80"])
def test_a_digit_of_a_banners_small_words_makes_a_version(words: str) -> None:
    assert not compare(plain_banner("Summer sale  20% OFF  now €49.90"), plain_banner(words)).same
