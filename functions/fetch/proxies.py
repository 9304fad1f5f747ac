"""Downloads through the proxy of a company, where one is named: the one way out that some networks have.

Which addresses a name has is then the proxy's to find out, which may know names that this machine does not. What this
machine knows to be internal is refused all the same, and so are internal addresses and names by their looks
(shared/urls.py).
"""

import base64
import re
import socket
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

import httpcore

from functions.fetch import connecting
from functions.fetch.connecting import Patience, Stream
from shared.addresses import is_public
from shared.reasons import Reason, Rejected
from shared.urls import WebUrl

_PORT = 3128
_WANTS_CREDENTIALS = 407
_WILL_NOT = 403


class ProxyError(OSError):
    """The proxy does not do its part: a fault of the network, and not the file's."""


@dataclass(frozen=True)
class Proxy:
    """An HTTP proxy.

    Attributes:
        authorization: the value of the header that it is told who asks by; None where it does not want to know.
    """

    host: str
    port: int
    authorization: str | None = field(default=None, repr=False)

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """What is said to the proxy alone."""
        return [(b"Proxy-Authorization", self.authorization.encode())] if self.authorization else []


def proxy(text: str) -> Proxy:
    """The proxy at `http://[USER:PASSWORD@]HOST[:PORT]`.

    Raises:
        ValueError: when that is none; the text stays out of the message, for a password may stand in it.
    """
    parts = urlsplit(text.strip())
    if parts.scheme != "http" or not parts.hostname or re.fullmatch("/?", parts.path) is None or parts.query:
        raise ValueError("give http://HOST:PORT, with USER:PASSWORD@ before the host where the proxy wants them")
    authorization = None
    if parts.username is not None:
        told = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        authorization = f"Basic {base64.b64encode(told.encode()).decode()}"
    return Proxy(parts.hostname, parts.port or _PORT, authorization)


def connect(through: Proxy, url: WebUrl, patience: Patience) -> Stream:
    """A connection by which `url` is asked for: to its host, encrypted, where the scheme is https; else to the proxy.

    Raises:
        Rejected: when the host is internal as far as this machine knows, its certificate is not valid, or the proxy
            lets nobody there.
        OSError: when it cannot be reached; ProxyError among others.
    """
    _refuse_internal(url, patience)
    connected = connecting.reach(connecting.resolve(through.host, through.port, patience), through.port, patience)
    if url.scheme == "http":
        return Stream(connected, patience)
    try:
        _ask_for_tunnel(through, url, Stream(connected, patience))
    except BaseException:
        connected.close()
        raise
    return Stream(connecting.encrypted(connected, url.host), patience)


def target(url: WebUrl) -> str:
    """What a proxy is asked for, of a site that is not encrypted."""
    return f"{url.scheme}://{url.netloc}{url.target}"


def require_passed(status: int) -> None:
    """Returns unless an answer is the proxy's own, about who asks.

    Raises:
        ProxyError: when it is.
    """
    if status == _WANTS_CREDENTIALS:
        raise ProxyError("the proxy wants to know who asks: FETCH_PROXY=http://USER:PASSWORD@HOST:PORT")


def _refuse_internal(url: WebUrl, patience: Patience) -> None:
    try:
        addresses = connecting.resolve(url.host, url.port, patience)
    except (Rejected, TimeoutError, socket.gaierror):
        return  # this machine does not know; the proxy may
    if not all(map(is_public, addresses)):
        raise Rejected(Reason.FORBIDDEN_URL, f"{url.host} leads to an address that is not public")


def _ask_for_tunnel(through: Proxy, url: WebUrl, stream: Stream) -> None:
    host = f"[{url.host}]" if ":" in url.host else url.host
    place = f"{host}:{url.port}".encode()
    origin = httpcore.Origin(b"http", through.host.encode(), through.port)
    asked = httpcore.URL(scheme=b"http", host=origin.host, port=origin.port, target=place)
    request = httpcore.Request("CONNECT", asked, headers=[(b"Host", place), *through.headers])
    status = httpcore.HTTP11Connection(origin, stream).handle_request(request).status
    require_passed(status)
    if status == _WILL_NOT:
        raise Rejected(Reason.ACCESS_DENIED, f"the proxy does not let anybody to {url.host}")
    if not 200 <= status < 300:
        raise ProxyError(f"the proxy answered {status} when asked for {url.host}")
