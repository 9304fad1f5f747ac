-- The ads that failed, the newest of each stage and reason, with how many there are.
-- @ads_each INT64 (how many of each stage and reason at most)
SELECT
  failed_stage AS stage,
  reason,
  detail,
  ad_id,
  source,
  creative_id,
  first_seen_at,
  COUNT(*) OVER same_reason AS n_ads
FROM ads_enriched
WHERE status = 'failed'
QUALIFY ROW_NUMBER() OVER (PARTITION BY failed_stage, reason ORDER BY first_seen_at DESC, ad_id, source) <= @ads_each
WINDOW same_reason AS (PARTITION BY failed_stage, reason)
ORDER BY n_ads DESC, stage, reason, first_seen_at DESC, ad_id, source
