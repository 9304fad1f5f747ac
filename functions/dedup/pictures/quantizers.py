"""How coarsely was an AVIF saved? Its one frame says so.

AV1 keeps a quantizer's index, 0 (fine) to 255, in the header of each frame: whichever program made it, it loses about
as much as another of that index. The syntax is that of the AV1 bitstream specification, 5.5 and 5.9; what a still
picture never has (a timed decoder, frames shown again, tiles of any width) is not read.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass

import av

_SEQUENCE_HEADER, _FRAME_HEADER, _FRAME = 1, 3, 6
_CHOSEN_BY_FRAME = 2  # of tools for pictures of screens
_LARGEST_TILE = 4096, 4096 * 2304  # pixels: across, and in all
_MOST_TILES = 64  # across, and down


class _UnknownError(Exception):
    """What no still picture has."""


def index(content: bytes) -> int | None:
    """The base quantizer's index of an AVIF's picture; None where it cannot be read."""
    try:
        with av.open(io.BytesIO(content), "r") as container:
            packet = bytes(next(container.demux(video=0)))
        sequence = None
        for kind, payload in _units(packet):
            if kind == _SEQUENCE_HEADER:
                sequence = _Sequence.read(_Bits(payload))
            elif kind in (_FRAME_HEADER, _FRAME) and sequence is not None:
                return _of_frame(_Bits(payload), sequence)
    except (av.error.FFmpegError, StopIteration, IndexError, _UnknownError):
        return None
    return None


class _Bits:
    """Reads numbers of so many bits, the highest first."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def read(self, count: int = 1) -> int:
        """Raises IndexError beyond the end."""
        number = 0
        for at in range(self._at, self._at + count):
            number = number << 1 | (self._content[at >> 3] >> (7 - (at & 7)) & 1)
        self._at += count
        return number


@dataclass(frozen=True)
class _Sequence:
    """What the header of a sequence says that the header of a frame goes on from.

    Attributes:
        still: whether it is of one picture only, so that much is left out of both.
        width: of the picture, and in how many bits a frame would say another.
        height: the same.
        id_bits: of a frame's number.
        order_bits: of a frame's place in the order of frames.
        screen: whether tools for pictures of screens are used; a frame may choose.
        whole_motion: whether motion is by whole pixels there; a frame may choose.
        large_blocks: whether superblocks have 128 pixels on a side, not 64.
        reduced: whether a frame may be kept narrower than it is shown.
    """

    still: bool
    width: tuple[int, int]
    height: tuple[int, int]
    id_bits: int
    order_bits: int
    screen: int
    whole_motion: int
    large_blocks: bool
    reduced: bool

    @classmethod
    def read(cls, bits: _Bits) -> "_Sequence":
        bits.read(4)  # profile, still picture
        still = bool(bits.read())
        _skip_levels(bits, still=still)
        width_bits, height_bits = bits.read(4) + 1, bits.read(4) + 1
        width, height = bits.read(width_bits) + 1, bits.read(height_bits) + 1
        id_bits = 0 if still or not bits.read() else bits.read(4) + 2 + bits.read(3) + 1
        large_blocks = bool(bits.read())
        bits.read(2)  # filters of intra prediction
        order_bits, screen, whole_motion = (0, _CHOSEN_BY_FRAME, _CHOSEN_BY_FRAME) if still else _tools(bits)
        reduced = bool(bits.read())
        sides = (width, width_bits), (height, height_bits)
        return cls(still, *sides, id_bits, order_bits, screen, whole_motion, large_blocks, reduced)


def _units(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The open bitstream units of a picture: their kinds, and what is in them."""
    at = 0
    while at < len(content):
        kind, has_more, has_size = content[at] >> 3 & 15, content[at] >> 2 & 1, content[at] >> 1 & 1
        at += 1 + has_more
        size, shift = (0, 0) if has_size else (len(content) - at, -1)
        while shift >= 0:
            size |= (content[at] & 127) << shift
            shift = shift + 7 if content[at] & 128 else -1
            at += 1
        yield kind, content[at : at + size]
        at += size


def _skip_levels(bits: _Bits, *, still: bool) -> None:
    if still:
        bits.read(5)
        return
    if bits.read():
        raise _UnknownError("frames are timed")
    delayed = bits.read()
    for _ in range(bits.read(5) + 1):
        bits.read(12)
        if bits.read(5) > 7:  # levels from 4.0 on have tiers
            bits.read()
        if delayed and bits.read():
            bits.read(4)


def _tools(bits: _Bits) -> tuple[int, int, int]:
    """Bits of a frame's order, and whether tools for screens, and whole motion, are used."""
    bits.read(4)
    ordered = bits.read()
    if ordered:
        bits.read(2)
    screen = _CHOSEN_BY_FRAME if bits.read() else bits.read()
    whole_motion = bits.read() if screen and not bits.read() else _CHOSEN_BY_FRAME
    return (bits.read(3) + 1 if ordered else 0), screen, whole_motion


def _of_frame(bits: _Bits, sequence: _Sequence) -> int:
    if not sequence.still and bits.read(4) != 0b0001:  # not shown again, a key frame, shown
        raise _UnknownError("no key frame")
    keeps_model = bits.read()
    screen = bits.read() if sequence.screen == _CHOSEN_BY_FRAME else sequence.screen
    if screen and sequence.whole_motion == _CHOSEN_BY_FRAME:
        bits.read()
    bits.read(sequence.id_bits)
    resized = 0 if sequence.still else bits.read()
    bits.read(sequence.order_bits)
    width, height = (bits.read(own) + 1 if resized else side for side, own in (sequence.width, sequence.height))
    narrower = sequence.reduced and bits.read()
    if narrower:
        bits.read(3)
    if bits.read():  # shown at another size
        bits.read(32)
    if screen and not narrower:
        bits.read()
    if not sequence.still and not keeps_model:
        bits.read()
    _skip_tiles(bits, width, height, 7 if sequence.large_blocks else 6)
    return bits.read(8)


def _skip_tiles(bits: _Bits, width: int, height: int, block: int) -> None:
    """Of even tiles, as all programs make them; `block` is a superblock's side as a power of two."""
    across, down = (-(-side // (1 << block)) for side in (width, height))
    least_across = _power(_LARGEST_TILE[0] >> block, across)
    least = max(least_across, _power(_LARGEST_TILE[1] >> 2 * block, across * down))
    if not bits.read():
        raise _UnknownError("tiles of any width")
    columns = _counted(bits, least_across, _power(1, min(across, _MOST_TILES)))
    rows = _counted(bits, max(0, least - columns), _power(1, min(down, _MOST_TILES)))
    if columns or rows:
        bits.read(columns + rows + 2)


def _counted(bits: _Bits, least: int, most: int) -> int:
    """A number that goes up by each bit that is set."""
    number = least
    while number < most and bits.read():
        number += 1
    return number


def _power(unit: int, wanted: int) -> int:
    """The least power of two by which a unit is at least as much."""
    return max(0, (-(-wanted // unit) - 1).bit_length())
