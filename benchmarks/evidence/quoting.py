"""Quotations of an ad, as models make them, some of them wrong: by a digit, a word, a unit, or made up."""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

UNITS = "%€$£"


@dataclass(frozen=True)
class Quotation:
    """What is said to stand on an ad.

    Attributes:
        field: which of the features says it.
        said: the words.
        fault: how they were made wrong; nothing where they are right.
    """

    field: str
    said: str
    fault: str = ""


def quotations(
    printed: dict[str, str], others: Sequence[str], choice: random.Random, share: float = 0.2
) -> list[Quotation]:
    """What is printed, by field, as quotations: a share of them made wrong.

    Args:
        printed: the true words.
        others: words of other ads.
        choice: decides.
        share: of wrong ones.
    """
    return [
        _wrong(field, words, others, choice) if choice.random() < share else Quotation(field, words)
        for field, words in printed.items()
    ]


def _wrong(field: str, words: str, others: Sequence[str], choice: random.Random) -> Quotation:
    faults = [fault for fault in _FAULTS if fault.__name__ != "_another_unit" or re.search(rf"[{UNITS}]", words)]
    if re.search(r"\d", words) and choice.random() < 0.6:
        faults = [_another_digit]
    fault = choice.choice(faults)
    said = fault(words, others, choice)
    return Quotation(field, said, fault.__name__.strip("_")) if said != words else Quotation(field, words)


def _another_digit(words: str, _others: Sequence[str], choice: random.Random) -> str:
    digits = [found.start() for found in re.finditer(r"\d", words)]
    if not digits:
        return words
    at = choice.choice(digits)
    return words[:at] + choice.choice([each for each in "123456789" if each != words[at]]) + words[at + 1 :]


def _another_word(words: str, others: Sequence[str], choice: random.Random) -> str:
    """One of its longer words is one of another ad."""
    own = [word for word in words.split() if len(word) >= 4 and word.isalpha()]
    known = words.casefold()
    new = [word for text in others for word in text.split() if len(word) >= 4 and word.casefold() not in known]
    if not own or not new:
        return words
    gone = choice.choice(own)
    return words.replace(gone, choice.choice([word for word in new if word.isalpha()] or new), 1)


def _another_unit(words: str, _others: Sequence[str], choice: random.Random) -> str:
    found = re.search(rf"[{UNITS}]", words)
    if not found:
        return words
    return words.replace(found[0], choice.choice([each for each in UNITS if each != found[0]]), 1)


def _another_ads_words(_words: str, others: Sequence[str], choice: random.Random) -> str:
    return choice.choice(others)


_FAULTS: tuple[Callable[[str, Sequence[str], random.Random], str], ...] = (
    _another_digit,
    _another_word,
    _another_unit,
    _another_ads_words,
)
