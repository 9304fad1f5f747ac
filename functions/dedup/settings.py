"""What `dedup` can be told by its environment."""

from functools import cache
from typing import Annotated

from pydantic import Field

from shared.settings import Settings


class DedupSettings(Settings):
    """Limits of the lookup. Ten million creatives fit into the function's memory (infra/pipeline.yaml)."""

    index_bucket: Annotated[str, Field(min_length=3, examples=["my-project-index"])]
    """Where what was read of BigQuery is kept for the next start."""

    lookup_max_bytes_billed: Annotated[int, Field(ge=10 * 2**20, examples=[64 * 2**30])] = 64 * 2**30
    """Most that one of a lookup's queries may bill; a query that would bill more fails and its events are retried."""

    lookup_refresh_s: Annotated[float, Field(ge=0, le=3600, examples=[300])] = 300.0
    """How old what another instance decided may become before this one knows of it; each time two queries are paid."""

    lookup_timeout_s: Annotated[float, Field(gt=0, le=200, examples=[120])] = 120.0


@cache
def settings() -> DedupSettings:
    """The process's settings, read once."""
    return DedupSettings.load()
