"""Which lines of a block belong to an offer in it: those that go on with its sentence, by their letters and places."""

import re
from collections.abc import Iterator, Sequence

from functions.extract.extractors.offline.lexicon import Lexicon, fold
from shared.media.ocr import Block, Line

_SAME_SIZE = 1.35  # heights of two lines of one sentence, capitals and tails apart
# Widths of letters of two lines of one sentence: in 16 ads that a stranger drew (November 2026) they differed by 1.11
# times at most, those of a headline, what is below it and a price by 1.41 at least. Weights of faces are told as well.
_SAME_WIDTH = 1.3
_FEW_LETTERS = 5  # of so few a single wide one decides
_LAST_LATIN = "€"
_NARROW = frozenset(" !'’.,:;|()[]fijlrtIJ1-")
_WIDE = frozenset("mw%@—")
_MOST_OF_NAME = 3  # words


def quotation(block: Block, spans: Sequence[tuple[int, int]], apart: frozenset[Line], lexicon: Lexicon) -> str:
    """The lines of a block that a span touches, and those around them that are of one sentence with them.

    What is `apart`, and beyond, is not taken along, nor what only stands between two offers.
    """
    placed = list(_placed(block))
    kept: set[int] = set()
    for first, last in spans:
        touched = [at for at, (line, start) in enumerate(placed) if start < last and start + len(line.text) > first]
        line, start = placed[touched[0]]
        opens = not re.search(r"\w", line.text[: max(first - start, 0)])
        kept.update(touched, _around_of(block.lines, touched, apart, lexicon if opens else None))
    return Block(tuple(block.lines[at] for at in sorted(kept))).text


def _around_of(
    lines: Sequence[Line], touched: Sequence[int], apart: frozenset[Line], leading: Lexicon | None
) -> Iterator[int]:
    """Which lines above and below those touched go on with them.

    Above an offer that opens its line stands what is sold, unless that line leads to it: 'Get' above '20% off'.
    `leading` has the words that do; None of an offer that opens none.
    """
    low, high = touched[0], touched[-1]
    while low > 0 and lines[low - 1] not in apart and _goes_on(lines[low - 1], lines[low]):
        if leading and not _leads_on(lines[low - 1], lines[low], leading):
            break
        low -= 1
        yield low
    while high + 1 < len(lines) and lines[high + 1] not in apart and _goes_on(lines[high], lines[high + 1]):
        high += 1
        yield high


def _goes_on(upper: Line, lower: Line) -> bool:
    """Whether two lines are of one sentence: of one size, and no name above words, or below them."""
    return (
        _same_size(upper, lower)
        and _is_next(upper, lower)
        and not (_is_name(upper) and _begins(lower))
        and not (_is_name(lower) and _closes(upper))
    )


def _leads_on(upper: Line, lower: Line, lexicon: Lexicon) -> bool:
    """Whether a sentence goes on from one line to the next: in small letters, or after a word as 'on' or a comma."""
    last = upper.text.split()[-1]
    return lower.text[:1].islower() or lexicon.goes_on.fill(fold(last)) or last[-1] in ",-&+:"


def _is_next(upper: Line, lower: Line) -> bool:
    """Whether no other line, as a button that is none of the offer, fits between two."""
    return not (upper.is_level and lower.is_level) or lower.top - upper.bottom < min(upper.size, lower.size)


def _is_name(line: Line) -> bool:
    """Whether a line may be a brand's or a product's: up to three words, each with a capital and small letters."""
    words = line.text.split()
    return len(words) <= _MOST_OF_NAME and all(word[:1].isupper() and word[1:].islower() for word in words)


def _begins(line: Line) -> bool:
    """Whether a sentence with small words begins here; of one in title case nobody could tell."""
    return not line.text[:1].islower() and any(word[:1].islower() for word in line.text.split())


def _closes(line: Line) -> bool:
    """Whether a sentence with small words ends here: not with one of them, as 'Free shipping on' does."""
    return _begins(line) and not line.text.split()[-1][:1].islower()


def _same_size(one: Line, other: Line) -> bool:
    """Whether two lines are in letters of one size: by their boxes, and by how wide their letters are.

    A box is as tall as its tallest sign: of 'Guided yoga' and '7 days' in letters of two thirds it tells nothing.
    """
    if max(one.size, other.size) > _SAME_SIZE * min(one.size, other.size):
        return False
    wide, narrow = _letter_width(one), _letter_width(other)
    return not wide or not narrow or max(wide, narrow) <= _SAME_WIDTH * min(wide, narrow)


def _letter_width(line: Line) -> float:
    """How wide a common small letter of a line is; 0 where it runs down, is too short to tell, or has other letters."""
    letters = line.text.replace(" ", "")
    if not line.is_level or len(letters) < _FEW_LETTERS or max(letters) > _LAST_LATIN:
        return 0.0
    return line.width / sum(_width(sign) for sign in line.text)


def _width(sign: str) -> float:
    """How wide a sign is in the sans-serif faces that ads are set in, of a common small letter."""
    if sign in _NARROW:
        return 0.5
    return 1.35 if sign.isupper() or sign in _WIDE else 1.0


def line_at(block: Block, position: int) -> Line:
    """The line in which a position of the block's text is."""
    return max((placed for placed in _placed(block) if placed[1] <= position), key=lambda placed: placed[1])[0]


def _placed(block: Block) -> Iterator[tuple[Line, int]]:
    """Each line with where it begins in the block's text."""
    start = 0
    for line in block.lines:
        yield line, start
        start += len(line.text) + 1
