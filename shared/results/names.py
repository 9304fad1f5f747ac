"""Which columns of a list hold results of ads: the names that networks document, and what they are counted in.

Compared as `shared.columns` compares names. Read in November 2026:

- Meta: Ads Manager's column names, and fields of the Insights API
  (developers.facebook.com/documentation/ads-commerce/marketing-api/insights);
- Google Ads: columns of reports, and metrics of the API, which BigQuery's transfer takes over
  (developers.google.com/google-ads/api/fields/latest/metrics,
  docs.cloud.google.com/bigquery/docs/google-ads-transformation);
- TikTok: Ads Manager's metrics (ads.tiktok.com/help/article/basic-data, …/video-play), and its reporting API's;
- Display & Video 360: columns of reports (support.google.com/displayvideo/table/3187025).
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from shared.columns import key
from shared.results import currencies

# In order of preference, where a list has several.
COUNTS: Mapping[str, tuple[str, ...]] = {
    "impressions": (
        "impressions", "impression", "impr.", "imps", "Impressionen", "Impresiones", "Impressioni", "Impressões",
        "Weergaven", "Vertoningen", "Wyświetlenia", "Impression", "Visningar", "Exponeringar", "Visninger",
        "Eksponeringer", "インプレッション", "表示回数", "展示次数",
    ),
    "clicks": (
        "clicks", "link clicks", "inline_link_clicks", "clicks (destination)", "clicks (all)", "outbound clicks",
        "Klicks", "Link-Klicks", "Klicks (alle)", "Clics", "Clics sur un lien", "Clics (tous)", "Clics en el enlace",
        "Clics (todos)", "Clic", "Clic sul link", "Clic (tutti)", "Cliques", "Cliques no link", "Cliques (todos)",
        "Klikken", "Klikken op link", "Klikken op links", "Linkklikken", "Klikken (alle)",
        "Kliknięcia", "Kliknięcia linku", "Kliknięcia w link", "Kliknięcia (wszystkie)", "Klick", "Länkklick",
        "Klick på länk", "Klickningar på länk", "Klick (alla)", "Klik", "Klik på link", "Linkklik", "Klik (alle)",
        "クリック", "クリック数", "点击次数",
    ),
    "video_views": (
        "video_views", "video views", "3-second video plays", "2-second video views", "video_watched_2s",
        "TrueView views", "views", "video plays", "video_play_actions", "starts (video)", "video_starts",
        "3-sekündige Videowiedergaben",
    ),
    "video_25": (
        "video_25", "video_p25", "video plays at 25%", "video_p25_watched_actions", "video views at 25%",
        "video_views_p25", "first-quartile views (video)", "video_completions_25%", "Videowiedergaben bei 25 %",
    ),
    "video_50": (
        "video_50", "video_p50", "video plays at 50%", "video_p50_watched_actions", "video views at 50%",
        "video_views_p50", "midpoint views (video)", "video_completions_50%", "Videowiedergaben bei 50 %",
    ),
    "video_75": (
        "video_75", "video_p75", "video plays at 75%", "video_p75_watched_actions", "video views at 75%",
        "video_views_p75", "third-quartile views (video)", "video_completions_75%", "Videowiedergaben bei 75 %",
    ),
    "video_100": (
        "video_100", "video_p100", "video plays at 100%", "video_p100_watched_actions", "video views at 100%",
        "video_views_p100", "complete views (video)", "video_fully_played", "Videowiedergaben bei 100 %",
    ),
}  # fmt: skip

AMOUNTS: Mapping[str, tuple[str, ...]] = {
    "conversions": (
        "conversions", "conversion", "total conversions", "purchases", "website purchases",
        "actions: purchase", "results",
        "Käufe", "Ergebnisse", "Achats", "Résultats", "Conversiones", "Compras", "Resultados", "Conversioni",
        "Acquisti", "Risultati", "Conversões", "Compras no site", "Conversies",
        "Aankopen", "Aankopen op website", "Konwersje", "Zakupy", "Zakupy w witrynie", "Acquisti sul sito web", "Köp",
        "Köp på webbplats", "Konverteringar", "Køb", "Konverteringer", "Resultaten", "Wyniki", "Resultat",
        "Resultater", "コンバージョン", "转化数",
    ),
}  # fmt: skip

MONEY: Mapping[str, tuple[str, ...]] = {
    "spend": (
        "spend", "amount spent", "cost", "total cost", "ad spend",
        "revenue (adv currency)", "revenue (advertiser currency)",  # what Display & Video 360 has the advertiser pay
        "media cost (advertiser currency)", "media cost (adv currency)",
        "Ausgegebener Betrag", "Kosten", "Montant dépensé", "Coût", "Importe gastado", "Coste", "Costo",
        "Importo speso", "Valor usado", "Valor gasto", "Custo", "Besteed bedrag", "Koszt",
        "Wydana kwota", "Kwota wydana", "Spenderat belopp", "Belopp som spenderats", "Kostnad", "Brugt beløb",
        "消化金額", "費用", "消耗",
    ),
    "conversion_value": (
        "conversion_value", "conv. value", "conversions value", "purchases conversion value",
        "purchase conversion value", "website purchases conversion value", "total conversion value",
        "total purchase value", "action_values: purchase",
        "Conversion-Wert", "Conv.-Wert", "Valeur de conversion", "Valor de conversión",
        "Valore di conversione", "Valor da conversão", "Valor de conversão da compra", "Valor de conversão de compras",
        "Conversiewaarde", "Conversiewaarde aankopen", "Conversiewaarde van aankopen", "Wartość konwersji",
        "Wartość konwersji zakupów", "Wartość konwersji zakupu", "Valore di conversione degli acquisti",
        "Konverteringsvärde", "Konverteringsvärde för köp", "コンバージョン値",
    ),
}  # fmt: skip

MICROS: Mapping[str, tuple[str, ...]] = {"spend": ("cost_micros", "spend_micros", "amount_spent_micros")}
"""Millionths of a currency's unit."""

