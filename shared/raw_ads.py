"""The table of raw ads: where it is, and how statements name it and its columns."""

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


class RawAdsSettings(Settings):
    """What whoever reads the raw ads reads from the environment.

    Attributes:
        raw_ads_table: as project.dataset.table; unset is the table `raw_ads` of the dataset.
        raw_ads_id_column: the column with the ad's id.
        raw_ads_url_columns: the columns with the addresses of its creatives, separated by commas; unset are `url` and
            `video_url` of the dataset's table, of another one `url` alone.
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

    @property
    def raw_ads(self) -> str:
        """The full name of the table of raw ads."""
        return self.raw_ads_table or f"{self.full_dataset}.raw_ads"


def identifiers(settings: RawAdsSettings) -> dict[str, str]:
    """The names that statements leave open."""
    return {
        "raw_ads": settings.raw_ads,
        "raw_ads_dataset": settings.raw_ads.rpartition(".")[0],
        "raw_ad_id": settings.raw_ads_id_column,
        "raw_ad_urls": ", ".join(f"TO_JSON(raw.`{column}`)" for column in settings.raw_ads_url_columns),
    }
