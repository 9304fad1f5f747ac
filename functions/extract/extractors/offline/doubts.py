"""Which lines that were read in single frames of a film may be none: halves of words that fade, slide or are wiped in,
and roofs, leaves or fences that pass by and look like letters for one frame.

Words that are shown for half a second are read twice within it, in one place.
"""

from collections.abc import Mapping
from difflib import SequenceMatcher

from functions.extract.extractors.offline import language, promotions, readings
from functions.extract.extractors.offline.findings import Sight
from shared.media.ocr import Line

# Of words over what moves, right ones were read with .93 to 1, textures with .63 to .87 (38 films, November 2026).
_SURE = 0.9
_FEW, _SURE_OF_FEW = 3, 0.97  # letters and digits: "III" of a fence

_NEAR_S = 1.5  # between two looks at one line: longer than it takes to appear
_ALIKE = 0.75  # of a misread line's letters, "bis zu 66%" for 60%

# Of the smaller of two boxes, and of the lower one: readings of one place share so much.
_IN_PLACE, _IN_ROW = 0.8, 0.5
_EDGE = 0.03  # of the picture's width: what slides in is cut off there
_CUT_FROM = 3  # letters
_MANY = 6  # letters
_AGAIN_AND_AGAIN = 3  # times that a line has each of its signs


def doubtful(seen: Mapping[float, Sight], again: Mapping[float, Sight]) -> dict[float, list[Line]]:
    """The lines that may be no words, by the seconds (of `seen`) in which they were read; only seconds with some.

    Args:
        seen: what was seen, by seconds.
        again: what was seen at other seconds, only to be held against that.
    """
    lines = [(second, line) for second, sight in (*seen.items(), *again.items()) for line in sight.lines]
    found: dict[float, list[Line]] = {}
    for second, sight in seen.items():
        others = [line for at, line in lines if at != second]
        near = [line for at, line in lines if at != second and abs(at - second) <= _NEAR_S]
        found[second] = [line for line in sight.lines if _is_outgrown(line, sight, near) or _is_texture(line, others)]
    return {second: those for second, those in found.items() if those}


def _is_outgrown(line: Line, sight: Sight, near: list[Line]) -> bool:
    """Whether what is in a line's place a moment before or after is more of it, or surer, and the line is not.

    What the look at the line has, too, be it in two lines, is no more of it.
    """
    if any(_is_one(line, other) for other in near):
        return False
    told = readings.letters("".join(each.text for each in sight.lines))
    others = [other for other in near if readings.letters(other.text) not in told]
    return any(_is_part(line, other, sight.size[0]) or _is_misread(line, other) for other in others)


def _is_one(line: Line, other: Line) -> bool:
    return readings.letters(line.text) == readings.letters(other.text) and _shares_place(line, other)


def _is_part(line: Line, whole: Line, width: int) -> bool:
    """Whether a line is a part of what another look read for sure: of what was to be seen of it then."""
    read, all_read = readings.letters(line.text), readings.letters(whole.text)
    if whole.score < _SURE or not 0 < len(read) < len(all_read) or _shared(line, whole, "top", "bottom") < _IN_ROW:
        return False
    comes_in = line.left <= _EDGE * width and _is_almost(read, all_read[-len(read) :])
    cut_off = comes_in or (line.right >= (1 - _EDGE) * width and _is_almost(read, all_read[: len(read)]))
    return cut_off or (_is_within(read, all_read) and _shared(line, whole, "left", "right") >= _IN_PLACE)


def _is_within(read: str, whole: str) -> bool:
    """Whether letters are some of these, one after the other; one at an end may be half there: "ick up in s1"."""
    if read in whole or len(read) < _MANY:
        return read in whole
    parts = [whole[at : at + len(read)] for at in range(len(whole) - len(read) + 1)]
    begun = any(read[:-1] == part[:-1] and not (read[-1] + part[-1]).isdigit() for part in parts)
    return begun or any(read[1:] == part[1:] and not (read[0] + part[0]).isdigit() for part in parts)


def _is_almost(read: str, there: str) -> bool:
    """Whether letters are these; of three and more one may be cut so that it is read as another."""
    return sum(one != other for one, other in zip(read, there, strict=True)) <= (len(read) >= _CUT_FROM)


def _is_misread(line: Line, other: Line) -> bool:
    """Whether a line is almost what another look read with more confidence."""
    if line.score >= other.score or not _shares_place(line, other) or readings.same(line.text, other.text):
        return False
    letters = SequenceMatcher(None, readings.letters(line.text), readings.letters(other.text), autojunk=False)
    return letters.ratio() >= _ALIKE


def _is_texture(line: Line, others: list[Line]) -> bool:
    """Whether a line is poorly read, says nothing that is known, and is nowhere else in its place.

    Windows that pass by look alike a moment later: "000888" in the same place says nothing.
    """
    signs = readings.letters(line.text)
    sure = _SURE_OF_FEW if len(signs) <= _FEW else _SURE
    if line.score >= sure or promotions.figures(line.text) or language.language_of(line.text):
        return False
    if len(signs) > _FEW and len(signs) >= _AGAIN_AND_AGAIN * len(set(signs)):
        return True
    return not any(_shares_place(line, other) and readings.same(line.text, other.text) for other in others)


def _shares_place(line: Line, other: Line) -> bool:
    return min(_shared(line, other, "left", "right"), _shared(line, other, "top", "bottom")) >= _IN_PLACE


def _shared(line: Line, other: Line, start: str, end: str) -> float:
    """How much of the shorter of two lines' spans lies in the other, 0 to 1."""
    first, last = (getattr(line, start), getattr(line, end)), (getattr(other, start), getattr(other, end))
    shorter = max(1.0, min(first[1] - first[0], last[1] - last[0]))
    return float(max(0.0, min(first[1], last[1]) - max(first[0], last[0])) / shorter)
