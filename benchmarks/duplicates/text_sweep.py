"""Down to which size, and how pale, are other words told apart? By height, ink and canvas, as others' tools save them.

    python -m benchmarks.duplicates.text_sweep [--canvas 300x250] [--half kept|tuned] [--lossy] [--rows FILE]

One line of text on a plain band over a photograph; its number is exchanged. A pair counts where the difference can
still be read in what was saved (see legibility.py), and its words are at least nine pixels high there: some copies are
reduced. It prints how many of the pairs that count were merged: none should be.

One of the two files lost nothing. With `--lossy` it did, too: where both formats took something of the colours, words
in colour alone are hardest to tell. So it is said of which pairs a person still sees it: where the mean stroke that
differs is ten or more apart (CIEDE2000, scikit-image's) between the two files, and from its ground in each of them.
"""

import argparse
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
from PIL import Image, ImageDraw, ImageFont
from skimage.color import deltaE_ciede2000

from benchmarks.duplicates import legibility, ours
from benchmarks.duplicates.pairs import File
from benchmarks.duplicates.tools import TOOLS, Tool
from benchmarks.duplicates.wallpapers import background

Colour = tuple[int, int, int]

CANVASES = ((300, 250), (728, 90), (600, 600), (1080, 1080), (1080, 1920))
HEIGHTS = (9, 12, 14, 18, 24, 36)
INKS: dict[str, tuple[Colour, Colour]] = {
    "30 levels": ((210, 210, 210), (240, 240, 240)),
    "60 levels": ((180, 180, 180), (240, 240, 240)),
    "120 levels": ((120, 120, 120), (240, 240, 240)),
    "235 levels": ((20, 20, 20), (255, 255, 255)),
    "red on green": ((198, 62, 58), (44, 127, 44)),
    "orange on blue": ((226, 122, 44), (92, 151, 222)),
    "pink on grey": ((214, 96, 158), (127, 134, 139)),
    "pale pink on grey": ((222, 190, 205), (200, 200, 200)),
}
WORDS = (
    ("20% OFF", "50% OFF"), ("€19.99", "€19.49"), ("from €38", "from €33"),
    ("12 months", "24 months"), ("1.9% APR", "7.9% APR"), ("until 3 May", "until 8 May"),
)  # fmt: skip
SAVERS: dict[str, Tool] = {
    "bmp": TOOLS["bmp"],
    "jpeg q70": Tool(("convert {in} -quality 70 {out}",), ".jpg"),
    "jpeg q50": Tool(("convert {in} -quality 50 {out}",), ".jpg"),
    "webp q50": TOOLS["webp q50"],
    "crop, webp q75": Tool(
        ("convert {in} -gravity center -crop 98%x98%+0+0 +repage {tmp}.png", "cwebp -quiet -q 75 {tmp}.png -o {out}"),
        ".webp",
    ),
    "avif": TOOLS["avif"],
    "3/4": Tool(("convert {in} -resize 75% -quality 85 {out}",), ".jpg"),
    "3/4 by ffmpeg": Tool(("ffmpeg -v error -y -i {in} -vf scale=iw*3/4:-1 -q:v 3 {out}",), ".jpg"),
    "2/3, webp q75": Tool(("convert {in} -resize 66.67% {tmp}.png", "cwebp -quiet -q 75 {tmp}.png -o {out}"), ".webp"),
    "2/3 of its light": Tool(
        ("convert {in} -colorspace RGB -resize 66.67% -colorspace sRGB -quality 88 {out}",), ".jpg"
    ),
    "2/3, avif": Tool(
        ("convert {in} -filter Triangle -resize 66.67% {tmp}.png", "avifenc -s 8 --min 20 --max 36 {tmp}.png {out}"),
        ".avif",
    ),
}
LOSSY: dict[str, Tool] = {
    "jpeg q85": TOOLS["jpeg q85"],
    "jpeg q92, 4:2:0": Tool(("convert {in} -sampling-factor 4:2:0 -quality 92 {out}",), ".jpg"),
    "webp q85": Tool(("cwebp -quiet -q 85 {in} -o {out}",), ".webp"),
    "gif": TOOLS["gif"],
    "avif": TOOLS["avif"],
}
"""How the other file was saved, with `--lossy`."""


@dataclass(frozen=True)
class Read:
    """Whether two pictures whose words a person tells apart were merged.

    Attributes:
        between: what is left of the words in the two files that were compared: how far those are apart in them.
        contrasts: and how far words are from their ground in each.
    """

    canvas: tuple[int, int]
    height: int
    ink: str
    words: str
    saved_by: str
    between: float
    contrasts: tuple[float, float]
    merged: bool
    score: float

    @property
    def seen(self) -> bool:
        """Whether as much is left as a person sees."""
        return min(self.between, *self.contrasts) >= legibility.LEAST_COLOUR


