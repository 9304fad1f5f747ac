"""The settings of `measure`: how much a query may bill."""

from functools import cache
from typing import Annotated

from pydantic import Field

from shared.settings import Settings


class MeasureSettings(Settings):
    """What `measure` reads from the environment.

    Attributes:
        measure_max_bytes_billed: a query that would bill more fails before it costs anything.
    """

    measure_max_bytes_billed: Annotated[int, Field(ge=10 * 2**20, examples=[100 * 2**30])] = 100 * 2**30


@cache
def settings() -> MeasureSettings:
    """The process's settings, read once."""
    return MeasureSettings.load()
