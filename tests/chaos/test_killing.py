"""The command killed by each of five signals, at moments drawn from a seed: see `python -m tests.chaos.killing`."""

import sys
from pathlib import Path

import pytest

from tests.chaos import killing


@pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")
@pytest.mark.timeout(900)
def test_kills_leave_no_process_and_lose_no_ad(tmp_path: Path) -> None:
    outcome = killing.kill(tmp_path, len(killing.SIGNALS), seed=1)

    assert outcome.faults == []
    assert outcome.kills.total() == len(killing.SIGNALS)
    assert set(outcome.statuses) <= {"analysed", "duplicate", "failed"}
    assert outcome.statuses.total() == outcome.ads
