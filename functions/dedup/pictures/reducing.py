"""Are there other words, in colour alone, in a smaller file than in the picture that it was made of?

How sharp a picture is once it was reduced depends on the program, so words are told by their contrast in luma, within
limits (originals.py). Colours are kept at half the size, and coarsely: what a format loses of them weighs as much as
small words do. But what it loses can be known (resaving.py), if only one knew what was saved. There are few ways to
reduce a picture, and one comes nearest to what the file shows: by how much the next ones differ from it is not known.

So a JPEG's coefficients are held against those of the nearest way, and what the next ones would change is allowed for.
A WebP is made of each of them, some moved by a pixel: a copy's colours lie among theirs.
"""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from cv2.typing import MatLike as Plane
from PIL import Image

from functions.dedup.pictures import alignment, encoding, jpegs, reduced_jpegs, resaving
from functions.dedup.pictures.encoding import Encoder
from functions.dedup.pictures.jpegs import Held, Kept
from functions.dedup.pictures.resaving import Saved
from shared.media.images import Colour

MOST_REDUCED = 4.0
"""Times as long and wide: what is reduced by more shows no small words."""

MOST_OF_JPEG = {True: 1.0, False: 10.0}
"""What a copy's colours differ by at most, as a share of what may (jpegs.py), where the picture lost nothing, and where
it did. Of 123 copies of the former none has more, and words in colour alone start at 8.7 of it; of 250 of the latter,
which were made of what the picture was before it lost anything, 2 have more, and half of the words have.
"""

LEAST_ALIKE = 0.9
"""Of the blocks of a JPEG in which something is drawn, what was made of a picture.

Of 253 of other words none has as many and lies within its rounding elsewhere (`resaving.CERTAIN`); of as many copies
more than half do, and half of those that look unlike.
"""

MOST_OF_WEBP = {True: 1.3, False: 2.1}
"""How far from the middle of all that was made of the picture a copy's colours lie at most, as a share of how far those
do, and `_LEAST_SPREAD`; where the picture lost nothing, and where it did. None of 92 copies has more; of words that
were merged without it, 5 of 14."""

_FILTERS = (
    Image.Resampling.BOX,
    Image.Resampling.BILINEAR,
    Image.Resampling.HAMMING,
    Image.Resampling.BICUBIC,
    Image.Resampling.LANCZOS,
)
_WITHOUT_FILTER = cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_AREA
_NEAREST = 3
_LEAST_SPREAD = 2.0  # levels
_NEARBY = 5  # pixels at half the size
_SMOOTH = 0.7  # pixels
_OFF_GRID = 5, 5  # pixels
_BESIDE = -2, 0, 2  # qualities
_MOVED = (1, 0), (2, 0), (0, 1), (0, 2)  # rows and columns


def is_reduced(small: Colour, picture: Colour) -> bool:
    """Whether one may be all of the other, smaller: by one factor both ways, but for a rounded pixel; and no crop."""
    sides = list(zip(small.shape[:2], picture.shape[:2], strict=True))
    least = max(whole / (part + 1) for part, whole in sides)
    most = min(whole / max(1, part - 1) for part, whole in sides)
    if not least < min(most, MOST_REDUCED) or any(part >= whole for part, whole in sides):
        return False
    cut = alignment.cut_out(small, picture)
    if cut is None:
        return True
    height, width = small.shape[:2]
    return _mean_apart(alignment.resized(picture, width, height), small) < _mean_apart(cut, small)


def has_other_colours(file: Saved, source: Saved) -> bool:
    """Whether a file shows colours that reducing a picture, and saving it so, do not explain."""
    if file.picture.shape[0] * file.picture.shape[1] > resaving.MOST_PIXELS:
        return False
    if file.content_type == "image/jpeg":
        if _of_jpeg(file, source) <= MOST_OF_JPEG[source.lost_nothing]:
            return False
        held = _of_jpeg_before(file, source)
        return held is None or held.apart_in_colour > MOST_OF_JPEG[True]
    if file.content_type == "image/webp":
        return _of_webp(file, source) > MOST_OF_WEBP[source.lost_nothing]
    return False


def is_made_of(file: Saved, source: Saved) -> bool:
    """Whether a JPEG holds the very coefficients of a picture, or of a JPEG of it, reduced in one of the ways, whatever
    both look like."""
    if file.content_type != "image/jpeg" or file.picture.shape[0] * file.picture.shape[1] > resaving.MOST_PIXELS:
        return False
    nearest = jpegs.nearest(file.content, _reduced(source.picture, file.picture))[:1]
    held = jpegs.held(nearest[0], file.content, resaving.drawn_in(nearest[0])) if nearest else None
    return _is_held(held) or _is_held(_of_jpeg_before(file, source))


