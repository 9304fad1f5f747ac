"""Cloud Storage as the local pipeline serves it: Google's client over the wire, and what must not get through."""

import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import product
from pathlib import Path
from threading import Thread
from urllib.parse import quote

import httpx2
import pytest
from google.api_core.exceptions import BadRequest, GoogleAPICallError, NotFound, PreconditionFailed
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage
from hypothesis import given
from hypothesis import strategies as st

from local import http1, ports, storage_files, storage_names
from local import storage as server
from local.http1 import Head, NotHttpError
from local.processes import Server, ServerError
from local.storage_names import NameRefusedError
from shared import wiring
from tests import sockets
from tests.cases import some_of
from tests.local.test_access import curl, each_header_once

pytestmark = pytest.mark.server

RESUMABLE_BYTES = 256 * 1024


@dataclass(frozen=True)
class Served:
    """A server, and a client that knows of it what DATA/env would say."""

    data: Path
    url: str
    process: int
    client: storage.Client

    def bucket(self) -> storage.Bucket:
        bucket: storage.Bucket = self.client.bucket("bucket")
        return bucket

    def files(self) -> list[str]:
        """All that is beside the bucket's own folder, and not the server's."""
        own = ("bucket", "bucket.bucketMetadata")
        found = [path for path in self.data.rglob("*") if path.is_file() and "logs" not in path.parts]
        return [str(path) for path in found if path.relative_to(self.data / "gcs").parts[0] not in own]


@pytest.fixture(scope="module", params=["in a network of its own", "on the machine's"])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    data = tmp_path_factory.mktemp("storage")
    with started(data, None if request.param == "in a network of its own" else "127.0.0.1:1") as (running, client):
        client.create_bucket("bucket")
        yield Served(data, client.api_endpoint, running.process.pid, client)


@contextmanager
def started(data: Path, pubsub_host: str | None = None) -> Iterator[tuple[Server, storage.Client]]:
    """The server, and a client of it."""
    (port,) = ports.held(1)
    running = server.serve(data, project="local", port=port, pubsub_host=pubsub_host, pipeline=wiring.load())
    place = {"api_endpoint": f"http://127.0.0.1:{port}"}
    try:
        with closing(storage.Client("local", AnonymousCredentials(), client_options=place)) as client:
            yield running, client
    finally:
        running.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="attributes of files are not told elsewhere")
def test_a_server_that_was_killed_while_it_wrote_leaves_nothing_in_the_way(tmp_path: Path) -> None:
    with started(tmp_path) as (_, client):
        client.create_bucket("bucket").blob(".named-so.jpg").upload_from_string(b"whole", "image/jpeg")
    (tmp_path / "gcs" / "bucket" / ".ad.jpg1814249492").write_bytes(b"half")
    (tmp_path / "gcs" / ".bucket.bucketMetadata2410512009").touch()

    with started(tmp_path) as (_, client):
        listed = [blob.name for blob in client.list_blobs("bucket")]

    assert listed == [".named-so.jpg"]


@pytest.mark.parametrize(("method", "headers"), each_header_once(("GET", "POST", "DELETE", "OPTIONS")))
def test_nothing_is_answered_to_a_page_or_under_a_foreign_name(
    served: Served, method: str, headers: dict[str, str]
) -> None:
    assert curl(f"{served.url}/storage/v1/b/bucket", headers, "-X", method) == 403
    assert served.client.lookup_bucket("bucket") is not None


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_no_other_port_leads_to_it(served: Served) -> None:
    for host, port in sockets.listening(served.process):
        assert curl(f"http://{host}:{port}/storage/v1/b", {"Host": "evil.example"}) in (400, 403)
        assert (host, port) == ("127.0.0.1", int(served.url.rpartition(":")[2])) or host != "127.0.0.1"


