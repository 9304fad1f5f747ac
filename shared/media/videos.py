"""Videos: measured as displayed, and looked at in small frames at known times, by reading parts of the file.

What is looked at, and what it costs:

- The first minute, every frame of it decoded, with its sound: a film of it is kept, in which a duplicate that was
  trimmed or converted to another frame rate is found. Four frames a second are hashed. Ads rarely last longer.
- Past it, one frame every half minute and the last one, each found by a seek: enough to tell another ending.
- The minute is shorter where it would take more than 256 MB to read, or where frames are so large and so many that
  decoding them is the cost. It follows from the file alone: the same file always gives the same frames.
- Of a large file first only some key frames (see key_frames.py), a glance: all of it where something is near it.

All times are seconds from the first frame. A video lasts as long as players play it: where the sound goes on after the
last frame, that frame stands until the sound ends (screens that were recorded and slide shows end so).
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

from shared.media import films, key_frames, losses, storyboards
from shared.media.films import Drawn, Recorder
from shared.media.picture_stream import PictureStream, Shown, opened
from shared.media.ranged_file import RangedFile
from shared.media.sandbox import Source
from shared.media.storyboards import Picture, Scene, Storyboard
from shared.media.thumbnails import Frame
from shared.reasons import Reason, Rejected

HASH_VERSION = "ffmpeg-area256-lanczos9x8-4fps/2"
"""Decoder, scaling, bars, kernel and rate of the hashes of frames. Raise the number when any of them changes."""

FRAMES_PER_SECOND = 4
FRAME_PIXELS = 256**2
"""Area of the grey frames."""

MOST_STRETCHED = 50.0
"""Times that a picture may be as wide as high, or as high as wide: beyond it nothing can be shown, or told."""

_GRID_S = 60.0
_MIN_GRID_S = 5.0
_GRID_BYTES = 256 * 10**6
_GRID_PIXELS = 1920 * 1080 * 60 * 60  # a minute of full HD at 60 frames a second
_TAIL_EVERY_S = 30
_MAX_FRAMES_AFTER_SEEK = 1000  # from one key frame to the next, in any sane file
_SEEK_LEAD_S = 0.5  # a file's declared end may lie past the last key frame that its index knows
_SAME_TIME_S = 0.002  # Matroska rounds times to the millisecond
_OUTLASTS_S = 0.25  # one step of the grid; encoders fill a sound's last packet up, Vorbis by up to 0.19 s
_MIN_MISSING_S = 0.5
_MAX_MISSING_SHARE = 0.1

DEMUXERS = {
    "video/mp4": "mov",
    "video/quicktime": "mov",
    "video/3gpp": "mov",
    "video/webm": "matroska",
    "video/x-matroska": "matroska",
    "video/x-msvideo": "avi",
    "video/mp2t": "mpegts",
    "video/mpeg": "mpeg",
    "video/x-flv": "flv",
    "video/ogg": "ogg",
    "video/x-ms-asf": "asf",
}


@dataclass(frozen=True)
class Video:
    """What a video is and shows.

    Attributes:
        width: in pixels, as displayed: with pixel aspect and rotation applied.
        height: in pixels, as displayed.
        duration_s: in seconds, up to the end of the picture, or of a sound that goes on after it.
        fps: average frames per second.
        codec: of the picture, as FFmpeg names it.
        has_audio: whether there is sound.
        grid: small frames at 0, 1/4, 2/4 … seconds, up to the end or the first minute; at a glance, key frames.
        tail: small frames after those, the last frame among them.
        scenes: of its storyboard.
    """

    width: int
    height: int
    duration_s: float
    fps: float
    codec: str
    has_audio: bool
    grid: list[Frame]
    tail: list[Frame]
    scenes: list[Scene]


@dataclass(frozen=True)
class Filmed(Video):
    """A video all of which was looked at.

    Attributes:
        film: what it shows and sounds like, to be compared with others (see shared/media/films.py).
        lost: to its encoder (see shared/media/losses.py).
    """

    film: bytes
    lost: int


def read(source: Source, content_type: str, *, max_duration_s: float) -> Filmed:
    """Looks at a video of a sniffed type.

    Raises:
        Rejected: when it is damaged, has no picture, lasts longer than `max_duration_s`, or its frames are too large.
    """
    with _opened(source, content_type) as (stream, _):
        return _look(stream, source.size, max_duration_s)


def glance(source: Source, content_type: str, *, max_duration_s: float) -> Video | None:
    """Looks at some key frames of a video; None where its index does not lead to enough of them.

    Raises:
        Rejected: as `read`.
    """
    if DEMUXERS.get(content_type) not in key_frames.INDEXED:
        return None
    with _opened(source, content_type) as (stream, file):
        return _glance(stream, file, source.size, max_duration_s)


def frames(source: Source, content_type: str) -> Iterator[Drawn]:
    """All frames of a video, at the times at which its film has them.

    Raises:
        Rejected: as `read`.
    """
    with _opened(source, content_type) as (stream, _):
        for shown in stream.frames():
            yield Drawn(shown.start, partial(stream.planes, shown.frame))


@contextmanager
def _opened(source: Source, content_type: str) -> Iterator[tuple[PictureStream, RangedFile]]:
    demuxer = DEMUXERS.get(content_type)
    if demuxer is None:
        raise Rejected(Reason.UNSUPPORTED_TYPE, f"{content_type} is not among the video types we read")
    file = RangedFile(source, max_read_bytes=2 * _GRID_BYTES)
    try:
        with opened(file, demuxer) as stream:
            yield stream, file
    except Rejected:
        raise
    except MemoryError as error:
        raise Rejected(Reason.TOO_COMPLEX, "decoding it takes more memory than the limit") from error
    except Exception as error:
        raise Rejected(Reason.BROKEN_VIDEO, f"not a readable {demuxer} file: {error}") from error


def grid_seconds(*, duration_s: float, size: int, frame_pixels: int, fps: float) -> float:
    """How long from the start every frame is decoded: a minute, less for what is costly to read or decode."""
    by_bytes = _GRID_BYTES / (size / max(duration_s, 1.0))
    by_pixels = _GRID_PIXELS / max(1.0, frame_pixels * fps)
    return max(_MIN_GRID_S, min(_GRID_S, by_bytes, by_pixels))


def _glance(stream: PictureStream, file: RangedFile, size: int, max_duration_s: float) -> Video | None:
    duration = stream.declared_s
    index = key_frames.indexed(stream, duration) if duration else []
    if duration is None or not index:
        return None
    _require_whole(key_frames.reached(index, size), duration)
    duration = _played_s(stream, duration)
    _require_no_longer(duration, max_duration_s)
    shown_size: tuple[int, int] | None = None
    looks: dict[float, tuple[Frame, Picture]] = {}
    for shown in key_frames.looked_at(stream, file, index):
        shown_size = shown_size or _shown_size(stream, shown)
        frame = Frame(shown.start, stream.grey(shown.frame, FRAME_PIXELS))
        looks[shown.start] = frame, stream.colour(shown.frame, storyboards.PIXELS)
    if shown_size is None or len(looks) < key_frames.FEWEST:
        return None
    storyboard = Storyboard()
    for seconds in sorted(looks):
        storyboard.look(seconds, looks[seconds][1])
    return Video(
        *shown_size,
        duration_s=round(duration, 3),
        fps=round(stream.fps, 3),
        codec=stream.codec,
        has_audio=stream.has_audio,
        grid=[looks[seconds][0] for seconds in sorted(looks)],
        tail=[],
        scenes=storyboard.scenes(),
    )


def _shown_size(stream: PictureStream, first: Shown) -> tuple[int, int]:
    """Width and height as displayed.

    Raises:
        Rejected: where in that nothing can be seen.
    """
    width, height = stream.display_size(first.frame)
    if max(width, height) > MOST_STRETCHED * min(width, height):
        raise Rejected(Reason.BROKEN_VIDEO, f"shown in {width} x {height} pixels: in that nothing can be seen")
    return width, height


def _look(stream: PictureStream, size: int, max_duration_s: float) -> Filmed:
    declared = stream.declared_s
    _require_no_longer(declared or 0, max_duration_s)
    until = grid_seconds(
        duration_s=declared or max_duration_s, size=size, frame_pixels=stream.coded_pixels, fps=stream.fps
    )
    stream.listen()
    seen = _grid(stream, until)
    seen_bytes, seen_s = stream.picture_bytes, seen.last.end
    sound, last = stream.heard(), seen.last
    stands_from_s: float | None = None
    if stream.ended:
        pictures_s = max(declared or 0, last.end)
        _require_whole(max(last.end, stream.reached), pictures_s)
        duration = _played_s(stream, pictures_s)
        seen.ticks(min(duration - _SAME_TIME_S, until))
        stands_from_s = last.end if stream.sounds_until > last.end + _OUTLASTS_S else None
        until = max(until, pictures_s)
        tail = [seen.frame(last.start, last)]
    else:
        pictures_s = declared or stream.read_on(max_duration_s)
        duration = _played_s(stream, pictures_s)
        tail = list(_tail(seen, until, pictures_s))
    _require_no_longer(duration, max_duration_s)
    width, height = stream.display_size(last.frame)
    return Filmed(
        width=width,
        height=height,
        duration_s=round(duration, 3),
        fps=round(stream.fps or seen.count / max(duration, 0.001), 3),
        codec=stream.codec,
        has_audio=stream.has_audio,
        grid=seen.grid,
        tail=_later(tail, seen.grid[-1].seconds),
        film=seen.recorder.finish(
            duration_s=round(duration, 3),
            until_s=round(min(until, duration), 3),
            stands_from_s=stands_from_s and round(stands_from_s, 3),
            mixes_frames=stream.mixes_frames,
            sound=sound,
        ),
        lost=losses.of_film(seen_bytes, width, height, seen_s, mono=stream.is_mono),
        scenes=seen.storyboard.scenes(),
    )


def _played_s(stream: PictureStream, pictures_s: float) -> float:
    """How long a video plays whose pictures end at a time."""
    return stream.sounds_until if stream.sounds_until > pictures_s + _OUTLASTS_S else pictures_s


class _Seen:
    """What is kept of the frames of a stream while they pass: each in the film, some in small.

    Attributes:
        stream: where they come from.
        last: the frame that passed last.
        count: how many passed.
    """

    def __init__(self, stream: PictureStream, first: Shown) -> None:
        self.stream = stream
        self._size = films.size(*_shown_size(stream, first))
        self._due = 0.0
        self.recorder = Recorder(*self._size)
        self.storyboard = Storyboard()
        self.grid: list[Frame] = []
        self.last = first
        self.count = 0

    def passing(self, shown: Shown) -> None:
        """Takes note of the next frame."""
        self.last, self.count = shown, self.count + 1
        if shown.start >= self._due - _SAME_TIME_S:
            self._due = shown.start + 1 / films.FRAMES_PER_SECOND
            self.record(shown.start, shown)

    def record(self, seconds: float, shown: Shown) -> None:
        """Films a frame."""
        self.recorder.add(seconds, self.stream.planes(shown.frame, self._size))

    def ticks(self, until: float) -> None:
        """Fills the grid with what is shown last, up to a time."""
        ticks = range(len(self.grid), math.ceil(until * FRAMES_PER_SECOND))
        if ticks:
            shown = self.frame(ticks[0] / FRAMES_PER_SECOND, self.last)
            self.grid += [replace(shown, seconds=tick / FRAMES_PER_SECOND) for tick in ticks]

    def frame(self, seconds: float, shown: Shown) -> Frame:
        """A frame in small, for the grid and the storyboard."""
        self.storyboard.look(seconds, self.stream.colour(shown.frame, storyboards.PIXELS))
        return Frame(seconds, self.stream.grey(shown.frame, FRAME_PIXELS))


def _grid(stream: PictureStream, until: float) -> _Seen:
    """What is shown at each quarter of a second up to `until`."""
    seen: _Seen | None = None
    for coming in stream.frames():
        if seen is None:
            seen = _Seen(stream, coming)
        else:
            seen.ticks(min(coming.start - _SAME_TIME_S, until))
        seen.passing(coming)
        if coming.start > until:
            break
    if seen is None:
        raise Rejected(Reason.BROKEN_VIDEO, "not one frame can be decoded")
    seen.ticks(min(max(seen.last.end - _SAME_TIME_S, _SAME_TIME_S), until))
    return seen


def _tail(seen: _Seen, after: float, duration: float) -> Iterator[Frame]:
    """Frames past the grid, at full half minutes, and the last one.

    Raises:
        Rejected: when the file ends before its declared end.
    """
    stream, first = seen.stream, (int(after) // _TAIL_EVERY_S + 1) * _TAIL_EVERY_S
    for seconds in (*range(first, max(first, int(duration - 1)), _TAIL_EVERY_S), duration):
        shown = _frame_at(stream, seconds)
        if stream.ended:
            _require_whole(max(shown.end if shown else 0, stream.reached), duration)
        if shown is None:
            return  # key frames are so far apart that looking past the grid is not worth its cost
        at = float(seconds) if seconds < shown.end else shown.start
        seen.record(at, shown)
        yield seen.frame(at, shown)


def _frame_at(stream: PictureStream, seconds: float) -> Shown | None:
    """What is shown at a time; None where no frame of it comes soon after a key frame."""
    stream.seek(max(0, seconds - _SEEK_LEAD_S))
    shown: Shown | None = None
    for count, coming in enumerate(stream.frames()):
        if shown and coming.start > seconds + _SAME_TIME_S:
            return shown
        if count >= _MAX_FRAMES_AFTER_SEEK:
            return None
        shown = coming
    return shown


def _later(frames: list[Frame], after: float) -> list[Frame]:
    """Those of `frames` that come after a time and after one another."""
    kept: list[Frame] = []
    for frame in frames:
        if frame.seconds > (kept[-1].seconds if kept else after) + _SAME_TIME_S:
            kept.append(frame)
    return kept


def _require_no_longer(duration: float, limit: float) -> None:
    if duration > limit:
        raise Rejected(Reason.TOO_LONG, f"it lasts {duration:,.0f} s, the limit is {limit:,.0f} s")


def _require_whole(reached: float, duration: float) -> None:
    """A file cut off in transit states its full duration: only the frames that are missing tell."""
    if reached < duration - max(_MIN_MISSING_S, _MAX_MISSING_SHARE * duration):
        raise Rejected(Reason.BROKEN_VIDEO, f"it stops at {reached:.1f} s of {duration:.1f} s")
