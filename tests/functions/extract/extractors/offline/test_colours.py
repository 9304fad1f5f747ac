"""Colours get the name that people give them, the largest area first."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from functions.extract.extractors.offline import colours
from shared.features import Color


def test_every_name_has_an_anchor() -> None:
    assert set(colours.ANCHORS) == set(Color)


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((250, 250, 252), Color.WHITE),
        ((12, 10, 14), Color.BLACK),
        ((128, 130, 127), Color.GRAY),
        ((200, 16, 46), Color.RED),
        ((245, 130, 32), Color.ORANGE),
        ((255, 212, 0), Color.YELLOW),
        ((30, 125, 60), Color.GREEN),
        ((22, 163, 160), Color.TURQUOISE),
        ((23, 70, 162), Color.BLUE),
        ((135, 206, 250), Color.BLUE),
        ((91, 42, 134), Color.PURPLE),
        ((244, 143, 177), Color.PINK),
        ((92, 51, 23), Color.BROWN),
        ((239, 225, 198), Color.BEIGE),
    ],
)
def test_a_colour_has_the_name_that_people_give_it(rgb: tuple[int, int, int], name: Color) -> None:
    assert colours.name_of(np.array(rgb, dtype=np.float64)) is name


def test_the_largest_area_comes_first_and_specks_are_left_out() -> None:
    picture = Image.new("RGB", (200, 100), (200, 16, 46))
    picture.paste((23, 70, 162), (0, 0, 60, 100))
    picture.paste((255, 212, 0), (0, 0, 10, 10))

    assert colours.dominant_colors(picture) == [Color.RED, Color.BLUE]


def test_two_shades_of_one_name_are_named_once() -> None:
    picture = Image.new("RGB", (100, 100), (11, 42, 107))
    picture.paste((107, 164, 232), (0, 0, 50, 100))

    assert colours.dominant_colors(picture) == [Color.BLUE]


@given(
    width=st.integers(1, 80),
    height=st.integers(1, 80),
    rgb=st.tuples(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255)),
)
def test_one_colour_fills_any_picture(width: int, height: int, rgb: tuple[int, int, int]) -> None:
    assert len(colours.dominant_colors(Image.new("RGB", (width, height), rgb))) == 1
