"""Connections to public addresses only, which cannot outlive their deadline.

A name is resolved once, every address it has must be public, and the socket is opened to one of those very addresses:
there is no second lookup that could answer differently (DNS rebinding). TLS still verifies the name. Cookies and
credentials do not exist at this level; a proxy only where one is named for downloads (proxies.py).
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

import httpcore

from shared.addresses import Address, is_public
from shared.reasons import Reason, Rejected
from shared.urls import HostPort, WebUrl

_NO_SUCH_NAME = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))

# getaddrinfo has no timeout of its own. A lookup that hangs keeps its thread until the resolver gives up by itself.
_resolver = ThreadPoolExecutor(max_workers=32, thread_name_prefix="dns")


class Deadline:
    """A moment after which nothing more is waited for."""

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def within(self, seconds: float) -> float:
        """`seconds`, or what is left if that is less.

        Raises:
            TimeoutError: when nothing is left.
        """
        left = self._at - time.monotonic()
        if left <= 0:
            raise TimeoutError("the download took longer than it may in total")
        return min(seconds, left)


@dataclass(frozen=True)
class Patience:
    """How long to wait, in seconds: to connect, and for the next bytes; `deadline` bounds everything together."""

    connect_s: float
    silence_s: float
    deadline: Deadline


class Stream(httpcore.NetworkStream):
    """A connected socket as httpcore reads and writes it."""

    def __init__(self, connected: socket.socket, patience: Patience) -> None:
        self._socket = connected
        self._patience = patience

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - ours is the patience
        """The next bytes; none at the end.

        Raises:
            OSError: TimeoutError among others.
        """
        self._socket.settimeout(self._patience.deadline.within(self._patience.silence_s))
        return self._socket.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        """Sends all of `buffer`.

        Raises:
            OSError: TimeoutError among others.
        """
        self._socket.settimeout(self._patience.deadline.within(self._patience.silence_s))
        self._socket.sendall(buffer)

    def close(self) -> None:
        """Closes the connection."""
        self._socket.close()


def connect(url: WebUrl, allow: Collection[HostPort], patience: Patience) -> Stream:
    """A connection to the host of `url`, encrypted where the scheme says so.

    Raises:
        Rejected: when there is no such host, it is not public, or its certificate is not valid.
        OSError: when it cannot be reached; TimeoutError among others.
    """
    addresses = resolve(url.host, url.port, patience)
    if (url.host, url.port) not in allow and not all(map(is_public, addresses)):
        raise Rejected(Reason.FORBIDDEN_URL, f"{url.host} leads to an address that is not public")
    connected = reach(addresses, url.port, patience)
    return Stream(encrypted(connected, url.host) if url.scheme == "https" else connected, patience)


def resolve(host: str, port: int, patience: Patience) -> Sequence[Address]:
    """All addresses of a host, as the system's resolver gives them; at least one.

    Raises:
        Rejected: when there is no such name.
        OSError: when the name server does not answer.
    """
    try:
        return [ipaddress.ip_address(host)]
    except ValueError:
        lookup = _resolver.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    try:
        found = lookup.result(timeout=patience.deadline.within(patience.connect_s))
    except socket.gaierror as error:
        if error.errno in _NO_SUCH_NAME:
            raise Rejected(Reason.HOST_NOT_FOUND, f"there is no host {host}") from error
        raise
    return list(dict.fromkeys(ipaddress.ip_address(str(entry[4][0])) for entry in found))


def reach(addresses: Sequence[Address], port: int, patience: Patience) -> socket.socket:
    """A connection to the first of the addresses that takes one.

    Raises:
        OSError: when none does.
    """
    faults: list[OSError] = []
    for address in addresses:
        family = socket.AF_INET if address.version == 4 else socket.AF_INET6
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.settimeout(patience.deadline.within(patience.connect_s))
            connection.connect((str(address), port))
        except OSError as error:
            connection.close()
            faults.append(error)
        else:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return connection
    raise faults[0]


def encrypted(connected: socket.socket, host: str) -> socket.socket:
    """The connection, encrypted for the host of that name.

    Raises:
        Rejected: when its certificate is not valid.
        OSError: when it hangs up.
    """
    try:
        return tls().wrap_socket(connected, server_hostname=host)
    except ssl.SSLEOFError:
        connected.close()
        raise  # hung up in the middle: not the certificate's fault
    except ssl.SSLError as error:
        connected.close()
        said = getattr(error, "verify_message", None) or error.reason or "no agreement on encryption"
        raise Rejected(Reason.TLS_ERROR, f"{host}: {said}") from error
    except OSError:
        connected.close()
        raise


@cache
def tls() -> ssl.SSLContext:
    """Whom we trust: the system's and Mozilla's roots."""
    context = httpcore.default_ssl_context()
    context.set_alpn_protocols(["http/1.1"])
    return context
