"""Do two pictures show the same to a person who looks at them at their full size?

A thumbnail cannot tell: small or pale words are lost in it, and so are words told from their ground by colour alone.
So what would become a duplicate is compared here as it was uploaded: at the full size that both have, in colour, over
the whole picture, a band of rows at a time.

What differs is judged against its own surroundings. An encoder leaves more beside a strong edge than on a plain ground;
so a difference counts for less, the more contrast there is around it. And it is judged against the pair: how much all
of it differs a little tells how coarsely one of them was saved.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import cv2
import numpy as np
from cv2.typing import MatLike as Plane
from numpy.typing import NDArray
from PIL import Image
from pydantic import BaseModel, ConfigDict

from functions.dedup.pictures import (
    alignment,
    corners,
    hues,
    lines,
    palettes,
    reducing,
    resaving,
    shades,
    sharpening,
    toning,
)
from functions.dedup.pictures.alignment import Placed
from functions.dedup.pictures.lines import Found
from functions.dedup.pictures.resaving import Saved, Told
from functions.dedup.pictures.residuals import deviation, gradient, least_of, most_apart, most_of
from shared.media import borders, images, profiles
from shared.media.images import Colour
from shared.media.sandbox import Source, parts

MOST_PIXELS = 16 * 10**6
"""Of a picture that is compared; a larger one is reduced: no screen shows more."""

ALLOWED = ((400, (4.4, 3.1)), (200, (4.3, 2.45)), (0, (3.45, 2.2)))
"""Times the pair's noise (and half a level more) that a copy differs by at most: in luma, and in Cr and Cb.

By the shorter side, from so many pixels on. Of 570 copies of ads over other people's photographs two differ by more in
luma, sharpened ones apart; the palest legal lines in a GIF, an AVIF or a brighter copy start at 1.02, 1.10 and 1.03 of
it, stamps in colour alone at 1.7. Words of nine to eighteen pixels in colour alone may stay below where an AVIF kept
them.
"""

SHARPENED = 1.18
"""How much more a copy differs in luma by at most that was sharpened: no filter is another program's to the level.

Words exchanged in a sharpened ad start at 1.14 of this. In a banner, whose words are as small, nothing more is allowed.
"""

IN_FEW_COLOURS = 1.3
"""The same in Cr and Cb of what has a palette: of colours that it lacks, it shows others.

Stamps in colour alone start at 2.5 of this.
"""

IN_COLOUR_ALONE = 1.1
"""How often Cr and Cb together differ along strokes, at most, by what nearly all of the pair stays below (and two
levels more). It tells words that have colour alone: of contrast around them, that in luma excuses most.

Of 226 copies of ads of 600 pixels and more by ten programs two differ by more. Words in colour alone, 24 to 50 pixels
high, that passed for copies before start at 0.68 of it; 21 of 24 differ by more. Neither a banner is asked nor a
palette, whose words in colour are as small as what they lose; nor copies of another size.
"""

EXPLAINED = 0.85
"""Of what a copy may differ by, what a WebP has at most of what its format makes of a picture that looks otherwise.

Of 434 WebPs of JPEGs with other words those that look otherwise have 0.93 of it and more, copies 0.46 to 0.82.
"""

NEAR = 2.4
"""How far apart (`Told.apart`) a banner is at most from what WebP makes of a JPEG of one that looks otherwise.

Half of the copies that look otherwise have less; other words, of 9 to 22 pixels in colour alone, 2.7 and more.
"""

EXCUSED_IN_AVIF = 1.12
"""Times what a copy may differ by, what an AVIF has at most that differs in colour as well and that its format explains
(`Told.near`), without a JPEG. Of 158 copies by four encoders those that look otherwise have 1.01 to 1.12, one apart.
"""

EXCUSED_IN_LUMA = 0.97
"""What an AVIF has at most that looks otherwise in luma alone: by how many times what a copy may it differs, and by how
many where each place may be what its format makes of the picture; the product of both.

Of 15 such copies by three programs two have more than 0.96, of avifenc's `--min 40`; of 29 with other words, 9 to 16
pixels high and 30 to 90 levels from a plain ground, none has less than 0.99.
"""

EXCUSED_IN_PALETTE = 1.8
"""Times what a copy may differ by in luma, and how far it is from what its palette, mixed, makes of the picture
(`palettes.beyond_mixed`): the product of both, in a copy that has a palette.

Of 154 GIFs that ImageMagick, ffmpeg and Pillow made of ads, seven differ in luma alone: three have 0.5 to 1.75, the
others, three of them Pillow's, more. Of 880 GIFs of other words, 9 to 16 pixels high, 30 levels and more from their
ground, none has less than 2.0 that differs in luma alone.
"""

CERTAINLY = 3.0
"""Times its limit: what differs by more was drawn anew, however a file was saved."""

MOST_IN_LUMA = ((400, 5.3), (0, 4.75))
"""Levels as on a plain ground that a copy differs by in luma at most, whatever the noise: by its shorter side.

What an encoder makes of grain says nothing of a digit on a plain panel beside it. It is not asked where a palette or a
filter explains what differs. Of 1,190 copies (half of the text sweep that is tuned on, ads over photographs, ads in
grain) three have more than 4.6: one was sharpened, two are known by how they were saved (resaving.py). Of 37 digits of
nine to twelve pixels on panels in grain that passed for copies 32 have more than this. Of 240 copies of ads of 400
pixels and more two that were not sharpened have more than 4.8: WebPs, of which one has 5.6 and is known by how it was
saved. Of fine stripes an AVIF leaves 6.3. Digits of 13 to 15 pixels, 30 to 45 levels from a plain ground beside grain,
have 5.6 to 7.2 in a coarse JPEG; one of a legal line has 7.2 in a copy made brighter, which differs everywhere.
"""

_LEAST_NOISE = 0.5  # levels
_EXCUSED = 0.6
"""How much less a difference in luma counts, per doubling (to the base e) of the contrast around it."""

_EXCUSED_COLOUR = 0.1
"""How much less a difference in colour counts, per level of contrast in its own channel around it: strong edges bleed.

