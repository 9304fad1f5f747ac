"""What stands still in a video that moves: words that are shown for half a second over footage.

A cut, or a word that appears where nothing else changes, is seen by how much changes (video.py). Where everything moves
nothing tells the frame in which words appear, but they alone keep their edges in their places from then on.
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
_CELL = 4  # pixels: a letter has one or two
_FEWEST = 12  # cells beside each other: a price of a tenth of the picture's height has 20 and more
_MOST_LOOKS = 12

# How alike a place is a quarter of a second later, as a correlation: with words in Hebrew or Arabic over what moves .74
# to .97, roofs that pass by 60 pixels a second -.4 to .3, and by 8 pixels .6 to .84 (30 November 2026).
_STANDS = 0.5

type _Pixels = NDArray[np.uint8]
type _Cells = NDArray[np.bool_]


class Standing:
    """Takes note, sample by sample, of where edges have stood for `STANDS_S`."""

    def __init__(self) -> None:
        self._edges = deque[tuple[float, _Pixels]]()
        self._spans: list[tuple[float, float]] = []
        self._cells: list[_Cells] = []

    def passing(self, second: float, pixels: _Pixels) -> None:
        """The next sample (height x width x 3)."""
        grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
        edges = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
        self._edges.append((second, np.asarray(edges, np.uint8)))
        while len(self._edges) > 1 and self._edges[1][0] <= second - STANDS_S:
            self._edges.popleft()
        since = self._edges[0][0]
        if second - since >= STANDS_S:
            stood = np.minimum.reduce([each for _, each in self._edges])
            self._spans.append((since, second))
            self._cells.append(_celled(stood) >= _EDGE_LEVELS)

    def unseen(self, looks: Iterable[float], fades: Sequence[tuple[float, float]] = ()) -> list[float]:
        """The seconds at which to look in addition, those at which most stands that no look sees first.

        Args:
            looks: what is looked at anyhow.
            fades: from when to when a picture fades into another: what stands then is of neither.
        """
        if not self._cells:
            return []
        waiting = np.stack(self._cells)
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


def _celled(edges: _Pixels) -> _Pixels:
    """The strongest edge in each cell."""
    height, width = (max(_CELL, side // _CELL * _CELL) for side in edges.shape)
    beside = [(0, max(0, least - side)) for least, side in zip((height, width), edges.shape, strict=True)]
    cells = np.pad(edges, beside)[:height, :width].reshape(height // _CELL, _CELL, width // _CELL, _CELL)
    return np.asarray(cells.max(axis=(1, 3)), np.uint8)
