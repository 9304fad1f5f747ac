"""Amounts of money in text: where they stand, how much, in which currency.

Forms that people write are understood: 1,299.00 and 1.299,00 and 1 299,00 and 1'299.00 and India's 1,00,000, a sign or
code before or after, French 19€99, a flyer's 2⁹⁹ €, German 5,- (also without a sign) and Swedish 99:-, 3万円, and cents
alone. What an amount means (a price, a saving, a threshold) is decided in amounts.py, by the words around it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from functions.extract.extractors.offline.lexicon import WORD_SIGN, fold
from shared.media import digits

# Signs and names, as folded text has them. `$` alone is many countries' own; pricing.py reads it with the language.
# A sign that several countries share and no language settles (¥, kr) has no code.
CURRENCIES: dict[str, str | None] = {
    "us$": "USD", "ca$": "CAD", "c$": "CAD", "au$": "AUD", "a$": "AUD", "nz$": "NZD", "mx$": "MXN", "r$": "BRL",
    "hk$": "HKD", "nt$": "TWD", "s$": "SGD", "$": None, "€": "EUR", "£": "GBP", "¥": None, "￥": None, "₹": "INR",
    "₩": "KRW", "₺": "TRY", "₽": "RUB", "฿": "THB", "₪": "ILS", "₦": "NGN", "₱": "PHP", "₫": "VND", "₴": "UAH",
    "₸": "KZT", "﷼": "SAR", "zł": "PLN", "zl": "PLN", "kc": "CZK", "kr": None, "fr.": "CHF", "euro": "EUR",
    "euros": "EUR", "dollar": None, "dollars": None, "dolares": None, "pounds": "GBP", "reais": "BRL",
    "franken": "CHF", "pesos": None, "円": "JPY", "元": "CNY", "ft": "HUF", "tl": "TRY", "lei": "RON",
    "лв": "BGN", "грн": "UAH", "руб": "RUB", "đ": "VND", ":-": "SEK", "dhs": "AED", "rs.": "INR", "rs": "INR",
    "rp": "IDR", "rp.": "IDR", "rm": "MYR", "s/": "PEN", "s/.": "PEN", "ksh": "KES", "yen": "JPY",
    "원": "KRW", "cn¥": "CNY", "kr.": None, "fcfa": None, "f cfa": None, "f\u202fcfa": None, "gh₵": "GHS",
    "₾": "GEL", "₼": "AZN", "֏": "AMD", "₲": "PYG", "gs.": "PYG", "₡": "CRC", "₮": "MNT", "₭": "LAK", "៛": "KHR",
    "৳": "BDT", "rd$": "DOP", "tt$": "TTD", "j$": "JMD", "ден": "MKD", "da": "DZD",
    "dt": "TND", "leke": "ALL", "ush": "UGX", "tsh": "TZS", "bs": None,
    "kronor": "SEK", "kroner": None, "korun": "CZK", "zloty": "PLN", "zlote": "PLN", "zlotych": "PLN", "lira": "TRY",
    "forint": "HUF", "franchi": "CHF", "yuan": "CNY",
} | {code.lower(): code for code in (
    "EUR", "USD", "GBP", "CHF", "BRL", "MXN", "CAD", "AUD", "NZD", "JPY", "CNY", "INR", "PLN", "CZK", "SEK", "NOK",
    "DKK", "HUF", "RON", "TRY", "ARS", "COP", "CLP", "PEN", "SGD", "HKD", "ZAR", "AED", "SAR", "QAR", "KWD", "BHD",
    "OMR", "JOD", "EGP", "ILS", "THB", "IDR", "MYR", "PHP", "VND", "TWD", "KRW", "UAH", "NGN", "KES", "PKR", "BDT",
    "LKR", "BGN", "RSD", "ISK", "MAD", "RUB", "KZT", "RMB", "XOF", "XAF", "GHS", "GTQ", "DZD", "TND", "GEL", "AZN",
    "PYG", "MKD", "UGX", "TZS", "ETB", "NPR", "IQD", "UYU", "BOB", "HNL", "MDL", "LBP", "LYD",
)} | {"rmb": "CNY"}  # fmt: skip

_CENTS = {"¢": None, "ct": "EUR", "cent": "EUR", "cents": None, "centimes": "EUR", "p": "GBP"}

# AMD, DOP, CRC and KM are left out: a processor, a ham, a spray or a distance is on more ads than those currencies.

# Only on one side of a number are these a currency.
_ONLY_BEFORE = frozenset(("rs.", "rp", "rp.", "rm", "s/", "s/.", "fr.", "gs.", "bs", "kr.", "rd$", "tt$", "j$", "gh₵"))
_ONLY_AFTER = frozenset((
    "円", "元", "원", "ft", "грн", "đ", ":-", "yen", "pounds", "da", "dt", "leke", "ден", "kronor", "kroner",
    "korun", "zloty", "zlote", "zlotych", "lira", "forint", "franchi", "yuan",
))  # fmt: skip

# Signs that are also words, units or names: how they are spelled as a currency, and the least amount that they tell.
_SPELLED = {"ft": (r"Ft", 100), "tl": (r"TL", 10), "rs": (r"Rs", 1), "rm": (r"RM", 1), "rp": (r"Rp|RP", 100),
            "s/": (r"S/", 1), "lei": (r"(?i:lei)", 2), "kc": (r"K[čČcC]", 1), "da": (r"DA", 20),
            "dt": (r"DT", 1), "bs": (r"Bs", 1)}  # fmt: skip
_ALSO_WORDS = frozenset(
    ("try", "pen", "mad", "cop", "ron", "jod", "isk", "rub", "all", "clp", "ars", "kes", "gel", "bob")
)

# A thousandth of these is money as well: '1.250' may be one and a quarter, or a thousand.
_THOUSANDTHS = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))
_THOUSAND_OR_THOUSANDTH = re.compile(r"(?<![\d.,])\d{1,3}[.,]\d{3}(?![\d.,])")


@dataclass(frozen=True)
class Money:
    """An amount of money in a text.

    Attributes:
        sign: the currency's sign, name or code as written, folded.
        currency: ISO 4217; None where the sign is shared by several.
        start, end: where it stands in the text.
    """

    amount: Decimal
    sign: str
    currency: str | None
    start: int
    end: int


_LETTER = WORD_SIGN.replace(r"\W", r"\W\d")


def _any_of(words: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first; names end where words end.

    What a letter is, is said once: said of each name, the pattern took a second to compile, at every start. Signs come
    first: none of them begins a name, and names begin some of them ('rs', 'rs.').
    """
    ordered = sorted(words, key=len, reverse=True)
    names = [re.escape(word) for word in ordered if re.match(WORD_SIGN, word[-1])]
    signs = [re.escape(word) for word in ordered if not re.match(WORD_SIGN, word[-1])]
    return "|".join(signs + ([rf"(?:{'|'.join(names)})(?!{_LETTER})"] if names else []))


