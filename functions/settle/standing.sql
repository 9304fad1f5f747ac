-- All ads, by status, stage and reason; what was paid to the models, and what duplicates saved, today and ever. One row.
-- It is one statement because they read the same columns, which are billed once for each statement.
-- @today DATE (in UTC)
WITH counted AS (
  SELECT
    ARRAY_AGG(
      STRUCT(
        status AS status,
        stage AS stage,
        reason AS reason,
        ads AS ads,
        creatives AS creatives,
        oldest_at AS oldest_at,
        cost_usd AS cost_usd
      )
      ORDER BY status, stage, reason
    ) AS counts
  FROM pipeline_status_now
),

paid AS (
  SELECT
    SUM(IF(DATE(occurred_at) = @today, cost_usd, NULL)) AS today_usd,
    SUM(cost_usd) AS total_usd,
    COUNT(*) AS answers,
    COUNTIF(cost_usd IS NULL) AS unpriced
  FROM paid_answers
),

saved AS (
  SELECT
    SUM(IF(day = @today, saved_usd, NULL)) AS saved_today_usd,
    SUM(saved_usd) AS saved_usd,
    COALESCE(SUM(duplicates), 0) AS duplicates
  FROM saved_now
)

SELECT counted.counts, paid.*, saved.*
FROM counted
CROSS JOIN paid
CROSS JOIN saved
