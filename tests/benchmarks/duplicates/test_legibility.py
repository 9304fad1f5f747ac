"""Whether words can still be read is judged where they are, whatever a tool did to the picture's size."""

import numpy as np
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
