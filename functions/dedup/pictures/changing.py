"""Was a picture changed as a whole before it was saved: made lighter, of more contrast or colour, or sharper?

Looks excuse much of what follows from that, and still miss copies: strong colours and edges change most. But there are
few ways in which programs do it, and each has one or two numbers for all of a picture. Those are fitted; where they are
right, all follows from them, and what was saved can be held against the changed picture as any copy is against its
original. A word or a button that was exchanged follows from none.
"""

import math
from collections.abc import Callable, Iterator, Sequence

import cv2
import numpy as np
from cv2.typing import MatLike as Plane

from functions.dedup.pictures.residuals import least_of, most_of
from shared.media.images import Colour

type Change = Callable[[Colour], Colour]
type Way = tuple[Callable[..., Colour], Sequence[float], Sequence[float]]
"""What changes a picture by as much as some numbers say; those to begin with, and first steps from there."""

type Apart = Callable[[Colour], float]
"""How far what became of a picture is from what a file keeps."""

_IN_TILES, _IN_PIXELS = 0.6, 0.1
"""The share of what differs that a way explains at least: of tiles' means, and of all pixels, where most is lost."""

_TILE = 16  # pixels: a JPEG's blocks where its colours are halved; of each it keeps the mean best
_MOST_TILES = 300
_MIDDLE = 320  # pixels, across and down, that sharpening is fitted to
_ROUNDS = 4
_MOST_STEPS = 2.0
_DARK, _BRIGHT = 64.0, 192.0
_BLURRED, _SHARE = (0.5, 0.8, 1.0, 1.5, 2.0, 3.0), 0.8  # pixels
_LEAST_BLURRED = 0.3
_MOST_LEVELS = 20.0  # of one place: a few that were drawn anew say nothing of the others
_LIGHT = np.array([0.299, 0.587, 0.114], np.float32)
_COLOURS = np.array([[-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]], np.float32)
_MIDDLE_LEVEL, _WHITE = 128.0, 255.0


def found(picture: Colour, kept: Sequence[Plane]) -> Iterator[Change]:
    """What may have made of a picture what a JPEG of its size keeps: Y, Cb and Cr, in full or halved."""
    if min(picture.shape[:2]) < _TILE:
        return
    for fitted, explained in ((_toned, _IN_TILES), (_sharpened, _IN_PIXELS)):
        left, change = fitted(picture, kept)
        if left <= 1 - explained:
            yield change


