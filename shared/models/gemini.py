"""Gemini's client, with a key or on Vertex AI with the function's own identity, and what its faults mean."""

import json
import re
from enum import Enum, auto
from typing import TYPE_CHECKING

import httpx2
from google import genai
from google.genai import errors, types

from shared.models import receiving
from shared.models.faults import NoReplyError
from shared.models.settings import GeminiSettings

if TYPE_CHECKING:
    from google.auth.credentials import Credentials


class Fate(Enum):
    """What becomes of a call that failed."""

    AGAIN = auto()
    OUR_FAULT = auto()
    REFUSED = auto()


def within(seconds: float, headers: dict[str, str] | None = None) -> types.HttpOptions:
    """The options of a call that may take so long."""
    return types.HttpOptions(timeout=max(int(seconds * 1000), 1), headers=headers)


def client(settings: GeminiSettings, credentials: "Credentials | None" = None) -> genai.Client:
    """A client for what the settings name; on Vertex AI with the given or the function's own credentials."""
    # For the Files API; a call for an answer has a timeout of its own.
    options = within(settings.call_timeout_s)
    options.client_args = {"event_hooks": {"response": [receiving.receive]}}
    if settings.google_genai_use_vertexai:
        return genai.Client(
            vertexai=True,
            project=settings.google_cloud_project,
            location=settings.google_cloud_location,
            credentials=credentials,
            http_options=options,
        )
    key = settings.gemini_api_key
    return genai.Client(vertexai=False, api_key=key.get_secret_value() if key else None, http_options=options)


def fate(error: errors.APIError) -> Fate:
    """Whether a fault may pass, is a fault of the configuration, or says that this creative is refused."""
    if error.code in (408, 429) or error.code >= 500:
        return Fate.AGAIN
    if error.code in (401, 403, 404) or error.status == "FAILED_PRECONDITION" or "API_KEY" in json.dumps(error.details):
        return Fate.OUR_FAULT
    return Fate.REFUSED


def asked_pause(error: Exception) -> float | None:
    """Seconds the service wants to be left alone after `error`, 0 if it names none, `None` if it will not pass."""
    if isinstance(error, httpx2.TransportError | json.JSONDecodeError | NoReplyError):
        return 0.0
    if not isinstance(error, errors.APIError) or fate(error) is not Fate.AGAIN:
        return None
    header = getattr(error.response, "headers", {}).get("retry-after", "")
    return float(header) if re.fullmatch(r"\d+", header) else _retry_info(error.details)


def _retry_info(details: object) -> float:
    """The delay in a `google.rpc.RetryInfo`, which Google's APIs send in the error's body."""
    found = re.search(r'"retryDelay": ?"(\d+(?:\.\d+)?)s"', json.dumps(details))
    return float(found[1]) if found else 0.0
