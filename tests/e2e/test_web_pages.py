"""A web page that the user has open in a real browser, while the local pipeline runs, gets nothing and does nothing.

The page is served from this machine, and the browser's own guard of local networks is off: not every browser has one.
"""

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import pubsub_v1, storage
from playwright.sync_api import Browser, Page, Response

from functions.render import browsers
from local import running
from tests import browser as installed
from tests.e2e import pipelines

pytestmark = pytest.mark.server

EVIL = "evil.example"
OPEN_TO_ALL = "LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests,PrivateNetworkAccessSendPreflights"
SQL = "EXPORT DATA OPTIONS(uri='file://{file}', format='CSV') AS SELECT 'owned' AS word"
FORM = (
    '--x\r\nContent-Disposition: form-data; name="job"\r\nContent-Type: application/json\r\n\r\n{job}\r\n'
    '--x\r\nContent-Disposition: form-data; name="data"\r\n\r\n1\r\n--x--\r\n'
)
FETCH = """
async ([url, method, type, body, mode]) => {
  try {
    const answer = await fetch(url, { method, mode, headers: type ? { "Content-Type": type } : {}, body });
    return await answer.text();
  } catch { return ""; }
}
"""
FORM_POST = """
(url) => {
  const form = Object.assign(document.createElement("form"), { method: "post", action: url, enctype: "text/plain" });
  form.append(Object.assign(document.createElement("input"), { name: "{}", value: "" }));
  document.body.append(form);
  form.submit();
}
"""

type Shell = Callable[..., str]
type Sent = tuple[str, str, str | None, str | None, str]
"""An attempt: URL, method, type and body of the content, and the mode."""


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>win a prize</title><body></body>")

    def log_message(self, *_arguments: object) -> None:
        """Nothing: the browser tells."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a pipeline that runs, with its page."""
    data = tmp_path_factory.mktemp("attacked")
    with pipelines.up(data):
        pipelines.wait_for(lambda: "CREATIVES_PAGE_URL" in running.read_variables(data))
        yield data


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The attacker's page."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://{EVIL}:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def page(browser: Browser, site: str) -> Iterator[Page]:
    """The attacker's page, in a browser for which its name leads to this machine."""
    options = [f"--host-resolver-rules=MAP {EVIL} 127.0.0.1", f"--disable-features={OPEN_TO_ALL}"]
    started = browser.browser_type.launch(executable_path=browsers.on_path(), args=[*installed.ARGUMENTS, *options])
    page = started.new_page()
    page.goto(site)
    yield page
    started.close()


