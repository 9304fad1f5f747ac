-- All ads, by status, stage and reason.
SELECT status, stage, reason, ads, creatives, oldest_at, cost_usd
FROM pipeline_status_now
ORDER BY status, stage, reason
