"""How the digits of a line are set: cents high behind a number, '$49⁹⁹', which a reader takes for 4,999; struck out.

Where a number ends and its cents begin is told by the boxes of its glyphs, in the picture itself; both are then read by
themselves. What is raised is written so; where that is not sure, a line is said to be uneven, and no number in it is to
be believed.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

type Pixels = NDArray[np.uint8]
type Reader = Callable[[list[Pixels]], Sequence[tuple[str, float]]]
"""Gives the words in each of some upright pictures of a line, and how sure they are, 0 to 1."""

RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
LEVEL = str.maketrans(RAISED, "0123456789")
"""Takes raised digits to those in a row, by `str.translate`."""

_HIGH = str.maketrans("0123456789", RAISED)

# Of a line's height: what is looked at around it. Cents may stand higher than the finder sees, and beside its box.
_ABOVE, _BESIDE, _ROOM = 0.45, 1.3, 0.12
_LOWEST_TOP = 0.15  # what ends above it is of another line

# Pixels to which lines are enlarged before their glyphs are parted, no more than so many times.
_TALL, _MOST_ENLARGED = 110, 4.0

# Of the glyph before: how tall cents are, how far above its foot they end, how far beside and above it they begin. What
# is as tall as .67 may be a digit of an old face, in which a 0 is no taller than an x.
_LEAST_TALL, _SMALL, _X_TALL, _MOST_TALL = 0.33, 0.67, 0.72, 0.8
_HIGHER, _LEVEL = 0.2, 0.1
_MOST_BESIDE, _CLOSE, _MOST_ABOVE = 0.6, 0.25, 0.6
_MOST_GLYPHS = 4  # two digits and a sign, and what is parted by mistake
_JOINED, _LEAST_WIDE = 0.9, 0.35  # of its height: how wide a glyph is that cents touch, and they are
_LETTER = 0.4  # of a line's height: what is lower is a hole in a letter, or raised
_SPECK = 0.08  # of what is looked at: points and hyphens

# A stroke through a line: at which of its height, how much of that at most; how much of its width it joins, and covers;
# and how much of the width of a line of two amounts a stroke through one of them joins.
_STRUCK, _STROKE, _STRUCK_WIDE, _STRUCK_THROUGH = (0.3, 0.75), 0.2, 0.6, 0.95
_STRUCK_ONE = 0.25

_SURE, _SEEN = 0.8, 0.5  # of digits that are read by themselves; and of such as were read in their line, too
_MARGIN = 0.15  # of its height, around a number that is read by itself
_AROUND = 0.2  # of a line: how far a number may stand from where it would if all letters were as wide

# Two digits alone are no price with cents, and seldom one at all: "20% OFF", of which the rings of the sign are small.
_MAY_BE_PRICE = re.compile(r"\d\D{0,2}\d\D{0,2}\d|[$€£¥₹]|\d\s?(?:kr|z[łl]|k[cč]|eur|chf)", re.IGNORECASE)
_SIGN = r"(?:[€£$]|kr|zł|Kč)"
_TWO_AMOUNTS = re.compile(
    rf"({_SIGN}\s?\d[\d.,]*)\s?({_SIGN}\s?\d[\d.,]*)|(\d[\d.,]*\s?{_SIGN})\s?(\d[\d.,]*\s?{_SIGN})"
)
_TELEPHONE = re.compile(r"(?<![\d.,])(?:\+\d|\(?0\d|\d{3}[ .-]\d{3})[\d ()./-]{5,}\d(?![.,]?\d)")
_CENTS = re.compile(r"[.,]?([€$£]?)(\d{2})[*.,_-]*")
_NUMBER = re.compile(r"\d(?:[\d.,'’ ]*\d)?")
_DECIMALS = re.compile(r"[.,]\d\d$")
_NUMBER_LAST = re.compile(r"(\d(?:[\d.,'’]*\d)?)[.,]?\s?[€$£]?\s?$")


@dataclass(frozen=True)
class Glyph:
    """The box of a letter or digit, or of some that touch each other, in pixels."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return self.bottom - self.top


@dataclass(frozen=True)
class Told:
    """What a line with a number says, once its digits were looked at.

    Attributes:
        text: its words, raised digits written so.
        is_uneven: whether its digits are of several sizes, and nobody can tell what number they are.
        is_struck: whether a stroke goes through all of it.
        raised: the corners (x, y) of what is raised, in pixels of the picture; None where nothing is.
        struck_part: of two amounts that are all of it, from and to which share of its width the one stands through
            which a stroke goes.
    """

    text: str
    is_uneven: bool = False
    is_struck: bool = False
    raised: NDArray[np.float32] | None = None
    struck_part: tuple[float, float] | None = None


