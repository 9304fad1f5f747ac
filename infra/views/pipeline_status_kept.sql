-- The rows of pipeline_status_now as they were when `settle` kept them last; none where it has not yet.
WITH newest AS (
  SELECT occurred_at, counts
  FROM `${project}.${dataset}.settled`
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (ORDER BY occurred_at DESC, event_id) = 1
)

SELECT
  counted.status,
  counted.stage,
  counted.reason,
  counted.ads,
  counted.creatives,
  counted.oldest_at,
  counted.cost_usd,
  newest.occurred_at AS settled_at
FROM newest
CROSS JOIN UNNEST(newest.counts) AS counted