And per level of contrast in luma beside it: encoders mix up colours where light meets dark, and words that have such
contrast are told apart in luma.
"""

_EXCUSED_BY_LIGHT = 0.3
"""How much less, per level of contrast in luma around it, a difference counts in which words have colour alone."""

_DRAWN = 1.5
"""How often its own contrast a difference in colour counts at most: where nothing is drawn in colour, it is noise."""

_MOST_DRIFT = 4.0
"""Levels of colour: what differs by more is no noise, but a button of another colour."""

MOST_NOISE = 1.2, 1.0
"""In luma and in colour, and what covers less than half of a picture: nineteen of twenty copies have less than half of
it. A button of another colour is no noise; a palette's dither, which is everywhere, is."""

_EVEN_NOISE = 3.0  # times the median of everything

_NOISE_QUANTILE = 0.95  # of what is drawn
_BANNER = 200  # pixels: words fill so much of a smaller picture that others would count as noise
_BANNER_NOISE_QUANTILE = 0.9  # of everything
_STRIP = 120  # pixels
_LEAST_CONTRAST, _LEAST_COLOUR_CONTRAST = 3.0, 1.5  # levels: something is drawn there
_SHARP, _PLACED = 0.2, 0.4  # pixels: as far as drawings may lie beside each other, in equal sizes and where resized
_SMOOTH = 0.7  # pixels
_HARDLY_LARGER = 1.3
_AROUND = 17  # pixels: two blocks of an encoder
_BESIDE, _STROKE, _INK_AROUND, _LETTER = 3, 5, 7, 9  # pixels at half the size
_ALONG_STROKES = 1.0  # pixels at half the size
_USUAL = 0.99
_LEAST_IN_COLOUR = 2.0  # levels
_TONE_AROUND = 33  # pixels
_MOST_TONE = 2.0  # levels by which a place may be lighter or more coloured as a whole
MOST_LIGHTER = 24.0
"""Levels of luma by which nearly all of a copy is lighter or darker at most: full range taken for that of television is
19, all a tenth brighter or of a tenth more contrast up to 21."""

MOST_RECOLOURED, _SATURATED = 8.0, 0.2
"""Levels of Cr and Cb together by which nearly all of a copy is of another colour at most, as exports for other screens
are; and what more or less saturated colours may differ by, as a share of theirs."""

MOST_LIGHTER_IN_STRIPS = 16.0
"""The same of a strip (`_STRIP`) on white, and of nearly every pixel of it (`_ALL`).

What is white stays white however a picture was made lighter, so of a white strip with one colour nothing but that
colour says so: another blue for its button, logo and price is a change of all. Of 217 copies of all sizes none has more
than 14.3, strips with another blue 16.8 and more, as avifenc and sharp saved them.
"""

_NEARLY_ALL, _ALL = 0.9, 0.995
_LUMA = "luma"  # a rule: see `Verdict.told_by`
_OF_ALL = "tones of all"  # a rule: however all of it was changed, it is another picture
_STAYED = "colours that stayed"  # a rule: not all of it was changed
_TURNED = "hue of all"  # a rule: no change of all turns it

GAINS = (0.7, 1.4), (0.8, 1.25)
"""How much less and more contrast one may have than the other, in luma and in colour."""

MOST_REINKED = 5.0
"""Levels of Cr and Cb together by which a place (`_AROUND` pixels at half the size) of a copy is of another colour.

Encoders blur colours, but keep their mean: 168 copies stay at 4.0 or below. Words in another colour are at 6 and more
where they are 20 pixels high.
"""

MOST_REINKED_LETTERS = 9.0
"""The same of a place of `_INK_AROUND` pixels at half the size, as wide as letters are.

868 copies, of ads over photographs and of strips with a line of 12 to 24 pixels, stay at 8.1 or below. Yellow, cream or
light blue for white, on red, has 9.7 to 29 where looks did not tell it, between two JPEGs as well.
"""

PALETTES_LACK = 8.0
"""So many more where one of them has a palette: of what it has no colour for, it shows another (palettes.py)."""

MOST_REPAINTED = 4.0
"""Levels of luma, Cr and Cb together by which a plain place of a copy is of another colour that kept all its tones.

Encoders keep what is plain: of 72 copies none has 3; those with a palette have up to 6, and may have more. Buttons of
another colour passed for copies, as nothing is drawn in them.
"""

MOST_SHADED, MOST_SHADED_IN_PALETTE = 9.5, 7.5
"""Levels of luma, Cr and Cb together by which a place (`_AROUND` pixels at half the size) of a copy, words and edges in
it and all, is of another colour at most once both have the same tones; the second of what has a palette of
`palettes.MOST_COLOURS`.

Of 1,150 copies of ads over photographs none has more than 8.4, one made brighter; of 190 GIFs by three programs those
of more than 200 colours have up to 7.0, but for Pillow's octree, which is known to the bit. A button, a plate or a
price in another shade of its colour, where its words and its dither left nothing plain, has 7.7 to 14.
"""

_OF_MOST, _MOST = 4.5, 0.8
"""What a place of a palette may have all the same, times what most of the picture has: some have no colours for it."""

MOST_LEFT = 1.85
"""Levels by which a colour is left as it was at most, where the likeliest change of the whole moves it (shades.py).

Of 850 copies of ads over photographs none has more than 1.73; grounds and buttons in another shade, in ads of three
colours and more, have 1.97 to 6.
"""

MOST_TURNED = 45.0
"""Degrees by which the hue of what is coloured is turned at most, however all tones were changed (hues.py).

Of 1,293 copies of ads of four sources one has more than 15 (32): it is nearly grey, and of more contrast.
Grounds that go from white to another pale colour have 52 to 126.
"""

_PLAIN_AROUND = 13  # pixels at half the size: a button's height
_PLAIN = 4.0, 2.0, 2.0  # levels of contrast: nothing is drawn in luma, Cr and Cb
_RIM = 2  # pixels: what a copy has of a border or of its neighbours; no letter fits in
_BAND_ROWS = 1024
_MARGIN = 64  # rows: a line of words that begins in a band ends in it, or in these
_SAMPLED = 7
_TONES = np.linspace(64, 192, 9, dtype=np.float32)
_AS_IT_IS = 2.0  # levels
_TONE_STEP = 3  # rows: enough to fit tones to
_CLIPPED = 5  # levels from black or white
_KEPT_EDGES = 0.7  # of all edges, equal to the bit: no encoder that loses anything leaves so many
_DRAWN_ANEW = 8  # levels
_DRAWN_IN_FEW_COLOURS = 12  # levels, mean over 3x3 pixels: the dither of a palette is 8, small words are 20
_OF_THREE_COLOURS = ("RGB", "RGBA", "P")


