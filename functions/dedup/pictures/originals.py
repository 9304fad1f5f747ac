"""Do two pictures show the same to a person who looks at them at their full size?

A thumbnail cannot tell: small or pale words are lost in it, and so are words told from their ground by colour alone.
So what would become a duplicate is compared here as it was uploaded: at the full size that both have, in colour, over
the whole picture. It goes by how both look (appearance.py), and by what is known of how their files were saved: what a
format makes of the one picture is no difference of the other.
"""

import math
from collections.abc import Iterator, Sequence

import numpy as np
from PIL import Image

from functions.dedup.pictures import appearance, corners, differences, overlays, palettes, reducing, resaving
from functions.dedup.pictures.resaving import Saved, Told
from functions.dedup.pictures.verdicts import Verdict
from shared.media import images, profiles
from shared.media.images import Colour
from shared.media.sandbox import Source, parts

MOST_PIXELS = 16 * 10**6
"""Of a picture that is compared; a larger one is reduced: no screen shows more."""

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

LARGE, EXCUSED_IN_LARGE_AVIF = 600, 1.5
"""The same of one of so many pixels on its shorter side, in luma, too, or in luma alone.

Of 13 copies by avifenc that look otherwise there, and that its format explains, one has more than 1.1 in colour, and
none more than 1.36 in luma. Of 36 with other words, 9 to 22 pixels high, that looks leave open, it explains
none: what is faint on smaller ones it does (`EXCUSED_IN_LUMA`).
"""

EXCUSED_IN_LUMA = 0.97
"""What an AVIF has at most that looks otherwise in luma alone: by how many times what a copy may it differs, and by how
many where each place may be what its format makes of the picture; the product of both.

Of 15 such copies by three programs two have more than 0.96, of avifenc's `--min 40`; of 29 with other words, 9 to 16
pixels high and 30 to 90 levels from a plain ground, none has less than 0.99.
"""

EXCUSED_IN_PALETTE = 1.8
"""Times what a copy may differ by where each place may be what its palette makes of the picture, and how far it is from
that in the mean over strokes (`palettes.beyond_made`): the product of both, in a copy that has a palette.

Of 23 GIFs that ImageMagick, ffmpeg and Pillow made of ads, and that differ in luma, Cr or Cb alone, 13 have 0.05 to
1.6, the others 1.9 and more: of 90 pixels, in few colours. Of 71 of other words, 9 to 28 pixels high, one has less than
2.0: 1.5, in colour alone (`palettes.is_other`).
"""

ASKED_IN_PALETTE = 0.75
"""Of what a copy may differ by in luma, what is asked the same though it looks the same.

Of 403 GIFs by 13 programs and dithers with other words, of which 187 were 9 to 20 pixels high and 30 to 80 levels from
a plain ground, twelve looked the same; eleven have more than this, and 2.4 to 3.6 left (`EXCUSED_IN_PALETTE`). Of 265
copies that were found five have more than 1.8: three of gifsicle's that lost something twice, one of 128 colours, and
one that was not mixed.
"""

