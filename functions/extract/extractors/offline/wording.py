"""What the words of a creative offer, cost and ask for: decided by patterns, with the words that say so as evidence.

Everything here is data in, data out. Nothing is concluded from what is missing: that is left to whoever knows whether
the language is one of ours.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto

from functions.extract.extractors.offline import prices, sentences
from functions.extract.extractors.offline.lexicon import Lexicon, Phrases, fold
from functions.extract.extractors.offline.prices import Money
from shared.media.ocr import Block, Line

# The reader's confidence in a line, 0 to 1: of what it is less sure of, nobody says what something costs.
_SURE = 0.8

# Of several prices, the one whose letters are this much taller than the others' is the one that holds.
PROMINENT = 1.25

_PERCENT_WORDS = (
    r"percent|per ?cent|prozent|pour ?cent|por ?ciento|por ?cento|percento|procent(?:ow|y|a|u)?|prosent|pct|protsent"
)
# '20%', '20 percent'; '%20' and 'yüzde 20' in Turkey; '3割' is three tenths off, '7折' and '85折' are what is left.
_PERCENT = re.compile(
    r"(?P<minus>(?<![\w%])[-–—−]\s?)?(?<![\d.,])(?:"
    rf"(?P<number>\d{{1,3}}(?:[.,]\d{{1,2}})?)\s?(?:%|(?:{_PERCENT_WORDS})(?!\w))"
    r"|(?<![\d%])(?:%\s?|yuzde\s)(?P<after>\d{1,3})(?![\d%]|[.,]\d)"
    r"|(?P<tenths>\d)割(?:(?P<twentieth>\d)分)?"
    r"|(?<![\d.,])(?P<left>[1-9](?:\.\d|\d)?)\s?折(?![页頁叠疊扇纸紙り]))"
)
# An amount with a badge beside it: '€58.95-20%'. A range has the sign of percent alone, '3.99-5.99%'.
_AMOUNT_LESS = re.compile(r"(?:[$€£¥]\s?\d[\d.,]{0,12}|\d\s?(?:kr|zl|kc|tl|eur))[-–—−]\s?$")
_MINUS = re.compile(r"(?<![\w%])[-–—−]\s?$")
# Of two amounts, or of a bare number and an amount: 'from $19 to $39', '19 - 39 €'.
_TO = r"to|bis|a|tot|do|till|til|hasta|ate|ile"
_NUMBER_TO = re.compile(rf"\d\s?[^\w\s]?(?:\s[-–—−~〜]\s|[-–—−~〜]|\s(?:{_TO})\s|から)$")
_DASH = re.compile(r"\s[-–—−~〜]\s|[-–—−~〜]\s?")
_WORD_TO = re.compile(rf"\s(?:{_TO}|auf|na)\s|'[dt][ea]n\s|から|\s?(?:→|➔|➜|»|=?>)\s?")
# What leads from a discount to what it is on: 'off your shipping', 'sur la livraison'.
_ON = re.compile(
    r"\s*(?:(?:off|on|your|all|the|auf|den|die|der|alle|sur|la|les|le|en|el|los|tu|su|de|del|di|sulla|sulle|na|no|op|pa)"
    r"(?!\w)\s*){0,3}"
)
# After what there is less of: with another word it is something else, 'energy bills', 'water bottles'.
_COMPOUND = re.compile(r"[^\w\n]*[^\W\d]{5}")
_AND = re.compile(r"\s?(?:\w{1,3}|[,/+&])\s")
# '4 x $25', '$25 x 4': an offer of four for one is written without a sign.
_INSTALMENTS = re.compile(
    r"(?<!\d)\d{1,2}\s?[x×]\s?(?=[$€£¥]|\d[\d.,]{0,12}\s?(?:[$€£]|zl|kr|kc|tl|eur))"
    r"|(?<=[$€£¥])\s?\d[\d.,]{0,12}\s?[x×]\s?\d{1,2}|(?<!\d)\d[\d.,]{0,12}\s?(?:[$€£]|zl|kr|kc|tl|eur)\s?[x×]\s?\d{1,2}"
)
_TIMES_AFTER = re.compile(r"\s?[x×]\s?\d")
# A telephone number, with what may stand between it and the verb.
_PHONE = re.compile(r"\W{0,3}(?:\w{1,6}\W{1,3})?\+?\(?\d(?:[ ()/.\-\u00a0]{0,2}\d){6,14}(?!\d)")
_BADGE = re.compile(r"[^\W\d_a-zß-öø-ÿ]{3,}\W{0,2}\s+(?=\w*[^\W\d_A-ZÀ-ÖØ-Þ])")
_SHORT = 4  # words of a line that may be a call in words we do not know
_CLOSED = 3  # words of a line that a verb at its end makes a call
_MULTIBUY = re.compile(r"(?<![\w.,])\d{1,2}\s?(?:x|for|fur|pour|por|per|a)\s?$")
_MILLIONS = "million|mio|mrd|mld|mln|milliard|billion|bn|millones|milhoes|milioni|miliardi|miljon|miljoen|milyon"
_FIGURE = re.compile(rf"\s?(?:{_MILLIONS}|[mk])(?!\w)")
_TIME = (
    "month|mo|mth|year|yr|week|wk|day|night|monat|mtl|jahr|woche|tag|nacht|mois|an|semaine|jour|nuit|mes|ano|semana|dia|"
    "noche|noite|mese|anno|settimana|giorno|notte|maand|mnd|jaar|dag|manad|ar|vecka|maned|uke|uge|natt|nat|"
    "miesiac|mies|rok|tydzien|mesic|ay|yil|hafta|man|md"
)
_EACH = "a|an|per|pro|par|im|je|jede[nr]?|each|every|al|por|a la|all'|alla|om|i|na|za|om de|p"
_EACH_TIME = re.compile(
    rf"\.?[*¹²³]?\s?(?:(?:/|(?:{_EACH})[ .'])\s?(?:{_TIME})(?!\w)|p[/.]\s?m(?!\w)"
    r"|(?:monatlich|mtl|jahrlich|mensil|mensu[ae]|mensais|monthly|maandelijks|miesiecznie|mesicne))"
)
# The same before an amount: 'mtl. 49,96 €', '月々3,300円'.
_TIME_EACH = re.compile(
    r"(?:(?:monatlich|mtl|monthly|maandelijks|miesiecznie|mesicne|manedlig|ayda|aylik)\W*|月々|毎月|月額|每月)$"
)
# What leads from a price to its instalments, or from them to it.
_OR = r"(?:or|oder|ou|o|oppure|of|eller|lub|albo|nebo|veya|または|或)"
_OR_BETWEEN = re.compile(rf"(?<!\w){_OR}\s(?:\w+\W+){{0,3}}$|(?:または|或)$")
_OR_EACH_TIME = re.compile(rf"\W*(?<!\w){_OR}\s(?:[^\W\d]+\W+){{0,3}}\W{{0,2}}\d[\d.,]*\W{{0,2}}{_EACH_TIME.pattern}")
# How many instalments there may be, 2 to 99.
_COUNT = re.compile(r"(?<![\d.,])[2-9](?![\d.,])|(?<![\d.,])[1-9]\d(?![\d.,])")
_INTEREST = Decimal("0.02")  # of a price: what all of its instalments may come to beside it
# What a kilo or 100 g of it cost: '2,84 €/kg', 'je 100 g', 'le kilo', '(1 l = 0,99 €)'; not 'je 500-g-Packung'.
_MEASURE = (
    r"(?:1(?:0{1,3})?[^\S\n]?)?(?:kg|kilos?|kilogram\w*|g|gr|gram\w*|l|lt|ltr|lit(?:er|re|ro|r)|ml|cl|dl|lbs?|oz|ounce|斤)"
    r"(?![\w'-])"
)
_EACH_OF = rf"(?:/|(?:{_EACH}|pr|le|el|il|o|au|der|the|del)[ .'])[^\S\n]?{_MEASURE}"
_UNIT_AFTER = re.compile(rf"[*¹²³]?\s?{_EACH_OF}")
_UNIT_BEFORE = re.compile(
    rf"(?:(?<![\w.,])(?<!\d ){_MEASURE}[^\S\n]?=[^\S\n]?|(?:^|[\n(])[^\d\n]{{0,20}}{_EACH_OF}[: ]{{0,2}}"
    r"|100g(?:あたり|当たり))$"
)
_SENTENCE_END = re.compile(
    r"[!?;•|。！？]|(?<!\bord)(?<!\brek)(?<!\bvejl)(?<!\bveil)(?<!\bpr)(?<!\breg)(?<!\bi\.p\.v)\.(?=\s)"
)
# Where what limits an offer ends; what follows a colon is an offer again: 'Offer valid until May: two for one'.
_TERM_END = re.compile(rf"{_SENTENCE_END.pattern}|[\n:]")
_NOTE = re.compile(r"^\W?※.*$", re.MULTILINE)  # small print in Japan
_SAME_SIZE = 1.35  # heights of two lines of one sentence, capitals and tails apart
# Widths of letters of two lines of one sentence: in 16 ads that a stranger drew (November 2026) they differed by 1.11
# times at most, those of a headline, what is below it and a price by 1.41 at least. Weights of faces are told as well.
_SAME_WIDTH = 1.3
_FEW_LETTERS = 5  # of so few a single wide one decides
_LAST_LATIN = "€"
_NARROW = frozenset(" !'’.,:;|()[]fijlrtIJ1-")
_WIDE = frozenset("mw%@—")
_WITHIN = 2  # how sure a call within a sentence is
_MOST_OF_NAME = 3  # words
_NEAR = 40  # signs around an amount in which its meaning is looked for

_BUTTON = 40  # signs that a line may have to be a call, whether or not there are spaces in it

# Which of its countries a shared sign is of, by the language. '49.-' is written in Switzerland, and in Germany.
_SHARED = {("¥", "ja"): "JPY", ("￥", "ja"): "JPY", ("¥", "zh"): "CNY", ("￥", "zh"): "CNY", ("kr", "sv"): "SEK",
           ("kr", "da"): "DKK", ("kr", "no"): "NOK", ("kroner", "da"): "DKK", ("kroner", "no"): "NOK",
           (",-", "da"): "DKK", (",-", "no"): "NOK", (",-", "sv"): "SEK", (",-", "nl"): "EUR", (",-", "de"): "EUR",
           (",-", "cs"): "CZK", (",-", "pl"): "PLN"}  # fmt: skip

# Signs that are a unit or a word in these languages: carats, teaspoons, 'for her'.
_NO_MONEY = {"ct": ("en",), "tl": ("de",), "lei": ("it", "pt"), "p": ("sv", "pt", "pl"), "da": ("it", "pt")}

# Countries that write $ for a peso or a dollar of their own.
_OTHER_DOLLARS = ("es", "pt")


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


@dataclass(frozen=True)
class Price:
    """What the product costs, and the words that say so."""

    amount: Decimal
    currency: str | None
    quote: str


@dataclass(frozen=True)
class _Sale:
    """What a creative says as a whole.

    Attributes:
        on: a sale is on.
        cut: a price is lower than it was.
    """

    on: bool
    cut: bool


class _Meaning(Enum):
    CURRENT = auto()
    PLAIN = auto()
    OLD = auto()
    SAVING = auto()
    THRESHOLD = auto()
    OTHER = auto()


_PAID = (_Meaning.CURRENT, _Meaning.PLAIN)


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
        line for line in buttons if _names(lexicon.discount_before, fold(line.text)) and not figures(line.text)
    )
    said = sentences.whole(blocks, lexicon)
    return _quoted(said, lexicon, besides=buttons) or _quoted(said, lexicon, besides=to_a_sale)


def has_promotion(blocks: Sequence[Block], lexicon: Lexicon) -> bool:
    """Whether an offer is made, or a button leads to a sale that is on."""
    return _quoted(sentences.whole(blocks, lexicon), lexicon, besides=frozenset()) is not None


def may_promote(blocks: Sequence[Block], lexicon: Lexicon) -> bool:
    """Whether there may be an offer in words that we do not know: the small print names one, or an old price stands."""
    old = any(meaning is _Meaning.OLD for block in blocks for _, meaning in _amounts(block, lexicon))
    named = any(_names(lexicon.promotions, _offering(block, lexicon)) for block in blocks)
    return old or named or has_promotion(blocks, lexicon)


def discount_percent(blocks: Sequence[Block], lexicon: Lexicon) -> float | None:
    """The highest percentage off what is sold, of those that words beside them call so where there are any.

    None without any; what is off the postage is none.
    """
    said, on_sale = sentences.whole(blocks, lexicon), _mentions_sale(blocks, lexicon)
    found = [each for block in said for each in _discounts(block, lexicon, on_sale) if not each.of_delivery]
    told = [discount.percent for discount in found if discount.told]
    return max(told or [discount.percent for discount in found], default=None)


def price(blocks: Sequence[Block], lexicon: Lexicon, language: str | None) -> Price | None:
    """What the product costs now; None where no price stands out of those stated, or nobody can tell which it is."""
    stated = [
        (meaning, money, block)
        for block in sentences.whole(blocks, lexicon)
        for money, meaning in _amounts(block, lexicon)
        if language not in _NO_MONEY.get(money.sign, ())
        and _line_at(block, money.end - 1).score >= _SURE
        and meaning in _PAID
    ]
    if any(line.uneven or prices.is_unclear(line.text) for block in blocks for line in block.lines):
        return None
    paid = _without_instalments(stated, lexicon)
    untold = list(_untold_sizes(blocks, lexicon))
    for meaning in _PAID:
        of_this = [(money, block) for found, money, block in paid if found is meaning]
        if of_this:
            return _outstanding(of_this, language, besides=[*untold, *_dearer(paid, of_this)])
    return None


def call_to_action(blocks: Sequence[Block], lexicon: Lexicon) -> str | None:
    """The main call: one that fills its line before one within a sentence before a bare verb; of equals, the last."""
    found = [call for block in blocks for text in _utterances(block) if (call := _call(text, lexicon))]
    return max(enumerate(found), key=lambda ranked: (ranked[1][0], ranked[0]))[1][1] if found else None


def may_call(blocks: Sequence[Block], lexicon: Lexicon) -> bool:
    """Whether there may be a call in words that we do not know: '… today', 'Plan your visit', a telephone number."""
    texts = [fold(text) for block in blocks for text in _utterances(block)]
    return call_to_action(blocks, lexicon) is not None or any(
        _PHONE.search(text) or _asks(text, lexicon) for text in texts
    )


def figures(text: str) -> set[object]:
    """The percentages and amounts of money in a text, whatever they say."""
    amounts = {(money.amount, money.sign) for money in prices.find(text)}
    return amounts | {_percent(match) for match in _PERCENT.finditer(fold(text))}


def _asks(folded: str, lexicon: Lexicon) -> bool:
    """Whether a text is so short, and begins or ends so, that it may ask for something: 'Plan your visit'."""
    words = re.findall(r"\w+", folded)
    if not 2 <= len(words) <= _SHORT or any(sign.isdigit() for sign in folded):
        return False
    return lexicon.asks.end(folded) or bool(lexicon.asks.begin(folded) or lexicon.commands.begin(folded))


def _quoted(blocks: Sequence[Block], lexicon: Lexicon, besides: frozenset[Line]) -> str | None:
    """The lines that make an offer, without those `besides`."""
    kept = [Block(lines) for block in blocks if (lines := tuple(line for line in block.lines if line not in besides))]
    sale = _Sale(_mentions_sale(blocks, lexicon), _mentions_cut(blocks, lexicon))
    quotes = [
        _without_call(_quote(block, spans, _apart(block, lexicon)), lexicon, sale)
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
    for discount in _discounts(block, lexicon, sale.on):
        yield lexicon.leads.start_at_end(text[: discount.start]), discount.end
    amounts = _amounts(block, lexicon)
    for money, meaning in amounts:
        if meaning is _Meaning.SAVING or (sale.cut and _is_of_cut(meaning, [other for _, other in amounts])):
            yield lexicon.leads.start_at_end(text[: money.start]), money.end


def _is_of_cut(meaning: _Meaning, in_block: Sequence[_Meaning]) -> bool:
    """Whether an amount is the old price of two, or the new one."""
    return meaning in (_Meaning.OLD, _Meaning.CURRENT) or (meaning is _Meaning.PLAIN and _Meaning.OLD in in_block)


def _mentions_cut(blocks: Sequence[Block], lexicon: Lexicon) -> bool:
    """Whether a price is stated and a higher one that it was."""
    stated = [_amounts(block, lexicon) for block in blocks]
    current = [money for amounts in stated for money, meaning in amounts if meaning is _Meaning.CURRENT]
    for amounts in stated:
        old = [money for money, meaning in amounts if meaning is _Meaning.OLD]
        new = current + [money for money, meaning in amounts if meaning is _Meaning.PLAIN]
        if any(was.sign == now.sign and was.amount > now.amount for was in old for now in new):
            return True
    return False


def _discounts(block: Block, lexicon: Lexicon, on_sale: bool) -> Iterator[Discount]:
    """The percentages of a block that are discounts, and half prices in words."""
    text = fold(_written(block))
    for match in _PERCENT.finditer(text):
        percent = _percent(match)
        if 0 < percent <= 100 and _is_discount(block, match, lexicon, on_sale):
            told = _is_told(match, lexicon) or _has_line(block, match)
            end = match.end() + _discount_words_after(match, lexicon)
            yield Discount(percent, match.start(), end, told, _is_of_delivery(text, match.start(), end, lexicon))
    for start, end in lexicon.half_price.spans(text):
        of_second = lexicon.second.end(text[max(0, start - _NEAR) : start], words_after=1)
        if not of_second and not lexicon.second.begin(text[end:]):
            yield Discount(50.0, start, end, of_delivery=_is_of_delivery(text, start, end, lexicon))


def _is_of_delivery(text: str, start: int, end: int, lexicon: Lexicon) -> bool:
    """Whether what is off is off the postage: '送料半額', '50% off shipping', 'Versand -50%'.

    In another line the postage stands alone: below '20% off' 'Delivery from £5' may stand.
    """
    before, after = _around(_blanked(text, lexicon.free_delivery.spans(text)), start, end)
    above, _, beside = before.rpartition("\n")
    if lexicon.delivery.end(beside) or (not beside.strip() and lexicon.delivery.fill(above.rsplit("\n", 1)[-1])):
        return True
    led = _ON.match(after)
    gap, named = (after[: led.end()], after[led.end() :].split("\n", 1)[0]) if led else ("", after)
    if "\n" in gap:
        return lexicon.delivery.fill(named)
    return named[:1].isalnum() and bool(lexicon.delivery.begin(named))


def _percent(match: re.Match[str]) -> float:
    if match["tenths"]:
        return float(match["tenths"]) * 10 + float(match["twentieth"] or 0)
    if match["left"]:
        left = float(match["left"])
        return round(100 - (left if left > 10 else 10 * left), 1)
    return float((match["number"] or match["after"]).replace(",", "."))


def _is_discount(block: Block, match: re.Match[str], lexicon: Lexicon, on_sale: bool) -> bool:
    """Whether a percentage is taken off a price: '100% cotton' and '30% faster' are not."""
    before, after = _around(match.string, *match.span())
    if _is_less_of_something(before, after, lexicon) or _is_share(match, lexicon) or _is_interest(match, lexicon):
        return False
    if _is_told(match, lexicon):
        return True
    alone = not re.search(r"\w", after) or any(_PERCENT.fullmatch(fold(line.text).strip()) for line in block.lines)
    return alone and on_sale and _percent(match) != 100


def _is_told(match: re.Match[str], lexicon: Lexicon) -> bool:
    """Whether words beside a percentage or its sign say that it is taken off; of all of a price words after it do."""
    if _discount_words_after(match, lexicon) or _percent(match) == 100:
        return bool(_discount_words_after(match, lexicon))
    before, _ = _around(match.string, *match.span())
    return _is_minus(match) or lexicon.discount_before.end(before, words_after=3)


def _is_minus(match: re.Match[str]) -> bool:
    return bool(match["minus"] or match["left"] or _AMOUNT_LESS.search(match.string[: match.start()]))


def _is_share(match: re.Match[str], lexicon: Lexicon) -> bool:
    """Whether a percentage is of what is beside it in its line: '100 % cotton, 20 % off', 'Cocoa 70 %', '9% APR'."""
    if _is_minus(match):
        return False
    before, after = _around(match.string, *match.span())
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
    return any(
        _names(lexicon.interest, lines[line]) and len(_PERCENT.findall(lines[line])) <= own for line, own in near
    )


def _names(phrases: Phrases, folded: str) -> bool:
    return any(True for _ in phrases.spans(folded))


def _has_line(block: Block, match: re.Match[str]) -> bool:
    """Whether a percentage fills its line."""
    return _PERCENT.fullmatch(fold(_line_at(block, match.start()).text).strip()) is not None


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
    _, after = _around(match.string, *match.span())
    word = re.match(r"\W*\w+", after)
    skipped = word.end() if word else 0
    later = lexicon.discount_after.begin(after[skipped:])
    reach = lexicon.discount_after.begin(after) or (skipped + later if later else 0)
    apart = re.search(r"[\n,]", after[:reach])
    return 0 if apart and _is_of_next(after[apart.end() :], lexicon) else reach


def _is_of_next(following: str, lexicon: Lexicon) -> bool:
    """Whether what follows a percentage leads to one of its own: 'Arabica 100 %, sconto del 20 %'."""
    other = _PERCENT.search(following.split("\n", 1)[0])
    return bool(other and lexicon.discount_before.end(following[: other.start()], words_after=3))


def _mentions_sale(blocks: Sequence[Block], lexicon: Lexicon) -> bool:
    """Whether a sale is on anywhere in the creative, and no interest: a percentage alone is the discount."""
    if any(_names(lexicon.interest, fold(_written(block))) for block in blocks):
        return False
    sale = lexicon.promotions.either(lexicon.discount_before)
    return any(True for block in blocks for _ in sale.spans(_offering(block, lexicon)))


def _amounts(block: Block, lexicon: Lexicon) -> list[tuple[Money, _Meaning]]:
    """A block's amounts and what each says, by the words around it and by the amounts beside it."""
    text, found = fold(_written(block)), prices.find(_written(block))
    struck = [_line_at(block, money.start).struck for money in found]
    meanings = [
        _Meaning.OLD if old else _meaning(text, money, lexicon) for money, old in zip(found, struck, strict=True)
    ]
    for index in range(1, len(found)):
        one, other = index - 1, index
        pair = _of_pair(text, found[one], found[other], (meanings[one], meanings[other]), lexicon)
        meanings[one], meanings[other] = pair
    return list(zip(found, _besides_savings(text, found, meanings, lexicon), strict=True))