_SPACE = r"[ \u00a0\u202f]"
_GAP = r"[ \n\u00a0\u202f]"  # between a number and its sign
_RAISED = digits.RAISED
# India writes lakhs: 1,00,000 and 12,49,000.
_LAKHS = r"\d{1,2}(?:,\d{2})+,\d{3}(?!\d)"
_GROUPED = rf"{_LAKHS}|\d{{1,3}}(?:(?:\.\d{{3}})+|(?:,\d{{3}})+|(?:['’]\d{{3}})+|(?:{_SPACE}\d{{3}})+)(?!\d)"
_DASH = "-‐‑‒–—―−"  # hyphens, dashes, and a minus
_FRACTION = rf"[.,](?:\d{{1,2}}(?![\d.,]*\d)|[{_DASH}]{{1,2}})|[{_RAISED}]{{2}}(?![{_RAISED}])"
_NUMBER = rf"(?:(?:{_GROUPED}|\d{{1,7}})(?:{_FRACTION})?)"
_EAST = "万萬億亿千만억천"  # what a number is multiplied by
_WHOLE_BEFORE = rf"(?<![\d.,{_RAISED}{_EAST}])"
# Of these some count money without a sign, too: '64.5 lakh', '18rb'.
_COUNTED = r"(?:lakhs?|lacs?|crores?|cr|rb|ribu|jt|juta|trieu)"
_TIMES = (
    rf"(?:{_COUNTED}|k(?!\.k\b)|m|mn|mil|mila|mln|mio|mrd|mld|bn|bin|tys|tis|tsd|tr|ty|nghin|ngan|thousand|milli\w+|billi\w+|milh\w+"
    r"|milyon|milyar|тыс|млн|млрд)"
)
_WHOLE_AFTER = (
    rf"(?![\d{_RAISED}{_EAST}٫٬،⹁]|{_SPACE}?%|{_SPACE}?[.,]\d|{_SPACE}\d{{3}}[.,]\d"
    rf"|{_SPACE}?{_TIMES}(?!{_LETTER}))"
)
_EITHER_SIDE = CURRENCIES.keys() - _ONLY_BEFORE - _ONLY_AFTER
_SIGNS = rf"(?:{_any_of(_EITHER_SIDE)})"
# 'Golf 8 € 29.990' and 'E5 € 995,00': the number before the sign is the model's.
_PRICE = r"(?:\d{1,3}(?:[.,]\d{3})+(?:[.,]\d\d)?|\d{1,4}[.,]\d\d)"
_NO_MODEL = rf"(?!\d{{1,2}}{_SPACE}{_SIGNS}{_SPACE}{_PRICE}(?![\d.,]*\d|{_SPACE}?{_SIGNS}))"
# 'Leve 3 Pague 2' above 'R$ 1.299,90': a sign that begins its line and has a number after it is that number's.
_NO_NEXT = rf"(?!{_SIGNS}{_SPACE}?\d)"
# 'I,99 €' above '2,84 €/kg': nor is a sign that ends its line of a number that has one of its own.
_NO_SIGN_BEHIND = rf"(?!{_NUMBER}{_SPACE}?{_SIGNS})"
# '1 299 €' is one number; 'R7 79.90 €' is two, since the digits that end a name are no thousands.
_OF_ITS_OWN = rf"(?:(?<!\d{_GAP})|(?<=[^\W\d_]\d{_GAP})|(?<=[^\W\d_]\d\d{_GAP}))"
# '189,00 €239,00 €': the sign between two amounts that are run together is the first one's where the second has one.
_RUN_TOGETHER = rf"(?:(?<=\d\d[€£$])|(?<=\d\d{_SPACE}[€£$]))(?={_NUMBER}{_SPACE}?[€£$](?!\d))"
# '$239$189': the second of two, each with its sign before it.
_BEHIND_ONE = "|".join(rf"(?<=[€£$]\d{{{count}}}{cents})" for count in (1, 2, 3, 4) for cents in ("", r"[.,]\d\d"))
_NEXT_OF_TWO = rf"(?:{_BEHIND_ONE})(?=[€£$]\d\d)"
# '49, 99 €' and '49.”9 €': cents with something before them that was not there.
_NO_CENTS = r"(?!(?<=\d[.,]\W)\d\d?(?![\d.,]))"
# '89 €1': a price with a footnote's mark.
_NO_MARK = rf"(?!(?<=\d{_SPACE})[€£$]\d(?![\d.,]))"
# '399,-' and '49.–', without a currency: whole, and no day of a span ('10.-15. Mai') and no year that ends a sentence.
_WHOLE_DASHED = rf"(?!(?:19|20)\d\d\.)(?:\d{{1,3}}(?:(?:\.\d{{3}})+|(?:{_SPACE}\d{{3}})+)|\d{{1,5}})"
# OCR loses the space before a number ('dès149 €') more often than a letter belongs to one.
_MONEY = re.compile(
    rf"(?:(?<!{WORD_SIGN})|{_NEXT_OF_TWO})(?<![.,]){_NO_MARK}(?P<before>{_any_of(CURRENCIES.keys() - _ONLY_AFTER)})"
    rf"(?:{_SPACE}?|\n{_NO_SIGN_BEHIND})"
    rf"(?P<a>{_NUMBER}|\.\d{{2}}){_WHOLE_AFTER}"
    rf"|(?<!{WORD_SIGN})(?<![.,])(?P<rand>r){_SPACE}?"
    rf"(?P<rands>\d{{1,3}}(?:(?:{_SPACE}|,)\d{{3}})+(?:[.,]\d\d)?|\d+[.,]\d\d){_WHOLE_AFTER}"
    rf"|{_WHOLE_BEFORE}{_OF_ITS_OWN}{_NO_CENTS}{_NO_MODEL}(?:"
    rf"(?P<euros>\d{{1,4}})(?P<between>[€£$])(?P<rest>\d{{2}}|[{_RAISED}]{{2}})(?![\d{_RAISED}]|{_SPACE}?[€£$])"
    rf"|(?P<ten_thousands>\d{{1,4}}(?:\.\d{{1,2}})?|\d,\d{{3}})[万萬](?P<units>\d,?\d{{3}}|\d{{1,3}})?(?P<east>円|元)"
    rf"|(?P<b>{_NUMBER})(?:{_SPACE}?|\n{_NO_NEXT})(?P<after>{_any_of(_ONLY_AFTER)}"
    rf"|(?:{_any_of(_EITHER_SIDE)})(?:(?!\d)|{_RUN_TOGETHER}))"
    rf"|(?P<dashed>{_WHOLE_DASHED})(?P<dash>[.,])[{_DASH}](?!{_SPACE}?\d|[{_DASH}]|{WORD_SIGN})"
    rf")|(?<!{WORD_SIGN})(?<![.,])(?P<cents>\d{{1,2}}){_SPACE}?(?P<cent>{_any_of(_CENTS)})"
)


