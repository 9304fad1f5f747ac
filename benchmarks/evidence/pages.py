"""Ads as web pages, drawn by Chromium: other letters, spacing and edges than Pillow's."""

import base64
import io
import random
from collections.abc import Callable

from benchmarks.drawing import photos
from benchmarks.drawing.ads import Copy
from functions.render import browsers

SIZES = ((300, 250), (336, 280), (320, 480), (728, 250), (600, 600), (1080, 1080), (1200, 628), (400, 720))
FONTS = ("serif", "sans-serif", "monospace", "Georgia, serif", "Arial, sans-serif", "DejaVu Sans Mono")
_INKS = (("#fff", "rgba(0,0,0,.62)"), ("#111", "rgba(255,255,255,.8)"), ("#ffe14d", "rgba(20,20,60,.7)"))

_TAGS = ("h1", "b", "i", "small", "a")

_PAGE = """<!doctype html><html lang="{language}"><meta charset="utf-8"><style>
*{{box-sizing:border-box;margin:0}} body{{width:{width}px;height:{height}px;overflow:hidden;font:{base}px/1.25 {font};
background:url(data:image/jpeg;base64,{photo}) center/cover;color:{ink};display:flex;align-items:{align}}}
main{{background:{panel};padding:4%;width:{share}%;display:flex;flex-direction:column;gap:.6em}}
main{{letter-spacing:{spacing}em}}
h1{{font-size:1.5em}} b{{font-size:1.7em}} small{{font-size:.9em}}
i{{font-style:normal;font-size:1.5em;font-weight:{weight}}}
a{{align-self:start;background:{ink};color:{under};padding:.4em 1em;border-radius:2em}}
</style><main>{rows}</main></html>"""


def drawer() -> Callable[[str, Copy, int], bytes]:
    """What draws an ad as a JPEG; its browser lives as long as this process."""
    from playwright.sync_api import sync_playwright

    browser = sync_playwright().start().chromium
    page = browser.launch(executable_path=browsers.on_path(), args=["--no-sandbox"]).new_page()

    def draw(language: str, copy: Copy, seed: int) -> bytes:
        choice = random.Random(seed)
        width, height = choice.choice(SIZES)
        page.set_viewport_size({"width": width, "height": height})
        page.set_content(_page(language, copy, (width, height), choice))
        return page.screenshot(type="jpeg", quality=choice.choice((60, 75, 90)))

    return draw


def _page(language: str, copy: Copy, size: tuple[int, int], choice: random.Random) -> str:
    ink, panel = choice.choice(_INKS)
    words = copy.headline, copy.offer, copy.price, copy.says_nothing, copy.call
    return _PAGE.format(
        language=language,
        width=size[0],
        height=size[1],
        base=max(12, round(min(size) / choice.choice((16, 18, 20)))),
        font=choice.choice(FONTS),
        photo=base64.b64encode(_photo(choice)).decode(),
        ink=ink,
        under="#fff" if ink == "#111" else "#111",
        panel=panel,
        align=choice.choice(("start", "center", "end")),
        share=choice.choice((70, 85, 100)),
        spacing=choice.choice((0, 0, 0.02, 0.05)),
        weight=choice.choice((400, 800)),
        rows="".join(f"<{tag}>{each}</{tag}>" for tag, each in zip(_TAGS, words, strict=True) if each),
    )


def _photo(choice: random.Random) -> bytes:
    known = photos.packaged_photos()
    picture = choice.choice(known).picture if known else photos.landscape(choice.randrange(2**32)).picture
    file = io.BytesIO()
    picture.resize((960, round(960 * picture.height / picture.width))).save(file, "JPEG", quality=85)
    return file.getvalue()
