-- What canonical creatives got by day, network and campaign, of those with most impressions and of the last days that are
-- told; numbers that were reported together stay together. The last day is today at most: one wrong day of years to come
-- would hide all others.
-- @creatives INT64, @days INT64, @today DATE
WITH shown AS (
  SELECT *, DATE_DIFF(LEAST(MAX(day) OVER (), @today), day, DAY) AS days_ago
  FROM current_shown_results
  WHERE canonical_id IS NOT NULL AND NOT overlaps
),

largest AS (
  SELECT canonical_id
  FROM shown
  GROUP BY canonical_id
  ORDER BY SUM(COALESCE(impressions, 0)) DESC, canonical_id
  LIMIT @creatives
)

SELECT
  canonical_id,
  day,
  network,
  campaign,
  currency,
  SUM(impressions) AS impressions,
  SUM(clicks) AS clicks,
  SUM(spend) AS spend,
  SUM(conversions) AS conversions,
  SUM(conversion_value) AS conversion_value,
  SUM(video_views) AS video_views,
  SUM(video_25) AS video_25,
  SUM(video_50) AS video_50,
  SUM(video_75) AS video_75,
  SUM(video_100) AS video_100
FROM shown
INNER JOIN largest USING (canonical_id)
WHERE days_ago IS NULL OR days_ago < @days
GROUP BY
  canonical_id, day, network, campaign, currency, impressions IS NULL, clicks IS NULL, spend IS NULL, conversions IS NULL,
  video_views IS NULL
ORDER BY canonical_id, day, network, campaign, currency
