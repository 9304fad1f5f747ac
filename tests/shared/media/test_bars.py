"""Bars: even, on both sides, from the first frame to the last; a plain background with words on it has none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageOps

from shared.media import bars
from tests import pictures
from tests.functions.dedup import creatives

SIZE = (160, 90)


def shown(number: int) -> Image.Image:
    return pictures.draw(*SIZE, seed=20 + number)


def greys(*frames: Image.Image) -> list[bars.Grey]:
    return [np.asarray(frame.convert("L")) for frame in frames]


@given(st.integers(10, 60), st.sampled_from(["black", "white", "#404060"]), st.booleans())
def test_bars_are_found_to_a_line(width: int, colour: str, upright: bool) -> None:
    size = (SIZE[0], SIZE[1] + 2 * width) if upright else (SIZE[0] + 2 * width, SIZE[1])
    frames = [ImageOps.pad(shown(number), size, color=colour) for number in range(3)]

    box = bars.box(greys(*frames))

    along = box[0] if upright else box[1]
    assert abs(along.start - width) <= 1
    assert abs(size[upright] - along.stop - width) <= 1
    assert bars.aspect(box) == pytest.approx(SIZE[0] / SIZE[1], rel=0.03)


def test_bars_are_found_in_a_spot_that_fades_from_and_to_black_and_was_saved_coarsely() -> None:
    black = Image.new("RGB", SIZE)
    frames = [ImageOps.pad(Image.blend(black, shown(1), level), (160, 200)) for level in (0.0, 0.3, 1.0, 0.2, 0.0)]

    box = bars.box(greys(*(creatives.saved(frame, "JPEG", quality=30) for frame in frames)))

    assert abs(box[0].start - 55) <= 2
    assert box[1] == slice(0, 160)


def test_a_plain_ground_with_words_has_no_bars() -> None:
    frames = [Image.new("L", (160, 200), "white") for _ in range(3)]
    for number, frame in enumerate(frames):
        ImageDraw.Draw(frame).text((20, 90), f"{number}0% OFF", "black")

    assert not bars.found(bars.box(greys(*frames)), (200, 160))


@pytest.mark.parametrize("sides", [(30, 0), (0, 30), (30, 60), (2, 2)], ids=["top", "bottom", "uneven", "border"])
def test_one_strip_and_a_thin_border_are_no_bars(sides: tuple[int, int]) -> None:
    frame = Image.new("RGB", (160, 90 + sum(sides)))
    frame.paste(shown(1), (0, sides[0]))

    assert not bars.found(bars.box(greys(frame)), (frame.height, frame.width))


@pytest.mark.parametrize("level", [0, 128, 255])
def test_flat_frames_have_none(level: int) -> None:
    assert bars.box([np.full((90, 160), level, np.uint8)] * 2) == (slice(0, 90), slice(0, 160))


def test_what_moves_over_the_bars_makes_them_part_of_the_picture() -> None:
    frames = [ImageOps.pad(shown(number), (160, 200)) for number in range(2)]
    ImageDraw.Draw(frames[1]).rectangle((10, 5, 150, 40), fill="white")

    assert bars.box(greys(*frames))[0] == slice(0, 200)
