"""What a benchmark is held to when it runs by itself, each night: a share of copies, and no merge but what is known."""

import argparse


def add_option(arguments: argparse.ArgumentParser) -> None:
    """Adds `--at-least`, without which a benchmark tells its figures and judges nothing."""
    arguments.add_argument("--at-least", type=float, help="fail where fewer copies are found, or others merged")
    arguments.add_argument("--known-merged", type=int, default=0, help="so many of the others are known to be merged")


def hold(chosen: argparse.Namespace, *, found: int, copies: int, merged: int) -> None:
    """Ends the program with what fell short.

    Args:
        chosen: what the options say: the share of copies to be found, 0 to 1, and how many of the others may be merged.
        found: copies that were found, of `copies`.
        copies: pairs that show the same.
        merged: pairs that differ, and were taken for copies.

    Raises:
        SystemExit: when fewer were found, anything was merged, or there was nothing to find.
    """
    if chosen.at_least is None:
        return
    if not copies or found < chosen.at_least * copies:
        raise SystemExit(f"{found} of {copies} copies are found, at least {chosen.at_least:.1%} wanted")
    if merged > chosen.known_merged:
        raise SystemExit(f"taken for copies, though they differ: {merged}, known are {chosen.known_merged}")
