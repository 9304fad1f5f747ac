"""Whether what a process has freed stays its own: it does in one that soon wants as much again.

By default glibc gives the end of its memory back as soon as some megabytes of it are free. A picture that is read takes
and frees more than that again and again, and of each page that comes back the kernel clears every byte: of 397 ms of
processor time that reading words and faces takes of an ad on a busy machine, 20 to 25 (November 2026).
"""

import ctypes
import sys

KEPT_BYTES = 256 << 20
"""At most, at the end of each of glibc's arenas; where two pictures are read at a time it is some 35 MiB in all."""

_MAPPED_FROM_BYTES = 32 << 20  # the most that glibc takes: what is larger is mapped, and given back, by itself
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # of mallopt(3)


def keep_freed() -> None:
    """Has this process keep what it frees, and those that it forks; not those that it starts. Elsewhere than in Linux
    nothing changes.
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.mallopt(_TRIM_THRESHOLD, KEPT_BYTES)
        libc.mallopt(_MMAP_THRESHOLD, _MAPPED_FROM_BYTES)
