"""Pictures to put behind words: photographs that packages carry, where installed, and landscapes made by rule."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image, ImageFilter

from benchmarks.drawing.fonts import package_folder

# Package → files with how many people each shows. All are in the public domain or free to use (see the packages).
PACKAGED = {
    "skimage": {
        "data/astronaut.png": 1,
        "data/coffee.png": 0,
        "data/chelsea.png": 0,
        "data/rocket.jpg": 0,
        "data/motorcycle_left.png": 0,
    },
    "matplotlib": {"mpl-data/sample_data/grace_hopper.jpg": 1},
    "sklearn": {"datasets/images/flower.jpg": 0, "datasets/images/china.jpg": 0},
}


@dataclass(frozen=True)
class Photo:
    """A picture, and how many people are in it."""

    picture: Image.Image
    people: int


@cache
def packaged_photos() -> tuple[Photo, ...]:
    """The photographs of the packages that are installed, in a fixed order."""
    return tuple(
        Photo(Image.open(folder / path).convert("RGB"), people)
        for package, paths in PACKAGED.items()
        if (folder := package_folder(package))
        for path, people in paths.items()
        if (folder / path).exists()
    )


def landscape(seed: int, size: tuple[int, int] = (960, 720)) -> Photo:
    """Hills before a sky, with grain: nobody in it."""
    random = np.random.default_rng(seed)
    width, height = size
    sky, haze = random.uniform(90, 255, (2, 3))
    rows = np.linspace(0, 1, height)[:, None, None]
    pixels = np.broadcast_to(sky * (1 - rows) + haze * rows, (height, width, 3)).copy()
    for layer in range(4):
        steps = random.normal(0, 1, width).cumsum()
        ridge = height * (0.45 + 0.14 * layer) + 40 * (steps - steps.mean()) / (steps.std() + 1)
        pixels[np.arange(height)[:, None] > ridge] = random.uniform(10, 190, 3) * (1 - 0.15 * layer)
    grain = random.normal(0, 6, (height, width, 1))
    picture = Image.fromarray(np.clip(pixels + grain, 0, 255).astype(np.uint8))
    return Photo(picture.filter(ImageFilter.GaussianBlur(0.8)), people=0)
