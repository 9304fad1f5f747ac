"""Saves an animation by programs that are not ours; its frames lie in a folder as 0.png, 1.png …"""

import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

type Save = Callable[[Path, Sequence[int]], Path]
"""Saves the frames of a folder, each shown for so many milliseconds; the path of what comes out."""


def run(*words: object) -> None:
    """Runs a program, whose words may be of any language.

    Raises:
        CalledProcessError: when it fails.
    """
    command = [str(word) for word in words]
    subprocess.run(command, check=True, capture_output=True, env=os.environ | {"LC_ALL": "C.UTF-8"})


def gif(folder: Path, durations_ms: Sequence[int], *options: str) -> Path:
    """By ImageMagick."""
    shown = [
        word for at, lasts in enumerate(durations_ms) for word in ("-delay", f"{lasts}x1000", folder / f"{at}.png")
    ]
    run("convert", "-loop", 0, *shown, *options, folder / "out.gif")
    return folder / "out.gif"


def webp(quality: int) -> Save:
    """By img2webp."""

    def save(folder: Path, durations_ms: Sequence[int]) -> Path:
        shown = _each(folder, durations_ms, "-d")
        run("img2webp", "-loop", 0, "-lossy", "-q", quality, *shown, "-o", folder / "out.webp")
        return folder / "out.webp"

    return save


def by_ffmpeg(suffix: str, *options: str) -> Save:
    """By ffmpeg, from a GIF."""

    def save(folder: Path, durations_ms: Sequence[int]) -> Path:
        out = folder / f"out{suffix}"
        run("ffmpeg", "-v", "error", "-y", "-i", gif(folder, durations_ms), *options, out)
        return out

    return save


def from_frames(suffix: str, *options: str) -> Save:
    """By ffmpeg, from the frames themselves."""

    def save(folder: Path, durations_ms: Sequence[int]) -> Path:
        out, listed = folder / f"direct{suffix}", folder / "frames.ffconcat"
        shown = [f"file {at}.png\nduration {lasts / 1000}" for at, lasts in enumerate(durations_ms)]
        last = f"file {len(durations_ms) - 1}.png"  # whose duration counts only where another one follows
        listed.write_text("\n".join(["ffconcat version 1.0", *shown, last]), encoding="utf-8")
        total = sum(durations_ms) / 1000
        run("ffmpeg", "-v", "error", "-y", "-f", "concat", "-i", listed, "-t", total, *options, out)
        return out

    return save


def gif_as_webp(folder: Path, durations_ms: Sequence[int]) -> Path:
    """By gif2webp."""
    run("gif2webp", "-quiet", "-lossy", "-q", 70, gif(folder, durations_ms), "-o", folder / "again.webp")
    return folder / "again.webp"


def avif(folder: Path, durations_ms: Sequence[int]) -> Path:
    """By avifenc."""
    shown = _each(folder, durations_ms, "--duration")
    run("avifenc", "-s", 8, "--min", 20, "--max", 30, "--timescale", 1000, *shown, folder / "out.avif")
    return folder / "out.avif"


apng = by_ffmpeg(".apng", "-plays", "0", "-fps_mode", "passthrough")


def _each(folder: Path, durations_ms: Sequence[int], option: str) -> Iterator[object]:
    for at, lasts in enumerate(durations_ms):
        yield from (option, lasts, folder / f"{at}.png")
