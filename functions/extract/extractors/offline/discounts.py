"""Which percentages are taken off a price: not shares, interest, or what there is less of."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from functions.extract.extractors.offline.lexicon import Lexicon, fold
from functions.extract.extractors.offline.passages import NEAR, around, blanked, names, written
from functions.extract.extractors.offline.quoting import line_at
from shared.media.ocr import Block, Line

_PERCENT_WORDS = (
    r"percent|per ?cent|prozent|pour ?cent|por ?ciento|por ?cento|percento|procent(?:ow|y|a|u)?|prosent|pct|protsent"
)
# '20%', '20 percent'; '%20' and 'yüzde 20' in Turkey; '3割' is three tenths off, '7折' and '85折' are what is left.
PERCENT = re.compile(
    r"(?P<minus>(?<![\w%])[-–—−]\s?)?(?<![\d.,])(?:"
    rf"(?P<number>\d{{1,3}}(?:[.,]\d{{1,2}})?)\s?(?:%|(?:{_PERCENT_WORDS})(?!\w))"
    r"|(?<![\d%])(?:%\s?|yuzde\s)(?P<after>\d{1,3})(?![\d%]|[.,]\d)"
    r"|(?P<tenths>\d)割(?:(?P<twentieth>\d)分)?"
    r"|(?<![\d.,])(?P<left>[1-9](?:\.\d|\d)?)\s?折(?![页頁叠疊扇纸紙り]))"
)
# An amount with a badge beside it: '€58.95-20%'. A range has the sign of percent alone, '3.99-5.99%'.
_AMOUNT_LESS = re.compile(r"(?:[$€£¥]\s?\d[\d.,]{0,12}|\d\s?(?:kr|zl|kc|tl|eur))[-–—−]\s?$")
# What leads from a discount to what it is on: 'off your shipping', 'sur la livraison'.
_ON = re.compile(
    r"\s*(?:(?:off|on|your|all|the|auf|den|die|der|alle|sur|la|les|le|en|el|los|tu|su|de|del|di|sulla|sulle|na|no|op|pa)"
    r"(?!\w)\s*){0,3}"
)
# After what there is less of: with another word it is something else, 'energy bills', 'water bottles'.
_COMPOUND = re.compile(r"[^\w\n]*[^\W\d]{5}")


@dataclass(frozen=True)
class Discount:
    """A percentage off, at `start` to `end` of a block's text.

    Attributes:
        told: words or a sign beside it say so, or it stands alone; others do so only because a sale is on.
        of_delivery: it is off what delivery costs.
    """

    percent: float
    start: int
    end: int
    told: bool = True
    of_delivery: bool = False


def discounts_of(block: Block, lexicon: Lexicon, on_sale: bool) -> Iterator[Discount]:
    """The percentages of a block that are discounts, and half prices in words."""
    text = fold(written(block))
    for match in PERCENT.finditer(text):
        percent = percent_of(match)
        if 0 < percent <= 100 and _is_discount(block, match, lexicon, on_sale):
            told = _is_told(match, lexicon) or _has_line(block, match)
            end = match.end() + _discount_words_after(match, lexicon)
            yield Discount(percent, match.start(), end, told, _is_of_delivery(text, match.start(), end, lexicon))
    for start, end in lexicon.half_price.spans(text):
        of_second = lexicon.second.end(text[max(0, start - NEAR) : start], words_after=1)
        if not of_second and not lexicon.second.begin(text[end:]):
            yield Discount(50.0, start, end, of_delivery=_is_of_delivery(text, start, end, lexicon))


def given_back(text: str, lexicon: Lexicon) -> Iterator[tuple[int, int]]:
    """Where a folded text says how many per cent of a price are paid back, or given as points: '10% cashback'."""
    for match in PERCENT.finditer(text):
        if reach := _given_back_after(text[match.end() :], lexicon):
            yield match.start(), match.end() + reach


def _given_back_after(after: str, lexicon: Lexicon) -> int:
    return 0 if lexicon.not_given_back.begin(after) else lexicon.given_back.begin(after)


def _is_of_delivery(text: str, start: int, end: int, lexicon: Lexicon) -> bool:
    """Whether what is off is off the postage: '送料半額', '50% off shipping', 'Versand -50%'.

    In another line the postage stands alone: below '20% off' 'Delivery from £5' may stand.
    """
    before, after = around(blanked(text, lexicon.free_delivery.spans(text)), start, end)
    above, _, beside = before.rpartition("\n")
    if lexicon.delivery.end(beside) or (not beside.strip() and lexicon.delivery.fill(above.rsplit("\n", 1)[-1])):
        return True
    led = _ON.match(after)
    gap, named = (after[: led.end()], after[led.end() :].split("\n", 1)[0]) if led else ("", after)
    if "\n" in gap:
        return lexicon.delivery.fill(named)
    return named[:1].isalnum() and bool(lexicon.delivery.begin(named))


def percent_of(match: re.Match[str]) -> float:
    """What a match of `PERCENT` takes off: of '7折' and '85折' the rest."""
    if match["tenths"]:
        return float(match["tenths"]) * 10 + float(match["twentieth"] or 0)
    if match["left"]:
        left = float(match["left"])
        return round(100 - (left if left > 10 else 10 * left), 1)
    return float((match["number"] or match["after"]).replace(",", "."))


def _is_discount(block: Block, match: re.Match[str], lexicon: Lexicon, on_sale: bool) -> bool:
    """Whether a percentage is taken off a price: '100% cotton', '30% faster' and '10% cashback' are not."""
    before, after = around(match.string, *match.span())
    if _given_back_after(after, lexicon):
        return False
    if _is_less_of_something(before, after, lexicon) or _is_share(match, lexicon) or _is_interest(match, lexicon):
        return False
    if _is_told(match, lexicon):
        return True
    alone = not re.search(r"\w", after) or any(PERCENT.fullmatch(fold(line.text).strip()) for line in block.lines)
    return alone and on_sale and percent_of(match) != 100


def _is_told(match: re.Match[str], lexicon: Lexicon) -> bool:
    """Whether words beside a percentage or its sign say that it is taken off; of all of a price words after it do."""
    if _discount_words_after(match, lexicon) or percent_of(match) == 100:
        return bool(_discount_words_after(match, lexicon))
    before, _ = around(match.string, *match.span())
    return _is_minus(match) or lexicon.discount_before.end(before, words_after=3)


def _is_minus(match: re.Match[str]) -> bool:
    return bool(match["minus"] or match["left"] or _AMOUNT_LESS.search(match.string[: match.start()]))


def _is_share(match: re.Match[str], lexicon: Lexicon) -> bool:
    """Whether a percentage is of what is beside it in its line: '100 % cotton, 20 % off', 'Cocoa 70 %', '9% APR'."""
    if _is_minus(match):
        return False
    before, after = around(match.string, *match.span())
    shares = (lexicon.shares, lexicon.interest)
    named = any(each.end(before.rsplit("\n", 1)[-1]) for each in shares) and not _discount_words_after(match, lexicon)
    return named or any(each.begin(after.split("\n", 1)[0]) for each in shares)


def _is_interest(match: re.Match[str], lexicon: Lexicon) -> bool:
    """Whether interest is named in a percentage's line, or above or below it, and is of no other percentage there."""
    if _is_minus(match) or _discount_words_after(match, lexicon):
        return False
    lines = match.string.split("\n")
    at = match.string.count("\n", 0, match.start())
    near = ((line, line == at) for line in range(max(at - 1, 0), min(at + 2, len(lines))))
    return any(names(lexicon.interest, lines[line]) and len(PERCENT.findall(lines[line])) <= own for line, own in near)


