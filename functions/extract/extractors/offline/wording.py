"""What the words of a creative offer, cost and ask for: decided by patterns, with the words that say so as evidence.

Everything here is data in, data out. Nothing is concluded from what is missing: that is left to whoever knows whether
the language is one of ours.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto

from functions.extract.extractors.offline import prices
from functions.extract.extractors.offline.lexicon import Lexicon, fold
from functions.extract.extractors.offline.ocr import Block, Line
from functions.extract.extractors.offline.prices import Money

# Of several prices, the one whose letters are this much taller than the others' is the one that holds.
PROMINENT = 1.25

_PERCENT_WORDS = (
    r"percent|per ?cent|prozent|pour ?cent|por ?ciento|por ?cento|percento|procent(?:ow|y|a|u)?|prosent|pct|protsent"
)
# '20%', '20 percent'; '%20' and 'yüzde 20' in Turkey; '3割' is three tenths.
_PERCENT = re.compile(
    r"(?P<minus>(?<![\w%])[-–—−]\s?)?(?<![\d.,])(?:"
    rf"(?P<number>\d{{1,3}}(?:[.,]\d{{1,2}})?)\s?(?:%|(?:{_PERCENT_WORDS})(?!\w))"
    r"|(?<![\d%])(?:%\s?|yuzde\s)(?P<after>\d{1,3})(?![\d%]|[.,]\d)"
    r"|(?P<tenths>\d)割(?:(?P<twentieth>\d)分)?)"
)
_MINUS = re.compile(r"(?<![\w%])[-–—−]\s?$")
_MULTIBUY = re.compile(r"(?<![\w.,])\d{1,2}\s?(?:x|for|fur|pour|por|per|a)\s?$")
_MILLIONS = "million|mio|mrd|mld|mln|milliard|billion|bn|millones|milhoes|milioni|miliardi|miljon|miljoen|milyon"
_FIGURE = re.compile(rf"\s?(?:{_MILLIONS}|[mk])(?!\w)")
_SENTENCE_END = re.compile(r"[!?;•|。！？]|(?<!\bord)(?<!\brek)(?<!\bvejl)(?<!\bveil)(?<!\breg)\.(?=\s)")
_SAME_SIZE = 1.35  # heights of two lines of one sentence, capitals and tails apart
_NEAR = 40  # signs around an amount in which its meaning is looked for

_BUTTON = 40  # signs that a line may have to be a call, whether or not there are spaces in it

# Which of its countries a shared sign is of, by the language.
_SHARED = {("¥", "ja"): "JPY", ("￥", "ja"): "JPY", ("¥", "zh"): "CNY", ("￥", "zh"): "CNY", ("kr", "sv"): "SEK",
           ("kr", "da"): "DKK", ("kr", "no"): "NOK"}  # fmt: skip

# Signs that are a unit or a word in these languages: carats, teaspoons, 'for her'.
_NO_MONEY = {"ct": ("en",), "tl": ("de",), "lei": ("it", "pt"), "p": ("sv", "pt", "pl"), "da": ("it", "pt")}

# Countries that write $ for a peso or a dollar of their own.
_OTHER_DOLLARS = ("es", "pt")


@dataclass(frozen=True)
class Discount:
    """A percentage off, at `start` to `end` of a block's text."""

    percent: float
    start: int
    end: int


@dataclass(frozen=True)
class Price:
    """What the product costs, and the words that say so."""

    amount: Decimal
    currency: str | None
    quote: str


class _Meaning(Enum):
    CURRENT = auto()
    PLAIN = auto()
    OLD = auto()
    SAVING = auto()
    THRESHOLD = auto()
    OTHER = auto()


def promotion_text(blocks: Sequence[Block], lexicon: Lexicon) -> str | None:
    """The lines that make an offer, in reading order; a button's ('Start free trial') only where no others do."""
    buttons = frozenset(line for block in blocks for line in block.lines if lexicon.calls.fill(fold(line.text)))
    return _quoted(blocks, lexicon, besides=buttons) or _quoted(blocks, lexicon, besides=frozenset())


def discount_percent(blocks: Sequence[Block], lexicon: Lexicon) -> float | None:
    """The highest percentage off; None where none is stated."""
    on_sale = _mentions_sale(blocks, lexicon)
    return max((found.percent for block in blocks for found in _discounts(block, lexicon, on_sale)), default=None)


