-- All ads, by status, stage and reason; what was paid to the models, and what duplicates saved, today and ever. One row.
-- It is one statement because both read the same columns, which are billed once for each statement.
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

money AS (
  SELECT
    SUM(IF(day = @today, cost_usd, NULL)) AS today_usd,
    SUM(IF(day = @today, saved_usd, NULL)) AS saved_today_usd,
    SUM(cost_usd) AS total_usd,
    SUM(saved_usd) AS saved_usd,
    COALESCE(SUM(answers), 0) AS answers,
    COALESCE(SUM(unpriced), 0) AS unpriced,
    COALESCE(SUM(duplicates), 0) AS duplicates
  FROM costs
)

SELECT counted.counts, money.*
FROM counted
CROSS JOIN money
