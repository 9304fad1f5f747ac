"""Whether who shall answer is there at all: asked once before anything is analysed, by calls that cost nothing.

A wrong name, key or address would else be found by the first creative, and said in the log only while all ads wait.
What may pass (a timeout, 429, 5xx) is a doubt and no fault: it is outlasted while creatives are analysed.

One request each, written by hand where that takes no credentials but a key: the services' own packages take a second to
import, and whoever has mistyped a name is told within that.
"""

import json
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx2
from pydantic import SecretStr

from functions.extract.extractors import registry, thinking
from functions.extract.settings import ExtractSettings
from shared import prices, urls
from shared.counting import the_first
from shared.models import receiving
from shared.settings import SettingsError

PATIENCE_S = 5.0  # for a connection, and for each part of an answer
LIMIT_S = 10.0  # for all of it
GEMINI = "https://generativelanguage.googleapis.com"
OPENAI = "https://api.openai.com/v1"
_WRONG = frozenset({400, 401, 403, 404})
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
    try:
        httpx2.Client().close()
    except (ImportError, ValueError, httpx2.InvalidURL) as error:
        raise SettingsError(
            f"a proxy of the environment (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY) cannot be used: {error} "
            "Name one as http://host:port, or unset the variable"
        ) from error


def _gemini(settings: ExtractSettings) -> str | None:
    """With a key `models.get` (https://ai.google.dev/api/models#method:-models.get), on Vertex AI the same by Google's
    client, which finds the credentials."""
    thinking.level(settings)
    if settings.google_genai_use_vertexai:
        doubt = _on_vertex(settings)
    else:
        model = settings.gemini_model if "/" in settings.gemini_model else f"models/{settings.gemini_model}"
        address = (os.environ.get("GOOGLE_GEMINI_BASE_URL") or GEMINI).rstrip("/")
        headers = {"x-goog-api-key": _secret(settings.gemini_api_key)}
        said = _asked(f"GEMINI_MODEL={settings.gemini_model}", address, f"/v1beta/{quote(model)}", headers)
        doubt = said if isinstance(said, str) else None
    service: prices.Service = "vertex" if settings.google_genai_use_vertexai else "developer"
    return doubt or prices.end_of_life(settings.gemini_model, service, datetime.now(UTC).date())


def _on_vertex(settings: ExtractSettings) -> str | None:
    from google.auth.exceptions import GoogleAuthError
    from google.genai import errors

    from shared.models import gemini

    name = f"GEMINI_MODEL={settings.gemini_model}"
    try:
        with gemini.client(settings.model_copy(update={"call_timeout_s": PATIENCE_S})) as client:
            client.models.get(model=settings.gemini_model)
    except GoogleAuthError as error:
        raise SettingsError(f"GOOGLE_GENAI_USE_VERTEXAI: {error}") from error
    except httpx2.ConnectError as error:
        raise SettingsError(f"{name}: its service cannot be reached: {error}") from error
    except errors.APIError as error:
        if gemini.fate(error) is gemini.Fate.AGAIN:
            return _doubt(name, str(error))
        raise SettingsError(f"{name} cannot be used: {error.code} {error.status}: {error.message}") from error
    except (httpx2.TransportError, json.JSONDecodeError) as error:
        return _doubt(name, str(error) or type(error).__name__)
    return None


def _deployment(settings: ExtractSettings) -> str | None:
    """Azure lists no deployments to who only has a key: a request about nothing is refused by one that is there."""
    name, deployment = f"AZURE_OPENAI_DEPLOYMENT={settings.azure_openai_deployment}", settings.azure_openai_deployment
    address = (settings.azure_openai_endpoint or "").rstrip("/")
    path = f"/openai/deployments/{quote(deployment or '', '')}/chat/completions?api-version="
    headers = {"api-key": _secret(settings.azure_openai_api_key)}
    path += quote(settings.openai_api_version)
    said = _asked(name, address, path, headers, {"messages": [], "model": deployment or ""}, passing=frozenset({400}))
    return said if isinstance(said, str) else None


