"""The pretended model behind `tests/gemini_server.py`: what it refuses, what it counts, what it answers.

It is as strict as the service is known to be, so that a request it accepts is one the service would accept. Token rules
and prices are written down here once more, independently of the code under test.
"""

import base64
import hashlib
import io
import json
import math
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import av
from PIL import Image, UnidentifiedImageError

from shared.features import ImageFeatures, VideoFeatures, verifiable_fields
from tests import discovery

type Json = dict[str, Any]

# USD for a million tokens, input and output: https://ai.google.dev/gemini-api/docs/pricing, read in November 2026.
PRICES: dict[str, tuple[Decimal, Decimal]] = {
    "gemini-3.5-flash-lite": (Decimal("0.30"), Decimal("2.50")),
    "gemini-3.8-flash": (Decimal("0.75"), Decimal("3.75")),
}
# Of vectors: words, and pictures.
EMBEDDING_PRICES = {"gemini-embedding-2": (Decimal("0.20"), Decimal("0.45"))}
SHARES = {"standard": Decimal(1), "flex": Decimal("0.5"), "batch": Decimal("0.5")}
IMAGE_TOKENS = {"LOW": 280, "MEDIUM": 560, "HIGH": 1120}
FRAME_TOKENS = {"LOW": 70, "MEDIUM": 70, "HIGH": 280}
AUDIO_TOKENS_PER_S = 32
STORED_VIDEO_S = 10.0  # of a gs:// video, which this server cannot open
THOUGHTS = {"MINIMAL": 0, "LOW": 40, "MEDIUM": 200, "HIGH": 600}

_BODY = {"contents", "systemInstruction", "generationConfig", "safetySettings", "serviceTier", "model"}
_CONFIG = {
    "responseMimeType",
    "responseSchema",
    "maxOutputTokens",
    "mediaResolution",
    "thinkingConfig",
    "candidateCount",
    "stopSequences",
    "seed",
}
_DEPRECATED = {"temperature", "topP", "topK"}
_PART = {"text", "inlineData", "fileData", "videoMetadata", "thought"}
_SCHEMA = {
    "type",
    "description",
    "enum",
    "format",
    "items",
    "minItems",
    "maxItems",
    "minimum",
    "maximum",
    "nullable",
    "properties",
    "propertyOrdering",
    "required",
    "anyOf",
}
# Understood, but known to break serving from some sum on (python-genai #660, vercel/ai #21192): never sent by us.
_DEAR = {"minItems", "maxItems", "minimum", "maximum"}
_TYPES = {"OBJECT", "ARRAY", "STRING", "NUMBER", "INTEGER", "BOOLEAN"}