def _of_pair(
    text: str, one: Money, other: Money, meanings: tuple[_Meaning, _Meaning], lexicon: Lexicon
) -> tuple[_Meaning, _Meaning]:
    """What two amounts say that stand side by side: a range, a price and what it was, several fees."""
    between = text[one.end : other.start]
    lower = one.sign == other.sign and other.amount < one.amount
    paid = meanings[0] in _PAID or _meaning(text[: one.end], one, lexicon) in _PAID  # '£45 down from £60'
    if len(between) > _NEAR:
        return meanings
    if _WORD_TO.fullmatch(between) and lower:
        return _Meaning.OLD, _Meaning.CURRENT
    if (_DASH.fullmatch(between) and other.amount >= one.amount) or _WORD_TO.fullmatch(between):
        return _Meaning.OTHER, _Meaning.OTHER
    if meanings[0] is _Meaning.OTHER and meanings[1] is _Meaning.PLAIN and _AND.fullmatch(between):
        return _Meaning.OTHER, _Meaning.OTHER
    if paid and meanings[1] is _Meaning.OLD and other.amount > one.amount and lexicon.old_price.fill(between):
        return _Meaning.CURRENT, _Meaning.OLD
    now = meanings[1] is _Meaning.CURRENT and not lexicon.current_price.strip_end(between).strip(" \n.,;:|/!-–")
    weak = bool(lexicon.spent.begin(between))
    if now and lower and not weak and meanings[0] in _PAID:
        return _Meaning.OLD, _Meaning.CURRENT
    return meanings


