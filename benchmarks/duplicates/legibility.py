"""Can a person still read that two pictures say something else? And how much of their words' colours is left?"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

LEAST_LEVELS = 30
LEAST_COLOUR = 10.0
"""Delta E of 1976: the distance in CIE Lab."""

LEAST_PIXELS = 4
"""A stroke of the smallest letters."""

_SMEARED = 4  # pixels: as far as what a tool makes of a word reaches beyond it

_BODY = 0.5  # of the most that two drawings differ by: what is less is a stroke's soft edge

Drawn = tuple[Image.Image, Image.Image]
Lab = NDArray[np.float32]
Distance = Callable[[Lab, Lab], NDArray[np.floating]]
"""How far colours are from each other, pixel by pixel."""


@dataclass(frozen=True)
class Left:
    """What is left of words that differ in two files, in the mean of their strokes.

    Attributes:
        between: how far the two files are apart where one shows ink and the other does not.
        contrasts: how far each file's ink is from the ground beside it.
    """

    between: float
    contrasts: tuple[float, float]


def differs(one: Image.Image, other: Image.Image, drawn: Drawn | None = None) -> bool:
    """Whether enough pixels of two pictures of one size are told apart by their levels, or by their colour.

    It is asked of what was saved, both by the same tool: words that a tool has smeared over are read by nobody. What
    counts lies where they were `drawn` otherwise: elsewhere only the tool's own noise differs.
    """
    pictures = [np.asarray(each.convert("RGB")) for each in (one, other)]
    if pictures[0].shape != pictures[1].shape:
        return True
    levels = np.abs(pictures[0].astype(np.int16) - pictures[1]).max(axis=2)
    lab = [cv2.cvtColor(each.astype(np.float32) / 255, cv2.COLOR_RGB2Lab) for each in pictures]
    colour = np.linalg.norm(lab[0] - lab[1], axis=2)
    told = (levels >= LEAST_LEVELS) | (colour >= LEAST_COLOUR)
    return int(np.count_nonzero(told if drawn is None else told & _place(drawn, one))) >= LEAST_PIXELS


def left(one: Image.Image, other: Image.Image, drawn: Drawn, ground: tuple[int, int, int], distance: Distance) -> Left:
    """Measures two saved files at the size of the second, where words were `drawn` otherwise on a plain ground."""
    placed = _reduced if _resized(drawn[0], other) else _middle
    drawings = [_lab(placed(each, other.size)) for each in drawn]
    saved = [_lab(each if each.size == other.size else placed(each, other.size)) for each in (one, other)]
    differing = _body(distance(*drawings))
    near = cv2.dilate(differing.astype(np.uint8), np.ones((2 * _SMEARED + 1, 2 * _SMEARED + 1), np.uint8)) > 0
    plain = _lab(Image.new("RGB", other.size, ground))
    strokes = [near & _body(np.where(near, distance(each, plain), 0)) for each in drawings]
    beside = near & (np.maximum(*(distance(each, plain) for each in drawings)) < 1)
    contrasts = [
        float(distance(each[ink], np.broadcast_to(np.median(each[beside], axis=0), each[ink].shape)).mean())
        for each, ink in zip(saved, strokes, strict=True)
    ]
    return Left(float(distance(*saved)[differing].mean()), (contrasts[0], contrasts[1]))


def _body(apart: NDArray[np.floating]) -> NDArray[np.bool_]:
    """The middle of strokes, without their soft edges."""
    return np.asarray(apart >= _BODY * apart.max())


def _lab(picture: Image.Image) -> Lab:
    return np.asarray(cv2.cvtColor(np.asarray(picture.convert("RGB"), np.float32) / 255, cv2.COLOR_RGB2Lab))


def _place(drawn: Drawn, shown: Image.Image) -> NDArray[np.bool_]:
    """Where two drawings differ, and what is around it, in what a tool made of the first."""
    one, other = (np.asarray(each.convert("RGB")) for each in drawn)
    apart = Image.fromarray(np.where((one != other).any(axis=2), 255, 0).astype(np.uint8))
    placed = _reduced if _resized(drawn[0], shown) else _middle
    reach = 2 * _SMEARED + 1
    return np.asarray(cv2.dilate(np.asarray(placed(apart, shown.size)), np.ones((reach, reach), np.uint8)) > 0)


def _resized(drawn: Image.Image, shown: Image.Image) -> bool:
    """Whether a tool brought a drawing to another size, and did not cut it or put a border around it."""
    wanted = np.asarray(shown.convert("RGB"), np.float32)
    apart = [
        np.abs(wanted - np.asarray(placed(drawn.convert("RGB"), shown.size))).mean() for placed in (_reduced, _middle)
    ]
    return bool(apart[0] < apart[1])


def _reduced(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    return picture.resize(size, Image.Resampling.BOX)


def _middle(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    left, top = (picture.width - size[0]) // 2, (picture.height - size[1]) // 2
    return picture.crop((left, top, left + size[0], top + size[1]))
