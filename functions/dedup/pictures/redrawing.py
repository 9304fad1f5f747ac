"""Is something else drawn where two pictures differ, or is the same drawn in other tones?

A palette of few colours flattens what is rare, brightening loses what is near white, sharpening exaggerates: the levels
of a place change, its shapes do not. So around every spot that differs, the levels of one picture are fitted to those
of the other by a curve that never falls. What no such curve explains has been drawn anew: another digit, another word.
"""

from collections.abc import Iterator

import cv2
import numpy as np
from cv2.typing import MatLike as Picture

type Place = tuple[slice, slice]

MOST_REDRAWN = 6.8
"""Grey levels that no curve explains: nineteen of twenty palette copies stay below; a changed digit starts at 7.4."""

LEAST_CORRELATION = 0.9
"""Of a place in both pictures: where next to nothing is drawn, a curve explains everything."""

_SURROUNDINGS = 8  # pixels on each side: a place needs levels to fit a curve to
_STEP = 2  # grey levels


def is_redrawn(one: Picture, other: Picture, residuals: Picture, tolerated: Picture, *, beyond: float) -> bool:
    """Whether at any spot with `residuals` beyond a level the pictures show other shapes.

    All four are of one size (height x width, grey levels), the pictures laid over each other; `tolerated` is how much
    they may differ at each pixel in any case.
    """
    return any(
        _other_shapes(one[place], other[place], tolerated[place]) for place in _differing_places(residuals, beyond)
    )


def _differing_places(residuals: Picture, beyond: float) -> Iterator[Place]:
    """The spots with residuals beyond a level, each with its surroundings."""
    count, labels, boxes, _ = cv2.connectedComponentsWithStats((residuals > beyond / 2).astype(np.uint8))
    for spot in range(1, count):
        left, top, width, height, _ = boxes[spot].tolist()
        box = np.s_[top : top + height, left : left + width]
        if residuals[box][labels[box] == spot].max() > beyond:
            around = max(_SURROUNDINGS, width // 2, height // 2)
            yield np.s_[max(0, top - around) : top + height + around, max(0, left - around) : left + width + around]


def _other_shapes(one: Picture, other: Picture, tolerated: Picture) -> bool:
    if np.ptp(one) == 0 or np.ptp(other) == 0 or np.corrcoef(one.ravel(), other.ravel())[0, 1] < LEAST_CORRELATION:
        return True
    return min(_unexplained(one, other, tolerated), _unexplained(other, one, tolerated)) > MOST_REDRAWN


def _unexplained(given: Picture, wanted: Picture, tolerated: Picture) -> float:
    """The most that is left of `wanted`, mean over 3x3 pixels, where `given` has been brought to its tones."""
    steps, of_pixel, counts = np.unique(np.round(given / _STEP), return_inverse=True, return_counts=True)
    means = np.bincount(of_pixel.ravel(), wanted.ravel()) / counts
    toned = np.interp(given, steps * _STEP, _never_falling(means, counts))
    beyond = np.maximum(0.0, np.abs(wanted - toned) - tolerated)
    return float(cv2.blur(beyond, (3, 3)).max())


def _never_falling(values: Picture, weights: Picture) -> Picture:
    """The sequence nearest to `values` that never falls: isotonic regression, by its min-max formula.

    At each place it is the greatest, over all starts, of the least mean from there to any end (Robertson, Wright and
    Dykstra, Order Restricted Statistical Inference, 1988, section 1.4).
    """
    total, weight = (np.concatenate([[0.0], np.cumsum(each)]) for each in (values * weights, weights))
    starts, ends = np.triu_indices(len(values))
    means = np.full((len(values), len(values)), np.inf)
    means[starts, ends] = (total[ends + 1] - total[starts]) / (weight[ends + 1] - weight[starts])
    least = np.minimum.accumulate(means[:, ::-1], axis=1)[:, ::-1]
    greatest: Picture = np.where(np.tri(len(values), k=-1, dtype=bool), -np.inf, least).max(axis=0)
    return greatest
