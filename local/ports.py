"""Ports of this machine for servers: each is held from when it is chosen until its server listens on it.

Between the two other programs start, and the kernel gives them ports, too: a command would then speak to a server of
somebody else, and take it for its own. So the starter binds each port at once, and its server inherits the socket.
"""

import os
import socket
from collections.abc import Iterable

from local import access

VARIABLE = "CREATIVES_INHERITED_PORTS"
"""Names a server's inherited sockets: `port=descriptor`, by commas."""

_held: dict[int, int] = {}


def held(count: int) -> list[int]:
    """Ports that nobody else gets until they are taken or released; nobody listens on them yet."""
    return [_hold() for _ in range(count)]


def _hold() -> int:
    bound = socket.socket()
    bound.bind((access.HOST, 0))  # without SO_REUSEADDR, with which two could be bound to one port
    port: int = bound.getsockname()[1]
    _held[port] = bound.detach()
    return port


def free(count: int) -> list[int]:
    """Ports that nobody listens on: for a server that inherits none."""
    ports = held(count)
    release(ports)
    return ports


def release(ports: Iterable[int]) -> None:
    """Lets go of the ports, where they are held."""
    for descriptor in take(ports).values():
        os.close(descriptor)


def take(ports: Iterable[int]) -> dict[int, int]:
    """The descriptors of those ports that are held, now the caller's to close."""
    return {port: _held.pop(port) for port in ports if port in _held}


def described(inherited: dict[int, int]) -> str:
    """What a server's variable says of the sockets that it inherits."""
    return ",".join(f"{port}={descriptor}" for port, descriptor in inherited.items())


def bound(port: int) -> socket.socket:
    """The socket for a server on `port`: the one that this process has inherited, or a new one.

    Raises:
        OSError: when somebody else has the port.
    """
    pairs = (pair.split("=") for pair in os.environ.get(VARIABLE, "").split(",") if pair)
    inherited = {int(each): int(descriptor) for each, descriptor in pairs}
    made = socket.socket(fileno=inherited.get(port))
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # for the next server: connections outlive this one
        if port not in inherited:
            made.bind((access.HOST, port))
    except OSError:
        made.close()
        raise
    return made
