"""What `probe` needs to know beyond what every function knows."""

from functools import cache

from pydantic import Field, PositiveFloat

from shared.settings import Settings


class ProbeSettings(Settings):
    """Limits of a video."""

    probe_mib: PositiveFloat = Field(
        default=64,
        description="Of a larger file key frames are looked at, 5 MB; all of it once something near it is known.",
    )
    max_video_seconds: PositiveFloat = Field(default=600, description="How long it may last.")


@cache
def settings() -> ProbeSettings:
    """The process's settings."""
    return ProbeSettings.load()
