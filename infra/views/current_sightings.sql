-- Which creative an ad uses, as it was seen last. One row per (ad_id, source).
--
-- The same choice as in current_ads.sql, of another table: a view cannot be given its table.
SELECT
  ad_id,
  source,
  batch_id,
  origin,
  creative_id,
  uri,
  occurred_at,
  MIN(occurred_at) OVER same_ad AS first_seen_at
FROM `${project}.${dataset}.sightings`
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY ad_id, source ORDER BY occurred_at DESC, event_id, creative_id) = 1
WINDOW same_ad AS (PARTITION BY ad_id, source)
