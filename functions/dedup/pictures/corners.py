"""Corners that were cut off round: one of two pictures shows a plain colour there, and the other what was drawn.

Social networks and web pages round the corners of pictures, and so do screenshots of them. What lies there is all that
such a copy lacks; so both are given the same corners before they are compared.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from functions.dedup.pictures import alignment

type Picture = NDArray[np.uint8]
"""In grey (height x width) or in colours (height x width x 3)."""

MOST_ROUND = 0.2
"""Of the shorter side, a corner's radius at most: what would be lost with a larger one is more than a corner."""

_LEAST_RADIUS = 4.0  # pixels: less lies in the rim, of which nothing is asked
_EVEN = 12  # levels: what a coarse encoder leaves of one colour
_CUT_OFF = 1 - np.pi / 4  # of the square around a quarter of a circle
_SOFT = 0.8  # pixels: of the arc, whose pixels show something of both
_PLAIN, _MOST_PLAIN_WITHIN = 0.97, 0.3  # of the pixels beyond the arc, and right within it
_LEAST_ROUND = 2  # corners beside which something is drawn
_ALIKE = 1.2  # times as large a radius in one corner as in another
_BESIDE, _BESIDE_SHARE = 1.5, 0.05  # pixels from an arc, and of its radius
_CORNERS = (1, 1), (1, -1), (-1, 1), (-1, -1)  # steps inwards, down and across


def radius(picture: Picture) -> float | None:
    """By how much all corners of a picture are rounded, of its shorter side.

    None where they are not, or where what is drawn beside them is as plain.
    """
    size = round(MOST_ROUND * min(picture.shape[:2]))
    if size < _LEAST_RADIUS:
        return None
    windows = [_plain(picture[::down, ::across][:size, :size], picture[0, 0]) for down, across in _CORNERS]
    found = [pixels for window in windows if (pixels := _radius_of(window)) is not None]
    if len(found) < _LEAST_ROUND or max(found) > _ALIKE * min(found) + _BESIDE:
        return None
    pixels = float(np.median(found))
    beyond = [window[_beyond(size, pixels)] for window in windows]
    return pixels / min(picture.shape[:2]) if min(map(_share, beyond)) >= _PLAIN else None


def painted(picture: Picture, other: Picture, share: float) -> Picture:
    """The picture with what another one of about its proportions shows in its corners."""
    height, width = picture.shape[:2]
    cut = _far(min(height, width), share * min(height, width)) > 0
    shown, source = picture.copy(), alignment.resized(other, width, height)
    for down, across in _CORNERS:
        corner = np.s_[::down, ::across]
        size = cut.shape[0]
        shown[corner][:size, :size][cut] = source[corner][:size, :size][cut]
    return shown


def made_equal(one: Picture, other: Picture) -> tuple[Picture, Picture]:
    """Two pictures, of which one that alone has round corners shows what the other does there."""
    share, other_share = radius(one), radius(other)
    if share is not None and other_share is None:
        return painted(one, other, share), other
    if other_share is not None and share is None:
        return one, painted(other, one, other_share)
    return one, other


def _plain(window: Picture, level: Picture) -> NDArray[np.bool_]:
    """Which pixels are of one colour, but for what an encoder makes of it."""
    apart = np.abs(window.astype(np.int16) - level.astype(np.int16))
    return np.asarray(apart.reshape(*window.shape[:2], -1).max(axis=2) <= _EVEN)


def _radius_of(plain: NDArray[np.bool_]) -> float | None:
    """By how many pixels of one colour lie in the corner: of those that the arc goes through hardly any counts.

    None where it is no arc that they end at, or where they do not end: white is drawn beside it.
    """
    _, labels = cv2.connectedComponents(plain.astype(np.uint8), connectivity=4)
    area = int(np.count_nonzero(labels == labels[0, 0]))
    pixels = float((_SOFT + np.sqrt(_SOFT**2 + 4 * _CUT_OFF * area)) / (2 * _CUT_OFF))
    size = len(plain)
    if not _LEAST_RADIUS <= pixels <= size or _share(plain[_beyond(size, pixels)]) < _PLAIN:
        return None
    return pixels if _share(plain[_within(size, pixels)]) <= _MOST_PLAIN_WITHIN else None


def _share(plain: NDArray[np.bool_]) -> float:
    return float(plain.mean()) if plain.size else 1.0


def _beyond(size: int, pixels: float) -> NDArray[np.bool_]:
    """What lies beyond an arc."""
    return _distances(size, pixels) > pixels + _BESIDE + _BESIDE_SHARE * pixels


def _within(size: int, pixels: float) -> NDArray[np.bool_]:
    """A narrow ring right within it."""
    far, beside = _distances(size, pixels), _BESIDE + _BESIDE_SHARE * pixels
    return (far < pixels - beside) & (far > pixels - 2 * beside - 1)


def _far(side: int, pixels: float) -> NDArray[np.float32]:
    """How far each pixel of a corner lies beyond an arc's inner edge."""
    beside = _BESIDE + _BESIDE_SHARE * pixels
    return _distances(min(side // 2, int(np.ceil(pixels)) + 1), pixels) - (pixels - beside - 1)


def _distances(size: int, pixels: float) -> NDArray[np.float32]:
    """Of each pixel, from the middle of the arc that rounds a corner; beyond its square as far as the nearer side."""
    away = np.maximum(0, pixels - (np.arange(size, dtype=np.float32) + 0.5))
    return np.asarray(np.hypot(away[:, None], away[None, :]), np.float32)
