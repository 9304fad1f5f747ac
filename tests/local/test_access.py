"""Who may use the local servers: asked by curl, by Google's clients and by another user's process."""

import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from itertools import cycle, product
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from google.api_core.exceptions import GoogleAPICallError
from google.cloud import bigquery
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from local import access, names, peers
from tests.cases import some_of
from tests.local.pubsub.servers import PubSub, running

pytestmark = pytest.mark.server

PORT = 4711
HERE = ("127.0.0.1", 1)
FOREIGN = [
    {"Host": "evil.example"},
    {"Host": "evil.example:{port}"},
    {"Host": "127.0.0.1"},
    {"Host": "127.0.0.1:80"},
    {"Host": "127.0.0.1.evil.example:{port}"},
    {"Host": "localhost.evil.example:{port}"},
    {"Host": "LOCALHOST:{port}"},
    {"Host": "[::1]:{port}"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:{other}"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "same-origin"},
    {"Referer": "https://evil.example/"},
]


def curl(url: str, headers: dict[str, str], *options: str) -> int:
    """The status that curl is answered."""
    port = urlsplit(url).port or 0
    given = [f"{name}: {value.format(port=port, other=port + 1)}" for name, value in headers.items()]
    command = ["curl", "-sS", "--noproxy", "*", "-o", os.devnull, "-w", "%{http_code}", *options, url]
    command += [word for line in given for word in ("-H", line)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.fixture(scope="module")
def pubsub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PubSub]:
    with running(tmp_path_factory.mktemp("pubsub")) as started:
        yield started


@pytest.fixture(scope="module", params=["bigquery", "pubsub", "status"])
def url(request: pytest.FixtureRequest, bigquery_server: str, pubsub: PubSub) -> str:
    return {
        "bigquery": f"{bigquery_server}/bigquery/v2/projects/test/datasets",
        "pubsub": f"http://127.0.0.1:{pubsub.port}/",
        "status": pubsub.status_url,
    }[request.param]


def each_header_once(methods: Sequence[str]) -> list[Any]:
    """Every method with every foreign header; in the gate each header with one method."""
    return some_of([*product(methods, FOREIGN)], in_the_gate=[*zip(cycle(methods), FOREIGN, strict=False)])


@pytest.mark.parametrize(("method", "headers"), each_header_once(("GET", "POST", "OPTIONS")))
def test_nothing_is_answered_to_a_page_or_under_a_foreign_name(url: str, method: str, headers: dict[str, str]) -> None:
    assert curl(url, headers, "-X", method) == 403


def test_nothing_is_answered_that_is_asked_for_by_a_whole_address(url: str) -> None:
    port = urlsplit(url).port

    found = {
        curl(url, {}, "--request-target", f"http://evil.example:{port}/"),
        curl(url, {"Host": "evil.example"}, "--request-target", f"http://127.0.0.1:{port}/"),
        curl(url, {"Host": "evil.example"}, "-X", "OPTIONS", "--request-target", "*"),
    }

    assert found <= {400, 403}


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_a_program_of_this_user_is_answered(bigquery_server: str, pubsub: PubSub, name: str) -> None:
    port = urlsplit(bigquery_server).port

    assert curl(f"http://{name}:{port}/bigquery/v2/projects/test/datasets", {}) == 200
    assert curl(f"http://{name}:{pubsub.status_port}/status", {}) == 200


def test_what_a_proxy_says_about_who_asks_is_not_believed(bigquery_server: str) -> None:
    url = f"{bigquery_server}/bigquery/v2/projects/test/datasets"

    assert curl(url, {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}) == 200


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
ASK = """
import encodings.idna, os, socket, sys
os.setuid(65534)
_, port, path, header = sys.argv
with socket.create_connection(("127.0.0.1", int(port))) as connection:
    connection.sendall(f"GET {path} HTTP/1.1\\r\\nHost: 127.0.0.1:{port}\\r\\n{header}\\r\\n\\r\\n".encode())
    print(connection.recv(12).decode())
"""


@needs_root
def test_a_process_of_another_user_is_not_answered(url: str) -> None:
    parts = urlsplit(url)
    with socket.create_connection(("127.0.0.1", parts.port or 0)) as own:
        spoofed = f"X-Forwarded-For: 127.0.0.1:{own.getsockname()[1]}"
        command = [sys.executable, "-c", ASK, str(parts.port), parts.path, spoofed]
        answered = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert answered.strip() == "HTTP/1.1 403"


@pytest.fixture
def connection() -> Iterator[tuple[socket.socket, socket.socket]]:
    """A client's end and a server's end."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        client = socket.create_connection(listening.getsockname())
        server, _ = listening.accept()
        yield client, server
        client.close()
        server.close()


@pytest.mark.skipif(sys.platform != "linux", reason="netlink is Linux's")
def test_the_kernel_tells_who_is_connected(connection: tuple[socket.socket, socket.socket]) -> None:
    client, server = connection
    ends = client.getsockname(), server.getsockname()

    assert peers.owner(*ends) == os.geteuid()
    assert peers.owner(ends[0], HERE) is None
    assert peers.owner(ends[1], HERE) is None  # where somebody listens, and is not connected
    client.close()
    assert peers.owner(*ends) is None


@pytest.mark.skipif(sys.platform != "linux", reason="netlink is Linux's")
def test_a_socket_for_both_versions_of_ip_has_an_owner_as_well() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.socket(socket.AF_INET6) as client:
        client.connect(("::ffff:127.0.0.1", listening.getsockname()[1]))
        server, ends = listening.accept()
        server.close()

        assert peers.owner(ends, listening.getsockname()) == os.geteuid()


def test_a_google_client_is_answered(pubsub: PubSub) -> None:
    assert list(pubsub.publisher.list_topics(project="projects/tests", timeout=20)) == []


@pytest.mark.skipif(shutil.which("lsof") is None, reason="only macOS needs lsof, which comes with it")
def test_lsof_tells_the_same(connection: tuple[socket.socket, socket.socket]) -> None:
    ends = connection[0].getsockname(), connection[1].getsockname()

    assert peers._held_by_user(*ends, os.geteuid(), 0)
    assert not peers._held_by_user(*ends, os.geteuid() + 1, 0)
    assert not peers._held_by_user(ends[0], HERE, os.geteuid(), 0)


@given(
    st.sampled_from(["host", "origin", "referer", "sec-fetch-site"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40),
)
def test_no_header_but_the_right_one_opens_a_door(name: str, value: str) -> None:
    right = {"host": f"127.0.0.1:{PORT}"}
    if (name, value) in (("host", right["host"]), ("host", f"localhost:{PORT}"), ("sec-fetch-site", "none")):
        return

    assert access.refusal(HERE, PORT, "/", right | {name: value}) in (access.FOREIGN_NAME, access.PAGE)


def test_a_wsgi_server_is_guarded_as_well() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

    server = make_server("127.0.0.1", port, access.guarded_wsgi(Response("ok")), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{port}/"
    answers = [curl(url, headers) for headers in ({}, *FOREIGN)]
    whole = [curl(url, {}, "--request-target", f"http://{host}/") for host in (f"127.0.0.1:{port}", "evil.example")]
    server.shutdown()
    thread.join()
    server.server_close()

    assert answers == [200, *(403 for _ in FOREIGN)]
    assert whole == [403, 403]


# names


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "a/../../x",
        "a/..",
        "..",
        "./x",
        "/etc/passwd",
        "\\\\server\\share",
        "..\\..\\x",
        "a\\..\\x",
        "a\0b",
        "a\nb",
        "a\rb",
        b"\xc0\xae\xc0\xae/x",
        b"\xff",
        "\ud800",
    ],
)
def test_a_name_that_could_lead_out_of_its_bucket_is_seen(name: str | bytes) -> None:
    assert names.leads_out(name)


@pytest.mark.parametrize(
    "name",
    ["a/b.jpg", "100% off.jpg", "a..b/c...d", "..hidden/x", "ärger/宣伝.png", "50%25.png", "C:\\ads\\x.jpg", "a//b"],
)
def test_a_name_that_stays_is_left_alone(name: str) -> None:
    assert not names.leads_out(name)


@given(st.text(max_size=60))
def test_what_is_not_seen_to_lead_out_stays_below(name: str) -> None:
    root = Path("/nowhere/root")
    if not names.leads_out(name):
        assert Path(os.path.normpath(f"{root}/bucket/{name}")).is_relative_to(root / "bucket")


# SQL


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of the user that no query is about."""
    file = tmp_path_factory.mktemp("home") / "secret.csv"
    file.write_text("canary\n4711\n")
    return file


READING = [
    "SELECT content FROM read_text('{secret}')",
    "SELECT * FROM read_csv('{secret}')",
    "SELECT * FROM read_blob('{folder}/*')",
    "SELECT * FROM glob('{folder}/*')",
    "SELECT * FROM '{secret}'",
    "SELECT * FROM read_text('{data}/../../../../../../../../../{secret}')",
    "ATTACH '{secret}' AS other",
    "LOAD DATA OVERWRITE test.stolen FROM FILES (format='CSV', uris=['{secret}'])",
    "LOAD DATA OVERWRITE test.stolen FROM FILES (format='CSV', uris=['file://{secret}'])",
    "LOAD DATA OVERWRITE test.stolen FROM FILES (format='CSV', uris=['gs://b/../../../../../../../../../{secret}'])",
    "SET enable_external_access = true",
    "SET allowed_directories = ['/']",
    "INSTALL httpfs",
]
WRITING = [
    "EXPORT DATA OPTIONS(uri='file://{made}', format='CSV') AS SELECT 1 AS a",
    "EXPORT DATA OPTIONS(uri='{made}', format='CSV') AS SELECT 1 AS a",
    "EXPORT DATA OPTIONS(uri='gs://b/../../../../../../../../../{made}', format='CSV') AS SELECT 1 AS a",
    "EXPORT DATA OPTIONS(uri='gs://../{made}', format='AVRO') AS SELECT 1 AS a",
    "COPY (SELECT 1 AS a) TO '{made}'",
    "EXPORT DATABASE '{made}'",
    "ATTACH '{made}' AS other",
    "CALL enable_logging(storage='file', storage_path='{made}')",
]


@pytest.mark.parametrize("sql", [*READING, *WRITING])
def test_sql_reaches_no_file_of_the_user(
    bigquery_client: bigquery.Client, secret: Path, tmp_path: Path, sql: str
) -> None:
    made = tmp_path / "folder" / "made.csv"
    places = {"secret": secret, "folder": secret.parent, "made": made, "data": tmp_path}

    with pytest.raises(GoogleAPICallError):
        bigquery_client.query(sql.format(**places)).result()

    assert list(tmp_path.iterdir()) == []
    assert secret.read_text() == "canary\n4711\n"
