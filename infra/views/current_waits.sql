-- The extractions that are put aside at the moment: no request for the same creative is newer. One row per creative_id.
WITH asked AS (
  SELECT creative_id, MAX(occurred_at) AS asked_at
  FROM `${project}.${dataset}.extractions`
  GROUP BY creative_id
),

newest AS (
  SELECT creative_id, reason, detail, until, occurred_at
  FROM `${project}.${dataset}.waits`
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY creative_id ORDER BY occurred_at DESC, reason, event_id) = 1
)

SELECT newest.*
FROM newest
LEFT JOIN asked USING (creative_id)
WHERE asked.asked_at IS NULL OR asked.asked_at <= newest.occurred_at
