"""Cuts a video into scenes and shows its frames at chosen seconds.

Scenes are found by the detector of the scenedetect package on small frames. Times are seconds from the first frame.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from PIL import Image

from functions.extract.extractors.offline.standing import Standing
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

_USUAL_LEAST_FRAMES = 15  # of a scene, to the detector
_LEAST_SHOWN_S = 0.4  # what is to be read is shown for half a second; its first and last frames may be blended
_NEAR_S = 0.25

# Around a card a place as large as a letter changes by so many grey levels from one frame to the next.
_CARD_CELL = 4  # pixels of `_CUT_PIXELS`
_CARD_LEVELS = 20.0
_MORE_CHANGED = 3  # times as many places as around then

# Whoever fades from one picture to the next shows a mixture of both, of which nobody reads a word.
_SAMPLE_S = 0.1
_FADE_SAMPLES = 4  # a place that fades changes by so many levels in as many samples
_FADE_LEVELS = 10.0
_OWN_LEVELS = 20.0  # of a place that is another before and after
_USUAL_S = 2.5  # to both sides, of which the calmer quarter is usual
_EXPLAINED = 0.3  # of what changes at most may be another than a mixture says
_OTHER_PICTURE = 0.3  # of all places: no words that fade in, but another shot
_ALL = 0.9  # of all places: a cut, though what follows moves so much that the detector sees none

_CUT_PIXELS = 256 * 144
_SHOWN_PIXELS = 1920 * 1080
_MOST_READ_BYTES = 2 * 10**9

type _Pixels = np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]
type _Cells = np.ndarray[tuple[int, ...], np.dtype[np.float32]]


@dataclass(frozen=True)
class Scene:
    """One shot, from cut to cut."""

    start: float
    end: float

    def shows(self, second: float) -> bool:
        """Whether it is shown at a second."""
        return self.start <= second < self.end

    def nears(self, second: float) -> bool:
        """Whether a second is within it, or so near that frames may be of both."""
        return self.start - _NEAR_S <= second <= self.end + _NEAR_S


@dataclass(frozen=True)
class Cut:
    """A video in parts.

    Attributes:
        scenes: without gaps, from the first frame to the end of the last; one that fades into the next ends halfway.
        changes: from each frame in which a letter or more is suddenly another, or has become so, to the next such one,
            or to where it begins to become so.
        fades: when one picture, or some of it, becomes another bit by bit.
        standing: what stands still in it.
    """

    scenes: list[Scene]
    changes: list[Scene]
    fades: list[Scene] = field(default_factory=list)
    standing: Standing = field(default_factory=Standing)

    def since(self, second: float) -> float:
        """When what is shown at a second began to be shown."""
        return max(each.start for each in (*self.scenes, *self.changes) if each.start <= second)

    def looks(self) -> list[float]:
        """The seconds at which to look at it."""
        chosen = looks(self.scenes, self.changes, self.fades)
        return sorted({*chosen, *self.standing.unseen(chosen, [(fade.start, fade.end) for fade in self.fades])})


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


def cut(stream: PictureStream) -> Cut:
    """The scenes and cards of a stream that has not been read yet."""
    from scenedetect import AdaptiveDetector, FrameTimecode

    rate = stream.fps or 25.0
    detector = AdaptiveDetector(min_scene_len=min(_USUAL_LEAST_FRAMES, max(1, round(_LEAST_SHOWN_S * rate))))
    starts: list[float] = []
    cuts: list[int] = []
    changed: list[int] = []
    samples: list[tuple[float, _Cells]] = []
    standing = Standing()
    cells: _Cells | None = None
    size: tuple[int, int] | None = None
    end = 0.0
    for shown in stream.frames():
        size = size or _size(stream, shown, _CUT_PIXELS)  # of the first: in some files later ones have another
        pixels = _pixels(shown, size)
        timecode = FrameTimecode(len(starts), fps=rate)
        cuts += [found.frame_num for found in detector.process_frame(timecode, pixels)]
        before, cells = cells, _cells(pixels)
        changed.append(0 if before is None else _changed(before, cells))
        if not samples or shown.start - samples[-1][0] >= _SAMPLE_S * 0.9:
            samples.append((shown.start, cells.astype(np.uint8)))
            standing.passing(shown.start, pixels)
        starts.append(shown.start)
        end = shown.end
    if not starts:
        raise Rejected(Reason.BROKEN_VIDEO, "not one frame can be decoded")
    fades, dissolves = _faded(samples)
    sudden = _sudden(starts, changed)
    sharp = [starts[number] for number in cuts]
    for start in (starts[at] for at in sudden if at and changed[at] >= _ALL * samples[0][1][..., 0].size):
        if not any(abs(start - each) <= _NEAR_S for each in sharp) and _stays_another(samples, start):
            sharp.append(start)
    soft = [(each.start + each.end) / 2 for each in dissolves if not any(each.nears(second) for second in sharp)]
    edges = [0.0, *sorted([*sharp, *soft]), end]
    scenes = [Scene(start, stop) for start, stop in pairwise(edges) if stop > start]
    usual = starts[-1] / max(1, len(starts) - 1)  # files often say of the last frame that it lasts a moment
    began = sorted({*(starts[at] for at in sudden), *(each.end for each in fades)})
    changes = [_until_it_fades(*each, fades) for each in pairwise([*began, max(end, starts[-1] + usual)])]
    return Cut(scenes, changes, fades, standing)


def _until_it_fades(start: float, end: float, fades: Sequence[Scene]) -> Scene:
    """What stands between two changes: a fade, of which the end is one, takes it away from its beginning on."""
    return Scene(start, min([end, *(fade.start for fade in fades if start < fade.start)]))


def _changed(before: _Cells, cells: _Cells) -> int:
    """How many places as large as a letter changed."""
    return int(np.count_nonzero(np.abs(cells - before).max(axis=2) >= _CARD_LEVELS))


def _sudden(starts: Sequence[float], changed: Sequence[int]) -> list[int]:
    """The frames at which much more changes than around then, the first one too: what always moves brings no card."""
    times, counts = np.array(starts), np.array(changed)
    first, last = (np.searchsorted(times, times + late) for late in (-_NEAR_S, _NEAR_S))
    around = ([*counts[first[at] : at], *counts[at + 1 : last[at]]] for at in range(len(starts)))
    usual = np.array([np.median(each) if each else 0.0 for each in around])
    return [at for at in range(len(starts)) if not at or counts[at] > _MORE_CHANGED * usual[at]]


def _stays_another(samples: Sequence[tuple[float, _Cells]], second: float) -> bool:
    """Whether a picture is another a while after a second than before it: after a flash it is not."""
    before = [cells for start, cells in samples if start < second - _SAMPLE_S / 2]
    after = [cells for start, cells in samples if start >= second + _LEAST_SHOWN_S]
    if not before or not after:
        return False
    return _apart(before[-1], after[0], _OWN_LEVELS) >= _OTHER_PICTURE * before[-1][..., 0].size


def _faded(samples: Sequence[tuple[float, _Cells]]) -> tuple[list[Scene], list[Scene]]:
    """When something fades into something else, and which of these fades brought another picture.

    What moves changes as many places, and is no mixture of what was there before and after.
    """
    if len(samples) <= 2 * _FADE_SAMPLES:
        return [], []
    times = np.array([start for start, _ in samples])
    cells = np.stack([each for _, each in samples])
    half = _FADE_SAMPLES // 2
    moved = np.zeros(len(times), np.int64)
    for at in range(half, len(times) - half):
        moved[at] = _apart(cells[at - half], cells[at + half], _FADE_LEVELS)
    first, last = (np.searchsorted(times, times + late) for late in (-_USUAL_S, _USUAL_S))
    usual = np.array([np.quantile(moved[first[at] : last[at]], 0.25) for at in range(len(times))])
    fades, dissolves = [], []
    for begin, end in _runs(moved > _MORE_CHANGED * usual):
        if end - begin <= _FADE_SAMPLES:  # a cut
            continue
        before, after = cells[begin - half], cells[min(end + half, len(times)) - 1]
        if not _is_mixed(before, cells[(begin + end) // 2], after):
            continue
        fades.append(Scene(float(times[begin + half - 1]), float(times[end - half])))
        if _apart(before, after, _OWN_LEVELS) >= _OTHER_PICTURE * before.shape[0] * before.shape[1]:
            dissolves.append(fades[-1])
    return fades, dissolves


def _apart(one: _Cells, other: _Cells, levels: float) -> int:
    return int(np.count_nonzero(np.abs(one.astype(np.int16) - other).max(axis=2) >= levels))


def _runs(flags: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> list[tuple[int, int]]:
    """Where flags are set, as half-open ranges."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(begin), int(end)) for begin, end in edges.reshape(-1, 2)]


