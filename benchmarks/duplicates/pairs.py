"""The labelled pairs: what happens to a creative that stays itself, and what makes it another."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from benchmarks.duplicates import drawing
from benchmarks.duplicates.drawing import Ad

Edit = Callable[[Ad], Ad]


@dataclass(frozen=True, eq=False)
class File:
    """A picture as somebody saved it.

    Attributes:
        image: what the file shows, RGB.
    """

    content: bytes
    image: Image.Image

    @property
    def min_side(self) -> int:
        """The shorter side, in pixels."""
        return min(self.image.size)

    @classmethod
    def saved(cls, image: Image.Image, pillow_format: str = "BMP", **options: object) -> Self:
        """An image as a file: without loss, unless another format is asked for."""
        file = io.BytesIO()
        image.save(file, pillow_format, **options)
        return cls.of(file.getvalue())

    @classmethod
    def of(cls, content: bytes) -> Self:
        """A picture that a tool saved, on white where it is transparent."""
        image: Image.Image = Image.open(io.BytesIO(content))
        if image.has_transparency_data:
            image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
        return cls(content, image.convert("RGB"))


Copy = Callable[[Image.Image], File]


@dataclass(frozen=True)
class Pair[Saved]:
    """Two files, pictures' or videos', and whether they are one creative.

    Attributes:
        kind: of copy, edit or stranger, as reported.
        true: whether they are the same creative.
    """

    kind: str
    true: bool
    one: Saved
    other: Saved


def _cropped(image: Image.Image, share: float) -> Image.Image:
    across, down = round(image.width * share / 2), round(image.height * share / 2)
    return image.crop((across, down, image.width - across, image.height - down))


def _resized(image: Image.Image, factor: float) -> Image.Image:
    size = max(1, round(image.width * factor)), max(1, round(image.height * factor))
    return image.resize(size, Image.Resampling.BICUBIC)


COPIES: dict[str, Copy] = {
    "jpeg q85": lambda image: File.saved(image, "JPEG", quality=85),
    "jpeg q50": lambda image: File.saved(image, "JPEG", quality=50),
    "jpeg q25": lambda image: File.saved(image, "JPEG", quality=25),
    "webp q60": lambda image: File.saved(image, "WEBP", quality=60),
    "avif q50": lambda image: File.saved(image, "AVIF", quality=50),
    "gif": lambda image: File.saved(image, "GIF"),
    "png 256 colours": lambda image: File.saved(image.quantize(256), "PNG"),
    "resize 75 %": lambda image: File.saved(_resized(image, 0.75)),
    "resize 50 % q70": lambda image: File.saved(_resized(image, 0.5), "JPEG", quality=70),
    "resize 130 %": lambda image: File.saved(_resized(image, 1.3), "JPEG", quality=80),
    "squeezed 2 %": lambda image: File.saved(image.resize((image.width, round(image.height * 0.98)))),
    "crop 1 %": lambda image: File.saved(_cropped(image, 0.01)),
    "crop 3 %": lambda image: File.saved(_cropped(image, 0.03), "JPEG", quality=80),
    "brighter": lambda image: File.saved(ImageEnhance.Brightness(image).enhance(1.1)),
    "darker": lambda image: File.saved(ImageEnhance.Brightness(image).enhance(0.9)),
    "contrast": lambda image: File.saved(ImageEnhance.Contrast(image).enhance(1.1)),
    "sharpened": lambda image: File.saved(image.filter(ImageFilter.UnsharpMask(1, 80, 2))),
    "border 1 %": lambda image: File.saved(ImageOps.expand(image, round(min(image.size) * 0.01), "black")),
    "border 2 %": lambda image: File.saved(ImageOps.expand(image, round(min(image.size) * 0.02), "black")),
}


SAVED: tuple[Copy, ...] = (File.saved, COPIES["gif"], lambda image: File.saved(image, "JPEG", quality=70))
"""What an edit is saved as: a version may come as badly encoded as a copy."""


def _other_digit(number: int, place: int) -> int:
    digit = number // place % 10
    return number + ((digit + 3) % 10 - digit) * place


EDITS: dict[str, Edit] = {
    "promo digit": lambda ad: replace(ad, percent=_other_percent(ad.percent)),
    "promo wording": lambda ad: replace(ad, promo=(ad.promo + 1) % 4),
    "price digit": lambda ad: replace(ad, cents=_other_digit(ad.cents, 10)),
    "price": lambda ad: replace(ad, cents=ad.cents * 7 // 4 + 111),
    "call to action": lambda ad: replace(ad, call=(ad.call + 1) % 3),
    "headline": lambda ad: replace(ad, headline=(ad.headline + 1) % 5),
    "language": lambda ad: replace(ad, language={"en": "de", "de": "es", "es": "en"}[ad.language]),
    "brand": lambda ad: replace(ad, brand=(ad.brand + 1) % 6),
    "product photo": lambda ad: replace(ad, photo=ad.photo + 1),
}


def _other_percent(percent: int) -> int:
    return percent // 10 % 8 * 10 + 10 + percent % 10


def of_bases(seeds: Iterator[int] | range) -> Iterator[Pair[File]]:
    """For each base: every kind of copy, every kind of edit (two of three bases' saved again), and strangers."""
    for seed in seeds:
        ad = drawing.make(seed)
        image = drawing.draw(ad)
        base = File.saved(image)
        for kind, copy in COPIES.items():
            yield Pair(kind, True, base, copy(image))
        for kind, other in _others(ad, image, seed):
            yield Pair(kind, False, base, SAVED[seed % len(SAVED)](other))
        yield _near_blank(seed)


def _others(ad: Ad, image: Image.Image, seed: int) -> Iterator[tuple[str, Image.Image]]:
    """Pictures that are not the same creative, by what makes them another."""
    for kind, edit in EDITS.items():
        if kind == "product photo" and drawing.TEMPLATES[ad.template] is drawing.TEMPLATES[3]:
            continue  # it has none
        yield kind, drawing.draw(edit(ad))
    yield "watermark", _watermarked(image)
    recoloured = _recoloured(image)
    if np.abs(np.asarray(recoloured, np.int16) - np.asarray(image)).mean() > 8:  # else it has hardly any colour
        yield "same grey, other colour", recoloured
    yield "other ad", drawing.draw(replace(drawing.make(seed + 10_000), size=ad.size))
    yield "same words, other template", drawing.draw(replace(ad, template=(ad.template + 1) % 5))


def _watermarked(image: Image.Image) -> Image.Image:
    marked = image.copy()
    side = max(6, min(image.size) // 12)
    place = image.width - 3 * side, image.height - 2 * side
    pen = ImageDraw.Draw(marked)
    pen.rectangle((*place, place[0] + 2 * side, place[1] + side), fill="white")
    pen.line((*place, place[0] + 2 * side, place[1] + side), fill="black", width=max(1, side // 6))
    return marked


def _recoloured(image: Image.Image) -> Image.Image:
    """Hues turned by half a circle, the grey levels as they were."""
    grey, blue, red = image.convert("YCbCr").split()
    flipped = [band.point(lambda level: 255 - level) for band in (blue, red)]
    return Image.merge("YCbCr", (grey, *flipped)).convert("RGB")


def _near_blank(seed: int) -> Pair[File]:
    random = np.random.default_rng(seed)
    one, other = (Image.new("RGB", (600, 600), tuple(random.integers(0, 256, 3).tolist())) for _ in range(2))
    return Pair("near-blank", False, File.saved(one), File.saved(other))
