"""The picture stream of a video file: decoded into frames with times, sought in, turned into small grey frames.

All that is known of PyAV and FFmpeg's habits is in here; what to look at is decided in `shared/media/videos.py`.
Times are seconds from the first frame.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.container import InputContainer
from av.packet import Packet
from av.stream import Discard, Disposition, Stream
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Interpolation
from av.video.stream import VideoStream

from shared.media import av1, fields, films, sounds
from shared.media.films import Planes
from shared.media.ranged_file import RangedFile
from shared.media.sounds import SoundPrint
from shared.media.thumbnails import Grey
from shared.reasons import Reason, Rejected

MAX_FRAME_PIXELS = 8192 * 4320
_MAX_DAMAGED_SHARE = 0.1
_FAST_PIXELS_PER_SECOND = 1920 * 1080 * 61  # above it, frames that no other frame needs are not decoded


@dataclass(frozen=True)
class Shown:
    """A decoded frame and when it is shown."""

    start: float
    end: float
    frame: VideoFrame


@dataclass(frozen=True)
class Indexed:
    """What the index of a file says of one frame.

    Attributes:
        ticks: when it is decoded, in the stream's own time.
        seconds: the same, from the first one on.
        start: where in the file it begins, or the group of frames that it is in.
        size: in bytes; 0 where the index does not say.
        is_key: whether it can be decoded without any other.
    """

    ticks: int
    seconds: float
    start: int
    size: int
    is_key: bool


class PictureStream:
    """The first stream of an open file that moves.

    Attributes:
        coded_pixels: width times height, as stored.
        fps: average frames per second; 0 where the file does not say.
        codec: as FFmpeg names it.
        mixes_frames: as `Film` has it, once a frame is decoded.
        has_audio: whether there is a sound stream.
        is_mono: whether that has one channel, as far as the file says.
        ended: whether the last `frames()` met the end of the file.
        reached: the latest end of any packet read, of sound too where only the whole file's duration is known.
        picture_bytes: of the pictures decoded so far, as the file has them.
    """

    def __init__(self, container: InputContainer) -> None:
        self._container = container
        self._stream = _moving_stream(container)
        codec = self._stream.codec_context
        self.coded_pixels = codec.width * codec.height
        if self.coded_pixels > MAX_FRAME_PIXELS:
            raise Rejected(Reason.TOO_MANY_PIXELS, f"frames of {codec.width} x {codec.height} pixels")
        self.fps = _sane_rate(self._stream.average_rate) or _sane_rate(self._stream.guessed_rate)
        self.codec = codec.codec.canonical_name
        self.mixes_frames = False
        self.has_audio = bool(container.streams.audio)
        self.is_mono = any(sound.channels == 1 for sound in container.streams.audio[:1])
        self.ended = False
        self.reached = 0.0
        self.picture_bytes = 0
        self._origin: float | None = None
        self._packets = self._damaged = 0
        self._ear: _Ear | None = None
        self._first_size: tuple[int, int] | None = None
        codec.thread_type = "AUTO"
        if self.coded_pixels * self.fps > _FAST_PIXELS_PER_SECOND:
            codec.skip_frame = "NONREF"

    @property
    def declared_s(self) -> float | None:
        """How long the file says it lasts; None where it does not (a recording that was never finished)."""
        if self._stream.duration and self._stream.time_base:
            return float(self._stream.duration * self._stream.time_base)
        if not self._container.duration:
            return None
        began = (self._container.start_time or 0) / av.time_base
        late = max(0.0, _seconds(self._stream, self._stream.start_time) - began)  # behind a sound that begins before it
        return self._container.duration / av.time_base - late

    @property
    def sounds_until(self) -> float:
        """When the sound ends: as it was heard; as the file says where that was not to the end; 0 where it does not."""
        origin = self._origin if self._origin is not None else _seconds(self._stream, self._stream.start_time)
        if self._ear and self.ended:
            return self._ear.until_s - origin
        return max((_declared_end(stream) - origin for stream in self._container.streams.audio[:1]), default=0.0)

    def frames(self) -> Iterator[Shown]:
        """The frames from the present position to the end.

        Raises:
            Rejected: when they are encrypted; at the end, when a tenth of them could not be decoded.
        """
        self.ended = False
        last: Shown | None = None
        for packet in self._container.demux(*self._watched()):
            if packet.stream is self._stream or not self._stream.duration:
                self._note(packet)
            for frame in self._decoded(packet):
                last = self._timed(frame, last)
                yield last
        self.ended = True
        if self._damaged > max(2, _MAX_DAMAGED_SHARE * self._packets):
            raise Rejected(Reason.BROKEN_VIDEO, f"{self._damaged} of {self._packets} packets are damaged")

    def seek(self, seconds: float) -> None:
        """Moves to the last key frame at or before a time."""
        ticks = (seconds + (self._origin or 0)) / (self._stream.time_base or 1)
        self._container.seek(math.floor(ticks), stream=self._stream)

    def index(self) -> list[Indexed]:
        """The frames that the file's index leads to, as far as it is known by now."""
        entries, base = list(self._stream.index_entries), self._stream.time_base or 1
        return [
            Indexed(
                each.timestamp,
                float((each.timestamp - entries[0].timestamp) * base),
                each.pos,
                each.size,
                each.is_keyframe,
            )
            for each in entries
        ]

    def key_frame(self, ticks: int) -> Shown | None:
        """The last key frame shown before a time, decoded alone, with no sound read; None where it is damaged.

        Raises:
            Rejected: when it is encrypted.
        """
        for stream in self._container.streams:
            stream.discard = Discard.default if stream is self._stream else Discard.all
        self._container.seek(ticks, stream=self._stream)
        packet = next(self._container.demux(self._stream))
        frames = [*self._decoded(packet), *self._stream.codec_context.decode(None)]
        return self._timed(frames[0], None) if frames else None

    def read_on(self, limit_s: float) -> float:
        """The end of the last packet, read without decoding, up to a limit."""
        for packet in self._container.demux(self._stream):
            self._note(packet)
            if self.reached > limit_s:
                break
        return self.reached

    def display_size(self, frame: VideoFrame) -> tuple[int, int]:
        """Width and height in pixels as shown, with pixel aspect and rotation applied."""
        aspect = self._stream.sample_aspect_ratio or 1
        width, height = max(1, round(frame.width * aspect)), frame.height
        return (height, width) if _quarter_turns(frame) % 2 else (width, height)

    def grey(self, frame: VideoFrame, max_pixels: int) -> Grey:
        """The frame as shown, in grey, with no more than `max_pixels`, in the proportions of the first one."""
        return self._reduced(frame, max_pixels, "gray")

    def colour(self, frame: VideoFrame, max_pixels: int) -> Grey:
        """The same in RGB (height x width x 3)."""
        return self._reduced(frame, max_pixels, "rgb24")

    def planes(self, frame: VideoFrame, size: tuple[int, int]) -> Planes:
        """The frame as shown, in `size` (width, height), both even."""
        turns = _quarter_turns(frame)
        width, height = size[::-1] if turns % 2 else size
        small = frame.reformat(
            width, height, "yuv420p", interpolation=Interpolation.BICUBIC, dst_color_range=ColorRange.JPEG
        )
        planes = films.planes_of(small.to_ndarray().astype(np.uint8, copy=False), width, height)
        if not turns:
            return planes
        return Planes(np.rot90(planes.luma, turns), np.rot90(planes.chroma, turns, axes=(1, 2)))

    def listen(self) -> None:
        """From now on `frames()` hears the sound that lies between the pictures, too."""
        if self.has_audio:
            self._ear = _Ear()

    def heard(self) -> SoundPrint | None:
        """What was heard; None where there is no sound track, or none that can be decoded."""
        return self._ear.heard(self._origin or 0.0) if self._ear else None

    def _reduced(self, frame: VideoFrame, max_pixels: int, pixel_format: str) -> Grey:
        width, height = self._first_size = self._first_size or self.display_size(frame)
        scale = min(1.0, math.sqrt(max_pixels / (width * height)))
        width, height = max(1, math.floor(width * scale)), max(1, math.floor(height * scale))
        turns = _quarter_turns(frame)
        coded_width, coded_height = (height, width) if turns % 2 else (width, height)
        small = frame.reformat(coded_width, coded_height, pixel_format, interpolation=Interpolation.AREA).to_ndarray()
        return np.ascontiguousarray(np.rot90(small, turns))

    def _watched(self) -> list[Stream]:
        """With sound where it is listened to, or only it can tell whether a file that states one duration is whole."""
        silent = self._stream.duration and not self._ear
        return [self._stream] if silent else [self._stream, *self._container.streams.audio[:1]]

    def _note(self, packet: "Packet[Any]") -> None:
        if packet.pts is not None and packet.time_base:
            end = float((packet.pts + (packet.duration or 0)) * packet.time_base) - (self._origin or 0)
            self.reached = max(self.reached, end)

    def _decoded(self, packet: "Packet[Any]") -> list[VideoFrame]:
        if packet.stream is not self._stream:
            if self._ear:
                self._ear.hear(packet)
            return []
        if packet.has_sidedata("encryption_info"):
            raise Rejected(Reason.UNSUPPORTED_VARIANT, "a protected video, which only its player can decrypt")
        if not self._packets:
            self.mixes_frames = self.codec == "av1" and av1.mixes_frames(bytes(packet))
        self._packets += 1
        self.picture_bytes += packet.size
        try:
            frames: list[VideoFrame] = self._stream.decode(packet)
        except av.error.InvalidDataError:
            self._damaged += 1  # counted, see `frames`: players too show a video without its damaged parts
            return []
        return frames

    def _timed(self, frame: VideoFrame, last: Shown | None) -> Shown:
        expected = last.end if last else 0.0
        time = frame.time
        if self._origin is None:
            self._origin = time or 0.0
        start = expected if time is None else max(time - self._origin, last.start if last else -math.inf)
        length = float((frame.duration or 0) * (frame.time_base or 0)) or (1 / self.fps if self.fps else 0.0)
        return Shown(start, start + length, fields.unwoven(frame))


