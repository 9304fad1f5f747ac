"""Is it the same picture, re-encoded, resized or slightly cropped, or the same template with other words?

Hashes cannot tell. Here two grey thumbnails are laid over each other and what is left of their difference is looked at
where it is largest: a changed digit is small, but little that an encoder does comes near it. What does is told from it
by the shapes that are drawn there (see redrawing.py).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from cv2.typing import MatLike as Picture
from numpy.typing import NDArray

from functions.dedup.pictures import alignment, corners, redrawing
from functions.dedup.pictures.residuals import beyond_noise, deviation, gradient, smooth
from shared.media import bars, borders
from shared.media.chroma import Chroma
from shared.media.thumbnails import BANNER, Frame, Grey

METHOD_VERSION = "thumbnails/8, originals/48"

type Mask = NDArray[np.bool_]

Stretch = tuple[float, float]
"""From which second to which of a creative that moves."""

SAME_RESIDUAL = 9.0
"""Grey levels: nine of ten true copies stay below; in pictures of 240 pixels and more only a changed digit that can
hardly be read does."""

MOST_RETONED = 30.0
"""Grey levels: up to here pictures are the same if nothing is drawn anew, as a palette of 256 colours makes them."""

SMALL_SAME_RESIDUAL = 6.0
"""Grey levels, where the shorter side has less than `LARGE_SIDE` pixels: there a changed digit starts at 6.3."""

LARGE_SIDE = 160
LEGIBLE_SIDE = 120
"""Pixels: below, a digit may be as small as what an encoder does, and only content tells two pictures apart."""

SAME_COLOUR_RESIDUAL = 12.0
"""Levels of Cb or Cr."""

MOST_PROMISING = 31.0
"""Grey levels: very small copies go up to 22, sharpened ones to 30."""

FAMILY_SHARE = 0.75
"""How much of two versions of one design looks alike."""

FAMILY_SHARE_DRAWN = 0.6
"""How much of what is drawn in either looks alike in two versions: most of any two pictures on white does.

Of 180 pairs of strangers on white that are alike by `FAMILY_SHARE` three have as much, half have less than .37; of
1,083 pairs of versions seven have less: their words are longer than all else that is drawn, or their photograph is
another.
"""

UNALIGNED_SCORE = 255.0

_MOST_APART = 0.1  # |ln|: bars are found to a line or two, which counts in small thumbnails
_RIM = 0.02
_EDGE_TOLERANCE = 0.4
_ALIKE = 10  # grey levels
_FLAT = 1.0  # grey levels
_DRAWN, _AROUND = 4.0, 9  # grey levels of contrast within so many pixels: a letter of a thumbnail
_BANNER_LEGIBILITY = 0.85  # a banner's words are smaller against its shorter side
_SATURATION_TOLERANCE = 0.15
_RIM_CELLS = 2  # of 32: a border's colour reaches into the next cell


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
        difference: to tell which of several is nearest: in squared levels, the mean of all that differs, and of stills
            the worst of it beside; of two that move and have but stretches in common by how much they differ there,
            seen and heard.
        stretches: of two that move, what they have in common, by creative id; empty for stills and for copies.
    """

    same: bool
    family: bool
    score: float
    difference: float = 0.0
    stretches: Mapping[str, Stretch] = field(default_factory=dict)

    @property
    def promising(self) -> bool:
        """Whether two images may be the same for all that their thumbnails say: then their originals decide."""
        return self.same or (self.family and self.score <= MOST_PROMISING)

    def unlikeness(self) -> tuple[bool, float]:
        """What the best of several comparisons has least of."""
        return not self.same, self.score

    def nearness(self) -> tuple[int, float, float]:
        """What the nearest of several has least of: copies come first, then what moves and has stretches in common.

        The worst residual does not tell which of these has most in common: it is 255 of a spot with another voice over
        the same pictures, and less of one with another price and no word of what is said.
        """
        if self.same:
            return 0, self.score, self.difference
        if self.stretches:
            return 1, self.difference, self.score
        return 2, self.score, self.difference


def compare(one: Grey, other: Grey, colours: tuple[Chroma, Chroma] | None = None) -> Comparison:
    """Compares two thumbnails (height x width, 0..255), whose proportions differ by at most a few percent.

    Pictures that are alike in grey are the same only if their `colours`, where both are known, are alike too.
    """
    one, other = corners.made_equal(one, other)
    best = _compare_content(one, other)
    inner, other_inner = borders.inside(one), borders.inside(other)
    if not best.same and (inner.size < one.size or other_inner.size < other.size):
        within = _compare_content(inner, other_inner)
        best = min(best, within, key=Comparison.unlikeness)
    if best.same and colours is not None and (miss := colour_residual(*colours)) > SAME_COLOUR_RESIDUAL:
        return replace(best, same=False, score=max(best.score, miss))
    return best


def compare_frames(one: Frame, other: Frame) -> Comparison:
    """Compares two thumbnails' frames, in colour where that of both is kept."""
    colours = None if one.colours is None or other.colours is None else (one.colours, other.colours)
    return compare(one.grey, other.grey, colours)


def compare_inside_bars(one: Frame, other: Frame) -> Comparison | None:
    """Compares two thumbnails' frames in grey, of one or both what is inside its bars, by what is most alike.

    None where nothing of it has the proportions of the other.
    """
    wholes = [each.grey for each in (one, other)]
    insides = [each[bars.box([each])] for each in wholes]
    views = (insides[0], wholes[1]), (wholes[0], insides[1]), (insides[0], insides[1])
    alike = [_compare_content(*pair) for pair in views if _aspects_apart(*pair) <= _MOST_APART]
    return min(alike, key=Comparison.unlikeness, default=None)


