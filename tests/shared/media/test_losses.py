"""What its format made a picture lose: nothing, detail, or colours as well."""

from typing import Any

import pytest
from PIL import Image

from shared.media import images, losses
from shared.media import videos as filmed
from shared.media.sandbox import InMemory
from tests import pictures, videos
from tests.cases import first_of


@pytest.mark.parametrize(
    ("pillow_format", "options", "lost"),
    [
        ("PNG", {}, 0),
        ("BMP", {}, 0),
        ("TIFF", {}, 0),
        ("TIFF", {"compression": "jpeg"}, 1),
        ("WEBP", {"lossless": True}, 0),
        ("WEBP", {"quality": 90}, 2),
        ("JPEG", {"quality": 90, "subsampling": "4:4:4"}, 1),
        ("JPEG", {"quality": 90, "subsampling": "4:2:0"}, 2),
        ("AVIF", {"quality": 90, "subsampling": "4:4:4"}, 1),
        ("AVIF", {"quality": 90, "subsampling": "4:2:0"}, 2),
        ("HEIF", {"quality": 90}, 2),
        ("GIF", {}, 2),
    ],
)
def test_a_file_tells_what_its_format_made_it_lose(pillow_format: str, options: dict[str, Any], lost: int) -> None:
    content = pictures.encode(pictures.draw(96, 64), pillow_format, **options)

    assert lost_of(content, f"image/{'heic' if pillow_format == 'HEIF' else pillow_format.lower()}") == lost


def test_of_what_can_be_seen_through_the_picture_counts() -> None:
    picture = pictures.draw(96, 64)
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))

    assert lost_of(pictures.encode(picture, "WEBP", quality=80), "image/webp") == 2
    assert lost_of(pictures.encode(picture, "WEBP", lossless=True), "image/webp") == 0


def test_a_palette_may_have_lost_colours_in_a_format_that_keeps_all() -> None:
    assert lost_of(pictures.encode(pictures.draw(96, 64).quantize(64), "PNG"), "image/png") == 2


def test_a_picture_without_colours_has_none_to_lose() -> None:
    assert lost_of(pictures.encode(pictures.draw(96, 64, mode="L"), "JPEG"), "image/jpeg") == 1


@pytest.mark.parametrize("codec", first_of(["libx264", "libx265"]))
def test_of_videos_of_one_size_that_of_fewer_bits_lost_more_whatever_is_heard(codec: str) -> None:
    def lost(quality: int, *, sound: bool = False) -> int:
        shown = videos.encode(videos.moving_square(1), codec=codec, quality=quality, sound=sound, layout="stereo")
        return filmed.read(InMemory(shown), "video/mp4", max_duration_s=60).lost

    assert lost(18) < lost(28) < lost(38)
    assert lost(18) == lost(18, sound=True)


def test_of_equal_pictures_those_whose_sound_lost_a_channel_lost_more() -> None:
    def lost(layout: str) -> int:
        shown = videos.encode(videos.moving_square(1), sound=True, layout=layout)
        return filmed.read(InMemory(shown), "video/mp4", max_duration_s=60).lost

    assert lost("mono") > lost("stereo")


def test_what_spends_no_bits_or_very_many_is_at_the_end_of_the_scale() -> None:
    assert losses.of_film(0, 640, 360, 12.0) == losses.MOST_OF_FILM
    assert losses.of_film(10**9, 640, 360, 0.0) == 0


def lost_of(content: bytes, content_type: str) -> int:
    shown = images.pixels(content, content_type, max_pixels=10**6)
    assert shown is not None
    return shown.lost
