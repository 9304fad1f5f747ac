"""What an amount of money says: a price, an old one, a saving, what has to be spent; by the words around it."""

import re
from collections.abc import Iterator, Sequence
from enum import Enum, auto

from functions.extract.extractors.offline import prices
from functions.extract.extractors.offline.instalments import EACH, EACH_TIME, OR_EACH_TIME
from functions.extract.extractors.offline.lexicon import Lexicon, fold
from functions.extract.extractors.offline.passages import NEAR, around, blanked, ends, written
from functions.extract.extractors.offline.prices import Money
from functions.extract.extractors.offline.quoting import line_at
from shared.media.ocr import Block

_MINUS = re.compile(r"(?<![\w%])[-–—−]\s?$")
# Of two amounts, or of a bare number and an amount: 'from $19 to $39', '19 - 39 €'.
_TO = r"to|bis|a|tot|do|till|til|hasta|ate|ile"
_NUMBER_TO = re.compile(rf"\d\s?[^\w\s]?(?:\s[-–—−~〜]\s|[-–—−~〜]|\s(?:{_TO})\s|から)$")
_DASH = re.compile(r"\s[-–—−~〜]\s|[-–—−~〜]\s?")
_WORD_TO = re.compile(rf"\s(?:{_TO}|auf|na)\s|'[dt][ea]n\s|から|\s?(?:→|➔|➜|»|=?>)\s?")
_AND = re.compile(r"\s?(?:\w{1,3}|[,/+&])\s")
_TIMES_AFTER = re.compile(r"\s?[x×]\s?\d")
_MULTIBUY = re.compile(r"(?<![\w.,])\d{1,2}\s?(?:x|for|fur|pour|por|per|a)\s?$")
_MILLIONS = "million|mio|mrd|mld|mln|milliard|billion|bn|millones|milhoes|milioni|miliardi|miljon|miljoen|milyon"
_FIGURE = re.compile(rf"\s?(?:{_MILLIONS}|[mk])(?!\w|\.k\b)")  # 'k.k.' is who pays a notary
_NEXT = re.compile(r"\D{0,16}\d")  # words before a number are of that one
# What a kilo or 100 g of it cost: '2,84 €/kg', 'je 100 g', 'le kilo', '(1 l = 0,99 €)'; not 'je 500-g-Packung'.
_MEASURE = (
    r"(?:1(?:0{1,3})?[^\S\n]?)?(?:kg|kilos?|kilogram\w*|g|gr|gram\w*|l|lt|ltr|lit(?:er|re|ro|r)|ml|cl|dl|lbs?|oz|ounce|斤)"
    r"(?![\w'-])"
)
_EACH_OF = rf"(?:/|(?:{EACH}|pr|le|el|il|o|au|der|the|del)[ .'])[^\S\n]?{_MEASURE}"
_UNIT_AFTER = re.compile(rf"[*¹²³]?\s?{_EACH_OF}")
_UNIT_BEFORE = re.compile(
    rf"(?:(?<![\w.,])(?<!\d ){_MEASURE}[^\S\n]?=[^\S\n]?|(?:^|[\n(])[^\d\n]{{0,20}}{_EACH_OF}[: ]{{0,2}}"
    r"|100g(?:あたり|当たり))$"
)

# What may stand between 'the second' and what that costs: 'pair for just', '. Paar für', 'は'; no month.
_MONTH = "(?:jan|fe[bv]|mar[csz]|a[pvb]r|ma[yig]|ju[nil]|lug|a[ug][go]|sep|setem|o[ck]t|ott|outub|nov|de[cz]|dic)"
_FOR = r"(?:for|fur|zu|pour|a|por|per|za|voor|til|till|ab|icin)\s"
_JUST = r"(?:(?:just|only|nur|seulement|solo|so|apenas|slechts|kun|bare|bara|jen|tylko|sadece)\s)?"
_SECOND_FOR = re.compile(
    rf"[.ªº°]?\s{{0,2}}(?!{_MONTH})(?:[^\W\d][\w'-]*\s)?(?:{_FOR}{_JUST}|[は为仅僅只要需，,:：\s]{{0,3}})"
)
_SECOND = re.compile(
    r"^\W*$|[,;:+&!.。！]\s?$|(?:^|\s)(?:the|your|la|le|die|das|der|jede[sr]?|el|il|lo|de|het|elke?)\s$"
)


class Meaning(Enum):
    """What an amount is: asked for now by a word that says so, or by none; asked once; saved; to be spent; asked for
    the second of two; no price."""

    CURRENT = auto()
    PLAIN = auto()
    OLD = auto()
    SAVING = auto()
    THRESHOLD = auto()
    SECOND = auto()
    OTHER = auto()


