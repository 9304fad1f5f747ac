"""What `intake` needs to know beyond what every function knows."""

from functools import cache

from pydantic import Field, PositiveInt

from shared.events import Kind
from shared.settings import Settings


class IntakeSettings(Settings):
    """Limits of a file."""

    max_image_bytes: PositiveInt = Field(default=50 * 10**6, description="Size of an image's file.")
    max_video_bytes: PositiveInt = Field(default=2 * 10**9, description="Size of a video's file.")

    def max_bytes(self, kind: Kind) -> int:
        """The largest file of a kind."""
        return self.max_image_bytes if kind is Kind.IMAGE else self.max_video_bytes


@cache
def settings() -> IntakeSettings:
    """The process's settings."""
    return IntakeSettings.load()
