"""What a web page that the user has open tries while the local pipeline runs, and requests that nobody but an attacker
sends. The page is served from this machine.
"""

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from google.cloud import pubsub_v1

from local import running
from tests.e2e import pipelines

EVIL = "evil.example"
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


@contextmanager
def attacking() -> Iterator[str]:
    """The attacker's page, while the block runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://{EVIL}:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def functions_url(variables: Mapping[str, str]) -> str:
    """Where the functions are; their port stands in no variable."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PUBSUB_EMULATOR_HOST", variables["PUBSUB_EMULATOR_HOST"])
        with pubsub_v1.SubscriberClient() as subscriber:
            found = subscriber.get_subscription(subscription=subscriber.subscription_path("local", "hash"))
    return str(found.push_config.push_endpoint).removesuffix("/hash/")


def attempts(variables: Mapping[str, str], file: Path) -> list[Sent]:
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
