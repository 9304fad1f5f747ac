"""Was a letter exchanged in a line of words that have colour alone?

Formats keep little of colours: of small words in colour alone they lose as much as an exchanged letter is. But they do
much the same to all letters of a line: its ink becomes softer and paler by one measure. What differs beside that is
held against the rest of the line, which was saved with it: a letter that was exchanged stands out.

A line is what has contrast in colour and none in luma around it, wider than high. Photographs hardly have any.

Where what is lost is as much beside the ink as the least exchange of a letter, nothing stands out, whatever was
exchanged: it is said that they may hide a letter.
"""

import operator
from dataclasses import dataclass, replace
from functools import reduce
from itertools import product

import cv2
import numpy as np
from cv2.typing import MatLike as Plane
from numpy.typing import NDArray

from functions.dedup.pictures.residuals import deviation

type Colours = tuple[Plane, Plane]
"""Cr and Cb of a picture (height x width, levels), at half its size."""

MOST_OF_USUAL = 4.4
"""Times what most places of a line differ by, squared, that a letter's place does at most in a copy.

Of 946 copies, 489 of them of ads with such lines, none has more than 4.3. Of 50 pairs with another
letter, ten or more apart (CIEDE2000) in both files, that passed for copies before 14 have 4.5 to 13.5.
"""

_LEAST_SHARE = 0.16
"""Of its line's ink, what a letter differs by that is another one; less is how an edge lies."""

HIDING, HIDING_PER_ROW = 0.12, 0.017
"""Of a line's ink, the share by which a letter may differ and not stand out, from which on it may be another one: so
much at least, and so much for each row at half the size.

A 6 in place of an 8 is one stroke. Drawn in seven typefaces and softened it leaves 0.13 at least of letters of 7 rows,
0.22 of 12, 0.27 of 15 and 0.38 of 22; of words of 12 to 24 pixels in copies of two thirds and three quarters 0.11 to
0.16.
"""

WRITTEN = 0.17, 0.75
"""Of all ink, what is not alike along its row: words have 0.24 to 0.59, of 9 to 12 pixels in a coarse AVIF 0.17 to 0.3;
an edge has 0.12 at most, a patch 0.8 and more.
"""

HIDING_FROM, HIDING_IN_LIGHT = (4.0, 8.0, 16.0), (4.0, 6.0)
"""Levels of contrast in colour from which on, and in luma up to which, what is in one piece may be a line in which a
letter hides (`Found.may_hide`): of faint colours on a plate a line runs into its edge, and luma tells as little of
words that have a trace of it.

Of 111 AVIFs with other words that passed for copies and that a person reads, 9 to 22 pixels high and as coarse as
programs save them, a letter hides in 84, and in 62 by the lines that tell; of 59 copies of ads over photographs in
five, all of them strips, and in two.
"""

_LEAST_COLOUR, _MOST_LIGHT = 4.0, 4.0  # levels of contrast
_LEAST_INK = 3.0  # levels
_STROKE, _GAP = 5, 9  # pixels
_SMOOTH, _ALONG_STROKES = 0.7, 1.0  # pixels
_LEAST_ROWS, _MOST_ROWS = 5, 30
_LEAST_WIDE, _LEAST_FILLED = 2.5, 0.5  # times its height, and of its box
_SOME_WIDTH = 20  # pixels
_BESIDE = 1  # pixels
_REACH = 4  # rows: contrast is seen beyond a stroke
_LETTER = 0.85  # of a line's height
_SOFTER = 0.0, 0.6, 1.0, 1.5, 2.0  # pixels
_INKED, _MOSTLY = 0.25, 0.8
_LEAST_USUAL = 0.1  # levels, squared


@dataclass(frozen=True)
class Found:
    """What lines of words in colour alone tell of two pictures.

    Attributes:
        beyond: how far a letter stands out at most, as a share of what it may in a copy.
        hiding: whether a letter may have been exchanged in one, and not stand out.
        may_hide: the same of one, or of what may be one.
    """

    beyond: float = 0.0
    hiding: bool = False
    may_hide: bool = False

    def __or__(self, other: "Found") -> "Found":
        hiding = self.hiding or other.hiding
        return Found(max(self.beyond, other.beyond), hiding, hiding or self.may_hide or other.may_hide)


