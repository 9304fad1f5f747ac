"""What must hold when a storm is over: every ad accounted for, once, rightly, and nothing paid for twice."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tests.chaos.plan import Plan
from tests.chaos.storm import LEASES, Outcome

# A call that was under way when the functions were killed, with its answer paid for and not kept yet.
IN_FLIGHT_S = float(LEASES["EXTRACTION_TIMEOUT_S"])


@dataclass(frozen=True)
class Account:
    """A storm's result. All but the first three are to be empty.

    Attributes:
        ads: rows, by status.
        groups: the ads by what they show, or why they failed: the same for the same seed.
        paid_again_after_a_kill: creatives that were paid for again because a kill took the answer with it.
        lost: ads without a row.
        repeated: ads with more than one row, and rows of ads that nobody sent.
        unsettled: ads that still wait.
        wrong: ads that ended as something else than they should.
        miscounted: statuses that `pipeline_status` counts otherwise than `ads_enriched`.
        paid_twice: pictures that were paid for more than once without a kill to explain it.
    """

    ads: Mapping[str, int]
    groups: frozenset[frozenset[str]]
    paid_again_after_a_kill: int
    lost: tuple[str, ...]
    repeated: tuple[str, ...]
    unsettled: tuple[str, ...]
    wrong: tuple[str, ...]
    miscounted: tuple[str, ...]
    paid_twice: tuple[str, ...]

    @property
    def violations(self) -> dict[str, tuple[str, ...]]:
        """What should not be, by name; empty when all is well."""
        names = ("lost", "repeated", "unsettled", "wrong", "miscounted", "paid_twice")
        return {name: found for name in names if (found := getattr(self, name))}


def account(plan: Plan, outcome: Outcome) -> Account:
    """Holds what the storm left behind against the plan."""
    rows = Counter(_name(ad) for ad in outcome.ads)
    found = {_name(ad): ad for ad in outcome.ads}
    statuses = Counter(str(ad["status"]) for ad in outcome.ads)
    known = {name: ad for name, ad in found.items() if name in plan.expected}
    again, twice = paid_more_than_once(outcome)
    return Account(
        ads=statuses,
        groups=frozenset(frozenset(names) for names in _groups(known).values()),
        paid_again_after_a_kill=again,
        lost=tuple(sorted(plan.expected.keys() - rows.keys())),
        repeated=tuple(sorted(name for name, count in rows.items() if count > 1 or name not in plan.expected)),
        unsettled=tuple(sorted(name for name, ad in known.items() if ad["status"] == "pending")),
        wrong=wrong(plan, known),
        miscounted=tuple(
            sorted(each for each in {*statuses, *outcome.current} if statuses[each] != outcome.current.get(each, 0))
        ),
        paid_twice=twice,
    )


def wrong(plan: Plan, found: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """Ads that failed for no or another reason than expected, and those that are not with their like."""
    failed = [
        f"{name}: {_shown(ad)}, not {plan.expected[name]}"
        for name, ad in found.items()
        if plan.expected[name].startswith("failed:") != (ad["status"] == "failed")
        or (ad["status"] == "failed" and plan.expected[name] != f"failed:{ad['reason']}")
    ]
    expected: dict[str, set[str]] = defaultdict(set)
    for name in found:
        expected[plan.expected[name]].add(name)
    alike = {frozenset(names) for names in _groups(found).values()}
    apart = [
        f"{outcome} is not one group of its own"
        for outcome, names in expected.items()
        if not outcome.startswith("failed:") and frozenset(names) not in alike
    ]
    return (*sorted(failed), *sorted(apart))


def paid_more_than_once(outcome: Outcome) -> tuple[int, tuple[str, ...]]:
    """How many payments a kill explains, and the pictures with one that none does.

    A kill explains a second payment if it came after the first and before the answer's lease had run out.
    """
    explained, unexplained = 0, []
    for picture, times in outcome.paid_at.items():
        for first, _second in pairwise(sorted(times)):
            if any(first <= killed <= first + IN_FLIGHT_S for killed in outcome.killed_at):
                explained += 1
            else:
                unexplained.append(picture)
    return explained, tuple(sorted(unexplained))


def _groups(found: Mapping[str, Mapping[str, Any]]) -> dict[str, set[str]]:
    groups: dict[str, set[str]] = defaultdict(set)
    for name, ad in found.items():
        groups[_shown(ad)].add(name)
    return groups


def _shown(ad: Mapping[str, Any]) -> str:
    return f"failed:{ad['reason']}" if ad["status"] == "failed" else f"{ad['canonical_id']}"


def _name(ad: Mapping[str, Any]) -> str:
    return str(ad["ad_id"])
