"""Whether who shall answer is there at all: asked once before anything is analysed, by calls that cost nothing.

A wrong name, key or address would else be found by the first creative, and said in the log only while all ads wait.
What may pass (a timeout, 429, 5xx) is a doubt and no fault: it is outlasted while creatives are analysed.
"""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pydantic import SecretStr

from functions.extract.extractors import registry
from functions.extract.settings import ExtractSettings
from shared import prices
from shared.settings import SettingsError

if TYPE_CHECKING:
    import openai

PATIENCE_S = 5.0
_LISTED = 8  # names of models that a sentence can hold
_MOST_DETAIL = 300


def require(settings: ExtractSettings) -> str | None:
    """Returns unless the extractor that the settings choose cannot answer for sure: a doubt in a sentence, or None.

    Raises:
        SettingsError: its packages are missing, the environment's proxies cannot be used, nobody listens, or the
            service refuses the key or knows no such model.
    """
    registry.require_packages(settings.chosen_extractor)
    if settings.chosen_extractor != "offline":
        _require_usable_proxies()
    match settings.chosen_extractor:
        case "gemini":
            return _gemini(settings)
        case "azure":
            return _deployment(settings)
        case "openai":
            return _listed_model(settings)
    return None


def _require_usable_proxies() -> None:
    """Returns where a client can be made: it reads the environment's proxies, and takes no SOCKS and no bad address."""
    import httpx2

    try:
        httpx2.Client().close()
    except (ImportError, ValueError, httpx2.InvalidURL) as error:
        raise SettingsError(
            f"a proxy of the environment (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY) cannot be used: {error} "
            "Name one as http://host:port, or unset the variable"
        ) from error


def _gemini(settings: ExtractSettings) -> str | None:
    import httpx2
    from google.auth.exceptions import GoogleAuthError
    from google.genai import errors

    from functions.extract.extractors import gemini, gemini_request

    name = f"GEMINI_MODEL={settings.gemini_model}"
    gemini_request.thinking_level(settings)
    try:
        with gemini.client(settings.model_copy(update={"call_timeout_s": PATIENCE_S})) as client:
            client.models.get(model=settings.gemini_model)
    except GoogleAuthError as error:
        raise SettingsError(f"GOOGLE_GENAI_USE_VERTEXAI: {error}") from error
    except httpx2.ConnectError as error:
        raise SettingsError(f"{name}: its service cannot be reached: {error}") from error
    except errors.APIError as error:
        if gemini.fate(error) is gemini.Fate.AGAIN:
            return _doubt(name, error)
        raise SettingsError(f"{name} cannot be used: {error.code} {error.status}: {error.message}") from error
    except (httpx2.TransportError, json.JSONDecodeError) as error:
        return _doubt(name, error)
    service: prices.Service = "vertex" if settings.google_genai_use_vertexai else "developer"
    return prices.end_of_life(settings.gemini_model, service, datetime.now(UTC).date())


def _deployment(settings: ExtractSettings) -> str | None:
    """Azure lists no deployments to who only has a key: a request about nothing is refused by one that is there."""
    import openai

    name = f"AZURE_OPENAI_DEPLOYMENT={settings.azure_openai_deployment}"
    with openai.AzureOpenAI(
        azure_endpoint=settings.azure_openai_endpoint or "",
        api_key=_secret(settings.azure_openai_api_key),
        api_version=settings.openai_api_version,
        timeout=PATIENCE_S,
        max_retries=0,
    ) as client:
        try:
            client.chat.completions.create(model=settings.azure_openai_deployment or "", messages=[])
        except openai.BadRequestError:
            return None
        except openai.APIError as error:
            return _doubt_of_openai(name, settings.azure_openai_endpoint or "", error)
    return None


def _listed_model(settings: ExtractSettings) -> str | None:
    import openai

    name = f"OPENAI_MODEL={settings.openai_model}"
    key = _secret(settings.openai_api_key)
    with openai.OpenAI(base_url=settings.openai_base_url, api_key=key, timeout=PATIENCE_S, max_retries=0) as client:
        try:
            listed = [each.id for each in client.models.list()]
        except openai.NotFoundError as error:
            return _doubt(name, error)  # not every server lists what it has
        except openai.APIError as error:
            return _doubt_of_openai(name, str(client.base_url), error)
    if settings.openai_model in listed:
        return None
    others = ", ".join(sorted(listed)[:_LISTED]) or "none"
    raise SettingsError(f"{name}: {client.base_url} has no such model; it has {others}")


def _secret(key: SecretStr | None) -> str:
    return key.get_secret_value() if key else "none"  # most servers of one's own ask for none, the client for any


def _doubt_of_openai(name: str, address: str, error: "openai.APIError") -> str:
    """A doubt; raises what is wrong for sure."""
    import openai

    if isinstance(error, openai.APIConnectionError) and not isinstance(error, openai.APITimeoutError):
        raise SettingsError(f"{name}: nobody answers at {address}: {error.__cause__ or error}") from error
    if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError | openai.NotFoundError):
        raise SettingsError(f"{name} cannot be used: {error.status_code}: {error.message}") from error
    return _doubt(name, error)


def _doubt(name: str, error: Exception) -> str:
    return f"{name}: whether it can be used is not known yet: {str(error)[:_MOST_DETAIL] or type(error).__name__}"
