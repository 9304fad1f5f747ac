"""What the product costs: the one price that stands out of those stated, and its currency."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from functions.extract.extractors.offline import prices, sentences
from functions.extract.extractors.offline.amounts import PAID, Meaning, amounts_of, meaning_of
from functions.extract.extractors.offline.instalments import without_instalments
from functions.extract.extractors.offline.lexicon import Lexicon, fold
from functions.extract.extractors.offline.passages import written
from functions.extract.extractors.offline.prices import Money
from functions.extract.extractors.offline.quoting import line_at
from shared.media.ocr import Block

# The reader's confidence in a line, 0 to 1: of what it is less sure of, nobody says what something costs.
_SURE = 0.8
# Of several prices, the one whose letters are this much taller than the others' is the one that holds.
PROMINENT = 1.25
# Which of its countries a shared sign is of, by the language. '49.-' is written in Switzerland, and in Germany.
_SHARED = {("¥", "ja"): "JPY", ("￥", "ja"): "JPY", ("¥", "zh"): "CNY", ("￥", "zh"): "CNY", ("kr", "sv"): "SEK",
           ("kr", "da"): "DKK", ("kr", "no"): "NOK", ("kroner", "da"): "DKK", ("kroner", "no"): "NOK",
           (",-", "da"): "DKK", (",-", "no"): "NOK", (",-", "sv"): "SEK", (",-", "nl"): "EUR", (",-", "de"): "EUR",
           (",-", "cs"): "CZK", (",-", "pl"): "PLN"}  # fmt: skip
# Signs that are a unit or a word in these languages: carats, teaspoons, 'for her'.
_NO_MONEY = {"ct": ("en",), "tl": ("de",), "lei": ("it", "pt"), "p": ("sv", "pt", "pl"), "da": ("it", "pt")}
# Countries that write $ for a peso or a dollar of their own.
_OTHER_DOLLARS = ("es", "pt")
_DOLLARS = ("$", "dollar", "dollars", "dolares", "pesos")
# What small print calls the currency of a sign that several countries share: 'Prices in Canadian dollars'.
_CALLED = {
    _DOLLARS: {
        "CAD": r"canadian dollars?|dollars? canadiens?|cad", "AUD": r"australian dollars?|aud", "NZD": r"nzd",
        "USD": r"u\.?s\.? dollars?|usd|dolares (?:americanos|estadounidenses)", "SGD": r"singapore dollars?|sgd",
        "HKD": r"hong kong dollars?|hkd", "MXN": r"pesos? mexicanos?|mxn|moneda nacional",
        "CLP": r"pesos? chilenos?|clp", "COP": r"pesos? colombianos?", "ARS": r"pesos? argentinos?|ars",
    },
    ("kr", "kroner", ",-", ":-"): {
        "SEK": r"svenska kronor|sek", "NOK": r"norske kroner|nok", "DKK": r"danske kroner|dkk",
    },
    (".-", ",-"): {"CHF": r"chf|schweizer franken|francs suisses|franchi svizzeri", "EUR": r"eur|euro"},
    ("¥", "￥"): {"JPY": r"jpy|日本円|税込|税抜", "CNY": r"cny|rmb|人民币|人民幣"},
}  # fmt: skip


@dataclass(frozen=True)
class Price:
    """What the product costs, and the words that say so."""

    amount: Decimal
    currency: str | None
    quote: str


def price(blocks: Sequence[Block], lexicon: Lexicon, language: str | None) -> Price | None:
    """What the product costs now; None where no price stands out of those stated, or nobody can tell which it is."""
    stated = [
        (meaning, money, block)
        for block in sentences.whole(blocks, lexicon)
        for money, meaning in amounts_of(block, lexicon)
        if language not in _NO_MONEY.get(money.sign, ())
        and line_at(block, money.end - 1).score >= _SURE
        and meaning in PAID
    ]
    if any(line.uneven or prices.is_unclear(line.text) for block in blocks for line in block.lines):
        return None
    paid = without_instalments(stated, lexicon)
    untold = list(_untold_sizes(blocks, lexicon))
    for meaning in PAID:
        of_this = [(money, block) for found, money, block in paid if found is meaning]
        if of_this:
            found = _outstanding(of_this, besides=[*untold, *_dearer(paid, of_this)])
            return _priced(*found, language, blocks) if found else None
    return None


def _untold_sizes(blocks: Sequence[Block], lexicon: Lexicon) -> Iterator[float]:
    """How tall the letters of amounts are that may be the price, and of which nobody can tell how much they are."""
    for block in blocks:
        text = written(block)
        for start, end in prices.untold(text):
            line = line_at(block, end - 1)
            if not line.struck and meaning_of(fold(text), Money(Decimal(1), "", None, start, end), lexicon) in PAID:
                yield line.size


def _dearer(stated: Sequence[tuple[Meaning, Money, Block]], of: Sequence[tuple[Money, Block]]) -> Iterator[float]:
    """How tall the letters of prices are beside these that are higher than each of them."""
    highest = max(money.amount for money, _ in of)
    for _, money, block in stated:
        if money.amount > highest:
            yield line_at(block, money.start).size / PROMINENT


def _outstanding(stated: list[tuple[Money, Block]], besides: Sequence[float]) -> tuple[Money, Block] | None:
    """The one price, or the one in clearly taller letters; none where an amount `besides` stands in as tall ones."""
    heights = [(line_at(block, money.start).size, money, block) for money, block in stated]
    tallest, money, block = max(heights, key=lambda stated: stated[0])
    others = [height for height, other, _ in heights if (other.amount, other.sign) != (money.amount, money.sign)]
    if (others and tallest < PROMINENT * max(others)) or any(tallest <= beside for beside in besides):
        return None
    return money, block


def _priced(money: Money, block: Block, language: str | None, blocks: Sequence[Block]) -> Price:
    currency = money.currency or _called(money.sign, blocks) or _of_language(money.sign, language)
    return Price(money.amount, currency, block.text[money.start : money.end])


def _called(sign: str, blocks: Sequence[Block]) -> str | None:
    """The one currency of a shared sign that the creative calls by its name or code."""
    text = " ".join(fold(block.text) for block in blocks)
    named = [
        currency
        for signs, currencies in _CALLED.items()
        if sign in signs
        for currency, names in currencies.items()
        if re.search(rf"(?<!\w)(?:{names})(?!\w)", text)
    ]
    return named[0] if len(named) == 1 else None


def _of_language(sign: str, language: str | None) -> str | None:
    if sign in ("$", "dollar", "dollars"):
        return None if language in _OTHER_DOLLARS else "USD"
    return _SHARED.get((sign.rstrip("."), language or ""))
