"""Are cut-downs of a spot related to it, and to no other? Spots of 30 s, of clips and photographs by others.

    python -m benchmarks.cut_downs [--spots 20] [--seed 0] [--minutes 30] [--glanced]

A spot is ten scenes of three seconds, cut together by ffmpeg: stretches of the clips of `benchmarks.real_clips`, and
photographs (Debian's wallpapers, PyPI's) over which a camera moves. No two spots have a scene in common. Its cut-downs
are saved at crf 28, at another rate: one stretch of 6, 15 or 20 s, the same with the spot's last two seconds behind it,
and 15 s of scenes picked out. Each is compared with its own spot and with those of three others; a cut-down is found
when it is called a version, at the second where it begins in the spot (half a second to either side).

With `--glanced` spots are found as if their files were large: by the key frames that `probe` looks at of such.

Spots are made and judged by as many processes as there are cores, a minute of processor time each.
"""

import argparse
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

import cv2

from benchmarks import real_clips
from benchmarks.duplicates import ours, wallpapers
from benchmarks.duplicates.ours import Measured
from functions.dedup.known import hashes
from shared.media import moving_hashes, videos
from shared.media.sandbox import InMemory

SPOT_S, SCENE_S = 30, 3
STRANGERS = 3
NEAR_S = 0.5
_SCENES = SPOT_S // SCENE_S
_SIZE = 640, 360
_PHOTO = 1920, 1080
_RATE = 25

CLIPS: dict[str, tuple[float, ...]] = {
    "vtest.avi": tuple(float(second) for second in range(0, 75, SCENE_S)),
    "tree.avi": tuple(float(second) for second in range(0, 27, SCENE_S)),
    "Megamind.avi": (0.0, 3.5, 7.5),
    "bikes.mp4": (0.0, 3.2, 6.5),
    "bigbuckbunny.mp4": (1.0,),
    "carphone_pristine.mp4": (0.5,),
}
"""Files, and the seconds at which their scenes begin."""

_FILLED = f"scale={_SIZE[0]}:{_SIZE[1]}:force_original_aspect_ratio=increase,crop={_SIZE[0]}:{_SIZE[1]},setsar=1"

_SAVED = ("-crf", 20, *real_clips.H264)


