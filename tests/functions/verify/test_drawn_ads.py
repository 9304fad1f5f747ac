"""On ads drawn by another hand, right quotations hold and planted wrong ones do not (benchmarks/evidence: more)."""

import pytest

from benchmarks.evidence import __main__ as benchmark

pytestmark = pytest.mark.slow


@pytest.mark.long
def test_wrong_quotations_are_flagged_and_right_ones_are_not() -> None:
    told = [benchmark.judged(case) for case in benchmark.cases("drawn", "kept", 6)]

    found = benchmark.score(told)

    assert found.wrong >= 2
    assert found.flagged == 1
    assert found.accused == 0
