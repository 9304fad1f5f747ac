"""No client sends what is on this machine through the environment's proxies, whichever library it is made of."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from local import proxies
from shared import wiring
from tests.cases import first_of
from tests.local.pubsub import servers

# A server on loopback, asked by each of the libraries; then what is elsewhere, which goes to the proxy (and fails).
ASK = """
import http.server, json, os, sys, threading, urllib.request
import httpx2, requests
from local import proxies

class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"here")
    def log_message(self, *_): pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
threading.Thread(target=server.serve_forever, daemon=True).start()
os.environ.update(proxies.excepted(os.environ))
answers = []
for host in ("127.0.0.1", "localhost"):
    url = f"http://{host}:{server.server_port}/"
    answers += [requests.get(url).text, httpx2.get(url).text, urllib.request.urlopen(url).read().decode()]
elsewhere = []
for get in (requests.get, httpx2.get, urllib.request.urlopen):
    try:
        get("http://192.0.2.1/", timeout=5)
    except Exception as error:
        elsewhere.append(str(error))
print(json.dumps([answers, elsewhere]))
"""
# Google's Pub/Sub client (gRPC) against our server.
PUBLISH = """
import os
from local import proxies
os.environ.update(proxies.excepted(os.environ))
from google.cloud import pubsub_v1
publisher = pubsub_v1.PublisherClient()
print(list(publisher.list_topics(project="projects/p", timeout=20)))
"""
PROXY = "http://127.0.0.1:9"  # the port of discard: nothing listens
COMPANY = {
    name: PROXY for each in ("http_proxy", "https_proxy", "all_proxy", "grpc_proxy") for name in (each, each.upper())
}


def run(code: str, variables: dict[str, str]) -> str:
    clean = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=wiring.ROOT,
        env=clean | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "exceptions", first_of([{"no_proxy": "a.example, b.example"}, {}, {"NO_PROXY": "example.com"}])
)
def test_http_to_this_machine_goes_past_the_proxy_and_all_else_through_it(exceptions: dict[str, str]) -> None:
    answers, elsewhere = json.loads(run(ASK, COMPANY | exceptions))

    assert answers == ["here"] * 6
    assert len(elsewhere) == 3
    assert all("refused" in each for each in elsewhere)  # by the proxy, where nothing listens


@pytest.fixture(scope="module")
def pubsub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with servers.running(tmp_path_factory.mktemp("pubsub")) as running:
        yield f"127.0.0.1:{running.port}"


@pytest.mark.parametrize("exceptions", first_of([{"no_grpc_proxy": "example.com"}, {}]))
def test_grpc_to_this_machine_goes_past_the_proxy(pubsub: str, exceptions: dict[str, str]) -> None:
    found = run(PUBLISH, COMPANY | exceptions | {"PUBSUB_EMULATOR_HOST": pubsub})

    assert found == "[]\n"


def test_the_users_own_exceptions_stay() -> None:
    found = proxies.excepted({"NO_PROXY": "intranet.example,10.0.0.0/8", "no_proxy": "*"})

    assert found == {"NO_PROXY": "intranet.example,10.0.0.0/8,127.0.0.1,localhost,::1", "no_proxy": "*"}
    assert proxies.excepted(found) == found
