"""Small pictures: of any image and video that the pipeline takes, and never at the price of this process."""

import io

import numpy as np
import pytest
from PIL import Image

from creatives.report import pictures
from creatives.report.stored import LARGE_PICTURE_BYTES
from shared.media.sandbox import InMemory
from shared.reasons import Rejected
from tests import display_p3, videos
from tests import pictures as drawn
from tests.hostile import Hostile, damaged_images, hostile_videos

MAX_BYTES = 12_000


def of_image(content: bytes, content_type: str, *, max_bytes: int = MAX_BYTES, is_large: bool = False) -> Image.Image:
    made = pictures.of_image(
        InMemory(content), content_type=content_type, max_pixels=10**8, max_bytes=max_bytes, is_large=is_large
    )
    assert len(made) <= max_bytes
    return Image.open(io.BytesIO(made), formats=["WEBP"])


@pytest.mark.parametrize(
    ("pillow_format", "content_type", "mode"),
    [
        ("JPEG", "image/jpeg", "RGB"),
        ("JPEG", "image/jpeg", "CMYK"),
        ("PNG", "image/png", "RGBA"),
        ("PNG", "image/png", "P"),
        ("PNG", "image/png", "I;16"),
        ("PNG", "image/png", "1"),
        ("GIF", "image/gif", "P"),
        ("WEBP", "image/webp", "RGB"),
        ("TIFF", "image/tiff", "L"),
        ("BMP", "image/bmp", "RGB"),
        ("HEIF", "image/heic", "RGB"),
    ],
)
def test_every_type_of_image_becomes_a_small_picture_of_its_proportions(
    pillow_format: str, content_type: str, mode: str
) -> None:
    picture = drawn.draw(1200, 628).convert("L").convert(mode) if mode == "I;16" else drawn.draw(1200, 628, mode=mode)

    small = of_image(drawn.encode(picture, pillow_format), content_type)

    assert max(small.size) == pictures.SIDE
    assert small.width / small.height == pytest.approx(1200 / 628, rel=0.02)


def test_colours_stay_and_transparency_becomes_white() -> None:
    picture = Image.new("RGBA", (300, 300), (0, 0, 0, 0))
    picture.paste((200, 30, 30, 255), (0, 0, 150, 300))

    pixels = np.asarray(of_image(drawn.encode(picture, "PNG"), "image/png").convert("RGB"))

    assert np.allclose(pixels[120, 40], (200, 30, 30), atol=12)
    assert np.allclose(pixels[120, 200], (255, 255, 255), atol=6)


def test_colours_are_those_that_a_profile_says() -> None:
    picture = Image.new("RGB", (600, 500), (200, 60, 60))
    wide = drawn.encode(display_p3.numbers(picture), "JPEG", quality=95, icc_profile=display_p3.profile())

    pixels = np.asarray(of_image(wide, "image/jpeg").convert("RGB"))

    assert np.allclose(pixels[100, 100], (200, 60, 60), atol=5)


def test_a_photo_taken_sideways_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6

    small = of_image(drawn.encode(drawn.draw(800, 400), "JPEG", exif=exif), "image/jpeg")

    assert small.height > small.width


def test_a_busy_picture_gets_worse_instead_of_larger_than_allowed() -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (500, 500, 3), dtype=np.uint8))

    small = of_image(drawn.encode(noise, "PNG"), "image/png", max_bytes=3000)

    assert small.width < pictures.SIDE


@pytest.mark.parametrize(("side", "least"), [(1920, pictures.LARGE_SIDE), (650, pictures.LARGE_SIDE), (300, 300)])
def test_a_large_picture_is_large_and_never_larger_than_the_creative(side: int, least: int) -> None:
    noise = np.random.default_rng(0).normal(0, 12, (side, side // 2, 3)) + np.asarray(drawn.draw(side // 2, side))
    content = drawn.encode(Image.fromarray(noise.clip(0, 255).astype(np.uint8)), "PNG")

    large = of_image(content, "image/png", max_bytes=LARGE_PICTURE_BYTES, is_large=True)

    assert least <= max(large.size) <= side


def test_a_video_is_shown_by_a_frame_that_shows_something() -> None:
    black = [np.zeros((120, 200, 3), np.uint8)] * 13
    shown = [np.asarray(drawn.draw(200, 120))] * 37

    made = pictures.of_video(InMemory(videos.encode([*black, *shown])), content_type="video/mp4", max_bytes=MAX_BYTES)

    assert np.asarray(Image.open(io.BytesIO(made)).convert("L")).std() > 20


@pytest.mark.parametrize("hostile", [each for each in damaged_images() if each.name.startswith("JPEG cut")], ids=str)
def test_a_damaged_image_has_none(hostile: Hostile) -> None:
    with pytest.raises(Rejected):
        of_image(hostile.content, "image/jpeg")


@pytest.mark.parametrize("hostile", [each for each in hostile_videos() if each.name.endswith("of a header")], ids=str)
@pytest.mark.parametrize("content_type", ["video/mp4", "video/webm", "video/x-flv"])
def test_a_video_of_a_header_has_none(hostile: Hostile, content_type: str) -> None:
    with pytest.raises(Rejected):
        pictures.of_video(InMemory(hostile.content), content_type=content_type, max_bytes=MAX_BYTES)
