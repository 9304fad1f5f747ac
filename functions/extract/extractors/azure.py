"""The extractor that asks a model deployed on Azure OpenAI, through LangChain: images only.

Its packages are the optional extra `azure`. Same question, rows and cost columns as Gemini's.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import openai
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_openai import AzureChatOpenAI
from pydantic import BaseModel, TypeAdapter, ValidationError

from functions.extract.extractors import prompt
from functions.extract.extractors.backoff import Backoff, Deadline
from functions.extract.extractors.conversation import TURNS
from functions.extract.extractors.creative import Creatives
from functions.extract.extractors.extractor import Answer, Replies, Unanswered, Usage
from functions.extract.extractors.replies import Fault, NoAnswer, total
from functions.extract.settings import ExtractSettings
from shared import log
from shared.events import Extraction, Kind
from shared.reasons import Reason, Rejected
from shared.stage import explain

# What strict structured output takes; see https://learn.microsoft.com/azure/ai-foundry/openai/how-to/structured-outputs
_KEPT = ("type", "description", "enum", "const", "items", "properties", "required", "anyOf", "$ref", "$defs")
_OUR_FAULT = (openai.AuthenticationError, openai.PermissionDeniedError, openai.NotFoundError)


@dataclass(frozen=True)
class Reply:
    """What the model said, and what it took."""

    text: str
    usage: Usage
    fault: NoAnswer | None = None


_REPLY = TypeAdapter(Reply)


class AzureExtractor:
    """Asks a deployment: one call for a creative, and a second one only to mend the first one's answer."""

    name = "azure"

    def __init__(self, settings: ExtractSettings, creatives: Creatives) -> None:
        self.model = settings.azure_openai_model or ""
        self._settings = settings
        self._creatives = creatives
        self._backoff = Backoff(first_pause_s=settings.retry_pause_s)
        self._chat = AzureChatOpenAI(
            azure_endpoint=settings.azure_openai_endpoint,
            azure_deployment=settings.azure_openai_deployment,
            api_key=settings.azure_openai_api_key,
            api_version=settings.openai_api_version,
            max_tokens=settings.max_output_tokens,
            timeout=settings.call_timeout_s,
            max_retries=0,  # Backoff and Pub/Sub try again
        )

    def extract(self, request: Extraction, features: type[BaseModel], earlier: Replies | None = None) -> Answer:
        """See `Extractor`."""
        if request.kind is Kind.VIDEO:
            raise Rejected(Reason.REFUSED_BY_MODEL, "Azure OpenAI reads no videos: use EXTRACTOR=gemini for them")
        deadline = Deadline(self._settings.extraction_timeout_s)
        jpeg = self._creatives.shown_image(request, self._settings.media_resolution)
        messages: list[BaseMessage] = [SystemMessage(prompt.instructions()), _shown(jpeg, self._settings)]
        return self._converse(messages, features, earlier or Replies(), deadline)

    def _converse(
        self, messages: list[BaseMessage], features: type[BaseModel], earlier: Replies, deadline: Deadline
    ) -> Answer:
        calls: list[Usage] = []
        while True:
            kept = earlier.said[len(calls) :]
            try:
                reply = _REPLY.validate_json(kept[0]) if kept else self._call(messages, features, deadline)
            except Rejected as refusal:
                if not calls:
                    raise
                raise Unanswered.after(refusal, total(calls), earlier) from refusal
            calls.append(reply.usage)
            verdict = reply.fault or _read(reply.text, features)
            if not isinstance(verdict, NoAnswer):
                return Answer(verdict, total(calls), reply.text)
            if verdict.fault is Fault.BLOCKED or len(calls) == TURNS:
                raise _unanswered(verdict, reply.text, total(calls))
            if not kept:
                earlier.add(_REPLY.dump_json(reply).decode())
            if verdict.fault is Fault.INVALID:
                repair = HumanMessage(prompt.REPAIR.format(faults=verdict.detail))
                messages += [AIMessage(reply.text), repair]

    def _call(self, messages: Sequence[BaseMessage], features: type[BaseModel], deadline: Deadline) -> Reply:
        chat = self._chat.bind(response_format=response_format(features))
        try:
            return _reply(self._backoff.call(lambda: chat.invoke(list(messages)), asked_pause, deadline))
        except openai.LengthFinishReasonError as error:
            fault = NoAnswer(Fault.TRUNCATED, "the answer was cut off at the output limit")
            return Reply(_text_of(error.completion), _usage_of(error.completion), fault)
        except openai.ContentFilterFinishReasonError:
            return Reply("", Usage(), NoAnswer(Fault.BLOCKED, "the answer was blocked by the content filter"))
        except _OUR_FAULT as error:
            log.error("the deployment cannot be used as configured", model=self.model, why=type(error).__name__)
            raise
        except openai.BadRequestError as error:
            if error.code == "content_filter":
                return Reply("", Usage(), NoAnswer(Fault.BLOCKED, "the request was blocked by the content filter"))
            raise Rejected(Reason.REFUSED_BY_MODEL, f"{error.status_code}: {error.message}"[:500]) from error


