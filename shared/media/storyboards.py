"""The storyboard of a moving creative: its distinct scenes as small colour pictures with their seconds, for people.

It is an animated WebP whose frame durations carry the times: a browser plays it as it is, the report lays it out.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageSequence

PIXELS = 256**2
"""Area of a scene's picture."""

MOST = 24
"""Scenes of a storyboard; of a creative with more, as many, evenly."""

MOST_HELD = 240
"""Scenes that are remembered while a creative is looked at; of one with more, those that are shown longest."""

MOST_SIDE = 4096
"""Pixels of a picture's longer side: WebP ends at 16,383."""

SETTLED_S = 0.5
"""What follows sooner belongs to the same scene of a video: words that fade in are shown when they stand."""

BANNER_SETTLED_S = 0.25
"""The same for an animation, which has a frame of its own for each of its scenes."""

CHANGED_LEVELS = 20.0
"""Grey levels that the mean of a place as large as a letter must move by in a video, which encoders make noisy."""

BANNER_CHANGED_LEVELS = 8.0
"""The same for an animation: another digit of its small print is another scene."""

_CELL = 8  # pixels of a cell: as large as a letter
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

    def __init__(self, settled_s: float = SETTLED_S, most: int = MOST_HELD, levels: float = CHANGED_LEVELS) -> None:
        self._settled_s = settled_s
        self._levels = levels
        self._most = most
        self._scenes: list[Scene] = []
        self._last: Picture | None = None

    def look(self, seconds: float, picture: Picture, kept: Callable[[], Picture] | None = None) -> None:
        """Takes note of what is shown at a time; all pictures are of one size.

        Args:
            seconds: when it begins to be shown.
            picture: what is looked at.
            kept: makes the picture that is kept, where that is another one.
        """
        if self._last is not None and _difference(self._last, picture) < self._levels:
            return
        settling = len(self._scenes) > 1 and seconds - self._scenes[-1].seconds < self._settled_s
        began = self._scenes.pop().seconds if settling else seconds
        self._last = picture
        self._scenes.append(Scene(began, kept() if kept else picture, seconds))
        if len(self._scenes) > self._most:
            self._forget_the_shortest()

    def _forget_the_shortest(self) -> None:
        """The first and the last stay."""
        held = [after.seconds - scene.seconds for scene, after in pairwise(self._scenes)]
        at = min(range(1, len(held)), key=held.__getitem__)
        del self._scenes[at]

    def scenes(self, most: int = MOST) -> list[Scene]:
        """At most so many scenes."""
        return evenly(self._scenes, most)


def evenly(scenes: Sequence[Scene], most: int) -> list[Scene]:
    """At most so many of the scenes, evenly, the first and the last among them."""
    if len(scenes) <= most:
        return list(scenes)
    return [scenes[round(number * (len(scenes) - 1) / (most - 1))] for number in range(most)]


def encode(scenes: Sequence[Scene], quality: int = _QUALITY) -> bytes:
    """The scenes as one WebP, the first at second 0."""
    first, *rest = (Image.fromarray(scene.picture) for scene in scenes)
    starts = [round(scene.seconds * 1000) for scene in scenes]
    durations = [max(1, after - before) for before, after in pairwise(starts)]
    file = io.BytesIO()
    if rest:
        durations.append(_LAST_MS)
        first.save(file, "WEBP", save_all=True, append_images=rest, duration=durations, quality=quality, kmax=1)
    else:
        first.save(file, "WEBP", quality=quality)
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


def _difference(one: Picture, other: Picture) -> float:
    """By how many levels the mean of a place as large as a letter has changed, at most."""
    return float(np.abs(_cells(one) - _cells(other)).max(initial=0.0))


def _cells(picture: Picture) -> NDArray[np.float32]:
    """The mean colour of cells of `_CELL` pixels."""
    image = Image.fromarray(picture)
    size = max(1, image.width // _CELL), max(1, image.height // _CELL)
    return np.asarray(image.resize(size, Image.Resampling.BOX), np.float32)
