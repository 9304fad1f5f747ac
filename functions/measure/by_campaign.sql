-- What canonical creatives got, by campaign, network and currency; numbers that were reported together stay together.
-- What several creatives got together is nobody's, and what another report tells in more detail counts there.
SELECT
  canonical_id,
  campaign,
  network,
  currency,
  COUNT(DISTINCT ad_id) AS n_ads,
  MIN(day) AS first_day,
  MAX(COALESCE(last_day, day)) AS last_day,
  SUM(impressions) AS impressions,
  SUM(clicks) AS clicks,
  SUM(spend) AS spend,
  SUM(conversions) AS conversions
FROM current_shown_results
WHERE canonical_id IS NOT NULL AND NOT overlaps
GROUP BY
  canonical_id, campaign, network, currency, impressions IS NULL, clicks IS NULL, spend IS NULL, conversions IS NULL
