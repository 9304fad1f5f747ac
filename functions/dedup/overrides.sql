-- The newest correction of each of these creatives that people made and have not taken back.
-- @creative_ids ARRAY<STRING>
SELECT creative_id, action, canonical_id, occurred_at
FROM overrides
WHERE creative_id IN UNNEST(@creative_ids)
QUALIFY ROW_NUMBER() OVER (PARTITION BY creative_id ORDER BY occurred_at DESC, event_id) = 1