# A tyre's rim in inches and its width in millimetres, '225/45 R17' turned round, may be read as 17,225 rand.
_TYRE = re.compile(r"[rR]\s?(?:1\d|2[0-4])\s[1-3]\d5")

# 'S24 899 €': the model's number, or thousands.
_MODEL_OR_THOUSANDS = re.compile(rf"\d{{1,3}}(?:{_SPACE}\d{{3}})+(?!\d)")

# '208 € 19.990': the model's number and its price, or a price and something else's number.
_MODEL_OR_PRICE = re.compile(rf"\d{{3,4}}{_SPACE}[^\w\s]")
_PRICE_AFTER = re.compile(rf"{_SPACE}{_PRICE}(?![\d.,]*\d|{_SPACE}?{_SIGNS})")

# Which dollar or peso: 'CAD $49', '$49 AUD'.
_DOLLARS = "usd|cad|aud|nzd|sgd|hkd|twd|mxn|ars|clp|cop|us"
_CODE_BEFORE = re.compile(rf"(?<![a-z])({_DOLLARS}){_SPACE}?$")
_CODE_AFTER = re.compile(rf"{_SPACE}?({_DOLLARS})(?![a-z])")


# 'l9,99 €', 'I,99 €', '€1O': a digit that was read as a letter, or a letter that is none of the number.
_UNSURE_DIGITS = r"(?=[lIO|]*\d|[.,lIO|]*[.,]\d)(?=[\d.,]*[lIO|])[\dlIO|][\d.,lIO|]*"
_UNCLEAR = re.compile(
    rf"(?<![^\W_]){_UNSURE_DIGITS}(?<![.,]){_SPACE}?[$€£¥₹](?!{_SPACE}?\d)|[$€£¥₹]{_SPACE}?{_UNSURE_DIGITS}(?![^\W_])"
)

