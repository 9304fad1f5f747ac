-- How the pipeline stood when `settle` counted last. At most one row, and as cheap as few rows are.
SELECT
  occurred_at,
  counts,
  day,
  today_usd,
  saved_today_usd,
  total_usd,
  saved_usd,
  answers,
  unpriced,
  duplicates
FROM settled
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (ORDER BY occurred_at DESC, event_id) = 1
