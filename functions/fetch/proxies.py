"""Downloads through the proxy of a company, where one is named: the one way out that some networks have.

Which addresses a name has is then the proxy's to find out, which may know names that this machine does not. What this
machine knows to be internal is refused all the same, and so are internal addresses and names by their looks
(shared/urls.py).
"""

import socket

import httpcore

from functions.fetch import connecting
from functions.fetch.connecting import Patience, Stream
from functions.fetch.proxy import Proxy
from shared.addresses import is_public
from shared.reasons import Reason, Rejected
from shared.urls import WebUrl

_WANTS_CREDENTIALS = 407
_WILL_NOT = 403


class ProxyError(OSError):
    """The proxy does not do its part: a fault of the network, and not the file's."""


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
