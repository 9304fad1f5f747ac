"""Which of many versions of one template is nearest: sketches, small enough to compare thousands at a time.

Hashes cannot tell such versions apart: all but a few bits are the template's. A sketch keeps how light each of a
thousand places is; a copy changes all of them by next to nothing, another price a few of them by much.
"""

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from shared.media.thumbnails import Grey

Sketch = NDArray[np.float32]
"""Grey levels of `SIDE` x `SIDE` places in one row, their mean 0 and their deviation 1."""

SIDE = 32


def of(grey: Grey) -> Sketch:
    """The sketch of a thumbnail."""
    small = cv2.resize(grey.astype(np.float32), (SIDE, SIDE), interpolation=cv2.INTER_AREA).ravel()
    sketch: Sketch = ((small - small.mean()) / max(1.0, float(small.std()))).astype(np.float32)
    return sketch


def nearest[Each](
    own: Sketch, others: Sequence[Each], sketch: Callable[[Each], Sketch | None], most: int
) -> list[Each]:
    """The `most` of `others` whose sketches differ least from `own`, the nearest first; those without one are left."""
    found = [(each, drawn) for each in others if (drawn := sketch(each)) is not None]
    if not found:
        return []
    apart = np.square(np.stack([drawn for _, drawn in found]) - own).sum(axis=1)
    return [found[at][0] for at in np.argsort(apart, kind="stable")[:most]]
