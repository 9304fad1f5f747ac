"""Do two pictures look the same to a person who looks at them at their full size, however they were saved?

What differs is judged against its own surroundings. An encoder leaves more beside a strong edge than on a plain ground;
so a difference counts for less, the more contrast there is around it. And it is judged against the pair: how much all
of it differs a little tells how coarsely one of them was saved. Of the ways in which one may have been changed as a
whole (its place, its tones, its sharpness, its palette) that counts which explains it best.
"""

import math

import cv2
import numpy as np
from cv2.typing import MatLike as Plane

from functions.dedup.pictures import alignment, channels, differences, hues, overlays, palettes, shades
from functions.dedup.pictures.differences import Differing
from functions.dedup.pictures.lines import Found
from functions.dedup.pictures.overlays import Overlay
from functions.dedup.pictures.residuals import gradient, most_apart
from functions.dedup.pictures.verdicts import Verdict
from shared.media.images import Colour

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

BOTH_IN_LINES = 0.6
"""The product of what a line of words in colour alone stands out by and of what Cr or Cb differs by, each a share of
what it may: a copy has one or the other.

Of 272 copies by ten programs that have such lines none has more than 0.57; of three pairs with another letter, 9 to 18
pixels high, that passed for copies by either sign, two have 0.63 and 0.84.
"""

LEAST_HIDDEN = 0.5
"""Of what Cr or Cb may differ by, what another letter that hides in an AVIF differs by at least.

Of 100 AVIFs with other words that passed for copies, and in which a letter may hide, four have less; of 77 fine copies
(qualities of 70 and more) in which one may, 29.
"""

EXCUSED = 1.5
"""Times its limit: by how they were saved up to so much may be excused, but no letter that stands out in its line."""

CERTAINLY = 3.0
"""Times its limit: what differs by more was drawn anew, however a file was saved."""

MOST_IN_LUMA = ((400, 5.3), (0, 4.75))
"""Levels as on a plain ground that a copy differs by in luma at most, whatever the noise: by its shorter side.

What an encoder makes of grain says nothing of a digit on a plain panel beside it. It is not asked where a filter
explains what differs. Of 1,190 copies (half of the text sweep that is tuned on, ads over photographs, ads in grain)
three have more than 4.6: one was sharpened, two are known by how they were saved (resaving.py). Of 37 digits of nine to
twelve pixels on panels in grain that passed for copies 32 have more than this. Of 240 copies of ads of 400 pixels and
more two that were not sharpened have more than 4.8: WebPs, of which one has 5.6 and is known by how it was saved. Of
fine stripes an AVIF leaves 6.3. Digits of 13 to 15 pixels, 30 to 45 levels from a plain ground beside grain, have 5.6
to 7.2 in a coarse JPEG; one of a legal line has 7.2 in a copy made brighter, which differs everywhere.
"""

MOST_IN_LUMA_OF_PALETTE = ((400, 7.0), (0, 6.0))
"""The same of what has a palette, which mixes what it has no colour for: a digit on a plain ground is no mixture.

Of 90 copies in a palette beside a lossy one of the same ad that look the same those of less than 400 pixels have 5.3 at
most, and of larger ones one has more (6.4). Digits of 10 to 12 pixels, 45 to 65 levels from their plain ground, that
passed for copies have 6.6 to 8.7 in 300x250, between a GIF and a WebP, and a PNG of 256 colours and an AVIF.
"""

LEAST_NOISE = 0.5  # levels

MOST_NOISE = 1.2, 1.0
"""In luma and in colour, and what covers less than half of a picture: nineteen of twenty copies have less than half of
it. A button of another colour is no noise; a palette's dither, which is everywhere, is."""

BANNER = 200  # pixels: words fill so much of a smaller picture that others would count as noise
LUMA = "luma"  # a rule: see `Verdict.told_by`
COLOURS = ("Cr", "Cb")  # rules
CHANNELS = (LUMA, *COLOURS)
OF_ALL = "tones of all"  # a rule: however all of it was changed, it is another picture
STAYED = "colours that stayed"  # a rule: not all of it was changed
TURNED = "hue of all"  # a rule: no change of all turns it

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

_KEPT_EDGES = 0.7  # of all edges, equal to the bit: no encoder that loses anything leaves so many
_DRAWN_ANEW = 8  # levels
_DRAWN_IN_FEW_COLOURS = 12  # levels, mean over 3x3 pixels: the dither of a palette is 8, small words are 20


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
    overlay = min(overlays.ways(smaller, larger), key=lambda overlay: overlay.placed.apart)
    verdict = judge(overlay)
    if not verdict.same and (own := alignment.unrepeated(larger, smaller)) is not None:
        verdict = min(verdict, judge(overlays.laid_over(smaller, own)), key=_unlike)
    for explained in (overlays.equally_toned, overlays.equally_sharp, overlays.in_few_colours):
        if verdict.same:
            break
        if (other_overlay := explained(overlay)) is not None:
            verdict = min(verdict, judge(other_overlay), key=_unlike)
    if verdict.same and not overlay.as_it_is:
        left = shades.left_as_they_were(overlay.smaller, overlay.given)
        verdict = verdict.decided(STAYED, same=left <= MOST_LEFT, certain=left > MOST_LEFT)
        if hues.turned(overlay.smaller, overlay.given) > MOST_TURNED:
            verdict = verdict.decided(TURNED, same=False, certain=True)
    return verdict


