"""What was found fills whatever feature model is asked for, and nothing is filled by guessing."""

import math
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont
from pydantic import BaseModel, Field

from benchmarks.drawing.fonts import package_folder
from functions.extract.extractors.offline import findings
from shared.features import Color, ImageFeatures, VideoFeatures
from shared.media.ocr import READ_WORDS, Block, Line
from shared.reasons import Reason, Rejected
from tests import fonts
from tests.cases import first_of, some_of
from tests.functions.extract.extractors.offline.test_people import with_faces
from tests.functions.extract.extractors.offline.wordings import block
from tests.shared.media.test_digits import set_in_sizes

pytestmark = pytest.mark.slow

SAMPLES = Path(__file__).resolve().parents[5] / "samples"


def image(sample: str) -> ImageFeatures:
    with Image.open(SAMPLES / sample) as picture:
        return findings.fill(ImageFeatures, findings.of_image(picture.convert("RGB")))


class Finish(StrEnum):
    """How it shines."""

    MATT = "matt"


class Vertical(BaseModel):
    """A user's own model."""

    text: str | None = Field(description="Words.")
    price: Decimal | None = Field(description="Price.")
    dominant_colors: list[Finish] | None = Field(description="Of another vocabulary.")
    people_count: bool | None = Field(description="Of another type.")
    tags: list[str] = Field(description="Unknown to us, may be empty.")
    finish: Finish | None = Field(description="Unknown to us.")


class Demanding(BaseModel):
    """Wants what we cannot tell."""

    text: str | None = Field(description="Words.")
    brand: str = Field(description="Brand.")
    mood: int = Field(description="Mood.")


def test_an_ad_says_what_it_offers_and_asks() -> None:
    found = image("summer-sale-20.jpg")

    assert found.has_promotion is True
    assert found.promotion_text == "SUMMER SALE 20% OFF"
    assert found.discount_percent == 20
    assert found.call_to_action == "Shop now"
    assert found.language == "en"
    assert found.price is None


def test_what_pixels_cannot_tell_stays_null() -> None:
    found = image("vanta-lease.jpg")

    untold = [found.brand, found.product_category, found.brand_logos, found.car_model, found.style, found.mood]
    assert untold == [None] * 6
    assert found.price == 299
    assert found.currency == "EUR"


def test_no_face_is_not_nobody() -> None:
    found = image("story-sunshine.jpg")

    assert found.has_people is None
    assert found.people_count is None


@pytest.mark.slow
def test_a_face_is_a_person() -> None:
    found = findings.of_image(with_faces((1080, 1080), [(100, 100), (600, 500)]))

    assert found["has_people"] is True
    assert found["people_count"] == 2


def test_without_words_nothing_is_offered_or_asked() -> None:
    found = findings.of_image(Image.new("RGB", (600, 600), (200, 16, 46)))

    assert found["has_text"] is False
    assert found["has_promotion"] is False
    assert found["has_call_to_action"] is False
    assert found["dominant_colors"] == [Color.RED]


@pytest.mark.parametrize(
    ("text", "absent"),
    [
        ("The new seven seater for the whole family", False),
        ("Uusi kenkämallisto syksyyn ja talveen", None),
        ("NIKE AIR", None),
    ],
)
def test_no_promotion_is_said_only_in_a_language_whose_offers_we_know(text: str, absent: bool | None) -> None:
    found = findings.of_words([block(text)])

    assert found["has_promotion"] is absent
    assert found["has_call_to_action"] is absent


@pytest.mark.parametrize(
    "beside", ["Details of the sale: see terms of the promotion", "Was £89", "Excludes items on special offer"]
)
def test_no_promotion_is_said_where_the_small_print_names_one_or_an_old_price_stands(beside: str) -> None:
    found = findings.of_words([block("The new seven seater for the whole family"), block(beside)])

    assert found["has_promotion"] is not False


def test_a_users_model_gets_the_fields_it_shares_with_ours() -> None:
    found = {"text": "Hi", "price": Decimal("19.99"), "dominant_colors": [Color.RED], "people_count": 7, "other": 1}

    filled = findings.fill(Vertical, found)

    assert filled == Vertical(
        text="Hi", price=Decimal("19.99"), dominant_colors=None, people_count=None, tags=[], finish=None
    )


