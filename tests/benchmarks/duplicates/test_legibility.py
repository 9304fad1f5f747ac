"""Whether words can still be read is judged where they are, whatever a tool did to the picture's size."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from benchmarks.duplicates import legibility


def drawn(word: str) -> Image.Image:
    """Noise of low contrast, and a word that is not in the middle."""
    noise = np.random.default_rng(5).integers(100, 140, (40, 60, 3), np.uint8)
    image = Image.fromarray(noise).resize((300, 200), Image.Resampling.NEAREST)
    ImageDraw.Draw(image).text((20, 150), word, (250, 250, 250), font_size=24)
    return image


def saved(image: Image.Image) -> Image.Image:
    return image.resize((200, 133), Image.Resampling.LANCZOS)


def noisy(image: Image.Image) -> Image.Image:
    """What no word differs by: a patch of its own in a corner."""
    changed = image.copy()
    ImageDraw.Draw(changed).rectangle((image.width - 30, 5, image.width - 10, 25), (255, 0, 0))
    return changed


def test_a_word_is_looked_for_where_it_lies_in_a_reduced_copy() -> None:
    one, other = drawn("20"), drawn("50")

    assert legibility.differs(saved(one), saved(other), (one, other))


def test_what_a_tool_leaves_elsewhere_in_a_reduced_copy_is_no_word() -> None:
    one, other = drawn("20"), drawn("50")

    assert not legibility.differs(saved(one), noisy(saved(one)), (one, other))


def test_a_word_is_looked_for_where_it_lies_in_a_cut_copy_and_within_a_border() -> None:
    one, other = drawn("20"), drawn("50")
    for box in ((3, 2, 297, 198), (-1, -1, 301, 201)):
        cut, other_cut = one.crop(box), other.crop(box)

        assert legibility.differs(cut, other_cut, (one, other))
        assert not legibility.differs(cut, noisy(cut), (one, other))


GROUND = (44, 127, 44)


def in_colour(word: str, ink: tuple[int, int, int]) -> Image.Image:
    image = Image.new("RGB", (300, 200), GROUND)
    ImageDraw.Draw(image).text((20, 150), word, ink, font_size=24)
    return image


def euclid(one: legibility.Lab, other: legibility.Lab) -> NDArray[np.floating]:
    """Delta E of 1976."""
    return np.asarray(np.linalg.norm(one - other, axis=-1))


def left(one: Image.Image, other: Image.Image) -> legibility.Left:
    drawn = in_colour("20", (198, 62, 58)), in_colour("50", (198, 62, 58))
    return legibility.left(one, other, drawn, GROUND, euclid)


def test_what_is_left_of_words_is_all_of_them_in_what_was_kept_and_a_share_in_what_paled() -> None:
    whole = left(in_colour("20", (198, 62, 58)), in_colour("50", (198, 62, 58)))
    paled = left(in_colour("20", (198, 62, 58)), in_colour("50", (82, 111, 48)))

    assert whole.between > 60
    assert min(whole.contrasts) > 60
    assert paled.contrasts[0] == whole.contrasts[0]
    assert paled.contrasts[1] < 0.4 * whole.contrasts[1]
    assert paled.between < whole.between


def test_what_is_left_is_measured_where_the_words_lie_in_a_reduced_copy() -> None:
    found = left(in_colour("20", (198, 62, 58)), saved(in_colour("50", (198, 62, 58))))

    assert found.between > 40
    assert min(found.contrasts) > 40
