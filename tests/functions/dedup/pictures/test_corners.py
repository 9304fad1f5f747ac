"""Corners that were cut off round are told from what was drawn there, and show again what was."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from functions.dedup.pictures import corners, originals, verification
from functions.dedup.pictures.resaving import Saved
from shared.media.images import Colour
from tests import fonts, pictures
from tests.cases import some_of
from tests.functions.dedup import creatives

SIZES = [(1080, 1080), (300, 250), (300, 600), (970, 250)]


def ad(size: tuple[int, int], words: str = "12 months") -> Image.Image:
    """With a white strip along its lower edge, which ends at two corners."""
    image = pictures.draw(*size, seed=5)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, size[1] - 40, *size), fill="white")
    pen.text((size[0] // 3, size[1] - 12), words, (60, 60, 60), fonts.bold(16), anchor="ls")
    return image


def rounded(image: Image.Image, share: float, ground: str = "white") -> Image.Image:
    """Its corners cut off, with soft arcs, by a share of its shorter side."""
    fine = Image.new("L", (4 * image.width, 4 * image.height))
    pixels = 4 * share * min(image.size)
    ImageDraw.Draw(fine).rounded_rectangle((0, 0, fine.width - 1, fine.height - 1), pixels, fill=255)
    mask = fine.resize(image.size, Image.Resampling.LANCZOS)
    return Image.composite(image, Image.new("RGB", image.size, ground), mask)


def array(image: Image.Image) -> Colour:
    return np.asarray(image.convert("RGB"))


def kept(image: Image.Image, pillow_format: str) -> Saved:
    content = pictures.encode(image, pillow_format)
    return Saved(content, f"image/{pillow_format.lower()}", array(Image.open(io.BytesIO(content))))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("share", [0.05, 0.09, 0.15])
@pytest.mark.parametrize("ground", ["white", "black"])
def test_round_corners_are_found_and_show_again_what_was_cut_off(
    size: tuple[int, int], share: float, ground: str
) -> None:
    whole = pictures.draw(*size, seed=5)
    cut = array(rounded(whole, share, ground))

    found = corners.radius(cut)
    shown, other = corners.made_equal(cut, array(whole))

    assert found == pytest.approx(share, abs=1.5 / min(size), rel=0.15)
    assert np.array_equal(shown, array(whole))
    assert np.array_equal(other, array(whole))


@pytest.mark.parametrize("size", [*SIZES, (4, 4), (1, 1), (12, 300)])
def test_what_is_drawn_up_to_its_corners_or_plain_there_has_no_round_ones(size: tuple[int, int]) -> None:
    plain = Image.new("RGB", size, "white")
    framed = plain.copy()
    framed.paste(pictures.draw(*size, seed=5), (size[0] // 20, size[1] // 20), Image.new("L", size, 255))
    notched = pictures.draw(*size, seed=5)
    for left, top in ((0, 0), (size[0] - 9, 0), (0, size[1] - 9), (size[0] - 9, size[1] - 9)):
        ImageDraw.Draw(notched).rectangle((left, top, left + 8, top + 8), fill="white")

    for image in (pictures.draw(*size, seed=5), plain, framed, notched):
        assert corners.radius(array(image)) is None


@pytest.mark.parametrize(
    ("one", "other"),
    some_of(
        [("PNG", "PNG"), ("PNG", "JPEG"), ("JPEG", "PNG"), ("WEBP", "JPEG")],
        in_the_gate=[("PNG", "JPEG")],
    ),
)
def test_a_copy_with_round_corners_is_the_same_and_one_of_other_words_is_not(one: str, other: str) -> None:
    original = kept(ad((600, 600)), one)

    assert originals.compare_saved(original, kept(rounded(ad((600, 600)), 0.08), other)).same
    assert not originals.compare_saved(original, kept(rounded(ad((600, 600), "24 months"), 0.08), other)).same


@pytest.mark.parametrize(("size", "ground"), [((300, 250), "white"), ((320, 100), "black")])
def test_a_copy_in_a_border_of_an_ad_with_round_corners_of_its_own_is_the_same(
    size: tuple[int, int], ground: str
) -> None:
    original, other = (rounded(ad(size, words), 0.05, ground) for words in ("12 months", "24 months"))
    border = "black" if ground == "white" else "white"

    framed, other_framed = (kept(ImageOps.expand(each, 1, border), "JPEG") for each in (original, other))

    assert originals.compare_saved(kept(original, "PNG"), framed).same
    assert not originals.compare_saved(kept(original, "PNG"), other_framed).same


def test_a_smaller_copy_with_round_corners_passes_the_thumbnails() -> None:
    copy = rounded(ad((1080, 1080)), 0.08).resize((540, 540))
    one, other = (creatives.thumbnail(each) for each in (ad((1080, 1080)), copy))

    assert verification.compare(one, other).promising
