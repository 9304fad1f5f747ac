"""A card of a banner is looked at as a still is: a small pale word on one of them makes a version, an encoder none."""

import io
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from functions.dedup.films import cards, full_size, sequences
from functions.dedup.films.cards import Look
from functions.dedup.films.full_size import Looks
from shared.media import animations
from shared.media.films import Film
from shared.media.sandbox import InMemory
from tests import pictures

pytestmark = pytest.mark.slow

SIZE = (300, 250)
INKS = {"pale": (40, 40, 40), "of colour alone": (60, 0, -157)}

type Save = Callable[[Sequence[Image.Image]], tuple[bytes, str]]


def saved_as(form: str, **options: object) -> Save:
    def save(shown: Sequence[Image.Image]) -> tuple[bytes, str]:
        file = io.BytesIO()
        first, *rest = shown
        first.save(file, form, save_all=True, append_images=rest, duration=700, loop=0, **options)
        return file.getvalue(), f"image/{form.lower()}"

    return save


WEBP, COARSE_WEBP, APNG = saved_as("WebP", quality=80), saved_as("WebP", quality=65), saved_as("PNG")


def banner(line: str, apart: tuple[int, int, int], pixels: int) -> list[Image.Image]:
    """Three cards over one picture; a line on the second of them differs from a plain panel by so many levels."""
    shown = []
    for number, headline in enumerate(("Fresh bread", "Every morning", "Come in")):
        card = pictures.draw(*SIZE, seed=90)
        pen = ImageDraw.Draw(card)
        pen.rectangle((0, 150, *SIZE), (90, 110, 120))
        pen.text((20, 30), headline, "white", ImageFont.load_default(36), stroke_width=2, stroke_fill="black")
        if number == 1:
            ink = np.clip(np.array((90, 110, 120)) + apart, 0, 255)
            pen.text((30, 180), line, tuple(int(level) for level in ink), ImageFont.load_default(pixels))
        shown.append(card)
    return shown


def film(content: bytes, content_type: str) -> Film:
    found = animations.read(content, content_type, max_pixels=10**7)
    assert found
    return Film.decoded(found.film)


def same(one: tuple[bytes, str], other: tuple[bytes, str]) -> bool:
    said, pair = sequences.compare(film(*one), film(*other))
    if not said.same:
        return False
    assert pair
    looks = Looks.of(pair, (SIZE[0] * SIZE[1],) * 2)
    assert looks
    files = [content for content, _ in (one, other)]
    types = [content_type for _, content_type in (one, other)]
    source = InMemory(b"".join(files))
    asked = looks.model_dump()
    return float(full_size.stands_out(source, first_bytes=len(files[0]), content_types=types, looks=asked)) <= 1


@pytest.mark.parametrize("ink", INKS)
@pytest.mark.parametrize(("one", "other", "pixels"), [(APNG, WEBP, 14), (APNG, COARSE_WEBP, 18), (APNG, APNG, 11)])
def test_a_small_word_on_one_card_makes_a_version(one: Save, other: Save, pixels: int, ink: str) -> None:
    said = one(banner("from 38.99 until 14 June", INKS[ink], pixels))

    assert not same(said, other(banner("from 33.99 until 14 June", INKS[ink], pixels)))
    assert not same(said, other(banner("from 38.99 until 16 June", INKS[ink], pixels)))


@pytest.mark.parametrize("pixels", [11, 18])
@pytest.mark.parametrize(("one", "other"), [(APNG, WEBP), (WEBP, COARSE_WEBP)])
def test_what_a_tool_loses_of_every_card_makes_none(one: Save, other: Save, pixels: int) -> None:
    shown = banner("from 38.99 until 14 June", INKS["pale"], pixels)

    assert same(one(shown), other(shown))


def test_words_that_may_hide_in_what_both_files_lost_are_no_copy() -> None:
    looks = [Look(0.5, hiding=False), Look(0.95, hiding=True)]

    assert cards.beyond(looks, ["image/gif", "image/webp"]) > 1
    assert cards.beyond(looks, ["image/png", "image/webp"]) <= 1


def test_nothing_hides_where_both_files_kept_most_of_each_card() -> None:
    looks = [Look(0.5, hiding=False), Look(0.85, hiding=True)]

    assert cards.beyond(looks, ["image/gif", "image/webp"]) <= 1


def test_a_card_that_differs_by_more_than_the_others_was_drawn_anew() -> None:
    evenly, one = [Look(1.3, hiding=False)] * 4, Look(1.6, hiding=False)

    assert cards.beyond(evenly, ["image/gif", "image/webp"]) <= 1
    assert cards.beyond([*evenly, one], ["image/gif", "image/webp"]) > 1
