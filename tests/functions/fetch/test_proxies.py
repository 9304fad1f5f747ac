"""Downloads through a company's proxy: all of them where it is named, none to this machine, and nothing internal.

That the proxy of these tests is one, curl tells.
"""

import base64
import select
import socket
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from functions.fetch.downloading import SiteUnavailableError, download
from functions.fetch.hosts import Hosts
from functions.fetch.proxy import proxy
from functions.fetch.settings import FetchSettings
from shared.reasons import Reason, Rejected
from shared.settings import SettingsError
from shared.urls import web_url
from tests.functions.fetch.test_encryption import Authority, authority
from tests.hostile_server import HostileServer, picture

__all__ = ["authority"]

NAMES = {"inside.test": "10.0.0.5", "here.test": "127.0.0.1"}
"""What this machine knows of names; what the others are, only the proxy knows."""


class Proxy(ThreadingHTTPServer):
    """A proxy for which every name leads to one site.

    Attributes:
        asked: the first line of each request, and who asked.
    """

    daemon_threads = True

    def __init__(self, site: HostileServer, *, answer: int = 200) -> None:
        super().__init__(("127.0.0.1", 0), _Asked)
        self.site = site.address, site.port
        self.answer = answer
        self.asked: list[tuple[str, str | None]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> "Proxy":
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing: whoever asks may hang up."""


class _Asked(BaseHTTPRequestHandler):
    server: Proxy

    def do_CONNECT(self) -> None:
        self._note()
        self.send_response(self.server.answer)
        self.end_headers()
        if self.server.answer == 200:
            with socket.create_connection(self.server.site) as site:
                self._pass_on(site)
        self.close_connection = True

    def do_GET(self) -> None:
        self._note()
        if self.server.answer != 200:
            self.send_error(self.server.answer)
            return
        path = urlsplit(self.path).path
        with socket.create_connection(self.server.site) as site:
            site.sendall(f"GET {path} HTTP/1.1\r\nHost: {self.headers['Host']}\r\nConnection: close\r\n\r\n".encode())
            while piece := site.recv(65536):
                self.wfile.write(piece)
        self.close_connection = True

    def _note(self) -> None:
        self.server.asked.append((self.requestline, self.headers["Proxy-Authorization"]))

    def _pass_on(self, site: socket.socket) -> None:
        others = {self.connection: site, site: self.connection}
        while True:
            for ready in select.select([*others], [], [])[0]:
                if not (piece := ready.recv(65536)):
                    return
                others[ready].sendall(piece)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture(autouse=True)
def _names(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo

    def getaddrinfo(host: str, *arguments: Any, **options: Any) -> list[tuple[Any, ...]]:
        if host.endswith(".test") and host not in NAMES:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return real(NAMES.get(host, host), *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.fixture(scope="module")
def site() -> Iterator[HostileServer]:
    with HostileServer() as server:
        yield server


@pytest.fixture
def through(site: HostileServer) -> Iterator[Proxy]:
    with Proxy(site) as running:
        yield running


def fetched(url: str, proxy: str | None, *allowed: str) -> bytes:
    """What a download gives."""
    names = ("google_cloud_project", "creatives_bucket", "results_bucket", "staging_bucket")
    given = dict.fromkeys(names, "here") | {"fetch_proxy": proxy, "fetch_allow_hosts": ",".join(allowed)}
    settings = FetchSettings.load(**given)
    hosts = Hosts(connections=1, queue=1, patience_s=5)
    with download(web_url(url, settings.fetch_allow_hosts), settings, hosts) as found:
        return b"".join(found.chunks)


def test_a_site_is_asked_for_through_the_proxy_that_alone_knows_its_name(site: HostileServer, through: Proxy) -> None:
    got = fetched("http://media.test:8080/chain/0", through.url)

    assert got == picture()
    assert [line for line, _ in through.asked] == [
        "GET http://media.test:8080/chain/0 HTTP/1.1",
        "GET http://media.test:8080/image.png HTTP/1.1",
    ]


def test_an_encrypted_site_is_reached_by_a_tunnel_and_still_has_to_show_its_certificate(
    authority: Authority, tmp_path: Path
) -> None:
    with HostileServer(tls=authority.context(tmp_path, "media.test")) as site, Proxy(site) as through:
        got = fetched("https://media.test/image.png", through.url.replace("//", "//ad:s%40fe@"))
        with pytest.raises(Rejected) as refused:
            fetched("https://other.test:8443/image.png", through.url)

    assert got == picture()
    assert refused.value.reason is Reason.TLS_ERROR
    basic = f"Basic {base64.b64encode(b'ad:s@fe').decode()}"
    assert through.asked == [
        ("CONNECT media.test:443 HTTP/1.1", basic),
        ("CONNECT other.test:8443 HTTP/1.1", None),
    ]


def test_without_it_downloads_go_past_the_environments_proxies(
    site: HostileServer, through: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, through.url)

    with pytest.raises(Rejected) as unknown:
        fetched("http://media.test/image.png", None)

    assert unknown.value.reason is Reason.HOST_NOT_FOUND
    assert through.asked == []


def test_what_is_let_through_on_purpose_goes_past_the_proxy(site: HostileServer, through: Proxy) -> None:
    assert fetched(site.url("/image.png"), through.url, site.host_port) == picture()
    assert through.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x.png",
        "http://[::1]:8080/x.png",
        "http://169.254.169.254/computeMetadata/v1/",
        "http://10.0.0.5/x.png",
        "http://inside.test/x.png",
        "http://here.test:8080/x.png",
        "https://here.test/x.png",
        "https://intranet.corp/x.png",
    ],
)
def test_nothing_internal_is_asked_for_through_it_either(through: Proxy, url: str) -> None:
    with pytest.raises(Rejected) as refused:
        fetched(url, through.url)

    assert refused.value.reason is Reason.FORBIDDEN_URL
    assert through.asked == []


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_wants_a_password_is_no_fault_of_the_file(site: HostileServer, scheme: str) -> None:
    with Proxy(site, answer=407) as through, pytest.raises(SiteUnavailableError, match="USER:PASSWORD"):
        fetched(f"{scheme}://media.test/image.png", through.url)


def test_a_proxy_that_lets_nobody_there_is_believed_and_one_that_fails_is_asked_again(site: HostileServer) -> None:
    with Proxy(site, answer=403) as through, pytest.raises(Rejected) as refused:
        fetched("https://media.test/image.png", through.url)
    with Proxy(site, answer=502) as failing, pytest.raises(SiteUnavailableError, match="answered 502"):
        fetched("https://media.test/image.png", failing.url)
    with pytest.raises(SiteUnavailableError):
        fetched("https://media.test/image.png", failing.url)  # nobody listens there any more

    assert refused.value.reason is Reason.ACCESS_DENIED


def test_curl_takes_the_proxy_of_these_tests_for_one(authority: Authority, tmp_path: Path) -> None:
    roots = tmp_path / "authority.pem"
    with HostileServer(tls=authority.context(tmp_path, "media.test")) as site, Proxy(site) as through:
        command = ["curl", "-sS", "--noproxy", "", "-x", through.url, "--proxy-user", "ad:s@fe", "--cacert", str(roots)]
        done = subprocess.run([*command, "https://media.test/image.png"], capture_output=True, check=True)

    assert done.stdout == picture()
    assert [line for line, _ in through.asked] == ["CONNECT media.test:443 HTTP/1.1"]


@pytest.mark.parametrize(
    "text",
    [
        "proxy.example:3128",
        "https://proxy.example",
        "socks5://proxy.example",
        "http://",
        "http://a:b@c/path",
        "http://a:b@[c",
        "http://a:b@℀",
        "http://c:a:b@",
    ],
)
def test_what_is_no_proxy_is_said_without_its_password(text: str) -> None:
    with pytest.raises(SettingsError, match=r"FETCH_PROXY.*http://HOST:PORT") as error:
        fetched("http://media.test/image.png", text)

    assert "a:b" not in str(error.value)


def test_a_password_is_not_shown() -> None:
    found = proxy("http://ad:secret@proxy.example")

    assert (found.host, found.port) == ("proxy.example", 3128)
    assert "secret" not in repr(found)
    assert str(found.authorization) not in repr(found)
