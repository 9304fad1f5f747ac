"""A remote file as a seekable one, read in few and ever larger ranges: what demuxers want."""

import io

from shared.media.sandbox import Source
from shared.reasons import Reason, Rejected

FIRST_BLOCK_BYTES = 256 * 2**10
"""Holds the index of most videos: measured, 3 requests and 0.8 MB tell all about an MP4 of 388 MB."""

LARGEST_BLOCK_BYTES = 4 * 2**20
_KEPT_BLOCKS = 4  # sound and picture may lie apart, and the index elsewhere


class RangedFile:
    """A file object over a source. A block that continues another is twice as large; one after a jump starts small.

    Attributes:
        fetched_bytes: what was read of the source so far.
    """

    def __init__(self, source: Source, *, max_read_bytes: int) -> None:
        """`max_read_bytes` bounds what is fetched in all, however often the reader jumps back and forth."""
        self.fetched_bytes = 0
        self._source = source
        self._max_read_bytes = max_read_bytes
        self._blocks: list[tuple[int, bytes]] = []
        self._position = 0

    def read(self, size: int) -> bytes:
        """Up to `size` bytes from the present position; none at the end.

        Raises:
            Rejected: when more has been fetched than the bound allows.
        """
        if self._position >= self._source.size:
            return b""
        start, block = self._block_at(self._position, size)
        at = self._position - start
        part = block[at : at + size]
        self._position += len(part)
        return part

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Moves the position and says where it is; reading past the end finds nothing."""
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._source.size}[whence]
        self._position = max(0, origin + offset)
        return self._position

    def tell(self) -> int:
        """The present position."""
        return self._position

    def expect(self, position: int, size: int) -> None:
        """Fetches a range of a known length that is read next, in one request and no more than it has."""
        if not any(start <= position and position + size <= start + len(block) for start, block in self._blocks):
            self._fetch(position, size)

    def _block_at(self, position: int, size: int) -> tuple[int, bytes]:
        for start, block in self._blocks:
            if start <= position < start + len(block):
                return start, block
        continued = [len(block) for start, block in self._blocks if start + len(block) == position]
        planned = min(2 * continued[0], LARGEST_BLOCK_BYTES) if continued else FIRST_BLOCK_BYTES
        return self._fetch(position, max(planned, size))

    def _fetch(self, position: int, size: int) -> tuple[int, bytes]:
        wanted = min(size, self._source.size - position)
        if self.fetched_bytes + wanted > self._max_read_bytes:
            raise Rejected(Reason.TOO_COMPLEX, "reading it takes more of the file than the limit")
        self.fetched_bytes += wanted
        self._blocks = [*self._blocks[1 - _KEPT_BLOCKS :], (position, self._source.read_range(position, wanted))]
        return self._blocks[-1]
