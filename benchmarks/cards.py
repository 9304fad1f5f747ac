"""Is every card of an animated banner read? Banners drawn by Chromium, ImageMagick and ffmpeg, none by our own code.

    python -m benchmarks.cards [--banners 40] [--seed 0] [--minutes 30]

A banner has three to six cards, each shown for 0.5 to 2 seconds. Cards have lines of their own, or keep all but a word
of one line: a city, a day, a colour, a month. GIFs are saved by ImageMagick, WebPs by img2webp, APNGs and AVIFs by
ffmpeg and avifenc. The offline extractor reads the file; each word that was drawn is looked for in its `text`, and each
that is not there in the card alone: what is not read there either is missed by reading, else by putting together.
"""

import argparse
import random
import re
from dataclasses import dataclass
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
from PIL import Image

from benchmarks.duplicates.__main__ import within
from benchmarks.saving import Save, apng, avif, gif, run, webp
from functions.extract.extractors.offline import findings, footage
from shared.media import showing, storyboards
from shared.media.sandbox import InMemory

SIZES = ((300, 250), (336, 280), (728, 90), (320, 480), (300, 600), (600, 600), (970, 250))
DURATIONS_MS = (500, 700, 1000, 1500, 2000)
COLOURS = (
    ("#ffffff", "#111111"), ("#0b2545", "#ffffff"), ("#ffd400", "#1a1a1a"), ("#b3001b", "#ffffff"),
    ("#e8f1ec", "#14532d"), ("#222222", "#ffb703"),
)  # fmt: skip
LINES = (
    "Free delivery on all orders over £40", "Our summer collection is here", "Half price garden chairs",
    "Up to 60% off", "Shop now", "Book your seat today", "Nuovi divani da 599 €", "Fino al 50% di sconto",
    "Jetzt bestellen", "Kostenloser Versand ab 29 €", "Livraison offerte en magasin", "Profitez de nos offres",
    "Fresh bread every morning", "Now $19.99 instead of $34.99", "Try it free for 30 days", "Only this weekend",
    "Reserva tu mesa hoy", "Envío gratis en 24 horas", "Made of recycled wool", "New running shoes from €79",
)  # fmt: skip
CHANGING = (
    ("Find our new store in the middle of {}", ("Milan", "Turin", "Naples", "Bologna", "Verona", "Genoa")),
    ("We deliver to your home on {}", ("Monday", "Tuesday", "Friday", "Saturday", "Sunday", "Thursday")),
    ("The warm winter jacket now in {}", ("black", "green", "orange", "white", "purple", "brown")),
    ("Die grossen Angebote gelten bis Ende {}", ("Januar", "April", "August", "Oktober", "Dezember", "Mai")),
    ("Classic leather shoes for {}", ("men", "women", "children", "dancers", "hikers", "everyone")),
)
_SIGNS = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Banner:
    """What a banner shows: the lines of each card, for how long, in which size and colours; and who draws it."""

    size: tuple[int, int]
    colours: tuple[str, str]
    cards: tuple[tuple[str, ...], ...]
    durations_ms: tuple[int, ...]
    drawn_by: str
    saved_by: str


