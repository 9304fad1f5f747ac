"""How fast a picture is hashed, beside `imagehash.dhash(Image.open(file))` and beside what decoding alone costs.

    python -m benchmarks.hashing [--rounds 15] [--pictures 4]

For each format and size, in one run and turn by turn on the same files: imagehash; ours (`shared.media.images`: header
checks, orientation, reduced decode, hash); ours in whole, with the colours and the thumbnail that `hash` makes of the
same decoding; and the limit, which reads the file and decodes it as small as the format allows (a JPEG's luma at 1/8,
others in full) without hashing anything.
Times are processor time of one thread, medians over the rounds, so that other work on the machine does not count.
Pictures are drawn: patches, edges and the grain of a camera. The more bits a JPEG spends on a pixel (column bpp; grain
4 at quality 75 is an ordinary photo), the more of everybody's time goes into reading codes, which nobody can leave out,
and the nearer all ratios come to the limit's. Bits are the worst difference between our hash and that of a full decode;
the tests allow 3.
"""

import argparse
import io
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import imagehash
import numpy as np
from PIL import Image

from functions.hash import decoding
from shared.media import images
from shared.media.sandbox import InMemory
from tests import pictures

CONTENT_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
SIZES = ((1200, 628), (1080, 1080), (4000, 3000))
PIXELS = 10**8
GRAIN = 4  # grey levels


@dataclass(frozen=True)
class Result:
    """Median processor seconds for the files of one format and size, and the worst difference in bits."""

    imagehash: float
    ours: float
    in_whole: float
    limit: float
    bits: int


def photo(width: int, height: int, seed: int) -> Image.Image:
    """A drawn picture with a camera's grain."""
    grain = np.random.default_rng(seed).normal(0, GRAIN, (height, width, 1))
    return Image.fromarray(
        np.clip(np.asarray(pictures.draw(width, height, seed=seed)) + grain, 0, 255).astype(np.uint8)
    )


def by_imagehash(content: bytes, _: str) -> object:
    """What most people write."""
    return imagehash.dhash(Image.open(io.BytesIO(content)))


def by_ours(content: bytes, content_type: str) -> int:
    """What the hash alone takes."""
    return images.dhash(images.grey(images.open_image(content, content_type, max_pixels=PIXELS)))


def in_whole(content: bytes, content_type: str) -> bytes:
    """All that `hash` does in its child process: border, colours and thumbnail too."""
    return decoding.measure(InMemory(content), content_type=content_type, max_pixels=PIXELS)


def limit(content: bytes, _: str) -> object:
    """The least decoding there is."""
    image = Image.open(io.BytesIO(content))
    image.draft("L", (image.width // 8, image.height // 8))
    return image.load()


def seconds(work: Callable[[bytes, str], object], files: list[bytes], content_type: str) -> float:
    """Processor time of this thread for all files."""
    start = time.thread_time()
    for content in files:
        work(content, content_type)
    return time.thread_time() - start


def worst_bits(files: list[bytes], content_type: str) -> int:
    """The worst distance between our hash and imagehash's on the full decode."""
    full = (int(str(imagehash.dhash(Image.open(io.BytesIO(content)))), 16) for content in files)
    return max(((by_ours(c, content_type) ^ f) & (2**64 - 1)).bit_count() for c, f in zip(files, full, strict=True))


def measure(files: list[bytes], content_type: str, rounds: int) -> Result:
    """All ways turn by turn."""
    ways = (by_imagehash, by_ours, in_whole, limit)
    times = [[seconds(way, files, content_type) for way in ways] for _ in range(rounds)]
    medians = [statistics.median(column) for column in zip(*times, strict=True)]
    theirs, ours, thumbnailed, least = medians
    return Result(theirs, ours, thumbnailed, least, worst_bits(files, content_type))


def table(rounds: int, count: int) -> Iterator[str]:
    """One line for each format and size."""
    yield "format  size          bpp  imagehash ms   ours ms   ratio         in whole   share of limit   worst bits"
    for pillow_format, content_type in CONTENT_TYPES.items():
        for size in SIZES:
            files = [pictures.encode(photo(*size, seed), pillow_format) for seed in range(count)]
            bits_per_pixel = 8 * sum(map(len, files)) / count / (size[0] * size[1])
            r = measure(
                files, content_type, rounds if size[0] < 4000 or pillow_format == "JPEG" else max(3, rounds // 5)
            )
            cells = (
                f"{pillow_format:<7} {f'{size[0]}x{size[1]}':<11} {bits_per_pixel:>5.2f}",
                f"{1000 * r.imagehash / count:>12.2f} {1000 * r.ours / count:>9.2f} {r.imagehash / r.ours:>6.1f}x",
                f"{r.imagehash / r.in_whole:>15.1f}x {r.limit / r.ours:>15.0%} {r.bits:>12}",
            )
            yield " ".join(cells)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--pictures", type=int, default=4)
    arguments = parser.parse_args()
    for line in table(arguments.rounds, arguments.pictures):
        print(line, flush=True)


if __name__ == "__main__":
    main()
