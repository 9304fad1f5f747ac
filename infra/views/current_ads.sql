-- The ads that were published by URL, as they were published last. One row per (ad_id, source).
SELECT
  ad_id,
  source,
  batch_id,
  origin,
  extra,
  MIN(occurred_at) OVER same_ad AS first_seen_at
FROM `${project}.${dataset}.ads`
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY ad_id, source ORDER BY occurred_at DESC, event_id, batch_id) = 1
WINDOW same_ad AS (PARTITION BY ad_id, source)
