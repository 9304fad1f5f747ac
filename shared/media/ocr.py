"""Reads the words in a picture, with the PP-OCRv6 models that ship inside the rapidocr package.

The model files are named by their paths in that package: nothing is ever downloaded, and an update of the package that
replaces them fails at start instead of reading other than what was measured. They know all Latin accents, currency
signs and kana, and no Greek (but for single letters), Cyrillic, Arabic, Korean, Hindi or Thai.
"""

import math
import os
import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from shared.media import bars, digits, minus, spaces

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image
    from rapidocr import RapidOCR
    from rapidocr.utils.output import RapidOCROutput

MODELS = {
    "Det": "PP-OCRv6_det_small.onnx",
    "Rec": "PP-OCRv6_rec_small.onnx",
}

# Longest side, in pixels, at which text is looked for; it is then read at full size. At 736 an ad takes half the time
# of the default, and word recall is .977 instead of .98 (45 drawn ads in four languages, November 2026).
SIDE = 736

# A strip that is so many times as long as it is wide, and would be made so many times smaller, is looked at in parts:
# of 600 x 10,000 pixels 44 are left of its width, and of letters of 64 pixels five.
_STRIP_TIMES, _STRIP_SMALLER = 4, 5

# Of a strip's width: how long its parts are, and how far each goes on into the next, so that a line is whole in one. So
# many at most: a part takes a third of a second.
_PART, _OVERLAP, _MOST_PARTS = 2.0, 0.25, 32

# Below this confidence, a line is more often a texture than words (see benchmarks/offline.py).
MIN_SCORE = 0.6

# Of the picture: where there is no line, the finder hands out all of it.
_WHOLE = 0.95
_BETWEEN_BARS = 0.1  # the least that two bars leave of a picture

# Pixels: the reader of the package reduces what is longer, and fails where less than this is left of the other side.
_LONGEST, _LEAST_SIDE = 2000, 32

# Of letters beyond Latin ones, and of words of one letter: Hebrew read as kana and hanzi has .74 to .78, Japanese .97.
_SURE = 0.9

# What is read of Greek words: letters of theirs beside others. "β-Carotin" and "5 μm" are written so.
_UNKNOWN = re.compile(r"(?!μ)[\u0370-\u03ff\u0400-\u04ff](?=[^\W\d])|(?<=[^\W\d])[\u0370-\u03ff\u0400-\u04ff]")

# Of a line's height: what two of one row share at least, and what their feet or middles are apart at most.
_MOST_OF = 0.8
_LEVEL = 0.25

_MACRONS = re.compile("[āēīūĀĒĪŪ]")

# Of the lower of two lines: how far apart words of one sentence stand at most. The boxes leave hardly any room between
# words; columns of banners are half a line apart.
_BETWEEN = 0.45

# As the reader of the package has it, which turns such boxes: height by width.
_COLUMN = 1.5

# A line break after a hyphen within a word, not after one that stands for what follows: 'Hin- und Rückflug'.
_HYPHENED = re.compile(r"(?<=[^\W\d]-)\n(?=[^\W\d])(?!(?:und|oder|bis|and|or|to|et|ou|en|of|och|og|eller)\b)")

# How stars are read, but for those that are taken for letters; and so many signs are no column.
_STARS = frozenset("*★☆×+※")
_FEW_SIGNS = 2

# Height by width: of what a wheel or a round leaf is taken for, .91 to 1.02 (November 2026).
_ROUND = 0.85

# A line that is read with less confidence is read upside down, too; so it stands where that is sure, and surer by so
# much, in a picture where such a line has at least so many letters. Upside down, lines have .5 to .86; once they are
# turned .95 to 1.
_POOR = 0.9
_LEAST_LETTERS = 3
_MUCH_SURER = 0.1

READ_WORDS = "_words"
"""Where the raw answer of the offline extractor keeps what was read; no feature has such a name."""

# Pictures at a time, each on one core: with one alone the second core waits once nothing else is left to do. Of 40 ads
# one at a time take 564 MiB, two 699, four 890.
_AT_ONCE = min(4, os.process_cpu_count() or 1)

_reading = threading.BoundedSemaphore(_AT_ONCE)
_loading = threading.Lock()


