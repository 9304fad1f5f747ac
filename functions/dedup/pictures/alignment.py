"""Lays one picture over another: finds the slight crop or resize between them, and the tone."""

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from cv2.typing import MatLike as Picture
from numpy.typing import NDArray

from shared.media.images import Colour

_COARSE_PIXELS = 64**2
_FINE_PIXELS = 192**2
"""An affine map found at this size is right to a fiftieth of its pixels, and takes a tenth of the time of full size."""

_SAMPLE_PIXELS = 512**2
_MOST_SCALING = 0.10
_MOST_SHEAR = 0.03
_CUT = 40  # levels: what differs by more is another drawing, not a wrong place
_CLEARLY = 0.05  # levels
_MOST_REPEATED = 2.0  # times: from there on each pixel is there twice, and means are as sharp
_MOST_CUT = 0.1  # of each side
_MATCHED = 256  # pixels
_LEVELS_TOGETHER = 16
_LEAST_SHARE_OF_LEVEL = 0.002


def resized[Pixels: (Colour, Picture)](picture: Pixels, width: int, height: int) -> Pixels:
    """A picture (height x width, with or without channels) at another size."""
    if picture.shape[:2] == (height, width):
        return picture
    shrunk = height <= picture.shape[0] and width <= picture.shape[1]
    how = cv2.INTER_AREA if shrunk else cv2.INTER_LINEAR  # AREA repeats pixels where one side has to grow
    return cv2.resize(picture, (width, height), interpolation=how)  # type: ignore[return-value]


def unrepeated(picture: Colour, smaller: Colour) -> Colour | None:
    """A picture that was enlarged by repeating pixels at the size of a smaller one; None of one that hardly was.

    Whoever repeats pixels here and there makes strokes of two widths: a mean blurs each otherwise.
    """
    height, width = smaller.shape[:2]
    factors = picture.shape[0] / height, picture.shape[1] / width
    if min(factors) <= 1 or max(factors) >= _MOST_REPEATED:
        return None
    own = cv2.resize(picture, (width, height), interpolation=cv2.INTER_NEAREST_EXACT)
    apart, apart_in_mean = (float(cv2.absdiff(smaller, each).mean()) for each in (own, resized(picture, width, height)))
    return own.astype(np.uint8) if apart < apart_in_mean else None


def found(template: Picture, picture: Picture, *, precisely: bool = False) -> Picture | None:
    """The affine map from the template's pixels to the picture's, both grey and of one size.

    None where there is none that a resize or a slight crop explains. It is looked for at full size if it is to be found
    `precisely`.
    """
    height, width = template.shape
    placed: Picture = np.eye(2, 3, dtype=np.float32)
    at = (width, height)
    fine = (height * width, 50) if precisely else (_FINE_PIXELS, 20)
    for pixels, iterations in ((_COARSE_PIXELS, 40), fine):
        size = reduced(width, height, pixels)
        one, other = (np.asarray(resized(each, *size), np.float32) for each in (template, picture))
        better = _ecc(one, other, _scaled(placed, (size[0] / at[0], size[1] / at[1])), iterations)
        if better is None:
            return None
        placed, at = better, size
    return _scaled(placed, (width / at[0], height / at[1])) if _plausible(placed) else None


@dataclass(frozen=True, eq=False)
class Placed:
    """Two colour pictures of one size, laid over each other.

    Attributes:
        onto: the affine map from the first one's pixels to the second's.
        apart: how badly they lie over each other: the mean difference, in levels, large ones cut.
        small: both, laid over each other, at a size at which looking at them is cheap.
    """

    onto: Picture
    apart: float
    small: tuple[Colour, Colour]

    @property
    def as_it_is(self) -> bool:
        """Whether the second lies on the first without being moved."""
        return np.array_equal(self.onto, np.eye(2, 3))


def best(template: Colour, picture: Colour) -> Placed:
    """The map by which two colour pictures of one size lie best over each other: mostly they do as they are."""
    height, width = template.shape[:2]
    size = reduced(width, height, _SAMPLE_PIXELS)
    small, small_picture = resized(template, *size), resized(picture, *size)
    as_it_is = _placed(small, small_picture, np.eye(2, 3, dtype=np.float32))
    found_map = found(*(cv2.cvtColor(each, cv2.COLOR_RGB2GRAY) for each in (small, small_picture)))
    if found_map is None:
        return as_it_is
    moved = _placed(small, small_picture, found_map)
    if moved.apart > as_it_is.apart - _CLEARLY:
        return as_it_is
    return replace(moved, onto=_scaled(found_map, (width / size[0], height / size[1])))


def cut_out(part: Colour, whole: Colour) -> Colour | None:
    """The part of a picture that another was cut out of, to the pixel; None where that is as large, or far smaller."""
    place = place_in(part, whole)
    return None if place is None else whole[place]


def place_in(part: Colour, whole: Colour) -> tuple[slice, slice] | None:
    """Rows and columns of a picture that another was cut out of; None where that is as large, or far smaller.

    It is looked for where most is drawn: a crop of a few percent, or a border, moves all by as much.
    """
    height, width = part.shape[:2]
    down, across = whole.shape[0] - height, whole.shape[1] - width
    if min(down, across) < 0 or not 0 < max(down / height, across / width) <= _MOST_CUT:
        return None
    grey, grey_whole = (cv2.cvtColor(each, cv2.COLOR_RGB2GRAY) for each in (part, whole))
    tall, wide = min(height, _MATCHED), min(width, _MATCHED)
    top, left = _most_drawn(grey, tall, wide)
    within = grey_whole[top : top + tall + down, left : left + wide + across]
    likeness = cv2.matchTemplate(within, grey[top : top + tall, left : left + wide], cv2.TM_CCOEFF_NORMED)
    _, _, _, (x, y) = cv2.minMaxLoc(likeness)
    return slice(y, y + height), slice(x, x + width)


