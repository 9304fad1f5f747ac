"""What one frame of a film has of words that come in, and of textures, is told from words that are shown."""

import pytest

from functions.extract.extractors.offline import doubts
from functions.extract.extractors.offline.findings import Sight
from shared.media.ocr import Block, Line

WIDTH, ABOVE, BELOW = 640, 100.0, 160.0


def line(text: str, left: float, right: float, score: float = 0.98) -> Line:
    return Line(text, left, ABOVE, right, BELOW, score)


def sight(*lines: Line) -> Sight:
    return Sight([Block((each,)) for each in lines], 0, size=(WIDTH, 360))


def left_of(*sights: Sight, again: Sight | None = None) -> list[str]:
    """The lines of looks, half a second after each other, that are not doubtful; `again` is 0.2 s after the first."""
    seen = {0.5 * number: each for number, each in enumerate(sights)}
    none = doubts.doubtful(seen, {0.2: again} if again else {})
    return [each.text for second, of in seen.items() for each in of.lines if each not in none.get(second, [])]


@pytest.mark.parametrize(
    ("part", "whole"),
    [
        (line("€18.", 200, 320), line("€18.50", 200, 400)),
        (line("was", 200, 290), line("was $599", 200, 420)),
        (line("ick up in s1", 160, 400), line("pick up in store", 150, 480)),
        (line("Garden chai", 150, 380), line("Garden chairs", 150, 420)),
        (line("99", 0, 100), line("£1,299", 220, 420)),  # slides in from the left
        (line("nes", 0, 90), line("Aster Homes", 160, 480)),  # the rest of an m
        (line("£1,2", 560, 640), line("£1,299", 220, 420)),  # from the right
        (line("bis zu 66%", 150, 450, 0.94), line("bis zu 60%", 150, 452, 1.0)),
        (line("4,99 € al mesel", 150, 450, 0.93), line("14,99 € al mese", 152, 450, 0.99)),
    ],
)
def test_what_one_frame_has_of_words_that_come_in_or_go_is_doubtful(part: Line, whole: Line) -> None:
    assert left_of(sight(part), sight(whole)) == [whole.text]
    assert left_of(sight(whole), sight(part)) == [whole.text]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (line("$5", 300, 340), line("$59", 290, 350)),
        (line("New", 270, 370), line("New season", 200, 440)),
        (line("was $599", 200, 420, 0.96), line("was $399", 200, 420, 0.99)),
    ],
)
def test_a_card_that_another_one_has_more_of_is_read_where_it_stands(one: Line, other: Line) -> None:
    assert left_of(sight(one), sight(other), again=sight(one)) == [one.text, other.text]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (line("only £19", 200, 440), line("only £18 now", 200, 520)),
        (line("-30%", 270, 370, 0.95), line("-50%", 270, 370, 0.99)),
        (line("Only today", 200, 440), line("Harbour Tea", 200, 440)),
        (line("99", 300, 340), line("£1,299", 20, 220)),
        (line("Sale", 200, 300), line("Salesorial", 200, 420, 0.7)),
    ],
)
def test_other_words_in_the_same_place_are_not_doubtful(one: Line, other: Line) -> None:
    assert one.text in left_of(sight(one), sight(other))


def test_a_line_that_one_look_takes_for_two_is_read_in_both() -> None:
    apart = sight(line("now", 100, 215), line("$399", 230, 372))

    assert left_of(apart, sight(line("now $399", 100, 375))) == ["now", "$399", "now $399"]


def test_a_part_long_before_the_whole_is_a_line_of_its_own() -> None:
    assert left_of(sight(line("was", 200, 290)), *[sight()] * 3, sight(line("was $599", 200, 420)))[0] == "was"


@pytest.mark.parametrize("texture", [line("ABA", 257, 313, 0.75), line("008800", 0, 150, 0.72), line("II", 9, 30, 0.9)])
def test_a_texture_that_is_read_once_is_doubtful(texture: Line) -> None:
    elsewhere = Line(texture.text, texture.left + 40, ABOVE, texture.right + 40, BELOW, texture.score)

    assert left_of(sight(texture), sight()) == []
    assert left_of(sight(texture), sight(), again=sight(elsewhere)) == []


@pytest.mark.parametrize("row", ["000000", "000888", "日日日日"])
def test_a_row_of_the_same_signs_is_doubtful_though_it_is_read_again_in_its_place(row: str) -> None:
    windows = sight(line(row, 0, 600, 0.72))

    assert left_of(windows, sight(), again=windows) == []


@pytest.mark.parametrize(
    "words",
    [line("Bergmann", 200, 420, 0.75), line("Bergmann", 200, 420, 0.95), line("€18.50", 200, 420, 0.84)],
)
def test_words_that_are_sure_or_known_or_stand_in_their_place_are_not_doubtful(words: Line) -> None:
    again = sight(line("Bergmanm", 202, 421, 0.7)) if words.score < 0.8 else None

    assert left_of(sight(words), sight(), again=again) == [words.text]
