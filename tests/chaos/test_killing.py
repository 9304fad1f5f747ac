"""The command killed at moments drawn from a seed, by a signal that it hears and by the one that nobody hears.

`make test-long` sends each of five signals, `python -m tests.chaos.killing` as many as it is told to.
"""

import signal
import sys
from pathlib import Path

import pytest

from tests.chaos import killing


@pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "signals", [(signal.SIGTERM, signal.SIGKILL), pytest.param(killing.SIGNALS * 2, marks=pytest.mark.long)], ids=len
)
def test_kills_leave_no_process_and_lose_no_ad(tmp_path: Path, signals: tuple[signal.Signals, ...]) -> None:
    outcome = killing.kill(tmp_path, signals, seed=1)

    assert outcome.faults == []
    assert outcome.kills.total() == len(signals)
    assert set(outcome.statuses) <= {"analysed", "duplicate", "failed"}
    assert outcome.statuses.total() == outcome.ads
