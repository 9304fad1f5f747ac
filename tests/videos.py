"""Videos for tests, made by real encoders: any container, codec, timing, rotation and pixel aspect."""

import hashlib
import io
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import count
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import av
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray
from PIL import Image

from shared.media import animations, films
from shared.media.sounds import SoundPrint
from tests import kept

_PRIMING_S = Fraction(1, 20)  # before its first second a sound has a packet more

_QUICKLY = {"libvpx-vp9": {"cpu-used": "5"}}
"""A slow encoder's own way to take a part of the time."""

_MOST_KEPT = 1000

Frame = NDArray[np.uint8]
"""Red, green, blue: height x width x 3."""


def encode(frames: Iterable[Frame], **how: Any) -> bytes:
    """A video of `frames`, as `_encoded` makes it of them and `how`: made once by the same code and encoders, and kept.

    An encoder takes a fifth of what tests of films do.
    """
    listed = [*frames]
    digest = hashlib.sha256(f"{av.__version__} {av.library_versions} {how}".encode())
    digest.update(Path(__file__).read_bytes())
    for each in listed:
        digest.update(f"{each.shape} {each.dtype}".encode())
        digest.update(np.ascontiguousarray(each))
    return kept.remembered("film", digest.hexdigest(), lambda: _encoded(listed, **how), most=_MOST_KEPT)


def _encoded(
    frames: Sequence[Frame],
    *,
    muxer: str = "mp4",
    codec: str = "libx264",
    fps: int = 25,
    times_ms: Sequence[int] | None = None,
    rotation: int = 0,
    pixel_aspect: Fraction = Fraction(1),
    sound: bool = False,
    sound_s: float | None = None,
    layout: str = "mono",
    quality: int = 23,
    keyframe_every: int = 50,
    index_first: bool = False,
    key: str | None = None,
) -> bytes:
    """A video of `frames`, at a constant rate or, given `times_ms`, each at its own millisecond.

    Its sound, of one channel or a `layout`, lasts as long as its frames do at the constant rate, or `sound_s`.
    """
    first, *rest = frames
    options = {"movflags": "+faststart"} if index_first else {}
    if key:
        options |= {"encryption_scheme": "cenc-aes-ctr", "encryption_key": key, "encryption_kid": key}
    with NamedTemporaryFile() as file, av.open(file.name, "w", format=muxer, options=options) as container:
        asked = {"crf": str(quality), "g": str(keyframe_every)} | _QUICKLY.get(codec, {})
        stream = container.add_stream(codec, rate=fps, options=asked)
        assert isinstance(stream, VideoStream)
        stream.height, stream.width, stream.pix_fmt = *first.shape[:2], "yuv420p"
        stream.codec_context.thread_count = 1  # several take a processor to wait for each other: most of VP8's time
        stream.codec_context.sample_aspect_ratio = pixel_aspect
        if rotation:
            stream.set_display_rotation(rotation)
        if times_ms:
            stream.codec_context.time_base = Fraction(1, 1000)
        sound_stream = container.add_stream("aac", rate=44100, layout=layout) if sound else None
        for pixels, pts in zip([first, *rest], times_ms or count(), strict=False):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = pts, Fraction(1, 1000) if times_ms else Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if sound_stream:
            _add_silence(container, sound_stream, seconds=sound_s or (1 + len(rest)) / fps)
        container.close()
        return Path(file.name).read_bytes()


def slides(frames: Sequence[Frame], times_ms: Sequence[int], *, lasts_ms: int) -> bytes:
    """A WebM of `frames`, each at its own millisecond and said to last `lasts_ms`, however long it stands."""
    height, width = frames[0].shape[:2]
    file = io.BytesIO()
    with av.open(file, "w", format="webm") as container:
        stream = container.add_stream("libvpx-vp9", rate=25, options={"crf": "30", "b": "0", "lag-in-frames": "0"})
        assert isinstance(stream, VideoStream)
        stream.height, stream.width, stream.pix_fmt = height, width, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for pixels, pts in zip(frames, times_ms, strict=True):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base, frame.duration = pts, Fraction(1, 1000), lasts_ms
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def repeated(content: bytes, times: int, *, muxer: str = "mp4", index_first: bool = False) -> bytes:
    """A long file of which nothing is encoded: the packets of a short one (sound and all), one after the other."""
    options = {"movflags": "+faststart"} if index_first else {}
    with (
        NamedTemporaryFile() as file,
        av.open(io.BytesIO(content), "r") as short,
        av.open(file.name, "w", format=muxer, options=options) as container,
    ):
        streams = {stream.index: container.add_stream_from_template(stream) for stream in short.streams}
        lasts = Fraction(short.duration or 0, av.time_base) + _PRIMING_S
        for number in range(times):
            short.seek(0)
            for packet in short.demux():
                if packet.dts is None or packet.pts is None:
                    continue
                later = round(number * lasts / packet.time_base)
                packet.pts, packet.dts = packet.pts + later, packet.dts + later
                packet.stream = streams[packet.stream.index]
                container.mux(packet)
        container.close()
        return Path(file.name).read_bytes()


def film(
    shown: Iterable[tuple[float, Image.Image]], duration_s: float, *, sound: SoundPrint | None = None
) -> films.Film:
    """A film of pictures, each from its second on, as it comes back from the bucket."""
    return films.Film.decoded(film_file(shown, duration_s, sound=sound))


def film_file(
    shown: Iterable[tuple[float, Image.Image]], duration_s: float, *, sound: SoundPrint | None = None
) -> bytes:
    """The same as it is stored."""
    recorder: films.Recorder | None = None
    for seconds, picture in shown:
        size = films.size(*picture.size)
        recorder = recorder or films.Recorder(*size)
        recorder.add(seconds, animations.planes(picture, size))
    assert recorder
    return recorder.finish(duration_s=duration_s, until_s=duration_s, sound=sound)


def sound_only(seconds: float = 2) -> bytes:
    """An MP4 file with an audio stream and nothing else."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        _add_silence(container, container.add_stream("aac", rate=44100, layout="mono"), seconds=seconds)
    return file.getvalue()


def moving_square(
    seconds: float = 3, *, fps: int = 25, width: int = 320, height: int = 180, seed: int = 0
) -> list[Frame]:
    """A textured picture over which a light square travels from left to right, once."""
    noise = np.random.default_rng(seed).integers(0, 160, (9, 16, 3), dtype=np.uint8)
    backdrop = np.kron(noise, np.ones((-(-height // 9), -(-width // 16), 1), np.uint8))[:height, :width]
    side, total = height // 3, round(seconds * fps)
    frames = [backdrop.copy() for _ in range(total)]
    for number, frame in enumerate(frames):
        left = round((width - side) * number / max(1, total - 1))
        frame[side : 2 * side, left : left + side] = 250
    return frames


def _add_silence(container: "av.container.OutputContainer", stream: object, *, seconds: float) -> None:
    assert isinstance(stream, av.audio.stream.AudioStream)
    for start in range(0, round(seconds * 44100), 1024):
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate, frame.pts = 44100, start
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))
