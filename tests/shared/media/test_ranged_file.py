"""A remote file read in few ranges, against a file in memory."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.media.ranged_file import FIRST_BLOCK_BYTES, LARGEST_BLOCK_BYTES, RangedFile
from shared.reasons import Reason, Rejected


class Recorded:
    """A file that remembers which ranges were asked for."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.ranges: list[tuple[int, int]] = []

    @property
    def size(self) -> int:
        return len(self.content)

    def read_range(self, offset: int, size: int, /) -> bytes:
        self.ranges.append((offset, size))
        return self.content[offset : offset + size]


def read_fully(file: RangedFile, size: int) -> bytes:
    """A read may end at a block's end; demuxers ask again."""
    parts = []
    while size and (part := file.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


moves = st.tuples(st.sampled_from([io.SEEK_SET, io.SEEK_CUR, io.SEEK_END]), st.integers(-3_000_000, 3_000_000))


@given(st.lists(st.one_of(st.integers(0, 700_000), moves), max_size=12), st.integers(0, 2_000_000))
def test_it_reads_what_a_local_file_reads(steps: list[int | tuple[int, int]], size: int) -> None:
    content = bytes(range(251)) * (size // 251 + 1)
    remote, local = RangedFile(Recorded(content), max_read_bytes=2**40), io.BytesIO(content)

    for step in steps:
        if isinstance(step, int):
            assert read_fully(remote, step) == local.read(step)
        else:
            whence, offset = step
            target = max(0, {0: 0, 1: local.tell(), 2: len(content)}[whence] + offset)
            assert remote.seek(offset, whence) == local.seek(target)
        assert remote.tell() == local.tell()


def test_reading_on_asks_for_ever_larger_ranges() -> None:
    source = Recorded(bytes(20 * 2**20))
    file = RangedFile(source, max_read_bytes=2**40)

    while file.read(32 * 2**10):
        pass

    sizes = [size for _, size in source.ranges]
    assert sizes[:5] == [FIRST_BLOCK_BYTES * 2**n for n in range(5)]
    assert max(sizes) == LARGEST_BLOCK_BYTES
    assert sum(sizes) == source.size


def test_a_jump_starts_small_and_what_was_read_is_kept() -> None:
    source = Recorded(bytes(20 * 2**20))
    file = RangedFile(source, max_read_bytes=2**40)

    for offset in (0, 15 * 2**20, 100, 15 * 2**20 + 100):
        file.seek(offset)
        file.read(1000)

    assert source.ranges == [(0, FIRST_BLOCK_BYTES), (15 * 2**20, FIRST_BLOCK_BYTES)]


def test_what_is_read_in_all_is_bounded() -> None:
    file = RangedFile(Recorded(bytes(20 * 2**20)), max_read_bytes=2**20)

    with pytest.raises(Rejected) as rejection:
        read_fully(file, 20 * 2**20)

    assert rejection.value.reason is Reason.TOO_COMPLEX
