"""Whose process is at the other end of a connection on this machine: asked of the kernel, since HTTP does not tell.

Linux tells of one socket through netlink (sock_diag(7)). macOS has no such call for TCP: there `lsof` tells of the
sockets of this user's processes.
"""

import atexit
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from functools import cache, lru_cache

type Address = tuple[str, int]
"""An IPv4 address and a port."""

# linux/netlink.h, linux/sock_diag.h, linux/inet_diag.h
_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY = 20
_REQUEST = 1
_ANY_STATE = 0xFFFFFFFF
_NO_COOKIE = 0xFFFFFFFF
_HEADER = struct.Struct("=IHHII")
_ASKED = struct.Struct("=BBBBI")
_PORTS = struct.Struct(">HH")
_INTERFACE_AND_COOKIE = struct.Struct("=III")
_OWNER_AND_INODE = struct.Struct("=II")
_REQUEST_BYTES = 72
_ASKED_AT = 24  # where the ends stand: their ports, then their addresses, 16 bytes each
_TOLD_AT = 20
_MAPPED = b"\0" * 10 + b"\xff\xff"
_OWNER_AT = 80

_LSOF_LIMIT_S = 10
_LSOF_KEPT_S = 5

_asking = threading.Lock()


def is_ours(client: Address, server: Address) -> bool:
    """Whether the process that holds the end `client` of a connection to `server` belongs to this process's user.

    Root counts as that: it may read this process's memory anyway. A socket that nobody holds any more belongs to
    nobody.

    Raises:
        OSError: when the kernel does not tell.
    """
    if sys.platform == "linux":
        return owner(client, server) in (os.geteuid(), 0)
    return _held_by_user(client, server, os.geteuid(), int(time.monotonic() / _LSOF_KEPT_S))


def owner(client: Address, server: Address) -> int | None:
    """The user id of who holds the end `client` of a connection to `server`; None where nobody does. Linux only.

    Raises:
        OSError: when the kernel does not tell.
    """
    with _asking:
        kernel = connected()
        kernel.send(asked := _question(client, server))
        told = kernel.recv(4096)
    if _HEADER.unpack_from(told)[1] != _SOCK_DIAG_BY_FAMILY or _ends(told, _TOLD_AT) != _ends(asked, _ASKED_AT):
        return None  # there is no such connection
    user, inode = _OWNER_AND_INODE.unpack_from(told, _OWNER_AT)
    return int(user) if inode else None  # a closed socket is shown as root's


def _ends(message: bytes, at: int) -> tuple[bytes, bytes, bytes]:
    """Both ports and both addresses; a socket for both versions of IP has IPv4 addresses as IPv6 writes them."""
    addresses = (message[at + 4 : at + 20], message[at + 20 : at + 36])
    first, second = (each[12:] if each.startswith(_MAPPED) else each[:4] for each in addresses)
    return message[at : at + 4], first, second


@cache
def connected() -> socket.socket:
    """The process's line to the kernel, of the network that it was in at the first call: to open one takes longer than
    to ask.
    """
    kernel = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _NETLINK_SOCK_DIAG)
    atexit.register(kernel.close)
    return kernel


def _question(client: Address, server: Address) -> bytes:
    return b"".join(
        (
            _HEADER.pack(_REQUEST_BYTES, _SOCK_DIAG_BY_FAMILY, _REQUEST, 0, 0),
            _ASKED.pack(socket.AF_INET, socket.IPPROTO_TCP, 0, 0, _ANY_STATE),
            _PORTS.pack(client[1], server[1]),
            socket.inet_aton(client[0]).ljust(16, b"\0"),
            socket.inet_aton(server[0]).ljust(16, b"\0"),
            _INTERFACE_AND_COOKIE.pack(0, _NO_COOKIE, _NO_COOKIE),
        )
    )


@lru_cache
def _held_by_user(client: Address, server: Address, user: int, _moment: int) -> bool:
    """What lsof tells, which takes it a tenth of a second, is believed for the moment."""
    command = ["lsof", "-nP", "-a", "-u", str(user), f"-iTCP@{client[0]}:{client[1]}", "-sTCP:ESTABLISHED", "-Fn"]
    told = subprocess.run(command, capture_output=True, text=True, timeout=_LSOF_LIMIT_S, check=False).stdout
    return f"n{client[0]}:{client[1]}->{server[0]}:{server[1]}" in told.splitlines()