def _aspects_apart(one: Grey, other: Grey) -> float:
    """|ln| of how often wider one is than the other."""
    (height, width), (other_height, other_width) = one.shape, other.shape
    return abs(math.log(width * other_height / (height * other_width)))


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


def _compare_content(one: Grey, other: Grey) -> Comparison:
    template, picture = _at_one_size(one, other)
    if max(float(template.std()), float(picture.std())) < _FLAT:
        return _compare_flat(template, picture)
    placed = alignment.found(template, picture)
    if placed is None:
        return Comparison(same=False, family=False, score=UNALIGNED_SCORE)
    overlay = _overlay(template, picture, placed)
    residuals = beyond_noise(overlay.residuals)
    score = float(residuals.max(initial=0.0))
    return Comparison(
        same=_is_same(overlay, residuals),
        family=_is_family(overlay, score),
        score=score,
        difference=float(np.mean(np.square(overlay.residuals))),
    )


def _compare_flat(one: Picture, other: Picture) -> Comparison:
    """Nothing is drawn that could be laid over anything: only their levels tell them apart."""
    apart = abs(float(one.mean()) - float(other.mean()))
    return Comparison(same=apart <= _ALIKE, family=apart <= _ALIKE, score=apart, difference=apart * apart)


def _is_same(overlay: _Overlay, residuals: Picture) -> bool:
    """Whether nothing differs by more than an encoder makes, or only in its tone, and by little.

    A small picture's shapes are too coarse to tell by, and those of a smaller one as small as what an encoder does.
    """
    worst, side = float(residuals.max(initial=0.0)), _legible_side(residuals.shape)
    if side < LARGE_SIDE:
        return side >= LEGIBLE_SIDE and worst <= SMALL_SAME_RESIDUAL
    if worst <= SAME_RESIDUAL:
        return True
    shown = overlay.template, overlay.picture, residuals, overlay.tolerated
    return worst <= MOST_RETONED and not redrawing.is_redrawn(*shown, beyond=SAME_RESIDUAL)


def _legible_side(shape: Sequence[int]) -> float:
    """The shorter side (of height, width), in pixels, as far as words can be read by it."""
    return min(shape) * (_BANNER_LEGIBILITY if max(shape) > BANNER * min(shape) else 1.0)


def _at_one_size(one: Grey, other: Grey) -> tuple[Picture, Picture]:
    """Both as floats at the size of the smaller: what only one of them can show, cannot be compared."""
    height, width = min(one.shape, other.shape, key=lambda shape: (shape[0] * shape[1], shape))
    return _sized(one, width, height), _sized(other, width, height)


def _sized(grey: Grey, width: int, height: int) -> Picture:
    return np.asarray(alignment.resized(grey.astype(np.float32), width, height), np.float32)


def _overlay(template: Picture, picture: Picture, placed: Picture) -> _Overlay:
    height, width = template.shape
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    warped = cv2.warpAffine(picture, placed, (width, height), flags=how, borderMode=cv2.BORDER_REPLICATE)
    shown = cv2.warpAffine(np.ones_like(picture), placed, (width, height), flags=how) > 0.999
    shown &= _inside_rim(height, width)
    drawn, given = smooth(template), smooth(warped)
    gain, offset = alignment.tone(drawn[shown][::7], given[shown][::7])
    expected = np.clip(gain * given + offset, 0, 255).astype(np.float32)
    tolerated = _EDGE_TOLERANCE * np.minimum(gradient(drawn), gradient(expected))
    unclipped = drawn - expected - _clipped(drawn - expected, warped, gain, offset)
    residual = np.maximum(0.0, np.abs(unclipped) - tolerated)
    residual[~shown] = 0.0
    return _Overlay(drawn, given, tolerated, cv2.blur(residual, (3, 3)))


def _inside_rim(height: int, width: int) -> Mask:
    inside = np.zeros((height, width), bool)
    rim = max(2, round(_RIM * min(height, width)))
    inside[rim : height - rim, rim : width - rim] = True
    return inside


def _clipped(excess: Picture, source: Picture, gain: float, offset: float) -> Picture:
    """How much of the `excess` of the target the source lost to black or to white: no more than its tone explains."""
    near = np.ones((5, 5), np.uint8)  # as far as the smoothing carries it
    white = cv2.dilate((source >= 250).astype(np.uint8), near) * max(0.0, 255 - (255 * gain + offset))
    black = cv2.dilate((source <= 5).astype(np.uint8), near) * max(0.0, offset)
    lost: Picture = np.clip(excess, -black, white)
    return lost


def _is_family(overlay: _Overlay, score: float) -> bool:
    """Whether most of both looks alike, and where something differs by much, most of what is drawn, too."""
    if _share_alike(overlay.residuals) < FAMILY_SHARE:
        return False
    drawn = overlay.residuals[_drawn(overlay)]
    return score <= MOST_PROMISING or not drawn.size or _share_alike(drawn) >= FAMILY_SHARE_DRAWN


def _drawn(overlay: _Overlay) -> Mask:
    """Where something is drawn in either picture."""
    contrast = np.maximum(deviation(overlay.template, _AROUND), deviation(overlay.picture, _AROUND))
    return (contrast > _DRAWN) & _inside_rim(*contrast.shape)


def _share_alike(residuals: Picture) -> float:
    return float((residuals <= _ALIKE).mean())
