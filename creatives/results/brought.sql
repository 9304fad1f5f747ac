-- Of how many ads results are here, and of how many creatives, each of which is one ad's alone. One row.
SELECT
  COUNT(DISTINCT ad_id) AS ads,
  COUNT(DISTINCT canonical_id) AS creatives,
  COUNT(DISTINCT IF(day IS NULL, NULL, canonical_id)) AS creatives_by_day
FROM current_shown_results
