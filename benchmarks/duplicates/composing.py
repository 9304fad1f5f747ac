"""Ads composed over wallpapers at display and social sizes, their words as large and as pale as ads have them."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.drawing.fonts import font_files
from benchmarks.duplicates import wallpapers

Colour = tuple[int, int, int]

DISPLAY = (
    (728, 90), (970, 90), (320, 50), (160, 600), (120, 600), (300, 250), (320, 100), (970, 250), (468, 60),
)  # fmt: skip
SOCIAL = ((1080, 1080), (1080, 1920), (1200, 628), (1080, 1350), (300, 600))
SIZES = (*DISPLAY, *SOCIAL)

_CODE_WIDTH = 44  # pixels
MONTHS = ("March", "April", "May", "June", "July")
_HEADLINES = ("Nordvik winter", "Sleep better", "Run further", "Hello, city", "Made for mornings")
_BRANDS = ("NORDVIK", "Lumea", "OAK&CO", "helio", "PEAKLINE")
_CALLS = ("Shop now", "Order today", "Learn more")
_ISOLUMINANT: tuple[tuple[Colour, Colour], ...] = (
    ((200, 60, 60), (40, 129, 40)),
    ((230, 120, 40), (90, 150, 225)),
    ((215, 95, 160), (126, 134, 140)),
)
"""Colours of one grey, to a level or two: a word and its ground."""


@dataclass(frozen=True)
class Legal:
    """The legal line: what it says, and how small and pale it stands there.

    Attributes:
        contrast: grey levels between its words and their ground.
        rise: pixels from its baseline to the lower edge.
    """

    apr: int
    months: int
    day: int
    month: int
    year: int
    cents: int
    currency: str
    pixels: int
    contrast: int
    rise: int

    @property
    def text(self) -> str:
        """As written."""
        price = f"{self.currency}{self.cents // 100}.{self.cents % 100:02}"
        apr = f"{self.apr // 10}.{self.apr % 10}"
        return f"{apr}% APR, {self.months} months, {price} until {self.day} {MONTHS[self.month]} {self.year}"


@dataclass(frozen=True)
class Composed:
    """All that an ad shows.

    Attributes:
        photo: seed of the background; so is `logo` of the logo's form.
        photos: of which packages the background is (wallpapers.py).
        coloured: index of a pair of colours of one grey, in which its stamp is written.
        stamp: per cent, told from its ground by colour alone.
        code: written within a few pixels of the upper edge, of wide ads of the lower one, where it covers no word.
    """

    size: tuple[int, int]
    layout: int
    photo: int
    part: float
    headline: int
    brand: int
    call: int
    percent: int
    cents: int
    logo: int
    accent: Colour
    coloured: int
    stamp: int
    code: int
    legal: Legal
    fonts: tuple[int, int]
    photos: str = wallpapers.USUAL


def make(seed: int, size: tuple[int, int], photos: str = wallpapers.USUAL) -> Composed:
    """An ad of its own."""
    random = np.random.default_rng([20261126, seed])

    def below(most: int) -> int:
        return int(random.integers(most))

    return Composed(
        size=size,
        layout=below(3),
        photo=seed,
        part=float(random.uniform(0.2, 0.8)),
        headline=below(len(_HEADLINES)),
        brand=below(len(_BRANDS)),
        call=below(len(_CALLS)),
        percent=10 * below(8) + 15,
        cents=199 + below(9000),
        logo=below(3),
        accent=(40 + below(180), 40 + below(180), 40 + below(180)),
        coloured=below(len(_ISOLUMINANT)),
        stamp=10 * below(8) + 10,
        code=10 + below(90),
        legal=_legal(random, size),
        fonts=(below(1000), below(1000)),
        photos=photos,
    )


def _legal(random: np.random.Generator, size: tuple[int, int]) -> Legal:
    return Legal(
        apr=int(random.integers(10, 99)),
        months=int(random.choice([12, 24, 36, 48])),
        day=int(random.integers(1, 29)),
        month=int(random.integers(len(MONTHS))),
        year=2026,
        cents=int(random.integers(1000, 9900)),
        currency=str(random.choice(["€", "$", "£"])),
        pixels=int(random.integers(9, 14)) if min(size) < 250 else int(random.integers(12, 30)),
        contrast=int(random.choice([40, 80, 120, 180, 230])),
        rise=int(random.choice([4, 8, 24])) if min(size) >= 250 else 4,
    )


EDITS: dict[str, Callable[[Composed], Composed]] = {
    "percent": lambda ad: replace(ad, percent=(ad.percent + 35) % 80 + 10),
    "price digit": lambda ad: replace(ad, cents=_other_digit(ad.cents, 10)),
    "call to action": lambda ad: replace(ad, call=(ad.call + 1) % len(_CALLS)),
    "headline": lambda ad: replace(ad, headline=(ad.headline + 1) % len(_HEADLINES)),
    "brand": lambda ad: replace(ad, brand=(ad.brand + 1) % len(_BRANDS)),
    "logo": lambda ad: replace(ad, logo=(ad.logo + 1) % 3),
    "photo": lambda ad: replace(ad, photo=ad.photo + 2),
    "button's colour": lambda ad: replace(ad, accent=(ad.accent[1], 255 - ad.accent[0], ad.accent[2])),
    "colour alone: per cent": lambda ad: replace(ad, stamp=(ad.stamp + 30) % 90 + 10),
    "code at the edge": lambda ad: replace(ad, code=_other_digit(ad.code, 10)),
    "legal: apr": lambda ad: replace(ad, legal=replace(ad.legal, apr=_other_digit(ad.legal.apr, 10))),
    "legal: months": lambda ad: replace(ad, legal=replace(ad.legal, months=ad.legal.months % 48 + 12)),
    "legal: day": lambda ad: replace(ad, legal=replace(ad.legal, day=_other_digit(ad.legal.day, 1))),
    "legal: month": lambda ad: replace(ad, legal=replace(ad.legal, month=(ad.legal.month + 1) % len(MONTHS))),
    "legal: year": lambda ad: replace(ad, legal=replace(ad.legal, year=2027)),
    "legal: price": lambda ad: replace(ad, legal=replace(ad.legal, cents=_other_digit(ad.legal.cents, 100))),
    "legal: currency": lambda ad: replace(
        ad, legal=replace(ad.legal, currency="€" if ad.legal.currency != "€" else "$")
    ),
}


def _other_digit(number: int, place: int) -> int:
    digit = number // place % 10
    return number + ((digit + 3) % 10 - digit) * place


def draw(ad: Composed) -> Image.Image:
    """The ad's picture, RGB."""
    image = wallpapers.background(ad.photo, ad.size, part=ad.part, of=ad.photos)
    width, height = ad.size
    wide = _is_wide(ad.size)
    strip = max(ad.legal.pixels + ad.legal.rise + 4, height // 6 if not wide else 0)
    if ad.layout == 1:
        image = Image.blend(image, Image.new("RGB", ad.size, "black"), 0.45)
    elif ad.layout == 2:
        panel = (width // 2, 0, width, height) if wide or width >= height else (0, height // 2, width, height)
        image.paste((246, 244, 240), panel)
    _legal_line(image, ad, strip)
    body = (0, 0, width, height - strip)
    ink = (255, 255, 255) if ad.layout == 1 else (20, 20, 40)
    cells = _row(body) if wide else _column(body)
    words = (
        _BRANDS[ad.brand],
        _HEADLINES[ad.headline],
        f"{ad.percent}% OFF",
        f"€{ad.cents // 100}.{ad.cents % 100:02}",
    )
    for at, (cell, text) in enumerate(zip(cells, words, strict=False)):
        _write(image, cell, text, ad.fonts[at % 2], ink, (255, 255, 255) if ad.layout == 0 else None)
    _button(image, cells[4], ad)
    _stamp(image, cells[5], ad)
    _code(image, ad)
    return image


def _row(box: tuple[int, int, int, int]) -> list[tuple[int, int, int, int]]:
    width, bottom = box[2], box[3]
    edges = [round(width * share) for share in (0.02, 0.16, 0.4, 0.58, 0.72, 0.87, 0.99)]
    inset = max(2, bottom // 8)
    return [(edges[at], inset, edges[at + 1] - 4, bottom - inset) for at in range(6)]


def _column(box: tuple[int, int, int, int]) -> list[tuple[int, int, int, int]]:
    width, bottom = box[2], box[3]
    rows = [round(bottom * share) for share in (0.03, 0.14, 0.34, 0.54, 0.7, 0.84, 0.99)]
    inset = max(3, width // 14)
    return [(inset, rows[at], width - inset, rows[at + 1] - max(2, bottom // 60)) for at in range(6)]


def _write(
    image: Image.Image, box: tuple[int, int, int, int], text: str, font: int, ink: Colour, plate: Colour | None
) -> None:
    left, top, right, bottom = box
    shown = _font(font, text, right - left, bottom - top)
    pen = ImageDraw.Draw(image)
    place = left, (top + bottom) / 2
    if plate:
        around = pen.textbbox(place, text, font=shown, anchor="lm")
        pen.rectangle((around[0] - 2, around[1] - 2, around[2] + 2, around[3] + 2), fill=plate)
    pen.text(place, text, ink, shown, anchor="lm")


def _font(font: int, text: str, width: int, height: int) -> ImageFont.FreeTypeFont:
    path = font_files()[font % len(font_files())]
    size = max(9, round(height * 0.8))
    length = ImageFont.truetype(path, size).getlength(text)
    return ImageFont.truetype(path, max(9, min(size, int(size * width / max(1.0, length)))))


def _button(image: Image.Image, box: tuple[int, int, int, int], ad: Composed) -> None:
    pen = ImageDraw.Draw(image)
    left, top, right, bottom = box
    side = max(4, min(bottom - top, (right - left) // 3))
    pen.rounded_rectangle((left, top, right - side - 4, bottom), max(2, side // 4), fill=ad.accent)
    ink = (255, 255, 255) if sum(ad.accent) < 384 else (10, 10, 10)
    _write(image, (left + 4, top + 2, right - side - 8, bottom - 2), _CALLS[ad.call], ad.fonts[0], ink, None)
    logo = (right - side, top, right, top + side)
    form = (
        pen.ellipse,
        pen.rectangle,
        lambda at, **fill: pen.regular_polygon(((at[0] + at[2]) / 2, (at[1] + at[3]) / 2, side / 2), 3, **fill),
    )
    form[ad.logo](logo, fill=(255, 255, 255), outline=(20, 20, 40))


def _stamp(image: Image.Image, box: tuple[int, int, int, int], ad: Composed) -> None:
    """Words that only their colour tells from their ground."""
    ink, ground = _ISOLUMINANT[ad.coloured]
    ImageDraw.Draw(image).rectangle(box, fill=ground)
    _write(image, (box[0] + 3, box[1] + 2, box[2] - 3, box[3] - 2), f"-{ad.stamp}%", ad.fonts[1], ink, None)


def _code(image: Image.Image, ad: Composed) -> None:
    """A code of nine pixels on a plate in a corner on the right: on large sizes within the outer two per cent."""
    pen = ImageDraw.Draw(image)
    font = ImageFont.truetype("DejaVuSans.ttf", 9)
    low = _is_wide(ad.size)
    place, anchor = (image.width - 4, image.height - 3 if low else 3), "rb" if low else "rt"
    left, top, _, bottom = pen.textbbox(place, f"No {ad.code}", font, anchor=anchor)
    pen.rectangle((left - 2, top - 2 if low else 0, image.width, image.height if low else bottom + 2), (230, 230, 230))
    pen.text(place, f"No {ad.code}", (60, 60, 60), font, anchor=anchor)


def _is_wide(size: tuple[int, int]) -> bool:
    return size[0] > 2.5 * size[1]


def _legal_line(image: Image.Image, ad: Composed, strip: int) -> None:
    width, height = image.size
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, height - strip, width, height), fill=(248, 248, 248))
    level = 248 - ad.legal.contrast
    font = ImageFont.truetype("DejaVuSans.ttf", ad.legal.pixels)
    text, left = ad.legal.text, max(2, width // 60)
    room = width - 2 * left - (_CODE_WIDTH if _is_wide(image.size) else 0)
    while len(text) > 8 and font.getlength(text) > room and " " in text:
        text = text.split(" ", 1)[1] if ad.headline % 2 else text.rsplit(" ", 1)[0]
    pen.text((left, height - ad.legal.rise), text, (level, level, level), font, anchor="ls")