_OF_THREE_COLOURS = ("RGB", "RGBA", "P")


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
    it is asked of that where they do not look the same as they are, for one may have round corners of its own.
    """
    looks = appearance.compare(one.picture, other.picture)
    verdict = _compare_kept(looks, one, other)
    if verdict.same or looks.same:
        return verdict
    pictures = corners.made_equal(one.picture, other.picture)
    if pictures[0] is one.picture and pictures[1] is other.picture:
        return verdict
    looks = _in_palette(appearance.compare(*pictures), _kept(one, other))
    return _unless_hiding(looks, known=one.lost_nothing and other.lost_nothing)


def _compare_kept(looks: Verdict, one: Saved, other: Saved) -> Verdict:
    verdict = looks if looks.certain else _by_files(looks, one, other)
    if (
        not verdict.same
        and verdict.beyond <= appearance.CERTAINLY
        and not verdict.told_by.keys() & {appearance.OF_ALL, appearance.STAYED, appearance.TURNED}
    ):
        verdict = next((changed for changed in _once_changed(one, other) if changed.same), verdict)
    if not verdict.same and any(palettes.is_made(*pair) for pair in _kept(one, other)):
        return verdict.decided("what a palette loses", same=True)
    known = any(each.lost_nothing and not palettes.has_one(each.picture) for each in (one, other))
    return _unless_hiding(verdict, known=known)


def _unless_hiding(verdict: Verdict, *, known: bool) -> Verdict:
    """A verdict; other words may hide in what both files lost, unless one is known to have lost nothing."""
    return verdict.decided("letters may hide", same=verdict.same and (known or not verdict.hiding))


def _once_changed(one: Saved, other: Saved) -> Iterator[Verdict]:
    """What two pictures are where one was changed as a whole, or was a JPEG, and then saved as the other: so is it."""
    for source, file in ((one, other), (other, one)):
        for changed in resaving.changed(source, file):
            yield _by_files(appearance.compare(changed.picture, file.picture), changed, file)


def _by_files(looks: Verdict, one: Saved, other: Saved) -> Verdict:
    """What two pictures are by how they look and by how their files were saved."""
    smaller, larger = sorted((one, other), key=lambda each: each.picture.size)
    if reducing.is_reduced(smaller.picture, larger.picture):
        otherwise = reducing.has_other_colours if looks.same else reducing.is_made_of
        return looks.decided("colours of what was reduced", same=looks.same is not otherwise(smaller, larger))
    pairs = (one, other), (other, one)
    kept = _kept(one, other)
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


def _kept(one: Saved, other: Saved) -> list[tuple[Colour, Colour]]:
    """What lost nothing, each beside the other picture."""
    pairs = (one, other), (other, one)
    return [(source.picture, file.picture) for source, file in pairs if source.lost_nothing]


def _in_palette(looks: Verdict, pairs: Sequence[tuple[Colour, Colour]]) -> Verdict:
    """What looks say, and where what has a palette is lighter, darker or of another colour in places, what its colours
    explain of that; where it is nearly so much lighter or darker that they would tell it, too.

    The `pairs` are of a picture that lost nothing, and of what may have been made of it. Words that have colour alone
    are asked for once more where this excuses them (`palettes.is_other`).
    """
    differing = bool(looks.told_by) or looks.in_luma > ASKED_IN_PALETTE
    if looks.certain or not differing or not looks.told_by.keys() <= set(appearance.CHANNELS):
        return looks
    left = [_left_in_palette(looks, *pair, made) for pair in pairs if (made := palettes.made(*pair)) is not None]
    return looks.decided("what a palette loses", same=min(left) <= EXCUSED_IN_PALETTE) if left else looks


def _left_in_palette(looks: Verdict, source: Colour, file: Colour, made: Colour) -> float:
    """What is left of what channels differ by, beside what was made of a palette's colours.

    Where a channel tells both apart, none may be far from what was made; luma that nearly does, itself.
    """
    beside, beyond = _shares_beside(source, made, file), palettes.beyond_made(source, made, file)
    told = max((share * beside[rule] for rule, share in looks.told_by.items()), default=0.0) * max(beyond)
    in_luma = looks.in_luma * beside[appearance.LUMA] * beyond[0]
    return max(told, in_luma if looks.in_luma > ASKED_IN_PALETTE else 0.0)


def _in_avif(looks: Verdict, told: Sequence[tuple[Sequence[Told], Saved]]) -> Verdict:
    """What looks say, and where an AVIF of a picture that lost nothing looks a little otherwise, what explains that.

    What has a palette may have lost colours before: what an AVIF of it loses is not what one of the ad does. And an
    AVIF may be so coarse that no letter stands out: its numbers tell nothing of that, as those of other formats do.
    """
    avifs = [(said, file) for said, file in told if file.content_type == "image/avif"]
    whole = ((each, file.picture) for said, file in avifs for each in said if each.whole)
    made = [(each, shown) for each, shown in whole if not palettes.has_one(each.picture)]
    if not looks.same and not looks.certain:
        excused = any(_is_excused_in_avif(looks, each, shown) for each, shown in made)
        looks = looks.decided("what AVIF loses", same=excused)
    hiding = looks.same and any(_may_hide(looks, each, shown) for each, shown in made)
    return looks.decided("letters may hide in an AVIF", same=looks.same and not hiding)


def _may_hide(looks: Verdict, said: Told, shown: Colour) -> bool:
    """Whether another letter may be in an AVIF of a picture, or of a JPEG of it, and not stand out."""
    return looks.may_hide and (not said.chained or appearance.compare(said.picture, shown).may_hide)


def _is_excused_in_avif(looks: Verdict, said: Told, shown: Colour) -> bool:
    large = min(shown.shape[:2]) >= LARGE and looks.told_by.keys() <= set(appearance.CHANNELS)
    if large and said.near and looks.beyond <= EXCUSED_IN_LARGE_AVIF:
        return True
    if looks.told_by.keys() != {appearance.LUMA}:
        return said.near and looks.beyond <= EXCUSED_IN_AVIF
    beside = _shares_beside(said.picture, said.again, shown)[appearance.LUMA]
    return looks.told_by[appearance.LUMA] ** 2 * beside <= EXCUSED_IN_LUMA


def _shares_beside(picture: Colour, made: Colour, shown: Colour) -> dict[str, float]:
    """Of what a file differs from a picture in each channel at most, what it does where each place may be as its format
    makes it of that picture.
    """
    pairs = zip(differences.counted(picture, shown), differences.counted(made, shown), strict=True)
    shares = (np.minimum(*pair).max() / max(appearance.LEAST_NOISE, pair[0].max()) for pair in pairs)
    return {rule: float(share) for rule, share in zip(appearance.CHANNELS, shares, strict=True)}


def _is_same_in_webp(looks: Verdict, told: Sequence[tuple[Sequence[Told], Saved]]) -> bool:
    """What two pictures are of which no file was saved from the other in one step; asked once more of WebPs.

    Each is held against what its format makes of the other picture, and of a JPEG of that: whatever comes nearest says
    it. Where both look the same, it must not be other words that both formats hide.
    """
    webps = [(said, file) for said, file in told if file.content_type == "image/webp"]
    small = any(min(file.picture.shape[:2]) < appearance.BANNER for _, file in webps)
    if not looks.same:
        return bool(webps) and _is_explained(looks, webps, small=small, both_lost=len(told) > 1)
    telling = [(said, file) for said, file in webps if small or said[0].whole]
    return all(any(_looks_made_again(each, file) for each in said) for said, file in telling)


def _looks_made_again(said: Told, file: Saved) -> bool:
    """Whether a file looks like what its format makes of the other picture; what was rounded was not drawn anew."""
    if said.rounded:
        return appearance.judge(overlays.laid_over(said.again, file.picture)).same
    return appearance.compare(said.again, file.picture).same


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
    again = appearance.compare(said.again, file.picture)
    return again.beyond if again.same else math.inf


def _is_same_in_chains(told: Sequence[tuple[Sequence[Told], Saved]]) -> bool:
    """Whether files that lost something twice show what their formats make of the other picture: words are more.

    That is asked of those that do not tell it by what is equal to the bit.
    """
    chained = [(each, file) for said, file in told for each in said if each.chained and not each.exact]
    return all(appearance.judge(overlays.laid_over(each.again, file.picture)).same for each, file in chained)