def test_a_client_stores_and_reads_as_ever(served: Served) -> None:
    bucket = served.bucket()
    blob, large = bucket.blob("ads/ünï côde 50%25.jpg"), bucket.blob("large.bin", chunk_size=RESUMABLE_BYTES)
    blob.metadata = {"ad_id": "../x"}
    content = os.urandom(3 * RESUMABLE_BYTES + 7)

    blob.upload_from_string(b"small", if_generation_match=0)
    large.upload_from_string(content)
    with bucket.blob("streamed").open("wb") as stream:
        stream.write(content)

    with pytest.raises(PreconditionFailed):
        blob.upload_from_string(b"again", if_generation_match=0)
    found = bucket.get_blob(blob.name)
    assert (found.metadata, found.download_as_bytes()) == ({"ad_id": "../x"}, b"small")
    assert bucket.blob("large.bin").download_as_bytes(start=5, end=9) == content[5:10]
    assert bucket.get_blob("large.bin").download_as_bytes() == content
    assert bucket.get_blob("streamed").size == len(content)
    assert bucket.copy_blob(found, bucket, "copies/1").download_as_bytes() == b"small"
    assert [each.name for each in served.client.list_blobs("bucket", prefix="copies/")] == ["copies/1"]
    bucket.delete_blob("copies/1")
    assert not bucket.blob("copies/1").exists()


@pytest.mark.parametrize("name", ["ads/ünï côde 50%25.jpg", "plain", "moveTo/o/x?y#z", "there"])
def test_an_object_is_moved_to_another_name(served: Served, name: str) -> None:
    bucket = served.bucket()
    before, there = bucket.blob("moved/from here"), bucket.blob("there")
    before.metadata = {"ad_id": "7"}
    before.upload_from_string(b"content")
    there.upload_from_string(b"other")

    moved = bucket.move_blob(before, name)

    assert moved.name == name
    assert bucket.get_blob(name).metadata == {"ad_id": "7"}
    assert bucket.blob(name).download_as_bytes() == b"content"
    assert not before.exists()
    bucket.delete_blob(name)


def test_a_bucket_tells_that_it_has_no_real_folders(served: Served) -> None:
    with httpx2.Client(base_url=f"{served.url}/storage/v1/b", trust_env=False) as client:
        found, missing = (client.get(f"/{bucket}/storageLayout?alt=json") for bucket in ("bucket", "nobodys"))

    assert found.json()["hierarchicalNamespace"] == {"enabled": False}
    assert (found.json()["bucket"], missing.status_code) == ("bucket", 404)


def test_a_move_that_cannot_be_done_loses_nothing(served: Served) -> None:
    bucket = served.bucket()
    blob = bucket.blob("stays here")
    blob.upload_from_string(b"content")

    with pytest.raises(NotFound):
        bucket.move_blob(bucket.blob("missing"), "anywhere")
    with pytest.raises(BadRequest, match="its own name"):
        bucket.move_blob(blob, "stays here")
    with pytest.raises(BadRequest, match="leads out of its bucket"):
        bucket.move_blob(blob, "../x")

    assert blob.download_as_bytes() == b"content"
    assert served.files() == []


