"""What a reply of Gemini amounts to, read from the bytes that came. Nothing here calls anybody, and nothing is trusted:
the client's own parser raises at some of what models write, when the reply is paid for already.

Source of the names: https://ai.google.dev/api/generate-content, and Google's discovery document of Vertex AI
(aiplatform v1beta1, revision 20261106), read in November 2026.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from functions.extract.extractors import mending
from functions.extract.extractors.conversation import Fault, NoAnswer, Reply
from shared.models.usage import Call, Usage, usage_of
from shared.prices import Billed

type Json = Mapping[str, Any]

_BLOCKED = frozenset(
    (
        *("SAFETY", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR"),
        *("IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT"),
    )
)
_RECITED = frozenset(("RECITATION", "IMAGE_RECITATION"))

# What Vertex AI says of the traffic, and the Developer API of the tier. Whatever else they say has no price here.
_BILLED: Mapping[str, Billed] = {
    **{"ON_DEMAND": "standard", "ON_DEMAND_FLEX": "flex"},
    **{"STANDARD": "standard", "SERVICE_TIER_STANDARD": "standard", "FLEX": "flex", "SERVICE_TIER_FLEX": "flex"},
}
_UNSAID = frozenset(("", "TRAFFIC_TYPE_UNSPECIFIED", "SERVICE_TIER_UNSPECIFIED", "UNSPECIFIED"))
_DETAIL = 300


def read(raw: bytes) -> Reply:
    """The reply in the body of a response."""
    try:
        return of_response(json.loads(raw.decode("utf-8-sig", "replace")))
    except (ValueError, RecursionError):
        return Reply("", Call(Usage()), NoAnswer(Fault.EMPTY, "the service sent something that is no reply"))


def of_response(response: object) -> Reply:
    """The reply in a parsed response."""
    body = _mapping(response)
    text = text_of(body)
    return Reply(text, Call(usage_of(_mapping(body.get("usageMetadata"))), _billed(body)), _fault(body, text))


def _fault(body: Json, text: str) -> NoAnswer | None:
    if blocked := _mapping(body.get("promptFeedback")).get("blockReason"):
        return NoAnswer(Fault.BLOCKED, f"the request was blocked: {_word(blocked)}")
    reason = _word(_candidate(body).get("finishReason") or "none")
    if reason in _BLOCKED:
        return NoAnswer(Fault.BLOCKED, f"the answer was blocked: {reason}")
    if reason in _RECITED:
        return NoAnswer(Fault.RECITED, f"the answer was broken off because it quotes a published text: {reason}")
    if reason == "MAX_TOKENS":
        return NoAnswer(Fault.TRUNCATED, "the answer was cut off at the output limit")
    return None if text else NoAnswer(Fault.EMPTY, f"the reply is empty (finish reason {reason})")


def text_of(body: Json) -> str:
    """The text of the first candidate, without its thoughts."""
    parts = map(_mapping, _list(_mapping(_candidate(body).get("content")).get("parts")))
    said = (part.get("text") for part in parts if not part.get("thought"))
    return "".join(text for text in said if isinstance(text, str))


def _billed(body: Json) -> Billed | None:
    """How the call was billed, where the service says it."""
    counted = _mapping(body.get("usageMetadata"))
    said = _word(counted.get("trafficType") or counted.get("serviceTier") or "").upper()
    return None if said in _UNSAID else _BILLED.get(said, "other")


def _candidate(body: Json) -> Json:
    return next(map(_mapping, _list(body.get("candidates"))), {})


def _mapping(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> Iterator[object]:
    yield from value if isinstance(value, list) else ()


def _word(value: object) -> str:
    return mending.whole(str(value))[:_DETAIL]
