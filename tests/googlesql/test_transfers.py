"""What the statements over BigQuery's transfers make of their tables, by Google's reference implementation."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.googlesql import transfers
from tests.googlesql.catalog import filled, of_tables
from tests.googlesql.engine import Engine
from tests.googlesql.evaluator import Evaluator
from tests.googlesql.statements import files

DAY = date(2026, 11, 2)
GOOGLE_STATS = {
    "ad_group_ad_ad_id": 7, "campaign_id": 1, "customer_id": 5, "segments_date": DAY,
    "segments_ad_network_type": "SEARCH", "metrics_impressions": 100, "metrics_clicks": 3,
    "metrics_cost_micros": 1_250_000, "metrics_conversions": 0.5, "metrics_conversions_value": 9.99,
}  # fmt: skip
META = {
    "AdId": "7", "DateStart": datetime(2026, 11, 2, tzinfo=UTC), "DateEnd": datetime(2026, 11, 2, tzinfo=UTC),
    "CampaignName": "A", "Impressions": 100, "InlineLinkClicks": 3, "Spend": 1.25, "AccountCurrency": "EUR",
}  # fmt: skip
REPORT = {
    "Date": DAY, "Creative_ID": 7, "Insertion_Order": "A", "Advertiser_Currency": "EUR", "Impressions": 50,
    "Clicks": 1, "Revenue_Adv_Currency": 0.625, "Total_Conversions": 0.25, "Complete_Views_Video": 4,
}  # fmt: skip
ROWS: dict[str, dict[str, list[dict[str, Any]]]] = {
    "google_ads": {
        "ads_AdBasicStats_1234567890": [
            {**GOOGLE_STATS, "segments_device": device} for device in ("MOBILE", "DESKTOP")
        ],
        "ads_Customer_1234567890": [
            {"customer_id": 5, "customer_currency_code": "EUR", "_DATA_DATE": DAY, "_LATEST_DATE": DAY}
        ],
        "ads_Campaign_1234567890": [
            {"campaign_id": 1, "campaign_name": name, "_DATA_DATE": day, "_LATEST_DATE": DAY}
            for name, day in (("A", DAY), ("0 before", date(2026, 11, 1)))
        ],
    },
    "facebook_ads": {"AdInsights": [META, {**META, "DateEnd": datetime(2026, 11, 9, tzinfo=UTC)}]},
    "dv360": {"dv360_report": [REPORT, REPORT, {**REPORT, "Creative_ID": None}]},
}


@pytest.mark.parametrize(
    ("name", "impressions", "spend", "conversions"),
    [("google_ads", 200, "2.5", "1"), ("facebook_ads", 100, "1.25", None), ("dv360", 100, "1.25", "0.5")],
)
def test_an_ads_day_is_one_row_with_its_money(
    google: Engine, name: str, impressions: int, spend: str, conversions: str | None
) -> None:
    text = dict(files())[f"infra/transfers/{name}.sql"]
    heading, _, rest = text.partition("INSERT INTO")
    query = heading + rest[rest.index(")") + 1 :]  # what is inserted
    rows = {
        table: [dict.fromkeys(transfers.TABLES[table]) | row for row in found] for table, found in ROWS[name].items()
    }

    (row,) = Evaluator(of_tables(google), rows).query(filled(query), {"run_date": date(2026, 11, 3)})

    assert (row["ad_id"], row["day"], row["campaign"], row["currency"]) == ("7", DAY, "A", "EUR")
    assert (row["impressions"], row["spend"]) == (impressions, Decimal(spend))
    assert row.get("conversions") == (Decimal(conversions) if conversions else None)
