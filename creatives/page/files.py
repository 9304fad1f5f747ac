"""Creatives as a browser shows and plays them: the parts that it asks for, read from the bucket while they are sent."""

from collections.abc import Iterator

from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wrappers import Request, Response

from shared.objects import OpenObject

CHUNK_BYTES = 2**20
"""Of a file in memory at a time, however large it is."""


def response(found: OpenObject, content_type: str, request: Request) -> Response:
    """The file, or the one range of it that is asked for.

    Raises:
        RequestedRangeNotSatisfiable: when it has no such bytes.
    """
    asked = request.range
    part = asked.range_for_length(found.size) if asked else None
    if asked and part is None:
        raise RequestedRangeNotSatisfiable(found.size)
    start, stop = part or (0, found.size)
    answer = Response(_chunks(found, start, stop), status=206 if part else 200, content_type=content_type)
    answer.content_length = stop - start
    answer.accept_ranges = "bytes"
    if part:
        answer.content_range.set(start, stop, found.size)
    return answer


def _chunks(found: OpenObject, start: int, stop: int) -> Iterator[bytes]:
    for at in range(start, stop, CHUNK_BYTES):
        yield found.read_range(at, min(CHUNK_BYTES, stop - at))
