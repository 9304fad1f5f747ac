"""Was a file saved, with loss, from this very picture, or from one with other words?

What a format loses looks like small words in colour, and often weighs more. But what it loses is no accident: the same
format makes the same of the same picture. So a JPEG's coefficients are held against the picture's own (jpegs.py), and
for a WebP or AVIF the picture is saved at the quality that takes as many bytes, and what came out is held against what
the file shows. Words that were exchanged differ where the rest does not. What was a JPEG before it was saved as an
AVIF, a WebP or a JPEG is held against that first one (chains.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain

import cv2
import numpy as np
from cv2.typing import MatLike as Plane
from numpy.typing import NDArray

from functions.dedup.pictures import alignment, chains, changing, encoding, jpegs
from functions.dedup.pictures.encoding import Encoder
from functions.dedup.pictures.jpegs import by_blocks
from functions.dedup.pictures.residuals import gradient, most_apart
from shared.media.images import Colour

MOST_PIXELS = 5 * 10**6
"""Of a file that is looked at so: saving a larger one several times takes seconds."""

ALIKE = {"image/jpeg": 0.97, "image/webp": 0.05}
"""Of all that is drawn: files with less in common were not saved from the picture in one step, and so tell nothing.

A WebP's blocks are predicted from those before: behind another word few are equal. Of a copy of a copy none is.
"""

MOSTLY_ALIKE, REDRAWN = 0.5, 35.0
"""As a share of what is drawn in a JPEG, and of what may differ (`Told.apart`): what is the picture's to the bit but
for a place that differs by so much was drawn otherwise there, be it a line of words that fills half of a banner.

Of 336 JPEGs of five programs over photographs, half of them in other tones, those have 28 at most that are as much
alike and not recoloured: more saturated colours change some places alone, by up to 165. Ninety strips with a line in
another colour have 98 and more; the palest cream for white, in one of 468x60, 42, and on magenta less than 35.
"""

_ALIKE_IN_CHAINS = 0.2
"""The same of a WebP of a JPEG, which another program may have decoded to other levels here and there."""

MOST_LEVELS = 8.0
"""The same for a WebP, in levels, mean over 3x3 pixels."""

MOST_LOST = ((120, (1.68, 1.72, 1.72)), (0, (1.68, 1.5, 1.5)))
"""How often what an AVIF loses nearby, of luma, Cr and Cb, a file differs by at most in one place, beside what nine of
ten places do (and half as much more); by the shorter side, from so many pixels on.

Of 169 copies by 14 encoders one has more in colour, of 160x600, and in strips none has more than 1.46. Of six
percentages in colour alone in strips, which looks did not tell, three have 1.55 to 2.5, the others 0.96 to 1.48.

Luma says only what may be excused (`Told.near`), not what is no copy: what is faint, or beside a line, one encoder
keeps and another does not.
"""

_BESIDE_ALL = 0.5

NEAR_IN_AVIF = 0.88
"""As a share of that, what an AVIF has at most that looks a little otherwise and is a copy: such copies have up to
0.85, one apart; other words that look as little otherwise, 1.2 and more."""

_ALL_OVER = 1.3
"""What nine of ten places of an AVIF have at most that was saved once. With more, it lost something before: a JPEG is
looked for, and where none explains it, words in colour alone differ by no more than the rest does."""

_LESS_ALL_OVER = 0.7  # of that, with the JPEG that was: 0.4 where it was one, 0.9 and more where it was none

CERTAIN = 0.48
"""Of all these, what a copy has that is no doubt one: exchanged words start at 0.5 of them, in 600 pairs that were
saved by other programs."""

CHANGED = 0.75
"""Of the blocks of a JPEG, what is a changed picture's where that is what was saved."""

_ALIKE_ELSEWHERE = 0.7
"""Of the blocks of a JPEG's colours, those that are the picture's where another program saved it, which leaves out what
costs much and shows little (mozjpeg): in luma few blocks are. Of 54 such files two have less."""

