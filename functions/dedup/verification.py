"""Is it the same picture, re-encoded, resized or slightly cropped, or the same template with other words?

Hashes cannot tell. Here two grey thumbnails are laid over each other and what is left of their difference is looked at
where it is largest: a changed digit is small, but little that an encoder does comes near it. What does is told from it
by the shapes that are drawn there (see redrawing.py).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from cv2.typing import MatLike as Picture
from numpy.typing import NDArray

from functions.dedup import redrawing
from shared.media import borders
from shared.media.chroma import Chroma
from shared.media.thumbnails import BANNER, Frame, Grey

METHOD_VERSION = "ecc-residual-chroma/3"

type Mask = NDArray[np.bool_]

SAME_RESIDUAL = 9.0
"""Grey levels: nine of ten true copies stay below; in pictures of 240 pixels and more only a changed digit that can
hardly be read does."""

SAME_MOVING_RESIDUAL = 14.0
"""Grey levels, in the frames of videos: encoders spend few bits on what moves, and words have seconds to be read in."""

MOST_RETONED = 30.0
"""Grey levels: up to here pictures are the same if nothing is drawn anew, as a palette of 256 colours makes them."""

SMALL_SAME_RESIDUAL = 6.0
"""Grey levels, where the shorter side has less than `LARGE_SIDE` pixels: there a changed digit starts at 6.3."""

LARGE_SIDE = 160
LEGIBLE_SIDE = 120
"""Pixels: below, a digit may be as small as what an encoder does, and only content tells two pictures apart."""

SAME_COLOUR_RESIDUAL = 12.0
"""Levels of Cb or Cr."""

FAMILY_SHARE = 0.75
"""How much of two versions of one design looks alike."""

UNALIGNED_SCORE = 255.0

_COARSE_PIXELS = 64**2
_MOST_SCALING = 0.10
_MOST_SHEAR = 0.03
_RIM = 0.02
_EDGE_TOLERANCE = 0.4
_ALIKE = 10  # grey levels
_BANNER_LEGIBILITY = 0.85  # a banner's words are smaller against its shorter side
_SATURATION_TOLERANCE = 0.15
_RIM_CELLS = 2  # of 32: a border's colour reaches into the next cell
_LEVELS_TOGETHER = 16  # grey levels
_LEAST_SHARE_OF_LEVEL = 0.002
_NOISE_WINDOW = 31  # pixels: wider than a letter's stroke, so that letters are not taken for noise
_NOISE_FACTOR = 2.0
_MOST_NOISE = 8.0


@dataclass(frozen=True, eq=False)
class _Overlay:
    """Two pictures laid over each other, smoothed, and how they differ, all height x width, in grey levels.

    Attributes:
        tolerated: how much they may differ at each pixel: as much as placing them wrongly by a part of a pixel makes.
        residuals: what differs beyond that, brought to one tone, mean over 3x3 pixels; 0 outside what both show.
    """

    template: Picture
    picture: Picture
    tolerated: Picture
    residuals: Picture


@dataclass(frozen=True)
class Comparison:
    """What the pixels of two pictures say.

    Attributes:
        same: they show the same.
        family: they are versions of one design: most of one lies on the other.
        score: the worst residual, in grey levels: 0 for identical pictures, 255 where they could not be laid over
            each other.
    """

    same: bool
    family: bool
    score: float

    def unlikeness(self) -> tuple[bool, float]:
        """What the best of several comparisons has least of."""
        return not self.same, self.score


def compare(
    one: Grey, other: Grey, colours: tuple[Chroma, Chroma] | None = None, *, most_residual: float = SAME_RESIDUAL
) -> Comparison:
    """Compares two thumbnails (height x width, 0..255), whose proportions differ by at most a few percent.

    Pictures that are alike in grey are the same only if their `colours`, where both are known, are alike too. A spot
    that differs by no more than `most_residual` grey levels is what an encoder makes of it.
    """
    best = _compare_content(one, other, most_residual)
    inner, other_inner = borders.inside(one), borders.inside(other)
    if not best.same and (inner.size < one.size or other_inner.size < other.size):
        within = _compare_content(inner, other_inner, most_residual)
        best = min(best, within, key=Comparison.unlikeness)
    if best.same and colours is not None and (miss := colour_residual(*colours)) > SAME_COLOUR_RESIDUAL:
        return replace(best, same=False, score=max(best.score, miss))
    return best


def compare_frames(one: Frame, other: Frame, *, most_residual: float = SAME_RESIDUAL) -> Comparison:
    """Compares two thumbnails' frames, in colour where that of both is kept."""
    colours = None if one.colours is None or other.colours is None else (one.colours, other.colours)
    return compare(one.grey, other.grey, colours, most_residual=most_residual)


