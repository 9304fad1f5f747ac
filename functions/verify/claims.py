"""What an answer claims to stand on a creative: its quotations, wherever in the answer they are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

MOST = 200
"""Quotations of one answer that are looked for; models of ours hold 66 at most."""


@dataclass(frozen=True)
class Claim:
    """A field that quotes, by its path (`scenes.text`), and what it quotes."""

    field: str
    quote: str


def claims(answer: Mapping[str, object], fields: Sequence[str]) -> list[Claim]:
    """The quotations in an answer, in the order of `fields`; the first `MOST` of them."""
    found = (Claim(field, quote) for field in fields for quote in _texts(answer, field.split(".")))
    return list(islice((claim for claim in found if claim.quote.strip()), MOST))


def seconds(answer: object) -> Iterator[float]:
    """The seconds that an answer names, anywhere in it."""
    if isinstance(answer, list):
        for each in answer:
            yield from seconds(each)
    if isinstance(answer, Mapping):
        for name, each in answer.items():
            if name.endswith("_s") and isinstance(each, int | float) and not isinstance(each, bool):
                yield float(each)
            yield from seconds(each)


def _texts(value: object, path: Sequence[str]) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _texts(each, path)
    elif path and isinstance(value, Mapping):
        yield from _texts(value.get(path[0]), path[1:])
    elif not path and isinstance(value, str):
        yield value
