"""Animated pictures (GIF, WebP, APNG, AVIF): looked at over time like a video, frame by frame at their own times.

Browsers show a frame that claims to last no longer than 10 ms for 100 ms; so do we. How much is looked at is bounded:
`MOST_FRAMES`, and `MOST_PIXELS` decoded in all; what a longer one shows later counts as not looked at.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from shared.media import films, images, storyboards, videos
from shared.media.films import Planes, Recorder
from shared.media.storyboards import Scene, Storyboard
from shared.media.thumbnails import Frame, Grey
from shared.reasons import Reason, Rejected

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

MOST_FRAMES = 900
MOST_PIXELS = 600 * 10**6

_INSTANT_MS, _SHOWN_MS = 10, 100
_HALF_MS = 0.0005


@dataclass(frozen=True)
class Shown:
    """A frame of an animation: on white, in RGB, with its time in seconds."""

    start: float
    end: float
    picture: Image.Image


@dataclass(frozen=True)
class Animation:
    """What an animation shows.

    Attributes:
        duration_s: of one round, in seconds.
        loops: how often it is played; 0 for ever, None where that is not known.
        grid: small grey frames at 0, 1/4, 2/4 … seconds.
        film: what it shows, to be compared with others (see films.py).
        scenes: of its storyboard.
    """

    duration_s: float
    loops: int | None
    grid: list[Frame]
    film: bytes
    scenes: list[Scene]


def read(content: bytes, content_type: str, *, max_pixels: int) -> Animation | None:
    """Looks at an animation of a sniffed type; None where nothing in it moves.

    Raises:
        Rejected: when it is damaged, or its sides multiply to more than `max_pixels`.
    """
    with images.open_image(content, content_type, max_pixels=max_pixels) as image:
        try:
            return _look(image)
        except MemoryError as error:
            raise Rejected(Reason.TOO_COMPLEX, "decoding its frames takes too much memory") from error
        except Exception as error:
            raise Rejected(Reason.BROKEN_IMAGE, f"not a readable {image.format} animation: {error}") from error


def frames(image: Image.Image) -> Iterator[Shown]:
    """The frames of an open animation, one after the other, as far as the limits allow."""
    first = 1 if image.info.get("default_image") else 0  # an APNG's picture for those that show no animations
    count = getattr(image, "n_frames", 1)
    looked_at = min(count - first, MOST_FRAMES, max(1, MOST_PIXELS // (image.width * image.height)))
    start = 0.0
    for number in range(first, first + looked_at):
        image.seek(number)
        picture = _on_white(image)
        lasts = float(image.info.get("duration") or 0)
        end = start + (lasts if lasts > _INSTANT_MS else _SHOWN_MS) / 1000
        yield Shown(start, end, picture)
        start = end


def loops(image: Image.Image) -> int | None:
    """How often an open animation is played; 0 for ever, None where the format's decoder does not tell."""
    found = image.info.get("loop", 1 if image.format == "GIF" else None)
    return None if found is None else int(found)


def _look(image: "Image.Image | ImageFile") -> Animation | None:
    size = films.size(*image.size)
    recorder, storyboard, grid = Recorder(*size), Storyboard(), list[Frame]()
    distinct, end, played = 0, 0.0, loops(image)
    for shown in frames(image):
        end = shown.end
        distinct += recorder.add(shown.start, planes(shown.picture, size))
        storyboard.look(shown.start, _reduced(shown.picture, storyboards.PIXELS))
        grid += _ticks(shown, len(grid))
    if distinct < 2:
        return None
    film = recorder.finish(duration_s=round(end, 3), until_s=round(end, 3))
    return Animation(round(end, 3), played, grid, film, storyboard.scenes())


def _ticks(shown: Shown, first: int) -> list[Frame]:
    """The ticks of the grid, from number `first` on, at which this frame is shown."""
    ticks = range(first, math.ceil((shown.end - _HALF_MS) * videos.FRAMES_PER_SECOND))
    if not ticks:
        return []
    grey: Grey = np.asarray(Image.fromarray(_reduced(shown.picture, videos.FRAME_PIXELS)).convert("L"))
    return [Frame(tick / videos.FRAMES_PER_SECOND, grey) for tick in ticks]


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")


def planes(picture: Image.Image, size: tuple[int, int]) -> Planes:
    """Luma and chroma as JPEG and our films have them, in all levels from 0 to 255."""
    small = picture.resize(size, Image.Resampling.BOX).convert("YCbCr")
    luma, *chroma = small.split()
    halves = [plane.resize((size[0] // 2, size[1] // 2), Image.Resampling.BOX) for plane in chroma]
    return Planes(np.asarray(luma), np.stack([np.asarray(half) for half in halves]))


def _reduced(picture: Image.Image, pixels: int) -> storyboards.Picture:
    scale = min(1.0, math.sqrt(pixels / (picture.width * picture.height)))
    size = max(1, math.floor(picture.width * scale)), max(1, math.floor(picture.height * scale))
    return np.asarray(picture.resize(size, Image.Resampling.BOX))
