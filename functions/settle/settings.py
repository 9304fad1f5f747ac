"""The settings of `settle`: how much it may cost."""

from functools import cache
from typing import Annotated

from pydantic import Field

from shared.raw_ads import RawAdsSettings


class SettleSettings(RawAdsSettings):
    """What `settle` reads from the environment, beside where the raw ads are.

    Attributes:
        settle_usd_a_day: what was kept is not counted anew before that costs no more than this a day: as the tables
            grow it becomes rarer, not dearer.
        settle_max_bytes_billed: a query that would bill more fails before it costs anything.
    """

    settle_usd_a_day: Annotated[float, Field(gt=0, examples=[5])] = 5.0
    settle_max_bytes_billed: Annotated[int, Field(ge=10 * 2**20, examples=[2**40])] = 2**40


@cache
def settings() -> SettleSettings:
    """The process's settings, read once."""
    return SettleSettings.load()
