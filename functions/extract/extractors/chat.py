"""The extractors `azure` and `openai`: a chat model asked by OpenAI's protocol, through LangChain.

`azure` is a deployment on Azure OpenAI, `openai` whatever answers at an OpenAI-compatible address: vLLM, Ollama,
LiteLLM, OpenAI itself. A video is shown as frames, unheard.

Its packages are the optional extra `openai`. Same question, rows and cost columns as Gemini's.
"""

import base64
import weakref
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx2
import openai
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_openai import AzureChatOpenAI, ChatOpenAI
from langchain_openai.chat_models.base import BaseChatOpenAI
from pydantic import BaseModel, SecretStr

from functions.extract.extractors import completions, prompt
from functions.extract.extractors.control import Control
from functions.extract.extractors.conversation import Turn, converse, first_turn, repair
from functions.extract.extractors.extractor import Answer, Replies
from functions.extract.settings import ExtractSettings
from shared import features as feature_models
from shared import log
from shared.events import Extraction, Kind
from shared.media.creative import Creatives
from shared.models import receiving
from shared.models.backoff import Backoff, Deadline
from shared.models.faults import MISCONFIGURED, LostReplyError, NoReplyError
from shared.models.trial import picture
from shared.reasons import Reason, Rejected

_OUR_FAULT = (401, 403, 404, *range(300, 400))
_GATEWAY_WAITED = (504, 524)
"""What a gateway says when it no longer waits for the model, which may go on all the same."""
_UNHEARD = "These are {} frames of one video, at these seconds: {}. It cannot be heard: what needs its sound is null."


class ChatExtractor:
    """Asks a model: one call for a creative, and a second one only to mend the first one's answer."""

    def __init__(self, settings: ExtractSettings, creatives: Creatives) -> None:
        self.name: str = settings.chosen_extractor
        self.model = settings.chosen_model or ""
        self._settings = settings
        self._creatives = creatives
        self._backoff = Backoff(first_pause_s=settings.retry_pause_s)
        # A redirect would take the key to another's address, and the question to a page where one signs in.
        http = openai.DefaultHttpxClient(event_hooks={"response": [receiving.receive]}, follow_redirects=False)
        weakref.finalize(self, http.close)
        self._chat = client(settings, http)
        self._control = Control(self.model, self._ask_about_ours)

    def extract(self, request: Extraction, features: type[BaseModel], earlier: Replies | None = None) -> Answer:
        """See `Extractor`."""
        deadline = Deadline(self._settings.extraction_timeout_s)
        said = earlier or Replies()
        shown = self._shown(request)
        turn = first_turn(request.kind, self._settings)
        ask = self._control.watched(request.kind, lambda t: self._call(shown, t, features, deadline))
        try:
            answer = converse(turn, features, said, ask, completions.read, lambda: self._backoff.rest(deadline))
            return _unheard(answer) if request.kind is Kind.VIDEO else answer
        except Rejected as refusal:
            if refusal.reason is not Reason.REFUSED_BY_MODEL or said.said:  # a request of this kind was in order
                raise
            raise self._control.judge(request.kind, refusal) from refusal

    def _shown(self, request: Extraction) -> HumanMessage:
        if request.kind is Kind.IMAGE:
            return message([self._creatives.shown_image(request, self._settings.media_resolution)], self._settings)
        frames = self._creatives.shown_frames(request, self._settings.media_resolution).frames
        return message([frame.jpeg for frame in frames], self._settings, [frame.second for frame in frames])

    def _call(self, shown: HumanMessage, turn: Turn, features: type[BaseModel], deadline: Deadline) -> bytes:
        """The reply to one turn, byte for byte."""
        asked = {"response_format": response_format(features), "max_tokens": turn.output_limit}
        messages = list(_messages(shown, turn))

        def ask() -> bytes:
            within_s = deadline.for_a_call(self._settings.call_timeout_s)
            return sent(self._chat.bind(**asked, timeout=within_s), messages)

        try:
            return self._backoff.call(ask, asked_pause, deadline)
        except openai.APIStatusError as error:
            if error.status_code in _OUR_FAULT:
                said = f"{MISCONFIGURED}: {error.status_code}: {error.message}"
                log.error(said[:500], stage="extract", model=self.model)
                raise
            if error.code == "content_filter":
                return completions.FILTERED
            if _passes(error):
                raise
            raise Rejected(Reason.REFUSED_BY_MODEL, f"{error.status_code}: {error.message}"[:500]) from error

    def _ask_about_ours(self, kind: Kind) -> None:
        """One call as for a creative of this kind, about a picture of our own. What it says is of no interest."""
        shown = message([picture()], self._settings, [0.0] if kind is Kind.VIDEO else None)
        asked = feature_models.model_for(kind, feature_models.load(self._settings.features))
        self._call(shown, first_turn(kind, self._settings), asked, Deadline(self._settings.call_timeout_s))
        log.info("paid for a control", stage="extract", model=self.model, kind=kind)