def colour_residual(one: Chroma, other: Chroma) -> float:
    """The worst difference in colour, in levels of Cb or Cr: of a cell to all that is around its place in the other.

    So a crop of a cell's width makes no difference, and neither does a little more or less of all colour.
    """
    return max(_colour_beyond(one, other), _colour_beyond(other, one))


def _colour_beyond(cells: Chroma, others: Chroma) -> float:
    around = np.ones((3, 3), np.uint8)
    low, high = (act(others, around).astype(np.float32) - 128 for act in (cv2.erode, cv2.dilate))
    wanted = cells.astype(np.float32) - 128
    beyond = np.maximum(low - wanted, wanted - high).clip(0) - _SATURATION_TOLERANCE * np.abs(wanted)
    return float(cv2.blur(beyond[_RIM_CELLS:-_RIM_CELLS, _RIM_CELLS:-_RIM_CELLS], (2, 2)).max())


def _compare_content(one: Grey, other: Grey, most_residual: float) -> Comparison:
    template, picture = _at_one_size(one, other)
    placed = align(template, picture)
    if placed is None:
        return Comparison(same=False, family=False, score=UNALIGNED_SCORE)
    overlay = _overlay(template, picture, placed)
    residuals = _beyond_noise(overlay.residuals)
    return Comparison(
        same=_is_same(overlay, residuals, most_residual),
        family=_share_alike(overlay.residuals) >= FAMILY_SHARE,
        score=float(residuals.max(initial=0.0)),
    )


def _is_same(overlay: _Overlay, residuals: Picture, most_residual: float) -> bool:
    """Whether nothing differs by more than an encoder makes, or only in its tone, and by little.

    A small picture's shapes are too coarse to tell by, and those of a smaller one as small as what an encoder does.
    """
    worst, side = float(residuals.max(initial=0.0)), _legible_side(residuals.shape)
    if side < LARGE_SIDE:
        return side >= LEGIBLE_SIDE and worst <= SMALL_SAME_RESIDUAL
    if worst <= most_residual:
        return True
    shown = overlay.template, overlay.picture, residuals, overlay.tolerated
    return worst <= MOST_RETONED and not redrawing.is_redrawn(*shown, beyond=most_residual)


def _legible_side(shape: Sequence[int]) -> float:
    """The shorter side (of height, width), in pixels, as far as words can be read by it."""
    return min(shape) * (_BANNER_LEGIBILITY if max(shape) > BANNER * min(shape) else 1.0)


def _beyond_noise(residuals: Picture) -> Picture:
    """What exceeds the noise around it, which an encoder spreads evenly (a palette's dither), but no edit does."""
    levels = np.clip(residuals * 8, 0, 255).astype(np.uint8)
    noise = cv2.medianBlur(levels, _NOISE_WINDOW).astype(np.float32) / 8
    beyond: Picture = residuals - np.minimum(_NOISE_FACTOR * noise, _MOST_NOISE)
    return beyond


def _at_one_size(one: Grey, other: Grey) -> tuple[Picture, Picture]:
    """Both as floats at the size of the smaller: what only one of them can show, cannot be compared."""
    height, width = min(one.shape, other.shape, key=lambda shape: (shape[0] * shape[1], shape))
    return _resized(one, width, height), _resized(other, width, height)


def _resized(grey: Grey | Picture, width: int, height: int) -> Picture:
    if grey.shape == (height, width):
        return grey.astype(np.float32)
    shrunk = height <= grey.shape[0] and width <= grey.shape[1]
    how = cv2.INTER_AREA if shrunk else cv2.INTER_LINEAR  # AREA repeats pixels where one side has to grow
    return cv2.resize(np.asarray(grey, np.float32), (width, height), interpolation=how)


def align(template: Picture, picture: Picture) -> Picture | None:
    """The affine map from the template's pixels to the picture's; None where there is none that an encoder makes."""
    height, width = template.shape
    scale = math.sqrt(_COARSE_PIXELS / (height * width))
    small = max(16, round(width * scale)), max(16, round(height * scale))
    coarse = _ecc(_resized(template, *small), _resized(picture, *small), np.eye(2, 3, dtype=np.float32), 60)
    if coarse is None:
        return None
    fine = _ecc(template, picture, _scaled(coarse, (width / small[0], height / small[1])), 50)
    return fine if fine is not None and _plausible(fine) else None


