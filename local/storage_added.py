"""What Cloud Storage answers and fake-gcs-server does not, answered by what it does: moves, and the layout of a bucket.

A move is a copy under the new name, after which the old one is deleted: what is interrupted in between leaves both, and
may be asked for again. gcloud asks for the layout, which says whether there are real folders, before it moves anything.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

from local import http1
from local.http1 import Head

_MOVE = re.compile(r"(/storage/v1/b/[^/?]+)/o/([^/?]+)/moveTo/o/([^/?]+)(\?.*)?")
_LAYOUT = re.compile(r"(/storage/v1/b/[^/?]+)/storageLayout(?:\?.*)?")
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3} [^\r\n]*)")

type Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


class _RefusedError(Exception):
    """The server answered with this status and body."""


async def answer(head: Head, connect: Connect) -> bytes | None:
    """The whole answer to a request that the server does not know; None for all others.

    Raises:
        ConnectionError: when the server has gone.
    """
    try:
        if head.method == "POST" and (move := _MOVE.fullmatch(head.target)):
            return _told(await _moved(connect, *move.groups(default="")))
        if head.method == "GET" and (layout := _LAYOUT.fullmatch(head.target)):
            return _told(await _layout(connect, layout[1]))
    except _RefusedError as refused:
        status, body = refused.args
        return http1.response(status, body, "application/json")
    return None


async def _moved(connect: Connect, bucket: str, source: str, target: str, query: str) -> Mapping[str, Any]:
    if unquote_to_bytes(source) == unquote_to_bytes(target):  # it would be deleted
        reason = {"error": {"code": 400, "message": "an object cannot be moved to its own name"}}
        raise _RefusedError("400 Bad Request", json.dumps(reason).encode())
    copy = f"rewriteTo{bucket.removeprefix('/storage/v1')}/o/{target}{query}"
    copied = json.loads(await _asked(connect, "POST", f"{bucket}/o/{source}/{copy}"))
    await _asked(connect, "DELETE", f"{bucket}/o/{source}")
    moved: Mapping[str, Any] = copied["resource"]
    return moved


async def _layout(connect: Connect, bucket: str) -> Mapping[str, Any]:
    found = json.loads(await _asked(connect, "GET", bucket))
    same = {name: found[name] for name in ("location", "locationType") if name in found}
    flat = {"hierarchicalNamespace": {"enabled": False}}
    return {"kind": "storage#storageLayout", "bucket": found["name"], **same, **flat}


def _told(found: Mapping[str, Any]) -> bytes:
    return http1.response("200 OK", json.dumps(found).encode(), "application/json")


async def _asked(connect: Connect, method: str, target: str) -> bytes:
    """The body of an answer; asked for by HTTP/1.0, to which it comes in one piece and ends."""
    reader, writer = await connect()
    try:
        writer.write(f"{method} {target} HTTP/1.0\r\nContent-Length: 0\r\n\r\n".encode("latin-1"))
        head, _, body = (await reader.read(-1)).partition(http1.END)
    finally:
        writer.close()
    status = _STATUS.match(head)
    if not status:
        raise ConnectionResetError("the server did not answer")
    if not status[1].startswith(b"2"):
        raise _RefusedError(status[1].decode("latin-1"), body)
    return body