def test_a_model_that_demands_what_cannot_be_told_is_refused_with_the_fields_named() -> None:
    with pytest.raises(Rejected, match=r"cannot tell brand, mood; declare .*\| None") as refusal:
        findings.fill(Demanding, {"text": "Hi"})

    assert refusal.value.reason is Reason.INVALID_ANSWER


@pytest.mark.parametrize("model", [ImageFeatures, VideoFeatures])
def test_our_own_models_can_be_filled_with_nothing(model: type[BaseModel]) -> None:
    filled = findings.fill(model, {})

    assert set(filled.model_dump().values()) == {None}


def words_of(*lines: str) -> Image.Image:
    """Lines in DejaVu, which has Hebrew, Arabic and Cyrillic letters and ships with matplotlib."""
    folder = package_folder("matplotlib")
    assert folder
    font = ImageFont.truetype(str(folder / "mpl-data/fonts/ttf/DejaVuSans-Bold.ttf"), 70)
    picture = Image.new("RGB", (1000, 140 * len(lines) + 60), "#1746a2")
    for number, line in enumerate(lines):
        ImageDraw.Draw(picture).text((60, 40 + 140 * number), line, "white", font)
    return picture


@pytest.mark.parametrize(
    "lines",
    first_of([["עכשיו במבצע", "משלוח חינם"], ["خصم اليوم", "اشتري الان"], ["Скидка сегодня 50%", "Купить сейчас"]]),
)
def test_words_in_letters_that_cannot_be_read_are_not_said_to_lack_and_rubbish_is_no_text(
    lines: list[str],
) -> None:
    found = findings.of_image(words_of(*lines))

    assert found.get("text") is None
    assert found.get("has_text") is not False
    assert found.get("has_promotion") is not False
    assert found.get("has_call_to_action") is not False


def test_of_words_in_several_scripts_those_that_can_be_read_are_told_and_the_others_are_counted() -> None:
    found = findings.of_image(words_of("Lumera Beachwear", "Скидка сегодня", "Новая коллекция", "МЕТРО", "Купить"))

    assert found["text"] == "Lumera Beachwear"
    assert found["has_promotion"] is None
    assert found[READ_WORDS][0]["unread"] == 3


@pytest.mark.parametrize(("other", "text"), [("199 P", None), ("199", None), ("Lumera", "Koe c coo Lumera")])
def test_letters_that_another_script_has_too_are_words_where_others_are_that_it_has_not(
    other: str, text: str | None
) -> None:
    found = findings.of_words([block("Koe c coo"), block(other)], unread=0.05)

    assert found["text"] == text
    assert findings.of_words([block("Koe c coo"), block(other)])["text"] == f"Koe c coo {other}"


def test_a_line_in_another_script_beside_words_that_are_read_is_no_word_less_and_no_lack_is_told() -> None:
    found = findings.of_image(words_of("The seven seater", "for the family", "Новая коллекция"))

    assert found["text"] == "The seven seater for the family"
    assert (found["has_promotion"], found["has_call_to_action"]) == (None, None)
    assert found[READ_WORDS][0]["unread"] == 1


def lines_read(*lines: tuple[str, float]) -> list[Block]:
    return [
        Block((Line(text, 0, 60 * at, 20 * len(text), 60 * at + 40, score),)) for at, (text, score) in enumerate(lines)
    ]


@pytest.mark.parametrize(
    "lines",
    [
        [("D'77n 7 D'7'0 00", 0.83), ("N349", 0.93)], [("un 399.-", 0.84), ("bnnnin 100 oN. WS", 0.68)],
        [("299.-", 0.99), ("bnnnin", 0.7)], [("nn. a： B89", 0.96), ("dousituo 31 w.. miu", 0.78)],
    ],
)  # fmt: skip
def test_letters_in_no_language_of_which_no_word_is_certain_are_no_text(lines: list[tuple[str, float]]) -> None:
    assert findings.of_words(lines_read(*lines))["text"] is None


@pytest.mark.parametrize(
    "lines", [[("NIKE", 0.95), ("Zqx pov", 0.8)], [("XL 20%", 0.97)], [("The new seven seater for everyone", 0.85)]]
)
def test_words_in_a_language_or_beside_a_certain_one_are_text(lines: list[tuple[str, float]]) -> None:
    assert findings.of_words(lines_read(*lines))["text"] == " ".join(text for text, _ in lines)


