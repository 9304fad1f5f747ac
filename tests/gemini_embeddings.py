"""The pretended model of vectors behind `tests/gemini_server.py`: what it refuses, what it counts, what it answers.

Its two services are two wires: Vertex AI takes one content (`embedContent`, by Google's own description), the Developer
API a list of requests (`batchEmbedContents`). Words that two texts have in common bring their vectors near each other,
and so do equal pictures. Limits are written down here once more, independently of the code under test.
"""

import base64
import hashlib
import math
import re
from collections import Counter
from dataclasses import dataclass

from tests import discovery
from tests.gemini_model import EMBEDDING_PRICES, Json, RefusedError, Seen, Service, Tokens, camel_case, invalid, look

MOST_PICTURES = 6
PICTURE_TOKENS = 258
_REQUEST = {"content", "model", "outputDimensionality", "title", "taskType"}
_VERTEX_REQUEST = "GoogleCloudAiplatformV1beta1EmbedContentRequest"
_TASK = re.compile(r"^(?:task: [^|]+ \| query: |title: [^|]* \| text: )")


@dataclass(frozen=True)
class Embedding:
    """A request for one vector that was accepted."""

    model: str
    service: Service
    seen: tuple[Seen, ...]
    texts: tuple[str, ...]
    dimensions: int

    @property
    def tokens(self) -> Tokens:
        """What it takes: text is four characters a token."""
        return Tokens(text=math.ceil(sum(map(len, self.texts)) / 4), image=len(self.seen) * PICTURE_TOKENS)


def read(model: str, service: Service, body: Json) -> Embedding:
    """The request, once nothing is wrong with it."""
    if model not in EMBEDDING_PRICES:
        raise RefusedError(404, "NOT_FOUND", f"models/{model} is not found for API version v1beta")
    body = camel_case(body)
    content, dimensions = _on_vertex(body) if service.location else _on_the_developer_api(model, body)
    if not 128 <= dimensions <= 3072:
        raise invalid(f"output_dimensionality: {dimensions}")
    parts = content.get("parts") or []
    if not parts or any(set(part) - {"text", "inlineData"} for part in parts):
        raise invalid("content is not specified, or of parts that are not known")
    media = tuple(
        look(_bytes(part["inlineData"]), part["inlineData"]["mimeType"], 1) for part in parts if "text" not in part
    )
    if len(media) > MOST_PICTURES or any(each.mime_type not in ("image/jpeg", "image/png") for each in media):
        raise invalid(f"at most {MOST_PICTURES} pictures, as JPEG or PNG")
    texts = tuple(part["text"] for part in parts if "text" in part)
    if not all(map(_TASK.match, texts)):
        raise invalid("our own rule: a text says what it is for")
    return Embedding(model, service, media, texts, dimensions)


def _on_vertex(body: Json) -> tuple[Json, int]:
    if wrong := next(discovery.faults("aiplatform.v1beta1", _VERTEX_REQUEST, body), None):
        raise invalid(f"Invalid JSON payload received. {wrong}")
    config = body.get("embedContentConfig", {})
    if set(config) - {"outputDimensionality"}:
        raise invalid(f"only for models of text alone: {sorted(config)}")
    return body["content"], config.get("outputDimensionality", 3072)


def _on_the_developer_api(model: str, body: Json) -> tuple[Json, int]:
    requests = body.get("requests") or []
    if set(body) != {"requests"} or len(requests) != 1 or set(requests[0]) - _REQUEST:
        raise invalid("Invalid JSON payload received.")
    (request,) = requests
    if request.get("model") != f"models/{model}":
        raise invalid("model of a request differs from that of the batch")
    if "taskType" in request or "title" in request:
        raise invalid("task_type is not supported by this model")
    return request["content"], request.get("outputDimensionality", 3072)


def _bytes(inline: Json) -> bytes:
    padded = inline["data"] + "=" * (-len(inline["data"]) % 4)
    return base64.urlsafe_b64decode(padded.replace("+", "-").replace("/", "_"))


def vector(asked: Embedding) -> list[float]:
    """The same for the same content: each word adds to a few places, and so does each picture."""
    words = Counter(word for text in asked.texts for word in re.findall(r"\w+", _TASK.sub("", text).lower()))
    pictures = Counter(hashlib.sha256(each.content).hexdigest() for each in asked.seen)
    values = [0.0] * asked.dimensions
    for name, count in [*words.items(), *pictures.items()]:
        drawn = hashlib.sha256(name.encode()).digest()
        for at in range(0, 12, 4):
            place = int.from_bytes(drawn[at : at + 4]) % asked.dimensions
            values[place] += count if drawn[12 + at] % 2 else -count
    length = math.hypot(*values) or 1.0
    return [round(value / length, 8) for value in values]


def reply(asked: Embedding, values: list[float]) -> Json:
    """As its service writes it."""
    embedding = {"values": values}
    usage = asked.tokens.usage()
    if asked.service.location:
        return {"embedding": embedding, "usageMetadata": usage, "truncated": False}
    return {"embeddings": [embedding], "usageMetadata": usage}