PAID = (Meaning.CURRENT, Meaning.PLAIN)


def amounts_of(block: Block, lexicon: Lexicon) -> list[tuple[Money, Meaning]]:
    """A block's amounts and what each says, by the words around it and by the amounts beside it."""
    text, found = fold(written(block)), prices.find(written(block))
    struck = [line_at(block, money.start).struck for money in found]
    meanings = [
        Meaning.OLD if old else meaning_of(text, money, lexicon) for money, old in zip(found, struck, strict=True)
    ]
    for index in range(1, len(found)):
        one, other = index - 1, index
        pair = _of_pair(text, found[one], found[other], (meanings[one], meanings[other]), lexicon)
        meanings[one], meanings[other] = pair
    return list(zip(found, _besides_savings(text, found, meanings, lexicon), strict=True))


def _of_pair(
    text: str, one: Money, other: Money, meanings: tuple[Meaning, Meaning], lexicon: Lexicon
) -> tuple[Meaning, Meaning]:
    """What two amounts say that stand side by side: a range, a price and what it was, several fees."""
    between = text[one.end : other.start]
    lower = one.sign == other.sign and other.amount < one.amount
    paid = meanings[0] in PAID or meaning_of(text[: one.end], one, lexicon) in PAID  # '£45 down from £60'
    if len(between) > NEAR:
        return meanings
    if not between and lower and meanings == (Meaning.PLAIN, Meaning.PLAIN):
        return Meaning.OLD, Meaning.CURRENT  # '129,95 €79,95 €', with too little room for other than two prices of one
    if _WORD_TO.fullmatch(between) and lower:
        return Meaning.OLD, Meaning.CURRENT
    if (_DASH.fullmatch(between) and other.amount >= one.amount) or _WORD_TO.fullmatch(between):
        return Meaning.OTHER, Meaning.OTHER
    if meanings[0] is Meaning.OTHER and meanings[1] is Meaning.PLAIN and _AND.fullmatch(between):
        return Meaning.OTHER, Meaning.OTHER
    if paid and meanings[1] is Meaning.OLD and other.amount > one.amount and lexicon.old_price.fill(between):
        return Meaning.CURRENT, Meaning.OLD
    now = meanings[1] is Meaning.CURRENT and not lexicon.current_price.strip_end(between).strip(" \n.,;:|/!-–")
    weak = bool(lexicon.spent.begin(between))
    if now and lower and not weak and meanings[0] in PAID:
        return Meaning.OLD, Meaning.CURRENT
    return meanings


def _besides_savings(
    text: str, found: Sequence[Money], meanings: Sequence[Meaning], lexicon: Lexicon
) -> Iterator[Meaning]:
    """The meanings, where what has to be spent for a saving is no price: '€10 off when you buy for €50'."""
    savings = [money for money, meaning in zip(found, meanings, strict=True) if meaning is Meaning.SAVING]
    least = [money for money, meaning in zip(found, meanings, strict=True) if meaning is Meaning.THRESHOLD]
    if any(True for _ in lexicon.free_delivery.spans(text)):
        least = []
    for money, meaning in zip(found, meanings, strict=True):
        if meaning in (Meaning.PLAIN, Meaning.CURRENT) and _is_spent(text, money, savings, lexicon):
            yield Meaning.THRESHOLD
        elif meaning is Meaning.PLAIN and any(_is_given(text, money, spent) for spent in least):
            yield Meaning.SAVING
        else:
            yield meaning


def _is_given(text: str, money: Money, spent: Money) -> bool:
    """Whether an amount is what one gets for spending the other: 'get $50 when you spend $200'."""
    first, last = min(money.end, spent.end), max(money.start, spent.start)
    return money.amount < spent.amount and not ends(text, first, last) and "\n" not in text[first:last]


def _is_spent(text: str, money: Money, savings: Sequence[Money], lexicon: Lexicon) -> bool:
    """Whether an amount is spent for a saving: none that is paid each month, and none that is less than the saving."""
    before, after = around(text, money.start, money.end)
    savings = [saved for saved in savings if saved.amount <= money.amount]
    if EACH_TIME.match(after) or OR_EACH_TIME.match(after):
        return False
    if any(saved.end <= money.start and _is_off(text[saved.end : money.start], lexicon) for saved in savings):
        return True
    without = lexicon.spent.strip_end(before)
    if without == before or lexicon.current_price.end(without):
        return False
    earned = any(saved.end <= money.start and not ends(text, saved.end, money.start) for saved in savings)
    to_earn = any(money.end <= saved.start and not ends(text, money.end, saved.start) for saved in savings)
    return earned or (to_earn and any(True for _ in lexicon.verbs.spans(before)))


