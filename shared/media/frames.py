"""A video as the frames that are shown to a model that takes pictures only; runs in a child process: `creative.py`."""

import math
from collections.abc import Iterator, Sequence

from PIL import Image
from pydantic import BaseModel, ConfigDict

from shared.media import showing
from shared.media.picture_stream import PictureStream, opened
from shared.media.ranged_file import RangedFile
from shared.media.sandbox import Source
from shared.media.showing import Resolution
from shared.media.videos import DEMUXERS
from shared.reasons import Reason, Rejected

_MOST_READ_BYTES = 10**9
_NEAR_S = 1.0


class Frame(BaseModel):
    """What is seen at one second of a video, as a JPEG."""

    model_config = ConfigDict(frozen=True, ser_json_bytes="base64", val_json_bytes="base64")

    second: float
    jpeg: bytes


class Film(BaseModel):
    """What is seen of a video, and whether it has a sound track."""

    model_config = ConfigDict(frozen=True)

    has_sound: bool
    frames: list[Frame]


def shown(
    source: Source,
    content_type: str,
    resolution: Resolution,
    duration_s: float | None,
    seconds: Sequence[float] | None = None,
) -> bytes:
    """The frames of a video file at some seconds, evenly spread where none are named, as a `Film` in JSON.

    Raises:
        Rejected: when the file is damaged, or of a type that is not read.
    """
    demuxer = DEMUXERS.get(content_type)
    if demuxer is None:
        raise Rejected(Reason.UNSUPPORTED_TYPE, f"{content_type} is not among the video types we read")
    import av

    try:
        with opened(RangedFile(source, max_read_bytes=_MOST_READ_BYTES), demuxer) as stream:
            looks = seconds or showing.looks(duration_s or stream.declared_s or 0.0)
            frames = list(_frames(stream, looks, showing.FRAME_PIXELS[resolution]))
            return Film(has_sound=stream.has_audio, frames=frames).model_dump_json().encode()
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise Rejected(Reason.BROKEN_VIDEO, f"not a readable {content_type}: {error}") from error


def _frames(stream: PictureStream, seconds: Sequence[float], pixels: int) -> Iterator[Frame]:
    """What is near it is decoded on the way: to seek is to decode again from a key frame, which may be far."""
    decoded, found, at = stream.frames(), None, math.inf
    for second in seconds:
        if not at <= second < at + _NEAR_S:
            stream.seek(second)
            decoded, found = stream.frames(), None
        at = second
        if found is None or found.end <= second:
            found = next((each for each in decoded if each.end > second), None)
        if found:
            picture = Image.fromarray(stream.colour(found.frame, pixels))
            yield Frame(second=second, jpeg=showing.as_jpeg(picture))