SHARES: Mapping[str, tuple[str, ...]] = {
    f"video_{part}": (f"video played to {part}%", f"video played to: {part}%", f"video_quartile_p{part}_rate")
    for part in (25, 50, 75, 100)
}
"""Of the impressions: https://developers.google.com/google-ads/api/fields/latest/metrics."""

TEXTS: Mapping[str, tuple[str, ...]] = {
    "day": (
        "day", "date", "stat_time_day", "by day", "reporting starts", "date_start", "Tag", "Datum", "Jour", "Día",
        "Fecha", "Giorno", "Dia", "Beginn des Auswertungszeitraums", "Berichtsstart", "Début des rapports",
        "Inicio del informe", "Dag", "Dzień", "Początek raportowania", "Start rapportage",
        "Begin rapportage", "Início dos relatórios", "Inizio dei report", "Inizio report", "Rapporteringen startar",
        "日", "日付", "日期", "start date (in utc)", "by hour", "stat_time_hour",
    ),
    "last_day": (
        "reporting ends", "date_stop", "date_end", "Ende des Auswertungszeitraums", "Berichtsende", "Fin des rapports",
        "Fin del informe", "Koniec raportowania", "Einde rapportage", "Encerramento dos relatórios",
        "Término dos relatórios", "Fine dei report", "Fine report", "Rapporteringen slutar", "end date (in utc)",
    ),
    "week": (
        "week", "by week", "week (mon-sun)", "week (sun-sat)", "week start", "week of", "Woche", "Kalenderwoche",
        "Semaine", "Semana", "Settimana", "Tydzień", "Vecka", "週", "周",
    ),
    "month": ("month", "by month", "Monat", "Mois", "Mes", "Mese", "Mês", "Miesiąc", "Maand", "Månad", "月", "月份"),
    "network": ("ad_network", "ad platform", "network", "platform", "channel", "media source", "publisher_platform"),
    "campaign": (
        "campaign", "campaign name", "insertion order", "campaign id", "Kampagne", "Kampagnenname", "Campagne",
        "Nom de la campagne", "Campaña", "Nombre de la campaña", "Campagna", "Nome campagna", "Campanha",
        "Nome da campanha", "Kampania", "Nazwa kampanii", "Campagnenaam", "Naam campagne",
        "Nome della campagna", "Kampanj", "Kampanjnamn", "Kampagnenavn", "キャンペーン", "キャンペーン名", "广告系列",
    ),
    "placement": (
        "placement", "platform position", "ad network type", "network (with search partners)", "Platzierung",
        "Plattform", "Emplacement", "Ubicación",
    ),
    "result_kind": (
        "result indicator", "result_indicator", "Ergebnisindikator", "Ergebnis-Indikator", "Indicateur de résultat",
        "Indicateur de résultats", "Indicador de resultado", "Indicador de resultados", "Indicatore di risultato",
        "Indicatore dei risultati", "Resultaatindicator", "Resultatenindicator", "Wskaźnik wyniku",
        "Wskaźnik wyników", "Resultatindikator",
        "result type", "result_type", "Ergebnistyp", "Art des Ergebnisses", "Type de résultat", "Tipo de resultado",
        "Tipo di risultato", "Resultaattype", "Typ wyniku", "Resultattyp",
    ),
    "currency": (
        "currency", "currency code", "account currency", "advertiser currency", "customer_currency_code", "Währung",
        "Währungscode", "Devise", "Code de devise", "Moneda", "Código de moneda", "Valuta", "Moeda", "通貨コード",
    ),
}  # fmt: skip