class Verdict(BaseModel):
    """What two originals say.

    Attributes:
        same: they show the same.
        score: the worst difference, in levels as on a plain ground.
        difference: to tell which of several is nearest: the square of the score, and the mean square of all that
            differs. By that alone a copy of half the size went to another version that was saved as coarsely.
        beyond: the worst difference as a share of what a copy may have; of words in colour alone as well.
        certain: neither how the files were saved nor anything else would change it.
        in_colour_alone: words that have colour alone differ by more than formats lose of them.
        hiding: they are so small, or so much of them is lost, that other letters would not stand out.
        told_by: the rules that told them apart; of those of looks by how much of what a copy may have.
    """

    model_config = ConfigDict(frozen=True)

    same: bool
    score: float
    difference: float
    beyond: float = 0.0
    certain: bool = False
    in_colour_alone: bool = False
    hiding: bool = False
    told_by: dict[str, float] = {}

    def decided(self, rule: str, *, same: bool, **more: bool) -> "Verdict":
        """By one rule more."""
        told_by = {} if same else self.told_by | ({rule: 1.0} if self.same else {})
        return self.model_copy(update={"same": same, "told_by": told_by, **more})


@dataclass(frozen=True, eq=False)
class _Channel:
    """One of luma, Cr and Cb in both pictures, laid over each other (height x width, levels).

    Attributes:
        darker: how many levels darker, or less coloured, the second may be where it lost them to white.
        lighter: the same where it lost them to black.
        resized: whether one of them was: then edges may lie farther beside each other.
        light: of Cr and Cb, the contrast in luma beside each pixel; None for luma itself.
        lit: the same, over a letter.
        lacking: by how many levels the first may be lighter as a whole, as a palette lacks what is drawn there.
        own: the rows that are judged; those above and below are looked at beside them.
    """

    wanted: Plane
    given: Plane
    darker: Plane
    lighter: Plane
    shown: NDArray[np.bool_]
    resized: bool
    own: slice
    light: Plane | None = None
    lit: Plane | float = 0.0
    lacking: Plane | float = 0.0


Tone = Callable[[Plane], Plane]


def compare_files(source: Source, *, first_bytes: int, content_types: Sequence[str], max_pixels: int) -> bytes:
    """A `Verdict` as JSON, of two files that `source` holds one after the other.

    Raises:
        Rejected: when one of them cannot be decoded.
    """
    files = [(each.read(), said) for each, said in zip(parts(source, first_bytes), content_types, strict=True)]
    spaces = [_space(*each, max_pixels) for each in files]
    verdict = compare_saved(*_in_one_space(files, spaces, max_pixels))
    if not verdict.same and spaces[0] != spaces[1]:
        # A profile is easily lost: what a network sends on has the numbers, and nothing that tells what they stand for.
        kept = compare_saved(*(Saved(*each, _shown(*each, max_pixels, in_srgb=False)) for each in files))
        verdict = kept if kept.same else verdict
    return verdict.model_dump_json().encode()


def _space(content: bytes, content_type: str, max_pixels: int) -> bytes | None:
    """The profile of a file whose red, green and blue are not sRGB's."""
    image = images.open_image(content, content_type, max_pixels=max_pixels)
    return profiles.foreign(image) if image.mode in _OF_THREE_COLOURS else None


def _in_one_space(
    files: Sequence[tuple[bytes, str]], spaces: Sequence[bytes | None], max_pixels: int
) -> Iterator[Saved]:
    """Both in the numbers of what lost something in others than sRGB's: there it is what its format makes of it, and
    sRGB spreads it over more levels.
    """
    lossy = (own for own, each in zip(spaces, files, strict=True) if own and not resaving.lost_nothing(*each))
    space = max(lossy, default=None)
    for (content, content_type), own in zip(files, spaces, strict=True):
        as_kept = own is not None and own == space
        picture = _shown(content, content_type, max_pixels, in_srgb=not as_kept)
        if space and not as_kept:
            picture = np.asarray(profiles.in_numbers_of(space, Image.fromarray(picture)))
        yield Saved(content, content_type, picture, rounded=own != space)


def _shown(content: bytes, content_type: str, max_pixels: int, *, in_srgb: bool) -> Colour:
    return images.colour(content, content_type, max_pixels=max_pixels, most=MOST_PIXELS, in_srgb=in_srgb)


def compare_saved(one: Saved, other: Saved) -> Verdict:
    """Compares two pictures, and where one was saved from the other in one step, goes by that.

    Where both lost something and words may hide in that, nobody can say that they are the same: so they are not. What
    has a palette may have lost colours to it. And what is shown in corners that were cut off is not what a file keeps:
    it is asked of that where they are not the same as they are, for one may have round corners of its own.
    """
    verdict = _compare_kept(one, other)
    pictures = corners.made_equal(one.picture, other.picture)
    if verdict.same or (pictures[0] is one.picture and pictures[1] is other.picture):
        return verdict
    return _unless_hiding(compare(*pictures), known=one.lost_nothing and other.lost_nothing)


def _compare_kept(one: Saved, other: Saved) -> Verdict:
    looks = compare(one.picture, other.picture)
    verdict = looks if looks.certain else _by_files(looks, one, other)
    if not verdict.same and verdict.beyond <= CERTAINLY and not verdict.told_by.keys() & {_OF_ALL, _STAYED, _TURNED}:
        verdict = next((changed for changed in _once_changed(one, other) if changed.same), verdict)
    known = any(each.lost_nothing and not palettes.has_one(each.picture) for each in (one, other))
    return _unless_hiding(verdict, known=known)


def _unless_hiding(verdict: Verdict, *, known: bool) -> Verdict:
    """A verdict; other words may hide in what both files lost, unless one is known to have lost nothing."""
    return verdict.decided("letters may hide", same=verdict.same and (known or not verdict.hiding))


