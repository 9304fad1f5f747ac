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
