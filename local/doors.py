"""Doors to gRPC servers: what listens on a port of this machine, and lets this user's programs through.

The servers themselves listen on a Unix socket in a folder that only this user may enter. A browser speaks HTTP/2 only
encrypted; what it sends here is HTTP/1, and is refused like whatever comes from another user's process.
"""

import asyncio
import hashlib
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from local import access, http1, ports, temporary
from local.processes import ServerError

_HTTP2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
NO_GRPC = "this server answers programs that speak gRPC (HTTP/2), and no page in a browser"
_CHUNK = 2**16
_FIRST_BYTES_LIMIT_S = 10
_LONGEST_PATH_BYTES = 103
"""Of a socket: sun_path holds 104 with its end on macOS, 108 on Linux (unix(4), unix(7))."""


def socket_path(data: Path, name: str) -> Path:
    """Where the server `name` of a data folder listens: in a folder that nobody but this user may enter.

    It is not in the data folder: the path of a socket has to be short, and not every file system holds any.

    Raises:
        ServerError: when there is no place for such a folder.
    """
    file = f"{hashlib.sha256(os.fsencode(data.resolve())).hexdigest()[:16]}-{name}"
    folder = temporary.private(_LONGEST_PATH_BYTES - len(file))
    if folder is None:
        raise ServerError(
            "the local servers need a folder that is yours alone, and can make none for temporary files, nor in your "
            "home: set TMPDIR to a folder of yours with a short path, and run the command again"
        )
    return folder / file


def _listens_already() -> None:
    """As a server does that was started before its door."""


async def serve_grpc(port: int, inner: Path, start: Callable[[], None] = _listens_already) -> asyncio.Server:
    """Lets gRPC calls on `port` through to the server that listens on the socket `inner`, once `start` has returned,
    which is called before each connection.

    Raises:
        OSError: when somebody else has the port.
    """

    async def enter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _let_through(reader, writer, port, inner, start)
        except (ConnectionError, TimeoutError):
            pass  # one of the two has gone, or never spoke
        finally:
            writer.close()

    return await asyncio.start_server(enter, sock=ports.bound(port))


async def _let_through(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, inner: Path, start: Callable[[], None]
) -> None:
    refused = access.stranger(writer.get_extra_info("peername"), port)
    async with asyncio.timeout(_FIRST_BYTES_LIMIT_S):
        spoken = await _first_bytes(reader)
    if refused or spoken != _HTTP2:
        writer.write(http1.refusal(refused or NO_GRPC))
        await writer.drain()
        return
    await asyncio.to_thread(start)
    inner_reader, inner_writer = await asyncio.open_unix_connection(inner)
    inner_writer.write(spoken)
    async with asyncio.TaskGroup() as both:
        both.create_task(_copy(reader, inner_writer))
        both.create_task(_copy(inner_reader, writer))


async def _first_bytes(reader: asyncio.StreamReader) -> bytes:
    """As many as tell HTTP/2 from anything else."""
    spoken = b""
    while len(spoken) < len(_HTTP2) and _HTTP2.startswith(spoken):
        more = await reader.read(len(_HTTP2) - len(spoken))
        if not more:
            break
        spoken += more
    return spoken


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Copies until the end of `source`, which becomes that of `target`."""
    try:
        while chunk := await source.read(_CHUNK):
            target.write(chunk)
            await target.drain()
    finally:
        target.close()


@dataclass(frozen=True)
class Thread:
    """A door in a thread of its own, for a server that has no event loop."""

    loop: asyncio.AbstractEventLoop
    thread: threading.Thread

    def close(self) -> None:
        """Closes it."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()


def grpc_in_thread(port: int, inner: Path, start: Callable[[], None]) -> Thread:
    """As `serve_grpc`; it is open when this returns."""
    loop = asyncio.new_event_loop()
    loop.run_until_complete(serve_grpc(port, inner, start))
    thread = threading.Thread(target=loop.run_forever, name="grpc", daemon=True)
    thread.start()
    return Thread(loop, thread)
