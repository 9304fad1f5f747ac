"""Looks for a quotation in what was read: where it stands, or what stands there instead.

A quotation and the words that were read differ by how the reader reads: a letter is lost, another one looks alike, a
line breaks elsewhere. A model that quotes wrongly differs by more: a word is another word, or a number another number,
be it by one digit. So letters may differ a little, digits not at all.

The place is looked for by shape, with one digit for all: 'Now $19.90' is where '$19.99' would stand, and so says that
this does not. So does a 'no' before the place, which the quotation lacks. Nothing is made of a quotation but a
comparison of letters, whatever it holds.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, islice, takewhile

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from functions.verify import signs
from functions.verify.signs import Number, Sign, Signs
from shared.media.ocr import Line

MOST_SIGNS = 8000
"""Of a quotation; what is longer is no quotation of an ad, and is not found."""

ENOUGH = 0.9
"""So much of a quotation has to be found, all numbers among it."""

SURE = 0.85
"""Of lines that speak against a quotation: the reader is so sure of their letters, from 0 to 1."""

EXACT = 0.93
"""Of lines in which no letter is taken for another: 'Milton' is not 'Hilton' there."""

_NEAR = 60.0  # of 100: places that are less alike are none
_LINE_ALIKE = 80.0
_LONG = 20  # signs: what is shorter stands together
_MOST_PLACES = 50
_ANOTHER_WORD = 4  # letters: shorter ones are another word by chance
_REST = 2  # letters
_TIMES = frozenset(("k", "m", "mn", "bn"))
_UNITS_OF_TIME = frozenset(("a", "an", "mo", "pm", "pw", "pa", "yr", "wk", "hr", "h", "d", "md", "mc"))


@dataclass(frozen=True)
class Part:
    """Characters of one line, from `start` to before `end`."""

    line: int
    start: int
    end: int


@dataclass(frozen=True)
class Found:
    """What became of looking for a quotation.

    Attributes:
        share: how much of it was found, 0 to 1.
        contradicted: whether something else stands in its place, and was read for sure.
        numbers: whether all its numbers were found.
        parts: where it was found.
    """

    share: float
    contradicted: bool
    numbers: bool = True
    parts: tuple[Part, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the quotation stands there."""
        return self.share >= ENOUGH and self.numbers and not self.contradicted


@dataclass(frozen=True)
class _Aligned:
    """Signs of a quotation that were found, each with the one that was read; whether something else stands there."""

    pairs: dict[int, int]
    contradicted: bool
    misread: frozenset[int] = frozenset()  # letters of words that stand there but for them


