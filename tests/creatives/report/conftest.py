"""What the tests of the page share: pages opened from a file that tell all that goes wrong in them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Request

from creatives.report import page as pages
from creatives.report.model import ReportData

type Opened = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Opened]:
    """Opens a report at an address within it; fails the test when the page complains or asks any network."""
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    def open_(data: ReportData, address: str = "", *, width: int = 1280, height: int = 900, dark: bool = False) -> Page:
        file = tmp_path / "report.html"
        file.write_text(pages.render(data), encoding="utf-8")
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light", offline=True
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        watch(page, complaints)
        page.goto(f"{file.as_uri()}{address}")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []


_FOCUSED = """
async () => {
  const painted = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  const isRing = (each) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(each);
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 1;
  };
  const look = (element) => {
    const ring = [element, element.previousElementSibling].filter(Boolean).find(isRing);
    const all = [...document.querySelectorAll("a, button, label, summary, input, select, textarea")].filter(isRing);
    const { left, top, right, bottom } = (ring ?? element).getBoundingClientRect();
    const at = (x, y) => document.elementFromPoint(x, y);
    const points = [at((left + right) / 2, (top + bottom) / 2), at(left + 3, top + 3), at(right - 3, bottom - 3)];
    const seen = points.some((point) => point && (element.contains(point) || ring?.contains(point)));
    const over = points.map((point) => point?.outerHTML.slice(0, 80)).join(" | ");
    const what = `${element.outerHTML.slice(0, 160)} under ${over}`;
    return { what, ring: Boolean(ring) && all.length < 2, seen };
  };
  let stop, element;
  for (let frames = 0; frames < 60 && !(stop?.ring && stop.seen); frames += 1) {
    await painted(); // it is scrolled to some frames later
    element = document.activeElement;
    if (!element || element === document.body) return null;
    stop = look(element);
  }
  element.tabbed = (element.tabbed ?? 0) + 1;
  return { ...stop, again: element.tabbed > 1 };
}
"""


def unseen_stops(page: Page, *, most: int = 120) -> tuple[int, list[str]]:
    """How many elements Tab leads to, and those of them where nobody sees that the focus is there."""
    faults: list[str] = []
    for stops in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(_FOCUSED)
        if stop is None or stop["again"]:
            return stops, faults
        if not (stop["ring"] and stop["seen"]):
            faults.append(f"{'covered' if stop['ring'] else 'not one ring'}: {stop['what']}")
    return most, faults


def watch(page: Page, complaints: list[str]) -> None:
    """Notes errors, dialogs, what the console says, and every request beyond the file itself and data in it."""

    def on_dialog(dialog: Dialog) -> None:
        complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def on_request(request: Request) -> None:
        if not request.url.startswith(("file:", "data:")):
            complaints.append(f"request: {request.url}")

    page.on("console", lambda message: complaints.append(f"console {message.type}: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
    page.on("dialog", on_dialog)
    page.on("request", on_request)
