"""Words are read from real pictures, and lines are put together as they stand."""

import itertools
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from shared.media import ocr
from shared.media.ocr import Line
from tests import fonts
from tests.cases import first_of, some_of

pytestmark = pytest.mark.slow

SAMPLES = Path(__file__).resolve().parents[3] / "samples"


def line(text: str, left: float, top: float, width: float, height: float) -> Line:
    return Line(text, left, top, left + width, top + height, 0.95)


def drawn(text: str, size: tuple[int, int] = (700, 200)) -> Image.Image:
    picture = Image.new("RGB", size, "white")
    ImageDraw.Draw(picture).text((40, 60), text, "black", fonts.bold(48))
    return picture


@pytest.mark.parametrize(
    ("sample", "words"),
    some_of(
        [
            ("cafe-offre.jpg", ["Le café du matin", "2 achetés, 1 offert", "Acheter maintenant"]),
            ("pflege-rabatt.jpg", ["Pflege, die bleibt", "Jetzt 30 % Rabatt", "Jetzt kaufen"]),
            ("vanta-lease.jpg", ["The new Vanta E5", "from €299 per month", "Book a test drive"]),
        ],
        in_the_gate=[("pflege-rabatt.jpg", ["Pflege, die bleibt", "Jetzt 30 % Rabatt", "Jetzt kaufen"])],
    ),
)
def test_an_ads_words_are_read_in_their_order(sample: str, words: list[str]) -> None:
    with Image.open(SAMPLES / sample) as picture:
        blocks = ocr.read(picture.convert("RGB"))

    assert " ".join(block.text for block in blocks) == " ".join(words)


@pytest.mark.parametrize(
    "text",
    some_of(
        ["1.299,00 €", "Größe ß über", "deuxième à Noël", "¿Qué más?", "Não, avó", "£5 oder $7"],
        in_the_gate=["1.299,00 €", "Größe ß über", "¿Qué más?"],
    ),
)
def test_accents_and_signs_of_our_languages_are_read(text: str) -> None:
    [block] = ocr.read(drawn(text))

    assert block.text == text


@pytest.mark.parametrize("angle", some_of([0, 20, 60, 90, 120, 180, 200, 270], in_the_gate=[20, 90, 180]))
@pytest.mark.parametrize("words", first_of(["Jetzt nur 14,99 €", "Save 30% today"]))
def test_words_are_read_whichever_way_they_run(angle: int, words: str) -> None:
    label = drawn(words, (640, 160)).rotate(angle, expand=True, fillcolor="white", resample=Image.Resampling.BICUBIC)

    (block,) = ocr.read(label)

    assert block.text == words
    assert all(each.turned == (angle in (90, 120, 180, 200)) for each in block.lines)


@pytest.mark.parametrize("number", some_of(["99", "66", "1961", "$99", "6x9"], in_the_gate=["99", "6x9"]))
def test_numbers_are_not_turned(number: str) -> None:
    (block,) = ocr.read(drawn(number))

    assert block.text == number


@pytest.mark.parametrize(
    ("width", "height"),
    some_of(
        [(1, 1), (1, 300), (300, 1), (40, 40), (2000, 30), (10_000, 1), (1, 10_000), (6000, 70)],
        in_the_gate=[(1, 1), (1, 300), (300, 1), (2000, 30)],
    ),
)
def test_a_picture_of_any_size_without_words_has_none(width: int, height: int) -> None:
    assert ocr.read(Image.new("RGB", (width, height), "teal")) == []


@pytest.mark.parametrize("words", some_of(["0 €", "5 €", "€5", "$1", "5%", "3 %"], in_the_gate=["5 €", "5%"]))
@pytest.mark.parametrize("size", first_of([24, 110]))
def test_a_price_or_share_of_one_digit_is_read_though_it_stands_alone(words: str, size: int) -> None:
    picture = Image.new("RGB", (640, 360), "#f0f4fa")
    ImageDraw.Draw(picture).text((60, 60), words, "#0050b0", fonts.bold(size))

    assert [each.text.replace(" ", "") for each in ocr.read(picture)] == [words.replace(" ", "")]


def test_no_thread_spins_while_another_reads() -> None:
    image = drawn("Jetzt kaufen")
    ocr.read(image)
    process, own = time.process_time(), time.thread_time()

    ocr.read(image)

    assert time.process_time() - process < 1.4 * (time.thread_time() - own)