def _is_held(held: Held | None) -> bool:
    return held is not None and held.alike >= LEAST_ALIKE and held.apart <= resaving.CERTAIN


def _of_jpeg_before(file: Saved, source: Saved) -> Held | None:
    """A JPEG held against the likeliest JPEG of a picture that lost nothing, reduced; None where it was none."""
    kept = Kept.of(file.content) if source.lost_nothing else None
    if kept is None:
        return None
    drawn = resaving.drawn_in(file.picture)
    ways = reduced_jpegs.ways(source.picture, file.picture, kept, drawn, _FILTERS)
    return jpegs.held(ways[0], file.content, drawn, or_else=ways[1:]) if ways else None


def _of_jpeg(file: Saved, source: Saved) -> float:
    ways = jpegs.nearest(file.content, _reduced(source.picture, file.picture))
    if not ways:
        return 0.0
    nearest, *others = ways[:_NEAREST]
    if not source.lost_nothing:
        others += jpegs.nearest(file.content, _reduced(_lossier(source), file.picture))[:_NEAREST]
    held = jpegs.held(nearest, file.content, resaving.drawn_in(nearest), or_else=others)
    if held is None:
        return 0.0
    return held.apart_in_colour if source.lost_nothing else held.singled_out


def _lossier(source: Saved) -> Colour:
    """A picture that its format took something of once more, off its grid: as much as before.

    The picture itself where the format is another, or saving so much again takes too long.
    """
    rows, columns = _OFF_GRID
    moved = np.roll(source.picture, (rows, columns), axis=(0, 1))
    if source.content_type == "image/jpeg":
        again = jpegs.saved_again(moved, source.content)
    elif (encoder := encoding.encoder(source.content, source.content_type)) and _is_saved_soon(source):
        saver = encoder.saver(moved)
        again = saver.shown(saver.quality())
    else:
        return source.picture
    return np.roll(again, (-rows, -columns), axis=(0, 1))


def _is_saved_soon(source: Saved) -> bool:
    """Whether a picture can be saved several times within the seconds that a comparison has."""
    return bool(source.picture.shape[0] * source.picture.shape[1] <= resaving.MOST_PIXELS)


def _of_webp(file: Saved, source: Saved) -> float:
    encoder = encoding.encoder(file.content, file.content_type)
    if encoder is None:
        return 0.0
    ways = sorted(_reduced(source.picture, file.picture), key=lambda way: _mean_apart(way, file.picture))
    made = list(_made(ways[:_NEAREST], encoder))
    return max(_outside(file.picture, made, channel) for channel in (1, 2))


def _outside(shown: Colour, made: Sequence[Colour], channel: int) -> float:
    """How far what is shown is from the middle of all that was made, as a share of how far those are nearby."""
    given, *planes = (_half(each, channel) for each in (shown, *made))
    low, high = np.min(planes, axis=0), np.max(planes, axis=0)
    apart, spread = (cv2.blur(each, (3, 3)) for each in (np.abs(given - (low + high) / 2), (high - low) / 2))
    nearby = cv2.dilate(spread, np.ones((_NEARBY, _NEARBY), np.uint8))
    return float((apart / (nearby + _LEAST_SPREAD))[1:-1, 1:-1].max(initial=0.0))


def _half(picture: Colour, channel: int) -> Plane:
    height, width = picture.shape[:2]
    plane = np.ascontiguousarray(resaving.ycc(picture)[..., channel])
    small = cv2.resize(plane, ((width + 1) // 2, (height + 1) // 2), interpolation=cv2.INTER_AREA)
    return cv2.GaussianBlur(small, (0, 0), _SMOOTH)


def _made(ways: Sequence[Colour], encoder: Encoder) -> Iterator[Colour]:
    """What a format makes of each way, at about the file's size and a little less and more; and of moved ones."""
    savers = [encoder.saver(way) for way in ways]
    quality = savers[0].quality()
    for saver in savers:
        for beside in _BESIDE:
            yield saver.shown(quality + beside)
    for moved in _MOVED:
        back = -moved[0], -moved[1]
        saver = encoder.saver(np.roll(ways[0], moved, axis=(0, 1)))
        yield np.roll(saver.shown(quality), back, axis=(0, 1))


def _reduced(picture: Colour, shown: Colour) -> list[Colour]:
    """A picture at the size of another, in each of the ways."""
    height, width = shown.shape[:2]
    image = Image.fromarray(picture)
    ways = [np.asarray(image.resize((width, height), how)) for how in _FILTERS]
    return ways + [np.asarray(cv2.resize(picture, (width, height), interpolation=how)) for how in _WITHOUT_FILTER]


def _mean_apart(one: Colour, other: Colour) -> float:
    return float(np.abs(one.astype(np.int16) - other).mean())
