"""Films: what a moving creative shows, small and in colour, kept beside it so that two can be compared in time.

A film holds every frame that differs from the one before (up to 30 a second), at its own time: two copies of a spot
whose frames were dropped, repeated or shifted by a conversion still have frames in common, to the pixel. It is an MP4
(H.264) of our own making; what else a comparison needs lies in a box of our own at its end, which players pass over.
"""

import io
import json
import math
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

import av
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from shared.media.palettes import Palette

if TYPE_CHECKING:
    from shared.media.sounds import SoundPrint

FRAMES_PER_SECOND = 30
PIXELS = 320**2
"""Area of a frame: of 1080 lines 240 are left, in which words of 30 pixels can be told from others."""

STILL_QUANTISER, MOVING_QUANTISER = 14, 20
"""What H.264 may lose of a frame (0 to 51), the same in all of them: it stays below 3 grey levels in banners, a few
frames, and below 5 in footage, a third of what an edit makes. A constant rate factor saves where the eye does not look,
and lost up to 17 levels of words that were shown but briefly."""

# Words may be told from their ground by colour alone, at half the size. The filter that smooths the edges of blocks
# takes 11 levels off those of letters on plain ground.
_EVENLY = "chroma-qp-offset=-3:no-deblock=1"
_MOST_WITH_PALETTES = 60  # frames: a palette of 64 colours takes 400 bytes; in banners of more, cards do not stand
_LEAST_SIDE, _MOST_SIDE = 16, 4096
_SAME_LEVELS = 2  # grey levels: less than that is a decoder's rounding
_MS = Fraction(1, 1000)
_HALF_MS = 0.0006  # times are kept in milliseconds
_BOX = UUID("6f1c2f0e-5f0b-4f58-9a3d-2d8f0c7f3c11")


@dataclass(frozen=True, eq=False)
class Planes:
    """One frame: luma (height x width) and chroma (Cb and Cr: 2 x height/2 x width/2), 0..255."""

    luma: NDArray[np.uint8]
    chroma: NDArray[np.uint8]

    def shows(self, other: "Planes") -> bool:
        """Whether both show the same, but for a decoder's rounding."""
        return _near(self.luma, other.luma) and _near(self.chroma, other.chroma)


@dataclass(frozen=True, eq=False)
class Drawn:
    """A frame of a file, not yet in any size.

    Attributes:
        seconds: when it begins.
        planes: it, in a size (width, height), both even.
    """

    seconds: float
    planes: Callable[[tuple[int, int]], Planes]


@dataclass(frozen=True, eq=False)
class Film:
    """A decoded film of n frames.

    Attributes:
        seconds: when each frame begins, the first at 0.
        luma: n x height x width, 0..255.
        chroma: n x 2 x height/2 x width/2: Cb and Cr.
        duration_s: of the creative.
        until_s: up to here every frame was looked at; later ones are samples.
        sound: what is heard; None where there is no sound track.
        stands_from_s: where its pictures end and the last one stands while the sound goes on; None where it does not.
        frames_alone: whether the file's format keeps each frame by itself, so that none was mixed with another.
        mixes_frames: whether the file's encoder is known to mix frames that follow into its first one (see av1.py).
        palettes: of each frame that has few colours in its file these (Y, Cb, Cr), else None; none at all where
            no frame has few.
    """

    seconds: NDArray[np.float64]
    luma: NDArray[np.uint8]
    chroma: NDArray[np.uint8]
    duration_s: float
    until_s: float
    sound: "SoundPrint | None" = None
    stands_from_s: float | None = None
    frames_alone: bool = False
    mixes_frames: bool = False
    palettes: Sequence[Palette | None] = ()

    @classmethod
    def decoded(cls, content: bytes) -> Self:
        """A film as `Recorder` wrote it, save for what H.264 loses.

        Raises:
            ValueError: when this is not such a film, or a damaged one.
        """
        from shared.media.sounds import SoundPrint

        try:
            notes = json.loads(_notes(content))
            with av.open(io.BytesIO(content), "r", format="mov") as container:
                shown = [(frame.time or 0.0, _planes(frame)) for frame in container.decode(video=0)]
            sound = None if notes["sound"] is None else SoundPrint.unpacked(notes["sound"])
            return cls(
                seconds=np.array([seconds for seconds, _ in shown]),
                luma=np.stack([planes.luma for _, planes in shown]),
                chroma=np.stack([planes.chroma for _, planes in shown]),
                duration_s=float(notes["duration_s"]),
                until_s=float(notes["until_s"]),
                sound=sound,
                stands_from_s=notes.get("stands_from_s"),  # films of before 2026-11-29 have none
                frames_alone=bool(notes.get("frames_alone")),  # nor had films of before film/16
                mixes_frames=bool(notes.get("mixes_frames")),  # nor of before film/42
                palettes=_unpacked(notes.get("palettes") or []),  # nor of before film/23
            )
        except (av.error.FFmpegError, struct.error, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"not a film of ours: {error}") from error

    def shown_at(self, seconds: NDArray[np.float64]) -> NDArray[np.int64]:
        """The numbers of the frames that are shown at these times; before the first one, the first."""
        return np.maximum(np.searchsorted(self.seconds, seconds + _HALF_MS, side="right") - 1, 0)

    def frame_at(self, second: float) -> int:
        """The number of the frame that is shown at a time."""
        return int(self.shown_at(np.array([second]))[0])

    def palette(self, frame: int) -> Palette | None:
        """The colours of a frame, where its file has few of them there."""
        return self.palettes[frame] if self.palettes else None

    def with_its_pictures(self) -> Self:
        """The film as if it ended where its pictures do."""
        if self.stands_from_s is None:
            return self
        until_s = min(self.until_s, self.stands_from_s)
        return replace(self, duration_s=self.stands_from_s, until_s=until_s, stands_from_s=None)

    def held_s(self) -> NDArray[np.float64]:
        """How long each frame is shown, in seconds; the last one at least as long as those before it on average.

        Players hold it, while files of few frames often say that it lasts no longer than one of twenty-five a second.
        """
        seen = self.seconds[self.seconds <= self.until_s]
        usual = float(seen[-1]) / max(1, seen.size - 1)
        return np.diff(self.seconds, append=max(self.duration_s, float(self.seconds[-1]) + usual))


