"""Smaller copies, and such of other words that are told by colour alone, reduced and saved by several programs."""

import io
from collections.abc import Callable
from dataclasses import replace
from itertools import cycle, product

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from functions.dedup.pictures import encoding, originals, reducing, resaving
from functions.dedup.pictures.encoding import Encoder
from functions.dedup.pictures.resaving import Saved
from tests import fonts, pictures
from tests.cases import some_of

pytestmark = pytest.mark.slow

Colour = tuple[int, int, int]
Save = Callable[[Image.Image], bytes]

RED_ON_GREEN = (200, 60, 60), (40, 129, 40)
PINK_ON_GREY = (215, 95, 160), (126, 134, 140)
GREEN_ON_SLATE = (74, 126, 81), (95, 106, 129)
SIZE = 600, 500


def worded(words: str, pixels: int, colours: tuple[Colour, Colour]) -> Image.Image:
    """Words told from their ground by colour alone, below a photograph's noise."""
    smooth = np.asarray(pictures.draw(*SIZE, seed=8), np.int16)
    noise = np.random.default_rng(3).normal(0, 6, smooth.shape)
    picture, (ink, ground) = Image.fromarray(np.clip(smooth + noise, 0, 255).astype(np.uint8)), colours
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 380, SIZE[0], 400 + 2 * pixels), fill=ground)
    pen.text((20, 390), words, ink, fonts.bold(pixels), anchor="lt")
    return picture


def kept(content: bytes, content_type: str) -> Saved:
    return Saved(content, content_type, np.asarray(Image.open(io.BytesIO(content)).convert("RGB")))


def drawn(picture: Image.Image) -> Saved:
    """As it was drawn, without loss."""
    return kept(pictures.encode(picture, "PNG"), "image/png")


def by_pillow(factor: float, how: Image.Resampling) -> Callable[[Image.Image], Image.Image]:
    return lambda picture: picture.resize((round(picture.width * factor), round(picture.height * factor)), how)


def by_opencv(factor: float, how: int) -> Callable[[Image.Image], Image.Image]:
    return lambda picture: Image.fromarray(
        cv2.resize(np.asarray(picture), None, fx=factor, fy=factor, interpolation=how).astype(np.uint8)
    )


WAYS = {
    "half, box": by_pillow(0.5, Image.Resampling.BOX),
    "two thirds, cubic": by_pillow(2 / 3, Image.Resampling.BICUBIC),
    "0.71, Lanczos": by_pillow(0.71, Image.Resampling.LANCZOS),
    "0.58, linear": by_pillow(0.58, Image.Resampling.BILINEAR),
    "0.8, by area": by_opencv(0.8, cv2.INTER_AREA),
    "0.75, cubic without a filter": by_opencv(0.75, cv2.INTER_CUBIC),
}
SAVED: dict[str, tuple[str, dict[str, int]]] = {
    "jpeg 70": ("JPEG", {"quality": 70}),
    "jpeg 88, colours in full": ("JPEG", {"quality": 88, "subsampling": 0}),
    "webp 80": ("WEBP", {"quality": 80}),
}


SOURCES = ("JPEG", 90), ("JPEG", 80), ("WEBP", 85)


def reduced(picture: Image.Image, way: str, saved: str) -> Saved:
    pillow_format, options = SAVED[saved]
    content = pictures.encode(WAYS[way](picture), pillow_format, **options)
    return kept(content, f"image/{pillow_format.lower()}")


@pytest.mark.parametrize(
    ("way", "saved"),
    some_of([*product(WAYS, SAVED)], in_the_gate=[*zip(WAYS, cycle(SAVED), strict=False)][::3]),
)
def test_a_smaller_copy_is_the_same_and_one_of_other_words_in_colour_alone_is_not(way: str, saved: str) -> None:
    pixels = 36 if saved.startswith("webp") else 26  # a WebP smears over smaller ones
    one, other = (worded(words, pixels, GREEN_ON_SLATE) for words in ("from €38", "from €33"))

    assert originals.compare_saved(drawn(one), reduced(one, way, saved)).same
    assert not originals.compare_saved(drawn(one), reduced(other, way, saved)).same
    assert not originals.compare_saved(reduced(other, way, saved), drawn(one)).same


@pytest.mark.long
@pytest.mark.parametrize(("pixels", "colours"), [*product((18, 22, 30), (RED_ON_GREEN, PINK_ON_GREY))])
def test_other_words_of_any_height_are_told_in_a_smaller_jpeg(colours: tuple[Colour, Colour], pixels: int) -> None:
    one, other = (worded(words, pixels, colours) for words in ("12 months", "24 months"))

    for way in WAYS:
        assert reducing.has_other_colours(reduced(other, way, "jpeg 70"), drawn(one)), way
        assert not reducing.has_other_colours(reduced(one, way, "jpeg 70"), drawn(one)), way
        assert not reducing.is_made_of(reduced(other, way, "jpeg 70"), drawn(one)), way


