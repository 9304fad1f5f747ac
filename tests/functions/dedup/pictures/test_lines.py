"""A line of words in colour alone: softer, paler and noisy it is itself; one letter exchanged, it is not."""

import cv2
import numpy as np
import pytest
from cv2.typing import MatLike as Plane
from PIL import Image, ImageDraw

from functions.dedup.pictures import lines
from functions.dedup.pictures.lines import Found
from tests import fonts

INK = np.array([48.0, -33.0], np.float32)  # levels of Cr and Cb beside the ground
SHAPE = 60, 150
SHOWN = np.ones(SHAPE, bool)
NO_LIGHT = np.zeros(SHAPE, np.float32)


def written(words: str, height: int = 14) -> Plane:
    """Where words are, at half their size: `height` for 1.4 pixels of a capital letter."""
    image = Image.new("L", (2 * SHAPE[1], 2 * SHAPE[0]))
    ImageDraw.Draw(image).text((40, 60), words, 255, fonts.bold(height), anchor="lm")
    return cv2.resize(np.asarray(image, np.float32) / 255, SHAPE[::-1], interpolation=cv2.INTER_AREA)


def saved(words: str, *, softer: float, paler: float, noise: float, seed: int, height: int = 14) -> lines.Colours:
    """What a format leaves of them."""
    drawn = cv2.GaussianBlur(written(words, height), (0, 0), softer) * paler
    chance = np.random.default_rng(seed)
    red, blue = (
        (128 + drawn * ink + cv2.GaussianBlur(chance.normal(0, noise, SHAPE), (0, 0), 1)).astype(np.float32)
        for ink in INK
    )
    return red, blue


@pytest.mark.parametrize("words", [("Only 19.99 now", "Only 49.99 now"), ("Book 3 today", "Book 8 today")])
@pytest.mark.parametrize("seed", range(4))
def test_an_exchanged_letter_stands_out_and_what_a_format_does_to_all_of_a_line_does_not(
    words: tuple[str, str], seed: int
) -> None:
    first, copy, version = (
        saved(text, softer=softer, paler=paler, noise=1.0, seed=seed + at)
        for at, (text, softer, paler) in enumerate([(words[0], 0.4, 1.0), (words[0], 0.6, 0.8), (words[1], 0.6, 0.8)])
    )

    assert beyond(first, copy) <= 1
    assert beyond(first, version) > 1
    assert beyond(version, first) == pytest.approx(beyond(first, version))


def test_words_that_have_light_are_not_asked() -> None:
    one, other = (saved(words, softer=0.4, paler=1.0, noise=1.0, seed=1) for words in ("20% OFF", "50% OFF"))

    assert lines.found(one, other, NO_LIGHT + 12, SHOWN) == Found()


def test_where_nothing_is_written_there_is_no_line() -> None:
    one, other = (saved("", softer=0.4, paler=1.0, noise=1.0, seed=seed) for seed in (1, 2))

    assert lines.found(one, other, NO_LIGHT, SHOWN) == Found()


@pytest.mark.parametrize("dented", [0.2, 0.5])
def test_an_edge_is_no_line_however_differently_a_part_of_it_was_saved(dented: float) -> None:
    one, other = (edge(dented=share) for share in (0.0, dented))

    assert lines.found(one, other, NO_LIGHT, SHOWN) == Found()


@pytest.mark.parametrize(
    ("height", "paler", "noise", "hiding"), [(20, 1.0, 1.0, False), (20, 0.3, 3.0, True), (9, 1.0, 4.0, True)]
)
def test_small_words_and_those_of_which_much_was_lost_may_hide_a_letter(
    height: int, paler: float, noise: float, hiding: bool
) -> None:
    one, other = (
        saved("Only 19.99 now", softer=0.4, paler=paler, noise=noise, seed=seed, height=height) for seed in (1, 2)
    )

    assert lines.found(one, other, NO_LIGHT, SHOWN).hiding is hiding


@pytest.mark.parametrize(("height", "softer"), [(14, 0.8), (18, 0.8), (18, 1.2), (22, 1.2)])
@pytest.mark.parametrize("noise", [0.5, 2.0, 4.0])
def test_a_letter_that_differs_in_one_stroke_stands_out_or_it_is_said_that_it_may_hide(
    height: int, softer: float, noise: float
) -> None:
    one, other = (
        saved(words, softer=soft, paler=0.9, noise=noise, seed=seed, height=height)
        for seed, (words, soft) in enumerate([("until 6 Jul", 0.5), ("until 8 Jul", softer)])
    )

    found = lines.found(one, other, NO_LIGHT, SHOWN)

    assert found.beyond > 1 or found.hiding


def test_words_that_run_into_what_is_beside_them_may_hide_a_letter_once_a_picture_was_resized() -> None:
    one, other = (beside_an_edge(saved("Only 19.99 now", softer=1, paler=0.6, noise=3, seed=seed)) for seed in (1, 2))

    as_they_are, resized = (lines.found(one, other, NO_LIGHT, SHOWN, resized=each) for each in (False, True))

    assert not as_they_are.hiding
    assert resized.hiding
    assert resized.beyond == as_they_are.beyond


def edge(*, dented: float) -> lines.Colours:
    """A plate's, in colour alone; of a part of it so much of its colour runs over."""
    drawn = np.zeros(SHAPE, np.float32)
    drawn[30:] = 1
    drawn[28:30, 60:70] = dented
    red, blue = (128 + cv2.GaussianBlur(drawn, (0, 0), 0.8) * ink for ink in INK)
    return red.astype(np.float32), blue.astype(np.float32)


def beside_an_edge(colours: lines.Colours) -> lines.Colours:
    """With a little of another colour on the left of the words, five lines high."""
    for plane in colours:
        plane[10:50, :24] += 8
    return colours


def beyond(one: lines.Colours, other: lines.Colours) -> float:
    return lines.found(one, other, NO_LIGHT, SHOWN).beyond