def test_curl_uploads_with_what_it_sends_by_itself(served: Served, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x" * 2_000_000)
    url = f"{served.url}/upload/storage/v1/b/bucket/o?uploadType=media&name=by-curl"

    assert curl(url, {}, "--data-binary", f"@{file}") == 200
    assert curl(url, {"Transfer-Encoding": "chunked"}, "--data-binary", f"@{file}") == 200
    assert curl(url, {"Expect": "100-continue"}, "--data-binary", f"@{file}") == 200

    assert served.bucket().get_blob("by-curl").size == 2_000_000


OUT = ["../x", "../../../x", "a/../../x", "/x", "..\\..\\x", "a\nx", "./x", "..", "a/.."]


@pytest.mark.parametrize("name", OUT)
def test_a_name_that_leads_out_is_no_objects(served: Served, name: str) -> None:
    bucket = served.bucket()
    bucket.blob("there").upload_from_string(b"there")

    with pytest.raises(BadRequest, match="leads out of its bucket"):
        bucket.blob(name).upload_from_string(b"content")
    with pytest.raises(BadRequest):
        bucket.blob(name, chunk_size=RESUMABLE_BYTES).upload_from_string(b"x" * 3 * RESUMABLE_BYTES)
    with pytest.raises(BadRequest):
        bucket.copy_blob(bucket.blob("there"), bucket, name)
    with pytest.raises(GoogleAPICallError):
        bucket.blob(name).compose([bucket.blob("there")])
    with pytest.raises(GoogleAPICallError):
        bucket.blob("composed").compose([bucket.blob(name)])
    with pytest.raises(NotFound):
        bucket.blob(name).download_as_bytes()
    with pytest.raises(NotFound):
        bucket.delete_blob(name)
    assert not bucket.blob(name).exists()
    assert served.files() == []


@pytest.mark.parametrize(
    ("name", "safe"),
    some_of([*product(OUT, ("", "/\\"))], in_the_gate=[("../x", ""), ("a/../../x", "/\\")]),
)
def test_curl_finds_no_way_out_either(served: Served, name: str, safe: str) -> None:
    spelled = quote(name, safe=safe).replace(".", "%2e")
    upload, json_type = f"{served.url}/upload/storage/v1/b/bucket/o", {"Content-Type": "application/json"}
    described = json.dumps({"NAME": name})

    statuses = [
        curl(f"{upload}?uploadType=media&name={spelled}", {}, "--data-binary", "x"),
        curl(f"{upload}?uploadType=resumable&name={spelled}", json_type, "--data-binary", "{}"),
        curl(f"{upload}?uploadType=resumable", json_type, "--data-binary", described),
        curl(f"{upload}?uploadType=resumable", json_type, "--data-binary", described + "garbage"),
        curl(f"{served.url}/bucket/{spelled}", {}, "-X", "PUT", "--data-binary", "x", "--path-as-is"),
        curl(f"{served.url}/storage/v1/b/bucket/o/{spelled}", {}, "--path-as-is"),
        curl(f"{served.url}/storage/v1/b/{spelled}/o/there", {}, "--path-as-is"),
        curl(f"{served.url}/storage/v1/b", json_type, "--data-binary", json.dumps({"name": name})),
    ]

    assert set(statuses) <= {400, 404}
    assert served.files() == []


def test_the_servers_own_settings_are_out_of_reach(served: Served) -> None:
    config = json.dumps({"publicHost": "evil.example", "externalUrl": "http://evil.example"})

    assert curl(f"{served.url}/_internal/config", {}, "-X", "PUT", "--data-binary", config) == 404
    assert curl(f"{served.url}/_internal/reseed", {}, "-X", "POST") == 404


class _Failing(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_error(500, "permission denied")

    def log_message(self, *_arguments: object) -> None:
        """Nothing."""


@pytest.mark.skipif(sys.platform != "linux", reason="Python tells a file's attributes on Linux only")
def test_a_folder_that_was_copied_without_its_files_attributes_is_refused(served: Served, tmp_path: Path) -> None:
    served.bucket().blob("banners/ad.png").upload_from_string(b"picture")
    shutil.copytree(served.data / "gcs", tmp_path / "whole" / "gcs")
    shutil.copytree(served.data / "gcs", tmp_path / "bare" / "gcs", copy_function=shutil.copyfile)

    storage_files.require_described(tmp_path / "whole" / "gcs")
    with pytest.raises(ServerError, match="cp -a"):
        server.serve(tmp_path / "bare", project="p", port=1, pubsub_host=None, pipeline=wiring.load())


def test_a_server_that_cannot_read_its_objects_is_a_fault_and_not_waited_for() -> None:
    with HTTPServer(("127.0.0.1", 0), _Failing) as failing:
        thread = Thread(target=failing.handle_request)
        thread.start()

        with pytest.raises(ServerError, match="permission denied"):
            server.answers(failing.server_port)

        thread.join()


# what is read of a request


@pytest.mark.parametrize(
    "lines",
    [
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b",
        "GET / HTTP/1.1\r\nHost : a",
        "GET / HTTP/1.1\r\nHost: a\r\n folded",
        "GET / HTTP/1.1\r\nHost: a\nOrigin: b",
        "GET http://evil.example/ HTTP/1.1\r\nHost: a",
        "GET /\u0001 HTTP/1.1\r\nHost: a",
        "GET / a HTTP/1.1\r\nHost: a",
        "GET / HTTP/2\r\nHost: a",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip",
        "POST / HTTP/1.1\r\nContent-Length: -1",
        "POST / HTTP/1.1\r\nContent-Length: +1",
    ],
)
def test_what_could_be_read_in_two_ways_is_not_read(lines: str) -> None:
    with pytest.raises(NotHttpError):
        http1.parsed(f"{lines}\r\n\r\n".encode("latin-1"))


def multipart(name: str, quoted: str = "b") -> tuple[Head, bytes]:
    body = f"--b\r\nContent-Type: application/json\r\n\r\n{json.dumps({'name': name})}\r\n--b\r\n\r\nxx\r\n--b--\r\n"
    kind = {"content-type": f"multipart/related; boundary={quoted}"}
    return Head("POST", "/upload/storage/v1/b/k/o?uploadType=multipart", kind, len(body)), body.encode()


@given(st.sampled_from(["../x", "a/b"]), st.data())
def test_a_body_is_read_as_far_as_its_names(name: str, data: st.DataObject) -> None:
    head, body = multipart(name)
    cut = data.draw(st.integers(0, len(body)))
    enough = body.index(b"\r\n--b\r\n\r\nxx") + len(b"\r\n--b")

    if name == "a/b":
        assert storage_names.check_start(head, body[:cut], whole=False) == (cut >= enough)
    elif cut >= enough:
        with pytest.raises(NameRefusedError):
            storage_names.check_start(head, body[:cut], whole=False)


# As standards have it, as gcloud and gsutil write it, and what more than one reader could take for another.
@pytest.mark.parametrize("quoted", ["b", '"b"', "'b'", "b; charset=utf-8", "'b' ; x=y"])
def test_names_are_found_however_the_boundary_is_quoted(quoted: str) -> None:
    head, body = multipart("../x", quoted)

    assert storage_names.check_start(*multipart("a/b", quoted), whole=True)
    for each in (body, body.replace(b"\r\n", b"\n")):  # gcloud's
        with pytest.raises(NameRefusedError, match="leads out"):
            storage_names.check_start(head, each, whole=True)


GCLOUD = (
    b"--===1==\nContent-Type: application/json\nMIME-Version: 1.0\n\n"
    b'{"bucket": "bucket", "contentType": "text/plain", "name": "%s"}\n--===1==\nContent-Type: text/plain\n'
    b"MIME-Version: 1.0\nContent-Transfer-Encoding: binary\n\ncontent\n\n--===1==--\n"
)
"""What `gcloud storage cp` and `gsutil cp` send of a small file."""


def test_gcloud_stores_and_leads_nowhere_either(served: Served, tmp_path: Path) -> None:
    url, kind = (
        f"{served.url}/upload/storage/v1/b/bucket/o?uploadType=multipart",
        "multipart/related; boundary='===1=='",
    )
    body = tmp_path / "body"

    statuses = []
    for name in (b"by-gcloud", b"../by-gcloud"):
        body.write_bytes(GCLOUD % name)
        statuses.append(curl(url, {"Content-Type": kind}, "--data-binary", f"@{body}"))

    assert statuses == [200, 400]
    assert served.bucket().blob("by-gcloud").download_as_bytes() == b"content\n"
    assert served.files() == []


def test_a_deletion_is_answered_as_cloud_storage_does_and_what_is_read_as_it_is(served: Served) -> None:
    blob = served.bucket().blob("null")
    blob.upload_from_string("HTTP/1.1 200 OK\r\nA: b\r\n\r\nnull\n")
    where = f"{served.url}/storage/v1/b/bucket/o/null"

    assert blob.download_as_bytes() == b"HTTP/1.1 200 OK\r\nA: b\r\n\r\nnull\n"
    assert [curl(where, {}, "-X", "DELETE"), curl(where, {}, "-X", "DELETE"), curl(where, {})] == [204, 404, 404]


@pytest.mark.parametrize("quoted", ["'b", "b'", "'b\"", "\"b'", "", "''", "'a';boundary=b", "b'c", "other"])
def test_a_boundary_that_cannot_be_told_is_refused(quoted: str) -> None:
    with pytest.raises(NameRefusedError, match="cannot be told"):
        storage_names.check_start(*multipart("a/b", quoted), whole=True)


def test_a_batch_holds_no_way_out_either(served: Served) -> None:
    part = "--b\r\nContent-Type: application/http\r\n\r\nDELETE /storage/v1/b/bucket/o/..%2Fx HTTP/1.1\r\n\r\n--b--"
    kind = {"Content-Type": "multipart/mixed; boundary=b"}

    assert curl(f"{served.url}/batch/storage/v1", kind, "--data-binary", part) == 400
