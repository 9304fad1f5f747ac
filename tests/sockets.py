"""What processes listen on, told by the kernel (/proc, so on Linux only), and by nothing that a process says itself."""

import os
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

LISTENS = "0A"  # the state of a socket in /proc/net/tcp (include/net/tcp_states.h)


def listening(group: int) -> set[tuple[str, int]]:
    """Addresses and ports on which the processes of a process group wait for TCP connections."""
    inodes = {inode for process in _processes(group) for inode in _sockets(process)}
    lines = [line.split() for name in ("tcp", "tcp6") for line in _lines(Path("/proc/net") / name)]
    return {_address(fields[1]) for fields in lines if fields[3] == LISTENS and fields[9] in inodes}


def _processes(group: int) -> list[int]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                own = os.getpgid(int(folder.name))
            except ProcessLookupError:
                continue  # it ended meanwhile
            found += [int(folder.name)] if own == group else []
    return found


def _sockets(process: int) -> set[str]:
    links = set()
    for file in (Path("/proc") / str(process) / "fd").iterdir():
        try:
            links.add(str(file.readlink()))
        except FileNotFoundError:
            continue  # it was closed meanwhile
    return {link.removeprefix("socket:[").removesuffix("]") for link in links if link.startswith("socket:")}


def _lines(table: Path) -> list[str]:
    return table.read_text().splitlines()[1:] if table.exists() else []


def _address(text: str) -> tuple[str, int]:
    """The kernel writes an address as words of four bytes, each in the machine's order, here little-endian."""
    address, _, port = text.partition(":")
    words = [bytes.fromhex(address[at : at + 8])[::-1] for at in range(0, len(address), 8)]
    packed = b"".join(words)
    if len(packed) == 4:
        return str(IPv4Address(packed)), int(port, 16)
    shown = IPv6Address(packed)
    return str(shown.ipv4_mapped or shown), int(port, 16)  # gRPC binds IPv4 addresses by sockets for both versions