def _once_changed(one: Saved, other: Saved) -> Iterator[Verdict]:
    """What two pictures are where one was changed as a whole, or was a JPEG, and then saved as the other: so is it."""
    for source, file in ((one, other), (other, one)):
        for changed in resaving.changed(source, file):
            yield _by_files(compare(changed.picture, file.picture), changed, file)


def _by_files(looks: Verdict, one: Saved, other: Saved) -> Verdict:
    """What two pictures are by how they look and by how their files were saved."""
    smaller, larger = sorted((one, other), key=lambda each: each.picture.size)
    if reducing.is_reduced(smaller.picture, larger.picture):
        otherwise = reducing.has_other_colours if looks.same else reducing.is_made_of
        return looks.decided("colours of what was reduced", same=looks.same is not otherwise(smaller, larger))
    pairs = (one, other), (other, one)
    kept = [(source.picture, file.picture) for source, file in pairs if source.lost_nothing]
    looks = _in_palette(looks, kept)
    if looks.same and any(palettes.is_other(*pair) for pair in kept):
        return looks.decided("colours of a palette", same=False, in_colour_alone=True)
    told = [(said, file) for source, file in pairs if (said := resaving.measured(source, file))]
    copies = {each.copy for said, _ in told for each in said} - {None}
    if copies:
        same = True in copies
        return looks.decided("the file's numbers", same=same, hiding=looks.hiding and not same)
    if looks.hiding and any(each.singled_out and each.whole for said, _ in told for each in said):
        return looks.decided("colours of one place of a JPEG", same=False, in_colour_alone=True)
    verdict = _in_avif(looks, told)
    verdict = verdict.decided("what WebP loses", same=_is_same_in_webp(verdict, told))
    return verdict.decided("what a JPEG before it lost", same=verdict.same and _is_same_in_chains(told))


def _in_palette(looks: Verdict, pairs: Sequence[tuple[Colour, Colour]]) -> Verdict:
    """What looks say, and where what has a palette is a little lighter or darker, what mixing its colours explains.

    The `pairs` are of a picture that lost nothing, and of what may have been made of it. Words in colour alone are
    excused by nothing: they are what a palette may lack.
    """
    if not looks.same and not looks.certain and any(palettes.is_octree(*pair) for pair in pairs):
        return looks.decided("what a palette loses", same=True)
    if looks.certain or set(looks.told_by) != {_LUMA}:
        return looks
    beyond = min((palettes.beyond_mixed(*pair) for pair in pairs), default=math.inf)
    return looks.decided("what a palette loses", same=looks.beyond * beyond <= EXCUSED_IN_PALETTE)


def _in_avif(looks: Verdict, told: Sequence[tuple[Sequence[Told], Saved]]) -> Verdict:
    """What looks say, and where an AVIF of a picture that lost nothing looks a little otherwise, what explains that."""
    if looks.same or looks.certain:
        return looks
    avifs = [(said, file) for said, file in told if file.content_type == "image/avif"]
    made = [(each, file.picture) for said, file in avifs for each in said if each.whole]
    if looks.told_by.keys() == {_LUMA}:
        share = looks.told_by[_LUMA] ** 2
        same = any(share * _share_beside(each, shown) <= EXCUSED_IN_LUMA for each, shown in made)
    else:
        same = looks.beyond <= EXCUSED_IN_AVIF and any(each.near for each, _ in made)
    return looks.decided("what AVIF loses", same=same)


def _share_beside(said: Told, shown: Colour) -> float:
    """Of what a file differs from a picture in luma at most, what it does where each place may be as its format makes
    it of that picture.
    """
    itself, otherwise = (_counted_in_luma(each, shown) for each in (said.picture, said.again))
    return float(np.minimum(itself, otherwise).max() / max(_LEAST_NOISE, itself.max()))


def _counted_in_luma(one: Colour, other: Colour) -> Plane:
    """What each place of two pictures that lie on each other differs by, in levels as on a plain ground."""
    wanted, given = (cv2.cvtColor(each, cv2.COLOR_RGB2GRAY).astype(np.float32) for each in (one, other))
    nothing, inside = np.zeros(1, np.float32), _inside_rim(*wanted.shape)
    channel = _Channel(wanted, given, nothing, nothing, inside, resized=False, own=slice(None))
    return _differing(channel)[1]


def _is_same_in_webp(looks: Verdict, told: Sequence[tuple[Sequence[Told], Saved]]) -> bool:
    """What two pictures are of which no file was saved from the other in one step; asked once more of WebPs.

    Each is held against what its format makes of the other picture, and of a JPEG of that: whatever comes nearest says
    it. Where both look the same, it must not be other words that both formats hide.
    """
    webps = [(said, file) for said, file in told if file.content_type == "image/webp"]
    small = any(min(file.picture.shape[:2]) < _BANNER for _, file in webps)
    if not looks.same:
        return bool(webps) and _is_explained(looks, webps, small=small, both_lost=len(told) > 1)
    telling = [(said, file) for said, file in webps if small or said[0].whole]
    return all(any(_looks_made_again(each, file) for each in said) for said, file in telling)


def _looks_made_again(said: Told, file: Saved) -> bool:
    """Whether a file looks like what its format makes of the other picture; what was rounded was not drawn anew."""
    if said.rounded:
        return _judge(_laid_over(said.again, file.picture)).same
    return compare(said.again, file.picture).same


def _is_explained(
    looks: Verdict, webps: Sequence[tuple[Sequence[Told], Saved]], *, small: bool, both_lost: bool
) -> bool:
    """Whether pictures that look otherwise are the same, but for what WebP, or a JPEG before it, loses of them.

    In a small banner words are as large as what is lost: there each file has to be near a JPEG's WebP. Words in colour
    alone are excused by nothing but a JPEG in between.
    """
    if small:
        return all(
            any(each.chained and each.apart <= NEAR and _beyond(each, file) <= 1 for each in said)
            for said, file in webps
        )
    asked = ((said, file) for said, file in webps if both_lost or said[0].whole)
    ways = ((each, file) for said, file in asked for each in said if each.chained or not looks.in_colour_alone)
    return any(_beyond(each, file) <= EXPLAINED for each, file in ways)


def _beyond(said: Told, file: Saved) -> float:
    """By how much of what a copy may a file differs from what its format makes of the other picture."""
    again = compare(said.again, file.picture)
    return again.beyond if again.same else math.inf