_OF_ANY_KIND = frozenset(map(key, (
    "results", "Ergebnisse", "Résultats", "Resultados", "Risultati", "Resultaten", "Wyniki", "Resultat", "Resultater",
)))  # fmt: skip
"""Columns of whatever a campaign of Meta's is for: purchases, but people reached as well."""

_CONVERSION = re.compile(
    r"offsite_conversion|purchase|\bleads?\b|\blead_|leadgen|registration|add_to_cart|adds? to cart|install|checkout"
    r"|subscri|start_trial|trials? started|submit_application|applications? submitted|add_payment_info|app_custom_event"
    r"|\bconversions?\b(?![._:])|käufe|\bkauf|registrierung|einkaufswagen|abonn|achat|\binscription|compra|acquist"
    r"|registrazion|registro|cadastro|aankop|aankoop|zakup|rejestracj",
)
"""In what an indicator or a type of results says: Meta's actions, and how Ads Manager calls them."""

PURCHASES = ("omni_purchase", "purchase", "offsite_conversion.fb_pixel_purchase")
"""Among the actions of Meta's Insights, by preference: the first counts everywhere what others do in some places."""

ACTIONS: Mapping[str, str] = {"actions": "actions: purchase", "action_values": "action_values: purchase"}
"""Fields of Meta's Insights that list numbers by what they count, and what their purchases are called here."""

_RATE = re.compile(r"\b(?:ctr|cpc|cpm|cpa|cpv|roas|avg)\b", re.IGNORECASE)

_SIGNS: Mapping[str, tuple[str, ...]] = {
    "meta": (
        "inline_link_clicks", "publisher_platform", "reporting starts", "ad set name", "adset_name", "adset_id",
        "3-second video plays", "thruplays", "Beginn des Auswertungszeitraums", "Berichtsstart",
        "Początek raportowania", "Start rapportage", "Início dos relatórios", "Nazwa zestawu reklam",
        "Naam advertentieset", "Nome do conjunto de anúncios", "Nome del gruppo di inserzioni", "Anzeigengruppenname",
        "video_p25_watched_actions", "actions: purchase", "action_values: purchase",
    ),
    "google": ("metrics.impressions", "metrics.clicks", "metrics.cost_micros", "segments.date", "impr.", "Conv. value"),
    "tiktok": (
        "clicks (destination)", "stat_time_day", "2-second video views", "6-second video views", "video_play_actions",
        "video_watched_2s",
    ),
    "dv360": (
        "insertion order", "insertion_order_id", "revenue (adv currency)", "advertiser currency",
        "media cost (advertiser currency)",
    ),
}  # fmt: skip
"""Names that one network alone has: a list with any of them is its."""

_MONEY_SIGNS: Mapping[str, tuple[str, ...]] = {
    "meta": (
        "amount spent",
        "Ausgegebener Betrag",
        "Montant dépensé",
        "Importe gastado",
        "Importo speso",
        "Valor usado",
        "Valor gasto",
        "Wydana kwota",
        "Kwota wydana",
        "Besteed bedrag",
        "Spenderat belopp",
        "Brugt beløb",
    ),
}
"""The same, where the currency is in the name: `Amount spent (EUR)`. Snapchat has an `Amount Spent` as well."""