def make(seed: int) -> Banner:
    """A banner of its own, the same for the same seed."""
    chosen = random.Random(seed)
    count, size = chosen.randint(3, 6), SIZES[seed % len(SIZES)]
    lines = 2 if size[1] < 200 else 3
    if seed % 2:
        pattern, words = chosen.choice(CHANGING)
        kept = chosen.sample(LINES, lines - 1)
        cards = tuple((pattern.format(word), *kept) for word in chosen.sample(words, count))
    else:
        drawn = chosen.sample(LINES, count * lines)
        cards = tuple(tuple(drawn[at : at + lines]) for at in range(0, len(drawn), lines))
    return Banner(
        size,
        chosen.choice(COLOURS),
        cards,
        tuple(chosen.choice(DURATIONS_MS) for _ in cards),
        tuple(DRAW)[seed // 2 % len(DRAW)],
        tuple(SAVE)[seed // 3 % len(SAVE)],
    )


def _lettering(banner: Banner, lines: tuple[str, ...]) -> tuple[int, list[int]]:
    """How large the letters may be, in pixels, and where each line stands."""
    width, height = banner.size
    widest = max(len(line) for card in banner.cards for line in card)
    size = max(10, min(40, int(width * 0.92 / (0.66 * widest)), int(height * 0.7 / len(lines))))
    step = height / (len(lines) + 0.4)
    return size, [round(step * (at + 0.35)) for at in range(len(lines))]


def _by_chromium(banner: Banner, folder: Path) -> None:
    (width, height), (ground, ink) = banner.size, banner.colours
    body = ""
    for card in banner.cards:
        size, tops = _lettering(banner, card)
        spans = (
            f'<p style="position:absolute;margin:0;left:3%;top:{top}px;white-space:nowrap">{escape(line)}</p>'
            for top, line in zip(tops, card, strict=True)
        )
        style = f"position:relative;width:{width}px;height:{height}px;background:{ground};color:{ink}"
        body += f'<div style="{style};font:bold {size}px sans-serif;overflow:hidden">{"".join(spans)}</div>'
    page, shot = folder / "page.html", folder / "shot.png"
    page.write_text(f'<meta charset="utf-8"><body style="margin:0">{body}', encoding="utf-8")
    window = f"--window-size={width},{height * len(banner.cards)}"
    run("chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--screenshot={shot}", window, f"file://{page}")
    with Image.open(shot) as drawn:
        for at in range(len(banner.cards)):
            drawn.convert("RGB").crop((0, at * height, width, (at + 1) * height)).save(folder / f"{at}.png")


def _by_imagemagick(banner: Banner, folder: Path) -> None:
    for at, card in enumerate(banner.cards):
        size, tops = _lettering(banner, card)
        words: list[object] = ["-gravity", "NorthWest", "-font", "DejaVu-Serif-Bold", "-pointsize", round(size * 0.9)]
        for top, line in zip(tops, card, strict=True):
            escaped = line.replace("%", "%%")  # which begins a property there
            words += ["-fill", banner.colours[1], "-annotate", f"+{banner.size[0] * 3 // 100}+{top}", escaped]
        run(
            "convert",
            "-size",
            "{}x{}".format(*banner.size),
            f"xc:{banner.colours[0]}",
            *words,
            f"PNG24:{folder}/{at}.png",
        )


def _by_ffmpeg(banner: Banner, folder: Path) -> None:
    ground, ink = (colour.replace("#", "0x") for colour in banner.colours)
    for at, card in enumerate(banner.cards):
        size, tops = _lettering(banner, card)
        filters = []
        for number, (top, line) in enumerate(zip(tops, card, strict=True)):
            text = folder / f"{at}.{number}.txt"
            text.write_text(line, encoding="utf-8")
            where = f"x=w*3/100:y={top}:fontsize={round(size * 0.9)}:fontcolor={ink}"
            filters.append(f"drawtext=font=DejaVu Sans:expansion=none:textfile={text}:{where}")
        canvas = "color=c={}:s={}x{}".format(ground, *banner.size)
        run(
            "ffmpeg",
            "-v",
            "error",
            "-y",
            "-f",
            "lavfi",
            "-i",
            canvas,
            "-vf",
            ",".join(filters),
            "-frames:v",
            1,
            folder / f"{at}.png",
        )


DRAW = {"Chromium": _by_chromium, "ImageMagick": _by_imagemagick, "ffmpeg": _by_ffmpeg}


SAVE: dict[str, Save] = {"GIF": gif, "WebP": webp(70), "APNG": apng, "AVIF": avif}
TYPES = {"GIF": "image/gif", "WebP": "image/webp", "APNG": "image/png", "AVIF": "image/avif"}


@dataclass(frozen=True)
class Missed:
    """A word that was drawn and is not in the text of the whole; `alone`: whether it is read in its card alone."""

    word: str
    alone: bool
    banner: Banner


def read(banner: Banner) -> tuple[int, list[Missed]]:
    """How many words its cards have, and which of them are missed."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        DRAW[banner.drawn_by](banner, folder)
        content = SAVE[banner.saved_by](folder, banner.durations_ms).read_bytes()
        scenes = storyboards.decode(showing.shown_scenes(InMemory(content), TYPES[banner.saved_by]))
        told = _words(footage.of_animation(scenes, sum(banner.durations_ms) / 1000).get("text"))
        missed, count = [], 0
        for at, card in enumerate(banner.cards):
            words = _words(" ".join(card))
            count += len(words)
            there = [word for word in words if word not in told]
            if there:
                with Image.open(folder / f"{at}.png") as picture:
                    alone = _words(findings.of_image(picture.convert("RGB")).get("text"))
                missed += [Missed(word, word in alone, banner) for word in there]
        return count, missed


def _words(text: object) -> list[str]:
    return _SIGNS.findall(str(text or "").casefold())


def main() -> None:
    """Draws, saves, reads, prints."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--banners", type=int, default=40)
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--minutes", type=float, default=30.0, help="then what was read so far is told")
    chosen = arguments.parse_args()
    cv2.setNumThreads(1)
    first = 1000 * chosen.seed
    said = [read(make(seed)) for seed in within(chosen.minutes, range(first, first + chosen.banners))]
    words, missed = sum(count for count, _ in said), [each for _, some in said for each in some]
    lost = sum(each.alone for each in missed)
    print(f"\n{words - len(missed)} of {words} words of {len(said)} banners are in their text")
    print(f"of the others {lost} are read in their card alone, {len(missed) - lost} are not")
    for each in missed:
        read_alone, of = "read" if each.alone else "not read", each.banner
        print(f"  {each.word}, {read_alone} alone: {of.drawn_by}, {of.saved_by}, {of.size}")


if __name__ == "__main__":
    main()