def _is_mixed(before: _Cells, between: _Cells, after: _Cells) -> bool:
    """Whether a picture is one that fades into another, covers it bit by bit, or has faded to a plain colour."""
    one, middle, other = (each.astype(np.float32) for each in (before, between, after))
    where = np.abs(other - one).max(axis=2) >= _OWN_LEVELS
    if not where.any():
        return False
    way, gone = (other - one)[where], (middle - one)[where]
    apart = np.abs(way).mean()
    share = float((gone * way).sum() / (way * way).sum())
    mixed = np.abs(gone - share * way).mean() <= _EXPLAINED * apart
    covered = np.minimum(np.abs(gone), np.abs(way - gone)).mean() <= _EXPLAINED * apart / 2
    return bool(mixed or covered or float(middle.std(axis=(0, 1)).max()) < _FADE_LEVELS)


def looks(scenes: Sequence[Scene], changes: Sequence[Scene] = (), fades: Sequence[Scene] = ()) -> list[float]:
    """The seconds at which to look at a video: its opening, its end, and each scene as far as `MOST_LOOKS` allows.

    Args:
        scenes: of the video.
        changes: from each sudden change in it to the next: what stands between two is a card, to be looked at too.
        fades: when nothing is to be read: what would be looked at then is looked at beside it.
    """
    return sorted({_settled(second, fades, scenes[-1].end) for second in _chosen(scenes, changes)})