def _besides_savings(
    text: str, found: Sequence[Money], meanings: Sequence[_Meaning], lexicon: Lexicon
) -> Iterator[_Meaning]:
    """The meanings, where what has to be spent for a saving is no price: '€10 off when you buy for €50'."""
    savings = [money for money, meaning in zip(found, meanings, strict=True) if meaning is _Meaning.SAVING]
    least = [money for money, meaning in zip(found, meanings, strict=True) if meaning is _Meaning.THRESHOLD]
    if any(True for _ in lexicon.free_delivery.spans(text)):
        least = []
    for money, meaning in zip(found, meanings, strict=True):
        if meaning in (_Meaning.PLAIN, _Meaning.CURRENT) and _is_spent(text, money, savings, lexicon):
            yield _Meaning.THRESHOLD
        elif meaning is _Meaning.PLAIN and any(_is_given(text, money, spent) for spent in least):
            yield _Meaning.SAVING
        else:
            yield meaning


def _is_given(text: str, money: Money, spent: Money) -> bool:
    """Whether an amount is what one gets for spending the other: 'get $50 when you spend $200'."""
    between = text[min(money.end, spent.end) : max(money.start, spent.start)]
    return money.amount < spent.amount and not _ends(between) and "\n" not in between


def _is_spent(text: str, money: Money, savings: Sequence[Money], lexicon: Lexicon) -> bool:
    """Whether an amount is spent for a saving: none that is paid each month, and none that is less than the saving."""
    before, after = _around(text, money.start, money.end)
    savings = [saved for saved in savings if saved.amount <= money.amount]
    if _EACH_TIME.match(after) or _OR_EACH_TIME.match(after):
        return False
    if any(saved.end <= money.start and _is_off(text[saved.end : money.start], lexicon) for saved in savings):
        return True
    without = lexicon.spent.strip_end(before)
    if without == before or lexicon.current_price.end(without):
        return False
    earned = any(saved.end <= money.start and not _ends(text[saved.end : money.start]) for saved in savings)
    to_earn = any(money.end <= saved.start and not _ends(text[money.end : saved.start]) for saved in savings)
    return earned or (to_earn and any(True for _ in lexicon.verbs.spans(before)))


