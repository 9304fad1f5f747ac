"""The tables that BigQuery's transfers make, as far as infra/transfers reads them: columns as Google documents them."""

from collections.abc import Mapping

PLACES: Mapping[str, str] = {
    "google_ads": "my-project.creatives",
    "customer_id": "1234567890",
    "facebook_ads": "my-project.creatives",
    "dv360": "my-project.creatives.dv360_report",
}
"""What is put in for the places of the statements."""

TABLES: Mapping[str, Mapping[str, str]] = {
    "ads_Customer_1234567890": {
        "customer_id": "INT64", "customer_currency_code": "STRING", "_DATA_DATE": "DATE", "_LATEST_DATE": "DATE",
    },
    "ads_Campaign_1234567890": {
        "campaign_id": "INT64", "campaign_name": "STRING", "_DATA_DATE": "DATE", "_LATEST_DATE": "DATE",
    },
    "ads_AdBasicStats_1234567890": {
        "ad_group_ad_ad_id": "INT64", "campaign_id": "INT64", "customer_id": "INT64", "segments_date": "DATE",
        "segments_ad_network_type": "STRING", "segments_device": "STRING", "metrics_impressions": "INT64",
        "metrics_clicks": "INT64", "metrics_cost_micros": "INT64", "metrics_conversions": "FLOAT64",
        "metrics_conversions_value": "FLOAT64", "_DATA_DATE": "DATE", "_LATEST_DATE": "DATE",
    },
    "AdInsights": {
        "AdId": "STRING", "DateStart": "TIMESTAMP", "DateEnd": "TIMESTAMP", "CampaignName": "STRING",
        "Impressions": "INT64", "InlineLinkClicks": "INT64", "Spend": "FLOAT64", "AccountCurrency": "STRING",
    },
    "dv360_report": {
        "Date": "DATE", "Creative_ID": "INT64", "Insertion_Order": "STRING", "Advertiser_Currency": "STRING",
        "Impressions": "INT64", "Clicks": "INT64", "Revenue_Adv_Currency": "FLOAT64", "Total_Conversions": "FLOAT64",
        "Starts_Video": "INT64", "First_Quartile_Views_Video": "INT64", "Midpoint_Views_Video": "INT64",
        "Third_Quartile_Views_Video": "INT64", "Complete_Views_Video": "INT64",
    },
}  # fmt: skip
