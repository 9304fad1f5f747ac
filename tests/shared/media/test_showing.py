"""What a model is shown of a picture."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageColor

from shared.media import showing
from shared.media.sandbox import InMemory
from tests import display_p3, pictures

RESOLUTIONS: list[showing.Resolution] = ["low", "medium", "high"]
SIDE = st.integers(1, 20_000)


@given(width=SIDE, height=SIDE, resolution=st.sampled_from(RESOLUTIONS))
def test_a_size_is_within_its_budget_keeps_its_shape_and_never_grows(
    width: int, height: int, resolution: showing.Resolution
) -> None:
    shown_width, shown_height = showing.shown_size(width, height, resolution)

    assert shown_width <= width
    assert shown_height <= height
    assert shown_width * shown_height <= max(showing.pixel_budget(resolution), width, height)
    if min(shown_width, shown_height) > 50:
        assert shown_width / shown_height == pytest.approx(width / height, rel=0.05)


@pytest.mark.parametrize("size", [(1080, 1080), (1200, 628), (970, 250)])
def test_common_ads_are_shown_in_full_at_the_default(size: tuple[int, int]) -> None:
    assert showing.shown_size(*size, "medium") == size


@pytest.mark.parametrize(("pillow_format", "content_type"), [("GIF", "image/gif"), ("WEBP", "image/webp")])
def test_an_animation_is_shown_with_all_its_scenes(pillow_format: str, content_type: str) -> None:
    colours = ["red", "lime", "blue", "black"]
    first, *rest = [Image.new("RGB", (300, 250), colour) for colour in colours]
    file = io.BytesIO()
    first.save(file, pillow_format, save_all=True, append_images=rest, duration=[800, 300, 1000, 600], loop=0)

    jpeg = showing.shown(InMemory(file.getvalue()), content_type, "medium")

    with Image.open(io.BytesIO(jpeg)) as sheet:
        pixels = np.asarray(sheet.convert("RGB")).astype(int)
    height, width = pixels.shape[0] // 4, pixels.shape[1] // 4
    middles = [pixels[row, column] for row in (height, 3 * height) for column in (width, 3 * width)]
    for seen, colour in zip(middles, colours, strict=True):
        assert np.abs(seen - np.array(ImageColor.getrgb(colour))).max() < 30


def test_what_is_read_here_has_the_very_pixels_of_the_file() -> None:
    noise = np.random.default_rng(4).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "WEBP", lossless=True)

    bmp = showing.shown(InMemory(file.getvalue()), "image/webp", "high", lossless=True)

    assert np.array_equal(np.asarray(Image.open(io.BytesIO(bmp))), noise)


def shown(image: Image.Image) -> Image.Image:
    return Image.open(io.BytesIO(showing.shown_image(image, "medium")))


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "La", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV", "I", "F", "I;16"]
)
def test_every_mode_becomes_a_jpeg(mode: str) -> None:
    assert shown(Image.new(mode, (40, 30))).size == (40, 30)


def test_sixteen_bits_are_scaled_and_not_clipped() -> None:
    grey = Image.fromarray(np.full((16, 16), 0x8000, dtype=np.uint16))

    red, green, blue = np.asarray(shown(grey))[8, 8]

    assert red == green == blue == pytest.approx(128, abs=2)


@pytest.mark.parametrize(("pillow_format", "mode"), [("JPEG", "RGB"), ("PNG", "RGBA"), ("PNG", "P")])
def test_colours_are_those_that_a_profile_says(pillow_format: str, mode: str) -> None:
    drawn = Image.new("RGB", (80, 60), (200, 60, 60))
    wide = display_p3.numbers(drawn).convert(mode, palette=Image.Palette.ADAPTIVE)
    file = pictures.encode(wide, pillow_format, icc_profile=display_p3.profile())

    seen = np.asarray(shown(Image.open(io.BytesIO(file)))).astype(int)

    assert np.abs(seen - np.asarray(drawn)).max() <= 4
    assert np.abs(seen - np.asarray(wide.convert("RGB"))).max() > 8


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_white_on_transparent_is_put_where_it_can_be_seen(mode: str) -> None:
    layer = Image.new("RGBA", (100, 50), (255, 255, 255, 0))
    layer.paste("white", (20, 10, 60, 40))

    seen = np.asarray(shown(layer.convert(mode)).convert("L")).astype(int)

    assert seen[25, 40] - seen[5, 5] > 150


def test_dark_on_transparent_stays_on_white() -> None:
    layer = Image.new("RGBA", (100, 50), (0, 0, 0, 0))
    layer.paste("black", (20, 10, 60, 40))

    assert np.asarray(shown(layer).convert("L"))[5, 5] > 250


def test_coloured_letters_keep_their_edges() -> None:
    """Red on blue, one pixel wide: chroma subsampling would smear them into each other."""
    stripes = np.zeros((32, 32, 3), dtype=np.uint8)
    stripes[:, ::2] = (255, 0, 0)
    stripes[:, 1::2] = (0, 0, 255)

    seen = np.asarray(shown(Image.fromarray(stripes))).astype(int)

    assert np.abs(seen - stripes).mean() < 25


def test_the_first_frame_of_an_animation_is_shown() -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    gif = io.BytesIO()
    frames[0].save(gif, "GIF", save_all=True, append_images=frames[1:])

    red, _, blue = np.asarray(shown(Image.open(gif)))[10, 10]

    assert red > 200 > blue


def test_a_large_picture_stands_on_one_ground() -> None:
    large = Image.new("RGBA", (2600, 2600), (0, 0, 0, 0))
    large.paste((255, 255, 255, 255), (400, 1800, 2200, 2400))  # white words in the lower half alone

    with Image.open(io.BytesIO(showing.shown_image(large, "medium"))) as shown:
        top, bottom = shown.getpixel((5, 5)), shown.getpixel((5, shown.height - 5))

    assert top == bottom != (255, 255, 255)
