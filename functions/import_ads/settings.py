"""The settings of `import_ads`: which table holds the raw ads, and how much is read at a time."""

from functools import cache
from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_settings import NoDecode

from shared.settings import Settings

# Names stand in queries, where parameters cannot: nothing else is let through, and they are quoted.
TableName = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9.:-]*\.[A-Za-z0-9_]+\.[A-Za-z0-9_-]+$", examples=["my-project.marketing.ads"])
]
ColumnName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,299}$")]


# Of the table that is made with the dataset (infra/schemas/raw_ads.json).
OWN_URL_COLUMNS = ("url", "video_url")


def _separated(value: object) -> object:
    return tuple(part.strip() for part in value.split(",")) if isinstance(value, str) else value


class ImportSettings(Settings):
    """What `import_ads` reads from the environment.

    Attributes:
        raw_ads_table: as project.dataset.table; unset is the table `raw_ads` of the dataset.
        raw_ads_id_column: the column with the ad's id.
        raw_ads_url_columns: the columns with the addresses of its creatives, separated by commas; unset are `url` and
            `video_url` of the dataset's table, of another one `url` alone.
        import_items_per_batch: ads in one message.
        import_bytes_per_batch: an ad that would make the message longer goes into the next one. Pub/Sub takes 10 MB.
        import_seconds: a run ends after this time, and the next one goes on; the function's timeout is 540 s.
        import_usd_a_day: once all raw ads have been read, none are read again before that costs no more than this a
            day: imports become rarer as the tables grow, not dearer.
        import_max_bytes_billed: a query that would bill more fails before it costs anything.
    """

    raw_ads_table: TableName | None = None
    raw_ads_id_column: Annotated[ColumnName, Field(examples=["ad_id"])] = "ad_id"
    raw_ads_url_columns: Annotated[
        tuple[ColumnName, ...],
        NoDecode,
        BeforeValidator(_separated),
        Field(
            min_length=1,
            max_length=20,
            examples=["url,video_url"],
            default_factory=lambda said: ("url",) if said.get("raw_ads_table") else OWN_URL_COLUMNS,
        ),
    ]

    import_items_per_batch: Annotated[int, Field(ge=1, le=5000, examples=[500])] = 500
    import_bytes_per_batch: Annotated[int, Field(ge=1_000_000, le=9_000_000, examples=[4_000_000])] = 4_000_000
    import_seconds: Annotated[float, Field(gt=0, le=500, examples=[420])] = 420.0
    import_usd_a_day: Annotated[float, Field(gt=0, examples=[5])] = 5.0
    import_max_bytes_billed: Annotated[int, Field(ge=10 * 2**20, examples=[2**40])] = 2**40

    @property
    def raw_ads(self) -> str:
        """The full name of the table of raw ads."""
        return self.raw_ads_table or f"{self.full_dataset}.raw_ads"


@cache
def settings() -> ImportSettings:
    """The process's settings, read once."""
    return ImportSettings.load()
