"""Draws ads from labelled copy in five layouts, in the sizes that placements have, and saves them as people do."""

import io
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml
from PIL import Image, ImageDraw, ImageFont, ImageOps
from pydantic import BaseModel, ConfigDict

from benchmarks.drawing import photos
from benchmarks.drawing.fonts import font_files
from benchmarks.drawing.photos import Photo
from shared.features import Color

COPY_FILE = Path(__file__).with_name("copy.yaml")

# Colours of panels, with the name that anybody gives them.
PANELS: dict[Color, tuple[str, ...]] = {
    Color.RED: ("#c8102e", "#e63329"),
    Color.BLUE: ("#1746a2", "#0d2c6b", "#4a90d9"),
    Color.GREEN: ("#1e7d3c", "#3fa34d"),
    Color.YELLOW: ("#ffd400", "#f7e04b"),
    Color.ORANGE: ("#f58220", "#ff7a1a"),
    Color.PURPLE: ("#5b2a86", "#8e44ad"),
    Color.PINK: ("#f48fb1", "#e84393"),
    Color.TURQUOISE: ("#16a3a0", "#1fbfb8"),
    Color.BLACK: ("#111111", "#0a0a0f"),
    Color.WHITE: ("#ffffff", "#fafafa"),
    Color.BEIGE: ("#efe1c6", "#e6d5b8"),
    Color.BROWN: ("#5c3317", "#7a4a24"),
    Color.GRAY: ("#8c8c8c", "#5f6368"),
}