def _is_off(between: str, lexicon: Lexicon) -> bool:
    """Whether two amounts stand as '$10 off $50'."""
    return "\n" not in between and lexicon.saving_after.fill(between)


def meaning_of(text: str, money: Money, lexicon: Lexicon) -> Meaning:
    """What an amount says, by the words around it in its sentence."""
    before, after = around(text, money.start, money.end)
    after_free_delivery = any(_is_least_for(before[end:]) for _, end in lexicon.free_delivery.spans(before))
    if _is_one_of_several(before, after, money, lexicon):
        return Meaning.OTHER
    minus = _MINUS.search(before) and not _NUMBER_TO.search(before)
    if minus or lexicon.saving_after.begin(after) or lexicon.saving_before.end(before):
        return Meaning.SAVING
    if lexicon.threshold_after.begin(after) or _is_least(before, after, lexicon) or after_free_delivery:
        return Meaning.THRESHOLD
    if second_of_two(text, money, lexicon) is not None:
        return Meaning.SECOND
    if _is_no_price(before, after, lexicon) or _is_later(before, after, lexicon):
        return Meaning.OTHER
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
    return least < now or (is_for_saving and not EACH_TIME.match(after))


def _is_one_of_several(before: str, after: str, money: Money, lexicon: Lexicon) -> bool:
    """Whether an amount is paid several times, is of several items, of a range, in millions, or nothing."""
    parts = lexicon.instalments.end(before) or lexicon.instalments.end(_named(before, lexicon))
    several = _MULTIBUY.search(before) or _TIMES_AFTER.match(after) or parts
    return bool(several or _NUMBER_TO.search(before) or _FIGURE.match(after)) or money.amount == 0


def _is_no_price(before: str, after: str, lexicon: Lexicon) -> bool:
    """Whether an amount is a wage, a cover, a prize, a fee, postage, a kilo's: 'Shipping just $5', '£28 an hour'."""
    if _UNIT_AFTER.match(after) or _UNIT_BEFORE.search(before):
        return True
    before, after = (blanked(text, lexicon.goods.spans(text)) for text in (before, after))
    return (
        lexicon.no_price_before.end(before)
        or lexicon.no_price_before.end(_named(before, lexicon))
        or bool(lexicon.no_price_after.begin(after))
    )


def _named(before: str, lexicon: Lexicon) -> str:
    """What stands before an amount, without 'just' or 'from' in its line: 'Shipping just', 'Rata da'."""
    stripped = lexicon.current_price.strip_end(before)
    return before if stripped.rstrip(" :").endswith("\n") else stripped


def _is_later(before: str, after: str, lexicon: Lexicon) -> bool:
    """Whether an amount is paid after a first time: 'then just £25', 'renews at £25', '25 € ab dem 2. Monat'.

    Words between two amounts are of the second: '£12.50 after that £25'.
    """
    later = lexicon.later_price.start_at_end(before)
    led = later < len(before) and later <= lexicon.current_price.start_at_end(before)
    if led or lexicon.later_price.end(lexicon.current_price.strip_end(before)):
        return True
    each = EACH_TIME.match(after)
    beside = after[each.end() :] if each else after
    reach = lexicon.later_price.begin(beside)
    return reach > 0 and not _NEXT.match(beside, reach)


def second_of_two(text: str, money: Money, lexicon: Lexicon) -> int | None:
    """Where 'the second pair for £10' begins, of whose amount this is; None where it is asked for no second one."""
    line = text.rfind("\n", 0, money.start) + 1
    before = text[max(line, money.start - NEAR) : money.start]
    for start, end in lexicon.second.spans(before):
        counted = before[start:end].isdigit() and not before[end:].startswith(".")  # '2 pairs for £10' are two
        if not counted and _SECOND.search(before[:start]) and _SECOND_FOR.fullmatch(before, end):
            return money.start - len(before) + start
    return None


def _of_time(before: str, after: str, lexicon: Lexicon) -> Meaning:
    """Whether an amount is asked for now, or was once."""
    if lexicon.old_price_after.begin(after):
        return Meaning.OLD
    if _was(before, lexicon):
        return Meaning.OLD
    return Meaning.CURRENT if lexicon.current_price.end(before) else Meaning.PLAIN


def _was(before: str, lexicon: Lexicon) -> bool:
    """Whether an amount was asked once: 'price' also ends 'normal price', and 'de' also 'a partir de'."""
    was = lexicon.old_price.start_at_end(before)
    return was < len(before) and was <= lexicon.current_price.start_at_end(before)
