"""Names of objects in requests to Cloud Storage: in the path, in the query, and in what the body says first.

fake-gcs-server takes a name for a path: one that leads out of its bucket's folder must never get there.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import parse_qs, unquote_to_bytes

from local import names
from local.http1 import Head

_JSON_BYTES = 2**20
_BATCH_BYTES = 10 * 2**20
_INNER_REQUEST = re.compile(rb"^(?:GET|HEAD|POST|PUT|PATCH|DELETE) (\S+)", re.MULTILINE)
# gcloud and gsutil quote it as no standard says; the server takes that for quotes, too.
_BOUNDARY = re.compile(r"""boundary=(?:'([^'";,\s]+)'|"([^'";,\s]+)"|([^'";,\s]+))(?=\s*(?:;|$))""")
# gcloud ends its lines as Unix does. Which way a body has is told by the first of them, as the server has it.
_FIRST_PART = re.compile(rb"(\r?\n)(?:[!-9;-~]+:[^\r\n]*\1)*\1")


class NameRefusedError(Exception):
    """The request names an object that is in no bucket, or in a way that is not understood here."""


def check_target(head: Head) -> None:
    """Checks the names in the path and in the query.

    Raises:
        NameRefusedError: when one leads out.
    """
    path, _, query = head.target.partition("?")
    prefixes = [prefix.lstrip("/") for prefix in _query(query, "prefix")]
    told = [each.encode("latin-1") for each in (*_query(query, "name"), *prefixes)]
    _check([*_in_path(path.encode("latin-1")), *told])


def _in_path(path: bytes) -> list[bytes]:
    """What a path says, as a whole and in each part: a name may have its slashes encoded, or not."""
    return [unquote_to_bytes(path.lstrip(b"/")), *map(unquote_to_bytes, path.split(b"/"))]


def _query(query: str, name: str) -> list[str]:
    """The values of a parameter, decoded to a character for each byte."""
    return parse_qs(query, encoding="latin-1").get(name, [])


def names_come_first(head: Head) -> bool:
    """Whether the body begins with names, or may do so."""
    if head.method not in ("POST", "PUT", "PATCH"):
        return False
    kind = _upload_type(head)
    return kind in ("multipart", "resumable") or (kind is None and head.target.startswith(("/storage/", "/batch/")))


def check_start(head: Head, start: bytes, *, whole: bool) -> bool:
    """Checks the names that a body tells; False where more of it is needed.

    Args:
        head: of the request.
        start: what has come of the body.
        whole: whether that is all.

    Raises:
        NameRefusedError: when one leads out, or this cannot be told.
    """
    if head.target.startswith("/batch/"):
        return _check_batch(start, whole=whole)
    if _upload_type(head) != "multipart":
        return _check_json(start, whole=whole)
    metadata = _first_part(head, start)
    if metadata is None:
        if whole or len(start) > _JSON_BYTES:
            raise NameRefusedError("the parts of the body cannot be told")
        return False
    return _check_json(metadata, whole=True)


def _upload_type(head: Head) -> str | None:
    """Of an upload that is begun; an upload's further parts are nothing but content."""
    query = head.target.partition("?")[2]
    if _query(query, "upload_id") or head.target.startswith("/upload/resumable/"):
        return "content"
    kind = next(iter(_query(query, "uploadType")), None)
    if kind is None and head.headers.get("content-type", "").startswith("multipart/"):
        return None if head.target.startswith("/batch/") else "multipart"
    return kind


def _check_batch(body: bytes, *, whole: bool) -> bool:
    if len(body) > _BATCH_BYTES:
        raise NameRefusedError("a batch this large is not taken")
    if whole:
        targets = _INNER_REQUEST.findall(body.replace(b"\r", b"\n"))
        _check(name for target in targets for name in _in_path(target.partition(b"?")[0]))
    return whole


def _check_json(body: bytes, *, whole: bool) -> bool:
    if len(body) > _JSON_BYTES:
        raise NameRefusedError("a description this long is not taken")
    if whole and body.strip():
        try:
            found = json.loads(body.decode(), object_pairs_hook=list)
        except (ValueError, RecursionError) as error:
            raise NameRefusedError(f"the description is no JSON: {error}") from error
        _check(name.encode(errors="surrogatepass") for name in _named(found))
    return whole


def _named(found: Any) -> Iterator[str]:  # noqa: ANN401 - JSON, whose objects are lists of pairs
    if not isinstance(found, list):
        return
    for each in found:
        key, value = each if isinstance(each, tuple) else (None, each)
        folded = key.casefold() if isinstance(key, str) else None
        if folded == "metadata":
            continue  # the user's own words
        if folded == "name" and isinstance(value, str):
            yield value
        yield from _named(value)


def _first_part(head: Head, body: bytes) -> bytes | None:
    """The first part of a body of several; None where it has not come whole."""
    told = _BOUNDARY.findall(head.headers.get("content-type", ""))
    mark = b"--" + "".join(told[0]).encode("latin-1") if len(told) == 1 else b""
    if not mark or not body.startswith(mark[: len(body)]):
        raise NameRefusedError("the parts of the body cannot be told")
    begin = _FIRST_PART.match(body, len(mark))
    end = body.find(begin[1] + mark, begin.end()) if begin else -1
    return body[begin.end() : end] if begin and end >= 0 else None


def _check(told: Iterable[bytes]) -> None:
    for name in told:
        if names.leads_out(name):
            shown = name.decode(errors="replace")[:100]
            raise NameRefusedError(f"no object can be called {shown!r} here: the name leads out of its bucket")
