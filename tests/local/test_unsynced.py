"""Waiting for the disk is left out, and nothing else."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from shared.wiring import ROOT

TRIED = """
import os, sys
from local import unsynced

def said(call, *arguments):
    try:
        return call(*arguments)
    except OSError as error:
        return error.strerror

CLOSED = 99
assert unsynced.leave_to_system()
written = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
os.write(written, b"whole")
print(os.fsync(CLOSED), os.fdatasync(CLOSED), os.fsync(written), said(os.fstat, CLOSED), said(os.ftruncate, CLOSED, 1))
"""


@pytest.mark.skipif(sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"), reason="of Linux")
def test_a_file_is_written_and_not_waited_for_and_every_other_call_is_as_it_was(tmp_path: Path) -> None:
    """Of a file that is not open the kernel says so, if it is asked."""
    file = tmp_path / "file"

    tried = subprocess.run([sys.executable, "-c", TRIED, file], cwd=ROOT, capture_output=True, text=True, check=True)

    assert tried.stdout.split(maxsplit=3) == ["None", "None", "None", "Bad file descriptor Bad file descriptor\n"]
    assert file.read_bytes() == b"whole"
