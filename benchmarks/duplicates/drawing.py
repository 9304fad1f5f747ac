"""Drawn ads, in several templates, sizes and many fonts: the same for the same `Ad`, and an edit away from the next."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.drawing.fonts import font_files
from benchmarks.duplicates.photos import photo

Colour = tuple[int, int, int]
Box = tuple[int, int, int, int]

SIZES = (
    (1080, 1080), (1200, 628), (1080, 1350), (1080, 1920), (1920, 1080), (300, 250), (336, 280), (300, 600),
    (728, 90), (970, 250), (160, 600), (320, 100),
)  # fmt: skip
_WORDS = {
    "en": (
        ("Summer sale", "Sleep better tonight", "Made for mornings", "The city is yours", "Run further"),
        ("Shop now", "Order today", "Learn more"),
    ),
    "de": (
        ("Sommerschlussverkauf", "Besser schlafen", "Für den Morgen gemacht", "Die Stadt gehört dir", "Lauf weiter"),
        ("Jetzt kaufen", "Heute bestellen", "Mehr erfahren"),
    ),
    "es": (
        ("Rebajas de verano", "Duerme mejor hoy", "Hecho para la mañana", "La ciudad es tuya", "Corre más lejos"),
        ("Comprar ya", "Pide hoy", "Saber más"),
    ),
}
_BRANDS = ("NORDVIK", "Lumea", "Casa Brava", "OAK&CO", "helio", "PEAKLINE")
_PROMOS = ("{}% OFF", "-{}%", "Save {}%", "{}% sale")


@dataclass(frozen=True)
class Ad:
    """All that an ad shows.

    Attributes:
        template: index into `TEMPLATES`.
        headline: index into the words of a language; so is `call`, the call to action.
        promo: index into the forms of a promotion, of `percent` per cent.
        photo: seed of the product's photo.
    """

    template: int
    size: tuple[int, int]
    language: str
    headline: int
    call: int
    brand: int
    promo: int
    percent: int
    cents: int
    photo: int
    fonts: tuple[int, int]
    colours: tuple[Colour, Colour]


def make(seed: int) -> Ad:
    """An ad of its own; templates take turns, so that each is among any five."""
    random = np.random.default_rng([20261123, seed])
    dark = _colour(random, 10, 110)
    light = _colour(random, 170, 250)
    return Ad(
        template=seed % len(TEMPLATES),
        size=SIZES[int(random.integers(len(SIZES)))],
        language=str(random.choice(list(_WORDS))),
        headline=int(random.integers(5)),
        call=int(random.integers(3)),
        brand=int(random.integers(len(_BRANDS))),
        promo=int(random.integers(len(_PROMOS))),
        percent=int(random.integers(1, 9)) * 10 + int(random.choice([0, 0, 5])),
        cents=int(random.integers(199, 99999)),
        photo=int(random.integers(2**31)),
        fonts=(int(random.integers(1000)), int(random.integers(1000))),
        colours=(dark, light) if random.random() < 0.5 else (light, dark),
    )


def draw(ad: Ad) -> Image.Image:
    """The ad's picture, RGB."""
    return TEMPLATES[ad.template](ad)


def headline(ad: Ad) -> str:
    """What it says largest."""
    return _WORDS[ad.language][0][ad.headline]


