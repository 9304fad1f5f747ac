-- Results of ads from BigQuery's transfer of Facebook Ads, for a scheduled query that runs each day after the transfer.
-- @run_date DATE
--
-- Put in for ${project}.${dataset} the dataset of this pipeline, for ${facebook_ads} the transfer's as project.dataset. The
-- transfer is to report each day by itself (TimeIncrement 1) and each ad by itself (Level ad); other rows are left out.
-- Tables and columns: cloud.google.com/bigquery/docs/facebook-ads-transformation, read in November 2026.
INSERT INTO `${project}.${dataset}.results` (
  schema_version, event_id, occurred_at, ad_id, day, network, campaign, impressions, clicks, spend, currency, source
)
SELECT
  1 AS schema_version,
  FORMAT('facebook_ads-%t', @run_date) AS event_id,
  CURRENT_TIMESTAMP() AS occurred_at,
  AdId AS ad_id,
  DATE(DateStart) AS day,
  'meta' AS network,
  CampaignName AS campaign,
  Impressions AS impressions,
  InlineLinkClicks AS clicks,
  ROUND(CAST(Spend AS NUMERIC), 9) AS spend,
  AccountCurrency AS currency,
  'facebook_ads' AS source
FROM `${facebook_ads}.AdInsights`
WHERE DATE(DateStart) >= DATE_SUB(@run_date, INTERVAL 30 DAY)
  AND DATE(DateStart) = DATE(DateEnd)
  AND AdId IS NOT NULL
QUALIFY
  ROW_NUMBER() OVER (PARTITION BY AdId, DATE(DateStart) ORDER BY Impressions DESC, Spend DESC, CampaignName) = 1
