"""The headers of AV1: what those of a sequence say, whatever is told by them.

The syntax is that of the AV1 bitstream specification, 5.3 and 5.5; a timed decoder, which no picture has, is not read.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import av

SEQUENCE_HEADER = 1
CHOSEN_BY_FRAME = 2  # of tools for pictures of screens


class UnknownError(Exception):
    """What is not read here."""


class Bits:
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
class Tools:
    """Tools of prediction between frames that a sequence may use; none of a still picture.

    Attributes:
        within_and_between: whether a block may be predicted from its own frame and another one at once.
        ordered: whether frames say which place in their order they have.
        by_distance: whether two frames may be weighted by how far off they are.
    """

    within_and_between: bool = False
    ordered: bool = False
    by_distance: bool = False

    @classmethod
    def read(cls, bits: Bits) -> Self:
        """From where the header of a sequence says it; what else it says there is passed over."""
        within_and_between = bool(bits.read())
        bits.read(3)  # masks, warps, filters of two kinds
        ordered = bool(bits.read())
        by_distance = ordered and bool(bits.read())
        bits.read(int(ordered))  # vectors of references
        return cls(within_and_between, ordered, by_distance)


@dataclass(frozen=True)
class Sequence:
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
        tools: which of those are used that predict one frame from others.
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
    tools: Tools

    @classmethod
    def read(cls, bits: Bits) -> Self:
        """From what a unit of this kind holds.

        Raises:
            IndexError: where it is cut.
            UnknownError: of a timed decoder.
        """
        bits.read(4)  # profile, still picture
        still = bool(bits.read())
        _skip_levels(bits, still=still)
        width_bits, height_bits = bits.read(4) + 1, bits.read(4) + 1
        width, height = bits.read(width_bits) + 1, bits.read(height_bits) + 1
        id_bits = 0 if still or not bits.read() else bits.read(4) + 2 + bits.read(3) + 1
        large_blocks = bool(bits.read())
        bits.read(2)  # filters of intra prediction
        tools = Tools() if still else Tools.read(bits)
        order_bits, screen, whole_motion = (0, CHOSEN_BY_FRAME, CHOSEN_BY_FRAME) if still else _order(bits, tools)
        reduced = bool(bits.read())
        sides = (width, width_bits), (height, height_bits)
        return cls(still, *sides, id_bits, order_bits, screen, whole_motion, large_blocks, reduced, tools)


def mixes_frames(packet: bytes) -> bool:
    """Whether what is kept of a first frame is by an encoder that mixes those that follow into it: SVT-AV1, as of 1.4.

    From preset 3 on (ffmpeg takes 10) it has blocks predicted from within and between, and frames weighted by distance.
    libaom has both only where it is slowest, and superblocks of 128 pixels there, as SVT-AV1 has below preset 3. Its
    version 4.2 weights nothing by distance, and hardly mixes anything into a first frame.
    """
    try:
        header = next((payload for kind, payload in units(packet) if kind == SEQUENCE_HEADER), b"")
        sequence = Sequence.read(Bits(header))
    except (IndexError, UnknownError):
        return False
    return sequence.tools.within_and_between and sequence.tools.by_distance and not sequence.large_blocks


def avif_mixes_frames(content: bytes) -> bool:
    """The same of an AVIF; False of what is none."""
    try:
        return mixes_frames(first_packet(content))
    except (av.error.FFmpegError, StopIteration, IndexError):
        return False


def first_packet(content: bytes) -> bytes:
    """What is kept of the first frame of an AVIF.

    Raises:
        FFmpegError: when it is no such file.
        IndexError, StopIteration: when it has none.
    """
    with av.open(io.BytesIO(content), "r") as container:
        return bytes(next(container.demux(video=0)))


def units(content: bytes) -> Iterator[tuple[int, bytes]]:
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


def _skip_levels(bits: Bits, *, still: bool) -> None:
    if still:
        bits.read(5)
        return
    if bits.read():
        raise UnknownError("frames are timed")
    delayed = bits.read()
    for _ in range(bits.read(5) + 1):
        bits.read(12)
        if bits.read(5) > 7:  # levels from 4.0 on have tiers
            bits.read()
        if delayed and bits.read():
            bits.read(4)


def _order(bits: Bits, tools: Tools) -> tuple[int, int, int]:
    """Bits of a frame's order, and whether tools for screens, and whole motion, are used."""
    screen = CHOSEN_BY_FRAME if bits.read() else bits.read()
    whole_motion = bits.read() if screen and not bits.read() else CHOSEN_BY_FRAME
    return (bits.read(3) + 1 if tools.ordered else 0), screen, whole_motion
