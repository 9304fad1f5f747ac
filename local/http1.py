"""As much of HTTP/1.1 as stands before a server that somebody else wrote: heads of requests, read strictly.

What two readers could understand in two ways is refused, so that what was checked is what the server gets.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

END = b"\r\n\r\n"
"""Of a head."""

CHUNK_BYTES = 2**26
"""At most, of a body that comes in chunks."""

_REQUEST = re.compile(rb"([A-Z]+) (/[\x21-\x7e\x80-\xff]*) HTTP/1\.[01]\Z")
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x20-\x7e\x80-\xff\t]*?)[ \t]*\Z")
_ONCE = ("host", "content-length", "transfer-encoding", "content-type")


class NotHttpError(Exception):
    """This is no request, or one that could be understood in two ways; the text says why."""


@dataclass(frozen=True)
class Head:
    """A request without its body.

    Attributes:
        target: the path with its query, as it was sent.
        headers: by their names in small letters; one that comes twice is joined by a comma.
        length: of the body in bytes; None where it comes in chunks.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    length: int | None


def parsed(head: bytes) -> Head:
    """The head, which ends with an empty line.

    Raises:
        NotHttpError: when it is none.
    """
    first, *lines = head.removesuffix(END).split(b"\r\n")
    request = _REQUEST.match(first)
    if not request:
        raise NotHttpError("the first line is no request for a path of this server")
    headers = _headers(lines)
    return Head(request[1].decode(), request[2].decode("latin-1"), headers, _length(headers))


def _headers(lines: list[bytes]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        header = _HEADER.match(line)
        if not header:
            raise NotHttpError("a line is no header")
        name, value = header[1].decode().lower(), header[2].decode("latin-1")
        if name in found and name in _ONCE:
            raise NotHttpError(f"{name} comes twice")
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


def _length(headers: Mapping[str, str]) -> int | None:
    given, coding = headers.get("content-length"), headers.get("transfer-encoding")
    if coding is not None:
        if coding.lower() != "chunked" or given is not None:
            raise NotHttpError("the body's length is told in two ways, or in one that is not known here")
        return None
    if given is not None and not re.fullmatch("[0-9]{1,18}", given, re.ASCII):
        raise NotHttpError("Content-Length is no number")
    return int(given or 0)


def chunk_size(line: bytes) -> int:
    """The size that a chunk's first line tells.

    Raises:
        NotHttpError: when it tells none, or one that nobody sends.
    """
    told = re.fullmatch(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;[\x20-\x7e\t]*)?\r\n", line)
    size = int(told[1], 16) if told else CHUNK_BYTES + 1
    if size > CHUNK_BYTES:
        raise NotHttpError("a chunk's size cannot be told, or is beyond all measure")
    return size


def refusal(reason: str, status: str = "403 Forbidden") -> bytes:
    """An answer that refuses a request, and closes the connection."""
    return response(status, f"{reason}\n".encode(), "text/plain; charset=utf-8")


def response(status: str, body: bytes, content_type: str = "text/plain; charset=utf-8") -> bytes:
    """A whole answer, after which the connection is closed."""
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body)}",
        "Connection: close",
        "",
        "",
    ]
    return "\r\n".join(lines).encode() + body
