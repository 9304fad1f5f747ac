"""What a palette lacks: of a colour that none of its colours is near to, a whole place is shown lighter, or darker.

A GIF has no more than 256 colours. Where a picture's white is none of them, a patch of it is light grey. That follows
from the palette and from the other picture; nothing that is drawn on the patch follows from it.

And what a palette has colours for is shown in them: words that have colour alone are told by that. What it mixes of
them is noise, whichever way it does that; but the mean over a letter's strokes is that of the picture.
"""

import math

import cv2
import numpy as np
from av import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from cv2.typing import MatLike as Plane
from numpy.typing import NDArray
from PIL import Image

from functions.dedup.pictures.resaving import MOST_PIXELS
from shared.media import palettes
from shared.media.images import Colour
from shared.media.palettes import Palette

MOST_COLOURS = 256

SHOWN_OTHERWISE = 15.0
"""Levels of Cr and Cb together, mean over 3x3 pixels, by which a GIF shows a place at most otherwise than the picture
that its palette was chosen for, than that palette's nearest colours, and than these mixed; beside what mixing loses
nearby (`_NEARBY`).

Of 70 GIFs of PNGs, by 15 programs and dithers, two have more (1.3 and 1.5 times as much): one of 64 colours, and one
of ffmpeg's own. Of 46 with a digit exchanged in words that have colour alone, 9 to 28 pixels high, which looks leave
open, 30 have more; the others, but for one of nine pixels, are pale pink on grey. Beside a JPEG that does not tell:
its own loss has up to 44.
"""

_OF_NEARLY_ALL = 3.0
"""And times what nearly all of it differs by: of pictures of very many colours, copies have up to 2.9."""

_NEARLY_ALL = 0.99
_ALL_OVER = 14.0  # levels: where nearly all differs by more, they lie otherwise, or have other colours as a whole
_STROKE = 3  # pixels
_BITS = 6  # of a colour, by which its nearest one is looked up
_AT_ONCE = 16_384  # colours: each is held against all of the palette

_MEAN = 1.5  # pixels: of a Gaussian, as far as a stroke reaches
_FEWEST_LEVELS, _MOST_LOST = 1.5, 3.0  # levels
_NEARBY = 9  # pixels
_EDGE = 2  # pixels: what is looked at by originals.py begins there, too

_SAMPLED = 128**2  # places
_MOST_LEVELS = 8.0
"""What is farther from every colour of the palette was not drawn in the picture that the palette was chosen for."""

_LIGHT = np.array([0.299, 0.587, 0.114], np.float32)

_NUMBERS = np.arange(MOST_COLOURS)
_FIXED = np.stack([36 * (_NUMBERS & 7), 36 * (_NUMBERS >> 3 & 7), 85 * (_NUMBERS >> 6)], axis=1).astype(np.uint8)
"""ffmpeg's colours for what is given none of its own (`bgr8`): three bits of red, three of green, two of blue."""

_PLACES = np.array([1 << 16, 1 << 8, 1], np.uint32)  # of red, green and blue in a number for a colour


def lacking(one: Colour, other: Colour, around: int) -> Plane | None:
    """By how many levels each place of one picture is lighter than in another, as far as the palette of either tells.

    Both are of one size. None where neither has one, or both have.
    """
    palette, other_palette = palettes.of(one, MOST_COLOURS), palettes.of(other, MOST_COLOURS)
    if palette is not None and other_palette is None:
        return _lighter(palette, other, around)
    if other_palette is not None and palette is None:
        return -_lighter(other_palette, one, around)
    return None


def is_other(source: Colour, file: Colour) -> bool:
    """Whether a picture with a palette shows words that the one without, which lost nothing, does not; of equal sizes.

    Where it has no colour for what is drawn, it shows the nearest one, or mixes several: in either case their mean, or
    the nearest, is what is drawn there.
    """
    if source.shape != file.shape or (palette := palettes.of(file, MOST_COLOURS)) is None or has_one(source):
        return False
    wanted, shown = _colours(source), _colours(file)
    apart = np.minimum(_apart(wanted, shown), _apart(_colours(_in_nearest(palette, source)), shown))
    inner = np.s_[_STROKE:-_STROKE, _STROKE:-_STROKE]
    if not apart[inner].size or apart[inner].max() <= SHOWN_OTHERWISE:
        return False
    usual = float(np.quantile(apart[inner], _NEARLY_ALL))
    in_mixed = _colours(_in_mixed(palette, source))
    allowed = SHOWN_OTHERWISE + cv2.dilate(_apart(wanted, in_mixed), np.ones((_NEARBY, _NEARBY), np.uint8))
    beyond = np.minimum(apart, _apart(in_mixed, shown)) / np.maximum(allowed, _OF_NEARLY_ALL * usual)
    return usual < _ALL_OVER and float(beyond[inner].max()) > 1


def is_made(source: Colour, file: Colour) -> bool:
    """Whether a picture is, to the bit, what a program makes of another that has no palette when it saves a GIF.

    Pillow's octree, which it takes for what had transparency, has a colour for a large place from up to 12 levels
    beside it. ffmpeg takes the same 256 colours for all pictures where it is asked for no others.
    """
    if source.shape != file.shape or (palette := palettes.of(file, MOST_COLOURS)) is None:
        return False
    if np.isin(palette @ _PLACES, _FIXED @ _PLACES).all() and np.array_equal(_in_fixed(source), file):
        return True
    numbers = {MOST_COLOURS, len(palette)}
    made = (Image.fromarray(source).quantize(each, Image.Quantize.FASTOCTREE).convert("RGB") for each in numbers)
    return any(np.array_equal(np.asarray(each), file) for each in made)


