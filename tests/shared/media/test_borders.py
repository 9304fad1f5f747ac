"""Borders: found where somebody put a picture into a frame, left alone where the picture itself is even."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from shared.media import borders, images
from tests import pictures


def grey(picture: Image.Image) -> NDArray[np.uint8]:
    return np.asarray(picture.convert("L"))


@pytest.mark.parametrize("colour", ["black", "white", "navy"])
@pytest.mark.parametrize("share", [0.01, 0.02, 0.04])
def test_a_frame_around_a_picture_is_taken_off(colour: str, share: float) -> None:
    picture = pictures.draw(600, 400, seed=3)
    framed = ImageOps.expand(picture, round(400 * share), colour)

    inner = borders.inside(grey(framed))

    assert inner.shape == pytest.approx((400, 600), abs=3)


def test_a_framed_copy_has_the_hash_of_the_original() -> None:
    picture = pictures.draw(1200, 628, seed=5)
    framed = ImageOps.expand(picture, 12, "black")

    hashes = [images.dhash(images.inside_border(one.convert("L"))) for one in (picture, framed)]

    assert (hashes[0] ^ hashes[1]).bit_count() <= 6


def test_background_wider_than_a_border_is_kept() -> None:
    product = Image.new("RGB", (600, 600), "white")
    product.paste(pictures.draw(400, 400, seed=1), (100, 100))

    inner = borders.inside(grey(product))

    assert inner.shape == (600, 600)


def test_an_even_strip_on_one_side_is_kept() -> None:
    picture = pictures.draw(600, 400, seed=2)
    picture.paste("black", (0, 0, 600, 12))

    inner = borders.inside(grey(picture))

    assert inner.shape == (400, 600)


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (2, 2), (3, 300), (40, 3)])
def test_pictures_of_few_lines_keep_some(size: tuple[int, int]) -> None:
    inner = borders.inside(grey(pictures.draw(*size)))

    assert inner.size > 0