def asked_pause(error: Exception) -> float | None:
    """See `functions.extract.extractors.backoff.Transient`."""
    if isinstance(error, openai.APIConnectionError):
        return 0.0
    passes = isinstance(error, openai.APIStatusError) and (error.status_code in (408, 429) or error.status_code >= 500)
    if not passes or not isinstance(error, openai.APIStatusError):
        return None
    header = error.response.headers.get("retry-after", "")
    return float(header) if header.isdecimal() else 0.0


def response_format(features: type[BaseModel]) -> dict[str, Any]:
    """The strict structured output of a feature model."""
    schema = _strict(features.model_json_schema())
    return {"type": "json_schema", "json_schema": {"name": "features", "strict": True, "schema": schema}}


def _strict(schema: Any) -> Any:  # noqa: ANN401
    """A schema in the keywords that are supported, closed against other properties."""
    if not isinstance(schema, dict):
        return schema
    strict: dict[str, Any] = {name: schema[name] for name in _KEPT if name in schema}
    for name in ("properties", "$defs"):
        if name in strict:
            strict[name] = {key: _strict(value) for key, value in strict[name].items()}
    if "anyOf" in strict:
        strict["anyOf"] = [_strict(option) for option in strict["anyOf"]]
    if "items" in strict:
        strict["items"] = _strict(strict["items"])
    if "$ref" in strict:
        return {"$ref": strict["$ref"]}  # nothing may stand beside a reference
    if "properties" in strict:
        strict |= {"additionalProperties": False, "required": list(strict["properties"])}
    return strict


def _shown(jpeg: bytes, settings: ExtractSettings) -> HumanMessage:
    detail = "low" if settings.media_resolution == "low" else "high"
    url = f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
    return HumanMessage(content=[{"type": "image_url", "image_url": {"url": url, "detail": detail}}])


def _reply(message: AIMessage) -> Reply:
    usage = usage_of(message.usage_metadata)
    if refusal := message.additional_kwargs.get("refusal"):
        return Reply(str(refusal), usage, NoAnswer(Fault.BLOCKED, f"the model refuses: {refusal}"[:500]))
    text = message.text
    return Reply(text, usage, None if text else NoAnswer(Fault.EMPTY, "the reply is empty"))


def usage_of(counted: UsageMetadata | None) -> Usage:
    """The tokens the service says a reply took. It does not tell text from image; thoughts are part of its output."""
    if counted is None:
        return Usage()
    thoughts = counted.get("output_token_details", {}).get("reasoning") or 0
    return Usage(
        input_tokens=counted["input_tokens"],
        cached_tokens=counted.get("input_token_details", {}).get("cache_read"),
        thinking_tokens=thoughts,
        output_tokens=counted["output_tokens"] - thoughts,
    )


def _usage_of(completion: Any) -> Usage:  # noqa: ANN401
    counted = completion.usage
    return Usage(input_tokens=counted.prompt_tokens, output_tokens=counted.completion_tokens) if counted else Usage()


def _text_of(completion: Any) -> str:  # noqa: ANN401
    return completion.choices[0].message.content or ""


def _read(text: str, features: type[BaseModel]) -> BaseModel | NoAnswer:
    try:
        return features.model_validate_json(text)
    except ValidationError as error:
        return NoAnswer(Fault.INVALID, explain(error))


def _unanswered(verdict: NoAnswer, raw: str, usage: Usage) -> Unanswered:
    reason = Reason.BLOCKED_BY_MODEL if verdict.fault is Fault.BLOCKED else Reason.INVALID_ANSWER
    return Unanswered(reason, verdict.detail, usage=usage, raw=raw or verdict.detail)
