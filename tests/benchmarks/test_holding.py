"""What the nightly benchmarks are held to: they fail where copies are missed or others merged, and say by how much."""

import argparse

import pytest

from benchmarks import holding
from shared.wiring import ROOT


def hold(*options: str, found: int, copies: int, merged: int) -> None:
    arguments = argparse.ArgumentParser()
    holding.add_option(arguments)
    holding.hold(arguments.parse_args(options), found=found, copies=copies, merged=merged)


def test_what_is_found_and_merged_as_wanted_passes() -> None:
    hold("--at-least", ".95", found=95, copies=100, merged=0)
    hold("--at-least", ".95", "--known-merged", "1", found=95, copies=100, merged=1)


@pytest.mark.parametrize(
    ("found", "copies", "merged", "said"),
    [
        (94, 100, 0, "94 of 100 copies are found, at least 95.0% wanted"),
        (100, 100, 1, "taken for copies, though they differ: 1, known are 0"),
        (0, 0, 0, "0 of 0 copies are found"),
    ],
    ids=["one too few", "one merged", "nothing was judged"],
)
def test_it_fails_and_says_what_fell_short(found: int, copies: int, merged: int, said: str) -> None:
    with pytest.raises(SystemExit, match=said):
        hold("--at-least", ".95", found=found, copies=copies, merged=merged)


def test_without_a_share_nothing_is_judged() -> None:
    hold(found=0, copies=100, merged=100)


def test_each_of_the_nightly_benchmarks_is_held_to_a_share() -> None:
    recipe = (ROOT / "Makefile").read_text().partition("\nfound: ")[2].partition("\n\n")[0]

    measured = [line for line in recipe.splitlines() if "benchmarks." in line]
    assert len(measured) == 3
    assert all("--at-least" in line and "--half tuned" in line for line in measured)
