"""What the header of an AVIF still says of its picture that Pillow does not tell: its size, and what is cropped of it.

The boxes are those of ISO/IEC 23008-12 (HEIF) and 14496-12: `meta` holds the primary item's number (`pitm`), and its
properties (`iprp`), of which `ispe` is the size and `clap` the clean aperture, which players show and nothing else.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

_LONGEST_HEADER = 1 << 20
_SAMPLED = {0b00000: "4:4:4", 0b01000: "4:2:2", 0b01100: "4:2:0", 0b11100: "4:0:0"}  # bits of `av1C`
_FLAGS, _BITS = 6, 0b11100

type Box = tuple[int, int, int, int]
"""Left, top, right and bottom, in pixels."""


@dataclass(frozen=True)
class Header:
    """What is said of the primary picture.

    Attributes:
        size: width and height as it is coded, before cropping and turning; None where it is not said.
        crop: what is shown of it; None where all is.
    """

    size: tuple[int, int] | None = None
    crop: Box | None = None


def header_of(content: bytes) -> Header:
    """The header of a file; an empty one where it is no AVIF, or is damaged: decoders judge that."""
    try:
        properties = dict(_properties_of_primary(content[:_LONGEST_HEADER]))
    except (IndexError, ValueError):
        return Header()
    size = _size(properties.get(b"ispe", b""))
    return Header(size, _crop(properties.get(b"clap", b""), size) if size else None)


def sampling_of(content: bytes) -> str | None:
    """How an AVIF's colours are sampled (`4:2:0`); None where it is not one opaque picture."""
    at = content.find(b"av1C")
    if at < 0 or content.count(b"av1C") != 1 or len(content) <= at + _FLAGS:
        return None
    return _SAMPLED.get(content[at + _FLAGS] & _BITS)


def _properties_of_primary(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    meta = _child(content, b"meta")[4:]
    pitm, iprp = _child(meta, b"pitm"), _child(meta, b"iprp")
    primary = int.from_bytes(pitm[4:8] if pitm[0] else pitm[4:6])
    known = list(_boxes(_child(iprp, b"ipco")))
    for name, data in _boxes(iprp):
        if name == b"ipma":
            yield from (known[index - 1] for index in _associated(data, primary) if 0 < index <= len(known))


def _associated(ipma: bytes, wanted: int) -> Iterator[int]:
    """Numbers of the properties of an item, from 1."""
    id_bytes, index_bytes = 4 if ipma[0] else 2, 2 if ipma[3] & 1 else 1
    at = 8
    for _ in range(int.from_bytes(ipma[4:8])):
        item, count = int.from_bytes(ipma[at : at + id_bytes]), ipma[at + id_bytes]
        at += id_bytes + 1
        for place in range(at, at + count * index_bytes, index_bytes):
            if item == wanted:
                yield int.from_bytes(ipma[place : place + index_bytes]) & (0x7FFF if index_bytes == 2 else 0x7F)
        at += count * index_bytes


def _size(ispe: bytes) -> tuple[int, int] | None:
    width, height = int.from_bytes(ispe[4:8]), int.from_bytes(ispe[8:12])
    return (width, height) if width and height else None


def _crop(clap: bytes, size: tuple[int, int]) -> Box | None:
    """The clean aperture, where it is one of whole pixels within the picture."""
    numbers = [int.from_bytes(clap[at : at + 4], signed=True) for at in range(0, 32, 4)]
    if len(clap) < 32 or 0 in numbers[1::2]:
        return None
    wide, high, right, down = (Fraction(over, under) for over, under in zip(numbers[::2], numbers[1::2], strict=True))
    left, top = right + (size[0] - wide) / 2, down + (size[1] - high) / 2
    edges = (left, top, left + wide, top + high)
    within = left >= 0 and top >= 0 and edges[2] <= size[0] and edges[3] <= size[1] and wide >= 1 and high >= 1
    if not within or any(edge.denominator != 1 for edge in edges):
        return None
    return int(edges[0]), int(edges[1]), int(edges[2]), int(edges[3])


def _child(content: bytes, wanted: bytes) -> bytes:
    for name, data in _boxes(content):
        if name == wanted:
            return data
    raise ValueError(f"no box {wanted!r}")


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(content):
        size, start = int.from_bytes(content[at : at + 4]), 8
        if size == 1:
            size, start = int.from_bytes(content[at + 8 : at + 16]), 16
        elif size == 0:
            size = len(content) - at
        if size < start:
            return
        yield content[at + 4 : at + 8], content[at + start : at + size]
        at += size
