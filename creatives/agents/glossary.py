"""What ads commonly sell, and its names in five languages: glossary.csv, a thing a line, names between slashes.

The model of `meaning` knows frequent words; of a locksmith, a cot or a removal it takes the look of the word for its
meaning. What is named here by a word is known to be the same thing in all of them. Words that mean something common in
another of the languages (`four`, `don`, `watch`) are no names here: the language of three words is not known.
kinds.csv says what is one of what: who looks for shoes means sandals, too, and who looks for sandals no boots.
"""

import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from itertools import chain
from pathlib import Path

type Thing = tuple[tuple[str, ...], ...]
"""The names of a thing, a tuple for each language that has one."""

_FILE = Path(__file__).with_name("glossary.csv")
_KINDS = Path(__file__).with_name("kinds.csv")
_SHORT = 4  # letters: of so few, an accent or an ending makes another word ("thé" and "the", "Eis" and "Ei")
_PLURALS = ("es", "en", "e", "s", "n")  # endings
_VAGUE = 3  # things: a word that names more of them says nothing


def named(text: str) -> tuple[Thing, ...]:
    """What the text names, each once: the longest names first, and no word counts twice."""
    said, known, longest = words(text), _names(), _longest()
    found: list[Thing] = []
    at = 0
    while at < len(said):
        length = next((n for n in range(longest, 0, -1) if said[at : at + n] in known), 0)
        found.extend(known.get(said[at : at + length], ()))
        at += max(length, 1)
    return tuple(dict.fromkeys(found))


def numbers(text: str) -> list[int]:
    """What the text names, by the places that the things have in the glossary."""
    return [_places()[thing] for thing in named(text)]


def names() -> dict[str, tuple[int, ...]]:
    """What each name means, by the places of the things: the words of a name as they are compared, a space between."""
    return {" ".join(name): tuple(_places()[thing] for thing in things) for name, things in _names().items()}


@cache
def of_kind(number: int) -> frozenset[int]:
    """What whoever names a thing means: itself and all that is one of those, by its place, whatever is between."""
    found, open_ = {number}, [number]
    while open_:
        new = _narrower()[open_.pop()] - found
        found |= new
        open_.extend(new)
    return frozenset(found)


@cache
def _places() -> Mapping[Thing, int]:
    return {thing: number for number, thing in enumerate(all_things())}


@cache
def _narrower() -> Mapping[int, set[int]]:
    """What is one of each thing, by kinds.csv, which calls things by the first of their names."""
    first: defaultdict[str, set[int]] = defaultdict(set)
    for number, thing in enumerate(all_things()):
        first[thing[0][0]].add(number)
    found: defaultdict[int, set[int]] = defaultdict(set)
    with _KINDS.open(encoding="utf-8", newline="") as opened:
        _, *rows = csv.reader(opened)
    for kind, things in rows:
        for number in first[kind]:
            found[number].update(*(first[thing] for thing in things.split("/")))
    return found


@cache
def _names() -> Mapping[tuple[str, ...], tuple[Thing, ...]]:
    """What each name means, the name as words of `words`."""
    meant: defaultdict[tuple[str, ...], dict[Thing, None]] = defaultdict(dict)
    for thing in all_things():
        for name in chain(*thing):
            meant[words(name)][thing] = None
    return {name: tuple(things) for name, things in meant.items() if len(things) <= _VAGUE}


@cache
def _longest() -> int:
    """Words of the longest name."""
    return max(map(len, _names()))


def all_things() -> list[Thing]:
    """All that it knows, in the order of their places."""
    with _FILE.open(encoding="utf-8", newline="") as opened:
        _, *rows = csv.reader(opened)
    return [tuple(tuple(cell.split("/")) for cell in row if cell) for row in rows]


def words(text: str) -> tuple[str, ...]:
    """The words of a text as they are compared: see `_stem`."""
    return tuple(_stem(word) for word in re.findall(r"\w+", text.lower()))


def _stem(word: str) -> str:
    """A word without accents and the endings that plurals have: of "sartén" and "sartenes" the same is left."""
    if len(word) < _SHORT:
        return word
    if len(word) == _SHORT:
        return word.removesuffix("s")
    plain = "".join(each for each in unicodedata.normalize("NFD", word) if not unicodedata.combining(each))
    while shorter := next((plain.removesuffix(end) for end in _PLURALS if _is_plural(plain, end)), ""):
        plain = shorter
    return plain


def _is_plural(word: str, end: str) -> bool:
    """Whether it has this ending, and enough before it."""
    return word.endswith(end) and len(word) - len(end) >= _SHORT