def _most_drawn(grey: Picture, tall: int, wide: int) -> tuple[int, int]:
    """Top and left of that of a few windows which has the most contrast."""
    height, width = grey.shape
    tops, lefts = (sorted({0, (side - part) // 2, side - part}) for side, part in ((height, tall), (width, wide)))
    windows = [(float(grey[top : top + tall, left : left + wide].std()), top, left) for top in tops for left in lefts]
    _, top, left = max(windows)
    return top, left


def _placed(template: Colour, picture: Colour, onto: Picture) -> Placed:
    given, shown = warped(picture, onto, 0, template.shape[0], template.shape[1])
    apart = np.minimum(_CUT, np.abs(template.astype(np.int16) - given))[shown]
    return Placed(onto, float(apart.mean()) if apart.size else math.inf, (template, given))


def warped(picture: Colour, onto: Picture, first: int, last: int, width: int) -> tuple[Colour, NDArray[np.bool_]]:
    """Rows `first` to `last` of a picture laid over another, and which of their pixels it shows."""
    if np.array_equal(onto, np.eye(2, 3)):
        return picture[first:last], np.ones((last - first, width), bool)
    band = np.array(onto, np.float32)
    band[:, 2] += band[:, 1] * first
    size, how = (width, last - first), cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    sharply = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    given = np.asarray(cv2.warpAffine(picture, band, size, flags=sharply, borderMode=cv2.BORDER_REPLICATE), np.uint8)
    everywhere = np.ones(picture.shape[:2], np.float32)
    return given, np.asarray(cv2.warpAffine(everywhere, band, size, flags=how) > 0.999)


def tone(wanted: Picture, given: Picture, gains: tuple[float, float] = (0.7, 1.4)) -> tuple[float, float]:
    """Gain and offset that bring `given` to the tone of `wanted`, fitted to where they agree best.

    The gain stays between the two of `gains`.

    It is fitted to levels, not to pixels: however large a plain background is, it tells of one level only.
    """
    levels, medians, counts = _medians_by_level(wanted, given)
    if levels.size < 2 or np.ptp(levels) < _LEVELS_TOGETHER:
        return 1.0, float(np.median(wanted - given)) if wanted.size else 0.0
    gain, offset, weight = 1.0, 0.0, np.sqrt(counts)
    for _ in range(5):
        gain = float(np.clip(np.polyfit(levels, medians, 1, w=np.sqrt(weight))[0], *gains))
        offset = float(np.average(medians - gain * levels, weights=weight))
        weight = np.sqrt(counts) / np.maximum(1.0, np.abs(medians - gain * levels - offset))
    return gain, offset


def reduced(width: int, height: int, pixels: int) -> tuple[int, int]:
    """Width and height of a picture reduced to about so many pixels; never enlarged, save for thin ones."""
    scale = min(1.0, math.sqrt(pixels / (width * height)))
    return max(16, round(width * scale)), max(16, round(height * scale))


def _ecc(template: Picture, picture: Picture, start: Picture, iterations: int) -> Picture | None:
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, iterations, 1e-5)
    try:
        everything = np.full(picture.shape, 255, np.uint8)
        _, placed = cv2.findTransformECC(template, picture, start, cv2.MOTION_AFFINE, criteria, everything, 5)
    except cv2.error:  # its only way to say that it does not converge
        return None
    return placed


def composed(onto: Picture, factors: tuple[float, float]) -> Picture:
    """The map from a template onto a picture, as one onto that picture `factors` (x, y) times as large."""
    factor = np.array(factors)
    turned, moved = factor[:, None] * onto[:, :2], factor * (onto[:, 2] + 0.5) - 0.5
    return np.column_stack([turned, moved]).astype(np.float32)


def _scaled(placed: Picture, factors: tuple[float, float]) -> Picture:
    """The same map between pictures `factors` (x, y) times larger; a pixel's coordinates are its centre's."""
    factor, half = np.array(factors), np.full(2, 0.5)
    turned = placed[:, :2] * (factor[:, None] / factor[None, :])
    moved = factor * (placed[:, 2] + half - placed[:, :2] @ half) + turned @ half - half
    return np.column_stack([turned, moved]).astype(np.float32)


def _plausible(placed: Picture) -> bool:
    """Whether a resize or a slight crop explains the map."""
    scaling = np.abs(np.diag(placed[:, :2]) - 1).max()
    shear = max(abs(placed[0, 1]), abs(placed[1, 0]))
    return bool(scaling <= _MOST_SCALING and shear <= _MOST_SHEAR)


def _medians_by_level(wanted: Picture, given: Picture) -> tuple[Picture, Picture, Picture]:
    """The levels that `given` has enough of, what `wanted` has there, and how many pixels tell so."""
    wanted, given = wanted.ravel(), given.ravel()
    bins = np.clip(given // _LEVELS_TOGETHER, 0, 255 // _LEVELS_TOGETHER).astype(np.uint8)
    least = max(20, _LEAST_SHARE_OF_LEVEL * given.size)
    by_level = np.split(np.argsort(bins, kind="stable"), np.cumsum(np.bincount(bins))[:-1])
    rows = [(np.median(given[some]), np.median(wanted[some]), some.size) for some in by_level if some.size >= least]
    levels, medians, counts = np.array(rows, np.float64).reshape(-1, 3).T
    return levels, medians, counts