class _Ear:
    """Decodes the packets of one sound stream to mono."""

    def __init__(self) -> None:
        self._resampler = AudioResampler("flt", "mono", sounds.RATE)
        self._began_s: float | None = None
        self._parts: list[sounds.Samples] = []

    def hear(self, packet: "Packet[Any]") -> None:
        """Takes the next packet; what of it is damaged is not heard, by nobody."""
        try:
            for frame in packet.decode():
                if isinstance(frame, AudioFrame):
                    self._began_s = (frame.time or 0.0) if self._began_s is None else self._began_s
                    self._add(frame)
        except av.error.MemoryError:
            raise
        except av.error.FFmpegError:
            return

    @property
    def until_s(self) -> float:
        """When what was heard ends, in the file's own time."""
        return (self._began_s or 0.0) + sum(part.size for part in self._parts) / sounds.RATE

    def heard(self, origin_s: float) -> SoundPrint | None:
        """What was heard since second `origin_s` of the file."""
        if self._began_s is None:
            return None
        samples = np.concatenate(self._parts)
        late = round((self._began_s - origin_s) * sounds.RATE)
        placed = np.concatenate([np.zeros(late, np.float32), samples]) if late > 0 else samples[-late:]
        return SoundPrint.of(placed)

    def _add(self, frame: AudioFrame) -> None:
        self._parts += [part.to_ndarray().reshape(-1).astype(np.float32) for part in self._resampler.resample(frame)]