@dataclass(frozen=True, eq=False)
class Box:
    """A place, by its first column and row, and which of its pixels (height x width) have colour alone."""

    left: int
    top: int
    filled: Plane

    @property
    def middle(self) -> int:
        """Its row."""
        return int(self.top + self.filled.shape[0] // 2)


def found(
    one: Colours,
    other: Colours,
    light: Plane,
    shown: NDArray[np.bool_],
    *,
    resized: bool = False,
    own: slice = slice(None),
) -> Found:
    """What all lines of two pictures tell.

    Args:
        one: the colours of a picture.
        other: those of another one that lies over it.
        light: the contrast in luma around each pixel, of the picture that has more.
        shown: where both are seen.
        resized: whether one of them was, so that words run into what is beside them: what may be a line may hide a
            letter, but tells nothing.
        own: the rows in which the middle of a line lies that is asked.
    """
    smooth = _smoothed(one, _ALONG_STROKES), _smoothed(other, _ALONG_STROKES)

    def told(box: Box) -> Found:
        place = _around(box)
        return _told(*(np.dstack([plane[place] for plane in each]) for each in smooth))

    lines, parts, faint = (
        [box for box in boxes if box.middle in range(*own.indices(len(shown))) and _is_line(box)]
        for boxes in _lines(one, other, light, shown, resized=resized)
    )
    hidden = [replace(told(part), beyond=0.0) for part in parts]
    may_hide = Found(may_hide=any(told(box).hiding for box in faint))
    return reduce(operator.or_, [*map(told, lines), *hidden], may_hide)


def _lines(
    one: Colours, other: Colours, light: Plane, shown: NDArray[np.bool_], *, resized: bool
) -> tuple[list[Box], list[Box], list[Box]]:
    """What may be a line, where a picture was resized parts of other places, and what may be one in some light."""
    smooth = _smoothed(one, _SMOOTH), _smoothed(other, _SMOOTH)
    contrast = np.maximum(*(np.hypot(*(deviation(plane, _STROKE) for plane in colours)) for colours in smooth))
    boxes = _boxes(contrast, light, shown, _LEAST_COLOUR, _MOST_LIGHT)
    parts = [_fullest_rows(box) for box in boxes if not _is_line(box)] if resized else []
    limits = product(HIDING_FROM, HIDING_IN_LIGHT)
    return boxes, parts, [box for each in limits for box in _boxes(contrast, light, shown, *each)]


def _smoothed(colours: Colours, pixels: float) -> Colours:
    red, blue = (cv2.GaussianBlur(plane, (0, 0), pixels) for plane in colours)
    return red, blue


def _boxes(contrast: Plane, light: Plane, shown: NDArray[np.bool_], least: float, most: float) -> list[Box]:
    """What has so much contrast in colour at least, and in luma at most, in one piece."""
    alone = shown & (contrast >= least) & (light <= np.minimum(contrast, most))
    joined = cv2.morphologyEx(alone.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, _GAP), np.uint8))
    _, _, boxes, _ = cv2.connectedComponentsWithStats(joined, connectivity=4)
    return [
        Box(left, top, joined[top : top + height, left : left + width])
        for left, top, width, height, _ in boxes[1:].tolist()
        if height >= _LEAST_ROWS
    ]


def _is_line(box: Box) -> bool:
    height, width = box.filled.shape
    is_long = _LEAST_ROWS <= height <= _MOST_ROWS and width >= _least_wide(height)
    return is_long and bool(np.count_nonzero(box.filled) >= _LEAST_FILLED * width * height)


