"""What can be known of a service before anything is sent to it: said at once, and for nothing."""

import json
import socket
import sys
import threading
import traceback
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any, cast, override

import openai
import pytest
from google.auth.credentials import AnonymousCredentials
from langchain_core.messages import HumanMessage

from functions.extract.extractors import availability, chat
from functions.extract.settings import ExtractSettings
from shared.models import receiving
from shared.settings import SettingsError
from tests import gemini_model
from tests.azure_server import DEPLOYMENT, AzureServer
from tests.cases import first_of
from tests.gemini_server import GeminiServer
from tests.hostile_server import HostileServer

NAMES = dict.fromkeys(("google_cloud_project", "creatives_bucket", "results_bucket", "staging_bucket"), "test")


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine an answer within five seconds is no matter of course."""
    monkeypatch.setattr(availability, "PATIENCE_S", 120.0)


@pytest.fixture
def gemini(monkeypatch: pytest.MonkeyPatch) -> Iterator[GeminiServer]:
    with GeminiServer() as running:
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", running.url)
        monkeypatch.setenv("GOOGLE_VERTEX_BASE_URL", running.url)
        monkeypatch.setattr("google.auth.default", lambda **_: (AnonymousCredentials(), "test"))
        yield running


@pytest.fixture
def openai_server() -> Iterator[AzureServer]:
    with AzureServer() as running:
        yield running


@pytest.fixture
def nowhere() -> Iterator[str]:
    """The address of a port that is taken and at which nobody listens."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{silent.getsockname()[1]}"


def asking_gemini(**changed: Any) -> ExtractSettings:
    return ExtractSettings.load(**NAMES | {"extractor": "gemini", "gemini_api_key": "key"} | changed)


def asking_azure(server: AzureServer, **changed: Any) -> ExtractSettings:
    given = {"endpoint": server.url, "api_key": "key", "deployment": DEPLOYMENT, "model": "gpt-4.1-mini"} | changed
    return ExtractSettings.load(**NAMES, extractor="azure", **{f"azure_openai_{k}": v for k, v in given.items()})


def asking_own(server: AzureServer, **changed: Any) -> ExtractSettings:
    given = {"openai_base_url": f"{server.url}/v1", "openai_model": "qwen3-vl:8b"} | changed
    return ExtractSettings.load(**NAMES, extractor="openai", **given)


def test_who_can_answer_is_found_by_calls_that_cost_nothing(gemini: GeminiServer, openai_server: AzureServer) -> None:
    chosen = [asking_gemini(), asking_azure(openai_server), asking_own(openai_server)]

    assert [availability.require(each) for each in chosen] == [None] * 3
    assert not gemini.ledger
    assert not openai_server.ledger


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"gemini_model": "gemini-99"}, "GEMINI_MODEL=gemini-99 cannot be used: 404"),
        ({"gemini_api_key": "wrong"}, "cannot be used: 400 INVALID_ARGUMENT: API key not valid"),
        ({"gemini_model": "gemini-3.8-flash", "thinking_level": "minimal"}, "THINKING_LEVEL: gemini-3.8-flash refuses"),
    ],
)
def test_a_gemini_that_will_not_answer_is_told(gemini: GeminiServer, changed: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        availability.require(asking_gemini(**changed))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"deployment": "adds"}, "AZURE_OPENAI_DEPLOYMENT=adds cannot be used: 404"),
        ({"api_key": "wrong"}, "AZURE_OPENAI_DEPLOYMENT=ads cannot be used: 401"),
        ({"endpoint": "http://no-such-host.invalid"}, "nobody answers at http://no-such-host.invalid"),
    ],
)
def test_a_deployment_that_will_not_answer_is_told(
    openai_server: AzureServer, changed: dict[str, str], said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        availability.require(asking_azure(openai_server, **changed))


def test_a_model_that_a_server_does_not_have_is_told_with_those_it_has(openai_server: AzureServer) -> None:
    with pytest.raises(SettingsError, match=r"OPENAI_MODEL=llava: .* has no such model; it has gpt-4.1-mini, qwen3-vl"):
        availability.require(asking_own(openai_server, openai_model="llava"))


def test_nobody_at_the_address_is_told(
    openai_server: AzureServer, monkeypatch: pytest.MonkeyPatch, nowhere: str
) -> None:
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", nowhere)

    with pytest.raises(SettingsError, match="OPENAI_MODEL=qwen3-vl:8b: nobody answers at"):
        availability.require(asking_own(openai_server, openai_base_url=f"{nowhere}/v1"))
    with pytest.raises(SettingsError, match=r"GEMINI_MODEL=.*: nobody answers at http://127"):
        availability.require(asking_gemini())


@pytest.mark.parametrize("name", ["ALL_PROXY", "https_proxy"])
@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "gopher://proxy.example", "http://proxy.example:x"])
def test_a_proxy_that_no_client_can_use_is_told(
    openai_server: AzureServer, monkeypatch: pytest.MonkeyPatch, name: str, proxy: str
) -> None:
    monkeypatch.setenv(name, proxy)

    for settings in (asking_gemini(), asking_azure(openai_server), asking_own(openai_server)):
        with pytest.raises(SettingsError, match="a proxy of the environment") as told:
            availability.require(settings)
        assert "http://host:port" in str(told.value)
    assert availability.require(asking_gemini(extractor="offline")) is None


def test_a_server_that_lists_nothing_leaves_a_doubt(openai_server: AzureServer) -> None:
    doubt = availability.require(asking_own(openai_server, openai_base_url=f"{openai_server.url}/other"))

    assert doubt
    assert "whether it can be used is not known yet" in doubt


