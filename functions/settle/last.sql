-- When it was counted last, what the tables were then, and when it was counted, that time and before, oldest first.
-- At most one row.
SELECT occurred_at, description, (SELECT ARRAY_AGG(DISTINCT occurred_at ORDER BY occurred_at) FROM settled) AS counted
FROM settled
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (ORDER BY occurred_at DESC, event_id) = 1
