"""A campaign's files, drawn from a seed: creatives in several templates, versions with other words, and copies."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from PIL import Image, ImageDraw

from tests import fonts, pictures

type Draw = Callable[["Ad"], Image.Image]
type Save = Callable[[Image.Image], tuple[str, bytes]]

SIZES = ((600, 400), (480, 480), (440, 550), (400, 700), (700, 394))
HEADLINES = ("Summer is here", "Sleep better", "Run further", "Made for mornings", "The city is yours", "Less is more")
CALLS = ("Shop now", "Learn more", "Order today")


@dataclass(frozen=True)
class Ad:
    """All that an ad shows.

    Attributes:
        template: index into `TEMPLATES`.
        photo: seed of its picture.
        colour: of its panel.
        cents: its price.
    """

    template: int
    size: tuple[int, int]
    photo: int
    colour: tuple[int, int, int]
    headline: str
    percent: int
    cents: int
    call: str


@dataclass(frozen=True)
class File:
    """A drawn file.

    Attributes:
        name: unlike any other's in the campaign.
        creative: the creative that it is, or is a copy of.
        version_of: the creative whose words were changed to make it; None where it is nobody's version.
    """

    name: str
    content: bytes
    creative: str
    version_of: str | None


def files(seed: int, *, creatives: int, versions: int, copies: int) -> list[File]:
    """So many creatives, versions of the first of them, and copies of any in turn, in random order."""
    chance = random.Random(seed)
    ads = {f"{number:02}": _make(chance, number) for number in range(creatives)}
    parents = {f"{name}-version": name for name in list(ads)[:versions]}
    ads |= {name: VERSIONS[at % len(VERSIONS)](ads[parents[name]]) for at, name in enumerate(parents)}
    originals = [
        File(f"{name}.png", pictures.encode(draw(ad), "PNG"), name, parents.get(name)) for name, ad in ads.items()
    ]
    drawn = [*originals, *_copies(ads, parents, copies)]
    chance.shuffle(drawn)
    return drawn


def draw(ad: Ad) -> Image.Image:
    """The ad's picture."""
    return TEMPLATES[ad.template](ad)


def _copies(ads: dict[str, Ad], parents: dict[str, str], count: int) -> Iterator[File]:
    names = list(ads)
    for at in range(count):
        name, ad = names[at % len(names)], ads[names[at % len(names)]]
        kind, (suffix, content) = at % len(COPIES), COPIES[at % len(COPIES)](draw(ad))
        yield File(f"{name}-copy-{kind}.{suffix}", content, name, parents.get(name))


def _make(chance: random.Random, number: int) -> Ad:
    red, green, blue = (chance.randrange(20, 120) for _ in range(3))
    return Ad(
        template=number % len(TEMPLATES),
        size=chance.choice(SIZES),
        photo=chance.randrange(2**31),
        colour=(red, green, blue),
        headline=chance.choice(HEADLINES),
        percent=chance.randrange(10, 80, 5),
        cents=chance.randrange(1000, 10000),
        call=chance.choice(CALLS),
    )


def _photo_above(ad: Ad) -> Image.Image:
    width, height = ad.size
    image = Image.new("RGB", ad.size, ad.colour)
    image.paste(pictures.draw(width, height // 2, seed=ad.photo), (0, 0))
    _words(image, ad, (0, height // 2, width, height), "white")
    return image


def _photo_beside(ad: Ad) -> Image.Image:
    width, height = ad.size
    image = Image.new("RGB", ad.size, "white")
    image.paste(pictures.draw(width // 2, height, seed=ad.photo), (0, 0))
    _words(image, ad, (width // 2, 0, width, height), ad.colour)
    return image


def _words_on_photo(ad: Ad) -> Image.Image:
    width, height = ad.size
    image = pictures.draw(width, height, seed=ad.photo)
    box = (width // 12, height // 3, width - width // 12, height - height // 12)
    ImageDraw.Draw(image).rounded_rectangle(box, height // 20, fill=ad.colour)
    _words(image, ad, box, "white")
    return image


def _product_on_plain(ad: Ad) -> Image.Image:
    width, height = ad.size
    image = Image.new("RGB", ad.size, (244, 242, 238))
    side = min(width, height) // 2
    image.paste(pictures.draw(side, side, seed=ad.photo), (width // 20, height // 20))
    ImageDraw.Draw(image).rectangle((0, height - height // 12, width, height), fill=ad.colour)
    _words(image, ad, (width // 8, height // 20 + side, width, height - height // 12), ad.colour)
    return image


TEMPLATES: tuple[Draw, ...] = (_photo_above, _photo_beside, _words_on_photo, _product_on_plain)


def _words(image: Image.Image, ad: Ad, box: tuple[int, int, int, int], colour: str | tuple[int, int, int]) -> None:
    """Headline, promotion, price and call to action, one below the other, each as large as it fits."""
    pen = ImageDraw.Draw(image)
    left, top, right, bottom = box
    row = (bottom - top) / 4.5
    lines = (ad.headline, f"{ad.percent}% OFF", f"€{ad.cents // 100}.{ad.cents % 100:02}", ad.call)
    for number, line in enumerate(lines):
        size = min(row * 0.7, 0.85 * (right - left) * row / fonts.bold(row).getlength(line))
        pen.text((left + row / 3, top + row * (number + 0.75)), line, colour, fonts.bold(size), anchor="lm")


def _other(words: tuple[str, ...], present: str) -> str:
    return words[(words.index(present) + 1) % len(words)]


VERSIONS: tuple[Callable[[Ad], Ad], ...] = (
    lambda ad: replace(ad, percent=(ad.percent + 30) % 80 + 10),
    lambda ad: replace(ad, cents=ad.cents + (300 if ad.cents % 1000 < 700 else -300)),
    lambda ad: replace(ad, call=_other(CALLS, ad.call)),
    lambda ad: replace(ad, headline=_other(HEADLINES, ad.headline)),
)


def _resized(image: Image.Image, factor: float) -> Image.Image:
    return image.resize((round(image.width * factor), round(image.height * factor)), Image.Resampling.LANCZOS)


COPIES: tuple[Save, ...] = (
    lambda image: ("jpg", pictures.encode(image, "JPEG", quality=92)),
    lambda image: ("webp", pictures.encode(image, "WEBP", quality=90)),
    lambda image: ("jpg", pictures.encode(_resized(image, 0.75), "JPEG", quality=90)),
    lambda image: ("avif", pictures.encode(image, "AVIF", quality=85)),
    lambda image: ("jpg", pictures.encode(image, "JPEG", quality=80)),
    lambda image: ("webp", pictures.encode(_resized(image, 1.2), "WEBP", quality=92)),
    lambda image: ("bmp", pictures.encode(image, "BMP")),
)
"""Saved well enough that each is found by each other one. Of two that lost much in different ways a few are missed: how
many, `benchmarks/duplicates` says."""
