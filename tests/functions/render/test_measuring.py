"""A page that does not say how large it is: as large as what it lays out, or a phone's screen where it fills any."""

import asyncio
from collections.abc import Awaitable

import pytest
from playwright.async_api import async_playwright

from functions.render import browsers, measuring
from functions.render.viewing import ARGUMENTS
from shared.reasons import Reason, Rejected
from tests.browser import NONE
from tests.functions.render.banners import page

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(browsers.on_path() is None, reason=NONE),
]

# Lines are as tall as a machine's own fonts are, where nothing else is said.
LINES = "<style>*{line-height:20px}</style>"
DARK = f"<style>html{{background:#00695c}}</style>{LINES}"
FLOWING = "<h1>Match 3 Fruits</h1><p>Tap to play</p>"
BOX = "position:absolute;left:0;top:0;width:300px;height:250px;background:red"
AT = "position:absolute;"
LANDSCAPE = '<meta name="ad.orientation" content="landscape">'

PAGES = [
    # As large as a thing of its own.
    (f'<div style="{BOX}"><p>Now</p></div>', (300, 250)),
    ('<canvas width=336 height=280 style="display:block"></canvas>', (336, 280)),
    ('<svg width="728" height="90" style="display:block"><text y="40">Now</text></svg>', (728, 90)),
    ('<iframe srcdoc="Now" style="border:0;display:block;width:160px;height:600px"></iframe>', (160, 600)),
    ('<div style="width:300px;height:600px;margin:8px auto;background:red"><p>Now</p></div>', (300, 600)),
    (f'<div style="position:relative"><div style="{BOX}"></div><b style="{AT}top:9px">Now</b></div>', (300, 250)),
    (f'<style>body{{overflow:hidden}}</style><div style="{BOX}"></div><p style="{AT}left:600px">Later</p>', (300, 250)),
    ('<div style="width:320px;height:50px;overflow:hidden"><div style="width:900px;height:900px"></div>', (320, 50)),
    ('<div style="display:flex;width:970px;height:250px;background:red"><p>Now</p></div>', (970, 250)),
    # A phone's screen.
    (f"{DARK}{FLOWING}<canvas width=300 height=200></canvas><br><button>Install</button>", (320, 480)),
    (f'{DARK}<canvas width=300 height=400 style="display:block"></canvas>{FLOWING}', (320, 507)),
    ('<div style="width:100vw;height:100vh;background:red">Now</div>', (320, 480)),
    ('<div style="position:fixed;inset:0;background:red">Now</div>', (320, 480)),
    ('<div style="display:flex;min-height:100vh;align-items:center;background:red"><p>Now</p></div>', (320, 480)),
    ('<svg viewBox="0 0 32 48" style="width:100%;height:100vh;display:block"><text y="9">Now</text></svg>', (320, 480)),
    ("<canvas id=c></canvas><script>c.width=innerWidth,c.height=innerHeight</script>", (320, 480)),
    ('<iframe srcdoc="Now" style="border:0;display:block;width:100%;height:100vh"></iframe>', (320, 480)),
    (f"{LANDSCAPE}{DARK}{FLOWING}", (480, 320)),
    (f"{DARK}Words alone", (320, 480)),
    # What is seen, where nothing is painted behind it; and not endlessly.
    ('<div style="height:90px;background:red">Now</div>', (320, 98)),
    (f'{DARK}<p>Now</p><div style="height:700px">Below</div>', (320, 760)),
    ("<p>On and on</p>" * 400, (320, 1920)),
    (f'{LINES}<p>Now</p><div style="min-width:700px;height:60px;background:red">Wide</div>', (708, 112)),
]  # fmt: skip


async def sizes(pages: list[str]) -> list[tuple[int, int] | Reason]:
    async def plainly[Answer](question: Awaitable[Answer]) -> Answer:
        return await question

    found: list[tuple[int, int] | Reason] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=browsers.on_path(), args=[*ARGUMENTS])
        for each in pages:
            shown = await browser.new_page(viewport={"width": 320, "height": 480})
            await shown.set_content(each)
            try:
                found.append(await measuring.size(shown, plainly))
            except Rejected as rejection:
                found.append(rejection.reason)
            await shown.close()
        await browser.close()
    return found


def test_a_page_is_as_large_as_what_it_lays_out_or_as_a_phone() -> None:
    found = asyncio.run(sizes([page(body, None) for body, _ in PAGES]))

    assert dict(zip(PAGES, found, strict=True)) == {each: each[1] for each in PAGES}


def test_a_page_that_shows_nothing_is_refused() -> None:
    empty = ["", "<script>1</script>", '<p style="display:none">x</p>', '<div style="height:0"></div>']

    assert asyncio.run(sizes([f"<!DOCTYPE html><body>{each}</body>" for each in empty])) == [
        Reason.BROKEN_BANNER
    ] * len(empty)
