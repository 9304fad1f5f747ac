-- Which creatives wear out, as it was measured last; those that do first.
SELECT
  canonical_id,
  metric,
  state,
  since,
  days,
  n_ads,
  level_before,
  level_now,
  change,
  low,
  high,
  impressions,
  change_by_impressions,
  low_by_impressions,
  high_by_impressions
FROM current_fatigue
ORDER BY
  CASE state WHEN 'worn' THEN 1 WHEN 'wearing' THEN 2 WHEN 'fresh' THEN 3 ELSE 4 END,
  exposure DESC,
  canonical_id,
  metric
LIMIT 2000
