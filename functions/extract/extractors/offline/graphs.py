"""Model files (ONNX) as the runtime runs them fast: for input of any size, and with weights that do not change.

CenterFace was exported for ten pictures of 32 x 32, and names its weights among its inputs, as files before 2019 had
to: whoever may be given other weights folds none of them into each other. The format is that of
https://github.com/onnx/onnx/blob/main/onnx/onnx.proto; of its messages no more is read than what is changed.
"""

from collections.abc import Iterator

_GRAPH = 7  # of a model
_WEIGHTS, _INPUT, _OUTPUT = 5, 11, 12  # of a graph
_NAME, _NAME_OF_WEIGHTS = 1, 8  # of an input or output, and of weights
_SHAPE = 2, 1, 2  # of an input or output: its type's, for tensors
_VARINT, _SIZED = 0, 2
_FIXED = {1: 8, 5: 4}  # bytes


def freed(model: bytes) -> bytes:
    """The model for input of any size, whose weights are no input."""
    return b"".join(
        _written(_GRAPH, _freed_graph(content)) if number == _GRAPH else whole
        for number, whole, content in _fields(model)
    )


def _freed_graph(graph: bytes) -> bytes:
    weights = {_first(content, _NAME_OF_WEIGHTS) for number, _, content in _fields(graph) if number == _WEIGHTS}
    return b"".join(
        whole if number not in (_INPUT, _OUTPUT) else _written(number, _without(content, *_SHAPE))
        for number, whole, content in _fields(graph)
        if number != _INPUT or _first(content, _NAME) not in weights
    )


def _first(message: bytes, wanted: int) -> bytes:
    return next((content for number, _, content in _fields(message) if number == wanted), b"")


def _without(message: bytes, number: int, *within: int) -> bytes:
    """The message without that field, or without one within it."""
    return b"".join(
        whole if found != number else _written(number, _without(content, *within)) if within else b""
        for found, whole, content in _fields(message)
    )


def _fields(message: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Of each field its number, all of it, and what it holds where it says how long that is."""
    at = 0
    while at < len(message):
        start, content = at, b""
        key, at = _varint(message, at)
        if key & 7 == _SIZED:
            size, at = _varint(message, at)
            content = message[at : at + size]
            at += size
        elif key & 7 == _VARINT:
            _, at = _varint(message, at)
        else:
            at += _FIXED[key & 7]
        yield key >> 3, message[start:at], content


def _written(number: int, content: bytes) -> bytes:
    return _as_varint(number << 3 | _SIZED) + _as_varint(len(content)) + content


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """A number, seven bits a byte, and where it ends."""
    number = shift = 0
    while True:
        number |= (message[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if message[at - 1] < 0x80:
            return number, at


def _as_varint(number: int) -> bytes:
    written = bytearray()
    while number > 0x7F:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*written, number])
