"""Who else tells duplicates, each as its documentation says to use it: one hash, one distance, one threshold."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import imagehash
import numpy as np
import pdqhash
from PIL import Image

from benchmarks.duplicates.pairs import File

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

    def same(self, one: File, other: File) -> bool:
        """Whether it takes two pictures for one."""
        return int(np.count_nonzero(_bits(self, one) != _bits(self, other))) <= self.most


@lru_cache(maxsize=24)
def _bits(rival: Rival, file: File) -> Bits:
    return rival.bits(file.image)


def _pdq(image: Image.Image) -> Bits:
    vector, _ = pdqhash.compute(np.asarray(image.convert("RGB")))
    return np.asarray(vector, np.bool_)


RIVALS = (
    Rival("dHash <= 10 (imagededup's)", lambda image: imagehash.dhash(image).hash.ravel(), 10),
    Rival("pHash <= 10 (imagededup's)", lambda image: imagehash.phash(image).hash.ravel(), 10),
    Rival("PDQ <= 31 (its paper's)", _pdq, 31),
)
