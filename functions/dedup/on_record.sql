-- Which of the waiting creatives are on record: decided before, or named by others as their canonical.
-- Two narrow columns tell it, and for nearly all of them the answer is no: the wide ones are read for the rest alone.
-- @creative_ids ARRAY<STRING>
SELECT
  waiting_id,
  LOGICAL_OR(waiting_id = creative_id) AS is_decided,
  LOGICAL_OR(waiting_id != creative_id) AS is_canonical
FROM (
  SELECT creative_id, canonical_id
  FROM matches
  WHERE creative_id IN UNNEST(@creative_ids) OR canonical_id IN UNNEST(@creative_ids)
)
CROSS JOIN UNNEST(@creative_ids) AS waiting_id
WHERE waiting_id IN (creative_id, canonical_id)
GROUP BY waiting_id
