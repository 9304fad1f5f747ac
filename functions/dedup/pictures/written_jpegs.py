"""A JPEG of coefficients that nobody transformed: written as it is kept (ITU-T T.81), and read by who reads all JPEGs.

Its codes are not the shortest, as nobody keeps the file: each has as many bits as all others.
"""

import io
import math
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shared.media.images import Colour

type Whole = NDArray[np.int32]

BLOCK = 8

_START, _TABLES, _FRAME, _CODES, _SCAN, _END = (bytes([0xFF, each]) for each in (0xD8, 0xDB, 0xC0, 0xC4, 0xDA, 0xD9))
_SIZES = 12  # of a difference between two blocks' means: that many bits, or fewer
_WAVES_SIZES, _MOST_RUN = 10, 16
_OVER, _SIXTEEN_MORE = 0, 0xF0  # nothing follows in a block; sixteen zeros do
_WAVES = [_OVER, _SIXTEEN_MORE, *(run << 4 | size for run in range(_MOST_RUN) for size in range(1, _WAVES_SIZES + 1))]
_MEAN_BITS, _WAVE_BITS = 4, 8  # of a code
_AT = np.arange(BLOCK)
_DIAGONAL = _AT[:, None] + _AT
_ZIGZAG = np.lexsort((np.where(_DIAGONAL % 2, _AT[:, None], _AT).ravel(), _DIAGONAL.ravel()))


@cache
def tables(quality: int) -> tuple[Whole, Whole, Whole]:
    """The steps (8 x 8) of Y, Cb and Cr that programs take at a quality."""
    file = io.BytesIO()
    Image.new("RGB", (BLOCK, BLOCK)).save(file, "JPEG", quality=quality)
    light, colour = (
        np.array(table, np.int32).reshape(BLOCK, BLOCK)
        for table in Image.open(file, formats=["JPEG"]).quantization.values()  # type: ignore[attr-defined]
    )
    return light, colour, colour


def shown(blocks: Sequence[Whole], steps: Sequence[Whole], factors: Sequence[int], size: tuple[int, int]) -> Colour:
    """What is shown of coefficients.

    Args:
        blocks: of Y, Cb and Cr the coefficients in steps, each down x across x 8 x 8; what lies beyond is left out.
        steps: of each, none larger than a byte.
        factors: how many pixels, down and across, share one of each.
        size: height and width in pixels.
    """
    most = max(factors)
    sampled = [bytes([1 + at, most // factor << 4 | most // factor, at]) for at, factor in enumerate(factors)]
    sides = b"".join(side.to_bytes(2) for side in size)
    parts = [
        _START,
        *(_segment(_TABLES, bytes([at]), _bytes(table)) for at, table in enumerate(steps)),
        _segment(_FRAME, b"\x08", sides, bytes([len(sampled)]), *sampled),
        _segment(_CODES, _codes(0x00, _MEAN_BITS, range(_SIZES))),
        _segment(_CODES, _codes(0x10, _WAVE_BITS, _WAVES)),
    ]
    for at, (kept, factor) in enumerate(zip(blocks, factors, strict=True)):
        down, across = (math.ceil(side / (factor * BLOCK)) for side in size)
        parts += [_segment(_SCAN, bytes([1, 1 + at, 0, 0, BLOCK * BLOCK - 1, 0])), _scanned(kept[:down, :across])]
    return np.asarray(Image.open(io.BytesIO(b"".join([*parts, _END])), formats=["JPEG"]))


def _bytes(table: Whole) -> bytes:
    return table.ravel()[_ZIGZAG].astype(np.uint8).tobytes()


def _segment(kind: bytes, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return kind + (len(content) + 2).to_bytes(2) + content


def _codes(which: int, bits: int, symbols: Sequence[int]) -> bytes:
    """A table in which each symbol's code is its place."""
    counts = [len(symbols) if length == bits else 0 for length in range(1, 17)]
    return bytes([which, *counts, *symbols])


def _scanned(kept: Whole) -> bytes:
    """The bits of one channel's blocks: of each its mean, then what is not 0."""
    blocks = kept.reshape(-1, BLOCK * BLOCK)[:, _ZIGZAG]
    means = np.diff(blocks[:, 0], prepend=0)
    sizes = _size(means)
    mean = np.arange(len(blocks)) * BLOCK * BLOCK, sizes << sizes | _in_bits(means, sizes), _MEAN_BITS + sizes
    words = [np.concatenate(each) for each in zip(mean, *_waves(blocks), strict=True)]
    order = np.argsort(words[0], kind="stable")
    return _packed(words[1][order], words[2][order])


def _waves(blocks: Whole) -> list[tuple[Whole, Whole, Whole]]:
    """Where words stand in blocks (blocks x 64, in zigzag), what they are, and how many bits they have.

    For sixteen zeros, for what is not 0, and where no more follows.
    """
    block, at = (each.astype(np.int32) for each in np.nonzero(blocks[:, 1:]))
    levels, place = blocks[:, 1:][block, at], block * BLOCK * BLOCK + at + 1
    zeros = place - np.maximum(np.concatenate([[0], place[:-1]]), block * BLOCK * BLOCK) - 1
    many, sizes = np.repeat(place, zeros // _MOST_RUN), _size(levels)
    symbols = len(_WAVES[:2]) + zeros % _MOST_RUN * _WAVES_SIZES + sizes - 1
    over = np.flatnonzero(blocks[:, -1] == 0) * BLOCK * BLOCK + BLOCK * BLOCK - 1
    return [
        (many, np.full_like(many, _WAVES.index(_SIXTEEN_MORE)), np.full_like(many, _WAVE_BITS)),
        (place, symbols << sizes | _in_bits(levels, sizes), _WAVE_BITS + sizes),
        (over, np.full_like(over, _WAVES.index(_OVER)), np.full_like(over, _WAVE_BITS)),
    ]


def _size(levels: Whole) -> Whole:
    """How many bits a number takes, but for its sign."""
    return np.asarray(np.frexp(np.abs(levels).astype(np.float32))[1], np.int32)


def _in_bits(levels: Whole, sizes: Whole) -> Whole:
    """As it is kept: of a negative one the bits are turned."""
    return np.asarray(np.where(levels < 0, levels + (1 << sizes) - 1, levels), np.int32)


def _packed(words: Whole, lengths: Whole) -> bytes:
    """One after the other, up to a whole byte; after a byte that begins a segment comes a 0."""
    last = np.cumsum(lengths, dtype=np.int32)
    below = np.repeat(last - 1, lengths)
    below -= np.arange(last[-1], dtype=np.int32)
    bits = np.repeat(words.astype(np.int32), lengths)
    bits >>= below
    bits &= 1
    padded = np.concatenate([bits.astype(np.uint8), np.ones(-len(bits) % 8, np.uint8)])
    return np.packbits(padded).tobytes().replace(b"\xff", b"\xff\x00")