def test_vietnamese_is_read_with_letters_missing_and_only_its_figures_are_told() -> None:
    read = lines_read(("Cánh Diu Air bay Hà Ni - Đà Nng", 0.98), ("599.000đ", 0.99), ("Đt vé ngay hôm nay", 0.98))

    found = findings.of_words(read)

    assert (found["language"], found["text"], found["price"]) == ("vi", None, 599_000)
    assert findings.Sight(read, 0).words_read()["unread"] == 2


def test_greek_letters_within_words_are_no_words() -> None:
    assert findings.of_image(words_of("ΚΑΦΕΣ", "ΠΡΟΣΦΟΡΑ")).get("text") is None


@pytest.mark.parametrize(
    ("text", "score", "height", "told"),
    [
        ("YAWAHA", 0.86, 30, False),
        ("X1", 0.76, 90, False),
        ("YAMAHA", 0.97, 30, True),
        ("ORA", 0.83, 90, True),
        ("19€", 0.76, 40, True),
        ("sur le Nil", 0.85, 40, True),
    ],
)
def test_a_word_by_itself_that_is_poorly_read_is_the_photographs(
    text: str, score: float, height: int, told: bool
) -> None:
    headline = Block((Line("Croisière", 40, 40, 600, 140, 1.0),))
    other = Block((Line(text, 700, 500, 900, 500 + height, score),))

    assert findings.without_strays([headline, other]) == [headline, other][: 1 + told]


def test_a_wheel_is_no_word_that_cannot_be_read() -> None:
    picture = Image.new("RGB", (1080, 1350), "#e8e4dc")
    ImageDraw.Draw(picture).ellipse((240, 460, 840, 1080), outline="#22262b", width=110)
    ImageDraw.Draw(picture).text((60, 80), "The new loader", "black", fonts.bold(90))
    ImageDraw.Draw(picture).text((60, 1200), "Made for hills", "black", fonts.bold(60))

    found = findings.of_image(picture)

    assert found["text"] == "The new loader Made for hills"
    assert found["has_promotion"] is False


@pytest.mark.parametrize(
    ("said", "discount"),
    some_of(
        [("- 25 %", 25), ("– 50%", 50), ("− 15 %", 15), ("• 30 %", None), ("70 %", None)],
        in_the_gate=[("- 25 %", 25), ("• 30 %", None)],
    ),
)
def test_a_percentage_with_a_minus_that_stands_apart_is_a_discount(said: str, discount: float | None) -> None:
    picture = Image.new("RGB", (700, 420), "#c8102e")
    ImageDraw.Draw(picture).text((40, 40), "Sofa Oslo", "white", fonts.bold(56))
    ImageDraw.Draw(picture).text((350, 280), said, "white", fonts.bold(100), anchor="mm")

    found = findings.fill(ImageFeatures, findings.of_image(picture))

    assert (found.discount_percent, found.has_promotion) == (discount, True if discount else None)


@pytest.mark.parametrize(("step", "outer", "turn", "until"), first_of([(120, 40, 0.0, 1080), (90, 30, 0.1, 400)]))
def test_stars_are_no_words_that_cannot_be_read(step: int, outer: int, turn: float, until: int) -> None:
    picture = Image.new("RGB", (1080, 1080), "#1c2a5e")
    for row, y in enumerate(range(60, 420, step)):
        for at, x in enumerate(range(60 + row % 2 * step // 2, until, step)):
            ImageDraw.Draw(picture).polygon(star(x, y, outer, turn + 0.3 * at), "white")
    ImageDraw.Draw(picture).text((60, 620), "Hôtel au bord\nde la mer", "white", fonts.bold(70))

    assert findings.of_image(picture).get("text") == "Hôtel au bord de la mer"


def star(x: int, y: int, outer: int, turn: float) -> list[tuple[float, float]]:
    """Its ten corners, in pixels."""
    corners = ((outer if corner % 2 == 0 else 0.4 * outer, turn + corner * math.pi / 5) for corner in range(10))
    return [(x + length * math.sin(angle), y - length * math.cos(angle)) for length, angle in corners]


@pytest.mark.parametrize(
    ("before", "behind", "higher", "price"),
    [("$49", "99", 0.36, 49.99), ("€ 12", "50", 0.36, 12.5), ("$17", "75", 0, None)],
)
def test_cents_set_high_are_cents_and_a_price_that_nobody_can_tell_is_null(
    before: str, behind: str, higher: float, price: float | None
) -> None:
    found = findings.of_image(set_in_sizes((before, 1, 0), (behind, 0.5, higher)))

    assert findings.fill(ImageFeatures, found).price == price
