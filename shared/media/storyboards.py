"""The storyboard of a moving creative: its distinct scenes as small colour pictures with their seconds, for people.

It is an animated WebP whose frame durations carry the times: a browser plays it as it is, the report lays it out.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageSequence

PIXELS = 256**2
"""Area of a scene's picture."""

MOST = 24
"""Scenes of a storyboard; of a creative with more, as many, evenly."""

SETTLED_S = 0.5
"""What follows sooner belongs to the same scene of a video: words that fade in are shown when they stand."""

BANNER_SETTLED_S = 0.25
"""The same for an animation, which has a frame of its own for each of its scenes."""

_CELL = 8  # pixels of a cell: as large as a letter
_CHANGED_LEVELS = 20  # grey levels that a cell's mean must move by
_LAST_MS = 250
_QUALITY = 70

Picture = NDArray[np.uint8]
"""Red, green, blue: height x width x 3."""


@dataclass(frozen=True, eq=False)
class Scene:
    """What is shown from a second on.

    Attributes:
        seconds: when it begins.
        shown_s: when the picture was taken, once the scene had settled.
    """

    seconds: float
    picture: Picture
    shown_s: float = 0.0


class Storyboard:
    """Collects the scenes of a creative that is looked at in order of time."""

    def __init__(self, settled_s: float = SETTLED_S) -> None:
        self._settled_s = settled_s
        self._scenes: list[Scene] = []

    def look(self, seconds: float, picture: Picture) -> None:
        """Takes note of what is shown at a time; all pictures are of one size."""
        if not self._scenes:
            self._scenes.append(Scene(seconds, picture, seconds))
        elif _differ(self._scenes[-1].picture, picture):
            settling = seconds - self._scenes[-1].seconds < self._settled_s and len(self._scenes) > 1
            began = self._scenes.pop().seconds if settling else seconds
            self._scenes.append(Scene(began, picture, seconds))

    def scenes(self, most: int = MOST) -> list[Scene]:
        """At most so many scenes, evenly, the first and the last among them."""
        found = self._scenes
        if len(found) <= most:
            return list(found)
        return [found[round(number * (len(found) - 1) / (most - 1))] for number in range(most)]


def encode(scenes: Sequence[Scene]) -> bytes:
    """The scenes as one WebP, the first at second 0."""
    first, *rest = (Image.fromarray(scene.picture) for scene in scenes)
    starts = [round(scene.seconds * 1000) for scene in scenes]
    durations = [max(1, after - before) for before, after in pairwise(starts)]
    file = io.BytesIO()
    if rest:
        durations.append(_LAST_MS)
        first.save(file, "WEBP", save_all=True, append_images=rest, duration=durations, quality=_QUALITY, kmax=1)
    else:
        first.save(file, "WEBP", quality=_QUALITY)
    return file.getvalue()


def decode(content: bytes) -> list[Scene]:
    """The scenes of a storyboard, save for what WebP loses.

    Raises:
        OSError, ValueError: when this is not such a file, or a damaged one.
    """
    shown = []
    with Image.open(io.BytesIO(content), formats=["WEBP"]) as image:
        for frame in ImageSequence.Iterator(image):
            picture = np.asarray(frame.convert("RGB"))
            shown.append((frame.info.get("duration", 0), picture))
    starts = accumulate((duration for duration, _ in shown), initial=0)
    return [Scene(at / 1000, picture) for at, (_, picture) in zip(starts, shown, strict=False)]


def _differ(one: Picture, other: Picture) -> bool:
    """Whether any place as large as a letter has changed."""
    return bool(np.abs(_cells(one) - _cells(other)).max(initial=0.0) >= _CHANGED_LEVELS)


def _cells(picture: Picture) -> NDArray[np.float32]:
    """The mean colour of cells of `_CELL` pixels."""
    image = Image.fromarray(picture)
    size = max(1, image.width // _CELL), max(1, image.height // _CELL)
    return np.asarray(image.resize(size, Image.Resampling.BOX), np.float32)