def _is_off(between: str, lexicon: Lexicon) -> bool:
    """Whether two amounts stand as '$10 off $50'."""
    return "\n" not in between and lexicon.saving_after.fill(between)


def _ends(text: str) -> bool:
    return bool(_SENTENCE_END.search(text))


def _meaning(text: str, money: Money, lexicon: Lexicon) -> _Meaning:
    """What an amount says, by the words around it in its sentence."""
    before, after = _around(text, money.start, money.end)
    after_free_delivery = any(_is_least_for(before[end:]) for _, end in lexicon.free_delivery.spans(before))
    if _is_one_of_several(before, after, money, lexicon):
        return _Meaning.OTHER
    minus = _MINUS.search(before) and not _NUMBER_TO.search(before)
    if minus or lexicon.saving_after.begin(after) or lexicon.saving_before.end(before):
        return _Meaning.SAVING
    if lexicon.threshold_after.begin(after) or _is_least(before, after, lexicon) or after_free_delivery:
        return _Meaning.THRESHOLD
    if _is_no_price(before, after, lexicon):
        return _Meaning.OTHER
    return _of_time(before, after, lexicon)


def _is_least_for(between: str) -> bool:
    """Whether an amount after 'free delivery' is what has to be spent for it: not below a line that says where to.

    'Free delivery / from 30 €', but 'Free delivery throughout Italy / From 599 €'.
    """
    return not re.search(r"\d", between) and not re.search(r"\w[^\n]*\n", between)