_WITHOUT_LOSS = ("image/png", "image/bmp")
_MACROBLOCK = 16
_LEAST_DRAWN = 32  # of a macroblock's pixels
_LEAST_ALIKE = 0.3  # what was saved in one step by whichever program has more of it
_NEARLY = 16  # levels from black or white: most borders are either, before they are saved
_LEAST_CONTRAST = 3.0  # levels a pixel
_FEWEST_LEVELS = 2.0
_WORD = 5  # pixels
_RIM = 2  # pixels: what is mirrored at an edge counts twice
_BESIDE = 2  # qualities


@dataclass(frozen=True, eq=False)
class Saved:
    """A picture as a file keeps it, and shows it.

    Attributes:
        rounded: the picture is in other numbers than the file's (see profiles.py), of which that file tells nothing.
    """

    content: bytes
    content_type: str
    picture: Colour
    rounded: bool = False

    @property
    def lost_nothing(self) -> bool:
        """Whether its format keeps all."""
        return lost_nothing(self.content, self.content_type)


def lost_nothing(content: bytes, content_type: str) -> bool:
    """Whether a file's format keeps all."""
    return content_type in _WITHOUT_LOSS or content[12:16] == b"VP8L"


def is_copy(source: Saved, file: Saved) -> bool | None:
    """Whether a file was saved from a picture; None where it does not tell."""
    return next((told.copy for told in measured(source, file) if told.copy is not None), None)


@dataclass(frozen=True, eq=False)
class Told:
    """How far a file is from what its format would have made of a picture.

    Attributes:
        alike: how much of what is drawn is the same: in a WebP to the bit, in a JPEG but for its rounding.
        apart: the most that differs in one place, as a share of what may; in an AVIF in Cr or Cb.
        enough: how much has to be alike for it to tell anything.
        picture: what is said of, at its place in the file; a JPEG of it, where the file was made of that.
        again: what the format makes of it.
        whole: the picture lost nothing itself; of another the file may only be a copy's copy, or its twin.
        exact: the format makes the same of the same picture; of others only what is no copy is told.
        chained: the file is one of a JPEG of the picture.
        near: what looks a little otherwise is no more than the format loses of the picture, though none is equal.
        singled_out: the colours of one place differ, where nearly all of the others are those of the picture.
        recoloured: of a JPEG, most places that have a colour have another one than the picture.
        rounded: the picture was brought to the file's numbers, as its maker's program did but for a level.
    """

    alike: float
    apart: float
    enough: float
    picture: Colour
    again: Colour
    whole: bool = True
    exact: bool = True
    chained: bool = False
    near: bool = False
    singled_out: bool = False
    recoloured: bool = False
    rounded: bool = False

    @property
    def drawn_otherwise(self) -> bool:
        """Whether the file is of this picture but for a place: nothing that was done to all of it explains that."""
        return self.copy is False and self.alike >= ALIKE["image/jpeg"] and not self.recoloured

    @property
    def copy(self) -> bool | None:
        """Whether the file was saved from the picture; None where it does not tell."""
        if self.alike < self.enough or CERTAIN < self.apart <= 1:
            return None
        if self.apart <= CERTAIN:
            return True if self.exact else None
        return False if self.whole else None


def measured(source: Saved, file: Saved) -> list[Told]:
    """What a file tells of a picture, by each way in which it may have been saved.

    Nothing where it lost nothing, or its loss is not known here.
    """
    lossy = {"image/webp": _as_webp, "image/jpeg": _as_jpeg, "image/avif": _as_avif}.get(file.content_type)
    if lossy is None or file.rounded or file.picture.shape[0] * file.picture.shape[1] > MOST_PIXELS:
        return []
    laid = _laid_on(source.picture, file.picture)
    told = [] if laid is None else lossy(laid, file)
    least = MOSTLY_ALIKE if source.rounded else 0.0
    return [
        replace(each, whole=source.lost_nothing, enough=max(each.enough, least), rounded=source.rounded)
        for each in told
    ]


