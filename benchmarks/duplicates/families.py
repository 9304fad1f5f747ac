"""Is a copy found among thousands of versions of one template, and what does looking for it cost?

    python -m benchmarks.duplicates.families [--members 3000] [--arrivals 20] [--half kept|tuned]

All versions of one ad of 300x250 pixels: other prices, percentages, calls, months and days. Of some of them a copy
comes, as ImageMagick saves it. It is found if it is called a copy of its own original. Beside it stands what is found
among the nearest by dHash alone, as many as are compared. Processor time is of one arriving ad, its own measures apart,
where sketches of the others are known already.
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from benchmarks.duplicates import composing, ours
from benchmarks.duplicates.composing import Composed
from benchmarks.duplicates.ours import Measured
from benchmarks.duplicates.pairs import File
from benchmarks.duplicates.tools import TOOLS
from functions.dedup import gate
from functions.dedup.pictures import sketches
from functions.dedup.pictures.sketches import Sketch
from shared.media import thumbnails

SIZES = (30, 50, 200, 800, 3000)
SIZE = (300, 250)
COPIES = ("jpeg q85", "webp q75", "2/3", "crop 2 %", "brighter")


@dataclass(frozen=True, eq=False)
class Member:
    """A version, as it was measured; and what it is sorted by."""

    version: Composed
    measured: Measured
    sketch: Sketch


@dataclass(frozen=True)
class Arrival:
    """What became of one copy.

    Attributes:
        found: it was called a copy of its own original, and of no other.
        wrong: it was called the copy of another version.
        hashed: its original is among the nearest by dHash.
    """

    found: bool
    wrong: bool
    hashed: bool
    cpu_s: float


def versions(seed: int) -> Iterator[Composed]:
    """Versions of one template, each once, in an order of chance."""
    template, random = composing.make(seed, SIZE), np.random.default_rng(seed)
    seen: set[tuple[int, ...]] = set()
    while True:
        percent, cents, day = (
            5 * int(random.integers(1, 19)),
            99 + 100 * int(random.integers(90)),
            random.integers(1, 29),
        )
        chosen = percent, cents, int(day), int(random.integers(3)), 12 * int(random.integers(1, 5))
        if chosen not in seen:
            seen.add(chosen)
            legal = replace(template.legal, day=chosen[2], months=chosen[4])
            yield replace(template, percent=percent, cents=cents, call=chosen[3], legal=legal)


def sketch(measured: Measured) -> Sketch:
    """Of its thumbnail, as `dedup` makes it."""
    return sketches.of(thumbnails.decode(measured.thumbnail)[0].grey)


def members(count: int, seed: int) -> list[Member]:
    """The family, in the order in which it came."""
    found: dict[str | None, Member] = {}  # by what they show: a small ad has no room for all that makes a version
    every = versions(seed)
    while len(found) < count:
        version = next(every)
        measured = ours.measure(File.saved(composing.draw(version), "PNG", compress_level=1))
        found.setdefault(measured.known.pixels_sha, Member(version, measured, sketch(measured)))
    return list(found.values())


def arrival(family: Sequence[Member], original: Member, kind: str) -> Arrival:
    """A copy comes, of one member of the family."""
    copy = ours.measure(TOOLS[kind].run(composing.draw(original.version)))
    began = time.process_time()
    passed = sorted(
        (bits, at)
        for at, each in enumerate(family)
        if (bits := gate.distance(copy.known, each.measured.known)) is not None
    )
    through = [family[at] for _, at in passed[: gate.MOST_NEAR]]
    near = sketches.nearest(sketch(copy), through, lambda each: each.sketch, gate.MOST_COMPARED)
    compared = [(ours.compare(copy, each.measured), each) for each in near]
    same = [(found.difference, at) for at, (found, _) in enumerate(compared) if found and found.same]
    taken_for = compared[min(same)[1]][1] if same else None
    return Arrival(
        found=taken_for is original,
        wrong=taken_for not in (None, original),
        hashed=any(family[at] is original for _, at in passed[: gate.MOST_COMPARED]),
        cpu_s=time.process_time() - began,
    )


def report(count: int, arrivals: Sequence[Arrival]) -> None:
    """One line."""
    share = [np.mean([getattr(one, name) for one in arrivals]) for name in ("found", "hashed")]
    wrong, p95 = sum(one.wrong for one in arrivals), float(np.quantile([one.cpu_s for one in arrivals], 0.95))
    print(f"{count:8}{len(arrivals):10}{share[0]:10.3f}{wrong:10}{share[1]:18.3f}{1000 * p95:14.0f}", flush=True)


def main() -> None:
    """Draws, judges, prints."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--members", type=int, default=max(SIZES))
    arguments.add_argument("--arrivals", type=int, default=20)
    arguments.add_argument("--half", choices=("kept", "tuned"), default="kept")
    chosen = arguments.parse_args()
    cv2.setNumThreads(1)
    seed = 7000 + (chosen.half == "kept")
    family, random = members(chosen.members, seed), np.random.default_rng(seed)
    print(f"{'versions':>8}{'copies':>10}{'found':>10}{'wrongly':>10}{'near by dHash':>18}{'ms, p95':>14}")
    for count in [size for size in SIZES if size <= chosen.members]:
        some = family[:count]
        report(
            count,
            [
                arrival(some, some[int(random.integers(count))], COPIES[at % len(COPIES)])
                for at in range(chosen.arrivals)
            ],
        )


if __name__ == "__main__":
    main()