@pytest.mark.parametrize("code", ["429", "503"])
def test_a_service_that_is_busy_leaves_a_doubt(gemini: GeminiServer, code: str) -> None:
    gemini.model_orders.append(code)

    doubt = availability.require(asking_gemini())

    assert doubt
    assert code in doubt


def test_a_model_that_ends_is_said(gemini: GeminiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(gemini_model.PRICES, "gemini-3.5-flash", gemini_model.PRICES["gemini-3.8-flash"])

    said = availability.require(asking_gemini(gemini_model="gemini-3.5-flash"))

    assert said
    assert "is deprecated" in said


@pytest.mark.parametrize("extractor", ["azure", "openai"])
def test_packages_that_are_missing_are_named(
    openai_server: AzureServer, monkeypatch: pytest.MonkeyPatch, extractor: str
) -> None:
    chosen = asking_azure(openai_server) if extractor == "azure" else asking_own(openai_server)
    monkeypatch.setitem(sys.modules, "langchain_openai", None)

    with pytest.raises(SettingsError, match=f"its packages are not installed: langchain_openai .*--extra {extractor}"):
        availability.require(chosen)


def test_vertex_without_anybodys_credentials_is_told(gemini: GeminiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def none_there(**_: object) -> None:
        from google.auth.exceptions import DefaultCredentialsError

        raise DefaultCredentialsError("Your default credentials were not found.")

    monkeypatch.setattr("google.auth.default", none_there)

    with pytest.raises(SettingsError, match="GOOGLE_GENAI_USE_VERTEXAI: Your default credentials"):
        availability.require(asking_gemini(gemini_api_key=None, google_genai_use_vertexai=True))


@pytest.mark.parametrize("key", ["ключ", "two\nlines", "a\0b"])
def test_a_key_that_cannot_be_sent_is_told_and_not_shown(
    gemini: GeminiServer, openai_server: AzureServer, key: str
) -> None:
    assert gemini.url
    for settings in (
        asking_gemini(gemini_api_key=key),
        asking_azure(openai_server, api_key=key),
        asking_own(openai_server, openai_api_key=key),
    ):
        with pytest.raises(SettingsError, match="its key has characters that no key has") as told:
            availability.require(settings)
        assert key not in str(told.value)


@pytest.mark.parametrize("address", ["gopher://models.example", "models.example/v1", "http://a:b"])
def test_an_address_that_is_none_is_told(openai_server: AzureServer, address: str) -> None:
    with pytest.raises(SettingsError, match="is no address that can be asked"):
        availability.require(asking_own(openai_server, openai_base_url=address))


class Echo(BaseHTTPRequestHandler):
    """Refuses, and quotes the key that it was sent, as some gateways do."""

    def do_GET(self) -> None:
        asked = {name: self.headers.get(name) for name in ("authorization", "api-key", "x-goog-api-key")}
        said = json.dumps({"error": {"message": f"no such key: {asked}", "code": 401}}).encode()
        self.send_response(int(self.path.split("/")[1]))
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    @override
    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def echo() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


SECRET = "sk-proj-0123456789-a_b"


@pytest.mark.parametrize("status", first_of([400, 401, 404, 429, 500]))
def test_a_key_that_a_server_quotes_is_not_told(echo: str, monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", f"{echo}/{status}")
    unused = cast(AzureServer, SimpleNamespace(url=echo))

    for chosen in (
        asking_gemini(gemini_api_key=SECRET),
        asking_azure(unused, endpoint=f"{echo}/{status}", api_key=SECRET),
        asking_own(unused, openai_base_url=f"{echo}/{status}", openai_api_key=SECRET),
    ):
        try:
            told = availability.require(chosen)
        except SettingsError as error:
            told = str(error)
        assert SECRET not in (told or "")


@pytest.mark.parametrize("status", first_of([400, 401, 500]))
def test_nor_is_it_in_what_an_extractor_raises(echo: str, status: int) -> None:
    chosen = asking_own(
        cast(AzureServer, SimpleNamespace(url=echo)), openai_base_url=f"{echo}/{status}", openai_api_key=SECRET
    )
    with (
        openai.DefaultHttpxClient(event_hooks={"response": [receiving.receive]}) as http,
        pytest.raises(openai.APIStatusError) as raised,
    ):
        chat.sent(chat.client(chosen, http), [HumanMessage("x")])

    assert "no such key" in str(raised.value)
    assert SECRET not in "".join(traceback.format_exception(raised.value))


def test_a_key_goes_to_nobody_whom_the_settings_do_not_name(openai_server: AzureServer) -> None:
    with HostileServer() as site:
        moved = site.url(f"/redirect?to={openai_server.url}/v1")
        doubt = availability.require(asking_own(openai_server, openai_base_url=moved))

    assert doubt
    assert "302" in doubt
    assert not openai_server.asked


@pytest.mark.parametrize("path", ["/drip.png?", "/drip-headers?"])
def test_a_server_that_sends_a_byte_now_and_then_is_not_waited_for(
    openai_server: AzureServer, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(availability, "LIMIT_S", 0.5)
    with HostileServer() as site:
        doubt = availability.require(asking_own(openai_server, openai_base_url=site.url(path)))

    assert doubt
    assert "no whole answer" in doubt


def test_a_proxy_that_nobody_is_behind_is_named(
    openai_server: AzureServer, nowhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = nowhere.replace("http://", "http://me:s3cretword@")
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, proxy)

    with pytest.raises(SettingsError, match="through the proxy") as told:
        availability.require(asking_own(openai_server, openai_base_url="http://models.invalid/v1"))

    assert nowhere.rpartition(":")[2] in str(told.value)
    assert "s3cretword" not in str(told.value)
