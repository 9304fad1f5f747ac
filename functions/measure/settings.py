"""The settings of `measure`: how much a query may bill."""

from functools import cache
from typing import Annotated

from pydantic import Field

from shared.settings import Settings


class MeasureSettings(Settings):
    """What `measure` reads from the environment.

    Attributes:
        features: the feature model whose features are compared, as `extract` asks by it; unset: that of most answers.
        measure_max_bytes_billed: a query that would bill more fails before it costs anything.
    """

    features: Annotated[str | None, Field(examples=["shared.features:ImageFeatures", "taxonomy.yaml"])] = None
    measure_max_bytes_billed: Annotated[int, Field(ge=10 * 2**20, examples=[100 * 2**30])] = 100 * 2**30


@cache
def settings() -> MeasureSettings:
    """The process's settings, read once."""
    return MeasureSettings.load()
