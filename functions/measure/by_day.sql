-- What canonical creatives got on single days, by campaign and network, a creative after the other; numbers that were
-- reported together stay together.
SELECT
  canonical_id,
  day,
  campaign,
  network,
  COUNT(DISTINCT ad_id) AS n_ads,
  SUM(impressions) AS impressions,
  SUM(clicks) AS clicks,
  SUM(conversions) AS conversions
FROM current_shown_results
WHERE canonical_id IS NOT NULL AND day IS NOT NULL AND last_day IS NULL AND NOT overlaps
GROUP BY canonical_id, day, campaign, network, impressions IS NULL, clicks IS NULL, conversions IS NULL
ORDER BY canonical_id
