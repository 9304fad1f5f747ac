-- What was paid to the models on one day.
-- @day DATE (in UTC)
SELECT COALESCE(SUM(cost_usd), 0) AS spent
FROM paid_answers
WHERE occurred_at >= TIMESTAMP(@day) AND occurred_at < TIMESTAMP(DATE_ADD(@day, INTERVAL 1 DAY)) -- its partitions alone
