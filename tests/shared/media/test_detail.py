"""An enlarged picture shows no more than what it was made of; what was drawn at a size uses all of it."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from shared.media import detail
from tests.cases import some_of
from tests.functions.dedup import creatives

FILTERS = (
    Image.Resampling.BILINEAR,
    Image.Resampling.BICUBIC,
    Image.Resampling.LANCZOS,
)


def scale(picture: Image.Image) -> float:
    return detail.scale(picture.convert("L"))


def enlarged(picture: Image.Image, factor: float, how: Image.Resampling) -> Image.Image:
    return picture.resize((round(picture.width * factor), round(picture.height * factor)), how)


@pytest.mark.parametrize("size", [(728, 90), (300, 250), (1080, 1080), (600, 2000)])
def test_what_was_drawn_at_a_size_uses_all_of_it(size: tuple[int, int]) -> None:
    assert scale(creatives.ad(size=size)) == 1


@pytest.mark.parametrize(
    ("pillow_format", "options"), [("JPEG", {"quality": 40}), ("WEBP", {"quality": 50}), ("GIF", {})]
)
def test_what_an_encoder_takes_of_a_picture_is_no_detail_that_it_lacks(
    pillow_format: str, options: dict[str, int]
) -> None:
    assert scale(creatives.saved(creatives.ad(), pillow_format, **options)) == 1


@pytest.mark.parametrize("how", FILTERS)
@pytest.mark.parametrize("factor", some_of([1.5, 2, 3], in_the_gate=[2]))
@pytest.mark.parametrize("size", [(1080, 1080)])
def test_an_enlarged_copy_shows_no_more_than_what_it_was_made_of(
    size: tuple[int, int], factor: float, how: Image.Resampling
) -> None:
    copy = enlarged(creatives.ad(size=size), factor, how)

    assert scale(copy) * factor < 1
    assert scale(creatives.saved(copy, "JPEG", quality=85)) * factor < 1


def test_sharpening_does_not_hide_that_a_copy_was_enlarged() -> None:
    copy = enlarged(creatives.ad(), 2, Image.Resampling.BICUBIC).filter(ImageFilter.UnsharpMask(1.5, 90, 3))

    assert scale(copy) < 1


@given(st.integers(1, 70), st.integers(1, 70), st.integers(0, 255))
def test_pictures_in_which_nothing_is_drawn_use_all_of_their_size(width: int, height: int, level: int) -> None:
    assert detail.scale(Image.new("L", (width, height), level)) == 1


def test_files_of_one_picture_count_as_equally_large() -> None:
    copy = enlarged(creatives.ad(size=(400, 300)), 1.5, Image.Resampling.LANCZOS)
    file = io.BytesIO()
    copy.save(file, "JPEG", quality=90)

    assert scale(Image.open(file)) == scale(copy)