def _is_least(before: str, after: str, lexicon: Lexicon) -> bool:
    """Whether an amount is the least to be spent: of 'orders over' and 'from' the words that say more count.

    After a saving 'from' says so, but not 'from 39 € a month'.
    """
    least = lexicon.threshold.start_at_end(before)
    now = len(before) if _was(before, lexicon) else lexicon.current_price.start_at_end(before)
    is_for_saving = least < len(before) and lexicon.discount_after.end(before[:least])
    return least < now or (is_for_saving and not _EACH_TIME.match(after))


def _is_one_of_several(before: str, after: str, money: Money, lexicon: Lexicon) -> bool:
    """Whether an amount is paid several times, is of several items, of a range, in millions, or nothing."""
    parts = lexicon.instalments.end(before) or lexicon.instalments.end(_named(before, lexicon))
    several = _MULTIBUY.search(before) or _TIMES_AFTER.match(after) or parts
    return bool(several or _NUMBER_TO.search(before) or _FIGURE.match(after)) or money.amount == 0


def _is_no_price(before: str, after: str, lexicon: Lexicon) -> bool:
    """Whether an amount is a wage, a cover, a prize, a fee, postage, a kilo's: 'Shipping just $5', '£28 an hour'."""
    if _UNIT_AFTER.match(after) or _UNIT_BEFORE.search(before):
        return True
    before = _blanked(before, lexicon.goods.spans(before))
    return (
        lexicon.no_price_before.end(before)
        or lexicon.no_price_before.end(_named(before, lexicon))
        or bool(lexicon.no_price_after.begin(after))
    )


