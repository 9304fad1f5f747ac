"""OpenAI's chat completions as data: the strict schema that is sent, and what a reply says, from the bytes that came.

Sources: https://learn.microsoft.com/azure/ai-foundry/openai/how-to/structured-outputs and
https://platform.openai.com/docs/api-reference/chat/object, read in November 2026.
"""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from functions.extract.extractors import mending, schema
from functions.extract.extractors.conversation import Fault, NoAnswer, Reply
from shared.models.usage import Call, Usage

FILTERED = b'{"choices": [{"finish_reason": "content_filter"}], "usage": {}}'
"""What stands for a request that the content filter refused: nothing was paid, and there is nothing to read."""

_KEPT = ("type", "enum", "const", "items", "properties", "required", "anyOf", "$ref", "$defs")
_DIGITS = 12  # of a count of tokens


def strict_schema(features: type[BaseModel]) -> dict[str, Any]:
    """A feature model's schema in the keywords that are supported, closed against other properties."""
    whole = features.model_json_schema()
    strict: dict[str, Any] = _strict(whole, whole.get("$defs", {}))
    return strict


def _strict(part: Any, defs: Mapping[str, Any]) -> Any:  # noqa: ANN401
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return {"$ref": part["$ref"]}  # nothing may stand beside a reference
    strict: dict[str, Any] = {name: part[name] for name in _KEPT if name in part}
    if told := schema.description(part, defs):
        strict["description"] = told
    for name in ("properties", "$defs"):
        if name in strict:
            strict[name] = {key: _strict(value, defs) for key, value in strict[name].items()}
    if "anyOf" in strict:
        strict["anyOf"] = [_strict(option, defs) for option in strict["anyOf"]]
    if "items" in strict:
        strict["items"] = _strict(strict["items"], defs)
    if "properties" in strict:
        strict |= {"additionalProperties": False, "required": list(strict["properties"])}
    return strict


def read(raw: bytes) -> Reply:
    """The reply in the body of a response; nothing in it is trusted."""
    try:
        body = _mapping(json.loads(raw.decode("utf-8-sig", "replace")))
    except (ValueError, RecursionError):
        return Reply("", Call(Usage()), NoAnswer(Fault.EMPTY, "the service sent something that is no reply"))
    choices = body.get("choices")
    choice = _mapping(choices[0]) if isinstance(choices, list) and choices else {}
    said = _mapping(choice.get("message"))
    # vLLM may take a whole answer for a thought (vllm-project/vllm #19222, #50948).
    places = ("content", "reasoning_content", "reasoning")
    text = next(filter(None, (_text(said.get(place)) for place in places)), "")
    usage = usage_of(_mapping(body.get("usage")))
    return Reply(text, Call(usage), _fault(choice, said, text))


def _fault(choice: Mapping[str, Any], said: Mapping[str, Any], text: str) -> NoAnswer | None:
    if refusal := said.get("refusal"):
        return NoAnswer(Fault.BLOCKED, mending.whole(f"the model refuses: {refusal}")[:500])
    reason = choice.get("finish_reason")
    if reason == "content_filter":
        return NoAnswer(Fault.BLOCKED, "the content filter blocked it")
    if reason == "length":
        return NoAnswer(Fault.TRUNCATED, "the answer was cut off at the output limit")
    return None if text else NoAnswer(Fault.EMPTY, "the reply is empty")


def _text(content: object) -> str:
    """The answer without the thoughts that models on servers of one's own write before it, or beside it in parts."""
    if isinstance(content, list):
        parts = (_mapping(part) for part in content)
        content = "".join(str(part.get("text") or "") for part in parts if part.get("type", "text") == "text")
    return content.rpartition("</think>")[2] if isinstance(content, str) else ""


def usage_of(counted: Mapping[str, Any]) -> Usage:
    """The tokens that the service says a reply took. It does not tell text from image; thoughts are of its output."""
    thoughts = _count(_mapping(counted.get("completion_tokens_details")).get("reasoning_tokens")) or 0
    written = _count(counted.get("completion_tokens"))
    return Usage(
        input_tokens=_count(counted.get("prompt_tokens")),
        cached_tokens=_count(_mapping(counted.get("prompt_tokens_details")).get("cached_tokens")),
        thinking_tokens=thoughts,
        output_tokens=None if written is None else max(written - thoughts, 0),
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _count(value: object) -> int | None:
    digits = str(value)
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= _DIGITS else None
