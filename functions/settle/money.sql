-- What was paid to the models, and what duplicates saved, today and ever. One row.
-- @today DATE (in UTC)
SELECT
  SUM(IF(day = @today, cost_usd, NULL)) AS today_usd,
  SUM(IF(day = @today, saved_usd, NULL)) AS saved_today_usd,
  SUM(cost_usd) AS total_usd,
  SUM(saved_usd) AS saved_usd,
  COALESCE(SUM(answers), 0) AS answers,
  COALESCE(SUM(unpriced), 0) AS unpriced,
  COALESCE(SUM(duplicates), 0) AS duplicates
FROM costs