def picture(canvas: tuple[int, int], height: int, ink: str, text: str, seed: int) -> Image.Image:
    """The line of text, on its band, over a photograph."""
    image = background(seed, canvas, part=0.4)
    width, tall = canvas
    colour, ground = INKS[ink]
    top = round(tall * 0.7) - height // 2
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, top - height, width, top + 2 * height), fill=ground)
    font = ImageFont.truetype("DejaVuSans.ttf", height)
    pen.text((width // 9 + seed % 7, top), text, colour, font, anchor="lt")
    return image


def pairs(canvas: tuple[int, int], *, kept: bool, lossy: bool) -> Iterator[tuple[Read, File, File]]:
    """All that can be read in both files, not yet judged."""
    for at, (height, ink, words) in enumerate(
        (height, ink, words) for height in HEIGHTS for ink in INKS for words in WORDS
    ):
        drawn = [picture(canvas, height, ink, text, 2 * at + kept) for text in words]
        name, saver = list(SAVERS.items())[at % len(SAVERS)]
        saved = [saver.run(each) for each in drawn]
        if lossy:
            first_name, first_saver = list(LOSSY.items())[at % len(LOSSY)]
            first, other = (first_saver.run(each) for each in drawn)
            if not legibility.differs(first.image, other.image, (drawn[0], drawn[1])):
                continue
            name = f"{first_name} and {name}"
        else:
            first = File.saved(drawn[0], "PNG", compress_level=1)
        if round(height * saved[0].image.width / canvas[0]) < HEIGHTS[0]:
            continue
        if legibility.differs(saved[0].image, saved[1].image, (drawn[0], drawn[1])):
            read = Read(canvas, height, ink, " / ".join(words), name, *_left(first, saved[1], drawn, ink), False, 0.0)
            yield read, first, saved[1]


def _left(one: File, other: File, drawn: Sequence[Image.Image], ink: str) -> tuple[float, tuple[float, float]]:
    found = legibility.left(one.image, other.image, (drawn[0], drawn[1]), INKS[ink][1], deltaE_ciede2000)
    return round(found.between, 1), (round(found.contrasts[0], 1), round(found.contrasts[1], 1))


def judged(canvas: tuple[int, int], *, kept: bool, lossy: bool) -> Iterator[Read]:
    """What is made of each pair."""
    for read, one, other in pairs(canvas, kept=kept, lossy=lossy):
        found = ours.compare(ours.measure(one), ours.measure(other))
        said = {"merged": found is not None and found.same, "score": found.score if found else 0.0}
        yield Read(**(asdict(read) | said))


def report(canvas: tuple[int, int], found: Sequence[Read]) -> None:
    """Tables by ink and height: merged of those that can be read somewhere, then of those that are seen as a whole."""
    for title, some in (
        ("pairs that can be read", found),
        ("pairs of which as much is left as a person sees", [one for one in found if one.seen]),
    ):
        print(f"\n{canvas[0]}x{canvas[1]}: merged of {title}: {sum(one.merged for one in some)} of {len(some)}")
        print(f"  {'':20}" + "".join(f"{f'{height} px':>10}" for height in HEIGHTS))
        for ink in INKS:
            cells = [[one for one in some if one.ink == ink and one.height == height] for height in HEIGHTS]
            counts = (f"{sum(one.merged for one in cell)} of {len(cell)}" for cell in cells)
            print(f"  {ink:20}" + "".join(f"{count:>10}" for count in counts))


def main() -> None:
    """Draws, judges, prints."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--canvas", action="append", help="width x height; all of them by default")
    arguments.add_argument("--half", choices=("kept", "tuned"), default="kept")
    arguments.add_argument("--lossy", action="store_true", help="both files lost something")
    arguments.add_argument("--rows", type=Path, default=Path(os.devnull), help="a file for one line of JSON per pair")
    chosen = arguments.parse_args()
    cv2.setNumThreads(1)
    names = chosen.canvas or [f"{width}x{height}" for width, height in CANVASES]
    with chosen.rows.open("w") as file:
        for name in names:
            width, height = (int(side) for side in name.split("x"))
            found = list(judged((width, height), kept=chosen.half == "kept", lossy=chosen.lossy))
            file.writelines(f"{json.dumps(asdict(one))}\n" for one in found)
            report((width, height), found)


if __name__ == "__main__":
    main()
