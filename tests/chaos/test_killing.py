"""The command killed at a moment drawn from a seed, by each of five signals, those that it hears among them.

`python -m tests.chaos.killing` sends as many as it is told to.
"""

import signal
import sys
from pathlib import Path

import pytest

from tests.chaos import killing


@pytest.mark.long
@pytest.mark.server
@pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")
@pytest.mark.timeout(900)
@pytest.mark.parametrize("signals", [(signal.SIGKILL,), killing.SIGNALS * 2], ids=len)
def test_kills_leave_no_process_and_lose_no_ad(tmp_path: Path, signals: tuple[signal.Signals, ...]) -> None:
    outcome = killing.kill(tmp_path, signals, seed=1)

    assert outcome.faults == []
    assert outcome.kills.total() == len(signals)
    assert set(outcome.statuses) <= {"analysed", "duplicate", "failed"}
    assert outcome.statuses.total() == outcome.ads
