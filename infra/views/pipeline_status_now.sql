-- Where all the ads are at this moment, by reading all of them. One row per status, stage and reason.
-- What people ask is `pipeline_status`; `ads` adds up to the rows of `ads_enriched`.
-- `stage` is the one that failed, or the one that is waited for; `reason` why. Both are null for ads with a result.
-- `oldest_at` is since when the longest-known of these ads is known; null for ads with a result, and for raw ads that
-- nobody has read yet.
SELECT
  status,
  COALESCE(failed_stage, waiting_stage) AS stage,
  reason,
  COUNT(*) AS ads,
  COUNT(DISTINCT creative_id) AS creatives,
  MIN(IF(status IN ('pending', 'failed'), first_seen_at, NULL)) AS oldest_at,
  SUM(cost_share_usd) AS cost_usd,
  CAST(NULL AS TIMESTAMP) AS settled_at
FROM `${project}.${dataset}.ads_enriched`
GROUP BY status, stage, reason
