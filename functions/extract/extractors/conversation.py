"""What is asked of Gemini, as data: the turns of a conversation and how each is to be answered."""

from dataclasses import dataclass, replace

from google.genai import types
from pydantic import BaseModel

from functions.extract.extractors import prompt, replies, schema
from functions.extract.extractors.replies import Fault, NoAnswer
from functions.extract.settings import ExtractSettings, Thinking
from shared import prices
from shared.events import Kind
from shared.settings import SettingsError

TURNS = 2
"""Calls for one creative at most: the second one is there to mend the first one's answer."""

_LEVELS: tuple[Thinking, ...] = ("minimal", "low", "medium", "high")
_VIDEO_FACTOR = 4  # scenes and a transcript are longer than what is said of an image
_CUT_OFF_FACTOR = 4
_MOST_OUTPUT = 65_536


@dataclass(frozen=True)
class Turn:
    """One call: everything said so far, and the most that the model may say.

    Attributes:
        contents: the creative, and after an invalid answer that answer and what is wrong with it.
        output_limit: tokens, thoughts included.
    """

    contents: tuple[types.Content, ...]
    output_limit: int


def first_turn(shown: types.Part, kind: Kind, settings: ExtractSettings) -> Turn:
    """The creative alone: what to do with it is in the system instruction."""
    limit = settings.max_output_tokens * (_VIDEO_FACTOR if kind is Kind.VIDEO else 1)
    return Turn((types.Content(role="user", parts=[shown]),), min(limit, _MOST_OUTPUT))


def next_turn(turn: Turn, reply: types.GenerateContentResponse, verdict: NoAnswer) -> Turn | None:
    """What to ask after a reply that is no answer; `None` where asking again is of no use."""
    if verdict.fault is Fault.BLOCKED:
        return None
    if verdict.fault is Fault.TRUNCATED:
        return replace(turn, output_limit=min(turn.output_limit * _CUT_OFF_FACTOR, _MOST_OUTPUT))
    if verdict.fault is Fault.EMPTY:
        return turn
    given = types.Content(role="model", parts=[types.Part.from_text(text=replies.text_of(reply))])
    wanted = types.Part.from_text(text=prompt.REPAIR.format(faults=verdict.detail))
    return replace(turn, contents=(*turn.contents, given, types.Content(role="user", parts=[wanted])))


def config(
    turn: Turn, features: type[BaseModel], settings: ExtractSettings, tier: types.ServiceTier | None = None
) -> types.GenerateContentConfig:
    """How a turn is to be answered. Sampling parameters are deprecated and not sent."""
    level = thinking_level(settings)
    return types.GenerateContentConfig(
        system_instruction=prompt.instructions(),
        response_mime_type="application/json",
        response_schema=schema.response_schema(features),
        max_output_tokens=turn.output_limit,
        media_resolution=types.MediaResolution(f"MEDIA_RESOLUTION_{settings.media_resolution.upper()}"),
        thinking_config=types.ThinkingConfig(thinking_level=types.ThinkingLevel(level.upper())) if level else None,
        service_tier=tier,
        labels={"application": "creatives"} if settings.google_genai_use_vertexai else None,
    )


def thinking_level(settings: ExtractSettings) -> Thinking | None:
    """The level that is asked for: the set one, else the least that the model is known to accept.

    Raises:
        SettingsError: when the model is known to refuse the set one.
    """
    model = prices.known(settings.gemini_model)
    least = model.least_thinking if model else None
    chosen = settings.thinking_level
    if chosen and least and _LEVELS.index(chosen) < _LEVELS.index(least):
        raise SettingsError(f"THINKING_LEVEL: {settings.gemini_model} refuses {chosen} (for example {least})")
    return chosen or least