class Words:
    """All that was read in one picture, in reading order."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self._read = signs.of_lines(lines)
        self._each = [signs.of_lines([line]) for line in lines]
        self._ends = [*accumulate(len(each.signs) for each in self._each)]
        self._starts = [0, *self._ends[:-1]]
        self._loose_units = "".join(signs.loose_units(line.text) for line in lines)

    def find(self, quote: str) -> Found:
        """Where a quotation stands, as far as it does."""
        found = self._find(quote)
        before, behind = _marks(quote), _marks(quote[::-1])
        return replace(found, parts=tuple(self._with_marks(part, before, behind) for part in found.parts))

    def _with_marks(self, part: Part, before: set[str], behind: set[str]) -> Part:
        """A part of a line with the £, the % or the point beside its letters and digits, which are not compared."""
        text, start, end = self.lines[part.line].text, part.start, part.end
        while (ahead := text[:start].rstrip()) and ahead[-1] in before:
            start = len(ahead) - 1
        while (rest := text[end:].lstrip()) and rest[0] in behind:
            end = len(text) - len(rest) + 1
        return replace(part, start=start, end=end)

    def _find(self, quote: str) -> Found:
        length = sum(len(signs.signs_of(character)) for character in quote)
        if not self._read.signs or not 0 < length <= MOST_SIGNS:
            return _NOTHING
        quoted = signs.of_text(quote)
        best = max((self._found(quoted, each) for each in self._together(quoted)), key=_rank, default=_NOTHING)
        if best.holds or len(quoted.signs) < _LONG:
            return best
        by_line = self._found(quoted, self._in_lines(quoted))
        if by_line.holds:
            return by_line
        return replace(max(best, by_line, key=_rank), contradicted=best.contradicted or by_line.contradicted)

    def _found(self, quoted: Signs, aligned: _Aligned) -> Found:
        share = (len(aligned.pairs) + len(aligned.misread)) / len(quoted.signs)
        numbers = all(index in aligned.pairs for each in quoted.numbers for index in range(each.start, each.end))
        contradicted = aligned.contradicted or self._is_denied(len(quoted.signs), aligned.pairs)
        return Found(share, contradicted, numbers, tuple(self._parts(aligned.pairs)))

    def _is_denied(self, length: int, pairs: dict[int, int]) -> bool:
        """Whether a quotation lacks the 'no' before it, or the '-free' behind: 'hidden fees' of 'No hidden fees'."""
        first = self._read.signs[pairs[0]] if 0 in pairs else None
        last = self._read.signs[pairs[length - 1]] if length - 1 in pairs else None
        denied = first is not None and signs.is_denied(*self._with_no_above(first))
        return denied or (last is not None and signs.is_freed(self.lines[last.line].text, last.place))

    def _with_no_above(self, sign: Sign) -> tuple[str, int]:
        """A line, with the one above it where that is a 'NO' by itself, and where in it a sign stands."""
        text, place = self.lines[sign.line].text, sign.place
        above = self.lines[sign.line - 1].text.strip() if sign.line else ""
        if above.casefold() in signs.NEGATIONS and not any(map(str.isalnum, text[:place])):
            return f"{above} {text}", len(above) + 1 + place
        return text, place

    def _parts(self, pairs: dict[int, int]) -> Iterator[Part]:
        places: dict[int, list[int]] = {}
        for index in pairs.values():
            sign = self._read.signs[index]
            places.setdefault(sign.line, []).append(sign.place)
        for line, inside in sorted(places.items()):
            yield Part(line, min(inside), max(inside) + 1)

    def _together(self, quoted: Signs) -> Iterator[_Aligned]:
        """The quotation at each place that has its shape, else at those that are most like it."""
        places = list(islice(_occurrences(quoted.shape, self._read.shape), _MOST_PLACES))
        if not places:
            near = {_nearest(quoted.shape, self._read.shape), _nearest(quoted.text, self._read.text)}
            places = [place for place in near if place]
        for start, end in places:
            yield self._aligned(quoted, (0, len(quoted.signs)), (start, end))

    def _in_lines(self, quoted: Signs) -> _Aligned:
        """A longer quotation line by line, in whatever order; what no line explains is looked for by itself."""
        pairs: dict[int, int] = {}
        misread: set[int] = set()
        contradicted = False
        free = set(range(len(quoted.signs)))
        for index, part in self._places(quoted, free):
            aligned = self._aligned(quoted, part, (self._starts[index], self._ends[index]))
            pairs |= aligned.pairs
            contradicted |= aligned.contradicted
            misread |= aligned.misread
            free -= aligned.pairs.keys() | aligned.misread
        for run in _runs(free, quoted):
            place = _nearest(quoted.text[run[0] : run[1]], self._read.text, _LINE_ALIKE)
            explained = self._aligned(quoted, run, place) if place else _Aligned({}, contradicted=False)
            contradicted |= not explained.pairs and self._other_line_stands(run, pairs)
            pairs |= explained.pairs
            misread |= explained.misread
        return _Aligned(pairs, contradicted, frozenset(misread - pairs.keys()))

    def _places(self, quoted: Signs, free: set[int]) -> Iterator[tuple[int, tuple[int, int]]]:
        """The lines, each with the part of a quotation that it is, or is like; none explains what another one has.

        First come those that stand there letter by letter: of the seconds that a clock shows, each is like all others.
        """
        longest_first = sorted(range(len(self.lines)), key=lambda index: -len(self._each[index].signs))
        starts, ends = {start for start, _ in quoted.words}, {end for _, end in quoted.words}
        like = []
        for index in longest_first:
            places = _occurrences(self._each[index].text, quoted.text)
            words = (each for each in places if each[0] in starts and each[1] in ends)
            place = next((each for each in words if free.issuperset(range(*each))), None)
            if place:
                yield index, place
            else:
                like.append(index)
        for index in like:
            line = self._each[index]
            near = _nearest(line.shape, quoted.shape, _LINE_ALIKE) if len(line.signs) <= len(quoted.signs) else None
            if near and len(free.intersection(range(*near))) >= 0.7 * (near[1] - near[0]):
                yield index, near

    def _other_line_stands(self, run: tuple[int, int], pairs: dict[int, int]) -> bool:
        """Whether, beside the lines that say what stands before and after some words, another one was read for sure."""
        length, found = run[1] - run[0], set(pairs.values())
        beside = ((pairs.get(run[1]), -1, -length), (pairs.get(run[0] - 1), 1, length))
        stands = [self._line_part(at + step, reach, found) for at, step, reach in beside if at is not None]
        return length >= _ANOTHER_WORD and any(map(self._is_sure, filter(None, stands)))

    def _is_sure(self, part: range) -> bool:
        return all(self.lines[self._read.signs[index].line].score >= SURE for index in part)

    def _aligned(self, quoted: Signs, part: tuple[int, int], place: tuple[int, int]) -> _Aligned:
        """A part of a quotation sign by sign with what stands at a place."""
        (first, last), (start, end) = part, place
        pairs = {
            first + block.a + step: start + block.b + step
            for block in Levenshtein.opcodes(quoted.shape[first:last], self._read.shape[start:end]).as_matching_blocks()
            for step in range(block.size)
        }
        numbers = [each for each in quoted.numbers if each.start < last and each.end > first]
        wrong = [each for each in numbers if not self._same_number(quoted, each, pairs)]
        inside = {index for each in numbers for index in range(each.start, each.end)}
        kept = {index for index in pairs if index not in inside}
        words = [each for each in quoted.words if first <= each[0] and each[1] <= last]
        lost = [each for each in words if not self._is_kept(each, pairs, kept, inside)]
        gone = {index for each in (*((n.start, n.end) for n in wrong), *lost) for index in range(*each)}
        contradicted = any(
            self._is_another(each, pairs, kept) for each in wrong if first <= each.start and each.end <= last
        ) or any(self._other_word_stands(each, pairs, inside) for each in lost)
        misread = frozenset(index for each in words for index in range(*each)) - pairs.keys() - gone - inside
        return _Aligned({index: at for index, at in pairs.items() if index not in gone}, contradicted, misread)

    def _same_number(self, quoted: Signs, number: Number, pairs: dict[int, int]) -> bool:
        """Whether this very number stands there: its digits, no more of them, its decimals, what it counts."""
        at = [pairs.get(index) for index in range(number.start, number.end)]
        places = [place for place in at if place is not None]
        if len(places) < len(at) or places[-1] - places[0] != len(places) - 1:
            return False
        digits = range(number.start, number.end)
        if len({(self._read.signs[place].line, self._read.signs[place].place) for place in places}) < len(places):
            return False  # ½ is no 12
        if any(
            quoted.signs[one].sign != self._read.signs[other].sign for one, other in zip(digits, places, strict=True)
        ):
            return False
        read = [each for each in self._read.numbers if each.start <= places[-1] and each.end > places[0]]
        if any(each.start < places[0] or each.end > places[-1] + 1 for each in read):
            return False
        if len(read) > 1 and read[-1].end - read[-1].start != number.decimals:
            return False  # several numbers, and not one whose decimals stand high
        if number.sign and any(each.sign and each.sign != number.sign for each in read):
            return False
        goes_on = number.end < len(quoted.signs) and bool(number.unit) < any(each.unit for each in read)
        return not goes_on and all(self._same_amount(number, each) for each in read[-1:])

    def _is_kept(self, word: tuple[int, int], pairs: dict[int, int], kept: set[int], inside: set[int]) -> bool:
        """Whether a word was read, give or take what a reader takes for another letter: nothing of the shortest, nor
        where it is sure.
        """
        letters = [index for index in range(*word) if index not in inside]
        lost = sum(index not in kept for index in letters)
        if self._is_read_otherwise(word, pairs):
            return False
        return lost <= (len(letters) >= 5) + (len(letters) >= 9) + max(0, len(letters) - 10) // 8

    def _is_read_otherwise(self, word: tuple[int, int], pairs: dict[int, int]) -> bool:
        """Whether other letters than a word's were read for sure in their places."""
        at = [pairs.get(index) for index in range(*word)]
        places = [place for place in at if place is not None]
        if not places:
            return False
        line = self.lines[self._read.signs[places[0]].line]
        before, behind = at.index(places[0]), list(reversed(at)).index(places[-1])
        start, end = max(places[0] - before, 0), min(places[-1] + behind + 1, len(self._read.signs))
        others = set(range(start, end)) - set(places)
        return line.score >= EXACT and (bool(others) or self._is_most_of_a_word(start, end, set(pairs.values())))

    def _is_most_of_a_word(self, start: int, end: int, found: set[int]) -> bool:
        """Whether a word goes on for a letter or two before or after some signs, which nothing else quotes: 'offee'.

        More are a word of their own that the reader did not part, a single s is a genitive.
        """
        begins = max((one for one, _ in self._read.words if one <= start), default=start)
        ends = min((other for _, other in self._read.words if other >= end), default=end)
        parts = [(begins, start)] if self._is_parted(end, ends) else [(begins, start), (end, ends)]
        over = [self._read.text[one:other] for one, other in parts if one not in found]
        return any(1 <= len(each) <= _REST and each != "s" and _is_spelled(each) for each in over)

    def _is_parted(self, end: int, ends: int) -> bool:
        """Whether the rest of a word is another one: behind a slash, behind a number its sign or a unit of time.

        '$299/mo', '3€al mese' and '£25pm' are a price and what it is paid for; '$4M' is another amount.
        """
        rest = self._read.text[end:ends]
        if not rest or rest in _TIMES:
            return False
        last, first = self._read.signs[end - 1], self._read.signs[end]
        between = self.lines[last.line].text[last.place + 1 : first.place]
        return "/" in between or (last.sign.isdecimal() and (bool(between) or rest in _UNITS_OF_TIME))

    def _same_amount(self, quoted: Number, read: Number) -> bool:
        """Whether two numbers of the same digits say the same: a point may be lost, or small decimals stand high.

        The sign of what it counts may have been taken for another one, or be a line by itself.
        """
        if quoted.unit and quoted.unit != read.unit:
            lost = not read.unit and (read.may_count(quoted.unit) or quoted.unit in self._loose_units)
            if not lost:
                return False
        return quoted.decimals == read.decimals or (read.decimals == 0 and quoted.decimals == 2)

    def _is_another(self, number: Number, pairs: dict[int, int], kept: set[int]) -> bool:
        """Whether another number was read for sure where it would stand: beside its words, or counting the same."""
        places = [pairs[index] for index in range(number.start, number.end) if index in pairs]
        read = [each for each in self._read.numbers if any(each.start <= place < each.end for place in places)]
        sure = all(self.lines[self._read.signs[each.start].line].score >= SURE for each in read)
        beside = any(index in kept for index in range(number.start - 3, number.end + 3))
        return bool(read) and sure and (beside or any(number.unit and each.unit == number.unit for each in read))

    def _other_word_stands(self, word: tuple[int, int], pairs: dict[int, int], inside: set[int]) -> bool:
        """Whether, between what was found before and after it, as many other letters were read for sure."""
        length = word[1] - word[0]
        letters = [index for index in range(*word) if index not in inside]
        if len(letters) < _ANOTHER_WORD or sum(index in pairs for index in letters) > length / 2:
            return False
        between = self._between(word, pairs)
        return self._is_sure(between) and len(between) >= length / 2

    def _between(self, word: tuple[int, int], pairs: dict[int, int]) -> range:
        """What was read where a word would stand: between its neighbours; of the first and last word, on their line."""
        before = [pairs[index] for index in range(max(0, word[0] - 3), word[0]) if index in pairs]
        after = [pairs[index] for index in range(word[1], word[1] + 3) if index in pairs]
        length = word[1] - word[0]
        others = {at for index, at in pairs.items() if not word[0] <= index < word[1]}
        if before and after:
            return range(before[-1] + 1, after[0])
        if before:
            return self._line_part(before[-1] + 1, length, others)
        if after:
            return self._line_part(after[0] - 1, -length, others)
        return range(0)

    def _line_part(self, start: int, length: int, found: set[int]) -> range:
        """Signs of the line that goes on (or back, by a negative length) at one; of the next, where nothing else is it.

        That one is about as long as what it would stand for.
        """
        if not 0 <= start < len(self._read.signs):
            return range(0)
        line = self._read.signs[start].line
        whole = range(self._starts[line], self._ends[line])
        if start in (whole[0], whole[-1]) and (found.intersection(whole) or not 0.5 <= len(whole) / abs(length) <= 2):
            return range(0)
        if length > 0:
            return range(start, min(start + length, whole.stop))
        return range(max(start + length + 1, whole.start), start + 1)