class Copy(BaseModel):
    """What one ad says, and what that means (see copy.yaml)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    headline: str
    offer: str | None = None
    discount: float | None = None
    price: str | None = None
    amount: float | None = None
    currency: str | None = None
    says_nothing: str | None = None
    call: str | None = None


@dataclass(frozen=True)
class DrawnAd:
    """A drawn ad with its labels.

    Attributes:
        language: of its words.
        copy: its words and what they mean.
        people: how many the photograph shows.
        panel: the colour of the panel, where one covers a large part; None where only the photograph does.
        jpeg: the file.
    """

    language: str
    copy: Copy
    people: int
    panel: Color | None
    jpeg: bytes


@dataclass
class _Sheet:
    picture: Image.Image
    random: random.Random
    ink: str
    accent: str

    @property
    def draw(self) -> ImageDraw.ImageDraw:
        return ImageDraw.Draw(self.picture)


def load_copy() -> dict[str, list[Copy]]:
    """The labelled copy of each language."""
    raw = yaml.safe_load(COPY_FILE.read_text("utf-8"))
    return {language: [Copy.model_validate(one) for one in ads] for language, ads in raw.items()}


def draw(language: str, copy: Copy, seed: int) -> DrawnAd:
    """One ad: layout, size, font, colours and photograph chosen by the seed."""
    choice = random.Random(seed)
    photo = _photo(choice)
    layout, size = choice.choice(_LAYOUTS)
    panel = choice.choice(list(PANELS))
    color = choice.choice(PANELS[panel])
    picture, covers = layout(photo, size, color, copy, choice)
    encoded = io.BytesIO()
    picture.save(encoded, "JPEG", quality=choice.choice((60, 75, 85, 92)))
    return DrawnAd(language, copy, photo.people, panel if covers else None, encoded.getvalue())


def _photo(choice: random.Random) -> Photo:
    if photos.packaged_photos() and choice.random() < 0.7:
        return choice.choice(photos.packaged_photos())
    return photos.landscape(choice.randrange(2**32))


type _Layout = Callable[[Photo, tuple[int, int], str, Copy, random.Random], tuple[Image.Image, bool]]


def _over_photo(
    photo: Photo, size: tuple[int, int], color: str, copy: Copy, choice: random.Random
) -> tuple[Image.Image, bool]:
    """Words on the darkened lower half of a photograph."""
    picture = ImageOps.fit(photo.picture, size)
    shade = Image.linear_gradient("L").resize(size).point(lambda value: value * 0.85)
    picture = Image.composite(Image.new("RGB", size, "black"), picture, shade)
    sheet = _Sheet(picture, choice, "white", color if _light(color) else "white")
    _set(sheet, copy, (0.06, 0.5, 0.94, 0.96))
    return picture, False


def _beside_photo(
    photo: Photo, size: tuple[int, int], color: str, copy: Copy, choice: random.Random
) -> tuple[Image.Image, bool]:
    """A panel of one colour with the words, the photograph beside it."""
    width, height = size
    picture = Image.new("RGB", size, color)
    picture.paste(ImageOps.fit(photo.picture, (width - round(width * 0.55), height)), (round(width * 0.55), 0))
    _set(_Sheet(picture, choice, _ink(color), _ink(color)), copy, (0.04, 0.08, 0.52, 0.94))
    return picture, True


def _under_photo(
    photo: Photo, size: tuple[int, int], color: str, copy: Copy, choice: random.Random
) -> tuple[Image.Image, bool]:
    """The photograph above, a panel with the words below."""
    width, height = size
    picture = Image.new("RGB", size, color)
    picture.paste(ImageOps.fit(photo.picture, (width, round(height * 0.5))), (0, 0))
    _set(_Sheet(picture, choice, _ink(color), _ink(color)), copy, (0.06, 0.54, 0.94, 0.97))
    return picture, True


def _poster(
    photo: Photo, size: tuple[int, int], color: str, copy: Copy, choice: random.Random
) -> tuple[Image.Image, bool]:
    """Words on one colour around a small photograph."""
    width, height = size
    picture = Image.new("RGB", size, color)
    inset = ImageOps.fit(photo.picture, (round(width * 0.4), round(height * 0.32)))
    picture.paste(inset, (round(width * 0.3), round(height * 0.04)))
    _set(_Sheet(picture, choice, _ink(color), _ink(color)), copy, (0.08, 0.4, 0.92, 0.96))
    return picture, True


_LAYOUTS: tuple[tuple[_Layout, tuple[int, int]], ...] = (
    (_over_photo, (1080, 1080)),
    (_over_photo, (1200, 628)),
    (_over_photo, (1080, 1350)),
    (_beside_photo, (1200, 628)),
    (_beside_photo, (970, 250)),
    (_beside_photo, (1920, 1080)),
    (_under_photo, (1080, 1920)),
    (_under_photo, (1080, 1080)),
    (_under_photo, (600, 500)),
    (_poster, (1080, 1080)),
    (_poster, (1080, 1350)),
)


def _set(sheet: _Sheet, copy: Copy, box: tuple[float, float, float, float]) -> None:
    """Sets the copy into a box (fractions of the sides): a row a part, offer and price the largest."""
    width, height = sheet.picture.size
    left, top, right, bottom = box[0] * width, box[1] * height, box[2] * width, box[3] * height
    headline, strong, small, button = (ImageFont.truetype(sheet.random.choice(font_files()), 10) for _ in range(4))
    rows = [(copy.headline, headline, 1.0), (copy.offer, strong, 1.5), (copy.price, strong, 1.4)]
    rows += [(copy.says_nothing, small, 0.8), (copy.call, button, 0.9)]
    shown = [(text, font, weight) for text, font, weight in rows if text]
    if sheet.random.random() < 0.25:
        shown = [(text.upper() if text != copy.price else text, font, weight) for text, font, weight in shown]
    unit = (bottom - top) / sum(weight * 1.5 for _, _, weight in shown)
    y = top
    for text, font, weight in shown:
        row = (left, y, right, y + unit * weight * 1.5)
        _line(sheet, text, font, row, button=text.lower() == (copy.call or "").lower())
        y = row[3]


def _line(
    sheet: _Sheet, text: str, font: ImageFont.FreeTypeFont, row: tuple[float, float, float, float], *, button: bool
) -> None:
    """One part of the copy in its row: on one line, or on two where one would be small; a button as a button."""
    left, top, right, bottom = row
    lines = [text]
    fitted = _fitted(lines, font, right - left, (bottom - top) * 0.72)
    if not button and " " in text and fitted.size < (bottom - top) * 0.3:
        lines = _halves(text)
        fitted = _fitted(lines, font, right - left, (bottom - top) * 0.9)
    if button:
        fitted = _fitted(lines, font, (right - left) * 0.6, (bottom - top) * 0.5)
    joined = "\n".join(lines)
    if button and sheet.random.random() < 0.7:
        x0, y0, x1, y1 = sheet.draw.textbbox((left + fitted.size * 0.6, top + fitted.size * 0.4), joined, font=fitted)
        pad = fitted.size * 0.45
        sheet.draw.rounded_rectangle((x0 - pad, y0 - pad, x1 + pad, y1 + pad), radius=pad, fill=sheet.accent)
        sheet.draw.text((left + fitted.size * 0.6, top + fitted.size * 0.4), joined, _ink(sheet.accent), fitted)
        return
    sheet.draw.text((left, top), joined, sheet.ink, fitted)


def _fitted(lines: list[str], font: ImageFont.FreeTypeFont, width: float, height: float) -> ImageFont.FreeTypeFont:
    """The font at the largest size at which the lines fit, at most a ninth of 1080 pixels."""
    at_100 = font.font_variant(size=100)
    widest = max(at_100.getlength(line) for line in lines)
    return font.font_variant(size=max(10, int(min(100 * width / widest, height / (1.25 * len(lines)), 120))))


def _halves(text: str) -> list[str]:
    """A text on two lines of about the same length."""
    spaces = [index for index, sign in enumerate(text) if sign == " "]
    middle = min(spaces, key=lambda index: abs(index - len(text) / 2))
    return [text[:middle], text[middle + 1 :]]


def _light(color: str) -> bool:
    red, green, blue = (int(color[index : index + 2], 16) for index in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue > 140


def _ink(color: str) -> str:
    """Black or white, whichever is read on the colour."""
    return "black" if color == "white" or (color.startswith("#") and _light(color)) else "white"
