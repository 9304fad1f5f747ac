"""Who else tells duplicates, each as its documentation says to use it: one hash, one distance, one threshold."""

from collections.abc import Callable
from dataclasses import dataclass

import imagehash
import numpy as np
import pdqhash
from PIL import Image

Bits = np.ndarray[tuple[int], np.dtype[np.bool_]]


@dataclass(frozen=True)
class Rival:
    """A hash of a picture as bits, and up to how many may differ.

    Attributes:
        name: with its threshold, as reported.
    """

    name: str
    bits: Callable[[Image.Image], Bits]
    most: int

    def same(self, one: Image.Image, other: Image.Image) -> bool:
        """Whether it takes two pictures for one."""
        return int(np.count_nonzero(self.bits(one) != self.bits(other))) <= self.most


def _pdq(image: Image.Image) -> Bits:
    vector, _ = pdqhash.compute(np.asarray(image.convert("RGB")))
    return np.asarray(vector, np.bool_)


RIVALS = (
    Rival("dHash <= 10 (imagededup's)", lambda image: imagehash.dhash(image).hash.ravel(), 10),
    Rival("pHash <= 10 (imagededup's)", lambda image: imagehash.phash(image).hash.ravel(), 10),
    Rival("PDQ <= 31 (its paper's)", _pdq, 31),
)
