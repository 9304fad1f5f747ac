"""The settings of `import_ads`: how much is read of the raw ads at a time."""

from functools import cache
from typing import Annotated

from pydantic import Field

from shared.raw_ads import RawAdsSettings


class ImportSettings(RawAdsSettings):
    """What `import_ads` reads from the environment, beside where the raw ads are.

    Attributes:
        import_items_per_batch: ads in one message.
        import_bytes_per_batch: an ad that would make the message longer goes into the next one. Pub/Sub takes 10 MB.
        import_seconds: a run ends after this time, and the next one goes on; the function's timeout is 540 s.
        import_usd_a_day: once all raw ads have been read, none are read again before that costs no more than this a
            day: imports become rarer as the tables grow, not dearer.
        import_max_bytes_billed: a query that would bill more fails before it costs anything.
    """

    import_items_per_batch: Annotated[int, Field(ge=1, le=5000, examples=[500])] = 500
    import_bytes_per_batch: Annotated[int, Field(ge=1_000_000, le=9_000_000, examples=[4_000_000])] = 4_000_000
    import_seconds: Annotated[float, Field(gt=0, le=500, examples=[420])] = 420.0
    import_usd_a_day: Annotated[float, Field(gt=0, examples=[5])] = 5.0
    import_max_bytes_billed: Annotated[int, Field(ge=10 * 2**20, examples=[2**40])] = 2**40


@cache
def settings() -> ImportSettings:
    """The process's settings, read once."""
    return ImportSettings.load()
