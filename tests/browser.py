"""A real browser for tests: Chromium as it is installed, driven by Playwright, started once a file.

A file and no longer: as long as Playwright runs, its event loop is the thread's, and no test after it could run one of
its own. Where there is no browser the tests are skipped, with what to install.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Error, Playwright, sync_playwright

from functions.render import browsers

# Nothing that the browser would do by itself: no calls home, no graphics card, no sandbox (we may be root in CI, and
# the pages are our own).
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--force-color-profile=srgb",
)

NONE = "no browser: `apt-get install chromium-headless-shell`"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, headless."""
    with sync_playwright() as playwright:
        started = start(playwright)
        if started is None:
            pytest.skip(f"{NONE}, or `.venv/bin/playwright install chromium`")
        yield started
        started.close()


def start(playwright: Playwright) -> Browser | None:
    """The Chromium or Chrome on PATH, else Playwright's own; None where there is neither."""
    found = browsers.on_path()
    try:
        return playwright.chromium.launch(executable_path=found, args=[*ARGUMENTS])
    except Error as error:
        if found is None and "playwright install" in str(error):
            return None
        raise