@dataclass(frozen=True)
class Line:
    """Words on one line of a picture.

    Attributes:
        left, top, right, bottom: the upright box around them, in pixels.
        score: the reader's mean confidence in their letters, 0 to 1.
        turned: whether they were read upside down, or from the bottom to the top.
        uneven: whether its digits are of several sizes, so that nobody can tell what number they are.
        struck: whether a stroke goes through all of them.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    score: float
    turned: bool = False
    uneven: bool = False
    struck: bool = False

    @property
    def height(self) -> float:
        """Pixels from top to bottom."""
        return self.bottom - self.top

    @property
    def width(self) -> float:
        """Pixels from left to right."""
        return self.right - self.left

    @property
    def is_column(self) -> bool:
        """Whether it runs from top to bottom, as Japanese and Chinese may: such columns follow from right to left."""
        return len(self.text) > 1 and self.height > _COLUMN * self.width and all(map(_may_stand, self.text))

    @property
    def is_level(self) -> bool:
        """Whether it runs from left to right."""
        return not self.turned and (len(self.text) < 2 or self.height <= _COLUMN * self.width)

    @property
    def size(self) -> float:
        """Pixels of its letters, whichever way it runs."""
        return self.width if self.is_column else self.height


@dataclass(frozen=True)
class Block:
    """Lines that stand together, as one sentence or one button does, from top to bottom."""

    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        """Its words, line breaks as spaces; none after a hyphen within a word: 'Découvrez-' above 'le'."""
        return _HYPHENED.sub("", "\n".join(line.text for line in self.lines)).replace("\n", " ")


@dataclass(frozen=True)
class Reading:
    """What was read in a picture.

    Attributes:
        blocks: its words, in reading order; none where there is no text.
        unread: how much of the picture, 0 to 1, is lines that were found and not read: of a script that the models do
            not know, say.
        read: how much of it is lines that were.
        unsure: lines that were found, and read without being sure.
    """

    blocks: list[Block]
    unread: float = 0.0
    read: float = 0.0
    unsure: tuple[Line, ...] = ()


def _may_stand(sign: str) -> bool:
    return not sign.isascii() or sign in " !?%0123456789"


def read(picture: "Image.Image") -> list[Block]:
    """The words of an upright RGB picture, in reading order; none where there is no text."""
    return read_all(picture).blocks


def read_all(picture: "Image.Image", side: int = SIDE) -> Reading:
    """The words of an upright RGB picture, and how much of it looks like words and was not read.

    Words are looked for at so many pixels of its longer side.
    """
    pixels = _thickened(np.asarray(picture)[:, :, ::-1])  # the models were trained on BGR
    with _reading:
        reader = _own_reader(side)
        looked = [_looked(reader, pixels[top:bottom, left:right], left, top)
                  for left, top, right, bottom in _parts(pixels.shape[1], pixels.shape[0], side)]  # fmt: skip
    boxes, kept = (_once([each[of] for each in looked]) for of in (0, 1))
    size = picture.width * picture.height
    boxes = [box for box in boxes if not (_is_all(box, picture) or _is_ornament(box))]
    kept = [line for line in kept if not _is_ornament(line)]
    covered, seen = sum(map(_area, kept)) / size, sum(map(_area, boxes)) / size
    words = [block for block in blocks(kept) if _is_wording(block.text)]
    unsure = tuple(box for box in boxes if not any(_is_over(box, line) for line in kept))
    return Reading(words, max(0.0, seen - covered), covered, unsure)


def _is_all(box: Line, picture: "Image.Image") -> bool:
    """Whether it is all of a picture, or all between its bars."""
    size = picture.width * picture.height
    if _area(box) < _BETWEEN_BARS * size:
        return False
    rows, columns = bars.box([np.asarray(picture.convert("L"))])
    return bool(_area(box) >= _WHOLE * (rows.stop - rows.start) * (columns.stop - columns.start))


def _parts(width: int, height: int, side: int) -> list[tuple[int, int, int, int]]:
    """The boxes (left, top, right, bottom) in which words are looked for, one after the other: all of it, or parts."""
    longer, shorter = max(width, height), min(width, height)
    if longer <= _STRIP_TIMES * shorter or longer <= _STRIP_SMALLER * side:
        return [(0, 0, width, height)]
    length, overlap = math.ceil(max(_PART * shorter, longer / _MOST_PARTS)), max(1, round(_OVERLAP * shorter))
    spans = [(start, min(longer, start + length + overlap)) for start in range(0, longer - overlap, length)]
    if height > width:
        return [(0, start, width, stop) for start, stop in spans]
    return [(start, 0, stop, height) for start, stop in spans]


def _looked(reader: "RapidOCR", pixels: "NDArray[np.uint8]", left: int, top: int) -> tuple[list[Line], list[Line]]:
    """The lines that are seen in a part of a picture that begins there, and those that were read."""
    found = cast("RapidOCROutput", reader(pixels, use_rec=True))
    boxes = _with_raised(reader, pixels, _upright(reader, pixels, _lines(found), found.boxes), found.boxes)
    boxes = [_with_minus(pixels, line) for line in boxes]
    kept = [line for line in boxes if _is_sure(line)]
    return [_moved(box, left, top) for box in boxes], [_moved(line, left, top) for line in kept]


def _moved(line: Line, left: int, top: int) -> Line:
    return replace(line, left=line.left + left, right=line.right + left, top=line.top + top, bottom=line.bottom + top)


def _once(parts: list[list[Line]]) -> list[Line]:
    """The lines of all parts; of one that two of them have, the one that is not cut."""
    lines: list[Line] = []
    for part in parts:
        for line in part:
            known = next((other for other in lines if other not in part and _is_over(line, other)), None)
            if known is None:
                lines.append(line)
            elif _area(line) > _area(known):
                lines[lines.index(known)] = line
    return lines


def _thickened(pixels: "NDArray[np.uint8]") -> "NDArray[np.uint8]":
    """A strip made so thick, by its last row or column, that something of it is left where the reader reduces it."""
    height, width = pixels.shape[:2]
    least = -(-max(height, width) * _LEAST_SIDE // _LONGEST)
    below, beside = max(0, least - height), max(0, least - width)
    return np.pad(pixels, ((0, below), (0, beside), (0, 0)), mode="edge") if below or beside else pixels


def _lines(found: "RapidOCROutput") -> list[Line]:
    if found.txts is None or found.boxes is None or found.scores is None:
        return []
    return [
        _line(as_written(spaces.stripped(text)), box, float(score))
        for text, box, score in zip(found.txts, found.boxes, found.scores, strict=True)
    ]


def as_written(text: str) -> str:
    """A line with the ō that no language of ours has as the ö that it is; romanised Japanese has more of them.

    A wide sign of percent is one of Chinese and Japanese alone.
    """
    text = text if any(sign > "\u2e80" for sign in text if sign != "％") else text.replace("％", "%")
    return text if _MACRONS.search(text) else text.replace("ō", "ö").replace("Ō", "Ö")


def _upright(
    reader: "RapidOCR",
    pixels: "NDArray[np.uint8]",
    lines: list[Line],
    corners: Any,  # noqa: ANN401
) -> list[Line]:
    """The lines, and those that are poorly read once more upside down: what is then read for sure was.

    The package's own look at which way is up turns '99' to '66' where nothing is upside down.
    """
    poor = [index for index, line in enumerate(lines) if line.score < _POOR]
    if not poor:
        return lines
    from rapidocr.utils.process_img import get_rotate_crop_image

    cut = [np.rot90(get_rotate_crop_image(pixels, np.array(corners[index], np.float32)), 2) for index in poor]
    found: Any = reader.recognize_txt([np.ascontiguousarray(each) for each in cut])
    other = [replace(lines[index], text=spaces.stripped(text), score=float(score), turned=True)
             for index, text, score in zip(poor, found.txts, found.scores, strict=True)]  # fmt: skip
    better = {index: line for index, line in zip(poor, other, strict=True) if _is_better(line, lines[index])}
    if not any(map(_is_worded, better.values())):
        return lines  # numbers alone do not tell which way is up
    return [better.get(index, line) for index, line in enumerate(lines)]


def _with_raised(
    reader: "RapidOCR",
    pixels: "NDArray[np.uint8]",
    lines: list[Line],
    corners: Any,  # noqa: ANN401
) -> list[Line]:
    """The lines, with cents that are set higher written so, whether they were read in one line or in two."""

    def read(cuts: "list[NDArray[np.uint8]]") -> list[tuple[str, float]]:
        found: Any = reader.recognize_txt(cuts)
        return list(zip(map(spaces.stripped, found.txts), map(float, found.scores), strict=True))

    def told(line: Line, box: "NDArray[np.float32]") -> digits.Told:
        return digits.told(pixels, box, line.text, read) if line.is_level and _is_sure(line) else digits.Told(line.text)

    looked = [told(line, box) for line, box in zip(lines, corners if lines else [], strict=True)]
    said = [replace(line, text=each.text, uneven=each.is_uneven, struck=each.is_struck)
            for line, each in zip(lines, looked, strict=True)]  # fmt: skip
    lines = said
    for each, line in zip(looked, said, strict=True):
        if each.raised is not None:
            lines = list(_joined(lines, line, _line("", each.raised, 1.0)))
    halves = {line: each.struck_part for line, each in zip(said, looked, strict=True) if each.struck_part}
    return [part for line in lines for part in _parted_at(line, halves.get(line))]


def _parted_at(line: Line, struck: tuple[float, float] | None) -> Iterator[Line]:
    """A line of two amounts as two lines where a stroke goes through one of them, at this share of the width."""
    amounts = digits.two_amounts(line.text)
    if struck is None or amounts is None:
        yield line
        return
    is_second = sum(struck) > 1
    at = line.left + line.width * (struck[0] if is_second else struck[1])
    yield replace(line, text=amounts[0], right=at, struck=not is_second)
    yield replace(line, text=amounts[1], left=at, struck=is_second)


def _with_minus(pixels: "NDArray[np.uint8]", line: Line) -> Line:
    """A line that is a percentage, with the minus that the reader left out before it."""
    if not (line.is_level and minus.ALONE.fullmatch(line.text)):
        return line
    start = minus.start_of(pixels, line.left, line.top, line.right, line.bottom)
    return line if start is None else replace(line, text=f"-{line.text}", left=min(start, line.left))


def _joined(lines: list[Line], whole: Line, cents: Line) -> Iterator[Line]:
    """The lines, but for those in which the cents of another one (`whole`) were read; other words of theirs are its."""
    apart = [line for line in lines if line is not whole and _is_over(line, cents)]
    for line in lines:
        if line is whole:
            others = digits.without_numbers(" ".join(each.text for each in apart))
            right = max(each.right for each in (line, cents, *apart))
            yield replace(line, text=f"{line.text} {others}".strip(), right=right)
        elif line not in apart:
            yield line


def _is_better(line: Line, other: Line) -> bool:
    return line.score >= max(_SURE, other.score + _MUCH_SURER)


def _is_worded(line: Line) -> bool:
    return sum(sign.isalpha() and "LATIN" in unicodedata.name(sign, "") for sign in line.text) >= _LEAST_LETTERS


def _is_sure(line: Line) -> bool:
    """Whether a line was read: the reader takes letters that it does not know for others, with less confidence."""
    foreign = any(sign.isalpha() and "LATIN" not in unicodedata.name(sign, "") for sign in line.text)
    if _UNKNOWN.search(line.text):
        return False
    said = sum(sign.isalnum() or _measures(sign) for sign in line.text)
    words = [word for word in line.text.split() if not all(map(_measures, word))]  # '5 €' is one
    scattered = said < 2 * max(1, len(words))
    return said > 0 and line.score >= (_SURE if foreign or scattered else MIN_SCORE)


def _is_ornament(line: Line) -> bool:
    """Whether stars were seen and no words, as on a flag: the reader takes some of them for letters, unsurely.

    Or a sign or two, unsurely, in what is about as tall as wide, and so no line: a wheel, a plate in a photograph.
    """
    signs = line.text.replace(" ", "")
    stars = sum(sign in _STARS for sign in signs)
    if 0 < len(signs) <= 3 * stars:
        is_rating = _is_sure(line) and any(map(str.isdigit, signs))  # "4,8 ★★★"
        return stars == len(signs) or (line.score < _SURE and not is_rating)
    return 0 < len(signs) <= _FEW_SIGNS and not _is_sure(line) and line.height > _ROUND * line.width


def _is_over(box: Line, line: Line) -> bool:
    across = _shared(box.left, box.right, line.left, line.right)
    return across > 0.5 and _shared(box.top, box.bottom, line.top, line.bottom) > 0.5


def knows(text: str) -> bool:
    """Whether the models know the script of most letters of a text."""
    letters = [unicodedata.name(sign, "") for sign in text if sign.isalpha()]
    known = sum(any(script in name for script in _SCRIPTS) for name in letters)
    return 2 * known >= len(letters)


_SCRIPTS = ("LATIN", "CJK", "HIRAGANA", "KATAKANA")


def _area(line: Line) -> float:
    return line.width * line.height


def blocks(lines: Iterable[Line]) -> list[Block]:
    """Lines grouped by where they stand, in reading order: column by column, and each from the top."""
    groups: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: line.top):
        joined = [group for group in groups if any(_under(other, line) for other in group)]
        groups = [group for group in groups if group not in joined]
        groups.append([*(member for group in joined for member in group), line])
    return [Block(tuple(_rows(group))) for group in _in_order(_besides(groups))]


def _besides(stacks: list[list[Line]]) -> list[list[Line]]:
    """The stacks of lines, those joined that stand beside each other as parts of one sentence do: '50%' and 'OFF'."""
    apart: list[list[Line]] = []
    waiting = stacks
    while waiting:
        one, *waiting = waiting
        other = next((each for each in waiting if _is_one_row(one, each)), None)
        if other is None:
            apart.append(one)
            continue
        waiting = [each for each in waiting if each is not other]
        joined = one + other
        while (known := next((each for each in apart if _is_one_row(each, joined)), None)) is not None:
            apart = [each for each in apart if each is not known]
            joined = known + joined
        waiting.append(joined)
    return apart


def _is_one_row(one: list[Line], other: list[Line]) -> bool:
    """Whether two stacks are parts of one row, not columns: of two stacks of lines each is a sentence of its own."""
    if not any(_beside(line, another) for line in one for another in other):
        return False
    rows, others = _row_count(one), _row_count(other)
    if min(rows, others) > 1:
        return False
    if rows == others:
        return True
    single, stack = (one[0], other) if rows == 1 else (other[0], one)
    if sum(_shared_height(single, line) > _MOST_OF for line in stack) > 1:
        return True  # letters as tall as two lines
    return any(_is_level_with(single, line) and not _is_within(line, stack) for line in stack)


def _is_level_with(one: Line, other: Line) -> bool:
    """Whether letters stand on one line, or have one middle."""
    least = _LEVEL * min(one.height, other.height)
    return abs(one.bottom - other.bottom) < least or abs(one.bottom + one.top - other.bottom - other.top) < 2 * least


def _is_within(line: Line, stack: list[Line]) -> bool:
    """Whether there are lines above it as well as below."""
    middle = (line.top + line.bottom) / 2
    return any(each.bottom < middle for each in stack) and any(each.top > middle for each in stack)


def _row_count(lines: list[Line]) -> int:
    count, bottom = 0, float("-inf")
    for line in sorted(lines, key=lambda line: line.top):
        if line.top >= bottom - line.height / 2:
            count += 1
        bottom = max(bottom, line.bottom)
    return count


type _Group = list[Line]


def _in_order(groups: list[_Group]) -> list[_Group]:
    """The groups as they are read: strips from the top, and columns of a strip from the left, as deep as they go.

    The recursive cut of Nagy and Seth ("Hierarchical representation of optically scanned documents", 1984); strips that
    are nearer to each other than the columns in them are one strip.
    """
    if len(groups) < 2:
        return groups
    least = min(line.size for group in groups for line in group)
    strips: list[list[_Group]] = []
    for gap, strip in _parted(groups, "top", "bottom", least / 4):
        if strips and _is_one_strip(strips[-1], strip, gap, least):
            strips[-1] += strip
        else:
            strips.append(strip)
    parts = strips if len(strips) > 1 else [column for _, column in _parted(groups, "left", "right", least / 2)]
    if len(parts) < 2:
        return sorted(groups, key=lambda group: (min(line.top for line in group), min(line.left for line in group)))
    return [group for part in parts for group in _in_order(part)]


def _is_one_strip(upper: list[_Group], lower: list[_Group], gap: float, least: float) -> bool:
    """Whether two strips are nearer to each other than their columns are, one of which goes through both."""
    columns = _parted(upper + lower, "left", "right", least / 2)
    above = {id(group) for group in upper}
    goes_through = any(0 < sum(id(group) in above for group in column) < len(column) for _, column in columns)
    return goes_through and gap < max(between for between, _ in columns)


def _parted(groups: list[_Group], start: str, end: str, slack: float) -> list[tuple[float, list[_Group]]]:
    """The groups, parted wherever none reaches across, and how many pixels are between them and those before.

    The boxes around words are too large, beside them above all: so much may overlap.
    """
    spans = [
        (min(getattr(line, start) for line in group), max(getattr(line, end) for line in group)) for group in groups
    ]
    parts: list[tuple[float, list[_Group]]] = []
    reached = float("-inf")
    for at in sorted(range(len(groups)), key=spans.__getitem__):
        first, last = spans[at]
        if not parts:
            parts.append((0.0, [groups[at]]))
        elif first > reached - slack:
            parts.append((first - reached, [groups[at]]))
        else:
            parts[-1][1].append(groups[at])
        reached = max(reached, last)
    return parts


def _line(text: str, corners: "NDArray[np.float32]", score: float) -> Line:
    (left, top), (right, bottom) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    return Line(text, left, top, right, bottom, score)


def _rows(lines: list[Line]) -> list[Line]:
    """The lines in reading order: those that share a row by more than half their height are read left to right.

    Columns are read from the right.
    """
    if all(line.is_column for line in lines):
        return sorted(lines, key=lambda line: (-line.right, line.top))
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: line.top):
        if rows and _shared(rows[-1][0].top, rows[-1][0].bottom, line.top, line.bottom) > 0.5:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda line: line.left)]


def _under(one: Line, other: Line) -> bool:
    """Whether two lines stand under each other as lines of one sentence do; columns of signs do beside each other."""
    if one.is_column and other.is_column:
        return _adjacent_columns(one, other)
    across = _shared(one.left, one.right, other.left, other.right)
    return _is_alike(one, other) and across > 0.3 and _gap(one, other) < 0.6 * min(one.height, other.height)


def _beside(one: Line, other: Line) -> bool:
    """Whether two lines stand beside each other as words of one sentence do."""
    between = max(one.left, other.left) - min(one.right, other.right)
    return (
        _is_alike(one, other)
        and _shared_height(one, other) > 0.5
        and between < _BETWEEN * min(one.height, other.height)
    )


def _is_alike(one: Line, other: Line) -> bool:
    return max(one.height, other.height) <= 2.5 * min(one.height, other.height)


def _shared_height(one: Line, other: Line) -> float:
    return _shared(one.top, one.bottom, other.top, other.bottom)


def _adjacent_columns(one: Line, other: Line) -> bool:
    between = max(one.left, other.left) - min(one.right, other.right)
    return _shared(one.top, one.bottom, other.top, other.bottom) > 0.5 and between < 2 * max(one.width, other.width)


def _gap(one: Line, other: Line) -> float:
    return max(one.top, other.top) - min(one.bottom, other.bottom)


def _shared(start: float, end: float, other_start: float, other_end: float) -> float:
    """How much of the shorter of two spans lies in the other, 0 to 1."""
    shorter = min(end - start, other_end - other_start)
    return max(0.0, min(end, other_end) - max(start, other_start)) / shorter if shorter > 0 else 0.0


def _is_wording(text: str) -> bool:
    """Whether it is more than a stray sign, as textures are taken for: two letters or digits, or one and its unit."""
    said = sum(sign.isalnum() for sign in text)
    return said >= 2 or (said == 1 and any(map(str.isdigit, text)) and any(map(_measures, text)))


def _measures(sign: str) -> bool:
    """Whether it says what a number counts: money, a hundredth."""
    return sign == "%" or unicodedata.category(sign) == "Sc"


def _own_reader(side: int) -> "RapidOCR":
    """A reader for one picture, which looks at so many pixels: it shares the models, not what it is set to."""
    with _loading:
        reader = copy(_reader())
    finder: Any = copy(reader.text_det)
    finder.limit_side_len, reader.text_det = side, finder
    return reader


@cache
def _reader() -> "RapidOCR":
    """The loaded models; called with the lock held, so that they are loaded once."""
    from rapidocr import RapidOCR

    folder = files("rapidocr") / "models"
    paths = {f"{task}.model_path": str(folder / name) for task, name in MODELS.items()}
    reader = RapidOCR(
        params=paths
        | {
            "Global.log_level": "critical",
            "Global.text_score": 0.0,  # what it is not sure of is judged here
            "Global.use_cls": False,  # it looks for words upside down, and turns '99' to '66' where there are none
            "Det.limit_side_len": SIDE,
            "Det.limit_type": "max",
            # More threads wait for one another by spinning: the samples take 5.5 s of processor time by two, 2.9 by one
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            # A store of its own saves 9 ms of processor time a picture, and gives no memory back: with pictures full of
            # words, read at 1,472 pixels, it takes 1,744 MiB instead of 1,266, of the 2,048 of an instance
            "EngineConfig.onnxruntime.enable_cpu_mem_arena": False,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
    nothing = np.zeros((48, 48, 3), np.uint8)
    reader(nothing, use_rec=False)  # it loads its finder when it is first asked
    reader.recognize_txt([nothing])  # and then its recognizer
    recognizer: Any = reader.text_rec
    recognizer.postprocess_op = spaces.Decoder(recognizer.postprocess_op)
    return reader
