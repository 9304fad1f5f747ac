"""What `dedup` can be told by its environment."""

from functools import cache
from typing import Annotated

from pydantic import Field

from shared.settings import Settings


class DedupSettings(Settings):
    """Limits of the lookup; their defaults serve up to ten million canonical creatives."""

    lookup_max_bytes_billed: Annotated[int, Field(ge=10 * 2**20, examples=[4 * 2**30])] = 4 * 2**30
    """Most that one of a lookup's queries may bill; a query that would bill more fails and its events are retried."""

    lookup_timeout_s: Annotated[float, Field(gt=0, le=200, examples=[60])] = 60.0


@cache
def settings() -> DedupSettings:
    """The process's settings, read once."""
    return DedupSettings.load()
