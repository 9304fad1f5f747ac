-- Results of creatives from a report of Display & Video 360 that is exported to BigQuery or loaded there, for a scheduled
-- query that runs each day after it.
-- @run_date DATE
--
-- Put in for ${project}.${dataset} the dataset of this pipeline, and for ${dv360} the report's table. The report has the
-- dimensions Date, Creative ID, Insertion Order, Advertiser Currency and the metrics below, under names that BigQuery
-- allows. An ad of Display & Video 360 goes by the id of its creative.
-- Columns: developers.google.com/bid-manager/reference/rest/current/filters-metrics, read in November 2026.
INSERT INTO `${project}.${dataset}.results` (
  schema_version, event_id, occurred_at, ad_id, day, network, campaign, impressions, clicks, spend, currency, conversions,
  video_views, video_25, video_50, video_75, video_100, source
)
SELECT
  1 AS schema_version,
  FORMAT('dv360-%t', @run_date) AS event_id,
  CURRENT_TIMESTAMP() AS occurred_at,
  CAST(Creative_ID AS STRING) AS ad_id,
  Date AS day,
  'dv360' AS network,
  MIN(Insertion_Order) AS campaign,
  SUM(Impressions) AS impressions,
  SUM(Clicks) AS clicks,
  ROUND(CAST(SUM(Revenue_Adv_Currency) AS NUMERIC), 9) AS spend,
  MIN(Advertiser_Currency) AS currency,
  ROUND(CAST(SUM(Total_Conversions) AS NUMERIC), 9) AS conversions,
  SUM(Starts_Video) AS video_views,
  SUM(First_Quartile_Views_Video) AS video_25,
  SUM(Midpoint_Views_Video) AS video_50,
  SUM(Third_Quartile_Views_Video) AS video_75,
  SUM(Complete_Views_Video) AS video_100,
  'dv360' AS source
FROM `${dv360}`
WHERE Date >= DATE_SUB(@run_date, INTERVAL 30 DAY)
  AND Creative_ID IS NOT NULL
GROUP BY Creative_ID, Date
HAVING COUNT(DISTINCT Advertiser_Currency) <= 1 -- two currencies are never added
