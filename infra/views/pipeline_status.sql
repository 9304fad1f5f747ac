-- Where all the ads are. One row per status, stage and reason; `ads` adds up to the rows of `ads_enriched` of that time.
-- `stage` is the one that failed, or the one that is waited for; `reason` why. Both are null for ads with a result.
-- `oldest_at` is since when the longest-known of these ads is known; null for ads with a result, and for raw ads that
-- nobody has read yet.
-- `settled_at` is when they were counted: in the cloud at a tick of `settle` (pipeline_status_kept), which holds until
-- something is new. On a machine of your own they are counted as you ask (pipeline_status_now), and it is null.
SELECT status, stage, reason, ads, creatives, oldest_at, cost_usd, settled_at
FROM `${project}.${dataset}.${pipeline_status}`
