-- What all ads of a canonical creative got, by day and network. One row per canonical creative, or set of them, day, network and currency.
--
-- The sums of all rows are those of `current_results`, of each column by itself; amounts of two currencies are never in
-- one row. An ad that shows several creatives counts once, in a row of its set, which has no canonical_id; ads whose creative is
-- not known are in a row without either. A sum is null where nobody reported a number, and has only those that were:
-- `n_unreadable` counts the rows with a number that could not be read, `n_overlapping` those that tell again what another
-- report tells in more detail.
SELECT
  canonical_id,
  creative_set,
  n_creatives,
  day,
  last_day,
  network,
  currency,
  COUNT(DISTINCT ad_id) AS n_ads,
  COUNT(DISTINCT campaign) AS n_campaigns,
  SUM(impressions) AS impressions,
  SUM(clicks) AS clicks,
  SUM(spend) AS spend,
  SUM(conversions) AS conversions,
  SUM(conversion_value) AS conversion_value,
  SUM(video_views) AS video_views,
  SUM(video_25) AS video_25,
  SUM(video_50) AS video_50,
  SUM(video_75) AS video_75,
  SUM(video_100) AS video_100,
  COUNTIF(ARRAY_LENGTH(unreadable) > 0) AS n_unreadable,
  COUNTIF(overlaps) AS n_overlapping
FROM `${project}.${dataset}.current_shown_results`
GROUP BY canonical_id, creative_set, n_creatives, day, last_day, network, currency
