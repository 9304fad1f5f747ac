"""Photographs to put on drawn ads: what scikit-learn and scikit-image ship, where installed, cropped and recoloured."""

from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

PHOTOS = {
    "scikit-image": (
        "skimage/data",
        "astronaut.png brick.png camera.png chelsea.png coffee.png coins.png grass.png gravel.png "
        "hubble_deep_field.jpg ihc.png moon.png motorcycle_left.png retina.jpg rocket.jpg",
    ),
    "scikit-learn": ("sklearn/datasets/images", "china.jpg flower.jpg"),
}


def photo(seed: int, size: tuple[int, int]) -> Image.Image:
    """A part of one of the photographs, perhaps mirrored, its colours turned: the same for the same seed."""
    random = np.random.default_rng(seed)
    names = paths()
    picture = _opened(names[int(random.integers(len(names)))])
    share = random.uniform(0.55, 0.95)
    width, height = picture.width * share, picture.height * share
    left, top = random.uniform(0, picture.width - width), random.uniform(0, picture.height - height)
    part = picture.crop((round(left), round(top), round(left + width), round(top + height)))
    if random.random() < 0.5:
        part = ImageOps.mirror(part)
    hue, saturation, value = part.convert("HSV").split()
    turn = int(random.integers(256))
    turned = hue.point([(level + turn) % 256 for level in range(256)])
    return ImageOps.fit(Image.merge("HSV", (turned, saturation, value)).convert("RGB"), size)


@cache
def _opened(path: Path) -> Image.Image:
    return Image.open(path).convert("RGB")


@cache
def paths() -> list[Path]:
    """Found by the packages' metadata: importing them would ask for all that they need for their own work.

    Raises:
        FileNotFoundError: when neither is installed.
    """
    found = [path for package in PHOTOS for path in _in_package(package)]
    if not found:
        raise FileNotFoundError("no photographs: run `uv sync --group benchmarks`")
    return found


def _in_package(package: str) -> list[Path]:
    folder, names = PHOTOS[package]
    try:
        installed = distribution(package)
    except PackageNotFoundError:
        return []
    return [Path(str(installed.locate_file(f"{folder}/{name}"))) for name in names.split()]
