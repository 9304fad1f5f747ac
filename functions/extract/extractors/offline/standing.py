"""What stands still in a video that moves: words that are shown for half a second over footage.

A cut, or a word that appears where nothing else changes, is seen by how much changes (video.py). Where everything moves
nothing tells the frame in which words appear, but they alone keep their edges in their places from then on. Captions
follow each other in one place: edges are where there were some before, but not of the same pixels.
"""

import math
from collections import deque
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from shared.media.ocr import Line

if TYPE_CHECKING:
    from PIL import Image

STANDS_S = 0.3
"""Seconds for which an edge is in its place: of words that are shown for half a second, and looked at ten times a
second, between a fade in and one out."""

_EDGE_LEVELS = 48  # from the lightest to the darkest of 3 x 3 pixels
# By no more do pixels differ that stand, from their darkest to their lightest: an encoder's errors, and what moves
# behind half of a letter's edge. Of 51 captions of six phone films, which follow each other in one place, none is
# missed at 20 to 48 levels, of 108 of twelve other films one at 32; eleven and 18 while edges were enough.
_SAME_LEVELS = 32
_KEPT = 0.6  # of the pixels of a cell that stand within _BESIDE spans: other words there have some in common
_BESIDE = 4  # as many as a change of words lies in, and one
_ROUNDED_S = 0.0005  # what frames' times are apart in floats
_CELL = 4  # pixels: a letter has one or two
_FEWEST = 12  # cells beside each other: a price of a tenth of the picture's height has 20 and more
_MOST_LOOKS = 12

# How alike a place is a quarter of a second later, as a correlation: with words in Hebrew or Arabic over what moves .74
# to .97, roofs that pass by 60 pixels a second -.4 to .3, and by 8 pixels .6 to .84 (30 November 2026).
_STANDS = 0.5

type _Pixels = NDArray[np.uint8]
type _Cells = NDArray[np.bool_]


class Standing:
    """Takes note, sample by sample, of where edges have stood, and looked the same, for `STANDS_S`."""

    def __init__(self) -> None:
        self._samples = deque[tuple[float, _Pixels, _Pixels]]()
        self._spans: list[tuple[float, float]] = []
        self._counts: list[NDArray[np.uint8]] = []

    def passing(self, second: float, pixels: _Pixels) -> None:
        """The next sample (height x width x 3)."""
        grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
        edges = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
        self._samples.append((second, np.asarray(grey, np.uint8), np.asarray(edges, np.uint8)))
        while len(self._samples) > 1 and self._samples[1][0] <= second - STANDS_S + _ROUNDED_S:
            self._samples.popleft()
        since = self._samples[0][0]
        if second - since >= STANDS_S - _ROUNDED_S:
            _, greys, edged = zip(*self._samples, strict=True)
            stand = np.maximum.reduce(greys) - np.minimum.reduce(greys) <= _SAME_LEVELS
            self._spans.append((since, second))
            self._counts.append(_counted(stand & (np.minimum.reduce(edged) >= _EDGE_LEVELS)))

    def unseen(self, looks: Iterable[float], fades: Sequence[tuple[float, float]] = ()) -> list[float]:
        """The seconds at which to look in addition, those at which most stands that no look sees first.

        Args:
            looks: what is looked at anyhow.
            fades: from when to when a picture fades into another: what stands then is of neither.
        """
        if not self._counts:
            return []
        waiting = _stood(np.stack(self._counts))
        fading = [any(begin < (start + end) / 2 < until for begin, until in fades) for start, end in self._spans]
        stood = waiting.copy()
        for second in looks:
            self._take_off(waiting, stood, second)
        found: list[float] = []
        while len(found) < _MOST_LOOKS:
            counts = np.array([0 if mixed else _largest(cells) for cells, mixed in zip(waiting, fading, strict=True)])
            if counts.max() < _FEWEST:
                break
            alike = np.flatnonzero(counts == counts.max())
            start, end = self._spans[int(alike[alike.size // 2])]
            found.append((start + end) / 2)
            self._take_off(waiting, stood, found[-1])
        return found

    def _take_off(self, waiting: _Cells, stood: _Cells, second: float) -> None:
        """What a look sees: all that stands then, for as long as it stands before and after."""
        for at in (number for number, (start, end) in enumerate(self._spans) if start <= second <= end):
            for way in (range(at, len(stood)), range(at - 1, -1, -1)):
                seen = stood[at]
                for number in way:
                    seen = seen & stood[number]
                    if not seen.any():
                        break
                    waiting[number] &= ~seen


def share(lines: Sequence[Line], one: "Image.Image", other: "Image.Image") -> float:
    """How much of the places of some lines, 0 to 1, looks the same in two pictures of one size; 1 where there are none.

    Of words over what moves that is all; of textures that look like words, and move, little.
    """
    planes = [np.asarray(picture.convert("L"), np.float32) for picture in (one, other)]
    areas = [line.width * line.height for line in lines]
    stand = [
        area
        for line, area in zip(lines, areas, strict=True)
        if _likeness(*(_place(each, line) for each in planes)) >= _STANDS
    ]
    return sum(stand) / sum(areas) if sum(areas) else 1.0


def _place(plane: NDArray[np.float32], line: Line) -> NDArray[np.float32]:
    top, left = max(0, int(line.top)), max(0, int(line.left))
    return plane[top : max(top, int(line.bottom)) + 1, left : max(left, int(line.right)) + 1]


def _likeness(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """The correlation of two places, -1 to 1; plain ones are alike."""
    here, there = one - one.mean(), other - other.mean()
    energies = float(np.square(here).sum() * np.square(there).sum())
    return float((here * there).sum()) / math.sqrt(energies) if energies else 1.0


def _largest(cells: _Cells) -> int:
    """How many of these cells are beside each other, as those of a line of words are."""
    if np.count_nonzero(cells) < _FEWEST:
        return 0
    joined = cv2.dilate(cells.astype(np.uint8), np.ones((1, 3), np.uint8))
    _, labels = cv2.connectedComponents(joined)
    return int(np.bincount(labels[cells].astype(np.int64)).max())


def _counted(pixels: _Cells) -> NDArray[np.uint8]:
    """How many pixels of each cell are set."""
    height, width = (max(_CELL, side // _CELL * _CELL) for side in pixels.shape)
    beside = [(0, max(0, least - side)) for least, side in zip((height, width), pixels.shape, strict=True)]
    cells = np.pad(pixels, beside)[:height, :width].reshape(height // _CELL, _CELL, width // _CELL, _CELL)
    return np.asarray(cells.sum(axis=(1, 3)), np.uint8)


def _stood(counts: NDArray[np.uint8]) -> _Cells:
    """Whether a cell (span by span) stands: most does of what stands in it around then, by `counts` of pixels."""
    around = counts.copy()
    for late in range(1, min(_BESIDE, len(counts) - 1) + 1):
        around[late:] = np.maximum(around[late:], counts[:-late])
        around[:-late] = np.maximum(around[:-late], counts[late:])
    return (counts > 0) & (counts >= _KEPT * around)