def _in_fixed(picture: Colour) -> Colour:
    """A picture in the colours that ffmpeg takes for all, each pixel's error handed on (libswscale).

    By a reformatter of its own: one that is used again begins with the errors of the picture before.
    """
    frame = VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
    made = VideoReformatter().reformat(frame, format="bgr8", interpolation=Interpolation.BICUBIC, threads=1)
    return _FIXED[made.to_ndarray()]


def made(source: Colour, file: Colour) -> Colour | None:
    """What the colours of a picture with a palette make of one without: mixed, or each pixel's nearest, whichever
    comes nearer to the file, in the mean over strokes.

    None where that tells nothing: of two sizes, of very large pictures, and where the file has no palette, or the
    picture has one as well.
    """
    if source.shape != file.shape or source.size > 3 * MOST_PIXELS or has_one(source):
        return None
    if (palette := palettes.of(file, MOST_COLOURS)) is None:
        return None
    shown = _in_mean(file)
    ways = _in_mixed(palette, source), _in_nearest(palette, source)
    return min(ways, key=lambda way: float(np.square(_in_mean(way) - shown).mean()))


def beyond_made(source: Colour, made: Colour, file: Colour) -> list[float]:
    """How far luma, Cr and Cb of a picture with a palette are from the one without, and from what was made of that.

    In the mean over strokes, beside what is lost nearby: half of all copies have 1.1 at most in each.
    """
    pictures = [cv2.cvtColor(each, cv2.COLOR_RGB2YCrCb) for each in (source, made, file)]
    return [_beyond_either(*(_in_mean(each[..., at]) for each in pictures)) for at in range(3)]


def _in_mean(plane: Plane) -> Plane:
    return cv2.GaussianBlur(plane.astype(np.float32), (0, 0), _MEAN)


def _beyond_either(wanted: Plane, mixed: Plane, shown: Plane) -> float:
    """How far one channel of a file is outside of what lies between a picture and what a palette makes of it."""
    beyond = cv2.max(cv2.min(wanted, mixed) - shown, shown - cv2.max(wanted, mixed))
    lost = cv2.dilate(cv2.absdiff(wanted, mixed), np.ones((_NEARBY, _NEARBY), np.uint8))
    counted = beyond / (_FEWEST_LEVELS + np.minimum(lost, _MOST_LOST))
    return float(counted[_EDGE:-_EDGE, _EDGE:-_EDGE].max(initial=0.0))


def _in_mixed(palette: Palette, picture: Colour) -> Colour:
    """A picture in the colours of a palette, each pixel's error handed on to those beside it (Floyd and Steinberg)."""
    colours = Image.new("P", (1, 1))
    colours.putpalette(palette.astype(np.uint8).tobytes())
    mixed = Image.fromarray(picture).quantize(palette=colours, dither=Image.Dither.FLOYDSTEINBERG)
    return np.asarray(mixed.convert("RGB"))


def _colours(picture: Colour) -> Plane:
    """Cr and Cb (height x width x 2)."""
    return cv2.cvtColor(picture, cv2.COLOR_RGB2YCrCb)[:, :, 1:].astype(np.float32)


def _apart(one: Plane, other: Plane) -> NDArray[np.float32]:
    found = np.linalg.norm(cv2.blur(one - other, (_STROKE, _STROKE)), axis=2)
    return np.asarray(found, np.float32)


def _in_nearest(palette: Palette, picture: Colour) -> Colour:
    """A picture in the nearest colours of a palette, without mixing any."""
    lost = 8 - _BITS
    coarse = (picture >> lost).astype(np.uint32)
    cells = coarse[:, :, 0] << 2 * _BITS | coarse[:, :, 1] << _BITS | coarse[:, :, 2]
    there = np.flatnonzero(np.bincount(cells.ravel(), minlength=1 << 3 * _BITS))
    mask = (1 << _BITS) - 1
    parts = [(there >> shift & mask) for shift in (2 * _BITS, _BITS, 0)]
    colours = np.stack(parts, axis=1).astype(np.float32) * (1 << lost) + (1 << lost) / 2
    nearest = np.zeros((1 << 3 * _BITS, 3), np.uint8)
    for some in np.array_split(np.arange(there.size), 1 + there.size // _AT_ONCE):
        nearest[there[some]] = palette[palettes.nearest(palette, colours[some])]
    found: Colour = nearest[cells]
    return found


def has_one(picture: Colour) -> bool:
    """Whether it has no more colours than a palette."""
    return colours(picture) is not None


def colours(picture: Colour) -> int | None:
    """How many colours a picture has that has no more than a palette."""
    palette = palettes.of(picture, MOST_COLOURS)
    return None if palette is None else len(palette)


def _lighter(palette: Palette, picture: Colour, around: int) -> Plane:
    """By how many levels each place is, in what of the palette is nearest to the picture."""
    height, width = picture.shape[:2]
    step = max(1, round(math.sqrt(height * width / _SAMPLED)))
    sampled = picture[::step, ::step].astype(np.float32)
    pixels = sampled.reshape(-1, 3)
    nearest = palette[palettes.nearest(palette, pixels)]
    levels = ((nearest - pixels) @ _LIGHT).reshape(sampled.shape[:2])
    everywhere = cv2.resize(levels, (width, height), interpolation=cv2.INTER_NEAREST)
    found: Plane = np.clip(cv2.blur(everywhere, (around, around)), -_MOST_LEVELS, _MOST_LEVELS)
    return found