_NOTHING = Found(0.0, contradicted=False)


def _rank(found: Found) -> tuple[bool, float, bool]:
    return found.holds, found.share, not found.contradicted


def _is_spelled(text: str) -> bool:
    """Whether these are letters of an alphabet, whose words have spaces between them."""
    return all(unicodedata.name(each, "").startswith("LATIN") for each in text)


def _marks(quote: str) -> set[str]:
    """What is no letter and no digit, and stands before one at the begin of a word, or of all of them."""
    words = quote.split()
    before = (takewhile(lambda sign: not signs.signs_of(sign), word) for word in words)
    return {
        mark
        for index, (word, run) in enumerate(zip(words, before, strict=True))
        if index == 0 or any(map(signs.signs_of, word))
        for mark in run
    }


def _occurrences(what: str, text: str) -> Iterator[tuple[int, int]]:
    start = text.find(what) if what else -1
    while start >= 0:
        yield start, start + len(what)
        start = text.find(what, start + 1)


def _nearest(what: str, text: str, least: float = _NEAR) -> tuple[int, int] | None:
    """Where a text is most like another; None where it nowhere is."""
    if not what or not text:
        return None
    exact = next(_occurrences(what, text), None)
    if exact:
        return exact
    if len(what) > len(text):
        return (0, len(text)) if fuzz.ratio(what, text) >= least else None
    found = fuzz.partial_ratio_alignment(what, text, score_cutoff=least)
    if found is None:
        return None
    more = max(1, len(what) // 12)
    return max(0, found.dest_start - more), min(len(text), found.dest_end + more)


def _runs(free: set[int], quoted: Signs) -> Iterator[tuple[int, int]]:
    """Neighbouring words that nothing explains yet."""
    run: tuple[int, int] | None = None
    for start, end in quoted.words:
        if not free.issuperset(range(start, end)):
            continue
        if run and run[1] != start:
            yield run
            run = None
        run = (run[0], end) if run else (start, end)
    if run:
        yield run