def price(blocks: Sequence[Block], lexicon: Lexicon, language: str | None) -> Price | None:
    """What the product costs now; None where no price stands out of those stated."""
    stated = [
        (_meaning(fold(block.text), money, lexicon), money, block)
        for block in blocks
        for money in prices.find(block.text)
        if language not in _NO_MONEY.get(money.sign, ())
    ]
    for meaning in (_Meaning.CURRENT, _Meaning.PLAIN):
        of_this = [(money, block) for found, money, block in stated if found is meaning]
        if of_this:
            return _outstanding(of_this, language)
    return None


def call_to_action(blocks: Sequence[Block], lexicon: Lexicon) -> str | None:
    """The main call: one that fills its line before one within a sentence before a bare verb; of equals, the last."""
    found = [call for block in blocks for text in _utterances(block) if (call := _call(text, lexicon))]
    return max(enumerate(found), key=lambda ranked: (ranked[1][0], ranked[0]))[1][1] if found else None


def _quoted(blocks: Sequence[Block], lexicon: Lexicon, besides: frozenset[Line]) -> str | None:
    """The lines that make an offer, without those `besides`."""
    kept = [Block(lines) for block in blocks if (lines := tuple(line for line in block.lines if line not in besides))]
    on_sale = _mentions_sale(blocks, lexicon)
    quotes = [_quote(block, spans) for block in kept if (spans := list(_offers(block, lexicon, on_sale)))]
    return " ".join(dict.fromkeys(quotes)) or None


def _offers(block: Block, lexicon: Lexicon, on_sale: bool) -> Iterator[tuple[int, int]]:
    """Where a block offers something."""
    text = _offering(block, lexicon)
    yield from lexicon.promotions.spans(text)
    yield from lexicon.free_delivery.spans(text)
    yield from lexicon.half_price.spans(text)
    for discount in _discounts(block, lexicon, on_sale):
        yield discount.start, discount.end
    for money in prices.find(block.text):
        if _meaning(text, money, lexicon) is _Meaning.SAVING:
            yield money.start, money.end


def _discounts(block: Block, lexicon: Lexicon, on_sale: bool) -> Iterator[Discount]:
    """The percentages of a block that are discounts, and half prices in words."""
    text = fold(block.text)
    for match in _PERCENT.finditer(text):
        percent = _percent(match)
        if 0 < percent <= 100 and _is_discount(block, match, lexicon, on_sale):
            yield Discount(percent, match.start(), match.end() + _discount_words_after(match, lexicon))
    for start, end in lexicon.half_price.spans(text):
        yield Discount(50.0, start, end)


def _percent(match: re.Match[str]) -> float:
    if match["tenths"]:
        return float(match["tenths"]) * 10 + float(match["twentieth"] or 0)
    return float((match["number"] or match["after"]).replace(",", "."))


def _is_discount(block: Block, match: re.Match[str], lexicon: Lexicon, on_sale: bool) -> bool:
    """Whether a percentage is taken off a price: '100% cotton' and '30% faster' are not."""
    before, after = _around(match.string, *match.span())
    if _discount_words_after(match, lexicon):
        return True
    if _percent(match) == 100:
        return False
    alone = not re.search(r"\w", after) or any(_PERCENT.fullmatch(fold(line.text).strip()) for line in block.lines)
    return bool(match["minus"]) or lexicon.discount_before.end(before, words_after=3) or (alone and on_sale)


def _discount_words_after(match: re.Match[str], lexicon: Lexicon) -> int:
    """How far the words reach that make a percentage a discount, at once or after one word ('20% extra off')."""
    _, after = _around(match.string, *match.span())
    word = re.match(r"\W*\w+", after)
    skipped = word.end() if word else 0
    later = lexicon.discount_after.begin(after[skipped:])
    return lexicon.discount_after.begin(after) or (skipped + later if later else 0)


def _mentions_sale(blocks: Sequence[Block], lexicon: Lexicon) -> bool:
    """Whether a sale is on anywhere in the creative: then a percentage alone in its place is the discount."""
    sale = lexicon.promotions.either(lexicon.discount_before)
    return any(True for block in blocks for _ in sale.spans(_offering(block, lexicon)))