def _toned(picture: Colour, kept: Sequence[Plane]) -> tuple[float, Change]:
    """Every pixel by itself, and what that leaves of what differs in the means of some tiles."""
    tiles = picture.shape[0] // _TILE, picture.shape[1] // _TILE
    some = slice(None, None, 1 + tiles[0] * tiles[1] // _MOST_TILES)
    given = _tiled(picture, tiles)[some].reshape(-1, _TILE, 3)
    wanted = np.stack([_tile_means(plane, picture.shape, tiles) for plane in kept], axis=1)[some]

    def apart(changed: Colour) -> float:
        means = changed.reshape(-1, _TILE * _TILE, 3).mean(axis=1, dtype=np.float32)
        return square(np.column_stack([means @ _LIGHT, means @ _COLOURS.T + _MIDDLE_LEVEL]), wanted)

    return _best(_OF_COLOURS, given, apart)


def of_colours(colours: Colour, apart: Apart) -> Change:
    """That change of every pixel by itself which leaves least of some colours (a picture of them) apart."""
    return _best(_OF_COLOURS, colours, apart)[1]


def _tiled(picture: Colour, tiles: tuple[int, int]) -> Colour:
    """So many down and across, each of its own (tiles x rows x columns x 3)."""
    down, across = tiles
    whole = picture[: down * _TILE, : across * _TILE].reshape(down, _TILE, across, _TILE, 3)
    return whole.swapaxes(1, 2).reshape(-1, _TILE, _TILE, 3)


def _tile_means(plane: Plane, shape: tuple[int, ...], tiles: tuple[int, int]) -> Plane:
    """Of a channel, in full or halved, of a picture of a shape."""
    height, width = (
        _TILE * many // math.ceil(side / part) for many, side, part in zip(tiles, shape, plane.shape, strict=False)
    )
    return np.asarray(cv2.resize(plane[:height, :width], tiles[::-1], interpolation=cv2.INTER_AREA).ravel())


def _sharpened(picture: Colour, kept: Sequence[Plane]) -> tuple[float, Change]:
    """All edges, and what that leaves of what differs in the light of the middle."""
    top, left = (max(0, (side - _MIDDLE) // 2) for side in picture.shape[:2])
    middle = np.s_[top : top + _MIDDLE, left : left + _MIDDLE]
    given, wanted = picture[middle], kept[0][middle]

    def apart(changed: Colour) -> float:
        return square(changed.astype(np.float32) @ _LIGHT, wanted)

    _, blurred = min((apart(_sharper(given, blurred, _SHARE)), blurred) for blurred in _BLURRED)
    return _best([(_sharper, (blurred, _SHARE), (0.25, 0.25))], given, apart)


def _best(ways: Sequence[Way], given: Colour, apart: Apart) -> tuple[float, Change]:
    """That which leaves least, and what it leaves, as a share of all."""
    changes = [_fitted(way, given, apart) for way in ways]
    left, change = min(((apart(change(given)), change) for change in changes), key=lambda each: each[0])
    return left / max(apart(given), 1e-6), change


def _fitted(way: Way, given: Colour, apart: Apart) -> Change:
    """By the numbers that leave least, each looked for by itself, in ever smaller steps."""
    act, start, steps = way
    numbers = list(start)
    for halved in range(_ROUNDS):
        for at, step in enumerate(steps):

            def left(number: float, at: int = at) -> float:
                return apart(act(given, *numbers[:at], number, *numbers[at + 1 :]))

            numbers[at] = _lowest(left, numbers[at], step / 2**halved)
    return lambda picture: act(picture, *numbers)


def _lowest(left: Callable[[float], float], at: float, step: float) -> float:
    """Where the parabola through three points is lowest, or as far as may be gone at once."""
    below, here, above = left(at - step), left(at), left(at + step)
    bend = below + above - 2 * here
    if bend <= 0:
        return at + (step if above < below else -step)
    return at + step * float(np.clip((below - above) / (2 * bend), -_MOST_STEPS, _MOST_STEPS))


def _by_levels(picture: Colour, dark: float, bright: float) -> Colour:
    """Red, green and blue by one gain and one offset: by what becomes of a dark level and of a bright one."""
    gain = (bright - dark) / (_BRIGHT - _DARK)
    return by_curve(picture, lambda levels: dark + gain * (levels - _DARK))


def _by_gamma(picture: Colour, gamma: float) -> Colour:
    """Red, green and blue by one power."""
    return by_curve(picture, lambda levels: _WHITE * cv2.pow(levels * (1 / _WHITE), 1 / gamma))


def by_curve(picture: Colour, curve: Callable[[Plane], Plane]) -> Colour:
    """Red, green and blue alike, each level by itself."""
    return np.asarray(_rounded(curve(np.arange(256, dtype=np.float32)))[picture], np.uint8)


def _around_light(picture: Colour, lighter: float, colours: float) -> Colour:
    """Lighter, and more of what a colour has beside its light, as CSS and television count that."""
    light = (picture.astype(np.float32) @ _LIGHT)[..., None]
    return _rounded(lighter * (light + (picture - light) * colours))


def around_lightness(picture: Colour, lighter: float, colours: float = 1.0) -> Colour:
    """Lighter, and more saturated: what a colour has beside its lightness shrinks towards black and white."""
    lightness = lightness_of(picture)
    to = np.minimum(_WHITE, lighter * lightness)
    room, left = (np.minimum(each, _WHITE - each) for each in (lightness, to))
    share = np.divide(colours * left, room, out=np.zeros_like(left), where=room > 0)
    return _rounded(to[..., None] + (picture - lightness[..., None]) * share[..., None])


def lightness_of(picture: Colour) -> Plane:
    """The mean of the most and the least of red, green and blue."""
    return (most_of(picture).astype(np.float32) + least_of(picture)) / 2


_OF_COLOURS: Sequence[Way] = (
    (_by_levels, (_DARK, _BRIGHT), (8.0, 8.0)),
    (_by_gamma, (1.0,), (0.1,)),
    (_around_light, (1.0, 1.0), (0.1, 0.1)),
    (around_lightness, (1.0, 1.0), (0.1, 0.1)),
)


def _sharper(picture: Colour, blurred: float, share: float) -> Colour:
    """By a share of what smoothing over so many pixels takes away."""
    levels = picture.astype(np.float32)
    width = max(_LEAST_BLURRED, blurred)
    return _rounded(
        levels + share * (levels - cv2.GaussianBlur(levels, (0, 0), width, borderType=cv2.BORDER_REPLICATE))
    )


def square(one: Plane, other: Plane) -> float:
    """The mean square of what differs; of one place no more counts than an encoder makes of it."""
    return float(np.minimum(np.square(one - other), _MOST_LEVELS**2).mean())


def _rounded(levels: Plane) -> Colour:
    return np.clip(np.round(levels), 0, _WHITE).astype(np.uint8)
