"""A web site that does everything real ones do wrong, and a listener that nobody may ever reach.

`HostileServer` serves on loopback; `PAGES` is what it has, by path. It counts the requests for each and keeps their
headers. `Canary` stands for everything internal: it listens on a port that downloads may use and counts who comes.
"""

import io
import re
import socket
import ssl
import struct
import threading
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email.message import Message
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import repeat
from types import MappingProxyType, TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

import numpy as np
from PIL import Image

from tests import videos

MB = 10**6


class HostileServer:
    """The site, while its context is open.

    Attributes:
        address: where it listens.
        latency_s: how long it takes to answer, for measurements.
        requests: the headers of each request, by path with its query.
        most_at_once: how many visitors of the slow pages there were at the same time.
    """

    def __init__(self, *, address: str = "127.0.0.1", latency_s: float = 0, tls: ssl.SSLContext | None = None) -> None:
        self.address = address
        self.latency_s = latency_s
        self.requests: dict[str, list[Message]] = {}
        self.most_at_once = 0
        self._at_once = 0
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._server = _Server((address, 0), _Handler)
        self._server.site = self
        self._scheme = "https" if tls else "http"
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def host_port(self) -> str:
        """As an allow-list names it."""
        return f"{self.address}:{self.port}"

    def url(self, path: str, host: str | None = None) -> str:
        """The URL of a page; `host` is another name for the server's address."""
        return f"{self._scheme}://{host or self.address}:{self.port}{path}"

    @property
    def hits(self) -> Counter[str]:
        """How often each path was asked for."""
        with self._lock:
            return Counter({path: len(requests) for path, requests in self.requests.items()})

    @contextmanager
    def visit(self) -> Iterator[None]:
        """Counts a visitor as long as it stays."""
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        yield
        with self._lock:
            self._at_once -= 1

    def note(self, path: str, headers: Message) -> int:
        """Counts a request, and says the how-manieth it is for its path."""
        with self._lock:
            self.requests.setdefault(path, []).append(headers)
            return len(self.requests[path])


