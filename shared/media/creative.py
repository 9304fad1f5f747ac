"""The creatives themselves, as stages look at them: whole, as a stream, or as the picture that a model is shown."""

import io
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from shared import objects
from shared.events import Extraction
from shared.media.sandbox import InMemory, Limits, Sandbox
from shared.media.showing import Resolution
from shared.objects import OpenObject
from shared.reasons import Reason
from shared.singleton import Singleton

if TYPE_CHECKING:
    from google.cloud import storage

    from shared.media.frames import Film
    from shared.media.storyboards import Scene

_MOST_BYTES = 200_000_000

LIMITS = Limits(memory_mib=704, cpu_s=30, clock_s=120)
"""Of one picture or video: what `hash` and `probe` let pass fits in. One of both at a time, whatever the concurrency,
so that with this process and the requests under way it stays under the memory of infra/pipeline.yaml, which
benchmarks/extract_memory.py measures."""


class Creatives:
    """Reads creatives from Cloud Storage; each method raises `Rejected` when what it shall read is gone."""

    def __init__(self, client: "storage.Client") -> None:
        self._client = client

    def stored_uri(self, request: Extraction) -> str:
        """The creative's gs:// URI, after a look that it still holds the creative."""
        return self._opened(request).uri

    def content(self, request: Extraction) -> bytes:
        """The creative's bytes."""
        return objects.content_of(self._client, request.uri, request.creative_id, max_bytes=_MOST_BYTES)

    def stream(self, request: Extraction) -> io.BufferedReader:
        """The creative's bytes as a file that is read in ranges, so that no more than one of them is in memory."""
        return io.BufferedReader(_Ranges(self._opened(request)), buffer_size=8 * 2**20)

    def shown_image(self, request: Extraction, resolution: Resolution) -> bytes:
        """The JPEG of an image creative that a model is shown."""
        options = {"content_type": request.content_type, "resolution": resolution}
        return _sandbox().run("shared.media.showing:shown", self._picture(request), options)

    def read_image(self, request: Extraction, resolution: Resolution) -> bytes:
        """The PPM of the same pixels, for who reads them here: what JPEG does to them costs letters."""
        options = {"content_type": request.content_type, "resolution": resolution, "lossless": True}
        return _sandbox().run("shared.media.showing:shown", self._picture(request), options)

    def shown_scenes(self, request: Extraction) -> "list[Scene]":
        """The distinct scenes of an animated picture, each with its second."""
        from shared.media import storyboards

        options = {"content_type": request.content_type}
        shown = _sandbox().run("shared.media.showing:shown_scenes", self._picture(request), options)
        return storyboards.decode(shown)

    def shown_frames(
        self, request: Extraction, resolution: Resolution, seconds: Sequence[float] | None = None
    ) -> "Film":
        """The frames of a video creative that a model is shown which takes pictures only, or those at some seconds."""
        from shared.media.frames import Film

        options = {
            "content_type": request.content_type,
            "resolution": resolution,
            "duration_s": request.duration_s,
            "seconds": seconds,
        }
        opened, broken = self._opened(request), Reason.BROKEN_VIDEO
        shown = _sandbox().run("shared.media.frames:shown", opened, options, broken=broken)
        return Film.model_validate_json(shown)

    def _picture(self, request: Extraction) -> InMemory:
        return InMemory(self.content(request))

    def _opened(self, request: Extraction) -> OpenObject:
        return objects.find_content(self._client, request.uri, request.creative_id)


@Singleton
def _sandbox() -> Sandbox:
    return Sandbox(LIMITS, broken=Reason.BROKEN_IMAGE, most=1)


class _Ranges(io.RawIOBase):
    """A stored object as a raw file."""

    def __init__(self, opened: OpenObject) -> None:
        self._opened = opened
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._opened.size}[whence]
        self._position = start + offset
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        read = self._opened.read_range(self._position, len(buffer))
        buffer[: len(read)] = read
        self._position += len(read)
        return len(read)
