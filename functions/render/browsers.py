"""Where the browser is: the machine's own, Playwright's, or, where it may be downloaded, Playwright's brought here."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from functions.render.settings import settings
from shared.reasons import Reason, Rejected

NAMES = (
    "chromium-headless-shell",
    "chrome-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
"""Those first that have no windows, menus and extensions to them: the same engine for a third of the processor time."""

_FOLDER = "/tmp/browser"  # noqa: S108 - the only place that a function may write to; its instance has it for itself
_INSTALL_S = 120


def program() -> str:
    """The browser's program.

    Raises:
        Rejected: when there is none.
    """
    named = settings().chromium
    found = named if named and Path(named).exists() else on_path()
    if found is None and named is None:
        found = _own()
    if found is None:
        raise Rejected(Reason.NO_BROWSER, f"no browser: {named or 'none of ' + ', '.join(NAMES)} is installed")
    return found


def on_path() -> str | None:
    """The browser that is installed on this machine; None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@cache
def _own() -> str | None:
    """Playwright's own, downloaded once an instance where that is allowed."""
    os.environ.setdefault("PLAYWRIGHT_BROWSERS_PATH", _FOLDER)
    if not _installed() and settings().install_browser:
        command = [sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"]
        subprocess.run(command, check=True, capture_output=True, timeout=_INSTALL_S)
    return _installed()


def _installed() -> str | None:
    folder = Path(os.environ["PLAYWRIGHT_BROWSERS_PATH"])
    programs = (path for name in ("headless_shell", "chrome", "chrome-headless-shell") for path in folder.rglob(name))
    return next((str(path) for path in programs if path.is_file()), None)