# An amount with a multiplier ('₹ 64.5 Lakh', '18rb', '9.98万起'), or a line of a number alone whose cents are raised in
# part or have no sign beside them ('5⁴9', '129K'): no date, no time and no '4K'.
_MULTIPLIED = (
    rf"(?<!{WORD_SIGN})(?<![.,]){_SIGNS}{_SPACE}?{_NUMBER}{_SPACE}?(?:{_TIMES}(?!{_LETTER})|[{_EAST}])"
    rf"|{_WHOLE_BEFORE}{_NUMBER}{_SPACE}?(?:{_COUNTED}(?!{_LETTER})|[{_EAST}](?=[元円원起])"
    rf"|{_TIMES}\.?{_SPACE}?(?:{_any_of(_EITHER_SIDE | _ONLY_AFTER)}))"
)
_NO_DATE = r"(?![0-3]?\d[.,][01]\d\W*$)"
_BARE = (
    rf"^\W*(?:{_NO_DATE}\d{{1,5}}[.,]\d\d|\d{{2,4}}{_SPACE}?k|\d[\d.,]*[{_RAISED}]\d+"
    rf"|\d[\d.,]*[{_RAISED}]{{2}})\W*$"
)
_UNTOLD = re.compile(rf"{_MULTIPLIED}|{_BARE}", re.MULTILINE)


