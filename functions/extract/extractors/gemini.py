"""The extractor that asks Gemini, on the Developer API with a key or on Vertex AI with the function's own identity."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial

import httpx2
from google import genai
from google.genai import errors, types
from pydantic import BaseModel

from functions.extract.extractors import control_clip, gemini_request, replies, thinking
from functions.extract.extractors.control import CLIP_TYPE, Control
from functions.extract.extractors.conversation import Turn, converse, first_turn
from functions.extract.extractors.extractor import Answer, Replies
from functions.extract.settings import ExtractSettings
from shared import features, log, prices, youtube
from shared.events import Extraction, Kind
from shared.media.creative import Creatives
from shared.models import receiving
from shared.models.backoff import Backoff, Deadline
from shared.models.faults import MISCONFIGURED
from shared.models.gemini import Fate, asked_pause, fate
from shared.models.trial import picture
from shared.reasons import Reason, Rejected

INLINE_BYTES = 14_000_000  # a request holds 20 MB, and base64 makes 4 bytes of 3

_CLOSED = frozenset({400, 403, 404})  # of an address: the video is gone or private, unless it is our request or key
_JUDGED = frozenset({Reason.REFUSED_BY_MODEL, Reason.VIDEO_NOT_PUBLIC})


class GeminiExtractor:
    """Asks Gemini: one call for a creative, and a second one only to mend the first one's answer."""

    name = "gemini"

    def __init__(self, settings: ExtractSettings, client: genai.Client, creatives: Creatives) -> None:
        self.model = settings.gemini_model
        self._settings = settings
        self.client = client
        self._creatives = creatives
        self._backoff = Backoff(first_pause_s=settings.retry_pause_s)
        self.control = Control(self.model, self._ask_about_ours)
        thinking.level(settings)
        service: prices.Service = "vertex" if settings.google_genai_use_vertexai else "developer"
        if warning := prices.end_of_life(self.model, service, datetime.now(UTC).date()):
            log.warning(warning, model=self.model)

    def extract(self, request: Extraction, features: type[BaseModel], earlier: Replies | None = None) -> Answer:
        """See `Extractor`."""
        deadline = Deadline(self._settings.extraction_timeout_s)
        said = earlier or Replies()
        turn = first_turn(request.kind, self._settings)
        try:
            with self.shown(request, deadline) as part:
                ask = self.control.watched(request.kind, lambda t: self._call(part, t, features, deadline))
                return converse(turn, features, said, ask, replies.read, lambda: self._backoff.rest(deadline))
        except Rejected as refusal:
            if refusal.reason not in _JUDGED or said.said:  # a request of this kind was in order
                raise
            raise self.control.judge(request.kind, refusal) from refusal

    @contextmanager
    def shown(self, request: Extraction, deadline: Deadline) -> Iterator[types.Part]:
        """The creative as a part of a request, there as long as the context is open."""
        if request.kind is Kind.IMAGE:
            jpeg = self._creatives.shown_image(request, self._settings.media_resolution)
            yield types.Part.from_bytes(data=jpeg, mime_type="image/jpeg")
            return
        metadata = types.VideoMetadata(fps=self._settings.video_fps)
        if youtube.is_address(request.uri):
            yield gemini_request.by_address(request, metadata)
        elif self._settings.google_genai_use_vertexai:
            stored = types.FileData(file_uri=self._creatives.stored_uri(request), mime_type=request.content_type)
            yield types.Part(file_data=stored, video_metadata=metadata)
        elif request.bytes and request.bytes <= INLINE_BYTES:
            inline = types.Blob(data=self._creatives.content(request), mime_type=request.content_type)
            yield types.Part(inline_data=inline, video_metadata=metadata)
        else:
            with self._uploaded(request, deadline) as file:
                uploaded = types.FileData(file_uri=file.uri, mime_type=request.content_type)
                yield types.Part(file_data=uploaded, video_metadata=metadata)

    def _call(self, shown: types.Part, turn: Turn, features: type[BaseModel], deadline: Deadline) -> bytes:
        """The reply to one turn, byte for byte."""
        contents = gemini_request.contents(shown, turn)

        def generate() -> bytes:
            within_s = deadline.for_a_call(self._settings.call_timeout_s)
            config = gemini_request.call_config(turn, features, self._settings, within_s)
            ask = partial(self.client.models.generate_content, model=self.model, contents=list(contents), config=config)
            return receiving.reply_of(ask)

        try:
            return self._backoff.call(generate, asked_pause, deadline)
        except errors.APIError as error:
            raise self._judged(error, shown) from error

    def _ask_about_ours(self, kind: Kind) -> None:
        """One call as for a creative of this kind, about one of our own. What it says is of no interest."""
        if kind is Kind.IMAGE:
            part = types.Part.from_bytes(data=picture(), mime_type="image/jpeg")
        else:
            inline = types.Blob(data=control_clip.MP4, mime_type=CLIP_TYPE)
            part = types.Part(inline_data=inline, video_metadata=types.VideoMetadata(fps=self._settings.video_fps))
        asked = features.model_for(kind, features.load(self._settings.features))
        raw = self._call(part, first_turn(kind, self._settings), asked, Deadline(self._settings.call_timeout_s))
        usage = replies.read(raw).call.usage
        log.info("paid for a control", stage="extract", model=self.model, kind=kind, **asdict(usage))

    def _judged(self, error: errors.APIError, shown: types.Part) -> Exception:
        said = f"{error.code} {error.status}: {error.message}"[:500]
        if gemini_request.is_by_address(shown) and error.code in _CLOSED:
            return Rejected(Reason.VIDEO_NOT_PUBLIC, said)
        match fate(error):
            case Fate.REFUSED:
                return Rejected(Reason.REFUSED_BY_MODEL, said)
            case Fate.OUR_FAULT:
                log.error(
                    f"{MISCONFIGURED}: {said}",
                    stage="extract",
                    model=self.model,
                    code=error.code,
                    why=error.status,
                )
        return error

    @contextmanager
    def _uploaded(self, request: Extraction, deadline: Deadline) -> Iterator[types.File]:
        """The creative in the Files API, named after its content, so that a second try finds the first one's file."""
        file = self._backoff.call(lambda: self._find_or_upload(request), asked_pause, deadline)
        yield self._active(file, deadline)
        try:
            self.client.files.delete(name=file.name or "")
        except (errors.APIError, httpx2.TransportError) as error:
            # The answer is paid for: it is not given up for a file that goes by itself after two days.
            log.warning("an uploaded file was left behind", stage="extract", file=file.name, why=str(error))

    def _find_or_upload(self, request: Extraction) -> types.File:
        try:
            return self.client.files.get(name=request.creative_id)
        except errors.ClientError as error:
            if error.code not in (403, 404):  # the API says 403 of a file that is not there
                raise
        with self._creatives.stream(request) as stream:
            config = types.UploadFileConfig(name=request.creative_id, mime_type=request.content_type)
            return self.client.files.upload(file=stream, config=config)

    def _active(self, file: types.File, deadline: Deadline) -> types.File:
        """Waits until an uploaded file may be asked about."""

        def get() -> types.File:
            current = self.client.files.get(name=file.name or "")
            if current.state is types.FileState.PROCESSING:
                raise _StillProcessingError(f"{file.name} is still being processed")
            return current

        patient = Backoff(attempts=60, first_pause_s=self._settings.retry_pause_s, longest_pause_s=10.0)
        current = patient.call(get, _patience, deadline)
        if current.state is types.FileState.FAILED:
            raise Rejected(Reason.REFUSED_BY_MODEL, "the model's file service cannot read this video")
        return current


class _StillProcessingError(Exception):
    """An uploaded file is not ready yet."""


def _patience(error: Exception) -> float | None:
    return 0.0 if isinstance(error, _StillProcessingError) else asked_pause(error)
