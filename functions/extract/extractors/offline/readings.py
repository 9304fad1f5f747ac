"""Whether two readings of a film are of the same words: OCR reads them otherwise in each frame."""

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from functions.extract.extractors.offline import promotions
from functions.extract.extractors.offline.lexicon import fold

SAME_WORDS = 0.85
"""Of two readings of the same words, the least share of letters that they have in common."""

# Letters of a word that one reading has to itself: OCR makes shorter ones out of specks; "men" is a part of "women".
_SHORTEST_WORD = 3
# Letters: "Plzza" is "Pizza", "Tuesday" not "Thursday". Long words have two.
_MISREAD_LETTERS, _LONG_WORD = 1, 10
_WORD = re.compile(r"[^\W_]+")

# Letters that are read for digits, and the other way round.
_DIGITS = re.compile(r"\d+")
_MISREAD = str.maketrans("oilszbgq", "01152899")

# A clock that runs in the picture says another time in each frame, and nothing of the ad.
_CLOCK = re.compile(r"(?<!\d)\d{1,2}(?:[:;]\d{2}){2,3}(?:[.,]\d{1,3})?(?!\d)")


def same(one: str, other: str) -> bool:
    """Whether two texts are one, as far as two readings agree; with another figure or word they are not."""
    if _unspaced(one) == _unspaced(other):
        return True
    shared = SequenceMatcher(None, letters(one), letters(other), autojunk=False)
    # The quick ones bound the ratio from above: most lines are told apart by their lengths.
    alike = all(ratio() >= SAME_WORDS for ratio in (shared.real_quick_ratio, shared.quick_ratio, shared.ratio))
    if not alike or promotions.figures(one) != promotions.figures(other):
        return False
    if letters(one) == letters(other):
        return True
    if not _same_digits(_unclocked(one), _unclocked(other)) or _is_apart_by_short_words(_words(one), _words(other)):
        return False
    return not _words_of_its_own(one, other)


def _words_of_its_own(text: str, other: str) -> list[str]:
    """The words of a text that the other has not, be it misread, or joined with what stands beside them."""
    own, there, run = _words(text), _words(other), letters(other)
    joined = {*there, *_pairs(there)}
    beside = ["", *_pairs(own), ""]
    return [
        word
        for word, *pairs in zip(own, beside, beside[1:], strict=False)
        if word not in there
        and len(word) >= _SHORTEST_WORD
        and not (len(word) > _SHORTEST_WORD and word in run)
        and not any(_misread(word, each, _most_misread(word, each)) for each in there)
        and not any(_misread(part, each, _MISREAD_LETTERS) for part in (word, *pairs) for each in joined)
    ]


def _is_apart_by_short_words(words: Sequence[str], others: Sequence[str]) -> bool:
    """Whether words are others but for words as short as specks, all else being read alike: vitamin C and vitamin D."""
    pairs = [pair for pair in itertools.zip_longest(words, others, fillvalue="") if pair[0] != pair[1]]
    return bool(pairs) and all(
        0 < min(map(len, pair)) <= max(map(len, pair)) < _SHORTEST_WORD
        and pair[0].translate(_MISREAD) != pair[1].translate(_MISREAD)
        for pair in pairs
    )


def _most_misread(word: str, other: str) -> int:
    return _MISREAD_LETTERS + (min(len(word), len(other)) >= _LONG_WORD)


def _pairs(words: Sequence[str]) -> list[str]:
    """Words that stand beside each other, as if there were no space between them."""
    return [one + other for one, other in itertools.pairwise(words)]


def _misread(word: str, other: str, most: int) -> bool:
    """Whether two words may be one, but for so many letters that are misread, left out or too many."""
    if abs(len(word) - len(other)) > most:
        return False
    steps = SequenceMatcher(None, word, other, autojunk=False).get_opcodes()
    return most >= sum(max(end - start, stop - begin) for step, start, end, begin, stop in steps if step != "equal")


def _words(text: str) -> list[str]:
    return _WORD.findall(_unclocked(text).casefold())  # ß in capitals is SS


def _same_digits(one: str, other: str) -> bool:
    """Whether both have the same digits, or none that is not a letter of the other, misread."""
    if "".join(_DIGITS.findall(one)) == "".join(_DIGITS.findall(other)):
        return True
    read, others = _as_digits(one), _as_digits(other)
    return not (read - others) & _numbers(one) and not (others - read) & _numbers(other)


def _numbers(text: str) -> Counter[str]:
    """The numbers in a text, with the letters beside them that may be digits."""
    runs = (match.span() for match in _DIGITS.finditer(text.translate(_MISREAD)))
    return Counter(text[start:stop].translate(_MISREAD) for start, stop in runs if _DIGITS.search(text[start:stop]))


def _as_digits(text: str) -> Counter[str]:
    """All in a text that may be read as numbers."""
    return Counter(_DIGITS.findall(text.translate(_MISREAD)))


def _unspaced(text: str) -> str:
    return "".join(fold(text).split())


@lru_cache(maxsize=8192)  # each line of a video is held against each other one
def letters(text: str) -> str:
    """The letters and digits of a text, folded, one after the other; those of a running clock are always the same."""
    return "".join(sign for sign in _unclocked(text) if sign.isalnum())


def _unclocked(text: str) -> str:
    return fold(_CLOCK.sub("0:00:00", text))
