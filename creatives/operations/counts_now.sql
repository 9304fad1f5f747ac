-- Where all the ads are now: how many by status, stage and reason, the most of each status first.
SELECT status, stage, reason, ads, creatives, oldest_at, cost_usd
FROM pipeline_status_now
ORDER BY status, ads DESC, stage, reason
