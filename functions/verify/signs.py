"""Text as it is compared: the letters and digits that eyes and readers tell apart, and where each came from.

Case, accents, spaces, punctuation and line breaks are no difference. Neither is a letter that only looks like a digit
where digits stand around it, or the other way round. Numbers keep what their digits alone do not say: where the decimal
point is, and what they count.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from shared.media import digits
from shared.media.ocr import Line

_TWINS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th"})
_AS_DIGIT = {"o": "0", "i": "1", "l": "1", "s": "5", "b": "8", "z": "2"}
_AS_LETTER = {"0": "o", "1": "l", "5": "s", "8": "b", "2": "z"}
_ALIKE = str.maketrans({"l": "i", "j": "i"} | dict.fromkeys("123456789", "0"))

# Digits with what stands inside of numbers; spaces only before three digits, as thousands have it.
# Two digits that stand high after others are its decimals; one of them is a footnote's.
_HIGH = f"[{digits.RAISED}]"
_NUMBER = re.compile(rf"\d+(?:[.,'’·]\d+|[ \u00a0\u2009\u202f]\d{{3}}(?!\d))*(?:{_HIGH}{{2}}(?!{_HIGH}))?")
_DECIMALS = re.compile(rf"(?:[.,·]\d{{1,2}}|{_HIGH}{{2}})$")
_UNITS = ("%", "€", "$", "£", "¥")

# European languages that the reader knows, as these words stand before what they deny.
NEGATIONS = frozenset(
    (
        *("no", "not", "never", "without", "non", "kein", "keine", "keinen", "keiner", "nicht", "nie", "ohne"),
        *("pas", "sans", "aucun", "aucune", "jamais", "sin", "nunca", "senza", "sem", "não", "nao"),
        *("geen", "niet", "zonder", "nooit", "inte", "utan", "ingen", "inga", "ikke", "uden", "bez"),
        *("zero", "zéro", "cero", "keinerlei", "brak", "nessun", "nessuna", "ningún", "ninguna", "nenhum", "nenhuma"),
    )
)
HAN_NEGATIONS = frozenset("不無无非未没沒勿")
_WORD_OR_END = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|[^\w\s\-“”\"'’«»]")
_OF_NOTHING = frozenset(
    (*((no, of) for no in ("pas", "plus", "jamais") for of in ("de", "d", "des")), ("free", "of"), ("free", "from"))
)
_BETWEEN = " \t\u00a0-“”\"'’«»"
# Words that a 'no' denies after: in Portuguese it is 'in the' after others.
_BEFORE_NO = frozenset(
    (
        "is",
        "are",
        "was",
        "with",
        "and",
        "or",
        "has",
        "have",
        "there's",
        "absolutely",
        "of",
        "at",
        "y",
        "con",
        "hay",
        "o",
    )
)

# What a reader makes of these signs now and then, where it stands by itself beside the number.
_MISREAD = {"%": "9o0x*", "€": "ecgt£¢(", "$": "s5§8", "£": "elft€", "¥": "yvx*"}


@dataclass(frozen=True)
class Number:
    """A number, as far as its digits do not tell it.

    Attributes:
        start, end: its signs.
        decimals: digits after its decimal point; 0 where none is seen.
        unit: the % or currency sign next to it, else nothing.
        beside: what else stands by itself next to it, one sign on either side.
        sign: + or - before it, else nothing.
    """

    start: int
    end: int
    decimals: int
    unit: str
    beside: str = ""
    sign: str = ""

    def may_count(self, unit: str) -> bool:
        """Whether what stands beside it may have been this sign, which a reader took for another."""
        return not self.unit and any(each in _MISREAD[unit] for each in self.beside)


@dataclass(frozen=True)
class Sign:
    """A letter or digit: which one, of which line, at which of its characters."""

    sign: str
    line: int
    place: int


@dataclass(frozen=True)
class Signs:
    """The signs of some lines one after the other, with the words and numbers among them (first sign, end)."""

    signs: tuple[Sign, ...]
    words: tuple[tuple[int, int], ...]
    numbers: tuple[Number, ...]

    @cached_property
    def text(self) -> str:
        """The signs alone."""
        return "".join(each.sign for each in self.signs)

    @cached_property
    def shape(self) -> str:
        """The same with one digit for all, and one letter for those that are drawn alike: as long as the text."""
        return self.text.translate(_ALIKE)


def of_lines(lines: Sequence[Line]) -> Signs:
    """The signs of what was read."""
    return _of([line.text for line in lines])


def of_text(text: str) -> Signs:
    """The signs of a quotation."""
    return _of([text])


def _of(texts: Sequence[str]) -> Signs:
    signs: list[Sign] = []
    words: list[tuple[int, int]] = []
    numbers: list[Number] = []
    for line, text in enumerate(texts):
        read = _read(text)
        at = {place: len(signs) + index for index, (_, place) in reversed([*enumerate(read)])}
        numbers += _numbers(text, at, len(signs) + len(read))
        words += _words(text, [place for _, place in read], len(signs))
        signs += [Sign(sign, line, place) for sign, place in read]
    return Signs(tuple(signs), tuple(words), tuple(numbers))


def _read(text: str) -> list[tuple[str, int]]:
    """Each sign of a text with the place that it came from."""
    read = [(sign, place) for place, character in enumerate(text) for sign in signs_of(character)]
    return [(_seen(read, index, text), place) for index, (_, place) in enumerate(read)]


@cache
def signs_of(character: str) -> str:
    """The letters and digits that a character stands for; most have one, ½ and ﷺ have more, a comma none."""
    plain = unicodedata.normalize("NFKD", character).casefold().translate(_TWINS)
    return "".join(_digit(each) for each in plain if each.isalnum())


def _digit(sign: str) -> str:
    """Digits of any script are the same; what is no digit is itself."""
    return str(unicodedata.decimal(sign)) if sign.isdecimal() else sign


def _seen(read: Sequence[tuple[str, int]], index: int, text: str) -> str:
    """A sign as those around it have it: the O of '5O' is a zero, the 0 of 'SH0P' a letter."""
    sign = read[index][0]
    around = [each for each in (_beside(read, index, -1, text), _beside(read, index, 1, text)) if each]
    counted = not around and text[read[index][1] + 1 :].lstrip(" \u00a0\u2009\u202f")[:1] in ("%", "€")  # of its line
    if sign in _AS_DIGIT and (counted or (around and all(each.isdecimal() for each in around))):
        return _AS_DIGIT[sign]
    if sign in _AS_LETTER and len(around) == 2 and all(each.isalpha() for each in around):
        return _AS_LETTER[sign]
    return sign


def _beside(read: Sequence[tuple[str, int]], index: int, step: int, text: str) -> str:
    """The sign beside another in the same word or number; nothing where that ends."""
    other = index + step
    if not 0 <= other < len(read):
        return ""
    between = text[min(read[index][1], read[other][1]) + 1 : max(read[index][1], read[other][1])]
    return read[other][0] if between in ("", ".", ",") else ""


def _words(text: str, places: Sequence[int], offset: int) -> Iterator[tuple[int, int]]:
    """Runs of signs with no space between them; a hyphen or a point does not end a word."""
    start = 0
    for index in range(1, len(places) + 1):
        ended = index == len(places) or any(map(str.isspace, text[places[index - 1] + 1 : places[index]]))
        if ended and index > start:
            yield offset + start, offset + index
            start = index


def _numbers(text: str, at: dict[int, int], end: int) -> Iterator[Number]:
    for found in _NUMBER.finditer(text):
        after = next((at[place] for place in range(found.end(), len(text)) if place in at), end)
        decimals = _DECIMALS.search(found[0])
        decimal_places = len(decimals[0].lstrip(".,·")) if decimals else 0
        yield Number(
            at[found.start()],
            after,
            decimal_places,
            _unit(text, found),
            _beside_number(text, found),
            _signed(text, found),
        )


def _signed(text: str, found: re.Match[str]) -> str:
    before = _SIGNED.search(text[: found.start()])
    return "" if before is None else "+" if before[1] in "+＋" else "-"


_SIGNED = re.compile(r"([+＋\-−–])\s?[$€£¥]?\s?$")


def _unit(text: str, found: re.Match[str]) -> str:
    after = text[found.end() : found.end() + 2].strip()[:1]
    before = re.sub(f"[{''.join(_AS_DIGIT)}]$", "", text[: found.start()].casefold()).rstrip()[-1:]
    beside = (unicodedata.normalize("NFKC", sign) for sign in (after, before))  # also "％" and "＄"
    return next((sign for sign in beside if sign in _UNITS and sign), "")


def _beside_number(text: str, found: re.Match[str]) -> str:
    """The signs that stand by themselves before and after a number, in lower case."""
    after = re.match(r"\s?([^\s\d])(?!\w)", text[found.end() :])
    before = re.search(r"(?<!\w)([^\s\d])\s?$", text[: found.start()])
    return "".join(each[1] for each in (before, after) if each).casefold()


def loose_units(text: str) -> str:
    """The % and currency signs of a line that holds no number: they may count one beside it."""
    return "" if any(map(str.isdigit, text)) else "".join(sign for sign in _UNITS if sign in text)


def is_freed(text: str, place: int) -> bool:
    """Whether the word that ends at a character of a line is said not to be there: 'Sugar-free', 'zuckerfrei'."""
    return _FREED.match(text, place + 1) is not None


_FREED = re.compile(r"[-‐‑–]free\b|-?(?:frei|los)(?:e[rnsm]?)?\b", re.IGNORECASE)


def is_denied(text: str, place: int) -> bool:
    """Whether what stands in a line from this character on is what the word, or the sign, before it denies.

    What ends a sentence stands between no such two. 'No 7' counts, 'why not' asks, and the 'no' of 'baixe no site' is a
    Portuguese 'in the'.
    """
    before = text[:place].casefold()
    if before and before[-1] in HAN_NEGATIONS:
        return True
    if not before or before[-1] not in _BETWEEN:
        return False
    words = _WORD_OR_END.findall(before)
    last, earlier = (words[-1] if words else ""), (words[-2] if len(words) > 1 else "")
    if last == "no":
        counts = text[place : place + 1].isdigit()
        return not counts and (not earlier.isalpha() or earlier in _BEFORE_NO)
    if (earlier, last) in _OF_NOTHING:
        return True
    return (last in NEGATIONS and (last, earlier) != ("not", "why")) or last.endswith(("n't", "n’t"))
