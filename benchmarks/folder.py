"""A folder of images through `creatives analyze`, beside the time that reading their words takes by itself.

    python -m benchmarks.folder [--images 500]

The images are ads of benchmarks/drawing/ads.py, each of its own: JPEGs of some 100 KB. First the reader that the
offline extractor uses reads one after the other, in a process of its own, and nothing else is done; then the command
runs as a user runs it: servers, dedup, all features, report of each ad. Told are the time by the clock and of all
processors (on a busy machine the second is the one to compare), the most memory of all its processes together, shared
pages once, and what the data folder takes on the disk, beside what the images take there.

On 30 November 2026, two idle cores, 500 images (55.6 MiB): reading alone took 163.9 s, the command 163.1 s (288.5 s
of all processors, 2,496 MiB), 1.00 times as long by the clock and 1.72 of all. The data folder was 1.46 times the
images: their copies 59.5 MiB, thumbnails and answers 17.8, tables 2.2. Five hours before it took 208.2 s beside 180.2
(1.15; 333.4 s of all): since then the local BigQuery translates a query once. On the morning of that day the machine
read twice as fast, and the command took 123.2 s beside 93.7 (1.31): what is not reading counts for more there. Two
pictures are read at a time, without a PNG to and fro, and servers end at once. Three seconds at the beginning and two
at the end keep half of the cores busy, all between them 97 in a hundred: what is left is work. And pictures that are
near by hash are laid over each other, which grows with the square of their number until each has eight: one program
draws them all, so of 150 images it is 158 pairs, of 500 some 1,325. A pair takes a thirteenth of what reading takes
an image.

Of a server that has to be killed, on a machine too busy for its ten seconds, nobody learns the time: then too little is
told of all processors.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from threading import Event, Thread

from benchmarks.drawing import ads

SAMPLE_S = 2.0
_READ = """
import sys
from pathlib import Path
from PIL import Image
from shared.media import ocr
for file in sorted(Path(sys.argv[1]).iterdir()):
    with Image.open(file) as picture:
        ocr.read_all(picture.convert("RGB"))
"""


@dataclass(frozen=True)
class Taken:
    """What a process and all its children took.

    Attributes:
        seconds: by the clock.
        processor_s: of all processors.
        memory_mib: the most at one moment.
    """

    seconds: float
    processor_s: float
    memory_mib: float


def main() -> None:
    """Prints both, and how many times as long the command takes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=500)
    count = parser.parse_args().images
    with tempfile.TemporaryDirectory() as folder:
        images, data = Path(folder, "images"), Path(folder, "data")
        given = _draw(images, count)
        print(f"{count} images, {given / 2**20:.1f} MiB on the disk", flush=True)
        own = _taken([sys.executable, "-c", _READ, str(images)])
        _print("reading alone", own)
        all_of_it = _taken([sys.executable, "-m", "creatives.command", "analyze", "--data", str(data), str(images)])
        _print("creatives analyze", all_of_it)
        ratios = all_of_it.seconds / own.seconds, all_of_it.processor_s / own.processor_s
        print(f"{'times as long':24} {ratios[0]:8.2f}   {ratios[1]:8.2f} of all processors")
        on_disk = _on_disk(data)
        print(f"{'the data folder':24} {on_disk / 2**20:8.1f} MiB, {on_disk / given:.2f} times the images")
        for part in ("bigquery", "gcs/local-creatives", "gcs/local-results"):
            print(f"    {part:20} {_on_disk(data / part) / 2**20:8.1f} MiB")


def _draw(folder: Path, count: int) -> int:
    """What so many ads take on the disk."""
    folder.mkdir()
    copies = [(language, copy) for language, copies in ads.load_copy().items() for copy in copies]
    drawn = (ads.draw(*each, seed=nth).jpeg for nth, each in enumerate(islice(cycle(copies), count)))
    for nth, jpeg in enumerate(drawn):
        (folder / f"ad-{nth:04}.jpg").write_bytes(jpeg)
    return _on_disk(folder)


def _on_disk(path: Path) -> int:
    return sum(os.lstat(each).st_blocks * 512 for each in (path, *path.rglob("*")))


def _taken(command: Sequence[str]) -> Taken:
    before, began, over = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic(), Event()
    most = [0.0]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    watch = Thread(target=_watch, args=(process.pid, over, most))
    watch.start()
    code = process.wait()
    over.set()
    watch.join()
    if code:
        raise SystemExit(f"{command[:3]} ended with {code}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Taken(time.monotonic() - began, processor_s, most[0])


def _watch(leader: int, over: Event, most: list[float]) -> None:
    while not over.wait(SAMPLE_S):
        most[0] = max(most[0], sum(map(_memory_mib, _with_children(leader))))


def _with_children(leader: int) -> list[int]:
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it has ended
    found = [leader]
    for each in found:
        found += [process for process, parent in parents.items() if parent == each]
    return found


def _memory_mib(process: int) -> float:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0  # it has ended
    return next((int(line.split()[1]) / 2**10 for line in lines if line.startswith("Pss:")), 0.0)


def _print(name: str, taken: Taken) -> None:
    print(
        f"{name:24} {taken.seconds:8.1f} s {taken.processor_s:8.1f} s of all processors, {taken.memory_mib:.0f} MiB",
        flush=True,
    )


if __name__ == "__main__":
    main()
