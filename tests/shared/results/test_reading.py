"""The results in a list of ads: units, currencies, parts of an ad's day, and what cannot be read."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creatives.analysis import listfiles
from shared.columns import Choice, DayOrder
from shared.events import Result
from shared.lists import parsing
from shared.lists.model import NotAListError
from shared.results import reading
from shared.results.reading import Reading
from tests.memory import memory

RESULTS = Choice(of_results=True)


def read(text: str, currency: str | None = None) -> Reading:
    return reading.read(parsing.parse(text, RESULTS).lines, currency)


def one(text: str) -> Result:
    (row,) = read(text).rows
    return row


def table(rows: Iterable[Mapping[str, object]], delimiter: str = ",") -> str:
    kept = list(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(kept[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(kept)
    return text.getvalue()


EXPORTS = {
    "meta": (
        "Reporting starts,Reporting ends,Campaign name,Ad ID,Impressions,Amount spent (EUR),Link clicks,Clicks (all),"
        "Purchases,Purchases conversion value,3-second video plays,Video plays at 25%\n"
        '2026-11-02,2026-11-02,Autumn,23851,"12,345",118.20,321,400,7,350.00,4000,2500\n'
    ),
    "google": (
        "Ad performance report\n\"1 November 2026 - 30 November 2026\"\n"
        "Day,Campaign,Ad ID,Currency code,Impr.,Clicks,Cost,Conversions,Conv. value,Video played to 25%\n"
        '2026-11-02,Autumn,23851,EUR,"12,345",321,118.20,7.00,350.00,20.25%\n'
        'Total,,--,EUR,"12,345",321,118.20,7.00,350.00,20.25%\n'
    ),
    "tiktok": (
        "By Day,Campaign name,Ad ID,Currency,Cost,Impressions,Clicks (destination),Conversions,Total purchase value,"
        "2-second video views,Video views at 25%\n"
        "2026-11-02,Autumn,23851,EUR,118.20,12345,321,7,350.00,4000,2500\n"
    ),
    "dv360": (
        "Date,Insertion Order,Creative ID,Advertiser Currency,Impressions,Clicks,Revenue (Adv Currency),"
        "Total Conversions,Starts (Video),First-Quartile Views (Video)\n"
        "2026/11/02,Autumn,23851,EUR,12345,321,118.20,7,4000,2500\n"
    ),
}  # fmt: skip


@pytest.mark.parametrize("network", EXPORTS)
def test_an_export_is_read_by_the_names_that_its_network_documents(network: str) -> None:
    row = one(EXPORTS[network])

    assert (row.ad_id, row.day, row.last_day, row.network) == ("23851", date(2026, 11, 2), None, network)
    assert (row.campaign, row.impressions, row.clicks) == ("Autumn", 12345, 321)
    assert (row.spend, row.currency, row.conversions) == (Decimal("118.2"), "EUR", Decimal(7))
    assert row.video_25 == 2500
    assert row.unreadable == []


@pytest.mark.parametrize(
    "header",
    [
        "Identyfikator reklamy,Początek raportowania,Koniec raportowania,Nazwa kampanii,Wyświetlenia,Kliknięcia linku,"
        "Wydana kwota (PLN),Zakupy",
        "Identyfikator reklamy,Dzień,Koniec raportowania,Nazwa kampanii,Wyświetlenia,Kliknięcia (wszystkie),"
        "Kwota wydana (PLN),Wyniki",
        "Advertentie-ID,Start rapportage,Einde rapportage,Campagnenaam,Weergaven,Klikken op link,Besteed bedrag (PLN),"
        "Aankopen",
        "Advertentie-ID,Dag,Einde rapportage,Naam campagne,Vertoningen,Klikken op links,Besteed bedrag (PLN),"
        "Resultaten",
        "Identificação do anúncio,Início dos relatórios,Encerramento dos relatórios,Nome da campanha,Impressões,"
        "Cliques no link,Valor usado (PLN),Compras",
        "ID do anúncio,Dia,Término dos relatórios,Nome da campanha,Impressões,Cliques (todos),Valor gasto (PLN),"
        "Resultados",
        "ID inserzione,Giorno,Fine dei report,Nome della campagna,Impression,Clic sul link,Importo speso (PLN),"
        "Acquisti",
        "Annons-ID,Dag,Rapporteringen slutar,Kampanjnamn,Visningar,Länkklick,Spenderat belopp (PLN),Köp",
    ],
)
def test_exports_of_meta_are_read_in_their_languages(header: str) -> None:
    row = one(f"{header}\n7,2026-11-02,2026-11-02,Autumn,90,4,1.50,2\n")

    assert (row.ad_id, row.day, row.campaign, row.network) == ("7", date(2026, 11, 2), "Autumn", "meta")
    assert (row.impressions, row.clicks, row.spend, row.currency) == (90, 4, Decimal("1.5"), "PLN")
    assert row.conversions == 2


def test_fields_of_apis_are_read_where_they_are_nested() -> None:
    insights = {"impressions": "361324", "spend": "5339.5", "account_currency": "USD", "inline_link_clicks": "12",
                "date_start": "2025-03-14", "date_stop": "2025-04-12", "publisher_platform": "instagram",
                "video_p25_watched_actions": [{"action_type": "video_view", "value": "99"}]}  # fmt: skip

    row = one(json.dumps([{"ad_id": "7", "insights": {"data": [insights]}}]))

    assert (row.impressions, row.spend, row.currency, row.clicks) == (361324, Decimal("5339.5"), "USD", 12)
    assert (row.day, row.last_day) == (date(2025, 3, 14), date(2025, 4, 12))
    assert (row.network, row.placement, row.video_25) == ("meta", "instagram", 99)


@pytest.mark.parametrize("name", ["ad_group_ad.ad.id", "ad_group_ad_ad_id", "adGroupAd.ad.id", "ad_group_ad.ad_id"])
def test_googles_fields_of_ads_are_ids(name: str) -> None:
    row = one(table([{"campaign.id": 3, "ad_group.id": 4, name: 7, "id": 5, "segments.date": "2026-11-01",
                      "metrics.impressions": 10, "metrics.cost_micros": 5 * 10**6}]))  # fmt: skip

    assert (row.ad_id, row.day, row.impressions, row.spend) == ("7", date(2026, 11, 1), 10, Decimal(5))
    assert row.network == "google"


def test_answers_of_googles_api_are_read_as_they_are_nested() -> None:
    answer = {"campaign": {"resourceName": "customers/1/campaigns/3", "name": "Autumn", "id": "3"},
              "metrics": {"clicks": "4", "impressions": "90", "costMicros": "1500000"},
              "adGroupAd": {"resourceName": "customers/1/adGroupAds/5~7", "ad": {"id": "7", "name": "Sale"}},
              "segments": {"date": "2026-11-02"}}  # fmt: skip

    row = one(json.dumps({"results": [answer, {**answer, "adGroupAd": {"ad": {"id": "7"}}, "metrics": {}}]}))

    assert (row.ad_id, row.campaign, row.day) == ("7", "Autumn", date(2026, 11, 2))
    assert (row.clicks, row.impressions, row.spend) == (4, 90, Decimal("1.5"))


def test_answers_of_tiktoks_api_are_read_as_they_are_nested() -> None:
    answer = {"metrics": {"spend": "7.5", "impressions": "90", "clicks": "4", "video_watched_2s": "40"},
              "dimensions": {"ad_id": "7", "stat_time_day": "2026-11-02 00:00:00"}}  # fmt: skip

    row = one(json.dumps({"code": 0, "data": {"list": [answer], "page_info": {"page": 1}}}))

    assert (row.ad_id, row.day, row.network) == ("7", date(2026, 11, 2), "tiktok")
    assert (row.spend, row.impressions, row.video_views) == (Decimal("7.5"), 90, 40)


@pytest.mark.parametrize(
    ("columns", "spend", "currency"),
    [
        ({"cost_micros": "1250000"}, "1.25", None),
        ({"metrics.cost_micros": "1", "metrics.clicks": "1"}, "0.000001", None),
        ({"spend_usd": "1.25"}, "1.25", "USD"),
        ({"Cost (EUR)": "1.234,56"}, "1234.56", "EUR"),
        ({"Kosten (€)": "1.234,56"}, "1234.56", "EUR"),
        ({"Kosten in €": "1.234,56"}, "1234.56", "EUR"),
        ({"Kosten in EUR": "1.234,56"}, "1234.56", "EUR"),
        ({"Coût €": "1,5"}, "1.5", "EUR"),
        ({"Koszt [zł]": "1,5"}, "1.5", "PLN"),
        ({"Spend (US$)": "1.5"}, "1.5", "USD"),
        ({"Custo (R$)": "1,5"}, "1.5", "BRL"),
        ({"Cost ($)": "1.5"}, "1.5", None),
        ({"Cost": "€1,234.56"}, "1234.56", "EUR"),
        ({"Cost": "1 234,56 zł"}, "1234.56", "PLN"),
        ({"Cost": "1.25", "Currency": "gbp"}, "1.25", "GBP"),
        ({"Amount spent (all)": "3.5", "spend": "2.5"}, "2.5", None),
    ],
)
def test_money_has_its_unit_and_its_currency(columns: dict[str, str], spend: str, currency: str | None) -> None:
    row = one(table([{"ad_id": "7", "impressions": "10", **columns}]))

    assert (row.spend, row.currency) == (Decimal(spend), currency)


@pytest.mark.parametrize("written", ['="{}"', "'{}"])
def test_cells_that_are_marked_as_text_for_a_spreadsheet_are_what_they_show(written: str) -> None:
    cells = {"Ad ID": "1202", "Day": "2026-11-02", "Spend (EUR)": "1.234,50", "Clicks": "1.234"}

    row = one(table({name: written.format(cell) for name, cell in cells.items()} for _ in range(1)))

    assert (row.ad_id, row.day, row.spend, row.clicks) == ("1202", date(2026, 11, 2), Decimal("1234.5"), 1234)


def test_columns_of_numbers_that_are_not_read_are_named_in_one_line() -> None:
    line = {"ad_id": 7, "Day": "2026-11-02", "impressions": 5, "Clicks (all)": 3, "Link clicks": 2, "Adset ID": 99,
            "CTR": "1.5%", "Videowiedergabe bis 25 %": "50,0 %", "Reach": "1.234", "Name": "Autumn 2026",
            "note": "--"}  # fmt: skip

    found = read(table([line, {**line, "ad_id": 8, "Reach": "", "Name": "7"}]))

    assert found.notes == (
        "columns of numbers that are no results by their names, and were not read as such: "
        "videowiedergabe bis 25 %, reach",
    )


def test_money_without_a_currency_is_named_and_an_option_says_it() -> None:
    text = table([{"ad_id": "7", "cost": "$1.50"}])

    assert "--currency" in read(text).notes[0]
    (row,) = read(text, "CAD").rows
    assert (row.spend, row.currency) == (Decimal("1.5"), "CAD")


def test_two_currencies_are_never_added() -> None:
    lines = [{"ad_id": "7", "impressions": 5, "cost": "1.50", "currency": code, "age": code} for code in ("USD", "EUR")]

    found = read(table(lines))

    assert [(row.impressions, row.spend, row.currency) for row in found.rows] == [(10, None, None)]
    assert "several currencies" in found.notes[0]


def test_accounts_with_a_column_each_for_their_currency_all_have_their_money() -> None:
    reading = read(
        "Ad ID,Day,Amount spent (EUR),Amount spent (USD)\n"
        "1,2026-11-02,12.50,\n2,2026-11-02,,7.25\n3,2026-11-02,5.00,5.40\n"
    )

    assert {row.ad_id: (f"{row.spend:f}".rstrip("0"), row.currency) for row in reading.rows} == {
        "1": ("12.5", "EUR"),
        "2": ("7.25", "USD"),
        "3": ("5.", "EUR"),
    }
    assert [note for note in reading.notes if "two columns" in note] == [
        "1 line tells its money in two columns: 'amount spent (eur)' is read, 'amount spent (usd)' is not"
    ]


def test_each_clash_of_currencies_is_told_and_only_columns_that_are_there_are_unreadable() -> None:
    said = ((1, "EUR"), (1, "USD"), (2, ""), (2, "EUR"), (3, "EUR"))
    lines = [{"ad_id": "7", "day": f"2026-10-0{day}", "currency": code, "impressions": 5, "cost": day, "age": code}
             for day, code in said]  # fmt: skip

    found = read(table(lines))

    assert [(row.spend, row.unreadable) for row in found.rows] == [(None, ["spend"]), (None, ["spend"]), (3, [])]
    assert [note[:75] for note in found.notes] == [
        "ad 7: several currencies for one day and place (lines 2, 3): its money is l",
        "ad 7: EUR and an unknown currency for one day and place (lines 4, 5): its m",
    ]


def test_creatives_with_a_currency_each_are_no_clash() -> None:
    lines = [{"ad_id": "7", "image_url": f"https://x.test/{code}.png", "cost": 2, "currency": code}
             for code in ("EUR", "USD")]  # fmt: skip

    found = read(table(lines))

    assert [(row.spend, row.currency) for row in found.rows] == [(Decimal(2), "EUR"), (Decimal(2), "USD")]
    assert found.notes == ()


def test_rows_of_several_campaigns_name_none() -> None:
    lines = [{"Creative ID": 7, "Date": f"2026/10/0{day}", "Insertion Order": name, "impressions": n}
             for day, name, n in ((1, "A", 5), (1, "B", 7), (1, "", 1), (2, "A", 9), (2, "", 1))]  # fmt: skip

    found = read(table(lines))

    assert [(row.campaign, row.impressions) for row in found.rows] == [(None, 13), ("A", 10)]
    assert [note[:34] for note in found.notes] == ["1 row is of several campaigns of o"]


CONVERSIONS = (
    "actions:offsite_conversion.fb_pixel_purchase", "actions:onsite_conversion.lead_grouped", "actions:lead",
    "actions:omni_purchase", "actions:complete_registration", "actions:add_to_cart", "actions:mobile_app_install",
    "Website purchases", "Leads (form)", "Käufe", "conversions:subscribe_total",
)  # fmt: skip
OTHERS = (
    "reach", "actions:link_click", "Link clicks", "actions:landing_page_view", "video_thruplay_watched_actions",
    "actions:onsite_conversion.messaging_conversation_started_7d", "actions:post_engagement", "impressions", "",
)  # fmt: skip


@pytest.mark.parametrize("column", ["Result indicator", "Result type"])
def test_results_are_conversions_where_their_indicator_says_so(column: str) -> None:
    kinds = (*CONVERSIONS, *OTHERS)
    lines = [{"ad_id": at, "impressions": 9, "Results": 4, column: kind} for at, kind in enumerate(kinds)]

    found = read(table(lines))

    taken = [kind for kind, row in zip(kinds, found.rows, strict=True) if row.conversions == 4]
    assert taken == list(CONVERSIONS)
    assert found.notes == (
        "the results of 9 lines are no conversions, which stay unknown there: 'reach' in line 13, "
        "'actions:link_click' in line 14, 'Link clicks' in line 15, …",
    )


def test_purchases_beside_results_count_whatever_the_results_are() -> None:
    row = one(table([{"ad_id": 7, "Results": 900, "Result indicator": "reach", "Purchases": 2}]))

    assert row.conversions == 2


def test_results_without_an_indicator_are_conversions() -> None:
    assert one(table([{"ad_id": 7, "Results": 900}])).conversions == 900


def test_what_cannot_be_read_is_named_and_never_counts_as_nothing() -> None:
    lines = [{"ad_id": "7", "impressions": "1,000", "clicks": clicks, "age": clicks} for clicks in ("5", "many")]

    found = read(table(lines))

    (row,) = found.rows
    assert (row.impressions, row.clicks, row.unreadable) == (2000, None, ["clicks"])
    assert "'many' in line 3" in found.notes[0]


def test_a_day_that_cannot_be_read_is_named() -> None:
    found = read(table([{"ad_id": "7", "day": "03/04/2026", "impressions": "5"}]))

    assert [(row.day, row.unreadable) for row in found.rows] == [(None, ["day"])]
    assert "03/04/2026" in found.notes[0]
    assert "--date-order says it" in found.notes[0]
    assert found.notes[1:] == (
        "1 row is without a day, which could not be read: the next list without days takes their place",
    )


@pytest.mark.parametrize(
    ("name", "cells", "firsts"),
    [
        ("Week", ("2026-10-26 - 2026-11-01", "2026-11-02 - 2026-11-08"), (date(2026, 10, 26), date(2026, 11, 2))),
        ("Week", ("2026-10-26", "2026-11-02"), (date(2026, 10, 26), date(2026, 11, 2))),
        ("Day", ("26/10/2026 - 01/11/2026", "02/11/2026 - 08/11/2026"), (date(2026, 10, 26), date(2026, 11, 2))),
        ("Woche", ("2026-W44", "2026-W45"), (date(2026, 10, 26), date(2026, 11, 2))),
    ],
)
def test_a_report_by_week_is_a_row_a_week(name: str, cells: tuple[str, str], firsts: tuple[date, date]) -> None:
    found = read(f"Ad ID,{name},Impressions\n1,{cells[0]},700\n1,{cells[1]},800\nTotal,,1500\n")

    assert [(row.day, row.last_day, row.impressions) for row in found.rows] == [
        (first, first + timedelta(days=6), shown) for first, shown in zip(firsts, (700, 800), strict=True)
    ]


def test_a_line_with_more_cells_than_names_is_not_read_and_told() -> None:
    found = read("Ad ID,Impressions,Clicks\n1,1,234,7\n2,200,8\n3,300,9,\n")

    assert [(row.ad_id, row.impressions, row.clicks) for row in found.rows] == [("2", 200, 8), ("3", 300, 9)]
    assert any(note.startswith("1 line has more cells than the header has names") for note in found.notes)
    assert any("not read: line 2. Put" in note for note in found.notes)


def test_a_header_with_a_comma_of_its_own_is_told() -> None:
    listing = parsing.parse("Ad ID,Name,Budget, set,Impressions,Clicks\n1,a,5,100,7\n2,b,5,200,8\n", RESULTS)

    assert any(note.startswith("most lines have fewer cells than the header has names (6)") for note in listing.notes)
    assert parsing.parse("Ad ID,Impressions,Clicks\n1,100,7\n2,200\n3,5,5\n", RESULTS).notes == ()


def test_a_day_tells_more_than_the_month_beside_it() -> None:
    found = read("Ad ID,Month,Day,Impressions\n1,2026-11,2026-11-02,700\n1,2026-11,,90\n2,Nov 2026,,50\n")

    assert [(row.ad_id, row.day, row.last_day) for row in found.rows] == [
        ("1", date(2026, 11, 2), None),
        ("1", date(2026, 11, 1), date(2026, 11, 30)),
        ("2", date(2026, 11, 1), date(2026, 11, 30)),
    ]


@pytest.mark.parametrize(("order", "month"), [("dmy", 4), ("mdy", 3)])
def test_the_order_of_days_is_said_where_no_line_tells(order: DayOrder, month: int) -> None:
    lines = parsing.parse(table([{"ad_id": "7", "day": "03/04/2026", "impressions": "5"}]), RESULTS).lines
    told = parsing.parse(
        table([{"ad_id": "7", "day": day, "clicks": 5} for day in ("03/04/2026", "25/04/2026")]), RESULTS
    )

    (row,) = reading.read(lines, order=order).rows

    assert row.day == date(2026, month, 7 - month)
    assert [row.day for row in reading.read(told.lines, order=order).rows] == [date(2026, 4, 3), date(2026, 4, 25)]


def test_days_of_spreadsheets_are_read() -> None:
    found = read(table([{"ad_id": n, "Day": day, "clicks": 5} for n, day in enumerate(["15-Nov-26", "46341"])]))

    assert [row.day for row in found.rows] == [date(2026, 11, 15)] * 2


def test_dashes_are_no_number_and_no_fault() -> None:
    row = one(table([{"ad_id": "7", "impressions": "5", "conversions": "--", "cost": "N/A"}]))

    assert (row.conversions, row.spend, row.unreadable) == (None, None, [])


def test_parts_of_an_ads_day_are_added_and_lines_that_are_wholly_the_same_count_once() -> None:
    part = {"ad_id": "7", "day": "2026-11-02", "impressions": 5, "clicks": 1, "age": "18-24"}

    found = read(table([part, part, {**part, "age": "25-34"}]))

    assert [(row.impressions, row.clicks) for row in found.rows] == [(10, 2)]
    assert "1 line is wholly the same" in found.notes[0]


def test_an_ads_numbers_beside_each_of_its_creatives_count_once() -> None:
    lines = [{"ad_id": "7", "image_url": f"https://x.test/{n}.png", "impressions": 5} for n in range(3)]

    assert [(row.impressions, row.asset) for row in read(table(lines)).rows] == [(5, None)]


def test_creatives_reported_one_by_one_are_told_apart() -> None:
    lines = [{"ad_id": "7", "image_url": f"https://x.test/{n}.png", "impressions": 5 + n} for n in range(2)]

    found = [(row.impressions, row.asset) for row in read(table(lines)).rows]

    assert found == [(5, "https://x.test/0.png"), (6, "https://x.test/1.png")]


def test_lines_without_an_ad_are_counted() -> None:
    found = read(table([{"ad_id": "7", "impressions": 5}, {"ad_id": "--", "impressions": 5}]))

    assert len(found.rows) == 1
    assert "1 line has no ad's id" in found.notes[0]


@pytest.mark.parametrize(
    "label",
    ["Total", "TOTALS", "Total: Account", "Total of 6 results", "Gesamt: Konto", "Gesamtsumme", "Summe (3)",
     "Insgesamt", "Total général", "Total de 6 resultados", "Totale - account", "Totaal", "Suma", "Razem", "Всего",
     "Итого: 2", "合計", "总计：账号", "합계"],
)  # fmt: skip
@pytest.mark.parametrize("day", ["", "2026-11-02", None])
def test_a_total_that_stands_among_the_ids_is_no_ad(label: str, day: str | None) -> None:
    ads: list[dict[str, object]] = [{"ad_id": n, "day": "2026-11-02", "impressions": 5, "clicks": 2} for n in (7, 8)]
    total: dict[str, object] = {"ad_id": label, "day": day, "impressions": 10, "clicks": 4}
    lines = [*ads, total]

    found = read(
        table({name: cell for name, cell in line.items() if day is not None or name != "day"} for line in lines)
    )

    assert [row.ad_id for row in found.rows] == ["7", "8"]
    assert found.notes == (f"1 line is a total, no ad, and left out: {label!r} in line 4",)


def test_totals_of_days_and_of_all_of_them_are_no_ads() -> None:
    days = ("2026-11-01", "2026-11-02")
    ads = [{"ad_id": n, "day": day, "impressions": n, "date_stop": day} for n in (7, 8) for day in days]
    totals = [{"ad_id": "Total", "day": day, "impressions": 15, "date_stop": day} for day in days]
    whole = {"ad_id": "Total", "day": days[0], "impressions": 30, "date_stop": days[1]}

    found = read(table([whole, *ads, *totals]))

    assert sum(row.impressions or 0 for row in found.rows) == 30
    assert found.notes[0].startswith("3 lines are totals")


@pytest.mark.parametrize(
    "line",
    [
        {"ad_id": "Total", "day": "2026-11-02", "impressions": 9},
        {"ad_id": "Total", "day": "2026-11-02", "impressions": 5, "image_url": "https://x.test/1.png"},
        {"ad_id": "Total", "impressions": 5, "image_url": "https://x.test/1.png"},
        {"ad_id": "total-bundle", "impressions": 5},
        {"ad_id": "Summer", "impressions": 5},
        {"ad_id": "total_7", "impressions": 5},
    ],
)
def test_an_ad_that_is_called_like_a_total_stays_one(line: dict[str, object]) -> None:
    other = {"ad_id": "7", "day": "2026-11-02", "impressions": 5, "image_url": "https://x.test/0.png"}

    rows = read(table([other, {name: line.get(name) for name in other}])).rows

    assert [row.ad_id for row in rows] == ["7", line["ad_id"]]


def test_a_list_without_results_has_none() -> None:
    listing = parsing.parse("ad_id,url\n7,https://x.test/1.png\n")

    found = reading.read(listing.lines)

    assert (list(found.rows), found.lines, found.notes) == ([], 0, ())


def test_an_export_without_ids_says_what_is_missing() -> None:
    with pytest.raises(NotAListError, match="with the ads' ids"):
        parsing.parse("name,impressions\nx,5\n", RESULTS)


COUNT = st.integers(0, 10**9)


@given(
    lines=st.lists(
        st.fixed_dictionaries(
            {
                "ad_id": st.sampled_from(["a", "b", "c"]),
                "day": st.sampled_from(["2026-11-01", "2026-11-02", ""]),
                "placement": st.sampled_from(["feed", "story", ""]),
                "impressions": COUNT,
                "clicks": COUNT,
                "cost_micros": COUNT,
            }
        ),
        min_size=1,
        max_size=12,
    )
)
def test_sums_are_those_of_the_lines(lines: list[dict[str, object]]) -> None:
    numbered = [{**line, "part": number} for number, line in enumerate(lines)]

    rows = read(table(numbered)).rows

    for name, field, unit in (
        ("impressions", "impressions", 1),
        ("clicks", "clicks", 1),
        ("cost_micros", "spend", 10**6),
    ):
        assert sum(getattr(row, field) for row in rows) * unit == sum(line[name] for line in lines)  # type: ignore[misc]
    assert len({(row.ad_id, row.day, row.placement) for row in rows}) == len(rows)


@pytest.mark.slow
def test_a_list_five_times_as_long_takes_no_more_memory(tmp_path: Path) -> None:
    peaks = []
    for lines in (100, 500):
        path = tmp_path / f"{lines}.csv"
        path.write_text(
            table({"ad_id": n, "day": "2026-11-02", "impressions": n, "name": "x" * 1000} for n in range(lines))
        )
        with memory() as peak:
            rows = reading.read(listfiles.read(path, "ads.csv", RESULTS).lines).rows
            total = sum(row.impressions or 0 for row in rows)
        assert (len(rows), rows.n_ads, total) == (lines, lines, sum(range(lines)))
        peaks += peak

    assert peaks[1] < 1.5 * peaks[0]


@pytest.mark.parametrize(
    ("heading", "cells"),
    [
        ("Berichtsstart,Berichtsende", "2026-10-01,2026-10-01"),
        ("Start Date (in UTC)", "2026-10-01"),
        ("By Hour", "2026-10-01 13:00"),
    ],
)
def test_days_are_read_by_the_names_that_exports_have(heading: str, cells: str) -> None:
    row = one(f"Ad ID,Impressions,{heading}\n7,5,{cells}\n")

    assert (row.day, row.last_day) == (date(2026, 10, 1), None)


@pytest.mark.parametrize(
    "day", ["2026-10-01", "10/31/2026", "31.10.2026", "2026-10", "2026-W40", "2026-10-01 00:00:00"]
)
def test_a_column_of_days_that_no_name_tells_is_named(day: str) -> None:
    found = read(table([{"ad_id": 7, "TimePeriod": day, "impressions": 5}]))

    assert [row.day for row in found.rows] == [None]
    (note,) = found.notes
    assert "these look like it: timeperiod. Call one of them 'day'" in note


def test_days_beside_the_one_that_is_read_are_nothing_to_tell() -> None:
    found = read(table([{"ad_id": 7, "Day": "2026-10-01", "Created": "2026-09-01", "impressions": 5}]))

    assert found.notes == ()


def test_days_to_come_are_told() -> None:
    found = read(table([{"ad_id": 7, "Day": f"{year}-01-02", "impressions": 5} for year in (2020, 9998, 9999)]))

    assert [row.day for row in found.rows] == [date(year, 1, 2) for year in (2020, 9998, 9999)]
    assert found.notes == ("2 rows are of days to come, e.g. 9998-01-02 in line 3: are day and month as meant?",)


FOOTER = (
    "\nReport Time:,2026/11/27 09:00 GMT\nDate Range:,2026/11/01 to 2026/11/02\nGroup By:,Date\n"
    "MRC Accredited Metrics,Active View metrics are accredited\nFilter by Advertiser ID:,4711\n"
)


@pytest.mark.parametrize("second", ["Date", "Impressions", "Campaign name"])
def test_what_is_said_below_a_table_is_no_ad(second: str) -> None:
    cells = {"Date": "2026/11/01", "Impressions": "5", "Campaign name": "Autumn"}
    names = sorted(cells, key=lambda name: name != second)
    line = ",".join(cells[name] for name in names)
    total = ",".join("5" if name == "Impressions" else "" for name in names)

    found = read(f"Creative ID,{','.join(names)}\n7,{line}\n,{total}\n{FOOTER}")

    assert [(row.ad_id, row.day, row.impressions) for row in found.rows] == [("7", date(2026, 11, 1), 5)]
    assert found.notes == (
        "1 line has no ad's id or address, and is no ad's (a total, say)",
        "5 lines have no results",
    )


def test_what_is_said_below_a_table_that_begins_with_days_is_no_ad() -> None:
    found = read(f"Date,Creative ID,Impressions\n2026/11/01,7,5\n2026/11/02,7,6\n,,11\n{FOOTER}")

    assert [(row.ad_id, row.day, row.impressions) for row in found.rows] == [
        ("7", date(2026, 11, 1), 5),
        ("7", date(2026, 11, 2), 6),
    ]
    assert found.notes[-1] == "5 lines have no results"
    assert len(found.notes) == 2


def test_what_is_said_below_a_table_of_two_columns_is_no_ad() -> None:
    found = read(f"Creative ID,Impressions\n7,5\n8,many\n{FOOTER}")

    assert [(row.ad_id, row.impressions, row.unreadable) for row in found.rows] == [
        ("7", 5, []),
        ("8", None, ["impressions"]),
    ]


def test_an_ad_without_numbers_has_no_results_and_one_whose_number_cannot_be_read_has() -> None:
    found = read("Ad ID,Day,Clicks,Name\n7,yesterday,,x\n8,2026-11-01,many,x\n")

    assert [(row.ad_id, row.unreadable) for row in found.rows] == [("8", ["clicks"])]
    assert found.notes[-1] == "1 line has no results"


def test_more_clicks_than_impressions_are_told() -> None:
    found = read(table([{"ad_id": n, "impressions": 5, "clicks": n} for n in (5, 6, 7)]))

    assert found.notes == (
        "2 rows have more clicks than impressions, e.g. ad '6' in line 3: are the columns as meant?",
    )


def test_money_that_is_not_available_is_told_once() -> None:
    found = read(table([{"ad_id": n, "impressions": 5, "spend_eur": cell} for n, cell in enumerate(["n/a", "", "1"])]))

    assert found.notes == ("spend: 1 of 3 lines have 'N/A' or the like, which counts as unknown, not as 0",)


@pytest.mark.parametrize("widest", ["All", "Alle", "total", ""])
def test_the_sum_of_a_breakdown_is_left_out(widest: str) -> None:
    lines = [
        {"ad_id": 7, "Day": "2026-10-01", "Age": age, "impressions": n, "clicks": n // 100, "spend_eur": n / 100}
        for age, n in [(widest, 300), ("18-24", 100), ("25-34", 200)]
    ]

    found = read(table(lines))

    assert [(row.impressions, row.clicks, row.spend) for row in found.rows] == [(300, 3, Decimal(3))]
    assert found.notes == ("1 line is the sum of others of the same ad and day, left out: 2",)


def test_sums_within_two_breakdowns_are_left_out() -> None:
    numbers = {("All", "All"): 60, ("18-24", "All"): 20, ("25-34", "All"): 40, ("All", "m"): 25, ("All", "f"): 35,
               ("18-24", "m"): 5, ("18-24", "f"): 15, ("25-34", "m"): 20, ("25-34", "f"): 20}  # fmt: skip

    found = read(
        table([{"ad_id": 7, "Age": age, "Gender": who, "impressions": n} for (age, who), n in numbers.items()])
    )

    assert [row.impressions for row in found.rows] == [60]


@pytest.mark.parametrize("n", [299, 0])
def test_what_is_no_sum_of_the_others_counts(n: int) -> None:
    lines = [{"ad_id": 7, "Age": age, "impressions": i} for age, i in [("", n), ("18-24", 100), ("25-34", 200)]]

    assert [row.impressions for row in read(table(lines)).rows] == [n + 300]


def test_money_spent_tells_meta_only_with_its_currency_in_the_name() -> None:
    line = {"Ad ID": 7, "Currency": "GBP", "Amount Spent": "7.77", "Swipe Ups": 9}

    assert one(table([line])).network is None
    assert one(table([{"Ad ID": 7, "Amount spent (GBP)": "7.77"}])).network == "meta"


def counted(**values: str) -> list[dict[str, str]]:
    return [{"action_type": name.replace("__", "."), "value": value} for name, value in values.items()]


@pytest.mark.parametrize(
    ("actions", "conversions"),
    [
        (counted(link_click="7", purchase="3"), 3),
        (counted(purchase="3", omni_purchase="4", offsite_conversion__fb_pixel_purchase="3"), 4),
        (counted(offsite_conversion__fb_pixel_purchase="2", web_in_store_purchase="2"), 2),
        (counted(link_click="7", post_engagement="9"), None),
        ([{**counted(purchase="3")[0], "7d_click": "2"}], 3),
        ([], None),
    ],
)
def test_of_metas_actions_purchases_are_conversions_and_never_added(
    actions: list[dict[str, str]], conversions: int | None
) -> None:
    told = {"ad_id": "7", "impressions": "10", "spend": "2", "account_currency": "EUR", "date_start": "2026-11-02"}
    values = [{**each, "value": f"{each['value']}.50"} for each in actions]

    found = read(json.dumps({"data": [{**told, "actions": actions, "action_values": values}]}))

    (row,) = found.rows
    assert row.conversions == conversions
    assert row.conversion_value == (None if conversions is None else conversions + Decimal("0.5"))
    assert (row.network, row.currency, found.notes) == ("meta", "EUR", ())


def test_actions_are_read_in_a_cell_of_a_table_too() -> None:
    cells = [json.dumps(counted(link_click="7", purchase="3")), "[]", "[{broken", ""]

    found = read(table([{"ad_id": n, "impressions": 9, "actions": cell} for n, cell in enumerate(cells)]))

    assert [row.conversions for row in found.rows] == [3, None, None, None]


def test_quarters_of_videos_are_read_among_metas_actions() -> None:
    quarters = {f"video_p{part}_watched_actions": counted(video_view=f"{100 - part}") for part in (25, 50, 75, 100)}

    row = one(json.dumps([{"ad_id": "7", "impressions": "10", **quarters, "actions": counted(video_view="90")}]))

    assert (row.video_25, row.video_50, row.video_75, row.video_100) == (75, 50, 25, 0)


def test_parts_of_purchases_by_device_are_added_and_those_without_a_number_are_named() -> None:
    parts = [{"action_type": "purchase", "action_device": device, "value": n} for device, n in (("a", "2"), ("b", "3"))]
    lines = [
        {"ad_id": n, "impressions": 9, "actions": actions}
        for n, actions in enumerate((parts, counted(purchase="many")))
    ]

    found = read(json.dumps(lines))

    assert [(row.conversions, row.unreadable) for row in found.rows] == [(5, []), (None, ["conversions"])]


def test_numbers_that_apis_nest_and_that_are_not_read_are_named() -> None:
    clicks = counted(link_click="3", comment="7")

    found = read(json.dumps([{"ad_id": "7", "impressions": "10", "outbound_clicks_ctr_by": clicks}]))

    assert [note.rpartition(": ")[2] for note in found.notes] == ["outbound_clicks_ctr_by"]
