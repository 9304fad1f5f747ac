"""Are two animated banners told apart that differ in one word or digit, however small, pale or brief?

    python -m benchmarks.faint_words [--bases 30] [--half kept|tuned] [--seed 0] [--others 12] [--copies 6]

A banner has two to five cards over a plain colour, a gradient or a photograph (as `benchmarks.animated` has them),
drawn by ImageMagick: a headline each, and a line of 9 to 24 pixels in one of them or in all, 30 to 60 levels from its
ground or told from it by colour alone (ΔE 10 and more). It is saved by ten tools, and so is another banner in which one
word, or digit, of that line is another on one card. So many files of the one are held against files of the other, by
whatever tools: none may be merged. The files of one banner are copies of each other: how many are found?
"""

import argparse
import random
from collections import Counter
from dataclasses import dataclass, replace
from itertools import combinations, product
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.duplicates import legibility, ours, wallpapers
from benchmarks.duplicates.__main__ import within
from benchmarks.saving import Save, avif, by_ffmpeg, from_frames, gif, run, webp

SIZES = ((300, 250), (160, 600), (728, 90), (320, 50), (336, 280), (120, 600), (468, 60), (300, 600))
DURATIONS_MS = (100, 200, 500, 1000, 2000)
GROUNDS = ("plain", "gradient", "photograph")
HEADLINES = ("Sale", "Fresh bread", "Drive home", "Fly away", "New tyres", "Read more", "Big wool", "Hello!")
LINES = (
    ("until {} June", ("14", "16", "19", "24")), ("now {} off", ("20%", "50%", "60%", "80%")),
    ("from €{}.99", ("38", "33", "39", "88")), ("{} delivery", ("free", "fast", "late", "slow")),
    ("only in {}", ("Milan", "Turin", "Siena", "Genoa")), ("{} months free", ("3", "6", "8", "9")),
    ("{}% APR", ("1.9", "4.9", "1.8", "7.9")), ("open on {}", ("Monday", "Friday", "Sunday", "Tuesday")),
)  # fmt: skip
PIXELS = (9, 10, 12, 14, 18, 24)
LEVELS = (30, 40, 50, 60)
_EVEN = "scale=trunc(iw/2)*2:trunc(ih/2)*2"
_VIDEO = ("-vf", f"fps=25,{_EVEN}", "-pix_fmt", "yuv420p")
_PASSED = ("-fps_mode", "passthrough", "-vf", _EVEN, "-pix_fmt", "yuv420p")

SVT, LEAST_OF_SVT = "AVIF (SVT-AV1)", 64  # pixels a side
TOOLS: dict[str, Save] = {
    "GIF": gif,
    "GIF, 64 colours": lambda folder, lasting: gif(folder, lasting, "+dither", "-colors", "64"),
    "WebP 80": webp(80),
    "WebP 50": webp(50),
    "APNG": from_frames(".apng", "-plays", "0", "-fps_mode", "passthrough"),
    "AVIF (avifenc)": avif,
    SVT: by_ffmpeg(".avif", *_PASSED, "-c:v", "libsvtav1", "-crf", "30", "-preset", "9"),
    "MP4 (x264)": from_frames(".mp4", *_VIDEO, "-c:v", "libx264"),
    "MP4 (MPEG-4)": from_frames(".mp4", *_VIDEO, "-c:v", "mpeg4", "-q:v", "3"),
    "WebM (VP9)": from_frames(".webm", *_VIDEO, "-c:v", "libvpx-vp9", "-crf", "30", "-b:v", "0", "-cpu-used", "5"),
}


@dataclass(frozen=True)
class Card:
    """A headline, and the line below it; none where it is empty."""

    headline: str
    line: str


@dataclass(frozen=True)
class Banner:
    """What a banner shows, and for how many milliseconds each card.

    Attributes:
        seed: of its ground.
        pixels: the height of the line's letters, as fonts count it.
        levels: between the line and its ground; 0 where it is told from it by colour alone.
    """

    seed: int
    size: tuple[int, int]
    ground: str
    cards: tuple[Card, ...]
    durations_ms: tuple[int, ...]
    pixels: int
    levels: int


