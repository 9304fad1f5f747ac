"""Settings of every stage that asks Gemini: where it is asked, for how long, and what may be spent."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field, SecretStr

from shared.settings import Settings

Money = Annotated[Decimal, Field(ge=0)]


class GeminiSettings(Settings):
    """What a stage that asks Gemini reads from the environment.

    Attributes:
        google_cloud_location: where Vertex AI is asked; flex is offered at `global` only.
        call_timeout_s: how long one call may take, after which it is given up and may be paid for all the same.
        retry_pause_s: the longest pause before a call is tried again after 429 or 5xx; it doubles each time.
        daily_budget_usd: no call starts once this was spent since midnight UTC, by all stages together; unset is no
            limit.
        batch_budget_usd: the same for all the ads of one published batch together.
    """

    gemini_api_key: SecretStr | None = None
    google_genai_use_vertexai: bool = False
    google_cloud_location: Annotated[str, Field(min_length=1, examples=["global"])] = "global"

    call_timeout_s: Annotated[float, Field(gt=0, le=500, examples=[120])] = 120.0
    retry_pause_s: Annotated[float, Field(gt=0, le=20, examples=[1])] = 1.0

    daily_budget_usd: Annotated[Money | None, Field(examples=["25.00"])] = None
    batch_budget_usd: Annotated[Money | None, Field(examples=["5.00"])] = None

    @property
    def can_ask(self) -> bool:
        """Whether there is a way to ask Gemini."""
        return bool(self.gemini_api_key) or self.google_genai_use_vertexai
