"""Frames that say nothing of their own: they only lead from the one before to the next, as of a fade.

Such a frame is a mixture of both, with one share all over a place, in luma and in both colours, and it is neither of
them. A card is not, however briefly it is shown: its words are in no frame beside it, or one of them is whole in the
frame before and another in the next. What tools make of the steps of a fade differs by more than of what stands, and
where it leads from and to is compared anyhow.
"""

import cv2
import numpy as np
from cv2.typing import MatLike as Picture

from functions.dedup.films import blends
from functions.dedup.pictures.residuals import smooth
from shared.media.films import Film

LONGEST_S = 0.25
"""Seconds: what is shown for longer is no step of a fade."""

MOST_BESIDE = 6.0
"""Levels by which such a frame may differ from every mixture of the two beside it: of banners that ffmpeg faded a word
in and out of, the steps have up to 5.5 in lossy WebPs and AVIFs, 1.4 in GIFs; where the fade ends it is 7 to 19."""

_SHARES = 0.1, 0.9  # of the way: at its ends a place is what is beside it, refined by an encoder
_MIXED = 0.5  # of what changes, as squares: a card may have one word of the frame before and another of the next


def leads_over(film: Film, frame: int) -> bool:
    """Whether a frame of a film does nothing but lead from the one before to the next."""
    if not 0 < frame < len(film.seconds) - 1 or film.seconds[frame + 1] - film.seconds[frame] > LONGEST_S:
        return False
    shown = (_planes(film, each) for each in (frame - 1, frame, frame + 1))
    ways = [(own - before, after - before) for before, own, after in zip(*shown, strict=True)]
    shares = [np.clip(blends.share_of_way(*each), 0, 1) for each in ways]
    lengths = [np.square(way) for _, way in ways]
    mixed = sum(
        float(length[(share >= _SHARES[0]) & (share <= _SHARES[1])].sum())
        for share, length in zip(shares, lengths, strict=True)
    )
    if mixed < _MIXED * max(1.0, sum(float(length.sum()) for length in lengths)):
        return False
    return all(_beside(*way, share) <= MOST_BESIDE for way, share in zip(ways, shares, strict=True))


def _planes(film: Film, frame: int) -> list[Picture]:
    return [smooth(plane.astype(np.float32)) for plane in (film.luma[frame], *film.chroma[frame])]


def _beside(step: Picture, way: Picture, share: Picture) -> float:
    """By how much a step differs from a part of the way, where it does so most."""
    return float(cv2.blur(np.abs(step - share * way), (3, 3)).max())