def _meaning(text: str, money: Money, lexicon: Lexicon) -> _Meaning:
    """What an amount says, by the words around it in its sentence."""
    before, after = _around(text, money.start, money.end)
    old = lexicon.old_price.end(before)
    current = lexicon.current_price.end(before) and not old  # 'price' also ends 'normal price'
    after_free_delivery = any(not re.search(r"\d", before[end:]) for _, end in lexicon.free_delivery.spans(before))
    if _MULTIBUY.search(before) or _FIGURE.match(after):
        return _Meaning.OTHER
    if _MINUS.search(before) or lexicon.saving_after.begin(after) or lexicon.saving_before.end(before):
        return _Meaning.SAVING
    if lexicon.threshold_after.begin(after) or (lexicon.threshold.end(before) and not current) or after_free_delivery:
        return _Meaning.THRESHOLD
    if current:
        return _Meaning.CURRENT
    return _Meaning.OLD if old else _Meaning.PLAIN


def _outstanding(stated: list[tuple[Money, Block]], language: str | None) -> Price | None:
    """The one price, or the one in clearly taller letters."""
    heights = [(_line_at(block, money.start).size, money, block) for money, block in stated]
    tallest, money, block = max(heights, key=lambda stated: stated[0])
    others = [height for height, other, _ in heights if (other.amount, other.sign) != (money.amount, money.sign)]
    if others and tallest < PROMINENT * max(others):
        return None
    return Price(money.amount, _currency(money, language), block.text[money.start : money.end])


def _currency(money: Money, language: str | None) -> str | None:
    if money.sign in ("$", "dollar", "dollars"):
        return None if language in _OTHER_DOLLARS else "USD"
    return money.currency or _SHARED.get((money.sign.rstrip("."), language or ""))


def _utterances(block: Block) -> Iterator[str]:
    """The texts in which a call may stand: each line, and a short block as a whole, as a button of two lines is."""
    yield from (line.text for line in block.lines)
    if len(block.lines) > 1 and len(block.text.split()) <= 5:
        yield block.text


def _call(text: str, lexicon: Lexicon) -> tuple[int, str] | None:
    """A call in a text, and how surely it is one."""
    folded = fold(text)
    if lexicon.calls.fill(folded):
        return 3, _trimmed(text)
    if span := next(lexicon.calls.spans(folded), None):
        return 2, _trimmed(text) if len(text.split()) <= 4 else text[span[0] : span[1]]
    short = len(text.split()) <= 5 and len(text) <= _BUTTON and not any(sign.isdigit() for sign in text)
    asks = lexicon.verbs.fill(folded) or (short and lexicon.openers.begin(folded))
    return (1, _trimmed(text)) if asks else None


def _trimmed(text: str) -> str:
    """A button's words without the arrows beside them."""
    return re.sub(r"^[\W_]+|[^\w!?.+]+$", "", text)


def _around(text: str, start: int, end: int) -> tuple[str, str]:
    """What stands before and after a span, within its sentence."""
    before = _SENTENCE_END.split(text[max(0, start - _NEAR) : start])[-1]
    after = _SENTENCE_END.split(text[end : end + _NEAR])[0]
    return before, after


def _offering(block: Block, lexicon: Lexicon) -> str:
    """A block's folded text, blanked where it only sounds like an offer ('for sale', 'See offers')."""
    text = fold(block.text)
    for start, end in list(lexicon.not_promotions.spans(text)):
        text = text[:start] + "_" * (end - start) + text[end:]
    return text


def _quote(block: Block, spans: Sequence[tuple[int, int]]) -> str:
    """The lines of a block from the first that a span touches to the last, and those around them of the same size."""
    first, last = min(start for start, _ in spans), max(end for _, end in spans)
    placed = list(_placed(block))
    touched = [index for index, (line, start) in enumerate(placed) if start < last and start + len(line.text) > first]
    low, high = touched[0], touched[-1]
    while low > 0 and _same_size(block.lines[low - 1], block.lines[low]):
        low -= 1
    while high + 1 < len(placed) and _same_size(block.lines[high + 1], block.lines[high]):
        high += 1
    return " ".join(line.text for line in block.lines[low : high + 1])


def _same_size(one: Line, other: Line) -> bool:
    return max(one.size, other.size) <= _SAME_SIZE * min(one.size, other.size)


def _line_at(block: Block, position: int) -> Line:
    return max((placed for placed in _placed(block) if placed[1] <= position), key=lambda placed: placed[1])[0]


def _placed(block: Block) -> Iterator[tuple[Line, int]]:
    """Each line with where it begins in the block's text."""
    start = 0
    for line in block.lines:
        yield line, start
        start += len(line.text) + 1
