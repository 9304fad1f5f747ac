"""What a reply of Gemini amounts to: an answer, or in which of the ways it is none. Nothing here calls anybody."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import StrEnum

from google.genai import types
from pydantic import BaseModel, ValidationError

from functions.extract.extractors.extractor import Unanswered, Usage
from shared.reasons import Reason
from shared.stage import explain

_BLOCKED = frozenset(
    {
        types.FinishReason.SAFETY,
        types.FinishReason.RECITATION,
        types.FinishReason.BLOCKLIST,
        types.FinishReason.PROHIBITED_CONTENT,
        types.FinishReason.SPII,
        types.FinishReason.IMAGE_SAFETY,
        types.FinishReason.IMAGE_PROHIBITED_CONTENT,
        types.FinishReason.IMAGE_RECITATION,
    }
)
_MODALITIES = {
    types.MediaModality.TEXT: "text_tokens",
    types.MediaModality.IMAGE: "image_tokens",
    types.MediaModality.VIDEO: "video_tokens",
    types.MediaModality.AUDIO: "audio_tokens",
}


class Fault(StrEnum):
    """Why a reply is not an answer."""

    BLOCKED = "blocked"
    TRUNCATED = "truncated"
    EMPTY = "empty"
    INVALID = "invalid"


@dataclass(frozen=True)
class NoAnswer:
    """A reply that cannot be used.

    Attributes:
        fault: of which kind.
        detail: what is wrong, in words that fit into a failure row and into a repair turn.
    """

    fault: Fault
    detail: str


def read(reply: types.GenerateContentResponse, features: type[BaseModel]) -> BaseModel | NoAnswer:
    """The validated answer in a reply, or what it is instead."""
    feedback = reply.prompt_feedback
    if feedback and feedback.block_reason:
        return NoAnswer(Fault.BLOCKED, f"the request was blocked: {feedback.block_reason.value}")
    reason = reply.candidates[0].finish_reason if reply.candidates else None
    if reason in _BLOCKED:
        return NoAnswer(Fault.BLOCKED, f"the answer was blocked: {reason.value}")
    if reason is types.FinishReason.MAX_TOKENS:
        return NoAnswer(Fault.TRUNCATED, "the answer was cut off at the output limit")
    text = text_of(reply)
    if not text:
        return NoAnswer(Fault.EMPTY, f"the reply is empty (finish reason {reason.value if reason else 'none'})")
    try:
        return features.model_validate_json(text)
    except ValidationError as error:
        return NoAnswer(Fault.INVALID, explain(error))


def dump(reply: types.GenerateContentResponse) -> str:
    """A reply as JSON, without the transport's headers."""
    return reply.model_dump_json(exclude_none=True, exclude={"sdk_http_response"})


def parse(dumped: str) -> types.GenerateContentResponse:
    """The reply that was dumped."""
    return types.GenerateContentResponse.model_validate_json(dumped)


def text_of(reply: types.GenerateContentResponse) -> str:
    """The text of the first candidate, without its thoughts."""
    content = reply.candidates[0].content if reply.candidates else None
    parts = (content.parts if content else None) or []
    return "".join(part.text for part in parts if part.text and not part.thought)


def usage_of(reply: types.GenerateContentResponse) -> Usage:
    """The tokens that the service says a reply took."""
    counted = reply.usage_metadata
    if counted is None:
        return Usage()
    by_modality: dict[str, int] = {}
    for detail in counted.prompt_tokens_details or []:
        if detail.modality in _MODALITIES and detail.token_count is not None:
            name = _MODALITIES[detail.modality]
            by_modality[name] = by_modality.get(name, 0) + detail.token_count
    # A count of nothing is left out of the reply, which is not the same as not being told anything.
    return Usage(
        input_tokens=counted.prompt_token_count,
        cached_tokens=counted.cached_content_token_count,
        thinking_tokens=counted.thoughts_token_count,
        output_tokens=counted.candidates_token_count or (0 if counted.prompt_token_count is not None else None),
        **by_modality,
    )


def total(usages: Iterable[Usage]) -> Usage:
    """The sum of the calls that an answer took; a count is `None` where no call had it."""
    calls = list(usages)

    def added(name: str) -> int | None:
        counts = [count for call in calls if (count := getattr(call, name)) is not None]
        return sum(counts) if counts else None

    return Usage(**{field.name: added(field.name) for field in fields(Usage)})


def unanswered(verdict: NoAnswer, reply: types.GenerateContentResponse, usage: Usage) -> Unanswered:
    """The rejection of a creative whose last reply is no answer."""
    reason = Reason.BLOCKED_BY_MODEL if verdict.fault is Fault.BLOCKED else Reason.INVALID_ANSWER
    return Unanswered(reason, verdict.detail, usage=usage, raw=text_of(reply) or dump(reply))
