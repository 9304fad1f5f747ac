"""Memory that a process has freed: it stays the process's own, and is not taken from the system again."""

import subprocess
import sys

import pytest

_TWICE = """
import resource
from local import memory
{first}
def fill():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    some = [b"x" * (4 << 20) for _ in range(16)]
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
fill()
print(fill())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's")
def test_what_was_freed_is_not_taken_from_the_system_again() -> None:
    by_default, kept = (_pages_taken_again(first) for first in ("", "memory.keep_freed()"))

    assert kept < by_default / 4


def _pages_taken_again(first: str) -> int:
    """Pages that a process which fills, frees and fills 64 MiB takes the second time."""
    program = [sys.executable, "-c", _TWICE.format(first=first)]
    return int(subprocess.run(program, capture_output=True, check=True, text=True).stdout)
