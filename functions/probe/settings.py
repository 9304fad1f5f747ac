"""What `probe` needs to know beyond what every function knows."""

from functools import cache

from pydantic import Field, PositiveFloat

from shared.settings import Settings


class ProbeSettings(Settings):
    """Limits of a video."""

    max_video_seconds: PositiveFloat = Field(default=600, description="How long it may last.")


@cache
def settings() -> ProbeSettings:
    """The process's settings."""
    return ProbeSettings.load()