def _photo_beside(ad: Ad) -> Image.Image:
    width, height = ad.size
    image = Image.new("RGB", ad.size, ad.colours[0])
    if width >= height:
        image.paste(photo(ad.photo, (width // 2, height)), (0, 0))
        panel = (width // 2, 0, width, height)
    else:
        image.paste(photo(ad.photo, (width, height // 2)), (0, 0))
        panel = (0, height // 2, width, height)
    _text_block(image, panel, ad, ad.colours[1])
    return image


def _photo_behind(ad: Ad) -> Image.Image:
    image = photo(ad.photo, ad.size)
    width, height = ad.size
    shade = Image.new("RGB", ad.size, ad.colours[0])
    fade = Image.linear_gradient("L").resize(ad.size).point(lambda level: level * 4 // 5)
    image = Image.composite(shade, image, fade)
    panel = (0, height // 3, width, height) if height > 200 else (width // 3, 0, width, height)
    _text_block(image, panel, ad, ad.colours[1])
    return image


def _product_on_plain(ad: Ad) -> Image.Image:
    width, height = ad.size
    image = Image.new("RGB", ad.size, (250, 250, 248))
    side = round(min(width, height) * 0.55)
    product, mask = photo(ad.photo, (side, side)), Image.new("L", (side, side))
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, side, side), side // 5, fill=255)
    if width >= height:
        image.paste(product, (width // 20, (height - side) // 2), mask)
        panel = (width // 20 + side, 0, width, height)
    else:
        image.paste(product, ((width - side) // 2, height // 20), mask)
        panel = (0, height // 20 + side, width, height)
    _text_block(image, panel, ad, (30, 30, 34))
    return image


def _words_on_colour(ad: Ad) -> Image.Image:
    image = Image.linear_gradient("L").resize(ad.size)
    image = Image.composite(
        Image.new("RGB", ad.size, ad.colours[0]),
        Image.new("RGB", ad.size, _towards(ad.colours[0], ad.colours[1])),
        image,
    )
    _text_block(image, (0, 0, *ad.size), ad, ad.colours[1])
    return image


def _badge_on_photo(ad: Ad) -> Image.Image:
    image = photo(ad.photo, ad.size)
    width, height = ad.size
    side = round(min(width, height) * 0.45)
    pen = ImageDraw.Draw(image)
    left, top = width - side - width // 30, height // 30
    pen.ellipse((left, top, left + side, top + side), fill=ad.colours[0])
    inner = (left + side // 6, top + side // 3, left + side * 5 // 6, top + side * 2 // 3)
    fit(pen, inner, promotion(ad), ad.fonts[0], ad.colours[1])
    strip = (0, height * 3 // 4, width * 2 // 3, height)
    pen.rectangle(strip, fill=ad.colours[0])
    row = (strip[3] - strip[1]) // 3
    fit(
        pen,
        (width // 30, strip[1] + row // 4, strip[2], strip[1] + row * 3 // 2),
        headline(ad),
        ad.fonts[0],
        ad.colours[1],
    )
    words = f"{_BRANDS[ad.brand]}  {price(ad)}  {call(ad)}"
    fit(pen, (width // 30, strip[1] + row * 3 // 2, strip[2], strip[3] - row // 4), words, ad.fonts[1], ad.colours[1])
    return image


TEMPLATES: tuple[Callable[[Ad], Image.Image], ...] = (
    _photo_beside,
    _photo_behind,
    _product_on_plain,
    _words_on_colour,
    _badge_on_photo,
)


def promotion(ad: Ad) -> str:
    """The promotion as written."""
    return _PROMOS[ad.promo].format(ad.percent)


def call(ad: Ad) -> str:
    """Its call to action."""
    return _WORDS[ad.language][1][ad.call]


def price(ad: Ad) -> str:
    """The price as written."""
    return f"€{ad.cents // 100}.{ad.cents % 100:02}"


def _text_block(image: Image.Image, panel: Box, ad: Ad, colour: Colour) -> None:
    """Brand, headline, promotion, price and call to action, below or beside each other."""
    pen = ImageDraw.Draw(image)
    left, top, right, bottom = panel
    inset = min(right - left, bottom - top) // 12
    left, top, right, bottom = left + inset, top + inset, right - inset, bottom - inset
    if image.height > image.width / 3:
        rows = [top + round((bottom - top) * share) for share in (0, 0.12, 0.42, 0.62, 0.78, 1)]
        boxes = [(left, rows[at], right, rows[at + 1] - inset // 3) for at in range(5)]
    else:
        columns = [left + round((right - left) * share) for share in (0, 0.15, 0.5, 0.65, 0.8, 1)]
        boxes = [(columns[at], top, columns[at + 1] - inset, bottom) for at in range(5)]
    texts = (_BRANDS[ad.brand], headline(ad), promotion(ad), price(ad))
    for box, text, font in zip(boxes, texts, (1, 0, 0, 1), strict=False):
        fit(pen, box, text, ad.fonts[font], colour)
    pen.rounded_rectangle(boxes[4], (boxes[4][3] - boxes[4][1]) // 4, fill=colour)
    left, top, right, bottom = boxes[4]
    pad = (bottom - top) // 5
    fit(
        pen,
        (left + pad, top + pad, right - pad, bottom - pad),
        call(ad),
        ad.fonts[1],
        _opposite(colour),
    )


def fit(pen: ImageDraw.ImageDraw, box: Box, text: str, font: int, colour: Colour) -> None:
    """Text as large as it fits into a box."""
    left, top, right, bottom = box
    path = font_files()[font % len(font_files())]
    size = max(6, bottom - top)
    length = ImageFont.truetype(path, size).getlength(text)
    size = max(6, min(size, int(size * (right - left) / max(1.0, length))))
    pen.text((left, (top + bottom) / 2), text, colour, ImageFont.truetype(path, size), anchor="lm")


def _colour(random: np.random.Generator, low: int, high: int) -> Colour:
    red, green, blue = random.integers(low, high, 3).tolist()
    return red, green, blue


def _towards(one: Colour, other: Colour) -> Colour:
    red, green, blue = ((3 * a + b) // 4 for a, b in zip(one, other, strict=True))
    return red, green, blue


def _opposite(colour: Colour) -> Colour:
    return (255, 255, 255) if sum(colour) < 384 else (20, 20, 20)
