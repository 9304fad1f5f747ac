"""Animated banners: are two that differ in one frame told apart, is one saved by another tool found, is all of it read?

    python -m benchmarks.animated [--bases 40] [--half kept|tuned] [--seed 0] [--minutes 60] [--text] [--at-least .95]

A banner is three to six frames over one photograph (Debian's wallpapers, PyPI's photographs), each with an offer of its
own, shown for 0.1 to 2 seconds. GIFs are saved by ImageMagick, WebPs by img2webp, APNGs, AVIFs and MP4s by ffmpeg, from
the frames and from one another. Of each base there are five edits of one frame and five files of other tools. Even
seeds see one half of the photographs, odd ones the other; nothing was tuned on the kept one.

With `--text` the offline extractor reads each GIF: of the words that it reads in a frame alone, shown for half a second
and longer, how many are in the `text` of the whole?
"""

import argparse
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
from PIL import Image

from benchmarks import holding
from benchmarks.duplicates import composing, legibility
from benchmarks.duplicates.__main__ import CLIP_NAMES, clip_verdict, hold, report, within
from benchmarks.duplicates.composing import Composed
from benchmarks.duplicates.pairs import Pair
from benchmarks.saving import Save, apng, avif, by_ffmpeg, gif, gif_as_webp, webp
from functions.extract.extractors.offline import findings, footage
from shared.media import showing, storyboards
from shared.media.sandbox import InMemory

SIZES = ((300, 250), (336, 280), (160, 600), (728, 90), (300, 600), (600, 600))
DURATIONS_MS = (100, 200, 300, 500, 800, 1200, 2000)
EDITS = ("percent", "price digit", "call to action", "headline", "brand", "logo", "photo", "button's colour")
EDITED, SAVED_AGAIN = 5, 5
READ_MS = 500


@dataclass(frozen=True)
class Banner:
    """What it shows: frames and for how many milliseconds each."""

    frames: tuple[Composed, ...]
    durations_ms: tuple[int, ...]


def make(seed: int) -> Banner:
    """A banner of its own, the same for the same seed."""
    chosen = random.Random(seed)
    first = composing.make(seed, SIZES[seed // 2 % len(SIZES)])
    frames = [first]
    for _ in range(chosen.randint(2, 5)):
        frames.append(composing.EDITS[chosen.choice(EDITS[:5])](frames[-1]))
    return Banner(tuple(frames), tuple(chosen.choice(DURATIONS_MS) for _ in frames))


def edits(banner: Banner, chosen: random.Random) -> Iterator[tuple[str, Banner]]:
    """The same but for one frame, in which a person sees the difference; each with what is changed there."""
    for kind in chosen.sample(EDITS, len(EDITS)):
        at = chosen.randrange(len(banner.frames))
        frame = composing.EDITS[kind](banner.frames[at])
        if legibility.differs(_drawn(frame), _drawn(banner.frames[at])):
            yield kind, replace(banner, frames=(*banner.frames[:at], frame, *banner.frames[at + 1 :]))


_EVEN = "scale=trunc(iw/2)*2:trunc(ih/2)*2"
TOOLS: dict[str, Save] = {
    "webp q80 (img2webp)": webp(80),
    "webp q55 (img2webp)": webp(55),
    "gif to webp (gif2webp)": gif_as_webp,
    "gif to mp4, 30 a second (ffmpeg)": by_ffmpeg(
        ".mp4", "-r", "30", "-vf", _EVEN, "-c:v", "libx264", "-pix_fmt", "yuv420p"
    ),
    "gif to apng (ffmpeg)": apng,
    "gif to avif (ffmpeg)": by_ffmpeg(
        ".avif", "-fps_mode", "passthrough", "-vf", _EVEN, "-c:v", "libsvtav1", "-crf", "30", "-pix_fmt", "yuv420p"
    ),
    "avif (avifenc)": avif,
    "gif, optimised (ImageMagick)": lambda folder, lasting: gif(folder, lasting, "-layers", "optimize"),
    "gif, three quarters (ImageMagick)": lambda folder, lasting: gif(
        folder, lasting, "-coalesce", "-resize", "75%", "-layers", "optimize"
    ),
    "gif, 64 colours (ImageMagick)": lambda folder, lasting: gif(folder, lasting, "+dither", "-colors", "64"),
}

_VIDEO_ENCODERS = ("gif to mp4, 30 a second (ffmpeg)", "gif to avif (ffmpeg)", "avif (avifenc)")
EDITED_BY: tuple[Save, ...] = (gif, webp(80), *(TOOLS[name] for name in _VIDEO_ENCODERS))
"""What an edit is saved by: what encoders of video lose, and mix, is where an edit may hide."""


def saved(banner: Banner, save: Save) -> bytes:
    """The file that a tool makes of it."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        for at, frame in enumerate(banner.frames):
            _drawn(frame).save(folder / f"{at}.png", compress_level=1)
        return save(folder, banner.durations_ms).read_bytes()


@cache
def _drawn(frame: Composed) -> Image.Image:
    return composing.draw(frame)


def of_base(seed: int) -> Iterator[Pair[bytes]]:
    """Five edits of one frame, saved as the banner itself is or by another tool; and five files of other tools."""
    chosen, banner = random.Random(seed + 10**6), make(seed)
    base = saved(banner, gif)
    for kind, other in islice(edits(banner, chosen), EDITED):
        save = chosen.choice(EDITED_BY)
        yield Pair(f"one frame: {kind}", False, base, saved(other, save))
    for kind in chosen.sample(list(TOOLS), SAVED_AGAIN):
        yield Pair(kind, True, base, saved(banner, TOOLS[kind]))
    _drawn.cache_clear()


def read(seed: int) -> tuple[int, int]:
    """Of the words that are read in the frames of a banner alone: how many there are, how many the whole has."""
    banner = make(seed)
    content = saved(banner, gif)
    scenes = storyboards.decode(showing.shown_scenes(InMemory(content), "image/gif"))
    told = _words(footage.of_animation(scenes, sum(banner.durations_ms) / 1000).get("text"))
    alone = [
        _words(findings.of_image(_drawn(frame)).get("text"))
        for frame, lasts in zip(banner.frames, banner.durations_ms, strict=True)
        if lasts >= READ_MS
    ]
    _drawn.cache_clear()
    words = [word for each in alone for word in each]
    return len(words), sum(word in told for word in words)


def _words(text: object) -> list[str]:
    return str(text or "").casefold().split()


def main() -> None:
    """Draws, saves, judges, prints."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--bases", type=int, default=40)
    arguments.add_argument("--half", choices=("kept", "tuned"), default="kept")
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--text", action="store_true")
    arguments.add_argument("--minutes", type=float, default=60.0, help="then what was judged so far is told")
    holding.add_option(arguments)
    chosen = arguments.parse_args()
    cv2.setNumThreads(1)
    first = chosen.seed * 1000 + (chosen.half == "kept")
    seeds = range(first, first + 2 * chosen.bases, 2)
    if chosen.text:
        counts = [read(seed) for seed in within(chosen.minutes, seeds)]
        there, told = (sum(each[at] for each in counts) for at in (0, 1))
        print(f"{told} of {there} words ({told / there:.3f}) of frames that are shown for {READ_MS} ms and longer")
        return
    judged = [clip_verdict(pair) for seed in within(chosen.minutes, seeds) for pair in of_base(seed)]
    report(f"{chosen.half} half, seed {chosen.seed}, animated banners", judged, CLIP_NAMES)
    hold(chosen, judged)


if __name__ == "__main__":
    main()