def make(seed: int) -> tuple[Banner, Banner]:
    """A banner of its own, the same for the same seed, and the one that says something else on one card."""
    chosen = random.Random(seed)
    size, count = SIZES[seed // 2 % len(SIZES)], chosen.randint(2, 5)
    pattern, words = chosen.choice(LINES)
    word, other = chosen.sample(words, 2)
    at, on_all = chosen.randrange(count), chosen.random() < 0.5
    headlines = chosen.sample(HEADLINES, count)
    cards = [Card(each, pattern.format(word) if on_all or card == at else "") for card, each in enumerate(headlines)]
    banner = Banner(
        seed,
        size,
        chosen.choice(GROUNDS),
        tuple(cards),
        tuple(chosen.choice(DURATIONS_MS) for _ in cards),
        chosen.choice([pixels for pixels in PIXELS if pixels < size[1] / 3]),
        0 if chosen.random() < 1 / 3 else chosen.choice(LEVELS),
    )
    cards[at] = replace(cards[at], line=pattern.format(other))
    return banner, replace(banner, cards=tuple(cards))


def draw(banner: Banner, folder: Path) -> None:
    """Its cards, as 0.png, 1.png …"""
    (width, height), chosen = banner.size, random.Random(banner.seed)
    ground = folder / "ground.png"
    _ground(banner, chosen).save(ground)
    wide = width > 2 * height
    beside = (width * 55 // 100, (height - banner.pixels) // 2) if wide else (width // 14, height * 2 // 3)
    with Image.open(ground) as picture:
        around = (beside[0], beside[1], beside[0] + 8 * banner.pixels, beside[1] + banner.pixels)
        mean = np.asarray(picture.convert("RGB").crop(around), np.float32).reshape(-1, 3).mean(axis=0)
    ink = _ink(mean, banner.levels, chosen)
    headline = "#ffffff" if mean.mean() < 128 else "#101010"
    size = round(min(height / 2 if wide else height / 6, width / 8))
    for at, card in enumerate(banner.cards):
        words: list[object] = [ground, "-gravity", "NorthWest", "-font", "DejaVu-Sans-Bold"]
        top = (height - size) // 2 if wide else height // 8
        words += ["-pointsize", size, "-fill", headline, "-annotate", f"+{width // 20}+{top}", card.headline]
        if card.line:
            words += ["-font", "DejaVu-Sans", "-pointsize", banner.pixels * 4 // 3, "-fill", ink]
            words += ["-annotate", f"+{beside[0]}+{beside[1]}", card.line.replace("%", "%%")]
        run("convert", *words, f"PNG24:{folder}/{at}.png")


def _ground(banner: Banner, chosen: random.Random) -> Image.Image:
    if banner.ground == "photograph":
        return wallpapers.background(banner.seed, banner.size, part=chosen.random())
    first = [chosen.randrange(30, 226) for _ in range(3)]
    last = first if banner.ground == "plain" else [min(235, max(20, each + chosen.randint(-70, 70))) for each in first]
    way = np.linspace(0, 1, banner.size[1], dtype=np.float32)[:, None, None]
    rows = np.array(first) * (1 - way) + np.array(last) * way
    return Image.fromarray(np.broadcast_to(rows.round(), (banner.size[1], banner.size[0], 3)).astype(np.uint8))


def _ink(ground: NDArray[np.float32], levels: int, chosen: random.Random) -> str:
    """So many levels lighter or darker than the ground; or as light, but of another colour."""
    if levels:
        ink = ground + (levels if ground.mean() < 128 else -levels)
    else:
        luma = np.array([0.299, 0.587, 0.114])
        way = np.array([chosen.choice((-1.0, 1.0)), 0.0, chosen.choice((-1.0, 1.0))]) * chosen.uniform(35, 70)
        way[1] = -float(way @ luma) / luma[1]
        ink = ground + way.astype(np.float32)
    red, green, blue = (int(each) for each in np.clip(np.round(ink), 0, 255))
    return f"rgb({red},{green},{blue})"


def saved(folder: Path, banner: Banner) -> dict[str, bytes]:
    """The files that the tools make of the cards in a folder."""
    tools = {name: save for name, save in TOOLS.items() if name != SVT or min(banner.size) >= LEAST_OF_SVT}
    return {name: save(folder, banner.durations_ms).read_bytes() for name, save in tools.items()}


def files(seed: int) -> tuple[Banner, list[dict[str, bytes]]] | None:
    """A banner and the files of both; None where nobody reads that they differ."""
    both, found, shown = make(seed), list[dict[str, bytes]](), list[list[Image.Image]]()
    for banner in both:
        with TemporaryDirectory() as name:
            folder = Path(name)
            draw(banner, folder)
            shown.append([Image.open(folder / f"{at}.png").convert("RGB") for at in range(len(banner.cards))])
            found.append(saved(folder, banner))
    if not any(legibility.differs(*cards) for cards in zip(*shown, strict=True)):
        return None
    return both[0], found


@dataclass(frozen=True)
class Judged:
    """What was found of two files, by the tools that saved them; `true`: whether they show the same."""

    banner: Banner
    tools: tuple[str, str]
    true: bool
    same: bool

    @property
    def wrong(self) -> bool:
        """Whether that is not so."""
        return self.true is not self.same


def judged(seed: int, others: int, copies: int) -> list[Judged]:
    """So many pairs of files that say something else, and so many that show the same."""
    made = files(seed)
    if made is None:
        return []
    banner, (one, other) = made
    chosen = random.Random(seed)
    pairs = [((first, second), False, one[first], other[second]) for first, second in product(one, other)]
    same = [((first, second), True, one[first], one[second]) for first, second in combinations(one, 2)]
    told = []
    for tools, true, *both in (*chosen.sample(pairs, others), *chosen.sample(same, copies)):
        comparison = ours.compare(*map(ours.measure_moving, both))
        told.append(Judged(banner, tools, true, comparison is not None and comparison.same))
    return told


def main() -> None:
    """Draws, saves, judges, prints."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--bases", type=int, default=30)
    arguments.add_argument("--half", choices=("kept", "tuned"), default="kept")
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--others", type=int, default=12)
    arguments.add_argument("--copies", type=int, default=6)
    arguments.add_argument("--minutes", type=float, default=60.0, help="then what was judged so far is told")
    chosen = arguments.parse_args()
    cv2.setNumThreads(1)
    first = chosen.seed * 1000 + (chosen.half == "kept")
    seeds = within(chosen.minutes, range(first, first + 2 * chosen.bases, 2))
    said = [each for seed in seeds for each in judged(seed, chosen.others, chosen.copies)]
    for true, verb in ((False, "merged"), (True, "found")):
        some = [each for each in said if each.true is true]
        print(f"{sum(each.same for each in some)} of {len(some)} {'copies' if true else 'others'} are {verb}")
    wrong = [f"{'missed' if each.true else 'merged'}: {' | '.join(sorted(each.tools))}" for each in said if each.wrong]
    for kind, count in Counter(wrong).most_common():
        print(f"  {count} {kind}")


if __name__ == "__main__":
    main()
