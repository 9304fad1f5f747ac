"""How much Python has allocated at most, within a block."""

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def memory() -> Iterator[list[int]]:
    """A list that holds, after the block, its peak in bytes; nothing is traced after it, however it ends."""
    peak: list[int] = []
    tracemalloc.start()
    try:
        yield peak
        peak.append(tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()
