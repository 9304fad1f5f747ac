"""What a creative offers, with the words that say so as evidence.

Everything here and in what it is made of is data in, data out. Nothing is concluded from what is missing: that is
left to whoever knows whether the language is one of ours.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from functions.extract.extractors.offline import prices, sentences
from functions.extract.extractors.offline.amounts import PAID, Meaning, amounts_of, second_of_two
from functions.extract.extractors.offline.calls import button_lines
from functions.extract.extractors.offline.discounts import PERCENT, discounts_of, given_back, percent_of, rate_lines
from functions.extract.extractors.offline.instalments import INSTALMENTS
from functions.extract.extractors.offline.lexicon import Lexicon, fold
from functions.extract.extractors.offline.passages import SENTENCE_END, blanked, names, written
from functions.extract.extractors.offline.quoting import line_at, quotation
from shared.media.ocr import Block, Line

# Where what limits an offer ends; what follows a colon is an offer again: 'Offer valid until May: two for one'.
_TERM_END = re.compile(rf"{SENTENCE_END.pattern}|[\n:]")
_CENTS = re.compile(r"\W{0,3}\d{1,5}[.,]\d\d(?![.,]?\d)")  # a number that may be a price
_WORD = re.compile(r"[^\W\d_]{3}")
_NOTE = re.compile(r"^\W?※.*$", re.MULTILINE)  # small print in Japan


@dataclass(frozen=True)
class _Sale:
    """What a creative says as a whole.

    Attributes:
        on: a sale is on.
        cut: a price is lower than it was.
        bare: two prices say so by themselves, '£59.99 £44.99': nothing else is offered.
    """

    on: bool
    cut: bool
    bare: bool = False


def promotion_text(blocks: Sequence[Block], lexicon: Lexicon) -> str | None:
    """The lines that make an offer, in reading order; a button's ('Start free trial') only where no others do.

    One that only names a sale ('Shop the sale') makes none.
    """
    buttons = frozenset(
        line
        for block in blocks
        for line in block.lines
        if lexicon.calls.fill(fold(line.text)) or lexicon.calls.fill(fold(block.text))
    )
    to_a_sale = frozenset(
        line for line in buttons if names(lexicon.discount_before, fold(line.text)) and not figures(line.text)
    )
    said = sentences.whole(blocks, lexicon)
    return _quoted(said, lexicon, besides=buttons) or _quoted(said, lexicon, besides=to_a_sale)


def has_promotion(blocks: Sequence[Block], lexicon: Lexicon) -> bool:
    """Whether an offer is made, or a button leads to a sale that is on."""
    return _quoted(sentences.whole(blocks, lexicon), lexicon, besides=frozenset()) is not None


def may_promote(blocks: Sequence[Block], lexicon: Lexicon) -> bool:
    """Whether there may be an offer in words that we do not know: the small print names one, or an old price stands."""
    old = any(meaning is Meaning.OLD for block in blocks for _, meaning in amounts_of(block, lexicon))
    named = any(names(lexicon.promotions, _offering(block, lexicon)) for block in blocks)
    return old or named or _names_old_number(blocks, lexicon) or has_promotion(blocks, lexicon)


def _names_old_number(blocks: Sequence[Block], lexicon: Lexicon) -> bool:
    """Whether a number without a sign is what a price was: 'Was 12.99' above '8.49 €', or a stroke goes through it."""
    texts = [fold(written(block)) for block in blocks]
    bare = [line for block in blocks for line in block.lines if _CENTS.fullmatch(line.text.strip())]
    numbers = any(_CENTS.match(text, end) for text in texts for _, end in lexicon.old_price.spans(text))
    return len({line.struck for line in bare}) > 1 or (numbers and any(prices.find(written(block)) for block in blocks))


def discount_percent(blocks: Sequence[Block], lexicon: Lexicon) -> float | None:
    """The highest percentage off what is sold, of those that words beside them call so where there are any.

    None without any; what is off the postage is none.
    """
    said, on_sale = sentences.whole(blocks, lexicon), _mentions_sale(blocks, lexicon)
    found = [each for block in said for each in discounts_of(block, lexicon, on_sale) if not each.of_delivery]
    told = [discount.percent for discount in found if discount.told]
    return max(told or [discount.percent for discount in found], default=None)


def figures(text: str) -> set[object]:
    """The percentages and amounts of money in a text, whatever they say."""
    amounts = {(money.amount, money.sign) for money in prices.find(text)}
    return amounts | {percent_of(match) for match in PERCENT.finditer(fold(text))}


def _quoted(blocks: Sequence[Block], lexicon: Lexicon, besides: frozenset[Line]) -> str | None:
    """The lines that make an offer, without those `besides`."""
    kept = [Block(lines) for block in blocks if (lines := tuple(line for line in block.lines if line not in besides))]
    on, cut = _mentions_sale(blocks, lexicon), _mentions_cut(blocks, lexicon)
    return _quoted_at(kept, lexicon, _Sale(on, cut)) or _quoted_at(kept, lexicon, _Sale(on, cut, bare=True))


def _quoted_at(kept: Sequence[Block], lexicon: Lexicon, sale: _Sale) -> str | None:
    """The lines that make an offer while such a sale is on."""
    quotes = [
        _without_call(quotation(block, spans, _apart(block, lexicon), lexicon), lexicon, sale)
        for block in kept
        if (spans := list(_offers(block, lexicon, sale)))
    ]
    return " ".join(dict.fromkeys(quotes)) or None


def _without_call(quote: str, lexicon: Lexicon, sale: _Sale) -> str:
    """An offer without the button that OCR read in its line: 'Summer sale -20% Shop now'.

    What goes on with a sentence is no button: 'Get 20% off when you sign up', nor in small letters.
    """
    for start, end in lexicon.calls.spans(fold(quote)):
        said, call = quote[:start].rstrip(), quote[start:end]
        if (
            not call[:1].islower()
            and not lexicon.joins.end(fold(said))
            and not re.search(r"\w", quote[end:])
            and _says_offer(said, lexicon, sale)
            and not _says_offer(call, lexicon, sale)
        ):
            return said
    return quote


def _says_offer(text: str, lexicon: Lexicon, sale: _Sale) -> bool:
    return any(True for _ in _offers(Block((Line(text, 0, 0, 1, 1, 1.0),)), lexicon, sale)) if text else False


def _offers(block: Block, lexicon: Lexicon, sale: _Sale) -> Iterator[tuple[int, int]]:
    """Where a block offers something."""
    text = _without_terms(_offering(block, lexicon), lexicon)
    yield from lexicon.promotions.spans(text)
    yield from lexicon.free_delivery.spans(text)
    yield from lexicon.half_price.spans(text)
    discounts = ((discount.start, discount.end) for discount in discounts_of(block, lexicon, sale.on))
    for start, end in (*discounts, *given_back(text, lexicon)):
        yield lexicon.leads.start_at_end(text[:start]), end
    amounts = amounts_of(block, lexicon)
    for money, meaning in amounts:
        second = second_of_two(text, money, lexicon) if meaning is Meaning.SECOND else None
        if second is not None:
            yield second, money.end
        elif meaning is Meaning.SAVING or (
            sale.cut
            and _is_of_cut(meaning, [other for _, other in amounts])
            and (sale.bare or _WORD.search(line_at(block, money.start).text))
        ):
            yield lexicon.leads.start_at_end(text[: money.start]), money.end


def _is_of_cut(meaning: Meaning, in_block: Sequence[Meaning]) -> bool:
    """Whether an amount is the old price of two, or the new one."""
    return meaning in (Meaning.OLD, Meaning.CURRENT) or (meaning is Meaning.PLAIN and Meaning.OLD in in_block)


def _mentions_cut(blocks: Sequence[Block], lexicon: Lexicon) -> bool:
    """Whether a price is stated and a higher one that it was."""
    stated = [amounts_of(block, lexicon) for block in blocks]
    current = [money for amounts in stated for money, meaning in amounts if meaning is Meaning.CURRENT]
    for amounts in stated:
        old = [money for money, meaning in amounts if meaning is Meaning.OLD]
        new = current + [money for money, meaning in amounts if meaning is Meaning.PLAIN]
        if any(was.sign == now.sign and was.amount > now.amount for was in old for now in new):
            return True
    return False


def _mentions_sale(blocks: Sequence[Block], lexicon: Lexicon) -> bool:
    """Whether a sale is on anywhere in the creative, and no interest: a percentage alone is the discount."""
    if any(names(lexicon.interest, fold(written(block))) for block in blocks):
        return False
    sale = lexicon.promotions.either(lexicon.discount_before)
    return any(True for block in blocks for _ in sale.spans(_offering(block, lexicon)))


def _offering(block: Block, lexicon: Lexicon) -> str:
    """A block's folded text, blanked where it only sounds like an offer ('for sale', 'See offers', 'no discounts')."""
    text = INSTALMENTS.sub(lambda match: "_" * len(match[0]), fold(written(block)))
    offers = [*lexicon.promotions.spans(text), *lexicon.free_delivery.spans(text)]
    none = [
        (start, end)
        for start, end in (*lexicon.not_promotions.spans(text), *lexicon.denied.spans(text))
        if not any(first < start and end <= last for first, last in offers)  # 'don't miss the sale'
    ]
    return blanked(text, none)


def _without_terms(text: str, lexicon: Lexicon) -> str:
    """A folded text, blanked where it says where an offer holds: 'Offer valid in the UK' makes none."""
    text = _NOTE.sub(lambda note: "_" * len(note[0]), text)
    terms = lexicon.terms.spans(text)
    return blanked(text, [(start, end + len(_TERM_END.split(text[end:], 1)[0])) for start, end in terms])


def _terms(block: Block, lexicon: Lexicon) -> frozenset[Line]:
    """The lines that begin with where an offer holds, or with what is not in it."""
    return frozenset(line for line in block.lines if _NOTE.match(line.text) or lexicon.terms.begin(fold(line.text)))


def _priced(block: Block, lexicon: Lexicon) -> frozenset[Line]:
    """The lines that say what something costs: beside an offer they are none of it."""
    return frozenset(line_at(block, money.start) for money, meaning in amounts_of(block, lexicon) if meaning in PAID)


def _apart(block: Block, lexicon: Lexicon) -> frozenset[Line]:
    """The lines that are none of an offer beside them: a price's, a rate's, a button, what limits it."""
    return _priced(block, lexicon) | rate_lines(block, lexicon) | button_lines(block, lexicon) | _terms(block, lexicon)
