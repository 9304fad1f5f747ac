"""Which amounts are paid each month, or several times, of a price that stands beside them."""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from functions.extract.extractors.offline.lexicon import Lexicon, fold
from functions.extract.extractors.offline.passages import NEAR, around, written
from functions.extract.extractors.offline.prices import Money
from shared.media.ocr import Block

# '4 x $25', '$25 x 4': an offer of four for one is written without a sign.
INSTALMENTS = re.compile(
    r"(?<!\d)\d{1,2}\s?[x×]\s?(?=[$€£¥]|\d[\d.,]{0,12}\s?(?:[$€£]|zl|kr|kc|tl|eur))"
    r"|(?<=[$€£¥])\s?\d[\d.,]{0,12}\s?[x×]\s?\d{1,2}|(?<!\d)\d[\d.,]{0,12}\s?(?:[$€£]|zl|kr|kc|tl|eur)\s?[x×]\s?\d{1,2}"
)
_TIME = (
    "month|mo|mth|year|yr|week|wk|day|night|monat|mtl|jahr|woche|tag|nacht|mois|an|semaine|jour|nuit|mes|ano|semana|dia|"
    "noche|noite|mese|anno|settimana|giorno|notte|maand|mnd|jaar|dag|manad|ar|vecka|maned|uke|uge|natt|nat|"
    "miesiac|mies|rok|tydzien|mesic|ay|yil|hafta|man|md"
)
EACH = "a|an|per|pro|par|im|je|jede[nr]?|each|every|al|por|a la|all'|alla|om|i|na|za|om de|p"
EACH_TIME = re.compile(
    rf"\.?[*¹²³]?\s?(?:(?:/|(?:{EACH})[ .'])\s?(?:{_TIME})(?!\w)|p[/.]\s?m(?!\w)"
    r"|(?:monatlich|mtl|jahrlich|mensil|mensu[ae]|mensais|monthly|maandelijks|miesiecznie|mesicne))"
)
# The same before an amount: 'mtl. 49,96 €', '月々3,300円'.
_TIME_EACH = re.compile(
    r"(?:(?:monatlich|mtl|monthly|maandelijks|miesiecznie|mesicne|manedlig|ayda|aylik)\W*|月々|毎月|月額|每月)$"
)
# What leads from a price to its instalments, or from them to it.
_OR = r"(?:or|oder|ou|o|oppure|of|eller|lub|albo|nebo|veya|または|或)"
_OR_BETWEEN = re.compile(rf"(?<!\w){_OR}\s(?:\w+\W+){{0,3}}$|(?:または|或)$")
OR_EACH_TIME = re.compile(rf"\W*(?<!\w){_OR}\s(?:[^\W\d]+\W+){{0,3}}\W{{0,2}}\d[\d.,]*\W{{0,2}}{EACH_TIME.pattern}")
# How many instalments there may be, 2 to 99.
_COUNT = re.compile(r"(?<![\d.,])[2-9](?![\d.,])|(?<![\d.,])[1-9]\d(?![\d.,])")
_INTEREST = Decimal("0.02")  # of a price: what all of its instalments may come to beside it


def without_instalments[T](stated: Sequence[tuple[T, Money, Block]], lexicon: Lexicon) -> list[tuple[T, Money, Block]]:
    """The prices without what is paid each month, or several times, of another of them."""
    wholes = [(money, block) for _, money, block in stated if not _is_each_time(money, block)]
    return [
        (meaning, money, block)
        for meaning, money, block in stated
        if not any(
            _is_instalment_of(money, block, whole, beside, lexicon)
            if _is_each_time(money, block)
            else _is_counted(money, block, whole)
            for whole, beside in wholes
        )
    ]


def _is_counted(part: Money, block: Block, whole: Money) -> bool:
    """Whether an amount is a part of a price by the number before it in its line: '$8,999', '12 MSI de $749.92'."""
    before = fold(written(block))[: part.start].rsplit("\n", 1)[-1]
    return part.sign == whole.sign and _makes_up(_COUNT.finditer(before), part, whole)


def _makes_up(counts: Iterable[re.Match[str]], part: Money, whole: Money) -> bool:
    """Whether so many times one amount is another one, give or take the interest."""
    return any(abs(int(count[0]) * part.amount - whole.amount) <= _INTEREST * whole.amount for count in counts)


def _is_each_time(money: Money, block: Block) -> bool:
    """Whether an amount is paid each month, week or year."""
    text = fold(written(block))
    return bool(EACH_TIME.match(text, money.end) or _TIME_EACH.search(text[: money.start]))


def _is_instalment_of(part: Money, block: Block, whole: Money, beside: Block, lexicon: Lexicon) -> bool:
    """Whether a price is paid so: by the words ('$799 or $33.29/mo', 'cash price') or by the number of months."""
    if part.sign != whole.sign or part.amount >= whole.amount:
        return False
    text, other = fold(written(block)), fold(written(beside))
    later, ends = (whole, part.end) if block is beside and whole.start > part.start else (part, 0)
    if _OR_BETWEEN.search(text[max(ends, later.start - NEAR) : later.start]):
        return True
    if lexicon.whole_price.end(around(other, whole.start, whole.end)[0]):
        return True
    return _makes_up(_COUNT.finditer(text), part, whole)
