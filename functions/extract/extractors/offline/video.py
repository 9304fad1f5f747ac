"""Cuts a video into scenes and shows its frames at chosen seconds.

Scenes are found by the detector of the scenedetect package on small frames. Times are seconds from the first frame.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from PIL import Image

from shared.media.picture_stream import PictureStream, Shown, opened
from shared.media.ranged_file import RangedFile
from shared.media.sandbox import Source
from shared.media.videos import DEMUXERS
from shared.reasons import Reason, Rejected

# Every frame up to here is decoded to find the cuts. A longer video is looked at in single frames only.
LONGEST_CUT_S = 180.0

# How often a scene is looked at, and how many frames at most in all (0.4 s each).
LOOK_EVERY_S = 4.0
MOST_LOOKS = 20

# The opening that decides whether a viewer stays, and when it is looked at.
HOOK_S = 3.0
_HOOK_LOOKS = (0.5, 1.5, 2.5)
_LAST_LOOK_S = 0.3  # before the end, where a fade-out has not yet begun to hide the end card

_CUT_PIXELS = 256 * 144
_SHOWN_PIXELS = 1920 * 1080
_MOST_READ_BYTES = 2 * 10**9


@dataclass(frozen=True)
class Scene:
    """One shot, from cut to cut."""

    start: float
    end: float


@contextmanager
def stream_of(source: Source, content_type: str) -> Iterator[PictureStream]:
    """The picture stream of a stored video of a sniffed type.

    Raises:
        Rejected: when it is of another type or damaged, also while it is read.
    """
    demuxer = DEMUXERS.get(content_type)
    if demuxer is None:
        raise Rejected(Reason.UNSUPPORTED_TYPE, f"{content_type} is not among the video types we read")
    import av

    try:
        with opened(RangedFile(source, max_read_bytes=_MOST_READ_BYTES), demuxer) as stream:
            yield stream
    except av.error.InvalidDataError as error:
        raise Rejected(Reason.BROKEN_VIDEO, f"not a readable {demuxer} file: {error}") from error


def scenes(stream: PictureStream) -> list[Scene]:
    """The scenes of a stream that has not been read yet, without gaps, from the first frame to the end of the last."""
    from scenedetect import AdaptiveDetector, FrameTimecode

    detector, rate = AdaptiveDetector(), stream.fps or 25.0
    starts: list[float] = []
    cuts: list[int] = []
    end = 0.0
    for shown in stream.frames():
        timecode = FrameTimecode(len(starts), fps=rate)
        cuts += [cut.frame_num for cut in detector.process_frame(timecode, _pixels(stream, shown, _CUT_PIXELS))]
        starts.append(shown.start)
        end = shown.end
    if not starts:
        raise Rejected(Reason.BROKEN_VIDEO, "not one frame can be decoded")
    edges = [0.0, *(starts[cut] for cut in cuts), end]
    return [Scene(start, stop) for start, stop in pairwise(edges) if stop > start]


def looks(scenes: Sequence[Scene]) -> list[float]:
    """The seconds at which to look at a video: its opening, its end, and each scene as far as `MOST_LOOKS` allows."""
    end = scenes[-1].end
    last = max(0.0, end - _LAST_LOOK_S)
    fixed = [*(second for second in _HOOK_LOOKS if second < last), last]
    inside = [second for scene in scenes for second in _spread(scene)]
    return sorted({*fixed, *_thinned(inside, MOST_LOOKS - len(fixed))})


def shown_at(stream: PictureStream, seconds: Sequence[float]) -> Iterator[tuple[float, Image.Image]]:
    """What is shown at each of these seconds, upright and in RGB; a second without a frame is left out."""
    for second in seconds:
        stream.seek(second)
        shown = next((shown for shown in stream.frames() if shown.end > second), None)
        if shown:
            yield second, Image.fromarray(_pixels(stream, shown, _SHOWN_PIXELS)[:, :, ::-1])


def _spread(scene: Scene) -> list[float]:
    """The middles of the equal parts of a scene, none longer than `LOOK_EVERY_S`."""
    parts = max(1, math.ceil((scene.end - scene.start) / LOOK_EVERY_S))
    step = (scene.end - scene.start) / parts
    return [scene.start + step * (part + 0.5) for part in range(parts)]


def _thinned(seconds: list[float], most: int) -> list[float]:
    """At most this many of the seconds, evenly."""
    if len(seconds) <= most:
        return seconds
    return [seconds[round(index * (len(seconds) - 1) / (most - 1))] for index in range(most)]


def _pixels(stream: PictureStream, shown: Shown, most: int) -> np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]:
    """A frame as displayed, in BGR, reduced to at most this many pixels."""
    width, height = stream.display_size(shown.frame)
    scale = min(1.0, math.sqrt(most / (width * height)))
    size = max(2, math.floor(width * scale)), max(2, math.floor(height * scale))
    turns = round(shown.frame.rotation / 90) % 4
    coded = size[::-1] if turns % 2 else size
    bgr = shown.frame.reformat(*coded, format="bgr24").to_ndarray()
    return np.ascontiguousarray(np.rot90(bgr, turns))
