"""Ads as web designers lay them out: pages set by a browser, in rows, columns and grids of the sizes that banners have.

Where words stand, where lines break and how far apart columns are is the browser's work, not ours (CSS flexible boxes).
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.drawing.ads import PANELS, Copy, DrawnAd
from benchmarks.drawing.fonts import font_files
from functions.render import browsers

# Width, height, and whether the parts stand beside each other or in two columns; else they stand under each other.
SIZES = (
    (970, 250, "row"),
    (728, 90, "row"),
    (970, 90, "row"),
    (320, 100, "row"),
    (1200, 628, "split"),
    (1080, 1080, "split"),
    (300, 250, "stack"),
    (300, 600, "stack"),
    (1080, 1350, "stack"),
)
BRANDS = ("Lumera", "Vanta", "Nordhus", "Casa Viva", "Peak & Co", "Orion", "Belsoleil", "Kiepenkerl")

_PAGE = """<!doctype html><meta charset="utf-8"><style>
@font-face {{ font-family: drawn; src: url("{font}"); }}
* {{ margin: 0; box-sizing: border-box; }}
body {{ width: {width}px; height: {height}px; overflow: hidden; background: {ground}; color: {ink}; padding: {pad}px;
  font: {size}px/1.15 drawn; display: flex; flex-direction: {direction}; gap: {gap}em; justify-content: {justify};
  align-items: {align}; text-align: {text}; }}
.column {{ display: flex; flex-direction: column; gap: {gap}em; flex: 1 1 0; justify-content: center;
  align-items: {align}; }}
.brand {{ font-size: .8em; letter-spacing: .06em; }} .headline {{ font-size: 1.2em; }}
.offer {{ font-size: 1.1em; {badge} }} .price {{ font-size: 1.2em; }} .small {{ font-size: .7em; }}
.call {{ font-size: .9em; padding: .45em .9em; border-radius: {radius}px; {button} }}
</style><body>{body}"""


@contextmanager
def a_page() -> Iterator[Page]:
    """A page of the machine's own browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browsers.on_path(), args=["--no-sandbox"])
        yield browser.new_page()
        browser.close()


def draw(page: Page, folder: Path, language: str, copy: Copy, seed: int) -> DrawnAd:
    """One ad: size, font, colours and distances chosen by the seed; its page is written into the folder."""
    choice = random.Random(seed)
    width, height, way = choice.choice(SIZES)
    panel = choice.choice(list(PANELS))
    ground = choice.choice(PANELS[panel])
    ink = "#111" if _is_light(ground) else "#fff"
    parts = _parts(copy, choice.choice(BRANDS))
    size = _size(width, height, way, parts)
    centred = choice.random() < 0.6
    page.set_viewport_size({"width": width, "height": height})
    file = folder / "ad.html"
    file.write_text(
        _PAGE.format(
            font=Path(choice.choice([each for each in font_files() if Path(each).is_absolute()])).as_uri(),
            width=width, height=height, ground=ground, ink=ink, size=size, pad=choice.choice((4, 8, 16)),
            direction="column" if way == "stack" else "row",
            gap=choice.choice((0.4, 0.6, 1.0, 2.0)),
            justify=choice.choice(("space-between", "space-around", "center")) if way != "split" else "center",
            align="center" if centred or way == "row" else "flex-start",
            text="center" if centred else "left",
            badge=choice.choice(("", "", f"background: {ink}; color: {ground}; padding: .2em .4em;")),
            radius=choice.choice((0, 6, 99)),
            button=choice.choice((f"background: {ink}; color: {ground};", f"border: 2px solid {ink};")),
            body=_body(parts, way),
        ),
        "utf-8",
    )  # fmt: skip
    page.goto(file.as_uri())
    page.evaluate(FIT)
    return DrawnAd(language, copy, 0, panel, page.screenshot(type="jpeg", quality=choice.choice((75, 85, 92))))


# Whoever sets a banner sees when it runs over: letters shrink until nothing does.
FIT = """() => document.fonts.ready.then(() => {
  const over = () => [document.body, ...document.querySelectorAll('div')].some(each =>
    each.scrollWidth > each.clientWidth + 1 || each.scrollHeight > each.clientHeight + 1)
    || [...document.querySelectorAll('div')].some(each => { const box = each.getBoundingClientRect();
      return box.right > innerWidth || box.bottom > innerHeight || box.left < 0 || box.top < 0 });
  for (let size = parseFloat(getComputedStyle(document.body).fontSize); size > 9 && over(); size *= 0.95)
    document.body.style.fontSize = size + 'px';
})"""


def _parts(copy: Copy, brand: str) -> list[tuple[str, str]]:
    told = (("brand", brand), ("headline", copy.headline), ("offer", copy.offer), ("price", copy.price),
            ("small", copy.says_nothing), ("call", copy.call))  # fmt: skip
    return [(name, text) for name, text in told if text]


def _body(parts: list[tuple[str, str]], way: str) -> str:
    made = [f'<div class="{name}">{escape(text)}</div>' for name, text in parts]
    if way != "split":
        return "".join(made)
    middle = (len(made) + 1) // 2
    return "".join(f'<div class="column">{"".join(some)}</div>' for some in (made[:middle], made[middle:]))


def _size(width: int, height: int, way: str, parts: list[tuple[str, str]]) -> float:
    """Pixels of the letters to begin with: as large as such a place may have."""
    return {"row": height * 0.32, "split": height * 0.11, "stack": min(width * 0.11, height / (2.2 * len(parts)))}[way]


def _is_light(colour: str) -> bool:
    if colour == "white":
        return True
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue > 140