def changed(source: Saved, file: Saved) -> Iterator[Saved]:
    """What lost nothing, as it may have been before it was saved as a JPEG: a JPEG already, or changed as a whole.

    The file's blocks say it: those in which nothing was drawn otherwise are those of the changed picture. Where
    they are the picture's own but for a place, it was changed there alone.
    """
    pixels = file.picture.shape[0] * file.picture.shape[1]
    if not source.lost_nothing or file.content_type != "image/jpeg" or file.rounded or pixels > MOST_PIXELS:
        return
    kept = jpegs.Kept.of(file.content)
    if kept is None or source.picture.shape != file.picture.shape:
        return
    if any(told.drawn_otherwise for told in _as_jpeg(source.picture, file)):
        return
    before = chains.jpegs_before_jpeg(source.picture, kept, drawn_in(source.picture))
    changes = (change(source.picture) for change in changing.found(source.picture, kept.planes))
    yield from (replace(source, picture=picture) for picture in chain(before, changes) if _is_made_of(picture, file))


def _is_made_of(picture: Colour, file: Saved) -> bool:
    held = jpegs.held(picture, file.content, drawn_in(picture))
    return held is not None and min(held.alike, held.alike_in_colour) >= CHANGED


def _laid_on(picture: Colour, shown: Colour) -> Colour | None:
    """A picture at its place in what a file shows, to the pixel: as it is, cropped, or within a border."""
    if picture.shape == shown.shape:
        return picture
    cropped = alignment.cut_out(shown, picture)
    if cropped is not None:
        return cropped
    place = alignment.place_in(picture, shown)
    if place is None:
        return None
    border = np.ones(shown.shape[:2], bool)
    border[place] = False
    level = np.median(shown[border], axis=0)
    level = np.where(level <= _NEARLY, 0, np.where(level >= 255 - _NEARLY, 255, level)).astype(np.uint8)
    laid = np.broadcast_to(level, shown.shape).copy()
    laid[place] = picture
    return laid


def _as_jpeg(picture: Colour, file: Saved) -> list[Told]:
    held = jpegs.held(picture, file.content, drawn_in(picture))
    if held is None:
        return []
    if held.apart <= 1:
        return [Told(held.alike, held.apart, _LEAST_ALIKE, picture, picture)]
    alike = min(held.alike, held.alike_in_colour)
    singled_out = held.alike_in_colour >= _ALIKE_ELSEWHERE and held.singled_out > 1
    redrawn = held.apart >= REDRAWN and not held.recoloured
    enough = MOSTLY_ALIKE if redrawn else ALIKE[file.content_type]
    return [Told(alike, held.apart, enough, picture, picture, singled_out=singled_out, recoloured=held.recoloured)]


def _as_webp(picture: Colour, file: Saved) -> list[Told]:
    """Of the picture, and where it is none of that, of a JPEG that was made of it beside it.

    The JPEG may be another program's: then neither is equal to the bit, and either may come nearer. And it may have
    kept some blocks as they were, so that the picture seems to be what was saved, but with other words.
    """
    encoder = encoding.encoder(file.content, file.content_type)
    drawn = _drawn_blocks(picture)
    if encoder is None or not drawn.any():
        return []
    told = _as_webp_of(picture, file, encoder, drawn)
    if told.alike >= told.enough and told.apart <= 1:
        return [told]
    if (jpeg := chains.jpeg_before(picture, file.picture, drawn_in(picture))) is None:
        return [told]
    of_jpeg = _as_webp_of(jpeg, file, encoder, drawn)
    return [replace(of_jpeg, enough=_ALIKE_IN_CHAINS, chained=True), told]


def _as_webp_of(picture: Colour, file: Saved, encoder: Encoder, drawn: NDArray[np.bool_]) -> Told:
    alike, again = max(_ways(picture, encoder, file.picture, drawn), key=lambda way: way[0])
    levels = float(cv2.blur(most_apart(again, file.picture).astype(np.float32), (3, 3)).max())
    return Told(alike, levels / MOST_LEVELS, ALIKE[file.content_type], picture, again)


