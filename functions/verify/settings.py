"""What `verify` needs to know: nothing beyond what every function knows."""

from functools import cache

from shared.settings import Settings


@cache
def settings() -> Settings:
    """The process's settings."""
    return Settings.load()
