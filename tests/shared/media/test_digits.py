"""Cents that are set high are told from the number before them, and what is struck out from what is not."""

import pytest
from PIL import Image, ImageDraw

from shared.media import digits, ocr
from tests import fonts
from tests.cases import first_of, some_of

pytestmark = pytest.mark.slow

TALL = 80


def set_in_sizes(*parts: tuple[str, float, float], colours: tuple[str, str] = ("white", "black")) -> Image.Image:
    """A line of parts: the words, and, as shares of `TALL`, how large they are and how far above the line."""
    ground, ink = colours
    picture = Image.new("RGB", (700, 220), ground)
    draw, left = ImageDraw.Draw(picture), 40.0
    for words, size, higher in parts:
        font = fonts.bold(TALL * size)
        draw.text((left, 150 - TALL * higher), words, ink, font, anchor="ls")
        left += font.getlength(words) + 2
    return picture


def lines(picture: Image.Image) -> list[ocr.Line]:
    return [line for block in ocr.read(picture) for line in block.lines]


@pytest.mark.parametrize(
    ("before", "cents", "after", "read"),
    first_of(
        [
            ("1.299", "95", " €", "1.299⁹⁵ €"),
            ("$49", "99", "", "$49⁹⁹"),
            ("£4", "99", "", "£4⁹⁹"),
            ("49", "99", " €", "49⁹⁹ €"),
            ("Now $15", "50", "", "Now $15⁵⁰"),
        ]
    ),
)
@pytest.mark.parametrize(("size", "higher"), first_of([(0.5, 0.36), (0.42, 0.4), (0.6, 0.3)]))
def test_cents_that_are_set_high_are_written_so(
    before: str, cents: str, after: str, read: str, size: float, higher: float
) -> None:
    picture = set_in_sizes((before, 1, 0), (cents, size, higher), (after, 1, 0))

    assert " ".join(block.text for block in ocr.read(picture)) == read


@pytest.mark.parametrize("ground", first_of(["white", "#c1121f"]))
def test_white_on_a_plate_is_told_as_black_on_white_is(ground: str) -> None:
    plate = set_in_sizes(("$49", 1, 0), ("99", 0.5, 0.36), colours=("#c1121f", "white")).crop((20, 82, 300, 162))
    picture = Image.new("RGB", (700, 220), ground)
    picture.paste(plate, (210, 70))

    assert [line.text for line in lines(picture)] == ["$49⁹⁹"]


@pytest.mark.parametrize(
    "words",
    some_of(
        ["$4999", "$1680", "1.299,95 €", "5% of 20", "$79 a month", "020 7946 0123"],
        in_the_gate=["$4999", "1.299,95 €", "$79 a month"],
    ),
)
def test_digits_of_one_size_stay_as_they_are(words: str) -> None:
    (line,) = lines(set_in_sizes((words, 0.7, 0)))

    assert line.text == words
    assert not line.uneven
    assert not line.struck


def test_the_last_digits_of_a_telephone_number_are_no_cents() -> None:
    read = lines(set_in_sizes(("+1 404 555 01", 0.6, 0), ("87", 0.36, 0.2)))

    assert not any(sign in line.text for line in read for sign in digits.RAISED)


@pytest.mark.parametrize(
    ("before", "behind", "size", "higher"), [("$17", "75", 0.5, 0), ("$10", "1", 0.5, 0.36), ("$49", "99", 0.72, 0.2)]
)
def test_a_number_that_nobody_can_tell_is_uneven(before: str, behind: str, size: float, higher: float) -> None:
    read = lines(set_in_sizes((before, 1, 0), (behind, size, higher)))

    assert any(line.uneven for line in read)


@pytest.mark.parametrize("words", first_of(["$1,299.00", "$89", "199 €"]))
@pytest.mark.parametrize("share", first_of([0.55, 0.45]))
def test_what_a_stroke_goes_through_is_struck(words: str, share: float) -> None:
    picture = set_in_sizes((words, 1, 0))
    (line,) = lines(picture)
    level = line.top + share * line.height
    ImageDraw.Draw(picture).line((line.left, level, line.right, level), "black", 5)

    assert not line.struck
    assert [each.struck for each in lines(picture)] == [True]


@pytest.mark.parametrize(("struck", "told"), [(0, [True, False]), (1, [False, True]), (None, [False])])
def test_of_two_prices_in_a_line_the_one_that_is_struck_is_told(struck: int | None, told: list[bool]) -> None:
    words = ("189,00 €", "239,00 €")
    picture = set_in_sizes((words[0], 0.7, 0), (words[1], 0.7, 0))
    length = fonts.bold(TALL * 0.7).getlength(words[0])
    if struck is not None:
        left = 40 + struck * (length + 2)
        ImageDraw.Draw(picture).line((left, 130, left + length, 130), "black", 4)

    assert [line.struck for line in lines(picture)] == told