@contextmanager
def opened(file: RangedFile, demuxer: str) -> Iterator[PictureStream]:
    """The picture stream of a file that is read as what it was sniffed to be, and as nothing else."""
    with av.open(file, "r", format=demuxer, io_open=_refuse_other_files) as container:
        yield PictureStream(container)


def _refuse_other_files(url: str, flags: int, options: dict[str, str]) -> object:  # noqa: ARG001 - PyAV calls it so
    """Some containers name other files to be read: an open door to this machine's files and network."""
    raise Rejected(Reason.BROKEN_VIDEO, "it refers to another file, which is never opened")


def _moving_stream(container: InputContainer) -> VideoStream:
    """The first picture stream that is not the cover of a song."""
    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:
            return stream
    if container.streams.audio:
        raise Rejected(Reason.NO_VIDEO_STREAM, "there is sound in it, but no picture")
    raise Rejected(Reason.BROKEN_VIDEO, "neither picture nor sound is found in it")


def _declared_end(stream: Stream) -> float:
    """When a stream ends, as the file says; 0 where it does not."""
    return _seconds(stream, (stream.start_time or 0) + stream.duration) if stream.duration else 0.0


def _seconds(stream: Stream, ticks: int | None) -> float:
    return float((ticks or 0) * (stream.time_base or 0))


def _sane_rate(rate: object) -> float:
    value = float(rate) if rate else 0.0  # type: ignore[arg-type]
    return value if 0 < value <= 1000 else 0.0


def _quarter_turns(frame: VideoFrame) -> int:
    """Turns to the left that show the frame upright."""
    return round(frame.rotation / 90) % 4
