"""A view on every screen: each width, light and dark, without a page for each."""

from collections.abc import Iterator
from typing import Literal

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page

WIDTHS = (390, 1024, 1440)
"""Of a phone, a tablet and a desktop, in pixels."""

_SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def faults(page: Page, width: int) -> Iterator[str]:
    """What axe finds in what is shown, of whatever weight, and what is wider than the window, light and dark."""
    page.set_viewport_size({"width": width, "height": 900})
    for scheme in _SCHEMES:
        page.emulate_media(color_scheme=scheme)
        for each in Axe().run(page).response["violations"]:
            yield f"{width} {scheme}: {each['id']}, {each['impact']}: {[node['html'][:200] for node in each['nodes']]}"
    if (wide := width_of(page)) > width:
        yield f"{width}: {wide} pixels wide"


def width_of(page: Page) -> int:
    """Of what is shown, the dialog with it where that is open."""
    return int(
        page.evaluate("Math.max(document.documentElement.scrollWidth, document.querySelector('dialog').scrollWidth)")
    )
