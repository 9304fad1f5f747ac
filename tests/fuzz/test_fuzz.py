"""A short search for files that break the intake of images and videos; `media.py` tells of longer ones."""

import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest

from shared.wiring import ROOT

MEMORY_MIB = 1024

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        (sys.platform, platform.machine()) != ("linux", "x86_64"), reason="atheris has no wheel for this machine"
    ),
]


@pytest.mark.parametrize("seconds", [1, pytest.param(60, marks=pytest.mark.long)])
@pytest.mark.parametrize("kind", ["image", "video"])
def test_every_file_ends_in_a_measure_or_a_reason(kind: str, seconds: int, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.fuzz.media", kind, "--seconds", str(seconds), "--corpus", str(tmp_path)]
    log = tmp_path.with_suffix(".log")

    with log.open("wb") as output:
        # By a shell: a process's highest memory counts that of the one that started it, and ours may be high.
        started = ["sh", "-c", '"$@"; exit $?', "sh", *command]
        done = subprocess.run(started, cwd=ROOT, stdout=output, stderr=output, check=False)

    said = log.read_text(errors="replace")
    assert done.returncode == 0, said[-4000:]
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(("crash", "timeout", "oom"))] == []
    assert int(re.findall(r"Done (\d+) runs", said)[0]) > 0
    assert 0 < max(int(mib) for mib in re.findall(r"\brss: (\d+)Mb", said)) < MEMORY_MIB
