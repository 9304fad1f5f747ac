"""Amounts as each country writes them by Unicode's CLDR (Babel has its data) are read as what they are, or not."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from babel import Locale, numbers
from babel.localedata import locale_identifiers

from functions.extract.extractors.offline import prices

AMOUNTS = (Decimal("1299.90"), Decimal("19.99"), Decimal(249), Decimal(12990))

MARKETS = (
    "en_US", "en_GB", "en_IN", "en_AU", "en_CA", "en_NZ", "en_ZA", "en_SG", "en_KE", "en_NG", "en_AE", "de_DE",
    "de_AT", "de_CH", "fr_FR", "fr_BE", "fr_CH", "fr_CA", "fr_SN", "es_ES", "es_MX", "es_AR", "es_CL", "es_CO",
    "es_PE", "es_CR", "es_DO", "pt_BR", "pt_PT", "it_IT", "nl_NL", "pl_PL", "cs_CZ", "sk_SK", "hu_HU", "ro_RO",
    "bg_BG", "hr_HR", "sl_SI", "el_GR", "fi_FI", "sv_SE", "da_DK", "nb_NO", "is_IS", "et_EE", "lv_LV", "lt_LT",
    "tr_TR", "uk_UA", "ru_RU", "ka_GE", "hy_AM", "kk_KZ", "th_TH", "vi_VN", "id_ID", "ms_MY", "fil_PH", "ja_JP",
    "ko_KR", "zh_CN", "zh_TW", "zh_HK", "km_KH", "lo_LA", "mn_MN", "sw_KE", "sw_TZ", "fr_DZ", "fr_TN",
)  # fmt: skip

# Currencies whose sign a larger market has as well, for whose it is taken: Rs, £, C$.
SHARED = {"MUR": "INR", "LKR": "INR", "PKR": "INR", "NIO": "CAD"} | dict.fromkeys(("SSP", "FKP", "GIP", "SHP"), "GBP")


def written(locale: Locale) -> Iterator[tuple[str, Decimal, str]]:
    """What is written there, the amount, and its currency."""
    [currency, *_] = numbers.get_territory_currencies(locale.territory or "")
    digits = numbers.get_currency_precision(currency)
    for amount in AMOUNTS:
        paid = amount.quantize(Decimal(1).scaleb(-digits))
        yield numbers.format_currency(paid, currency, locale=locale), paid, currency


def everywhere() -> Iterator[Locale]:
    for identifier in sorted(locale_identifiers()):
        locale = Locale.parse(identifier)
        if locale.territory and numbers.get_territory_currencies(locale.territory):
            yield locale


def test_no_country_s_amount_is_taken_for_another() -> None:
    wrong = [
        f"{locale} {text!r}: {money.amount} {money.currency}"
        for locale in everywhere()
        for text, amount, currency in written(locale)
        for money in prices.find(text)
        if money.amount != amount or money.currency not in (currency, None, SHARED.get(currency))
    ]

    assert wrong == []


@pytest.mark.parametrize("market", MARKETS)
def test_the_amounts_of_a_market_are_read(market: str) -> None:
    for text, amount, currency in written(Locale.parse(market)):
        found = [(money.amount, money.currency or currency) for money in prices.find(text)]

        assert found == ([(amount, currency)] if tells(amount, currency) else []), text


def tells(amount: Decimal, currency: str) -> bool:
    """Whether an amount tells a currency whose sign is also a unit, or has thousandths (see prices.py)."""
    return amount >= {"HUF": 100, "IDR": 100, "DZD": 20}.get(currency, 0) and currency != "TND"
