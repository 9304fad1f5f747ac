"""What an extraction will take, before it is made: tokens, from the creative's kind and duration alone."""

import json
import math
from functools import cache

from pydantic import BaseModel

from functions.extract.extractors import prompt, schema
from functions.extract.money import pictures
from functions.extract.settings import ExtractSettings
from shared import features, prices
from shared.events import Kind
from shared.media import showing
from shared.models.usage import Usage

# Four characters a token: https://ai.google.dev/gemini-api/docs/tokens, read in November 2026.
CHARACTERS_PER_TOKEN = 4
AUDIO_TOKENS_PER_S = 32  # the same page
FEWEST_FRAMES = 1

# Characters of a value, and items of a list: only how they compare with each other matters.
_CHARACTERS = {"STRING": 25.0, "NUMBER": 4.0, "INTEGER": 2.0, "BOOLEAN": 5.0}
_ITEMS = 3

# A typical answer by our feature models (benchmarks/extraction.py has one for an image) at three characters a token,
# for JSON is dearer than prose: a guess that only real answers can better. Thoughts come on top at all but the least.
OUTPUT_TOKENS = {Kind.IMAGE: 270, Kind.VIDEO: 1100}
THINKING_TOKENS = {"minimal": 0, "low": 150, "medium": 500, "high": 1500}


def expected_usage(
    kind: Kind, duration_s: float | None, size: tuple[int, int], model: type[BaseModel], settings: ExtractSettings
) -> Usage:
    """Tokens of one call for a creative of this kind; none offline.

    Args:
        kind: of the creative. To Gemini an image costs the same whatever its size.
        duration_s: of a video.
        size: width and height in pixels.
        model: the feature model, as `features.load` gives it.
        settings: who answers, resolution, frames a second, thinking.
    """
    match settings.chosen_extractor:
        case "offline":
            return Usage()
        case "gemini":
            return _by_gemini(kind, duration_s or 0.0, model, settings)
    return _by_size(kind, duration_s or 0.0, size, model, settings)


def _by_gemini(kind: Kind, seconds: float, model: type[BaseModel], settings: ExtractSettings) -> Usage:
    text = told_tokens(kind, model)
    image = showing.IMAGE_TOKENS[settings.media_resolution] if kind is Kind.IMAGE else None
    video = audio = None
    if kind is Kind.VIDEO:
        shown = max(math.ceil(seconds * settings.video_fps), FEWEST_FRAMES)
        video = shown * showing.FRAME_TOKENS[settings.media_resolution]
        audio = math.ceil(seconds * AUDIO_TOKENS_PER_S)
    return Usage(
        input_tokens=text + (image or 0) + (video or 0) + (audio or 0),
        text_tokens=text,
        image_tokens=image,
        video_tokens=video,
        audio_tokens=audio,
        thinking_tokens=THINKING_TOKENS[settings.thinking_level or "minimal"],
        output_tokens=answer_tokens(kind, model),
    )


def _by_size(
    kind: Kind, seconds: float, size: tuple[int, int], model: type[BaseModel], settings: ExtractSettings
) -> Usage:
    """Of a model that is shown pictures only; what it reads is not known where it does not say how it counts them."""
    text = told_tokens(kind, model)
    known = prices.known(settings.chosen_model or "")
    counted = answer_tokens(kind, model)
    if known is None or known.pictures is None:
        return Usage(text_tokens=text, output_tokens=counted)
    count, most = 1, showing.pixel_budget(settings.media_resolution)
    if kind is Kind.VIDEO:
        count, most = len(showing.looks(seconds)), showing.FRAME_PIXELS[settings.media_resolution]
    closely = settings.media_resolution != "low"
    image = count * pictures.tokens(known.pictures, *showing.fitted(*size, most), closely=closely)
    return Usage(input_tokens=text + image, text_tokens=text, image_tokens=image, output_tokens=counted)


@cache
def answer_tokens(kind: Kind, model: type[BaseModel]) -> int:
    """Tokens of a typical answer: those of the built-in model, as much more or less as its answers are long."""
    own, built_in = (
        _answer_characters(schema.response_schema(features.model_for(kind, each)))
        for each in (model, features.ImageFeatures)
    )
    return math.ceil(OUTPUT_TOKENS[kind] * own / built_in)


def _answer_characters(asked: schema.Schema) -> float:
    """How long a value is that fits a schema, with its name and signs."""
    if "anyOf" in asked:
        return max(_answer_characters(option) for option in asked["anyOf"])
    if "properties" in asked:
        return sum(len(name) + 6 + _answer_characters(value) for name, value in asked["properties"].items())
    if "items" in asked:
        return _ITEMS * _answer_characters(asked["items"])
    if "enum" in asked:
        return sum(map(len, asked["enum"])) / len(asked["enum"])
    return _CHARACTERS.get(asked.get("type", ""), _CHARACTERS["STRING"])


@cache
def told_tokens(kind: Kind, model: type[BaseModel]) -> int:
    """Tokens of what is told with every creative: the instructions and the schema."""
    asked = schema.response_schema(features.model_for(kind, model))
    told = prompt.instructions() + json.dumps(asked, separators=(",", ":"))
    return math.ceil(len(told) / CHARACTERS_PER_TOKEN)
