"""The settings of `extract`: which extractor and model answer, how much they are shown, and what may be spent."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from shared.models.settings import GeminiSettings

Resolution = Literal["low", "medium", "high"]
Thinking = Literal["minimal", "low", "medium", "high"]
Mode = Literal["standard", "flex", "batch"]

_FLEX_TIMES = {"call_timeout_s": 450.0, "extraction_timeout_s": 480.0}


class ExtractSettings(GeminiSettings):
    """What `extract` reads from the environment.

    Attributes:
        extractor: who answers; `auto` is gemini where it is configured (a key or Vertex AI), else offline.
        features: `package.module:Model`, the feature model to fill in, or a taxonomy's file: its path or gs:// URI.
        azure_openai_model: which model the deployment is of; answers are priced by it.
        openai_base_url: of whatever speaks OpenAI's protocol: vLLM, Ollama, LiteLLM; unset is OpenAI itself.
        openai_api_key: most servers of one's own need none.
        openai_model: as that server names it; answers are priced by it where shared/prices.yaml knows it.
        media_resolution: how closely the model looks: an image costs 280, 560 or 1,120 tokens. `medium` still shows
            1.29 megapixels, more than a 1080x1080 or 1200x628 ad has.
        video_fps: frames a second of a video that the model is shown, 70 tokens each (280 at `high`).
        thinking_level: unset is the least that the model accepts.
        extraction_timeout_s: how long all the calls for one creative may take, and so how long nobody else takes it up
            after a crash. The function's own timeout is 540 s.
        call_timeout_s: as of every stage; but flex has to wait for room: unless they are set, this is 450 s there, and
            extraction_timeout_s 480 s.
        extraction_mode: `flex` and `batch` cost half; flex answers within minutes, batch within hours. Batch is for the
            Developer API, and for images: a video goes flex, for its upload may be deleted while its batch waits.
    """

    model_config = SettingsConfigDict(env_ignore_empty=True)

    extractor: Annotated[Literal["auto", "offline", "gemini", "azure", "openai"], Field(examples=["offline"])] = "auto"
    features: Annotated[
        str, Field(pattern=r"^[\w.]+:\w+$|\.ya?ml$", examples=["shared.features:ImageFeatures", "taxonomy.yaml"])
    ] = "shared.features:ImageFeatures"

    gemini_model: Annotated[str, Field(min_length=1, examples=["gemini-3.5-flash-lite"])] = "gemini-3.5-flash-lite"

    azure_openai_endpoint: Annotated[str | None, Field(examples=["https://my-company.openai.azure.com"])] = None
    azure_openai_api_key: SecretStr | None = None
    azure_openai_deployment: Annotated[str | None, Field(examples=["ads-vision"])] = None
    azure_openai_model: Annotated[str | None, Field(examples=["gpt-4.1-mini"])] = None
    openai_base_url: Annotated[str | None, Field(examples=["http://localhost:11434/v1"])] = None
    openai_api_key: SecretStr | None = None
    openai_model: Annotated[str | None, Field(examples=["qwen3-vl:8b"])] = None
    openai_api_version: Annotated[str, Field(min_length=1, examples=["2024-10-21"])] = "2024-10-21"

    media_resolution: Annotated[Resolution, Field(examples=["medium"])] = "medium"
    video_fps: Annotated[float, Field(gt=0, le=24, examples=[1])] = 1.0
    thinking_level: Annotated[Thinking | None, Field(examples=["minimal"])] = None
    max_output_tokens: Annotated[int, Field(ge=256, le=65536, examples=[4096])] = 4096
    extraction_timeout_s: Annotated[float, Field(gt=0, le=500, examples=[240])] = 240.0
    extraction_mode: Annotated[Mode, Field(examples=["standard"])] = "standard"

    @property
    def chosen_extractor(self) -> Literal["offline", "gemini", "azure", "openai"]:
        """Who answers, `auto` resolved."""
        if self.extractor != "auto":
            return self.extractor
        return "gemini" if self.gemini_api_key or self.google_genai_use_vertexai else "offline"

    @property
    def chosen_model(self) -> str | None:
        """The model that answers, as its service names it and prices know it; None offline."""
        chosen = {"gemini": self.gemini_model, "azure": self.azure_openai_model, "openai": self.openai_model}
        return chosen.get(self.chosen_extractor)

    @model_validator(mode="before")
    @classmethod
    def _flex_takes_minutes(cls, given: Any) -> Any:  # noqa: ANN401 - whatever the settings are made of
        if isinstance(given, dict) and given.get("extraction_mode") in ("flex", "batch"):
            return _FLEX_TIMES | given
        return given

    @model_validator(mode="after")
    def _gemini_can_be_reached(self) -> Self:
        if self.chosen_extractor == "gemini" and not (self.gemini_api_key or self.google_genai_use_vertexai):
            raise ValueError("EXTRACTOR=gemini needs GEMINI_API_KEY, or GOOGLE_GENAI_USE_VERTEXAI=true")
        return self

    @model_validator(mode="after")
    def _mode_is_offered(self) -> Self:
        if self.extraction_mode != "standard" and self.chosen_extractor != "gemini":
            raise ValueError(
                f"EXTRACTION_MODE={self.extraction_mode} needs EXTRACTOR=gemini: others have no such price"
            )
        if self.extraction_mode == "batch" and self.google_genai_use_vertexai:
            raise ValueError(
                "EXTRACTION_MODE=batch needs a key (GEMINI_API_KEY); on Vertex AI take flex, at the same price"
            )
        on_vertex = self.chosen_extractor == "gemini" and self.google_genai_use_vertexai
        if self.extraction_mode == "flex" and on_vertex and self.google_cloud_location != "global":
            raise ValueError(
                f"EXTRACTION_MODE=flex is offered at GOOGLE_CLOUD_LOCATION=global only, not at"
                f" {self.google_cloud_location}, where every call would be paid in full"
            )
        return self

    @model_validator(mode="after")
    def _openai_can_be_reached(self) -> Self:
        if self.extractor == "openai" and not self.openai_model:
            raise ValueError("EXTRACTOR=openai needs OPENAI_MODEL, and OPENAI_BASE_URL where it is not OpenAI itself")
        if self.extractor == "openai" and not (self.openai_base_url or self.openai_api_key):
            raise ValueError("EXTRACTOR=openai needs OPENAI_BASE_URL (for example http://localhost:11434/v1) or a key")
        return self

    @model_validator(mode="after")
    def _azure_can_be_reached(self) -> Self:
        needed = ("azure_openai_endpoint", "azure_openai_api_key", "azure_openai_deployment", "azure_openai_model")
        missing = [name.upper() for name in needed if not getattr(self, name)]
        if self.extractor == "azure" and missing:
            raise ValueError(f"EXTRACTOR=azure needs {', '.join(missing)}")
        return self
