"""What a storm is, how it is accounted for, and one of `make test-long`; see docs/reliability.md for larger ones."""

import random
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.chaos import accounting, plan, storm
from tests.chaos.storm import Outcome

pytestmark = pytest.mark.slow

ADS, STORM_S = 60, 25.0


@pytest.mark.long
@pytest.mark.server
@pytest.mark.timeout(900)
def test_a_storm_loses_nothing_and_pays_for_nothing_twice(tmp_path: Path) -> None:
    drawn = plan.draw(1, ADS, STORM_S)

    account = accounting.account(drawn, storm.run(drawn, tmp_path))

    assert account.violations == {}
    assert sum(account.ads.values()) == len(drawn.expected)


@given(seed=st.integers(0, 10**6))
def test_a_storm_has_every_kind_of_fault_one_after_the_other(seed: int) -> None:
    faults = plan.faults(random.Random(seed), 100)

    assert {fault.kind for fault in faults} == {*plan.KINDS}
    assert all(a.at_s + a.lasts_s <= b.at_s for a, b in pairwise(faults))


def test_the_same_seed_is_the_same_plan() -> None:
    assert plan.draw(3, 12, 10) == plan.draw(3, 12, 10) != plan.draw(4, 12, 10)


def test_what_is_lost_repeated_wrong_or_paid_twice_is_told() -> None:
    drawn = plan.draw(5, 40, 10)
    analysed = [
        {"ad_id": name, "status": "analysed", "reason": None, "canonical_id": shown}
        for name, shown in drawn.expected.items()
        if not shown.startswith("failed:")
    ]
    lost, twice, other = analysed[0], analysed[1], {**analysed[2], "canonical_id": "another"}
    rows = [*analysed[1:2], *analysed[3:], twice, other]

    account = accounting.account(drawn, Outcome(ads=rows, paid_at={"seen": [1.0, 2.0]}, killed_at=[0.5]))

    assert lost["ad_id"] in account.lost
    assert account.repeated == (twice["ad_id"],)
    assert account.wrong
    assert account.paid_twice == ("seen",)
    assert account.miscounted == ("analysed",)


def test_a_kill_explains_the_payment_that_it_cost() -> None:
    assert accounting.paid_more_than_once(Outcome(paid_at={"seen": [1.0, 30.0]}, killed_at=[1.5])) == (1, ())