def _unheard(answer: Answer) -> Answer:
    """The answer without what it says of a sound that nobody listened to."""
    model = type(answer.features)
    heard = [name for name in model.model_fields if feature_models.built_in_name(model, name) in feature_models.HEARD]
    said = [name for name in heard if getattr(answer.features, name) is not None]
    return replace(answer, features=answer.features.model_copy(update=dict.fromkeys(said)))


def client(settings: ExtractSettings, http: httpx2.Client) -> BaseChatOpenAI:
    """LangChain's client for what the settings name. It tries nothing again: Backoff and Pub/Sub do."""
    common: dict[str, Any] = {
        "timeout": settings.call_timeout_s,
        "max_retries": 0,
        "http_client": http,
    }
    if settings.chosen_extractor == "azure":
        return AzureChatOpenAI(
            azure_endpoint=settings.azure_openai_endpoint,
            azure_deployment=settings.azure_openai_deployment,
            api_key=settings.azure_openai_api_key,
            api_version=settings.openai_api_version,
            **common,
        )
    key = settings.openai_api_key or SecretStr("none")  # most servers of one's own ask for none, the client for any
    return ChatOpenAI(model=settings.openai_model or "", base_url=settings.openai_base_url, api_key=key, **common)


def sent(chat: Any, messages: list[BaseMessage]) -> bytes:  # noqa: ANN401 - a bound LangChain model
    """The body of the response to these messages, as it came, whatever the client makes of it."""
    try:
        return receiving.reply_of(lambda: chat.invoke(messages))
    except openai.APIStatusError as error:
        if error.status_code in _GATEWAY_WAITED:
            raise LostReplyError(f"{error.status_code}: {error.message}"[:300], begun=False) from error
        raise


def asked_pause(error: Exception) -> float | None:
    """See `shared.models.backoff.Transient`."""
    if isinstance(error, openai.APIConnectionError | NoReplyError):
        return 0.0
    if not isinstance(error, openai.APIStatusError) or not _passes(error):
        return None
    header = error.response.headers.get("retry-after", "")
    return float(header) if header.isdecimal() else 0.0


def _passes(error: openai.APIStatusError) -> bool:
    return error.status_code in (408, 409, 425, 429) or error.status_code >= 500


def response_format(features: type[BaseModel]) -> dict[str, Any]:
    """The strict structured output of a feature model."""
    schema = completions.strict_schema(features)
    return {"type": "json_schema", "json_schema": {"name": "features", "strict": True, "schema": schema}}


def message(jpegs: list[bytes], settings: ExtractSettings, seconds: list[float] | None = None) -> HumanMessage:
    """What is shown: a picture, or a video's frames with the seconds at which they stand."""
    detail = "low" if settings.media_resolution == "low" else "high"
    parts: list[str | dict[Any, Any]] = []
    if seconds is not None:
        named = ", ".join(f"{second:g}" for second in seconds)
        parts.append({"type": "text", "text": _UNHEARD.format(len(jpegs), named)})
    for jpeg in jpegs:
        url = f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
        parts.append({"type": "image_url", "image_url": {"url": url, "detail": detail}})
    return HumanMessage(content=parts)


def _messages(shown: HumanMessage, turn: Turn) -> Iterator[BaseMessage]:
    yield SystemMessage(prompt.instructions())
    yield shown
    if turn.given:
        answer, faults = turn.given
        yield AIMessage(answer)
        yield HumanMessage(repair(faults))
