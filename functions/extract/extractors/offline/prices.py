"""Amounts of money in text: where they stand, how much, in which currency.

Written forms of the six languages are understood: 1,299.00 and 1.299,00 and 1 299,00 and 1'299.00, a sign or code
before or after, French 19€99, German 5,- and cents alone. What an amount means (a price, a saving, a threshold) is
decided in wording.py, by the words around it.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

# Signs and names, as folded text has them. `$` alone is many countries' own; wording.py reads it with the language.
# A sign that several countries share and no language settles (¥, kr) has no code.
CURRENCIES: dict[str, str | None] = {
    "us$": "USD", "ca$": "CAD", "c$": "CAD", "au$": "AUD", "a$": "AUD", "nz$": "NZD", "mx$": "MXN", "r$": "BRL",
    "hk$": "HKD", "s$": "SGD", "$": None, "€": "EUR", "£": "GBP", "¥": None, "₹": "INR", "₩": "KRW", "₺": "TRY",
    "₽": "RUB", "฿": "THB", "₪": "ILS", "zł": "PLN", "zl": "PLN", "kc": "CZK", "kr": None, "fr.": "CHF",
    "euro": "EUR", "euros": "EUR", "dollar": None, "dollars": None, "dolares": None, "pounds": "GBP", "reais": "BRL",
    "franken": "CHF", "pesos": None,
} | {code.lower(): code for code in (
    "EUR", "USD", "GBP", "CHF", "BRL", "MXN", "CAD", "AUD", "NZD", "JPY", "CNY", "INR", "PLN", "CZK", "SEK", "NOK",
    "DKK", "HUF", "RON", "TRY", "ARS", "COP", "CLP", "PEN", "SGD", "HKD", "ZAR", "AED",
)}  # fmt: skip

_CENTS = {"¢": None, "ct": "EUR", "cent": "EUR", "cents": None, "centimes": "EUR", "p": "GBP"}


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


def _any_of(words: dict[str, str | None]) -> str:
    """A pattern for any of the words, the longest first; names end where words end."""
    ordered = sorted(words, key=len, reverse=True)
    return "|".join(re.escape(word) + (r"(?![a-z])" if word[-1].isalpha() else "") for word in ordered)


_SPACE = r"[ \u00a0\u202f]"
# India writes lakhs: 1,00,000 and 12,49,000.
_LAKHS = r"\d{1,2}(?:,\d{2})+,\d{3}(?!\d)"
_GROUPED = rf"{_LAKHS}|\d{{1,3}}(?:(?:\.\d{{3}})+|(?:,\d{{3}})+|(?:['’]\d{{3}})+|(?:{_SPACE}\d{{3}})+)(?!\d)"
_NUMBER = rf"(?:(?:{_GROUPED}|\d{{1,7}})(?:[.,](?:\d{{1,2}}(?![\d.,]*\d)|[-–—]{{1,2}}))?)"
_SIGN = _any_of(CURRENCIES)
# OCR loses the space before a number ('dès149 €') more often than a letter belongs to one.
_MONEY = re.compile(
    rf"(?<![\w.,])(?P<before>{_SIGN}){_SPACE}?(?P<a>{_NUMBER})(?![\d%]|[.,]\d)"
    rf"|(?<![\d.,])(?<!\d{_SPACE})(?:"
    rf"(?P<euros>\d{{1,4}})(?P<between>[€£$])(?P<rest>\d{{2}})(?!\d)"
    rf"|(?P<b>{_NUMBER}){_SPACE}?(?P<after>{_SIGN})"
    rf")|(?<![\w.,])(?P<cents>\d{{1,2}}){_SPACE}?(?P<cent>{_any_of(_CENTS)})"
)


# Which dollar or peso: 'CAD $49', '$49 AUD'.
_DOLLARS = "usd|cad|aud|nzd|sgd|hkd|twd|mxn|ars|clp|cop"
_CODE_BEFORE = re.compile(rf"(?<![a-z])({_DOLLARS}){_SPACE}?$")
_CODE_AFTER = re.compile(rf"{_SPACE}?({_DOLLARS})(?![a-z])")


def find(folded: str) -> list[Money]:
    """The amounts of money in a folded text (see `wording.fold`), from left to right."""
    return [_money(match) for match in _MONEY.finditer(folded)]


def parse_amount(written: str) -> Decimal:
    """The number that digits with separators stand for.

    The last separator is the decimal one if one or two digits or a dash follow it; all others group thousands.
    """
    number = re.sub(r"[.,][-–—]+$", "", written)
    digits = re.sub(r"\D", "", number)
    fraction = re.search(r"[.,](\d{1,2})$", number)
    return Decimal(digits).scaleb(-len(fraction[1])) if fraction else Decimal(digits)


def _money(match: re.Match[str]) -> Money:
    if match["cents"]:
        sign = match["cent"]
        return Money(Decimal(match["cents"]).scaleb(-2), sign, _CENTS[sign], *match.span())
    if match["euros"]:
        sign, written = match["between"], f"{match['euros']}.{match['rest']}"
    else:
        sign, written = match["before"] or match["after"], match["a"] or match["b"]
    start, end = match.span()
    if sign == "$":
        before, after = _CODE_BEFORE.search(match.string, 0, start), _CODE_AFTER.match(match.string, end)
        if code := before or after:
            start, end = min(start, code.start()), max(end, code.end())
            return Money(parse_amount(written), f"{code[1]}$", code[1].upper(), start, end)
    return Money(parse_amount(written), sign, CURRENCIES[sign], start, end)
