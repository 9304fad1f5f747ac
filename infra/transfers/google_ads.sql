-- Results of ads from BigQuery's transfer of Google Ads, for a scheduled query that runs each day after the transfer.
-- @run_date DATE
--
-- Put in for ${project}.${dataset} the dataset of this pipeline, for ${google_ads} the transfer's as project.dataset, and
-- for ${customer_id} the account's number. The last 30 days are read: conversions come late, and the newest row holds.
-- Tables and columns: docs.cloud.google.com/bigquery/docs/google-ads-transformation, read in November 2026.
INSERT INTO `${project}.${dataset}.results` (
  schema_version, event_id, occurred_at, ad_id, day, network, campaign, placement, impressions, clicks, spend, currency,
  conversions, conversion_value, source
)
WITH accounts AS (
  SELECT customer_id, MIN(customer_currency_code) AS currency
  FROM `${google_ads}.ads_Customer_${customer_id}`
  WHERE _DATA_DATE = _LATEST_DATE
  GROUP BY customer_id
),

campaigns AS (
  SELECT campaign_id, MIN(campaign_name) AS campaign
  FROM `${google_ads}.ads_Campaign_${customer_id}`
  WHERE _DATA_DATE = _LATEST_DATE
  GROUP BY campaign_id
)

SELECT
  1 AS schema_version,
  FORMAT('google_ads-%t', @run_date) AS event_id,
  CURRENT_TIMESTAMP() AS occurred_at,
  CAST(stats.ad_group_ad_ad_id AS STRING) AS ad_id,
  stats.segments_date AS day,
  'google' AS network,
  MIN(campaigns.campaign) AS campaign,
  stats.segments_ad_network_type AS placement,
  SUM(stats.metrics_impressions) AS impressions,
  SUM(stats.metrics_clicks) AS clicks,
  CAST(SUM(stats.metrics_cost_micros) / NUMERIC '1000000' AS NUMERIC) AS spend,
  MIN(accounts.currency) AS currency,
  ROUND(CAST(SUM(stats.metrics_conversions) AS NUMERIC), 9) AS conversions,
  ROUND(CAST(SUM(stats.metrics_conversions_value) AS NUMERIC), 9) AS conversion_value,
  'google_ads' AS source
FROM `${google_ads}.ads_AdBasicStats_${customer_id}` AS stats
LEFT JOIN accounts ON accounts.customer_id = stats.customer_id
LEFT JOIN campaigns ON campaigns.campaign_id = stats.campaign_id
WHERE stats.segments_date >= DATE_SUB(@run_date, INTERVAL 30 DAY)
GROUP BY stats.ad_group_ad_ad_id, stats.segments_date, stats.segments_ad_network_type