def _is_same_in_chains(told: Sequence[tuple[Sequence[Told], Saved]]) -> bool:
    """Whether files that lost something twice show what their formats make of the other picture: words are more.

    That is asked of those that do not tell it by what is equal to the bit.
    """
    chained = [(each, file) for said, file in told for each in said if each.chained and not each.exact]
    return all(_judge(_laid_over(each.again, file.picture)).same for each, file in chained)


def compare(one: Colour, other: Colour) -> Verdict:
    """Compares two pictures whose proportions differ by at most a few percent, whichever comes first."""
    smaller, larger = sorted((one, other), key=lambda each: (each.shape[0] * each.shape[1], each.shape, each.tobytes()))
    if smaller.shape == larger.shape:
        if np.array_equal(smaller, larger):
            return Verdict(same=True, score=0.0, difference=0.0, certain=True)
        if (apart := _drawn_anew(smaller, larger)) is not None:
            told_by = {"drawn anew": apart / _DRAWN_ANEW}
            square = float(np.mean(np.square(smaller.astype(np.float32) - larger)))
            return Verdict(same=False, score=apart, difference=apart**2 + square, certain=True, told_by=told_by)
    overlay = min(_overlays(smaller, larger), key=lambda overlay: overlay.placed.apart)
    verdict = _judge(overlay)
    if not verdict.same and (own := alignment.unrepeated(larger, smaller)) is not None:
        verdict = min(verdict, _judge(_laid_over(smaller, own)), key=_unlike)
    for explained in (_equally_toned, _equally_sharp, _in_few_colours):
        if verdict.same:
            break
        if (other_overlay := explained(overlay)) is not None:
            verdict = min(verdict, _judge(other_overlay), key=_unlike)
    if verdict.same and not overlay.as_it_is:
        left = shades.left_as_they_were(overlay.smaller, overlay.given)
        verdict = verdict.decided(_STAYED, same=left <= MOST_LEFT, certain=left > MOST_LEFT)
        if hues.turned(overlay.smaller, overlay.given) > MOST_TURNED:
            verdict = verdict.decided(_TURNED, same=False, certain=True)
    return verdict


def _unlike(verdict: Verdict) -> tuple[bool, bool, float]:
    """What says best how a copy was made comes first: of several ways to explain what differs, that counts."""
    return not verdict.same, verdict.certain, verdict.beyond


def _overlays(smaller: Colour, larger: Colour) -> Iterator["_Overlay"]:
    """The ways in which the one may lie over the other: as a whole, without borders, or cut out of it."""
    yield _laid_over(smaller, larger)
    inner = _inner(smaller, larger)
    if [each.shape for each in inner] != [smaller.shape, larger.shape]:
        yield _laid_over(*inner)
    cut = alignment.cut_out(smaller, larger)
    if cut is not None:
        yield _laid_over(smaller, cut)


def _drawn_anew(one: Colour, other: Colour) -> float | None:
    """The most by which two pictures differ that were saved without loss, so that it was drawn; None for others."""
    grey = cv2.cvtColor(one, cv2.COLOR_RGB2GRAY).astype(np.float32)
    edges = gradient(grey) > _LEAST_CONTRAST
    apart = most_apart(one, other)
    if not edges.any() or (apart[edges] == 0).mean() < _KEPT_EDGES:
        return None
    if palettes.has_one(one) is not palettes.has_one(other):
        worst = float(np.abs(cv2.blur(one.astype(np.float32) - other, (3, 3))).max())
        return worst if worst >= _DRAWN_IN_FEW_COLOURS else None
    worst = float(apart.max())
    return worst if worst >= _DRAWN_ANEW else None


@dataclass(frozen=True, eq=False)
class _Overlay:
    """Two pictures of one size, laid over each other.

    Attributes:
        tones: of each channel, what brings the second to the first.
        clipped: levels that the second lost to black, and to white, at most.
        resized: whether one of them was brought to the other's size or place.
        retoned: what brings it there as a share of what a copy takes at most.
        lacking: see `_Channel`; None where no palette is known to.
        sharpened: whether one of them was, to be as sharp as the other.
    """

    smaller: Colour
    larger: Colour
    placed: Placed
    tones: Sequence[Tone]
    clipped: tuple[float, float]
    resized: bool
    retoned: float
    lacking: Plane | None = None
    sharpened: bool = False

    @classmethod
    def of(cls, smaller: Colour, larger: Colour, placed: Placed, *, resized: bool) -> Self:
        """With the tones that fit both where they are small."""
        wanted, given = (_ycc(each)[::_TONE_STEP] for each in placed.small)
        tones = [_tone(wanted[..., at], given[..., at], GAINS[at > 0]) for at in range(3)]
        clipped = _clipped(*(each[::_TONE_STEP] for each in placed.small))
        strip = min(smaller.shape[:2]) < _STRIP and all(map(_is_on_white, placed.small))
        return cls(smaller, larger, placed, tones, clipped, resized, _retoned(given, tones, strip=strip))

    @property
    def as_it_is(self) -> bool:
        """Whether both have the same tones."""
        return all(float(np.abs(tone(_TONES) - _TONES).max()) <= _AS_IT_IS for tone in self.tones)

    @property
    def has_palette(self) -> bool:
        """Whether one of them has no more colours than a palette."""
        return self.colours is not None

    @property
    def colours(self) -> int | None:
        """How many colours one of them has that has no more than a palette; the most where both do."""
        found = (palettes.colours(each) for each in (self.smaller, self.larger))
        return max((each for each in found if each is not None), default=None)

    @cached_property
    def given(self) -> Colour:
        """The second where the first has it."""
        height, width = self.smaller.shape[:2]
        return alignment.warped(self.larger, self.placed.onto, 0, height, width)[0]


def _inner(one: Colour, other: Colour) -> tuple[Colour, Colour]:
    """Both without their even borders, the smaller first."""
    inner = [borders.inside_colour(each) for each in (one, other)]
    smaller, larger = sorted(inner, key=lambda each: each.shape[0] * each.shape[1])
    return smaller, larger


