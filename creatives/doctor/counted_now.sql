-- All ads as they are now, in the form in which `settle` keeps them.
SELECT status, stage, reason, ads, creatives, oldest_at, cost_usd
FROM pipeline_status_now
