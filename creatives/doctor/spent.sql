-- What was paid to the models on one day.
-- @day DATE (in UTC)
SELECT COALESCE(SUM(cost_usd), 0) AS spent
FROM costs
WHERE day = @day
