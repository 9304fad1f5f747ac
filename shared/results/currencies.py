"""Currencies, by the codes and the signs that stand beside money or in the name of its column."""

import re

# ISO 4217, as of 2026, those of countries.
CURRENCIES = frozenset(re.findall(r"\w+",
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY "
    "COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR "
    "ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK "
    "MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF "
    "SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU "
    "UZS VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG"
))  # fmt: skip

WITHDRAWN = frozenset(("ANG", "BGN", "CUC", "HRK", "SLL", "ZWL"))
"""Codes of ISO 4217 that were withdrawn in 2021 and later: older ads name them."""

WITHOUT_FRACTION = frozenset(re.findall(r"\w+", "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"))
"""Currencies without a smaller unit, of ISO 4217: https://www.iso.org/iso-4217-currency-codes.html."""

# Signs that mean one currency alone; "$", "¥" and "kr" do not.
_SIGNS = {
    "€": "EUR", "£": "GBP", "£gb": "GBP", "₹": "INR", "₽": "RUB", "₩": "KRW", "₺": "TRY", "zł": "PLN", "kč": "CZK",
    "ft": "HUF", "lei": "RON", "₪": "ILS", "฿": "THB", "₫": "VND", "₱": "PHP", "₴": "UAH", "₦": "NGN", "fr.": "CHF",
    "円": "JPY", "r$": "BRL", "$": None, "¥": None, "￥": None, "元": None, "kr": None, "kr.": None,
}  # fmt: skip

_DOLLARS = {
    "us": "USD", "a": "AUD", "au": "AUD", "c": "CAD", "ca": "CAD", "nz": "NZD", "hk": "HKD", "s": "SGD", "sg": "SGD",
    "nt": "TWD", "mx": "MXN",
}  # fmt: skip
"""Whose dollars `US$` or `$US` are."""


def is_known(written: str) -> bool:
    """Whether it is a code or a sign of currencies, of one alone or of several."""
    sign = written.lower()
    return sign.upper() in CURRENCIES or sign in _SIGNS or (sign.count("$") == 1 and sign.strip("$") in _DOLLARS)


def of(written: str) -> str | None:
    """The currency of a code or a sign; None where it is none, or that of several."""
    if not is_known(written):
        return None
    sign = written.lower()
    return sign.upper() if sign.upper() in CURRENCIES else _SIGNS.get(sign) or _DOLLARS.get(sign.strip("$"))
