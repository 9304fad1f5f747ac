-- What ads got, as it was reported last. One row per (ad_id, day, network, placement, asset).
--
-- Ads that nothing was reported of have what their own row of the raw-ads table says, in columns of these names:
-- impressions, clicks, spend (cost, amount_spent, with a currency at its end or in `currency`; cost_micros), conversions
-- (purchases), conversion_value, video_views, video_25 … video_100, day (date), network, campaign, placement. What is no
-- number there is null, and named in `unreadable`.
--
-- `overlaps` marks a row beside which another report tells of the same ad and time in more detail (by day, network,
-- placement or creative): adding both would count twice.
WITH reported AS (
  SELECT * EXCEPT (schema_version)
  FROM `${project}.${dataset}.results`
  WHERE TRUE
  QUALIFY
    ROW_NUMBER() OVER (
      PARTITION BY ad_id, day, network, placement, asset
      ORDER BY occurred_at DESC, event_id, source, campaign, impressions, clicks, spend
    ) = 1
),

raw_texts AS (
  SELECT
    CAST(raw.`${raw_ad_id}` AS STRING) AS ad_id,
    TO_JSON_STRING(raw) AS row_text
  FROM `${raw_ads}` AS raw
  WHERE ${raw_ads_filter}
),

-- Once per row, whatever its columns are called: names in small letters, as JSON.
raw_rows AS (
  SELECT DISTINCT ad_id, row_text, LOWER(row_text) AS small_text
  FROM raw_texts
  WHERE COALESCE(REGEXP_CONTAINS(ad_id, r'[^\s\pZ\x0b\x1c-\x1f\x85]'), FALSE)
),

raw_values AS (
  SELECT
    ad_id,
    SAFE_CAST(SUBSTR(COALESCE(JSON_VALUE(small_text, '$.day'), JSON_VALUE(small_text, '$.date')), 1, 10) AS DATE) AS day,
    COALESCE(JSON_VALUE(small_text, '$.network'), JSON_VALUE(small_text, '$.platform')) AS network,
    COALESCE(
      JSON_VALUE(row_text, '$.campaign'), JSON_VALUE(row_text, '$.campaign_name'), JSON_VALUE(row_text, '$.Campaign')
    ) AS campaign,
    JSON_VALUE(small_text, '$.placement') AS placement,
    JSON_VALUE(small_text, '$.impressions') AS impressions,
    JSON_VALUE(small_text, '$.clicks') AS clicks,
    COALESCE(
      JSON_VALUE(small_text, '$.spend'),
      JSON_VALUE(small_text, '$.cost'),
      JSON_VALUE(small_text, '$.amount_spent'),
      REGEXP_EXTRACT(small_text, r'[{,]"(?:spend|cost|amount_spent)_[a-z]{3}":"?([^",}]+)')
    ) AS spend,
    JSON_VALUE(small_text, '$.cost_micros') AS micros,
    UPPER(
      COALESCE(
        REGEXP_EXTRACT(small_text, r'[{,]"(?:spend|cost|amount_spent)_([a-z]{3})":'),
        REGEXP_EXTRACT(JSON_VALUE(small_text, '$.currency'), r'^[a-z]{3}$')
      )
    ) AS currency,
    COALESCE(JSON_VALUE(small_text, '$.conversions'), JSON_VALUE(small_text, '$.purchases')) AS conversions,
    JSON_VALUE(small_text, '$.conversion_value') AS conversion_value,
    JSON_VALUE(small_text, '$.video_views') AS video_views,
    JSON_VALUE(small_text, '$.video_25') AS video_25,
    JSON_VALUE(small_text, '$.video_50') AS video_50,
    JSON_VALUE(small_text, '$.video_75') AS video_75,
    JSON_VALUE(small_text, '$.video_100') AS video_100
  FROM raw_rows
),