def _unlike(verdict: Verdict) -> tuple[bool, bool, float]:
    """What says best how a copy was made comes first: of several ways to explain what differs, that counts."""
    return not verdict.same, verdict.certain, verdict.beyond


def _drawn_anew(one: Colour, other: Colour) -> float | None:
    """The most by which two pictures differ that were saved without loss, so that it was drawn; None for others."""
    grey = cv2.cvtColor(one, cv2.COLOR_RGB2GRAY).astype(np.float32)
    edges = gradient(grey) > differences.LEAST_CONTRAST
    apart = most_apart(one, other)
    if not edges.any() or (apart[edges] == 0).mean() < _KEPT_EDGES:
        return None
    if palettes.has_one(one) is not palettes.has_one(other):
        worst = float(np.abs(cv2.blur(one.astype(np.float32) - other, (3, 3))).max())
        return worst if worst >= _DRAWN_IN_FEW_COLOURS else None
    worst = float(apart.max())
    return worst if worst >= _DRAWN_ANEW else None


def judge(overlay: Overlay) -> Verdict:
    """Each channel has a noise of its own: most encoders spend little on colour."""
    found: list[list[Differing]] = []
    in_colour: list[Plane] = []
    shaded: list[Plane] = []
    inked = letters = repainted = 0.0
    in_lines = Found()
    for band in channels.bands(overlay):
        found.append([Differing.of(channel) for channel in band])
        in_colour.append(differences.in_colour_alone(*band[1:]))
        in_lines |= differences.in_lines(*band[1:])
        inked, letters = map(max, (inked, letters), differences.reinked(*band[1:]))
        shaded.append(differences.shaded(*band))
        repainted = max(repainted, differences.repainted(*band) if overlay.as_it_is else 0.0)
    by_channel = list(zip(*found, strict=True))
    side = min(overlay.smaller.shape[:2])
    luma, colour = next(allowed for least, allowed in ALLOWED if side >= least)
    if side >= BANNER:
        luma *= SHARPENED if overlay.sharpened else 1
        colour *= IN_FEW_COLOURS if overlay.lacking is not None else 1
    noise = [
        differences.noise(channel, most, banner=not at and side < BANNER)
        for at, (channel, most) in enumerate(zip(by_channel, (*MOST_NOISE, MOST_NOISE[1]), strict=True))
    ]
    limits = [most * (LEAST_NOISE + level) for most, level in zip((luma, colour, colour), noise, strict=True)]
    if not overlay.sharpened:
        limits[0] = min(limits[0], _most_in_luma(overlay, side))
    worst = [max(each.worst for each in channel) for channel in by_channel]
    lack = PALETTES_LACK if overlay.lacking is not None else 0.0
    recoloured = {
        OF_ALL: overlay.retoned,
        "colours of places": inked / (MOST_REINKED + lack),
        "colours of plain places": _repainted_by(overlay, repainted),
    }
    is_recoloured = max(recoloured.values()) > 1
    shares = {
        **{rule: most / limit for rule, most, limit in zip(CHANNELS, worst, limits, strict=True)},
        "colours of letters": letters / (MOST_REINKED_LETTERS + lack),
        "shades of places": _shaded_by(overlay, np.concatenate(shaded)),
    }
    beyond = max(shares.values())
    asked = side >= BANNER and not overlay.resized and overlay.lacking is None
    alone = differences.beyond_usual(np.concatenate(in_colour)) / IN_COLOUR_ALONE if asked else 0.0
    if max(beyond, alone) <= EXCUSED and not is_recoloured:
        in_both = in_lines.beyond * max(shares[rule] for rule in COLOURS) / BOTH_IN_LINES
        alone = max(alone, in_lines.beyond, in_both)
    told_by = shares | recoloured | {"words in colour alone": alone}
    return Verdict(
        same=max(beyond, alone) <= 1 and not is_recoloured,
        score=max(worst),
        difference=max(worst) ** 2 + float(np.mean([each.square for band in found for each in band])),
        beyond=max(beyond, alone),
        in_luma=shares[LUMA],
        certain=beyond > CERTAINLY or is_recoloured,
        in_colour_alone=alone > 1,
        hiding=in_lines.hiding,
        may_hide=in_lines.may_hide and max(shares[rule] for rule in COLOURS) > LEAST_HIDDEN,
        told_by={rule: share for rule, share in told_by.items() if share > 1},
    )


def _most_in_luma(overlay: Overlay, side: int) -> float:
    """Levels, whatever the noise, by the shorter side."""
    limits = MOST_IN_LUMA if overlay.lacking is None else MOST_IN_LUMA_OF_PALETTE
    return next(most for least, most in limits if side >= least)


def _shaded_by(overlay: Overlay, levels: Plane) -> float:
    """The most of it as a share of what may be; looks for a palette only where that counts."""
    worst = float(levels.max(initial=0.0))
    if worst > MOST_SHADED_IN_PALETTE and (colours := overlay.colours) is not None:
        allowed = MOST_SHADED_IN_PALETTE * math.sqrt(palettes.MOST_COLOURS / colours)
        return worst / max(allowed, _OF_MOST * float(np.quantile(levels, _MOST)))
    return worst / MOST_SHADED


def _repainted_by(overlay: Overlay, levels: float) -> float:
    """What is plain and of another colour, as a share of what may be; looks for a palette only where that counts."""
    return levels / (MOST_REPAINTED + (PALETTES_LACK if levels > MOST_REPAINTED and overlay.has_palette else 0.0))