_NETWORKS: Mapping[str, str] = {
    **dict.fromkeys(("meta", "facebook", "fb", "instagram", "ig", "messenger", "audiencenetwork"), "meta"),
    **dict.fromkeys(("facebookads", "metaads", "threads"), "meta"),
    **dict.fromkeys(("google", "googleads", "adwords", "googleadwords", "youtube"), "google"),
    **dict.fromkeys(("tiktok", "tiktokads"), "tiktok"),
    **dict.fromkeys(("dv360", "displayvideo360", "dbm"), "dv360"),
}

_TOTALS = (
    "total", "totals", "grand total", "sub total", "subtotal", "sum", "overall", "gesamt", "gesamtsumme",
    "gesamtergebnis", "summe", "insgesamt", "zwischensumme", "total général", "sous-total", "somme", "ensemble",
    "total general", "suma", "suma total", "totales", "totale", "totali", "totale complessivo", "subtotale", "totais",
    "total geral", "soma", "totaal", "eindtotaal", "subtotaal", "razem", "łącznie", "ogółem", "suma końcowa", "totalt",
    "summa", "totalsumma", "i alt", "samlet", "totalsum", "celkem", "összesen", "σύνολο", "yhteensä", "всего", "итого",
    "общий итог", "разом", "усього", "toplam", "genel toplam", "合計", "総計", "小計", "总计", "合计", "总和", "小计",
    "總計", "總和", "합계", "총계", "총합계", "소계", "jumlah", "total keseluruhan", "tổng", "tổng cộng", "รวม",
    "المجموع", "الإجمالي", "סה״כ", 'סה"כ', "total de ansamblu",
)  # fmt: skip
"""What stands before totals, in the languages that lists are read in."""

_TOTAL = re.compile(
    rf"(?:{'|'.join(re.escape(unicodedata.normalize('NFKC', label).casefold()) for label in _TOTALS)})"
    r"(?:\s*[:：(（].*|\s+[-–—]\s.*|\s+(?:of|von|aus|der|de|des|di|da|van|z|av|af|из)\s+\d.*)?",
    re.DOTALL,
)

_LONGEST_LABEL = 100
_ALL = frozenset(("all", "alle", "tous", "toutes", "todos", "todas", "tutti", "tutte", "すべて", "全体", "全部"))

_WORDS = frozenset(("ALL", "TOP"))
"""In a name they are words: `Cost (all)`."""

_SIGN = r"[^\W\d_]{,3}[^\w\s()\[\].,%#-]"  # `€`, `US$`
_WITH_CURRENCY = re.compile(
    r"(.*?)(?:[\s_]+in)?[\s_]*(?:[(\[](?P<within>[^()\[\]]{1,4})[)\]]"
    rf"|[\s_-](?P<code>[A-Za-z]{{3}})|[\s_](?P<sign>{_SIGN}))",
    re.DOTALL,
)


type Time = Literal["day", "week", "month"]
TIMES: tuple[Time, ...] = ("day", "week", "month")
"""The fields of a list that tell when, the closest first."""


@dataclass(frozen=True)
class Column:
    """A column that holds results.

    Attributes:
        name: as it stands in the list.
        field: of `Result`; `week` and `month` are its `day` and `last_day`.
        unit: what its numbers are: `count`, `amount`, `money`, `micros`, `share` (of the impressions) or `text`.
        currency: that its name tells.
    """

    name: str
    field: str
    unit: str
    currency: str | None = None


@lru_cache(maxsize=1000)
def recognised(names: tuple[str, ...]) -> tuple[Column, ...]:
    """Of the columns of these names those that hold results, for each field the one that is preferred.

    Of money there may be one for each currency that names tell: accounts in several have one filled each.
    """
    found: dict[tuple[str, str | None], tuple[int, Column]] = {}
    for name in names:
        for rank, column in _meanings(name):
            place = (column.field, column.currency)
            if place not in found or rank < found[place][0]:
                found[place] = (rank, column)
    best: dict[str, int] = {}
    for rank, column in found.values():
        best[column.field] = min(rank, best.get(column.field, rank))
    ranked = (column for rank, column in found.values() if rank == best[column.field])
    return tuple(sorted(ranked, key=lambda column: column.currency is not None))


