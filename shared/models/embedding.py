"""Vectors of what something means, asked of Gemini: pictures and words, of whatever language, lie in one space.

The model takes no task as a parameter: what is looked for and what is looked through begin with other words
(https://ai.google.dev/gemini-api/docs/embeddings, as quoted by others in November 2026). At most six pictures go into
one vector (https://docs.cloud.google.com/vertex-ai/generative-ai/docs/models/gemini/embedding-2, read then).
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from google import genai
from google.genai import types

from shared.models import receiving
from shared.models.gemini import within
from shared.models.usage import Usage, usage_of
from shared.reasons import Reason, Rejected

MOST_PICTURES = 6

PICTURE_TOKENS = 267
"""Of a picture, whatever its size: it costs 0.00012 USD, at 0.45 USD a million tokens (see shared/prices.yaml)."""

CHARACTERS_PER_TOKEN = 4  # https://ai.google.dev/gemini-api/docs/tokens, read in November 2026

_QUERY, _DOCUMENT = "task: search result | query: ", "title: none | text: "


@dataclass(frozen=True)
class Meant:
    """What a vector is asked of.

    Attributes:
        words: none: of the pictures alone.
        pictures: JPEGs.
        looked_for: whether others are looked for by it, instead of itself.
    """

    words: str = ""
    pictures: tuple[bytes, ...] = ()
    looked_for: bool = False

    @property
    def content(self) -> types.Content:
        """It as one content, and so as one vector."""
        parts = [types.Part.from_bytes(data=jpeg, mime_type="image/jpeg") for jpeg in self.pictures]
        if self.words:
            parts.append(types.Part.from_text(text=(_QUERY if self.looked_for else _DOCUMENT) + self.words))
        return types.Content(role="user", parts=parts)

    @property
    def expected_usage(self) -> Usage:
        """The tokens that it will take."""
        return expected_usage(len(self.pictures), math.ceil(len(self.words) / CHARACTERS_PER_TOKEN))


def expected_usage(pictures: int, text_tokens: int) -> Usage:
    """The tokens that so many pictures and words will take."""
    image = pictures * PICTURE_TOKENS
    return Usage(input_tokens=image + text_tokens, text_tokens=text_tokens, image_tokens=image, output_tokens=0)


def ask(client: genai.Client, model: str, dimensions: int, meant: Meant, within_s: float) -> bytes:
    """The reply, byte for byte.

    Raises:
        LostReplyError: when the call may have been paid for and brought no whole reply.
        Exception: the client's, of a call that cost nothing.
    """
    config = types.EmbedContentConfig(output_dimensionality=dimensions, http_options=within(within_s))
    call = partial(client.models.embed_content, model=model, contents=[meant.content], config=config)
    return receiving.reply_of(call)


def read(reply: bytes, dimensions: int) -> tuple[float, ...]:
    """The vector in a reply; nothing of it is trusted.

    Raises:
        Rejected: when there is none that can be compared with others.
    """
    try:
        body = json.loads(reply.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        body = None
    vector = _vector(body)
    if len(vector) != dimensions or not all(map(math.isfinite, vector)) or not any(vector):
        detail = f"no vector of {dimensions} numbers came: {reply[:100]!r}"
        raise Rejected(Reason.INVALID_ANSWER, detail)
    return vector


def usage(reply: bytes, meant: Meant) -> Usage:
    """What a reply took; all of it as pictures, the dearer ones, where the service does not tell them from words."""
    try:
        body = json.loads(reply.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return Usage()
    counted = body.get("usageMetadata") if isinstance(body, dict) else None
    told = usage_of(counted if isinstance(counted, dict) else {})
    if meant.pictures and told.image_tokens is None:
        told = replace(told, image_tokens=told.input_tokens)
    return replace(told, output_tokens=0)


def _vector(body: Any) -> tuple[float, ...]:  # noqa: ANN401 - whatever JSON holds
    """The numbers: Vertex AI answers with one embedding, the Developer API with a list of one."""
    found = body.get("embedding") if isinstance(body, dict) else None
    listed: Sequence[Any] = body.get("embeddings") or () if isinstance(body, dict) else ()
    if found is None and isinstance(listed, list) and len(listed) == 1:
        found = listed[0]
    values = found.get("values") if isinstance(found, dict) else None
    if not isinstance(values, list) or not all(type(each) in (int, float) for each in values):
        return ()
    return tuple(map(float, values))
