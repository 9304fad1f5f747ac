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

    left = blends.without(second, shown, first)

    assert apart(shown, first) > SEEN / 2
    assert apart(left, first) < apart(shown, first) / 4


@given(share=st.floats(0, 0.8), ground=st.integers(170, 250))
@pytest.mark.parametrize("words", ["50% OFF", "20% 0FF", "20% OFE", "20% OFF*"])
def test_words_that_were_drawn_anew_stay_whatever_is_mixed_in(words: str, share: float, ground: int) -> None:
    first, second = card("20% OFF", ground, 20), card("Shop now", 60, 240, 180)
    edited = card(words, ground, 20)

    left = blends.without(second, mixed(edited, second, share), first)

    assert apart(left, first) > SEEN


def test_what_is_as_the_next_card_has_it_was_drawn_there() -> None:
    first, second = card("20% OFF", 230, 20), card("50% OFF", 230, 20)

    left = blends.without(second, second, first)

    assert apart(left, first) == apart(second, first)


def test_nothing_is_taken_off_the_same_card() -> None:
    first, second = card("20% OFF", 230, 20), card("Shop now", 60, 240, 180)

    assert apart(blends.without(second, first, first), first) == 0
