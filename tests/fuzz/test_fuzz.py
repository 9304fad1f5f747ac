"""A short search for files that break the intake of images and videos; `media.py` tells of longer ones."""

import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest

from local.pipeline import ROOT

MEMORY_BYTES = 2**30
SECONDS = 10

pytestmark = pytest.mark.skipif(
    (sys.platform, platform.machine()) != ("linux", "x86_64"), reason="atheris has no wheel for this machine"
)


@pytest.mark.parametrize("kind", ["image", "video"])
def test_every_file_ends_in_a_measure_or_a_reason(kind: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.fuzz.media", kind, "--seconds", str(SECONDS), "--corpus", str(tmp_path)]
    log = tmp_path.with_suffix(".log")

    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)

    said = log.read_text(errors="replace")[-4000:]
    assert process.returncode == 0, said
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(("crash", "timeout", "oom"))] == []
    assert int(re.findall(r"Done (\d+) runs", said)[0]) > 0
    assert usage.ru_maxrss * 1024 < MEMORY_BYTES
