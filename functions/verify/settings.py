"""What `verify` needs to know: nothing beyond what every function knows."""

from functools import cache

from shared.settings import Settings


class VerifySettings(Settings):
    """Where answers are kept, and creatives."""


@cache
def settings() -> VerifySettings:
    """The process's settings."""
    return VerifySettings.load()
