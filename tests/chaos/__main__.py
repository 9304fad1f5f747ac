"""Many storms, one after the other, and their table: `python -m tests.chaos --seeds 1-20 --ads 300 --repeat 2`.

Each seed is run `--repeat` times: the accounting has to be the same each time. Ends with 1 when any number is not zero
that has to be.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.chaos import accounting, plan, storm
from tests.chaos.accounting import Account
from tests.chaos.storm import Outcome

HEADER = (
    "| seed | ads | analysed | duplicates | failed | faults | model faults | lost | repeated | unsettled | wrong "
    "| paid twice | paid again after a kill | second run | s |"
)


@dataclass(frozen=True)
class Storm:
    """A seed's runs."""

    seed: int
    outcomes: Sequence[Outcome]
    accounts: Sequence[Account]

    @property
    def is_the_same_each_time(self) -> bool:
        """Whether all runs ended in the same accounting."""
        return len({account.groups for account in self.accounts}) == 1

    @property
    def held(self) -> bool:
        """Whether nothing went wrong in any run."""
        return self.is_the_same_each_time and not any(account.violations for account in self.accounts)

    def row(self) -> str:
        """The seed's line of the table; numbers of all its runs together."""
        faults = sum((outcome.faults for outcome in self.outcomes), Counter[str]())
        model = sum(count for kind, count in faults.items() if kind.startswith("model "))
        numbers = [
            self.seed,
            sum(sum(account.ads.values()) for account in self.accounts),
            *(sum(account.ads.get(status, 0) for account in self.accounts) for status in ("analysed", "duplicate")),
            sum(account.ads.get("failed", 0) for account in self.accounts),
            faults.total() - model,
            model,
            *(self._violations(name) for name in ("lost", "repeated", "unsettled", "wrong", "paid_twice")),
            sum(account.paid_again_after_a_kill for account in self.accounts),
            ("same" if self.is_the_same_each_time else "DIFFERENT") if len(self.accounts) > 1 else "–",
            round(sum(outcome.seconds for outcome in self.outcomes)),
        ]
        return f"| {' | '.join(map(str, numbers))} |"

    def _violations(self, name: str) -> int:
        return sum(len(getattr(account, name)) for account in self.accounts)


def run(seed: int, ads: int, storm_s: float, repeat: int) -> Storm:
    """All runs of a seed."""
    drawn = plan.draw(seed, ads, storm_s)
    outcomes = []
    for _ in range(repeat):
        with tempfile.TemporaryDirectory() as folder:
            outcomes.append(storm.run(drawn, Path(folder) / "data"))
    return Storm(seed, outcomes, [accounting.account(drawn, outcome) for outcome in outcomes])


def main() -> None:
    """Runs the seeds, and prints each line of the table when it is known."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seeds", default="1-20", metavar="FIRST-LAST")
    parser.add_argument("--ads", type=int, default=300)
    parser.add_argument("--storm-s", type=float, default=45.0, help="seconds within which the faults come")
    parser.add_argument("--repeat", type=int, default=2)
    arguments = parser.parse_args()
    first, _, last = arguments.seeds.partition("-")
    sys.stdout.write(f"{HEADER}\n{'|---' * HEADER.count(' | ')}|---|\n")
    held = True
    for seed in range(int(first), int(last or first) + 1):
        found = run(seed, arguments.ads, arguments.storm_s, arguments.repeat)
        sys.stdout.write(f"{found.row()}\n")
        sys.stdout.flush()
        for account in found.accounts:
            sys.stderr.writelines(f"seed {seed}: {name}: {what}\n" for name, what in account.violations.items())
        held &= found.held
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()
