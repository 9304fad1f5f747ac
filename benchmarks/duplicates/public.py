"""Precision and recall of `dedup`, by size, on pictures and by tools that are not ours; dHash, pHash and PDQ beside it.

    python -m benchmarks.duplicates.public [--bases 42] [--half kept|tuned] [--seed 0] [--lossy] [--minutes 60]
                                        [--photos others] [--least-side 600] [--kinds avif gif] [--at-least .95]

Ads are composed over other people's photographs and wallpapers at nine display and five social sizes, with a legal
line, words told by colour alone and a code at the very edge. Copies are made by ImageMagick, ffmpeg, cwebp and avifenc;
every kind of edit is saved by them as well. Half of the pictures, and of the seeds, is kept: thresholds were set on
the others. An edit counts only where a person can read the difference in what was saved (see legibility.py).

Each is held against the ad as it was drawn, in a PNG; with `--lossy`, as hardly anybody has that, against a JPEG, a
WebP, an AVIF or a PNG that was made of a JPEG, in turn. With `--photos others` the ads are over photographs of other
packages, in halves of their own.

Sizes come in turn, so that a run that is stopped by the clock has seen them evenly. 42 ads take about ten minutes of
one processor.

It needs the group `benchmarks`, `uv pip install --no-config --no-deps scikit-image`, apt-get, and the four tools.
"""

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Container, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import cache, partial
from itertools import batched
from pathlib import Path

import cv2

from benchmarks import holding
from benchmarks.duplicates import composing, legibility, ours, wallpapers
from benchmarks.duplicates.composing import EDITS, SIZES
from benchmarks.duplicates.pairs import File, Pair
from benchmarks.duplicates.rivals import RIVALS
from benchmarks.duplicates.tools import TOOLS

OURS = "ours"
NAMES = (OURS, *(rival.name for rival in RIVALS))
SAVED_BY = ("jpeg q85", "bmp", "webp q75", "jpeg q71, 4:2:0", "avif", "gif", "brighter", "webp q50")
"""What edits are saved by, in turn: none of them reduces words below what can be read."""

DRAWN, OF_JPEG = "png", "png of a jpeg"
LOSSY = ("jpeg q85", "webp q75", "avif", OF_JPEG)
"""What all others of an ad are held against, in turn, where it is not the drawing itself."""

OTHER_AD = "other ad"

Base = tuple[int, tuple[int, int]]
"""A seed, and width and height."""

SEEDS_APART = 1000
CLASSES = (("600 and more", 600), ("240 to 599", 240), ("display sizes below", 0))
"""By the shorter side of the ad."""


@dataclass(frozen=True)
class Judged:
    """What each method said of one pair.

    Attributes:
        first: how the one file of the pair was saved.
        overlay: a copy that somebody stuck something on, counted apart.
        merged: the names of those who took them for one.
        gate: whether the hashes let it through to be looked at.
        told_by: the rules of ours that tell it apart.
    """

    seed: int
    size: tuple[int, int]
    first: str
    kind: str
    true: bool
    overlay: bool
    gate: bool
    family: bool
    score: float
    merged: tuple[str, ...]
    told_by: tuple[str, ...]

    @property
    def sized(self) -> str:
        """Its class of size."""
        return next(name for name, least in CLASSES if min(self.size) >= least)


def of_base(
    seed: int,
    size: tuple[int, int],
    first: str = DRAWN,
    photos: str = wallpapers.USUAL,
    kinds: Container[str] | None = None,
) -> Iterator[Pair[File]]:
    """Every copy, every edit, and a stranger, or those of some kinds, each beside the ad as it was saved at `first`."""
    ad = composing.make(seed, size, photos)
    image = composing.draw(ad)

    @cache
    def saved(by: str) -> File:
        if by == DRAWN:
            return File.saved(image, "PNG", compress_level=1)
        return File.saved(saved(LOSSY[0]).image, "PNG", compress_level=1) if by == OF_JPEG else TOOLS[by].run(image)

    def asked(kind: str) -> bool:
        return kinds is None or kind in kinds

    copies = [kind for kind, tool in TOOLS.items() if tool.fits(image) and asked(kind)]
    for kind in copies if first == DRAWN else (*copies, DRAWN):
        if kind != first:
            yield Pair(kind, True, saved(first), saved(kind))
    for at, (kind, edit) in enumerate(EDITS.items()):
        if asked(kind):
            by, other = SAVED_BY[(seed + at) % len(SAVED_BY)], composing.draw(edit(ad))
            edited = TOOLS[by].run(other)
            if legibility.differs(saved(by).image, edited.image, (image, other)):
                yield Pair(kind, False, saved(first), edited)
    if asked(OTHER_AD):
        stranger = composing.draw(composing.make(seed + 5000, size, photos))
        yield Pair(OTHER_AD, False, saved(first), File.saved(stranger, "PNG"))


