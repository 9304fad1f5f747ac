"""What came over the wire in one call, byte for byte, whatever the service's client makes of it.

A call that was sent and brought no whole reply may have been paid for all the same: nobody can ask afterwards. It is
told from one that cost nothing, because it never went out or was answered by an error.
"""

import json
import threading
from collections.abc import Callable, Iterator

import httpx2

from shared import log
from shared.models.faults import LostReplyError, NoReplyError

_UNSURE = (httpx2.ReadTimeout, httpx2.ReadError, httpx2.RemoteProtocolError)
"""After these a request was sent whole. Before it is, a connection that fails or is full costs nothing."""

MOST_BYTES = 16_000_000
"""Of a response: no model writes a tenth of that, and one without an end would end the process."""

_DETAIL = 300
_LONGEST_FAULT = 20_000  # bytes
_KEY_HEADERS = ("authorization", "api-key", "x-goog-api-key")
_SHORTEST_KEY = 8  # what is shorter is no secret, and may be a word of any message
_here = threading.local()


def receive(response: httpx2.Response) -> None:
    """Keeps a response of this thread: what a client's hook for responses calls before the client reads it."""
    _here.status, _here.body = response.status_code, None
    content = bytearray()
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > MOST_BYTES:
            log.warning("a response is cut off", bytes=MOST_BYTES)
            response.close()
            break
    whole = bytes(content[:MOST_BYTES])
    _here.body = response._content = whole if _is_reply(response.status_code) else _without_key(whole, response.request)


def _without_key(refusal: bytes, asked: httpx2.Request) -> bytes:
    """A refusal that quotes the key it was sent goes into messages, logs and rows: without it."""
    for name in _KEY_HEADERS:
        key = asked.headers.get(name, "").removeprefix("Bearer ").encode()
        if len(key) >= _SHORTEST_KEY:
            refusal = refusal.replace(key, "…".encode())
    return refusal


def received() -> bytes:
    """The body of the last response that this thread was sent, as it came."""
    body: bytes = _here.body
    return body


def reply_of(call: Callable[[], object]) -> bytes:
    """The body of the reply to a call, also where the client cannot read it (cut off, filtered, no JSON).

    Args:
        call: asks by a client whose hook is `receive`.

    Raises:
        LostReplyError: when the call may have been paid for and brought no whole reply.
        NoReplyError: when something else came in its place.
        Exception: the client's, of a call that cost nothing.
    """
    _here.status = _here.body = None
    try:
        call()
    except Exception as error:
        if _here.status is None or _here.body is None or not _is_reply(_here.status):
            _raise_if_lost(error)
            raise
        log.warning("a reply is read without the client", why=type(error).__name__)
    return a_reply(received())


def _raise_if_lost(error: Exception) -> None:
    begun = _here.status is not None
    if _is_reply(_here.status) if begun else any(isinstance(each, _UNSURE) for each in _causes(error)):
        what = "the reply broke off" if begun else "no reply came"
        raise LostReplyError(f"{what} ({type(error).__name__}: {error})"[:_DETAIL], begun=begun) from error


def _is_reply(status: int) -> bool:
    return 200 <= status < 300


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error:
        yield error
        error = error.__cause__


def a_reply(body: bytes) -> bytes:
    """The body of a response, once it is known to be a reply; what is in it matters to others.

    Raises:
        NoReplyError: when it is a page for people (a proxy's, a network's that wants a sign-in), or only an error.
    """
    if body.lstrip()[:1] == b"<":
        raise NoReplyError(f"not the model but a page answered: {body[:100]!r}")
    if len(body) < _LONGEST_FAULT and b'"error"' in body and (said := _only_error(body)):
        raise NoReplyError(f"the service says of itself: {said[:300]}")
    return body


def _only_error(body: bytes) -> str | None:
    try:
        sent = json.loads(body.decode(errors="replace"))
    except (ValueError, RecursionError):
        return None
    is_reply = not isinstance(sent, dict) or any(sent.get(name) for name in ("choices", "candidates", "usage"))
    return None if is_reply or not sent.get("error") else json.dumps(sent["error"])