def _laid_over(smaller: Colour, larger: Colour) -> _Overlay:
    """One that is hardly larger is brought to its place in one step: each step would blur its words."""
    height, width = smaller.shape[:2]
    of_one_size = larger.shape == smaller.shape
    reduced = alignment.resized(larger, width, height)
    placed = alignment.best(smaller, reduced)
    factors = larger.shape[1] / width, larger.shape[0] / height
    onto = placed.onto
    if not of_one_size and all(1 / _HARDLY_LARGER <= factor <= _HARDLY_LARGER for factor in factors):
        reduced, onto = larger, alignment.composed(onto, factors)
    moved = not of_one_size or not placed.as_it_is
    return _Overlay.of(smaller, reduced, replace(placed, onto=onto), resized=moved)


def _equally_toned(overlay: _Overlay) -> _Overlay | None:
    """The same with the darker picture, or that of less contrast, changed as the other was; None where neither was."""
    wanted, given = overlay.placed.small
    of_larger, of_smaller = toning.change(given, wanted), toning.change(wanted, given)
    if of_larger is not None and (of_smaller is None or of_larger[0] <= of_smaller[0]):
        change = of_larger[1]
        placed = replace(overlay.placed, small=(wanted, change(given)))
        return _Overlay.of(overlay.smaller, change(overlay.larger), placed, resized=overlay.resized)
    if of_smaller is None:
        return None
    change = of_smaller[1]
    placed = replace(overlay.placed, small=(change(wanted), given))
    return _Overlay.of(change(overlay.smaller), overlay.larger, placed, resized=overlay.resized)


def _equally_sharp(overlay: _Overlay) -> _Overlay | None:
    """The same with the softer picture sharpened as the other was; None where neither was."""
    given = overlay.given
    if (shares := sharpening.shares(overlay.smaller, given)) is not None:
        return replace(overlay, smaller=sharpening.applied(overlay.smaller, shares), sharpened=True)
    if (shares := sharpening.shares(given, overlay.smaller)) is not None:
        return replace(overlay, larger=sharpening.applied(overlay.larger, shares), sharpened=True)
    return None


def _in_few_colours(overlay: _Overlay) -> _Overlay | None:
    """The same, with what the palette of one of them lacks; None where neither has one."""
    lacking = palettes.lacking(overlay.smaller, overlay.given, _TONE_AROUND)
    return None if lacking is None else replace(overlay, lacking=lacking)


def _ycc(picture: Colour) -> Plane:
    return cv2.cvtColor(picture, cv2.COLOR_RGB2YCrCb).astype(np.float32)


def _tone(wanted: Plane, given: Plane, gains: tuple[float, float]) -> Tone:
    """What brings the levels of one picture to those of the other: the gain and offset that fit most of its levels."""
    gain, offset = alignment.tone(wanted.ravel(), given.ravel(), gains)
    return lambda levels: np.clip(gain * levels + offset, 0, 255).astype(np.float32)


def _retoned(given: Plane, tones: Sequence[Tone], *, strip: bool) -> float:
    """By how much these tones change most of a picture (luma, Cr, Cb), as a share of what a copy takes at most."""
    moved = np.stack([tone(given[..., at]) for at, tone in enumerate(tones)], axis=2) - given
    colour = np.hypot(moved[..., 1], moved[..., 2])
    colour -= _SATURATED * np.hypot(given[..., 1] - 128, given[..., 2] - 128)
    light = np.abs(moved[..., 0])
    lighter, recoloured = (float(np.quantile(each, _NEARLY_ALL)) for each in (light, colour))
    lightest = float(np.quantile(light, _ALL)) / MOST_LIGHTER_IN_STRIPS if strip else 0.0
    return max(lighter / MOST_LIGHTER, recoloured / MOST_RECOLOURED, lightest)


def _is_on_white(picture: Colour) -> bool:
    """Whether half of it is as bright as a picture can be, in red, green or blue."""
    return float(np.mean(most_of(picture) >= 255 - _CLIPPED)) >= 0.5


def _clipped(wanted: Colour, given: Colour) -> tuple[float, float]:
    """Levels lost to black and to white: what red, green and blue were brought to is not what they are at the ends."""
    one, other = (each.reshape(-1, 3).astype(np.float32) for each in (wanted, given))
    fits = [alignment.tone(one[:, at], other[:, at]) for at in range(3)]
    black = max(0.0, *(offset for _, offset in fits))
    return black, max(0.0, *(255 - 255 * gain - offset for gain, offset in fits))


def _judge(overlay: _Overlay) -> Verdict:
    """Each channel has a noise of its own: most encoders spend little on colour."""
    found: list[list[_Differing]] = []
    in_colour: list[Plane] = []
    shaded: list[Plane] = []
    inked = letters = repainted = 0.0
    in_lines = Found()
    for band in _bands(overlay):
        found.append([_Differing.of(channel) for channel in band])
        in_colour.append(_in_colour_alone(*band[1:]))
        in_lines |= _in_lines(*band[1:])
        inked, letters = map(max, (inked, letters), _reinked(*band[1:]))
        shaded.append(_shaded(*band))
        repainted = max(repainted, _repainted(*band) if overlay.as_it_is else 0.0)
    channels = list(zip(*found, strict=True))
    side = min(overlay.smaller.shape[:2])
    luma, colour = next(allowed for least, allowed in ALLOWED if side >= least)
    if side >= _BANNER:
        luma *= SHARPENED if overlay.sharpened else 1
        colour *= IN_FEW_COLOURS if overlay.lacking is not None else 1
    noise = [
        _noise(channel, most, banner=not at and side < _BANNER)
        for at, (channel, most) in enumerate(zip(channels, (*MOST_NOISE, MOST_NOISE[1]), strict=True))
    ]
    limits = [most * (_LEAST_NOISE + level) for most, level in zip((luma, colour, colour), noise, strict=True)]
    if overlay.lacking is None and not overlay.sharpened:
        limits[0] = min(limits[0], next(most for least, most in MOST_IN_LUMA if side >= least))
    worst = [max(each.worst for each in channel) for channel in channels]
    lack = PALETTES_LACK if overlay.lacking is not None else 0.0
    recoloured = {
        _OF_ALL: overlay.retoned,
        "colours of places": inked / (MOST_REINKED + lack),
        "colours of plain places": _repainted_by(overlay, repainted),
    }
    is_recoloured = max(recoloured.values()) > 1
    shares = {
        **{rule: most / limit for rule, most, limit in zip((_LUMA, "Cr", "Cb"), worst, limits, strict=True)},
        "colours of letters": letters / (MOST_REINKED_LETTERS + lack),
        "shades of places": _shaded_by(overlay, np.concatenate(shaded)),
    }
    beyond = max(shares.values())
    asked = side >= _BANNER and not overlay.resized and overlay.lacking is None
    alone = _beyond_usual(np.concatenate(in_colour)) / IN_COLOUR_ALONE if asked else 0.0
    if max(beyond, alone) <= 1 and not is_recoloured:
        alone = max(alone, in_lines.beyond)
    told_by = shares | recoloured | {"words in colour alone": alone}
    return Verdict(
        same=max(beyond, alone) <= 1 and not is_recoloured,
        score=max(worst),
        difference=max(worst) ** 2 + float(np.mean([each.square for band in found for each in band])),
        beyond=max(beyond, alone),
        certain=beyond > CERTAINLY or is_recoloured,
        in_colour_alone=alone > 1,
        hiding=in_lines.hiding,
        told_by={rule: share for rule, share in told_by.items() if share > 1},
    )


