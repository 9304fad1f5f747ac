"""What an extraction will take, before it is made: tokens, from the creative's kind and duration alone."""

import json
import math

from pydantic import BaseModel

from functions.extract.extractors import media, prompt, schema
from functions.extract.extractors.extractor import Usage
from functions.extract.settings import ExtractSettings
from shared import features
from shared.events import Kind

# Four characters a token: https://ai.google.dev/gemini-api/docs/tokens, read in November 2026.
CHARACTERS_PER_TOKEN = 4
AUDIO_TOKENS_PER_S = 32  # the same page
FEWEST_FRAMES = 1

# A typical answer by our feature models (benchmarks/extraction.py has one for an image) at three characters a token,
# for JSON is dearer than prose: a guess that only real answers can better. Thoughts come on top at all but the least.
OUTPUT_TOKENS = {Kind.IMAGE: 270, Kind.VIDEO: 1100}
THINKING_TOKENS = {"minimal": 0, "low": 150, "medium": 500, "high": 1500}


def expected_usage(kind: Kind, duration_s: float | None, model: type[BaseModel], settings: ExtractSettings) -> Usage:
    """Tokens of one call for a creative of this kind.

    Args:
        kind: of the creative. An image costs the same whatever its size.
        duration_s: of a video.
        model: the feature model, as `features.load` gives it.
        settings: resolution, frames a second, thinking.
    """
    seconds = duration_s or 0.0
    text = told_tokens(kind, model)
    image = media.IMAGE_TOKENS[settings.media_resolution] if kind is Kind.IMAGE else None
    video = audio = None
    if kind is Kind.VIDEO:
        frames = max(math.ceil(seconds * settings.video_fps), FEWEST_FRAMES)
        video = frames * media.FRAME_TOKENS[settings.media_resolution]
        audio = math.ceil(seconds * AUDIO_TOKENS_PER_S)
    return Usage(
        input_tokens=text + (image or 0) + (video or 0) + (audio or 0),
        text_tokens=text,
        image_tokens=image,
        video_tokens=video,
        audio_tokens=audio,
        thinking_tokens=THINKING_TOKENS[settings.thinking_level or "minimal"],
        output_tokens=OUTPUT_TOKENS[kind],
    )


def told_tokens(kind: Kind, model: type[BaseModel]) -> int:
    """Tokens of what is told with every creative: the instructions and the schema."""
    asked = schema.response_schema(features.model_for(kind, model))
    told = prompt.instructions() + json.dumps(asked, separators=(",", ":"))
    return math.ceil(len(told) / CHARACTERS_PER_TOKEN)