def judged(
    base: Base, *, lossy: bool = False, photos: str = wallpapers.USUAL, kinds: Container[str] | None = None
) -> list[Judged]:
    """All pairs of one base, or those of some kinds."""
    cv2.setNumThreads(1)
    first = LOSSY[base[0] // 2 % len(LOSSY)] if lossy else DRAWN
    return [_judged(base, first, pair) for pair in of_base(*base, first, photos, kinds)]


def _judged(base: Base, first: str, pair: Pair[File]) -> Judged:
    one, other = ours.measure(pair.one), ours.measure(pair.other)
    found = ours.compare(one, other)
    merged = [rival.name for rival in RIVALS if rival.same(pair.one, pair.other)]
    return Judged(
        *base,
        first=first,
        kind=pair.kind,
        true=pair.true,
        overlay=pair.true and pair.kind in TOOLS and TOOLS[pair.kind].overlay,
        gate=found is not None,
        family=found is not None and found.family,
        score=found.score if found else 0.0,
        merged=(OURS, *merged) if found and found.same else tuple(merged),
        told_by=() if found and found.same else ours.told_by(one, other),
    )


def bases(count: int, half: str, seed: int, least_side: int = 0) -> list[Base]:
    """As many of each size; even seeds are of the half that was tuned on, odd ones of the kept one."""
    first = seed * SEEDS_APART
    sizes = [size for size in SIZES if min(size) >= least_side]
    return [(2 * (first + at) + (half == "kept"), sizes[at % len(sizes)]) for at in range(count)]


def judged_until(
    deadline: float, chosen: Sequence[Base], processes: int, judge: Callable[[Base], list[Judged]]
) -> Iterator[list[Judged]]:
    """The pairs of one base after the other, and on stderr how far it is; none is begun after the deadline."""
    with ProcessPoolExecutor(processes) as pool:
        for done, some in enumerate(batched(chosen, processes, strict=False)):
            if time.monotonic() > deadline:
                print(f"the time is over: {done * processes} of {len(chosen)} ads were looked at", file=sys.stderr)
                return
            yield from pool.map(judge, some)
            print(f"{min((done + 1) * processes, len(chosen))} of {len(chosen)} ads", file=sys.stderr, flush=True)


def report(all_of: Sequence[Judged]) -> None:
    """Precision and recall of each method by size, what it merged of each kind, and which rules told what apart."""
    for name, _ in CLASSES:
        _report(name, [one for one in all_of if one.sized == name and not one.overlay])
    _report("all sizes", [one for one in all_of if not one.overlay])
    _report("with something stuck on, all sizes", [one for one in all_of if one.overlay or not one.true])
    for true in (True, False):
        print("\nmerged of copies" if true else "\nmerged of different ads, all of them wrongly")
        _report_kinds([one for one in all_of if one.true is true])
    print("\nby what they were held against, ours: copies found, overlays apart; different ads merged")
    for first in sorted({one.first for one in all_of}):
        held = [one for one in all_of if one.first == first and not one.overlay]
        print(f"  {first:16}{_share(held, OURS, true=True):>14}{_share(held, OURS, true=False):>14}")
    print("\nby size, ours: copies found, overlays apart; different ads merged")
    for size in SIZES:
        sized = [one for one in all_of if one.size == size and not one.overlay]
        print(f"  {size[0]}x{size[1]:<8}{_share(sized, OURS, true=True):>14}{_share(sized, OURS, true=False):>14}")
    _report_rules([one for one in all_of if not one.overlay])


def _report_rules(some: Sequence[Judged]) -> None:
    """What each rule costs, and what it is for: that which no other one tells apart."""
    print(f"\n{'ours, by rule: told apart':40}{'copies':>10}{'it alone':>10}{'others':>10}{'it alone':>10}")
    for rule in sorted({rule for one in some for rule in one.told_by}):
        of_rule = [one for one in some if rule in one.told_by]
        counts = (
            sum(one.true is true and (not alone or len(one.told_by) == 1) for one in of_rule)
            for true in (True, False)
            for alone in (False, True)
        )
        print(f"  {rule:38}" + "".join(f"{count:>10}" for count in counts))


def _report(title: str, some: Sequence[Judged]) -> None:
    print(f"\n{title}: {sum(one.true for one in some)} copies, {sum(not one.true for one in some)} different ads")
    for name in NAMES:
        right, all_merged = _merged([one for one in some if one.true], name), _merged(some, name)
        true, wrong = _share(some, name, true=True), _share(some, name, true=False)
        print(f"  {name:28} recall {true:>14}  merged wrongly {wrong:>14}  precision {right / max(1, all_merged):.4f}")


def _report_kinds(some: Sequence[Judged]) -> None:
    print(f"  {'':30}{'':6}{'':14}" + "".join(f"{f'ours, {name}':>27}" for name, _ in CLASSES))
    for kind, count in Counter(one.kind for one in some).items():
        of_kind = [one for one in some if one.kind == kind]
        methods = "/".join(str(_merged(of_kind, name)) for name in NAMES)
        sized = (_found([one for one in of_kind if one.sized == name]) for name, _ in CLASSES)
        print(f"  {kind:30}{count:6}{methods:>14}" + "".join(f"{found:>27}" for found in sized))


def _found(some: Sequence[Judged]) -> str:
    return f"{_merged(some, OURS)} of {len(some)}"


def _share(some: Sequence[Judged], name: str, *, true: bool) -> str:
    asked = [one for one in some if one.true is true]
    return f"{_merged(asked, name)}/{len(asked)} {_merged(asked, name) / max(1, len(asked)):.3f}"


def _merged(some: Sequence[Judged], name: str) -> int:
    return sum(name in one.merged for one in some)


def main() -> None:
    """Composes, judges, prints."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--bases", type=int, default=3 * len(SIZES))
    arguments.add_argument("--half", choices=("kept", "tuned"), default="kept")
    arguments.add_argument("--seed", type=int, default=0, help="other ads over the same pictures")
    arguments.add_argument("--lossy", action="store_true", help="hold all against a file that lost something")
    arguments.add_argument("--photos", choices=tuple(wallpapers.PACKAGES), default=wallpapers.USUAL)
    arguments.add_argument("--least-side", type=int, default=0, help="of the sizes of ads, in pixels")
    arguments.add_argument("--kinds", nargs="+", metavar="KIND", help="of copies and edits; all, where none is named")
    arguments.add_argument("--minutes", type=float, default=120)
    arguments.add_argument("--processes", type=int, default=1)
    arguments.add_argument("--rows", type=Path, default=Path(os.devnull), help="a file for one line of JSON per pair")
    holding.add_option(arguments)
    chosen = arguments.parse_args()
    rows: list[Judged] = []
    asked = bases(chosen.bases, chosen.half, chosen.seed, chosen.least_side)
    deadline = time.monotonic() + 60 * chosen.minutes
    judge = partial(judged, lossy=chosen.lossy, photos=chosen.photos, kinds=chosen.kinds)
    with chosen.rows.open("w") as file:
        for some in judged_until(deadline, asked, chosen.processes, judge):
            rows += some
            file.writelines(f"{json.dumps(asdict(one))}\n" for one in some)
            file.flush()
    print(f"{chosen.half} half, {len({(one.seed, one.size) for one in rows})} ads")
    print(f"where methods are told by their count alone, they are: {', '.join(NAMES)}")
    report(rows)
    copies, others = [one for one in rows if one.true and not one.overlay], [one for one in rows if not one.true]
    holding.hold(chosen, found=_merged(copies, OURS), copies=len(copies), merged=_merged(others, OURS))


if __name__ == "__main__":
    main()