class RefusedError(Exception):
    """An error of the service: HTTP code, status, message."""

    def __init__(self, code: int, status: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.message = message

    def body(self) -> Json:
        """The error as the service writes it."""
        return {"error": {"code": self.code, "message": self.message, "status": self.status}}


def invalid(message: str) -> RefusedError:
    """The service's answer to a request that is wrong."""
    return RefusedError(400, "INVALID_ARGUMENT", message)


@dataclass(frozen=True)
class Service:
    """Where a request came in: the Developer API, or Vertex AI in one of its locations.

    Flex is a field of the body on the one and a header on the other, where only the global location has it; elsewhere
    it is taken and billed in full (googleapis/python-genai #2847, #2433). Vertex AI says how it billed, and the
    Developer API its tier.
    """

    location: str | None = None
    shared_request_type: str = ""
    is_batch: bool = False

    def check(self, body: Json) -> None:
        """Refuses what the service's own description does not have."""
        if self.location is None:
            _only(body, _BODY, "request")
            if body.get("serviceTier", "standard") not in ("standard", "flex", "priority"):
                raise invalid(f"Invalid value at 'service_tier', {body['serviceTier']}")
        elif wrong := next(discovery.faults("aiplatform.v1beta1", _VERTEX_REQUEST, body), None):
            raise invalid(f"Invalid JSON payload received. {wrong}")

    def billed(self, body: Json) -> str:
        """The mode that is paid."""
        if self.is_batch:
            return "batch"
        if self.location is None:
            return str(body.get("serviceTier", "standard"))
        return "flex" if self.shared_request_type == "flex" and self.location == "global" else "standard"

    def traffic(self, body: Json) -> Json:
        """What the usage says of it."""
        if self.location is None:
            return {"serviceTier": body["serviceTier"]} if "serviceTier" in body else {}
        return {"trafficType": "ON_DEMAND_FLEX" if self.billed(body) == "flex" else "ON_DEMAND"}


DEVELOPER = Service()
BATCH = Service(is_batch=True)
_VERTEX_REQUEST = "GoogleCloudAiplatformV1beta1GenerateContentRequest"


@dataclass(frozen=True)
class Seen:
    """One piece of media in a request.

    Attributes:
        content: its bytes; those of the URI for media that the server cannot open.
        seconds: duration; 0 for an image.
    """

    content: bytes
    mime_type: str
    seconds: float = 0.0
    width: int = 0
    height: int = 0
    has_audio: bool = False
    fps: float = 1.0


@dataclass(frozen=True)
class Asked:
    """A request that was accepted."""

    model: str
    service: Service
    body: Json
    seen: list[Seen]
    texts: list[str]

    @property
    def schema(self) -> Json:
        """The response schema that was sent."""
        schema: Json = self.body["generationConfig"]["responseSchema"]
        return schema

    @property
    def output_limit(self) -> int:
        """The most tokens that the answer may have."""
        return int(self.body["generationConfig"].get("maxOutputTokens", 65536))

    @property
    def is_repair(self) -> bool:
        """Whether an earlier answer is in the request."""
        return any(content.get("role") == "model" for content in self.body["contents"])


@dataclass
class Tokens:
    """What a call took."""

    text: int = 0
    image: int = 0
    video: int = 0
    audio: int = 0
    thoughts: int = 0
    output: int = 0

    @property
    def input(self) -> int:
        """Everything that was read."""
        return self.text + self.image + self.video + self.audio

    def usage(self) -> Json:
        """As the service reports it: counts of nothing are left out."""
        details = [
            {"modality": name.upper(), "tokenCount": count}
            for name in ("text", "image", "video", "audio")
            if (count := getattr(self, name))
        ]
        counts = {
            "promptTokenCount": self.input,
            "candidatesTokenCount": self.output,
            "thoughtsTokenCount": self.thoughts,
            "totalTokenCount": self.input + self.output + self.thoughts,
        }
        return {name: count for name, count in counts.items() if count} | {"promptTokensDetails": details}


@dataclass(frozen=True)
class Paid:
    """A line of the ledger: one call that was answered and is paid for."""

    model: str
    mode: str
    tokens: Tokens
    content_hash: str

    @property
    def usd(self) -> Decimal:
        """Its price."""
        if self.model in EMBEDDING_PRICES:
            of_words, of_pictures = EMBEDDING_PRICES[self.model]
            return (self.tokens.text * of_words + self.tokens.image * of_pictures) / 1_000_000
        read, written = PRICES[self.model]
        output = self.tokens.output + self.tokens.thoughts
        return (self.tokens.input * read + output * written) * SHARES[self.mode] / 1_000_000


@dataclass
class Checker:
    """Reads requests, refusing what the service refuses.

    Attributes:
        files: uploaded files by name, content and MIME type.
        public: what everybody may see on YouTube: by address, its seconds.
    """

    files: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    public: dict[str, float] = field(default_factory=dict)

    def read(self, model: str, service: Service, body: Json) -> Asked:
        """The request, once nothing is wrong with it."""
        if model not in PRICES:
            raise RefusedError(404, "NOT_FOUND", f"models/{model} is not found for API version v1beta")
        body = camel_case(body)
        service.check(body)
        config = body.get("generationConfig") or {}
        self._check_config(model, config)
        parts = [part for content in body.get("contents") or [] for part in content.get("parts") or []]
        if not parts:
            raise invalid("contents is not specified")
        for part in parts:
            _only(part, _PART, "part")
        seen = [media for part in parts if (media := self._media(part))]
        system = [part["text"] for part in (body.get("systemInstruction") or {}).get("parts", [])]
        texts = system + [part["text"] for part in parts if "text" in part]
        return Asked(model, service, body, seen, texts)

    def _check_config(self, model: str, config: Json) -> None:
        if deprecated := _DEPRECATED & set(config):
            raise invalid(f"{', '.join(sorted(deprecated))}: no longer supported")
        _only(config, _CONFIG, "generationConfig")
        if config.get("responseMimeType") != "application/json" and "responseSchema" in config:
            raise invalid("responseSchema needs responseMimeType application/json")
        level = config.get("thinkingConfig", {}).get("thinkingLevel", "MINIMAL")
        if level not in THOUGHTS or (level == "MINIMAL" and model == "gemini-3.8-flash"):
            raise invalid(f"Thinking level {level} is not supported for this model.")
        if _resolution(config) not in IMAGE_TOKENS:
            raise invalid(f"mediaResolution: {config['mediaResolution']}")
        if "responseSchema" in config:
            check_schema(config["responseSchema"], "responseSchema")

    def _media(self, part: Json) -> Seen | None:
        fps = float(part.get("videoMetadata", {}).get("fps", 1.0))
        if inline := part.get("inlineData"):
            padded = inline["data"] + "=" * (-len(inline["data"]) % 4)
            return look(base64.urlsafe_b64decode(padded.replace("+", "-").replace("/", "_")), inline["mimeType"], fps)
        if stored := part.get("fileData"):
            if not stored.get("mimeType"):
                raise invalid("fileData needs a mimeType")
            uri: str = stored["fileUri"]
            if uri.startswith("gs://"):
                return Seen(uri.encode(), stored["mimeType"], seconds=STORED_VIDEO_S, fps=fps, has_audio=True)
            if uri.startswith("https://www.youtube.com/"):
                return self._public(uri, stored["mimeType"], fps, part.get("videoMetadata", {}))
            if (name := uri.rsplit("/", 1)[-1]) not in self.files:
                raise RefusedError(403, "PERMISSION_DENIED", f"You do not have permission to access the File {name}")
            return look(self.files[name][0], stored["mimeType"], fps)
        return None

    def _public(self, uri: str, mime_type: str, fps: float, metadata: Json) -> Seen:
        end = metadata.get("endOffset")
        if end and not re.fullmatch(r"\d+(\.\d{1,9})?s", end):
            raise invalid(f"videoMetadata.endOffset: {end}")
        if uri not in self.public:
            raise RefusedError(403, "PERMISSION_DENIED", "The caller does not have permission")
        seconds = min(self.public[uri], float(end[:-1]) if end else self.public[uri])
        return Seen(uri.encode(), mime_type, seconds=seconds, fps=fps, has_audio=True)


def look(content: bytes, mime_type: str, fps: float) -> Seen:
    """Opens media as the service does: what it cannot read it refuses."""
    try:
        if mime_type.startswith("image/"):
            with Image.open(io.BytesIO(content), formats=[mime_type.removeprefix("image/")]) as image:
                image.load()
                return Seen(content, mime_type, width=image.width, height=image.height)
        with av.open(io.BytesIO(content), "r") as video:
            seconds = (video.duration or 0) / av.time_base
            return Seen(content, mime_type, seconds=seconds, has_audio=bool(video.streams.audio), fps=fps)
    except (UnidentifiedImageError, OSError, KeyError, ValueError) as error:
        raise invalid("Provided image is not valid.") from error


def check_schema(schema: Json, where: str) -> None:
    """Refuses a schema outside the supported subset."""
    _only(schema, _SCHEMA, where)
    if bounds := _DEAR & set(schema):
        raise invalid(f"{where}: {bounds}: the schema produces a constraint that has too many states for serving.")
    if "anyOf" not in schema and schema.get("type") not in _TYPES:
        raise invalid(f"{where}: type {schema.get('type')}")
    for name, sub in schema.get("properties", {}).items():
        check_schema(sub, f"{where}.{name}")
    if schema.get("type") == "OBJECT" and not schema.get("properties"):
        raise invalid(f"{where}: properties should be non-empty for OBJECT type")
    if schema.get("type") == "ARRAY":
        check_schema(schema.get("items") or {}, f"{where}.items")
    if unknown := set(schema.get("required", [])) - set(schema.get("properties", {})):
        raise invalid(f"{where}: required: {unknown}")


def camel_case(value: Any, *, names: bool = True) -> Any:
    """A request in its usual names (the service takes `max_items` as well); properties keep theirs."""
    if isinstance(value, list):
        return [camel_case(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        (re.sub(r"_(.)", lambda found: found[1].upper(), name) if names else name): camel_case(
            sub, names=name not in ("properties", "labels")
        )
        for name, sub in value.items()
    }


def _only(given: Json, known: set[str], where: str) -> None:
    if unknown := sorted(set(given) - known):
        raise invalid(f"Invalid JSON payload received. Unknown name \"{unknown[0]}\" at '{where}': Cannot find field.")


def _resolution(config: Json) -> str:
    return str(config.get("mediaResolution", "MEDIA_RESOLUTION_HIGH")).removeprefix("MEDIA_RESOLUTION_")


def count(asked: Asked, answer: str) -> Tokens:
    """What the call takes, by the published rules; text is four characters a token, the schema is text."""
    config = asked.body.get("generationConfig") or {}
    schema = json.dumps(config.get("responseSchema", ""), separators=(",", ":"))
    tokens = Tokens(text=math.ceil((sum(map(len, asked.texts)) + len(schema)) / 4))
    for seen in asked.seen:
        if seen.seconds:
            tokens.video += math.ceil(seen.seconds * seen.fps) * FRAME_TOKENS[_resolution(config)]
            tokens.audio += math.ceil(seen.seconds * AUDIO_TOKENS_PER_S) if seen.has_audio else 0
        else:
            tokens.image += IMAGE_TOKENS[_resolution(config)]
    tokens.output = math.ceil(len(answer) / 4)
    tokens.thoughts = THOUGHTS[config.get("thinkingConfig", {}).get("thinkingLevel", "MINIMAL")]
    return tokens


def answer(asked: Asked) -> Any:
    """An answer that fits the schema, the same for the same media: what a description gives as an example is given."""
    seed = hashlib.sha256(b"".join(seen.content for seen in asked.seen)).digest()
    return _fitting(asked.schema, seed, "")


def answer_without_quotations(asked: Asked) -> Any:
    """The same with nothing in it that `verify` would read the media for: OCR is most of what a storm costs."""
    quoting = {path.partition(".")[0] for kind in (ImageFeatures, VideoFeatures) for path in verifiable_fields(kind)}
    return {name: None if name in quoting else value for name, value in answer(asked).items()}


def digest(content: bytes) -> str:
    """A short name for media."""
    return hashlib.sha256(content).hexdigest()[:16]


def _fitting(schema: Json, seed: bytes, name: str) -> Any:
    draw = hashlib.sha256(seed + name.encode()).digest()[0]
    if schema.get("nullable") and draw < 50:
        return None
    if "anyOf" in schema:
        return _fitting(schema["anyOf"][0], seed, name)
    if "enum" in schema:
        return schema["enum"][draw % len(schema["enum"])]
    match schema["type"]:
        case "OBJECT":
            order = schema.get("propertyOrdering") or list(schema["properties"])
            return {key: _fitting(schema["properties"][key], seed, f"{name}.{key}") for key in order}
        case "ARRAY":
            return [_fitting(schema["items"], seed, f"{name}[{index}]") for index in range(2)]
        case "STRING":
            example = re.search(r"e\.g\. ([^,;.]+)", schema.get("description", ""))
            return example[1] if example else f"{name.rsplit('.', 1)[-1]} {seed.hex()[:6]}"
        case "BOOLEAN":
            return draw % 2 == 0
    return draw % 101
