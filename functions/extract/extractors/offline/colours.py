"""Names a picture's dominant colours: each pixel has the name of the nearest of a few anchors in Lab.

Pixels that were clustered first took 15 ms to 20 of a processor instead of 2, and which clusters there were depended on
each of them: of 86 drawn ads 65 had the same colours at half their size, where 83 have now (November 2026).
"""

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from shared.features import Color

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image

# A few examples a name, in sRGB: a name covers a region, not a point.
# Of the survey in which people named colours (https://xkcd.com/color/rgb/, CC0) those are here that set right most of
# the names in one half of it: "indigo blue", "dark royal blue", "pale sky blue", "soft blue", "sand brown" and "pale
# yellow"; and "pale orange", which sets none of them wrong. The tests hold the names against the other half.
ANCHORS: dict[Color, tuple[str, ...]] = {
    Color.BLACK: ("#000000", "#1c1c1e", "#14181f"),
    Color.WHITE: ("#ffffff", "#f4f4f4"),
    Color.GRAY: ("#808080", "#b4b4b4", "#505050", "#8a8f98", "#d2d4d6"),
    Color.RED: ("#d81e1e", "#ff0000", "#8b0a14", "#b22222"),
    Color.ORANGE: ("#ff8c00", "#f26b21", "#e07b39", "#ffa756"),
    Color.YELLOW: ("#ffd800", "#fff04a", "#e6c229", "#ffff84"),
    Color.GREEN: ("#1f9d3a", "#0b5d1e", "#7cc04b", "#6b8e23", "#a8d08d", "#3f5f45"),
    Color.TURQUOISE: ("#1abc9c", "#40e0d0", "#008b8b"),
    Color.BLUE: (
        "#1e5fd8",
        "#0b2a6b",
        "#6ba4e8",
        "#87ceeb",
        "#3b6ea5",
        "#16233f",
        "#3a18b1",
        "#02066f",
        "#bdf6fe",
        "#6488ea",
    ),
    Color.PURPLE: ("#7b2fbf", "#4b0d75", "#b18be0"),
    Color.PINK: ("#ff69b4", "#ffb6c1", "#e0218a", "#d98a9b"),
    Color.BROWN: ("#6b3e1e", "#8b5a2b", "#402615", "#a0785a", "#cba560"),
    Color.BEIGE: ("#f0e2c4", "#d8c3a0", "#faf0e1"),
}

MOST = 5
MIN_SHARE = 0.08
"""A colour on less of the picture than this is not dominant."""

_SIDE = 128  # pixels of the longest side of the picture that is looked at
_BITS = 5  # of red, green and blue, as far as names are told


def dominant_colors(picture: "Image.Image") -> list[Color]:
    """Up to five colours of an RGB picture, the one of the largest area first."""
    from PIL import Image

    small = np.asarray(picture.resize(_size(picture), Image.Resampling.BOX), np.intp) >> (8 - _BITS)
    cells = (small[..., 0] << 2 * _BITS) | (small[..., 1] << _BITS) | small[..., 2]
    areas = np.bincount(_names_of_cells()[cells].ravel(), minlength=len(ANCHORS))
    largest = np.argsort(-areas, kind="stable")[:MOST]
    return [tuple(ANCHORS)[at] for at in largest if areas[at] >= MIN_SHARE * cells.size]


@cache
def _names_of_cells() -> "NDArray[np.intp]":
    """For each colour of few bits the place of its name among the anchors."""
    levels = (np.arange(1 << _BITS) + 0.5) * (1 << (8 - _BITS))
    rgb = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(-1, 3)
    names, points = _ANCHORS_IN_LAB
    nearest = ((points**2).sum(axis=1) - 2 * _lab(rgb) @ points.T).argmin(axis=1)
    return np.array([tuple(ANCHORS).index(name) for name in names])[nearest]


def name_of(rgb: "NDArray[np.float64]") -> Color:
    """The name of one sRGB colour (three values from 0 to 255)."""
    names, points = _ANCHORS_IN_LAB
    return names[int(np.argmin(((points - _lab(rgb)) ** 2).sum(axis=1)))]


def _size(picture: "Image.Image") -> tuple[int, int]:
    scale = min(1.0, _SIDE / max(picture.size))
    return max(1, round(picture.width * scale)), max(1, round(picture.height * scale))


def _lab(rgb: "NDArray[np.float64]") -> "NDArray[np.float64]":
    """CIE L*a*b* (D65) of sRGB values from 0 to 255, over the last axis."""
    ratio = rgb / 255
    linear = np.where(ratio <= 0.04045, ratio / 12.92, ((ratio + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = linear @ to_xyz.T / np.array([0.9505, 1.0, 1.089])
    root = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    x, y, z = root[..., 0], root[..., 1], root[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def _anchors_in_lab() -> "tuple[list[Color], NDArray[np.float64]]":
    named = [(color, anchor) for color, anchors in ANCHORS.items() for anchor in anchors]
    rgb = np.array([[int(anchor[i : i + 2], 16) for i in (1, 3, 5)] for _, anchor in named], dtype=np.float64)
    return [color for color, _ in named], _lab(rgb)


_ANCHORS_IN_LAB = _anchors_in_lab()