@dataclass(frozen=True)
class Scene:
    """Three seconds of a clip, or of half a photograph over which the camera moves; perhaps mirrored.

    Attributes:
        clip: a file of `CLIPS`; None for a photograph.
        start: the second of the clip at which it begins.
        photo: the number of the photograph.
        right: whether its right half is shown.
    """

    clip: str | None
    start: float
    photo: int
    right: bool
    mirrored: bool

    def saved(self, to: Path) -> None:
        """As a file of its own."""
        flip = ",hflip" if self.mirrored else ""
        if self.clip is None:
            picture = to.with_suffix(".png")
            left = self.right * _PHOTO[0] // 2
            half = (left, 0, left + _PHOTO[0] // 2, _PHOTO[1])
            wallpapers.background(self.photo, _PHOTO, part=0.5).crop(half).resize(_PHOTO).save(picture)
            move = f"zoompan=z='1+0.004*on':x='iw*0.001*on':d={SCENE_S * _RATE}:s={_SIZE[0]}x{_SIZE[1]}:fps={_RATE}"
            _ffmpeg("-i", picture, "-vf", f"{move}{flip},setsar=1", *_SAVED, to)
            picture.unlink()
            return
        source = real_clips.source(self.clip)
        how = ("-an", "-r", _RATE, "-vf", _FILLED + flip, *_SAVED)
        _ffmpeg("-ss", self.start, "-t", SCENE_S, "-i", source, *how, to)


@dataclass(frozen=True)
class CutDown:
    """A version of a spot: the stretches of it that are shown one after the other, in its seconds."""

    kind: str
    stretches: tuple[tuple[float, float], ...]


def spots(count: int, seed: int) -> list[list[Scene]]:
    """So many spots, no two of which have a scene in common.

    Raises:
        ValueError: when there are not enough scenes.
    """
    either = (False, True)
    there = [
        *(
            Scene(clip, start, 0, right=False, mirrored=mirrored)
            for clip, starts in CLIPS.items()
            for start in starts
            for mirrored in either
        ),
        *(
            Scene(None, 0.0, photo, right, mirrored)
            for photo in range(wallpapers.count())
            for right in either
            for mirrored in either
        ),
    ]
    if count * _SCENES > len(there):
        raise ValueError(f"there are {len(there)} scenes, for {len(there) // _SCENES} spots")
    random.Random(seed).shuffle(there)
    return [there[at : at + _SCENES] for at in range(0, count * _SCENES, _SCENES)]


def cut_downs(seed: int) -> Iterator[CutDown]:
    """The versions of a spot, as an agency cuts them."""
    chosen = random.Random(seed)
    for length in (6, 15, 20):
        start = round(chosen.uniform(0, SPOT_S - length), 2)
        yield CutDown(f"{length} s, one stretch", ((start, start + length),))
    for length in (6, 15, 20):
        start = round(chosen.uniform(0, SPOT_S - length - 2), 2)
        yield CutDown(f"{length} s with the last two", ((start, start + length - 2), (SPOT_S - 2, SPOT_S)))
    picked = sorted(chosen.sample(range(_SCENES), 5))
    yield CutDown("15 s of scenes picked out", tuple((at * SCENE_S, (at + 1) * SCENE_S) for at in picked))


@dataclass(frozen=True)
class Judged:
    """What was found of a cut-down.

    Attributes:
        related: whether it is called a version of its spot.
        placed: whether the second is named at which it begins there.
        strangers: the numbers of the other spots that it was called a version of.
    """

    kind: str
    related: bool
    placed: bool
    strangers: tuple[int, ...]


def main() -> None:
    """Cuts, compares, prints."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--spots", type=int, default=20)
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--minutes", type=float, default=30.0, help="then what was judged so far is told")
    arguments.add_argument("--glanced", action="store_true")
    chosen = arguments.parse_args()
    until = time.monotonic() + 60 * chosen.minutes
    for clip in CLIPS:
        real_clips.source(clip)  # once, before processes ask for it at the same time
    cores = os.cpu_count()
    with TemporaryDirectory(dir=gettempdir()) as name, ProcessPoolExecutor(cores, initializer=_in_process) as processes:
        files = [Path(name, f"{number}.mp4") for number in range(chosen.spots)]
        drawn = zip(files, spots(chosen.spots, chosen.seed), strict=True)
        making = [processes.submit(_made, *each, glanced=chosen.glanced) for each in drawn]
        made = [*_done("made", making)]
        judging = [
            processes.submit(_judged, 1000 * chosen.seed + number, files[number], spot, _others(number, made), until)
            for number, spot in enumerate(made)
        ]
        _tell([judged for of_spot in _done("judged", judging) for judged in of_spot])


def _in_process() -> None:
    cv2.setNumThreads(1)


def _done[Done](what: str, asked: list[Future[Done]]) -> Iterator[Done]:
    """What each spot comes to, in their order."""
    for number, future in enumerate(asked):
        print(f"\r{number} of {len(asked)} spots {what}   ", end="", file=sys.stderr, flush=True)
        yield future.result()
    print(file=sys.stderr)


def _made(file: Path, scenes: list[Scene], *, glanced: bool) -> Measured:
    content = _spot(file, scenes).read_bytes()
    whole = ours.measure_moving(content)
    look = videos.glance(InMemory(content), "video/mp4", max_duration_s=SPOT_S + 1) if glanced else None
    if look is None:
        return whole
    seen = hashes(moving_hashes.of(look.grid, look.width / look.height).frames)
    return replace(whole, known=replace(whole.known, frames=seen))


def _others(number: int, made: list[Measured]) -> dict[int, Measured]:
    """Some other spots, by their numbers."""
    there = [other for other in range(len(made)) if other != number]
    return {other: made[other] for other in random.Random(number).sample(there, min(STRANGERS, len(there)))}


def _judged(seed: int, file: Path, spot: Measured, others: dict[int, Measured], until: float) -> list[Judged]:
    """What is found of each cut-down of a spot, as long as there is time (`time.monotonic`)."""
    judged = []
    for cut in cut_downs(seed):
        if time.monotonic() > until:
            break
        shown = ours.measure_moving(_cut(file, cut, file.with_suffix(".cut.mp4")).read_bytes())
        at_s = _begins(spot, shown)
        placed = at_s is not None and any(abs(at_s - start) <= NEAR_S for start, _ in cut.stretches)
        strangers = tuple(other for other, their in others.items() if _begins(their, shown) is not None)
        judged.append(Judged(cut.kind, at_s is not None, placed, strangers))
    return judged


def _tell(judged: list[Judged]) -> None:
    print(f"\n{'':32}{'cut-downs':>12}{'related':>12}{'at its second':>16}")
    for kind, count in Counter(each.kind for each in judged).items():
        of_kind = [each for each in judged if each.kind == kind]
        related, placed = sum(each.related for each in of_kind), sum(each.placed for each in of_kind)
        print(f"{kind:32}{count:12}{related:12}{placed:16}")
    related = sum(each.related for each in judged)
    print(f"{related} of {len(judged)} related to their spot ({related / max(1, len(judged)):.3f})")
    strangers = [f"{each.kind} to {other}" for each in judged for other in each.strangers]
    print(f"related to a stranger: {len(strangers)} of {STRANGERS * len(judged)} {strangers}")


def _begins(spot: Measured, shown: Measured) -> float | None:
    """The second of the spot at which what it is called a version of begins; None where it is none."""
    found = ours.compare(spot, shown)
    return found.stretches["one"][0] if found and found.family and found.stretches else None


def _spot(to: Path, scenes: list[Scene]) -> Path:
    parts = [to.with_suffix(f".scene{number}.mp4") for number in range(len(scenes))]
    for scene, part in zip(scenes, parts, strict=True):
        scene.saved(part)
    listed = to.with_suffix(".txt")
    listed.write_text("".join(f"file '{part}'\n" for part in parts))
    _ffmpeg("-f", "concat", "-safe", 0, "-i", listed, "-c", "copy", to)
    for part in parts:
        part.unlink()
    return to


def _cut(spot: Path, cut: CutDown, to: Path) -> Path:
    kept = "+".join(f"between(t,{start},{end})" for start, end in cut.stretches)
    _ffmpeg("-i", spot, "-vf", f"select='{kept}',setpts=N/FRAME_RATE/TB,fps=30", "-crf", 28, *real_clips.H264, to)
    return to


def _ffmpeg(*words: object) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *map(str, words)], check=True)


if __name__ == "__main__":
    main()