# 'Ł9.25': a pound that was read as the letter.
_READ_AS_L = re.compile(rf"(?<!{WORD_SIGN})Ł(?={_SPACE}?\d+[.,]\d\d(?!\d))")


def is_unclear(text: str) -> bool:
    """Whether a digit of an amount in a text may have been read as a letter, so that nobody can tell how much it is."""
    return bool(_UNCLEAR.search(text))


def find(text: str) -> list[Money]:
    """The amounts of money in a text, from left to right."""
    written = _READ_AS_L.sub("£", text)
    return [money for match in _MONEY.finditer(fold(written)) if _is_meant(money := _money(match), written)]


def untold(text: str) -> list[tuple[int, int]]:
    """Where a text states amounts that `find` does not tell: with a multiplier, or a number alone with odd cents."""
    told = [(money.start, money.end) for money in find(text)]
    return [
        match.span()
        for match in _UNTOLD.finditer(fold(text))
        if not any(start < match.end() and match.start() < end for start, end in told)
    ]


def parse_amount(written: str) -> Decimal:
    """The number that digits with separators stand for.

    The last separator is the decimal one if one or two digits or a dash follow it; all others group thousands.
    Raised digits are a fraction.
    """
    level = re.sub(rf"([{_RAISED}]+)$", lambda high: f".{high[1]}", written).translate(digits.LEVEL)
    number = re.sub(rf"[.,][{_DASH}]+$", "", level)
    whole = Decimal(re.sub(r"\D", "", number))
    fraction = re.search(r"[.,](\d{1,2})$", number)
    return whole.scaleb(-len(fraction[1])) if fraction else whole


def _money(match: re.Match[str]) -> Money:
    if match["cents"]:
        sign = match["cent"]
        return Money(Decimal(match["cents"]).scaleb(-2), sign, _CENTS[sign], *match.span())
    if match["rand"]:
        return Money(parse_amount(match["rands"]), "r", "ZAR", *match.span())
    if match["ten_thousands"]:
        amount = int(parse_amount(match["ten_thousands"]) * 10_000) + parse_amount(match["units"] or "0")
        return Money(amount, match["east"], CURRENCIES[match["east"]], *match.span())
    if match["dashed"]:
        return Money(parse_amount(match["dashed"]), f"{match['dash']}-", None, *match.span())
    if match["euros"]:
        sign, written = match["between"], f"{match['euros']}.{match['rest'].translate(digits.LEVEL)}"
    else:
        sign, written = match["before"] or match["after"], match["a"] or match["b"]
    return _with_country(match, sign, parse_amount(written)) or Money(
        parse_amount(written), sign, CURRENCIES[sign], *match.span()
    )


def _with_country(match: re.Match[str], sign: str, amount: Decimal) -> Money | None:
    """Dollars and pesos whose code stands beside the sign."""
    if sign != "$":
        return None
    start, end = match.span()
    before, after = _CODE_BEFORE.search(match.string, 0, start), _CODE_AFTER.match(match.string, end)
    code = before or after
    if code is None:
        return None
    name = "USD" if code[1] == "us" else code[1].upper()
    return Money(amount, f"{code[1]}$", name, min(start, code.start()), max(end, code.end()))


def _is_meant(money: Money, text: str) -> bool:
    """Whether an amount says how much, and its sign is written as a currency's: 'JOD 1.250', 'Try 3 months', '6 ft'."""
    written, others = text[money.start : money.end], text[: money.start] + text[money.end :]
    if _TYRE.fullmatch(written):
        return False
    if text[: money.start][-1:].isalpha() and _MODEL_OR_THOUSANDS.match(written):
        return False
    if _MODEL_OR_PRICE.fullmatch(written) and _PRICE_AFTER.match(text, money.end):
        return False
    if money.currency in _THOUSANDTHS and _THOUSAND_OR_THOUSANDTH.search(written):
        return False
    if money.sign in _ALSO_WORDS:
        spoken = [sign for sign in others if sign.isalpha()]
        return money.sign.upper() in written and (not spoken or any(sign.islower() for sign in spoken))
    spelled, least = _SPELLED.get(money.sign, ("", 0))
    return bool(re.search(spelled, written)) and money.amount >= least
