"""Other tones are told from other shapes: levels may change along any curve that rises, strokes may not move."""

import cv2
import numpy as np
import pytest
from cv2.typing import MatLike as Picture
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from functions.dedup.pictures import redrawing, verification
from tests import fonts, pictures

SIDE = 96
BEYOND = 9.0


def words(text: str, *, ink: int = 150, paper: int = 180) -> Picture:
    """A few large letters, smoothed as pictures are that are compared."""
    picture = Image.new("L", (SIDE, SIDE), paper)
    ImageDraw.Draw(picture).text((SIDE / 2, SIDE / 2), text, ink, fonts.bold(40), anchor="mm")
    return smooth(picture)


def photo(seed: int) -> Picture:
    return smooth(pictures.draw(SIDE, SIDE, seed=seed, mode="L"))


def smooth(picture: Image.Image) -> Picture:
    return cv2.GaussianBlur(np.asarray(picture, np.float32), (0, 0), 1.0)


def is_redrawn(one: Picture, other: Picture) -> bool:
    nothing = np.zeros_like(one)
    return redrawing.is_redrawn(one, other, np.abs(one - other), nothing, beyond=BEYOND)


@given(seed=st.integers(0, 50), curve=st.lists(st.floats(0, 255), min_size=2, max_size=12))
def test_no_curve_that_rises_redraws_a_picture(seed: int, curve: list[float]) -> None:
    before = photo(seed)
    toned = np.interp(before, np.linspace(0, 255, len(curve)), sorted(curve))
    after = (0.7 * before + 0.3 * toned).astype(np.float32)  # not so flat that nothing is left of it

    assert not is_redrawn(before, after)


@pytest.mark.parametrize("contrast", [24, 30, 60, 120])
@pytest.mark.parametrize(("one", "other"), [("20%", "50%"), ("3", "8"), ("1", "7"), ("SALE", "SAVE")])
def test_other_characters_are_other_shapes(one: str, other: str, contrast: int) -> None:
    ink = 180 - contrast

    assert is_redrawn(words(one, ink=ink), words(other, ink=ink))
    assert not is_redrawn(words(one, ink=ink), words(one, ink=ink + contrast // 3))


def test_what_has_vanished_is_another_shape() -> None:
    assert is_redrawn(words("20%"), words(""))
    assert is_redrawn(words(""), words("20%"))


@pytest.mark.parametrize("level", [37.1, 180.0, 20.3])
def test_on_a_plain_ground_of_any_level_nothing_is_drawn(level: float) -> None:
    assert is_redrawn(words("20%"), np.full((SIDE, SIDE), level, np.float32))


def test_pictures_that_do_not_differ_are_not_looked_into() -> None:
    assert not is_redrawn(words("20%"), words("20%"))
    assert not is_redrawn(words("", paper=100), words("", paper=105))


@pytest.mark.parametrize("peak", [24, 32])
def test_a_rare_light_that_a_palette_flattens_is_the_same(peak: int) -> None:
    """As median cut does: few pixels have the lightest colours, so these share the entry of what is next to them."""
    across, down = np.meshgrid(np.arange(360), np.arange(360))
    light = np.exp(-((across - 120) ** 2 + (down - 90) ** 2) / (2 * 9.0**2))
    scene = 0.4 * np.asarray(pictures.draw(360, 360, seed=4, mode="L")) + 60
    lit, flattened = (np.clip(scene + level * light, 0, 255).astype(np.uint8) for level in (100, 100 - peak))

    found = verification.compare(lit, flattened)

    assert found.score > verification.SAME_RESIDUAL
    assert found.same