def _named(before: str, lexicon: Lexicon) -> str:
    """What stands before an amount, without 'just' or 'from' in its line: 'Shipping just', 'Rata da'."""
    stripped = lexicon.current_price.strip_end(before)
    return before if stripped.rstrip(" :").endswith("\n") else stripped


def _of_time(before: str, after: str, lexicon: Lexicon) -> _Meaning:
    """Whether an amount is asked for now, or was once."""
    if lexicon.old_price_after.begin(after):
        return _Meaning.OLD
    if _was(before, lexicon):
        return _Meaning.OLD
    return _Meaning.CURRENT if lexicon.current_price.end(before) else _Meaning.PLAIN


def _was(before: str, lexicon: Lexicon) -> bool:
    """Whether an amount was asked once: 'price' also ends 'normal price', and 'de' also 'a partir de'."""
    was = lexicon.old_price.start_at_end(before)
    return was < len(before) and was <= lexicon.current_price.start_at_end(before)


def _without_instalments(
    stated: Sequence[tuple[_Meaning, Money, Block]], lexicon: Lexicon
) -> list[tuple[_Meaning, Money, Block]]:
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
    before = fold(_written(block))[: part.start].rsplit("\n", 1)[-1]
    return part.sign == whole.sign and _makes_up(_COUNT.finditer(before), part, whole)


def _makes_up(counts: Iterable[re.Match[str]], part: Money, whole: Money) -> bool:
    """Whether so many times one amount is another one, give or take the interest."""
    return any(abs(int(count[0]) * part.amount - whole.amount) <= _INTEREST * whole.amount for count in counts)


def _is_each_time(money: Money, block: Block) -> bool:
    """Whether an amount is paid each month, week or year."""
    text = fold(_written(block))
    return bool(_EACH_TIME.match(text, money.end) or _TIME_EACH.search(text[: money.start]))