@pytest.mark.parametrize(
    ("source", "saved"),
    some_of([*product(SOURCES, SAVED)], in_the_gate=[*zip(SOURCES, SAVED, strict=True)]),
)
def test_a_smaller_copy_of_a_file_that_lost_something_is_the_same(source: tuple[str, int], saved: str) -> None:
    pillow_format, quality = source
    content = pictures.encode(worded("from €38", 48, RED_ON_GREEN), pillow_format, quality=quality)
    large = kept(content, f"image/{pillow_format.lower()}")

    copy = reduced(Image.fromarray(large.picture), "two thirds, cubic", saved)

    assert originals.compare_saved(large, copy).same


@pytest.mark.parametrize(
    ("quality", "subsampling", "factor", "pixels"),
    some_of(
        [(80, 2, 0.9, 26), (75, 2, 0.75, 30), (92, 0, 0.9, 26), (85, 2, 2 / 3, 32)], in_the_gate=[(80, 2, 0.9, 26)]
    ),
)
def test_a_smaller_copy_of_a_jpeg_is_the_same_as_what_that_was_made_of_and_one_of_other_words_is_not(
    quality: int, subsampling: int, factor: float, pixels: int
) -> None:
    one, other = (worded(words, pixels, GREEN_ON_SLATE).crop((0, 300, 280, 460)) for words in ("from €38", "from €33"))
    reduce = by_pillow(factor, Image.Resampling.LANCZOS)
    copy, others = (
        kept(pictures.encode(reduce(Image.fromarray(jpeg.picture)), "JPEG", quality=80), "image/jpeg")
        for each in (one, other)
        for jpeg in [kept(pictures.encode(each, "JPEG", quality=quality, subsampling=subsampling), "image/jpeg")]
    )

    assert originals.compare_saved(drawn(one), copy).same
    assert originals.compare_saved(copy, drawn(one)).same
    assert not originals.compare_saved(drawn(one), others).same
    assert reducing.has_other_colours(others, drawn(one))


def test_a_smaller_picture_that_lost_nothing_may_have_lost_it_before() -> None:
    one = worded("from €38", 26, RED_ON_GREEN)
    of_jpeg = Image.fromarray(reduced(one, "half, box", "jpeg 70").picture)

    assert not reducing.has_other_colours(drawn(of_jpeg), drawn(one))


@given(
    width=st.integers(40, 900), height=st.integers(40, 900), factor=st.floats(1.02, 3.9), rounded=st.booleans()
)  # or cut off, to whole pixels
def test_all_of_a_picture_is_known_at_every_size(width: int, height: int, factor: float, *, rounded: bool) -> None:
    large = np.asarray(pictures.draw(width, height, seed=3))
    size = [round(side / factor) if rounded else int(side / factor) for side in (width, height)]
    small = np.asarray(Image.fromarray(large).resize((size[0], size[1]), Image.Resampling.BICUBIC))

    assert reducing.is_reduced(small, large)
    assert not reducing.is_reduced(large, small)


@pytest.mark.parametrize("rows", [1, 2, 8])
def test_what_was_cut_off_at_its_edges_is_not_reduced(rows: int) -> None:
    large = np.asarray(pictures.draw(728, 90, seed=3))

    assert not reducing.is_reduced(large[rows // 2 : 90 - rows // 2, 8 * rows : 728], large)


@pytest.mark.parametrize("shape", [(500, 600, 3), (450, 600, 3), (300, 300, 3), (90, 100, 3)])
def test_what_is_as_large_or_of_other_proportions_or_far_smaller_is_not_reduced(shape: tuple[int, int, int]) -> None:
    assert not reducing.is_reduced(np.zeros(shape, np.uint8), np.zeros((500, 600, 3), np.uint8))


@pytest.mark.parametrize(("pillow_format", "content_type"), [("WEBP", "image/webp"), ("AVIF", "image/avif")])
def test_a_picture_is_saved_at_each_quality_once(pillow_format: str, content_type: str) -> None:
    picture = worded("from €38", 30, RED_ON_GREEN).resize((150, 125))
    encoder = encoding.encoder(pictures.encode(picture, pillow_format, quality=61), content_type)
    assert encoder is not None
    asked: list[int] = []

    def save(image: Image.Image, at: int) -> bytes:
        asked.append(at)
        return encoder.save(image, at)

    saver = replace(encoder, save=save).saver(np.asarray(picture))
    found = saver.quality()
    for at in (found, found, saver.quality(), encoding.BEST_QUALITY + 5, encoding.BEST_QUALITY):
        saver.shown(at)

    assert sorted(asked) == sorted(set(asked))


def test_a_picture_too_large_to_be_saved_again_is_held_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    large = kept(pictures.encode(worded("from €38", 30, RED_ON_GREEN), "AVIF", quality=60), "image/avif")
    copy = reduced(Image.fromarray(large.picture), "two thirds, cubic", "jpeg 70")
    monkeypatch.setattr(resaving, "MOST_PIXELS", large.picture.shape[0] * large.picture.shape[1] - 1)
    monkeypatch.delattr(Encoder, "saver")

    assert not reducing.has_other_colours(copy, large)