raw_numbers AS (
  SELECT
    ad_id,
    day,
    network,
    campaign,
    placement,
    currency,
    SAFE_CAST(impressions AS INT64) AS impressions,
    SAFE_CAST(clicks AS INT64) AS clicks,
    COALESCE(SAFE_CAST(NULLIF(spend, 'null') AS NUMERIC), SAFE_CAST(micros AS NUMERIC) / 1000000) AS spend,
    SAFE_CAST(conversions AS NUMERIC) AS conversions,
    SAFE_CAST(conversion_value AS NUMERIC) AS conversion_value,
    SAFE_CAST(video_views AS INT64) AS video_views,
    SAFE_CAST(video_25 AS INT64) AS video_25,
    SAFE_CAST(video_50 AS INT64) AS video_50,
    SAFE_CAST(video_75 AS INT64) AS video_75,
    SAFE_CAST(video_100 AS INT64) AS video_100,
    impressions IS NOT NULL AND SAFE_CAST(impressions AS INT64) IS NULL AS bad_impressions,
    clicks IS NOT NULL AND SAFE_CAST(clicks AS INT64) IS NULL AS bad_clicks,
    (NULLIF(spend, 'null') IS NOT NULL AND SAFE_CAST(spend AS NUMERIC) IS NULL)
    OR (micros IS NOT NULL AND SAFE_CAST(micros AS NUMERIC) IS NULL) AS bad_spend,
    conversions IS NOT NULL AND SAFE_CAST(conversions AS NUMERIC) IS NULL AS bad_conversions
  FROM raw_values
),

raw_results AS (
  SELECT
    'raw_ads' AS event_id,
    CAST(NULL AS TIMESTAMP) AS occurred_at,
    ad_id,
    day,
    CAST(NULL AS DATE) AS last_day,
    network,
    MIN(campaign) AS campaign,
    placement,
    CAST(NULL AS STRING) AS asset,
    IF(LOGICAL_OR(bad_impressions), NULL, SUM(impressions)) AS impressions,
    IF(LOGICAL_OR(bad_clicks), NULL, SUM(clicks)) AS clicks,
    IF(LOGICAL_OR(bad_spend) OR COUNT(DISTINCT IF(spend IS NULL, NULL, COALESCE(currency, ''))) > 1, NULL, SUM(spend)) AS spend,
    IF(COUNT(DISTINCT IF(spend IS NULL, NULL, COALESCE(currency, ''))) > 1, NULL, MIN(IF(spend IS NULL, NULL, currency)))
      AS currency,
    IF(LOGICAL_OR(bad_conversions), NULL, SUM(conversions)) AS conversions,
    SUM(conversion_value) AS conversion_value,
    SUM(video_views) AS video_views,
    SUM(video_25) AS video_25,
    SUM(video_50) AS video_50,
    SUM(video_75) AS video_75,
    SUM(video_100) AS video_100,
    'raw_ads' AS source,
    ARRAY_CONCAT(
      IF(LOGICAL_OR(bad_impressions), ['impressions'], []),
      IF(LOGICAL_OR(bad_clicks), ['clicks'], []),
      IF(LOGICAL_OR(bad_spend), ['spend'], []),
      IF(LOGICAL_OR(bad_conversions), ['conversions'], [])
    ) AS unreadable
  FROM raw_numbers
  WHERE
    bad_impressions OR bad_clicks OR bad_spend OR bad_conversions
    OR COALESCE(impressions, clicks, spend, conversions, conversion_value, video_views) IS NOT NULL
  GROUP BY ad_id, day, network, placement
),

everything AS (
  SELECT * FROM reported
  UNION ALL
  SELECT raw_results.*
  FROM raw_results
  LEFT JOIN (SELECT DISTINCT ad_id FROM reported) AS known ON known.ad_id = raw_results.ad_id
  WHERE known.ad_id IS NULL
)

SELECT
  ad_id,
  day,
  last_day,
  network,
  campaign,
  placement,
  asset,
  impressions,
  clicks,
  spend,
  currency,
  conversions,
  conversion_value,
  video_views,
  video_25,
  video_50,
  video_75,
  video_100,
  source,
  unreadable,
  COALESCE(
    (day IS NULL AND MIN(IF(day IS NULL, NULL, occurred_at)) OVER of_ad != occurred_at)
    OR (
      last_day IS NOT NULL
      AND MIN(IF(last_day IS NULL, day, NULL)) OVER of_ad <= last_day
      AND MAX(IF(last_day IS NULL, day, NULL)) OVER of_ad >= day
    )
    OR (network IS NULL AND MIN(IF(network IS NULL, NULL, occurred_at)) OVER of_day != occurred_at)
    OR (placement IS NULL AND MIN(IF(placement IS NULL, NULL, occurred_at)) OVER of_network != occurred_at)
    OR (asset IS NULL AND MIN(IF(asset IS NULL, NULL, occurred_at)) OVER of_placement != occurred_at),
    FALSE
  ) AS overlaps,
  occurred_at AS reported_at
FROM everything
WINDOW
  of_ad AS (PARTITION BY ad_id),
  of_day AS (PARTITION BY ad_id, day),
  of_network AS (PARTITION BY ad_id, day, network),
  of_placement AS (PARTITION BY ad_id, day, network, placement)
