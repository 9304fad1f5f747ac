"""How coarsely was an AVIF saved? Its one frame says so.

AV1 keeps a quantizer's index, 0 (fine) to 255, in the header of each frame: whichever program made it, it loses about
as much as another of that index. The syntax is that of the AV1 bitstream specification, 5.9; what a still picture never
has (frames shown again, tiles of any width) is not read.
"""

import av

from shared.media.av1 import CHOSEN_BY_FRAME, SEQUENCE_HEADER, Bits, Sequence, UnknownError, first_packet, units

_FRAME_HEADER, _FRAME = 3, 6
_LARGEST_TILE = 4096, 4096 * 2304  # pixels: across, and in all
_MOST_TILES = 64  # across, and down


def index(content: bytes) -> int | None:
    """The base quantizer's index of an AVIF's picture; None where it cannot be read."""
    try:
        sequence = None
        for kind, payload in units(first_packet(content)):
            if kind == SEQUENCE_HEADER:
                sequence = Sequence.read(Bits(payload))
            elif kind in (_FRAME_HEADER, _FRAME) and sequence is not None:
                return _of_frame(Bits(payload), sequence)
    except (av.error.FFmpegError, StopIteration, IndexError, UnknownError):
        return None
    return None


def _of_frame(bits: Bits, sequence: Sequence) -> int:
    if not sequence.still and bits.read(4) != 0b0001:  # not shown again, a key frame, shown
        raise UnknownError("no key frame")
    keeps_model = bits.read()
    screen = bits.read() if sequence.screen == CHOSEN_BY_FRAME else sequence.screen
    if screen and sequence.whole_motion == CHOSEN_BY_FRAME:
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


def _skip_tiles(bits: Bits, width: int, height: int, block: int) -> None:
    """Of even tiles, as all programs make them; `block` is a superblock's side as a power of two."""
    across, down = (-(-side // (1 << block)) for side in (width, height))
    least_across = _power(_LARGEST_TILE[0] >> block, across)
    least = max(least_across, _power(_LARGEST_TILE[1] >> 2 * block, across * down))
    if not bits.read():
        raise UnknownError("tiles of any width")
    columns = _counted(bits, least_across, _power(1, min(across, _MOST_TILES)))
    rows = _counted(bits, max(0, least - columns), _power(1, min(down, _MOST_TILES)))
    if columns or rows:
        bits.read(columns + rows + 2)


def _counted(bits: Bits, least: int, most: int) -> int:
    """A number that goes up by each bit that is set."""
    number = least
    while number < most and bits.read():
        number += 1
    return number


def _power(unit: int, wanted: int) -> int:
    """The least power of two by which a unit is at least as much."""
    return max(0, (-(-wanted // unit) - 1).bit_length())