def _settled(second: float, fades: Sequence[Scene], end: float) -> float:
    """The second, or the next one at which nothing fades; before the fade where the video ends with it."""
    for fade in fades:
        if fade.start < second < fade.end:
            after = fade.end + _SAMPLE_S
            return after if after < end else max(0.0, fade.start - _SAMPLE_S)
    return second


def _chosen(scenes: Sequence[Scene], changes: Sequence[Scene]) -> list[float]:
    end = scenes[-1].end
    last = max(0.0, end - _LAST_LOOK_S)
    fixed = [*(second for second in _HOOK_LOOKS if second < last), last]
    inside = [
        second
        for scene in scenes
        for second in _spread(scene)
        if not any(_shows_it_too(look, second, scene, changes) for look in fixed)
    ]
    chosen = [*fixed, *_thinned(inside, MOST_LOOKS - len(fixed))]
    cards = [each for each in changes if each.end - each.start >= _LEAST_SHOWN_S]
    unseen = [each for each in cards if not any(each.shows(second) for second in chosen)]
    middles = [(each.start + min(each.end, end)) / 2 for each in unseen]
    return [*chosen, *_thinned(middles, MOST_LOOKS - len(chosen))]


def shown_at(stream: PictureStream, seconds: Sequence[float]) -> Iterator[tuple[float, Image.Image]]:
    """What is shown at each of these seconds, upright and in RGB; a second without a frame is left out."""
    for second in seconds:
        stream.seek(second)
        shown = _standing(stream.frames(), second)
        if shown:
            yield second, Image.fromarray(_pixels(shown, _size(stream, shown, _SHOWN_PIXELS))[:, :, ::-1])


def _standing(frames: Iterable[Shown], second: float) -> Shown | None:
    """The frame that is shown at a second: each stands until the next one, whatever the file says of how long."""
    standing: Shown | None = None
    for shown in frames:
        if standing and shown.start > second:
            return standing
        standing = shown
    return standing


def _cells(pixels: _Pixels) -> _Cells:
    """The mean colour of places as large as a letter."""
    import cv2

    height, width = pixels.shape[:2]
    size = max(1, width // _CARD_CELL), max(1, height // _CARD_CELL)
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.float32)


def _shows_it_too(look: float, second: float, scene: Scene, changes: Sequence[Scene]) -> bool:
    """Whether a look so near that nothing fades in between sees what a second of a scene shows."""
    near = abs(look - second) <= _NEAR_S and scene.shows(look)
    return near and any(each.shows(look) and each.shows(second) for each in changes)


def _spread(scene: Scene) -> list[float]:
    """The middles of the equal parts of a scene, none longer than `LOOK_EVERY_S`."""
    parts = max(1, math.ceil((scene.end - scene.start) / LOOK_EVERY_S))
    step = (scene.end - scene.start) / parts
    return [scene.start + step * (part + 0.5) for part in range(parts)]


def _thinned(seconds: list[float], most: int) -> list[float]:
    """At most this many of the seconds, evenly."""
    if len(seconds) <= most:
        return seconds
    if most < 2:
        return seconds[: max(0, most)]
    return [seconds[round(index * (len(seconds) - 1) / (most - 1))] for index in range(most)]


def _size(stream: PictureStream, shown: Shown, most: int) -> tuple[int, int]:
    """Width and height of a frame as displayed, reduced to at most this many pixels."""
    width, height = stream.display_size(shown.frame)
    scale = min(1.0, math.sqrt(most / (width * height)))
    return max(2, math.floor(width * scale)), max(2, math.floor(height * scale))


def _pixels(shown: Shown, size: tuple[int, int]) -> _Pixels:
    """A frame as displayed, in BGR and in a size (width, height)."""
    turns = round(shown.frame.rotation / 90) % 4
    coded = size[::-1] if turns % 2 else size
    bgr = shown.frame.reformat(*coded, format="bgr24").to_ndarray()
    return np.ascontiguousarray(np.rot90(bgr, turns))
