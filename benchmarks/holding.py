"""What a benchmark is held to when it runs by itself, each night: nothing merged, and a share of the copies found."""

import argparse


def add_option(arguments: argparse.ArgumentParser) -> None:
    """Adds `--at-least`, without which a benchmark tells its figures and judges nothing."""
    arguments.add_argument("--at-least", type=float, help="fail where fewer copies are found, or others merged")


def hold(at_least: float | None, *, found: int, copies: int, merged: int) -> None:
    """Ends the program with what fell short.

    Args:
        at_least: the share of copies to be found, 0 to 1; None judges nothing.
        found: copies that were found, of `copies`.
        copies: pairs that show the same.
        merged: pairs that differ, and were taken for copies.

    Raises:
        SystemExit: when fewer were found, anything was merged, or there was nothing to find.
    """
    if at_least is None:
        return
    if not copies or found < at_least * copies:
        raise SystemExit(f"{found} of {copies} copies are found, at least {at_least:.1%} wanted")
    if merged:
        raise SystemExit(f"taken for copies, though they differ: {merged}, none wanted")
