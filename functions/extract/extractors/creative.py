"""The creatives themselves, as extractors read them: whole, as a stream, or as the picture that a model is shown."""

import io
import os
from typing import TYPE_CHECKING

from functions.extract.extractors import media
from functions.extract.extractors.media import Resolution
from shared import objects
from shared.events import Extraction
from shared.media import images
from shared.objects import OpenObject
from shared.reasons import Reason, Rejected

if TYPE_CHECKING:
    from google.cloud import storage

_MOST_BYTES = 200_000_000
_MOST_PIXELS = 200_000_000  # `hash` let only pictures pass that are smaller than its own limit


class Creatives:
    """Reads creatives from Cloud Storage; each method raises `Rejected` when what it shall read is gone."""

    def __init__(self, client: "storage.Client") -> None:
        self._client = client

    def stored_uri(self, request: Extraction) -> str:
        """The creative's gs:// URI, after a look that it still holds the creative."""
        return self._opened(request).uri

    def content(self, request: Extraction) -> bytes:
        """The creative's bytes."""
        return self._opened(request).read(max_bytes=_MOST_BYTES)

    def stream(self, request: Extraction) -> io.BufferedReader:
        """The creative's bytes as a file that is read in ranges, so that no more than one of them is in memory."""
        return io.BufferedReader(_Ranges(self._opened(request)), buffer_size=8 * 2**20)

    def shown_image(self, request: Extraction, resolution: Resolution) -> bytes:
        """The JPEG of an image creative that a model is shown."""
        with images.open_image(self.content(request), request.content_type, max_pixels=_MOST_PIXELS) as image:
            try:
                return media.shown_image(image, resolution)
            except (OSError, SyntaxError, ValueError) as error:
                raise Rejected(Reason.BROKEN_IMAGE, f"not a readable {request.content_type}: {error}") from error

    def _opened(self, request: Extraction) -> OpenObject:
        return objects.find_content(self._client, request.uri, request.creative_id)


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