def functions_url(variables: dict[str, str]) -> str:
    """Where the functions are; their port stands in no variable."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PUBSUB_EMULATOR_HOST", variables["PUBSUB_EMULATOR_HOST"])
        with pubsub_v1.SubscriberClient() as subscriber:
            found = subscriber.get_subscription(subscription=subscriber.subscription_path("local", "hash"))
    return str(found.push_config.push_endpoint).removesuffix("/hash/")


def attempts(variables: dict[str, str], file: Path) -> list[Sent]:
    """What needs no preflight, then what reads, and what asks first."""
    tables, objects, ours = (
        variables[name] for name in ("BIGQUERY_EMULATOR_HOST", "STORAGE_EMULATOR_HOST", "CREATIVES_PAGE_URL")
    )
    functions, topics = functions_url(variables), f"http://{variables['PUBSUB_EMULATOR_HOST']}/v1/projects/local/topics"
    query = {"query": SQL.format(file=file), "useLegacySql": False}
    form_type = "multipart/form-data; boundary=x"
    form = FORM.format(job=json.dumps({"configuration": {"query": query}}))
    bucket = f"{objects}/upload/storage/v1/b/{variables['CREATIVES_BUCKET']}/o?uploadType=media&name="
    simple = [
        (f"{tables}/upload/bigquery/v2/projects/local/jobs?uploadType=multipart", form_type, form),
        (f"{tables}/bigquery/v2/projects/local/queries", "text/plain", json.dumps(query)),
        (f"{bucket}owned.png", "text/plain", "owned"),
        (f"{bucket}../../owned.png", "text/plain", "owned"),
        (f"{objects}/_internal/reseed", "text/plain", ""),
        (f"{functions}/rows/ads-rows", "text/plain", "{}"),
        (f"{functions}/fetch/", "text/plain", "{}"),
        (f"{topics}/url-batches:publish", "text/plain", "{}"),
        (f"{ours}/api/urls", "text/plain", '{"text": "https://a.example/x.png"}'),
        (f"{ours}/api/upload", form_type, form),
    ]
    read = [f"{tables}/bigquery/v2/projects/local/datasets", f"{objects}/storage/v1/b", f"{ours}/api/data", ours]
    read.append(variables["PUBSUB_STATUS_URL"])
    deleted = f"{objects}/storage/v1/b/{variables['CREATIVES_BUCKET']}"
    return [
        *((url, "POST", kind, body, "no-cors") for url, kind, body in simple),
        *((url, "GET", None, None, mode) for url in read for mode in ("no-cors", "cors")),
        (deleted, "DELETE", None, None, "cors"),
        (f"{tables}/bigquery/v2/projects/local/datasets/creatives?deleteContents=true", "DELETE", None, None, "cors"),
    ]


def test_a_page_gets_nothing_and_does_nothing(page: Page, site: str, data: Path, tmp_path: Path) -> None:
    variables = running.read_variables(data)
    tried = attempts(variables, tmp_path / "owned")
    answered: list[Response] = []
    page.on("response", lambda response: answered.append(response))

    read = [page.evaluate(FETCH, [*each]) for each in tried]
    page.evaluate(FORM_POST, tried[1][0])
    page.wait_for_load_state()

    # Of the answers of our own page the browser tells nothing: they are for no other page.
    ours = variables["CREATIVES_PAGE_URL"]
    simple = {each[0].split("?")[0] for each in tried if each[4] == "no-cors" and not each[0].startswith(ours)}
    statuses = {each.url.split("?")[0].rstrip("/"): each.status for each in answered}
    assert {url.rstrip("/") for url in simple} <= statuses.keys()
    assert set(statuses.values()) == {403}
    assert set(read) == {""}
    assert list(tmp_path.iterdir()) == []
    nobody = AnonymousCredentials()
    files = storage.Client("local", nobody, client_options={"api_endpoint": variables["STORAGE_EMULATOR_HOST"]})
    assert list(files.list_blobs(variables["CREATIVES_BUCKET"])) == []
    assert not (data / "owned.png").exists()
    assert pipelines.enriched(pipelines.bigquery_client(variables), "ad_id") == []
    files.close()


def places(data: Path) -> list[str]:
    """Where each server of the pipeline listens."""
    variables = running.read_variables(data)
    told = [url for name, url in variables.items() if name.endswith(("_URL", "_HOST")) and url.startswith("http")]
    return [functions_url(variables), f"http://{variables['PUBSUB_EMULATOR_HOST']}", *told]


# What no browser sends and a forged request may, a line each; the placeholders are the port.
END = "\r\n\r\n"
UPGRADE = "Connection: Upgrade\r\nUpgrade: "
WEBSOCKET = UPGRADE + "websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
FORGED = [
    "GET / HTTP/1.0",
    "GET / HTTP/1.1",
    "GET / HTTP/1.1\r\nHost: 127.0.0.1:{0}\r\nHost: evil.example",
    "GET / HTTP/1.1\r\nHost: evil.example\r\nHost: 127.0.0.1:{0}",
    "GET / HTTP/1.1\r\nHost: 127.0.0.1.nip.io:{0}",
    "GET / HTTP/1.1\r\nHost: evil@127.0.0.1:{0}",
    "GET / HTTP/1.1\r\nHost: 127.0.0.1:{0}\r\n .evil.example",
    "GET / HTTP/1.1\r\nHost : 127.0.0.1:{0}",
    "GET / HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: 127.0.0.1:{0}\r\nForwarded: host=127.0.0.1:{0}",
    "GET http://evil.example/ HTTP/1.1\r\nHost: 127.0.0.1:{0}",
    "GET http://127.0.0.1:{0}/ HTTP/1.1\r\nHost: evil.example",
    "GET / HTTP/1.1\r\nHost: 127.0.0.1:{0}\r\noRIGIN:",
    "GET / HTTP/1.1\r\nHost: 127.0.0.1:{0}\r\nSec-Fetch-Site: none\r\nSec-Fetch-Site: cross-site",
    "GET / HTTP/1.1\r\nHost: 127.0.0.1:{0}\r\nSec_Fetch_Site: none\r\nSec-Fetch-Site: cross-site",
    "GET / HTTP/1.1\r\nHost: 127.0.0.1:{0}\r\nOrigin: http://evil.example\r\n" + WEBSOCKET,
    "GET / HTTP/1.1\r\nHost: evil.example\r\n" + WEBSOCKET,
    "GET / HTTP/1.1\r\nHost: evil.example\r\n" + UPGRADE + "h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__",
    "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443",
    "OPTIONS * HTTP/1.1\r\nHost: evil.example",
]


def spoken(port: int, text: str) -> bytes:
    """What a server answers to a request that no client would send, as far as its status."""
    with socket.create_connection(("127.0.0.1", port), timeout=pipelines.HANGS_S) as connection:
        connection.sendall((text.format(port) + END).encode())
        return connection.recv(12)


needs_gcloud = pytest.mark.skipif(
    not shutil.which("gcloud"), reason="gcloud is not installed, and nothing here needs it"
)


@pytest.fixture
def shell(data: Path, tmp_path: Path) -> Shell:
    """Runs a program as a shell does that has read the environment file; gives what it prints."""
    env = {**os.environ, **running.read_variables(data), "CLOUDSDK_CONFIG": str(tmp_path)}

    def run(*command: str) -> str:
        return subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    return run


@needs_gcloud
@pytest.mark.long
def test_gcloud_works_unchanged_with_what_the_environment_file_gives(data: Path, tmp_path: Path, shell: Shell) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    folder = f"gs://{running.read_variables(data)['RESULTS_BUCKET']}"

    shell("gcloud", "storage", "cp", "mine.txt", f"{folder}/mine.txt", "--quiet")
    shell("gcloud", "storage", "mv", f"{folder}/mine.txt", f"{folder}/moved.txt", "--quiet")
    read = shell("gcloud", "storage", "cat", f"{folder}/moved.txt")
    shell("gcloud", "storage", "rm", f"{folder}/moved.txt", "--quiet")

    assert read == "mine"
    assert f"{folder}/" in shell("gcloud", "storage", "ls")
    assert ".txt" not in shell("gcloud", "storage", "ls", "--recursive", folder)


@needs_gcloud
@pytest.mark.long
def test_bq_works_unchanged_with_what_the_environment_file_gives(tmp_path: Path, shell: Shell) -> None:
    (tmp_path / "rows.csv").write_text("a,b\n1,x\n2,y\n")

    shell("bq", "load", "--autodetect", "creatives.mine", "rows.csv")
    read = shell("bq", "--format=csv", "query", "--use_legacy_sql=false", "SELECT b FROM creatives.mine ORDER BY a")
    shell("bq", "rm", "-f", "-t", "creatives.mine")

    assert read.split() == ["b", "x", "y"]
    assert "mine" not in shell("bq", "--format=csv", "ls", "creatives").split(",")


def test_forged_requests_are_refused_by_every_server(data: Path) -> None:
    ports = {urlsplit(place).port or 0 for place in places(data)}

    found = {(port, text): spoken(port, text) for port in ports for text in FORGED}

    assert len(ports) == 6
    assert {each: said for each, said in found.items() if said[-3:] not in (b"403", b"400")} == {}


def test_a_name_made_to_lead_here_leads_nowhere(page: Page, site: str, data: Path) -> None:
    ports = {urlsplit(place).port for place in places(data)}

    found = {port: page.goto(f"http://{EVIL}:{port}/storage/v1/b") for port in ports}

    assert len(ports) == 6
    assert {answer.status if answer else None for answer in found.values()} == {403}
