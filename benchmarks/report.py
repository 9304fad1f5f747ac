"""How fast the report's page is with many creatives, in a real browser: load, filter, search, details.

    python -m benchmarks.report [--creatives 1000 10000]

The creatives are drawn (tests/reports.py), with features, ads and families, and with pictures of as many bytes as they
may have at that number, a hundred large ones among them: the file is as large as the page of as many busy creatives. A
latency is from the event to the frame after the page was laid out and painted with its result; of several, the median
and the slowest are told. The exit code is 1 where the fastest is more than its limit, which is that of 10,000
creatives: what else runs on the machine makes each slower.

On 30 November 2026, on two idle cores, 10,000 creatives, 59 MB: load .93 s; a filter 35 ms, a search 13, the next page
37, a creative 20; 177 MB of JavaScript memory. With 14 other processes waiting: load 4.7 s, the others 27 to 184 ms.
"""

import argparse
import base64
import io
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from creatives.report import page as pages
from creatives.report.model import ReportData
from creatives.report.pictures import LARGE_SIDE, SIDE
from creatives.report.stored import LARGE_PICTURE_BYTES, LARGE_PICTURES, picture_bytes
from tests import browser, reports
from tests.pictures import draw

REPEATS = 7
PICTURES = 20
SEARCHES = ("c", "co", "coffee", "coffee shop", "zzz")

_TO_PAINT = """
async (act) => {
  const started = performance.now();
  eval(act);
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  return performance.now() - started;
}
"""

_FILTER = "document.querySelectorAll('.facet input[type=checkbox]')[{nth}].click()"
_SEARCH = (
    "const box = document.getElementById('search'); box.value = {text!r};"
    "box.dispatchEvent(new InputEvent('input', {{ bubbles: true }}))"
)
_OPEN = "document.querySelectorAll('.results .card')[{nth}].click()"
_CLOSE = "document.getElementById('details-close').click()"
_TURN = "document.getElementById('page-after').click()"


@dataclass(frozen=True)
class Measured:
    """Milliseconds of one thing a reader does, and how many the fastest may take."""

    what: str
    times: Sequence[float]
    limit_ms: float

    @property
    def is_slow(self) -> bool:
        """Whether not even one was within the limit."""
        return min(self.times) > self.limit_ms

    @property
    def row(self) -> tuple[str, ...]:
        """Name, median, slowest and limit."""
        numbers = statistics.median(self.times), max(self.times), self.limit_ms
        return self.what, *(f"{number:,.0f} ms" for number in numbers)


def main() -> None:
    """Prints a table for each number of creatives."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--creatives", type=int, nargs="+", default=[10_000])
    chosen = parser.parse_args()
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        started = browser.start(playwright)
        if started is None:
            raise SystemExit("no browser: apt-get install chromium-headless-shell")
        slow = [each for size in chosen.creatives for each in measure(started, size, Path(folder) / f"{size}.html")]
        started.close()
    if slow:
        raise SystemExit("slower than the limit: " + ", ".join(each.what for each in slow))


def measure(started: Browser, size: int, file: Path) -> list[Measured]:
    """Writes the page of `size` creatives, and prints what it takes; what was slow."""
    data = with_full_pictures(reports.campaign(size))
    began = time.monotonic()
    file.write_text(pages.render(data), encoding="utf-8")
    written_s = time.monotonic() - began
    print(f"\n{size:,} creatives, {file.stat().st_size / 1e6:.1f} MB, written in {written_s:.1f} s\n")
    measured = in_browser(started, file)
    for name, median, slowest, limit in [("", "median", "slowest", "limit"), *(each.row for each in measured)]:
        print(f"{name:44} {median:>10} {slowest:>10} {limit:>10}")
    return [each for each in measured if each.is_slow]


def with_full_pictures(data: ReportData) -> ReportData:
    """The report with pictures that use all the bytes that they may."""
    small = [full_picture(seed, SIDE, picture_bytes(len(data.creatives))) for seed in range(PICTURES)]
    large = [full_picture(seed, LARGE_SIDE, LARGE_PICTURE_BYTES) for seed in range(PICTURES)]
    creatives = (
        each.model_copy(
            update={"thumbnail": (large if nth < LARGE_PICTURES else small)[nth % PICTURES] if each.thumbnail else None}
        )
        for nth, each in enumerate(data.creatives)
    )
    return data.model_copy(update={"creatives": tuple(creatives)})


def full_picture(seed: int, side: int, limit: int) -> str:
    """Noise upon patches, as much of it as fits into `limit` bytes."""
    smooth = np.asarray(draw(side, side * 3 // 4, seed=seed)).astype(float)
    noise = np.random.default_rng(seed).normal(size=smooth.shape)
    for level in range(40, 0, -1):
        file = io.BytesIO()
        Image.fromarray((smooth + level * noise).clip(0, 255).astype(np.uint8)).save(file, "WEBP", quality=50)
        if file.tell() <= limit:
            return f"data:image/webp;base64,{base64.b64encode(file.getvalue()).decode()}"
    raise ValueError(f"no picture fits into {limit} bytes")


def in_browser(started: Browser, file: Path) -> list[Measured]:
    """What a reader does, timed."""
    loads = [load_ms(started, file) for _ in range(3)]
    page = opened(started, file, "#/gallery")
    measured = [
        Measured("load until the overview can be used", loads, 2_000),
        Measured("a filter is chosen, or taken back", repeated(page, lambda nth: _FILTER.format(nth=nth // 2)), 200),
        Measured("a letter or word is searched", [timed(page, _SEARCH.format(text=text)) for text in SEARCHES], 200),
    ]
    timed(page, _SEARCH.format(text=""))
    measured.append(Measured("the next page of the gallery", repeated(page, lambda _: _TURN), 200))
    details = repeated(page, lambda nth: _OPEN.format(nth=nth), after=_CLOSE)
    measured.append(Measured("a creative is opened", details, 200))
    memory = page.evaluate("performance.memory.usedJSHeapSize") / 1e6
    print(f"{memory:.0f} MB of JavaScript memory")
    page.context.close()
    return measured


def load_ms(started: Browser, file: Path) -> float:
    """Milliseconds from opening the file until its overview is painted."""
    page = opened(started, file, "")
    took = float(page.evaluate("performance.getEntriesByName('ready')[0]?.startTime ?? performance.now()"))
    page.context.close()
    return took


def opened(started: Browser, file: Path, address: str) -> Page:
    """A fresh page, ready."""
    page = started.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.add_init_script(
        "new MutationObserver((_, observer) => { if (!document.querySelector('main h1')) return;"
        " observer.disconnect(); requestAnimationFrame(() => setTimeout(() => performance.mark('ready'))) })"
        ".observe(document, { childList: true, subtree: true })"
    )
    page.goto(f"{file.as_uri()}{address}", timeout=120_000)
    page.wait_for_function("performance.getEntriesByName('ready').length", timeout=120_000)
    return page


def repeated(page: Page, act: Callable[[int], str], *, after: str | None = None) -> list[float]:
    """The times of `REPEATS` actions."""
    times = []
    for nth in range(REPEATS):
        times.append(timed(page, act(nth)))
        if after:
            timed(page, after)
    return times


def timed(page: Page, act: str) -> float:
    """Milliseconds from an action until its result is painted."""
    return float(page.evaluate(_TO_PAINT, act))


if __name__ == "__main__":
    main()