class Canary:
    """A listener on loopback that stands for the internal network.

    Attributes:
        address: where it listens: an address of the loopback network that nothing else uses.
        visits: connections that it saw.
    """

    def __init__(self, address: str = "127.9.8.7") -> None:
        self.address = address
        self.visits = 0
        self._socket = _bound_to_one_of(address, (8080, 80))
        self._thread = threading.Thread(target=self._count, daemon=True)

    @property
    def port(self) -> int:
        """One of the ports that downloads by http may use: it is not the port that keeps them away."""
        return int(self._socket.getsockname()[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def url(self, path: str = "/secret.png") -> str:
        """The URL that must not be opened."""
        return f"http://{self.address}:{self.port}{path}"

    def _count(self) -> None:
        while True:
            try:
                visitor, _ = self._socket.accept()
            except OSError:
                return  # closed: the test is over
            self.visits += 1
            visitor.close()


def _bound_to_one_of(address: str, ports: tuple[int, ...]) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    for port in ports:
        try:
            listener.bind((address, port))
        except OSError:
            continue
        listener.listen()
        return listener
    raise OSError(f"none of the ports {ports} is free on {address}")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    site: HostileServer

    def handle_error(self, request: object, client_address: object) -> None:
        """Visitors hang up on us, as they should."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self.close_connection = True
        self.count = self.server.site.note(self.path, self.headers)
        self.server.site.stopping.wait(self.server.site.latency_s)
        path = urlsplit(self.path).path
        for pattern, serve in PAGES.items():
            match = re.fullmatch(pattern, path)
            if match:
                serve(self, **match.groupdict())
                return
        self.answer(404)

    @property
    def query(self) -> dict[str, str]:
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.path).query).items()}

    def answer(self, status: int, body: bytes = b"", headers: Mapping[str, str] = MappingProxyType({})) -> None:
        """A whole, honest response."""
        self.head(status, {"Content-Length": str(len(body)), **headers})
        self.wfile.write(body)

    def head(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()

    def stream(self, pieces: Iterator[bytes], every_s: float = 0) -> None:
        """A body without a length, for as long as somebody reads it."""
        self.head(200, {"Transfer-Encoding": "chunked"})
        for piece in pieces:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            if every_s and self.server.site.stopping.wait(every_s):
                return
        self.wfile.write(b"0\r\n\r\n")

    def drip(self, text: bytes, every_s: float) -> None:
        """Raw bytes, one at a time, over and over."""
        while not self.server.site.stopping.wait(every_s):
            self.wfile.write(text[:1])
            text = text[1:] + text[:1]

    def reset(self) -> None:
        """Ends the connection with RST instead of FIN."""
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: `requests` has it all."""


# The media


@cache
def picture(number: int = 0, suffix: str = "PNG") -> bytes:
    """A small picture; each number has its own."""
    noise = np.random.default_rng(number).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).resize((160, 120)).save(file, suffix)
    return file.getvalue()


@cache
def clip(container: str = "mp4") -> bytes:
    """Half a second of video."""
    shades = [np.full((48, 64, 3), shade, np.uint8) for shade in range(0, 240, 20)]
    codec = {"webm": "libvpx"}.get(container, "libx264")
    return videos.encode(shades, muxer=container, codec=codec)


def big_clip(megabytes: int) -> Iterator[bytes]:
    """What looks like a video of that size: its start, then filler, in pieces."""
    yield clip()
    yield from repeat(b"\xa5" * 100_000, 10 * megabytes)


HTML = b"<!DOCTYPE html><html><head><title>Buy now</title></head><body>" + b"<p>Offer</p>" * 50 + b"</body></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def deflated(content: bytes, wbits: int = 31) -> bytes:
    """`content` compressed: 31 is gzip, 15 zlib."""
    compressor = zlib.compressobj(wbits=wbits)
    return compressor.compress(content) + compressor.flush()


@cache
def bomb(head: bytes) -> bytes:
    """20 MB in 20 KB."""
    return deflated(head + bytes(20 * MB))


# The pages


def _file(content: Callable[[], bytes], content_type: str, encoding: str = "identity") -> Callable[[_Handler], None]:
    return lambda to: to.answer(200, content(), {"Content-Type": content_type, "Content-Encoding": encoding})


def _numbered(to: _Handler, number: str) -> None:
    to.answer(200, picture(int(number)), {"Content-Type": "image/png"})


def _slow(to: _Handler, number: str) -> None:
    with to.server.site.visit():
        to.server.site.stopping.wait(0.1)
        content = picture(int(number))
    to.answer(200, content, {"Content-Type": "image/png"})


def _big(to: _Handler, megabytes: str) -> None:
    to.stream(big_clip(int(megabytes)))


def _status(to: _Handler, status: str) -> None:
    to.answer(int(status), headers=to.query)


def _flaky(to: _Handler, times: str, status: int = 503) -> None:
    """Fails so many times, each time with the headers that the query names."""
    if to.count <= int(times):
        to.answer(status, headers=to.query)
    else:
        to.answer(200, picture(int(times)), {"Content-Type": "image/png"})


def _redirect(to: _Handler, status: str = "302") -> None:
    to.answer(int(status), headers={"Location": to.query["to"], "Set-Cookie": "session=42"})


def _shared(to: _Handler, asked_well: bool) -> None:
    if asked_well:
        to.answer(200, picture(), {"Content-Type": "image/png"})
    else:
        to.answer(200, b"<!doctype html><html>sign in", {"Content-Type": "text/html"})


def _chain(to: _Handler, length: str) -> None:
    to.answer(302, headers={"Location": f"/chain/{int(length) - 1}" if length != "0" else "/image.png"})


def _claims(to: _Handler, size: int, body: bytes) -> None:
    to.head(200, {"Content-Length": str(size)})
    to.wfile.write(body)


def _endless(start: bytes, filler: bytes = bytes(MB)) -> Callable[[_Handler], None]:
    return lambda to: to.stream(piece for pieces in ([start], repeat(filler)) for piece in pieces)


def _until_closed(to: _Handler) -> None:
    to.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n" + picture())


def _drip(to: _Handler) -> None:
    to.stream((bytes([byte]) for byte in picture()), every_s=0.05)


def _drip_headers(to: _Handler) -> None:
    to.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    to.drip(b"z", every_s=0.05)


def _silent(to: _Handler) -> None:
    to.server.site.stopping.wait(30)


def _reset_in_body(to: _Handler) -> None:
    to.head(200, {"Content-Length": "100000"})
    to.wfile.write(picture()[:1000])
    to.reset()


def _endless_headers(to: _Handler) -> None:
    to.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"X-Header: and another one\r\n" * 20_000)


def _needs_cookie(to: _Handler) -> None:
    if "cookie" in to.headers or "authorization" in to.headers:
        to.answer(200, picture(), {"Content-Type": "image/png"})
    else:
        to.answer(403)


