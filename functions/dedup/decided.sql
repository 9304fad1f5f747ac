-- What was decided before about the waiting creatives, and whether others already name one of them as their canonical.
-- Where instances disagreed, a decision that made the creative canonical holds: it has an extraction, others may use it.
WITH decided AS (
  SELECT creative_id, match, canonical_id, family_id, matched_id, distance, score, method, method_version, occurred_at
  FROM matches
  WHERE creative_id IN UNNEST(@creative_ids)
    AND method != 'override'
  QUALIFY ROW_NUMBER() OVER (PARTITION BY creative_id ORDER BY IF(match = 'duplicate', 1, 0), occurred_at) = 1
),
named AS (
  SELECT DISTINCT canonical_id
  FROM matches
  WHERE canonical_id IN UNNEST(@creative_ids)
    AND canonical_id != creative_id
)
SELECT
  waiting_id,
  named.canonical_id IS NOT NULL AS is_canonical,
  decided.*
FROM UNNEST(@creative_ids) AS waiting_id
LEFT JOIN decided ON decided.creative_id = waiting_id
LEFT JOIN named ON named.canonical_id = waiting_id
WHERE decided.creative_id IS NOT NULL OR named.canonical_id IS NOT NULL
