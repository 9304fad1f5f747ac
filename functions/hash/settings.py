"""What `hash` needs to know beyond what every function knows."""

from functools import cache

from pydantic import Field, PositiveInt

from shared.settings import Settings


class HashSettings(Settings):
    """Limits of an image."""

    max_image_bytes: PositiveInt = Field(default=50 * 10**6, description="Size of the file.")
    max_image_pixels: PositiveInt = Field(default=100 * 10**6, description="Width times height.")


@cache
def settings() -> HashSettings:
    """The process's settings."""
    return HashSettings.load()