def test_several_threads_read_at_once() -> None:
    texts = ["Jetzt kaufen", "Learn more", "Scopri ora", "Compre agora"]
    read: dict[str, str] = {}

    def reads(text: str) -> None:
        read[text] = ocr.read(drawn(text))[0].text

    threads = [threading.Thread(target=reads, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert read == {text: text for text in texts}


@pytest.mark.long
def test_what_is_looked_at_coarsely_at_the_same_moment_makes_nothing_else_coarse() -> None:
    picture = drawn("Jetzt kaufen", (1400, 1000))
    sides = [32, ocr.SIDE] * 3
    alone = {side: ocr.read_all(picture, side) for side in set(sides)}

    with ThreadPoolExecutor(len(sides)) as threads:
        together = list(threads.map(lambda side: ocr.read_all(picture, side), sides))

    assert alone[32] != alone[ocr.SIDE]
    assert together == [alone[side] for side in sides]


def test_lines_under_each_other_are_one_block() -> None:
    blocks = ocr.blocks([line("OFF", 10, 100, 80, 30), line("UP TO", 10, 0, 90, 30), line("50%", 10, 40, 100, 50)])

    assert [block.text for block in blocks] == ["UP TO 50% OFF"]


def test_an_o_with_dots_is_not_taken_for_one_with_a_stroke() -> None:
    assert [ocr.as_written(text) for text in ("Kōp nu", "Tōkyō kūkō")] == ["Köp nu", "Tōkyō kūkō"]


def test_a_wide_sign_of_percent_is_one_of_japanese_alone() -> None:
    assert [ocr.as_written(text) for text in ("35％", "35％ 割引")] == ["35%", "35％ 割引"]


@pytest.mark.parametrize(
    ("upper", "lower", "text"),
    [
        ("Découvrez-", "le", "Découvrez-le"),
        ("Inscreva-", "se", "Inscreva-se"),
        ("Hin-", "und Rückflug", "Hin- und Rückflug"),
        ("7-", "day trial", "7- day trial"),
        ("Sale -", "now on", "Sale - now on"),
    ],
)
def test_a_word_is_put_together_at_its_hyphen(upper: str, lower: str, text: str) -> None:
    [block] = ocr.blocks([line(upper, 0, 0, 200, 40), line(lower, 0, 45, 200, 40)])

    assert block.text == text


def test_words_beside_each_other_are_read_from_left_to_right() -> None:
    blocks = ocr.blocks([line("now", 120, 4, 80, 30), line("Shop", 10, 0, 100, 30)])

    assert [block.text for block in blocks] == ["Shop now"]


def test_columns_headlines_and_buttons_stay_apart() -> None:
    lines = [
        line("Left column", 0, 0, 200, 30),
        line("Right column", 500, 0, 200, 30),
        line("goes on", 0, 36, 150, 30),
        line("HUGE", 0, 80, 400, 120),
        line("Button", 0, 400, 100, 30),
    ]

    assert {block.text for block in ocr.blocks(lines)} == {"Left column goes on", "Right column", "HUGE", "Button"}


def test_a_banners_columns_are_read_one_after_the_other() -> None:
    lines = [
        line("Ouvrir", 757, 74, 98, 32),
        line("Votre", 227, 62, 117, 38),
        line("80 €", 583, 76, 64, 32),
        line("Banque", 0, 88, 166, 36),
        line("offerts à", 555, 108, 122, 34),
        line("un compte", 738, 110, 140, 32),
        line("compte", 205, 106, 161, 42),
        line("Orion", 22, 128, 124, 36),
        line("l'ouverture", 536, 142, 160, 34),
        line("sans frais", 181, 152, 209, 38),
    ]

    assert [block.text for block in ocr.blocks(lines)] == [
        "Banque Orion",
        "Votre compte sans frais",
        "80 € offerts à l'ouverture",
        "Ouvrir un compte",
    ]


@pytest.mark.parametrize(
    ("lines", "texts"),
    [
        # a name beside the middle of three lines; a figure beside the first of two, one as tall as both
        ([line("Snackly", 0, 41, 70, 18), line("Healthy", 77, 22, 67, 20), line("snack", 86, 40, 48, 20),
          line("boxes", 87, 58, 46, 20)], ["Snackly", "Healthy snack boxes"]),
        ([line("Vanta", 2, 34, 90, 33), line("Handmade", 99, 6, 220, 44), line("oak tables", 101, 49, 209, 42)],
         ["Vanta", "Handmade oak tables"]),
        ([line("50%", 0, 0, 110, 76), line("OFF", 120, 0, 70, 34), line("today", 120, 40, 90, 34)], ["50% OFF today"]),
        ([line("Save", 0, 0, 90, 40), line("50%", 104, 0, 80, 40), line("on boots", 10, 48, 170, 40)],
         ["Save 50% on boots"]),
        # two columns below a headline, and a badge that begins higher than what stands left of it
        ([line("One headline over all", 0, 0, 900, 60), line("left", 0, 100, 100, 30), line("below", 0, 200, 120, 30),
          line("right", 600, 90, 120, 30), line("under", 600, 210, 120, 30)],
         ["One headline over all", "left", "below", "right", "under"]),
        ([line("Zum Angebot", 570, 288, 77, 16), line("Telnova", 22, 290, 64, 14), line("5G 100 GB", 132, 289, 82, 15)],
         ["Telnova", "5G 100 GB", "Zum Angebot"]),
        # small print in the corner below all, and columns half a line apart
        ([line("Terrano Neue Kollektion", 374, 30, 435, 43), line("£72.49", 369, 140, 200, 61),
          line("Jetzt kaufen", 756, 155, 174, 39), line("Offer ends 11 June", 0, 232, 149, 17)],
         ["Terrano Neue Kollektion", "£72.49", "Jetzt kaufen", "Offer ends 11 June"]),
        ([line("Was £80", 428, 18, 203, 48), line("Now", 423, 63, 117, 55), line("£39.50", 427, 112, 168, 52),
          line("Running", 12, 177, 225, 53), line("shoes", 233, 180, 166, 49), line("Free delivery", 427, 173, 264, 59),
          line("Find out", 702, 44, 164, 50), line("more", 705, 95, 107, 42), line("Kavo", 8, 65, 135, 53)],
         ["Kavo", "Running shoes", "Was £80 Now £39.50 Free delivery", "Find out more"]),
    ],
)  # fmt: skip
def test_lines_are_told_from_columns_and_read_in_order(lines: list[Line], texts: list[str]) -> None:
    assert [block.text for block in ocr.blocks(lines)] == texts


@given(st.lists(st.tuples(*[st.integers(0, 60)] * 4), max_size=9), st.randoms())
def test_every_line_is_in_one_block_in_whatever_order_they_are_found(
    places: list[tuple[int, int, int, int]], chance: random.Random
) -> None:
    lines = [
        line(f"line {at}", 10 * left, 10 * top, 20 + width, 12 + height)
        for at, (left, top, width, height) in enumerate(places)
    ]
    shuffled = chance.sample(lines, len(lines))

    read = [each for block in ocr.blocks(lines) for each in block.lines]

    assert sorted(read, key=lines.index) == lines
    assert ({frozenset(block.lines) for block in ocr.blocks(shuffled)}
            == {frozenset(block.lines) for block in ocr.blocks(lines)})  # fmt: skip


@pytest.mark.parametrize("columns", some_of([1, 40, 1200], in_the_gate=[40]))
def test_a_picture_full_of_words_is_put_in_order(columns: int) -> None:
    lines = [line(f"{at}", 30 * (at % columns), 100 * (at // columns), 28, 20) for at in range(1200)]

    rows = [[int(each.text) for each in block.lines] for block in ocr.blocks(reversed(lines))]

    assert rows == [[*range(start, start + columns)] for start in range(0, 1200, columns)]


def test_a_sign_of_money_below_its_amount_is_read() -> None:
    picture = drawn("1.499", (300, 220))
    ImageDraw.Draw(picture).text((90, 120), "€", "black", fonts.bold(48))

    (block,) = ocr.read(picture)

    assert block.text == "1.499 €"


def test_a_line_between_two_others_joins_them() -> None:
    blocks = ocr.blocks([line("one", 0, 0, 100, 30), line("three", 0, 70, 100, 30), line("two", 0, 35, 100, 30)])

    assert [block.text for block in blocks] == ["one two three"]


def test_columns_of_kana_and_hanzi_are_read_from_right_to_left() -> None:
    lines = [
        line("送料込み", 40, 62, 60, 300),
        line("春の新作フェア", 300, 60, 60, 520),
        line("全品二割引", 170, 58, 60, 400),
        line("株式会社", 20, 700, 200, 30),
    ]

    assert [block.text for block in ocr.blocks(lines)] == ["春の新作フェア 全品二割引 送料込み", "株式会社"]


def test_a_tall_word_in_latin_letters_is_no_column() -> None:
    lines = [line("SALE", 0, 0, 60, 240), line("NOW", 100, 0, 60, 240)]

    assert [block.text for block in ocr.blocks(lines)] == ["SALE NOW"]


@pytest.mark.parametrize(
    ("size", "at"),
    some_of(
        [*itertools.product(((600, 10_000), (1080, 12_000), (9_000, 500)), (0.0, 0.31, 0.5, 0.97))],
        in_the_gate=[((600, 10_000), 0.97)],
    ),
)
def test_a_long_strip_is_read_wherever_its_words_are(size: tuple[int, int], at: float) -> None:
    picture = Image.new("RGB", size, "white")
    place = round(at * max(0, size[0] - 430)), round(at * (size[1] - 90))
    ImageDraw.Draw(picture).text(place, "SALE 100% OFF", "black", fonts.bold(48))

    reading = ocr.read_all(picture)

    assert [block.text for block in reading.blocks] == ["SALE 100% OFF"]
    [found] = [line for block in reading.blocks for line in block.lines]
    assert abs(found.left - place[0]) < 20
    assert abs(found.top - place[1]) < 30


@given(st.integers(1, 40_000), st.integers(1, 40_000))
def test_the_parts_of_a_picture_cover_it_and_are_few(width: int, height: int) -> None:
    parts = ocr._parts(width, height, ocr.SIDE)

    assert len(parts) <= ocr._MOST_PARTS
    assert (parts[0][:2], parts[-1][2:]) == ((0, 0), (width, height))
    along = 1 if height > width else 0
    assert all(after[along] < before[along + 2] for before, after in itertools.pairwise(parts))
