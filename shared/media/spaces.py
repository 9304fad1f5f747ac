"""Spaces between words that the reader of OCR saw, and did not write.

It tells column by column of a line which sign stands there, or none. Where letters stand on a photograph it takes a
narrow space for none: "Booka drive". But where there is a space it holds that to be likely, and where there is none it
does not. Of 240 lines over photographs, roofs and plain grounds in six typefaces 45 of 331 spaces were lost: 35 of them
it held for likelier than `LIKELY` (three before a euro sign stay away), and of 1,588 places within a word none; nor of
some 600 in words set wide, by up to .3 of their height (30 November 2026).
"""

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from rapidocr.ch_ppocr_rec.utils import CTCLabelDecode

LIKELY = 0.1
"""How likely a space is, 0 to 1, from which on it is written."""

_NO_SIGN = 0
_NOTHING_READ = "\u2060"  # a sign that is none, and that the package does not strip


class Decoder:
    """The package's decoder of a reader's columns, but that it writes each space that is likely.

    Of a line in which nothing is read it writes something that `stripped` takes off: the package drops lines without a
    text, and it has to be known that there are some.
    """

    def __init__(self, decoder: "CTCLabelDecode") -> None:
        """`decoder` is the reader's own."""
        self._decoder = decoder

    def __call__(self, columns: "NDArray[np.float32]", *args: Any, **options: Any) -> Any:  # noqa: ANN401
        """As the package's: texts and scores, of lines x columns x signs."""
        signs = self._decoder.character
        space = self._decoder.dict[" "]
        for line in columns:
            if (line[:, space] >= LIKELY).any():
                _write(line, space, signs)
        read, words = self._decoder(columns, *args, **options)
        return [(text if text.strip() else _NOTHING_READ, score) for text, score in read], words


def stripped(text: str) -> str:
    """What was read in a line, without what stands around it; an empty text where nothing was."""
    return text.strip(f"{_NOTHING_READ} \t\n")


def _write(line: "NDArray[np.float32]", space: int, signs: list[str]) -> None:
    """Makes the likeliest column between two signs a space, where it is likely; as sure as it is that there is no sign.

    Between figures, points and signs of money there are too many kinds of gaps.
    """
    read = line.argmax(axis=1)
    at = np.flatnonzero(read != _NO_SIGN)
    for first, second in pairwise(at):
        between = line[first + 1 : second, space]
        beside = signs[read[first]], signs[read[second]]
        if between.size and between.max() >= LIKELY and any(map(str.isalpha, beside)) and " " not in beside:
            column = line[first + 1 + int(between.argmax())]
            column[space] += column[_NO_SIGN]
            column[_NO_SIGN] = 0
