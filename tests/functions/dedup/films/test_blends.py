"""What an encoder mixed into a card of the next ones is taken off it; what somebody drew there stays."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.dedup.films import blends
from functions.dedup.films.blends import Shown

SIZE = (96, 240)
SEEN = 16.0  # levels: what is left of strokes that are drawn with ten times as many


def card(words: str, ground: int, ink: int, tint: int = 128) -> Shown:
    """A plain card with words."""
    luma = np.full(SIZE, ground, np.uint8)
    cv2.putText(luma, words, (12, 62), cv2.FONT_HERSHEY_SIMPLEX, 1.2, ink, 3, cv2.LINE_AA)
    half = (SIZE[0] // 2, SIZE[1] // 2)
    return luma.astype(np.float32), np.full(half, float(tint), np.float32), np.full(half, 255.0 - tint, np.float32)


def mixed(one: Shown, other: Shown, share: float) -> Shown:
    first, second, third = (here + share * (there - here) for here, there in zip(one, other, strict=True))
    return first, second, third


def apart(one: Shown, other: Shown) -> float:
    return max(float(np.abs(here - there).max()) for here, there in zip(one, other, strict=True))


@given(
    share=st.floats(0.1, 0.8),
    grounds=st.tuples(st.integers(150, 250), st.integers(0, 100)),
    tints=st.tuples(st.integers(60, 100), st.integers(150, 200)),
)
def test_a_share_of_the_next_card_is_taken_off(share: float, grounds: tuple[int, int], tints: tuple[int, int]) -> None:
    """Of ink as of ground: another card is another picture all over."""
    first, second = card("20% OFF", grounds[0], 20, tints[0]), card("Shop now", grounds[1], 240, tints[1])
    shown = mixed(first, second, share)

    left = blends.without(second, shown, first, is_first=True)

    assert apart(shown, first) > SEEN / 2
    assert apart(left, first) < apart(shown, first) / 4


@given(share=st.floats(0, 0.8), ground=st.integers(170, 250))
@pytest.mark.parametrize("words", ["50% OFF", "20% 0FF", "20% OFE", "20% OFF*"])
def test_words_that_were_drawn_anew_stay_whatever_is_mixed_in(words: str, share: float, ground: int) -> None:
    first, second = card("20% OFF", ground, 20), card("Shop now", 60, 240, 180)
    edited = card(words, ground, 20)

    left = blends.without(second, mixed(edited, second, share), first, is_first=True)

    assert apart(left, first) > SEEN


@given(share=st.floats(0.1, 0.3), ground=st.integers(80, 140))
def test_a_shade_of_an_edge_of_the_next_card_is_taken_off(share: float, ground: int) -> None:
    """Of a plate that the next card alone has, an encoder leaves a line where it ends."""
    first = card("20% OFF", ground, 20)
    plate = first[0].copy()
    cv2.rectangle(plate, (30, 70), (200, 90), 250, -1)
    line = np.zeros(SIZE, np.float32)
    cv2.line(line, (200, 70), (200, 90), 1.0, 2)
    shown = first[0] + share * line * (plate - first[0]), *first[1:]

    left = blends.without((plate, *first[1:]), shown, first, is_first=True)

    assert apart(left, first) < apart(shown, first) / 4


@given(pale=st.integers(30, 45), ground=st.integers(190, 250))
def test_pale_words_stay_where_the_next_card_has_another_ground(pale: int, ground: int) -> None:
    """They lie on the way to it as a shade does, but there is no edge that could leave one."""
    first, second = card("", ground, ground), card("", 60, 60, 180)
    edited = card("20% OFF", ground, ground - pale)

    left = blends.without(second, edited, first, is_first=True)

    assert apart(left, first) > SEEN


def test_a_shade_in_a_later_card_was_drawn_there() -> None:
    first, second = card("20% OFF", 120, 20), card("20% OFF", 120, 20)
    cv2.rectangle(second[0], (30, 70), (200, 90), 250, -1)
    shown = first[0].copy()
    cv2.line(shown, (200, 70), (200, 90), 155, 2)

    left = blends.without(second, (shown, *first[1:]), first, is_first=False)

    assert apart(left, first) > SEEN


def test_what_is_as_the_next_card_has_it_was_drawn_there() -> None:
    first, second = card("20% OFF", 230, 20), card("50% OFF", 230, 20)

    left = blends.without(second, second, first, is_first=True)

    assert apart(left, first) == apart(second, first)


def test_nothing_is_taken_off_the_same_card() -> None:
    first, second = card("20% OFF", 230, 20), card("Shop now", 60, 240, 180)

    assert apart(blends.without(second, first, first, is_first=True), first) == 0
