"""Animated pictures looked at over time like videos: a film, a storyboard, hashes of what is shown at known times."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from shared.media import av1, films, images, palettes, storyboards, videos
from shared.media.animation_frames import Shown, frames, loops, reduced
from shared.media.films import Drawn, Planes, Recorder
from shared.media.palettes import Palette
from shared.media.storyboards import BANNER_SETTLED_S, Scene, Storyboard
from shared.media.thumbnails import Frame, Grey
from shared.reasons import Reason, Rejected

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

_HALF_MS = 0.0005
_FEW_COLOURS = 128  # of 256, and so of most GIFs, hardly one is missed
_FRAMES_ALONE = {"GIF", "WEBP", "PNG"}  # as Pillow calls them; AVIF and HEIC are video, whose encoders look ahead


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
            return _look(image, mixes_frames=image.format == "AVIF" and av1.avif_mixes_frames(content))
        except MemoryError as error:
            raise Rejected(Reason.TOO_COMPLEX, "decoding its frames takes too much memory") from error
        except Exception as error:
            raise Rejected(Reason.BROKEN_IMAGE, f"not a readable {image.format} animation: {error}") from error


def drawn(content: bytes, content_type: str, *, max_pixels: int) -> Iterator[Drawn]:
    """All frames of an animation, at the times at which its film has them.

    Raises:
        Rejected: when it is no picture, or its sides multiply to more than `max_pixels`.
    """
    with images.open_image(content, content_type, max_pixels=max_pixels) as image:
        for shown in frames(image):
            yield Drawn(shown.start, partial(planes, shown.picture))


def _look(image: "Image.Image | ImageFile", *, mixes_frames: bool) -> Animation | None:
    size = films.size(*image.size)
    recorder, storyboard, grid = Recorder(*size, films.STILL_QUANTISER), Storyboard(BANNER_SETTLED_S), list[Frame]()
    distinct, end, played = 0, 0.0, loops(image)
    for shown in frames(image):
        end = shown.end
        distinct += recorder.add(shown.start, planes(shown.picture, size), partial(_few_colours, shown.picture))
        storyboard.look(shown.start, reduced(shown.picture, storyboards.PIXELS))
        grid += _ticks(shown, len(grid))
    if distinct < 2:
        return None
    alone = image.format in _FRAMES_ALONE
    end = round(end, 3)
    film = recorder.finish(duration_s=end, until_s=end, frames_alone=alone, mixes_frames=mixes_frames)
    return Animation(end, played, grid, film, storyboard.scenes())


def _few_colours(picture: Image.Image) -> Palette | None:
    return palettes.of(np.asarray(picture.convert("YCbCr")), _FEW_COLOURS)


def _ticks(shown: Shown, first: int) -> list[Frame]:
    """The ticks of the grid, from number `first` on, at which this frame is shown."""
    ticks = range(first, math.ceil((shown.end - _HALF_MS) * videos.FRAMES_PER_SECOND))
    if not ticks:
        return []
    grey: Grey = np.asarray(Image.fromarray(reduced(shown.picture, videos.FRAME_PIXELS)).convert("L"))
    return [Frame(tick / videos.FRAMES_PER_SECOND, grey) for tick in ticks]


def planes(picture: Image.Image, size: tuple[int, int]) -> Planes:
    """Luma and chroma as JPEG and our films have them, in all levels from 0 to 255.

    Averages over whole pixels would make thin strokes pale here and dark there, in each size at other places.
    """
    small = picture.resize(size, Image.Resampling.BICUBIC).convert("YCbCr")
    luma, *chroma = small.split()
    halves = [plane.resize((size[0] // 2, size[1] // 2), Image.Resampling.BOX) for plane in chroma]
    return Planes(np.asarray(luma), np.stack([np.asarray(half) for half in halves]))