def _reinked(red: _Channel, blue: _Channel) -> tuple[float, float]:
    """By how much the colour (Cr and Cb) of a place differs at most, beyond more of the same.

    Of places of `_AROUND` pixels, and of `_INK_AROUND`.
    """
    shown = red.shown & blue.shown
    apart = [np.where(shown, each.wanted - each.given, 0) for each in (red, blue)]
    wanted, given = [red.wanted - 128, blue.wanted - 128], [red.given - 128, blue.given - 128]

    def most(around: int) -> float:
        coloured = np.minimum(_length(around, *wanted), _length(around, *given))
        return float((_length(around, *apart) - _SATURATED * coloured)[red.own].max(initial=0.0))

    return most(_AROUND), most(_INK_AROUND)


def _shaded(luma: _Channel, red: _Channel, blue: _Channel) -> Plane:
    """By how many levels of luma, Cr and Cb together each place differs, but for what was clipped."""
    squares = np.zeros(red.shown.shape, np.float32)
    for channel in (luma, red, blue):
        levels = _but_for_clipped(channel, channel.wanted, channel.given)
        halved = cv2.resize(levels, squares.shape[::-1], interpolation=cv2.INTER_AREA)
        squares += np.square(cv2.blur(halved, (_AROUND, _AROUND)))
    return np.sqrt(squares[red.own])


def _shaded_by(overlay: _Overlay, levels: Plane) -> float:
    """The most of it as a share of what may be; looks for a palette only where that counts."""
    worst = float(levels.max(initial=0.0))
    if worst > MOST_SHADED_IN_PALETTE and (colours := overlay.colours) is not None:
        allowed = MOST_SHADED_IN_PALETTE * math.sqrt(palettes.MOST_COLOURS / colours)
        return worst / max(allowed, _OF_MOST * float(np.quantile(levels, _MOST)))
    return worst / MOST_SHADED


def _repainted_by(overlay: _Overlay, levels: float) -> float:
    """What is plain and of another colour, as a share of what may be; looks for a palette only where that counts."""
    return levels / (MOST_REPAINTED + (PALETTES_LACK if levels > MOST_REPAINTED and overlay.has_palette else 0.0))


def _repainted(luma: _Channel, red: _Channel, blue: _Channel) -> float:
    """By how many levels a place in which neither picture shows anything is of another colour at most."""
    size = red.shown.shape[::-1]
    one, other = (cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in (luma.wanted, luma.given))
    pairs = ((one, other), (red.wanted, red.given), (blue.wanted, blue.given))
    plain = red.shown & ~cv2.dilate((~red.shown).astype(np.uint8), np.ones((_PLAIN_AROUND, _PLAIN_AROUND))).astype(bool)
    apart = np.zeros(red.shown.shape, np.float32)
    for (first, second), most in zip(pairs, _PLAIN, strict=True):
        plain &= _contrast(first, second, _PLAIN_AROUND) < most
        apart += np.square(cv2.blur(first - second, (_PLAIN_AROUND, _PLAIN_AROUND)))
    return float(np.sqrt(apart[red.own].max(initial=0.0, where=plain[red.own])))


def _length(around: int, red: Plane, blue: Plane) -> Plane:
    """How far from grey the mean of each place is, so many pixels wide."""
    means = [cv2.blur(plane.astype(np.float32), (around, around)) for plane in (red, blue)]
    return np.hypot(means[0], means[1])


def _in_colour_alone(red: _Channel, blue: _Channel) -> Plane:
    """By how many levels Cr and Cb together differ along strokes, where words may have colour alone."""
    apart, contrast = [], []
    for channel in (red, blue):
        one, other = (cv2.GaussianBlur(each, (0, 0), _SMOOTH) for each in (channel.wanted, channel.given))
        apart.append(cv2.GaussianBlur(_apart(channel, one, other), (0, 0), _ALONG_STROKES))
        contrast.append(_contrast(one, other, _AROUND))
    excused = _EXCUSED_BY_LIGHT * red.lit + _EXCUSED_COLOUR * np.hypot(*contrast)
    counted = (np.hypot(*apart) / (1 + excused))[red.own]
    return np.asarray(counted[red.shown[red.own]], np.float32)


def _in_lines(red: _Channel, blue: _Channel) -> Found:
    """What lines of words that have colour alone tell."""
    pair = (red.wanted, blue.wanted), (red.given, blue.given)
    return lines.found(*pair, np.asarray(red.lit, np.float32), red.shown, resized=red.resized, own=red.own)


def _beyond_usual(levels: Plane) -> float:
    """How often the most is what nearly all of them stay below, and a little more."""
    if not levels.size:
        return 0.0
    return float(levels.max()) / (_LEAST_IN_COLOUR + float(np.quantile(levels[::_SAMPLED], _USUAL)))


@dataclass(frozen=True, eq=False)
class _Differing:
    """How some rows of a channel differ, in levels as on a plain ground.

    Attributes:
        worst: the most.
        sample: here and there.
        drawn: the same where something is drawn.
        square: the mean square of all.
    """

    worst: float
    sample: Plane
    drawn: Plane
    square: float

    @classmethod
    def of(cls, channel: _Channel) -> Self:
        apart, everywhere, ink = _differing(channel)
        counted, drawn, shown = everywhere[channel.own], ink[channel.own], channel.shown[channel.own]
        return cls(
            float(counted.max(initial=0.0)),
            counted[shown][::_SAMPLED],
            counted[shown & drawn][::_TONE_STEP],
            float(np.mean(np.square(apart[channel.own]))),
        )


