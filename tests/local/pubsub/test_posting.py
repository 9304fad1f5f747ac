"""The HTTP client of pushes, against servers that behave in every way a server can."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from local import ports
from local.pubsub.posting import NobodyListensError, Poster, PostError

type Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return head + await reader.readexactly(length)


def answering(*answers: bytes, seen: list[bytes], connections: list[int]) -> Handler:
    """Serves one answer a request, on as many connections as are made; then closes."""
    rest = list(answers)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(1)
        try:
            while rest:
                seen.append(await request(reader))
                answer = rest.pop(0)
                writer.write(answer)
                await writer.drain()
                if b"connection: close" in answer or not answer:
                    break
        except asyncio.IncompleteReadError:
            pass  # the client has gone
        finally:
            writer.close()

    return handle


def post(handler: Handler, *bodies: bytes, path: str = "/", limit_s: float = 10) -> list[int]:
    """Posts `bodies` one after the other with one client; the answers' statuses."""

    async def run() -> list[int]:
        server = await asyncio.start_server(handler, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{path}"
        poster = Poster()
        try:
            return [await poster.post(url, body, limit_s=limit_s) for body in bodies]
        finally:
            poster.close()
            server.close()

    return asyncio.run(run())


OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


def test_a_request_is_json_for_the_whole_path() -> None:
    seen: list[bytes] = []

    statuses = post(answering(OK, seen=seen, connections=[]), b'{"a": 1}', path="/function?x=1")

    assert statuses == [200]
    assert seen[0].startswith(b"POST /function?x=1 HTTP/1.1\r\n")
    assert b"content-type: application/json" in seen[0].lower()
    assert seen[0].endswith(b'\r\n\r\n{"a": 1}')


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204),
        (b"HTTP/1.1 102 Processing\r\n\r\n", 102),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, 200),
        (b"HTTP/1.1 500 Oh\r\ntransfer-encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n", 500),
        (b"HTTP/1.1 302 Found\r\nlocation: /other\r\ncontent-length: 0\r\n\r\n", 302),
        (b"HTTP/1.0 200 OK\r\nconnection: close\r\n\r\nuntil the end", 200),
    ],
)
def test_the_status_of_every_form_of_answer_is_read(answer: bytes, status: int) -> None:
    assert post(answering(answer, seen=[], connections=[]), b"{}") == [status]


def test_a_connection_is_kept_for_the_next_request() -> None:
    connections: list[int] = []

    statuses = post(answering(OK, OK, OK, seen=[], connections=connections), b"1", b"2", b"3")

    assert statuses == [200] * 3
    assert len(connections) == 1


def test_a_kept_connection_that_was_closed_is_replaced() -> None:
    connections: list[int] = []
    closing = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"

    statuses = post(answering(closing, OK, seen=[], connections=connections), b"1", b"2")

    assert statuses == [200] * 2
    assert len(connections) == 2


def test_a_kept_connection_that_breaks_at_the_next_request_is_replaced_once() -> None:
    connections: list[int] = []
    seen: list[bytes] = []

    statuses = post(answering(OK, b"", OK, seen=seen, connections=connections), b"1", b"2")

    assert statuses == [200] * 2
    assert len(connections) == 2
    assert [each[-1:] for each in seen] == [b"1", b"2", b"2"]


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok", b"SSH-2.0-OpenSSH\r\n\r\n"])
def test_what_is_no_answer_is_an_error(answer: bytes) -> None:
    with pytest.raises(PostError):
        post(answering(answer, seen=[], connections=[]), b"{}")


def test_an_answer_that_takes_too_long_is_not_waited_for() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    with pytest.raises(TimeoutError):
        post(silent, b"{}", limit_s=0.05)


def test_an_address_where_nobody_listens_is_told_apart() -> None:
    (port,) = ports.held(1)

    with pytest.raises(NobodyListensError):
        asyncio.run(Poster().post(f"http://127.0.0.1:{port}/", b"{}", limit_s=5))