def _fullest_rows(box: Box) -> Box:
    """The most rows in a row that are half as full as the fullest: the edge of a plate goes on beside its words."""
    counts = np.count_nonzero(box.filled, axis=1)
    ends = np.flatnonzero(np.diff(np.concatenate([[0], (2 * counts >= counts.max()).astype(int), [0]])))
    first, last = max(zip(ends[::2].tolist(), ends[1::2].tolist(), strict=True), key=lambda rows: rows[1] - rows[0])
    columns = np.flatnonzero(box.filled[first:last].any(axis=0))
    left, right = int(columns[0]), int(columns[-1]) + 1
    return Box(box.left + left, box.top + first, box.filled[first:last, left:right])


def _around(box: Box) -> tuple[slice, slice]:
    """Its rows and columns, and those beside."""
    height, width = box.filled.shape
    rows, columns = (
        slice(max(0, at - _BESIDE), at + size + _BESIDE) for at, size in ((box.top, height), (box.left, width))
    )
    return rows, columns


def _least_wide(rows: int) -> float:
    """Of a line, in pixels: of one that has some width, what is seen beyond its strokes counts neither way."""
    return min(_LEAST_WIDE * rows, max(_SOME_WIDTH, _LEAST_WIDE * (rows - _REACH) + _REACH))


def _told(one: Plane, other: Plane) -> Found:
    """What a line (height x width x 2) tells: nothing where no ink is, or where it is that of an edge.

    What differs by too little of the ink does not stand out.
    """
    height = one.shape[0] - 2 * _BESIDE - _REACH
    inks = _inks(one, other)
    differing, ink = _beside_softening(*inks)
    letter = max(3, round(_LETTER * height) | 1)
    apart, drawn = (
        np.convolve(np.square(each).mean(axis=0), np.ones(letter) / letter, "same") for each in (differing, ink)
    )
    usual_ink = float(np.quantile(drawn, _MOSTLY))
    inked = drawn > _INKED * usual_ink
    if usual_ink < _LEAST_INK**2 or np.count_nonzero(inked) < 2 * letter or not all(map(_is_written, inks)):
        return Found()
    most, allowed = float(apart[inked].max()), MOST_OF_USUAL * (float(np.median(apart[inked])) + _LEAST_USUAL)
    unseen = np.sqrt(max(allowed, most) / usual_ink)
    return Found(
        beyond=most / allowed if most >= _LEAST_SHARE**2 * usual_ink else 0.0,
        hiding=bool(unseen >= max(HIDING, HIDING_PER_ROW * height)),
    )


def _is_written(ink: Plane) -> bool:
    """Whether strokes and gaps follow each other, as along an edge or over a patch they do not."""
    along = ink - ink.mean(axis=1, keepdims=True)
    return bool(WRITTEN[0] <= np.square(along).sum() / (np.square(ink).sum() + 1e-6) <= WRITTEN[1])


def _inks(one: Plane, other: Plane) -> tuple[Plane, Plane]:
    """How far each place is from the ground of its line, in the one direction that most differs in: towards the ink."""
    ink, other_ink = (each - np.median(each.reshape(-1, 2), axis=0) for each in (one, other))
    both = np.concatenate([ink.reshape(-1, 2), other_ink.reshape(-1, 2)]).astype(np.float64)
    towards = np.linalg.eigh(both.T @ both)[1][:, -1].astype(np.float32)
    return ink @ towards, other_ink @ towards


def _beside_softening(one: Plane, other: Plane) -> tuple[Plane, Plane]:
    """What differs beside the softening and paling of one of both that explains most, and the ink it is left of."""
    ways = [
        _left(cv2.GaussianBlur(drawn, (0, 0), pixels) if pixels else drawn, wanted)
        for pixels in _SOFTER
        for drawn, wanted in ((one, other), (other, one))
    ]
    return min(ways, key=lambda way: float(np.square(way[0]).sum()) / (float(np.square(way[1]).sum()) + 1e-6))


def _left(drawn: Plane, wanted: Plane) -> tuple[Plane, Plane]:
    """What differs where one has the ink that fits the other's best, and the other's."""
    paled = float((drawn * wanted).sum()) / (float(np.square(drawn).sum()) + 1e-6)
    return wanted - paled * drawn, wanted
