"""Interlaced frames: two moments woven into one picture, line by line; where something moved, one of them is left.

Television and its masters are saved so. What is made of them for the web is not, and shows no combs where things move.
"""

from typing import Any

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

_COMB_LEVELS = 12  # by which a line lies beyond both lines around it, more than those differ from each other
_COMB_LINES = 4  # of one moment, one below the other: strokes of letters are thinner
# Of the points looked at. Progressive clips of six packages, grain and all, have .0007 at most; clips woven of 50 or 60
# moments a second, by three encoders, where something moves .0010 to .8.
_COMBED_SHARE = 0.001
_EVERY = 4  # columns


def unwoven(frame: VideoFrame) -> VideoFrame:
    """The frame; one that says it is interlaced, and is combed, with what its upper field shows alone.

    A line of the other one is kept where it lies between those around it, as it does where nothing moves.
    """
    if not frame.interlaced_frame or not _has_planes(frame) or not _combed(frame):
        return frame
    frame.make_writable()  # the decoder predicts others from it
    for lines in _planes(frame):
        count = (len(lines) - 1) // 2
        above, below = lines[0 : 2 * count : 2], lines[2 : 2 * count + 1 : 2]
        line = lines[1 : 2 * count : 2]
        line[:] = np.clip(line, np.minimum(above, below), np.maximum(above, below))
        if len(lines) % 2 == 0:
            lines[-1] = lines[-2]
    return frame


def _has_planes(frame: VideoFrame) -> bool:
    """Whether it is kept as television is: luma and colours apart, and as this machine has its numbers."""
    return frame.format.name.startswith("yuv") and not frame.format.is_big_endian


def _combed(frame: VideoFrame) -> bool:
    lines = _planes(frame)[0][:, : frame.width : _EVERY].astype(np.int32)
    count = (len(lines) - 1) // 2
    if count < _COMB_LINES:
        return False
    above, line, below = lines[0 : 2 * count : 2], lines[1 : 2 * count : 2], lines[2 : 2 * count + 1 : 2]
    levels = _COMB_LEVELS << (_bits(frame) - 8)
    beyond = np.abs(2 * line - above - below) - np.abs(above - below) > 2 * levels
    runs = np.logical_and.reduce([beyond[at : count - _COMB_LINES + 1 + at] for at in range(_COMB_LINES)])
    return float(runs.mean()) > _COMBED_SHARE


def _planes(frame: VideoFrame) -> list[NDArray[Any]]:
    """The lines of each plane, as they lie in memory."""
    kind = np.uint16 if _bits(frame) > 8 else np.uint8
    return [np.frombuffer(plane, kind).reshape(plane.height, -1) for plane in frame.planes]


def _bits(frame: VideoFrame) -> int:
    return frame.format.components[0].bits
