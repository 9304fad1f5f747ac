-- What `settle` counted last, and what the tables were then. At most one row.
SELECT occurred_at, description, counts
FROM settled
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (ORDER BY occurred_at DESC, event_id) = 1
