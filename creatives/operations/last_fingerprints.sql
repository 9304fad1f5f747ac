-- The newest of the creatives' rows in `fingerprints`. One row per creative.
-- @creative_ids ARRAY<STRING>
SELECT *
FROM fingerprints
WHERE creative_id IN UNNEST(@creative_ids)
QUALIFY ROW_NUMBER() OVER (PARTITION BY creative_id ORDER BY occurred_at DESC, event_id, uri) = 1
