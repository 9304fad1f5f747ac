"""Puts together what an ad says in one sentence and draws apart: 'Up to' above a large '50%', 'OFF' beside it.

What a figure says is told by the words of its block (promotions.py); letters of very different sizes, or with much room
between them, are blocks of their own.
"""

import math
import re
from collections.abc import Callable, Iterator, Sequence

from functions.extract.extractors.offline import prices
from functions.extract.extractors.offline.lexicon import Lexicon, fold
from shared.media.ocr import Block, Line

# Of the taller of two lines: how far apart they stand at most, one below the other or beside it.
_MOST_BELOW = 1.5
_MOST_BESIDE = 1.0

_SHARED = 0.3  # of the narrower of two lines that stand one below the other, of the lower of two side by side
_FIGURE_FIRST = re.compile(r"\W{0,4}\d")
_PERCENT = re.compile(r"\d\s?%|%\s?\d")
_PERCENT_LAST = re.compile(r"(?:\d\s?%|%\s?\d{1,3})\W*$")


def whole(blocks: Sequence[Block], lexicon: Lexicon) -> list[Block]:
    """The blocks, each figure in one with the words before and after it that say what it counts."""
    led = _joined(blocks, lambda block: _leads(block, lexicon), lambda block: _is_led(block, lexicon))
    return _joined(led, _ends_with_percent, lambda block: _is_off(block, lexicon))


def _joined(blocks: Sequence[Block], begins: Callable[[Block], bool], goes_on: Callable[[Block], bool]) -> list[Block]:
    kept = list(blocks)
    for block in reversed(blocks):
        following = next(filter(goes_on, _nearest(block, kept)), None) if begins(block) else None
        if following is None:
            continue
        sentence = Block((*block.lines, *following.lines))
        kept = [sentence if each is block else each for each in kept if each is not following]
    return kept


def _leads(block: Block, lexicon: Lexicon) -> bool:
    return lexicon.leads.end(fold(block.text))


def _is_led(block: Block, lexicon: Lexicon) -> bool:
    """Whether a block begins with a figure, or with other words that lead to one: 'Save' above 'up to'."""
    first = fold(block.lines[0].text)
    figure = _FIGURE_FIRST.match(first) or any(money.start == 0 for money in prices.find(first))
    return bool(figure) or lexicon.leads.fill(first)


def _ends_with_percent(block: Block) -> bool:
    return bool(_PERCENT_LAST.search(fold(block.text)))


def _is_off(block: Block, lexicon: Lexicon) -> bool:
    """Whether a block begins with what makes the percentage before it a discount, and leads to none of its own."""
    first = fold(block.lines[0].text)
    own = _PERCENT.search(first)
    leads = own and lexicon.discount_before.end(first[: own.start()], words_after=3)
    return bool(lexicon.discount_after.begin(first)) and not leads


def _nearest(block: Block, others: Sequence[Block]) -> Iterator[Block]:
    """What stands next to a block: to its right, and below."""
    last = block.lines[-1]
    for gap, most in ((_gap_beside, _MOST_BESIDE), (_gap_below, _MOST_BELOW)):
        stand = [(away, at) for at, other in enumerate(others) if (away := gap(block, other)) is not None]
        away, at = min(stand, default=(math.inf, 0))
        if away <= most * max(last.height, others[at].lines[0].height):
            yield others[at]


def _gap_below(block: Block, other: Block) -> float | None:
    """How far another block stands below one; None where it does not."""
    last, first = block.lines[-1], other.lines[0]
    gap = first.top - last.bottom
    across = _shared(last.left, last.right, first.left, first.right)
    return gap if across > _SHARED and gap > -_SHARED * last.height else None


def _gap_beside(block: Block, other: Block) -> float | None:
    """How far another block stands to the right of one; None where it does not."""
    one, first = _around(block), other.lines[0]
    gap = first.left - one.right
    down = _shared(one.top, one.bottom, first.top, first.bottom)
    return gap if down > _SHARED and gap > -_SHARED * min(one.width, first.width) else None


def _around(block: Block) -> Line:
    """The box of all lines."""
    lines = block.lines
    return Line(
        block.text,
        min(line.left for line in lines),
        min(line.top for line in lines),
        max(line.right for line in lines),
        max(line.bottom for line in lines),
        1.0,
    )


def _shared(start: float, end: float, other_start: float, other_end: float) -> float:
    shorter = min(end - start, other_end - other_start)
    return (min(end, other_end) - max(start, other_start)) / shorter if shorter > 0 else 0.0
