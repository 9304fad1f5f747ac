"""What an encoder mixed into a card of those that follow: encoders of AV1 look ahead, and a banner's cards stand still.

Most of a card's first frame may be the next one's (SVT-AV1). A mixture has one share all over a place, in luma and in
both colours. Words that were exchanged, or a digit that got a stroke, differ where the cards do not, or only in a part
of where they do, or by all that they do. Into the first frame, on which all others build, it mixes what it has moved to
where it fits best: what is even there cancels out, a shade is left of edges that a next card alone has.
"""

import cv2
import numpy as np
from cv2.typing import MatLike as Picture

Shown = tuple[Picture, Picture, Picture]
"""Luma; Cb and Cr at half the size."""

FOLLOWING = 3
"""Cards, that an encoder looks ahead to."""

MOST = 0.85  # of 20 banners saved by SVT-AV1 up to .8; what is as the next card is has 1
SHADE = 0.27
"""Of an edge of a next card, and of how far that is from the first one: two of 25 banners by SVT-AV1 have up to .25."""

_EDGE = 5  # pixels
_AROUND = 9  # pixels of the colours: encoders mix blocks of 16 and more
NOISE = 4.0  # levels, squared: where the cards differ by no more, nothing is told


def without(following: Shown, shown: Shown, card: Shown, *, is_first: bool) -> Shown:
    """What is `shown` in place of a `card`, the first or a later one, but for what is mixed in of one that follows."""
    apart, way = ([each - kept for each, kept in zip(other, card, strict=True)] for other in (shown, following))
    size = card[1].shape[::-1]
    small = [(_halved(apart[0], size), _halved(way[0], size)), *zip(apart[1:], way[1:], strict=True)]
    common = np.sum([here * there for here, there in small], axis=0)
    length = np.sum([there**2 for _, there in small], axis=0)
    share = _mean(common) / (_mean(length) + NOISE)
    share = np.where((share > 0) & (share <= MOST), share, 0).astype(np.float32)
    larger = cv2.resize(share, card[0].shape[::-1], interpolation=cv2.INTER_LINEAR)
    luma, blue, red = (
        plane - part * there for plane, part, there in zip(shown, (larger, share, share), way, strict=True)
    )
    return _without_shade(following[0], luma, card[0]) if is_first else luma, blue, red


def _without_shade(following: Picture, shown: Picture, card: Picture) -> Picture:
    """Luma without what an edge of the next card left in it."""
    around = np.ones((_EDGE, _EDGE), np.uint8)
    way, apart = (cv2.blur(each - card, (3, 3)) for each in (following, shown))
    edge = cv2.dilate(way, around) - cv2.erode(way, around)
    shade = apart * np.sign(way)
    is_shade = (shade > 0) & (shade <= SHADE * np.minimum(np.abs(way), edge))
    return np.where(is_shade, card, shown)


def _halved(plane: Picture, size: tuple[int, int]) -> Picture:
    return cv2.resize(plane, size, interpolation=cv2.INTER_AREA)


def share_of_way(step: Picture, way: Picture) -> Picture:
    """Of the way from one picture to another, how much of it a step from the first goes, place by place."""
    return np.asarray(_mean(step * way) / (_mean(way * way) + NOISE), np.float32)


def _mean(plane: Picture) -> Picture:
    return cv2.blur(plane, (_AROUND, _AROUND))
