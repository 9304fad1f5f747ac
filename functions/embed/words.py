"""What features say, in words: what a creative's meaning is made of."""

from collections.abc import Iterator, Mapping
from typing import Any


def said(features: Mapping[str, Any] | None, most: int) -> str:
    """What features say, in `most` characters: the text of the creative comes last, as the longest of them."""
    told = dict(features or {})
    text = told.pop("text", None)
    return ". ".join([*_words(told), *_words(text)])[:most]


def _words(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value.replace("_", " ")
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _words(each)
    elif isinstance(value, list):
        for each in value:
            yield from _words(each)