def _has_line(block: Block, match: re.Match[str]) -> bool:
    """Whether a percentage fills its line."""
    return PERCENT.fullmatch(fold(line_at(block, match.start()).text).strip()) is not None


def _is_less_of_something(before: str, after: str, lexicon: Lexicon) -> bool:
    """Whether what is less is no price: '50% less sugar', 'save 30% energy', '糖質50%オフ'."""
    if lexicon.contents.end(before) and before[-1:].isalnum():
        return True
    less, priced = lexicon.less.begin(after), lexicon.discount_after.begin(after)
    named = re.match(r"[^\S\n]*[^\W\d]", after[less:])
    if less and named and not lexicon.discount_after.begin(after[less:]) and priced <= less:
        return True
    thing = lexicon.contents.begin(after[less:])
    alone = not _COMPOUND.match(after[less + thing :])
    return bool(thing and alone and (less or not priced))


def _discount_words_after(match: re.Match[str], lexicon: Lexicon) -> int:
    """How far the words reach that make a percentage a discount, at once or after one word ('20% extra off')."""
    _, after = around(match.string, *match.span())
    word = re.match(r"\W*\w+", after)
    skipped = word.end() if word else 0
    later = lexicon.discount_after.begin(after[skipped:])
    reach = lexicon.discount_after.begin(after) or (skipped + later if later else 0)
    apart = re.search(r"[\n,]", after[:reach])
    return 0 if apart and _is_of_next(after[apart.end() :], lexicon) else reach


def _is_of_next(following: str, lexicon: Lexicon) -> bool:
    """Whether what follows a percentage leads to one of its own: 'Arabica 100 %, sconto del 20 %'."""
    other = PERCENT.search(following.split("\n", 1)[0])
    return bool(other and lexicon.discount_before.end(following[: other.start()], words_after=3))


def rate_lines(block: Block, lexicon: Lexicon) -> frozenset[Line]:
    """The lines that say what a loan costs or savings earn."""
    percentages = PERCENT.finditer(fold(written(block)))
    return frozenset(line_at(block, match.start()) for match in percentages if _is_interest(match, lexicon))