def told(pixels: Pixels, corners: NDArray[np.float32], text: str, read: Reader) -> Told:
    """What a line says whose corners, from the upper left one clockwise, are at (x, y) of a picture in BGR."""
    if not _MAY_BE_PRICE.search(_TELEPHONE.sub("", text)):
        return Told(text)
    strip = _Strip.of(pixels, corners)
    if strip.is_struck:
        return Told(text, is_struck=True)
    if two_amounts(text) and (part := strip.struck_part):
        return Told(text, struck_part=part)
    found = [each for each in _smaller(strip.glyphs) if each.is_odd and strip.is_near_digits(each, text)]
    said = read([strip.cut(each.box) for each in found]) if found else []
    line = Told(text.translate(LEVEL)) if said else Told(text)
    for each, (digits, score) in zip(found, said, strict=True):
        if _is_number(digits, each) and score >= (_SEEN if _ends_number(text, digits) else _SURE):
            line = _with(strip, each, digits.strip(), line, read)
    return line if line.raised is not None or line.is_uneven else Told(text)


def two_amounts(text: str) -> tuple[str, str] | None:
    """The amounts that stand beside each other in a line, '189,00 €239,00 €'; None where it says anything else."""
    found = _TWO_AMOUNTS.fullmatch(text.strip())
    return (found[1] or found[3], found[2] or found[4]) if found else None


@dataclass(frozen=True)
class _Smaller:
    """What stands beside a glyph and is smaller than it.

    Attributes:
        box: around it.
        is_high: whether it ends above the foot of that glyph.
        share: how tall it is, of that glyph.
        is_close: whether there is no room for a space between them.
    """

    box: Glyph
    is_high: bool
    share: float
    is_close: bool

    @property
    def is_odd(self) -> bool:
        """Whether it is no letter as tall as an x beside a capital."""
        return self.is_high or self.share <= _X_TALL

    @property
    def is_raised(self) -> bool:
        """Whether it stands as cents do, and is so small that it is no digit of an old face."""
        return self.is_high and self.share <= _SMALL