def _ecc(template: Picture, picture: Picture, start: Picture, iterations: int) -> Picture | None:
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, iterations, 1e-6)
    try:
        everything = np.full(picture.shape, 255, np.uint8)
        _, found = cv2.findTransformECC(template, picture, start, cv2.MOTION_AFFINE, criteria, everything, 5)
    except cv2.error:  # its only way to say that it does not converge
        return None
    return found


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


def _overlay(template: Picture, picture: Picture, placed: Picture) -> _Overlay:
    height, width = template.shape
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    warped = cv2.warpAffine(picture, placed, (width, height), flags=how, borderMode=cv2.BORDER_REPLICATE)
    shown = cv2.warpAffine(np.ones_like(picture), placed, (width, height), flags=how) > 0.999
    shown &= _inside_rim(height, width)
    smooth, smooth_warped = cv2.GaussianBlur(template, (0, 0), 1.0), cv2.GaussianBlur(warped, (0, 0), 1.0)
    gain, offset = tone(smooth[shown][::7], smooth_warped[shown][::7])
    expected = np.clip(gain * smooth_warped + offset, 0, 255).astype(np.float32)
    tolerated = _EDGE_TOLERANCE * np.minimum(_gradient(smooth), _gradient(expected))
    unclipped = smooth - expected - _clipped(smooth - expected, warped, gain, offset)
    residual = np.maximum(0.0, np.abs(unclipped) - tolerated)
    residual[~shown] = 0.0
    return _Overlay(smooth, smooth_warped, tolerated, cv2.blur(residual, (3, 3)))


def _inside_rim(height: int, width: int) -> Mask:
    inside = np.zeros((height, width), bool)
    rim = max(2, round(_RIM * min(height, width)))
    inside[rim : height - rim, rim : width - rim] = True
    return inside


def tone(wanted: Picture, given: Picture) -> tuple[float, float]:
    """Gain and offset that bring `given` to the tone of `wanted`, fitted to where they agree best.

    It is fitted to levels, not to pixels: however large a plain background is, it tells of one level only.
    """
    levels, medians, counts = _medians_by_level(wanted, given)
    if levels.size < 2 or np.ptp(levels) < _LEVELS_TOGETHER:
        return 1.0, float(np.median(wanted - given)) if wanted.size else 0.0
    gain, offset, weight = 1.0, 0.0, np.sqrt(counts)
    for _ in range(5):
        gain = float(np.clip(np.polyfit(levels, medians, 1, w=np.sqrt(weight))[0], 0.7, 1.4))
        offset = float(np.average(medians - gain * levels, weights=weight))
        weight = np.sqrt(counts) / np.maximum(1.0, np.abs(medians - gain * levels - offset))
    return gain, offset


def _medians_by_level(wanted: Picture, given: Picture) -> tuple[Picture, Picture, Picture]:
    """The levels that `given` has enough of, what `wanted` has there, and how many pixels tell so."""
    bins = np.clip(given // _LEVELS_TOGETHER, 0, 255 // _LEVELS_TOGETHER)
    least = max(20, _LEAST_SHARE_OF_LEVEL * given.size)
    chosen = [bins == level for level in np.unique(bins) if np.count_nonzero(bins == level) >= least]
    rows = [(np.median(given[some]), np.median(wanted[some]), np.count_nonzero(some)) for some in chosen]
    levels, medians, counts = np.array(rows, np.float64).reshape(-1, 3).T
    return levels, medians, counts


def _gradient(picture: Picture) -> Picture:
    """Grey levels a pixel."""
    across = cv2.Sobel(picture, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(picture, cv2.CV_32F, 0, 1, scale=1 / 8)
    return cv2.magnitude(across, down)


def _clipped(excess: Picture, source: Picture, gain: float, offset: float) -> Picture:
    """How much of the `excess` of the target the source lost to black or to white: no more than its tone explains."""
    near = np.ones((5, 5), np.uint8)  # as far as the smoothing carries it
    white = cv2.dilate((source >= 250).astype(np.uint8), near) * max(0.0, 255 - (255 * gain + offset))
    black = cv2.dilate((source <= 5).astype(np.uint8), near) * max(0.0, offset)
    lost: Picture = np.clip(excess, -black, white)
    return lost


def _share_alike(residuals: Picture) -> float:
    return float((residuals <= _ALIKE).mean())
