"""What the studio's tests share: the browser."""

from tests.browser import browser

__all__ = ["browser"]