def size(width: int, height: int) -> tuple[int, int]:
    """Width and height of the film of a creative shown in `width` x `height` pixels; both even, as H.264 wants them."""
    scale = min(1.0, math.sqrt(PIXELS / (width * height)))
    return _even(width * scale), _even(height * scale)


class Recorder:
    """Writes a film, frame by frame, so that no more than one of them is held."""

    def __init__(self, width: int, height: int, quantiser: int = MOVING_QUANTISER) -> None:
        """`width` and `height` as `size` gives them."""
        self._file = io.BytesIO()
        self._container = av.open(self._file, "w", format="mp4")
        options = {"qp": str(quantiser), "preset": "veryfast", "x264-params": _EVENLY}
        stream: VideoStream = self._container.add_stream("libx264", rate=1000, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.time_base = _MS
        stream.codec_context.thread_count = 1
        self._stream = stream
        self._last: Planes | None = None
        self._last_ms = -1
        self._palettes: list[Palette | None] = []

    def add(self, seconds: float, planes: Planes, palette: Callable[[], Palette | None] = lambda: None) -> bool:
        """Adds a frame unless it shows what the last one shows; says whether it did.

        `palette` tells its colours where they are few: asked of frames that are added, and of the first ones alone.
        """
        at = round(seconds * 1000)
        if at <= self._last_ms or (self._last is not None and planes.shows(self._last)):
            return False
        self._last, self._last_ms = planes, at
        self._palettes.append(palette() if len(self._palettes) < _MOST_WITH_PALETTES else None)
        frame = av.VideoFrame.from_ndarray(stacked(planes), format="yuv420p")
        frame.pts, frame.time_base = at, _MS
        self._container.mux(self._stream.encode(frame))
        return True

    def finish(
        self,
        *,
        duration_s: float,
        until_s: float,
        stands_from_s: float | None = None,
        frames_alone: bool = False,
        mixes_frames: bool = False,
        sound: "SoundPrint | None" = None,
    ) -> bytes:
        """The whole film, with what `Film` has beside its frames."""
        notes: dict[str, Any] = {
            "duration_s": duration_s,
            "until_s": until_s,
            "stands_from_s": stands_from_s,
            "frames_alone": frames_alone,
            "mixes_frames": mixes_frames,
            "palettes": _packed(self._palettes),
            "sound": sound and sound.packed(),
        }
        self._container.mux(self._stream.encode(None))
        self._container.close()
        return self._file.getvalue() + _box(json.dumps(notes).encode())


def planes_of(stacked: NDArray[np.uint8], width: int, height: int) -> Planes:
    """The planes of a frame in FFmpeg's layout yuv420p: luma, then Cb, then Cr, without gaps."""
    flat = stacked.reshape(-1)
    chroma = flat[width * height :].reshape(2, height // 2, width // 2)
    return Planes(flat[: width * height].reshape(height, width), chroma)


def _packed(palettes: Sequence[Palette | None]) -> list[str | None]:
    """Palettes as text; nothing where there are none."""
    if not any(palette is not None for palette in palettes):
        return []
    return [None if palette is None else palette.astype(np.uint8).tobytes().hex() for palette in palettes]


def _unpacked(palettes: Sequence[str | None]) -> list[Palette | None]:
    return [
        None if text is None else np.frombuffer(bytes.fromhex(text), np.uint8).reshape(-1, 3).astype(np.float32)
        for text in palettes
    ]


def _box(payload: bytes) -> bytes:
    """A box of type uuid (ISO/IEC 14496-12, 4.2)."""
    return struct.pack(">I4s", 24 + len(payload), b"uuid") + _BOX.bytes + payload


def _notes(content: bytes) -> bytes:
    """The payload of our box."""
    at = 0
    while at < len(content):
        length, kind = struct.unpack_from(">I4s", content, at)
        if kind == b"uuid" and content[at + 8 : at + 24] == _BOX.bytes:
            return content[at + 24 : at + length]
        at += max(8, length)
    raise ValueError("it has no notes")


def _planes(frame: av.VideoFrame) -> Planes:
    return planes_of(frame.to_ndarray().astype(np.uint8, copy=False), frame.width, frame.height)


def stacked(planes: Planes) -> NDArray[np.uint8]:
    """The planes of a frame as `planes_of` takes them: 3/2 height x width."""
    height, width = planes.luma.shape
    flat = np.concatenate([planes.luma.reshape(-1), planes.chroma.reshape(-1)])
    return np.ascontiguousarray(flat.reshape(height * 3 // 2, width))


def _near(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
    if one.shape != other.shape:
        return False
    return bool((np.maximum(one, other) - np.minimum(one, other)).max(initial=0) <= _SAME_LEVELS)


def _even(side: float) -> int:
    return min(_MOST_SIDE, max(_LEAST_SIDE, 2 * round(side / 2)))
