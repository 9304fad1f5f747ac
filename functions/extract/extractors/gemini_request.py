"""What is asked of Gemini, as data: a turn's contents, and how it is to be answered by each of its two services.

Vertex AI and the Developer API are two wires: half the price for waiting (flex) is a field of the body on one and a
header on the other. Source: https://docs.cloud.google.com/vertex-ai/generative-ai/docs/flex-paygo and
https://ai.google.dev/gemini-api/docs/flex-inference, read in November 2026.
"""

from google.genai import types
from pydantic import BaseModel

from functions.extract.extractors import prompt, schema, thinking
from functions.extract.extractors.conversation import Turn, repair
from functions.extract.settings import ExtractSettings
from shared import youtube
from shared.events import Extraction
from shared.models.gemini import within

_FLEX_ON_VERTEX = {"X-Vertex-AI-LLM-Request-Type": "shared", "X-Vertex-AI-LLM-Shared-Request-Type": "flex"}


def contents(shown: types.Part, turn: Turn) -> list[types.Content]:
    """The creative, and after an answer of no use that answer and what is wrong with it."""
    asked = [types.Content(role="user", parts=[shown])]
    if turn.given:
        answer, faults = turn.given
        asked.append(types.Content(role="model", parts=[types.Part.from_text(text=answer)]))
        asked.append(types.Content(role="user", parts=[types.Part.from_text(text=repair(faults))]))
    return asked


def by_address(request: Extraction, metadata: types.VideoMetadata) -> types.Part:
    """A video that the service opens by itself: no more of it than the request says, for nobody knows its length."""
    shown = metadata.model_copy(update={"end_offset": f"{request.duration_s or 0:g}s"})
    opened = types.FileData(file_uri=request.uri, mime_type=request.content_type)
    return types.Part(file_data=opened, video_metadata=shown)


def is_by_address(shown: types.Part) -> bool:
    """Whether it is such a video."""
    return shown.file_data is not None and youtube.is_address(shown.file_data.file_uri or "")


def config(turn: Turn, features: type[BaseModel], settings: ExtractSettings) -> types.GenerateContentConfig:
    """How a turn is to be answered, but for its tier and its time. Sampling parameters are deprecated and not sent."""
    level = thinking.level(settings)
    return types.GenerateContentConfig(
        system_instruction=prompt.instructions(),
        response_mime_type="application/json",
        response_schema=schema.response_schema(features),
        max_output_tokens=turn.output_limit,
        media_resolution=types.MediaResolution(f"MEDIA_RESOLUTION_{settings.media_resolution.upper()}"),
        thinking_config=types.ThinkingConfig(thinking_level=types.ThinkingLevel(level.upper())) if level else None,
        labels={"application": "creatives"} if settings.google_genai_use_vertexai else None,
    )


def call_config(
    turn: Turn, features: type[BaseModel], settings: ExtractSettings, within_s: float
) -> types.GenerateContentConfig:
    """How one call is to be answered: with its tier, within so many seconds, and unread by the client."""
    flex = settings.extraction_mode != "standard"  # what cannot wait for a batch is asked on flex, at the same price
    on_vertex = settings.google_genai_use_vertexai
    config_of_call = config(turn, features, settings)
    config_of_call.service_tier = types.ServiceTier.FLEX if flex and not on_vertex else None
    config_of_call.http_options = within(within_s, _FLEX_ON_VERTEX if flex and on_vertex else None)
    config_of_call.should_return_http_response = True
    return config_of_call