def _is_instalment_of(part: Money, block: Block, whole: Money, beside: Block, lexicon: Lexicon) -> bool:
    """Whether a price is paid so: by the words ('$799 or $33.29/mo', 'cash price') or by the number of months."""
    if part.sign != whole.sign or part.amount >= whole.amount:
        return False
    text, other = fold(_written(block)), fold(_written(beside))
    later, ends = (whole, part.end) if block is beside and whole.start > part.start else (part, 0)
    if _OR_BETWEEN.search(text[max(ends, later.start - _NEAR) : later.start]):
        return True
    if lexicon.whole_price.end(_around(other, whole.start, whole.end)[0]):
        return True
    return _makes_up(_COUNT.finditer(text), part, whole)


def _untold_sizes(blocks: Sequence[Block], lexicon: Lexicon) -> Iterator[float]:
    """How tall the letters of amounts are that may be the price, and of which nobody can tell how much they are."""
    for block in blocks:
        text = _written(block)
        for start, end in prices.untold(text):
            line = _line_at(block, end - 1)
            if not line.struck and _meaning(fold(text), Money(Decimal(1), "", None, start, end), lexicon) in _PAID:
                yield line.size


def _dearer(stated: Sequence[tuple[_Meaning, Money, Block]], of: Sequence[tuple[Money, Block]]) -> Iterator[float]:
    """How tall the letters of prices are beside these that are higher than each of them."""
    highest = max(money.amount for money, _ in of)
    for _, money, block in stated:
        if money.amount > highest:
            yield _line_at(block, money.start).size / PROMINENT


def _outstanding(stated: list[tuple[Money, Block]], language: str | None, besides: Sequence[float]) -> Price | None:
    """The one price, or the one in clearly taller letters; none where an amount `besides` stands in as tall ones."""
    heights = [(_line_at(block, money.start).size, money, block) for money, block in stated]
    tallest, money, block = max(heights, key=lambda stated: stated[0])
    others = [height for height, other, _ in heights if (other.amount, other.sign) != (money.amount, money.sign)]
    if (others and tallest < PROMINENT * max(others)) or any(tallest <= beside for beside in besides):
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
    text = _without_badge(text, lexicon)
    folded = fold(text)
    if lexicon.calls.fill(folded):
        return 3, _trimmed(text)
    if phone := _phone_call(folded, lexicon):
        return _WITHIN, text[phone[0] : phone[1]]
    if span := next(lexicon.calls.spans(folded), None):
        whole = len(text.split()) <= 4 and not prices.find(text[span[1] :])
        return _WITHIN, _trimmed(text) if whole else text[span[0] : span[1]]
    short = len(text.split()) <= 5 and len(text) <= _BUTTON and not any(sign.isdigit() for sign in text)
    closes = 2 <= len(text.split()) <= _CLOSED and lexicon.closers.end(folded)
    offer = lexicon.promotions.begin(folded) > lexicon.openers.begin(folded)  # 'Buy one, get one'
    asks = lexicon.verbs.fill(folded) or (short and not offer and (lexicon.openers.begin(folded) or closes))
    return (1, _trimmed(text)) if asks else None


def _without_badge(text: str, lexicon: Lexicon) -> str:
    """A button without the badge beside it that OCR read in its line: 'SOFORT Jetzt buchen', 'NEW Shop now'.

    A badge is in capitals, the button is none and asks by its first word: 'JETZT Tickets sichern' is one.
    """
    badge = _BADGE.match(text)
    if badge is None:
        return text
    button = text[badge.end() :]
    asks = (lexicon.asks, lexicon.verbs, lexicon.openers)
    folded = fold(button)
    return button if lexicon.calls.fill(folded) and any(each.begin(folded) for each in asks) else text


def _phone_call(folded: str, lexicon: Lexicon) -> tuple[int, int] | None:
    """Where one is asked to call a telephone number."""
    for start, end in lexicon.phones.spans(folded):
        if number := _PHONE.match(folded, end):
            return start, number.end()
    return None


def _trimmed(text: str) -> str:
    """A button's words without the arrows beside them."""
    return re.sub(r"^[\W_]+|[^\w!?.+]+$", "", text)


def _around(text: str, start: int, end: int) -> tuple[str, str]:
    """What stands before and after a span, within its sentence."""
    before = _SENTENCE_END.split(text[max(0, start - _NEAR) : start])[-1]
    after = _SENTENCE_END.split(text[end : end + _NEAR])[0]
    return before, after


def _offering(block: Block, lexicon: Lexicon) -> str:
    """A block's folded text, blanked where it only sounds like an offer ('for sale', 'See offers', 'no discounts')."""
    text = _INSTALMENTS.sub(lambda match: "_" * len(match[0]), fold(_written(block)))
    offers = [*lexicon.promotions.spans(text), *lexicon.free_delivery.spans(text)]
    none = [
        (start, end)
        for start, end in (*lexicon.not_promotions.spans(text), *lexicon.denied.spans(text))
        if not any(first < start and end <= last for first, last in offers)  # 'don't miss the sale'
    ]
    return _blanked(text, none)


def _without_terms(text: str, lexicon: Lexicon) -> str:
    """A folded text, blanked where it says where an offer holds: 'Offer valid in the UK' makes none."""
    text = _NOTE.sub(lambda note: "_" * len(note[0]), text)
    terms = lexicon.terms.spans(text)
    return _blanked(text, [(start, end + len(_TERM_END.split(text[end:], 1)[0])) for start, end in terms])


def _terms(block: Block, lexicon: Lexicon) -> frozenset[Line]:
    """The lines that begin with where an offer holds, or with what is not in it."""
    return frozenset(line for line in block.lines if _NOTE.match(line.text) or lexicon.terms.begin(fold(line.text)))