def _listed_model(settings: ExtractSettings) -> str | None:
    name = f"OPENAI_MODEL={settings.openai_model}"
    address = (settings.openai_base_url or OPENAI).rstrip("/")
    headers = {"Authorization": f"Bearer {_secret(settings.openai_api_key)}"}
    said = _asked(name, address, "/models", headers, passing=frozenset({404}))  # not every server lists what it has
    if isinstance(said, str):
        return said
    try:
        listed = [str(each["id"]) for each in said.json()["data"]]
    except (ValueError, LookupError, TypeError):
        return _doubt(name, f"{said.status_code}: {_message(said)}")
    if settings.openai_model in listed:
        return None
    others = the_first(sorted(listed), _LISTED) or "none"
    raise SettingsError(f"{name}: {address} has no such model; it has {others}")


def _asked(
    name: str,
    address: str,
    path: str,
    headers: dict[str, str],
    body: object = None,
    *,
    passing: frozenset[int] = frozenset(),
) -> httpx2.Response | str:
    """What the service says where it can be used: with 2xx, or a status of `passing`. A doubt in a sentence otherwise.

    A redirect is not followed: it would take the key to another's address.

    Raises:
        SettingsError: what is wrong for sure.
    """
    try:
        said = _within(LIMIT_S, lambda: _once(f"{address}{path}", headers, body))
    except (httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
        raise SettingsError(f"{name}: {address} is no address that can be asked: {error}") from error
    except (UnicodeEncodeError, httpx2.LocalProtocolError) as error:
        raise SettingsError(f"{name}: its key has characters that no key has: copy it once more") from error
    except httpx2.ConnectError as error:
        raise SettingsError(f"{name}: nobody answers at {address}{_by_proxy(address)}: {error}") from error
    except (httpx2.TransportError, TimeoutError) as error:
        return _doubt(name, str(error) or type(error).__name__)
    if said.is_success or said.status_code in passing:
        return said
    if said.status_code in _WRONG:
        raise SettingsError(f"{name} cannot be used: {said.status_code}{_message(said)}")
    return _doubt(name, f"{said.status_code}{_message(said)}")


def _once(url: str, headers: dict[str, str], body: object) -> httpx2.Response:
    with httpx2.Client(event_hooks={"response": [receiving.receive]}, timeout=PATIENCE_S) as client:
        return client.request("POST" if body else "GET", url, headers=headers, json=body)


def _within[T](limit_s: float, call: Callable[[], T]) -> T:
    """The call's value, or what it raises. A server that sends a byte now and then ends no read: it is left alone with
    a thread that holds nobody up.

    Raises:
        TimeoutError: when it takes longer than `limit_s` seconds.
    """
    answer: Future[T] = Future()

    def run() -> None:
        try:
            answer.set_result(call())
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            answer.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    try:
        return answer.result(timeout=limit_s)
    except TimeoutError:
        raise TimeoutError(f"no whole answer within {limit_s:.0f} s") from None


def _by_proxy(address: str) -> str:
    """Which proxy of the environment stands between, in words; nothing where none does."""
    place = urlsplit(address)
    proxies = getproxies()
    proxy = proxies.get(place.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(place.netloc):
        return ""
    return f" through the proxy that the environment names ({urls.redacted(proxy)})"


def _message(said: httpx2.Response) -> str:
    """What a refusal says, as ` STATUS: message`, in the form in which Google and OpenAI write it."""
    try:
        error = said.json()["error"]
        status = f" {error['status']}" if "status" in error else ""
        return f"{status}: {error['message']}"[:_MOST_DETAIL]
    except (ValueError, LookupError, TypeError):
        return f": {said.text[:_MOST_DETAIL]}"


def _secret(key: SecretStr | None) -> str:
    return key.get_secret_value() if key else "none"  # most servers of one's own ask for none


def _doubt(name: str, why: str) -> str:
    return f"{name}: whether it can be used is not known yet: {why[:_MOST_DETAIL]}"
