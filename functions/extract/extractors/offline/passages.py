"""A block's text, and what stands around something in it, within its sentence."""

import re
from collections.abc import Iterable

from functions.extract.extractors.offline.lexicon import Phrases
from shared.media.ocr import Block

# What an ordinal counts: 'ab dem 2. Monat', 'od 2. miesiąca'.
_COUNTED = r"monat|jahr|lieferung|box|miesiac|rok|mesic|maned|ar\b|ay|yil"
# What a point only shortens: 'ord. pris', 'min. order', '200 kr. rabat'; never the end of a sentence.
_SHORTENED = (
    "kr", "rs", "ord", "rek", "vejl", "veil", "pr", "reg", "mtl", "ca", "min", "mind", "max", "maks", "incl", "inkl",
    "excl", "exkl", "ekskl", "zzgl", "approx", "aprox", "env", "est", "orig", "unverb", r"i\.p\.v", r"i\.w\.v",
    r"t\.w\.v", r"p\.p",
)  # fmt: skip
# The point comes first: what stands before it is looked at there alone, not at every sign.
SENTENCE_END = re.compile(
    rf"[!?;•|。！？]|\.(?=\s){''.join(rf'(?<!\b{each}\.)' for each in _SHORTENED)}(?!(?<=\d\.)\s(?:{_COUNTED}))"
)
NEAR = 40  # signs around an amount in which its meaning is looked for


def names(phrases: Phrases, folded: str) -> bool:
    """Whether any of the phrases stands in a folded text."""
    return any(True for _ in phrases.spans(folded))


def ends(text: str, start: int, end: int) -> bool:
    """Whether a sentence ends within a span: what stands before it tells whether a point shortens that."""
    return bool(SENTENCE_END.search(text, start, end))


def around(text: str, start: int, end: int) -> tuple[str, str]:
    """What stands before and after a span, within its sentence."""
    before = SENTENCE_END.split(text[max(0, start - NEAR) : start])[-1]
    ended = SENTENCE_END.search(text, end, end + NEAR)
    after = text[end : ended.start() if ended else end + NEAR]
    return before, after


def blanked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """A text of the same length that says nothing in these spans."""
    for start, end in spans:
        text = text[:start] + "_" * (end - start) + text[end:]
    return text


def written(block: Block) -> str:
    """A block's text, each line on its own: amounts and what is named stay within a line."""
    return "\n".join(line.text for line in block.lines)
