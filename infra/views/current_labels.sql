-- People's tags and notes, those that were taken off included. One row per (creative_id, kind, text).
SELECT
  creative_id,
  kind,
  text,
  COALESCE(action, 'add') AS action,
  author,
  event_id,
  occurred_at
FROM `${project}.${dataset}.labels`
WHERE TRUE
QUALIFY
  ROW_NUMBER() OVER (PARTITION BY creative_id, kind, text ORDER BY occurred_at DESC, event_id, action, author) = 1