def _differing(channel: _Channel) -> tuple[Plane, Plane, NDArray[np.bool_]]:
    """By how many levels each place of a channel differs, what that counts for, and where something is drawn."""
    beside = _PLACED if channel.resized else _SHARP
    one, other = (cv2.GaussianBlur(each, (0, 0), _SMOOTH) for each in (channel.wanted, channel.given))
    apart = _apart(channel, one, other)
    tolerated = beside * np.minimum(gradient(one), gradient(other))
    beyond = np.where(channel.shown, np.maximum(0.0, np.abs(apart) - tolerated), 0).astype(np.float32)
    return apart, *_counted(cv2.blur(beyond, (3, 3)), one, other, channel.light)


def _apart(channel: _Channel, one: Plane, other: Plane) -> Plane:
    """By how much both differ, without what was lost to black or white, and without a place's tone as a whole."""
    apart = _but_for_clipped(channel, one, other)
    least, most = np.minimum(-_MOST_TONE, channel.lacking), np.maximum(_MOST_TONE, channel.lacking)
    apart -= np.clip(cv2.blur(apart, (_TONE_AROUND, _TONE_AROUND)), least, most)
    return apart


def _but_for_clipped(channel: _Channel, one: Plane, other: Plane) -> NDArray[np.float32]:
    """By how much both differ, without what was lost to black or white; 0 where one of them shows nothing."""
    apart = one - other
    return np.where(channel.shown, apart - np.clip(apart, -channel.lighter, channel.darker), 0).astype(np.float32)


def _counted(levels: Plane, one: Plane, other: Plane, light: Plane | None) -> tuple[Plane, NDArray[np.bool_]]:
    """What a difference counts for, by what is drawn around it; and where something is."""
    contrast = _contrast(one, other, _AROUND)
    if light is None:
        return levels / (1 + _EXCUSED * cv2.log(1 + contrast)), contrast > _LEAST_CONTRAST
    levels = np.maximum(levels - _MOST_DRIFT, np.minimum(levels, _DRAWN * _contrast(one, other, _STROKE)))
    excused = _EXCUSED_COLOUR * (contrast + light)
    return levels / (1 + excused), (contrast > _LEAST_COLOUR_CONTRAST) | (light > _LEAST_CONTRAST)


def _noise(channel: Sequence[_Differing], most: float, *, banner: bool) -> float:
    """How coarsely a channel was saved: the levels by which nearly all that is drawn differs at most."""
    everything, drawn = (
        np.concatenate(each) for each in zip(*((one.sample, one.drawn) for one in channel), strict=True)
    )
    judged_by, quantile = (everything, _BANNER_NOISE_QUANTILE) if banner else (drawn, _NOISE_QUANTILE)
    if not judged_by.size:
        return 0.0
    return min(float(np.quantile(judged_by, quantile)), max(most, _EVEN_NOISE * float(np.median(everything))))


def _bands(overlay: _Overlay) -> Iterator[list[_Channel]]:
    """The channels of some rows at a time, with a margin of rows that are looked at, but not judged twice."""
    height, width = overlay.smaller.shape[:2]
    for top in range(0, height, _BAND_ROWS):
        bottom = min(height, top + _BAND_ROWS)
        first, last = max(0, top - _MARGIN), min(height, bottom + _MARGIN)
        own = slice(top - first, bottom - first)
        given, shown = alignment.warped(overlay.larger, overlay.placed.onto, first, last, width)
        shown &= _inside_rim(height, width)[first:last]
        wanted, untoned = _ycc(overlay.smaller[first:last]), _ycc(given)
        toned = np.stack([tone(untoned[..., at]) for at, tone in enumerate(overlay.tones)], axis=2)
        lighter, darker = _lost(given, overlay.clipped)
        lacking = 0.0 if overlay.lacking is None else overlay.lacking[first:last]
        luma = _Channel(wanted[..., 0], toned[..., 0], darker, lighter, shown, overlay.resized, own, lacking=lacking)
        yield [luma, *_colours(luma, wanted, toned)]


def _inside_rim(height: int, width: int) -> NDArray[np.bool_]:
    inside = np.zeros((height, width), bool)
    inside[_RIM : height - _RIM, _RIM : width - _RIM] = True
    return inside


def _lost(given: Colour, clipped: tuple[float, float]) -> tuple[Plane, Plane]:
    """What a picture that is black or white in a colour may have lost there: to black, and to white."""
    low, high = least_of(given) <= _CLIPPED, most_of(given) >= 255 - _CLIPPED
    to_black, to_white = (
        cv2.GaussianBlur(place.astype(np.float32), (0, 0), _SMOOTH) * most
        for place, most in zip((low, high), clipped, strict=True)
    )
    return to_black, to_white


def _colours(luma: _Channel, wanted: Plane, given: Plane) -> Iterator[_Channel]:
    """Cr and Cb at half the size, at which most encoders keep them: at full size they bleed over every edge."""
    height, width = luma.shown.shape
    size = (width + 1) // 2, (height + 1) // 2
    halves = [cv2.resize(each[..., 1:], size, interpolation=cv2.INTER_AREA) for each in (wanted, given)]
    seen = cv2.resize(luma.shown.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    lost = cv2.resize(np.maximum(luma.darker, luma.lighter), size, interpolation=cv2.INTER_AREA)
    one, other = (cv2.resize(each[..., 0], size, interpolation=cv2.INTER_AREA) for each in (wanted, given))
    light, lit = (_contrast(one, other, around) for around in (_BESIDE, _LETTER))
    own = slice(luma.own.start // 2, (luma.own.stop + 1) // 2)
    for at in range(2):
        yield _Channel(halves[0][..., at], halves[1][..., at], lost, lost, seen, luma.resized, own, light, lit)


def _contrast(one: Plane, other: Plane, around: int) -> Plane:
    """The standard deviation around each pixel, of that picture that has more."""
    return np.maximum(deviation(one, around), deviation(other, around))
