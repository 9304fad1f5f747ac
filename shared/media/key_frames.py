"""Some key frames of a large video, spread over all of it: its index leads to them, what lies between is not read.

They are enough to look for what may be a copy, never to call it one: what is shown between two of them is not seen.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

from shared.media.picture_stream import Indexed, PictureStream, Shown
from shared.media.ranged_file import RangedFile

INDEXED = frozenset({"mov", "matroska", "avi"})
"""Demuxers of files that have an index; in others a time is found by reading about."""

FEWEST = 8
"""Key frames: of two seconds and more of a video that is looked at whole, the gate has as many hashes."""

MOST = 64
MOST_BYTES = 5 * 10**6
"""Read of one file in all, its index included, once there are enough of them."""

_BEYOND_BYTES = 64 * 2**10  # a demuxer reads on a little, and so a frame costs more than its size
_UNKNOWN_BYTES = 768 * 2**10  # two blocks, where the index does not say how large a frame is
_ALL_BUT_S = 1.0


def indexed(stream: PictureStream, duration_s: float) -> list[Indexed]:
    """What the index of an open file says of all its frames; nothing where it does not lead all through the file."""
    stream.seek(duration_s / 2)  # some demuxers do not read an index before it is needed
    frames = stream.index()
    if sum(frame.is_key for frame in frames) <= FEWEST:
        return []
    reached = frames[-1].seconds + max(_gaps(frames))
    return frames if reached >= duration_s - _ALL_BUT_S else []


def reached(frames: Sequence[Indexed], size: int) -> float:
    """Up to which second the frames of an index lie in a file of `size` bytes."""
    there = [frame for frame in frames if frame.start + frame.size <= size]
    return there[-1].seconds + max(_gaps(frames)) if there else 0.0


def looked_at(stream: PictureStream, file: RangedFile, frames: Sequence[Indexed]) -> Iterator[Shown]:
    """Key frames of an index, the first one first, then always where most of the video has not been seen."""
    for count, (key, after) in enumerate(islice(_spread(_keys(frames)), MOST)):
        cost = key.size + _BEYOND_BYTES if key.size else _UNKNOWN_BYTES
        if count >= FEWEST and file.fetched_bytes + cost > MOST_BYTES:
            return
        if key.size:
            file.expect(key.start, cost)
        if shown := stream.key_frame((key.ticks + after.ticks) // 2):  # it is shown later than it is decoded
            yield shown


def _keys(frames: Sequence[Indexed]) -> list[tuple[Indexed, Indexed]]:
    """The key frames, each with the next one: the last of an index with sizes with the last frame, else it is left out.

    Matroska reads to the end of the file for it.
    """
    keys = [frame for frame in frames if frame.is_key]
    return [*pairwise(keys), *([(keys[-1], frames[-1])] if keys[-1].size else [])]


def _spread(keys: Sequence[tuple[Indexed, Indexed]]) -> Iterator[tuple[Indexed, Indexed]]:
    """Each of the key frames, by halves: the first, the last, that in the middle, those in the middle between these."""
    seconds = [key.seconds for key, _ in keys]
    passed: set[int] = set()
    for share in _halves(4 * len(keys)):
        at = min(bisect_left(seconds, share * seconds[-1]), len(keys) - 1)
        if at not in passed:
            passed.add(at)
            yield keys[at]


def _halves(count: int) -> Iterator[float]:
    """0, 1, 1/2, 1/4, 3/4, 1/8, 3/8 …"""
    yield from (0.0, 1.0)
    parts = 2
    while parts <= count:
        yield from (odd / parts for odd in range(1, parts, 2))
        parts *= 2


def _gaps(frames: Sequence[Indexed]) -> list[float]:
    return [after.seconds - before.seconds for before, after in pairwise(frames)]