def _ways(picture: Colour, encoder: Encoder, shown: Colour, drawn: NDArray[np.bool_]) -> Iterator[tuple[float, Colour]]:
    """How much is equal at each quality, and what it makes of the picture, nearest first, up to where all is.

    Other words take a few bytes more or less, and a better quality now and then takes fewer.
    """
    saver = encoder.saver(picture)
    found = saver.quality()
    beside = range(max(0, found - _BESIDE), min(encoding.BEST_QUALITY, found + _BESIDE) + 1)
    for quality in sorted(beside, key=lambda quality: abs(quality - found)):
        again = saver.shown(quality)
        yield _equal(most_apart(again, shown), drawn), again
        if np.array_equal(again, shown):
            return


def _equal(apart: NDArray[np.uint8], drawn: NDArray[np.bool_]) -> float:
    """The share of the blocks in which something is drawn that are equal to the bit."""
    return float((by_blocks(apart, _MACROBLOCK).max(axis=(2, 3))[drawn] == 0).mean())


def _as_avif(picture: Colour, file: Saved) -> list[Told]:
    """Of the picture, or where it is none of that, of a JPEG that was made of it."""
    encoder = encoding.encoder(file.content, file.content_type)
    drawn = _drawn_blocks(picture)
    if encoder is None or not drawn.any():
        return []
    told, all_over = _as_avif_of(picture, file, encoder, drawn)
    if told.apart <= 1 and all_over <= _ALL_OVER:
        return [told]
    if (jpeg := chains.jpeg_before(picture, file.picture, drawn_in(picture))) is None:
        return [told]
    of_jpeg, left = _as_avif_of(jpeg, file, encoder, drawn)
    return [replace(of_jpeg, chained=True, near=False) if left <= _LESS_ALL_OVER * all_over else told]


def _as_avif_of(picture: Colour, file: Saved, encoder: Encoder, drawn: NDArray[np.bool_]) -> tuple[Told, float]:
    """Each encoder makes something else of a picture, but with the same steps loses about as much of it in a place.

    Beside it, what nine of ten places differ by, as a share of that.
    """
    saver = encoder.saver(picture)
    again = saver.shown(saver.quality())
    limits = next(limits for least, limits in MOST_LOST if min(picture.shape[:2]) >= least)
    apart, all_over = [], []
    for beyond, most in zip(_beyond_loss(picture, file.picture, again), limits, strict=True):
        usual = float(np.percentile(by_blocks(beyond, _MACROBLOCK).max(axis=(2, 3))[drawn], 90))
        apart.append(float(beyond.max()) / (most * (usual + _BESIDE_ALL)))
        all_over.append(usual)
    near = max(apart) <= NEAR_IN_AVIF and max(all_over) <= _ALL_OVER
    return Told(1.0, max(apart[1:]), 0.0, picture, again, exact=False, near=near), max(all_over)


def _beyond_loss(picture: Colour, shown: Colour, again: Colour) -> Iterator[Plane]:
    """By how much a file differs from a picture and what a format makes of it, against what that loses nearby."""
    planes = [ycc(each) for each in (picture, shown, again)]
    for channel in range(3):
        drawn, given, lossy = (np.ascontiguousarray(each[..., channel]) for each in planes)
        middle = (drawn + lossy) / 2
        lost = cv2.dilate(_by_words(lossy - middle), np.ones((9, 9), np.uint8))
        beyond, inside = _by_words(given - middle) / (lost + _FEWEST_LEVELS), np.s_[_RIM:-_RIM, _RIM:-_RIM]
        counted = np.zeros_like(beyond)
        counted[inside] = beyond[inside]
        yield counted


def _by_words(apart: Plane) -> Plane:
    return cv2.blur(np.abs(cv2.GaussianBlur(apart, (0, 0), 1.0)), (_WORD, _WORD))


def _drawn_blocks(picture: Colour) -> NDArray[np.bool_]:
    """In which macroblocks something is drawn."""
    return np.asarray(by_blocks(drawn_in(picture).astype(np.float32), _MACROBLOCK).sum(axis=(2, 3)) >= _LEAST_DRAWN)


def drawn_in(picture: Colour) -> NDArray[np.bool_]:
    """Which pixels lie beside an edge."""
    return gradient(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)) > _LEAST_CONTRAST


def ycc(picture: Colour) -> Plane:
    """Luma, Cr and Cb."""
    return cv2.cvtColor(picture.astype(np.float32), cv2.COLOR_RGB2YCrCb)
