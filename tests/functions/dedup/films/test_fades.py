"""A word that fades in and out is the same however its steps were saved; what flashes up meanwhile is not."""

import io
from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from functions.dedup.films import fades, sequences
from shared.media import animations
from shared.media.films import Film
from tests import videos
from tests.cases import first_of, some_of

pytestmark = pytest.mark.slow

YELLOW = (240, 240, 0)


@cache
def ground(size: tuple[int, int]) -> Image.Image:
    way = np.linspace(0, 1, size[1])[:, None, None]
    rows = np.array([0, 51, 78]) * (1 - way) + np.array([85, 136, 163]) * way
    return Image.fromarray(np.broadcast_to(rows.round(), (size[1], size[0], 3)).astype(np.uint8))


def written(words: str, size: tuple[int, int]) -> Image.Image:
    shown = ground(size).copy()
    pen = ImageDraw.Draw(shown)
    pen.text((size[0] // 10, size[1] * 2 // 5), words, YELLOW, ImageFont.load_default(min(size) // 5))
    return shown


def fading(words: str, size: tuple[int, int], steps: int, step_ms: int) -> tuple[list[Image.Image], list[int]]:
    """A word fades in over a gradient, stands for a second and fades out; and for how long each picture is shown."""
    plain, full = ground(size), written(words, size)
    rising = [Image.blend(plain, full, step / (steps + 1)) for step in range(1, steps + 1)]
    return [plain, *rising, full, *rising[::-1], plain], [1000, *[step_ms] * steps, 1000, *[step_ms] * steps, 500]


def saved(pictures: Sequence[Image.Image], lasts: Sequence[int], form: str, **options: object) -> Film:
    file = io.BytesIO()
    pictures[0].save(file, form, save_all=True, append_images=pictures[1:], duration=lasts, loop=0, **options)
    found = animations.read(file.getvalue(), f"image/{form.lower()}", max_pixels=10**7)
    assert found
    return Film.decoded(found.film)


def as_gif(pictures: Sequence[Image.Image], lasts: Sequence[int], dither: Image.Dither) -> Film:
    few = [each.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE) for each in pictures]
    return saved([each.quantize(palette=few[len(few) // 2], dither=dither) for each in pictures], lasts, "GIF")


@pytest.mark.parametrize(
    ("size", "steps", "step_ms", "dither"),
    some_of(
        [
            (size, steps, step_ms, dither)
            for size in ((160, 600), (300, 250), (728, 90))
            for steps, step_ms in ((2, 70), (5, 100), (9, 100), (14, 100))
            for dither in (Image.Dither.NONE, Image.Dither.FLOYDSTEINBERG)
        ],
        in_the_gate=[
            ((300, 250), 5, 100, Image.Dither.NONE),
        ],
    ),
)
def test_a_word_that_fades_in_and_out_is_the_same_by_another_tool(
    size: tuple[int, int], steps: int, step_ms: int, dither: Image.Dither
) -> None:
    one, other = (fading(words, size, steps, step_ms) for words in ("5G 50GB", "5G 80GB"))
    gif, webp, other_webp = as_gif(*one, dither), saved(*one, "WebP", quality=60), saved(*other, "WebP", quality=60)

    assert sequences.compare(gif, webp)[0].same
    assert sequences.compare(webp, gif)[0].same
    assert not sequences.compare(gif, other_webp)[0].same


@pytest.mark.parametrize("at", first_of([5, 3, 7]))
def test_a_word_that_flashes_up_in_a_fade_makes_a_version(at: int) -> None:
    size = (300, 250)
    pictures, lasts = fading("5G 50GB", size, 9, 100)
    flashing = [*pictures]
    flashing[at] = written("19.99", size)
    one, other = saved(pictures, lasts, "WebP", quality=60), saved(flashing, lasts, "WebP", quality=60)

    assert not sequences.compare(one, other)[0].same


def test_a_step_lies_between_its_neighbours_and_a_card_does_not() -> None:
    size = (300, 250)
    cards = [ground(size), written("20% OFF", size), written("50% OFF", size)]
    half = Image.blend(cards[1], cards[2], 0.5)
    banner = videos.film(zip((0.0, 0.2, 0.4, 0.6, 0.8), [*cards, half, cards[1]], strict=True), 1.0)

    assert [fades.leads_over(banner, frame) for frame in range(5)] == [False, False, False, True, False]


def two_words(first: str, second: str, size: tuple[int, int]) -> Image.Image:
    shown = ground(size).copy()
    pen, font = ImageDraw.Draw(shown), ImageFont.load_default(min(size) // 5)
    for at, words in enumerate((first, second)):
        pen.text((size[0] // 10, size[1] * (1 + 4 * at) // 8), words, YELLOW, font)
    return shown


def test_a_card_with_a_word_of_the_one_before_and_a_word_of_the_next_is_no_step() -> None:
    size = (300, 250)
    first, card, last, other_card = (
        two_words(*words, size)
        for words in (("Winter", "15% OFF"), ("Sleep", "15% OFF"), ("Sleep", "60% OFF"), ("Winter", "60% OFF"))
    )
    one, other = (saved([first, each, last], [300, 100, 800], "WebP", quality=80) for each in (card, other_card))

    assert not fades.leads_over(one, 1)
    assert not sequences.compare(one, other)[0].same
    assert sequences.compare(one, saved([first, card, last], [300, 100, 800], "WebP", quality=40))[0].same