@dataclass(frozen=True)
class _Strip:
    """A line with what is around it, upright and enlarged.

    Attributes:
        back: takes its pixels to those of the picture (2 x 3).
        head: where the line itself begins in it, from above.
        top: above which there is nothing of the line, not even of what is raised.
        room: what is below the line, and before it.
        right: where it ends.
    """

    pixels: Pixels
    back: NDArray[np.float32]
    head: int
    top: int
    room: int
    right: int

    @classmethod
    def of(cls, pixels: Pixels, corners: NDArray[np.float32]) -> "_Strip":
        """The line between these corners."""
        import cv2

        start, end, _, foot = corners.astype(np.float64)
        width, height = float(np.linalg.norm(end - start)), float(np.linalg.norm(foot - start))
        across, down = (end - start) / max(width, 1.0), (foot - start) / max(height, 1.0)
        scale = min(_MOST_ENLARGED, max(1.0, _TALL / max(height, 1.0)))
        first = start - _ROOM * height * across - _ABOVE * height * down
        back = np.column_stack([across / scale, down / scale, first]).astype(np.float32)
        size = round(scale * (width + (_ROOM + _BESIDE) * height)), round(scale * (1 + _ABOVE + _ROOM) * height)
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        shown = cv2.warpAffine(pixels, back, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        head, top, room = (round(scale * share * height) for share in (_ABOVE, _ABOVE + _LOWEST_TOP, _ROOM))
        return cls(np.asarray(shown, np.uint8), back, head, top, room, room + round(scale * width))

    @cached_property
    def bright(self) -> Pixels:
        """1 or 0, whichever side a pixel is of: parted along the axis on which the colours of the line differ most."""
        import cv2

        flat = self._line(self.pixels).reshape(-1, 3).astype(np.float32)
        axis = np.linalg.eigh(np.cov(flat.T))[1][:, -1]
        grey = self.pixels.astype(np.float32) @ axis
        least, span = float(np.min(flat @ axis)), max(float(np.ptp(flat @ axis)), 1.0)
        level = ((grey - least) * (255 / span)).clip(0, 255).astype(np.uint8)
        limit, _ = cv2.threshold(self._line(level), 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
        return np.asarray(level > limit, np.uint8)

    @cached_property
    def sides(self) -> list[tuple[Pixels, list[Glyph]]]:
        """Either side of the parting as what is drawn (1), with the boxes of its glyphs, from the left."""
        return [(ink, glyphs(ink, self.top)) for ink in (self.bright, 1 - self.bright)]

    @property
    def glyphs(self) -> list[Glyph]:
        """The boxes of what is drawn, from the left: that side which has more letters.

        A plate that the line stands on is no letter, nor is what is around the plate.
        """
        return max((found for _, found in self.sides), key=self._letters)

    def _letters(self, found: Sequence[Glyph]) -> int:
        """How many glyphs are as tall as letters of the line are, and no wider."""
        tall = len(self.pixels) - self.room - self.head
        return sum(each.height >= _LETTER * tall and each.right - each.left <= tall for each in found)

    def _line(self, pixels: Pixels) -> Pixels:
        """The line's own box."""
        return pixels[self.head : len(pixels) - self.room, self.room : self.right]

    @property
    def is_struck(self) -> bool:
        """Whether a stroke joins most of the line, at half its height."""
        return any(end - start >= _STRUCK_WIDE for start, end in self._struck())

    @property
    def struck_part(self) -> tuple[float, float] | None:
        """From and to which share of the line a stroke joins one of two amounts; None where it joins none."""
        return next((part for part in self._struck() if part[1] - part[0] >= _STRUCK_ONE), None)

    def _struck(self) -> Iterator[tuple[float, float]]:
        """From and to which share of the line what strokes join stands."""
        wide = max(1, self.right - self.room)
        for ink, found in self.sides:
            for each in found:
                if _is_struck(ink[each.top : each.bottom, each.left : each.right]):
                    yield (each.left - self.room) / wide, (each.right - self.room) / wide

    def is_near_digits(self, smaller: _Smaller, text: str) -> bool:
        """Whether there are digits in a text about where something stands in the line that it is read from."""
        at = (smaller.box.left - self.room) / max(1, self.right - self.room)
        span = text[max(0, int((at - _AROUND) * len(text)) - 2) : int((at + _AROUND) * len(text)) + 2]
        return any(map(str.isdigit, span))

    def cut(self, box: Glyph) -> Pixels:
        """A part of it, with some room around."""
        room = max(2, round(_MARGIN * box.height))
        top, left = max(0, box.top - room), max(0, box.left - room)
        return np.ascontiguousarray(self.pixels[top : box.bottom + room, left : box.right + room])

    def before(self, box: Glyph) -> Pixels:
        """The line as far as to a part of it."""
        return self.pixels[self.head - self.room :, : box.left]

    def rest(self, box: Glyph, read: Reader) -> str:
        """What the line says after a part of it; no numbers."""
        if self.right - box.right < box.height / 2:
            return ""
        ((text, _),) = read([self.pixels[self.head - self.room :, box.right : self.right]])
        return without_numbers(text)

    def corners(self, box: Glyph) -> NDArray[np.float32]:
        """Where a part of it stands in the picture."""
        points = np.array([(x, y, 1) for x in (box.left, box.right) for y in (box.top, box.bottom)], np.float32)
        return np.asarray(points @ self.back.T, np.float32)


def _is_struck(ink: Pixels) -> bool:
    """Whether a stroke goes through the middle of something, and through no more of it."""
    through = ink.mean(axis=1) >= _STRUCK_THROUGH
    first, last = (int(share * len(ink)) for share in _STRUCK)
    return bool(ink.shape[1] > len(ink) and through[first:last].any() and through.mean() <= _STROKE)


def _is_number(text: str, smaller: _Smaller) -> bool:
    """Whether digits were read, and no letters: a single one, as a footnote has it, only where it stands high."""
    count = sum(map(str.isdigit, text))
    return count > (0 if smaller.is_raised else 1) and not any(map(str.isalpha, text))


def _with(strip: _Strip, smaller: _Smaller, digits: str, line: Told, read: Reader) -> Told:
    """A line, with digits in it that are smaller than those before them, and were read by themselves."""
    ((before, score),) = read([strip.before(smaller.box)])
    number = _NUMBER_LAST.search(before)
    cents = _CENTS.fullmatch(digits) if smaller.is_raised else None
    if not number:  # of letters, as 'm²', or of a digit that was taken for one
        return replace(line, is_uneven=cents is not None and _ends_number(line.text, cents[2]))
    together = _token(line.text, number[1] + digits)
    if cents and together:
        raised = f"{number[1]}{cents[1]}{cents[2].translate(_HIGH)}"
        text = line.text[: together[0]] + raised + line.text[together[1] :]
        return replace(line, text=text, raised=strip.corners(smaller.box))
    if cents and line.raised is None and score >= _SURE:
        raised = f"{before.rstrip(' .,')}{cents[1]}{cents[2].translate(_HIGH)}"
        return Told(f"{raised} {strip.rest(smaller.box, read)}".strip(), raised=strip.corners(smaller.box))
    is_one = sum(map(str.isdigit, digits)) == 1  # as the rings of '%' are read, and the hole of a 0
    if is_one and together and _DECIMALS.search(line.text[slice(*together)]):
        return line
    apart = is_one or (not (smaller.is_close or smaller.is_high) and _token(line.text, number[1]))
    return line if apart and not together else replace(line, is_uneven=True)


def _ends_number(text: str, digits: str) -> bool:
    """Whether a number of a text goes on with these digits to its end."""
    return bool(re.search(rf"\d[.,]?{re.escape(digits.strip())}(?!\d)", text))


def _token(text: str, number: str) -> tuple[int, int] | None:
    """Where a number of the same digits stands in a text, whatever parts them."""
    digits = re.sub(r"\D", "", number)
    return next((each.span() for each in _NUMBER.finditer(text) if re.sub(r"\D", "", each[0]) == digits), None)


def _smaller(found: Sequence[Glyph]) -> Iterator[_Smaller]:
    """What is set smaller beside a glyph, so as cents are, or what is as tall as an x."""
    for at, before in enumerate(found):
        group = list(_group(before, found[at + 1 :]))
        if 0 < len(group) <= _MOST_GLYPHS:
            box, tall = _around(group), before.height
            is_high = box.bottom <= before.bottom - _HIGHER * tall
            yield _Smaller(box, is_high, group[-1].height / tall, box.left - before.right <= _CLOSE * tall)


def _around(group: Sequence[Glyph]) -> Glyph:
    top, bottom = min(each.top for each in group), max(each.bottom for each in group)
    return Glyph(group[0].left, top, max(each.right for each in group), bottom)


def _group(before: Glyph, following: Sequence[Glyph]) -> Iterator[Glyph]:
    """Those that go on with a glyph, are smaller, and stand on one line of their own."""
    last = before
    for each in following:
        if each.height < _LEAST_TALL * before.height:
            continue  # a point, a dot
        if each.height > _MOST_TALL * before.height or each.left - last.right > _MOST_BESIDE * before.height:
            return
        if each.top < before.top - _MOST_ABOVE * before.height:
            return
        if last is not before and abs(each.bottom - last.bottom) > _LEVEL * before.height:
            return
        last = each
        yield each


def without_numbers(text: str) -> str:
    """The words of a text that have no digits."""
    return " ".join(word for word in text.split() if not any(map(str.isdigit, word)))


def glyphs(ink: Pixels, top: int) -> list[Glyph]:
    """The boxes of what is drawn (1) in a line, from the left: but for specks, and for what the edges cut.

    What ends above the row `top` is of another line.
    """
    import cv2

    height = len(ink)
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    found = [Glyph(int(x), int(y), int(x + w), int(y + h)) for x, y, w, h, _ in boxes[:count]]
    whole = (
        part
        for number, each in enumerate(found)
        if number and each.top > 0 and top < each.bottom < height and each.height >= _SPECK * height
        for part in _parted(each, labels[each.top : each.bottom, each.left : each.right] == number)
    )
    return sorted(whole, key=lambda each: each.left)


def _parted(glyph: Glyph, ink: NDArray[np.bool_]) -> Iterator[Glyph]:
    """A glyph, parted where what is raised touches it: what is right of the last column that reaches its foot."""
    low = np.flatnonzero(ink[-max(1, round(_HIGHER * glyph.height)) :].any(axis=0))
    ends = int(low[-1]) + 1
    if ink.shape[1] < _JOINED * glyph.height or ink.shape[1] - ends < _LEAST_WIDE * glyph.height:
        yield glyph
        return
    rows = np.flatnonzero(ink[:, ends:].any(axis=1))
    yield Glyph(glyph.left, glyph.top, glyph.left + ends, glyph.bottom)
    yield Glyph(glyph.left + ends, glyph.top + int(rows[0]), glyph.right, glyph.top + int(rows[-1]) + 1)
