"""What hashes of frames alone say of two moving creatives, as vPDQ asks them: PDQ of one frame a second.

Two are the same where four of five frames of each are in the other, to 31 bits, flat ones left out. These are
the limits that python-threatexchange has for vPDQ.
"""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import pdqhash
from numpy.typing import NDArray

from shared.events import Kind
from shared.media import animations, videos
from shared.media.films import Drawn
from shared.media.sandbox import InMemory
from shared.media.sniffing import sniff

NAME = "PDQ, 1 a second, 4 of 5"

_EVERY_S = 1.0
_MOST_BITS, _LEAST_QUALITY, _LEAST_SHARE = 31, 50, 0.8
_SIZE = (256, 256)  # PDQ takes 64 x 64 of any picture, whatever its proportions
_MOST_PIXELS = 10**8


def same(one: bytes, other: bytes) -> bool:
    """Whether most of what each of two files shows is in the other."""
    apart = np.count_nonzero(_hashes(one)[:, None] != _hashes(other)[None], axis=2)
    if not apart.size:
        return False
    near = apart <= _MOST_BITS
    return bool(min(near.any(axis=0).mean(), near.any(axis=1).mean()) >= _LEAST_SHARE)


@lru_cache(maxsize=4)
def _hashes(content: bytes) -> NDArray[np.bool_]:
    """A row for each second in which there is something to be seen."""
    found, due = list[NDArray[np.bool_]](), 0.0
    for shown in _drawn(content):
        if shown.seconds >= due:
            due += _EVERY_S
            luma = shown.planes(_SIZE).luma
            vector, quality = pdqhash.compute(np.ascontiguousarray(np.stack([luma] * 3, axis=-1)))
            found += [np.asarray(vector, np.bool_)] if quality >= _LEAST_QUALITY else []
    return np.stack(found) if found else np.zeros((0, 256), np.bool_)


def _drawn(content: bytes) -> Iterator[Drawn]:
    media = sniff(content)
    if media is None:
        raise ValueError("neither a picture nor a video")
    if media.kind is Kind.VIDEO:
        return videos.frames(InMemory(content), media.content_type)
    return animations.drawn(content, media.content_type, max_pixels=_MOST_PIXELS)
