"""Cards of banners are looked at as stills are: small and pale words, and words that have colour alone, in full size.

Films keep less than the smallest words need, and what they may differ by is what such words are. A card stands still,
so it is asked what a picture is asked that was uploaded by itself (pictures/originals.py). What tools lose of a banner
they lose of all its cards; where one differs by more, something else is said on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from functions.dedup.films.blends import Shown
from functions.dedup.pictures import originals
from shared.media.images import Colour

AS_A_STILL = 1.2
"""Times what a still's copy may differ by, what a card does at most. Of banners with cross fades over other people's
photographs, and a gradient that drifts, APNGs and GIFs of their frames have up to 1.16 on one card of nineteen; of 50
copies by ten tools one, by x264, has 1.26. Of words of 9 to 24 pixels, pale or of colour alone, that were exchanged on
one card and passed for copies by their films, a third have more."""

MAY_HIDE = 0.9
"""Times the same, from which on a line of words may hide another one in what was lost: of the banners of
benchmarks.animated, each with a line in colour alone, lossy copies have up to 0.86."""

AS_AN_AVIF, AVIF_BEGINS = 1.5, 2.4
"""The same where one of them is an AVIF, whose encoders keep some cards less well, and mix later ones into the first:
first cards of copies have up to 2.2, others 1.49, both by SVT-AV1; a digit of 14 pixels on a photograph has 2.6."""

OF_USUAL = 1.15
"""Times what the card in the middle differs by: copies all of whose cards differ by more have 1.1 at most."""

_NEARLY_EQUAL = 6.0  # levels, of 5 x 5 pixels
AVIF, _WITHOUT_LOSS = "image/avif", ("image/png",)


@dataclass(frozen=True)
class Look:
    """What two cards say of each other as stills: see `originals.Verdict`."""

    beyond: float
    hiding: bool

    @classmethod
    def of(cls, one: Shown, other: Shown) -> "Look":
        """Two cards of one size, laid over each other."""
        said = originals.compare(_colour(one), _colour(other))
        drawn_anew = said.certain and not said.same and not said.beyond  # of what lost nothing
        return cls(originals.CERTAINLY if drawn_anew else said.beyond, said.hiding)


def beyond(looks: Sequence[Look], content_types: Sequence[str]) -> float:
    """How many times as much as a copy's cards may differ by, the worst of these does; over 1 where none can tell.

    Args:
        looks: one a card.
        content_types: of both files; where neither keeps all, and words may hide in what is lost, nobody can tell.
    """
    if not looks:
        return 0.0
    if any(look.hiding and look.beyond >= MAY_HIDE for look in looks) and not any(
        each in _WITHOUT_LOSS for each in content_types
    ):
        return originals.CERTAINLY
    levels = [look.beyond for look in looks]
    usual = OF_USUAL * sorted(levels)[(len(levels) - 1) // 2]
    first, later = (AVIF_BEGINS, AS_AN_AVIF) if AVIF in content_types else (AS_A_STILL, AS_A_STILL)
    return max(level / max(usual, later if at else first) for at, level in enumerate(levels))


def stand(one: Shown, other: Shown) -> bool:
    """Whether two frames of one file show one card, but for what its encoder refines."""
    return all(
        float(np.abs(cv2.blur(here - there, (5, 5))).max()) <= _NEARLY_EQUAL
        for here, there in zip(one, other, strict=True)
    )


def _colour(shown: Shown) -> Colour:
    luma, blue, red = (np.clip(plane, 0, 255).astype(np.uint8) for plane in shown)
    size = luma.shape[1], luma.shape[0]
    larger = [cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR) for plane in (red, blue)]
    return np.asarray(cv2.cvtColor(np.dstack([luma, *larger]), cv2.COLOR_YCrCb2RGB), np.uint8)
