"""Words as they are looked for in what ads say: however accents, capitals, spaces, hyphens and numbers are written.

The page has the same rule, in creatives/report/assets/folding.js: the tests hold the two equal. find.sql folds texts.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LITTLE_WORDS = (
    "a an the and or for with without of in on at to by from is are my our your this that "
    "der die das den dem des ein eine einen einem und oder für mit ohne von zum zur im am auf aus bei ist "
    "le la les un une des du de et ou pour avec sans dans sur par au aux en est "
    "el los las una unos unas del y o con sin por para al "
    "il lo gli i e per di da della dei nel alla su senza "
    "het een van voor met op os as um uma do com no na"
)
"""Words that nearly every text has: they are looked for where a query has no others."""

_MOST_WORDS, _LONGEST_WORD = 40, 80
_TYPED = 2  # letters of the last word, which more may follow; "car" is one, and no card is looked for

_OWN_SIGNS = str.maketrans("‘’ʼ´`‐‑‒–—−×", "'''''------x")
_OWN_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "ς": "σ"})
_LETTER = r"A-Za-z\u00C0-\u024F\u0370-\u03FF\u0400-\u052F"  # of alphabets that part words by spaces
_SHORT = re.compile(rf"[0-9{_LETTER}]{{1,3}}")
_SPACED = r"[1-9][0-9]{0,2}(?: [0-9]{3})+(?![0-9])"
_QUOTES = '"“”„«»'
_TOKENS = re.compile(rf"[{_QUOTES}]([^{_QUOTES}]+)[{_QUOTES}]|[-+€$£¥]?{_SPACED}[^ {_QUOTES}]*|[^ {_QUOTES}]+")
_LISTED = re.compile(rf"(?<=[{_LETTER}])[/,;|]+(?=[{_LETTER}])")
# Not of what buttons say: whoever looks for books means no "Book now".
_ON_BUTTONS = "book|call|order|play|shop|start|view"
_PLURAL = re.compile(rf"(?<![^ -])(?!(?:{_ON_BUTTONS})s(?![^ -]))([a-z]{{3,}}[a-hj-rtv-z])s(?![^ -])")
_STARTS_SPACED = re.compile(rf"[-+€$£¥]?{_SPACED}")
_AROUND = re.compile(r"\A[.,;:!?(\[{']+|[.,;:!?)\]}']+\Z")
# A thousand: "1,299", "1.299", "1'299".
_THOUSANDS = re.compile(r"(?<![0-9.,'])[1-9][0-9]{0,2}(?:([.,'])[0-9]{3})(?:\1[0-9]{3})*(?![0-9])")
_PIECES = re.compile(r"([0-9]{1,3}(?: [0-9]{3})+(?![0-9])|[0-9]+)(?:\.([0-9]+))?|(.)", re.DOTALL)

_UMLAUT = "\u0001"  # behind a letter of a query: it may have an "e" behind it
# Of signs themselves, since a pattern of all letters that there are takes milliseconds to read, for each text.
_OF_WORDS = "0-9a-zÀ-ɏͰ-ԯ"
_BEFORE_NUMBER = rf"(?:^|[^{_OF_WORDS}.,']|(?:^|[^0-9])[.,'])"
_AFTER_NUMBER = r"(?:$|[^0-9.,']|[.,'](?:$|[^0-9]))"
_AFTER_TYPED_NUMBER = r"(?:$|[^0-9.,']|[.,'](?:$|[^0-9]|[0-9][0-9]?(?:$|[^0-9])))"  # cents may follow
_BEFORE_WORD, _AFTER_WORD = rf"(?:^|[^{_OF_WORDS}])", rf"(?:$|[^{_OF_WORDS}])"
_MONEY = frozenset("€$£¥")
_SYNONYMS = Path(__file__).parents[1] / "report" / "assets" / "synonyms.js"


@dataclass(frozen=True)
class Term:
    """What a text has to have.

    Attributes:
        text: as texts are folded; or a pattern, as RE2 reads it.
        is_pattern: which of the two.
        word: what is looked for.
    """

    text: str
    is_pattern: bool
    word: str = ""


@dataclass(frozen=True)
class _Token:
    text: str
    is_quoted: bool

    @property
    def word(self) -> str:
        """Without what marks umlauts."""
        return self.text.replace(_UMLAUT, "")

    @property
    def tells(self) -> bool:
        """Whether it is no word that nearly every text has."""
        return self.is_quoted or self.text not in _little()


def terms(query: str) -> list[Term]:
    """What a text that is looked for has to have each of; what stands in quotes as a whole."""
    tokens = list(_tokens(_folded_query(query)))[:_MOST_WORDS]
    read = [(unit, _term_of(unit, is_last=unit[-1] is tokens[-1])) for unit in _units(tokens)]
    telling = [(unit, term) for unit, term in read if len(unit) > 1 or unit[0].tells]
    # Numbers alone do not tell: "3 for 2" is not "2 of 3".
    meant = telling if any(_has(token.text, "L") for unit, _ in telling for token in unit) else read
    return [term for _, term in meant]


def _units(tokens: Sequence[_Token]) -> Iterator[Sequence[_Token]]:
    """Tokens that are looked for together: those that name something, the longest names first; others by themselves."""
    at, names = 0, _names()
    longest = max(map(len, names))
    while at < len(tokens):
        length = next((n for n in range(longest, 1, -1) if _named(tokens[at : at + n])), 1)
        yield tokens[at : at + length]
        at += length


def _named(unit: Sequence[_Token]) -> str | None:
    """The pattern of all names of what these tokens name."""
    return None if any(token.is_quoted for token in unit) else _names().get(tuple(token.word for token in unit))


@cache
def _names() -> Mapping[tuple[str, ...], str]:
    """The pattern of all names of a thing, by the words of each name."""
    written = _SYNONYMS.read_text(encoding="utf-8")
    found: dict[tuple[str, ...], str] = {}
    for line in json.loads(written[written.index("[\n") : written.rindex("]") + 1]):
        names = [_folded_query(name) for name in line.split("/")]
        ways = "|".join(name.replace(_UMLAUT, "e?").replace(" ", "[- ]") for name in names)
        for name in names:
            for plain in (name.replace(_UMLAUT, ""), name.replace(_UMLAUT, "e")):
                found[tuple(plain.split(" "))] = f"{_BEFORE_WORD}(?:{ways}){_AFTER_WORD}"
    return found


def _term_of(unit: Sequence[_Token], *, is_last: bool) -> Term:
    read = [_term(token, is_last=is_last and token is unit[-1]) for token in unit]
    named = _named(unit)
    if named is None:
        return read[0]
    own = [f"(?:{term.text if term.is_pattern else _escaped(term.text)})" for term in read]
    orders = (own, own[::-1]) if len(own) > 1 else (own,)
    ways = [r"[\s\S]*".join(order) for order in orders]
    return Term("|".join([*ways, named]), is_pattern=True, word=" ".join(token.word for token in unit))


def _tokens(folded: str) -> Iterator[_Token]:
    for found in _TOKENS.finditer(folded):
        if found[1] is not None:
            parts = [found[1].strip(" ")]
        else:
            parts = [_AROUND.sub("", part) or part for part in _LISTED.split(found[0])]
        for part in parts:
            if any(not _is(each, "P") or each == "%" for each in part):  # commas and brackets are nobody's words
                yield _Token(part[:_LONGEST_WORD], is_quoted=found[1] is not None)


@cache
def _little() -> frozenset[str]:
    return frozenset(map(_folded_query, LITTLE_WORDS.split()))


def _term(token: _Token, *, is_last: bool) -> Term:
    """A number and a short word would be found within many others: they are found whole, the last as far as typed.

    Whoever looks for several finds one as well: "students" looks for "student".
    """
    singular = token.text if token.is_quoted else _PLURAL.sub(r"\1", token.text)
    written = _THOUSANDS.sub(lambda number: re.sub("[^0-9]", "", number[0]), singular)
    written = re.sub("([0-9]),(?=[0-9])", r"\1.", written)
    pieces = list(_pieces(written))
    before, after = _bounds(written, is_last=is_last)
    if not before and not after and not any(piece.is_pattern for piece in pieces):
        return Term(written, is_pattern=False, word=token.word)
    pattern = f"{before}{''.join(piece.text for piece in pieces)}{after}"
    is_two = not token.is_quoted and _STARTS_SPACED.match(written)
    return Term(f"{pattern}|{_numbers_in_turn(written)}" if is_two else pattern, is_pattern=True, word=token.word)


def _numbers_in_turn(written: str) -> str:
    """ "15 128" may be two numbers."""
    numbers = map(_escaped, written.split(" "))
    return _BEFORE_NUMBER + rf"(?:[^0-9][\s\S]*)?{_BEFORE_NUMBER}".join(numbers)


def _bounds(written: str, *, is_last: bool) -> tuple[str, str]:
    plain = written.replace(_UMLAUT, "")
    if _has(plain, "N") and not _has(plain, "L"):
        after = _AFTER_TYPED_NUMBER if is_last else _AFTER_NUMBER
        return _BEFORE_NUMBER, after if _is_digit(plain[-1:]) else ""
    first, last = re.split("[- ]", plain)[0], re.split("[- ]", plain)[-1]
    is_whole = _SHORT.fullmatch(last) and not (is_last and len(last) <= _TYPED)
    return _BEFORE_WORD if _SHORT.fullmatch(first) else "", _AFTER_WORD if is_whole else ""


def _pieces(written: str) -> Iterator[Term]:
    """A text in pieces, each with the pattern of all ways to write it."""
    for found in _PIECES.finditer(written):
        before, after = written[: found.start()][-1:], written[found.end() :][:1]
        yield _number(found, after) if found[1] else _sign(found[0], before, after)


def _number(found: re.Match[str], after: str) -> Term:
    grouped = re.sub(r"\B(?=(?:[0-9]{3})+$)", "[.,' ]?", found[1].replace(" ", ""))
    cents = f"[.,]{found[2]}" if found[2] else ""
    pattern = f"{grouped}{cents}{' ?' if after == '%' or after in _MONEY else ''}"
    return Term(pattern, is_pattern=pattern != found[0])


def _sign(sign: str, before: str, after: str) -> Term:
    if sign == _UMLAUT:
        return Term("e?", is_pattern=True)
    is_between = (_is(before, "L") or _is(before, "N")) and (_is(after, "L") or _is(after, "N"))
    if sign == "-" and is_between and not (_is_digit(before) and _is_digit(after)):
        return Term("[- ]?", is_pattern=True)
    if sign in _MONEY and _is_digit(after):
        return Term(f"{_escaped(sign)} ?", is_pattern=True)
    return Term(_escaped(sign), is_pattern=False)


def _escaped(text: str) -> str:
    return re.sub(r"[\\^$.*+?()\[\]{}|/]", r"\\\g<0>", text)


def _folded_query(query: str) -> str:
    """A query with its umlauts marked, and a percent sign at its number."""
    written = unicodedata.normalize("NFC", re.sub(r"[\0-\x1f\x7f]", " ", query))
    folded = _fold(re.sub("[äöüÄÖÜ]", rf"\g<0>{_UMLAUT}", written))
    return re.sub("([0-9]) (?=%)", r"\1", folded).strip(" ")


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.translate(_OWN_SIGNS)).lower().translate(_OWN_LETTERS)
    kept = re.sub("[\u00ad\u200b-\u200d\ufeff]", "", "".join(each for each in plain if not _is(each, "M")))
    return re.sub(r"[\t\r\f\v ]+", " ", "".join(" " if _is(each, "Z") else each for each in kept))


def _has(text: str, category: str) -> bool:
    return any(_is(each, category) for each in text)


def _is(sign: str, category: str) -> bool:
    return bool(sign) and unicodedata.category(sign).startswith(category)


def _is_digit(sign: str) -> bool:
    return bool(sign) and sign in "0123456789"