def _blanked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    for start, end in spans:
        text = text[:start] + "_" * (end - start) + text[end:]
    return text


def _written(block: Block) -> str:
    """A block's text, each line on its own: amounts and what is named stay within a line."""
    return "\n".join(line.text for line in block.lines)


def _priced(block: Block, lexicon: Lexicon) -> frozenset[Line]:
    """The lines that say what something costs: beside an offer they are none of it."""
    return frozenset(_line_at(block, money.start) for money, meaning in _amounts(block, lexicon) if meaning in _PAID)


def _rates(block: Block, lexicon: Lexicon) -> frozenset[Line]:
    """The lines that say what a loan costs or savings earn."""
    percentages = _PERCENT.finditer(fold(_written(block)))
    return frozenset(_line_at(block, match.start()) for match in percentages if _is_interest(match, lexicon))


def _apart(block: Block, lexicon: Lexicon) -> frozenset[Line]:
    """The lines that are none of an offer beside them: a price's, a rate's, a button, what limits it."""
    return _priced(block, lexicon) | _rates(block, lexicon) | _buttons(block, lexicon) | _terms(block, lexicon)


def _buttons(block: Block, lexicon: Lexicon) -> frozenset[Line]:
    """The lines that are a button by their words; one in small letters goes on with a sentence."""
    return frozenset(
        line
        for line in block.lines
        if not line.text[:1].islower() and (call := _call(line.text, lexicon)) and call[0] != _WITHIN
    )


def _quote(block: Block, spans: Sequence[tuple[int, int]], apart: frozenset[Line]) -> str:
    """The lines of a block that a span touches, and those around them that are of one sentence with them.

    What is `apart`, and beyond, is not taken along, nor what only stands between two offers.
    """
    placed = list(_placed(block))
    kept: set[int] = set()
    for first, last in spans:
        touched = [at for at, (line, start) in enumerate(placed) if start < last and start + len(line.text) > first]
        kept.update(touched, _around_of(block.lines, touched, apart))
    return Block(tuple(block.lines[at] for at in sorted(kept))).text


def _around_of(lines: Sequence[Line], touched: Sequence[int], apart: frozenset[Line]) -> Iterator[int]:
    """Which lines above and below those touched go on with them."""
    low, high = touched[0], touched[-1]
    while low > 0 and lines[low - 1] not in apart and _goes_on(lines[low - 1], lines[low]):
        low -= 1
        yield low
    while high + 1 < len(lines) and lines[high + 1] not in apart and _goes_on(lines[high], lines[high + 1]):
        high += 1
        yield high


def _goes_on(upper: Line, lower: Line) -> bool:
    """Whether two lines are of one sentence: of one size, and no name above words, or below them."""
    return (
        _same_size(upper, lower)
        and _is_next(upper, lower)
        and not (_is_name(upper) and _begins(lower))
        and not (_is_name(lower) and _closes(upper))
    )


def _is_next(upper: Line, lower: Line) -> bool:
    """Whether no other line, as a button that is none of the offer, fits between two."""
    return not (upper.is_level and lower.is_level) or lower.top - upper.bottom < min(upper.size, lower.size)


def _is_name(line: Line) -> bool:
    """Whether a line may be a brand's or a product's: up to three words, each with a capital and small letters."""
    words = line.text.split()
    return len(words) <= _MOST_OF_NAME and all(word[:1].isupper() and word[1:].islower() for word in words)


def _begins(line: Line) -> bool:
    """Whether a sentence with small words begins here; of one in title case nobody could tell."""
    return not line.text[:1].islower() and any(word[:1].islower() for word in line.text.split())


def _closes(line: Line) -> bool:
    """Whether a sentence with small words ends here: not with one of them, as 'Free shipping on' does."""
    return _begins(line) and not line.text.split()[-1][:1].islower()


def _same_size(one: Line, other: Line) -> bool:
    """Whether two lines are in letters of one size: by their boxes, and by how wide their letters are.

    A box is as tall as its tallest sign: of 'Guided yoga' and '7 days' in letters of two thirds it tells nothing.
    """
    if max(one.size, other.size) > _SAME_SIZE * min(one.size, other.size):
        return False
    wide, narrow = _letter_width(one), _letter_width(other)
    return not wide or not narrow or max(wide, narrow) <= _SAME_WIDTH * min(wide, narrow)


def _letter_width(line: Line) -> float:
    """How wide a common small letter of a line is; 0 where it runs down, is too short to tell, or has other letters."""
    letters = line.text.replace(" ", "")
    if not line.is_level or len(letters) < _FEW_LETTERS or max(letters) > _LAST_LATIN:
        return 0.0
    return line.width / sum(_width(sign) for sign in line.text)


def _width(sign: str) -> float:
    """How wide a sign is in the sans-serif faces that ads are set in, of a common small letter."""
    if sign in _NARROW:
        return 0.5
    return 1.35 if sign.isupper() or sign in _WIDE else 1.0


def _line_at(block: Block, position: int) -> Line:
    return max((placed for placed in _placed(block) if placed[1] <= position), key=lambda placed: placed[1])[0]


def _placed(block: Block) -> Iterator[tuple[Line, int]]:
    """Each line with where it begins in the block's text."""
    start = 0
    for line in block.lines:
        yield line, start
        start += len(line.text) + 1
