-- Where all the ads are: how many by status, stage and reason, the most of each status first.
SELECT status, stage, reason, ads, creatives, oldest_at, cost_usd
FROM pipeline_status
ORDER BY status, ads DESC, stage, reason
