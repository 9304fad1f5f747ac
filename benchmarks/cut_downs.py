"""Are cut-downs of a spot related to it, and to no other? Spots of 30 s, of clips and photographs by others.

    python -m benchmarks.cut_downs [--spots 20] [--seed 0]

A spot is ten scenes of three seconds, cut together by ffmpeg: stretches of the clips of `benchmarks.real_clips`, and
photographs (Debian's wallpapers, PyPI's) over which a camera moves. No two spots have a scene in common. Its cut-downs
are saved at crf 28, at another rate: one stretch of 6, 15 or 20 s, the same with the spot's last two seconds behind it,
and 15 s of scenes picked out. Each is compared with its own spot and with those of three others; a cut-down is found
when it is called a version, at the second where it begins in the spot (half a second to either side).
"""

import argparse
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

import cv2

from benchmarks import real_clips
from benchmarks.duplicates import ours, wallpapers
from benchmarks.duplicates.ours import Measured

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
            _ffmpeg("-i", picture, "-vf", f"{move}{flip},setsar=1", to)
            return
        source = real_clips.source(self.clip)
        _ffmpeg("-ss", self.start, "-t", SCENE_S, "-i", source, "-an", "-r", _RATE, "-vf", _FILLED + flip, to)


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


def main() -> None:
    """Cuts, compares, prints."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--spots", type=int, default=20)
    arguments.add_argument("--seed", type=int, default=0)
    chosen = arguments.parse_args()
    cv2.setNumThreads(1)
    with TemporaryDirectory(dir=gettempdir()) as name:
        _compare(Path(name), chosen.spots, chosen.seed)


def _compare(folder: Path, count: int, seed: int) -> None:
    files = [_spot(folder / f"{number}.mp4", scenes) for number, scenes in enumerate(spots(count, seed))]
    measured = [_measured(file, f"spot {number} of {count}") for number, file in enumerate(files, 1)]
    there, found, placed, strangers = Counter[str](), Counter[str](), Counter[str](), list[str]()
    for number, spot in enumerate(measured):
        for cut in cut_downs(1000 * seed + number):
            shown = _measured(_cut(files[number], cut, folder / "cut.mp4"), f"a cut-down of spot {number + 1}")
            there[cut.kind] += 1
            at_s = _begins(spot, shown)
            found[cut.kind] += at_s is not None
            placed[cut.kind] += at_s is not None and any(abs(at_s - start) <= NEAR_S for start, _ in cut.stretches)
            for other in random.Random(number).sample([*range(number), *range(number + 1, count)], STRANGERS):
                if _begins(measured[other], shown) is not None:
                    strangers.append(f"{cut.kind} of {number} to {other}")
    print(f"\n{'':32}{'cut-downs':>12}{'related':>12}{'at its second':>16}")
    for kind, of_kind in there.items():
        print(f"{kind:32}{of_kind:12}{found[kind]:12}{placed[kind]:16}")
    print(f"related to a stranger: {len(strangers)} of {STRANGERS * there.total()} {strangers}")


def _begins(spot: Measured, shown: Measured) -> float | None:
    """The second of the spot at which what it is called a version of begins; None where it is none."""
    found = ours.compare(spot, shown)
    return found.stretches["one"][0] if found and found.family and found.stretches else None


def _measured(file: Path, name: str) -> Measured:
    print(f"\rlooking at {name}   ", end="", file=sys.stderr, flush=True)
    return ours.measure_moving(file.read_bytes())


def _spot(to: Path, scenes: list[Scene]) -> Path:
    parts = [to.with_name(f"scene{number}.mp4") for number in range(len(scenes))]
    for scene, part in zip(scenes, parts, strict=True):
        scene.saved(part)
    listed = to.with_suffix(".txt")
    listed.write_text("".join(f"file '{part}'\n" for part in parts))
    _ffmpeg("-f", "concat", "-safe", 0, "-i", listed, "-crf", 20, to)
    return to


def _cut(spot: Path, cut: CutDown, to: Path) -> Path:
    kept = "+".join(f"between(t,{start},{end})" for start, end in cut.stretches)
    _ffmpeg("-i", spot, "-vf", f"select='{kept}',setpts=N/FRAME_RATE/TB,fps=30", "-crf", 28, to)
    return to


def _ffmpeg(*words: object) -> None:
    *given, to = (str(word) for word in words)
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *given, *real_clips.H264, to], check=True)


if __name__ == "__main__":
    main()
