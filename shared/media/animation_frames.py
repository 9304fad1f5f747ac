"""The frames of animated pictures (GIF, WebP, APNG, AVIF) at their own times, and their distinct scenes on one sheet.

Browsers show a frame that claims to last no longer than 10 ms for 100 ms; so do we. How much is looked at is bounded:
`MOST_FRAMES`, and `MOST_PIXELS` decoded in all; what a longer one shows later counts as not looked at.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from PIL import Image
from PIL.GifImagePlugin import GifImageFile
from PIL.PngImagePlugin import Disposal

from shared.media import storyboards
from shared.media.storyboards import BANNER_CHANGED_LEVELS, BANNER_SETTLED_S, Picture, Scene, Storyboard

MOST_FRAMES = 900
MOST_PIXELS = 600 * 10**6

MOST_ON_SHEET = 12
"""Scenes that are shown together: of a square banner each keeps 460 pixels a side at Gemini's high resolution."""

_INSTANT_MS, _SHOWN_MS = 10, 100
_LOOKED_AT_PIXELS = 512**2  # in which letters of 16 pixels of a banner of 600 fill a cell
_SCENE_PIXELS = 1024**2  # so that twelve of them are in memory at once
_GAP = 8  # pixels of white between scenes


@dataclass(frozen=True)
class Shown:
    """A frame of an animation: on white, in RGB, with its time in seconds."""

    start: float
    end: float
    picture: Image.Image


def frames(image: Image.Image) -> Iterator[Shown]:
    """The frames of an open animation, one after the other, as far as the limits allow, all of one size.

    A frame of a GIF that stands out of the others' size is cut, as browsers cut it.
    """
    size = image.size
    first = 1 if image.info.get("default_image") else 0  # an APNG's picture for those that show no animations
    count = getattr(image, "n_frames", 1)
    looked_at = min(count - first, MOST_FRAMES, max(1, MOST_PIXELS // (image.width * image.height)))
    start, canvas = 0.0, _Canvas()
    if first:
        canvas.clear(image)
    for number in range(first, first + looked_at):
        if isinstance(image, GifImageFile):
            image.disposal_method = 0  # Pillow (13.0) takes over the one before where a frame says nothing
        image.seek(number)
        picture = _on_white(image)
        lasts = float(image.info.get("duration") or 0)
        end = start + (lasts if lasts > _INSTANT_MS else _SHOWN_MS) / 1000
        yield Shown(start, end, picture if picture.size == size else picture.crop((0, 0, *size)))
        start = end
        if image.format == "PNG":
            canvas.restore(image)


class _Canvas:
    """What an APNG's frames are laid upon.

    Pillow (13.0) takes a frame off again (`Disposal.OP_PREVIOUS`) only where nobody has looked at it: looking at it
    lays it upon the canvas that Pillow keeps to restore.
    """

    def __init__(self) -> None:
        self._beneath: Image.Image | None = None

    def clear(self, image: Image.Image) -> None:
        """Takes off what is shown instead of an animation: Pillow would lay the first frame upon it."""
        self._beneath = _nothing(image, image.size)
        image.paste(self._beneath)

    def restore(self, image: Image.Image) -> None:
        """Prepares an image whose frame was looked at for the next one."""
        disposal = image.info.get("disposal")
        if disposal == Disposal.OP_PREVIOUS and self._beneath is not None:
            image.paste(self._beneath)
            return
        self._beneath = image.copy()
        if disposal in (Disposal.OP_BACKGROUND, Disposal.OP_PREVIOUS):
            left, top, right, bottom = image.info["bbox"]
            self._beneath.paste(_nothing(image, (right - left, bottom - top)), (left, top))


def _nothing(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """A transparent picture of an image's mode."""
    return Image.new(image.mode, size)


def loops(image: Image.Image) -> int | None:
    """How often an open animation is played; 0 for ever, None where the format's decoder does not tell."""
    found = image.info.get("loop")
    if image.format == "GIF":
        return _rounds_of_gif(found)
    return None if found is None else int(found)


def _rounds_of_gif(repeated: int | None) -> int:
    """A GIF says how often it is repeated after it was shown once; 0 for ever, and nothing where it is not."""
    if repeated is None:
        return 1
    return repeated + 1 if repeated else 0


def sheet(image: Image.Image) -> Image.Image | None:
    """The distinct scenes of an open animation side by side, in reading order; None where it has but one."""
    scenes = [Image.fromarray(scene.picture) for scene in scenes_of(image, MOST_ON_SHEET)]
    if len(scenes) < 2:
        return None
    across = _across(len(scenes), scenes[0].width / scenes[0].height)
    width, height = scenes[0].width + _GAP, scenes[0].height + _GAP
    whole = Image.new("RGB", (across * width - _GAP, -(-len(scenes) // across) * height - _GAP), "white")
    for number, scene in enumerate(scenes):
        whole.paste(scene, (number % across * width, number // across * height))
    return whole


def scenes_of(image: Image.Image, most: int) -> list[Scene]:
    """At most so many distinct scenes of an open animation, each once it had settled, large enough to be read."""
    storyboard = Storyboard(BANNER_SETTLED_S, most, BANNER_CHANGED_LEVELS)
    for shown in frames(image):
        storyboard.look(
            shown.start, reduced(shown.picture, _LOOKED_AT_PIXELS), kept=partial(reduced, shown.picture, _SCENE_PIXELS)
        )
    return storyboard.scenes(most)


def reduced(picture: Image.Image, pixels: int) -> Picture:
    """The picture (height x width x 3) with no more than so many pixels, and sides that encoders take."""
    longest = max(picture.size)
    scale = min(1.0, math.sqrt(pixels / (picture.width * picture.height)), storyboards.MOST_SIDE / longest)
    size = max(1, math.floor(picture.width * scale)), max(1, math.floor(picture.height * scale))
    return np.asarray(picture.resize(size, Image.Resampling.BOX))


def _across(count: int, aspect: float) -> int:
    """How many scenes side by side make the sheet most like a square."""
    return min(range(1, count + 1), key=lambda across: abs(math.log(across * aspect / -(-count // across))))


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
