"""The settings of `embed`: whether vectors are made at all, by which model, and how many at a tick."""

from typing import Annotated

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.models.settings import GeminiSettings


class EmbedSettings(GeminiSettings):
    """What `embed` reads from the environment.

    Attributes:
        embedding_model: makes the vectors; unset: none are made. Another model makes all anew, since vectors of two
            models cannot be compared.
        embedding_dimensions: numbers of a vector: a search reads 8 bytes for each of each creative.
        embed_at_a_tick: creatives at most: a tick's time is limited, and the next one goes on.
        embed_timeout_s: how long a tick goes on beginning calls. The function's own timeout is 540 s.
        embed_max_bytes_billed: a query that would bill more fails before it costs anything.
    """

    model_config = SettingsConfigDict(env_ignore_empty=True)

    embedding_model: Annotated[str | None, Field(examples=["gemini-embedding-2"])] = None
    embedding_dimensions: Annotated[int, Field(ge=128, le=3072, examples=[768])] = 768
    embed_at_a_tick: Annotated[int, Field(ge=1, le=2000, examples=[1000])] = 1000
    embed_timeout_s: Annotated[float, Field(gt=0, le=500, examples=[400])] = 400.0
    embed_max_bytes_billed: Annotated[int, Field(ge=10 * 2**20, examples=[2**36])] = 2**36

    @property
    def chosen_model(self) -> str | None:
        """The model that is asked; None where there is none, or no way to ask it."""
        return self.embedding_model if self.can_ask else None