def is_known(name: str) -> bool:
    """Whether a column of this name is of results, be another one preferred to it or not, or a rate made of them."""
    return bool(_meanings(name) or _RATE.search(name))


def has_results(columns: Iterable[Column]) -> bool:
    """Whether any of the columns holds numbers, not only days and names."""
    return any(column.unit != "text" for column in columns)


def network_of(names: Collection[str]) -> str | None:
    """Whose export has columns of these names; None where no network's alone, or those of several, are among them."""
    split = [_without_currency(name) for name in names]
    keys = {key(name) for name in names} | {key(bare) for bare, _ in split}
    keys |= {each.removeprefix(word) for each in keys for word in _PREFIXES}
    of_money = {key(bare) for bare, currency in split if currency}
    found = [network for network, signs in _SIGN_KEYS.items() if signs & keys or _MONEY_KEYS[network] & of_money]
    return found[0] if len(found) == 1 else None


def is_total(label: str) -> bool:
    """Whether it is what a line of totals has where others have an ad's id: `Total: Account`, `Gesamt (6 Anzeigen)`."""
    return not label.isdecimal() and _TOTAL.fullmatch(unicodedata.normalize("NFKC", label).casefold()) is not None


@lru_cache(maxsize=1000)
def is_all(label: str) -> bool:
    """Whether a cell of a breakdown says that its line is of all of them: `All`, `Total`."""
    text = unicodedata.normalize("NFKC", label[:_LONGEST_LABEL]).strip()
    return text.casefold() in _ALL or is_total(text)


def is_of_any_kind(name: str) -> bool:
    """Whether a column of this name counts what a campaign is for, be it conversions or not."""
    return key(name) in _OF_ANY_KIND


@lru_cache(maxsize=1000)
def is_conversion(kind: str) -> bool:
    """Whether results of this kind, an action of Meta's or its name, are conversions."""
    return _CONVERSION.search(kind.casefold().removeprefix("conversions:")) is not None


@lru_cache(maxsize=1000)
def network_called(value: str) -> str | None:
    """The network that goes by such a name; None where it is none that is known."""
    return _NETWORKS.get(key(value))


def _meanings(name: str) -> list[tuple[int, Column]]:
    whole = key(name)
    bare, currency = _without_currency(name)
    found = [(place, Column(name, *meaning)) for place, meaning in _known(whole)]
    if currency and (not found or key(bare) == whole):  # a sign is no part of a key
        meanings = ((place, meaning) for place, meaning in _known(key(bare)) if meaning[1] in ("money", "micros"))
        found = [(place, Column(name, *meaning, currency)) for place, meaning in meanings]
    return found


def _known(name: str) -> list[tuple[int, tuple[str, str]]]:
    candidates = [name, *(name.removeprefix(word) for word in _PREFIXES if name.startswith(word))]
    return [meaning for each in candidates for meaning in _BY_KEY.get(each, [])][:1]


def _without_currency(name: str) -> tuple[str, str | None]:
    found = _WITH_CURRENCY.fullmatch(name.strip()) if len(name) <= _LONGEST_LABEL else None
    told = (found["within"] or found["code"] or found["sign"]) if found else ""
    code = None if told.upper() in _WORDS else currencies.of(told)
    return (found[1], code) if found and code else (name, None)


_PREFIXES = ("metrics", "segments", "dimensions")
"""Of Google's API, `metrics.clicks` (in BigQuery `metrics_clicks`), and of TikTok's."""

_BY_KEY: dict[str, list[tuple[int, tuple[str, str]]]] = {}
for _unit, _fields in (
    ("count", COUNTS), ("amount", AMOUNTS), ("money", MONEY), ("micros", MICROS), ("share", SHARES), ("text", TEXTS),
):  # fmt: skip
    for _field, _names in _fields.items():
        for _place, _name in enumerate(_names):
            _rank = _place + (1000 if _unit == "share" else 0)  # a count is more exact
            _BY_KEY.setdefault(key(_name), []).append((_rank, (_field, _unit)))

_SIGN_KEYS = {network: frozenset(map(key, signs)) for network, signs in _SIGNS.items()}
_MONEY_KEYS = {network: frozenset(map(key, _MONEY_SIGNS.get(network, ()))) for network in _SIGNS}
