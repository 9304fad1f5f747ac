"""What `render` needs to know beyond what every function knows."""

from functools import cache

from pydantic import Field, PositiveInt

from shared.settings import Settings


class RenderSettings(Settings):
    """The browser, and how long it may take."""

    chromium: str | None = Field(default=None, description="Program of the browser; unset: the one that is found.")
    install_browser: bool = Field(default=False, description="Download Playwright's own where none is found.")
    render_seconds: PositiveInt = Field(default=150, description="By the clock, for one banner: then it is retried.")


@cache
def settings() -> RenderSettings:
    """The process's settings."""
    return RenderSettings.load()