PAGES: dict[str, Callable[..., None]] = {
    r"/image\.png": _file(picture, "image/png"),
    r"/image\.jpg": _file(lambda: picture(1, "JPEG"), "image/jpeg"),
    r"/image\.gif": _file(lambda: picture(2, "GIF"), "image/gif"),
    r"/image\.webp": _file(lambda: picture(3, "WEBP"), "image/webp"),
    r"/video\.mp4": _file(clip, "video/mp4"),
    r"/video\.webm": _file(lambda: clip("webm"), "video/webm"),
    r"/images/(?P<number>\d+)\.png": _numbered,
    r"/slow/(?P<number>\d+)\.png": _slow,
    r"/videos/(?P<megabytes>\d+)mb\.mp4": _big,
    r"/spaced name/ü\.png|/spaced%20name/%C3%BC\.png": _file(picture, "image/png"),
    r"/chunked\.png": lambda to: to.stream(iter([picture()[:10], picture()[10:]])),
    r"/until-closed\.png": _until_closed,
    # what they say is not what they send
    r"/page-as-png": _file(lambda: HTML, "image/png"),
    r"/png-as-page": _file(picture, "text/html"),
    r"/png-as-octets": _file(picture, "application/octet-stream"),
    r"/jpeg\.png": _file(lambda: picture(1, "JPEG"), "image/png"),
    r"/no-type": lambda to: to.answer(200, picture()),
    r"/short\.png": lambda to: _claims(to, 100_000, picture()),
    r"/long\.png": lambda to: _claims(to, len(picture()), picture() + b"more"),
    r"/claims-terabytes\.mp4": lambda to: _claims(to, 10**13, clip() + bytes(MB)),
    r"/claims-terabytes\.zip": lambda to: _claims(to, 10**13, b"PK\x03\x04" + bytes(5000)),
    # no end
    r"/endless\.png": _endless(picture()),
    r"/endless\.html": _endless(HTML, b"<p>more</p>" * 1000),
    r"/endless-zeros": _endless(bytes(100)),
    r"/endless-headers": _endless_headers,
    r"/drip\.png": _drip,
    r"/drip-headers": _drip_headers,
    r"/silent": _silent,
    # compressed, though asked not to
    r"/gzip\.png": _file(lambda: deflated(picture()), "image/png", encoding="gzip"),
    r"/deflate\.png": _file(lambda: deflated(picture(), 15), "image/png", encoding="deflate"),
    r"/bomb\.png": _file(lambda: bomb(picture()), "image/png", encoding="gzip"),
    r"/bomb": _file(lambda: bomb(b""), "application/octet-stream", encoding="gzip"),
    r"/gzip-cut\.png": _file(lambda: deflated(picture())[:-100], "image/png", encoding="gzip"),
    r"/gzip-lie\.png": _file(picture, "image/png", encoding="gzip"),
    r"/brotli\.png": _file(picture, "image/png", encoding="br"),
    # no
    r"/status/(?P<status>\d+)": _status,
    r"/flaky/(?P<times>\d+)": _flaky,
    r"/missing/(?P<times>\d+)": lambda to, times: _flaky(to, times, 404),
    r"/needs-cookie": _needs_cookie,
    r"/hang-up": lambda to: None,
    r"/reset": lambda to: to.reset(),
    r"/reset-in-body\.png": _reset_in_body,
    r"/not-http": lambda to: _raw(to, b"SSH-2.0-OpenSSH_9.9\r\n"),
    # elsewhere
    r"/redirect(?:/(?P<status>\d+))?": lambda to, status: _redirect(to, status or "302"),
    r"/chain/(?P<length>\d+)": _chain,
    # what follows a `Location` of raw UTF-8, as browsers ask for it
    r"/moved": lambda to: to.answer(302, headers={"Location": "/été à la plage.png".encode().decode("latin-1")}),
    r"/%C3%A9t%C3%A9%20%C3%A0%20la%20plage\.png": _file(picture, "image/png"),
    # as Google Drive and Dropbox do
    r"/download": lambda to: _shared(to, to.query == {"id": "1a2b3c4d5e6f", "export": "download", "confirm": "t"}),
    r"/scl/fi/abc/ad\.png": lambda to: _shared(to, to.query == {"rlkey": "k", "dl": "1"}),
    r"/loop": lambda to: to.answer(302, headers={"Location": "/loop"}),
    r"/nowhere": lambda to: to.answer(302),
    # not ours
    r"/page\.html": _file(lambda: HTML, "text/html"),
    r"/drawing\.svg": _file(lambda: SVG, "image/svg+xml"),
    r"/empty\.png": _file(lambda: b"", "image/png"),
    r"/document\.pdf": _file(lambda: b"%PDF-1.7\n" + bytes(300), "application/pdf"),
    r"/archive\.zip": _file(lambda: b"PK\x03\x04" + bytes(300), "application/zip"),
    r"/sound\.mp3": _file(lambda: b"ID3\x04" + bytes(300), "audio/mpeg"),
    r"/data\.json": _file(lambda: b'{"error": "gone"}', "application/json"),
}


def _raw(to: _Handler, text: bytes) -> None:
    to.wfile.write(text)
