"""A network of its own for a process and its children, in which a server is reached by nobody else.

Linux gives one to root, and to others together with a namespace of users, unless the machine's owner forbids it. What
was opened before (a port of this machine, a line to the kernel) stays open.
"""

import fcntl
import os
import socket
import struct
import sys
from pathlib import Path

# linux/sockios.h, linux/if.h
_SET_FLAGS = 0x8914
_UP = 1


def enter_own() -> bool:
    """Moves this process, which may have one thread only, into a network with nothing but a loopback address.

    Says whether that went well; nothing is changed where it did not. It is tried in a child first: on some machines the
    network is given, and then cannot be used.
    """
    if sys.platform != "linux":
        return False
    child = os.fork()
    if child == 0:
        os._exit(_tried())
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0:
        return False
    _enter()
    return True


def _tried() -> int:
    try:
        _enter()
    except OSError:
        return 1
    return 0


def _enter() -> None:
    user, group = os.geteuid(), os.getegid()
    if user == 0:
        os.unshare(os.CLONE_NEWNET)  # root of a namespace of users has no rights over other users' files
    else:
        os.unshare(os.CLONE_NEWUSER | os.CLONE_NEWNET)
        own = Path("/proc/self")
        (own / "setgroups").write_text("deny")
        (own / "uid_map").write_text(f"{user} {user} 1")
        (own / "gid_map").write_text(f"{group} {group} 1")
    with socket.socket() as loopback:
        fcntl.ioctl(loopback, _SET_FLAGS, struct.pack("16sH14x", b"lo", _UP))
