"""The disk runs full in the middle of a run: a sentence, nothing left behind, and with room the next run goes on."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import folder, processes
from shared import wiring
from tests import pictures
from tests.e2e import pipelines

SIZE_MIB = 192
ADS = 5


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MIB}m", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small file system, and only on Linux")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(place: Path) -> Path:
    """Leaves half of the room that a run has to have to go on."""
    filler = place / "filler"
    keep = folder.ROOM_TO_GO_ON_MIB * 2**20 // 2
    with filler.open("wb", buffering=0) as file:
        while (left := shutil.disk_usage(place).free - keep) > 0:
            file.write(b"\0" * min(left, 2**20))
    return filler


@pytest.mark.long
def test_a_disk_that_runs_full_is_said_and_nothing_is_lost(small_disk: Path, tmp_path: Path) -> None:
    data, ads = small_disk / "data", tmp_path / "ads"
    ads.mkdir()
    for number in range(ADS):
        (ads / f"{number}.png").write_bytes(pictures.encode(pictures.draw(600, 400, seed=number), "PNG"))
    command = [str(pipelines.CREATIVES), "analyze", str(ads), "--data", str(data)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, cwd=wiring.ROOT, env=pipelines.environment(), **pipes) as run:  # type: ignore[call-overload]
        pipelines.wait_for(lambda: folder.is_ready(data))
        filler = fill(small_disk)
        said, _ = run.communicate(timeout=pipelines.HANGS_S)

    assert run.returncode == 2, said
    assert "is full" in said
    assert "Traceback" not in said
    assert processes.end_left_behind(data / "logs") == []
    refused = pipelines.run("analyze", ads, data=data, expect=2)
    assert "is full" in refused.stderr

    filler.unlink()
    results = pipelines.analyze(ads, data=data)

    assert len(results) == ADS
    assert {result["status"] for result in results} <= {"analysed", "duplicate"}
